"""The report in a real browser, opened from disk: drawn, quiet, self-contained, usable.

Where chromium or chromedriver is absent the tests skip with a line that says so, except under
``EVENTSTUDY_REQUIRE_BROWSER=1``, where they fail.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from eventstudy.objects.results import StudyResult

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900"),
)
DRAW_ALL = "const done = arguments[0]; window.eventstudyDrawAll().then(() => done('drawn'), (e) => done(String(e)));"


def _browser() -> tuple[str, str]:
    """Paths of chromium and chromedriver, or a skip; a failure where the environment insists on them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium and driver:
        return chromium, driver
    missing = " and ".join(name for name, path in (("chromium", chromium), ("chromedriver", driver)) if not path)
    said = f"browser tests need {missing}, which this machine does not have"
    if os.environ.get("EVENTSTUDY_REQUIRE_BROWSER") == "1":
        pytest.fail(said)
    pytest.skip(said)


@pytest.fixture(scope="module")
def report(deepseek_result: StudyResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real report on disk, alone in its folder."""
    _browser()
    path = tmp_path_factory.mktemp("report") / "index.html"
    deepseek_result.to_html(path)
    return path


@pytest.fixture(scope="module")
def chrome(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests, with a profile and a download folder of its own."""
    from selenium import webdriver

    chromium, driver = _browser()
    downloads = tmp_path_factory.mktemp("downloads")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    browser.set_script_timeout(60)
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    browser.downloads = downloads  # type: ignore[attr-defined]
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def loaded(chrome: Chrome, report: Path) -> Chrome:
    """The report opened once with all its figures drawn; later tests put back what they change."""
    chrome.get_log("browser")
    chrome.get_log("performance")
    chrome.get(report.as_uri())
    assert chrome.execute_async_script(DRAW_ALL) == "drawn"
    return chrome


def _resize(chrome: Chrome, width: int, height: int = 900) -> None:
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def _wait(condition: Any, seconds: float = 15.0) -> None:
    """Until `condition()` is true; the assertion names it."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


# First in the file: it reads the logs of the first load.
def test_opens_from_disk_without_a_word_or_a_request(loaded: Chrome, report: Path) -> None:
    console = [entry for entry in loaded.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert console == []  # a violation of the content security policy would be here too
    sent = []
    for entry in loaded.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            sent.append(message["params"]["request"]["url"])
    outside = [url for url in sent if not url.startswith(("data:", "blob:", "chrome:"))]
    assert outside == [report.as_uri()]


def test_the_policy_is_in_force(loaded: Chrome) -> None:
    loaded.execute_script(
        "window.broken = [];"
        "document.addEventListener('securitypolicyviolation', (e) => window.broken.push(e.violatedDirective));"
        "const s = document.createElement('script'); s.textContent = 'window.intruder = true'; document.body.append(s);"
        "fetch('https://example.invalid/').catch(() => 0);"
    )
    _wait(lambda: len(loaded.execute_script("return window.broken")) >= 2)
    assert loaded.execute_script("return window.intruder") is None
    loaded.get_log("browser")  # the two complaints are this test's own


def test_every_figure_is_drawn(loaded: Chrome) -> None:
    drawn = loaded.execute_script(
        "return [...document.querySelectorAll('.plot')].map((p) => [p.dataset.figure, p.dataset.drawn,"
        " p.querySelectorAll('.main-svg').length,"
        " p.querySelectorAll('.scatterlayer path, .barlayer path, .heatmaplayer *, .shapelayer path').length])"
    )
    assert len(drawn) >= 10
    for name, state, svg, marks in drawn:
        assert state == "true", name
        assert svg >= 1, name
        assert marks >= 1, name


def test_theme_button_changes_page_and_figures(loaded: Chrome) -> None:
    look = (
        "const p = document.querySelector('.plot'); return [getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.body).color, getComputedStyle(p.querySelector('.xtick text, .ytick text')).fill]"
    )
    before = loaded.execute_script(look)
    loaded.execute_script("document.getElementById('theme').click()")
    _wait(lambda: all(a != b for a, b in zip(before, loaded.execute_script(look), strict=True)))
    assert loaded.execute_script("return document.documentElement.dataset.theme") == "dark"
    loaded.execute_script("document.getElementById('theme').click()")
    _wait(lambda: loaded.execute_script(look) == before)


def test_a_fresh_tab_follows_the_system_and_the_keyboard_starts_at_the_skip_link(loaded: Chrome, report: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    loaded.switch_to.new_window("tab")
    try:
        dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        loaded.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        loaded.get(report.as_uri())
        assert loaded.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
        assert loaded.execute_script("return document.getElementById('theme').textContent") == "Light"
        loaded.find_element("tag name", "body").send_keys(Keys.TAB)
        focus = "const a = document.activeElement; return [a.className, getComputedStyle(a).outlineStyle]"
        assert loaded.execute_script(focus) == ["skip", "solid"]
    finally:
        loaded.close()
        loaded.switch_to.window(loaded.window_handles[0])


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_never_scrolls_sideways(loaded: Chrome, width: int) -> None:
    _resize(loaded, width)
    loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    try:
        _wait(
            lambda: all(
                w <= width
                for w in loaded.execute_script(
                    "return [document.documentElement.scrollWidth, ...[...document.querySelectorAll('.plot .main-svg')]"
                    ".map((s) => s.getBoundingClientRect().right)]"
                )
            )
        )
        wide = loaded.execute_script(
            "return [...document.querySelectorAll('.scroll')].filter((s) => s.scrollWidth > s.clientWidth + 1)"
            ".map((s) => getComputedStyle(s.querySelector('tbody th')).position)"
        )
        assert width > 390 or wide
        assert set(wide) <= {"sticky"}
    finally:
        loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
        _resize(loaded, 1280)


def test_csv_button_downloads_the_numbers(loaded: Chrome, deepseek_result: StudyResult) -> None:
    from eventstudy.figures import FIGURES

    loaded.execute_script("document.querySelector('#figure-day button.csv').click()")
    file: Path = loaded.downloads / "deepseek-day-table.csv"  # type: ignore[attr-defined]
    _wait(file.is_file)
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8"), newline="")))
    frame = FIGURES["day"].table(deepseek_result)
    assert rows[0] == list(frame.columns)
    assert [row[0] for row in rows[1:]] == list(frame["ticker"])
    place = rows[0].index("ret")
    assert [float(row[place]) for row in rows[1:]] == pytest.approx(frame["ret"].tolist(), rel=1e-11)


@pytest.mark.parametrize("name", ["day", "calendar"])
def test_a_figure_is_saved_as_svg_and_png_with_title_source_and_date(
    loaded: Chrome, deepseek_result: StudyResult, name: str
) -> None:
    from xml.etree import ElementTree

    folder: Path = loaded.downloads  # type: ignore[attr-defined]
    loaded.execute_script(f"document.querySelector('#figure-{name} button.svg').click()")
    svg = folder / f"deepseek-{name}.svg"
    _wait(svg.is_file)
    root = ElementTree.fromstring(svg.read_text(encoding="utf-8"))
    said = " ".join(" ".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    title = loaded.execute_script(f"return document.querySelector('#figure-{name} h3').textContent")
    assert title in said
    assert f"{deepseek_result.settings.title}. Prices: Yahoo Finance" in said
    assert "27 January 2025" in said
    loaded.execute_script(f"document.querySelector('#figure-{name} button.png').click()")
    png = folder / f"deepseek-{name}.png"
    _wait(png.is_file)
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20]) == 2 * int(float(root.attrib["width"])) > 1000


def test_citations_and_commands_can_be_copied(loaded: Chrome) -> None:
    loaded.execute_script(
        "window.taken = []; const value = { writeText: (t) => Promise.resolve(window.taken.push(t)) };"
        "Object.defineProperty(navigator, 'clipboard', { value, configurable: true });"
        "document.querySelector('#cite').open = true; document.querySelector('#cite button.copy').click();"
        "document.querySelector('#claim-amd-8 summary').click()"
    )
    _wait(lambda: loaded.execute_script("return document.querySelector('#claim-amd-8 button.copy') !== null"))
    loaded.execute_script("document.querySelector('#claim-amd-8 button.copy').click()")
    _wait(lambda: len(loaded.execute_script("return window.taken")) == 2)
    report, claim = loaded.execute_script("return window.taken")
    assert "content id" in report
    assert claim.startswith("“AMD fell more than 8 per cent”: contradicted (overstated).")
    assert "claim amd-8" in claim
    loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")


def test_every_table_and_figure_has_a_csv_button(loaded: Chrome) -> None:
    bare = loaded.execute_script(
        "return [...document.querySelectorAll('figure')].filter((f) => !f.querySelector('button.csv')).map((f) => f.id)"
    )
    assert bare == []


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
    _wait(lambda: "R − (a + b × Rm)" in loaded.execute_script(inside))
    assert (
        loaded.execute_script("return document.querySelectorAll('#claim-avgo-15 .arithmetic button.csv').length") >= 2
    )
    loaded.execute_script("document.querySelector('#claim-avgo-15 summary').click()")


def test_few_words_are_seen_when_nothing_is_open(loaded: Chrome) -> None:
    """What a reader meets first: the answer within a thousand pixels, and no more than 3,500 words in all."""
    loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
    assert 1000 < len(loaded.execute_script("return document.body.innerText").split()) <= 3500
    bottom = "return document.querySelector('.rulings').getBoundingClientRect().bottom + scrollY"
    for width, pixels in ((1440, 1000), (390, 2000)):
        _resize(loaded, width)
        _wait(lambda pixels=pixels: loaded.execute_script(bottom) <= pixels)
    _resize(loaded, 1280)


def test_controls_choose_what_is_drawn(loaded: Chrome) -> None:
    visible = (
        "const p = document.querySelector('#figure-car .plot');"
        "return [...new Set(p.data.filter((t) => t.visible !== false && t.meta).map((t) => t.meta.ticker))]"
    )
    choose = (
        "const s = document.querySelector(\"#figure-car select[data-control='ticker']\"); s.value = arguments[0];"
        "s.dispatchEvent(new Event('change')); return s.labels.length"
    )
    assert loaded.execute_script(visible) == ["NVDA"]
    assert loaded.execute_script(choose, "AMD") == 1
    _wait(lambda: loaded.execute_script(visible) == ["AMD"])
    loaded.execute_script(choose, "NVDA")
    _wait(lambda: loaded.execute_script(visible) == ["NVDA"])


def test_the_diagnostics_show_the_headline_group_until_another_is_chosen(
    loaded: Chrome, deepseek_result: StudyResult
) -> None:
    rows = (
        "return [...new Set([...document.querySelectorAll('#diagnostics-table tbody tr:not(.below)')]"
        ".filter((r) => r.offsetParent).map((r) => r.querySelector('th').textContent))]"
    )
    remarks = "[...document.querySelectorAll('#diagnostics-table tbody tr.below')]"
    below = f"return {remarks}.filter((row) => row.offsetParent).length"
    choose = (
        "const s = document.querySelector('#diagnostics-table select'); s.value = arguments[0];"
        "s.dispatchEvent(new Event('change')); return s.labels.length"
    )
    group = deepseek_result.settings.headline_group or ""
    assert loaded.execute_script(rows) == [group, *deepseek_result.settings.groups[group]]
    assert loaded.execute_script(choose, "TLN") == 1
    assert loaded.execute_script(rows) == ["TLN"]
    mine = [row for row in deepseek_result.headline.diagnostics if row.subject == "TLN" and row.verdict != "fine"]
    assert loaded.execute_script(below) == len(mine) > 0
    loaded.execute_script(choose, "*")
    assert set(loaded.execute_script(rows)) > {group, "TLN"}
    loaded.execute_script(choose, "")
    assert loaded.execute_script(rows) == [group, *deepseek_result.settings.groups[group]]


def test_an_anchor_opens_what_hides_it(loaded: Chrome) -> None:
    loaded.execute_script("location.hash = '#coverage'")
    _wait(lambda: loaded.execute_script("return document.getElementById('coverage-fold').open"))
    loaded.execute_script("location.hash = '#claim-amd-8'")
    _wait(lambda: loaded.execute_script("return document.querySelector('#claim-amd-8').open"))
    loaded.execute_script("location.hash = '#nvda-17-readings'")  # packed until its card is opened
    _wait(lambda: loaded.execute_script("return document.querySelector('#claim-nvda-17').open"))
    _wait(lambda: loaded.execute_script("return document.querySelector('#nvda-17-readings') !== null"))
    loaded.execute_script("history.replaceState(null, '', location.pathname)")


def test_everything_is_reached_by_keyboard_and_has_a_name(loaded: Chrome) -> None:
    unreachable = loaded.execute_script(
        "return [...document.querySelectorAll('button, select, input, summary, .scroll')]"
        ".filter((e) => !e.closest('.modebar') && e.tabIndex < 0).length"
    )
    assert unreachable == 0
    nameless = loaded.execute_script(
        "return [...document.querySelectorAll('button, input, select, a')].filter((e) => !e.closest('.plot'))"
        ".filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"
    )
    assert nameless == 0


TEXTS = (
    "const sizes = new Set(); for (const e of document.querySelectorAll('body *')) {"
    " const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());"
    " if (own && e.offsetParent && !e.closest('.plot')) sizes.add(getComputedStyle(e).fontSize); } return [...sizes]"
)


@pytest.mark.parametrize("width", [390, 1440])
def test_letters_have_seven_sizes(loaded: Chrome, width: int) -> None:
    """With everything open, cards and their arithmetic too."""
    _resize(loaded, width)
    try:
        loaded.execute_async_script("const done = arguments[0]; window.eventstudyFillAll().then(() => done());")
        loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        sizes = loaded.execute_script(TEXTS)
        assert 4 <= len(sizes) <= 7, sorted(sizes)
    finally:
        loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
        _resize(loaded, 1280)


@pytest.mark.parametrize("width", [390, 1440])
def test_whatever_is_pressed_is_24_pixels_high_and_wide(loaded: Chrome, width: int) -> None:
    """But for links in a sentence, which WCAG 2.2 leaves to the height of the line."""
    _resize(loaded, width)
    small = (
        "return [...document.querySelectorAll('a, button, summary, select, input')].filter((e) => e.offsetParent"
        " && !e.closest('.modebar') && getComputedStyle(e).display !== 'inline')"
        ".map((e) => [e.textContent.slice(0, 40), e.getBoundingClientRect()])"
        ".filter(([, r]) => r.width < 24 || r.height < 24)"
        ".map(([t, r]) => `${t} ${r.width} x ${r.height}`)"
    )
    try:
        assert loaded.execute_script(small) == []
    finally:
        _resize(loaded, 1280)


def test_prints_in_light_what_is_open_and_no_more(loaded: Chrome) -> None:
    loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
    loaded.execute_script(
        "window.seen = []; addEventListener('beforeprint', () => window.seen.push("
        "document.querySelectorAll('details[open]:not(.for-paper)').length,"
        "[...document.querySelectorAll('.plot')].filter((p) => p.dataset.theme !== 'light').length))"
    )

    def pages(which: str = "") -> int:
        options = {"printBackground": True, "preferCSSPageSize": True, "pageRanges": which}
        printed = loaded.execute_cdp_cmd("Page.printToPDF", options)
        pdf = base64.b64decode(printed["data"])
        assert pdf.startswith(b"%PDF")
        return sum(pdf.count(b"/Type /Page" + end) for end in (b"\n", b" ", b"/"))

    folded = pages()
    assert loaded.execute_script("return window.seen.slice(0, 2)") == [0, 0]
    assert 5 < folded < 30
    loaded.execute_script("document.querySelectorAll('.card').forEach((d) => { d.open = true; })")
    left_open = "return document.querySelectorAll('details[open]:not(.card), .for-paper').length"
    assert loaded.execute_script(left_open) == 0
    assert pages(str(folded + 1)) == 1  # one page more, at least: the browser refuses a page that is not there
    loaded.execute_script("document.querySelectorAll('.card').forEach((d) => { d.open = false; })")


def test_what_was_never_seen_stands_on_paper(loaded: Chrome, report: Path) -> None:
    """Printing waits for nothing: every figure has its static picture until it is drawn, in folds too."""
    loaded.switch_to.new_window("tab")
    try:
        blind = "window.IntersectionObserver = class { observe() {} unobserve() {} };"  # nothing comes into view
        loaded.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": blind})
        loaded.get(report.as_uri())
        states = loaded.execute_script(
            "const before = [...document.querySelectorAll('.plot')].map((p) => p.dataset.drawn);"
            "dispatchEvent(new Event('beforeprint'));"
            "return [before, [...document.querySelectorAll('.plot')].map((p) => [p.dataset.drawn, p.dataset.theme,"
            " p.querySelectorAll('.picture path, .picture rect').length > 2,"
            " p.querySelector('.picture').getBoundingClientRect().width > 300])]"
        )
        assert set(states[0]) == {"false"}
        assert len(states[1]) >= 10
        assert {tuple(state) for state in states[1]} == {("false", None, True, True)}
        loaded.execute_script("dispatchEvent(new Event('afterprint'))")
    finally:
        loaded.close()
        loaded.switch_to.window(loaded.window_handles[0])


def test_on_a_phone_the_sections_are_at_hand_everywhere(loaded: Chrome) -> None:
    _resize(loaded, 390)
    try:
        at = (
            "document.getElementById(arguments[0]).scrollIntoView({ behavior: 'instant' });"
            "const menu = document.querySelector('.toc').getBoundingClientRect();"
            "const title = document.querySelector(`#${arguments[0]} > h2`).getBoundingClientRect();"
            "return [menu.top, menu.bottom, menu.left, menu.right, title.top]"
        )

        def under_the_menu(section: str) -> bool:
            top, bottom, left, right, title = loaded.execute_script(at, section)
            return bool((top, left, right) == (0, 0, 390) and bottom < title < 300)

        for section in ("claims", "tests", "method"):
            _wait(lambda section=section: under_the_menu(section))
        current = (
            "const a = document.querySelector('.toc a[aria-current]'); return a && a.getBoundingClientRect().right"
        )
        _wait(lambda: 0 < (loaded.execute_script(current) or 0) <= 390)
        small = "return [...document.querySelectorAll('.toc a')].map((a) => a.getBoundingClientRect().height)"
        assert min(loaded.execute_script(small)) >= 40
    finally:
        loaded.execute_script("scrollTo(0, 0)")
        _resize(loaded, 1280)


def test_no_image_holds_something_to_press_and_no_landmark_is_there_twice(loaded: Chrome) -> None:
    images = "[...document.querySelectorAll('[role=img]')]"
    assert loaded.execute_script(f"return {images}.filter((e) => e.querySelector('a, button, [tabindex]')).length") == 0
    landmarks = loaded.execute_script(
        "return [...document.querySelectorAll('[role=region], nav, main')]"
        ".map((e) => `${e.tagName} ${e.getAttribute('aria-label')}`)"
    )
    assert len(set(landmarks)) == len(landmarks)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_verdicts_are_told_apart_in_grey(loaded: Chrome, mode: str) -> None:
    from eventstudy.figures import theme

    button = "document.getElementById('theme').click(); return document.documentElement.dataset.theme"
    if loaded.execute_script("return document.documentElement.dataset.theme || 'light'") != mode:
        assert loaded.execute_script(button) == mode
    try:
        tone = "return getComputedStyle(document.documentElement).getPropertyValue(`--${arguments[0]}`).trim()"
        tones = [str(loaded.execute_script(tone, word)) for word in theme.VERDICTS]
        grey = sorted(sum(w * int(c[i : i + 2], 16) for i, w in ((1, 0.299), (3, 0.587), (5, 0.114))) for c in tones)
        assert min(above - below for below, above in pairwise(grey)) > 7  # of 255, as a grey print weighs them
        icons = loaded.execute_script("return document.querySelectorAll('.tally-bar .icon').length")
        assert icons == loaded.execute_script("return document.querySelectorAll('.tally-bar > span').length") > 0
    finally:
        if mode == "dark":
            loaded.execute_script(button)


def test_a_broken_figure_is_said_in_its_place(loaded: Chrome, report: Path, tmp_path: Path) -> None:
    """Neither silent nor fatal: the page says it, the console says it, the numbers open, the others are drawn."""
    from eventstudy.report.packing import packed, unpacked

    html = report.read_text(encoding="utf-8")
    head, tail = html.split('id="figures-packed">')
    block, rest = tail.split("</script>", 1)
    figures = json.loads(unpacked(block))
    figures["figure-day"] = None
    broken = tmp_path / "broken.html"
    broken.write_text(f'{head}id="figures-packed">{packed(json.dumps(figures))}</script>{rest}', encoding="utf-8")
    loaded.switch_to.new_window("tab")
    try:
        loaded.get(broken.as_uri())
        loaded.execute_script("document.getElementById('figure-day').scrollIntoView()")
        state = "return document.querySelector(`#${arguments[0]} .plot`).dataset.drawn"
        _wait(lambda: loaded.execute_script(state, "figure-day") == "error")
        loaded.execute_script("document.getElementById('figure-movers').scrollIntoView()")
        _wait(lambda: loaded.execute_script(state, "figure-movers") == "true")
        said = loaded.execute_script("return document.querySelector('#figure-day [role=alert]').textContent")
        assert "could not be drawn" in said
        assert loaded.execute_script("return document.querySelector('#figure-day details').open")
        assert any("figure-day" in e["message"] for e in loaded.get_log("browser") if e["level"] == "SEVERE")
    finally:
        loaded.close()
        loaded.switch_to.window(loaded.window_handles[0])


def test_without_script_the_tables_can_be_read(loaded: Chrome, report: Path) -> None:
    loaded.switch_to.new_window("tab")
    try:
        loaded.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        loaded.get(report.as_uri())
        body = loaded.execute_script("return document.body.innerText")  # the driver's own script, not the page's
        assert "claims put to the test" in body
        assert "AMD fell more than 8 per cent" in body
        drawn = "return [...document.querySelectorAll('.plot')].filter((p) => p.querySelector('.picture path')).length"
        assert loaded.execute_script(drawn) >= 8
        assert "Search the claims" not in body
    finally:
        loaded.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        loaded.close()
        loaded.switch_to.window(loaded.window_handles[0])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_with_everything_open(loaded: Chrome, mode: str) -> None:
    """Where ``EVENTSTUDY_AXE`` names a copy of axe.min.js (axe-core), which the project does not carry."""
    path = os.environ.get("EVENTSTUDY_AXE")
    if not path:
        pytest.skip("EVENTSTUDY_AXE names no axe.min.js")
    button = "document.getElementById('theme').click(); return document.documentElement.dataset.theme"
    if loaded.execute_script("return document.documentElement.dataset.theme || 'light'") != mode:
        assert loaded.execute_script(button) == mode
    try:
        loaded.execute_async_script("const done = arguments[0]; window.eventstudyFillAll().then(() => done());")
        loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        found = (
            "axe.run().then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html])))"
        )
        source = Path(path).read_text(encoding="utf-8")
        options = {"expression": f"{source};{found}", "awaitPromise": True, "timeout": 120_000}
        said = loaded.execute_cdp_cmd("Runtime.evaluate", options)["result"]["value"]
        assert json.loads(said) == []
    finally:
        loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")
        if mode == "dark":
            loaded.execute_script(button)


# Last in the file: whatever the other tests did has to have gone without a complaint.
def test_nothing_was_complained_about(loaded: Chrome) -> None:
    assert [entry for entry in loaded.get_log("browser") if entry["level"] == "SEVERE"] == []
