"""The first screen in plain words, made by rule: the finding as a headline, a lede, and what was wrong.

The lede names no test and no symbol of an index. It has at most `WORDS` words; what does not fit is left to the
sections below, which have all of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from eventstudy.errors import joined
from eventstudy.figures import FIGURES, called, picking, words
from eventstudy.figures.card import found
from eventstudy.objects.estimation import Window
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import AxisWord, Verdict, VerdictWord
from eventstudy.report import design, tables, wording
from eventstudy.report.design import Place

WORDS = 80
DAY = Window(0, 0)
#: kinds that speak of many securities, of many days or of a meaning at once; the others are of one number
SWEEPING = {"group_move", "rank", "persistence", "abnormal_move", "event_dates"}
FEW = 3  # claims of a sort that can be spoken of together
NAMED = 6  # securities named one by one
HOLD, FAIL = 0.75, 0.5  # shares of supported claims from which a sort holds up, and up to which it does not

_ONE: Mapping[VerdictWord, str] = {
    "supported": "The claim holds up",
    "imprecise": "The claim is close, but not precise",
    "partly": "The claim holds up in part",
    "contradicted": "The prices contradict the claim",
    "unresolved": "The prices at hand leave the claim open",
}


class Ruling(NamedTuple):
    """A claim that is wrong, in one line: its verdict, what it says, what was found, whether it was more than the
    market's move; empty where that was not asked."""

    id: str
    verdict: VerdictWord
    label: str
    says: str
    found: str
    market: str


# ------------------------------------------------------------------------------------------------------- the headline
def headline(verdicts: Sequence[Verdict]) -> str:
    """The finding in one sentence: which sort of claims holds up and which does not; empty without claims.

    Claims that quote a number, those of the security most often named where it has three or more, are set against
    sweeping ones. A sort holds up where three quarters of it are supported, and does not where no more than half are.
    """
    if len(verdicts) < 2:
        return f"{_ONE[verdicts[0].verdict]}." if verdicts else ""
    sweeping = [v for v in verdicts if _sweeping(v)]
    numbers = [v for v in verdicts if v.claim.claimed.quoted is not None and not _sweeping(v)]
    if len(numbers) < FEW or len(sweeping) < FEW:
        return f"{_overall(verdicts)}."
    whose, own = _most_named(numbers)
    first, second = _answer(_share(own)), _answer(_share(sweeping))
    who = f"The {whose} figures" if whose else "The figures"
    if first == second:
        return f"{who} and the sweeping claims {first} alike."
    short = {"hold up": "hold up", "do not hold up": "do not"}.get(second, "do so only in part")
    return f"{who} {first}; the sweeping claims {short if first == 'hold up' else second}."


def _sweeping(verdict: Verdict) -> bool:
    """Whether a claim speaks of much at once; a place among the days since one that it names is a figure."""
    claim = verdict.claim
    return claim.kind in SWEEPING and (claim.kind != "rank" or claim.params.get("since") is None)


def _share(verdicts: Sequence[Verdict]) -> float:
    return sum(v.verdict == "supported" for v in verdicts) / len(verdicts)


def _answer(share: float) -> str:
    return "hold up" if share >= HOLD else "do not hold up" if share <= FAIL else "hold up in part"


def _overall(verdicts: Sequence[Verdict]) -> str:
    if all(v.verdict == "unresolved" for v in verdicts):
        return "The prices at hand leave every claim open"
    share = _share(verdicts)
    if share in (0, 1):
        return "Every claim holds up" if share else "None of the claims holds up in full"
    return {"hold up": "Most of the claims hold up", "do not hold up": "Half of the claims or more do not hold up"}.get(
        _answer(share), "Most of the claims hold up, others do not"
    )


def _most_named(numbers: Sequence[Verdict]) -> tuple[str, Sequence[Verdict]]:
    """The security that most of the numbers are of, with its claims; all of them where none has three."""
    own = [v for v in numbers if len(v.claim.tickers) == 1]
    counts = Counter(v.claim.tickers[0] for v in own).most_common(1)
    if not counts or counts[0][1] < FEW:
        return "", numbers
    ticker = counts[0][0]
    return called.names(own).get(ticker, ticker), [v for v in own if v.claim.tickers[0] == ticker]


# ----------------------------------------------------------------------------------------------------------- the lede
def lede(result: StudyResult) -> tuple[str, ...]:
    """What happened, for whom it was more than the market's own move, what the other groups did, which claims wait."""
    last = ("Prices cannot name a cause.", *([f"{result.waiting}."] if result.waiting else []))
    if not picking.has_day_zero(result):
        return (*_summed(result), *last)
    some = [place for place in design.places(result) if place.day is not None]
    known = _unplaced(called.names(result.verdicts), [place.event.panel.event_tickers[place.row] for place in some])
    must = [*_moves(result, some, known), *_beyond(result, some, known)]
    room = WORDS - sum(len(said.split()) for said in (*must, last[0]))
    return (*must, *_groups(result, room), *last)


def _summed(result: StudyResult) -> Iterator[str]:
    """For whom the sum over a window that leaves day zero out is more than chance explains, as its figure says."""
    card = FIGURES["car"]
    if card.fits(result):
        yield f"{tables.statement(found(card, result), tables.text)}."


def _unplaced(known: Mapping[str, str], tickers: Sequence[str]) -> dict[str, str]:
    """Names without the city behind them, ``TSMC in New York``, where no other of `tickers` is called so."""
    bare = {ticker: known[ticker].partition(" in ")[0] for ticker in tickers if ticker in known}
    counts = Counter(bare.values())
    return {**known, **{ticker: name for ticker, name in bare.items() if counts[name] == 1}}


def _name(place: Place, known: Mapping[str, str]) -> str:
    ticker = place.event.panel.event_tickers[place.row]
    name = known.get(ticker, ticker)
    name = called.market(ticker, known) if ticker.startswith("^") or name.endswith(" (fund)") else name
    return name if place.key == ticker or place.day is None else f"{name} ({picking.dated(place.day)})"


def _move(result: StudyResult, place: Place) -> float:
    return design.price_change(result, float(place.event.day["ret"][place.row]))


def _way(move: float) -> str:
    return "fell" if move < 0 else "rose" if move > 0 else "did not move"


def _size(move: float) -> str:
    return tables.text(abs(move), "decimal")


def _moves(result: StudyResult, some: Sequence[Place], known: Mapping[str, str]) -> Iterator[str]:
    """Who fell and who rose by how much, and the market beside them."""
    moved = [(p, move) for p in some if math.isfinite(move := _move(result, p))]
    if not moved:
        return
    days = design.days([p for p, _ in moved])
    when = f"On {tables.date(days[0])}" if len(days) == 1 else "On their own dates"
    beside = _markets(result, [p for p, _ in moved]) if len(days) == 1 else ""
    if len(moved) > NAMED:
        yield f"{when} {sum(move < 0 for _, move in moved)} of {len(moved)} {picking.units(result)} fell{beside}."
        return
    said = []
    for way in ("fell", "rose"):
        pairs = [(p, f"{_size(move)}{_not(result, p)}") for p, move in moved if _way(move) == way]
        if pairs:
            (first, size), *rest = pairs
            others = [f"{_name(p, known)} {size.replace(' per cent', '')}" for p, size in rest]
            said.append(joined([f"{_name(first, known)} {way} {size}", *others]))
    still = [_name(p, known) for p, move in moved if move == 0]
    said += [f"{joined(still)} {_way(0.0)}"] if still else []
    yield f"{when} {', while '.join(said)}{beside}."
    yield from _values(result, [p for p, _ in moved], known)


def _of(result: StudyResult, place: Place, kind: str) -> Iterator[Verdict]:
    """The claims of a kind about one security on the day of the headline event."""
    events = (None, result.settings.headline_event)
    for verdict in result.verdicts:
        claim = verdict.claim
        of_day = claim.params.get("since") is None and tuple(claim.params.get("window") or (0, 0)) == (0, 0)
        own = claim.kind == kind and claim.tickers == (place.key,) and claim.event in events
        if verdict.rated and own and of_day:
            yield verdict


def _not(result: StudyResult, place: Place) -> str:
    """What was claimed of a security's move and is wrong: `` (not 15)``."""
    wrong = [v.claim.claimed for v in _of(result, place, "price_move") if v.verdict in ("imprecise", "contradicted")]
    said = [wording.figure(claimed) for claimed in wrong if claimed.quoted is not None and claimed.unit == "percent"]
    return f" (not {' or '.join(said)})" if said else ""


def _values(result: StudyResult, some: Sequence[Place], known: Mapping[str, str]) -> Iterator[str]:
    """What the first security whose market value is claimed lost or gained of it."""
    for place in some:
        for verdict in _of(result, place, "market_value"):
            if verdict.measured is not None and math.isfinite(verdict.measured.high) and verdict.measured.low > 0:
                way = {"fall": "lost", "rise": "gained"}.get(verdict.claim.claimed.direction)
                size = tables.between(verdict.measured.low, verdict.measured.high, verdict.measured.unit)
                if way is not None:
                    yield _begun(f"{_name(place, known)} {way} {size} of market value.")
                    return


def _markets(result: StudyResult, moved: Sequence[Place]) -> str:
    """What the benchmarks did on the same day."""
    found: dict[str, float] = {}
    for place in moved:
        panel, day = place.event.panel, int(place.event.panel.day[place.row])
        market, benchmark = panel.market_of(place.row), panel.benchmark_of(place.row)
        if market is not None and benchmark is not None and math.isfinite(market[day]):
            found.setdefault(benchmark, design.price_change(result, float(market[day])))
    said = [f"{called.market(name)} {_way(move)}{f' {_size(move)}' if move else ''}" for name, move in found.items()]
    return f"; {joined(said)}" if said else ""


def _beyond(result: StudyResult, some: Sequence[Place], known: Mapping[str, str]) -> Iterator[str]:
    """For whom the move was more than what is normal, by the p-values of the answer in full; who was not estimated."""
    lost = [_name(p, known) for p in some if p.why_not is not None]
    if lost:
        yield _begun(f"{joined(_few(lost, picking.units(result)))} could not be estimated.")
    if sum(p.why_not is None for p in some) > NAMED:
        yield from _counted(result, some)
        return
    sorts: dict[str, list[Place]] = {"beyond": [], "within": [], "depends": []}
    for place in (p for p in some if p.why_not is None):
        if (sort := _sort(result, place)) is not None:
            sorts[sort].append(place)
    units = picking.units(result)
    who = {sort: joined(_few([_name(p, known) for p in places], units)) for sort, places in sorts.items()}
    what, said = _normal(result, some), []
    if who["beyond"]:
        signs = {_move(result, p) < 0 for p in sorts["beyond"]}
        way = "moved" if len(signs) > 1 else "fell" if True in signs else "rose"
        said.append(f"{who['beyond']} {way} further than {what}")
    if who["within"]:
        said.append(f"{who['within']} did not" if said else f"{who['within']} moved no further than {what}")
    if who["depends"]:
        said.append(f"for {who['depends']} it depends on what the market is taken to be")
    if said:
        yield _begun(f"{'; '.join(said)}.")


def _counted(result: StudyResult, some: Sequence[Place]) -> Iterator[str]:
    """How many of many moved more than is normal against the study's own benchmark, as the figure beside says, and for
    how many another benchmark answers otherwise."""
    found = {place.key: (place, _abnormal(result, place)) for place in some if place.why_not is None}
    tested = [(place, answers) for place, answers in found.values() if answers]
    if not tested:
        return
    beyond = [place for place, (own, *_) in tested if own]
    mixed = sum(len(set(answers)) > 1 for _, answers in tested)
    signs = {_move(result, place) < 0 for place in beyond}
    way = "moved" if len(signs) != 1 else "fell" if True in signs else "rose"
    units, rest = picking.units(result), len(tested) - len(beyond)
    who = "None" if not beyond else f"All {len(beyond)}" if not rest else str(len(beyond))
    others = f", {rest} did not" if beyond and rest else ""
    other = f"; for {mixed} of them another benchmark answers otherwise" if mixed else ""
    yield f"{who} of the {units} {way} further than {_normal(result, some)}{others}{other}."


def _begun(sentence: str) -> str:
    """A sentence with a capital in front, unless the name of an event is what it begins with."""
    return sentence[:1].upper() + sentence[1:] if sentence.startswith(("the ", "for ")) else sentence


def _few(who: Sequence[str], units: str) -> Sequence[str]:
    return who if len(who) <= NAMED else [f"{len(who)} {units}"]


def _sort(result: StudyResult, place: Place) -> Literal["beyond", "within", "depends"] | None:
    """The second axis of a security in the claims about no others than the headline group; without such claims by the
    tests against each benchmark. None where nothing was tested."""
    said = set(_axis_words(result, place))
    if said:
        return "beyond" if said == {"abnormal"} else "within" if said == {"not abnormal"} else "depends"
    found = _abnormal(result, place)
    return None if not found else "beyond" if all(found) else "depends" if any(found) else "within"


def _axis_words(result: StudyResult, place: Place) -> Iterator[str]:
    settings = result.settings
    own = {*settings.keys(settings.headline_event, settings.headline_group), settings.headline_group}
    for verdict in result.verdicts:
        axes = [
            axis for axis in verdict.abnormal if axis.event == settings.headline_event and axis.abnormal is not None
        ]
        if {axis.subject for axis in axes} <= own:
            first = (a for a in axes if a.subject == place.key and a.window == (0, 0))
            yield from (axis.word for axis in islice(first, 1))


def _abnormal(result: StudyResult, place: Place) -> list[bool]:
    """Whether the move was abnormal, adjusted for all securities tested, against each benchmark of the study, its
    own first."""
    found = []
    for event in sorted(result.events, key=lambda event: not event.headline):
        if event.event == place.event.event and event.model == place.event.model and place.key in event.panel.keys:
            test = event.find(place.key, DAY, "t")
            if test is not None and test.applies:
                found.append((test.p if math.isnan(test.p_holm) else test.p_holm) < result.settings.alpha)
    return found


def _normal(result: StudyResult, some: Sequence[Place]) -> str:
    """What an abnormal move goes beyond, without a symbol."""
    benchmarks = {b for p in some if (b := result.against(p.event)) is not None}
    if not benchmarks:
        return "ordinary days explain"
    return f"{called.market(next(iter(benchmarks)))} explains" if len(benchmarks) == 1 else "their markets explain"


def _groups(result: StudyResult, room: int) -> Iterator[str]:
    """How many fell in the groups beside the headline's, on their day zero; as many groups as `room` words hold.

    Groups whose members went both ways come first: they are what sweeping claims are about.
    """
    settings = result.settings
    found = {key: event for event in result.select(settings.headline_event) for key in event.panel.keys}
    said = []
    for group in (name for name in settings.groups if name != settings.headline_group):
        keys = [key for key in settings.keys(settings.headline_event, group) if key in found]
        moves = [float(found[key].day["ret"][found[key].row(key)]) for key in keys]
        moves = [move for move in moves if math.isfinite(move)]
        if len(moves) > 1:
            fell = sum(move < 0 for move in moves)
            said.append((fell in {0, len(moves)}, f"{fell} of {len(moves)} fell in {words.spoken(group)}"))
    first = [text for _, text in sorted(said, key=lambda one: one[0])]
    for n in range(len(first), 0, -1):
        sentence = f"Elsewhere {joined([first[0], *(text.replace(' fell', '') for text in first[1:n])])}."
        if len(sentence.split()) <= room:
            yield sentence
            return


# ---------------------------------------------------------------------------------------------------- what was wrong
def rulings(verdicts: Sequence[Verdict], when: str | None = None) -> tuple[Ruling, ...]:
    """Every claim that is contradicted or imprecise, the gravest first, with the first clause of what was found.

    `when` is the one day of the event in words, None where there are several.
    """
    order: tuple[VerdictWord, ...] = ("contradicted", "imprecise")
    return tuple(
        Ruling(
            v.claim.id, word, wording.label(v), wording.curly(v.claim.says), _clause(wording.found(v), when), _market(v)
        )
        for word in order
        for v in verdicts
        if v.verdict == word
    )


_MARKET: Mapping[AxisWord, str] = {
    "abnormal": "More than the market’s move explains.",
    "not abnormal": "No more than the market’s move explains.",
    "abnormal by the t test alone": "More than the market’s move explains, by one test of two.",
    "depends on the benchmark": "Whether that is more than the market’s move depends on the benchmark.",
}


def _market(verdict: Verdict) -> str:
    """The second axis of the claim's first subject in plain words; empty where the model has no market."""
    first = next(iter(verdict.abnormal), None)
    if first is None or first.benchmark == "none" or len({a.subject for a in verdict.abnormal}) > 1:
        return ""
    return _MARKET.get(first.word, "")


#: the symbol of an index behind its name
_SYMBOL = re.compile(r" \(\^[^\s()]+\)")


def _clause(sentence: str, when: str | None) -> str:
    """The first clause without symbols of indices; `when` is the day that the lede names, not to be said again."""
    first = re.split(r"; |\. (?=[A-Z])", sentence, maxsplit=1)[0].rstrip(".") + "."
    first = _SYMBOL.sub("", first)
    return first.replace(f" on {when}", "") if when else first
