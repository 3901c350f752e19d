"""Normal returns from a group of peers instead of a market index."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eventstudy.engine.ols import least_squares
from eventstudy.errors import SpecError
from eventstudy.models import phrases
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns

_NONE = "has no peers: none are named for it, and the study has no other security on its exchange"
_NOT_HERE = "has no peers: none of {} trades on its exchange's sessions"
_TOO_SHORT = "has no peers: none of {} has the {} estimation returns needed"


@dataclass(frozen=True, slots=True)
class Peer:
    """``E[R] = a + b R_peers``, R_peers the equal-weight mean return of a group of peers. Call it on a panel.

    Ordinary least squares on the estimation window: sigma^2 = e'e / nu, nu = T - 2, forecast term x'(X'X)^-1 x with
    x = (1, R_peers); ``design`` is (N, D, 2), one group an event. The peers of an event are, in this order: `tickers`;
    those that ``panel.peers`` names for its security; the other securities of the panel. The security itself is never
    among them.

    The group of an event is fixed: the peers with ``panel.min_obs`` returns in its estimation window. A day counts if
    all of them have a return; else R_peers, and with it the abnormal return, is missing on that day. (A mean over
    whoever is there would change its variance and its beta from day to day, and b would fit neither.) A peer listed
    too late for the estimation window thus costs nothing, and one that is missing on the event day is not replaced.

    Where the peers are hit by the same news their own reaction is in R_peers, and b times it is taken off: abnormal
    returns are pulled towards zero, and a common reaction of the whole group is invisible. Peers should be alike in
    business and strangers to the event; ``panel.peers`` names such ones.

    Parameters
    ----------
    tickers : the peers of every event, rows of ``panel.returns``; () for the panel's own.

    Raises
    ------
    SpecError : `tickers` is a string or holds a name twice; when called, one of them is not in the panel. A security
        without peers is refused with a reason, and the others go on.

    References
    ----------
    MacKinlay (1997), section 4, on the returns of an industry or of like firms as normal returns.

    Examples
    --------
    >>> Peer(("AMD", "INTC")).tickers
    ('AMD', 'INTC')
    """

    tickers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.tickers, str):
            raise SpecError(f"peers are a tuple of tickers, got {self.tickers!r}; write ({self.tickers!r},)")
        if len(set(self.tickers)) != len(self.tickers):
            raise SpecError(f"a peer is named twice: {', '.join(self.tickers)}")

    @property
    def name(self) -> str:
        """``peer``, whoever the peers are."""
        return "peer"

    @property
    def card(self) -> Model:
        """The facts about the model, whoever the peers are."""
        return Model(
            name=self.name,
            fit=self,
            words="peer group",
            formula="E[R] = α + β·(mean return of the peers)",
            source="MacKinlay 1997",
            method="fitted by least squares",
            fitted="each share’s return is fitted to the mean return of its peers. Alpha is the intercept, peers the "
            "response to that mean, sigma the scatter around the line and R² the share of the variance the peers "
            "explain. What the line predicts for an event day is the normal return of that day; no benchmark is used.",
            takes=phrases.PEERS,
            errors=phrases.on_one_line("ν = T − 2", "Rp", "R̄p", ", Rp the mean return of the peers"),
            parameters="const is alpha, the intercept; peers is the response to the mean return of the peers",
            uses_benchmark=False,
            compares_with="peers",
            across_gaps=False,
            same_parameters=True,
            linear=False,
            at_once=True,
        )

    def __call__(self, panel: EventPanel) -> NormalReturns:
        """Estimate the model for every event of `panel`."""
        absent = [t for t in self.tickers if t not in panel.tickers]
        if absent:
            raise SpecError(
                f"the peers {', '.join(absent)} are not among the panel's securities ({', '.join(panel.tickers)})"
            )
        groups, reasons = _groups(panel, self.tickers)
        design = np.ones((panel.n_events, len(panel.sessions), 2))
        means: dict[tuple[int, ...], FloatArray] = {}
        for i, rows in enumerate(groups):
            if rows not in means:
                means[rows] = _mean(panel.returns[list(rows)]) if rows else np.full(len(panel.sessions), np.nan)
            design[i, :, 1] = means[rows]
        normal = least_squares(panel.layout, self.name, ("const", "peers"), design, np.zeros(len(panel.sessions)))
        why = tuple(own or found for own, found in zip(reasons, normal.reason, strict=True))
        return replace(normal, reason=why)


PEER = Peer().card


def _mean(returns: FloatArray) -> FloatArray:
    """Mean of the peers (J, D) on each session, NaN where one has no return; an infinity is none."""
    return np.asarray(np.where(np.isfinite(returns), returns, np.nan).mean(axis=0))


def _groups(panel: EventPanel, tickers: tuple[str, ...]) -> tuple[list[tuple[int, ...]], list[str | None]]:
    """The rows of each event's peers, and why it has none."""
    row: dict[str, int] = {}
    for s, ticker in enumerate(panel.tickers):
        row.setdefault(ticker, s)  # pseudo events repeat their securities further down, with days taken out
    counted = np.zeros((len(panel.tickers), len(panel.sessions) + 1), np.int32)
    np.cumsum(np.isfinite(panel.returns), axis=1, out=counted[:, 1:])
    groups: list[tuple[int, ...]] = []
    reasons: list[str | None] = []
    others = {ticker: tickers or panel.peers.get(ticker, ()) for ticker in set(panel.event_tickers)}
    others = {ticker: found or _others(panel, ticker) for ticker, found in others.items()}
    for ticker, day in zip(panel.event_tickers, panel.day.tolist(), strict=True):
        named = [t for t in others[ticker] if t != ticker]
        here = [row[t] for t in named if t in row]
        first, end = (min(max(day + tau, 0), len(panel.sessions)) for tau in _bounds(panel))
        group = tuple(s for s in here if counted[s, end] - counted[s, first] >= max(panel.min_obs, 1))
        groups.append(group)
        why = _NONE if not named else _NOT_HERE if not here else _TOO_SHORT
        reasons.append(None if group else why.format(", ".join(named), panel.min_obs))
    return groups, reasons


def _bounds(panel: EventPanel) -> tuple[int, int]:
    return panel.estimation.start, panel.estimation.end + 1


def _others(panel: EventPanel, ticker: str) -> tuple[str, ...]:
    """The other securities: those with an event, and those in the panel without being a peer or donor of another.

    Securities that are in the panel only because they were named for others are not peers of this one. An event whose
    fellow events were taken out of the panel keeps them as peers, for their returns are still there.
    """
    named = {t for known in (panel.peers, panel.donors) for group in known.values() for t in group}
    with_event = set(panel.event_tickers)
    known = dict.fromkeys(panel.tickers)
    return tuple(t for t in known if t != ticker and (t in with_event or t not in named))
