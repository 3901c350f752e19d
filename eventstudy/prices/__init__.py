"""Prices: a provider's rows become a checked panel. RawPrices -> PricePanel (+ Issue...)."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.datatypes import PriceQuery, RawPrices
from eventstudy.prices.panel import load_panel
from eventstudy.prices.snapshot import snapshot

PROVIDERS: dict[str, Callable[[PriceQuery], RawPrices]] = {"snapshot": snapshot}

__all__ = ["PROVIDERS", "load_panel"]
