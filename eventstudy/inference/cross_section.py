"""Which characteristics explain the abnormal returns: a regression across events, on one date or on many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from eventstudy.abnormal import AbnormalReturns
from eventstudy.arguments import refuse
from eventstudy.errors import EstimationError, SpecError, UnknownNameError, joined
from eventstudy.inference.common import CommonWindow
from eventstudy.inference.sample import Sample, gather, two_sided_t
from eventstudy.inference.scatter import remainder, scatter, variance_scale
from eventstudy.objects import leaving
from eventstudy.objects.estimation import FloatArray, IntArray, Window

Covariance = Literal["shared_date_scaled", "shared_date", "hc3", "cluster_date", "cluster_firm", "classical"]
MOST_KINDS = 50  # different texts of a characteristic
_COLLINEAR = 1e-10  # least share of a column's length that the columns before it leave unexplained
WHY = {
    "shared_date_scaled": (
        "All events share one date: the coefficients are portfolios of the abnormal returns, whose variance comes from "
        "the same portfolios on the estimation days, so that the correlation of the events is in it, times {q:.3g}, by "
        "which the window's residual variance differs from that of ordinary days."
    ),
    "cluster_date": "Some events share their day zero, so the errors are clustered by date.",
    "cluster_firm": "Securities have several events on dates of their own, so the errors are clustered by security.",
    "hc3": "The events have dates and securities of their own, so each has an error of its own (HC3).",
}
_HC3_SHARED = (
    "The events share days: HC3 takes them as independent, and for a characteristic that goes with what their "
    "residuals have in common rejects at a nominal 5% 16.4% with 10 events and 36.8% with 30 (loading .5 on one "
    "factor)."
)


@dataclass(frozen=True, slots=True, eq=False)
class CrossSection:
    """Coefficients of a regression of CARs on characteristics, the constant first.

    ``names`` (k,); ``coefficients``, ``se``, ``t`` and two-sided ``p`` (k,); ``df`` of t; ``n`` events; ``r_squared``
    centred (of the weighted values where ``weighted``); ``covariance`` how that of the estimates was found, see
    `cross_sectional_regression`; ``covariance_matrix`` (k, k); ``dropped`` the events left out, each with the reason;
    ``why`` the choice in words; ``warning`` what the design does to it.
    """

    window: Window
    names: tuple[str, ...]
    coefficients: FloatArray
    se: FloatArray
    t: FloatArray
    p: FloatArray
    df: float
    n: int
    r_squared: float
    covariance: Covariance
    weighted: bool
    covariance_matrix: FloatArray
    dropped: tuple[str, ...]
    why: str
    warning: str | None = None

    def __repr__(self) -> str:
        said = f"CARs over {self.window} of {self.n} events, covariance {self.covariance}, R² {self.r_squared:.3g}"
        lines = [said, self.table.to_string(float_format="{:.4g}".format), self.why, self.warning or ""]
        left = f"left out: {'; '.join(self.dropped[:8])}" if self.dropped else ""
        return "\n".join(line for line in (*lines, left) if line)

    @property
    def table(self) -> pd.DataFrame:
        """One row a coefficient: ``coefficient``, ``se``, ``t``, ``p``."""
        columns = {"coefficient": self.coefficients, "se": self.se, "t": self.t, "p": self.p}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="characteristic"))

    to_latex, to_markdown = leaving.coefficients_to_latex, leaving.coefficients_to_markdown


def cross_sectional_regression(
    abnormal: AbnormalReturns,
    window: Window,
    characteristics: pd.DataFrame | Sequence[str],
    covariance: Covariance | None = None,
    weighted: bool = False,
) -> CrossSection:
    """Regress the CARs of N events on characteristics known before the event: CAR_i = d_0 + z_i'd + u_i.

    Parameters
    ----------
    characteristics : (event, name) one row an event by its key, or a security for all its events; no constant. Numbers;
        a column of text becomes one of 0 and 1 for each value but the first. Or the names of traits that the events
        have, as a list. Events whose row is absent or holds a NaN are left out with the reason.
    covariance : ``shared_date`` (Sefcik and Thompson 1986): d = A CAR with A = (Z'Z)^-1 Z', so each coefficient is a
        portfolio; Var d = A S A' [L + 1'X_W (X'X)^-1 X_W'1], S the residual covariance of the estimation days that all
        events have, divisor nu; t(nu). It asks whether *these* securities' abnormal returns are related to z.
        It is the variance of ordinary days: where the events scatter more on the day it rejects too often, which is
        said in ``warning``.
        ``shared_date_scaled``: q Var d, q = u'Wu / (c tr(W M S M')) the residual variance over what the estimation
        days expect of it (`scatter.variance_scale`); t(N - k). Withstands a rise of the variance that leaves the
        correlations as they are: at a nominal 5 % it rejects 4.2 to 6.2 % with 5, 10 and 20 events, variance as ever
        or four times as large, where ``shared_date`` rejects 4.4 to 5.8 and 31 to 35 % (correlation .25, 2,000
        replications each).
        ``hc3``: Var d = A diag(u_i^2 / (1 - h_i)^2) A', t(N - k) (MacKinnon and White 1985), events independent.
        ``cluster_date``, ``cluster_firm``: HC1 summed by day zero or by security over G clusters, t(G - 1) (Cameron and
        Miller 2015, section II), for events that depend on each other within a cluster. ``classical``: s^2 (Z'Z)^-1.
        None: ``shared_date_scaled`` where all events share their date and fit together, else as `clusters_of`;
        ``why`` says which.
    weighted : weights 1 / Var(CAR_i) instead of equal ones, A = (Z'WZ)^-1 Z'W.

    Raises
    ------
    SpecError : characteristics that are neither numbers nor text, not one row an event, or an unknown covariance.
    EstimationError : too few events, collinear characteristics, or ``shared_date`` asked for where it cannot be.
    WindowError : `window` is not inside the event window.
    """
    if covariance is not None and not isinstance(covariance, str):
        refuse("covariance", f"one of {', '.join(get_args(Covariance))}", covariance)
    if covariance not in (None, *get_args(Covariance)):
        raise SpecError(f"the covariance is {', '.join(get_args(Covariance))} or None, got {covariance!r}")
    sample, z, names, dropped = _design(gather(abnormal, window), characteristics)
    weights = 1.0 / sample.kept.car_se(window) ** 2 if weighted else np.ones(sample.n)
    way, why = _way(sample, covariance)
    if way not in ("shared_date", "shared_date_scaled"):
        coefficients, matrix, df = _independent(sample, z, weights, way)
        car, warning = sample.car, _shared(sample, way)
    else:
        coefficients, matrix, df, car, left = _shared_date(sample, z, weights)
        warning = None if way == "shared_date_scaled" else scatter(_common(sample), left, window.length).warning
    if way == "shared_date_scaled":
        q = variance_scale(_common(sample), left, weights)
        matrix, df, why = q * matrix, float(sample.n - z.shape[1]), why.format(q=q)
    se = np.sqrt(np.diag(matrix))
    t = coefficients / np.where(se > 0, se, np.nan)
    fit = _r_squared(car, z @ coefficients, weights)
    return CrossSection(
        *(window, names, coefficients, se, t, two_sided_t(t, df), df, sample.n, fit, way, weighted, matrix),
        *(dropped, why, warning),
    )


# ----------------------------------------------------------------------------------------------------------- the data
def _design(
    sample: Sample, characteristics: pd.DataFrame | Sequence[str]
) -> tuple[Sample, FloatArray, tuple[str, ...], tuple[str, ...]]:
    """The events with a CAR and every characteristic, Z (N, k) with the constant first, names, and who was dropped."""
    known = characteristics if isinstance(characteristics, pd.DataFrame) else _traits(sample, characteristics)
    table = _numbers(known)
    of = [k if k in table.index else t for k, t in zip(sample.kept.keys, sample.kept.tickers, strict=True)]
    rows = table.reindex(of).to_numpy(dtype=np.float64)
    held = np.isfinite(rows)
    usable = held.all(axis=1)
    dropped = list(sample.left_out)
    for i in np.flatnonzero(~usable):
        key = sample.kept.keys[i]
        absent = ", ".join(str(c) for c, here in zip(table.columns, held[i], strict=True) if not here)
        dropped.append(f"{key}: " + (f"no {absent}" if of[i] in table.index else "no characteristics"))
    if not usable.all():
        sample = gather(sample.kept.take(np.flatnonzero(usable)), sample.window)
    names = ("const", *(str(c) for c in table.columns))
    z = np.column_stack([np.ones(sample.n), rows[usable]])
    check_design(z, names, dropped)
    return sample, z, names, tuple(dropped)


def _traits(sample: Sample, names: Sequence[str]) -> pd.DataFrame:
    """The traits of that name of every event, a row an event by its key."""
    if isinstance(names, str) or not isinstance(names, Sequence) or not all(isinstance(n, str) for n in names):
        raise SpecError(
            "characteristics are a DataFrame with a row for each event or security, or a list of traits that the "
            f"events have, such as ['size'], got {names!r}"
        )
    events = sample.kept.panel.events
    known = dict.fromkeys(name for event in events for name in event.traits)
    for name in names:
        if name not in known:
            hint = "the events have none; give them as columns of the table of events" if not known else None
            raise UnknownNameError("trait", name, tuple(known), hint=hint)
    values = {name: [event.traits.get(name) for event in events] for name in dict.fromkeys(names)}
    return pd.DataFrame(values, index=list(sample.kept.keys)).infer_objects()


def _numbers(characteristics: pd.DataFrame) -> pd.DataFrame:
    if characteristics.shape[1] == 0:
        raise SpecError("characteristics are a DataFrame with a row for each event or security and at least one column")
    twice = characteristics.index[characteristics.index.duplicated()]
    if len(twice):
        raise SpecError(
            f"characteristics have one row an event or security, these come twice: {', '.join(map(str, twice[:8]))}"
        )
    again = characteristics.columns[characteristics.columns.duplicated()]
    if len(again):
        raise SpecError(
            f"each of the characteristics has a name of its own, these come twice: {joined([*map(str, again)])}"
        )
    return pd.concat([indicator_columns(characteristics[name], str(name)) for name in characteristics.columns], axis=1)


def indicator_columns(values: pd.Series[Any], name: str) -> pd.DataFrame:
    """Numbers as they are; text as a column of 0 and 1 for each value except the first, ``side[sell]``.

    Raises
    ------
    SpecError : a value that is neither a number nor text, or too many different texts.

    Examples
    --------
    >>> indicator_columns(pd.Series(["buy", "sell"]), "side").to_dict("list")
    {'side[sell]': [0.0, 1.0]}
    """
    if pd.api.types.is_numeric_dtype(values):
        return values.to_frame(name)
    present = values.dropna()
    if not all(isinstance(value, str | bool) for value in present):
        wrong = next(value for value in present if not isinstance(value, str | bool))
        raise SpecError(f"the characteristic {name!r} holds {wrong!r}, which is neither a number nor text")
    kinds = sorted(present.unique(), key=str)
    if len(kinds) > MOST_KINDS:
        raise SpecError(f"the characteristic {name!r} has {len(kinds)} different texts; {MOST_KINDS} are the most")
    known = values.notna()
    columns = {f"{name}[{kind}]": (values == kind).astype(np.float64).where(known) for kind in kinds[1:]}
    return pd.DataFrame(columns, index=values.index)


def check_design(z: FloatArray, names: tuple[str, ...], dropped: Sequence[str] = ()) -> None:
    """Refuse a design `z` (n, k) from which the coefficients `names` cannot be estimated.

    Raises
    ------
    EstimationError : too few events, a column of zeros, or a column that is a combination of others.
    """
    n, k = z.shape
    if n <= k:
        out = f" (left out: {'; '.join(dropped[:8])})" if dropped else ""
        raise EstimationError(f"{k} coefficients ({', '.join(names)}) need more than {k} events, there are {n}{out}")
    length = np.sqrt((z * z).sum(axis=0))
    if (length == 0).any():
        raise EstimationError(f"the characteristic {names[int(np.argmin(length))]!r} is zero for all events")
    left = np.abs(np.diag(np.linalg.qr(z / length)[1]))
    if left.min() < _COLLINEAR:
        j = int(np.argmax(left < _COLLINEAR))
        raise EstimationError(
            f"the characteristic {names[j]!r} is a combination of {', '.join(names[:j])}; leave one of them out"
        )


def _way(sample: Sample, asked: Covariance | None) -> tuple[Covariance, str]:
    common = sample.common
    if asked in ("shared_date_scaled", "shared_date") and isinstance(common, str):
        raise EstimationError(f"the covariance by a shared date is not there: {common}")
    if asked is not None:
        return asked, f"{asked} was asked for."
    if not isinstance(common, str):
        return "shared_date_scaled", WHY["shared_date_scaled"]
    if sample.history.one_date:
        return "hc3", f"HC3, though all events share one date: {common}."
    panel = sample.kept.panel
    way = clusters_of(panel.day, panel.security)
    return way, WHY[way]


def clusters_of(day: IntArray, firm: IntArray) -> Covariance:
    """``cluster_date`` where some events share their day zero, ``cluster_firm`` where securities repeat, else ``hc3``.

    All (N,), by number. One date or one security alone has no clusters.
    """
    if 1 < len(np.unique(day)) < len(day):
        return "cluster_date"
    return "cluster_firm" if 1 < len(np.unique(firm)) < len(firm) else "hc3"


def _share_days(sample: Sample) -> bool:
    return bool((np.diff(np.sort(sample.kept.panel.day)) < sample.window.length).any())


# ------------------------------------------------------------------------------------------------------- the estimates
def _independent(
    sample: Sample, z: FloatArray, weights: FloatArray, way: Covariance
) -> tuple[FloatArray, FloatArray, float]:
    """Coefficients, their covariance by statsmodels and the degrees of freedom of t."""
    from statsmodels.regression.linear_model import WLS

    model, df = WLS(sample.car, z, weights=weights), float(sample.n - z.shape[1])
    if way in ("cluster_date", "cluster_firm"):
        panel = sample.kept.panel
        codes, clusters = pd.factorize(panel.day if way == "cluster_date" else panel.security)
        if len(clusters) < 2:
            what = "day zero" if way == "cluster_date" else "security"
            raise EstimationError(f"clusters need two different {what}s or more, all {sample.n} events have one")
        fitted, df = model.fit(cov_type="cluster", cov_kwds={"groups": codes}), float(len(clusters) - 1)
    else:
        fitted = model.fit(cov_type="HC3" if way == "hc3" else "nonrobust")
    return np.asarray(fitted.params), np.asarray(fitted.cov_params()), df


def _shared(sample: Sample, way: Covariance) -> str | None:
    """What days, or securities, that events share do to a covariance that takes them as independent."""
    repeated = len(set(sample.kept.tickers)) < sample.n
    if way == "cluster_firm" and _share_days(sample):
        return "The events of different securities share days, which clusters by security take as independent."
    if way == "cluster_date":
        return "Some securities have several events, which clusters by date take as independent." if repeated else None
    if way in ("hc3", "classical") and _share_days(sample):
        return (
            _HC3_SHARED
            if way == "hc3"
            else "The events share days, and the classical covariance takes them as independent."
        )
    if way in ("hc3", "classical") and repeated:
        return "Some securities have several events, which this covariance takes as independent."
    return None


def _shared_date(
    sample: Sample, z: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, float, FloatArray, FloatArray]:
    """Coefficients, covariance and degrees of freedom of the portfolios A CAR, the CARs on the common days, I - Z A."""
    common = _common(sample)
    root = np.sqrt(weights)
    portfolios: FloatArray = np.asarray(np.linalg.pinv(z * root[:, None]) * root, dtype=np.float64)
    past = common.days.centred @ portfolios.T
    matrix = past.T @ past / common.days.nu * common.factor
    return portfolios @ common.car, matrix, common.days.nu, common.car, remainder(z, portfolios)


def _common(sample: Sample) -> CommonWindow:
    common = sample.common
    if isinstance(common, str):
        raise EstimationError(f"the covariance by a shared date is not there: {common}")
    return common


def _r_squared(car: FloatArray, fitted: FloatArray, weights: FloatArray) -> float:
    """1 - weighted residual over weighted total sum of squares about the weighted mean; NaN without any spread."""
    total = float(weights @ (car - weights @ car / weights.sum()) ** 2)
    return 1 - float(weights @ (car - fitted) ** 2) / total if total > 0 else float("nan")
