"""What a study asks for and cannot have: refused with the name, or said as an issue; functions that go wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import EventStudyError, MissingPriceError, SpecError, UnknownNameError
from eventstudy.objects.estimation import Window

DAY = "2025-01-27"
CHIPS = ["NVDA", "AVGO", "AMD"]


def study(**changes: Any) -> es.Study:
    base: dict[str, Any] = {"prices": "deepseek", "events": DAY, "tickers": CHIPS, "benchmark": "^IXIC"}
    base |= {"tests": ["t"], "volume": "none", "windows": [(0, 0)]}
    return es.Study(**(base | changes))


def issues(**changes: Any) -> dict[str, str]:
    """code -> severity and detail of the issues of a run."""
    return {i.code: f"{i.severity}: {i.ticker or ''} {i.detail}" for i in study(**changes).run().issues}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tests": ["bmp"]}, "unknown test 'bmp'. Did you mean 'bmp_t'?"),
        ({"model": "markt"}, "unknown model 'markt'. Did you mean 'market'?"),
        ({"compare_models": ["cpm"]}, "unknown model 'cpm'. Did you mean 'capm'?"),
        ({"peers": {"NVDIA": ["AMD"]}}, "unknown security or group in peers 'NVDIA'. Did you mean 'NVDA'?"),
        ({"donors": {"chip": ["AMD"]}, "groups": {"chips": CHIPS}}, "in donors 'chip'. Did you mean 'chips'?"),
        ({"peers": {"NVDA": []}}, "peers of 'NVDA' is an empty list"),
        ({"donors": {"NVDA": ["NVDA"]}}, "donors of 'NVDA' is only itself"),
        ({"peers": {"NVDA": "AMD"}}, "such as ['AMD']"),
        ({"windows": []}, "windows is empty"),
        ({"windows": "0,0"}, "windows is a list, such as windows=[(0, 0), (-1, 1)]"),
        ({"windows": ["0,0"]}, "a window is (first, last) sessions relative to day zero"),
        ({"windows": [(0, 0, 1)]}, "such as (-1, 1), got (0, 0, 1)"),
        ({"estimation": 250}, "a window is (first, last)"),
        ({"event": (-1.5, 1)}, "a window is (first, last)"),
    ],
)
def test_refused_before_anything_is_read(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=re.escape(words)):
        _ = study(**changes).settings


def test_a_peer_without_prices_is_named() -> None:
    with pytest.raises(MissingPriceError, match=r"no prices for INTCC .*Did you mean 'INTC'"):
        study(peers={"NVDA": ["INTCC", "AMD"]}, model="peer").run()


# ------------------------------------------------------------------------------------------------------------- issues
def test_a_group_test_without_a_group_is_said() -> None:
    assert "bmp_t: tests of a group" in issues(tests=["t", "bmp_t"])["test_needs_group"]
    assert "test_needs_group" not in issues(tests=["t", "bmp_t"], groups={"chips": CHIPS})


def test_a_group_of_one_is_said_and_compare_says_why() -> None:
    changes = {"groups": {"chips": CHIPS, "alone": ["TSM"]}, "tickers": ()}
    assert "'alone' has only TSM on XNYS" in issues(**changes)["group_too_small"]
    with pytest.raises(UnknownNameError, match=r"unknown group 'alone': .*two members on XNYS"):
        study(**changes).run().compare("chips", "alone")


def test_dates_in_a_list_and_slow_tests_are_said() -> None:
    found = issues(events=[DAY, "2025-03-24"], tests=())
    assert "mapping ticker -> date" in found["dates_tested_apart"]
    assert "placebo_portfolio" in found["slow_tests_headline_only"]
    assert not {"dates_tested_apart", "slow_tests_headline_only"} & set(issues())


def test_contaminated_days_outside_the_prices_are_said() -> None:
    assert "1999-01-04" in issues(contaminated=["1999-01-04", "2025-01-21"])["contaminated_outside"]
    assert "contaminated_outside" not in issues(contaminated=["2025-01-21"])


@pytest.mark.parametrize("model", ["peer", "synthetic_control"])
def test_peers_with_the_event_itself_are_said(model: str) -> None:
    what = "peers" if model == "peer" else "donors"
    said = issues(compare_models=[model])["donors_share_event"]
    assert said.startswith("warning")
    assert "NVDA, AVGO, AMD" in said
    assert "donors_share_event" not in issues(compare_models=[model], **{what: {t: ["VST", "AAPL"] for t in CHIPS}})


def test_itself_among_its_donors_is_left_out_and_said() -> None:
    found = issues(model="synthetic_control", donors={t: ["NVDA", "VST", "AAPL"] for t in CHIPS})
    assert "NVDA named among its own donors" in found["own_donor"]


# ---------------------------------------------------------------------------------------------------------- functions
def raises(abnormal: AbnormalReturns, window: Window) -> Any:
    raise ZeroDivisionError("by hand")


def one_argument(abnormal: AbnormalReturns) -> Any:
    return None


def a_number(abnormal: AbnormalReturns, window: Window) -> Any:
    return 0.04


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (raises, "the test 'raises' raised ZeroDivisionError: by hand"),
        (one_argument, "the test 'one_argument' raised TypeError"),
        (a_number, "the test 'a_number' gave 0.04; it has to return an InferenceResult"),
    ],
)
def test_a_function_that_goes_wrong_is_named(test: Callable[..., Any], words: str) -> None:
    with pytest.raises(SpecError, match=re.escape(words)):
        study(tests=[test], groups={"chips": CHIPS}).run()


def test_a_window_in_words() -> None:
    result = study().run()
    with pytest.raises(SpecError, match=re.escape("such as (-1, 1), got '0,0'")):
        result.car("NVDA", "0,0")  # type: ignore[arg-type]
    assert result.car("NVDA", [0, 0]) == result.car("NVDA", (np.int64(0), np.int64(0)))  # type: ignore[arg-type]


def test_a_study_by_its_name_can_be_simulated() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'deepseek'"):
        es.simulate("deepseak")


# --------------------------------------------------------------------------------------------------------- study.yaml
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("peers: {AMDD: [NVDA]}", "study.yaml:7: unknown security or group in peers 'AMDD'. Did you mean 'AMD'?"),
        ("donors: {AMD: []}", "study.yaml:7: donors of 'AMD' is an empty list"),
    ],
)
def test_the_file_names_the_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(EventStudyError, match=re.escape(words)):
        es.load(folder(tmp_path, line))


def test_a_bundled_name_for_the_prices_of_a_file(tmp_path: Path) -> None:
    found = es.load(folder(tmp_path, "tests: [t]")).run()
    assert found.car("NVDA") == study().run().car("NVDA")
    assert isinstance(found.tests(), pd.DataFrame)


def folder(path: Path, line: str) -> Path:
    text = f"schema_version: 1\nid: mine\nprices: deepseek\nevents: [{{id: news, announced: {DAY}}}]\n"
    text += f"groups: {{chips: [NVDA, AVGO, AMD]}}\nbenchmarks: {{default: ^IXIC}}\n{line}\n"
    (path / "study.yaml").write_text(text, encoding="utf-8")
    return path
