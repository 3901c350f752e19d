"""The architecture, checked on the syntax trees: who may import whom, what is loaded when, how long a file may be."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "eventstudy"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A unit is a room (a folder) or a loose file of the package; each may import the units named here and none else.
GROUND = {"errors", "arguments", "version", "once", "objects", "registry", "files", "memory"}
MATHEMATICS = {"returns", "windows", "normal", "abnormal", "engine", "models", "inference"}
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),  # eventstudy.__version__
    "arguments": {"errors"},
    "memory": {"errors"},
    "once": set(),
    "objects": {"errors", "arguments", "once"},
    "registry": {"errors"},
    "files": {"errors", "arguments"},
    "prices": GROUND,
    "returns": GROUND,
    "windows": GROUND | {"returns"},
    "normal": GROUND | {"windows"},
    "engine": GROUND | {"windows"},
    "abnormal": GROUND | {"windows", "normal", "engine"},
    "models": GROUND | {"windows", "normal", "engine"},
    "inference": GROUND | {"windows", "normal", "engine", "abnormal", "models"},
    "many": GROUND | MATHEMATICS,
    "claims": GROUND | {"windows", "abnormal", "inference"},
    "drafting": GROUND | {"claims"},
    "study": GROUND | MATHEMATICS | {"prices", "claims"},
    "example": GROUND | MATHEMATICS | {"many", "study"},
    "figures": GROUND,
    "report": GROUND | {"figures"},
    "simulation": GROUND | MATHEMATICS | {"study", "figures", "report"},
    "serve": GROUND | MATHEMATICS | {"prices", "claims", "study", "figures", "report"},
    "cli": GROUND | MATHEMATICS | {"prices", "claims", "drafting", "study", "figures", "report", "simulation", "serve"},
    "__main__": {"cli"},
    "__init__": set(),
}
# Upward imports, allowed only inside a function: the conveniences of results.
LAZY_UPWARD = {"many": {"figures"}, "objects": {"files", "inference", "study", "figures", "report"}}

# Third-party packages that only some modules may import (a folder's name stands for all its modules).
OWNERS: dict[str, set[str]] = {
    "yfinance": {"prices.yahoo"},
    "exchange_calendars": {"prices.sessions"},
    "plotly": {"figures", "report", "simulation"},
    "dash": {"serve", "cli.serve"},
    "flask": set(),
    "werkzeug": set(),
    "jinja2": {"report"},
    "yaml": {"files.yamlfile"},
    "typer": {"cli"},
    "statsmodels": {"inference.cross_section", "many.regression", "models.lad"},
    "arch": {"models.garch"},
    "numba": {"engine.fast", "engine.arithmetic"},
    "scipy.stats": set(),
    "linearmodels": set(),
    "dask": set(),
    "distributed": {"many"},
    "pyarrow": {"many", "prices"},
    "hypothesis": set(),
}
HEAVY = {"pandas", "scipy.stats", "statsmodels", "plotly", "yfinance", "exchange_calendars", "pydantic"}


def module_name(path: Path) -> str:
    """`eventstudy/prices/yahoo.py` -> `prices.yahoo`; a folder's `__init__` is the folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports(node: ast.AST, lazy: bool = False) -> Iterator[tuple[str, bool, int]]:
    """Every imported dotted name, whether inside a function, and its line; TYPE_CHECKING blocks are passed over."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, lazy, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield from ((f"{module}.{alias.name}", lazy, node.lineno) for alias in node.names)
    elif is_type_checking(node):
        for child in node.orelse:
            yield from imports(child, lazy)
    else:
        inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from imports(child, inside)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports_of(path: Path) -> tuple[tuple[str, bool, int], ...]:
    return tuple(imports(tree(path)))


def unit_of(dotted: str) -> str:
    """The unit that `eventstudy.prices.yahoo.fetch` belongs to: `prices`; `eventstudy.__version__`: `version`."""
    part = dotted.split(".")[1] if "." in dotted else "__init__"
    return "version" if part == "__version__" else part


def within(name: str, owners: set[str]) -> bool:
    return any(name == owner or name.startswith(owner + ".") for owner in owners)


def test_the_table_is_a_hierarchy() -> None:
    order = tuple(TopologicalSorter(LAYERS).static_order())  # CycleError if two units may import each other
    assert set(order) == set(LAYERS)
    assert not {"prices"} & (LAYERS["models"] | LAYERS["windows"] | LAYERS["abnormal"] | LAYERS["inference"])
    assert not MATHEMATICS & (LAYERS["prices"] | LAYERS["figures"] | LAYERS["report"])


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_down(path: Path) -> None:
    name = module_name(path)
    unit = name.split(".")[0]
    assert unit in LAYERS, f"{path.name} has no place in the table of layers yet"
    wrong = []
    for dotted, lazy, line in imports_of(path):
        assert not dotted.startswith("."), f"{name}:{line}: imports are written out, not relative"
        if dotted.split(".")[0] != "eventstudy":
            continue
        allowed = LAYERS[unit] | {unit} | (LAZY_UPWARD.get(unit, set()) if lazy else set())
        if unit_of(dotted) not in allowed:
            wrong.append(f"{name}:{line} imports {dotted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", OWNERS)
def test_third_party_packages_stay_with_their_owner(package: str) -> None:
    wrong = [
        f"{module_name(path)}:{line} imports {dotted}"
        for path in MODULES
        for dotted, _, line in imports_of(path)
        if within(dotted, {package}) and not within(module_name(path), OWNERS[package])
    ]
    assert not wrong, "\n".join(wrong)


def test_the_walk_sees_what_it_should() -> None:
    source = """
if TYPE_CHECKING:
    import hidden
else:
    import shown
import numpy as np
from eventstudy import prices
class A:
    def f(self):
        try:
            from eventstudy.report import page
        except ImportError:
            pass
"""
    found = {(dotted, lazy) for dotted, lazy, _ in imports(ast.parse(source))}
    assert found == {
        ("shown", False),
        ("numpy", False),
        ("eventstudy.prices", False),
        ("eventstudy.report.page", True),
    }
    assert unit_of("eventstudy.report.page") == "report"


# ------------------------------------------------------------------------------------------------------------ sizes
@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_files_and_functions_stay_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 450, f"{path.name} has {lines} lines; 450 is the most"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{path.name}:{node.lineno} {node.name} has {length} lines; 60 is the most"


def test_modules_are_named_for_what_they_do() -> None:
    assert not {p.stem for p in MODULES} & {"utils", "util", "helpers", "helper", "base", "misc"}
    depth = {len(p.relative_to(PACKAGE).parts) for p in MODULES}
    assert max(depth) <= 2, "one level of folders is enough"


# --------------------------------------------------------------------------------------------------- what is loaded
def loaded(code: str) -> set[str]:
    """The HEAVY packages in `sys.modules` of a fresh interpreter after it ran `code`."""
    probe = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return set(json.loads(done.stderr.splitlines()[-1])) & HEAVY


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded("import eventstudy; dir(eventstudy)") == set()


def test_help_loads_nothing_heavy() -> None:
    code = """
try:
    from eventstudy.cli.commands import main
    sys.argv = ["eventstudy", "--help"]
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""
    assert loaded(code) == set()


def test_the_mathematics_load_only_pandas() -> None:
    modules = ", ".join(f"eventstudy.{name}" for name in sorted(MATHEMATICS | {"objects.results"}))
    assert loaded(f"import {modules}") == {"pandas"}


def test_the_headline_study_loads_no_heavy_statistics() -> None:
    found = loaded("import eventstudy as es; es.load('deepseek').run()")
    assert not found & {"scipy.stats", "statsmodels", "yfinance", "exchange_calendars", "plotly"}


# -------------------------------------------------------------------------------------------------- what is written
# Spelled in two halves, so that this file does not contain them itself.
FORBIDDEN = ("/wo" "rk/", "../sha" "red", "/tmp/br" "ief", "/opt/whe" "els", "/opt/py" "pi", "pypi.org/sim" "ple",
             "files.pythonhos" "ted.org", "--index-" "url", "--find-" "links", "/ro" "ot/")  # fmt: skip


def tracked() -> list[Path]:
    """Every file of the checkout that git knows or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout: " + listing.stderr.decode().strip())
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_nothing_names_a_private_place_or_a_registry_address() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} contains {word}"
        for path in tracked()
        for text in [path.read_bytes().decode("utf-8", "ignore")]
        for word in FORBIDDEN
        if word in text
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_big_or_generated_is_committed() -> None:
    for path in tracked():
        assert path.stat().st_size < 3_000_000, f"{path} is too big to be committed"
        assert path.suffix not in {".pyc", ".whl", ".zip"}, f"{path} is generated"
    assert not [p for p in tracked() if p.relative_to(ROOT).parts[0] == "reports" and p.name != ".gitkeep"]
