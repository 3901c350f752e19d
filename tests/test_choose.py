"""The choice among the tests: which design a study has, who stands in front, and what is said of the others."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Sequence

import calibration_page as page
import calibration_record as record_of
import numpy as np
import pytest
from calibration import TODAY, panel_of

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import OF_VARIANCE, SINGLE, TESTS, choose, placing, run_tests
from eventstudy.inference.choose import MANY, Study, _distinct, _placed, _written, choose_each
from eventstudy.inference.diagnostics import DIAGNOSTICS
from eventstudy.inference.placing import CONSERVATIVE, LARGEST_SIZE, NEAREST, nearest
from eventstudy.inference.sizes import LOW, POWER, SIZES, WORDS
from eventstudy.models import estimate
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import Concern, Diagnostic

CASES = {
    "one_security": [290],
    "few_one_date": [290] * 5,
    "many_one_date": [290] * 25,
    "few_own_dates": [271, 280, 289, 298, 307],
    "many_own_dates": list(range(271, 296)),
    "few_repeated_dates": [290, 290, 300, 300],
    "many_repeated_dates": [290] * 15 + [292] * 15,
}
MANY_OF = placing._MANY


def study(days: Sequence[int]) -> AbnormalReturns:
    """Events on `days` of 320, one security each, with nothing but noise."""
    rng = np.random.default_rng(3)
    market = rng.normal(0, 0.01, 320)
    returns = market + rng.normal(0, 0.02, (len(days), 320))
    panel = panel_of(returns, market, np.array(days))
    panel = dataclasses.replace(panel, estimation=Window(-260, -11), event=Window(-10, 10))
    return abnormal_returns(panel, estimate(panel, "market"))


@pytest.mark.parametrize("counted", [0, 10**9])
def test_the_different_sessions_are_the_same_counted_or_sorted(counted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[Study.__module__], "_COUNTED", counted)
    for days in ([5], [7, 7], [9, 0, 3, 0, 9], list(range(50)) * 3):
        assert _distinct(np.array(days, np.int32)).tolist() == sorted(set(days))


def found(check: str, verdict: Concern = "problem", reason: str | None = None) -> Diagnostic:
    return Diagnostic(check, "S0", 9.0, 6.0, "above", 0.001, verdict, "in words", reason)


# ----------------------------------------------------------------------------------------------------------- the design
@pytest.mark.parametrize("kind", CASES)
def test_every_test_is_placed_in_every_design(kind: str) -> None:
    abnormal = study(CASES[kind])
    choice = choose(abnormal, TODAY)
    assert choice.design == kind
    assert set(choice.front) | set(choice.warnings) == set(TESTS)
    assert not set(choice.front) & set(choice.warnings)
    assert choice.front
    fast = [name for name in TESTS if "bootstrap" not in name and "placebo" not in name]
    for result in run_tests(abnormal, TODAY, fast):
        said = choice.warnings.get(result.test)
        if result.reason is None and said is not None:
            assert said in str(result.warning)


def test_overlap_depends_on_the_window() -> None:
    abnormal = study([280, 283, 286])
    assert choose(abnormal, Window(0, 2)).design == "few_own_dates"
    assert choose(abnormal, Window(0, 3)).design == "few_overlapping_dates"
    assert choose(abnormal).design == "few_overlapping_dates"  # the event window of 21 days overlaps


def test_neighbouring_dates_overlap_also_where_dates_repeat() -> None:
    """15 events on each of two days 2 apart: windows of 11 days overlap, and rank tests over days suffer by it."""
    abnormal = study([280] * 15 + [282] * 15)
    assert choose(abnormal, TODAY).design == "many_repeated_dates"
    choice = choose(abnormal, Window(0, 10))
    assert choice.design == "many_overlapping_dates"
    for name in ("corrado_rank_z", "corrado_zivney_z", "cumrank_t", "grank_t", "crude_dependence_t"):
        assert "holds its size" not in choice.warnings[name]
        assert f"rejects {SIZES[name]['O']:g}%" in choice.warnings[name]


def test_a_date_held_by_two_events_is_a_repeated_date() -> None:
    assert choose(study([280, 280, 290]), TODAY).design == "few_repeated_dates"
    assert choose(study([280] * 3), TODAY).design == "few_one_date"


def test_hotelling_stands_in_front_for_one_day_only() -> None:
    """Longer windows have no p by rank, and the F rejects 10.6 % of real dates."""
    abnormal = study([290] * 5)
    assert "hotelling" in choose(abnormal, TODAY).front
    longer = choose(abnormal, Window(-1, 1))
    assert "hotelling" not in longer.front
    assert "10.6% on 491 real dates" in longer.warnings["hotelling"]
    (alone,) = run_tests(abnormal, Window(-1, 1), ["hotelling"])
    assert str(alone.warning).count("10.6%") == 1
    assert "10.6%" in str(TESTS["hotelling"](abnormal, Window(-1, 1)).warning)


# ------------------------------------------------------------------------------------------------- sizes and sentences
@pytest.mark.parametrize("kind", NEAREST)
def test_nothing_in_front_is_known_to_reject_too_often(kind: str) -> None:
    near = NEAREST[kind]
    for name in _placed(kind, True)[0]:
        for letter in (near.ordinary, near.real):
            assert SIZES[name].get(letter or "", 0) <= LARGEST_SIZE, (kind, name, letter)


@pytest.mark.parametrize("kind", NEAREST)
def test_a_test_behind_has_its_figure_in_its_sentence(kind: str) -> None:
    """Above 6.5 %: rejects; surely below 4 %: conservative; between: holds its size, or loses it with the variance."""
    checked = 0
    for name, said in _placed(kind, True)[1].items():
        if name in OF_VARIANCE or (name in SINGLE) != (kind == "one_security"):
            continue
        near, sizes = nearest(name, kind), SIZES[name]
        if said.startswith("needs one date") or near.ordinary not in sizes:
            continue
        size, harder = sizes[near.ordinary], sizes.get(near.harder, 0)
        checked += 1
        assert f"rejects {size:g}% {WORDS[near.ordinary]}" in said
        if max(size, sizes.get(near.real or "", 0)) > LARGEST_SIZE:
            assert "holds its size" not in said
            assert "conservative" not in said
        elif harder > LARGEST_SIZE and harder - size > 2.5:
            assert "takes the variance on the day to be the ordinary one" in said
            assert f"{harder:g}% {WORDS[near.harder]}" in said
        elif kind.startswith("few") and sizes.get(NEAREST[MANY_OF[kind]].ordinary, 0) > LARGEST_SIZE:
            assert "which few events hide" in said
        elif near.ordinary in LOW.get(name, ""):
            assert "conservative" in said
        elif near.ordinary != NEAREST[kind].ordinary:
            assert "was measured with 30 alone" in said
        else:
            assert "holds its size" in said
    assert checked or kind == "one_security"


def test_sentences_are_short_and_name_windows_and_stocks() -> None:
    for kind in NEAREST:
        for one_day in (True, False):
            for name, said in _placed(kind, one_day)[1].items():
                assert len(said) < 480, (kind, name, len(said))
                assert not said.endswith(".")
                assert ". " not in said
                assert "%" not in said or "one-day windows" in said or "windows of 5 days" in said
    assert "NVDA, AVGO, AMD, TSM and ASML" in _placed("few_one_date", True)[1]["patell_z"]


def test_a_shared_date_can_be_told_from_own_dates() -> None:
    """The same test, right on own dates, wrong on a shared one: the reason why the package chooses."""
    assert SIZES["bmp_t"]["A"] > 2 * SIZES["bmp_t"]["S"]
    assert SIZES["bmp_t"]["C"] > 5 * SIZES["bmp_t"]["F"]


def test_few_borrow_from_many_where_a_test_needs_many() -> None:
    """sign_flip cannot reject with 5 events; with 15 on one date it can, and rejects as it does with 30."""
    assert "A" not in SIZES["sign_flip"]
    assert WORDS["C"] in _placed("few_one_date", True)[1]["sign_flip"]


@pytest.mark.parametrize("kind", [kind for kind in NEAREST if kind in MANY_OF])
def test_few_events_never_hold_by_the_figure_of_many(kind: str) -> None:
    letter = NEAREST[kind].ordinary
    for between in (False, True):
        for name, said in _placed(kind, True, between)[1].items():
            if "holds its size" in said and "not hold its size" not in said:
                assert SIZES[name].get(letter, 100) <= LARGEST_SIZE, (name, said)


def test_from_eight_events_on_both_sizes_are_quoted() -> None:
    five, eight, nineteen, many = (choose(study([290] * n), TODAY).warnings["bmp_t"] for n in (5, 8, 19, MANY))
    few, thirty = (SIZES["bmp_t"][x] for x in "AC")
    both = f"from {few:g}% with 5 events to {thirty:g}% with 30 on one date"
    assert both in eight
    assert eight == nineteen
    assert both not in five
    assert f"rejects {few:g}% with 5" in five
    assert f"rejects {thirty:g}% with 30" in many


@pytest.mark.parametrize("kind", [kind for kind in NEAREST if kind in MANY_OF])
def test_between_few_and_many_every_figure_of_both_is_there(kind: str) -> None:
    letter, more = NEAREST[kind].ordinary, NEAREST[MANY_OF[kind]].ordinary
    for name, said in _placed(kind, True, True)[1].items():
        if {letter, more} <= set(SIZES[name]) and "rejects" in said and name != "hotelling":
            assert f"from {SIZES[name][letter]:g}% with 5 events" in said
            assert f"to {SIZES[name][more]:g}% with 30" in said


def test_sums_of_several_days_need_many_estimation_days() -> None:
    """250 days hold 25 sums of 10 days, not of 11: then sample_quantile stands behind, and says so once."""
    abnormal = study([290])
    ten, eleven = (choose(abnormal, Window(0, n)) for n in (9, 10))
    assert "sample_quantile" in ten.front
    assert "sample_quantile" not in eleven.front
    assert eleven.warnings["sample_quantile"] in eleven.why
    assert [c.front for c in choose_each(study([290, 291]), Window(0, 10))] == [eleven.front] * 2
    (result,) = run_tests(abnormal, Window(0, 10), ["sample_quantile"])
    assert result.warning == eleven.warnings["sample_quantile"]


def test_few_dates_are_said_to_be_few() -> None:
    words = f"{SIZES['adjusted_bmp_t']['L']:g}% {WORDS['L']}"
    assert words in choose(study([280, 280, 290, 290]), TODAY).why
    assert words not in choose(study([*range(270, 290), 270]), TODAY).why


def test_conservative_is_what_is_below_by_two_errors() -> None:
    record = record_of.read().query("shock == 0").set_index(["test", "design"])
    for name in TESTS:
        for letter in SIZES[name]:
            row = record.loc[(name, letter)]
            below = row["rate5"] + 2 * row["error5"] < CONSERVATIVE
            assert (letter in LOW.get(name, "")) == below, (name, letter)


def test_those_that_withstand_a_variance_increase_are_named() -> None:
    shared = choose(study([290] * 5), TODAY)
    assert shared.withstand == ("adjusted_bmp_t",)
    assert "only adjusted_bmp_t withstands" in shared.why
    own = choose(study(CASES["few_own_dates"]), TODAY)
    assert own.withstand == own.front
    assert choose(study([290]), TODAY).withstand == ()


def test_choosing_again_costs_nothing() -> None:
    abnormal = study([290] * 5)
    assert choose(abnormal, TODAY) is choose(abnormal, TODAY)


# ---------------------------------------------------------------------------------------------------------- diagnostics
def test_heavy_tails_put_ranks_first() -> None:
    for days, first in (([290], "sample_quantile"), ([290] * 5, "corrado_rank_z")):
        plain, heavy = (choose(study(days), TODAY, rows) for rows in ((), (found("jarque_bera"),)))
        assert plain.front[0] != first
        assert heavy.front[0] == first
        assert set(heavy.front) == set(plain.front)
        assert heavy.warnings == plain.warnings
        assert "not normal, so what goes by rank" in heavy.why
        assert plain.why in heavy.why.replace(", ".join(heavy.front[:1]), "") or "not normal" not in plain.why


def test_heavy_tails_put_behind_what_they_make_reject() -> None:
    """grank_t ranks what was divided by the standard deviation of the events: with t(4) tails it rejects too often."""
    abnormal = study([290] * 20)
    plain, heavy = (choose(abnormal, TODAY, rows) for rows in ((), (found("jarque_bera"),)))
    lost = {name for name in plain.front if SIZES[name]["Z"] > LARGEST_SIZE}
    assert "grank_t" in lost
    assert set(plain.front) - set(heavy.front) == lost
    for name in lost:
        assert f"{name} ({SIZES[name]['Z']:g}%)" in heavy.why
        assert f"{SIZES[name]['Z']:g}% {WORDS['Z']}" in heavy.warnings[name]


def test_dependence_and_instability_add_a_sentence() -> None:
    abnormal = study([290] * 5)
    plain = choose(abnormal, TODAY)
    for check, words in (("arch_lm", "depend on each other"), ("cusum", "estimates move")):
        choice = choose(abnormal, TODAY, [found(check, "caution")])
        assert choice.front == plain.front
        assert choice.why.startswith(plain.why)
        assert words in choice.why


def test_what_is_fine_or_unknown_changes_nothing() -> None:
    abnormal = study([290] * 5)
    for row in (found("jarque_bera", "fine"), found("jarque_bera", "caution", "too few days"), found("thin_trading")):
        assert choose(abnormal, TODAY, [row]) == choose(abnormal, TODAY)


def test_the_checks_that_are_listened_to_exist() -> None:
    assert {check.trouble for check in DIAGNOSTICS.values()} >= {"heavy", "serial", "unstable"}


def test_every_sentence_is_one_sentence_after_another() -> None:
    for kind in NEAREST:
        trouble = frozenset({"heavy", "serial", "unstable"})
        why = _written(Study(kind, 25, 2, True, None, trouble)).why
        assert not re.search(r"  |\.\.| ,|none", why.replace("none can", ""))
        assert why.endswith(".")


# ---------------------------------------------------------------------------------------------------------- the record
def test_the_document_and_the_tables_are_those_of_the_record() -> None:
    record = record_of.ordered(record_of.read())
    assert record_of.sizes_module(record, record_of.SIZES.read_text(encoding="utf-8")) == record_of.SIZES.read_text(
        encoding="utf-8"
    )
    assert page.markdown(record) == page.DOCUMENT.read_text(encoding="utf-8")


def test_every_test_was_measured() -> None:
    assert list(SIZES) == list(TESTS), "run python tests/calibration_record.py --only NAME"
    for name in TESTS:
        assert SIZES[name], f"{name} applied in no design"
        assert set(SIZES[name]) & set("ACFO"), f"{name} was not measured where nothing makes the day harder"
    assert set(POWER) == set(TESTS)
