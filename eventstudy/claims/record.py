"""Claims about records of market value: the largest change in a day, how far it beat the record before, and whose."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eventstudy.claims.answer import judged, remarks
from eventstudy.claims.axis import axis_caveats, security_axes
from eventstudy.claims.interval import Comparison, combine, compare
from eventstudy.claims.measure import date_quantity, day_text, event_day, name_of, sign_of
from eventstudy.claims.records import Changes, Loss, changes, loss_on, rank_among, without
from eventstudy.errors import MissingPriceError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

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
    """Judge "the largest in a day so far" by the rank of the company-day in the universe up to that day."""
    trial = _trial(claim, result)
    low, high = trial.own.spread()
    own = (trial.own.day, trial.own.ticker)
    ranks = [rank_among(trial.earlier, own, size) for size in (high, low)]
    measured = Interval(float(ranks[0]), float(ranks[1]), "rank")
    claimed = Interval(1.0, 1.0, "rank")
    comparison = compare(claimed, measured, 1.0) if trial.own.size > 0 else Comparison("contradicted", None, 0.0)
    rank = rank_among(trial.earlier, own, trial.own.size)
    name = name_of(claim, trial.own.ticker)
    summary = Statement(
        "{name} {way} {value} of market value on {day}, {rank} among {n} company-days of {universe} since {first}.",
        {
            "name": name,
            "way": _way(trial.own),
            "value": Quantity(abs(trial.own.size), _UNIT),
            "day": date_quantity(trial.own.day),
            "rank": Quantity(rank, "rank"),
            "n": Quantity(len(trial.earlier), "count"),
            "universe": _universe(trial),
            "first": date_quantity(trial.table.closes.index[0]),
        },
    )
    return _verdict(claim, result, trial, (comparison, claimed, measured, float(rank), summary))


def record_multiple(claim: Claim, result: StudyResult) -> Verdict:
    """Judge "so many times the record before": the range runs over the share counts of both days."""
    trial = _trial(claim, result)
    own, before = trial.own.spread(), trial.before.spread()
    source = f"{_FILE} and shares_outstanding.csv, {day_text(trial.own.day)} and {day_text(trial.before.day)}"
    pairs = (
        ("headline share counts", trial.own.size / trial.before.size),
        ("smallest counts now, largest then", own[0] / before[1]),
        ("largest counts now, smallest then", own[1] / before[0]),
    )
    readings = tuple(
        Reading(label, value, "multiple", source, headline=i == 0) for i, (label, value) in enumerate(pairs)
    )
    claimed, measured, comparison = judged(claim, readings, "multiple")
    summary = Statement(
        "{name} {way} {value} on {day}, {ratio} the {old} of {holder} on {then}, the largest before it among "
        "{universe} since {first}.",
        {
            "name": name_of(claim, trial.own.ticker),
            "way": _way(trial.own),
            "value": Quantity(abs(trial.own.size), _UNIT),
            "day": date_quantity(trial.own.day),
            "ratio": Quantity(readings[0].value, "multiple"),
            "old": Quantity(trial.before.size, _UNIT),
            "holder": name_of(claim, trial.before.ticker),
            "then": date_quantity(trial.before.day),
            "universe": _universe(trial),
            "first": date_quantity(trial.table.closes.index[0]),
        },
    )
    inputs: dict[str, Quantity | str] = {
        "now": Quantity(trial.own.size, _UNIT),
        "then": Quantity(trial.before.size, _UNIT),
    }
    step = Step("How many times the record before", "now / then", inputs, Quantity(readings[0].value, "multiple"))
    answer = (comparison, claimed, measured, readings[0].value, summary)
    return _verdict(claim, result, trial, answer, readings, (step,))


def record_holder(claim: Claim, result: StudyResult) -> Verdict:
    """Judge whose the record before was and, where the claim says so, how long before: two separate parts."""
    trial = _trial(claim, result)
    holder, before = claim.params["holder"], trial.before
    mine = before.ticker == holder
    parts = [
        Part(
            f"the record before was that of {name_of(claim, holder)}",
            "supported" if mine else "contradicted",
            before.size,
            _UNIT,
            f"{name_of(claim, before.ticker)} on {day_text(before.day)}",
            before.ticker,
        )
    ]
    days = float((trial.own.day - before.day).days)
    source = f"{_FILE}, {day_text(before.day)} and {day_text(trial.own.day)}"
    readings = (Reading("calendar days between the two", days, "days", source, headline=True),)
    claimed = measured = note = None
    if claim.claimed.quoted is not None:
        claimed, measured, comparison = judged(claim, readings, "days")
        note = comparison.note
        parts.append(Part("how long before", comparison.verdict, days, "days", note))
    summary = Statement(
        "The largest before it among {universe} since {first} was the {value} of {holder} on {then}, {days} earlier.",
        {
            "universe": _universe(trial),
            "first": date_quantity(trial.table.closes.index[0]),
            "value": Quantity(before.size, _UNIT),
            "holder": name_of(claim, before.ticker),
            "then": date_quantity(before.day),
            "days": Quantity(days, "days"),
        },
    )
    word = combine(part.verdict for part in parts)
    note = None if word == "partly" else note  # the parts say it
    answer = (Comparison(word, note, 0.0), claimed, measured, days, summary)
    return _verdict(claim, result, trial, answer, readings, (_days_step(trial, days),), tuple(parts))


def _days_step(trial: _Trial, days: float) -> Step:
    inputs: dict[str, Quantity | str] = {
        "day": date_quantity(trial.own.day, _FILE),
        "then": date_quantity(trial.before.day, _FILE),
    }
    return Step("Days between the two records", "day − then", inputs, Quantity(days, "days"))


# ------------------------------------------------------------------------------------------------------ what they share
def _trial(claim: Claim, result: StudyResult) -> _Trial:
    (ticker,) = claim.tickers
    sign = sign_of(claim.claimed)
    table = changes(result, claim.params.get("universe"))
    zero = event_day(result, ticker, claim.event or "")
    day = pd.Timestamp(str(zero.session))
    own = loss_on(result, table, ticker, day, sign)
    earlier = table.ranked(day, sign)
    previous = earlier[earlier.index.get_level_values(0) < day]
    if previous.empty or previous.iloc[0] <= 0:
        raise MissingPriceError(f"days before {day_text(day)} on which a company moved that way would decide")
    then, holder = previous.index[0]
    return _Trial(table, own, loss_on(result, table, str(holder), then, sign), earlier)


def _verdict(
    claim: Claim,
    result: StudyResult,
    trial: _Trial,
    answer: tuple[Comparison, Interval | None, Interval | None, float, Statement],
    readings: tuple[Reading, ...] = (),
    steps: tuple[Step, ...] = (),
    parts: tuple[Part, ...] = (),
) -> Verdict:
    comparison, claimed, measured, value, summary = answer
    axes = security_axes(result, claim, [trial.own.ticker])
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
        (*remarks(claim), *_scope(claim, trial), _since(claim, trial), *axis_caveats(result, axes)),
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
        f"Market value that {name_of(claim, loss.ticker)} {_way(loss)} on {day_text(loss.day)}",
        "(before − after) × shares" if loss.sign < 0 else "(after − before) × shares",
        {
            "before": Quantity(loss.before, _UNIT, f"{_FILE}, {day_text(loss.previous)} ({provider})"),
            "after": Quantity(loss.after, _UNIT, f"{_FILE}, {day_text(loss.day)} ({provider})"),
            "shares": loss.counts[0].quantity,
        },
        Quantity(loss.size, _UNIT),
    )


def _size_readings(loss: Loss) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            f"{loss.ticker}, {day_text(loss.day)}, share count as of {day_text(c.as_of)}",
            loss.sign * (loss.after - loss.before) * c.shares,
            _UNIT,
            c.source,
            headline=c is loss.counts[0],
        )
        for c in loss.counts
    )


def _next_readings(claim: Claim, result: StudyResult, trial: _Trial) -> tuple[Reading, ...]:
    """The largest other company-days up to the event, so that a reader sees what the record is measured against."""
    provider = result.reference.sources.get("megacaps", "unknown")
    others = without(trial.earlier, (trial.own.day, trial.own.ticker)).head(SHOWN)
    days, tickers = (others.index.get_level_values(level) for level in (0, 1))
    rows = [
        _beside(claim, f"beside it: {{}} on {day_text(day)}", str(ticker), size, provider)
        for day, ticker, size in zip(days, tickers, others, strict=True)
    ]
    uncounted = trial.table.uncounted(trial.own.day, trial.own.sign)
    if not uncounted.empty:
        day, ticker = uncounted.index[0]
        label = f"beside it: largest of the days without a count in force, {{}} on {day_text(day)} by the nearest count"
        rows.append(_beside(claim, label, str(ticker), uncounted.iloc[0], provider))
    return tuple(rows)


def _beside(claim: Claim, label: str, ticker: str, size: float, provider: str) -> Reading:
    source = f"{_FILE} ({provider}) and shares_outstanding.csv"
    return Reading(label.format(name_of(claim, ticker)), float(size), _UNIT, source)


def _scope(claim: Claim, trial: _Trial) -> list[str]:
    """The universe, its span and its holes: a record is a record of something."""
    done, there = trial.table.covered(trial.own.day)
    first = day_text(trial.table.closes.index[0])
    caveats = [
        f"The universe is {len(trial.table.tickers)} companies with long histories "
        f"({', '.join(trial.table.tickers)}), from {first} to {day_text(trial.own.day)}; a company outside it is not "
        "looked at."
    ]
    if done < there:
        caveats.append(
            f"{there - done:,} of {there:,} company-days have no share count in force, dated on or before the day "
            f"and at most half a year old, and are left out; {done:,} are ranked."
        )
    notes = claim.params.get("notes", {})
    caveats += [f"{name_of(claim, t)}: {notes[t]}." for t in trial.table.tickers if t in notes]
    return caveats


def _since(claim: Claim, trial: _Trial) -> str:
    """Whether the day still holds the record at the end of the data."""
    last = trial.table.closes.index[-1]
    sizes = trial.table.ranked(last, trial.own.sign)
    larger = sizes[(sizes > trial.own.size) & (sizes.index.get_level_values(0) > trial.own.day)]
    if larger.empty:
        return f"No company of the universe has passed it up to {day_text(last)}, the end of the data."
    day, ticker = larger.sort_index().index[0]
    return f"It has been passed since: by {name_of(claim, str(ticker))} on {day_text(day)}."
