"""Claims that a move was not just the market: what a model of normal returns explains and what it does not.

A cause is beyond prices. At most they are consistent with one: a move that the market does not explain, on the day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from eventstudy.claims.answer import remarks
from eventstudy.claims.card import ANY, Kind
from eventstudy.claims.group_move import members_of
from eventstudy.claims.interval import measured_interval
from eventstudy.claims.later import measure, second_axis
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
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


HALF = 0.5  # of a move that the model explains: from there on it was mostly the market


def abnormal_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge whether the abnormal part of a move is one that chance leaves unlikely, and has the claimed sign.

    Supported where the primary test rejects and the sign is right. A test that does not reject contradicts nothing:
    contradicted only where, against every benchmark the claim compares with, the sign is wrong or the model explains
    at least half of the move; else unresolved. A group is one test, and its members are shown as parts. Other
    benchmarks are other definitions, each judged by itself.
    """
    tickers = members_of(claim, result)
    sign, event = measure.sign_of(claim.claimed), claim.event or ""
    axes = _axes(claim, result, tickers)
    head, same = axes[0], [a for a in axes if a.subject == axes[0].subject]
    readings, parts = _readings(same, head, sign), _parts(claim, axes, tickers, head, sign)
    word = verdict_of(same, sign)
    priced = tickers if result.prices.returns is None else ()  # of returns there are no closes to speak of
    moves = [(measure.name_of(claim, t), measure.move_of(result, t, event)) for t in priced]
    return Verdict(
        claim,
        word,
        _summary(claim, head, parts, word),
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
            "Prices can be consistent with a cause; they cannot name one, and what else happened that day is not in "
            "them.",
            *measure.move_caveats(moves),
            *second_axis.axis_caveats(result, axes),
        ),
        _reason(axes, head, sign) if word == "unresolved" else None,
        decision=_decision(head, sign, word, result.settings.alpha, result.cards.tests[head.primary].label),
    )


def _decision(head: AbnormalAxis, sign: int, word: VerdictWord, alpha: float, label: str) -> Statement:
    """The p of the primary test and the sign, or what the model explains of the move."""
    values: dict[str, Quantity | str] = {
        "test": label,
        "p": Quantity(head.p, "p"),
        "alpha": Quantity(alpha, "p"),
        "ar": Quantity(100 * sign * head.ar, "percent"),
        "total": Quantity(100 * sign * (head.ar + head.normal), "percent"),
    }
    way = "fall" if sign < 0 else "rise"
    if sign * head.ar <= 0:
        return Statement(f"A {way} was claimed; what the market leaves, measured as a {way}, is {{ar}}: {word}", values)
    p = "{p}" if head.p < 0.0001 else "= {p}"  # which reads "< 0.0001"
    side = "below" if head.p < alpha else "not below"
    return Statement(f"A {way} of {{ar}} is left of {{total}}; {{test}} p {p}, {side} {{alpha}}: {word}", values)


def verdict_of(axes: Sequence[AbnormalAxis], sign: int) -> VerdictWord:
    """The rule of this kind on one subject: `axes` against its own benchmark first, then against the further ones."""
    if axes[0].abnormal and sign * axes[0].ar > 0:
        return "supported"
    return "contradicted" if all(explained(axis, sign) for axis in axes) else "unresolved"


def explained(axis: AbnormalAxis, sign: int) -> bool:
    """Whether the rest has the other sign, or the model explains at least half of the move."""
    return sign * axis.ar <= 0 or sign * axis.normal >= HALF * sign * (axis.ar + axis.normal)


def _reason(axes: Sequence[AbnormalAxis], head: AbnormalAxis, sign: int) -> str:
    return (
        f"The abnormal return of {head.subject} could be chance (p of {head.primary} is not small); "
        f"{_against(axes, sign)}; more securities, or a benchmark that holds none of them, would decide."
    )


def _against(axes: Sequence[AbnormalAxis], sign: int) -> str:
    """On which benchmark it depends how much the market explains."""
    mostly = [a.benchmark for a in axes if explained(a, sign)]
    less = [a.benchmark for a in axes if not explained(a, sign)]
    said = [f"at least half of it {second_axis.compared_with(', '.join(mostly))}"] if mostly else []
    said += [f"less than half {second_axis.compared_with(', '.join(less))}"] if less else []
    return f"the model explains {', '.join(said)}"


def _axes(claim: Claim, result: StudyResult, tickers: Sequence[str]) -> tuple[AbnormalAxis, ...]:
    event = claim.event or ""
    for ticker in tickers:
        measure.event_day(result, ticker, event)
    name = claim.params.get("group") or "the companies named"
    group = second_axis.group_axes(result, claim, name, tickers, event) if len(tickers) > 1 else ()
    every = replace(claim, params={**claim.params, "against_own": True})
    members = second_axis.security_axes(result, every, tickers)
    axes = (*group, *members)
    if axes[0].abnormal is None or (len(tickers) > 1 and not group):
        who = ", ".join(tickers)
        raise MissingPriceError(f"estimates of {who} against one benchmark for the event {event!r} would decide")
    return axes


def _readings(axes: Sequence[AbnormalAxis], head: AbnormalAxis, sign: int) -> tuple[Reading, ...]:
    """The abnormal return by size against each benchmark, the headline first, every other judged by itself."""
    return tuple(
        Reading(
            f"abnormal return of {a.subject} {second_axis.compared_with(a.benchmark)}",
            100 * sign * a.ar,
            "percent",
            f"model {a.model}, day zero of {a.event}",
            headline=a is head,
            sort="input" if a is head else "definition",
            verdict=None if a is head else verdict_of([a], sign),
        )
        for a in axes
    )


def _parts(
    claim: Claim, axes: Sequence[AbnormalAxis], tickers: Sequence[str], head: AbnormalAxis, sign: int
) -> tuple[Part, ...]:
    parts = []
    for ticker in (t for t in tickers if t != head.subject):
        own = [a for a in axes if a.subject == ticker]
        if own and own[0].abnormal is not None:
            word, name = verdict_of(own, sign), measure.name_of(claim, ticker)
            note = "abnormal" if word == "supported" else f"not abnormal; {_against(own, sign)}"
            parts.append(Part(name, word, 100 * own[0].ar, "percent", note, ticker))
    return tuple(parts)


def _steps(axes: Sequence[AbnormalAxis], head: AbnormalAxis) -> tuple[Step, ...]:
    return tuple(axis.step for axis in axes if axis.benchmark == head.benchmark and axis.step is not None)


def _summary(claim: Claim, head: AbnormalAxis, parts: Sequence[Part], word: VerdictWord) -> Statement:
    own = -1 if head.ar + head.normal < 0 else 1  # sizes in the direction of the move
    values: dict[str, Quantity | str] = {
        "subject": measure.name_of(claim, head.subject),
        "total": Quantity(100 * abs(head.ar + head.normal), "percent"),
        "benchmark": "the mean of other days" if head.benchmark == "none" else measure.name_of(claim, head.benchmark),
        "normal": Quantity(100 * own * head.normal, "percent"),
        "ar": Quantity(100 * own * head.ar, "percent"),
    }
    moved = "fell by {total}" if own < 0 else "rose by {total}"
    text = "{benchmark} explains {normal} and leaves {ar}"
    if math.isfinite(head.low):
        low, high = sorted((own * head.low, own * head.high))
        values |= {"low": Quantity(100 * low, "percent"), "high": Quantity(100 * high, "percent")}
        text += " ({low} to {high})"
    if not parts:
        return Statement(f"{{subject}} {moved}; {text}; {_CONSISTENT[word]}.", values)
    values["n"] = Quantity(len(parts), "count")
    text = f"The {{n}} securities of {{subject}} {moved} on average; {text}"
    for answer, said in _CONSISTENT.items():
        who = [p.ticker or p.label for p in parts if p.verdict == answer]
        if who:
            values[answer] = ", ".join(who)
            text += f". {{{answer}}}: {said}"
    return Statement(text + ".", values)


_CONSISTENT: dict[VerdictWord, str] = {
    "supported": "more than an ordinary day, consistent with news of its own, which is as far as prices go",
    "contradicted": "the market explains most of it, or the rest has the other sign",
    "unresolved": "left open, since the day could be an ordinary one",
}


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from eventstudy.claims.schema import Params

    class AbnormalMove(Params):
        """Nothing of its own."""

    return AbnormalMove


CARD = Kind(
    name="abnormal_move",
    judge=abnormal_move,
    words="Was it more than the market, and than chance?",
    rule="Supported where the primary test rejects with the claimed sign; contradicted where the market explains half "
    "of the move or more; else unresolved. A group is "
    "one test.",
    default_reading="the study's own benchmark and model",
    params=_params,
    tables=(),
    subjects=ANY,
    directed=True,
    number=False,
    word=False,
    units=(),
    vendors=False,
)
