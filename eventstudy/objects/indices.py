"""Names of indices whose symbols a reader may not know by heart."""

from __future__ import annotations

from collections.abc import Mapping

INDEX_NAMES: Mapping[str, str] = {
    "^IXIC": "Nasdaq Composite",
    "^GSPC": "S&P 500",
    "^NDX": "Nasdaq 100",
    "^SOX": "PHLX Semiconductor index",
    "^DJI": "Dow Jones Industrial Average",
    "^N225": "Nikkei 225",
    "^STOXX50E": "Euro Stoxx 50",
    "^TWII": "Taiwan Weighted index",
}
