"""Claims about records of market value: the largest change in a day, how far it beat the record before, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from eventstudy.claims.answer import judged, parts_decision, remarks
from eventstudy.claims.card import ONE, Kind
from eventstudy.claims.interval import Comparison, combine, compare
from eventstudy.claims.later import measure, pd, records, second_axis, shares
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict, VerdictWord

if TYPE_CHECKING:
    from eventstudy.claims.records import Changes, Loss
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


_FILE = "megacap_closes.csv"
_UNIT = "usd"  # the long table holds US companies
SHOWN = 5  # the next largest company-days that are listed


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """What the three kinds share: the table, the event's own company-day, and the largest one before it."""

    table: Changes
    own: Loss
    before: Loss
    earlier: pd.Series[float]


def record(claim: Claim, result: StudyResult) -> Verdict:
    """Judge "the largest in a day so far": within the universe by rank, beyond it only where the bound closes it.

    Only a company worth more than the change at the close before could have lost more. The universe lists companies;
    where the claims file says that it holds all that ever were worth so much (``complete``), nobody else could have.
    """
    trial = _trial(claim, result)
    low, high = trial.own.spread()
    own = (trial.own.day, trial.own.ticker)
    ranks = [records.rank_among(trial.earlier, own, size) for size in (high, low)]
    measured = Interval(float(ranks[0]), float(ranks[1]), "rank")
    claimed = Interval(1.0, 1.0, "rank")
    comparison = compare(claimed, measured, 1.0) if trial.own.size > 0 else Comparison("contradicted", None, 0.0)
    rank = records.rank_among(trial.earlier, own, trial.own.size)
    within = Part(f"among {_universe(trial)}", comparison.verdict, float(rank), "rank", ticker=trial.own.ticker)
    parts = (within,) if claim.params["complete"] else (within, _beyond(claim, trial, comparison.verdict))
    word = combine(p.verdict for p in parts)
    name = measure.name_of(claim, trial.own.ticker)
    beyond = "" if len(parts) == 1 or word != "partly" else "; beyond those it is open"
    summary = Statement(
        "{name} {way} {value} of market value on {day}, {rank} among {n} company-days of {universe} since {first}"
        f"{beyond}.",
        {
            "name": name,
            "way": _way(trial.own),
            "value": Quantity(abs(trial.own.size), _UNIT),
            "day": measure.date_quantity(trial.own.day),
            "rank": Quantity(rank, "rank"),
            "n": Quantity(len(trial.earlier), "count"),
            "universe": _universe(trial),
            "first": measure.date_quantity(trial.table.closes.index[0]),
        },
    )
    answer = (Comparison(word, None, 0.0), claimed, measured, float(rank), summary)
    return _verdict(claim, result, trial, answer, decision=parts_decision(parts, word), parts=parts)


def _beyond(claim: Claim, trial: _Trial, within: VerdictWord) -> Part:
    """The companies and the years outside of the universe: a record broken within it is broken, else it is open."""
    missing = ", ".join(claim.params["missing"])
    first = measure.day_text(trial.table.closes.index[0])
    note = f"closes and share counts before {first}, and of every other company ever worth more, would decide"
    if missing:
        note += f"; among them {missing}"
    word: VerdictWord = "contradicted" if within == "contradicted" else "unresolved"
    return Part("beyond the universe", word, abs(trial.own.size), _UNIT, note)


def record_multiple(claim: Claim, result: StudyResult) -> Verdict:
    """Judge "so many times the record before": the range runs over the share counts of both days."""
    trial = _trial(claim, result)
    own, before = trial.own.spread(), trial.before.spread()
    day, then = measure.day_text(trial.own.day), measure.day_text(trial.before.day)
    counted = measure.files_of(c.source for c in (*trial.own.counts, *trial.before.counts))
    source = f"{_FILE} and {counted}, {day} and {then}"
    pairs = (
        ("headline share counts", trial.own.size / trial.before.size),
        ("smallest counts now, largest then", own[0] / before[1]),
        ("largest counts now, smallest then", own[1] / before[0]),
    )
    readings = tuple(
        Reading(label, value, "multiple", source, headline=i == 0, sort="input")
        for i, (label, value) in enumerate(pairs)
    )
    judgement = judged(claim, readings, "multiple", RECORD_MULTIPLE.vendors)
    summary = Statement(
        "{name} {way} {value} on {day}, {ratio} the {old} of {holder} on {then}, the largest before it among "
        "{universe} since {first}.",
        {
            "name": measure.name_of(claim, trial.own.ticker),
            "way": _way(trial.own),
            "value": Quantity(abs(trial.own.size), _UNIT),
            "day": measure.date_quantity(trial.own.day),
            "ratio": Quantity(readings[0].value, "multiple"),
            "old": Quantity(trial.before.size, _UNIT),
            "holder": measure.name_of(claim, trial.before.ticker),
            "then": measure.date_quantity(trial.before.day),
            "universe": _universe(trial),
            "first": measure.date_quantity(trial.table.closes.index[0]),
        },
    )
    inputs: dict[str, Quantity | str] = {
        "now": Quantity(trial.own.size, _UNIT),
        "then": Quantity(trial.before.size, _UNIT),
    }
    step = Step("How many times the record before", "now / then", inputs, Quantity(readings[0].value, "multiple"))
    answer = (judgement.comparison, judgement.claimed, judgement.measured, readings[0].value, summary)
    return _verdict(claim, result, trial, answer, readings, (step,), decision=judgement.decision)


def record_holder(claim: Claim, result: StudyResult) -> Verdict:
    """Judge whose the record before was and, where the claim says so, how long before: two separate parts."""
    trial = _trial(claim, result)
    holder, before = claim.params["holder"], trial.before
    mine = before.ticker == holder
    parts = [
        Part(
            f"the record before was that of {measure.name_of(claim, holder)}",
            "supported" if mine else "contradicted",
            before.size,
            _UNIT,
            f"{measure.name_of(claim, before.ticker)} on {measure.day_text(before.day)}",
            before.ticker,
        )
    ]
    days = float((trial.own.day - before.day).days)
    source = f"{_FILE}, {measure.day_text(before.day)} and {measure.day_text(trial.own.day)}"
    readings = (Reading("calendar days between the two", days, "days", source, headline=True),)
    claimed = measured = note = None
    if claim.claimed.quoted is not None:
        found = judged(claim, readings, "days")
        claimed, measured, note = found.claimed, found.measured, found.comparison.note
        parts.append(Part("how long before", found.comparison.verdict, days, "days", note))
    summary = Statement(
        "The largest before it among {universe} since {first} was the {value} of {holder} on {then}, {days} earlier.",
        {
            "universe": _universe(trial),
            "first": measure.date_quantity(trial.table.closes.index[0]),
            "value": Quantity(before.size, _UNIT),
            "holder": measure.name_of(claim, before.ticker),
            "then": measure.date_quantity(before.day),
            "days": Quantity(days, "days"),
        },
    )
    word = combine(part.verdict for part in parts)
    note = None if word == "partly" else note  # the parts say it
    answer = (Comparison(word, note, 0.0), claimed, measured, days, summary)
    steps = (_days_step(trial, days),)
    return _verdict(claim, result, trial, answer, readings, steps, tuple(parts), parts_decision(parts, word))


def _days_step(trial: _Trial, days: float) -> Step:
    inputs: dict[str, Quantity | str] = {
        "day": measure.date_quantity(trial.own.day, _FILE),
        "then": measure.date_quantity(trial.before.day, _FILE),
    }
    return Step("Days between the two records", "day − then", inputs, Quantity(days, "days"))


# ------------------------------------------------------------------------------------------------------ what they share
def _trial(claim: Claim, result: StudyResult) -> _Trial:
    (ticker,) = claim.tickers
    sign = measure.sign_of(claim.claimed)
    table = records.changes(result, claim.params.get("universe"))
    zero = measure.event_day(result, ticker, claim.event or "")
    day = pd.Timestamp(str(zero.session))
    own = records.loss_on(result, table, ticker, day, sign)
    earlier = table.ranked(day, sign)
    previous = earlier[earlier.index.get_level_values(0) < day]
    if previous.empty or previous.iloc[0] <= 0:
        raise MissingPriceError(f"days before {measure.day_text(day)} on which a company moved that way would decide")
    then, holder = previous.index[0]
    return _Trial(table, own, records.loss_on(result, table, str(holder), then, sign), earlier)


def _verdict(
    claim: Claim,
    result: StudyResult,
    trial: _Trial,
    answer: tuple[Comparison, Interval | None, Interval | None, float, Statement],
    readings: tuple[Reading, ...] = (),
    steps: tuple[Step, ...] = (),
    parts: tuple[Part, ...] = (),
    decision: Statement | None = None,
) -> Verdict:
    comparison, claimed, measured, value, summary = answer
    axes = second_axis.security_axes(result, claim, [trial.own.ticker])
    return Verdict(
        claim,
        comparison.verdict,
        summary,
        claimed,
        measured,
        value,
        comparison.note,
        (*readings, *_size_readings(trial.own), *_next_readings(claim, result, trial)),
        parts,
        (_loss_step(claim, result, trial.own), _loss_step(claim, result, trial.before), *steps),
        axes,
        (*remarks(claim), *_scope(claim, trial), _since(claim, trial), *second_axis.axis_caveats(result, axes)),
        decision=decision,
    )


def _universe(trial: _Trial) -> str:
    """Whom the record is one of, for the sentence."""
    tickers = trial.table.tickers
    return f"{len(tickers)} very large companies" if len(tickers) > 1 else f"{tickers[0]} alone"


def _way(loss: Loss) -> str:
    return "lost" if (loss.size > 0) == (loss.sign < 0) else "gained"


def _loss_step(claim: Claim, result: StudyResult, loss: Loss) -> Step:
    provider = result.reference.sources.get("megacaps", "unknown")
    return Step(
        f"Market value that {measure.name_of(claim, loss.ticker)} {_way(loss)} on {measure.day_text(loss.day)}",
        "(before − after) × shares" if loss.sign < 0 else "(after − before) × shares",
        {
            "before": Quantity(loss.before, _UNIT, f"{_FILE}, {measure.day_text(loss.previous)} ({provider})"),
            "after": Quantity(loss.after, _UNIT, f"{_FILE}, {measure.day_text(loss.day)} ({provider})"),
            "shares": loss.counts[0].quantity,
        },
        Quantity(loss.size, _UNIT),
    )


def _size_readings(loss: Loss) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            f"{loss.ticker}, {measure.day_text(loss.day)}, share count as of {measure.day_text(c.as_of)}",
            loss.sign * (loss.after - loss.before) * c.shares,
            _UNIT,
            c.source,
            headline=c is loss.counts[0],
        )
        for c in loss.counts
    )


def _next_readings(claim: Claim, result: StudyResult, trial: _Trial) -> tuple[Reading, ...]:
    """The largest other company-days up to the event, so that a reader sees what the record is measured against."""
    others = records.without(trial.earlier, (trial.own.day, trial.own.ticker)).head(SHOWN)
    days, tickers = (others.index.get_level_values(level) for level in (0, 1))
    rows = [
        _beside(claim, result, f"beside it: {{}} on {measure.day_text(day)}", str(ticker), size)
        for day, ticker, size in zip(days, tickers, others, strict=True)
    ]
    uncounted = trial.table.uncounted(trial.own.day, trial.own.sign)
    if not uncounted.empty:
        day, ticker = uncounted.index[0]
        when = measure.day_text(day)
        label = f"beside it: largest of the days without a count in force, {{}} on {when} by the nearest count"
        rows.append(_beside(claim, result, label, str(ticker), uncounted.iloc[0]))
    return tuple(rows)


def _beside(claim: Claim, result: StudyResult, label: str, ticker: str, size: float) -> Reading:
    provider = result.reference.sources.get("megacaps", "unknown")
    counted = measure.files_of(c.source for c in shares.counts_of(result.reference, ticker))
    source = f"{_FILE} ({provider}) and {counted}"
    return Reading(label.format(measure.name_of(claim, ticker)), float(size), _UNIT, source)


def _scope(claim: Claim, trial: _Trial) -> list[str]:
    """The universe, its span and its holes: a record is a record of something."""
    done, there = trial.table.covered(trial.own.day)
    first, last = measure.day_text(trial.table.closes.index[0]), measure.day_text(trial.own.day)
    caveats = [
        f"The universe is {len(trial.table.tickers)} companies with long histories "
        f"({', '.join(trial.table.tickers)}), from {first} to {last}; a company outside it is not "
        "looked at."
    ]
    caveats.append(_bound(claim, trial))
    if done < there:
        caveats.append(
            f"{there - done:,} of {there:,} company-days have no share count in force, dated on or before the day "
            f"and at most half a year old, and are left out; {done:,} are ranked."
        )
    notes = claim.params.get("notes", {})
    caveats += [f"{measure.name_of(claim, t)}: {notes[t]}." for t in trial.table.tickers if t in notes]
    return caveats


def _bound(claim: Claim, trial: _Trial) -> str:
    """Who could have lost as much at all: only a company worth more than that."""
    worth = trial.table.worth(trial.own.day)
    large = [t for t in trial.table.tickers if worth.get(t, 0.0) > abs(trial.own.size)]
    text = (
        "The bound: only a company worth more than the loss at the close before could have lost more; of the universe "
        f"{', '.join(large) or 'none'} ever {'was' if len(large) == 1 else 'were'}, up to that day."
    )
    missing = claim.params.get("missing") or ()
    return text + (f" Not in the universe, though worth more at times: {', '.join(missing)}." if missing else "")


def _since(claim: Claim, trial: _Trial) -> str:
    """Whether the day still holds the record at the end of the data."""
    last = trial.table.closes.index[-1]
    sizes = trial.table.ranked(last, trial.own.sign)
    larger = sizes[(sizes > trial.own.size) & (sizes.index.get_level_values(0) > trial.own.day)]
    if larger.empty:
        return f"No company of the universe has passed it up to {measure.day_text(last)}, the end of the data."
    day, ticker = larger.sort_index().index[0]
    return f"It has been passed since: by {measure.name_of(claim, str(ticker))} on {measure.day_text(day)}."


# ---------------------------------------------------------------------------------------------------------------- cards
@cache
def _params() -> type[Params]:
    from pydantic import Field, StrictBool

    from eventstudy.claims.schema import Names, Params, Texts

    class Record(Params):
        """`universe`: tickers of the long table of closes, all of them by default; `complete`: it holds every company
        that was ever worth as much; `missing`: names of those known to be left out."""

        universe: Texts | None = None
        complete: StrictBool = False
        missing: Names = Field([])

    return Record


def _holder_params() -> type[Params]:
    from eventstudy.claims.schema import Text

    class RecordHolder(_params()):  # type: ignore[misc]
        """`holder`: whose record it was before."""

        holder: Text

    return RecordHolder


_UNIVERSE = "the companies of the long table of closes, each with the share count in force on the day"

RECORD = Kind(
    name="record",
    judge=record,
    words="Was it the largest change of market value in a day so far?",
    rule="The rank of the company-day in the universe up to that day has to be 1; beyond the universe it is left open, "
    "unless that holds every company that was ever worth as much.",
    default_reading=_UNIVERSE,
    params=_params,
    tables=("closes", "shares"),
    subjects=ONE,
    directed=True,
    number=False,
    word=False,
    units=(),
    vendors=False,
)
RECORD_MULTIPLE = Kind(
    name="record_multiple",
    judge=record_multiple,
    words="How many times the record before was it?",
    rule="The change divided by the largest one before it, against the claimed multiple.",
    default_reading=_UNIVERSE,
    params=_params,
    tables=("closes", "shares"),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=("multiple",),
    vendors=True,
)
RECORD_HOLDER = Kind(
    name="record_holder",
    judge=record_holder,
    words="Whose was the record before, and how long before?",
    rule="Two parts: whose the largest change before it was and, where the claim says so, how long before.",
    default_reading=_UNIVERSE,
    params=_holder_params,
    tables=("closes", "shares"),
    subjects=ONE,
    directed=True,
    number=False,
    word=False,
    units=("days",),
    vendors=False,
)
