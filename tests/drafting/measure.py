"""Measure the rules of `claims draft` on the paragraphs that were marked by hand: recall and precision, by kind."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from eventstudy.claims.interval import WORDS
from eventstudy.drafting.aliases import shipped
from eventstudy.drafting.days import Calendar
from eventstudy.drafting.draft import Paragraph, statements
from eventstudy.drafting.statement import Statement

HERE = Path(__file__).resolve().parent
Mark = tuple[str, ...]
NEITHER = {"level", "statistic", "rank_among"}  # these kinds need no direction: it does not count


def paragraphs() -> list[dict[str, Any]]:
    with (HERE / "paragraphs.yaml").open(encoding="utf-8") as file:
        return [dict(entry) for entry in yaml.safe_load(file)]


def marked(line: str) -> Mark:
    kind, ticker, direction, number, unit, day = (part.strip() for part in line.split("|"))
    return kind, "+".join(sorted(ticker.split("+"))), _way(kind, direction), _number(number), unit, day


def _way(kind: str, direction: str) -> str:
    return "none" if kind in NEITHER else direction


def _number(text: str) -> str:
    try:
        return "-".join(f"{float(part):.12g}" for part in text.split("-"))
    except ValueError:
        return text


def drafted(one: Statement) -> Mark:
    q = one.quantity
    number, unit = "-", "-"
    if one.kind == "group_move" and "count" in one.params:
        number, unit = str(one.params["count"]), "count"
    elif q is not None:
        number, unit = (q.value if q.low is None else f"{q.low}-{q.value}"), q.unit
    elif one.word is not None:
        number, unit = WORDS[one.word][1], "word"
    tickers = "+".join(sorted(one.tickers)) or "-"
    return one.kind, tickers, _way(one.kind, one.direction), _number(number), unit, one.day


def found_in(paragraph: dict[str, Any]) -> list[Mark]:
    published = dt.date.fromisoformat(str(paragraph["published"]))
    said = statements([Paragraph(paragraph["text"], 1, 1)], shipped(), Calendar(published))
    return [drafted(one) for one in said]


def counts(of: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """kind -> how many were marked, drafted, and both."""
    table: dict[str, Counter[str]] = {}
    for paragraph in of:
        want, got = Counter(map(marked, paragraph["marks"])), Counter(found_in(paragraph))
        for name, which in (("marked", want), ("drafted", got), ("both", want & got)):
            for mark, n in which.items():
                table.setdefault(mark[0], Counter())[name] += n
    return table


if __name__ == "__main__":
    for paragraph in paragraphs():
        if paragraph["set"] not in sys.argv[1:]:
            continue
        want, got = Counter(map(marked, paragraph["marks"])), Counter(found_in(paragraph))
        for mark in (want - got).elements():
            print(paragraph["id"], "missed", *mark)
        for mark in (got - want).elements():
            print(paragraph["id"], "wrong ", *mark)
    for which in ("tuned", "held"):
        total = sum(counts(p for p in paragraphs() if p["set"] == which).values(), Counter())
        print(
            which,
            dict(total),
            f"recall {total['both'] / total['marked']:.3f}",
            f"precision {total['both'] / total['drafted']:.3f}",
        )
