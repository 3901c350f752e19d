"""The benchmark harness works, and its methods agree; nothing here looks at a time."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # every method in a process of its own
ROOT = Path(__file__).resolve().parents[1]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--quick", "--ours", "--rounds", "1", *arguments]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=surroundings, check=False)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("bench") / "results.md"
    done = bench("--only", "W2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out.read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """Cells of the first table by method."""
    lines = page.split("## W2")[1].split("\n\n")[1].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_the_page_has_a_row_for_each_engine_and_its_numbers_agree(page: str) -> None:
    found = rows(page)
    engines = ["numpy"] + (["numba"] if importlib.util.find_spec("numba") else [])
    for engine in engines:
        for outputs in ("full", "car"):
            cells = found[f"this package, {engine}, {outputs}"]
            assert float(cells[-1]) <= 1e-10
            assert cells[0].count(" / ") == 2, "min, median and max"


def test_the_facts_of_the_machine_bear_no_date(page: str) -> None:
    facts = page.split("## W2")[0]
    assert "GB/s" in facts
    assert "250-day window" in facts
    assert not re.search(r"\b20\d\d-\d\d|\b\d\d:\d\d", facts)


def test_prefix_sums_find_the_same_numbers(page: str) -> None:
    """An algorithm that shares nothing with the engines."""
    assert float(rows(page)["numpy, textbook prefix sums"][-1]) <= 1e-9


def test_an_unknown_workload_is_named_with_those_there_are() -> None:
    done = bench("--only", "W9")
    assert done.returncode == 2
    assert "no workload W9" in done.stderr
    assert "W3 W5" in done.stderr


def test_the_environments_are_outside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTSTUDY_BENCH", raising=False)
    spec = importlib.util.spec_from_file_location("environments", ROOT / "benchmarks" / "environments.py")
    assert spec is not None
    assert spec.loader is not None
    environments = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(environments)
    assert not environments.home().is_relative_to(ROOT)
