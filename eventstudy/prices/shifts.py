"""A calendar shifted against the benchmark: a series whose returns go with the index best some rows away.

Prices copied row by row onto another list of dates look sound one by one; only their co-movement gives them away.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import FloatArray, IntArray
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.prices.cards import Check

MAX_SHIFT = 20
MARGIN = 0.15
"""The best shift has to beat no shift by this much: sampling error of a correlation over 60 days is about 0.13."""
MIN_CORRELATION = 0.3
MIN_DAYS = 60


def shifted_calendar(panel: PricePanel) -> list[Issue]:
    """Fatal where a series correlates best with its exchange's index at a shift of 1 to 20 sessions, or reversed.

    The index is the one of that exchange which moves most with the other series; where none is held their mean return
    is taken. If most series disagree with it alike, the index itself is named.
    """
    issues: list[Issue] = []
    for mic, book in panel.calendars.items():
        members = [t for t in panel.tickers if panel.exchange[t] == mic]
        if len(members) < 2:
            continue
        returns = _returns(panel, members, book.sessions)
        issues += _compare(members, returns)
    return issues


def correlations(returns: FloatArray, reference: FloatArray, reach: int = MAX_SHIFT) -> FloatArray:
    """Correlation of each column with a reference at every shift of it, over the days both have.

    Parameters
    ----------
    returns : (D, S), NaN where missing. reference : (D,). reach : largest shift, in rows either way.

    Returns
    -------
    (2 x reach + 1, S): row reach + s holds corr(returns_t, reference_{t-s}); NaN under MIN_DAYS common days.
    """
    lagged = np.full((len(reference), 2 * reach + 1), np.nan)
    for column, shift in enumerate(range(-reach, reach + 1)):
        source = np.roll(reference, shift)
        if shift > 0:
            source[:shift] = np.nan
        elif shift < 0:
            source[shift:] = np.nan
        lagged[:, column] = source
    # Sums over the days both have: products of the zero-filled values and of the masks.
    x, mx = _filled(returns)
    y, my = _filled(lagged)
    n = _product(my, mx)
    with np.errstate(invalid="ignore", divide="ignore"):
        sx, sy = _product(my, x), _product(y, mx)
        covariance = _product(y, x) - sx * sy / n
        spread = np.sqrt((_product(my, x * x) - sx**2 / n) * (_product(y * y, mx) - sy**2 / n))
        result = covariance / spread
    return np.where((n >= MIN_DAYS) & (spread > 0), result, np.nan)


def _product(a: FloatArray, b: FloatArray) -> FloatArray:
    """a'b. Not `a.T @ b`: for matrices this small, waking a threaded BLAS costs twenty times the product."""
    result: FloatArray = np.einsum("ti,tj->ij", a, b)
    return result


def _filled(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    mask = ~np.isnan(values)
    return np.where(mask, values, 0.0), mask.astype(np.float64)


def _returns(panel: PricePanel, members: list[str], sessions: pd.DatetimeIndex) -> FloatArray:
    """Simple returns on the exchange's sessions: adj_close, or close for a series that has none. (D, S)"""
    columns = [panel.tickers.index(t) for t in members]
    if panel.returns is not None:
        given: FloatArray = np.clip(panel.returns.reindex(sessions).to_numpy()[:, columns], -0.2, 0.2)
        return given
    adjusted, close = panel.adj_close.to_numpy()[:, columns], panel.close.to_numpy()[:, columns]
    levels = np.where(np.isnan(adjusted).all(axis=0), close, adjusted)
    rows = panel.close.index.get_indexer(sessions)
    on = np.where((rows >= 0)[:, None], levels[rows], np.nan)
    on = np.where(on > 0, on, np.nan)
    result = np.full_like(on, np.nan)
    result[1:] = on[1:] / on[:-1] - 1.0
    # One wild number (an unadjusted split) would drown a year of co-movement; here only the rhythm matters.
    return np.clip(result, -0.2, 0.2)


def _compare(members: list[str], returns: FloatArray) -> list[Issue]:
    indices = [i for i, t in enumerate(members) if t.startswith("^")]
    if indices:
        at = _leading(returns, indices)
        reference = returns[:, at]
        table = correlations(returns, reference)
        table[:, at] = np.nan
        against = members[at]
    else:
        table, reference = _against_others(returns), _mean(returns)
        against = "the mean of the others"
    shifts, best, unshifted = _best(table)
    turned = _reversed(members, returns, reference, against, unshifted)
    hit = (shifts != 0) & (best > MIN_CORRELATION) & (best - unshifted > MARGIN)
    counted = Counter(int(s) for s in shifts[hit])
    if indices and counted and counted.most_common(1)[0][1] > max(2, 0.5 * (len(members) - 1)):
        shift, many = counted.most_common(1)[0]
        detail = f"{many} of {len(members) - 1} series of its exchange go with it best {_rows(-shift)}; {_ADVICE}"
        return [Issue("shifted_calendar", "fatal", detail, against)]
    return turned + [
        Issue(
            "shifted_calendar",
            "fatal",
            f"its returns go with {against} best {_rows(int(shifts[i]))} (correlation {best[i]:.2f}, "
            f"{unshifted[i]:.2f} on the same day); {_ADVICE}",
            members[i],
        )
        for i in np.flatnonzero(hit)
    ]


def _reversed(
    members: list[str], returns: FloatArray, reference: FloatArray, against: str, same_day: FloatArray
) -> list[Issue]:
    """Series that go with the reference in the reverse order of their dates: the last price first."""
    issues = []
    for i, ticker in enumerate(members):
        rows = np.flatnonzero(~np.isnan(returns[:, i]))
        if ticker == against or len(rows) < 2 * MIN_DAYS:
            continue
        turned = correlations(-returns[rows[::-1], i][:, None], reference[rows], 0)[0, 0]
        if turned > MIN_CORRELATION and turned - same_day[i] > 2 * MARGIN:
            text = f"its returns go with {against} in the reverse order of dates (correlation {turned:.2f}, "
            text += f"{same_day[i]:.2f} as they stand); {_ADVICE}"
            issues.append(Issue("shifted_calendar", "fatal", text, ticker))
    return issues


_ADVICE = "check that each price stands beside its own date, and that the exchange is right"


def _rows(shift: int) -> str:
    return f"{abs(shift)} session(s) {'late' if shift > 0 else 'early'}"


def _leading(returns: FloatArray, indices: list[int]) -> int:
    """The index with the highest mean absolute correlation on the same day: a shifted one is not made the measure."""
    if len(indices) == 1:
        return indices[0]
    same_day = [np.abs(correlations(returns, returns[:, i], 0)[0]) for i in indices]
    return indices[int(np.argmax([np.nanmean(np.append(c, 0.0)) for c in same_day]))]


def _against_others(returns: FloatArray) -> FloatArray:
    """Correlations of each column with the mean of the other columns, as `correlations` gives them.

    The sum over all columns is made once, so that many series cost in proportion to their number.
    """
    mask = ~np.isnan(returns)
    total, count = np.where(mask, returns, 0.0).sum(axis=1), mask.sum(axis=1)
    out = []
    for i in range(returns.shape[1]):
        others = count - mask[:, i]
        rest = total - np.where(mask[:, i], returns[:, i], 0.0)
        mean = np.where(others > 0, rest / np.maximum(others, 1), np.nan)
        out.append(correlations(returns[:, [i]], mean)[:, 0])
    return np.column_stack(out)


def _mean(returns: FloatArray) -> FloatArray:
    """(D,) mean of the returns there are, NaN where there is none."""
    mask = ~np.isnan(returns)
    count = mask.sum(axis=1)
    return np.asarray(np.where(count > 0, np.where(mask, returns, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan))


def _best(table: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Best shift, the correlation there and the one without a shift (0 where unknown), per column."""
    known = np.where(np.isnan(table), -np.inf, table)
    row = known.argmax(axis=0)
    best = known[row, np.arange(table.shape[1])]
    return (row - MAX_SHIFT).astype(np.int32), best, np.nan_to_num(table[MAX_SHIFT])


SHIFTED_CALENDAR = Check(
    find=shifted_calendar,
    codes=("shifted_calendar",),
    words="a series that goes with its index best some sessions late or early, or in the reverse order",
    severity="fatal",
    fix="check that each price stands beside its own date, and that the exchange is right",
)
