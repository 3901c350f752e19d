"""Prices: a provider's rows become a checked panel. RawPrices -> PricePanel (+ Issue...)."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.objects.prices import PriceQuery, RawPrices
from eventstudy.prices.files import files as _files
from eventstudy.prices.panel import load_panel
from eventstudy.prices.snapshot import snapshot as _snapshot


def _yahoo(query: PriceQuery) -> RawPrices:
    """Daily bars from Yahoo Finance: `eventstudy.prices.yahoo.yahoo`, which is imported when it is first asked."""
    from eventstudy.prices.yahoo import yahoo

    return yahoo(query)


PROVIDERS: dict[str, Callable[[PriceQuery], RawPrices]] = {"snapshot": _snapshot, "files": _files, "yahoo": _yahoo}

__all__ = ["PROVIDERS", "load_panel"]
