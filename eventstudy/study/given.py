"""Returns in the place of prices, and share counts: read, looked at, brought to decimals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError, listed
from eventstudy.files.reading import kind_of
from eventstudy.objects.estimation import BoolArray, ReturnKind
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.objects.settings import Settings
from eventstudy.prices.shares import loose_shares, stated_rows
from eventstudy.prices.source import GivenReturns, PriceSource, given_returns, path_of
from eventstudy.returns import check_scale

ON_RETURNS = Issue(
    "returns_given",
    "info",
    "the study is made from returns: there are no prices, so market values and claims about prices cannot be said",
)


def source_of(prices: Any, returns: Any, percent: bool | None) -> tuple[PriceSource, ReturnKind]:
    """Where a study starts, and the kind of its returns.

    Raises
    ------
    SpecError : neither prices nor returns, or both.
    """
    named = isinstance(returns, str) and returns in get_args(ReturnKind)
    if named:
        if prices is None:
            raise SpecError("the study has no prices: give prices=, or returns= with a frame or a file of returns")
        if percent is not None:
            raise SpecError("percent says how the returns of returns= are written; prices have no per cent")
        return prices, returns
    given = given_returns(returns, percent)
    if prices is not None:
        raise SpecError("the study has prices and returns: give one of them; returns from prices are 'simple' or 'log'")
    return given, given.how.kind


def in_decimals(source: PriceSource, kind: ReturnKind) -> Callable[[PricePanel], PricePanel]:
    """Look at the scale of returns that were given, and bring per cent to decimals; prices pass.

    Raises
    ------
    SpecError : levels, per cent that are not stated, returns of -100 % and less.
    """
    percent = source.how.percent if isinstance(source, GivenReturns) else None

    def prepare(panel: PricePanel) -> PricePanel:
        if panel.returns is None:
            return panel
        check_scale(panel.returns, "the returns", kind=kind, percent=percent)
        return replace(panel, returns=panel.returns / 100.0) if percent else panel

    return prepare


def spanned(panel: PricePanel, ticker: str, exchange: str) -> BoolArray:
    """(D,) sessions of `exchange` on which a given return spans the one before, on which its own exchange was closed.

    Such a return is missing in a study on prices, whose levels lack on the closed day; it is here.
    """
    sessions = panel.calendars[exchange].sessions
    if panel.exchange[ticker] == exchange:
        return np.zeros(len(sessions), np.bool_)
    held = np.asarray(sessions.isin(panel.calendars[panel.exchange[ticker]].sessions))
    return np.asarray(held & np.concatenate([[False], ~held[:-1]]))


def spanning_issues(panel: PricePanel, settings: Settings) -> list[Issue]:
    """The returns of benchmarks that span more than one session of the securities compared with them, with the days."""
    if panel.returns is None:
        return []
    pairs = {
        (event.benchmark or settings.benchmark_for(panel.exchange[event.ticker]), panel.exchange[event.ticker])
        for event in settings.events
    }
    issues = []
    for benchmark, exchange in sorted((b, e) for b, e in pairs if b is not None):
        sessions, days = panel.calendars[exchange].sessions, spanned(panel, benchmark, exchange)
        if days.any():
            named = listed([str(day.date()) for day in sessions[days]], 6)
            detail = (
                f"{int(days.sum())} returns span a session of {exchange} on which its own exchange was closed, and are "
                f"missing there: {named}"
            )
            issues.append(Issue("benchmark_spans_days", "warning", detail, benchmark))
    return issues


def shares_of(
    source: PriceSource, file: Path | None, settings: Settings, pinned: pd.DataFrame, sources: dict[str, str]
) -> tuple[pd.DataFrame, dict[str, str], Path | None]:
    """Share counts of the snapshot, or of a file beside the prices or the study, with those that the study states.

    Returns
    -------
    The counts, the sources with that of the counts, and the file beside the prices where it was read.
    """
    found, path = None, path_of(source)
    if pinned.empty:
        own = None if path is None else path if kind_of(path) == "folder" else path.parent
        found = loose_shares([own, None if file is None else Path(file).parent])
    days: dict[str, list[dt.date]] = {}
    for event in settings.events:
        when = event.announced
        days.setdefault(event.ticker, []).append(when.date() if isinstance(when, dt.datetime) else when)
    parts = [pinned if found is None else found[0], stated_rows(settings.shares, days)]
    parts = [part for part in parts if len(part)]
    if found is not None:
        sources = {**sources, "shares": str(found[1].name)}
    if len(settings.shares):
        sources = {**sources, "shares": ", ".join([*([sources["shares"]] if "shares" in sources else []), "the study"])}
    return (pd.concat(parts, ignore_index=True) if parts else pinned), sources, None if found is None else found[1]
