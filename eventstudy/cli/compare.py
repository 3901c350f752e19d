"""`eventstudy compare`: two results side by side, which verdicts and numbers differ, and what explains it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstudy.cli import completion
from eventstudy.cli.app import JsonOption, SetOption, app, run_study
from eventstudy.cli.terminal import STYLES, print_json, print_table, print_text, say
from eventstudy.cli.texttable import table
from eventstudy.errors import SpecError

if TYPE_CHECKING:
    from eventstudy.report.changes import Changes, Number

LARGEST = 512 * 2**20
SHOWN = 15
"""Numbers that are printed; ``--json`` has all."""
_WHAT = "A results.json or its folder, or a study, which is run"


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help=f"{_WHAT}.", autocompletion=completion.studies)],
    second: Annotated[str, typer.Argument(metavar="B", help="The other.", autocompletion=completion.studies)],
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print which verdicts and numbers of two results differ, and which settings and data; --set is for B alone."""
    from eventstudy.report.changes import changes

    if set_ and _file(second) is not None:
        raise SpecError(f"--set is for a study that is run, and {second} is a result; name the study")
    ours, theirs = _results(first, None), _results(second, set_)
    found = changes(ours, theirs)
    if as_json:
        print_json({"first": ours["content_id"], "second": theirs["content_id"], "same": found.none, **found.rows()})
        return
    _print(found, ours, theirs)


def _file(named: str) -> Path | None:
    """The results.json that is named, None for a study."""
    path = Path(named)
    if path.suffix == ".json":
        return path
    inside = path / "results.json"
    return inside if inside.is_file() and not (path / "study.yaml").is_file() else None


def _results(named: str, pairs: list[str] | None) -> dict[str, Any]:
    """The content of a results.json: of the file, or of the study run now.

    Raises
    ------
    SpecError : a file that is no results.json of this version.
    """
    from eventstudy.files.reading import read_bytes
    from eventstudy.report.serialize import SCHEMA_VERSION

    path = _file(named)
    if path is None:
        text: str | bytes = run_study(named, pairs).to_json()
    else:
        text = read_bytes(path, LARGEST)
    try:
        found: Any = json.loads(text)
        version = found["schema_version"]
        missing = [k for k in ("settings", "data", "claims", "estimates", "windows", "tests") if k not in found]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SpecError("this is no results.json: `eventstudy run` writes one", file=path) from None
    if version != SCHEMA_VERSION or missing:
        lacks = f"has schema_version {version}" if version != SCHEMA_VERSION else f"lacks {', '.join(missing)}"
        raise SpecError(f"{lacks}; this version reads {SCHEMA_VERSION}: run the study again", file=path)
    return dict(found)


def _print(found: Changes, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for letter, result in (("A", ours), ("B", theirs)):
        print_text(f"{letter}: {result['study']['id']}, content {result['content_id'][:12]}")
    if found.none:
        print_text("\nThe same verdicts and numbers, from the same settings and data.")
        return
    print_text(f"\n{_compared(found)}")
    if found.verdicts and not all(v.alone for v in found.verdicts):
        rows = [
            (v.claim, v.first or "", v.second or "", "; ".join(filter(None, (v.measured, v.why))))
            for v in sorted(found.verdicts, key=lambda v: not v.turned)
        ]
        print_text("")
        print_table(table(("claim", "A", "B", "measured, and why"), rows, styles=STYLES))
    _causes(found)
    _numbers(found)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _compared(found: Changes) -> str:
    """How many verdicts differ, and how many of the numbers that both have; where there are none, that is said."""
    turned, both = sum(v.turned for v in found.verdicts), sum(found.compared.values())
    alone = sum(v.alone for v in found.verdicts)
    claims = f" {_count(alone, 'claim')} {'stands' if alone == 1 else 'stand'} in one of them alone." if alone else ""
    if both == 0 and alone and not turned:
        return f"Nothing can be compared: the results have no security on the same event in common.{claims}"
    if both == 0:
        differ = f"{_count(turned, 'verdict')} {'differs' if turned == 1 else 'differ'}"
        return f"{differ}; the results have no row in common, so that no number is compared.{claims}"
    return f"{_count(turned, 'verdict')} and {len(found.numbers):,} of {_count(both, 'number')} differ.{claims}"


def _causes(found: Changes) -> None:
    print_text("")
    if not found.causes:
        print_text("Settings and data are the same: another version of the package made one of them.")
        return
    rows = [(c.what, c.name, _short(c.first), _short(c.second)) for c in found.causes]
    print_table(table(("what explains it", "", "A", "B"), rows))


def _short(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."


def _numbers(found: Changes) -> None:
    for name, (ours, theirs) in found.only.items():
        if ours or theirs:
            say(f"{name}: {_count(ours, 'row')} in A alone, {theirs:,} in B alone")
    if not found.numbers:
        return
    far = sorted(found.numbers, key=_place)[:SHOWN]
    print_text("")
    print_table(table(("of", "number", "A", "B"), [(n.of, n.column, _said(n.first), _said(n.second)) for n in far]))
    if len(found.numbers) > SHOWN:
        say(f"the first {SHOWN} of {len(found.numbers):,} numbers; --json has all")


def _place(number: Number) -> tuple[int, float]:
    """CARs first, then the other tables, what is farthest apart first."""
    order: Sequence[str] = ("windows", "estimates", "tests")
    return order.index(number.table), -number.by


def _said(value: float | None) -> str:
    return "missing" if value is None else f"{value:.6g}"
