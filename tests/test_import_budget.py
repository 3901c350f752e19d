"""What a command loads, counted in modules and not in milliseconds: a budget that no machine's load can break.

An import is most of what a short command waits for. The bounds leave some room over what was counted with the versions
in requirements.lock; a package that a command has no use for is forbidden by name.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest

# What no command that only reads, checks or computes has a use for.
NEVER = {
    *("statsmodels", "arch", "linearmodels", "matplotlib", "patsy", "sklearn", "joblib", "formulaic"),
    *("yfinance", "exchange_calendars", "requests", "curl_cffi", "bs4", "peewee", "tenacity", "platformdirs"),
    *("numba", "llvmlite", "dask", "distributed", "pytest", "IPython", "ruamel", "plotly.graph_objs", "plotly.express"),
    *("scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.interpolate", "scipy.integrate", "scipy.signal"),
}
NUMERIC = {"numpy", "pandas", "scipy", "pyarrow"}
PAGE = {"jinja2", "markupsafe", "plotly"}
BUDGET: dict[str, tuple[str, int, set[str]]] = {  # name -> code, most modules loaded by it, further packages forbidden
    "import": ("import eventstudy", 40, NUMERIC | PAGE | {"typer", "rich", "pydantic", "yaml"}),
    "--help": ("cli('--help')", 140, NUMERIC | PAGE | {"rich", "pydantic", "yaml"}),
    "claims check": ("cli('claims', 'check')", 310, NUMERIC | PAGE | {"rich"}),  # one file for each kind of claim
    "run": ("cli('run', 'deepseek', '--out', sys.argv[1])", 1250, {"rich"}),
}
# The most modules of each package in a whole run, where more of them would be felt.
SHARES = {"eventstudy": 275, "scipy": 90, "numpy": 190, "pandas": 360, "pydantic": 60, "typer": 40}

PROBE = """
import sys
before = set(sys.modules)
def cli(*words):
    import contextlib, io
    out, sys.argv = sys.argv[1], ["eventstudy", *words]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            from eventstudy.cli.commands import main
            main()
        except SystemExit as end:
            assert not end.code, end.code
{code}
print(*sorted(set(sys.modules) - before))
"""

if tuple(map(int, version("scipy").split(".")[:2])) < (1, 17):  # scipy.special itself loads scipy.sparse there
    NEVER -= {"scipy.sparse"}
    SHARES["scipy"] = 200


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The modules that each command adds to a fresh interpreter."""
    found = {}
    for name, (code, _, _) in BUDGET.items():
        out = tmp_path_factory.mktemp("out")
        done = subprocess.run(
            [sys.executable, "-c", PROBE.replace("{code}", code), str(out)],
            capture_output=True,
            text=True,
            cwd=Path(__file__).resolve().parents[1],
        )
        assert done.returncode == 0, done.stderr
        found[name] = set(done.stdout.split())
    return found


@pytest.mark.parametrize("name", BUDGET)
def test_a_command_loads_no_more_than_its_budget(loaded: dict[str, set[str]], name: str) -> None:
    most = BUDGET[name][1]
    packages = Counter(module.split(".")[0] for module in loaded[name]).most_common(8)
    assert len(loaded[name]) <= most, f"{len(loaded[name])} modules for {most}; most of them: {packages}"


@pytest.mark.parametrize("name", BUDGET)
def test_a_command_loads_nothing_it_has_no_use_for(loaded: dict[str, set[str]], name: str) -> None:
    assert loaded[name] & (NEVER | BUDGET[name][2]) == set()


@pytest.mark.parametrize("package", SHARES)
def test_no_package_takes_more_than_its_share_of_a_run(loaded: dict[str, set[str]], package: str) -> None:
    count = sum(module.split(".")[0] == package for module in loaded["run"])
    assert 0 < count <= SHARES[package]


def test_the_count_sees_what_is_loaded(loaded: dict[str, set[str]]) -> None:
    assert {"pandas", "jinja2", "yaml", "pydantic"} <= loaded["run"]
    assert "eventstudy.cli.commands" in loaded["--help"]
