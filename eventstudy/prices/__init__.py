"""Prices: a provider's rows become a checked panel. RawPrices -> PricePanel (+ Issue...).

Quirks: Importing it loads neither yfinance nor exchange_calendars; `own` makes sessions of the dates in a file. A
panel of returns has NaN for every price. `close` is for claims, `adj_close` for models.
"""

from __future__ import annotations

from dataclasses import fields

from eventstudy.objects.prices import PriceFile, PriceQuery, RawPrices
from eventstudy.prices.cards import Provider
from eventstudy.prices.files import files as _files
from eventstudy.prices.panel import load_panel
from eventstudy.prices.snapshot import snapshot as _snapshot


def _yahoo(query: PriceQuery) -> RawPrices:
    """Daily bars from Yahoo Finance: `eventstudy.prices.yahoo.yahoo`, which is imported when it is first asked."""
    from eventstudy.prices.yahoo import yahoo

    return yahoo(query)


SNAPSHOT = Provider(
    read=_snapshot,
    words="pinned prices: a folder whose tables are described and hashed in datapackage.json",
    network=False,
    options=("file",),
    keys=(),
)
FILES = Provider(
    read=_files,
    words="your own CSV, Excel or Parquet file, or a folder of one file per ticker",
    network=False,
    options=tuple(f.name for f in fields(PriceFile) if f.name not in ("returns", "name")),
    keys=(),
)
YAHOO = Provider(
    read=_yahoo,
    words="daily bars from Yahoo Finance, for `eventstudy fetch`",
    network=True,
    options=(),
    keys=(),
)

PROVIDERS: dict[str, Provider] = {"snapshot": SNAPSHOT, "files": FILES, "yahoo": YAHOO}

__all__ = ["PROVIDERS", "load_panel"]
