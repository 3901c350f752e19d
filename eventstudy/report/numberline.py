"""The number line of a claim: claimed interval above, measured interval below, on one scale.

Positions are percentages of the drawing's width, so that the line fits a telephone and a sheet of paper alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.objects.verdicts import Interval, Verdict
from eventstudy.report import tables

_LEFT, _RIGHT = 4.0, 96.0
#: a bar narrower than this share of the width is drawn as a dot
_POINT = 2.0
#: units without halves: their ticks are whole
_WHOLE = {"date", "rank", "count", "days", "sessions"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval: ``x``, ``width`` and arrows at open ends; ``point`` where it is too narrow for a bar."""

    x: str
    width: str
    end: str
    to_left: bool
    to_right: bool
    point: bool
    text: str


@dataclass(frozen=True, slots=True)
class NumberLine:
    """Both bars, the headline measurement ``at``, and ticks as (position, label, anchor)."""

    claimed: Bar
    measured: Bar
    at: str | None
    ticks: tuple[tuple[str, str, str], ...]
    spoken: str


def number_line(verdict: Verdict) -> NumberLine | None:
    """The drawing for one verdict; None where there are no two intervals in one unit to compare."""
    claimed, measured = verdict.claimed, verdict.measured
    if claimed is None or measured is None or claimed.unit != measured.unit:
        return None
    ends = [v for v in (claimed.low, claimed.high, measured.low, measured.high) if math.isfinite(v)]
    if not ends:
        return None
    low, high = _domain(ends, claimed.unit)
    said, found = tables.interval(claimed), tables.interval(measured)
    inside = math.isfinite(verdict.value) and low <= verdict.value <= high
    return NumberLine(
        claimed=_bar(claimed, low, high),
        measured=_bar(measured, low, high),
        at=tables.coordinate(_place(verdict.value, low, high)) if inside else None,
        ticks=_ticks(low, high, claimed.unit),
        spoken=f"Claimed {said}; measured {found}.",
    )


def _domain(ends: Sequence[float], unit: str) -> tuple[float, float]:
    """The scale: all finite ends, with zero where the numbers lie around it, and room at both sides."""
    low, high, anchor_zero = min(ends), max(ends), unit != "date"
    if anchor_zero and low < 0 < high:
        pad = 0.1 * (high - low)
        return low - pad, high + pad
    span = max(high - low, 0.12 * max(abs(low), abs(high)), 2.0 if unit in _WHOLE else 1e-9)
    low, high = low - 0.35 * span, high + 0.35 * span
    if anchor_zero and min(ends) >= 0:
        low = max(low, 0.0)
    if anchor_zero and max(ends) <= 0:
        high = min(high, 0.0)
    return low, high


def _place(value: float, low: float, high: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)


def _bar(span: Interval, low: float, high: float) -> Bar:
    left = 0.0 if span.low == -math.inf else _place(span.low, low, high)
    right = 100.0 if span.high == math.inf else _place(span.high, low, high)
    return Bar(
        x=tables.coordinate(left),
        width=tables.coordinate(right - left),
        end=tables.coordinate(right),
        to_left=span.low == -math.inf,
        to_right=span.high == math.inf,
        point=right - left < _POINT,
        text=tables.interval(span),
    )


def _ticks(low: float, high: float, unit: str) -> tuple[tuple[str, str, str], ...]:
    """Three to five round numbers on the scale."""
    rough = max((high - low) / 4, 1.0 if unit in _WHOLE else 0.0)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in ((1, 2, 5, 10) if unit in _WHOLE else (1, 2, 2.5, 5, 10)) if m * power >= rough)
    first = math.ceil(low / step)
    values = [k * step for k in range(first, math.floor(high / step) + 1)]
    return tuple((tables.coordinate(_place(v, low, high)), tables.tick(v, unit, step), "middle") for v in values)
