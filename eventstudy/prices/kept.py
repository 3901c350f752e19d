"""Answers of a provider kept on this computer until all of a query have come: one file per ticker.

A query of forty tickers of which one is refused is asked again for that one alone. An answer serves for a few hours and
for the same days, since a later one is adjusted for splits and dividends as of its own day.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.reading import kind_of
from eventstudy.files.writing import write_text
from eventstudy.objects.prices import PriceQuery
from eventstudy.prices.rows import ACTIONS, BETWEEN, COLUMNS

CACHE = "EVENTSTUDY_CACHE"
"""Name of the environment variable that puts the cache elsewhere."""
SERVES = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a provider said of one ticker at one moment.

    ``bars`` has `rows.COLUMNS` and `rows.BETWEEN`, ``actions`` is as in `RawPrices`; ``meta`` is what the answer says
    beside them, ``lacking`` the names it does not say.
    """

    bars: pd.DataFrame
    actions: pd.DataFrame
    meta: Mapping[str, str]
    lacking: tuple[str, ...]
    retrieved: dt.datetime


def cache_folder() -> Path:
    """Where answers are kept: as the environment variable ``EVENTSTUDY_CACHE`` says, else the user's cache folder."""
    import platformdirs

    given = os.environ.get(CACHE)
    return Path(given) if given else platformdirs.user_cache_path("eventstudy")


def recall(query: PriceQuery, ticker: str, now: dt.datetime) -> Answer | None:
    """The answer kept for a ticker on the days of `query`, None where there is none or it is too old.

    What is not as it was written does not count as an answer.
    """
    try:
        said = json.loads(_file(query, ticker).read_bytes())
        retrieved = dt.datetime.fromisoformat(said["retrieved"])
        if said["ticker"] != ticker or not dt.timedelta() <= now - retrieved <= SERVES:
            return None
        days = _days(said["date"])
        columns = (*COLUMNS, *(name for name in BETWEEN if name in said))
        values = {name: np.array(said[name], dtype=np.float64) for name in columns[2:]}
        names = np.full(len(days), ticker, dtype=object)
        bars = pd.DataFrame({"ticker": names, "date": days, **values})[list(columns)]
        paid = {name: np.array(said["actions"][name], dtype=np.float64) for name in ACTIONS}
        actions = pd.DataFrame(paid, index=_days(said["actions"]["date"]))
        return Answer(bars, actions, dict(said["meta"]), tuple(said["lacking"]), retrieved)
    except (OSError, SpecError, ValueError, KeyError, TypeError):
        return None


def _days(texts: Sequence[str]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(np.array(texts, dtype="datetime64[D]"), name="date").as_unit("ns")


def keep(query: PriceQuery, ticker: str, answer: Answer) -> bool:
    """Keep an answer, and say whether that could be done: without a cache a query is only asked again."""
    said: dict[str, Any] = {"ticker": ticker, "retrieved": answer.retrieved.isoformat()}
    said |= {"meta": dict(answer.meta), "lacking": list(answer.lacking)}
    said["date"] = answer.bars["date"].dt.strftime("%Y-%m-%d").tolist()
    for name in answer.bars.columns[2:]:
        said[str(name)] = [None if value != value else value for value in answer.bars[name].tolist()]
    said["actions"] = {"date": pd.DatetimeIndex(answer.actions.index).strftime("%Y-%m-%d").tolist()}
    said["actions"] |= {name: answer.actions[name].tolist() for name in ACTIONS}
    try:
        write_text(_file(query, ticker), json.dumps(said))
    except SpecError:
        return False
    return True


def forget(query: PriceQuery) -> None:
    """Remove what was kept for a query that has come whole, so that the next one is asked afresh."""
    for ticker in query.tickers:
        with contextlib.suppress(OSError):
            _file(query, ticker).unlink(missing_ok=True)
    folder = cache_folder() / "answers"
    if kind_of(folder) == "folder":
        with contextlib.suppress(OSError):  # only where it is empty
            folder.rmdir()


def _file(query: PriceQuery, ticker: str) -> Path:
    name = hashlib.sha256(f"{ticker} {query.start} {query.end}".encode()).hexdigest()[:32]
    return cache_folder() / "answers" / f"{name}.json"
