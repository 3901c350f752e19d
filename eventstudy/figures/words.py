"""Words and numbers for captions: groups as a reader knows them, quantities rounded later and elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.errors import joined
from eventstudy.objects.verdicts import Quantity, Statement


def spoken(identifier: str) -> str:
    """The id of a group or event as words.

    >>> spoken("ai_basket"), spoken("tokyo-next-day"), spoken("DAX 40")
    ('AI basket', 'tokyo next day', 'DAX 40')
    """
    words = identifier.replace("_", " ").replace("-", " ").split(" ")
    return " ".join("AI" if word == "ai" else word for word in words)


def group(identifier: str) -> str:
    """A group in a sentence.

    >>> group("ai_basket")
    'the group “AI basket”'
    """
    return f"the group “{spoken(identifier)}”"


def count(value: float) -> Quantity:
    """How many."""
    return Quantity(float(value), "count")


def move(value: float) -> Quantity:
    """A return that is shown with its sign, 0.17 for +17 %."""
    return Quantity(float(value), "signed_decimal")


def a_return(kind: str) -> str:
    """What a return of the study is called: a log return is further out than the price fell.

    >>> a_return("simple"), a_return("log")
    ('return', 'log return')
    """
    return "log return" if kind == "log" else "return"


def share(alpha: float) -> str:
    """The confidence of an interval in words: ``95%`` for alpha 0.05.

    >>> share(0.05), share(0.001)
    ('95%', '99.9%')
    """
    return f"{100 * (1 - alpha):g}%"


def of_all(n: int, of: int, units: str = "") -> Statement:
    """How many of how many, for the middle of a sentence; `units` is what there are many of.

    >>> [of_all(n, of).template for n, of in ((0, 5), (5, 5), (2, 2), (0, 2))]
    ['none of the {of}', 'all {of}', 'both', 'neither']
    >>> [of_all(n, of, "events").template for n, of in ((3, 5), (2, 2), (0, 2))]
    ['{n} of {of} events', 'both events', 'neither of the events']
    """
    the, behind = ("", f" {units}") if units else ("the ", "")
    if of == 2 and n in (0, 2):
        said = f"both{behind}" if n else f"neither of the{behind}" if units else "neither"
    else:
        said = f"all {{of}}{behind}" if n == of else f"{'{n}' if n else 'none'} of {the}{{of}}{behind}"
    return Statement(said, {"n": count(n), "of": count(of)})


def none_or(n: int) -> Quantity | str:
    """How many in a sentence: ``none`` for nothing.

    >>> none_or(0)
    'none'
    """
    return count(n) if n else "none"


def few(names: Iterable[str], units: str, most: int = 6) -> str:
    """Names as `listed`, or how many there are where they are more than `most`.

    >>> few(["NVDA", "AVGO"], "securities"), few(["a", "b", "c"], "events", 2)
    ('NVDA and AVGO', '3 events')
    """
    found = [*names]
    return listed(found) if len(found) <= most else f"{len(found)} {units}"


def listed(names: Iterable[str], nobody: str = "") -> str:
    """Names as ``A, B and C``, or `nobody` where there are none.

    >>> listed(["NVDA", "AVGO", "TSM"]), listed(["NVDA"]), listed([], "none")
    ('NVDA, AVGO and TSM', 'NVDA', 'none')
    """
    return joined([*names]) or nobody
