"""The mean residual correlation of many events from the sums of their standardised residuals, date by date.

The correlations of all pairs of n series are the squared length of the sum of the n standardised series, less n, over
two: no (n, n) matrix. Series with holes have a mean of their own for each pair, and are taken pair by pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy.engine.on_demand import when_called
from eventstudy.inference.correlation import sum_between
from eventstudy.many.reading import BLOCK, Work, blocks, read, sets_in
from eventstudy.many.residuals import residuals_of
from eventstudy.objects.estimation import FloatArray, IntArray

FEW = 4096  # events of one date whose residuals are held, for the sake of others with holes


@dataclass(slots=True, eq=False)
class _Date:
    """The events of one date and one set: ``first`` (L, T) the sum of their residuals standardised over the days from
    the s-th on, ``later`` (L, T) over all but the last s, in row s, zero elsewhere; ``complete`` events without holes,
    and their ``rows`` while they are few; the rows with ``holes``. Filled a few events at a time.
    """

    at: IntArray
    fast: bool
    first: FloatArray
    later: FloatArray
    complete: int
    holes: FloatArray
    rows: FloatArray

    def add(self, residuals: FloatArray) -> None:
        """Take in some events of the date."""
        whole = np.isfinite(residuals).all(axis=1)
        rows, longest = residuals, len(self.first)
        if not whole.all():
            rows = residuals[whole]
            self.holes = np.concatenate([self.holes, residuals[~whole]])
        if len(self.at) <= FEW:
            self.rows = np.concatenate([self.rows, rows]) if len(self.rows) else rows
        if len(rows):
            if self.fast:
                self.first += _weighed(rows, longest, back=False)
                self.later += _weighed(rows, longest, back=True)
            else:
                self.first += _standardised(rows, longest)
                self.later += _standardised(rows[:, ::-1], longest)[:, ::-1]
            self.complete += len(rows)


def dates_of(work: Work) -> IntArray:
    """Where each date begins in the events of `work`, and their number at the end."""
    day = np.asarray(work.layout.day)
    starts = np.flatnonzero(np.diff(day)) + 1
    return np.concatenate([[0], starts, [len(day)]]).astype(np.int32)


def pair_sums(work: Work, piece: tuple[int, int], longest: int) -> dict[tuple[int, int], FloatArray]:
    """Sums of the residual correlations of pairs of events, (longest,) for each set and date that has any.

    ``piece`` : dates [a, b) of the work that hold the earlier event of each pair, the date of the key; entry s is for
    the pairs whose dates are s sessions apart (0: both on the date itself, each pair once).
    """
    starts = dates_of(work)
    days = np.asarray(work.layout.day)[starts[:-1]]
    end = int(np.searchsorted(days, days[piece[1] - 1] + longest))  # the dates from here on share no day with these
    out: dict[tuple[int, int], FloatArray] = {}
    held: dict[int, list[tuple[int, _Date]]] = {}  # of each set, the dates whose windows reach here
    for k, sets in _dates(work, starts, (piece[0], end), longest):
        for c, date in sets.items():
            recent = [(j, earlier) for j, earlier in held.get(c, ()) if days[k] - days[j] < longest]
            for j, earlier in recent:
                shift = int(days[k] - days[j])
                out[c, j][shift] = _between(work, earlier, date, shift)
            if k < piece[1]:
                out[c, k] = np.zeros(longest)
                out[c, k][0] = _within(work, date)
                recent.append((k, date))
            held[c] = recent
    return out


def mean_from(sums: FloatArray, length: int, n: int) -> float:
    """rbar of n events over windows of `length` days, from `pair_sums` of all dates added up, (longest,)."""
    if n < 2:
        return float("nan")
    shifts = np.arange(min(length, len(sums)))
    return float(((length - shifts) / length * sums[: len(shifts)]).sum() / (n * (n - 1) / 2))


def _dates(work: Work, starts: IntArray, span: tuple[int, int], longest: int) -> Iterator[tuple[int, dict[int, _Date]]]:
    """Each date of `span`, by sets; the events are read in blocks that hold several dates, or a part of one."""
    k, date = span[0], _begun(work, starts, span[0], longest)
    for at, abnormal in blocks(work, (int(starts[span[0]]), int(starts[span[1]]))):
        start, stop = at.start, at.stop
        residuals = residuals_of(abnormal, work.many)
        while k < span[1] and starts[k] < stop:
            part = slice(max(int(starts[k]) - start, 0), min(int(starts[k + 1]), stop) - start)
            own = residuals[part]
            for c, _, rows in sets_in(work, slice(start + part.start, start + part.stop)):
                date[c].add(own if len(rows) == len(own) else own[rows])
            if starts[k + 1] > stop:
                break
            yield k, date
            k += 1
            if k < span[1]:
                date = _begun(work, starts, k, longest)


def _begun(work: Work, starts: IntArray, k: int, longest: int) -> dict[int, _Date]:
    """Date k for each set that has events on it, before any of them."""
    days, none = work.layout.estimation.length, np.empty((0, work.layout.estimation.length))
    own = {c: rows + starts[k] for c, _, rows in sets_in(work, slice(int(starts[k]), int(starts[k + 1])))}
    return {
        c: _Date(at, work.many, np.zeros((longest, days)), np.zeros((longest, days)), 0, none, none)
        for c, at in own.items()
    }


def _complete(work: Work, date: _Date) -> FloatArray:
    """The residuals of the events without holes, read again if they are many: wanted only where others have holes."""
    if len(date.at) <= FEW:
        return date.rows
    blocks = (read(work, date.at[i : i + BLOCK]).residuals() for i in range(0, len(date.at), BLOCK))
    return np.concatenate([rows[np.isfinite(rows).all(axis=1)] for rows in blocks])


def _standardised(rows: FloatArray, longest: int) -> FloatArray:
    """(longest, T): row s is the sum over events of (e_t - mean) / norm on the days t >= s, mean and norm of these."""
    days = rows.shape[1]
    drop = min(longest, days) - 1
    off = rows - rows[:, drop:].mean(axis=1, keepdims=True)
    # Sums over the days from s on, from the last day backwards: nothing is subtracted from what is larger.
    one, two = np.empty((drop + 1, len(rows))), np.empty((drop + 1, len(rows)))
    one[drop], two[drop] = off[:, drop:].sum(axis=1), (off[:, drop:] ** 2).sum(axis=1)
    for s in range(drop - 1, -1, -1):
        one[s], two[s] = one[s + 1] + off[:, s], two[s + 1] + off[:, s] ** 2
    count = (days - np.arange(drop + 1))[:, None]
    square = two - one * one / count
    weight = 1.0 / np.sqrt(np.where(square > 0, square, np.nan))
    out = np.zeros((longest, days))
    out[: drop + 1] = weight @ off - (weight * one / count).sum(axis=1)[:, None]
    for s in range(1, drop + 1):
        out[s, :s] = 0.0
    return out


def _weighed(rows: FloatArray, longest: int, back: bool) -> FloatArray:
    """As `_standardised`, or where `back` over all days but the last s, by a compiled loop."""
    (n, days), steps = rows.shape, min(longest, rows.shape[1])
    off, weight, shift = np.empty((n, days)), np.empty((steps, n)), np.empty(steps)
    weigh_days(rows, back, off, weight, shift)
    out = np.zeros((longest, days))
    out[:steps] = weight @ off - shift[:, None]
    for s in range(1, steps):
        out[s, slice(days - s, None) if back else slice(None, s)] = 0.0
    return out


def _within(work: Work, date: _Date) -> float:
    """Sum of the correlations of the pairs of events of one date."""
    total = 0.0
    if date.complete > 1:
        total = (float(date.first[0] @ date.first[0]) - date.complete) / 2
    if len(date.holes):
        total += (sum_between(date.holes, date.holes) - len(date.holes)) / 2
        if date.complete:
            total += sum_between(date.holes, _complete(work, date))
    return total


def _between(work: Work, earlier: _Date, later: _Date, shift: int) -> float:
    """Sum of the correlations of events of one date with those of another, on the days that both windows hold."""
    days = work.layout.estimation.length
    if shift >= days:
        return float("nan")
    total = 0.0
    if earlier.complete and later.complete:
        total = float(earlier.first[shift, shift:] @ later.later[shift, : days - shift])
    if len(earlier.holes) and len(later.at):
        every = np.concatenate([later.holes, _complete(work, later)] if later.complete else [later.holes])
        total += sum_between(earlier.holes[:, shift:], every[:, : days - shift])
    if len(later.holes) and earlier.complete:
        total += sum_between(_complete(work, earlier)[:, shift:], later.holes[:, : days - shift])
    return total


@when_called
def weigh_days(rows: FloatArray, back: bool, off: FloatArray, weight: FloatArray, shift: FloatArray) -> None:
    """What standardises rows (n, T) over the days from the s-th on, where `back` over all but the last s, for each s.

    ``off`` (n, T) the rows about a mean of theirs; over those days (e - mean) / norm is ``weight`` (S, n) times it,
    less what is added up over the rows in ``shift`` (S,).
    """
    days, steps = rows.shape[1], len(weight)
    shift[:] = 0.0
    for i in range(len(rows)):
        at, to = (0, days - steps + 1) if back else (steps - 1, days)
        row, own = rows[i], off[i]
        given, common = row[at:to], own[at:to]  # the days of every s
        mean = 0.0
        for t in range(len(given)):
            mean += given[t]
        mean /= len(given)
        for t in range(len(row)):
            own[t] = row[t] - mean
        one, two = 0.0, 0.0
        for t in range(len(common)):
            one += common[t]
            two += common[t] * common[t]
        for s in range(steps - 1, -1, -1):
            count = days - s
            square = two - one * one / count
            weight[s, i] = 1.0 / np.sqrt(square) if square > 0 else np.nan
            shift[s] += weight[s, i] * one / count
            if s > 0:  # from the last day on: nothing is subtracted from what is larger
                more = own[days - s] if back else own[s - 1]
                one += more
                two += more * more
