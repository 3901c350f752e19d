"""The axes of a picture: from a value to a pixel, which range is shown, where ticks stand and what they say."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Kind = Literal["linear", "log", "category", "date"]
Tick = tuple[float, str]
FREE = 0.05  # of the range, left empty at either end where no range is asked for
DAYS = (1, 2, 7, 14)  # steps of ticks on an axis of dates, then months
MONTHS = (1, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Scale:
    """One axis.

    Parameters
    ----------
    kind : what its values are.
    low, high : the ends shown, as plain numbers: logarithms to base ten, places in a list, days since 1970.
    start, end : the pixels of these ends.
    names : the values of an axis of categories, in order.
    ticks : where, as such a number, and what is written there.

    Examples
    --------
    >>> Scale("linear", 0.0, 10.0, 100.0, 200.0).pixels([0, 5, 10]).tolist()
    [100.0, 150.0, 200.0]
    """

    kind: Kind
    low: float
    high: float
    start: float
    end: float
    names: tuple[str, ...] = ()
    ticks: tuple[Tick, ...] = ()

    def pixels(self, values: Iterable[Any]) -> npt.NDArray[np.float64]:
        """Where values stand; NaN where there is none."""
        return self.placed(plain(values, self.kind, self.names))

    def placed(self, plainly: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Where plain numbers stand."""
        share = (np.asarray(plainly, dtype=np.float64) - self.low) / ((self.high - self.low) or 1.0)
        return np.asarray(self.start + share * (self.end - self.start))


def plain(values: Iterable[Any], kind: Kind, names: Sequence[str] = ()) -> npt.NDArray[np.float64]:
    """Values as the numbers that `Scale` counts in.

    >>> plain(["1970-01-03"], "date").tolist(), plain([0.01], "log").tolist(), plain(["b"], "category", ["a", "b"])
    ([2.0], [-2.0], array([1.]))
    """
    listed = values if isinstance(values, np.ndarray) else list(values)
    if kind == "category":
        place = {name: k for k, name in enumerate(names)}
        return np.array([place.get(str(value), math.nan) for value in listed], dtype=np.float64)
    if kind == "date":
        days = pd.to_datetime(pd.Series(list(listed), dtype=object), format="ISO8601").to_numpy("datetime64[s]")
        return np.asarray(days.astype(np.float64) / 86400)
    numbers = np.array([math.nan if value is None else value for value in listed], dtype=np.float64)
    if kind == "linear":
        return numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(numbers))


def kind_of(axis: Mapping[str, Any], values: Sequence[Any]) -> Kind:
    """What an axis counts, from what its layout says or else from the first of its values."""
    said = axis.get("type")
    if said in ("log", "category", "date", "linear"):
        return said  # type: ignore[no-any-return]
    first = next((value for value in values if value is not None), 0.0)
    if isinstance(first, dt.date | np.datetime64):
        return "date"
    if not isinstance(first, str):
        return "linear"
    try:
        dt.date.fromisoformat(first[:10])
    except ValueError:
        return "category"
    return "date"


def scale(
    axis: Mapping[str, Any],
    spans: Sequence[Sequence[Any]],
    ends: tuple[float, float],
    apart: float,
    from_zero: bool = False,
) -> Scale:
    """The scale of an axis.

    Parameters
    ----------
    axis : its layout, as plotly has it.
    spans : the values drawn along it, a sequence a trace.
    ends : the pixels of its two ends.
    apart : pixels from one tick to the next, at least.
    from_zero : whether bars stand on it, which begin at zero.
    """
    values = [value for span in spans for value in span]
    kind = kind_of(axis, values)
    names = tuple(axis.get("categoryarray") or dict.fromkeys(map(str, values))) if kind == "category" else ()
    known = plain(values, kind, names)
    low, high = _range(axis, known[np.isfinite(known)], kind, from_zero)
    ticks = _ticks(axis, kind, (low, high), names, max(2, int(abs(ends[1] - ends[0]) / apart)))
    return Scale(kind, low, high, *ends, names, tuple(ticks))


def _range(axis: Mapping[str, Any], known: npt.NDArray[np.float64], kind: Kind, from_zero: bool) -> tuple[float, float]:
    said = axis.get("range")
    if said is not None:
        if kind == "date" and isinstance(said[0], str | dt.date):
            low, high = plain(said, "date")
            return float(low), float(high)
        return float(said[0]), float(said[1])
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    low, high = (min(low, 0.0), max(high, 0.0)) if from_zero else (low, high)
    free = FREE * ((high - low) or abs(high) or 1.0)
    return low - (free if low or not from_zero else 0), high + (free if high or not from_zero else 0)


def _ticks(
    axis: Mapping[str, Any], kind: Kind, ends: tuple[float, float], names: Sequence[str], most: int
) -> Iterable[Tick]:
    low, high = min(ends), max(ends)
    if axis.get("visible") is False or axis.get("showticklabels") is False:
        return []
    if axis.get("tickvals") is not None:
        places = plain(axis["tickvals"], kind, names)
        labels = axis.get("ticktext") or [_number(value, axis) for value in axis["tickvals"]]
        pairs = list(zip(places.tolist(), map(str, labels), strict=True))
    elif kind == "category":
        pairs = [(float(k), name) for k, name in enumerate(names)]
    elif kind == "date":
        pairs = _date_ticks(low, high, most)
    elif kind == "log":
        pairs = [(float(k), f"{10.0**k:g}") for k in range(math.ceil(low), math.floor(high) + 1)]
    else:
        step = _step((high - low) / most)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        pairs = [(step * k, _number(step * k, axis, step)) for k in range(first, last + 1)]
    return [(place, label) for place, label in pairs if low - 1e-9 <= place <= high + 1e-9]


def _step(least: float) -> float:
    """The smallest round step of at least `least`.

    >>> [_step(x) for x in (0.03, 1.1, 7)]
    [0.05, 2.0, 10.0]
    """
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next((m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= least * (1 - 1e-9)), 10 * power)


def _number(value: Any, axis: Mapping[str, Any], step: float | None = None) -> str:
    """A tick in words: per cent where the axis says so, with as many places as its step needs."""
    if isinstance(value, str):
        return value
    said, suffix = str(axis.get("tickformat") or ""), str(axis.get("ticksuffix") or "")
    sign = "+" if said.startswith("+") else ""
    value = 0.0 if abs(value) < 1e-12 else float(value)
    if "%" in said:
        places = 0 if step is None or step >= 0.01 - 1e-12 else 1 if step >= 0.001 - 1e-12 else 2
        text = f"{value:{sign if value else ''}.{places}%}"
    else:
        text = f"{value:{sign if value else ''},.10g}"
    return text.replace("-", "\u2212") + suffix


def _date_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Days or firsts of months; the year below the first of each year that is named."""
    first, last = (dt.date(1970, 1, 1) + dt.timedelta(days=edge) for edge in (math.ceil(low), math.floor(high)))
    days = next((step for step in DAYS if (high - low) / step <= most), None)
    if days is not None:
        found = [first + dt.timedelta(days=k) for k in range(0, (last - first).days + 1, days)]
    else:
        months = next((step for step in MONTHS if (high - low) / (30.4 * step) <= most), MONTHS[-1])
        found = [dt.date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13)]
        found = [d for d in found if (12 * d.year + d.month - 1) % months == 0 and first <= d <= last]
    ticks, year = [], 0
    for day in found:
        text = f"{day.day} {day:%b}" if days is not None else f"{day:%b}"
        ticks.append(((day - dt.date(1970, 1, 1)).days + 0.0, text if day.year == year else f"{text}<br>{day.year}"))
        year = day.year
    return ticks
