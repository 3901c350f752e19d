"""Other news of the days that a claim looks at: how it is given, and where it is listed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.claims.measure import confounders
from eventstudy.errors import SpecError
from eventstudy.objects.results import StudyResult

NEWS = {"date": "2025-01-28", "what": "rates stay", "source": "minutes"}


def study(news: Any) -> es.Study:
    return es.Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC", confounders=news)


def test_news_is_read_with_its_source() -> None:
    (found,) = study([{**NEWS, "tickers": ["AMD"]}]).settings.confounders
    assert (found.day, found.source, found.tickers) == (dt.date(2025, 1, 28), "minutes", ("AMD",))
    assert not found.bears_on("NVDA")
    assert study([]).settings.confounders == ()


@pytest.mark.parametrize(
    ("news", "said"),
    [
        ({"date": "2025-01-28"}, "confounders"),
        ([{"date": "2025-01-28", "what": "rates stay"}], "mappings of date, what, source"),
        ([{**NEWS, "when": "noon"}], "mappings of date, what, source"),
        ([{**NEWS, "date": "28th"}], "28th"),
        ([{**NEWS, "what": 3}], "what"),
        ("rates", "confounders"),
    ],
)
def test_what_is_not_news_is_refused(news: Any, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        _ = study(news).settings


def test_a_study_file_names_the_line(tmp_path: Path) -> None:
    text = (
        "schema_version: 1\nid: s\nevents: [{id: e, announced: 2025-01-27}]\ntickers: [NVDA]\n"
        "benchmarks: {default: ^IXIC}\nprices: deepseek\nconfounders:\n"
        "  - date: 2025-13-28\n    what: x\n    source: y\n"
    )
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=r"study\.yaml:8: .*2025-13-28"):
        es.load(tmp_path)
    (tmp_path / "study.yaml").write_text(text.replace("2025-13-28", "2025-01-28").replace("    source: y\n", ""))
    with pytest.raises(SpecError, match="source"):
        es.load(tmp_path)


def test_only_news_within_a_window_is_listed(deepseek_result: StudyResult) -> None:
    found = deepseek_result.verdict("no-later-panic").caveats
    (spring,) = [c for c in found if c.startswith("Release of V3-0324")]
    assert "90 FR 14705" in spring
    assert "OpenAI" not in spring
    (autumn,) = [c for c in found if c.startswith("Release of V3.2-Exp")]
    assert "shuts down" in autumn
    assert "OpenAI" in autumn  # the fifth session after 29 September is 6 October
    days = [pd.Timestamp(day) for day in ("2025-03-25", "2025-03-26")]
    (one,) = confounders(deepseek_result, [("NVDA", days[0], days[1])])  # after the close before the window
    assert "cars" in one
    assert "AI servers" not in one
    october = [pd.Timestamp(day) for day in ("2025-10-03", "2025-10-06")]
    assert confounders(deepseek_result, [("NVDA", *october)]) == []  # AMD's own news
    assert len(confounders(deepseek_result, [("AMD", *october)])) == 1
