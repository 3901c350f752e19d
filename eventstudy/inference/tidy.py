"""Results as tidy frames: one row per event and window, and the mean of a group with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from eventstudy.inference import run_tests
from eventstudy.inference.sample import two_sided_t
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult


def cars_frame(results: Sequence[EventResult], windows: Sequence[Window]) -> pd.DataFrame:
    """One row per event and window, event by event. `StudyResult.cars` documents the columns.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> cars_frame([example_result().headline], [Window(0, 0)])[["id", "car"]].round(4).values.tolist()[0]
    ['S01', -0.0326]
    """
    parts = [_cars(result, windows) for result in results]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _cars(result: EventResult, windows: Sequence[Window]) -> pd.DataFrame:
    abnormal, panel, n = result.abnormal, result.panel, len(windows)
    simple = panel.kind == "simple"
    names = [event.name or key for event, key in zip(panel.events, panel.keys, strict=True)]
    nothing = np.full(panel.n_events, np.nan)
    car = np.stack([abnormal.car(w) for w in windows], axis=1)
    t = np.stack([abnormal.scar(w) for w in windows], axis=1)
    columns = {
        "id": np.repeat(np.array(names, dtype=object), n),
        "ticker": np.repeat(np.array(panel.event_tickers, dtype=object), n),
        "day_zero": np.repeat(pd.DatetimeIndex([zero.session for zero in panel.day_zero]), n),
        "window": np.tile(np.array([str(w) for w in windows], dtype=object), panel.n_events),
        "car": car.ravel(),
        "se": np.stack([abnormal.car_se(w) for w in windows], axis=1).ravel(),
        "t": t.ravel(),
        "p": two_sided_t(t, result.normal.nu[:, None]).ravel(),
        "bhar": np.stack([abnormal.bhar(w) if simple else nothing for w in windows], axis=1).ravel(),
        "nobs": np.repeat(result.normal.nobs, n),
        "event": result.event,
        "benchmark": np.repeat(np.array([panel.benchmark_of(i) for i in range(panel.n_events)], dtype=object), n),
    }
    if any(event.group is not None for event in panel.events):
        columns["group"] = np.repeat(np.array([event.group for event in panel.events], dtype=object), n)
    for name in dict.fromkeys(name for event in panel.events for name in event.traits):
        own = pd.Series([event.traits.get(name) for event in panel.events]).infer_objects()
        columns[name if name not in columns else f"trait {name}"] = own.repeat(n).to_numpy()
    return pd.DataFrame(columns)


def caar_frame(results: Sequence[EventResult], windows: Sequence[Window], alpha: float) -> pd.DataFrame:
    """One row per group and window. `StudyResult.caar` documents the columns.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> caar_frame([example_result().headline], [Window(0, 0)], 0.05)[["subject", "by"]].values.tolist()[0]
    ['all', 'portfolio_t']
    """
    rows = []
    for result in results:
        for name in result.groups:
            for window in windows:
                rows.append(
                    (result.event, result.exchange, name, str(window), *_mean(result, name, window, alpha), 1 - alpha)
                )
    names = ["event", "exchange", "subject", "window", "caar", "se", "low", "high", "n", "by", "level"]
    return pd.DataFrame(rows, columns=names)


def _mean(result: EventResult, name: str, window: Window, alpha: float) -> tuple[float, float, float, float, int, str]:
    """CAAR, its standard error and interval, the events in it, and the test whose standard error it is."""
    group = result.group(name)
    by = "portfolio_t" if (group.panel.day == group.panel.day[:1]).all() else "cross_sectional_t"
    found = result.find(name, window, by) or run_tests(group, window, [by])[0]
    caar = float(np.nanmean(car)) if np.isfinite(car := group.car(window)).any() else float("nan")
    if not found.applies or not np.isfinite(found.statistic) or found.statistic == 0:
        return caar, float("nan"), float("nan"), float("nan"), found.n, by
    se = abs(caar / found.statistic)
    half = float(special.stdtrit(found.df[0], 1 - alpha / 2)) * se
    return caar, se, caar - half, caar + half, found.n, by


def events_frame(results: Sequence[EventResult], windows: Sequence[Window]) -> pd.DataFrame:
    """One row per event, its estimates and CARs side by side. `StudyResult.frame` documents the columns.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> frame = events_frame([example_result().headline], [Window(-1, 1)])
    >>> frame[["id", "nobs", "car[-1,+1]", "skipped"]].round(4).values.tolist()[0]
    ['S01', 120, -0.0282, '']
    """
    parts = [_events(result, windows) for result in results]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _events(result: EventResult, windows: Sequence[Window]) -> pd.DataFrame:
    normal, abnormal = result.normal, result.abnormal
    own = _cars(result, windows[:1]).drop(columns=["window", "car", "se", "t", "p", "bhar", "nobs"])
    columns: dict[str, Any] = {name: normal.params[:, k] for k, name in enumerate(normal.names)}
    columns |= {"sigma": normal.sigma, "nobs": normal.nobs, "nu": normal.nu, "r_squared": normal.r_squared}
    missing = np.zeros(len(own), dtype=bool)
    for window in windows:
        car = abnormal.car(window)
        columns |= {f"car{_span(window)}": car, f"scar{_span(window)}": abnormal.scar(window)}
        missing |= ~np.isfinite(car)
    why = [
        reason or ("a day of a window is missing" if gone else "") for reason, gone in _pairs(normal.reason, missing)
    ]
    return own.assign(**{str(name): values for name, values in columns.items()}, skipped=why)


def _pairs(reasons: Sequence[str | None], missing: np.ndarray) -> list[tuple[str | None, bool]]:
    return list(zip(reasons, missing.tolist(), strict=True))


def _span(window: Window) -> str:
    return str(window).replace(" ", "")
