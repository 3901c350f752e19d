"""The longest known history of a series, and its moves by day, week, month, quarter or year.

Closes come from the long table of index levels, else from that of large companies, else from the study's own prices:
the first that holds the day. A long table of index levels is the index's whole history; the other two begin where they
happen to begin, so that "ever" goes beyond them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from eventstudy.claims.measure import BASES, calendar_of, currency_of, day_text, event_day, on_sessions, price_file
from eventstudy.claims.since import last_day
from eventstudy.errors import MissingPriceError, SpecError
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Claim, Quantity
from eventstudy.once import once

if TYPE_CHECKING:
    from collections.abc import Iterator

Period = Literal["day", "week", "month", "quarter", "year"]
#: by which a series is put into calendar periods; a week ends on Sunday
FREQUENCY = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The levels of a series, by session, NaN where there is none; ``whole`` where it begins with the series itself."""

    ticker: str
    levels: pd.Series[float]
    file: str
    basis: str
    unit: str
    whole: bool
    origin: str

    @property
    def first(self) -> pd.Timestamp:
        """The first day with a level."""
        day = self.levels.first_valid_index()
        return pd.Timestamp(str(day))

    def quantity(self, day: pd.Timestamp) -> Quantity:
        """The level of a day with its source."""
        source = f"{self.file}, {self.ticker if self.basis == 'level' else self.basis}, {day_text(day)} ({self.origin})"
        return Quantity(float(self.levels[day]), self.unit, source)


@once
def history_of(result: StudyResult, ticker: str, day: pd.Timestamp) -> History:
    """The longest history of a series that holds a day.

    Raises
    ------
    MissingPriceError : no table and no prices hold the series on that day.
    """
    for found in _tables(result, ticker):
        if day in found.levels.index and np.isfinite(found.levels[day]):
            return found
    raise MissingPriceError(f"{ticker}: its close of {day_text(day)} would decide; the study has none")


def _tables(result: StudyResult, ticker: str) -> Iterator[History]:
    reference = result.reference
    origins = {name: reference.sources.get(name, "unknown") for name in ("index_history", "megacaps")}
    unit = "points" if ticker.startswith("^") else currency_of(result, ticker)
    if ticker in reference.index_history.columns:
        levels = reference.index_history[ticker].dropna().astype(np.float64)
        yield History(ticker, levels, "index_history.csv", "level", "level", True, origins["index_history"])
    if ticker in reference.megacaps.columns:
        levels = reference.megacaps[ticker].dropna().astype(np.float64)
        yield History(ticker, levels, "megacap_closes.csv", "level", unit, False, origins["megacaps"])
    file, original = price_file(result)
    for basis in BASES:
        levels = pd.Series(on_sessions(result, ticker, basis), index=calendar_of(result, ticker).sessions)
        if levels.notna().any():
            yield History(ticker, levels, file, basis, unit, False, original)


def since_day(claim: Claim, result: StudyResult, ticker: str, day: pd.Timestamp) -> pd.Timestamp:
    """The day with whose close the claim's `since` begins: the last one of a day, a month or a year; of an event the
    session before its day zero.

    Raises
    ------
    SpecError : it does not come before `day`, the day of the claim.
    MissingPriceError : the study has no session of that event.
    """
    said = claim.params["since"]
    known = last_day(said)
    if known is not None:
        begins = pd.Timestamp(known)
    else:
        row = event_day(result, ticker, said).t - 1
        sessions = calendar_of(result, ticker).sessions
        if row < 0:
            raise MissingPriceError(f"{ticker}: closes before {day_text(sessions[0])} would decide")
        begins = sessions[row]
    if begins >= day:
        raise SpecError(
            f"the claim {claim.id!r} counts since {said}, which has to end before its own day, {day_text(day)}",
            file=claim.file,
            line=claim.line,
        )
    return begins


# ------------------------------------------------------------------------------------------------------ moves, periods
def moves_by(
    levels: pd.Series[float],
    day: pd.Timestamp,
    period: Period,
    sessions: int = 1,
    begins: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """The moves of a series up to the one that ends on `day`, or in the period of it, by their last day.

    Parameters
    ----------
    sessions : over how many sessions daily moves go.
    begins : moves that started before the last close on or before it are left out.

    Returns
    -------
    pandas.DataFrame : ``start``, the day of the level ``before``; ``before`` and ``after``. A move without one of the
        two levels is left out.

    Raises
    ------
    MissingPriceError : the series ends before the period of `day` does.
    """
    known = levels.loc[:day] if period == "day" else closing(levels, day, period)
    back = sessions if period == "day" else 1
    starts = pd.Series(known.index, index=known.index).shift(back)
    pairs = pd.DataFrame({"start": starts, "before": known.shift(back), "after": known}).dropna()
    if begins is None:
        return pairs
    reached = known.index[known.index <= begins]
    return pairs[pairs["start"] >= reached[-1]] if len(reached) else pairs


def closing(levels: pd.Series[float], day: pd.Timestamp, period: Period) -> pd.Series[float]:
    """The last level of each calendar period, by its day, up to the period of `day`.

    Raises
    ------
    MissingPriceError : the series ends before the period of `day` does.
    """
    known = levels.dropna()
    periods = pd.DatetimeIndex(known.index).to_period(FREQUENCY[period])
    own = pd.Period(day, FREQUENCY[period])
    weekdays = pd.bdate_range(own.start_time, own.end_time)
    if known.index[-1] < weekdays[-1] and not (periods > own).any():
        raise MissingPriceError(f"closes to the end of the {period} of {day_text(day)} would decide; the series ends")
    last = ~periods.duplicated(keep="last")
    return known[last & (periods <= own)]
