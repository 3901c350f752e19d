"""Placebo tests: the study repeated at every other date, and the rank of the true date among them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference.sample import MEAN_NULL, NAN, Sample, answer, gather, not_one, of_one, refuse
from eventstudy.inference.sizes import measured
from eventstudy.inference.sliding import sliding_fits
from eventstudy.models import card
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import BoolArray, DayZero, EventPanel, FloatArray, IntArray, NormalReturns, Window
from eventstudy.objects.outcomes import InferenceResult

FEWEST = 19  # dates: with fewer no p-value can be as small as 1 / (1 + dates) = .05
FEW_APART = 25  # dates / L below which overlapping windows are said to hold little, as in `sample_quantile`

_ASSUMES = ("the other dates are like the event date but for the event", "no increase of variance in the window")
_BLOCK = 500_000  # pseudo events held at once
_SMALL = 50_000  # returns up to which a grid is made for all securities: groups ask for theirs one after the other
_EQUAL = 1 - 1e-10  # sums of equal returns differ in their last digits from date to date; a tie counts as extreme
Sums = tuple[FloatArray, FloatArray]


# --------------------------------------------------------------------------------------------------------------- grid
@dataclass(frozen=True, slots=True, eq=False)
class PlaceboGrid:
    """N events repeated at M dates.

    ``events`` row of each true event by its (security, day zero); ``dates`` (M,) columns of the panel; ``of_window``
    gives CAR and SCAR over a window at every date, both (N, M), NaN where the study would have refused the date or a
    day of the window is missing.
    """

    events: dict[tuple[int, int], int]
    dates: IntArray
    of_window: Callable[[Window], Sums]
    known: dict[Window, Sums] = field(default_factory=dict)

    def sums(self, abnormal: AbnormalReturns, window: Window) -> Sums:
        """CAR and SCAR over `window` of the events of `abnormal` (n of the N) at every date at which they may be."""
        if window not in self.known:
            self.known[window] = self.of_window(window)
        rows = [self.events[key] for key in _keys(abnormal.panel.security, abnormal.panel.day)]
        car, scar = (values[rows] for values in self.known[window])
        allowed = _admissible(abnormal.panel, self.dates, window)
        return np.where(allowed, car, NAN), np.where(allowed, scar, NAN)


def placebo_grid(abnormal: AbnormalReturns, every: bool = False) -> PlaceboGrid:
    """Estimate the same model at every date at which the study could have been made, and form the abnormal returns.

    Windows, least number of returns and model are the study's own. An event's own event window is dropped from the
    estimation windows of its pseudo events, so that no estimate rests on the days in question. With `every` the grid
    of a model on one design holds each security of the panel, not those of `abnormal` alone.
    """
    panel, dates = abnormal.panel, _possible_dates(abnormal.panel)
    events, of_window = (panel.security, panel.day), None
    if not _one_design(abnormal.normal):
        of_window = _again(abnormal, dates)
    elif every:
        days, rows = np.unique(panel.day), np.arange(len(panel.tickers), dtype=np.int32)
        events = np.tile(rows, len(days)), np.repeat(days, len(rows))
    places = {key: i for i, key in enumerate(_keys(*events))}
    return PlaceboGrid(places, dates, of_window or sliding_fits(abnormal, dates, events).sums)


def _one_design(normal: NormalReturns) -> bool:
    plain = normal.variance is None and normal.residuals is None
    return normal.least_squares and plain and normal.design.ndim == 2 and normal.offset.ndim == 1


def _again(abnormal: AbnormalReturns, dates: IntArray) -> Callable[[Window], Sums]:
    """The model's own function on a panel with an event for each of N securities and M dates."""
    panel, fit = abnormal.panel, abnormal.normal.fit
    if fit is None:
        raise TypeError("the function that estimated the model is not known")
    m, n, own = len(dates), abnormal.n, panel.returns[panel.security]
    apart = np.arange(own.shape[1]) - panel.day[:, None]
    masked = np.where((apart >= panel.event.start) & (apart <= panel.event.end), NAN, own)
    days = [(int(t), panel.sessions[t].date()) for t in dates]
    pseudo = replace(
        panel,
        # The first S rows stay as they are: models that compare with other securities look for these there.
        tickers=panel.tickers + panel.event_tickers,
        returns=np.concatenate([panel.returns, masked]),
        spans=None if panel.spans is None else np.concatenate([panel.spans, panel.spans[panel.security]]),
        events=tuple(event for event in panel.events for _ in range(m)),
        day_zero=tuple(DayZero(event, t, session, 0) for event in panel.events for t, session in days),
        security=np.repeat(np.arange(n, dtype=np.int32) + np.int32(len(panel.tickers)), m),
        day=np.tile(dates, n),
    )
    normal = fit(pseudo)
    found = abnormal_returns(replace(pseudo, returns=np.concatenate([panel.returns, own])), normal)

    def of_window(window: Window) -> Sums:
        car = found.car(window)
        return car.reshape(n, m), (car / found.car_se(window)).reshape(n, m)

    return of_window


def _keys(security: IntArray, day: IntArray) -> list[tuple[int, int]]:
    return list(zip(security.tolist(), day.tolist(), strict=True))


def _possible_dates(panel: EventPanel) -> IntArray:
    """Columns whose estimation window holds ``min_obs`` sessions and whose event window has a day in the history."""
    last = len(panel.sessions) - 1
    t = np.arange(last + 1, dtype=np.int32)
    sessions = np.minimum(t + panel.estimation.end, last) - np.maximum(t + panel.estimation.start, 0) + 1
    return t[(sessions >= panel.min_obs) & (t + panel.event.start <= last) & (t + panel.event.end >= 0)]


def _admissible(panel: EventPanel, dates: IntArray, window: Window) -> BoolArray:
    """(n, M), on one date (1, M): whether `window` there is in the history, apart from the event's, not excluded."""
    day = panel.day[:1] if (panel.day == panel.day[:1]).all() else panel.day
    inside = (dates + window.start >= 0) & (dates + window.end < len(panel.sessions))
    apart = np.abs(dates - day[:, None]) >= window.length
    excluded = np.array(panel.excluded, dtype=np.int32)
    clear = (excluded < dates[:, None] + window.start) | (excluded > dates[:, None] + window.end)
    return np.asarray(inside & apart & clear.all(axis=1))


# Grids by the id of their returns: windows, groups and claims ask for the same ones. One goes with its returns.
_KEPT: dict[int, tuple[weakref.ref[FloatArray], tuple[object, ...], PlaceboGrid]] = {}


def _grid(abnormal: AbnormalReturns) -> PlaceboGrid:
    """The grid kept, if it holds the events of `abnormal`, else a new one that is kept from then on."""
    panel, normal, place = abnormal.panel, abnormal.normal, id(abnormal.panel.returns)
    if panel.returns.flags.writeable or normal.design.flags.writeable:  # may be changed from outside
        return placebo_grid(abnormal)
    made_with = (normal.design, normal.offset, normal.fit, panel.estimation, panel.event, panel.min_obs)
    if (found := _KEPT.pop(place, None)) and found[0]() is panel.returns:
        same = all(a is b for a, b in zip(found[1], made_with, strict=True))
        if same and found[2].events.keys() >= set(_keys(panel.security, panel.day)):
            return _KEPT.setdefault(place, found)[2]
    while len(_KEPT) >= (1 if abnormal.n * len(panel.sessions) > 1_000_000 else 32):  # a large one stays alone
        _KEPT.pop(next(iter(_KEPT)))
    returns = weakref.ref(panel.returns, lambda _: _KEPT.pop(place, None))
    every = panel.returns.size * len(np.unique(panel.day)) <= _SMALL
    return _KEPT.setdefault(place, (returns, made_with, placebo_grid(abnormal, every)))[2]


# ------------------------------------------------------------------------------------------------------- one security
def placebo(abnormal: AbnormalReturns, window: Window, *, slow_models: bool = False) -> InferenceResult:
    """Rank of the SCAR among those of the same study at every other admissible date (Heckman and Hotz 1989).

    p = (1 + #{|SCAR_s| >= |SCAR|}) / (1 + number of dates), each SCAR_s from the model estimated again before date s
    and standardised by its own forecast error. A date is admissible where the study itself would be made: enough
    estimation returns, every day of the window there; and where its window touches neither the same window around the
    event nor an excluded day (``EventPanel.excluded``). The whole event window around the event is left out of the
    estimation windows of later dates. Dates before and after the event count alike. The statistic is the rank from
    the most extreme (1 is beyond all), ``df`` the number of dates. Windows of neighbouring dates overlap: only about
    dates / L are separate, and where that is less than 25 a warning says so. At least 19 dates, or no p-value could
    be .05. Its measured size is in docs/calibration.md. Unlike `sample_quantile`, each date carries the estimation
    error that the event carries, and the days after the event are used. Placebos in time go back to the pre-programme
    tests of Heckman and Hotz (1989); Abadie, Diamond and Hainmueller (2015) rank an effect among them.

    Parameters
    ----------
    abnormal : of one security and one event.
    slow_models : repeat also models that are estimated one event at a time, as GARCH is: it may take minutes.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = placebo(example().take([0]), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (31.0, 0.1348)
    """
    if abnormal.n != 1:
        return not_one(PLACEBO, abnormal, window, "placebo_portfolio")
    return placebo_results(abnormal, window, slow_models=slow_models)[0]


def placebo_results(
    abnormal: AbnormalReturns, window: Window, residuals: FloatArray | None = None, *, slow_models: bool = False
) -> list[InferenceResult]:
    """`placebo` for every event together, a result each; `residuals` are not needed."""
    observed, known = abnormal.scar(window), abnormal.reasons(window)
    if reason := _not_repeatable(abnormal.normal, slow_models):
        return [of_one(PLACEBO, t, window, reason=why or reason) for t, why in zip(abnormal.keys, known, strict=True)]
    scar = np.concatenate([grid.sums(part, window)[1] for part, grid in _blocks(abnormal)])
    dates = np.isfinite(scar).sum(axis=1).tolist()
    rank = (1 + (np.abs(scar) >= _EQUAL * np.abs(observed)[:, None]).sum(axis=1)).tolist()
    rows = zip(abnormal.keys, known, np.isfinite(observed).tolist(), rank, dates, strict=True)
    return [
        of_one(PLACEBO, ticker, window, reason=why)
        if (why := missing or (None if finite else _flat(ticker)) or _too_few(count))
        else of_one(
            *(PLACEBO, ticker, window),
            statistic=float(place),
            df=(float(count),),
            p=place / (count + 1),
            warning=_few_apart(count, window.length),
        )
        for ticker, missing, finite, place, count in rows
    ]


def _blocks(abnormal: AbnormalReturns) -> Iterator[tuple[AbnormalReturns, PlaceboGrid]]:
    """The events in parts whose grids fit into memory; one part where that is enough, so that its grid is kept."""
    at_once = max(1, _BLOCK // max(1, len(_possible_dates(abnormal.panel))))
    if abnormal.n <= at_once:
        yield abnormal, _grid(abnormal)
        return
    for start in range(0, abnormal.n, at_once):
        part = abnormal.take(range(start, min(start + at_once, abnormal.n)))
        yield part, placebo_grid(part)


def _not_repeatable(normal: NormalReturns, slow_models: bool) -> str | None:
    if _one_design(normal):
        return None
    if normal.fit is None:
        return "the function that estimated the model is not known, so it cannot be estimated at other dates"
    if normal.least_squares or card(normal.fit).at_once or slow_models:
        return None
    return (
        f"the model {normal.model} is estimated one event at a time, which for every date may take minutes; "
        "call placebo with slow_models=True, or use sample_quantile"
    )


def _flat(ticker: str) -> str:
    return f"the estimation residuals of {ticker} have no variance"


def _too_few(dates: int) -> str | None:
    if dates >= FEWEST:
        return None
    return f"needs at least {FEWEST} other dates at which the study could have been made, has {dates}"


def _few_apart(dates: int, length: int) -> str | None:
    if length == 1 or dates >= FEW_APART * length:
        return None
    return f"the windows of the {dates} dates overlap: only about {dates // length} of them are apart from each other"


PLACEBO = Test(
    name="placebo",
    run=placebo,
    words="the placebo-date test",
    label="placebo dates",
    question="How rare is a move this large among all other dates of this security?",
    of="security",
    about="mean",
    family="resampling",
    statistic=(
        "place of |SCAR| among those of the same study at every other date it could have been made, p = (1 + #) "
        "/ (1 + dates)"
    ),
    reference="rank",
    distribution="rank",
    source="Heckman and Hotz 1989",
    null="the cumulative abnormal return of {subject} over {window} is like that over any other dates",
    assumptions=_ASSUMES,
    leans_on="sees the rank of the day among all other dates alone, not how far it lies out",
    dates="any",
    shared_date="one security",
    variance="no",
    slow=True,
    by_rank=True,
    each=placebo_results,
    needs=None,
    front={"one_security": 3},
    measured=measured("placebo"),
)


# -------------------------------------------------------------------------------------------------------------- group
def placebo_portfolio(
    abnormal: AbnormalReturns | Sample, window: Window, *, slow_models: bool = False
) -> InferenceResult:
    """Rank of the CAAR among those of the same securities at every other common date (Brown and Warner 1985).

    p = (1 + #{|CAAR_s| >= |CAAR|}) / (1 + number of dates), CAAR_s the mean over the same N securities of their CARs
    when the study is repeated at date s (see `placebo`); a date counts where all N have one. Needs one shared date.
    The dependence between the securities is that of the other dates, whatever it is: withstands a shared date; does
    not withstand an increase of variance or of correlation on the day. The statistic is the rank from the most
    extreme, ``df`` the number of dates.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = placebo_portfolio(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (12.0, 0.0522)
    """
    sample = gather(abnormal, window)
    reason = sample.too_few or (None if sample.history.one_date else "needs one shared date, the events have several")
    if reason := reason or sample.lacking or _not_repeatable(sample.kept.normal, slow_models):
        return refuse(sample, PLACEBO_PORTFOLIO, reason)
    caar = _grid(sample.kept).sums(sample.kept, window)[0].mean(axis=0)
    dates = int(np.isfinite(caar).sum())
    if reason := _too_few(dates):
        return refuse(sample, PLACEBO_PORTFOLIO, f"{reason} with returns of all {sample.n} events")
    rank = 1 + int((np.abs(caar) >= _EQUAL * abs(float(sample.car.mean()))).sum())
    warning = _few_apart(dates, window.length)
    return answer(sample, PLACEBO_PORTFOLIO, rank, (float(dates),), p=rank / (dates + 1), warning=warning)


PLACEBO_PORTFOLIO = Test(
    name="placebo_portfolio",
    run=placebo_portfolio,
    words="the placebo-date test of the portfolio",
    label="placebo portfolio",
    question="How rare is a mean move this large among all other dates of the same securities?",
    of="group",
    about="mean",
    family="resampling",
    statistic=(
        "place of |CAAR| among those of the same securities at every other common date, p = (1 + #) / (1 + dates)"
    ),
    reference="rank",
    distribution="rank",
    source="Brown and Warner 1985",
    null=MEAN_NULL,
    assumptions=("one shared date", *_ASSUMES),
    leans_on="sees the rank of the day among all other dates alone, and needs an unchanged variance",
    dates="one",
    shared_date="yes",
    variance="no",
    slow=True,
    by_rank=True,
    each=None,
    needs=None,
    front={"few_one_date": 5, "many_one_date": 6},
    measured=measured("placebo_portfolio"),
)
