"""Claims that one of several moved furthest, lost most, or was worth most: its rank among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from eventstudy.claims.answer import answered, judged, unresolved
from eventstudy.claims.card import ONE, Kind
from eventstudy.claims.interval import same
from eventstudy.claims.later import measure, shares, spans
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Claimed, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult

SHOWN = 12  # members whose numbers stand in the arithmetic


def rank_among(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the rank of a security among several, by its move, its market value or the change of that.

    The rank is 1 + the number of the others that are ahead. A member without data may be ahead or behind: where that
    could turn the answer it is open.
    """
    (ticker,) = claim.tickers
    members = tuple(dict.fromkeys((ticker, *_named(claim, result))))
    own = _sizes(claim, result, ticker)
    others: dict[str, Quantity] = {}
    missing: list[str] = []
    for member in members[1:]:
        try:
            others[member] = _sizes(claim, result, member)[0]
        except MissingPriceError as error:
            missing.append(str(error))
    strange = [t for t, q in others.items() if q.unit != own[0].unit]
    missing += [f"{t} is valued in {others.pop(t).unit.upper()}, and a rate would decide" for t in strange]
    places = [1.0 + sum(_ahead(q, size) for q in others.values()) for size in own]
    source = f"{own[0].source}, and {len(others)} others"
    readings = [
        Reading(
            f"among {len(others) + 1}{'' if k == 0 else ', with another share count'}",
            place,
            "rank",
            source,
            k == 0,
            "input",
        )
        for k, place in enumerate(places)
    ]
    answer = judged(claim, readings, "rank")
    if missing:
        moved = ([replace(r, value=r.value + k) for r in readings] for k in range(1, len(missing) + 1))
        if any(judged(claim, one, "rank").comparison.verdict != answer.comparison.verdict for one in moved):
            return unresolved(claim, f"a member without data could turn the answer: {'; '.join(missing)}")
    equal = [measure.name_of(claim, t) for t, q in others.items() if same(q.value, own[0].value)]
    return answered(
        claim,
        answer,
        _summary(claim, own[0], others, places[0], equal),
        steps=[_step(claim, ticker, own[0], others, places[0])],
        caveats=(
            f"Ranked among {', '.join(members)}; who is not listed is not counted.",
            *(f"Left out: {text}." for text in missing),
        ),
    )


def _named(claim: Claim, result: StudyResult) -> tuple[str, ...]:
    """The others: tickers, and the members of groups."""
    groups = result.settings.groups
    return tuple(t for name in claim.params["among"] for t in groups.get(name, (name,)))


def _sizes(claim: Claim, result: StudyResult, ticker: str) -> list[Quantity]:
    """What is ranked, in the claimed direction, the headline first; further ones for other share counts."""
    how, direction = claim.params["measure"], claim.claimed.direction
    sign = -1 if direction == "fall" else 1
    event, window = claim.event or "", spans.window_of(claim, result, ticker)
    if how == "percent":
        move = measure.move_of(result, ticker, event, window)
        return [Quantity(sign * 100 * move.change, "percent", move.after.source)]
    change = shares.value_change(result, ticker, event, window)
    step = change.move.after.value - (change.move.before.value if how == "value_change" else 0.0)
    counts = (change.count, *change.others)
    return [Quantity(sign * step * c.shares, change.move.after.unit, change.move.after.source) for c in counts]


def _ahead(other: Quantity, own: Quantity) -> bool:
    """Whether another is larger by more than binary fractions make of equal moves."""
    return other.value > own.value and not same(other.value, own.value)


def _step(claim: Claim, ticker: str, own: Quantity, others: dict[str, Quantity], place: float) -> Step:
    """Those that are ahead, then the security itself."""
    ahead = sorted((t for t, q in others.items() if _ahead(q, own)), key=lambda t: -others[t].value)
    inputs: dict[str, Quantity | str] = {t: others[t] for t in ahead[:SHOWN]}
    inputs[ticker] = own
    inputs["ahead"] = Quantity(len(ahead), "count")
    return Step(f"Rank of {measure.name_of(claim, ticker)}", "1 + ahead", inputs, Quantity(place, "rank"))


def _summary(claim: Claim, own: Quantity, others: dict[str, Quantity], place: float, equal: Sequence[str]) -> Statement:
    """The rank, who is level with the security and who is ahead of it."""
    what = {"percent": "move", "value": "market value", "value_change": "change of market value"}
    values: dict[str, Quantity | str] = {
        "name": measure.name_of(claim, claim.tickers[0]),
        "place": Quantity(place, "rank"),
        "n": Quantity(len(others) + 1, "count"),
        "own": Quantity(abs(own.value), own.unit),
    }
    text = f"By its {what[claim.params['measure']]} of {{own}} {{name}} ranks {{place}} of {{n}}"
    if equal:
        values["equal"] = ", ".join(equal[:SHOWN])
        text += ", level with {equal}" + (" and others" if len(equal) > SHOWN else "")
    if place > 1:
        ahead = sorted((t for t, q in others.items() if _ahead(q, own)), key=lambda t: -others[t].value)
        values["ahead"] = ", ".join(measure.name_of(claim, t) for t in ahead[:SHOWN])
        text += ", behind {ahead}" + (" and others" if len(ahead) > SHOWN else "")
    return Statement(f"{text}.", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _misfit(claimed: Claimed, params: Mapping[str, Any]) -> str | None:
    if params["measure"] != "value" and claimed.direction == "none":
        return "it ranks moves: give `claimed` a direction, fall or rise"
    return None


def _params() -> type[Params]:
    from eventstudy.claims.schema import Spanned, Texts

    class RankAmong(Spanned):
        """`among`: the others, securities or groups. `measure`: the move in per cent, the market value at the close,
        or the change of the market value; over a `window` of sessions or `since` a day."""

        among: Texts
        measure: Literal["percent", "value", "value_change"] = "percent"

    return RankAmong


CARD = Kind(
    name="rank_among",
    judge=rank_among,
    words="Which rank has a security among several, by its move or its market value?",
    rule="1 + the number of the others that are ahead, against the claimed rank; a member without data leaves open "
    "what it could turn.",
    default_reading="moves by per cent of the day, each on the sessions of its own exchange",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=False,
    number=True,
    word=False,
    units=("rank",),
    vendors=False,
    misfit=_misfit,
)
