"""Every figure of the headline study drawn once, for several test files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.figures import FIGURES, card
from eventstudy.objects.prices import PricePanel
from eventstudy.objects.verdicts import Statement

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from eventstudy.objects.results import StudyResult


def drawn_by(name: str, result: StudyResult, **options: Any) -> go.Figure:
    return card.plotly_figure(FIGURES[name], result, **options)


def numbers(name: str, result: StudyResult, **options: Any) -> pd.DataFrame:
    return card.numbers(FIGURES[name], result, **options)


def said(name: str, result: StudyResult, **options: Any) -> Statement:
    return card.said(FIGURES[name], result, **options)


@pytest.fixture(scope="module")
def figures(deepseek_result: StudyResult) -> dict[str, go.Figure]:
    return {name: drawn_by(name, deepseek_result) for name in FIGURES}


@pytest.fixture(scope="module")
def alone(synthetic_prices: PricePanel) -> StudyResult:
    """One security, no group, no benchmark, no claims."""
    return es.Study(prices=synthetic_prices, events="2021-02-10", tickers=["AAA"], model="mean_adjusted").run()
