"""What users hand to `run_events`: returns or prices to a panel that was looked at, factors and the benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from eventstudy.arguments import choice, flag, listed_of, name_or_function, refuse, text, whole
from eventstudy.engine.measured import Outputs
from eventstudy.errors import MissingPriceError, SpecError, did_you_mean
from eventstudy.many.checks import lag_notes, weekend_notes, weekends_apart
from eventstudy.many.ingest import ReturnPanel, panel_of
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import DayZeroPolicy, FloatArray, ReturnKind
from eventstudy.returns import check_days, check_scale, returns_on

_NAMED = 10  # columns spelled out in an error


def check_arguments(given: Mapping[str, Any]) -> None:
    """Check those arguments of `run_events` that no function of its own reads.

    Raises
    ------
    SpecError : what came, what is allowed, an example.
    """
    for name in ("benchmark", "model", "windows", "outputs", "min_obs", "tests", "allow_missing", "backend"):
        if hasattr(given[name], "shape") and not isinstance(given[name], np.generic):
            refuse(name, "no table", given[name])
    if given["benchmark"] is not None:
        text("benchmark", given["benchmark"], "^IXIC")
    if not isinstance(given["outputs"], str):
        refuse("outputs", f"one of {', '.join(get_args(Outputs))}", given["outputs"])
    if not isinstance(given["tests"], Iterable):
        refuse("tests", "a sequence of names, or 'all'", given["tests"])
    name_or_function("model", given["model"], "market")
    listed_of("windows", given["windows"], lambda _name, one, _example: one, [(0, 0), (-1, 1)])
    if given["min_obs"] is not None:
        whole("min_obs", given["min_obs"], 100)
    flag("allow_missing", given["allow_missing"])
    choice("kind", given["kind"], get_args(ReturnKind))
    choice("policy", given["policy"], get_args(DayZeroPolicy))
    for name in ("percent", "dayfirst"):
        if given[name] is not None:
            flag(name, given[name])
    if given["date_format"] is not None:
        text("date_format", given["date_format"], "%d/%m/%Y")
    if given["chunk"] is not None:
        whole("chunk", given["chunk"], 65536, least=1)


def panel_given(
    returns: pd.DataFrame | ReturnPanel | None,
    prices: pd.DataFrame | None,
    *,
    kind: ReturnKind = "simple",
    percent: bool | None = None,
    benchmark: str | None = None,
) -> ReturnPanel:
    """The panel of returns, or of the returns that `prices` have between adjacent sessions of the panel.

    Days that under 5 % of the series have are left out before, and where others trade at weekends and the `benchmark`
    does not, all days but its own. A missing price makes both adjoining returns missing, as in a study. The scale is
    looked at (`returns.check_scale`).

    Raises
    ------
    SpecError : both or neither are given, values that are not numbers or dates, levels or per cent, not decimals.
    QualityError : a price that is zero, negative or infinite.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-24", "2025-01-27", "2025-01-28"])
    >>> panel_given(None, pd.DataFrame({"X": [100.0, 90.0, 99.0]}, index=days)).returns.round(4)
    array([[ nan, -0.1,  0.1]])
    """
    if (returns is None) == (prices is None):
        raise SpecError("run_events takes returns, or prices=..., one of the two")
    if prices is not None:
        if percent is not None:
            raise SpecError("percent says how returns are written; prices have none")
        return _of_prices(prices, kind, benchmark)
    if isinstance(returns, str | Path):
        refuse("returns", f"a (date, security) frame{_read_first(returns)}", returns)
    panel = panel_of(returns, kind)  # type: ignore[arg-type]  # one of the two is there
    return panel.checked if percent is None else panel.stated(percent)


def _of_prices(prices: pd.DataFrame, kind: ReturnKind, benchmark: str | None) -> ReturnPanel:
    if not isinstance(prices, pd.DataFrame):
        refuse("prices", f"a (date, security) frame{_read_first(prices)}", prices)
    levels = panel_of(prices, kind, "prices").without_stray()
    if benchmark in levels.tickers and weekends_apart(levels.series(str(benchmark)), levels.sessions):
        levels = _on_days_of(levels, str(benchmark))
    frame = pd.DataFrame(levels.returns.T, index=levels.sessions, columns=list(levels.tickers))
    formed = returns_on(frame, levels.sessions, kind).values.to_numpy()
    panel = ReturnPanel(np.ascontiguousarray(formed.T), levels.tickers, levels.sessions, kind, levels.notes)
    return panel.checked


def _on_days_of(levels: ReturnPanel, benchmark: str) -> ReturnPanel:
    """The levels on the days of the benchmark alone, so that the returns of both span the same days."""
    held = np.isfinite(levels.series(benchmark))
    note = (
        f"others have prices at weekends and {benchmark} has none: all are compared on the {held.sum()} days of "
        f"{benchmark}, their returns spanning the same days"
    )
    values = np.ascontiguousarray(levels.returns[:, held])
    return ReturnPanel(values, levels.tickers, levels.sessions[held], levels.kind, (*levels.notes, note))


def _read_first(given: Any) -> str:
    """How the file is read whose name came in the place of a frame."""
    if not isinstance(given, str | Path):
        return ""
    return f", such as pandas.read_csv({str(given)!r}, index_col=0, parse_dates=True)"


def benchmark_of(panel: ReturnPanel, benchmark: str) -> tuple[FloatArray, tuple[str, ...]]:
    """(D,) returns of the benchmark, and notes on how the securities go with it.

    Raises
    ------
    MissingPriceError : the panel does not hold it; with the columns that look like an index.
    SpecError : most securities follow it at another lag than on the same day.
    """
    if benchmark not in panel.tickers:
        near = did_you_mean(benchmark, panel.tickers)
        indices = [name for name in panel.tickers if name.startswith("^")]
        held = ", ".join((indices or [*panel.tickers])[:_NAMED]) + (", ..." if len(panel.tickers) > _NAMED else "")
        raise MissingPriceError(
            f"the panel holds no {benchmark!r}, the benchmark: say which of its {len(panel.tickers)} columns is the "
            f"market, benchmark=..., or benchmark=None with a model that needs none{near}. "
            f"{'Indices among them' if indices else 'Its columns'} are {held}"
        )
    series = panel.series(benchmark)
    if benchmark not in panel.lags:
        on_disk = isinstance(panel.returns, np.memmap)
        notes = () if on_disk else lag_notes(panel.returns, panel.tickers, series, benchmark)
        panel.lags[benchmark] = (*weekend_notes(series, panel.sessions, benchmark), *notes)
    return series, panel.lags[benchmark]


def regressors_of(
    panel: ReturnPanel, recipe: Recipe, benchmark: str | None, factors: Any
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Regressors by name on the sessions of the panel, NaN where missing, and notes on them."""
    out: dict[str, FloatArray] = {}
    notes: tuple[str, ...] = ()
    if benchmark is None and "market" in recipe.needs:
        raise SpecError(
            f"the model {recipe.name!r} compares with a benchmark: say which column is the market, as "
            "benchmark='^GSPC', or take a model without one, such as model='mean_adjusted'"
        )
    if benchmark is not None and "market" in recipe.needs:
        out["market"], notes = benchmark_of(panel, benchmark)
    if factors is not None:
        if not isinstance(factors, pd.DataFrame):
            refuse("factors", f"a (date, name) frame{_read_first(factors)}", factors)
        dated = factors.set_axis(check_days(factors.index, "factor dates", increasing=False), axis=0)
        try:
            joined = dated.reindex(check_days(panel.sessions, "sessions")).astype(np.float64)
        except (ValueError, TypeError) as error:
            raise SpecError(f"the factors hold something else than numbers: {error}") from None
        check_scale(joined, "the factors", instead="returns of the factors")
        out |= {str(name): np.ascontiguousarray(joined[name].to_numpy()) for name in joined.columns}
    for name in recipe.needs:
        if name in out and not np.isfinite(out[name]).any():
            raise SpecError(f"{benchmark if name == 'market' else name} has no return on any session of the panel")
    return out, notes
