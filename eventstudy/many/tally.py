"""What the tests of many events need of their estimation windows, as sums that merge: never an array (N, T).

Events are read 512 at a time, always the same ones together, and their sums are merged with the rounding errors carried
along (Knuth 1969, section 4.2.2): the order of the pieces changes nothing that a float shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.engine.kernel import compiled
from eventstudy.engine.on_demand import when_called
from eventstudy.inference.volatility import variance_ratio
from eventstudy.many.ranks import Past
from eventstudy.many.reading import Work, blocks, sets_in
from eventstudy.many.residuals import residuals_of, squares_of
from eventstudy.objects.estimation import FloatArray, IntArray

ANY = -1  # in place of a window: the sum is of the estimation days alone

Key = tuple[str, int, int]  # what is summed, over which set of events, for which window
Sums = Mapping[Key, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """A sum and the rounding error that it left behind: together they hold twice the digits of a float."""

    high: FloatArray
    low: FloatArray

    def plus(self, other: Total) -> Total:
        """The sum of both."""
        total = self.high + other.high
        part = total - self.high
        lost = (self.high - (total - part)) + (other.high - part)  # what the addition rounded away, exactly
        low = self.low + other.low + lost
        high = total + low
        return Total(high, low - (high - total))


Tally = dict[Key, Total]


def merged(tallies: Iterable[Tally]) -> Tally:
    """The tally of all events of `tallies`; names with ``least`` and ``most`` hold extremes, the others sums."""
    out: Tally = {}
    for tally in tallies:
        for key, new in tally.items():
            old = out.get(key)
            if old is None:
                out[key] = new
            elif key[0].startswith("least"):
                out[key] = Total(np.minimum(old.high, new.high), new.low)
            elif key[0].startswith("most"):
                out[key] = Total(np.maximum(old.high, new.high), new.low)
            else:
                out[key] = old.plus(new)
    return out


def closed(tally: Tally) -> Sums:
    """The numbers of a tally."""
    return {key: np.asarray(total.high + total.low) for key, total in tally.items()}


# ------------------------------------------------------------------------------------------------------ over the events
def first_pass(work: Work, piece: tuple[int, int], wanted: frozenset[str]) -> Tally:
    """Sums over the events of `piece`, from a multiple of `BLOCK` on, of what is `wanted`.

    ``residuals`` of each estimation day, how many there are, and the ``shares`` of positive ones; ``sar`` of each event
    day, squares and extremes; ``corrado`` centred ranks of estimation and event days; ``squares`` those of standardised
    residuals squared; ``ratio`` of event to estimation variance.
    """
    return merged(_first(work, at, abnormal, wanted) for at, abnormal in blocks(work, piece))


def second_pass(work: Work, piece: tuple[int, int], factors: Mapping[Key, FloatArray]) -> Tally:
    """Sums of the ranks of restandardised days: `factors` (L,) by (``days`` or ``sum``..., set, window).

    A name that begins with ``sum`` ranks the window as one day by its SCAR, the others each of its days by its SAR.
    """
    return merged(_second(work, at, abnormal, factors) for at, abnormal in blocks(work, piece))


def _first(work: Work, at: slice, abnormal: AbnormalReturns, wanted: frozenset[str]) -> Tally:
    residuals = residuals_of(abnormal, work.many) if wanted & {"residuals", "corrado", "squares"} else abnormal.ar
    sar = abnormal.sar() if wanted & {"sar", "squares"} else abnormal.ar
    out: Tally = {}
    sets = sets_in(work, at)
    for c, _, rows in sets:
        if "residuals" in wanted:
            _put_residuals(out, c, residuals, rows, work.many)
        if "sar" in wanted:
            _moments(out, c, sar[rows])
    if wanted & {"corrado", "squares", "ratio"}:
        _ranked(out, work, abnormal, (residuals, sar, sets), wanted)
    return out


def _ranked(
    out: Tally,
    work: Work,
    abnormal: AbnormalReturns,
    held: tuple[FloatArray, FloatArray, list[tuple[int, int, IntArray]]],
    wanted: frozenset[str],
) -> None:
    """Put the sums that differ from window to window."""
    residuals, sar, sets = held
    fast = compiled("auto", len(work.layout.day))
    past = Past(residuals, fast) if "corrado" in wanted else None
    squares = None
    if "squares" in wanted:
        squares = Past(squares_of(abnormal, residuals, work.many), fast)
    for w, window in enumerate(work.windows):
        cols = abnormal.columns(window)
        ar, squared = np.ascontiguousarray(abnormal.ar[:, cols]), sar[:, cols] ** 2
        ratio = variance_ratio(abnormal, window)[:, None] if "ratio" in wanted else ar
        for c, way, rows in sets:
            if way != work.way[w]:
                continue
            if past is not None:
                _put_ranks(out, ("corrado", c, w), past, ar, rows)
            if squares is not None:
                _put_ranks(out, ("square ranks", c, w), squares, squared, rows)
            if "ratio" in wanted:
                _put(out, "ratio", c, w, ratio[rows])


def _second(work: Work, at: slice, abnormal: AbnormalReturns, factors: Mapping[Key, FloatArray]) -> Tally:
    past = Past(residuals_of(abnormal, work.many), compiled("auto", len(work.layout.day)))
    sigma, sar = abnormal.normal.sigma[:, None], abnormal.sar()
    names, sets = sorted({name for name, _, _ in factors}), sets_in(work, at)
    out: Tally = {}
    for w, window in enumerate(work.windows):
        scar, days = abnormal.scar(window)[:, None], sar[:, abnormal.columns(window)]
        for name in names:
            standardised = scar if name.startswith("sum") else days
            inside = np.empty_like(standardised)
            for c, way, rows in sets:
                factor = factors.get((name, c, w)) if way == work.way[w] else None
                if factor is not None:
                    inside[rows] = standardised[rows] * factor * sigma[rows]
                    _put_second(out, (name, c, w), past, inside, rows)
    return out


def _put_second(out: Tally, key: Key, past: Past, inside: FloatArray, rows: IntArray) -> None:
    """Put the sums of the ranks of the days `inside`, and the variance of theirs."""
    name, c, w = key
    if name.endswith("alone"):  # asks nothing of the estimation days
        total, count = past.sums_inside(inside, rows)
        out[key], out[f"{name} count", c, w] = _total(total), _total(count)
    else:
        _put_ranks(out, key, past, inside, rows)
    out[f"{name} variance", c, w] = _total(np.array([past.variance(inside, rows)]))


# ------------------------------------------------------------------------------------------------------------- sums
def _put(out: Tally, name: str, c: int, w: int, values: FloatArray) -> None:
    """Sum down the rows of what is there, and how much there is."""
    here = np.isfinite(values)
    out[name, c, w] = _total(np.where(here, values, 0.0).sum(axis=0))
    out[f"{name} count", c, w] = _total(here.sum(axis=0).astype(np.float64))


def _put_residuals(out: Tally, c: int, residuals: FloatArray, rows: IntArray, fast: bool) -> None:
    """Sum of the residuals of each estimation day, and of the shares of positive ones."""
    if not fast:
        own = residuals[rows]
        _put(out, "residuals", c, ANY, own)
        counts = np.maximum(np.isfinite(own).sum(axis=1), 1)
        out["shares", c, ANY] = _total(np.array([((own > 0).sum(axis=1) / counts).sum()]))
        return
    days = residuals.shape[1]
    total, count, shares = np.zeros(days), np.zeros(days), np.zeros(1)
    add_days(residuals, rows, total, count, shares)
    out["residuals", c, ANY], out["residuals count", c, ANY] = _total(total), _total(count)
    out["shares", c, ANY] = _total(shares)


def _put_ranks(out: Tally, key: Key, past: Past, inside: FloatArray, rows: IntArray) -> None:
    """Sum of the centred ranks of each day of the past and `inside`, and how many events have it."""
    total, count = past.sums(inside, rows)
    out[key] = _total(total)
    out[f"{key[0]} count", key[1], key[2]] = _total(count)


def _moments(out: Tally, c: int, sar: FloatArray) -> None:
    """Sums, sums of squares and extremes of each day's SAR."""
    here = np.isfinite(sar)
    filled = np.where(here, sar, 0.0)
    _put(out, "sar", c, ANY, sar)
    out["sar squared", c, ANY] = _total((filled * filled).sum(axis=0))
    out["least sar", c, ANY] = _total(np.where(here, sar, np.inf).min(axis=0, initial=np.inf))
    out["most sar", c, ANY] = _total(np.where(here, sar, -np.inf).max(axis=0, initial=-np.inf))


def _total(values: FloatArray) -> Total:
    return Total(values, np.zeros_like(values))


@when_called
def add_days(values: FloatArray, rows: IntArray, total: FloatArray, count: FloatArray, shares: FloatArray) -> None:
    """Add the `rows` of `values` (N, T) that are there to `total`, their number to `count` (T,); the share of each row
    that is above zero to `shares` (1,)."""
    for i in rows:
        row, known, above = values[i], 0, 0
        for t in range(len(row)):
            here = not np.isnan(row[t])
            total[t] += row[t] if here else 0.0
            count[t] += 1.0 if here else 0.0
            known += here
            above += row[t] > 0
        shares[0] += above / max(known, 1)
