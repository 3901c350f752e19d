"""An index that holds the securities of the event: what they weigh in it, and the index without them.

A member's weight on a day is its market value of the day before over the value of all that the index counts, which is
known for one day and moves with the index's level. The return without the members i is

    R_ex = (Rm - sum w_i R_i) / (1 - sum w_i)

over the whole history, so that the slope is estimated on the index without them too. The value of the index is known
within a range; weights, points and the purged index are given for its middle and both its ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eventstudy.abnormal import abnormal_returns
from eventstudy.claims.shares import counts_of
from eventstudy.errors import SpecError, listed
from eventstudy.inference.sample import two_sided_t
from eventstudy.models import card, estimate
from eventstudy.objects.contamination import Contamination, Ends, Member
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.objects.reference import Reference
from eventstudy.objects.settings import Settings
from eventstudy.returns import returns_on
from eventstudy.windows import day_zero

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
    """Refuse weights that are not valid.

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
    at = int(np.flatnonzero(index.index == day)[0])
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
    return Purged(measured, pd.DatetimeIndex(index.index), np.asarray(levels, dtype=np.float64))


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


# ------------------------------------------------------------------------------------------------- the study's own
def found_in(settings: Settings, panel: PricePanel, reference: Reference) -> tuple[list[Purged], list[Issue]]:
    """The benchmarks of the headline event that hold securities of its headline group, without those that weigh in it.

    Weights come from the settings, or from market values and the value of the index. An index whose value is not known
    is an issue: the contamination is then declared, and not measured.

    Raises
    ------
    SpecError : weights of the settings that are not valid, or that name a security or an index without prices.
    """
    out, issues = [], []
    if not card(settings.functions.get(settings.model, settings.model)).uses_benchmark:
        return [], []  # nothing is compared with the index
    for exchange, index in _benchmarks(settings, panel):
        group = settings.groups.get(settings.headline_group or "", settings.tickers)
        given = settings.weights.get(index, {})
        members = [t for t in group if t in given or t in settings.members.get(index, ())]
        members = [t for t in members if t != index and panel.close[t].notna().any()]
        if not members:
            continue
        levels = panel.close[index].dropna()
        day = _headline_day(settings, panel, exchange, levels)
        if day is None:
            continue
        closes = panel.close[members].reindex(levels.index)
        if given:
            check_weights(given, index)
            weights, source = weights_given(levels, day, closes[[*given]], given), "weights as the study gives them"
        elif (value := value_of(reference, index, day)) is None:
            text = f"part of {index}, whose total value is not known: how much of its move is theirs cannot be said"
            issues.append(Issue("contamination_not_measured", "info", f"{listed(members, 12)}: {text}"))
            continue
        else:
            dated = {t: [(c.as_of, c.shares) for c in counts_of(reference, t)] for t in members}
            known = {t: rows for t, rows in dated.items() if rows}
            counts = counts_in_force(pd.DatetimeIndex(levels.index), known)
            weights, source = weights_from_values(levels, value, closes[[*known]], counts), value.source
        if (found := purged(levels, weights, closes, day, source)) is not None:
            out.append(found)
    return out, issues


def _benchmarks(settings: Settings, panel: PricePanel) -> Iterator[tuple[str, str]]:
    """Exchange and benchmark of the headline event, each benchmark once."""
    seen = set()
    for event in settings.events:
        exchange = panel.exchange[event.ticker]
        index = settings.benchmark_for(exchange)
        if event.id == settings.headline_event and index is not None and index not in seen:
            seen.add(index)
            yield exchange, index


def _headline_day(settings: Settings, panel: PricePanel, exchange: str, levels: pd.Series) -> pd.Timestamp | None:
    """Day zero of the headline event on an exchange, None where the index has no level then or none before."""
    first = next(e for e in settings.events if e.id == settings.headline_event and panel.exchange[e.ticker] == exchange)
    session = day_zero(first, panel.calendars[exchange], settings.policy).session
    day = pd.Timestamp(session) if session is not None else None
    return day if day is not None and day in levels.index[1:] else None


def value_of(reference: Reference, index: str, day: pd.Timestamp) -> IndexValue | None:
    """The value of an index published for the last day on or before `day`; else for the first day after it."""
    table = reference.index_values
    own = table[table["index"] == index] if "index" in table else table
    if own.empty:
        return None
    before = own[own["as_of"] <= day]
    row = (before.iloc[-1] if len(before) else own.iloc[0]).to_dict()
    middle, low, high = (1e9 * float(row[f"{name}_usd_bn"]) for name in ("value", "low", "high"))
    ends = Ends(middle, low if np.isfinite(low) else middle, high if np.isfinite(high) else middle)
    return IndexValue(pd.Timestamp(row["as_of"]), ends, str(row["source"]))


def answered(result: EventResult, found: Purged) -> Contamination:
    """The contamination with the answers of `result` against the purged index: AR of the day and p by the t test, for
    the middle and both ends of the index's value.

    `result` is the headline event against the whole index, under a model that reads the column ``market``.
    """
    panel, answers = result.panel, []
    for j in range(3):
        levels = pd.DataFrame({"market": found.levels[:, j]}, index=found.days)
        market = returns_on(levels, panel.sessions, panel.kind).values["market"].to_numpy()
        again = replace(panel, regressors={**panel.regressors, "market": market})
        abnormal = abnormal_returns(again, estimate(again, result.normal.fit or result.model))
        ar, se = abnormal.car(Window(0, 0)), abnormal.car_se(Window(0, 0))
        answers.append((ar, two_sided_t(ar / se, abnormal.normal.nu)))
    by_event = {
        key: (Ends(*(float(ar[i]) for ar, _ in answers)), Ends(*(float(p[i]) for _, p in answers)))
        for i, key in enumerate(panel.keys)
    }
    return replace(found.measured, answers=by_event)


def contaminations(results: Sequence[EventResult], found: Sequence[Purged]) -> tuple[Contamination, ...]:
    """Each with its answers, against the study's own benchmark; none where the event window leaves day zero out."""
    day = Window(0, 0)
    own = {r.benchmark: r for r in reversed(results) if r.headline and r.panel.event.contains(day)}
    return tuple(answered(own[one.measured.index], one) for one in found if one.measured.index in own)
