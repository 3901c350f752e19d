"""Closes against adjusted closes: what lies between them is dividends, and must look like dividends."""

from __future__ import annotations

import datetime as dt
from math import log

import numpy as np
import pandas as pd

from eventstudy.objects.estimation import BoolArray, FloatArray
from eventstudy.objects.prices import Issue, PricePanel, Severity
from eventstudy.prices.cards import Check
from eventstudy.prices.jumps import RATIOS, SPLIT_NEAR, split_like
from eventstudy.prices.moves import by_day, dated, log_moves, moves, unit_of

BACKWARDS = 0.005
"""An adjusted close gains on the close where a dividend is taken out; vendors' slips the other way reach 0.4 %."""
LARGE = 0.12
"""A dividend above an eighth of the price is rare enough to be looked at."""
UNUSUAL = 0.03
"""A quarter's dividend is less; what pays more at once falls by it, so that its adjusted close gains nothing."""
NO_DIVIDEND = log(1.9)
RESTLESS = 0.25
"""Share of a quarter's days on which the two may move apart: a weekly dividend makes a fifth."""
QUARTER = 63


def bases_apart(panel: PricePanel) -> list[Issue]:
    """Adjusted closes that disagree with the closes, or with the dividends and splits where the source gives them.

    Their ratio may only rise, by a dividend's share of the price, on few days; below one, up to the last dividend.
    Fatal where one basis changes by half or more against the other: it is not adjusted for a split, or wrong.
    """
    close, adjusted = panel.close.to_numpy(), panel.adj_close.to_numpy()
    both = (close > 0) & (adjusted > 0) & (close < np.inf) & (adjusted < np.inf)
    issues: list[Issue] = []
    columns = np.flatnonzero(both.sum(axis=0) >= 2)
    differ: BoolArray = np.any(both & (close != adjusted), axis=0)
    columns = columns[differ[columns]]
    found = moves(panel)
    for i in columns:
        rows = np.flatnonzero(both[:, i])
        factor = np.log(adjusted[rows, i] / close[rows, i])
        issues += _apart(panel, int(i), rows, factor, found.beyond[rows, i])
    return issues


def _apart(panel: PricePanel, i: int, rows: np.ndarray, factor: FloatArray, beyond: FloatArray) -> list[Issue]:
    """What is wrong with the log ratio of adjusted close to close on the rows that have both.

    ``beyond`` is the part of the adjusted close's moves that its market does not explain.
    """
    close = panel.close.iloc[:, i].to_numpy()[rows]
    grain = 0.5 * unit_of(close) / close
    step = np.diff(factor, prepend=factor[0])
    blur = 2.0 * np.append(grain[0], np.maximum(grain[1:], grain[:-1]))
    days = pd.DatetimeIndex(panel.close.index[rows])
    ticker = panel.tickers[i]
    due = _due(panel, ticker, days, close)
    explained = np.zeros(len(step), bool) if due is None else (due > 0) & ~_differs(step, due, blur)
    jumps = (np.abs(step) > LARGE + blur) & ~_spun_off(step, close) & ~explained
    if due is None:
        jumps |= (step > UNUSUAL + blur) & (beyond > 0.5 * step) & ~_spun_off(step, close)
    backwards = (step < -(BACKWARDS + blur)) & ~jumps
    restless = _restless(np.abs(step) > 5e-4 + blur)
    apart = [int(k) for k in np.flatnonzero(jumps | backwards)]
    if apart:
        said = [_moved_apart(days[k].date(), float(step[k]), None if due is None else float(due[k])) for k in apart]
        return by_day("bases_apart", ticker, said)
    if restless is not None:
        text = f"adj_close and close do not move together from {days[restless].date()} on; {_TAKE}"
        return [Issue("bases_apart", "warning", text, ticker, days[restless].date())]
    return _level(ticker, days, factor) + ([] if due is None else _against_dividends(ticker, days, step, due, blur))


def _moved_apart(day: dt.date, step: float, due: float | None) -> tuple[dt.date, Severity, str]:
    """The day, severity and words of a step of one basis against the other, where a dividend of `due` is known."""
    like, share = split_like(step), f"a dividend of {-100 * np.expm1(-step):.1f} % of the price"
    if step < 0:
        why = "which no dividend does"
    elif due is not None:
        why = f"as {share} would; the source gives {_percent(due) if due > 0 else 'none'}"
    elif like is not None:
        why = f"as closes do that are not adjusted for a {like} split, or as {share} would"
    else:
        why = f"as {share} would, but the close did not fall by so much"
    text = f"adj_close moves by {100 * np.expm1(step):+.1f} % against close on {day}, {why}; {_TAKE}"
    return day, "fatal" if abs(step) >= NO_DIVIDEND else "warning", text


def _percent(due: float) -> str:
    return f"one of {-100 * np.expm1(-due):.1f} %"


_TAKE = "take both from one source, adjusted for the same splits"


def _spun_off(step: FloatArray, close: FloatArray) -> BoolArray:
    """(T,) whether the adjusted close gains by a special dividend: the close fell by as much, by no split."""
    fall = np.diff(np.log(close), prepend=np.log(close[0]))
    split = np.abs(step[:, None] - np.array(list(RATIOS))).min(axis=1) < SPLIT_NEAR
    return np.asarray((step > 0) & (step < NO_DIVIDEND) & (np.abs(fall + step) < 0.25 * step) & ~split)


def _restless(apart: BoolArray) -> int | None:
    """The first position of a quarter in which the bases move apart on too many days, None if there is none."""
    if len(apart) < QUARTER or apart.sum() <= RESTLESS * QUARTER:
        return None
    total = np.concatenate([[0], np.cumsum(apart)])
    many = total[QUARTER:] - total[:-QUARTER] > RESTLESS * QUARTER
    return int(many.argmax()) + int(apart[int(many.argmax()) :].argmax()) if many.any() else None


def _level(ticker: str, days: pd.DatetimeIndex, factor: FloatArray) -> list[Issue]:
    """Adjusted closes above the closes throughout, or in another unit."""
    middle = float(np.median(factor))
    if middle > 0.02 or middle < -log(50.0):
        text = f"adj_close is {np.exp(middle):.3g} times close; {_TAKE}"
        severity: Severity = "fatal" if abs(middle) >= NO_DIVIDEND else "warning"
        return [Issue("bases_apart", severity, text, ticker, days[0].date())]
    return []


def _due(panel: PricePanel, ticker: str, days: pd.DatetimeIndex, close: FloatArray) -> FloatArray | None:
    """(T,) log steps that the dividends of the source make, None where they are not known."""
    actions = panel.actions.get(ticker)
    if actions is None or actions["dividend"].isna().any():
        return None
    paid = np.zeros(len(close))
    at = np.searchsorted(days, pd.DatetimeIndex(actions.index))
    inside = (at > 0) & (at < len(days))
    np.add.at(paid, at[inside], actions["dividend"].to_numpy(dtype=float)[inside])
    share = np.append(0.0, paid[1:] / close[:-1])
    return np.asarray(-np.log1p(-np.clip(share, 0.0, 0.95)))


def _differs(step: FloatArray, due: FloatArray, blur: FloatArray) -> BoolArray:
    """(T,) whether a step is another than is due: vendors' rounding makes less than a seventh of a dividend."""
    return np.asarray(np.abs(step - due) > 0.15 * due + 2e-3 + blur)


def _against_dividends(
    ticker: str, days: pd.DatetimeIndex, step: FloatArray, due: FloatArray, blur: FloatArray
) -> list[Issue]:
    """Dividends that the adjusted closes do not have, and steps without one."""
    wrong = _differs(step, due, blur)
    if not wrong.any():
        return []
    dates = days[wrong]
    text = (
        f"adj_close does not fit the dividends of the source on {int(wrong.sum())} day(s): {dated(dates)}; due were "
        f"{100 * due[wrong][0]:.2f} %, taken {100 * step[wrong][0]:.2f} %; {_TAKE}"
    )
    return [Issue("bases_apart", "warning", text, ticker, dates[0].date())]


def looks_ahead(panel: PricePanel) -> list[Issue]:
    """Info: adjusted closes that know of dividends after their last day, so that their levels were no prices then."""
    close, adjusted = panel.close.to_numpy(), panel.adj_close.to_numpy()
    both = (close > 0) & (adjusted > 0) & (close < np.inf) & (adjusted < np.inf)
    issues = []
    for i in np.flatnonzero(both.any(axis=0)):
        last = int(np.flatnonzero(both[:, i])[-1])
        if abs(log(adjusted[last, i] / close[last, i])) > 1e-4 + unit_of(close[last : last + 1, i]) / close[last, i]:
            issues.append(Issue("looks_ahead", "info", _AHEAD, panel.tickers[i]))
    return issues


_AHEAD = (
    "adj_close is adjusted for dividends paid after its last day: its returns are right, its levels were not known then"
)


def split_days(panel: PricePanel) -> list[Issue]:
    """Fatal: the day of a split that the source gives, on which the prices still jump by its ratio."""
    issues = []
    for i, ticker in enumerate(panel.tickers):
        actions = panel.actions.get(ticker)
        if actions is None or not (actions["split"] != 1).any():
            continue
        splits = actions.loc[actions["split"] != 1, "split"]
        for name, frame in (("close", panel.close), ("adj_close", panel.adj_close)):
            moved = log_moves(frame.iloc[:, [i]].to_numpy())[:, 0]
            at = np.searchsorted(frame.index, pd.DatetimeIndex(splits.index))
            for row, ratio in zip(at, splits, strict=True):
                if row < len(moved) and ratio > 0 and abs(moved[row] + log(ratio)) < 0.4 * abs(log(ratio)):
                    day = frame.index[row].date()
                    text = f"{name} falls by the ratio of its split, {ratio:g} for 1, on {day}; adjust both bases"
                    issues.append(Issue("split_day", "fatal", text, ticker, day))
                    break
    return issues


SPLIT_DAYS = Check(
    find=split_days,
    codes=("split_day",),
    words="a known split by whose ratio the prices still jump",
    severity="fatal",
    fix="adjust both bases for splits",
)
BASES_APART = Check(
    find=bases_apart,
    codes=("bases_apart",),
    words="adjusted closes that disagree with the closes, or with the dividends of the source",
    severity="fatal",
    fix="take both bases from one source",
)
LOOKS_AHEAD = Check(
    find=looks_ahead,
    codes=("looks_ahead",),
    words="adjusted closes that know of dividends after their last day",
    severity="info",
    fix="take closes for claims about levels, as is done by default",
)
