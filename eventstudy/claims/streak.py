"""Claims that a series moved the same way so many times in a row, or so many times of the last few."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from eventstudy.claims.answer import answered, judged, unresolved
from eventstudy.claims.card import ONE, Kind
from eventstudy.claims.interval import base_unit
from eventstudy.claims.later import history, measure, np, pd
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.history import History
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """The levels that are counted, the oldest first; how many moves went the claimed way; whether the count may go on
    before the data do."""

    levels: pd.Series[float]
    n: int
    cut: bool


def streak(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the number of moves in a row that went the claimed way, the last one on the day itself.

    An unchanged close ends a row. With `out_of` the moves that way among the last so many are counted, in a row or not.
    A row that reaches back to where the closes begin, or to a day without one, is at least as long as it looks.
    """
    (ticker,) = claim.tickers
    row = measure.event_day(result, ticker, claim.event or "").t
    day = measure.calendar_of(result, ticker).sessions[row]
    kept = history.history_of(result, ticker, day)
    period, sign = claim.params["period"], measure.sign_of(claim.claimed)
    levels = kept.levels.loc[:day] if period == "day" else history.closing(kept.levels, day, period)
    found = _last_of(claim, levels, sign) if claim.params["out_of"] else _in_a_row(levels, sign)
    unit = base_unit(claim.claimed.unit)[0]
    source = f"{kept.file}, {ticker}, closes to {measure.day_text(levels.index[-1])} ({kept.origin})"
    reading = Reading(_label(claim), float(found.n), unit, source, True, "input")
    exact = replace(claim, claimed=replace(claim.claimed, precision=0.0))  # a number of moves is never rounded
    answer = judged(exact if claim.claimed.modifier == "exactly" else claim, [reading], unit)
    if found.cut and not _settled(answer.claimed.low, answer.claimed.high, found.n):
        return unresolved(claim, f"closes of {ticker} before {measure.day_text(found.levels.index[0])} would decide")
    name = measure.name_of(claim, ticker)
    values: dict[str, Quantity | str] = {
        "name": name,
        "n": Quantity(found.n, "count") if found.n else "none",
        "day": measure.date_quantity(levels.index[-1]),
        "label": reading.label,
    }
    return answered(
        claim,
        answer,
        Statement("{name}, {label} up to {day}: {n}.", values),
        steps=[_step(kept, name, found, claim)],
        caveats=[f"The row may have begun before {measure.day_text(found.levels.index[0])}."] if found.cut else [],
    )


def _in_a_row(levels: pd.Series[float], sign: int) -> _Run:
    moves = sign * np.diff(levels.to_numpy(dtype=np.float64))
    stops = np.flatnonzero(~(moves > 0))  # the other way, unchanged, or unknown
    last = int(stops[-1]) if len(stops) else -1
    n = len(moves) - 1 - last
    cut = last < 0 or bool(np.isnan(moves[last]))
    begins = last + 1 if cut else last  # one level before the row shows what ended it
    return _Run(levels.iloc[begins:], n, cut and n > 0)


def _last_of(claim: Claim, levels: pd.Series[float], sign: int) -> _Run:
    out_of = claim.params["out_of"]
    kept = levels.iloc[-out_of - 1 :]
    if len(kept) <= out_of or kept.isna().any():
        raise MissingPriceError(
            f"all closes of the last {out_of} {claim.params['period']}s would decide; some are missing"
        )
    return _Run(kept, int((sign * np.diff(kept.to_numpy(dtype=np.float64)) > 0).sum()), False)


def _settled(low: float, high: float, n: int) -> bool:
    """Whether a row of at least `n` moves answers a claim: too long already, or long enough for a bound below."""
    return n > high or (high == float("inf") and n >= low)


def _label(claim: Claim) -> str:
    way, period = ("falls" if measure.sign_of(claim.claimed) < 0 else "rises"), claim.params["period"]
    if claim.params["out_of"]:
        return f"{way} among the last {claim.params['out_of']} {period}s"
    return f"{way} in a row by {period}"


def _step(kept: History, name: str, found: _Run, claim: Claim) -> Step:
    """The moves one after the other, so that a reader counts them."""
    changes = 100 * (found.levels / found.levels.shift(1) - 1)
    source = f"{kept.file}, {kept.ticker} ({kept.origin})"
    inputs: dict[str, Quantity | str] = {
        measure.day_text(pd.Timestamp(str(day))): Quantity(float(change), "percent", source)
        for day, change in changes.dropna().items()
    }
    formula = f"count of moves {'below' if measure.sign_of(claim.claimed) < 0 else 'above'} 0"
    return Step(f"{name}: {_label(claim)}", formula, inputs, Quantity(float(found.n), "count"))


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from pydantic import Field, StrictInt

    from eventstudy.claims.schema import Params

    class Streak(Params):
        """`period`: closes by day, week, month, quarter or year; `out_of`: count those among the last so many moves,
        instead of those in a row."""

        period: Literal["day", "week", "month", "quarter", "year"] = "day"
        out_of: Annotated[StrictInt, Field(gt=0, le=260)] | None = None

    return Streak


CARD = Kind(
    name="streak",
    judge=streak,
    words="How many times in a row, or of the last few, did a series move the same way?",
    rule="The moves that way up to the day, counted; an unchanged close ends a row. A row that reaches the first close "
    "is left open.",
    default_reading="closes by day, the last one that of the day itself",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=("count", "sessions"),
    vendors=False,
)
