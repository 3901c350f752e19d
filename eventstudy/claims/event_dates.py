"""Claims that other events did, or did not, move the same securities comparably."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from eventstudy.claims.answer import remarks, scale_of
from eventstudy.claims.card import ANY, PERCENT, Kind
from eventstudy.claims.group_move import members_of
from eventstudy.claims.interval import claimed_interval, combine, compare
from eventstudy.claims.later import estimation, measure, second_axis
from eventstudy.errors import MissingPriceError
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
    """The equal-weight mean move of the members over one window of one event, in per cent by size."""

    event: str
    window: Window
    moves: tuple[Move, ...]
    size: float


def event_dates(claim: Claim, result: StudyResult) -> Verdict:
    """Judge each later event's move as a share of the reference event's, same securities, same window.

    A move the other way counts as none. Each event is a part of its own; its readings run over the windows.
    """
    tickers, sign = members_of(claim, result), measure.sign_of(claim.claimed)
    windows = [estimation.Window(*w) for w in claim.params["windows"]]
    claimed = claimed_interval(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no share")
    bases = [_mean(result, tickers, claim.event or "", w, sign) for w in windows]
    base = bases[0]
    if min(b.size for b in bases) <= 0:
        raise MissingPriceError(f"a move that way at {claim.event!r} to compare with would decide; there was none")
    parts, readings, steps = [], [], _mean_steps(claim, base)
    axes: list[AbnormalAxis] = []
    means: list[Mean] = []
    every: list[tuple[float, Mean, str]] = []
    caveats: list[str] = []
    for event in claim.params["events"]:
        own = [_mean(result, tickers, event, w, sign) for w in windows]
        shares = [100 * max(0.0, m.size) / b.size for m, b in zip(own, bases, strict=True)]
        measured = Interval(min(shares), max(shares), "percent")
        comparison = compare(claimed, measured, scale_of(claim))
        caveats += _odd(claim, own, shares, comparison.verdict)
        label = result.settings.labels.get(event, event)
        parts.append(Part(label, comparison.verdict, sign * own[0].size, "percent", _worst(claim, own[0], sign)))
        readings += _readings(own, shares, label)
        steps += [*_mean_steps(claim, own[0]), _share_step(own[0], base, label)]
        axes += _axes(claim, result, tickers, event, windows[0])
        means.append(own[0])
        every += [(share, mean, label) for share, mean in zip(shares, own, strict=True)]
    values = [r.value for r in readings]
    return Verdict(
        claim,
        combine(p.verdict for p in parts),
        _summary(means, base, sign, max(every, key=lambda e: e[0])),
        claimed,
        Interval(min(values), max(values), "percent"),
        max(r.value for r in readings if r.headline),
        None,
        tuple(readings),
        tuple(parts),
        tuple(steps),
        tuple(axes),
        (
            *remarks(claim),
            "A move of zero or the other way counts as no such move (0 %).",
            *caveats,
            *measure.move_caveats(
                (measure.name_of(claim, t), m) for mean in means for t, m in zip(tickers, mean.moves, strict=True)
            ),
            *second_axis.axis_caveats(result, axes),
        ),
    )


def _mean(result: StudyResult, tickers: Sequence[str], event: str, window: Window, sign: int) -> Mean:
    moves = tuple(measure.move_of(result, t, event, window) for t in tickers)
    return Mean(event, window, moves, 100 * sign * sum(m.change for m in moves) / len(moves))


def _axes(
    claim: Claim, result: StudyResult, tickers: Sequence[str], event: str, window: Window
) -> tuple[AbnormalAxis, ...]:
    name = claim.params.get("group") or "the companies named"
    group = second_axis.group_axes(result, claim, name, tickers, event, window) if len(tickers) > 1 else ()
    return (*group, *second_axis.security_axes(result, claim, tickers, event, window))


def _readings(own: Sequence[Mean], shares: Sequence[float], label: str) -> list[Reading]:
    return [
        Reading(
            f"{label}, sessions {mean.window}, as a share of the reference move",
            share,
            "percent",
            f"closes of {', '.join(m.ticker for m in mean.moves)}, {measure.day_text(mean.moves[0].before.day)} to "
            f"{measure.day_text(mean.moves[0].after.day)}",
            headline=i == 0,
        )
        for i, (mean, share) in enumerate(zip(own, shares, strict=True))
    ]


def _worst(claim: Claim, mean: Mean, sign: int) -> str:
    worst = max(mean.moves, key=lambda m: sign * m.change)
    return f"furthest that way: {measure.name_of(claim, worst.ticker)}"


def _odd(claim: Claim, own: Sequence[Mean], shares: Sequence[float], verdict: VerdictWord) -> list[str]:
    """Say so where one window alone would be judged otherwise than the range over all."""
    claimed = claimed_interval(claim.claimed)
    if claimed is None:
        return []
    alone = {
        str(mean.window): compare(claimed, Interval(share, share, "percent"), scale_of(claim)).verdict
        for mean, share in zip(own, shares, strict=True)
    }
    return [
        f"{own[0].event}: over sessions {w} alone the answer would be {word}; a window of {w} takes in whatever other "
        "news fell into it."
        for w, word in alone.items()
        if word != verdict
    ]


def _mean_steps(claim: Claim, mean: Mean) -> list[Step]:
    """Each member's move, then their mean."""
    span = f"{measure.day_text(mean.moves[0].before.day)} to {measure.day_text(mean.moves[0].after.day)}"
    moves = [
        measure.move_step(m, f"{measure.name_of(claim, m.ticker)}, {measure.day_text(m.after.day)}") for m in mean.moves
    ]
    inputs: dict[str, Quantity | str] = {m.ticker: s.result for m, s in zip(mean.moves, moves, strict=True)}
    total = Quantity(100 * sum(m.change for m in mean.moves) / len(mean.moves), "percent")
    return [*moves, Step(f"Mean move of {len(moves)} securities, {span} ({mean.event})", "sum / n", inputs, total)]


def _share_step(own: Mean, base: Mean, label: str) -> Step:
    return Step(
        f"{label} as a share of the reference",
        "100 × max(0, later) / reference",
        {"later": Quantity(own.size, "percent"), "reference": Quantity(base.size, "percent")},
        Quantity(100 * max(0.0, own.size) / base.size, "percent"),
    )


def _summary(means: Sequence[Mean], base: Mean, sign: int, worst: tuple[float, Mean, str]) -> Statement:
    """The reference move, the later ones over the headline window, and the furthest over any window."""
    share, mean, label = worst
    values: dict[str, Quantity | str] = {
        "n": Quantity(len(base.moves), "count"),
        "base": Quantity(abs(base.size), "percent"),
        "day": measure.date_quantity(base.moves[0].after.day),
    }
    said = []
    for i, own in enumerate(means):
        values |= {
            f"size{i}": Quantity(abs(own.size), "percent"),
            f"on{i}": measure.date_quantity(own.moves[0].after.day),
        }
        said.append(f"{_verb(own, sign)} by {{size{i}}} on {{on{i}}}")
    text = f"The {{n}} securities {_verb(base, sign)} by {{base}} on average on {{day}}; after the later events they "
    text += ", ".join(said)
    if share > 0 and mean.window != base.window:
        values |= {
            "far": Quantity(abs(mean.size), "percent"),
            "window": str(mean.window),
            "label": label,
            "share": Quantity(share, "percent"),
            "end": measure.date_quantity(mean.moves[0].after.day),
        }
        text += (
            f". Over wider windows they {_verb(mean, sign)} furthest over the sessions {{window}} of {{label}}, by "
            "{far} up to {end}: {share} of the reference move over as many sessions"
        )
    return Statement(text + ".", values)


def _verb(mean: Mean, sign: int) -> str:
    return "fell" if sign * mean.size < 0 else "rose"


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field, StrictInt

    from eventstudy.claims.schema import Params, Texts

    class EventDates(Params):
        """Later `events` compared with the claim's own event over `windows`, the headline first."""

        events: Texts
        windows: Annotated[list[tuple[StrictInt, StrictInt]], Field(min_length=1)] = Field([(0, 0)])

    return EventDates


CARD = Kind(
    name="event_dates",
    judge=event_dates,
    words="How large were later events beside this one?",
    rule="Each later event's move as a share of the reference event's, the same securities, the same window.",
    default_reading="the equal-weight mean of the members over the first window",
    params=_params,
    tables=(),
    subjects=ANY,
    directed=True,
    number=True,
    word=False,
    units=PERCENT,
)
