"""Writes the parts of ARCHITECTURE.md that the source decides: rooms, layers, registries. `make guide` runs it.

The text between a pair of markers is made here and nowhere else; `test_docs.py` holds it fresh. What a newcomer should
know of a room stands in the docstring of its ``__init__`` as a paragraph that begins with "Quirks:".
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from test_layers import LAYERS, LAZY_UPWARD, OWNERS, imports_of, unit_of

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "eventstudy"
PAGE = ROOT / "ARCHITECTURE.md"

#: registries by where they stand, and what their entries are called
REGISTRIES: Mapping[str, tuple[str, str]] = {
    "eventstudy.prices": ("PROVIDERS", "price providers"),
    "eventstudy.prices.quality": ("QUALITY_CHECKS", "quality checks"),
    "eventstudy.models": ("MODELS", "models of normal returns"),
    "eventstudy.inference": ("TESTS", "tests"),
    "eventstudy.inference.difference": ("DIFFERENCES", "tests of a difference between groups"),
    "eventstudy.inference.diagnostics": ("DIAGNOSTICS", "diagnostics of the estimation window"),
    "eventstudy.claims": ("CLAIM_KINDS", "kinds of claim"),
    "eventstudy.figures": ("FIGURES", "figures"),
    "eventstudy.report": ("SECTIONS", "sections of the report, in order"),
}


def docstring(path: Path) -> str:
    """The docstring of a module."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def first_sentence(text: str) -> str:
    """The first line of a docstring, without its full stop; a bar would end the cell of a table."""
    return text.split("\n", 1)[0].rstrip(".").replace("|", "\\|")


def quirks(text: str) -> str:
    """The paragraph of a docstring that begins with "Quirks:", on one line."""
    found = [part for part in re.split(r"\n\s*\n", text) if part.startswith("Quirks:")]
    return " ".join(found[0].removeprefix("Quirks:").split()).replace("``", "`") if found else ""


def places() -> Iterator[tuple[str, Path, list[Path]]]:
    """Rooms and loose files in the order of the layers: name, the file that describes it, its files."""
    order = {name: i for i, row in enumerate(levels()) for name in row}
    folders = {p.name: p for p in PACKAGE.iterdir() if (p / "__init__.py").is_file()}
    loose = {p.stem: p for p in PACKAGE.glob("*.py") if not p.stem.startswith("__")}
    for name in sorted({*folders, *loose}, key=lambda n: (order[n], n)):
        if name in folders:
            files = sorted(p for p in folders[name].glob("*.py") if p.stem != "__init__")
            yield f"{name}/", folders[name] / "__init__.py", files
        else:
            yield f"{name}.py", loose[name], []


def rooms() -> str:
    """A table of the rooms, what each is for, its files, and its quirks."""
    lines = ["| room or file | what it does | files | worth knowing |", "|---|---|---|---|"]
    for name, path, files in places():
        text = docstring(path)
        inside = " ".join(f"`{p.stem}`" for p in files)
        row = (f"`{name}`", first_sentence(text).replace("``", "`"), inside, quirks(text))
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def uses() -> dict[str, set[str]]:
    """What each unit of the package imports at its top, as the files say."""
    found: dict[str, set[str]] = {name: set() for name in LAYERS}
    for path in PACKAGE.rglob("*.py"):
        unit = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for dotted, lazy, _ in imports_of(path):
            if dotted.startswith("eventstudy.") and not lazy and unit_of(dotted) != unit:
                found[unit].add(unit_of(dotted))
    return found


def levels() -> list[list[str]]:
    """Units by floor: a unit stands one floor above the highest that it may import."""
    floor: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in floor:
            floor[name] = 1 + max((of(other) for other in LAYERS[name]), default=-1)
        return floor[name]

    for name in LAYERS:
        of(name)
    rows: list[list[str]] = [[] for _ in range(max(floor.values()) + 1)]
    for name in LAYERS:
        if not name.startswith("__") and name != "version":
            rows[floor[name]].append(name)
    return [row for row in rows if row]


def layers() -> str:
    """The floors of the table in test_layers.py, the lowest first; then what may be imported upward, and by whom."""
    used = uses()
    lines = ["| floor | units | import |", "|---|---|---|"]
    for i, row in enumerate(levels()):
        for name in row:
            below = " ".join(f"`{other}`" for other in sorted(used[name] - {"version"})) or "nothing"
            lines.append(f"| {i} | `{name}` | {below} |")
    upward = "; ".join(
        f"`{name}` may import {', '.join(f'`{u}`' for u in sorted(up))}" for name, up in LAZY_UPWARD.items()
    )
    owners = "; ".join(
        f"{package} {'nowhere' if not homes else 'in ' + ', '.join(f'`{h}`' for h in sorted(homes))}"
        for package, homes in OWNERS.items()
    )
    return "\n".join([*lines, "", f"Upward, inside a function alone: {upward}.", "", f"Imported only: {owners}."])


def registries() -> str:
    """Every registry with its entries."""
    lines = ["| registry | entries |", "|---|---|"]
    for module, (name, what) in REGISTRIES.items():
        entries = getattr(importlib.import_module(module), name)
        place = module.removeprefix("eventstudy.")
        lines.append(f"| `{place}.{name}`: {len(entries)} {what} | {', '.join(f'`{e}`' for e in entries)} |")
    return "\n".join(lines)


PARTS: Mapping[str, Callable[[], str]] = {"rooms": rooms, "layers": layers, "registries": registries}


def filled(text: str) -> str:
    """`text` with every marked part made from the source as it is now."""
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: made by `make guide` -->", f"<!-- end of {name} -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise SystemExit(f"ARCHITECTURE.md needs the markers of {name} once: {begin} ... {end}")
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.name}")
