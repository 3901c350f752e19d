"""CARs of many events explained by characteristics, and two groups of them compared: from each event's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.errors import EstimationError, SpecError, UnknownNameError
from eventstudy.inference.cross_section import (
    WHY,
    Covariance,
    CrossSection,
    check_design,
    clusters_of,
    indicator_columns,
)
from eventstudy.inference.sample import two_sided_t
from eventstudy.many.pooled import Numbers
from eventstudy.objects.estimation import FloatArray, IntArray

WAYS = ("cluster_date", "cluster_firm", "hc3", "classical")


def regression(
    numbers: Numbers,
    w: int,
    rows: IntArray,
    table: pd.DataFrame,
    security: IntArray,
    covariance: Covariance | None,
) -> CrossSection:
    """Regress the CARs over window w of the events `rows` on characteristics: CAR_i = d_0 + z_i'd + u_i.

    Parameters
    ----------
    table : (N, name) a row an event. Numbers; a column of text becomes one of 0 and 1 for each value but the first.
    security : (N,) the security of each event, for its clusters.
    covariance : ``cluster_date``, ``cluster_firm`` over G clusters, t(G - 1) (Cameron and Miller 2015); ``hc3``,
        t(N - k) (MacKinnon and White 1985); ``classical``; None: what shared dates and securities ask for.

    Raises
    ------
    SpecError : a characteristic that is neither number nor text, or an unknown covariance.
    EstimationError : too few events, collinear characteristics, or fewer than two clusters.
    """
    if covariance is not None and covariance not in WAYS:
        raise SpecError(f"the covariance is {', '.join(WAYS)} or None, got {covariance!r}")
    columns = _columns(table.iloc[rows])
    values = columns.to_numpy(dtype=np.float64)
    whole = np.isfinite(values).all(axis=1)
    rows, values = rows[whole], values[whole]
    dropped = (f"{np.count_nonzero(~whole)} events without a characteristic",) if not whole.all() else ()
    names = ("const", *columns.columns)
    z = np.column_stack([np.ones(len(rows)), values])
    check_design(z, names)
    car, day, firm = np.ascontiguousarray(numbers.car[rows, w]), numbers.day[rows], security[rows]
    way = covariance or clusters_of(day, firm)
    coefficients, matrix, df = _fitted(car, z, way, day if way == "cluster_date" else firm)
    se = np.sqrt(np.diag(matrix))
    t = coefficients / np.where(se > 0, se, np.nan)
    left, about = car - z @ coefficients, car - car.mean()
    fit = 1.0 - float(left @ left) / float(about @ about)
    why = f"{way} was asked for." if covariance else WHY[way]
    warning = _warning(way, day, firm)
    return CrossSection(
        *(numbers.windows[w], names, coefficients, se, t, two_sided_t(t, df), df, len(rows), fit, way, False, matrix),
        *(dropped, why, warning),
    )


def traits_named(traits: pd.DataFrame, characteristics: Any) -> pd.DataFrame:
    """The characteristics of every event: traits by their names, or a frame with the events' index.

    Raises
    ------
    UnknownNameError : a trait that the table of events does not have. SpecError : something else, or another index.
    """
    if isinstance(characteristics, pd.DataFrame):
        if characteristics.shape[1] == 0 or not characteristics.index.equals(traits.index):
            raise SpecError("characteristics are a frame with the index of the events and at least one column")
        return characteristics
    if isinstance(characteristics, str) or not isinstance(characteristics, Sequence) or not characteristics:
        raise SpecError(f"characteristics are names of traits, such as ['size'], or a frame, got {characteristics!r}")
    for name in characteristics:
        if not isinstance(name, str) or name not in traits.columns:
            raise UnknownNameError("trait", str(name), tuple(str(c) for c in traits.columns))
    return traits[list(dict.fromkeys(characteristics))]


def _columns(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([indicator_columns(table[name], str(name)).astype(np.float64) for name in table.columns], axis=1)


def _fitted(car: FloatArray, z: FloatArray, way: Covariance, cluster: IntArray) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, their covariance by statsmodels and the degrees of freedom of t."""
    from statsmodels.regression.linear_model import OLS

    model, df = OLS(car, z), float(len(car) - z.shape[1])
    if way in ("cluster_date", "cluster_firm"):
        codes, clusters = pd.factorize(cluster)
        if len(clusters) < 2:
            what = "day zero" if way == "cluster_date" else "security"
            raise EstimationError(f"clusters need two different ones or more, all {len(car)} events have one {what}")
        fitted, df = model.fit(cov_type="cluster", cov_kwds={"groups": codes}), float(len(clusters) - 1)
    else:
        fitted = model.fit(cov_type="HC3" if way == "hc3" else "nonrobust")
    return np.asarray(fitted.params), np.asarray(fitted.cov_params()), df


def _warning(way: Covariance, day: IntArray, firm: IntArray) -> str | None:
    """What a covariance takes as independent that is not."""
    shared, several = len(np.unique(day)) < len(day), len(np.unique(firm)) < len(firm)
    if way != "cluster_date" and shared:
        return "Some events share their day zero, which this covariance takes as independent."
    if way != "cluster_firm" and several:
        return "Some securities have several events, which this covariance takes as independent."
    return None


# ----------------------------------------------------------------------------------------------------------- two groups
def comparison(numbers: Numbers, w: int, first: int, second: int) -> pd.DataFrame:
    """Did one group of events move otherwise than the other? A row a test: Welch's t of the CARs and of the SCARs.

    t = (m1 - m2) / sqrt(s1^2 / n1 + s2^2 / n2) with the degrees of freedom of Welch (1947).

    Raises
    ------
    SpecError : an event is in both groups.
    """
    rows = [numbers.rows(subject, w) for subject in (first, second)]
    places = np.arange(len(numbers.car))
    both = np.intersect1d(places[rows[0]], places[rows[1]])
    if len(both):
        raise SpecError(f"groups that are compared have no event in common, {len(both)} are in both; name two groups")
    days = [numbers.day[own] for own in rows]
    shared = bool(len(np.intersect1d(days[0], days[1])))
    warning = "events of both groups share their day zero; these tests take them as independent" if shared else None
    found: list[tuple[Any, ...]] = []
    for name, values in (("welch_t", numbers.car), ("scar_welch_t", numbers.scar)):
        a, b = (np.ascontiguousarray(values[own, w]) for own in rows)
        if min(len(a), len(b)) < 2:
            reason = f"needs at least 2 events in each group, has {len(a)} and {len(b)}"
            found.append((name, np.nan, "t", (), np.nan, len(a) + len(b), reason, None))
            continue
        parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
        t = float((a.mean() - b.mean()) / np.sqrt(sum(parts)))
        df = float(sum(parts) ** 2 / (parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1)))
        p = float(2.0 * special.stdtr(df, -abs(t)))
        found.append((name, t, "t", (df,), p, len(a) + len(b), None, warning))
    return pd.DataFrame(found, columns=["test", "statistic", "distribution", "df", "p", "n", "reason", "warning"])
