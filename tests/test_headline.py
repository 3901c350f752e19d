"""The first screen: a headline, a lede and what was wrong, made by rule."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eventstudy.objects.verdicts import Claim, Claimed, Statement, Verdict
from eventstudy.report import headline, wording

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

ALPHA = "The Alpha figures"
YES, NEAR, PART, NO, OPEN = "supported", "imprecise", "partly", "contradicted", "unresolved"


def figures(*answers: str, ticker: str = "AAA") -> list[Verdict]:
    """Claims that quote a number of one security."""
    return [_verdict("price_move", Claimed("fall", "8"), answer, (ticker,)) for answer in answers]


def sweeping(*answers: str) -> list[Verdict]:
    return [_verdict("group_move", Claimed("fall"), answer, ()) for answer in answers]


def _verdict(kind: str, claimed: Claimed, answer: str, tickers: tuple[str, ...]) -> Verdict:
    claim = Claim("x", kind, "It fell", (), claimed, tickers=tickers, params={"names": {"AAA": "Alpha"}})
    return Verdict(claim, answer, Statement("It fell."))  # type: ignore[arg-type]


def test_a_place_since_a_day_is_a_figure() -> None:
    """The worst day since March 2020 is one number; one of the worst days ever speaks of all of them."""
    place = _verdict("rank", Claimed("fall", "1"), YES, ("AAA",))
    since = replace(place, claim=replace(place.claim, params={**place.claim.params, "since": "2020-03"}))
    figure = figures(YES, YES)
    assert headline.headline([*figure, since, *sweeping(NO, NO, NO)]).startswith(ALPHA)
    assert headline.headline([*figure, place, *sweeping(NO, NO, NO)]) == "Half of the claims or more do not hold up."


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ([], ""),
        (figures(YES), "The claim holds up."),
        (figures(OPEN), "The prices at hand leave the claim open."),
        (figures(YES, YES), "Every claim holds up."),
        (figures(NO, NEAR), "None of the claims holds up in full."),
        (figures(YES, YES, YES, NO), "Most of the claims hold up."),
        (figures(YES, NO), "Half of the claims or more do not hold up."),
        (figures(YES, YES, NO), "Most of the claims hold up, others do not."),
        (figures(YES, YES, YES) + sweeping(NO, NO, PART), ALPHA + " hold up; the sweeping claims do not."),
        (figures(YES, YES, YES) + sweeping(YES, YES, YES), ALPHA + " and the sweeping claims hold up alike."),
        (
            figures(YES, YES, YES) + sweeping(YES, YES, PART),
            ALPHA + " hold up; the sweeping claims do so only in part.",
        ),
        (
            figures(NO, NO, YES) + sweeping(YES, YES, YES),
            ALPHA + " do not hold up; the sweeping claims hold up.",
        ),
        # No security is named three times: the figures of all of them.
        (
            figures(YES, YES) + figures(YES, ticker="B") + sweeping(NO, NO, NO),
            "The figures hold up; the sweeping claims do not.",
        ),
        # Three of four are three quarters, and hold up; two of four are half, and do not.
        (
            figures(YES, YES, YES, NO) + sweeping(YES, YES, NO, NO),
            ALPHA + " hold up; the sweeping claims do not.",
        ),
    ],
)
def test_the_headline_follows_from_the_verdicts(verdicts: list[Verdict], said: str) -> None:
    assert headline.headline(verdicts) == said


def test_one_verdict_more_turns_the_headline(deepseek_result: StudyResult) -> None:
    """Not a sentence that stands whatever was found."""
    verdicts = deepseek_result.verdicts
    turned = [replace(v, verdict="contradicted") if v.claim.tickers == ("NVDA",) else v for v in verdicts]
    assert headline.headline(verdicts) != headline.headline(turned)


def test_the_lede_is_short_and_names_no_test_and_no_symbol(deepseek_result: StudyResult) -> None:
    said = " ".join(headline.lede(deepseek_result))
    assert len(said.split()) <= headline.WORDS
    assert "^" not in said
    assert deepseek_result.cards.tests
    assert not [test.name for test in deepseek_result.cards.tests.values() if test.words in said]
    assert said.startswith(
        "On 27 January 2025 Nvidia fell 17 per cent, Broadcom 17 (not 15), AMD 6.4 (not more than 8), TSMC 13"
    )
    assert "the Nasdaq fell 3.1 per cent" in said
    assert "Nvidia lost 590 to 594 billion dollars of market value." in said
    assert "Nvidia, Broadcom and TSMC fell further than the Nasdaq explains; for AMD and ASML it depends on" in said
    assert said.endswith("Prices cannot name a cause.")


def test_the_lede_counts_the_falls_of_each_group_that_went_both_ways_first(deepseek_result: StudyResult) -> None:
    settings, event = deepseek_result.settings, deepseek_result.headline
    (said,) = headline._groups(deepseek_result, 200)
    for group in ("chips", "energy"):
        moves = [event.day["ret"][event.row(ticker)] for ticker in settings.groups[group]]
        assert re.search(rf"\b{sum(move < 0 for move in moves)} of {len(moves)} (fell )?in {group}\b", said)
    assert said.index("in chips") < said.index("in energy")  # all energy companies fell, three makers of chips did not
    assert len(next(headline._groups(deepseek_result, 12)).split()) <= 12
    assert list(headline._groups(deepseek_result, 3)) == []


def test_what_was_wrong_is_every_contradicted_and_imprecise_claim(deepseek_result: StudyResult) -> None:
    found = headline.rulings(deepseek_result.verdicts)
    wrong = {v.claim.id: v.verdict for v in deepseek_result.verdicts if v.verdict in ("contradicted", "imprecise")}
    assert {ruling.id: ruling.verdict for ruling in found} == wrong
    assert [ruling.verdict for ruling in found] == sorted((r.verdict for r in found), key=[NO, NEAR].index)
    amd = next(ruling for ruling in found if ruling.id == "amd-8")
    assert amd.found == "AMD closed 6.4 per cent lower on 27 January 2025."


def test_the_ends_of_a_range_are_written_alike(deepseek_result: StudyResult) -> None:
    said = {v.claim.id: wording.found(v) for v in deepseek_result.verdicts}
    assert "$592.7 billion" in said["nvda-589bn"]  # in short it would be 593, beside a claim of 589
    assert said["nvda-589bn"].endswith("$590.5 billion to $593.6 billion.")
    assert said["nvda-600bn"].endswith("590 billion dollars to 594 billion dollars.")
    assert not [text for text in said.values() if "$" in text and "billion dollars" in text]
