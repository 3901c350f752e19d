"""Returns from trade to trade: the market model where a security does not trade on every session."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.engine.ols import least_squares, read_only
from eventstudy.models import phrases
from eventstudy.models.market import MARKET
from eventstudy.models.recipe import require
from eventstudy.normal import estimation_residuals
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns
from eventstudy.windows import gather


def trade_to_trade(panel: EventPanel) -> NormalReturns:
    """Market model on returns from one trade to the next, each weighted by the sessions it covers.

    ``R_n = a n + b Rm_n + e``, ``Var e = n sigma^2``: R_n the return over the n sessions since the trade before
    (``panel.spans``), Rm_n the market's over the same sessions, compounded (the sum of log returns; missing where one
    of them is). Every term is divided by sqrt(n), the constant becoming sqrt(n), and estimated by least squares:
    ``sigma^2 = e*'e* / nu`` with e* = e / sqrt(n), nu = T - 2, T the returns used. A return is not lost where
    sessions without a trade lie before it, which is exempt from the rule that a gap is missing.

    An abnormal return over n sessions has variance sigma^2 (n + x'(X*'X*)^-1 x), x = (n, Rm_n): ``variance`` is n on
    the days of the event window, ``xtx_inv`` (X*'X*)^-1, ``design`` (N, D, 2) x, and ``residuals`` e*. Days of the
    event window without a trade are not missing from a CAR: the next return has them in it; and the first of a window
    has in it what happened since the last trade before the window. ``r_squared`` compares with a alone. With spans
    of None, or 1 on all days, this is the model ``market``.

    References
    ----------
    Maynes and Rumsey (1993).

    Examples
    --------
    ``estimate(panel, "trade_to_trade")`` of a panel from ``returns_on(levels, sessions, across_gaps=True)``.

    >>> from eventstudy.example import example
    >>> normal = example(model="trade_to_trade").normal
    >>> float(round(normal.params[0, 1], 3))
    0.466
    """
    require(panel, "trade_to_trade", ("market",))
    if panel.spans is None:
        normal: NormalReturns = replace(MARKET(panel), model="trade_to_trade")
        return normal
    sessions = panel.spans[panel.security]
    market = compounded(panel)[panel.security]
    root = np.sqrt(panel.spans)
    scaled = replace(panel, returns=panel.returns / root)
    design: FloatArray = np.stack([sessions, market], axis=2)
    weighted = design / root[panel.security][:, :, None]
    fitted = least_squares(scaled.layout, "trade_to_trade", ("n", "market"), weighted, np.zeros(len(panel.sessions)))
    residuals = estimation_residuals(scaled, fitted)
    return replace(
        fitted,
        names=("const", "market"),
        design=read_only(design),
        r_squared=read_only(_r_squared(panel, residuals)),
        variance=read_only(gather(panel.spans, panel.security, panel.day, panel.event)),
        residuals=read_only(residuals),
    )


TRADE_TO_TRADE = phrases.market_model_by(
    "trade_to_trade",
    trade_to_trade,
    words="trade to trade",
    formula="E[R] = α·n + β·Rm, both over the n sessions since the last trade",
    source="Maynes and Rumsey 1993",
    method="fitted by least squares, each return weighed by the sessions it covers,",
    fitted="each share’s return from one trade to the next is fitted to that of its benchmark over the same sessions. "
    f"Alpha is the intercept a session, beta the response. {phrases.SCATTER}",
    errors=phrases.estimated(
        "ν = T − 2",
        "σ·√(n + x′(X′X)⁻¹x), n the sessions the return covers",
        "σ²·[Σn + 1′X(X′X)⁻¹X′1], X the regressors of the window’s days",
    ),
    parameters=phrases.LINE,
    at_once=True,
    across_gaps=True,
)


def compounded(panel: EventPanel) -> FloatArray:
    """The market's return over the sessions that each return of ``panel.returns`` covers, (S, D).

    Simple returns compound by products, log returns by sums; NaN where the security has no return, where the market
    lacks one of the sessions, and where the sessions begin before the panel's first.
    """
    market, spans = panel.regressors["market"], panel.spans
    if spans is None:
        return np.broadcast_to(market, panel.returns.shape)
    out = np.where(spans == 1.0, market, np.nan)
    rows, days = np.nonzero(spans > 1.0)
    lengths = spans[rows, days].astype(np.intp)
    grown = market
    for n in range(2, int(lengths.max(initial=1)) + 1):
        before = np.concatenate([[np.nan], grown[:-1]])
        grown = (1.0 + before) * (1.0 + market) - 1.0 if panel.kind == "simple" else before + market
        mine = lengths == n
        out[rows[mine], days[mine]] = grown[days[mine]]
    return out


def _r_squared(panel: EventPanel, residuals: FloatArray) -> FloatArray:
    """1 - e*'e* over what R = a n leaves, (N,), on the returns that have a residual; NaN for events without one."""
    here = np.isfinite(residuals)
    returns = gather(panel.returns, panel.security, panel.day, panel.estimation)
    spans = np.ones_like(returns) if panel.spans is None else gather(
        panel.spans, panel.security, panel.day, panel.estimation
    )  # fmt: skip
    covered = np.maximum(np.where(here, spans, 0.0).sum(axis=1), 1.0)
    mean = np.where(here, returns, 0.0).sum(axis=1) / covered
    left = np.where(here, (returns - mean[:, None] * spans) / np.sqrt(spans), 0.0)
    total, sse = (left**2).sum(axis=1), np.where(here, residuals, 0.0) ** 2
    return np.asarray(1.0 - sse.sum(axis=1) / np.where(total > 0, total, np.nan))
