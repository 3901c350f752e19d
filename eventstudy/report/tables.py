"""Numbers into text: the only place that rounds, and the table every section, file and notebook shares.

Values arrive as they were computed (decimals, dollars, ordinals) and leave as text a reader can quote. A value that is
not a number reads ``n/a``; why it is missing stands beside it. A p-value never reads 0.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping

from eventstudy.errors import EventStudyError
from eventstudy.objects.verdicts import Interval, Quantity, Statement

MINUS = "\u2212"
MISSING = "n/a"
_NOT_ZERO = re.compile("[1-9]").search


# ------------------------------------------------------------------------------------------------------- one number
def _percent(size: float, finer: int = 0) -> str:
    return f"{_decimals(size, 2, finer)}%"


def _decimals(size: float, digits: int, finer: int) -> str:
    """So many decimals, and up to `finer` more where they are not zeros."""
    text = f"{size:,.{digits + finer}f}"
    return text[: len(text) - finer] + text[len(text) - finer :].rstrip("0")


def _scaled(size: float, symbol: str, finer: int = 0) -> str:
    """Money in words: the scale is chosen after rounding, so that 999.96 billion reads 1.00 trillion."""
    for scale, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if size >= 0.99995 * scale:
            digits = 2 if scale == 1e12 or size < 10 * scale else 1
            return f"{symbol}{_decimals(size / scale, digits, finer)} {word}"
    return f"{symbol}{_decimals(size, 2, finer)}"


def _p_value(size: float) -> str:
    if size < 0.0001:
        return "< 0.0001"
    return "> 0.9999" if 0.99995 <= size < 1 else f"{size:.4f}"


def _counted(singular: str, plural: str) -> Callable[[float], str]:
    def text(size: float) -> str:
        return f"{_general(size)} {singular if size == 1 else plural}".strip()

    return text


def _rank(size: float) -> str:
    if size != int(size):
        return _general(size)
    whole = int(size)
    ending = "th" if whole % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole:,}{ending}"


def _general(size: float) -> str:
    """Whole numbers in full, others to five significant digits, very small ones in powers of ten."""
    if size == int(size):
        return f"{int(size):,}"
    if size >= 1000:
        return f"{size:,.2f}"
    if size < 1e-4:
        mantissa, exponent = f"{size:.2e}".split("e")
        return f"{mantissa} × 10^{int(exponent)}".replace("^-", f"^{MINUS}")
    return f"{size:.5g}"


def _fixed(digits: int) -> Callable[[float], str]:
    return lambda size: f"{size:,.{digits}f}"


#: unit -> text of the size; the sign is put in front afterwards. An unknown unit follows the bare number as a word.
UNITS: Mapping[str, Callable[[float], str]] = {
    "percent": _percent,
    "decimal": lambda size: _percent(100 * size),
    "return": lambda size: _percent(100 * size),
    "signed_decimal": lambda size: _percent(100 * size),
    "usd": lambda size: _scaled(size, "$"),
    "eur": lambda size: _scaled(size, "€"),
    "jpy": lambda size: _scaled(size, "¥"),
    "gbp": lambda size: _scaled(size, "£"),
    "twd": lambda size: _scaled(size, "NT$"),
    "p": _p_value,
    "p_short": lambda size: "< 0.0001" if size < 0.0001 else f"{size:.2g}",
    "count": _counted("", ""),
    "whole": _fixed(0),
    "sessions": _counted("session", "sessions"),
    "days": _counted("day", "days"),
    "rank": _rank,
    "multiple": lambda size: f"{size:,.2f} times",
    "sd": lambda size: f"{size:,.2f} sd",
    "points": lambda size: f"{size:,.2f} points",
    "level": _fixed(2),
    "share": lambda size: f"{100 * size:.0f}%",
    "brief": lambda size: f"{100 * size:.{0 if 100 * size >= 4.95 else 1}f}%",
    "rate": lambda size: f"{100 * size:.1f}%",
    "of_100": lambda size: f"{100 * size:.0f}",
    "times_in_10": lambda size: f"{10 * size:.0f} times in 10",
    "coefficient": _fixed(3),
    "alpha": lambda size: f"{100 * size:.3f}%",
    "statistic": _fixed(2),
    "correlation": _fixed(2),
    "df": _general,
    "number": _general,
    "": _general,
}


#: the units that a deciding step may need in more digits than a sentence
_FINER: Mapping[str, Callable[[float, int], str]] = {
    "percent": _percent,
    "usd": lambda size, finer: _scaled(size, "$", finer),
    "eur": lambda size, finer: _scaled(size, "€", finer),
    "jpy": lambda size, finer: _scaled(size, "¥", finer),
    "gbp": lambda size, finer: _scaled(size, "£", finer),
    "twd": lambda size, finer: _scaled(size, "NT$", finer),
    "multiple": lambda size, finer: f"{_decimals(size, 2, finer)} times",
    "p": lambda size, finer: _decimals(size, 4, finer) if finer else _p_value(size),
    "points": lambda size, finer: f"{_decimals(size, 2, finer)} points",
}


def number(value: float, unit: str, *, signed: bool = False, finer: int = 0) -> str:
    """One number as text, rounded for its unit.

    Parameters
    ----------
    value : float, in `unit`: ``percent`` 17.0 is 17 %, ``decimal`` (a return) 0.17 is 17 %, ``usd`` dollars,
        ``date`` a proleptic Gregorian ordinal; ``signed_decimal`` a return that always shows its sign.
    unit : a key of `UNITS` or ``date``; any other word is written behind the number.
    signed : write a plus sign before what is positive.
    finer : further decimals, for arithmetic that is redone by hand.

    Examples
    --------
    >>> number(-16.9683, "percent"), number(0.0191, "decimal", signed=True)
    ('−16.97%', '+1.91%')
    >>> number(588.77e9, "usd"), number(0.0, "p"), number(739278, "date")
    ('$588.8 billion', '< 0.0001', '27 January 2025')
    >>> number(float("nan"), "usd"), number(2.0, "rank"), number(-0.001, "percent")
    ('n/a', '2nd', '0.00%')
    """
    if not math.isfinite(value):
        return MISSING if math.isnan(value) else f"{MINUS if value < 0 else ''}∞"
    if unit == "date":
        return date(dt.date.fromordinal(int(value)))
    if finer and unit in _FINER:
        text = _FINER[unit](abs(value), finer)
    else:
        text = UNITS[unit](abs(value)) if unit in UNITS else f"{_general(abs(value))} {unit}"
    if value == 0 or not _NOT_ZERO(text):
        return text
    return f"{MINUS}{text}" if value < 0 else f"+{text}" if signed or unit.startswith("signed") else text


def with_error(value: float, error: float) -> tuple[str, str]:
    """A coefficient and its standard error to as many decimals as give the error three figures, from three to eight.

    >>> with_error(-0.0123456, 0.0051), with_error(12.3, 4.56), with_error(2e-7, float("nan"))
    (('−0.01235', '0.00510'), ('12.300', '4.560'), ('0.00000020', 'n/a'))
    """
    leads = error if math.isfinite(error) and error > 0 else abs(value)
    digits = min(8, max(3, 2 - math.floor(math.log10(leads)))) if math.isfinite(leads) and leads > 0 else 3
    texts = [MISSING if not math.isfinite(n) else f"{abs(n):,.{digits}f}" for n in (value, error)]
    return (f"{MINUS}{texts[0]}" if value < 0 and _NOT_ZERO(texts[0]) else texts[0]), texts[1]


# -------------------------------------------------------------------------------------------------- one rule for text
def text(value: float, unit: str, *, signed: bool = False) -> str:
    """One number as a sentence says it: two figures of a share, three of money, one or two of a p-value.

    From 10 per cent on a share has no decimals, below it has one; a p-value has two decimals, three where two would
    read 0.00 or 0.05, and is never below 0.001. All else is as in a table.

    >>> text(-0.169683, "decimal"), text(3.07, "percent"), text(0.0004, "decimal"), text(592.7e9, "usd")
    ('−17 per cent', '3.1 per cent', '0.04 per cent', '593 billion dollars')
    >>> text(1.06e12, "usd"), text(0.0204, "p"), text(0.0495, "p"), text(0.00003, "p")
    ('1.06 trillion dollars', '0.02', '0.050', '< 0.001')
    """
    if unit not in _TEXT or not math.isfinite(value):
        return number(value, unit, signed=signed)
    said = _TEXT[unit](abs(value))
    if value == 0 or not _NOT_ZERO(said):
        return said
    return f"{MINUS}{said}" if value < 0 else f"+{said}" if signed or unit.startswith("signed") else said


def _per_cent(size: float) -> str:
    return f"{_two_figures(size)} per cent"


def _two_figures(size: float) -> str:
    return f"{size:,.0f}" if size >= 9.95 else f"{size:.1f}" if size >= 0.095 or size == 0 else f"{size:.2f}"


def _money(currency: str) -> Callable[[float], str]:
    def said(size: float) -> str:
        size = float(f"{size:.3g}")
        scales = ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
        scale, word = next(((s, w) for s, w in scales if size >= s), (1.0, ""))
        if not word:
            return f"{size:,.2f} {currency}"
        return f"{size / scale:.{max(0, 2 - int(math.log10(size / scale)))}f}{word} {currency}"

    return said


def _p_text(size: float) -> str:
    if size < 0.0005:
        return "< 0.001"
    if size > 0.995:
        return "> 0.99"
    return f"{size:.3f}" if f"{size:.2f}" in ("0.00", "0.05") else f"{size:.2f}"


_TEXT: Mapping[str, Callable[[float], str]] = {
    "percent": _per_cent,
    **dict.fromkeys(("decimal", "return", "signed_decimal"), lambda size: _per_cent(100 * size)),
    **{unit: (lambda size: f"{100 * size:.0f} per cent") for unit in ("share",)},
    "points": lambda size: f"{_two_figures(size)} points",
    "usd": _money("dollars"),
    "eur": _money("euros"),
    "jpy": _money("yen"),
    "gbp": _money("pounds"),
    "twd": _money("Taiwan dollars"),
    "multiple": lambda size: f"{_two_figures(size)} times",
    "p": _p_text,
    "p_short": _p_text,
}


def between(low: float, high: float, unit: str, *, signed: bool = False) -> str:
    """A range as a sentence says it: the unit once, one number where both read alike.

    >>> between(0.1015, 0.1241, "decimal"), between(590.5e9, 593.6e9, "usd"), between(0.0301, 0.0304, "decimal")
    ('10 to 12 per cent', '590 to 594 billion dollars', '3.0 per cent')
    """
    first, last = text(low, unit, signed=signed), text(high, unit, signed=signed)
    if first == last:
        return first
    digits, _, behind = first.partition(" ")
    return f"{digits} to {last}" if behind and last.endswith(f" {behind}") else f"{first} to {last}"


def precise(value: float, unit: str, digits: int = 4) -> str:
    """A number for arithmetic that is redone by hand: more digits than a sentence needs, money and counts in full.

    >>> precise(588773480000.0, "usd"), precise(-16.968299, "percent"), precise(-0.0137, "decimal", 2)
    ('$588,773,480,000', '−16.9683%', '−1.37%')
    """
    if not math.isfinite(value) or unit not in _PRECISE:
        return number(value, unit)
    text = _PRECISE[unit](abs(value), digits)
    return f"{MINUS}{text}" if value < 0 and _NOT_ZERO(text) else text


def _in_full(symbol: str) -> Callable[[float, int], str]:
    return lambda size, digits: f"{symbol}{size:,.0f}" if size >= 1e6 else symbol + _decimals(size, 2, digits - 2)


_PRECISE: Mapping[str, Callable[[float, int], str]] = {
    "percent": lambda size, digits: f"{size:,.{digits}f}%",
    "decimal": lambda size, digits: f"{100 * size:,.{digits}f}%",
    "return": lambda size, digits: f"{100 * size:,.{digits}f}%",
    "usd": _in_full("$"),
    "eur": _in_full("€"),
    "jpy": _in_full("¥"),
    "gbp": _in_full("£"),
    "twd": _in_full("NT$"),
    "coefficient": lambda size, digits: f"{size:,.{digits}f}",
    "sd": lambda size, digits: f"{size:,.{digits}f} sd",
    "multiple": lambda size, digits: f"{size:,.{digits}f} times",
}


def date(day: dt.date) -> str:
    """A day as ``27 January 2025``, whatever the locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


# ------------------------------------------------------------------------------------------- sentences and intervals
def quantity(value: Quantity | str) -> str:
    """A quantity with its unit, or the word as it is."""
    return value if isinstance(value, str) else number(value.value, value.unit)


def statement(said: Statement, spelled: Callable[[float, str], str] = number) -> str:
    """A sentence with its holes filled; ``{name}`` only, so that no template can reach into an object.

    `spelled` writes its numbers: `number` with the digits of a table, `text` as a reader of the page says them.

    Raises
    ------
    EventStudyError : the template names a quantity that the statement does not carry.

    Examples
    --------
    >>> statement(Statement("{who} closed {move} lower", {"who": "AMD", "move": Quantity(6.3687, "percent")}))
    'AMD closed 6.37% lower'
    >>> statement(Statement("{who} closed {move} lower", {"who": "AMD", "move": Quantity(6.3687, "percent")}), text)
    'AMD closed 6.4 per cent lower'
    """

    def filled(hole: re.Match[str]) -> str:
        name = hole.group(1)
        if name not in said.values:
            raise EventStudyError(f"the sentence {said.template!r} names {name!r}, which it does not carry")
        value = said.values[name]
        shown = value if isinstance(value, str) else spelled(value.value, value.unit)
        return re.sub(r" sd$", " standard deviations", shown)

    return re.sub(r"\{(\w+)\}", filled, said.template)


def interval(span: Interval | None) -> str:
    """An interval in words.

    Examples
    --------
    >>> interval(Interval(8, float("inf"), "percent", open_low=True)), interval(Interval(16.5, 17.5, "percent"))
    ('more than 8.00%', '16.50% to 17.50%')
    >>> interval(Interval(-float("inf"), -8, "percent", open_high=True)), interval(Interval(-17.5, -16.5, "percent"))
    ('below −8.00%', '−17.50% to −16.50%')
    >>> interval(Interval(590.48e9, 594.79e9, "usd"))
    '$590.5 to $594.8 billion'
    """
    if span is None:
        return MISSING
    low, high = number(span.low, span.unit), number(span.high, span.unit)
    if span.low == -math.inf and span.high == math.inf:
        return "any value"
    if span.high == math.inf:
        return f"{'more than' if span.open_low else 'at least'} {low}"
    if span.low == -math.inf and span.high <= 0:  # "less than -8 %" is read as a smaller fall
        return f"below {high}" if span.open_high else f"{high} or below"
    if span.low == -math.inf:
        return f"{'less than' if span.open_high else 'at most'} {high}"
    if low == high:
        return low
    bare, _, word = low.rpartition(" ")
    return f"{bare} to {high}" if bare and word.isalpha() and high.endswith(f" {word}") else f"{low} to {high}"


def window(span: tuple[int, int]) -> str:
    """Relative sessions as ``[−1, +1]``."""
    return "[" + ", ".join("0" if tau == 0 else f"{tau:+d}".replace("-", MINUS) for tau in span) + "]"


def tick(value: float, unit: str, step: float) -> str:
    """A round number on a scale whose ticks are `step` apart, as short as it can be read.

    >>> tick(-16.0, "percent", 2.0), tick(5.5e11, "usd", 5e10), tick(0.0, "count", 1.0)
    ('−16%', '$550bn', '0')
    """
    if unit == "date":
        day = dt.date.fromordinal(int(value))
        return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"
    size = 100 * value if unit in ("decimal", "return") else value
    step = 100 * step if unit in ("decimal", "return") else step
    money = {"usd": "$", "eur": "€", "jpy": "¥", "twd": "NT$"}.get(unit, "")
    scale, word = next(((s, w) for s, w in _SHORT if money and abs(value) >= s), (1.0, ""))
    digits = max(0, -math.floor(math.log10(step / scale) + 1e-9))
    if round(step / scale, digits) != round(step / scale, digits + 1):
        digits += 1
    sign = MINUS if size < 0 else ""
    behind = "%" if unit in ("percent", "decimal", "return") else {"multiple": "×", "sd": " sd"}.get(unit, word)
    return f"{sign}{money}{abs(size) / scale:,.{digits}f}{behind}"


_SHORT = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))


def coordinate(value: float) -> str:
    """A coordinate of a drawing, two decimals, the same bytes everywhere."""
    return f"{value:.2f}"
