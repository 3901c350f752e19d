"""Cells of text as numbers: which sign is the decimal one is settled by all cells together, never cell by cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import FloatArray

UNKNOWN = frozenset(
    ("", "NA", "N/A", "NaN", "nan", "na", "n/a", "null", "NULL", "None", "none", "#N/A", "#NA", "#N/A N/A", ".", "-")
)  # fmt: skip
"""Ways to write that a number is not known. Only in columns of numbers: a ticker may well be called NA."""

_FORMS = {
    sign: re.compile(
        rf"[-+]?((\d+|\d{{1,3}}([{other}]\d{{3}})+)([{sign}]\d*)?|[{sign}]\d+)([eE][-+]?\d{{1,4}})?", re.ASCII
    )
    for sign, other in ((".", ","), (",", "."))
}
_SPACES = re.compile(r"(?<=\d)['’ \u00a0\u202f](?=\d{3}(\D|$))")
"""Marks of thousands that are no decimal sign anywhere: 1'234 and 1 234."""
_SIGNS = frozenset("$€£¥")
_MONEY = re.compile(r"(?<![^-+])[$€£¥]\s?(?=[\d.,])|(?<=\d)\s?[$€£¥]$")
"""A sign of currency before or behind a number: $1.20 and 1,20 €."""
_COUNTED = re.compile(r"([\d.,]+)\s?(K|M|B|Tsd\.?|Mio\.?|Mrd\.?)")
_MANY: Mapping[str, float] = {"K": 1e3, "M": 1e6, "B": 1e9, "Tsd": 1e3, "Mio": 1e6, "Mrd": 1e9}
"""What the letters behind a number of shares stand for: 28.37M is 28,370,000."""


def decimal_of(texts: Iterable[str]) -> str | None:
    """The decimal sign of numbers written as text: a point, a comma, or None where ``1,234`` could be either.

    A sign that stands last in a number with both, or not in front of three digits, is the decimal one; one that stands
    twice in a number is none.

    Examples
    --------
    >>> [decimal_of(t) for t in (["44,6986", "103,27"], ["1,234.5"], ["1.234.567,8"], ["1,234"], ["12"])]
    [',', '.', ',', None, '.']
    """
    found: set[str] = set()
    signs: set[str] = set()
    for text in texts:
        number = _bare(text)
        here = [c for c in number if c in ".,"]
        signs.update(here)
        if len(set(here)) == 2:
            found.add(here[-1])
        elif len(here) > 1:
            found.add("," if here[0] == "." else ".")
        elif here and not re.fullmatch(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", number):
            found.add(here[0])
    if len(found) == 1:
        return found.pop()
    return None if found or signs else "."


def _bare(text: str) -> str:
    """A number without what can stand in it and says nothing of its size: marks of thousands, a sign of currency."""
    return _MONEY.sub("", _SPACES.sub("", text))


def number_of(text: str, sign: str) -> float:
    """A number written with a decimal sign, NaN where it is none.

    Examples
    --------
    >>> number_of("1.234,5", ","), number_of("$1,444", "."), number_of("many", ".")
    (1234.5, 1444.0, nan)
    """
    number = _bare(text)
    if not _FORMS[sign].fullmatch(number):
        return float("nan")
    return float(number.replace("." if sign == "," else ",", "").replace(sign, "."))


def to_numbers(
    cells: np.ndarray,
    refuse: Callable[[int, int, str], NoReturn],
    decimal: str | None = None,
    counts: Sequence[int] = (),
) -> tuple[FloatArray, str]:
    """Cells, text or numbers of any make, as float64; NaN where a cell says that it is not known.

    Parameters
    ----------
    cells : (R, C) objects. decimal : the stated decimal sign, None to find it from all cells.
    refuse : ``(row, column, words)``, raises the error for a cell with its place.
    counts : the columns that count shares, in which 28.37M is 28,370,000.

    Returns
    -------
    (R, C) float64, and the decimal sign.
    """
    cells, factors = _counted(cells, counts)
    try:
        codes, distinct = pd.factorize(cells.ravel())
    except TypeError:
        refuse(0, 0, "a cell holds neither text nor a number")

    def place(value: int, words: str) -> NoReturn:
        row, column = divmod(int(np.argmax(codes == value)), cells.shape[1])
        refuse(row, column, words)

    texts = {i: value.strip() for i, value in enumerate(distinct) if isinstance(value, str)}
    texts = {i: text for i, text in texts.items() if text not in UNKNOWN}
    _one_currency(texts, codes.reshape(cells.shape), place)
    sign = decimal or _settled(texts, place)
    values = np.full(len(distinct) + 1, np.nan)  # the last place: missing
    for i, value in enumerate(distinct):
        if i in texts:
            values[i] = number_of(texts[i], sign)
            if np.isnan(values[i]):
                place(i, f"{texts[i][:60]!r} is not a number; leave the cell empty if unknown")
            if np.isinf(values[i]):
                place(i, f"{texts[i][:20]!r}... is too large for a number")
        elif not isinstance(value, str):
            values[i] = _float(value, i, place)
    numbers = values[codes].reshape(cells.shape)
    if factors is not None:
        for column in counts:
            bare, some = factors[:, column] == 1, (factors[:, column] > 1).any()
            broken = np.flatnonzero(bare & some & (numbers[:, column] % 1 > 0))
            if len(broken):
                cell = str(cells[broken[0], column]).strip()
                refuse(
                    int(broken[0]), column, f"{cell!r} is not a number of shares: others have K, M or B, this has none"
                )
        numbers = np.where(factors > 1, np.round(numbers * factors), numbers)
    return numbers, sign


def _counted(cells: np.ndarray, counts: Sequence[int]) -> tuple[np.ndarray, FloatArray | None]:
    """The cells without the letters for thousands, millions and billions, and what each is multiplied by, if any."""
    factors = None
    for column in counts:
        for row, cell in enumerate(cells[:, column]):
            found = _COUNTED.fullmatch(cell.strip()) if isinstance(cell, str) and not cell[-1:].isdigit() else None
            if found is None:
                continue
            if factors is None:
                cells, factors = cells.copy(), np.ones(cells.shape)
            cells[row, column], factors[row, column] = found[1], _MANY[found[2].rstrip(".")]
    return cells, factors


def _one_currency(texts: Mapping[int, str], codes: np.ndarray, place: Callable[[int, str], NoReturn]) -> None:
    """Refuse amounts in several currencies, and a sign that only some cells of a column have.

    Parameters
    ----------
    codes : (R, C), the number of the text in each cell.
    """
    signs = {i: sign for i, text in texts.items() for sign in set(text) & _SIGNS}
    if not signs:
        return
    for column in codes.T:
        held = [i for i in column.tolist() if i in texts]
        kinds = Counter(signs.get(i) for i in held)
        if len(kinds) > 1:
            rare = kinds.most_common()[-1][0]
            odd = next(i for i in held if signs.get(i) == rare)
            place(
                odd,
                f"{texts[odd][:60]!r} is not a number like the others: a column holds one currency, with its sign at "
                "every number or at none",
            )


def _settled(texts: Mapping[int, str], place: Callable[[int, str], NoReturn]) -> str:
    """The decimal sign of all texts, refused where they leave it open or contradict each other."""
    sign = decimal_of(texts.values())
    if sign is not None:
        return sign
    each = {i: decimal_of([text]) for i, text in texts.items() if set(text) & set(".,")}
    commas, points = ([i for i, found in each.items() if found == c] for c in ",.")
    if commas and points:
        odd = min(commas, points, key=len)[0]
        place(
            odd, f"{texts[odd][:60]!r} is not a number like the others: some have a decimal point, some a decimal comma"
        )
    for first in each:
        place(
            first,
            f"{texts[first]!r} has a sign that may mark decimals or thousands, and no cell settles which; "
            "state decimal: ',' or decimal: '.'",
        )
    return "."


def _float(value: Any, at: int, place: Callable[[int, str], NoReturn]) -> float:
    if isinstance(value, bool | np.bool_):
        place(at, f"{value!r} is not a number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        place(at, f"{str(value)[:60]!r} is not a number; leave the cell empty if unknown")
