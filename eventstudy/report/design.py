"""The design of a study in words: what its model takes away, what was fitted, on which days, what was not estimated.

Nothing on the page may take one design for granted; a sentence that depends on it is chosen here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eventstudy.figures.words import spoken
from eventstudy.objects.results import EventResult, StudyResult
from eventstudy.report import tables, wording

#: models whose normal return needs no estimate of a mean or slope but a scatter alone
NOT_FITTED = ("market_adjusted", "raw")
FACTORS = ("ff3", "carhart", "ff5", "ff5_mom", "factors", "capm_strict")

#: model -> what is left once this is taken away
_TAKEN: Mapping[str, str] = {
    "market": "the benchmark’s own move that day, times the share’s usual response to it, is taken away",
    "capm": "the risk-free rate, and the benchmark’s move beyond it times the share’s usual response, are taken away",
    "market_adjusted": "the benchmark’s own move that day is taken away",
    "mean_adjusted": "the share’s own average return before the event is taken away; no benchmark is used",
}

#: model -> what was done in the estimation window
_FITTED: Mapping[str, str] = {
    "market": "each share’s return is fitted to that of its benchmark. Alpha is the intercept, beta the response, "
    "sigma the scatter around the line and R² the share of the variance the benchmark explains. What the line predicts "
    "for an event day is the normal return of that day.",
    "capm": "each share’s return beyond the risk-free rate is fitted to that of its benchmark. Alpha is the intercept, "
    "beta the response, sigma the scatter around the line and R² the share of the variance the benchmark explains. "
    "What the line predicts for an event day is the normal return of that day.",
    "market_adjusted": "nothing is fitted but the scatter: sigma is that of the difference between the share’s return "
    "and its benchmark’s. The benchmark’s return on an event day is the normal return of that day.",
    "mean_adjusted": "each share’s return is averaged, and sigma is the scatter around that average. The average is "
    "the normal return of every event day; no benchmark is used.",
    "raw": "nothing is fitted but the scatter: sigma is that of the share’s returns around zero. The normal return of "
    "an event day is zero.",
}


class Place(NamedTuple):
    """One event in one event result."""

    key: str
    event: EventResult
    row: int

    @property
    def day(self) -> dt.date | None:
        """Its day zero."""
        return self.event.panel.day_zero[self.row].session

    @property
    def why_not(self) -> str | None:
        """Why it was not estimated, None if it was."""
        return self.event.normal.reason[self.row]


def places(result: StudyResult) -> list[Place]:
    """The events of the headline group where there is one, else all of the headline announcement."""
    settings = result.settings
    wanted = settings.keys(settings.headline_event, settings.headline_group)
    found = {key: e for e in reversed([*result.select(settings.headline_event)]) for key in e.panel.keys}
    return [Place(key, found[key], found[key].row(key)) for key in wanted if key in found]


def days(some: Sequence[Place]) -> list[dt.date]:
    """The different days zero, first to last."""
    return sorted({place.day for place in some if place.day is not None})


def taken_away(model: str) -> str:
    """The sentence that says what an abnormal return is."""
    if model == "raw":
        return "Here nothing is taken away from it: the abnormal return is the return itself."
    taken = _TAKEN.get(model)
    if taken is None:
        whose = "risk factors of the model" if model in FACTORS else f"model “{spoken(model)}”"
        taken = f"what the {whose} predict{'' if model in FACTORS else 's'} for the share that day is taken away"
    return f"An abnormal return says how much of it is left once {taken}."


def fitted(model: str) -> str:
    """What happened in the estimation window."""
    factors = (
        "each share’s return is fitted to the factors of the model. Alpha is the intercept, the other columns are the "
        "responses, sigma is the scatter around the fit and R² the share of the variance it explains. What the fit "
        "predicts for an event day is the normal return of that day."
    )
    own = "the model’s normal return is estimated; sigma is the scatter around it."
    return _FITTED.get(model) or (factors if model in FACTORS else own)


def beyond(benchmark: str | None, model: str) -> str:
    """What an abnormal return goes beyond.

    >>> beyond("^IXIC", "market"), beyond(None, "mean_adjusted")
    ('beyond what the Nasdaq Composite (^IXIC) explains', 'beyond its own average')
    """
    if model == "mean_adjusted":
        return "beyond its own average"
    if model == "raw":
        return "with nothing taken away"
    if model in FACTORS or benchmark in (None, "none"):
        return "beyond what the factors of the model explain"
    return f"beyond what {wording.name(benchmark)} explains"


def accounts(benchmarks: Sequence[str | None], model: str) -> str:
    """What is enough to account for a move that is not abnormal."""
    if model == "mean_adjusted":
        return "the usual scatter around the average is enough to account for the size"
    if model == "raw":
        return "the usual scatter is enough to account for the size"
    if model in FACTORS or not any(benchmarks):
        return "the factors of the model and the usual scatter are enough to account for the size"
    named = wording.series([wording.name(b) for b in dict.fromkeys(benchmarks)], "or")
    return f"against {named} the usual scatter is enough to account for the size"


def span_of(some: Sequence[dt.date]) -> str:
    """Days as a reader says them: one, a few, or the first and the last of many."""
    if len(some) > 4:
        return f"{len(some)} days from {tables.date(some[0])} to {tables.date(some[-1])}"
    return wording.series([tables.date(day) for day in some])
