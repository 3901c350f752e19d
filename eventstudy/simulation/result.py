"""What a simulation found: how it was made, the share of rejections of every test, and what follows from them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, overload

import numpy as np
import pandas as pd

from eventstudy.arguments import choice, flag, number, text, whole
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.objects.cards import Cards
from eventstudy.objects.estimation import Window

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Dates = Literal["common", "own", "repeated"]
COLUMNS = (
    *("test", "front", "shock", "level", "rejected", "standard_error", "applies"),
    *("n", "replications", "distinct", "reason"),
)
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """What was asked of `simulate`, as it was understood.

    ``group``, ``securities``: whose prices, the headline group if neither. ``n``: so many securities are drawn anew
    for every pseudo-study, of those named, else of all of the study on the headline exchange; None takes all named.
    ``dates``: ``common`` one date for all; ``own`` one for each; ``repeated`` the same ``repeats`` dates for each;
    windows of different dates never overlap. ``shocks`` decimals, 0 in front. ``variance``: factor on the variance of
    the tested ``window``. ``avoid_events``: pseudo-events keep off the windows of the study's own events and off
    excluded days, which are taken out of the estimation windows too. ``level`` of sentences and figures: ``alpha``.

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
            raise SpecError(f"securities name one twice: {', '.join(self.securities)}")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was made of it: pseudo-studies on the prices of ``securities``, each of ``events`` pseudo-events.

    ``words`` the model as a reader knows it;
    ``n`` securities in each, ``drawn`` anew or the same throughout; ``replications`` pseudo-studies were made, of
    which ``distinct`` differ; ``every_date``: each of the ``admissible`` dates was taken once and nothing drawn;
    these lie between ``first`` and ``last``. ``notes`` what a reader has to know besides.
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
    """The smallest move that ``test`` finds with probability ``power``; ``shock`` NaN with a ``reason`` if unknown."""

    test: str
    power: float
    level: float
    shock: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SimulationResult:
    """Size and power of tests on a study's own prices.

    ``table``, one row a test, shock and level: ``test``; ``front`` whether it fits the design; ``shock`` decimal;
    ``level`` nominal; ``rejected`` share of the pseudo-studies to which the test applies; ``standard_error``
    sqrt(p (1 - p) / replications), the error of drawing (where every date was taken once nothing is drawn: it is the
    error of as many independent dates); ``applies`` share of the pseudo-studies to which it applies; ``n`` events in
    each; ``replications`` to which it applies; ``distinct`` of them all; ``reason`` the commonest where it does not.
    ``front`` the tests that fit the design, best first, and ``why``; ``withstand`` those of them that keep their size
    where the event increases the variance; ``cards`` the facts about the tests tried.
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
        """Rejected share of one test at one shock: its size at 0, else its power.

        Raises
        ------
        UnknownNameError : the test was not tried; SpecError : nor was the shock or level.
        """
        rows, shock = self._rows(test, level), number("shock", shock, 0.03)
        found = rows.loc[rows["shock"] == shock, "rejected"]
        if found.empty:
            tried = ", ".join(f"{s:g}" for s in self.settings.shocks)
            raise SpecError(f"the shock {shock:g} was not tried; those that were: {tried}")
        return float(found.iloc[0])

    def detectable(self, test: str, power: float = 0.8, level: float | None = None) -> Detectable:
        """The smallest move found with probability `power`, between shocks by straight lines.

        Of shocks with both signs the positive ones are looked at. NaN and a reason where even the largest is found
        less often, or where the test rejects as often without any.
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
        """What the simulation says, in plain words; its numbers are those of the table."""
        from eventstudy.simulation.page import sentence

        return sentence(self)

    def plot(self, level: float | None = None) -> Figure:
        """The power curve of every test that applies."""
        from eventstudy.figures.card import plotly_figure
        from eventstudy.simulation.figure import CARD

        return plotly_figure(CARD, self, level=level)

    def _repr_html_(self) -> str:
        from eventstudy.simulation.page import summary_html

        return summary_html(self)

    @overload
    def to_json(self) -> str: ...
    @overload
    def to_json(self, path: str | Path) -> Path: ...
    def to_json(self, path: str | Path | None = None) -> str | Path:
        """Everything as JSON text, 12 significant digits; written to `path` if given, which is returned."""
        from eventstudy.files.writing import json_object, write_text

        text = json_object(self.plain())
        return text if path is None else write_text(path, text)

    @overload
    def to_csv(self) -> str: ...
    @overload
    def to_csv(self, path: str | Path) -> Path: ...
    def to_csv(self, path: str | Path | None = None) -> str | Path:
        """The table as CSV, 12 significant digits; written to `path` if given, which is returned."""
        from eventstudy.files.writing import harmless_frame, write_text

        text = str(harmless_frame(self.table).to_csv(index=False, float_format="%.12g", lineterminator="\n"))
        return text if path is None else write_text(path, text)

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
