"""Write the table of docs/drafting.md: recall and precision of the rules by kind, as `measure` finds them."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from measure import counts, paragraphs

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "drafting.md"
_PLACE = re.compile(r"(<!-- measured: .*? -->\n).*?(<!-- end of what is measured -->)", re.DOTALL)


def table() -> str:
    """A row a kind, and one for all: marked, found, recall and precision of either half."""
    halves = [counts(p for p in paragraphs() if p["set"] == which) for which in ("tuned", "held")]
    kinds = sorted(
        {kind for half in halves for kind in half},
        key=lambda k: (-sum(h.get(k, Counter())["marked"] for h in halves), k),
    )
    lines = [
        "| kind | tuned: marked | recall | precision | held out: marked | recall | precision |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in kinds:
        lines.append(f"| `{kind}` | {' | '.join(_cells(half.get(kind, Counter())) for half in halves)} |")
    totals = [sum(half.values(), Counter()) for half in halves]
    lines.append(f"| **all** | {' | '.join(map(_cells, totals))} |")
    return "\n".join(lines)


def _cells(n: Counter[str]) -> str:
    recall = f"{n['both'] / n['marked']:.2f}" if n["marked"] else "-"
    precision = f"{n['both'] / n['drafted']:.2f}" if n["drafted"] else "-"
    return f"{n['marked']} | {recall} | {precision}"


def filled(document: str) -> str:
    """The document with the table of today."""
    return _PLACE.sub(lambda m: f"{m[1]}{table()}\n{m[2]}", document)


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
