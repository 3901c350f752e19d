"""Share counts near a day, and the market value gained or lost over a window.

Market value is a split-adjusted close times a split-adjusted count. Counts from the cover of a filing are as published
then: one from before a split is multiplied by the split's ratio. The headline count is the last verified cover-page
count dated on or before the day, else the last quarterly one, at most half a year old. Further inputs are its
neighbours, the verified cover pages before it and after the day: at most half a year before and a quarter after. An
average over a quarter is not the count in force on a day, and one dated months later is that of another day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.claims.measure import ONE_DAY, Move, day_text, move_of, name_of
from eventstudy.errors import MissingPriceError
from eventstudy.objects.estimation import Window
from eventstudy.objects.results import Reference, StudyResult
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Step

HALF_A_YEAR = pd.Timedelta(days=183)
QUARTER = pd.Timedelta(days=92)
_FILE = "shares_outstanding.csv"
_STATED = "count as stated"
_KINDS = (("cover_page", "cover page"), ("stated", _STATED), ("", "quarterly weighted basic"))
"""How the first letters of a count's measure are said."""


@dataclass(frozen=True, slots=True)
class Count:
    """One published share count on today's share basis: ``shares`` = ``published`` x ``ratio`` of later splits."""

    ticker: str
    as_of: pd.Timestamp
    shares: float
    published: float
    ratio: float
    measure: str
    filed: str
    source: str

    @property
    def quantity(self) -> Quantity:
        """The count as a sourced number."""
        return Quantity(self.shares, "count", self.source)


@dataclass(frozen=True, slots=True)
class ValueChange:
    """The change of a company's market value: ``move`` x ``count``, one value a reading, the headline first."""

    move: Move
    count: Count
    others: tuple[Count, ...]

    @property
    def value(self) -> float:
        """(after - before) x headline count, in the security's currency; negative for a loss."""
        return (self.move.after.value - self.move.before.value) * self.count.shares

    def spread(self) -> tuple[float, float]:
        """Smallest and largest change over all counts."""
        step = self.move.after.value - self.move.before.value
        values = [step * c.shares for c in (self.count, *self.others)]
        return min(values), max(values)


# ------------------------------------------------------------------------------------------------------------- counts
def split_ratio(reference: Reference, ticker: str, after: pd.Timestamp) -> float:
    """Product of the ratios of the splits later than a day: new shares for one share of then."""
    return math.prod((ratio for day, ratio in reference.splits_of.get(ticker, ()) if day > after), start=1.0)


def split_source(reference: Reference, ticker: str) -> str:
    """Where the splits of a company stand: in a table of their own, or with the prices."""
    return f"splits of {ticker} ({reference.sources.get('splits', 'unknown')})"


def counts_near(reference: Reference, ticker: str, day: pd.Timestamp) -> tuple[Count, ...]:
    """The count in force on a day, then the cover pages before and after it, in the order of their dates.

    Raises
    ------
    MissingPriceError : no usable count dated on or before the day and at most half a year old.
    """
    own = reference.shares_of.get(ticker, ())
    first, last = day - HALF_A_YEAR, day + QUARTER
    near = [_count(reference, row) for row in own if first <= row["as_of"] <= last]
    counts = sorted((c for c in near if not c.measure.endswith("unverified")), key=lambda c: c.as_of)
    known = [c for c in counts if c.as_of <= day]
    covers = [c for c in known if c.measure.startswith("cover_page")]
    later = [c for c in counts if c.as_of > day and c.measure.startswith("cover_page")]
    if not known:
        raise MissingPriceError(
            f"{ticker}: a share count dated within half a year before {day_text(day)} would decide; {_FILE} "
            "and the study's shares hold none. State it, as in shares: {" + f"{ticker}: 243.5e6" + "}"
        )
    return ((covers or known)[-1], *covers[-2:-1], *later[:1])


def counts_of(reference: Reference, ticker: str) -> tuple[Count, ...]:
    """All verified counts of a company by their dates: of covers where there are any, else the quarterly ones."""
    counts = sorted((_count(reference, row) for row in reference.shares_of.get(ticker, ())), key=lambda c: c.as_of)
    known = [c for c in counts if not c.measure.endswith("unverified")]
    covers = [c for c in known if c.measure.startswith("cover_page")]
    return tuple(covers or known)


def _count(reference: Reference, row: Mapping[Any, Any]) -> Count:
    as_of, measure, ticker = pd.Timestamp(row["as_of"]), str(row["measure"]), str(row["ticker"])
    ratio = 1.0 if "split_adjusted" in measure else split_ratio(reference, ticker, as_of)
    filed, published = _text(row["filed"]), float(row["shares"])
    kind = next(words for start, words in _KINDS if measure.startswith(start))
    form = f" of form {row['form']}" if _text(row["form"]) else ""
    unverified = ", one source only" if measure.endswith("unverified") else ""
    origin = str(row["origin"]).replace("SEC filing", "SEC EDGAR, filing")  # the provider by its name
    if kind == _STATED:
        return Count(
            ticker, as_of, published * ratio, published, ratio, measure, filed,
            f"share counts as stated, as of {day_text(as_of)} ({origin})",
        )  # fmt: skip
    source = f"{_FILE}, {kind}{form}, as of {day_text(as_of)}, filed {filed or 'unknown'}{unverified} ({origin})"
    return Count(ticker, as_of, published * ratio, published, ratio, measure, filed, source)


def _text(value: object) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value)


# -------------------------------------------------------------------------------------------------------- market value
def value_change(result: StudyResult, ticker: str, event: str, window: Window = ONE_DAY) -> ValueChange:
    """The change of market value over a window.

    Raises
    ------
    MissingPriceError : a close or a share count that is needed is absent.
    """
    move = move_of(result, ticker, event, window)
    headline, *others = counts_near(result.reference, ticker, move.after.day)
    return ValueChange(move, headline, tuple(others))


def value_step(change: ValueChange, name: str) -> Step:
    """(after - before) x shares."""
    return Step(
        f"Change of the market value of {name}",
        "(after − before) × shares",
        {
            "before": change.move.before.quantity,
            "after": change.move.after.quantity,
            "shares": change.count.quantity,
        },
        Quantity(change.value, change.move.after.unit),
    )


def split_steps(result: StudyResult, change: ValueChange, name: str) -> tuple[Step, ...]:
    """How a cover-page count from before a split was brought to today's shares; nothing where no split came after."""
    counts = [c for c in (change.count, *change.others) if c.ratio != 1.0]
    source = split_source(result.reference, change.count.ticker)
    return tuple(
        Step(
            f"Share count of {name} as of {day_text(c.as_of)} on today's basis",
            "published × split ratio",
            {
                "published": Quantity(c.published, "count", c.source),
                "split ratio": Quantity(c.ratio, "count", source),
            },
            Quantity(c.shares, "count"),
        )
        for c in counts
    )


def value_readings(change: ValueChange, sign: int) -> tuple[Reading, ...]:
    """The change by size for each count, the headline first."""
    step = change.move.after.value - change.move.before.value
    unit = change.move.after.unit
    return tuple(
        Reading(
            f"share count as of {day_text(c.as_of)}",
            sign * step * c.shares,
            unit,
            c.source,
            headline=c is change.count,
            sort="input",
        )
        for c in (change.count, *change.others)
    )


def value_caveats(claim: Claim, changes: Sequence[ValueChange]) -> list[str]:
    """What a reader must know about the counts: filed later, share classes, adjusted closes."""
    caveats = []
    late = [c.count.ticker for c in changes if _filed_after(c.count, c.move.after.day)]
    if late:
        caveats.append(
            f"The headline share count of {', '.join(late)} is dated on or before the day but was filed after it: "
            "nobody could read it on the day itself."
        )
    for change in changes:
        ticker = change.count.ticker
        if ticker in claim.params.get("notes", {}):
            caveats.append(f"{name_of(claim, ticker)}: {claim.params['notes'][ticker]}.")
        if change.move.substituted:
            caveats.append(
                f"{name_of(claim, ticker)}: only dividend-adjusted closes are known; they lie slightly below the "
                "prices paid then, so that the change of market value is understated slightly."
            )
    return caveats


def _filed_after(count: Count, day: pd.Timestamp) -> bool:
    """Whether a filing date, which may be year and month only, is later than a day."""
    return bool(count.filed) and count.filed > f"{day:%Y-%m-%d}"[: len(count.filed)]
