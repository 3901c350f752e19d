"""Claims that a move would not last: how much of it was made good, after so many sessions and by certain days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from eventstudy.claims.answer import asked, parts_decision, point, remarks, scale_of
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.interval import claimed_interval, combine, compare
from eventstudy.claims.later import estimation, measure, pd, recovery, second_axis
from eventstudy.errors import MissingPriceError, joined
from eventstudy.objects.verdicts import AbnormalAxis, Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Level, Move
    from eventstudy.claims.recovery import Longer
    from eventstudy.claims.schema import Params
    from eventstudy.objects.recovery import Recovery, RecoveryDay
    from eventstudy.objects.results import StudyResult


MONTH = 20  # sessions; over more of them the estimated intercept outweighs the event, and nothing is tested


@dataclass(frozen=True, slots=True)
class Horizon:
    """So many sessions after day zero, how the claim comes by it, and what had been undone by then."""

    sessions: int
    label: str
    level: Level
    share: RecoveryDay


_INTERCEPT = (
    "The abnormal share takes for granted that the intercept estimated before the event goes on; beyond "
    f"{MONTH} sessions that outweighs the event itself, as its interval shows."
)


def persistence(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the share of a move made good at each horizon, each a part: 100 x (later - after) / (before - after).

    Raw, from closes, decides. Beside it, abnormal: the share of the abnormal return of day zero that the cumulative
    abnormal return since has undone, with an interval that widens with the horizon; see `claims.recovery`.
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
    event = claim.event or ""
    wanted = _wanted(claim, result, ticker)
    longer = recovery.longer(result, ticker, event, max(wanted))
    path = recovery.recovery(result, ticker, event, max(wanted), longer)
    horizons = [_horizon(result, move, path, n, label) for n, label in wanted.items()]
    parts, readings, steps = [], [], [measure.move_step(move, name)]
    for k, horizon in enumerate(horizons):
        alone = point(horizon.share.raw, "percent")
        verdict = compare(claimed, alone, scale_of(claim, alone)).verdict
        parts.append(
            Part(horizon.label, verdict, horizon.share.raw, "percent", _beside(claim, claimed, horizon), ticker)
        )
        readings += _readings(horizon, longer, headline=k == 0)
        steps += _steps(horizon, move, longer)
    raw, word = [h.share.raw for h in horizons], combine(p.verdict for p in parts)
    axes = _axes(result, ticker, event, longer, horizons)
    return Verdict(
        claim,
        word,
        _summary(name, horizons, path, sign, claimed, sum(p.verdict == "supported" for p in parts)),
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
            *_held(horizons),
            *([] if longer is None else [_INTERCEPT]),
            *measure.confounders(result, [(ticker, move.after.day, horizons[-1].level.day)]),
            *measure.move_caveats([(name, move)]),
            *second_axis.axis_caveats(result, axes),
        ),
        decision=parts_decision(parts, word),
        recovery=path,
    )


# ------------------------------------------------------------------------------------------------------------ horizons
def _wanted(claim: Claim, result: StudyResult, ticker: str) -> dict[int, str]:
    """Sessions after day zero -> label, for every horizon that has prices, in order of time."""
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
    return usable


def _last(result: StudyResult, ticker: str, t: int, longest: int) -> int:
    """Sessions from day zero to the last close of the security, at most `longest`."""
    sessions = measure.calendar_of(result, ticker).sessions
    closes = result.prices.close[ticker]
    basis = closes if closes.notna().any() else result.prices.adj_close[ticker]
    known = basis.reindex(sessions[t : t + longest + 1]).notna().to_numpy()
    return int(known.nonzero()[0][-1]) if known.any() else 0


def _horizon(result: StudyResult, move: Move, path: Recovery, n: int, label: str) -> Horizon:
    (level,) = measure.levels_on(result, move.ticker, (move.zero.t + n,))  # raises where there is no close
    share = path.at(n)
    if share is None or math.isnan(share.raw):
        raise MissingPriceError(
            f"{move.ticker}: a close of {measure.day_text(level.day)} on the basis of the move itself would decide"
        )
    return Horizon(n, label, level, share)


# --------------------------------------------------------------------------------------------------------------- words
def _beside(claim: Claim, claimed: Interval, horizon: Horizon) -> str | None:
    """What the abnormal share would have been judged, for a note; None where it is not known."""
    share = horizon.share
    if math.isnan(share.abnormal):
        return None
    if share.holds_every_answer or math.isinf(share.low):
        return "by abnormal returns not to be told: the interval takes in none of it and all of it"
    return f"by abnormal returns {compare(claimed, point(share.abnormal, 'percent'), scale_of(claim)).verdict}"


def _readings(horizon: Horizon, longer: Longer | None, headline: bool) -> list[Reading]:
    """The raw share, then the abnormal one with the ends of its interval."""
    share, label = horizon.share, horizon.label
    rows = [Reading(f"{label}, raw", share.raw, "percent", horizon.level.source, headline=headline)]
    if longer is None or math.isnan(share.abnormal):
        return rows
    compared = second_axis.compared_with(longer[0].benchmark)
    against = f"model {longer[0].model} {compared}, cumulated over [+1, +{horizon.sessions}]"
    rows.append(Reading(f"{label}, abnormal", share.abnormal, "percent", against))
    if math.isfinite(share.low):
        ends = (("lower", share.low), ("upper", share.high))
        rows += [Reading(f"{label}, abnormal, {which} end", end, "percent", _FIELLER) for which, end in ends]
    return rows


_FIELLER = "interval of a ratio (Fieller)"


def _steps(horizon: Horizon, move: Move, longer: Longer | None) -> list[Step]:
    share, day = horizon.share, measure.day_text(horizon.level.day)
    steps = [
        Step(
            f"Share undone {horizon.label} ({day})",
            "100 × (later − after) / (before − after)",
            {"later": horizon.level.quantity, "before": move.before.quantity, "after": move.after.quantity},
            Quantity(share.raw, "percent"),
        )
    ]
    if longer is not None and not math.isnan(share.abnormal):
        windows = estimation.Window(0, 0), estimation.Window(1, horizon.sessions)
        first, since = (Quantity(100 * float(longer[1].car(w)[0]), "percent") for w in windows)
        inputs: dict[str, Quantity | str] = {"since": since, "first": first}
        label = f"Abnormal share undone {horizon.label}"
        steps.append(Step(label, "−100 × since / first", inputs, Quantity(share.abnormal, "percent")))
    return steps


def _axes(
    result: StudyResult, ticker: str, event: str, longer: Longer | None, horizons: Sequence[Horizon]
) -> tuple[AbnormalAxis, ...]:
    """Day zero, then what followed: was the abnormal move since then more than chance?"""
    found = [second_axis.security_axis(result, ticker, event)]
    if longer is not None:
        own, since = longer
        windows = [estimation.Window(1, h.sessions) for h in horizons if h.sessions <= MONTH]
        known = [window for window in windows if since.panel.event.contains(window)]
        found += [second_axis.axis_of(own, since, 0, window, result.settings.alpha) for window in known]
    return tuple(axis for axis in found if axis is not None)


def _held(horizons: Sequence[Horizon]) -> list[str]:
    """Where chance alone could have given every answer, raw and abnormal."""
    raw = [str(h.sessions) for h in horizons if h.share.anywhere]
    abnormal = [str(h.sessions) for h in horizons if h.share.holds_every_answer]
    unknown = any(math.isinf(h.share.low) for h in horizons)
    said = []
    if raw:
        said.append(
            f"Sessions {joined(raw)}: by then ordinary days alone could have left the price where it was, or brought "
            "all of the move back."
        )
    if abnormal:
        said.append(
            f"Sessions {joined(abnormal)}: the interval of the abnormal share takes in both none of it undone and all "
            "of it, so it holds every answer."
        )
    if unknown:
        said.append("The abnormal return of day zero may be none at all, so that no share of it can be bounded.")
    return said


def _summary(
    name: str, horizons: Sequence[Horizon], path: Recovery, sign: int, claimed: Interval, hits: int
) -> Statement:
    """What was undone at each horizon, by which yardstick that is judged, and when half of it first was."""
    values: dict[str, Quantity | str] = {"name": name}
    said = []
    for i, horizon in enumerate(horizons):
        share, values[f"share{i}"] = horizon.share.raw, Quantity(abs(horizon.share.raw), "percent")
        values[f"day{i}"] = measure.date_quantity(horizon.level.day)
        day, values[f"label{i}"] = f"{{day{i}}}", horizon.label
        when = f"by {day}" if horizon.label.startswith("by ") else f"{{label{i}}} ({day})"
        more = f"none {when}, when the {{move}} was {{share{i}}} larger still"
        said.append(f"{{share{i}}} {when}" if share >= 0 else more)
    values["move"] = "fall" if sign < 0 else "rise"
    stands, ends = asked(claimed)
    values |= ends | {"hits": Quantity(hits, "count"), "n": Quantity(len(horizons), "count")}
    yardstick = f". By the yardstick of {stands} of the {{move}} undone, that holds at {{hits}} of {{n}} horizons."
    values["half"] = Quantity(path.half_life or len(path.days), "sessions")
    half = " Half of it was first undone after {half}." if path.half_life else " Half of it was not undone in {half}."
    return Statement("Of its {move} {name} had undone " + "; ".join(said) + yardstick + half, values)


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
