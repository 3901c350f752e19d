"""Tests of one security and one event: the t of its abnormal return, and its rank among ordinary days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import NAN, not_one, of_one, two_sided_t
from eventstudy.inference.sizes import measured
from eventstudy.normal import own_design
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import BoolArray, FloatArray, Window
from eventstudy.objects.outcomes import InferenceResult

FEW_SUMS = 25  # below this T/L the overlapping sums hold too little: size 6 to 8% instead of 5 (test_calibration)


# ------------------------------------------------------------------------------------------------------------------ t
def t_table(abnormal: AbnormalReturns, window: Window) -> tuple[FloatArray, FloatArray]:
    """SCAR and its two-sided p-value for every event at once.

    Returns
    -------
    statistic (N,) : CAR / (sigma sqrt(L + 1'X_W (X'X)^-1 X_W'1)).
    p (N,) : from Student's t with the event's own nu; NaN where the event has no CAR.
    """
    statistic = abnormal.scar(window)
    return statistic, two_sided_t(statistic, abnormal.normal.nu)


def t(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """The standardised cumulative abnormal return of one security, against Student's t with nu (MacKinlay 1997).

    SCAR = CAR / (sigma sqrt(L + 1'X_W (X'X)^-1 X_W'1)), so the common estimation error of the days of the window is
    in its variance.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = t(example().take([0]), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-1.643, 0.103)
    """
    if abnormal.n != 1:
        return not_one(T_TEST, abnormal, window)
    return t_results(abnormal, window)[0]


# -------------------------------------------------------------------------------------------------------------- ranks
@dataclass(frozen=True, slots=True, eq=False)
class QuantileTable:
    """``rank`` (N,) of the event counted from the most extreme, ``sums`` (N,) it is ranked with, ``p`` (N,)."""

    rank: FloatArray
    sums: FloatArray
    p: FloatArray


def sample_quantile_table(
    abnormal: AbnormalReturns, window: Window, residuals: FloatArray | None = None
) -> QuantileTable:
    """Rank every event among its own estimation days (see `sample_quantile`).

    Parameters
    ----------
    residuals : (N, T) estimation residuals if they are at hand already; else they are computed.
    """
    residuals = abnormal.residuals() if residuals is None else residuals
    present, car = abnormal.days(window), abnormal.car(window)
    one_day = np.nansum(abnormal.scaled()[:, abnormal.columns(window)], axis=1)
    exceed, count = np.zeros(abnormal.n), np.zeros(abnormal.n)
    for length in np.unique(present[np.isfinite(car)]):
        rows = np.isfinite(car) & (present == length)
        scale, past = _studentised(abnormal, residuals, rows, int(length))
        size = (
            np.abs(car[rows]) / np.sqrt(abnormal.car_variance_factor(window)[rows]) if scale else np.abs(one_day[rows])
        )
        count[rows] = np.isfinite(past).sum(axis=1)
        exceed[rows] = (past >= size[:, None]).sum(axis=1)
    usable = count > 0
    return QuantileTable(
        np.where(usable, exceed + 1, NAN),
        np.where(usable, count, NAN),
        np.where(usable, (exceed + 1) / (count + 1), NAN),
    )


def _studentised(
    abnormal: AbnormalReturns, residuals: FloatArray, rows: BoolArray, length: int
) -> tuple[bool, FloatArray]:
    """|sums of `length` estimation residuals| (n, T - length + 1), and whether they are studentised.

    One day is compared raw, as Gelbach, Helland and Klick (2013) do; sums are divided by the standard errors (but for
    sigma) that sums of residuals and of forecast errors have, because these differ more the longer the window.
    """
    if length == 1:
        return False, np.abs(residuals[rows])
    if length > residuals.shape[1]:
        return True, np.full((int(rows.sum()), 1), NAN)
    sums = np.abs(_moving_sum(residuals[rows], length, axis=1))
    left = length - _explained(abnormal, np.flatnonzero(rows), length)
    return True, sums / np.sqrt(np.where(left > 0, left, NAN))


def _explained(abnormal: AbnormalReturns, picked: npt.NDArray[np.intp], length: int) -> FloatArray:
    """1'X_s (X'X)^-1 X_s'1 (n, T - length + 1): what the fit takes from the variance of each sum of residuals.

    Events of one day that miss nothing have the same design, so for them it is computed once.
    """
    panel, normal = abnormal.panel, abnormal.normal
    days, back = np.unique(panel.day[picked], return_inverse=True)
    out = np.empty((len(picked), panel.estimation.length - length + 1))
    for k, day in enumerate(days):
        mine = np.flatnonzero(back == k)
        if normal.design.ndim == 3:
            for i in mine:
                out[[i]] = _of_sums(
                    _design_days(abnormal, int(picked[i]), int(day)), normal.xtx_inv[picked[[i]]], length
                )
            continue
        inverse = normal.xtx_inv[picked[mine]]
        design = _design_days(abnormal, int(picked[mine[0]]), int(day))
        like_first = (inverse == inverse[0]).all(axis=(1, 2))
        out[mine[like_first]] = _of_sums(design, inverse[:1], length)
        out[mine[~like_first]] = _of_sums(design, inverse[~like_first], length)
    return out


def _design_days(abnormal: AbnormalReturns, i: int, day: int) -> FloatArray:
    """(T, p) design of event `i` over its estimation window, NaN outside the sessions."""
    design = own_design(abnormal.normal, i)
    columns = day + np.arange(abnormal.panel.estimation.start, abnormal.panel.estimation.end + 1)
    inside = (columns >= 0) & (columns < len(design))
    return np.where(inside[:, None], design[np.where(inside, columns, 0)], NAN)


def _of_sums(design: FloatArray, inverse: FloatArray, length: int) -> FloatArray:
    """s'V s (n, T - length + 1) for the moving sums s of `design` (T, p) and each V of `inverse` (n, p, p)."""
    sums = _moving_sum(design, length)
    return np.asarray(((sums @ inverse) * sums).sum(axis=-1))


def _moving_sum(values: FloatArray, length: int, axis: int = 0) -> FloatArray:
    """Sums of `length` rows, or columns, in succession: M - length + 1 of M; NaN where one of them is."""
    last = values.shape[axis] - length + 1
    parts = [values[lag : lag + last] if axis == 0 else values[:, lag : lag + last] for lag in range(length)]
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def sample_quantile(abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """Rank of the abnormal return among the security's own estimation days (Gelbach, Helland and Klick 2013).

    One day: p = (1 + #{|e_s| >= |AR_0|}) / (T + 1). More days: the T - L + 1 overlapping sums of L residuals, each
    divided by sqrt(L - 1'X_s (X'X)^-1 X_s'1), against CAR / sqrt(L + 1'X_W (X'X)^-1 X_W'1); p = (1 + #) / (T - L + 2).
    A sum with a missing day is left out. The statistic is the rank from the most extreme (1 is beyond all), ``df``
    the number of days or sums it is ranked with. No distribution is assumed.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = sample_quantile(example().take([0]), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (14.0, 0.1157)
    """
    if abnormal.n != 1:
        return not_one(SAMPLE_QUANTILE, abnormal, window)
    return quantile_results(abnormal, window)[0]


# ------------------------------------------------------------------------------------------------------------ results


def t_results(abnormal: AbnormalReturns, window: Window, residuals: FloatArray | None = None) -> list[InferenceResult]:
    """`t` for every event together, a result each; `residuals` are not needed."""
    statistic, p = t_table(abnormal, window)
    reasons = missing_reasons(abnormal, window, statistic)
    rows = zip(abnormal.keys, statistic.tolist(), abnormal.normal.nu.tolist(), p.tolist(), reasons, strict=True)
    return [
        of_one(T_TEST, ticker, window, reason=reason)
        if reason
        else of_one(T_TEST, ticker, window, statistic=value, df=(nu,), p=q)
        for ticker, value, nu, q, reason in rows
    ]


def quantile_results(
    abnormal: AbnormalReturns, window: Window, residuals: FloatArray | None = None
) -> list[InferenceResult]:
    """`sample_quantile` for every event together; `residuals` (N, T) if they are at hand already."""
    table = sample_quantile_table(abnormal, window, residuals)
    reasons = missing_reasons(abnormal, window, table.rank)
    few = [few_sums(nobs, window.length) for nobs in abnormal.normal.nobs.tolist()]
    rows = zip(abnormal.keys, table.rank.tolist(), table.sums.tolist(), table.p.tolist(), reasons, few, strict=True)
    return [
        of_one(SAMPLE_QUANTILE, ticker, window, reason=reason)
        if reason
        else of_one(SAMPLE_QUANTILE, ticker, window, statistic=rank, df=(sums,), p=p, warning=warning)
        for ticker, rank, sums, p, reason, warning in rows
    ]


def few_sums(nobs: int, length: int) -> str | None:
    """The warning that `nobs` estimation days hold too few separate sums of `length` days, None if they hold enough."""
    if length == 1 or nobs >= FEW_SUMS * length:
        return None
    return (
        f"{nobs} estimation days hold only about {nobs // length} separate sums of {length} days: "
        "too few for this p-value to be taken at its word (measured size 6 to 8% instead of 5)"
    )


def missing_reasons(abnormal: AbnormalReturns, window: Window, statistic: FloatArray) -> list[str | None]:
    """Why each `statistic` (N,) is not a number, None where it is one."""
    out: list[str | None] = [None] * abnormal.n
    missing = np.flatnonzero(~np.isfinite(statistic)).tolist()
    known = abnormal.reasons(window) if missing else ()
    for i in missing:
        flat = not abnormal.normal.sigma[i] > 0
        short = f"no {window.length} estimation days of {abnormal.keys[i]} in a row have returns"
        out[i] = known[i] or (f"the estimation residuals of {abnormal.keys[i]} have no variance" if flat else short)
    return out


# -------------------------------------------------------------------------------------------------------------- cards
T_TEST = Test(
    name="t",
    run=t,
    words="the t test",
    label="t test",
    question="Did this security move more than its ordinary days explain?",
    of="security",
    about="mean",
    family="parametric",
    statistic="SCAR",
    reference="t(ν)",
    distribution="t",
    source="MacKinlay 1997",
    null="the cumulative abnormal return of {subject} over {window} is zero",
    assumptions=("normal errors", "errors independent over days", "no increase of variance in the window"),
    leans_on="takes the errors to be normal",
    dates="any",
    shared_date="one security",
    variance="no",
    slow=False,
    by_rank=False,
    each=t_results,
    needs=None,
    front={"one_security": 1},
    measured=measured("t"),
)


SAMPLE_QUANTILE = Test(
    name="sample_quantile",
    run=sample_quantile,
    words="the sample-quantile test",
    label="sample quantile",
    question="How rare is a move this large among this security’s own ordinary days?",
    of="security",
    about="mean",
    family="ranks",
    statistic=(
        "one day: place of |AR| among the T estimation residuals, p = (1 + #) / (T + 1); L days: place of |CAR| "
        "/ √(variance factor) among the T − L + 1 overlapping sums of residuals, each studentised likewise, p = "
        "(1 + #) / (T − L + 2)"
    ),
    reference="rank",
    distribution="rank",
    source="Gelbach, Helland and Klick 2013",
    null="the cumulative abnormal return of {subject} over {window} is zero",
    assumptions=(
        "the estimation days are like the event day but for the event",
        "no increase of variance in the window",
    ),
    leans_on="sees the rank of the day alone, not how far it lies out",
    dates="any",
    shared_date="one security",
    variance="no",
    slow=False,
    by_rank=True,
    each=quantile_results,
    needs=None,
    front={"one_security": 2},
    measured=measured("sample_quantile"),
)
