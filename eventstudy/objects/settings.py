"""The effective settings of a study: one frozen object, printed in every report and written to results.json."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any, Literal, get_args

from eventstudy.errors import SpecError, WindowError
from eventstudy.objects.estimation import DayZeroPolicy, Event, Period, ReturnKind, Window, keyed
from eventstudy.objects.prices import Basis
from eventstudy.objects.sensitivity import USUAL_GRID, Grid

VolumeModel = Literal["market", "mean", "none"]
CalendarKind = Literal["exchange", "own"]


@dataclass(frozen=True, slots=True)
class Confounder:
    """News other than the study's own, which may have moved the same securities.

    Parameters
    ----------
    day : the first day on which it could be traded, or the day it became known.
    what : the news, in a few words.
    source : who says so.
    tickers : the securities that it bears on; () for all.

    Examples
    --------
    >>> Confounder(dt.date(2025, 3, 26), "tariffs on cars", "90 FR 14705").bears_on("NVDA")
    True
    """

    day: dt.date
    what: str
    source: str
    tickers: tuple[str, ...] = ()

    def bears_on(self, ticker: str) -> bool:
        """Whether it bears on a security."""
        return not self.tickers or ticker in self.tickers


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding of the price checks that the user knows to be real.

    Parameters
    ----------
    check : name of the check, or of its finding.
    ticker : the series it is about, None for a finding about all of an exchange.
    date : its day; None names the only finding, and accepts none where there are several.
    why : how it is known, for the report.
    where : file and line that say so.

    Examples
    --------
    >>> Accepted("split_jump", "RRC", dt.date(1990, 5, 1)).check
    'split_jump'
    """

    check: str
    ticker: str | None = None
    date: dt.date | None = None
    why: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of a study, after flags, file and defaults.

    Parameters
    ----------
    id, title : the name of the study, and its title for a reader.
    events : the events, each with its key.
    tickers : the securities.
    groups : name -> tickers that are tested together, with all their events of an announcement.
    benchmarks : market identifier code, or ``default`` -> the series compared with.
    compare_benchmarks : further benchmarks for the headline event, for the securities of the default exchange.
    compare_models : further models for the headline event, for the securities of the headline group.
    model : the model of normal returns.
    returns : ``simple`` or ``log``.
    basis : the price that returns are formed from.
    estimation, event : the windows, in sessions relative to day zero.
    windows : the windows over which abnormal returns are summed and tested, inside ``event``.
    min_obs : the fewest returns in the estimation window.
    policy : what to do with an announcement on a closed day.
    alpha : the level of the tests.
    allow_missing : whether sums leave out missing days; if not, a sum with a missing day is missing.
    headline_event : the announcement that the report is about.
    headline_group : the group that the report is about.
    tests : the names of the tests; () is all of the registry.
    exchanges : ticker -> market identifier code, where it is stated.
    labels : event id -> words for a reader.
    members : benchmark -> securities known to be part of it. A security in its own benchmark pulls its abnormal return
        towards zero, and the report says so.
    weights : benchmark -> ticker -> its weight at the close before the headline event, a decimal, where it is known
        better than from market values.
    peers, donors : ticker -> tickers that the models ``peer`` and ``synthetic_control`` compare it with.
    contaminated : days, besides those of the events, that no placebo may use.
    confounders : other news that bears on the securities, listed beside claims whose windows take them in.
    accept : findings of the price checks that are known to be real.
    volume : what abnormal trading volume is measured against: the benchmark's volume, the security's own mean, or
        nothing.
    functions : name -> a user's own model or test.
    pools : the groups that hold events, not securities: those whose ``group`` or ``name`` it is.
    pool : the one of ``pools`` that holds all events.
    calendar : whose sessions count: the exchange's, or ``own``, the dates of the prices.
    shares : ticker -> ``shares``, ``as_of`` and ``source`` of a share count that the study states.
    sensitivity : the further specifications of the grid, None where it is left out.
    closures, sessions : market identifier code -> days on which the exchange was closed, or open, unlike its published
        calendar.

    Raises
    ------
    SpecError, WindowError : a value is not allowed, or windows do not fit each other.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> settings = example_result().settings
    >>> str(settings.estimation), settings.model, settings.benchmark_for("XNYS")
    ('[-130, -11]', 'market', 'M')
    """

    id: str
    title: str
    events: tuple[Event, ...]
    tickers: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    benchmarks: Mapping[str, str]
    compare_benchmarks: tuple[str, ...] = ()
    compare_models: tuple[str, ...] = ()
    model: str = "market"
    returns: ReturnKind = "simple"
    basis: Basis = "adj_close"
    estimation: Window = Window(-260, -11)
    event: Window = Window(-10, 10)
    windows: tuple[Window, ...] = (Window(0, 0), Window(-1, 1), Window(0, 1), Window(0, 5), Window(-10, 10))
    min_obs: int = 175
    policy: DayZeroPolicy = "next"
    alpha: float = 0.05
    allow_missing: bool = False
    headline_event: str = ""
    headline_group: str | None = None
    tests: tuple[str, ...] = ()
    exchanges: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    donors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contaminated: tuple[dt.date, ...] = ()
    volume: VolumeModel = "market"
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    pools: tuple[str, ...] = ()
    pool: str | None = None
    calendar: CalendarKind = "exchange"
    sensitivity: Grid | None = USUAL_GRID
    shares: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    confounders: tuple[Confounder, ...] = ()
    closures: Mapping[str, tuple[dt.date, ...]] = field(default_factory=dict)
    sessions: Mapping[str, tuple[dt.date, ...]] = field(default_factory=dict)
    accept: tuple[Accepted, ...] = ()

    def __post_init__(self) -> None:
        if not all(event.key for event in self.events):
            object.__setattr__(self, "events", keyed(self.events))
        for name in ("windows", "tests", "compare_models", "compare_benchmarks"):  # what stands twice counts once
            object.__setattr__(self, name, tuple(dict.fromkeys(getattr(self, name))))
        if self.estimation.end >= self.event.start:
            raise WindowError(
                f"estimation {self.estimation} and event {self.event} overlap: "
                "the estimation window has to end before the event window starts"
            )
        for window in self.windows:
            if not self.event.contains(window):
                raise WindowError(f"window {window} lies outside the event window {self.event}")
        if not 0 < self.alpha < 1:
            raise SpecError(f"alpha is a probability between 0 and 1, got {self.alpha}")
        if self.calendar not in get_args(CalendarKind):
            raise SpecError(f"calendar is {' or '.join(get_args(CalendarKind))}, got {self.calendar!r}")
        if self.volume not in get_args(VolumeModel):
            raise SpecError(f"volume is {', '.join(get_args(VolumeModel))}, got {self.volume!r}")
        if self.min_obs > self.estimation.length:
            raise SpecError(f"min_obs {self.min_obs} exceeds the estimation window of {self.estimation.length} days")

    @property
    def event_ids(self) -> tuple[str, ...]:
        """The ids of the announcements, each once, in the order of the study."""
        return tuple(dict.fromkeys(event.id for event in self.events))

    def keys(self, event_id: str, group: str | None = None) -> tuple[str, ...]:
        """The keys of the events of one ``id``, in a `group` or in all: by security, and for each security in their
        order.

        A group of securities has all events of its members; one of ``pools`` has the events that belong to it.
        """
        here: dict[str, list[Event]] = {}
        for event in self.events:
            if event.id == event_id:
                here.setdefault(event.ticker, []).append(event)
        members = self.tickers if group is None else dict.fromkeys(self.groups[group])
        pooled = group in self.pools
        return tuple(
            event.key
            for ticker in members
            for event in here.get(ticker, ())
            if not pooled or group in (self.pool, event.group, event.name)
        )

    def benchmark_for(self, exchange: str) -> str | None:
        """The series that securities of `exchange` are compared with, None if the study names none."""
        return self.benchmarks.get(exchange, self.benchmarks.get("default"))


def usual_min_obs(length: int) -> int:
    """The fewest returns that an estimate rests on where nothing is said: 70 % of the window, 60 if it has as many.

    >>> usual_min_obs(250), usual_min_obs(70), usual_min_obs(50)
    (175, 60, 35)
    """
    share = ceil(0.7 * length)
    return max(60, share) if length >= 60 else share


def settings_dict(settings: Settings) -> dict[str, Any]:
    """The settings as plain data: windows as [start, end], securities listed once per announcement.

    An event with a group, a name or traits of its own has its own entry.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> settings_dict(example_result().settings)["windows"]
    [[0, 0], [-1, 1]]
    """
    plain: dict[str, Any] = {}
    for name in settings.__dataclass_fields__:
        value = getattr(settings, name)
        if name != "functions" and (name not in _USUAL or value != _USUAL[name]):
            plain[name] = _plain(value)
    announced: dict[tuple[str, str, str], list[str]] = {}
    own: dict[tuple[str, str, str], dict[str, Any]] = {}
    for event in settings.events:
        more = {what: _plain(value) for what in OWN if (value := getattr(event, what))}
        key = (event.id, event.announced.isoformat(), event.key if more else "")
        announced.setdefault(key, []).append(event.ticker)
        own[key] = more
    plain["events"] = [
        {"id": key[0], "announced": key[1], "tickers": tickers, **own[key]} for key, tickers in announced.items()
    ]
    return plain


# The settings that are only said where they are not the usual ones.
_USUAL: Mapping[str, Any] = {
    "pools": (),
    "pool": None,
    "calendar": "exchange",
    "shares": {},
    "sensitivity": USUAL_GRID,
    "confounders": (),
    "closures": {},
    "sessions": {},
    "accept": (),
}
OWN = ("group", "name", "benchmark", "estimation", "event", "traits")  # what an event may have for itself


def _plain(value: Any) -> Any:
    if isinstance(value, Grid | Confounder):
        return _plain(asdict(value))
    if isinstance(value, Accepted):
        said = asdict(value)
        return _plain({key: said[key] for key in ("check", "ticker", "date", "why") if said[key] is not None})
    if isinstance(value, Window):
        return [value.start, value.end]
    if isinstance(value, Period):
        return [value.first.isoformat(), value.last.isoformat()]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value
