"""The prices that the day rests on: the closes around day zero, the volume, and whether the next session took it back.

A wrong close on one day passes the checks where it is not large. It is then seen here: the move came on no more volume
than usual, or the next session undid it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from eventstudy.figures import picking
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Quantity
from eventstudy.report import design
from eventstudy.report.blocks import Block, Fold, Listing, Prose
from eventstudy.report.design import Place
from eventstudy.report.frames import Cell, Column, Table

BEFORE = 60  # sessions whose median volume is the usual one
LEAST = 20  # of them that must be known
MOST = 60  # rows of the table
LARGE = 3.0
"""Standard deviations of the abnormal return from which a move is looked at: p = 0.0027, significant at 5 per cent
where some 18 securities are tested (Bonferroni)."""
TAKEN_BACK = 0.8
"""Share of the move that the next session undid. With normal returns of one standard deviation a session, as much of a
real move of three is undone with probability Phi(-0.8 x 3) = 0.008, of a wrong close with Phi(0.2 x 3) = 0.73."""


def closes(result: StudyResult) -> Iterator[Block]:
    """A fold with the closes around day zero, what asks for a second look first where there are many; nothing where the
    study knows no closes or nothing is said of the day."""
    labels = picking.labels(result)
    places = [p for p in design.places(result) if p.day is not None] if picking.has_day_zero(result) else []
    rows = [row for place in places if (row := _row(result, place, labels[place.key])) is not None]
    if not rows:
        return
    traded = any(isinstance(times := row[-2], Quantity) and math.isfinite(times.value) for row in rows)
    rows = [row if traded else (*row[:-2], row[-1]) for row in rows]
    columns = (
        Column("ticker", "Security"),
        Column("before", "Close before", "level"),
        Column("close", "Close of the day", "level"),
        Column("after", "Close after", "level"),
        Column("return", "Return", "decimal", True),
        Column("next", "Next return", "decimal", True),
        *((Column("volume", "Volume, times usual", "multiple"),) if traded else ()),
        Column("remark", "Remark", below=True),
    )
    odd = sum(bool(row[-1]) for row in rows)
    error = "an error moves no volume, and the next session takes it" if traded else "the next session takes an error"
    lead = (
        "What is said of the day rests on two closing prices a security, the one before and that of the day. The "
        f"checks see a large error in one of them and may miss a small one; but {error} back. "
        f"{_ODD[min(odd, 2)].format(odd)}"
    )
    lead += f" The usual volume is the median of the {BEFORE} sessions before." if traded else ""
    note = None
    if len(rows) > MOST:
        rows.sort(key=lambda row: not row[-1])
        note = f"The first {MOST} of {len(rows):,}, those that ask for a second look in front."
    table = Table("closes", "Closes around day zero", columns, tuple(rows[:MOST]), note)
    yield Fold("closes-fold", "The prices that the day rests on", (Prose((lead,)), Listing(table)))


_ODD = ("Nothing here asks for a second look.", "One row asks for a second look.", "{} rows ask for a second look.")


def _row(result: StudyResult, place: Place, label: str) -> tuple[Cell, ...] | None:
    """Closes, returns, volume and remark of one security; None where its close of the day is not known."""
    panel = place.event.panel
    ticker, day = panel.event_tickers[place.row], int(panel.day[place.row])
    around = panel.sessions[max(day - 1, 0) : day + 2]
    series = result.prices.close[ticker]
    series = series if series.notna().any() else result.prices.adj_close[ticker]
    known = series.reindex(around).to_numpy(dtype=np.float64)
    if day < 1 or not np.isfinite(known[:2]).all():
        return None
    before, close = (float(value) for value in known[:2])
    after = float(known[2]) if len(known) > 2 else float("nan")
    move, following = close / before - 1, after / close - 1
    volume = _volume(result, ticker, panel.sessions[max(day - BEFORE, 0) : day + 1].to_numpy())
    remark = _remark(float(place.event.day["sar"][place.row]), move, following, volume)
    return label, before, close, after, move, following, Quantity(volume, "multiple"), remark


def _volume(result: StudyResult, ticker: str, sessions: npt.NDArray[Any]) -> float:
    """Volume of the last of `sessions` in times of the median of the others; NaN where too few are known."""
    if ticker not in result.prices.volume:
        return float("nan")
    values = result.prices.volume[ticker].reindex(sessions).to_numpy(dtype=np.float64)
    past = values[:-1][np.isfinite(values[:-1]) & (values[:-1] > 0)]
    return float(values[-1] / np.median(past)) if len(past) >= LEAST else float("nan")


def _remark(sar: float, move: float, following: float, volume: float) -> str:
    """Why a close deserves a second look; empty where the move was no large one or nothing speaks against it."""
    if not abs(sar) >= LARGE:
        return ""
    undone = -following * (1 + move) / move if move else 0.0
    said = [
        "a large move on no more volume than usual" if volume <= 1 else "",
        "the next session took most of it back" if undone >= TAKEN_BACK else "",
    ]
    found = " and ".join(filter(None, said))
    return f"{found[:1].upper()}{found[1:]}: compare this close with another source." if found else ""
