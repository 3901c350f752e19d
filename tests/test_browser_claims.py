"""The claims of the report in a real browser: found, sorted, opened, and few words before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from browser import FOLD, resize, wait

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from eventstudy.objects.results import StudyResult


def _shown(chrome: Chrome) -> list[str]:
    script = "return [...document.querySelectorAll('.card')].filter((c) => c.offsetParent).map((c) => c.id.slice(6))"
    return list(chrome.execute_script(script))


def test_claims_can_be_filtered_searched_and_sorted(loaded: Chrome, deepseek_result: StudyResult) -> None:
    from eventstudy.report import deck, wording

    verdicts = deepseek_result.verdicts
    press = "document.querySelector(`.chip[data-filter='${arguments[0]}'][data-value='${arguments[1]}']`).click()"
    verdicts = sorted(verdicts, key=lambda v: deck.ORDER.index(wording.rubric(v)))  # as the list stands
    word, article = verdicts[0].verdict, verdicts[0].claim.sources[0].key
    loaded.execute_script(press, "verdict", word)
    assert _shown(loaded) == [v.claim.id for v in verdicts if v.verdict == word and v.rated]
    loaded.execute_script(press, "article", article)
    rated = [v for v in verdicts if v.verdict == word and v.rated]
    both = [v.claim.id for v in rated if article in {s.key for s in v.claim.sources}]
    assert _shown(loaded) == both
    said = loaded.execute_script("return document.getElementById('claim-count').textContent")
    assert said == f"{len(both)} of {len(verdicts)} claims"
    loaded.execute_script(press, "verdict", "")
    loaded.execute_script(press, "article", "")
    search = (
        "const b = document.getElementById('claim-search'); b.value = arguments[0]; b.dispatchEvent(new Event('input'))"
    )
    loaded.execute_script(search, "AMD-8")
    assert _shown(loaded) == ["amd-8"]
    assert loaded.execute_script("return [...document.querySelectorAll('.group')].filter((g) => !g.hidden).length") == 1
    loaded.execute_script(search, "")
    assert _shown(loaded) == [v.claim.id for v in verdicts]
    order = (
        "const s = document.getElementById('claim-order'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))"
    )
    loaded.execute_script(order, "place")
    assert _shown(loaded) == [v.claim.id for v in deepseek_result.verdicts]
    loaded.execute_script(order, "")
    assert _shown(loaded) == [v.claim.id for v in verdicts]


def test_a_card_opens_whole_with_one_click(loaded: Chrome) -> None:
    loaded.execute_script("document.querySelector('#claim-avgo-15 summary').click()")
    inside = "return document.querySelector('#claim-avgo-15 .arithmetic').innerText"
    wait(lambda: "R − (a + b × Rm)" in loaded.execute_script(inside))
    assert (
        loaded.execute_script("return document.querySelectorAll('#claim-avgo-15 .arithmetic button.csv').length") >= 2
    )
    loaded.execute_script("document.querySelector('#claim-avgo-15 summary').click()")


def test_few_words_are_seen_when_nothing_is_open(loaded: Chrome) -> None:
    """What a reader meets first: the answer within a thousand pixels, and no more than 3,500 words in all."""
    loaded.execute_script(FOLD)
    assert 1000 < len(loaded.execute_script("return document.body.innerText").split()) <= 3500
    bottom = "return document.querySelector('.rulings').getBoundingClientRect().bottom + scrollY"
    for width, pixels in ((1440, 1000), (390, 2000)):
        resize(loaded, width)
        wait(lambda pixels=pixels: loaded.execute_script(bottom) <= pixels)
    resize(loaded, 1280)


def test_an_anchor_opens_what_hides_it(loaded: Chrome) -> None:
    loaded.execute_script("location.hash = '#coverage'")
    wait(lambda: loaded.execute_script("return document.getElementById('coverage-fold').open"))
    loaded.execute_script("location.hash = '#claim-amd-8'")
    wait(lambda: loaded.execute_script("return document.querySelector('#claim-amd-8').open"))
    loaded.execute_script("location.hash = '#nvda-17-readings'")  # packed until its card is opened
    wait(lambda: loaded.execute_script("return document.querySelector('#claim-nvda-17').open"))
    wait(lambda: loaded.execute_script("return document.querySelector('#nvda-17-readings') !== null"))
    loaded.execute_script("history.replaceState(null, '', location.pathname)")
