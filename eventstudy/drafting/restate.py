"""A statement said again from its parts, never in the article's words; and the id that it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from eventstudy.drafting.quantities import Quantity
from eventstudy.drafting.statement import Statement

_WAY = {"fall": "fell", "rise": "rose", "none": "moved"}
_MODIFIERS = {
    "exactly": "", "about": "about ", "nearly": "nearly ", "roughly": "roughly ", "some": "some ",
    "more_than": "more than ", "at_least": "at least ", "less_than": "less than ", "at_most": "at most ",
}  # fmt: skip
_SCALES = {"mn": " million", "bn": " billion", "tn": " trillion"}
_COINS = {"usd": "dollars", "eur": "euros", "jpy": "yen", "gbp": "pounds", "twd": "Taiwan dollars"}
_WAS = {"hammered", "little changed", "flat"}
_NTH = {1: "", 2: "second-", 3: "third-"}


def amount(quantity: Quantity) -> str:
    """A number with its modifier and unit in words.

    Examples
    --------
    >>> amount(Quantity("money", "589", "usd_bn", "nearly", 0, 0, 0))
    'nearly 589 billion dollars'
    >>> amount(Quantity("percent", "4", "percent", "exactly", 0, 0, 0, "3"))
    'between 3 and 4 per cent'
    """
    number = quantity.value if quantity.low is None else f"between {quantity.low} and {quantity.value}"
    code, _, scale = quantity.unit.partition("_")
    if code in _COINS:
        unit = f"{_SCALES.get(scale, '')} {_COINS[code]}"
    else:
        unit = {"percent": " per cent", "multiple": " times", "number": "", "count": "", "rank": "", "bare": ""}.get(
            quantity.unit, f" {quantity.unit.removesuffix('s') if quantity.value == '1' else quantity.unit}"
        )
    return f"{_MODIFIERS[quantity.modifier]}{number}{unit}"


def says(one: Statement, label: Callable[[str], str]) -> str:
    """The sentence of a statement; `label` gives the name of a ticker.

    Examples
    --------
    >>> q = Quantity("percent", "17", "percent", "more_than", 0, 0, 0)
    >>> says(Statement("price_move", ("NVDA",), "Nvidia", "fall", q, day="2025-01-27"), str)
    'Nvidia fell more than 17 per cent on 2025-01-27'
    """
    name = _article(one) + one.name or " and ".join(label(t) for t in one.tickers) or "the companies"
    size = amount(one.quantity) if one.quantity is not None else ""
    said = f"{_SENTENCES[one.kind](one, name, size, label)}{_when(one)}"
    own = bool(one.name) and said.startswith(one.name)  # a name keeps its letters: easyJet
    return said if own else said[:1].upper() + said[1:]


def _article(one: Statement) -> str:
    """``the`` before the name of an index or of a set of companies."""
    index = len(one.tickers) == 1 and one.tickers[0].startswith("^")
    return "the " if one.name and (index or len(one.tickers) != 1) and not one.name.startswith("the ") else ""


def _when(one: Statement) -> str:
    since, window = one.params.get("since"), one.params.get("window")
    over = f" over {1 - window[0]} sessions" if window else ""
    on = f" on {one.day}" if one.day and not over else f" to {one.day}" if one.day else ""
    if since and one.kind not in ("rank", "price_path"):
        return f" from the end of {since} to {one.day}" if one.day else f" since {since}"
    return f"{over}{on}"


def _price_move(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    if one.word is not None:
        return f"{name} {'was ' if one.word in _WAS else ''}{one.word}"
    at = {
        "low": " at its low of the day",
        "high": " at its high of the day",
        "after_hours": " after hours",
        "before_hours": " before hours",
    }
    return f"{name} {_WAY[one.direction]} {size}{at.get(one.params.get('at', ''), '')}"


def _group_move(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    how = one.params["quantifier"]
    move = f"{_WAY[one.direction]} {size}".strip() if one.quantity else str(one.word or _WAY[one.direction])
    if how == "mean":
        return f"the mean move of {name} was a {one.direction} of {size}"
    modifier = _MODIFIERS[one.params.get("count_modifier", "exactly")]
    who = {"count": f"{modifier}{one.params.get('count', '')} of {name}", "none": f"none of {name}"}.get(
        how, f"{how} of {name}"
    )
    return f"{who} {move}"


def _rank(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    n = int(one.quantity.value) if one.quantity is not None else 1
    nth, period = _NTH.get(n, f"{n}th-"), one.params.get("period", "day")
    since = f" since {one.params['since']}" if one.params.get("since") else " so far"
    what = {
        "level": f"{nth}{'highest' if one.direction == 'rise' else 'lowest'} close of {name}",
        "volume": f"{nth}largest volume of {name}",
        "points": f"{nth}largest {one.direction} in points of {name} in a {period}",
    }
    default = f"{nth}largest {one.direction} of {name} in a {period}"
    return f"it was the {what.get(str(one.params.get('measure')), default)}{since}"


def _rank_among(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    n = int(one.quantity.value) if one.quantity is not None else 1
    what = "market value" if one.params.get("measure") == "value" else f"{one.direction}"
    return f"{name} had the {_NTH.get(n, f'{n}th-')}largest {what} among its like"


def _relative(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    to = " and ".join(label(t) for t in one.params.get("to", ())) or "the others"
    if one.quantity is None:
        return f"{name} did {'better' if one.direction == 'rise' else 'worse'} than {to}"
    if one.quantity.unit == "multiple":
        return f"{name} {_WAY[one.direction]} {size} as much as {to}"
    return f"{name} moved {size} {'more' if one.direction == 'rise' else 'less'} than {to}"


def _level(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    if one.params.get("measure") == "drawdown":
        return f"{name} closed {size} below its highest close"
    what = "the market value of " if one.params.get("measure") == "value" else ""
    crossed = " for the first time since the close before" if one.params.get("crossed") else ""
    return f"{what}{name} stood at {size}{crossed}"


def _activity(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    if one.quantity is not None and one.quantity.unit == "count":
        return f"{size} shares of {name} were traded"
    usual = "above" if one.direction != "fall" else "below"
    return f"the volume of {name} was {size} {'its usual one' if one.direction == 'none' else f'{usual} its usual one'}"


def _statistic(one: Statement, name: str, size: str, label: Callable[[str], str]) -> str:
    what = one.params.get("measure", "beta")
    to = f" with {label(one.params['to'])}" if one.params.get("to") else ""
    return f"the {what} of {name}{to} is {size}"


_SENTENCES: Mapping[str, Callable[[Statement, str, str, Callable[[str], str]], str]] = {
    "price_move": _price_move,
    "group_move": _group_move,
    "rank": _rank,
    "rank_among": _rank_among,
    "relative_move": _relative,
    "level": _level,
    "activity": _activity,
    "statistic": _statistic,
    "market_value": lambda one, name, size, label: (
        f"{name} {'gained' if one.direction == 'rise' else 'lost'} {size} of market value"
    ),
    "aggregate": lambda one, name, size, label: (
        f"{name} together {'gained' if one.direction == 'rise' else 'lost'} {size} of market value"
    ),
    "record": lambda one, name, size, label: (
        f"no company had {'gained' if one.direction == 'rise' else 'lost'} as much market value in a day as {name} did"
    ),
    "record_multiple": lambda one, name, size, label: (
        f"the change of {name}'s market value was {size} the record before it"
    ),
    "record_holder": lambda one, name, size, label: (
        f"the record before that of {name} was held by {label(one.params['holder'])}"
    ),
    "reference": lambda one, name, size, label: (
        f"the change of {name}'s market value was more than most countries produce in a year"
    ),
    "timing": lambda one, name, size, label: f"the {one.direction} of {name} came {size} after the announcement",
    "abnormal_move": lambda one, name, size, label: f"the {one.direction} of {name} was more than the market's",
    "persistence": lambda one, name, size, label: (
        f"{size} of the {one.direction} of {name} was undone later; the {one.direction} was"
    ),
    "price_path": lambda one, name, size, label: (
        f"{name} gave back {size} of its gain since {one.params.get('since', 'an earlier day')}"
    ),
    "streak": lambda one, name, size, label: _streak(one, name),
}


def _streak(one: Statement, name: str) -> str:
    count = one.quantity.value if one.quantity is not None else ""
    if "out_of" in one.params:
        return f"{name} {_WAY[one.direction]} {count} times in {one.params['out_of']} sessions"
    return f"it was {one.direction} number {count} of {name} in a row"


def slug(one: Statement, taken: set[str]) -> str:
    """A plain id: ticker, kind or direction, number; with a number behind it where that is taken."""
    number = "" if one.quantity is None else one.quantity.value
    what = one.direction if one.kind == "price_move" and one.direction != "none" else one.kind
    who = "-".join(one.tickers[:1]) if 0 < len(one.tickers) < 4 else one.group or one.name or "several"
    name = re.sub(r"[^a-z0-9]+", "-", f"{who} {what} {number} {one.word or ''}".lower()).strip("-") or "claim"
    n, free = 2, name
    while free in taken:
        n, free = n + 1, f"{name}-{n}"
    taken.add(free)
    return free
