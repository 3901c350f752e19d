"""An index that holds the securities of the event: what they weigh in it, and the index without them.

A member's weight on a day is its market value of the day before over the value of all that the index counts, which is
known for one day and moves with the index's level. The return without the members i is

    R_ex = (Rm - sum w_i R_i) / (1 - sum w_i)

over the whole history, so that the slope is estimated on the index without them too. The value of the index is known
within a range; weights, points and the purged index are given for its middle and both its ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.objects.contamination import Contamination, Ends, Member
from eventstudy.objects.estimation import FloatArray

HEAVY = 0.01
"""Least weight of a member that is taken out: below, its own return moves the index by less than a hundredth of it."""


@dataclass(frozen=True, slots=True, eq=False)
class IndexValue:
    """What an index is worth: ``ends`` in dollars on the day ``as_of``, and who says so."""

    as_of: pd.Timestamp
    ends: Ends
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Purged:
    """``measured`` on the day of the event; ``levels`` (D, 3) of the index without its members, middle, low and high
    value, on the index's own days ``days``."""

    measured: Contamination
    days: pd.DatetimeIndex
    levels: FloatArray


def weights_from_values(
    index: pd.Series, value: IndexValue, closes: pd.DataFrame, counts: pd.DataFrame
) -> dict[str, FloatArray]:
    """Weight of each member on each day, from its market value of the day before.

    Parameters
    ----------
    index : (D,) levels of the index on its own days.
    closes, counts : (D, member) split-adjusted closes and share counts in force on those days.

    Returns
    -------
    member -> (D, 3) decimals for the middle, the low and the high value of the index; NaN on the first day, and where
    a close or a count is not known.

    Raises
    ------
    SpecError : the index has no level on or before the day of its value.
    """
    known = index[: value.as_of].dropna()
    if known.empty:
        raise SpecError(
            f"the index {index.name} has no level on or before {value.as_of:%Y-%m-%d}, the day of its value"
        )
    scale = index.to_numpy() / float(known.iloc[-1])
    total = scale[:, None] * np.array([value.ends.middle, value.ends.low, value.ends.high])
    worth = closes.to_numpy() * counts.reindex(columns=closes.columns).to_numpy()
    return {name: _day_before(worth[:, [j]] / total) for j, name in enumerate(closes.columns)}


def weights_given(
    index: pd.Series, day: pd.Timestamp, closes: pd.DataFrame, given: Mapping[str, float]
) -> dict[str, FloatArray]:
    """Weights of the session before `day` as they are given, on the other days moved with the member's own price and
    the index; (D, 3) with three equal columns.

    Raises
    ------
    SpecError : a weight outside 0 to 1, or weights that sum to 1 or more.
    """
    check_weights(given, str(index.name))
    row = int(np.flatnonzero(index.index < day)[-1])
    out = {}
    for name, weight in given.items():
        relative = closes[name].to_numpy() / index.to_numpy()
        out[name] = _day_before(np.repeat((weight * relative / relative[row])[:, None], 3, axis=1))
    return out


def check_weights(given: Mapping[str, float], index: str) -> None:
    """Refuse weights that are none.

    Raises
    ------
    SpecError : a weight outside 0 to 1, or weights that sum to 1 or more.

    >>> check_weights({"NVDA": 0.112}, "^IXIC")
    """
    for name, weight in given.items():
        if not 0 < weight < 1:
            raise SpecError(
                f"the weight of {name} in {index} is a share between 0 and 1, such as 0.112, got {weight!r}"
            )
    if (total := sum(given.values())) >= 1:
        raise SpecError(f"the weights in {index} sum to {total:g}: what is taken out has to be less than the whole")


def purged(
    index: pd.Series, weights: Mapping[str, FloatArray], closes: pd.DataFrame, day: pd.Timestamp, source: str
) -> Purged | None:
    """The index without those members that weigh at least `HEAVY` on `day`; None where there are none.

    Parameters
    ----------
    index : (D,) levels on the index's own days; `closes` (D, member) on the same days.
    weights : member -> (D, 3), see `weights_from_values` and `weights_given`.
    day : day zero of the event, one of the index's days.
    """
    at = int(index.index.get_loc(day))
    heavy = [name for name, w in weights.items() if np.nan_to_num(w[at, 0]) >= HEAVY]
    if not heavy:
        return None
    market = index.pct_change(fill_method=None).to_numpy()
    returns = {name: closes[name].pct_change(fill_method=None).to_numpy() for name in heavy}
    taken, left = np.repeat(market[:, None], 3, axis=1), np.ones((len(index), 3))
    for name in heavy:  # a day without the member's price or weight leaves it in the index
        share = np.where(np.isfinite(returns[name])[:, None] & np.isfinite(weights[name]), weights[name], 0.0)
        taken = taken - share * np.nan_to_num(returns[name])[:, None]
        left = left - share
    without = taken / left
    members = tuple(
        Member(name, _ends(weights[name][at]), float(returns[name][at]), _ends(weights[name][at] * returns[name][at]))
        for name in heavy
    )
    name = f"{index.name} without {', '.join(heavy)}"
    measured = Contamination(str(index.name), name, day.date(), members, float(market[at]), _ends(without[at]), source)
    levels = float(index.iloc[0]) * np.nancumprod(np.vstack([np.ones((1, 3)), 1 + without[1:]]), axis=0)
    levels[~np.isfinite(index.to_numpy())] = np.nan
    return Purged(measured, pd.DatetimeIndex(index.index), levels)


def counts_in_force(days: pd.DatetimeIndex, dated: Mapping[str, Sequence[tuple[pd.Timestamp, float]]]) -> pd.DataFrame:
    """(day, ticker) the last count dated on or before each day; before the first one that one.

    `dated` ticker -> (as of, shares on the basis of the closes), in the order of their dates.
    """
    columns = {}
    for ticker, rows in dated.items():
        when = pd.DatetimeIndex([day for day, _ in rows])
        shares = np.array([count for _, count in rows])
        columns[ticker] = shares[np.maximum(when.searchsorted(days, side="right") - 1, 0)]
    return pd.DataFrame(columns, index=days)


def _day_before(values: FloatArray) -> FloatArray:
    return np.vstack([np.full((1, values.shape[1]), np.nan), values[:-1]])


def _ends(values: FloatArray) -> Ends:
    return Ends(*(float(v) for v in values))


def with_answers(found: Contamination, answers: Mapping[str, tuple[Ends, Ends]]) -> Contamination:
    """The same with the abnormal return and p of each security against the purged index."""
    return replace(found, answers=dict(answers))
