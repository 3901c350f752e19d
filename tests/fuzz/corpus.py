"""The valid files from which the spoiled ones are made: a small study cut from the bundled prices."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from io import BytesIO
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[2] / "data" / "deepseek"
TICKERS = ("AMD", "MSFT", "NVDA")
BENCHMARK = "^IXIC"
DAY = "2025-01-27"
ESTIMATION, EVENT = (-70, -11), (-5, 5)

STUDY = f"""\
schema_version: 1
id: small
title: A small study
prices: prices.csv
events:
  - {{id: news, announced: {DAY}, label: "The news", tickers: [chips]}}
  - {{id: own, announced: {{AMD: 2025-01-28, NVDA: 2025-01-28T16:30:00-05:00}}}}
groups: {{chips: [NVDA, AMD], all: [NVDA, AMD, MSFT]}}
tickers: [MSFT]
headline: {{event: news, group: chips}}
benchmarks: {{default: ^IXIC}}
compare: {{models: [market_adjusted]}}
members: {{^IXIC: [NVDA, AMD, MSFT]}}
peers: {{NVDA: [AMD]}}
contaminated: [2025-01-21]
exchanges: {{NVDA: XNYS}}
model: market
returns: simple
basis: adj_close
estimation: [-70, -11]
event: [-5, 5]
windows: [[0, 0], [-1, 1]]
min_obs: 40
policy: next
alpha: 0.05
allow_missing: false
tests: [t, bmp_t]
volume: none
"""

CLAIMS = """\
schema_version: 1
sources: {A1: {title: "An article", publisher: unknown, published: "2025-01-28"}}
names: {NVDA: Nvidia}
claims:
  - id: fell-17
    kind: price_move
    event: news
    security: NVDA
    says: Nvidia fell by 17 per cent
    claimed: {direction: fall, value: 17, unit: percent, modifier: about}
    source: A1
    expect: supported
  - id: plunged
    kind: group_move
    event: news
    group: chips
    says: Chip makers plunged
    claimed: {word: plunged}
    source: A1
"""


@cache
def prices_long() -> pd.DataFrame:
    """Rows of date, ticker, close, adj_close, volume: 115 sessions of three securities and their index."""
    table = pd.read_csv(DATA / "prices.csv")
    return table[table["ticker"].isin([*TICKERS, BENCHMARK]) & table["date"].between("2024-09-03", "2025-02-20")]


@cache
def closes() -> pd.DataFrame:
    """The closes of `prices_long`, dates by tickers."""
    wide = prices_long().pivot(index="date", columns="ticker", values="close")
    return wide.set_axis(pd.DatetimeIndex(wide.index), axis=0)


@cache
def returns() -> pd.DataFrame:
    """Decimal returns of `closes`."""
    return closes().pct_change().iloc[1:]


@cache
def events() -> pd.DataFrame:
    """A table of events with everything that one may have."""
    return pd.DataFrame(
        {
            "ticker": ["NVDA", "AMD", "MSFT", "NVDA"],
            "date": [DAY, DAY, "2025-01-28", "2025-01-30"],
            "group": ["a", "a", "b", "b"],
            "size": [1.5, 2.0, 3.0, 2.5],
        }
    )


def package(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with the ``datapackage.json`` that describes them."""
    kinds = {"date": "date", "ticker": "string", "measure": "string", "form": "string", "filed": "string"}
    kinds |= {"origin": "string", "as_of": "date"}
    resources = []
    for name, data in files.items():
        header = data.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
        resources.append(
            {
                "name": name.removesuffix(".csv"),
                "path": name,
                "hash": "sha256:" + hashlib.sha256(data).hexdigest(),
                "schema": {"fields": [{"name": c, "type": kinds.get(c, "number")} for c in header]},
                "sources": [{"title": "made up"}],
            }
        )
    described = {"name": "small", "created": "2025-03-01T00:00:00Z", "resources": resources}
    return {**files, "datapackage.json": json.dumps(described, indent=1).encode()}


def _csv(frame: pd.DataFrame, **options: object) -> bytes:
    return frame.to_csv(lineterminator="\n", **options).encode()  # type: ignore[call-overload, no-any-return]


def _parquet(frame: pd.DataFrame) -> bytes:
    into = BytesIO()
    frame.to_parquet(into)
    return into.getvalue()


@cache
def files() -> dict[str, bytes]:
    """Every valid file by name."""
    long = prices_long()
    wide = closes().round(4)
    factors = pd.read_csv(DATA / "factors_daily.csv")
    shares = pd.read_csv(DATA / "shares_outstanding.csv")
    daily = returns().stack().rename("return").rename_axis(["date", "security"]).reset_index()
    return {
        "study.yaml": STUDY.encode(),
        "claims.yaml": CLAIMS.encode(),
        "wide.csv": _csv(wide, date_format="%Y-%m-%d"),
        "long.csv": _csv(long, index=False),
        "wide.parquet": _parquet(wide),
        "long.parquet": _parquet(long.assign(date=pd.to_datetime(long["date"]))),
        "events.csv": _csv(events(), index=False),
        "events.parquet": _parquet(events()),
        "factors.csv": _csv(factors[factors["date"].between("2024-09-03", "2025-02-20")], index=False),
        "shares.csv": _csv(shares[shares["ticker"].isin(TICKERS)], index=False),
        "returns.csv": _csv(daily, index=False),
        "returns.parquet": _parquet(daily),
    }
