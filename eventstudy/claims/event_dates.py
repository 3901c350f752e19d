"""Claims that other events did, or did not, move the same securities comparably."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from eventstudy.claims.answer import asked, remarks
from eventstudy.claims.card import ANY, PERCENT, Kind
from eventstudy.claims.group_move import members_of
from eventstudy.claims.interval import claimed_interval, combine, overlap
from eventstudy.claims.later import estimation, measure, second_axis
from eventstudy.errors import MissingPriceError, joined
from eventstudy.objects.verdicts import (
    AbnormalAxis,
    Claim,
    Interval,
    Part,
    Quantity,
    Reading,
    Statement,
    Step,
    Verdict,
    VerdictWord,
)

if TYPE_CHECKING:
    from eventstudy.claims.measure import Move
    from eventstudy.claims.schema import Params
    from eventstudy.objects.estimation import Window
    from eventstudy.objects.results import StudyResult


@dataclass(frozen=True, slots=True)
class Mean:
    """The equal-weight mean move of the members over one window of one event, in per cent by size, and its axis."""

    event: str
    window: Window
    moves: tuple[Move, ...]
    size: float
    axis: AbnormalAxis | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One later event over one window: its interval as a share of the reference, in per cent, and its answer."""

    mean: Mean
    share: Interval | None
    verdict: VerdictWord


def event_dates(claim: Claim, result: StudyResult) -> Verdict:
    """Judge each later event's abnormal move beside the reference event's, the same securities, the same window.

    "No such thing" needs a test of equivalence: supported where the whole interval of the abnormal move, as a share of
    the reference, lies below the claimed share; contradicted where it lies above; else unresolved, with the size that
    could have been seen. A claim that it was as large is supported where the whole interval lies above. Each event is
    a part; the first window decides, every other one is another definition.
    """
    tickers, sign = members_of(claim, result), measure.sign_of(claim.claimed)
    windows = [estimation.Window(*w) for w in claim.params["windows"]]
    bases = [_mean(claim, result, tickers, claim.event or "", w, sign) for w in windows]
    if bases[0].axis is None or sign * bases[0].axis.ar <= 0:
        raise MissingPriceError(
            f"an abnormal move that way at {claim.event!r} to compare with would decide; there was none"
        )
    parts, readings, steps = [], [], _mean_steps(claim, bases[0])
    trials: list[list[Trial]] = []
    axes = [*second_axis.security_axes(result, claim, tickers)] if len(tickers) == 1 else [bases[0].axis]
    for event in claim.params["events"]:
        own = [
            _trial(claim, _mean(claim, result, tickers, event, w, sign), base, sign)
            for w, base in zip(windows, bases, strict=True)
        ]
        label = result.settings.labels.get(event, event)
        parts.append(_part(claim, own[0], label, sign))
        readings += _readings(own, label)
        steps += [*_mean_steps(claim, own[0].mean), *_share_steps(own[0], bases[0], label, sign)]
        axes += _axes(claim, result, tickers, event, windows[0])
        trials.append(own)
    word = combine(p.verdict for p in parts)
    shares = [t[0].share for t in trials if t[0].share is not None]
    return Verdict(
        claim,
        word,
        _summary([t[0].mean for t in trials], bases[0], sign),
        claimed_interval(claim.claimed),
        Interval(min(s.low for s in shares), max(s.high for s in shares), "percent") if shares else None,
        max(r.value for r in readings if r.headline),
        None,
        tuple(readings),
        tuple(parts),
        tuple(steps),
        second_axis.distinct(axes),
        (
            *remarks(claim),
            "The whole interval of the abnormal move has to lie on one side: that nothing was seen is no proof that "
            "nothing was there.",
            *(text for own in trials for text in _odd(own)),
            *(text for own in trials for text in _other_news(result, own)),
            *measure.move_caveats(
                (measure.name_of(claim, t), m)
                for own in trials
                for t, m in zip(tickers, own[0].mean.moves, strict=True)
            ),
            *second_axis.axis_caveats(result, axes),
        ),
        reason=_reason(trials) if word == "unresolved" else None,
        decision=_decision(claim, [t[0] for t in trials], parts, word),
    )


def _trial(claim: Claim, mean: Mean, base: Mean, sign: int) -> Trial:
    """The interval of an event's abnormal move as a share of the reference's, and its side of the claim."""
    axis, reference = mean.axis, base.axis
    if axis is None or reference is None or sign * reference.ar <= 0 or not math.isfinite(axis.low):
        return Trial(mean, None, "unresolved")
    low, high = sorted(100 * sign * end / (sign * reference.ar) for end in (axis.low, axis.high))
    share, claimed = Interval(low, high, "percent"), claimed_interval(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no share")
    inside = claimed.low <= low and high <= claimed.high
    if claimed.low <= 0:  # less than so much: whatever lies below, the other way included
        inside = high < claimed.high or (high == claimed.high and not claimed.open_high)
    apart = not inside and not overlap(claimed, share) and not (claimed.low <= 0 and low < 0)
    return Trial(mean, share, "supported" if inside else "contradicted" if apart else "unresolved")


def _part(claim: Claim, trial: Trial, label: str, sign: int) -> Part:
    note = _worst(claim, trial.mean, sign)
    if trial.share is None:
        note += "; estimates of these securities for the event would decide"
    elif trial.verdict == "unresolved":
        note += f"; what could have been seen: {(trial.share.high - trial.share.low) / 2:.0f} % of the reference"
    return Part(label, trial.verdict, sign * trial.mean.size, "percent", note)


def _reason(trials: Sequence[Sequence[Trial]]) -> str:
    seen = [(t[0].share.high - t[0].share.low) / 2 for t in trials if t[0].share is not None]
    if not seen:
        return "Estimates of these securities for the later events would decide."
    return (
        f"The interval of the abnormal move takes in the claimed share; a move of {max(seen):.0f} % of the reference "
        "or more could have been seen, and more securities or a quieter benchmark would decide."
    )


def _decision(claim: Claim, trials: Sequence[Trial], parts: Sequence[Part], word: VerdictWord) -> Statement:
    """The interval of each event beside the claimed share."""
    asked_for, values = asked(claimed_interval(claim.claimed) or Interval(0.0, 0.0, "percent"))
    said = []
    for i, (trial, part) in enumerate(zip(trials, parts, strict=True)):
        if trial.share is not None:
            values |= {
                f"low{i}": Quantity(trial.share.low, "percent"),
                f"high{i}": Quantity(trial.share.high, "percent"),
            }
        values[f"event{i}"] = part.label
        what = f"{{low{i}}} to {{high{i}}}" if trial.share is not None else "not estimated"
        said.append(f"{{event{i}}}: {what}, {part.verdict}")
    return Statement(f"Claimed {asked_for} of the reference. {'; '.join(said)}. Together: {word}", values)


def _mean(claim: Claim, result: StudyResult, tickers: Sequence[str], event: str, window: Window, sign: int) -> Mean:
    if len(tickers) > 1:
        axis = second_axis.group_axis(result, _name(claim), tickers, event, window)
    else:
        axis = second_axis.security_axis(result, tickers[0], event, window)
    moves = tuple(measure.move_of(result, t, event, window) for t in tickers)
    return Mean(event, window, moves, 100 * sign * sum(m.change for m in moves) / len(moves), axis)


def _name(claim: Claim) -> str:
    return claim.params.get("group") or "the companies named"


def _axes(
    claim: Claim, result: StudyResult, tickers: Sequence[str], event: str, window: Window
) -> tuple[AbnormalAxis, ...]:
    name = _name(claim)
    group = second_axis.group_axes(result, claim, name, tickers, event, window) if len(tickers) > 1 else ()
    return (*group, *second_axis.security_axes(result, claim, tickers, event, window))


def _readings(own: Sequence[Trial], label: str) -> list[Reading]:
    """The upper end of each window's interval: what decides a denial; every further window is another definition."""
    return [
        Reading(
            f"{label}, sessions {trial.mean.window}, upper end of the interval as a share of the reference",
            math.nan if trial.share is None else trial.share.high,
            "percent",
            f"closes of {', '.join(m.ticker for m in trial.mean.moves)}, "
            f"{measure.day_text(trial.mean.moves[0].before.day)} to {measure.day_text(trial.mean.moves[0].after.day)}",
            headline=i == 0,
            sort="input" if i == 0 else "definition",
            verdict=None if i == 0 or trial.verdict == own[0].verdict else trial.verdict,
        )
        for i, trial in enumerate(own)
    ]


def _worst(claim: Claim, mean: Mean, sign: int) -> str:
    worst = max(mean.moves, key=lambda m: sign * m.change)
    return f"furthest that way: {measure.name_of(claim, worst.ticker)}"


def _odd(own: Sequence[Trial]) -> list[str]:
    """Say so where one window alone would be judged otherwise than the headline."""
    return [
        f"{t.mean.event}: over sessions {t.mean.window} the answer would be {t.verdict}; a window of {t.mean.window} "
        "takes in whatever other news fell into it."
        for t in own[1:]
        if t.verdict != own[0].verdict
    ]


def _other_news(result: StudyResult, own: Sequence[Trial]) -> list[str]:
    """What else the study knows to have happened in the windows of one event."""
    moves = [move for trial in own for move in trial.mean.moves]
    said = measure.confounders(result, ((m.ticker, m.before.day, m.after.day) for m in moves))
    label = result.settings.labels.get(own[0].mean.event, own[0].mean.event)
    return [f"{label}: {text[0].lower()}{text[1:]}" for text in said]


def _mean_steps(claim: Claim, mean: Mean) -> list[Step]:
    """Each member's move, then their mean."""
    span = f"{measure.day_text(mean.moves[0].before.day)} to {measure.day_text(mean.moves[0].after.day)}"
    moves = [
        measure.move_step(m, f"{measure.name_of(claim, m.ticker)}, {measure.day_text(m.after.day)}") for m in mean.moves
    ]
    inputs: dict[str, Quantity | str] = {m.ticker: s.result for m, s in zip(mean.moves, moves, strict=True)}
    total = Quantity(100 * sum(m.change for m in mean.moves) / len(mean.moves), "percent")
    return [
        *moves,
        Step(
            f"Mean move of {len(moves)} securities, {span} ({mean.event})",
            f"({' + '.join(inputs)}) / {len(inputs)}",
            inputs,
            total,
        ),
    ]


def _share_steps(own: Trial, base: Mean, label: str, sign: int) -> list[Step]:
    """Both ends of the interval of the abnormal move as shares of the reference."""
    if own.share is None or own.mean.axis is None or base.axis is None:
        return []
    reference = Quantity(100 * sign * base.axis.ar, "percent")
    steps = [step for step in (base.axis.step, own.mean.axis.step) if step is not None]
    ends = sorted(100 * sign * end for end in (own.mean.axis.low, own.mean.axis.high))
    for name, end, share in zip(("lower", "upper"), ends, (own.share.low, own.share.high), strict=True):
        inputs: dict[str, Quantity | str] = {"end": Quantity(end, "percent"), "reference": reference}
        text = f"{label}: {name} end of the interval as a share of the reference"
        steps.append(Step(text, "100 × end / reference", inputs, Quantity(share, "percent")))
    return steps


def _summary(means: Sequence[Mean], base: Mean, sign: int) -> Statement:
    """The reference move and the later ones over the headline window, raw and abnormal."""
    values: dict[str, Quantity | str] = {
        "n": Quantity(len(base.moves), "count"),
        "base": Quantity(abs(base.size), "percent"),
        "day": measure.date_quantity(base.moves[0].after.day),
        "abnormal": Quantity(0.0 if base.axis is None else 100 * sign * base.axis.ar, "percent"),
    }
    said = []
    for i, own in enumerate(means):
        values |= {
            f"size{i}": Quantity(abs(own.size), "percent"),
            f"on{i}": measure.date_quantity(own.moves[0].after.day),
        }
        said.append(f"{_verb(own, sign)} by {{size{i}}} on {{on{i}}}")
    text = f"The {{n}} securities {_verb(base, sign)} by {{base}} on average on {{day}}, {{abnormal}} of it abnormal; "
    return Statement(f"{text}after the later events they {joined(said)}.", values)


def _verb(mean: Mean, sign: int) -> str:
    return "fell" if sign * mean.size < 0 else "rose"


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field

    from eventstudy.claims.schema import Params, Sessions, Texts

    class EventDates(Params):
        """Later `events` compared with the claim's own event over `windows`, the headline first."""

        events: Texts
        windows: Annotated[list[Sessions], Field(min_length=1)] = Field([(0, 0)])

    return EventDates


CARD = Kind(
    name="event_dates",
    judge=event_dates,
    words="How large were later events beside this one?",
    rule="The interval of each later event's abnormal move as a share of the reference event's: all of it has to lie "
    "on one side of the claim; else unresolved.",
    default_reading="the members as one portfolio, over the first window",
    params=_params,
    tables=(),
    subjects=ANY,
    directed=True,
    number=True,
    word=False,
    units=PERCENT,
    vendors=False,
)
