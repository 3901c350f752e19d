"""The prices of a study on the sessions of each exchange, laid out once: claims ask for them again and again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.claims.once import once_a_study
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Basis
from eventstudy.objects.results import StudyResult

BASES: tuple[Basis, ...] = ("close", "adj_close")


def on_sessions(result: StudyResult, ticker: str, basis: Basis) -> FloatArray:
    """(D,) the prices of a series on the sessions of its exchange, NaN where there is none."""
    return _by_exchange(result, result.prices.exchange[ticker], basis)[ticker]


@once_a_study
def _by_exchange(result: StudyResult, exchange: str, basis: Basis) -> Mapping[str, FloatArray]:
    """Every series on the sessions of one exchange, (D,) each."""
    frame: pd.DataFrame = getattr(result.prices, basis)
    values = frame.reindex(result.prices.calendars[exchange].sessions).to_numpy(dtype=np.float64)
    return {str(ticker): values[:, i] for i, ticker in enumerate(frame.columns)}


@once_a_study
def known_bases(result: StudyResult) -> Mapping[str, tuple[Basis, ...]]:
    """The bases on which each series has any price."""
    held = {basis: getattr(result.prices, basis).notna().any() for basis in BASES}
    return {ticker: tuple(b for b in BASES if held[b].get(ticker, False)) for ticker in result.prices.tickers}
