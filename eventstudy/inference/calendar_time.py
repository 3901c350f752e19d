"""The calendar-time portfolio: every session's mean over the firms that are in their window on that day."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import AbnormalReturns
from eventstudy.engine.table import fit_table
from eventstudy.errors import SpecError
from eventstudy.inference.sample import Sample, answer, gather, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

FEWEST_DAYS = 20  # portfolio days beyond the number of coefficients
_NOTHING = 1e-24  # share of the sum of squares that is left by rounding


@dataclass(frozen=True, slots=True, eq=False)
class CalendarPortfolio:
    """``session`` (n,) panel columns with a firm held; ``firms`` (n,) how many; ``mean`` (n,) of R - offset.

    ``design`` (n, p), the constant first.
    """

    session: npt.NDArray[np.intp]
    firms: npt.NDArray[np.intp]
    mean: FloatArray
    design: FloatArray


def calendar_time_portfolio(
    abnormal: AbnormalReturns | Sample, window: Window, lags: int | None = None, weighted: bool = False
) -> InferenceResult:
    """Intercept of the portfolio of firms in their window, regressed on the model's factors (Jaffe 1974; Fama 1998).

    On each session the equal-weight mean of R - offset of the firms that are in the tested window of an event (a firm
    in two windows at once is held once; Mandelker 1974), over the n sessions that hold any. Least squares on a constant
    and the model's regressors; t = intercept / its standard error by Newey and West (1987) with Bartlett weights, in
    which lag j means j sessions apart, sessions without a portfolio adding nothing, times n / (n - p). Lags make the
    standard error uncertain, so t has min(n - p, 1.5 n / (lags + 1)) degrees of freedom, those of a Bartlett estimate
    (Lazarus, Lewis, Stock and Watson 2018); its size with 30 days (F in docs/calibration.md) is too large all the same.
    Correlation of firms on one day is in the variance of the portfolio.

    Parameters
    ----------
    lags : of Newey and West; floor(4 (n / 100)^(2/9)) if None.
    weighted : weights each session by its number of firms, which are then what counts equally, instead of the days.

    Needs several dates, one design for all events, and n >= 20 + p. Withstands a shared date of some of the events,
    and an increase of variance on the day.

    Raises
    ------
    SpecError : `lags` is negative.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = calendar_time_portfolio(example(30, own_dates=True), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-7.755, 0.0)
    """
    if lags is not None and lags < 0:
        raise SpecError(f"the number of lags cannot be negative, got {lags}")
    sample = gather(abnormal, window)
    portfolio = sample.too_few or calendar_portfolio(sample)
    if isinstance(portfolio, str):
        return refuse(sample, CALENDAR_TIME_PORTFOLIO, portfolio)
    days, p = portfolio.design.shape
    used = math.floor(4 * (days / 100) ** (2 / 9)) if lags is None else lags
    said = f"HAC standard error with {used} lags", f"{days} portfolio days", "weighted by firms" if weighted else ""
    described = replace(
        CALENDAR_TIME_PORTFOLIO, assumptions=CALENDAR_TIME_PORTFOLIO.assumptions + tuple(filter(None, said))
    )
    fitted = intercept(portfolio, used, weighted)
    if isinstance(fitted, str):
        return refuse(sample, described, fitted)
    alpha, se = fitted
    return answer(sample, described, alpha / se, (min(float(days - p), 1.5 * days / (used + 1)),))


CALENDAR_TIME_PORTFOLIO = Test(
    name="calendar_time_portfolio",
    run=calendar_time_portfolio,
    words="the calendar-time portfolio test",
    label="calendar-time portfolio",
    question="Does a portfolio that holds each security in its window earn more or less than normal?",
    of="group",
    about="mean",
    family="holding",
    statistic=("intercept of the portfolio of all securities in their window on the model’s factors, Newey-West error"),
    reference="t(n − p)",
    distribution="t",
    source="Jaffe 1974; Fama 1998",
    null="the mean daily abnormal return of the portfolio that holds each of the {n} events over {window} is zero",
    assumptions=("one set of slopes for all firms", "many portfolio days"),
    leans_on="takes the slopes of all firms as one, and needs many days on which one is held",
    dates="several",
    shared_date="several dates",
    variance="yes",
    slow=False,
    by_rank=False,
    each=None,
    needs=None,
    front={},
    measured=measured("calendar_time_portfolio"),
)


def calendar_portfolio(sample: Sample) -> CalendarPortfolio | str:
    """The portfolio of the events of `sample` session by session, or why there is none."""
    kept, window = sample.kept, sample.window
    panel, normal = kept.panel, kept.normal
    if sample.history.one_date:
        return "needs several dates: with one, the calendar has only the days of a single window"
    if normal.design.ndim != 2 or normal.offset.ndim != 1:
        return "needs regressors that all firms share; those of this model are each firm's own"
    firms, row = np.unique(panel.security, return_inverse=True)
    present = np.isfinite(kept.ar[:, kept.columns(window)])
    at = panel.day[:, None] + np.arange(window.start, window.end + 1)
    held = np.zeros((len(firms), len(panel.sessions)), dtype=np.bool_)
    held[np.broadcast_to(row[:, None], at.shape)[present], at[present]] = True
    count = held.sum(axis=0)
    session = np.flatnonzero(count)
    design = normal.design[session]
    if normal.names[:1] != ("const",):
        design = np.column_stack([np.ones(len(session)), design])
    needed = FEWEST_DAYS + design.shape[1]
    if len(session) < needed:
        return f"needs at least {needed} sessions on which an event is in its window, has {len(session)}"
    inside = held[:, session]
    returns = np.where(inside, panel.returns[firms[:, None], session], 0.0).sum(axis=0) / count[session]
    return CalendarPortfolio(session, count[session], returns - normal.offset[session], design)


def intercept(portfolio: CalendarPortfolio, lags: int, weighted: bool) -> tuple[float, float] | str:
    """The intercept and its standard error by Newey and West, or why there is none."""
    root = np.sqrt(portfolio.firms) if weighted else np.ones(len(portfolio.firms))
    x, y = portfolio.design * root[:, None], portfolio.mean * root
    days, p = x.shape
    fit = fit_table(y[:, None], x)
    if fit is None:
        return "the regressors are not independent of each other on the portfolio days"
    errors = fit.residuals[:, 0]
    if float(errors @ errors) <= _NOTHING * float(y @ y):
        return "the portfolio has no residual variance"
    # What each day's error adds to the intercept: the first row of (X'X)^-1 X', times the error.
    moves = (fit.q @ np.linalg.solve(fit.r.T, np.eye(p)[0])) * errors
    variance = long_run_variance(moves, portfolio.session, lags) * days / (days - p)
    return float(fit.params[0, 0]), math.sqrt(variance)


def long_run_variance(values: FloatArray, session: npt.NDArray[np.intp], lags: int) -> float:
    """Variance of the sum of `values` (n,) with Bartlett weights 1 - j / (lags + 1) on pairs j sessions apart.

    Examples
    --------
    >>> long_run_variance(np.array([1.0, 2.0, 3.0]), np.array([4, 5, 9]), 1)  # 14 + 2 x 1/2 x (1 x 2)
    16.0
    """
    line = np.zeros(int(session[-1] - session[0]) + 1)
    line[session - session[0]] = values
    total = float(line @ line)
    for lag in range(1, min(lags, len(line) - 1) + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(line[lag:] @ line[:-lag])
    return total
