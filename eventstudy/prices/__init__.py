"""Prices: a provider's rows become a checked panel. RawPrices -> PricePanel (+ Issue...)."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.datatypes import PriceQuery, RawPrices
from eventstudy.prices.files import files
from eventstudy.prices.panel import load_panel
from eventstudy.prices.snapshot import snapshot


def yahoo(query: PriceQuery) -> RawPrices:
    """Daily bars from Yahoo Finance: see `eventstudy.prices.yahoo.yahoo`, which is imported when first called."""
    from eventstudy.prices.yahoo import yahoo as fetch

    return fetch(query)


PROVIDERS: dict[str, Callable[[PriceQuery], RawPrices]] = {"snapshot": snapshot, "files": files, "yahoo": yahoo}

__all__ = ["PROVIDERS", "load_panel"]
