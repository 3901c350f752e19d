"""Wrong values for arguments: of other types, out of range, empty, huge."""

from __future__ import annotations

import datetime as dt
import math
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fuzz import corpus

PLAIN: list[Any] = [
    *[None, True, False, 0, 1, -1, 5, 60, 10**9, -(10**12), 10**30, 0.05, -0.5, 1.5, math.nan, math.inf, -math.inf],
    *[
        "",
        "a",
        "NVDA",
        "^IXIC",
        "market",
        "ff3",
        "t",
        "all",
        "chips",
        "2025-01-27",
        "27/01/2025",
        "0001-01-01",
        "9" * 5000,
    ],
    *[
        "\0",
        "\x1b[31m",
        "../x",
        "/dev/zero",
        "ünï",
        "a" * 5000,
        "yahoo!",
        "snapshot",
        "deepseek?",
        "full",
        "car",
        "log",
    ],
    *[b"NVDA", (), [], {}, set(), [None], [[]], [[0]], [[0, 1, 2]], [(0, 0)], (0, 0), (-1, 1), (1, -1), (-5, 5)],
    *[
        (-70, -11),
        (-(10**12), -11),
        (0, 10**9),
        (None, 0),
        ("a", "b"),
        (0.5, 1.5),
        (math.nan, 0),
        ["NVDA"],
        ["NVDA"] * 3,
    ],
    *[["NVDA", "AMD"], ["NVDA", None], [5], ["nope"], {"NVDA": "2025-01-27"}, {"NVDA": None}, {5: 5}, {"g": ["NVDA"]}],
    *[{"g": "NVDA"}, {"g": []}, {"g": None}, {"default": "^IXIC"}, {"default": 5}, {None: None}, {"NVDA": "24/7"}],
    *[
        {"NVDA": "XNOPE"},
        {"^IXIC": 1.0},
        dt.date(2025, 1, 27),
        dt.date(1, 1, 1),
        dt.date.max,
        dt.datetime(2025, 1, 27, 9),
    ],
    *[
        dt.datetime(2025, 1, 27, 21, tzinfo=dt.UTC),
        dt.time(9),
        dt.timedelta(1),
        pd.Timestamp("2025-01-27"),
        pd.NaT,
        pd.NA,
    ],
    *[pd.Timestamp("2025-01-27", tz="UTC"), pd.Timestamp.max, np.datetime64("2025-01-27"), np.datetime64("NaT")],
    *[np.int64(3), np.float32(0.1), np.array([1, 2]), np.array([]), np.zeros((2, 2)), Decimal("0.05"), 1j, object()],
    *[
        Path("nowhere.csv"),
        Path("/dev/zero"),
        Path("."),
        len,
        lambda *_: None,
        lambda *_: 5,
        iter(()),
        range(3),
        slice(3),
    ],
]


def frames() -> list[pd.DataFrame | pd.Series]:
    """Frames and series of the wrong shape, and a few right ones."""
    closes, returns, events = corpus.closes(), corpus.returns(), corpus.events()
    return [
        closes,
        returns,
        events,
        corpus.prices_long(),
        100 * returns,
        returns.astype("float32"),
        returns.astype(object),
        returns.astype(str),
        returns.T,
        returns.iloc[:0],
        returns.iloc[:, :0],
        returns.iloc[:3],
        returns.reset_index(),
        returns.reset_index(drop=True),
        returns.iloc[::-1],
        pd.concat([returns, returns]),
        pd.concat([returns, returns], axis=1),
        returns.set_axis(range(4), axis=1),
        returns.set_axis([None] * 4, axis=1),
        returns.set_axis(pd.MultiIndex.from_product([["Close"], returns.columns]), axis=1),
        returns.tz_localize("UTC"),
        returns.set_axis(returns.index.to_period("D"), axis=0),
        returns.set_axis(returns.index + pd.Timedelta(hours=9), axis=0),
        returns.where(returns > 0),
        returns * np.inf,
        returns * 0,
        returns * np.nan,
        returns * 1e300,
        -closes,
        closes * 0,
        closes.iloc[:, :1],
        closes.assign(NVDA="x"),
        closes.rename(columns={"NVDA": "AMD"}),
        events.rename(columns={"ticker": "security"}),
        events.rename(columns={"ticker": "nothing"}),
        events.assign(date=None),
        events.assign(date=5),
        events.assign(date="2025-13-45"),
        events.assign(date=pd.Timestamp("2025-01-27", tz="UTC")),
        events.assign(date="1600-01-01"),
        events.assign(ticker=None),
        events.assign(ticker=5),
        events.assign(group=None),
        events.assign(group=[["a"]] * 4),
        events.iloc[:0],
        events[["ticker"]],
        pd.concat([events, events]),
        pd.concat([events, events], axis=1),
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame([[object()]]),
        pd.DataFrame({"date": [corpus.DAY], "NVDA": [1 + 1j]}),
        pd.DataFrame({"a": pd.Categorical(["x"])}),
        pd.Series({"NVDA": corpus.DAY}),
        pd.Series({"NVDA": pd.Timestamp(corpus.DAY)}),
        pd.Series([1.0, 2.0]),
        pd.Series(dtype=float),
        returns["NVDA"],
    ]


def any_value(rng: random.Random, depth: int = 0) -> Any:
    """A value of any kind; sometimes several in a list, tuple or mapping."""
    how = rng.random()
    if how < 0.25 and depth == 0:
        return rng.choice(frames())
    if how < 0.4 and depth < 2:
        parts = [any_value(rng, depth + 1) for _ in range(rng.randrange(4))]
        kind = rng.randrange(3)
        if kind == 2:
            return {str(rng.choice(("NVDA", "AMD", "g", "default", i))): part for i, part in enumerate(parts)}
        return tuple(parts) if kind else parts
    return rng.choice(PLAIN)
