"""Claims that a move would not last: how much of it was made good, after so many sessions and by certain days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from eventstudy.claims.answer import asked, parts_decision, point, remarks, scale_of
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.interval import claimed_interval, combine, compare
from eventstudy.claims.later import abnormal, estimation, measure, pd, second_axis
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import AbnormalAxis, Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.abnormal import AbnormalReturns
    from eventstudy.claims.measure import Level
    from eventstudy.claims.schema import Params
    from eventstudy.objects.eventresult import EventResult
    from eventstudy.objects.results import StudyResult


MONTH = 20  # sessions; over more of them the estimated intercept outweighs the event


@dataclass(frozen=True, slots=True)
class Horizon:
    """So many sessions after day zero, and how the claim comes by it."""

    sessions: int
    label: str
    level: Level
    recovered: float
    abnormal: float


_INTERCEPT = (
    "The abnormal share takes for granted that the intercept estimated before the event goes on; beyond "
    f"{MONTH} sessions that outweighs the event itself, and only the raw share is shown."
)


def persistence(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the share of a move made good at each horizon, each a part: 100 x (later - after) / (before - after).

    Raw, from closes; and beside it, up to `MONTH` sessions, abnormal: the share of the abnormal return of day zero
    that the cumulative abnormal return since has undone, with the parameters estimated before the event. Over more
    sessions the intercept outweighs the event, so nothing is said.
    """
    (ticker,) = claim.tickers
    sign, name = measure.sign_of(claim.claimed), measure.name_of(claim, ticker)
    move = measure.move_of(result, ticker, claim.event or "")
    if sign * move.change <= 0:
        raise MissingPriceError(
            f"{ticker}: a move that way on {measure.day_text(move.after.day)} would decide; there was none"
        )
    claimed = claimed_interval(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no share")
    longer = _longer(claim, result, ticker)
    horizons = _horizons(claim, result, ticker, longer)
    parts, readings, steps = [], [], [measure.move_step(move, name)]
    for k, horizon in enumerate(horizons):
        alone = point(horizon.recovered, "percent")
        comparison = compare(claimed, alone, scale_of(claim, alone))
        note = _abnormally(claim, claimed, horizon)
        parts.append(Part(horizon.label, comparison.verdict, horizon.recovered, "percent", note, ticker))
        readings += _readings(horizon, longer, headline=k == 0)
        steps.append(_step(horizon, move.before, move.after))
    raw = [h.recovered for h in horizons]
    axes = _axes(claim, result, ticker, longer, horizons)
    return Verdict(
        claim,
        combine(p.verdict for p in parts),
        _summary(name, horizons, sign, claimed, sum(p.verdict == "supported" for p in parts)),
        claimed,
        Interval(min(raw), max(raw), "percent"),
        raw[0],
        None,
        tuple(readings),
        tuple(parts),
        tuple(steps),
        axes,
        (
            *remarks(claim),
            "More than 100 % means above the level before the event; less than 0 % means a further move the same way. "
            "Much else happens to a security over such horizons.",
            *([] if longer is None else [_INTERCEPT]),
            *measure.move_caveats([(name, move)]),
            *second_axis.axis_caveats(result, axes),
        ),
        decision=parts_decision(parts, combine(p.verdict for p in parts)),
    )


# ------------------------------------------------------------------------------------------------------------ horizons
def _longer(claim: Claim, result: StudyResult, ticker: str) -> tuple[EventResult, AbnormalReturns] | None:
    """Abnormal returns of the security from day zero to the longest horizon, with the same estimates."""
    found = second_axis.event_result(result, ticker, claim.event or "")
    if found is None:
        return None
    one = found.abnormal.take([found.row(found.key_of(ticker, claim.event))])
    panel = replace(one.panel, event=estimation.Window(0, min(claim.params["longest"], MONTH)))
    return found, abnormal.abnormal_returns(panel, one.normal, one.allow_missing)


def _horizons(
    claim: Claim, result: StudyResult, ticker: str, longer: tuple[EventResult, AbnormalReturns] | None
) -> list[Horizon]:
    """Every horizon that has prices, in order of time; the last session there is, at most the longest one."""
    sessions = measure.calendar_of(result, ticker).sessions
    t = measure.event_day(result, ticker, claim.event or "").t
    wanted = {n: f"after {n} session{'s' if n > 1 else ''}" for n in claim.params["sessions"]}
    for day in claim.params["until"]:
        if isinstance(day, dt.datetime):  # news at a moment: the close of the session on which it could be traded
            zero = measure.news_day(result, ticker, day)
            wanted.setdefault(
                zero - t, f"by {sessions[zero]:%Y-%m-%d}, the session of the news of {day:%Y-%m-%d %H:%M}"
            )
            continue
        n = int(sessions.searchsorted(pd.Timestamp(day), side="right")) - 1 - t
        if not sessions[t] < pd.Timestamp(day) <= sessions[-1]:
            span = f"after {measure.day_text(sessions[t])} and up to {measure.day_text(sessions[-1])}"
            raise MissingPriceError(f"{ticker}: a day {span} would decide, where there are closes; got {day}")
        wanted.setdefault(n, f"by {day:%Y-%m-%d}")
    if claim.params["last"]:
        last = _last(result, ticker, t, claim.params["longest"])
        wanted.setdefault(last, f"after {last} sessions, the last there is")
    usable = {n: label for n, label in sorted(wanted.items()) if 0 < n <= len(sessions) - 1 - t}
    if not usable:
        raise MissingPriceError(f"closes of {ticker} after {measure.day_text(sessions[t])} would decide")
    before, after = measure.levels_on(result, ticker, (t - 1, t))
    found = []
    for n, label in usable.items():
        (level,) = measure.levels_on(result, ticker, (t + n,))
        recovered = 100 * (level.value - after.value) / (before.value - after.value)
        found.append(Horizon(n, label, level, recovered, _undone(longer, n)))
    return found


def _last(result: StudyResult, ticker: str, t: int, longest: int) -> int:
    """Sessions from day zero to the last close of the security, at most `longest`."""
    sessions = measure.calendar_of(result, ticker).sessions
    closes = result.prices.close[ticker]
    basis = closes if closes.notna().any() else result.prices.adj_close[ticker]
    known = basis.reindex(sessions[t : t + longest + 1]).notna().to_numpy()
    return int(known.nonzero()[0][-1]) if known.any() else 0


def _undone(longer: tuple[EventResult, AbnormalReturns] | None, n: int) -> float:
    """100 x -CAR(1, n) / AR(0): the share of the abnormal return of day zero that was undone, NaN if unknown."""
    if longer is None or not longer[1].panel.event.contains(estimation.Window(1, n)):
        return float("nan")
    first, since = float(longer[1].car(estimation.Window(0, 0))[0]), float(longer[1].car(estimation.Window(1, n))[0])
    return -100 * since / first


# --------------------------------------------------------------------------------------------------------------- words
def _abnormally(claim: Claim, claimed: Interval, horizon: Horizon) -> str | None:
    """What the abnormal share would have been judged, for a note; None where it is not known."""
    if math.isnan(horizon.abnormal):
        return None
    alone = point(horizon.abnormal, "percent")
    return f"by abnormal returns {compare(claimed, alone, scale_of(claim)).verdict}"


def _readings(horizon: Horizon, longer: tuple[EventResult, AbnormalReturns] | None, headline: bool) -> list[Reading]:
    rows = [
        Reading(f"{horizon.label}, raw", horizon.recovered, "percent", horizon.level.source, headline=headline),
    ]
    if longer is not None and not math.isnan(horizon.abnormal):
        compared = second_axis.compared_with(longer[0].benchmark)
        against = f"model {longer[0].model} {compared}, cumulated over [+1, +{horizon.sessions}]"
        rows.append(Reading(f"{horizon.label}, abnormal", horizon.abnormal, "percent", against))
    return rows


def _step(horizon: Horizon, before: Level, after: Level) -> Step:
    return Step(
        f"Share undone {horizon.label} ({measure.day_text(horizon.level.day)})",
        "100 × (later − after) / (before − after)",
        {"later": horizon.level.quantity, "before": before.quantity, "after": after.quantity},
        Quantity(horizon.recovered, "percent"),
    )


def _axes(
    claim: Claim,
    result: StudyResult,
    ticker: str,
    longer: tuple[EventResult, AbnormalReturns] | None,
    horizons: Sequence[Horizon],
) -> tuple[AbnormalAxis, ...]:
    """Day zero, then what followed: was the abnormal move since then more than chance?"""
    found = [second_axis.security_axis(result, ticker, claim.event or "")]
    if longer is not None:
        own, abnormal = longer
        windows = [
            estimation.Window(1, h.sessions)
            for h in horizons
            if abnormal.panel.event.contains(estimation.Window(1, h.sessions))
        ]
        found += [second_axis.axis_of(own, abnormal, 0, window, result.settings.alpha) for window in windows]
    return tuple(axis for axis in found if axis is not None)


def _summary(name: str, horizons: Sequence[Horizon], sign: int, claimed: Interval, hits: int) -> Statement:
    """What was undone at each horizon, and by which yardstick that is judged."""
    values: dict[str, Quantity | str] = {"name": name}
    said = []
    for i, horizon in enumerate(horizons):
        share, values[f"share{i}"] = horizon.recovered, Quantity(abs(horizon.recovered), "percent")
        values[f"day{i}"] = measure.date_quantity(horizon.level.day)
        day, values[f"label{i}"] = f"{{day{i}}}", horizon.label
        when = f"by {day}" if horizon.label.startswith("by ") else f"{{label{i}}} ({day})"
        more = f"none {when}, when the {{move}} was {{share{i}}} larger still"
        said.append(f"{{share{i}}} {when}" if share >= 0 else more)
    values["move"] = "fall" if sign < 0 else "rise"
    stands, ends = asked(claimed)
    values |= ends | {"hits": Quantity(hits, "count"), "n": Quantity(len(horizons), "count")}
    yardstick = f". By the yardstick of {stands} of the {{move}} undone, that holds at {{hits}} of {{n}} horizons."
    return Statement("Of its {move} {name} had undone " + "; ".join(said) + yardstick, values)


# ----------------------------------------------------------------------------------------------------------------- card
def _day(given: object) -> object:
    """A plain day is a day, not the midnight on which it begins: its close counts, or the last one before it."""
    try:
        return dt.date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        return given


def _params() -> type[Params]:
    from pydantic import BeforeValidator, Field, StrictBool, StrictInt

    from eventstudy.claims.schema import Params

    class Persistence(Params):
        """Horizons after day zero: `sessions`, days or moments of news (`until`), and the `last` session there is, at
        most `longest`."""

        sessions: list[Annotated[StrictInt, Field(gt=0)]] = Field([])
        until: list[Annotated[dt.datetime | dt.date, BeforeValidator(_day)]] = Field([])
        last: StrictBool = True
        longest: Annotated[StrictInt, Field(gt=0)] = 250

    return Persistence


CARD = Kind(
    name="persistence",
    judge=persistence,
    words="How much of the move was undone later?",
    rule="The share of the move made good at each horizon, each a part.",
    default_reading="raw closes; the abnormal share stands beside",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=PERCENT,
    vendors=False,
)
