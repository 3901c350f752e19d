"""What a simulation found: how it was made, the share of rejections of every test, and what follows from them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, overload

import numpy as np
import pandas as pd

from eventstudy.arguments import choice, flag, number, public, text, whole, written_as
from eventstudy.errors import SpecError, UnknownNameError, listed
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import Window

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from eventstudy.figures.theme import Theme

Dates = Literal["common", "own", "repeated"]
COLUMNS = (
    *("test", "front", "shock", "level", "rejected", "standard_error", "applies"),
    *("n", "replications", "distinct", "reason"),
)
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """What was asked of `simulate`, as it was understood.

    Windows of different dates never overlap.

    Parameters
    ----------
    group, securities : whose prices; the headline group if neither is given.
    n : how many securities are drawn again for every pseudo-study, from those named or else from all of the study on
        the headline exchange; None takes all named.
    dates : ``common``: one date for all; ``own``: one for each; ``repeated``: the same ``repeats`` dates for each.
    repeats : the number of repeated dates.
    shocks : decimals, 0 first.
    variance : the factor on the variance of the tested ``window``.
    window : the days tested.
    replications : the number of pseudo-studies.
    seed : of the random numbers.
    alpha : the level of sentences and figures.
    levels : all levels of the table.
    avoid_events : whether pseudo-events keep away from the windows of the study's own events and from excluded days,
        which are then left out of the estimation windows too.

    Raises
    ------
    SpecError : a value is not allowed; UnknownNameError for ``dates``.
    """

    group: str | None = None
    securities: tuple[str, ...] = ()
    n: int | None = None
    dates: Dates = "common"
    repeats: int = 6
    shocks: tuple[float, ...] = (0.0,)
    variance: float = 1.0
    window: Window = Window(0, 0)
    replications: int = 2000
    seed: int = 0
    alpha: float = 0.05
    levels: tuple[float, ...] = (0.05,)
    avoid_events: bool = True

    def __post_init__(self) -> None:
        flag("avoid_events", self.avoid_events)
        if self.group is not None:
            text("group", self.group, "chips")
        choice("kind of dates", self.dates, get_args(Dates))
        for shock in self.shocks:
            if not (math.isfinite(shock) and -1 < shock < 1):
                raise SpecError(f"a shock is a decimal between -1 and 1, such as 0.03 for three per cent, got {shock}")
        for level in (self.alpha, *self.levels):
            if not 0 < level < 1:
                raise SpecError(f"a level is a probability between 0 and 1, such as 0.05, got {level}")
        if not (math.isfinite(self.variance) and self.variance > 0):
            raise SpecError(f"variance is a factor above 0 (1 leaves it as it is), got {self.variance}")
        for name, least in (("replications", 1), ("repeats", 2), ("seed", 0), ("n", 1)):
            value = getattr(self, name)
            if value is not None or name != "n":
                whole(name, value, least, least=least)
        if self.group is not None and self.securities:
            raise SpecError(f"give a group or securities, not both: got {self.group!r} and {list(self.securities)}")
        if len(set(self.securities)) < len(self.securities):
            raise SpecError(f"securities name one twice: {listed(self.securities, 12)}")


@dataclass(frozen=True, slots=True)
class Simulated:
    """How the pseudo-studies were made.

    Parameters
    ----------
    study, exchange, benchmark, model : of the headline event.
    words : the model as a reader knows it.
    estimation : the estimation window.
    securities : the securities whose prices were used.
    n : securities in each pseudo-study.
    events : pseudo-events in each pseudo-study.
    drawn : whether the securities were drawn again for each, or are the same in all.
    replications : pseudo-studies made.
    distinct : how many of them differ.
    every_date : whether each admissible date was taken once, so that nothing was drawn.
    admissible : the number of admissible dates.
    first, last : the first and last of them.
    notes : what a reader should know besides.
    """

    study: str
    exchange: str
    benchmark: str | None
    model: str
    words: str
    estimation: Window
    securities: tuple[str, ...]
    n: int
    events: int
    drawn: bool
    replications: int
    distinct: int
    every_date: bool
    admissible: int
    first: dt.date
    last: dt.date
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest move that a test finds with a given probability.

    Parameters
    ----------
    test : the name of the test.
    power : the probability.
    level : the level of the test.
    shock : the move, a decimal, NaN if it is not known.
    reason : why it is not known.
    """

    test: str
    power: float
    level: float
    shock: float
    reason: str | None = None


@public
@dataclass(frozen=True, slots=True, eq=False)
class SimulationResult:
    """Size and power of tests on a study's own prices.

    The columns of ``table``, which has one row per test, shock and level:

    * ``test`` : the name of the test
    * ``front`` : whether it fits the design
    * ``shock`` : the move added, a decimal
    * ``level`` : the nominal level
    * ``rejected`` : share of the pseudo-studies it applies to in which it rejects
    * ``standard_error`` : sqrt(p (1 - p) / replications), the error of drawing; where every date was taken once
      nothing is drawn, and it is the error of as many independent dates
    * ``applies`` : share of the pseudo-studies it applies to
    * ``n`` : events in each
    * ``replications`` : pseudo-studies it applies to
    * ``distinct`` : distinct ones among all
    * ``reason`` : the most frequent reason why it does not apply

    Parameters
    ----------
    settings : what was asked.
    made : how the pseudo-studies were made.
    table : the shares of rejections.
    front : the tests that fit the design, best first.
    why : why they do.
    withstand : those of ``front`` that keep their size where the event increases the variance.
    cards : the facts about the tests.

    Examples
    --------
    >>> import eventstudy as es
    >>> from eventstudy.example import example_result
    >>> found = es.simulate(example_result(), shocks=[0.03], replications=20, tests=["portfolio_t"], levels=[0.05])
    >>> found.tests, found.table["shock"].tolist(), found.share("portfolio_t", 0.03) > 0.5
    (('portfolio_t',), [0.0, 0.03], True)
    >>> found.detectable("portfolio_t", power=0.5).shock < 0.03, len(found.sentence) > 0, len(found.plot().data) > 0
    (True, True, True)
    >>> list(found.plain())[:2], len(found.to_json()) > len(found.to_csv()) > 0
    (['settings', 'made'], True)
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as at:
    ...     found.to_picture(f"{at}/power.svg").name
    'power.svg'
    """

    settings: SimulationSettings
    made: Simulated
    table: pd.DataFrame
    front: tuple[str, ...]
    why: str
    withstand: tuple[str, ...] = ()
    cards: Cards = field(default_factory=Cards)

    def __repr__(self) -> str:
        made = self.made
        return f"<SimulationResult {made.study!r}: {made.replications} pseudo-studies of {made.events} events>"

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests tried, in the order of the table."""
        return tuple(dict.fromkeys(self.table["test"]))

    def share(self, test: str, shock: float = 0.0, level: float | None = None) -> float:
        """The share of rejections of one test at one shock: its size at 0, else its power.

        Raises
        ------
        UnknownNameError : the test was not tried. SpecError : the shock or level was not tried.
        """
        rows, shock = self._rows(test, level), number("shock", shock, 0.03)
        found = rows.loc[rows["shock"] == shock, "rejected"]
        if found.empty:
            tried = ", ".join(f"{s:g}" for s in self.settings.shocks)
            raise SpecError(f"the shock {shock:g} was not tried; those that were: {tried}")
        return float(found.iloc[0])

    def detectable(self, test: str, power: float = 0.8, level: float | None = None) -> Detectable:
        """The smallest move found with probability `power`, by straight lines between the shocks.

        If shocks have both signs the positive ones are used. The answer is NaN with a reason where even the largest
        move is found less often, or where the test rejects as often without any move.
        """
        number("power", power, 0.8, low=0, high=1)
        rows = self._rows(test, level)
        level = float(rows["level"].iloc[0])
        up = rows["shock"] >= 0 if (rows["shock"] > 0).any() else rows["shock"] <= 0
        ladder = rows[up].sort_values("shock", key=np.abs)
        shock, share = ladder["shock"].to_numpy(float), ladder["rejected"].to_numpy(float)
        reason = _undetected(rows, shock, share, power)
        if reason is not None:
            return Detectable(test, power, level, _NAN, reason)
        k = int(np.flatnonzero(share >= power)[0])
        part = (power - share[k - 1]) / (share[k] - share[k - 1])
        return Detectable(test, power, level, float(shock[k - 1] + part * (shock[k] - shock[k - 1])))

    def _rows(self, test: str, level: float | None) -> pd.DataFrame:
        if text("test", test, "t") not in self.tests:
            raise UnknownNameError("test of this simulation", test, self.tests)
        level = self.settings.alpha if level is None else number("level", level, 0.05)
        if level not in self.settings.levels:
            known = ", ".join(f"{x:g}" for x in self.settings.levels)
            raise SpecError(f"the level {level:g} was not tried; those that were: {known}")
        return self.table[(self.table["test"] == test) & (self.table["level"] == level)]

    # ------------------------------------------------------------------------------------------------------- reading
    @property
    def sentence(self) -> str:
        """What the simulation says, in plain words, with the numbers of the table."""
        from eventstudy.simulation.page import sentence

        return sentence(self)

    def plot(self, level: float | None = None) -> Figure:
        """The power curve of every test that applies."""
        from eventstudy.figures.card import plotly_figure
        from eventstudy.simulation.figure import CARD

        return plotly_figure(CARD, self, level=level)

    def to_picture(self, path: str | Path, look: Theme = "light", level: float | None = None) -> Path:
        """The power curves as an SVG file, or as PNG by Chromium; returns the path.

        Parameters
        ----------
        path : ends in ``.svg`` or ``.png``.
        look : ``light`` or ``dark``.
        level : nominal level, one of those tried; that of the simulation if None.
        """
        from eventstudy.report.pictures import check_path, saved
        from eventstudy.simulation.figure import svg

        return saved(svg(self, look, level), check_path(path))

    def _repr_html_(self) -> str:
        from eventstudy.simulation.page import summary_html

        return summary_html(self)

    @overload
    def to_json(self) -> str: ...
    @overload
    def to_json(self, path: str | Path) -> Path: ...
    def to_json(self, path: str | Path | None = None) -> str | Path:
        """Everything as JSON text, 12 significant digits. With `path` it is written there, and the path is returned."""
        from eventstudy.files.writing import json_object, write_text

        text = json_object(self.plain())
        return text if path is None else write_text(written_as(path, "power.json"), text)

    @overload
    def to_csv(self) -> str: ...
    @overload
    def to_csv(self, path: str | Path) -> Path: ...
    def to_csv(self, path: str | Path | None = None) -> str | Path:
        """The table as CSV, 12 significant digits. With `path` it is written there, and the path is returned."""
        from eventstudy.files.writing import csv_text, write_text

        text = csv_text(self.table, 12)
        return text if path is None else write_text(written_as(path, "power.csv"), text)

    def plain(self) -> dict[str, Any]:
        """Everything as plain data: settings, what was made, sentence, detectable moves, table."""
        found = [asdict(self.detectable(test)) for test in self.tests]
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        own = {
            name: {k: [v.start, v.end] if isinstance(v, Window) else v for k, v in values.items()}
            for name, values in (("settings", _shallow(self.settings)), ("made", _shallow(self.made)))
        }
        return {**own, "sentence": self.sentence, "front": list(self.front), "detectable": found, "table": rows}


def _shallow(thing: SimulationSettings | Simulated) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _undetected(rows: pd.DataFrame, shock: np.ndarray, share: np.ndarray, power: float) -> str | None:
    """Why there is no smallest move, None if there is one."""
    if not np.isfinite(share).all():
        return str(rows["reason"].iloc[0])
    if len(shock) < 2:
        return "no shock was tried"
    if share[0] >= power:
        return f"it rejects in a share of {share[0]:g} without any move"
    if share.max() < power:
        return f"even the largest move tried, {shock[-1]:g}, is found in a share of {share[-1]:g}"
    return None
