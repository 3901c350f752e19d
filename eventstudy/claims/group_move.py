"""Claims about a group: all, most, none or only its members moved so, or each of several named companies did."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from eventstudy.claims.answer import decision, parts_decision, point, remarks, scale_of, word_decision
from eventstudy.claims.card import MANY, PERCENT, Kind
from eventstudy.claims.interval import (
    WORDS,
    Comparison,
    against_word,
    claimed_interval,
    combine,
    compare,
    same,
    threshold_of,
)
from eventstudy.claims.later import measure, second_axis, spans
from eventstudy.claims.quantifiers import Quantifier, could_turn, counted, quantified, said_count
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import (
    AbnormalAxis,
    Claim,
    Interval,
    Note,
    Part,
    Quantity,
    Reading,
    Statement,
    Step,
    Verdict,
    VerdictWord,
)

if TYPE_CHECKING:
    from eventstudy.claims.measure import Move, Usual
    from eventstudy.claims.schema import Params
    from eventstudy.objects.estimation import Window
    from eventstudy.objects.results import StudyResult


@dataclass(frozen=True, slots=True)
class Member:
    """One member on one event: its move by size in the claimed direction, s and what the word asks for in per cent
    where a word needs them, and its answer."""

    ticker: str
    event: str
    move: Move
    usual: Usual | None
    asked: float
    size: float
    comparison: Comparison


def group_move(claim: Claim, result: StudyResult) -> Verdict:
    """Judge every member by itself, then the claim by its quantifier.

    ``all`` is contradicted by one member that moved the other way or hardly at all, else as good as its weakest member;
    ``most`` needs more than half; ``none`` and ``only`` fail at one counterexample; ``count`` counts; ``mean`` compares
    the mean of the members; ``each`` takes the members as separate parts. Where one member more or less would turn the
    answer, that is said; where one that has no data could turn it, the claim is open.
    """
    events = (claim.event or "", *claim.params.get("also", ()))
    tickers = members_of(claim, result)
    quantifier: Quantifier = claim.params["quantifier"]
    members, missing = _members(claim, result, tickers, events)
    outside, more = _members(claim, result, _others(claim, result), events)
    borderline = [t for t in claim.params.get("borderline", ()) if t not in tickers]
    near, gone = _members(claim, result, borderline, events)
    if not members:
        raise MissingPriceError("; ".join(missing) or "a price of any member would decide")
    word, note = _answer(claim, members, outside)
    sizes = [m.size for m in members]
    reason = could_turn(claim.params, _comparisons(members), _comparisons(outside), (missing, more))
    if reason is not None:
        word, note = "unresolved", None
    axes = _axes(claim, result, tickers, {m.event: m.move.window for m in members})
    parts = (
        *(_part(claim, m, quantifier == "none") for m in members),
        *(_part(claim, m, True) for m in outside),
        *(_unknown(text) for text in missing if quantifier == "each"),
    )
    if quantifier == "each":
        word = combine(p.verdict for p in parts)
    mean = sum(sizes) / len(sizes)
    steps = [step for m in (*members, *outside) for step in _steps(claim, m)]
    return Verdict(
        claim,
        word,
        _summary(claim, members, outside),
        _claimed(claim),
        point(mean, "percent") if quantifier == "mean" else Interval(min(sizes), max(sizes), "percent"),
        mean,
        note,
        _readings(claim, members),
        parts,
        (*steps, *(_mean_steps(claim, members) if quantifier == "mean" else ())),
        axes,
        (
            *remarks(claim),
            _listed(claim, tickers),
            *(f"Left out: {text}." for text in (*missing, *more, *gone)),
            *(_turned(claim, members, outside, near, word) if reason is None else []),
            *_mixed(claim, sizes),
            *_moved(claim, members),
            *_otherwise(quantifier, [m.comparison for m in members]),
            *second_axis.axis_caveats(result, axes),
        ),
        reason=None if reason is None else f"{reason[:1].upper()}{reason[1:]}.",
        decision=_decision(claim, members, parts, word),
    )


def _claimed(claim: Claim) -> Interval | None:
    """The moves that the claim asks a member for; None where that differs by member, or nobody may have moved so."""
    if claim.params["quantifier"] == "none":
        return None
    if claim.claimed.word is not None and WORDS[claim.claimed.word][1] == "any":
        return Interval(0.0, math.inf, "percent", open_low=True)
    return claimed_interval(claim.claimed)


def _answer(claim: Claim, members: Sequence[Member], outside: Sequence[Member]) -> tuple[VerdictWord, Note | None]:
    if claim.params["quantifier"] == "mean":
        found = _of_mean(claim, members)[1]
        return found.verdict, found.note
    return quantified(claim.params["quantifier"], _comparisons(members), _comparisons(outside), counted(claim.params))


def _comparisons(members: Sequence[Member]) -> list[Comparison]:
    return [m.comparison for m in members]


def _of_mean(claim: Claim, members: Sequence[Member]) -> tuple[Interval, Comparison]:
    """The mean of the members against the number, or against the mean of what the word asks them for."""
    mean = point(sum(m.size for m in members) / len(members), "percent")
    asked = sum(m.asked for m in members) / len(members)
    if claim.claimed.word is not None:
        return mean, against_word(claim.claimed.word, asked, mean.low)
    claimed = claimed_interval(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} has neither a number nor a word")
    return mean, compare(claimed, mean, scale_of(claim, mean))


def _unknown(text: str) -> Part:
    """A member that could not be measured, where each has an answer of its own."""
    return Part(text.partition(":")[0], "unresolved", math.nan, "percent", text)


def _decision(claim: Claim, members: Sequence[Member], parts: Sequence[Part], word: VerdictWord) -> Statement:
    """The last step: how many members have which answer, and what was asked of them."""
    quantifier = claim.params["quantifier"]
    if quantifier == "each":
        return parts_decision(parts, word)
    if quantifier == "mean" and word != "unresolved":
        return _mean_decision(claim, members)
    wanted = f"{said_count(claim.params)} were claimed" if quantifier == "count" else f'"{quantifier}" was claimed'
    counts = {answer: sum(p.verdict == answer for p in parts) for answer in dict.fromkeys(p.verdict for p in parts)}
    said = ", ".join(f"{n} {answer}" for answer, n in counts.items())
    return Statement(f"{wanted[:1].upper()}{wanted[1:]}; of {len(parts)} members {said}: {word}")


def _mean_decision(claim: Claim, members: Sequence[Member]) -> Statement:
    mean, found = _of_mean(claim, members)
    if claim.claimed.word is not None:
        asked = sum(m.asked for m in members) / len(members)
        return word_decision(claim.claimed.word, asked, mean.low, found)
    claimed = claimed_interval(claim.claimed)
    return decision(claim, claimed or mean, mean, found)


def _mean_steps(claim: Claim, members: Sequence[Member]) -> tuple[Step, ...]:
    """The mean in two lines: the sum, then its share."""
    sign = measure.sign_of(claim.claimed)
    moves: dict[str, Quantity | str] = {_label(claim, m): Quantity(sign * m.size, "percent") for m in members}
    total, n = Quantity(sum(sign * m.size for m in members), "percent"), Quantity(len(members), "count")
    mean = Quantity(total.value / len(members), "percent")
    return (
        Step("Moves of the members added up", "sum of the moves", moves, total),
        Step("Their mean", "total / n", {"total": total, "n": n}, mean),
    )


def _listed(claim: Claim, tickers: Sequence[str]) -> str:
    """Who the members are, and who says so."""
    group = claim.params.get("group")
    source = f"the group {group} of the study file" if group else "the claims file"
    return f"The list of members is that of {source}: {', '.join(tickers)}."


def _turned(
    claim: Claim, members: Sequence[Member], outside: Sequence[Member], near: Sequence[Member], word: VerdictWord
) -> list[str]:
    """Which single member, left out or taken in, would turn the answer of the group."""
    if claim.params["quantifier"] == "each":
        return []
    found: dict[tuple[str, VerdictWord], dict[str, None]] = {}
    for k, member in enumerate(members):
        rest = [m for i, m in enumerate(members) if i != k]
        if rest and (other := _answer(claim, rest, outside)[0]) != word:
            found.setdefault(("Without", other), {})[_label(claim, member)] = None
    for member in near:
        if (other := _answer(claim, [*members, member], outside)[0]) != word:
            found.setdefault(("With", other), {})[_label(claim, member)] = None
    return [
        f"One member turns the answer. {way} {' or '.join(names)} it would be {other}."
        for (way, other), names in found.items()
    ]


def members_of(claim: Claim, result: StudyResult) -> tuple[str, ...]:
    """The tickers a claim is about: its own, or those of its group in the study."""
    group = claim.params.get("group")
    if group is None:
        return claim.tickers
    if group not in result.settings.groups:
        raise MissingPriceError(f"the members of the group {group!r} would decide; the study has no such group")
    return result.settings.groups[group]


def _others(claim: Claim, result: StudyResult) -> tuple[str, ...]:
    """Whom ``only`` excludes: tickers, and the members of groups."""
    groups = result.settings.groups
    named = [t for name in claim.params.get("others", ()) for t in groups.get(name, (name,))]
    return tuple(dict.fromkeys(t for t in named if t not in members_of(claim, result)))


# ------------------------------------------------------------------------------------------------------------- members
def _members(
    claim: Claim, result: StudyResult, tickers: Sequence[str], events: Sequence[str]
) -> tuple[list[Member], list[str]]:
    """Every member on every event; and what is missing of those that could not be measured."""
    found, missing = [], []
    for event in events:
        for ticker in tickers:
            try:
                found.append(_member(claim, result, ticker, event))
            except MissingPriceError as error:
                missing.append(str(error))
    return found, missing


def _member(claim: Claim, result: StudyResult, ticker: str, event: str) -> Member:
    move = measure.move_of(result, ticker, event, spans.window_of(claim, result, ticker, event))
    size = 100 * measure.sign_of(claim.claimed) * move.change
    if claim.claimed.word is None:
        claimed = claimed_interval(claim.claimed)
        if claimed is None:
            raise ValueError(f"the claim {claim.id!r} has neither a number nor a word")
        alone = point(size, "percent")
        return Member(ticker, event, move, None, 0.0, size, compare(claimed, alone, scale_of(claim, alone)))
    word, usual, asked = claim.claimed.word, None, 0.0
    if WORDS[word][1] != "any":
        usual = measure.usual_move(result, ticker, event)
        asked = threshold_of(word, 100 * usual.sd * move.window.length**0.5)
    return Member(ticker, event, move, usual, asked, size, against_word(word, asked, size))


def _label(claim: Claim, member: Member) -> str:
    name = measure.name_of(claim, member.ticker)
    return f"{name}, {member.move.after.day:%Y-%m-%d}" if claim.params.get("also") else name


def _part(claim: Claim, member: Member, denied: bool) -> Part:
    """A member's own answer; where the claim denies that anybody moved so, who did speaks against it."""
    word: VerdictWord = member.comparison.verdict
    if denied:
        word = "contradicted" if word == "supported" else "supported"
    value = 100 * member.move.change
    return Part(_label(claim, member), word, value, "percent", member.comparison.note, member.ticker)


def _steps(claim: Claim, member: Member) -> list[Step]:
    steps = [measure.move_step(member.move, _label(claim, member))]
    if member.usual is not None and claim.claimed.word is not None:
        steps += measure.word_steps(claim.claimed.word, member.usual, member.move.window, _label(claim, member))[1]
        steps.append(measure.usual_step(member.usual, member.move.change, _label(claim, member), member.move.window))
    return steps


def _readings(claim: Claim, members: Sequence[Member]) -> tuple[Reading, ...]:
    """The mean of the members, equally weighted, first; then each."""
    mean = sum(m.size for m in members) / len(members)
    sign = "fall" if measure.sign_of(claim.claimed) < 0 else "rise"
    mixed = (
        f", a {'rise' if sign == 'fall' else 'fall'} counted as negative" if min(m.size for m in members) < 0 else ""
    )
    rows = [
        Reading(f"mean {sign} of {len(members)} members{mixed}", mean, "percent", "the readings below", headline=True)
    ]
    for m in members:
        source = f"{m.move.before.source}; {m.move.after.source}"
        rows.append(Reading(_label(claim, m), m.size, "percent", source))
        if m.usual is not None:
            in_sd = m.size / 100 / (m.usual.sd * m.move.window.length**0.5)
            rows.append(Reading(f"{_label(claim, m)}, in units of s", in_sd, "sd", f"{m.usual.n} {m.usual.source}"))
    return tuple(rows)


# --------------------------------------------------------------------------------------------------------------- words
def _mixed(claim: Claim, sizes: Sequence[float]) -> list[str]:
    """Which way a minus sign points, where the members moved both ways."""
    if not min(sizes) < 0 < max(sizes):
        return []
    claimed, other = ("fall", "rise") if measure.sign_of(claim.claimed) < 0 else ("rise", "fall")
    return [f"What was measured is the size of the {claimed}: there a minus sign is a {other}."]


def _moved(claim: Claim, members: Sequence[Member]) -> list[str]:
    return measure.move_caveats((measure.name_of(claim, m.ticker), m.move) for m in members)


def _otherwise(quantifier: Quantifier, comparisons: Sequence[Comparison]) -> list[str]:
    """What another reading of a claim about companies in the plural would give, where it differs."""
    if quantifier not in ("all", "most", "each"):
        return []
    options: tuple[Quantifier, ...] = ("all", "most")
    own = quantified(quantifier, comparisons)[0]
    answers = {q: quantified(q, comparisons)[0] for q in options if q != quantifier}
    return [f'Read as "{q}" the claim would be {word}.' for q, word in answers.items() if word != own]


def _axes(
    claim: Claim, result: StudyResult, tickers: Sequence[str], windows: Mapping[str, Window]
) -> tuple[AbnormalAxis, ...]:
    """The group first, where it was estimated together, then its members, for each event with its window."""
    name = claim.params.get("group") or "the companies named"
    axes: list[AbnormalAxis] = []
    for event, window in windows.items():
        axes += second_axis.group_axes(result, claim, name, tickers, event, window)
        axes += second_axis.security_axes(result, claim, tickers, event, window)
    return tuple(axes)


def _way(change: float) -> str:
    return "a fall of" if change < 0 else "a rise of"


def _summary(claim: Claim, members: Sequence[Member], outside: Sequence[Member]) -> Statement:
    fell = [m for m in members if m.move.change < 0]
    rose = [m for m in members if m.move.change > 0]
    way, other = (
        (("rose", rose), ("fell", fell)) if measure.sign_of(claim.claimed) > 0 else (("fell", fell), ("rose", rose))
    )
    days = dict.fromkeys(m.move.after.day for m in members)
    values: dict[str, Quantity | str] = {
        way[0]: Quantity(len(way[1]), "count"),
        "n": Quantity(len(members), "count"),
        "low": Quantity(100 * abs(min(m.move.change for m in members)), "percent"),
        "high": Quantity(100 * abs(max(m.move.change for m in members)), "percent"),
        "lowest": min(members, key=lambda m: m.move.change).ticker,
        "highest": max(members, key=lambda m: m.move.change).ticker,
    }
    when = " and ".join(f"{{day{i}}}" for i in range(len(days)))
    values |= {f"day{i}": measure.date_quantity(day) for i, day in enumerate(days)}
    verb = way[0] if len(days) == 1 else f"moves were {'rises' if way[0] == 'rose' else 'falls'}"
    ends = [_way(min(m.move.change for m in members)), _way(max(m.move.change for m in members))]
    span = f"from {ends[0]} {{low}} ({{lowest}}) to {ends[1]} {{high}} ({{highest}})"
    if ends[0] == ends[1]:
        small, large = ("high", "low") if fell else ("low", "high")
        span = f"between {{{small}}} ({{{small}est}}) and {{{large}}} ({{{large}est}})"
    text = f"{{{way[0]}}} of {{n}} {verb} on {when}, {span}"
    if len(members) == 1:
        text = f"{{lowest}} moved on {when}: {ends[0]} {{low}}"
    if claim.params["quantifier"] == "mean":
        mean = sum(100 * m.move.change for m in members) / len(members)
        values["mean"] = Quantity(abs(mean), "percent")
        text += f"; their mean is {_way(mean)} {{mean}}"
    if other[1] and len(other[1]) <= 8:
        values[other[0]] = ", ".join(dict.fromkeys(m.ticker for m in other[1]))
        text += f"; {{{other[0]}}} {other[0]}"
    if claim.claimed.word is None and claim.params["quantifier"] != "mean" and len(members) > 1:
        hits = sum(m.comparison.verdict == "supported" for m in members)
        values["hits"] = Quantity(hits, "count") if hits else "none"
        text += "; {hits} by as much as is claimed"
    if claim.claimed.word is not None and WORDS[claim.claimed.word][1] != "any":
        hits = sum(m.comparison.verdict == "supported" for m in members)
        values |= {
            "hits": Quantity(hits, "count") if hits else "none",
            "word": claim.claimed.word,
            "least": Quantity(min(m.asked for m in members), "percent"),
            "most": Quantity(max(m.asked for m in members), "percent"),
        }
        span = "{least}" if same(min(m.asked for m in members), max(m.asked for m in members)) else "{least} to {most}"
        text += f'; {{hits}} reached what "{{word}}" asks for ({span})'
    if outside:
        values["others"] = ", ".join(m.ticker for m in outside if m.comparison.verdict == "supported")
        text += "; of the others {others} moved so too" if values["others"] else "; of the others none moved so"
    return Statement(text + ".", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field, StrictInt, ValidationInfo, field_validator

    from eventstudy.claims.schema import Names, Spanned

    class GroupMove(Spanned):
        """`quantifier` over the members, with the number for ``count`` and its `count_modifier`; over a `window` of
        sessions or `since` a day; `also`: further events, each a part; `others` are whom ``only`` excludes;
        `borderline`: who might be a member too, to see whether it turns the answer."""

        count_modifier: Literal["exactly", "about", "more_than", "at_least", "less_than", "at_most"] = "exactly"
        count: Annotated[StrictInt, Field(ge=0)] | None = None
        borderline: Names = Field([])
        also: Names = Field([])
        others: Names = Field([])
        quantifier: Literal["all", "most", "none", "only", "each", "count", "mean"]

        @field_validator("quantifier")
        @classmethod
        def _complete(cls, value: str, given: ValidationInfo) -> str:
            if (value == "count") != (given.data.get("count") is not None):
                raise ValueError("`count` is the number that the quantifier count asks for: give both or neither")
            if value == "only" and not given.data.get("others"):
                raise ValueError("only these: `others` names the securities or groups that did not move so")
            return value

    return GroupMove


CARD = Kind(
    name="group_move",
    judge=group_move,
    words="Did all, most, none, only these, each, so many or the mean of several move so?",
    rule="Every member is judged by itself, then the claim by its quantifier: all fall at one counterexample, most "
    "need more than half, none and only fail at one, N are counted, a mean is compared. A member without data leaves "
    "open what it could turn.",
    default_reading="closes adjusted for splits alone, each member on the sessions of its own exchange",
    params=_params,
    tables=(),
    subjects=MANY,
    directed=True,
    number=True,
    word=True,
    units=PERCENT,
    vendors=False,
)
