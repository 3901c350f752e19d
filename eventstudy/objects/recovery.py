"""How much of a move was undone afterwards, session by session, with what chance alone would make of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

HALF = 50.0  # per cent


@dataclass(frozen=True, slots=True)
class RecoveryDay:
    """What of the move was undone so many sessions after it; every share in per cent of the move, NaN if unknown.

    Parameters
    ----------
    sessions, day : after day zero, and the calendar day.
    raw : share by closes, a fact of two prices.
    raw_low, raw_high : forecast band of the raw share: where ordinary days alone would have taken the price by then.
    abnormal : share of the abnormal return of day zero that was undone.
    low, high : interval of the abnormal share, -inf to inf where day zero itself is within its ordinary range.
    forecast : half the width of the forecast band of the abnormal share around 0: what ordinary days alone do.

    Examples
    --------
    >>> day = RecoveryDay(20, dt.date(2025, 2, 25), 34.4, -90.0, 110.0, -30.0, -150.0, 120.0, 118.0)
    >>> day.holds_every_answer
    True
    """

    sessions: int
    day: dt.date
    raw: float
    raw_low: float
    raw_high: float
    abnormal: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    forecast: float = float("nan")

    @property
    def holds_every_answer(self) -> bool:
        """Whether the interval of the abnormal share takes in both nothing undone and all of it undone."""
        return self.low <= 0.0 and self.high >= 100.0

    @property
    def anywhere(self) -> bool:
        """Whether ordinary days alone could have left the price where it was or brought all of the move back."""
        return self.raw_low <= 0.0 and self.raw_high >= 100.0


@dataclass(frozen=True, slots=True)
class Recovery:
    """The path back after the move of one security.

    Parameters
    ----------
    ticker, event, day : the security, the announcement, and day zero.
    level : of the bands and intervals, 0.95.
    days : one entry a session from the first after day zero.

    Examples
    --------
    >>> days = tuple(RecoveryDay(n, dt.date(2025, 1, 27 + n), 20.0 * n, 0.0, 0.0) for n in (1, 2, 3))
    >>> Recovery("NVDA", "selloff", dt.date(2025, 1, 27), 0.95, days).half_life
    3
    """

    ticker: str
    event: str
    day: dt.date
    level: float
    days: tuple[RecoveryDay, ...]

    @property
    def half_life(self) -> int | None:
        """Sessions until half of the move was first undone by closes; None where it was not undone."""
        return next((d.sessions for d in self.days if d.raw >= HALF), None)

    @property
    def abnormal_half_life(self) -> int | None:
        """The same of the abnormal return; None where half of it was not undone, or nothing is known."""
        return next((d.sessions for d in self.days if not math.isnan(d.abnormal) and d.abnormal >= HALF), None)

    def at(self, sessions: int) -> RecoveryDay | None:
        """The entry so many sessions after day zero, None where there is none."""
        return next((d for d in self.days if d.sessions == sessions), None)


def recovery_frame(recoveries: Sequence[Recovery]) -> pd.DataFrame:
    """One row a security and session. Columns: ``ticker``, ``event``, ``level`` and the fields of `RecoveryDay`.

    Examples
    --------
    >>> days = (RecoveryDay(1, dt.date(2025, 1, 28), 36.8, -20.0, 20.0),)
    >>> recovery_frame([Recovery("NVDA", "selloff", dt.date(2025, 1, 27), 0.95, days)])["raw"].tolist()
    [36.8]
    """
    import pandas as pd

    columns = ["ticker", "event", "level", *RecoveryDay.__dataclass_fields__]
    rows = [{"ticker": r.ticker, "event": r.event, "level": r.level, **asdict(d)} for r in recoveries for d in r.days]
    return pd.DataFrame(rows, columns=columns)
