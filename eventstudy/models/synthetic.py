"""Synthetic controls: what a security would have earned, from a convex combination of others that earned alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from eventstudy.engine.ols import read_only
from eventstudy.engine.table import fit_table
from eventstudy.errors import SpecError, WindowError
from eventstudy.models import phrases
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import EventPanel, FloatArray, IntArray, NormalReturns, Window
from eventstudy.windows import positions

# A weight or a residual spread below this share is rounding, not a part of the combination.
_NEGLIGIBLE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticControl:
    """The combination found for one security, or why there is none.

    ``weights`` of the donors in use, largest first: positive, and 1 in sum; ``left_out`` donors that lack a return on
    an estimation day of the security; ``nobs`` its estimation returns T; ``sse`` e'e over them, NaN where refused;
    ``xtx_inv`` (K - 1, K - 1) of the weights but the first, see `synthetic_control`.
    """

    ticker: str
    nobs: int
    weights: Mapping[str, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    sse: float = float("nan")
    xtx_inv: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DonorPlacebos:
    """A security's ratio of event-window to estimation error, and that of every donor treated as if it were it.

    ``ratio`` RMS of the abnormal returns over ``window`` / RMS of the estimation residuals; ``placebos`` the same of
    the donors; ``left_out`` donors that have none, and why; ``reason`` why the security itself has none, or None.
    """

    ticker: str
    window: Window
    ratio: float
    placebos: Mapping[str, float]
    left_out: Mapping[str, str]
    reason: str | None = None

    @property
    def rank(self) -> int:
        """Place of the security from the most extreme, 1 to J + 1; ties count against it."""
        return 1 + sum(value >= self.ratio for value in self.placebos.values())

    @property
    def p(self) -> float:
        """rank / (J + 1), NaN without a ratio or without placebos; never below 1 / (J + 1)."""
        return self.rank / (len(self.placebos) + 1) if self.placebos and self.reason is None else float("nan")


def synthetic_control(panel: EventPanel) -> NormalReturns:
    """E[R_t] = sum of w_j R_jt over donors j, w >= 0 and sum w = 1 (Abadie and Gardeazabal 2003).

    The weights minimise the sum of squared (R - sum w_j R_j) over the estimation window. Donors are
    ``panel.donors[ticker]``, or all other rows of ``panel.returns`` where none are named: name them when others felt
    the news too. A donor that lacks a return on a day when the security has one is left out (`synthetic_controls`
    names it).

    With K positive weights, the first the largest, E[R] = R_1 + sum_{j>1} w_j (R_j - R_1): ``offset`` (N, D) is R_1,
    ``design`` (N, D, P) the K - 1 differences and zeros up to the largest K - 1 of all events, ``params`` the weights
    w_2, w_3... in falling order.

    * ``sigma``^2 = e'e / nu, nu = T - (K - 1): there is no constant, and each positive weight but one is a parameter.
    * Forecast term: that of least squares on the donors in use, x'(X'X)^-1 x with X the differences. Which donors are
      in use is taken as given, so the variance is a little too small.

    Refused with a reason: fewer than ``min_obs`` returns or no degree of freedom left, no donor left, returns that do
    not vary, and donors that reproduce the security.

    Raises SpecError where a named donor is not a row of ``panel.returns``.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> float(example(model="synthetic_control").normal.sigma[0].round(4))
    0.0194
    """
    controls = synthetic_controls(panel)
    n, sessions = panel.n_events, len(panel.sessions)
    p = max((len(c.weights) - 1 for c in controls if c.reason is None), default=0)
    design, offset = np.zeros((n, sessions, p)), np.full((n, sessions), np.nan)
    params, inverse = np.full((n, p), np.nan), np.full((n, p, p), np.nan)
    row = {ticker: i for i, ticker in enumerate(panel.tickers)}
    for i, control in enumerate(controls):
        if control.reason is not None:
            continue
        k = len(control.weights) - 1
        returns = panel.returns[[row[name] for name in control.weights]]
        offset[i], design[i, :, :k] = returns[0], (returns[1:] - returns[0]).T
        params[i], inverse[i] = 0.0, 0.0
        params[i, :k], inverse[i, :k, :k] = list(control.weights.values())[1:], control.xtx_inv
    nobs = np.array([c.nobs for c in controls], np.int32)
    sse = np.array([c.sse for c in controls])
    nu = np.array([c.nobs - (len(c.weights) - 1.0) if c.reason is None else np.nan for c in controls])
    return NormalReturns(
        model="synthetic_control",
        names=tuple(f"donor_{j + 2}" for j in range(p)),
        design=read_only(design),
        offset=read_only(offset),
        params=read_only(params),
        sigma=read_only(np.sqrt(sse / nu)),
        nobs=read_only(nobs),
        nu=read_only(nu),
        xtx_inv=read_only(inverse),
        r_squared=read_only(1.0 - sse / _totals(panel, controls)),
        reason=tuple(c.reason for c in controls),
        least_squares=False,
    )


SYNTHETIC_CONTROL = Model(
    name="synthetic_control",
    fit=synthetic_control,
    words="synthetic control",
    formula="E[R] = Σ w·R over the donors, w ≥ 0, Σ w = 1, closest in the estimation window",
    source="Abadie and Gardeazabal 2003",
    method="with the weights of the donors chosen to come closest",
    fitted="each share is matched by a mixture of other shares, its donors: their weights are positive, add up to one, "
    "and are those with which the mixture moved most as the share did. Sigma is the scatter around the mixture, whose "
    "return on an event day is the normal return of that day; no benchmark is used.",
    takes=phrases.DONORS,
    errors=phrases.by_regressors(
        "ν = T − (K − 1), K the donors in use", of=", x the returns of the donors less the first one’s"
    ),
    parameters="the weights of the donors",
    uses_benchmark=False,
    compares_with="donors",
    across_gaps=False,
    same_parameters=False,
    linear=False,
    at_once=False,
)


def synthetic_controls(panel: EventPanel) -> tuple[SyntheticControl, ...]:
    """The combination of donors for each event of `panel`, in order; what `synthetic_control` is made of.

    Raises
    ------
    SpecError : a named donor is not a row of ``panel.returns``.
    """
    return tuple(
        _control(panel, int(panel.security[i]), _days(panel, i), _donors(panel, i)) for i in range(panel.n_events)
    )


def donor_placebos(panel: EventPanel, i: int, window: Window) -> DonorPlacebos:
    """Give every donor of event `i` a synthetic control as if it had the event, and compare the errors.

    Ratio of the RMS of AR over `window` to the RMS of the estimation residuals, for the security and for each donor
    with the other donors as its pool (the security is in none of them); p = place of the security / (J + 1)
    (Abadie, Diamond and Hainmueller 2010). It asks whether the days were odder for this security than for its donors;
    of a shock that all felt it says nothing. No distribution is assumed, but with J donors p is never below
    1 / (J + 1): 19 are needed for .05.

    Parameters
    ----------
    panel, i : the event, a row of its per-event arrays.
    window : inside the panel's event window.

    Raises
    ------
    WindowError : `window` is not inside the event window.
    SpecError : a named donor is not a row of ``panel.returns``.
    """
    if not panel.event.contains(window):
        raise WindowError(f"window {window} lies outside the event window {panel.event}")
    donors = _donors(panel, i)
    own = _ratio(panel, i, int(panel.security[i]), donors, window)
    found = {panel.tickers[d]: _ratio(panel, i, int(d), donors[donors != d], window) for d in donors}
    return DonorPlacebos(
        ticker=panel.event_tickers[i],
        window=window,
        ratio=own if isinstance(own, float) else float("nan"),
        placebos={name: value for name, value in found.items() if isinstance(value, float)},
        left_out={name: value for name, value in found.items() if isinstance(value, str)},
        reason=own if isinstance(own, str) else None,
    )


def simplex_weights(y: FloatArray, donors: FloatArray) -> FloatArray:
    """The w >= 0 with sum w = 1 that minimise |y - donors w|^2, exactly.

    As sum w = 1, y - donors w = E w with E_j = y - donor_j. For u = s w the non-negative problem |E u|^2 +
    (1 - sum u)^2 is s^2 q + (1 - s)^2 with q = |E w|^2, least at s = 1 / (1 + q) where it is q / (1 + q), which grows
    with q: its solution divided by its sum is the one sought, whatever the weight of the last term. Active set (Lawson
    and Hanson 1974); then least squares on the donors in use, for the last digits.

    Parameters
    ----------
    y : (T,) returns to be matched.
    donors : (T, J).

    Returns
    -------
    (J,) weights.

    Examples
    --------
    >>> simplex_weights(np.array([1.0, 2.0]), np.array([[1.0, 1.0, 9.0], [0.0, 4.0, 9.0]])).round(4)
    array([0.5, 0.5, 0. ])
    """
    from scipy.optimize import nnls

    errors = y[:, None] - donors
    # Any unit will do; this one makes q of the order 1, so that s keeps its digits.
    unit = float(np.sqrt((errors * errors).sum(axis=0).min()))
    weights = np.zeros(donors.shape[1])
    if unit == 0.0:
        weights[int((errors * errors).sum(axis=0).argmin())] = 1.0
        return weights
    stacked = np.vstack([errors / unit, np.ones(donors.shape[1])])
    found, _ = nnls(stacked, np.append(np.zeros(len(y)), 1.0))
    found /= found.sum()
    used = np.flatnonzero(found > _NEGLIGIBLE)
    used = used[np.argsort(-found[used], kind="stable")]
    first = donors[:, used[0]]
    fit = fit_table((y - first)[:, None], donors[:, used[1:]] - first[:, None])
    rest = found[used[1:]] if fit is None else fit.params[:, 0]
    polished = np.append(1.0 - rest.sum(), rest)
    weights[used] = polished if (polished > 0).all() else found[used] / found[used].sum()
    return weights


# ------------------------------------------------------------------------------------------------------------ inside
def _days(panel: EventPanel, i: int) -> IntArray:
    """Columns of the estimation sessions of event `i`."""
    at, inside = positions(panel.day[i : i + 1], panel.estimation, len(panel.sessions))
    days: IntArray = at[0, inside[0]]
    return days


def _donors(panel: EventPanel, i: int) -> IntArray:
    """Rows of the donors of event `i`, never its own."""
    ticker, own = panel.event_tickers[i], int(panel.security[i])
    named = panel.donors.get(ticker)
    if named is None:
        rows = list(range(len(panel.tickers)))
    else:
        absent = [name for name in named if name not in panel.tickers]
        if absent:
            raise SpecError(f"the donors {', '.join(absent)} of {ticker} have no returns in the panel")
        rows = [panel.tickers.index(name) for name in dict.fromkeys(named)]
    return np.array([row for row in rows if row != own], np.int32)


def _control(panel: EventPanel, security: int, days: IntArray, donors: IntArray) -> SyntheticControl:
    """The combination of `donors` for the row `security` of the returns over the columns `days`."""
    ticker = panel.tickers[security]
    used = days[np.isfinite(panel.returns[security, days])]
    y, nobs = panel.returns[security, used], len(used)
    whole = np.isfinite(panel.returns[donors][:, used]).all(axis=1)
    left_out = tuple(panel.tickers[d] for d in donors[~whole])
    kept = donors[whole]
    needed = max(panel.min_obs, 2)
    if nobs < needed:
        return SyntheticControl(
            ticker, nobs, left_out=left_out, reason=f"has {nobs} of the {needed} estimation returns needed"
        )
    if np.ptp(y) <= _NEGLIGIBLE * np.abs(y).max():
        reason = "its returns do not vary in the estimation window"
        return SyntheticControl(ticker, nobs, left_out=left_out, reason=reason)
    if not len(kept):
        without = f": {', '.join(left_out)} lack returns on its estimation days" if left_out else ""
        return SyntheticControl(ticker, nobs, left_out=left_out, reason=f"has no donor{without}")
    return _combine(SyntheticControl(ticker, nobs, left_out=left_out), y, panel.returns[kept][:, used].T, panel, kept)


def _combine(
    control: SyntheticControl, y: FloatArray, x: FloatArray, panel: EventPanel, donors: IntArray
) -> SyntheticControl:
    """`control` with the weights of the donors whose returns are the columns of `x` (T, J)."""
    weights = simplex_weights(y, x)
    order = np.argsort(-weights, kind="stable")[: int((weights > 0).sum())]
    e = y - x[:, order] @ weights[order]
    sse, nobs, left_out = float(e @ e), control.nobs, control.left_out
    if np.sqrt(sse) <= _NEGLIGIBLE * np.sqrt(float(y @ y)):
        reason = "its donors reproduce its returns exactly; is it among them under another name?"
        return SyntheticControl(control.ticker, nobs, left_out=left_out, reason=reason)
    if nobs - (len(order) - 1) < 1:
        reason = f"{len(order)} donors in use leave no degree of freedom in {nobs} estimation returns"
        return SyntheticControl(control.ticker, nobs, left_out=left_out, reason=reason)
    fit = fit_table(y[:, None], x[:, order[1:]] - x[:, order[:1]])
    named = {panel.tickers[donors[j]]: float(weights[j]) for j in order}
    if fit is None:
        reason = f"of its donors {', '.join(named)} one moves exactly as the others do; is one there under two names?"
        return SyntheticControl(control.ticker, nobs, left_out=left_out, reason=reason)
    return SyntheticControl(control.ticker, nobs, named, left_out, sse, fit.xtx_inv)


def _ratio(panel: EventPanel, i: int, security: int, donors: IntArray, window: Window) -> float | str:
    """RMS of AR over `window` / RMS of the estimation residuals of a row of the returns, at the date of event `i`."""
    control = _control(panel, security, _days(panel, i), donors)
    if control.reason is not None:
        return control.reason
    at, inside = positions(panel.day[i : i + 1], window, len(panel.sessions))
    rows = [panel.tickers.index(name) for name in control.weights]
    ar = panel.returns[security, at[0]] - np.array(list(control.weights.values())) @ panel.returns[rows][:, at[0]]
    if not (inside.all() and np.isfinite(ar).all()):
        return f"it or a donor in use lacks a return in {window}"
    return float(np.sqrt((ar @ ar / window.length) / (control.sse / control.nobs)))


def _totals(panel: EventPanel, controls: tuple[SyntheticControl, ...]) -> FloatArray:
    """Sum of (R - mean R)^2 over the estimation returns, (N,), NaN where refused."""
    out = np.full(len(controls), np.nan)
    for i, control in enumerate(controls):
        if control.reason is None:
            y = panel.returns[panel.security[i], _days(panel, i)]
            y = y[np.isfinite(y)]
            out[i] = ((y - y.mean()) ** 2).sum()
    return out
