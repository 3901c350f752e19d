"""Abnormal trading volume of the headline event: log volume in the place of returns, the same models and tests.

The abnormal value of a day is log V - E[log V], so that +0.69 is twice the ordinary volume. Log volume is strongly
autocorrelated (its residuals about .57 from one day to the next in the study the sizes below come from) and every
test that adds up days as independent rejects far too often over windows of several days (Ajinkya and Jain 1989;
Campbell and Wasley 1996). `SIZES` holds what was measured; it decides which tests stand in front.

Examples
--------
``result.volume[0].find("NVDA", Window(0, 0), "placebo")`` answers a claim about trading: was volume on the day out of
the ordinary? ``result.volume[0].abnormal.car(Window(0, 0))`` says by how much, in logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import pandas as pd

from eventstudy.abnormal import abnormal_returns
from eventstudy.models import estimate
from eventstudy.objects.estimation import Event, EventPanel
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Finding, InferenceResult
from eventstudy.objects.prices import Issue, PricePanel, Returns
from eventstudy.objects.settings import Settings
from eventstudy.study.estimate import excluded, findings_of, groups_in
from eventstudy.study.families import adjusted
from eventstudy.windows import event_panel

LARGEST_SIZE = 6.5  # per cent; tests that rejected more true nulls than this at a nominal 5 stand behind
# Per cent of true nulls rejected at 5 %, log volume against the benchmark's, on every other date of the bundled study
# (449 dates, its five core stocks against ^IXIC, February 2024 to December 2025), by days in the window.
SIZES: Mapping[str, Mapping[int, float]] = MappingProxyType(
    {
        "placebo": {1: 3.9, 2: 3.9, 3: 3.7, 6: 4.2, 21: 6.5},
        "sample_quantile": {1: 6.3, 2: 6.5, 3: 7.0, 6: 8.8, 21: 13.1},
        "t": {1: 7.3, 2: 17.3, 3: 23.7, 6: 36.3, 21: 53.7},
        "placebo_portfolio": {1: 4.7, 2: 4.0, 3: 4.0, 6: 5.6, 21: 8.0},
        "adjusted_bmp_t": {1: 6.7, 2: 6.7, 3: 6.5, 6: 6.0, 21: 1.8},
        "portfolio_t": {1: 5.1, 2: 12.7, 3: 19.6, 6: 33.0, 21: 51.7},
        "corrado_rank_z": {1: 4.0, 2: 14.9, 3: 23.4, 6: 36.3, 21: 56.8},
        "hotelling": {1: 8.7, 2: 38.1, 3: 48.8, 6: 70.2, 21: 91.3},
        "cross_sectional_t": {1: 24.9, 2: 26.7, 3: 24.9, 6: 24.1, 21: 18.5},
        "bmp_t": {1: 25.4, 2: 25.4, 3: 24.3, 6: 22.7, 21: 18.9},
    }
)
TESTS = tuple(SIZES)  # run where the study names none


def log_volume(volume: pd.DataFrame, sessions: pd.DatetimeIndex, shares: pd.DataFrame | None = None) -> Returns:
    """log V, or log turnover log(V / shares), on `sessions`, NaN where nothing was traded or nothing is known.

    Parameters
    ----------
    volume : (date, ticker) shares traded.
    shares : (date, ticker) shares outstanding in the same units (adjusted for the same splits), as known on each day;
        a ticker that is not in it stays with its volume: against a constant both have the same abnormal values but
        for changes of the number of shares.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    >>> log_volume(pd.DataFrame({"A": [100.0, 0.0]}, index=days), days).values["A"].round(3).tolist()
    [4.605, nan]
    """
    traded = volume.reindex(sessions).astype(np.float64)
    if shares is not None:
        known = [t for t in traded.columns if t in shares.columns]
        traded[known] = traded[known] / shares[known].reindex(sessions).astype(np.float64)
    positive = traded.where((traded > 0) & np.isfinite(traded))
    return Returns(positive.apply(np.log), "log")


def volume_panel(
    settings: Settings, panel: PricePanel, event_id: str, exchange: str, shares: pd.DataFrame | None = None
) -> tuple[EventPanel | None, list[Issue]]:
    """The securities of one event and exchange laid out with log volumes for returns; None if none has any volume.

    ``market`` is the benchmark's log volume; where the benchmark has none, or ``settings.volume`` is ``mean``, there
    is no benchmark. The kind is ``log``, so that nothing compounds these values. Zero or missing volume is missing.
    """
    calendar = panel.calendars[exchange]
    own = settings.benchmark_for(exchange)
    benchmark = own if settings.volume == "market" else None
    events = [e for e in settings.events if e.id == event_id and panel.exchange[e.ticker] == exchange]
    events = [e for e in events if e.ticker != own]
    wanted = list(dict.fromkeys([e.ticker for e in events] + ([benchmark] if benchmark else [])))
    logs = log_volume(panel.volume[wanted], calendar.sessions, shares)
    held = {t for t in wanted if logs.values[t].notna().any()}
    issues = _without(events, benchmark, held)
    benchmark = benchmark if benchmark in held else None
    events = [e for e in events if e.ticker in held]
    if not events:
        return None, issues
    regressors = pd.DataFrame({"market": logs.values[benchmark]} if benchmark else {}, index=calendar.sessions)
    laid, found = event_panel(logs, regressors, events, calendar, benchmark, settings)
    missing = {i.ticker: i for i in found if i.code.endswith("missing_on_day_zero")}.values()
    detail = "no volume of the security or its benchmark on day zero, so there is no abnormal volume"
    issues += [Issue("volume_missing_on_day_zero", "warning", detail, i.ticker, i.date) for i in missing]
    return laid, issues


def volume_results(settings: Settings, panel: PricePanel) -> tuple[tuple[EventResult, ...], list[Issue]]:
    """The headline event's abnormal volume for the securities of its default exchange: one EventResult, or none.

    The exchange is that of the headline group's first security. ``tests`` of the study are run where it names some,
    else those of `TESTS`; which stand in front follows from `SIZES`, and each other carries its measured size.
    """
    if settings.volume == "none":
        return (), []
    first = settings.groups.get(settings.headline_group or "", settings.tickers)[0]
    event_id, exchange = settings.headline_event, panel.exchange[first]
    laid, issues = volume_panel(settings, panel, event_id, exchange)
    if laid is None or laid.n_events == 0:
        return (), issues
    laid = replace(laid, excluded=excluded(settings, panel, panel.calendars[exchange]))
    normal = estimate(laid, "mean_adjusted" if laid.benchmark is None else "market")
    issues += [
        Issue("volume_not_estimated", "warning", f"abnormal volume: {reason}; it is left out", event.ticker)
        for event, reason in zip(laid.events, normal.reason, strict=True)
        if reason
    ]
    abnormal = abnormal_returns(laid, normal, settings.allow_missing)
    if not abnormal.estimated.any():
        return (), issues
    groups = groups_in(settings, event_id, laid.keys, True)
    findings, why = findings_of(settings, abnormal, groups, settings.tests or TESTS)
    placed_ones, words = tuple(placed(finding) for finding in findings), dict.fromkeys(why, WHY)
    where = (event_id, exchange, laid.benchmark, normal.model)
    result = EventResult(*where, True, laid, normal, abnormal, groups, placed_ones, words)
    return adjusted([result]), issues


WHY = (
    "Log volume is strongly autocorrelated, so tests that take days as independent reject too often over windows of "
    "several days; in front stand those whose size was measured to hold on other dates of the bundled study."
)


def placed(finding: Finding) -> Finding:
    """The finding with front and warning by the sizes measured for volume, in the place of those for returns."""
    result = finding.result
    size = measured(result)
    front = size is not None and size <= LARGEST_SIZE
    assumes = tuple(_of_volume(words) for words in result.assumptions)
    result = result.reworded(_of_volume(result.null), assumes, _warning(result, size))
    return Finding(finding.subject, finding.is_group, front, result)


@lru_cache(maxsize=256)
def _of_volume(words: str) -> str:
    return words.replace("abnormal return", "abnormal log volume").replace("CARs", "abnormal log volumes")


def measured(result: InferenceResult) -> float | None:
    """Size of the test in the shortest measured window that is at least as long, in per cent; None if not measured."""
    sizes = SIZES.get(result.test, {})
    longer = [length for length in sizes if length >= result.window.length]
    return sizes[min(longer)] if longer else None


def _warning(result: InferenceResult, size: float | None) -> str | None:
    if result.reason is not None:
        return None
    if size is None:
        return "its size was not measured for volume, which is strongly autocorrelated"
    if size <= LARGEST_SIZE:
        return None
    return (
        f"takes the days of a strongly autocorrelated series as independent, or the events: at a nominal 5% it "
        f"rejects {size:g}% for log volume over windows of this length (five chip stocks, 449 other dates)"
    )


def _without(events: Sequence[Event], benchmark: str | None, held: set[str]) -> list[Issue]:
    """What has no volume at all, said once."""
    out = [
        Issue("no_volume", "info", "no trading volume known: no abnormal volume", e.ticker)
        for e in events
        if e.ticker not in held
    ]
    if benchmark is not None and benchmark not in held:
        detail = f"no trading volume of the benchmark {benchmark}: abnormal volume is measured against the own mean"
        out.append(Issue("no_benchmark_volume", "info", detail, benchmark))
    return out
