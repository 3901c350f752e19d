"""What measures loads numpy and pandas, and reading a claims file must not: these modules are loaded at the first use.

A kind of claim takes them from here (``from eventstudy.claims.later import measure``), so that its file can hold its
card and its parameters beside its rule and is still read in no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from eventstudy import abnormal as abnormal
    from eventstudy.claims import history as history
    from eventstudy.claims import intraday as intraday
    from eventstudy.claims import measure as measure
    from eventstudy.claims import rates as rates
    from eventstudy.claims import records as records
    from eventstudy.claims import recovery as recovery
    from eventstudy.claims import second_axis as second_axis
    from eventstudy.claims import shares as shares
    from eventstudy.claims import spans as spans
    from eventstudy.objects import estimation as estimation
    from eventstudy.objects import rarity as rarity
else:

    class Later:
        """A module by its name; it is loaded when something of it is first used."""

        __slots__ = ("name",)

        def __init__(self, name: str) -> None:
            self.name = name

        def __getattr__(self, attribute: str) -> Any:
            return getattr(import_module(self.name), attribute)

    np, pd = Later("numpy"), Later("pandas")
    abnormal, estimation = Later("eventstudy.abnormal"), Later("eventstudy.objects.estimation")
    measure, records = Later("eventstudy.claims.measure"), Later("eventstudy.claims.records")
    second_axis, shares = Later("eventstudy.claims.second_axis"), Later("eventstudy.claims.shares")
    history, spans = Later("eventstudy.claims.history"), Later("eventstudy.claims.spans")
    intraday = Later("eventstudy.claims.intraday")
    rarity = Later("eventstudy.objects.rarity")
    rates, recovery = Later("eventstudy.claims.rates"), Later("eventstudy.claims.recovery")

__all__ = [
    "abnormal",
    "estimation",
    "history",
    "intraday",
    "measure",
    "np",
    "pd",
    "rarity",
    "rates",
    "records",
    "recovery",
    "second_axis",
    "shares",
    "spans",
]
