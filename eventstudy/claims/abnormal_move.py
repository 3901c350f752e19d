"""Claims that a move was not just the market: what a model of normal returns explains and what it does not.

A cause is beyond prices. At most they are consistent with one: a move that the market does not explain, on the day.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.claims.answer import remarks
from eventstudy.claims.axis import axis_caveats, group_axes, security_axes
from eventstudy.claims.group_move import members_of
from eventstudy.claims.interval import combine, measured_interval
from eventstudy.claims.measure import event_day, move_caveats, move_of, name_of, sign_of
from eventstudy.errors import MissingPriceError
from eventstudy.results import StudyResult
from eventstudy.verdicts import (
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

HALF = 0.5  # of a move that the model explains: from there on it was mostly the market


def abnormal_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge whether the abnormal part of a move is one that chance leaves unlikely, and has the claimed sign.

    Supported where the headline test rejects and the sign is right; contradicted where the sign is wrong or the model
    explains at least half of the move; else unresolved. The members of a group are separate parts; the group's own
    tests stand on the abnormal axis. The readings run over the benchmarks.
    """
    tickers = members_of(claim, result)
    sign, event = sign_of(claim.claimed), claim.event or ""
    axes = _axes(claim, result, tickers)
    head = axes[0]
    readings, parts = _readings(axes, head, sign), _parts(claim, axes, tickers, head, sign)
    word = combine(p.verdict for p in parts) if parts else verdict_of(head, sign)
    moves = [(name_of(claim, t), move_of(result, t, event)) for t in tickers]
    reason = None
    if word == "unresolved":
        why = (
            "the tests that fit do not agree"
            if head.abnormal is None
            else f"p of {next(iter(head.tests))} is not small"
        )
        reason = (
            f"the abnormal return of {head.subject} could be chance ({why}); more securities, or a benchmark "
            "that holds none of them, would decide"
        )
    return Verdict(
        claim,
        word,
        _summary(claim, head, parts, sign),
        Interval(0.0, float("inf"), "percent", open_low=True),
        measured_interval(readings, "percent"),
        100 * sign * head.ar,
        None,
        readings,
        parts,
        _steps(axes, head),
        axes,
        (
            *remarks(claim),
            "Prices can be consistent with a cause; they cannot name one. That nothing else happened that day, such as "
            "news of a recession or a war, is not in them.",
            *move_caveats(moves),
            *axis_caveats(result, axes),
        ),
        reason,
    )


def verdict_of(axis: AbnormalAxis, sign: int) -> VerdictWord:
    """The rule of this kind on one axis entry."""
    if sign * axis.ar <= 0:
        return "contradicted"
    if axis.abnormal:
        return "supported"
    return "contradicted" if sign * axis.normal >= HALF * sign * (axis.ar + axis.normal) else "unresolved"


def _axes(claim: Claim, result: StudyResult, tickers: Sequence[str]) -> tuple[AbnormalAxis, ...]:
    event = claim.event or ""
    for ticker in tickers:
        event_day(result, ticker, event)
    name = claim.params.get("group") or "the companies named"
    group = group_axes(result, claim, name, tickers, event) if len(tickers) > 1 else ()
    axes = (*group, *security_axes(result, claim, tickers))
    if not axes or (len(tickers) > 1 and not group):
        who = ", ".join(tickers)
        raise MissingPriceError(f"estimates of {who} against one benchmark for the event {event!r} would decide")
    return axes


def _readings(axes: Sequence[AbnormalAxis], head: AbnormalAxis, sign: int) -> tuple[Reading, ...]:
    """The abnormal return by size against each benchmark, the headline first."""
    return tuple(
        Reading(
            f"abnormal return of {a.subject} against {a.benchmark}",
            100 * sign * a.ar,
            "percent",
            f"model {a.model}, day zero of {a.event}",
            headline=a is head,
        )
        for a in axes
        if a.subject == head.subject
    )


def _parts(
    claim: Claim, axes: Sequence[AbnormalAxis], tickers: Sequence[str], head: AbnormalAxis, sign: int
) -> tuple[Part, ...]:
    own = {a.subject: a for a in reversed(axes) if a.benchmark == head.benchmark}
    return tuple(
        Part(
            name_of(claim, t),
            verdict_of(own[t], sign),
            100 * own[t].ar,
            "percent",
            "abnormal" if own[t].abnormal else "not abnormal",
            t,
        )
        for t in tickers
        if t in own and t != head.subject
    )


def _steps(axes: Sequence[AbnormalAxis], head: AbnormalAxis) -> tuple[Step, ...]:
    steps = []
    for axis in (a for a in axes if a.benchmark == head.benchmark):
        normal = Quantity(100 * axis.normal, "percent", f"model {axis.model} on {axis.benchmark}")
        total = Quantity(100 * (axis.ar + axis.normal), "percent")
        abnormal = Quantity(100 * axis.ar, "percent")
        steps.append(
            Step(f"Abnormal return of {axis.subject}", "return − normal", {"return": total, "normal": normal}, abnormal)
        )
    return tuple(steps)


def _summary(claim: Claim, head: AbnormalAxis, parts: Sequence[Part], sign: int) -> Statement:
    values: dict[str, Quantity | str] = {
        "subject": name_of(claim, head.subject),
        "total": Quantity(100 * (head.ar + head.normal), "percent"),
        "benchmark": name_of(claim, head.benchmark),
        "normal": Quantity(100 * head.normal, "percent"),
        "ar": Quantity(100 * head.ar, "percent"),
        "low": Quantity(100 * head.low, "percent"),
        "high": Quantity(100 * head.high, "percent"),
        "consistent": _CONSISTENT[verdict_of(head, sign)],
    }
    text = "{benchmark} explains {normal} of it and leaves {ar} ({low} to {high}); "
    if not parts:
        return Statement("{subject} moved {total}; " + text + "{consistent}.", values)
    values["n"] = Quantity(len(parts), "count")
    text = "The {n} securities of {subject} moved {total} on average; " + text
    own = [p.ticker or p.label for p in parts if p.verdict == "supported"]
    others = [p.ticker or p.label for p in parts if p.verdict != "supported"]
    values |= {"own": ", ".join(own) or "none", "others": ", ".join(others) or "none"}
    return Statement(text + "more than an ordinary day for {own}, not so for {others}.", values)


_CONSISTENT: dict[VerdictWord, str] = {
    "supported": "that is more than an ordinary day, and consistent with news of its own",
    "contradicted": "the market explains most of it, or the rest has the other sign",
    "unresolved": "that could be an ordinary day",
}
