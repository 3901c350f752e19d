"""The tables of the guide to claims files, made from the cards of the kinds and from the words: ``make guide``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from eventstudy.claims.card import A_SHARE, ANY, MONEY, Kind
from eventstudy.claims.interval import FLAT, FLOORS, WORDS, Strength
from eventstudy.claims.kinds import CLAIM_KINDS
from eventstudy.claims.schema import Params, params_of

PARTS = ("kinds", "words")
NAMES = {"percent": "per cent", "days": "time"}


def tables() -> str:
    """Two tables: what each kind takes, and how it is judged."""
    takes = _table(
        ("kind", "asks", "subject", "claimed", "params", "tables"),
        (
            (f"`{name}`", kind.words, _subject(kind), _claimed(kind), _params(name), ", ".join(kind.tables))
            for name, kind in CLAIM_KINDS.items()
        ),
    )
    judged = _table(
        ("kind", "how it is judged", "where the sentence does not say"),
        ((f"`{name}`", kind.rule, kind.default_reading) for name, kind in CLAIM_KINDS.items()),
    )
    return f"{takes}\n\n{judged}"


def words() -> str:
    """The words about a move by their strength, with what each strength asks for."""
    asks: dict[Strength, str] = {"flat": f"at most {FLAT:g} s, either way", "any": "any move that way"}
    for strength, (times, enough, least) in FLOORS.items():
        asks.setdefault(strength, f"the smaller of {times:g} s and {enough:g} %, and never less than {least:g} s")
    listed = {strength: [word for word, (_, own) in WORDS.items() if own == strength] for strength in (*FLOORS, "flat")}
    rows = ((strength, asks[strength], ", ".join(named)) for strength, named in listed.items())
    return _table(("strength", "asks for", "words"), rows)


def renewed(text: str) -> str:
    """A document with the tables put between their marks."""
    for part, made in zip(PARTS, (tables(), words()), strict=True):
        opens, closes = f"<!-- {part}: made by `make guide` -->", f"<!-- end of the {part} -->"
        before, _, rest = text.partition(opens)
        text = f"{before}{opens}\n{made}\n{closes}{rest.partition(closes)[2]}"
    return text


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _subject(kind: Kind) -> str:
    return "any" if kind.subjects == ANY else ", ".join(kind.subjects) or "none"


def _claimed(kind: Kind) -> str:
    """A direction, a number in which units, a word."""
    if not kind.directed and not kind.number:
        return "nothing"
    money = [
        *(["money"] if {*MONEY} <= {*kind.units} else []),
        *(["money a share"] if {*A_SHARE} <= {*kind.units} else []),
    ]
    named = [NAMES.get(unit, f"`{unit}`") for unit in kind.units if unit not in (*MONEY, *A_SHARE)]
    units = ", ".join([*named, *money])
    if not kind.number:
        return f"direction; {units} if said" if units else "direction"
    return f"{units}, or a word" if kind.word else units


def _params(name: str) -> str:
    fields = [field for field in params_of(name).model_fields if field not in Params.model_fields]
    return ", ".join(f"`{field}`" for field in fields) or "none"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
