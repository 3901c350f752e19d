"""Inputs that the mutation fuzzer once found, each with its kind: refused in words, never a raw Python error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import QualityError, SnapshotError, SpecError
from eventstudy.example import example_events, example_result, example_returns, example_run
from eventstudy.objects.prices import Issue
from eventstudy.prices.package import read_package, read_table
from eventstudy.prices.reference import load_reference

BASE: dict[str, Any] = {"prices": "deepseek", "events": {"NVDA": "2025-01-27"}, "benchmark": "^IXIC", "tests": ["t"]}


@pytest.mark.parametrize("given", [pd.DataFrame({"a": [1]}), pd.Series([1]), [1], 5, None])
def test_a_sensitivity_that_is_no_mapping(given: Any) -> None:
    with pytest.raises(SpecError, match="sensitivity is 'off', or a mapping"):
        _ = es.Study(**BASE, sensitivity=given).settings


def test_the_file_of_a_study_may_be_a_text(tmp_path: Path) -> None:
    found = es.Study(**BASE, file=str(tmp_path / "study.yaml"), volume="none").run()
    assert found.car("NVDA") == pytest.approx(-0.10561826, abs=1e-7)


@pytest.mark.parametrize("given", [([],), ({},), [1], ("S01", [])])
def test_the_subject_of_a_figure_is_a_name(given: Any) -> None:
    with pytest.raises(SpecError, match=r"the subject of a figure is a name|group is a name"):
        example_result().plot.day(given)
    with pytest.raises(SpecError, match="group is a name"):
        example_result().plot.day(group=given)


@pytest.mark.parametrize("given", [pd.DataFrame({"a": [1]}), [("model", "ff3")], "model=ff3"])
def test_overrides_that_are_no_mapping(given: Any) -> None:
    with pytest.raises(SpecError, match="overrides is a mapping"):
        es.load("deepseek", given)


def test_a_function_for_progress_that_fails_is_named() -> None:
    study = es.Study(**BASE, volume="none")
    with pytest.raises(SpecError, match=r"progress failed with TypeError: .*how many are done, and of how many"):
        es.simulate(study, replications=3, n=1, tests=["t"], shocks=[0.0], progress=len)


def test_factors_that_hold_a_day_twice() -> None:
    rows = pd.DataFrame({"date": ["2025-01-27", "2025-01-27"], "ticker": ["smb", "smb"], "return": [0.01, 0.02]})
    with pytest.raises(SpecError, match=r"'smb' on 2025-01-27 2 times; keep one row|more than once|twice"):
        es.Study(**BASE, model="ff3", factors=rows, volume="none").run()


@pytest.mark.parametrize("groups", [pd.Timestamp("2025-01-27"), 5, "first", [1], None])
def test_the_groups_of_a_figure_of_the_mean_are_names(groups: Any) -> None:
    for plot in (example_result().plot, example_run().plot):
        with pytest.raises(SpecError, match=r"groups is a list|each of groups is a text"):
            plot.caar(groups)


@pytest.mark.parametrize("group", [["a"], {"a": 1}])
def test_groups_of_events_that_are_no_names(group: Any) -> None:
    events = example_events().assign(group=pd.Series([group] * len(example_events()), dtype=object))
    with pytest.raises(SpecError, match="the groups of the events are names"):
        es.run_events(example_returns(), events, benchmark="M", estimation=(-130, -11))


def _described(folder: Path, header: str, name: str = "date") -> Path:
    """A package whose factor table has this header, and a description that names the columns without blanks."""
    import hashlib

    data = f"{header}\n2025-01-27,0.1\n".encode()
    (folder / "factors_daily.csv").write_bytes(data)
    fields = [{"name": name, "type": "date"}, {"name": "mkt_rf", "type": "number"}]
    resource = {
        "name": "factors_daily",
        "path": "factors_daily.csv",
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }
    resource |= {"schema": {"fields": fields}}
    (folder / "datapackage.json").write_text(json.dumps({"name": "x", "resources": [resource]}), encoding="utf-8")
    return folder


def test_a_header_with_blanks_is_not_the_one_that_is_described(tmp_path: Path) -> None:
    resource = read_package(_described(tmp_path, " date,mkt_rf")).resources["factors_daily"]
    with pytest.raises(SnapshotError, match=r"factors_daily.csv does not parse \(the columns read ' date', 'mkt_rf'\)"):
        read_table(resource)


def test_a_table_of_days_without_a_column_of_days(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="has no column date; it has day, mkt_rf"):
        load_reference(_described(tmp_path, "day,mkt_rf", "day"))


def test_a_fatal_finding_of_many_securities_is_one_line() -> None:
    found = [Issue("long_bars", "fatal", "has one price a week", f"T{i:03d}") for i in range(500)]
    said = str(QualityError(found))
    assert "500 fatal finding(s)" in said
    assert "fatal long_bars T000, T001, " in said
    assert said.endswith("T019 and 480 more: has one price a week")
    apart = str(QualityError([Issue("x", "fatal", f"finding {i}") for i in range(30)]))
    assert apart.endswith("  fatal x: finding 19\n  and 10 more")
