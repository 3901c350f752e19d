"""What page, figures and `explain` say under every model: no series explains what the model does not use it for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.figures import FIGURES
from eventstudy.figures import card as figure
from eventstudy.models import MODELS, Peer, Recipe, card, estimate
from eventstudy.objects.estimation import EventPanel, NormalReturns
from eventstudy.objects.results import StudyResult

TICKERS = ("NVDA", "AVGO", "AMD", "TSM")
# Sentences in which a benchmark explains, is fitted to, or is compared with.
EXPLAINS = re.compile(
    r"what (the Nasdaq|no benchmark)|against (the Nasdaq|\^IXIC|no benchmark)|\^IXIC, |benchmark explains"
    r"|its benchmark|of the benchmark|(part|on) of? ?(the Nasdaq|\^IXIC)|Rm\b"
)


def beat(panel: EventPanel) -> NormalReturns:
    """E[R] = what the market does."""
    return replace(estimate(panel, "market_adjusted"), model="beat")


OWN = (beat, Recipe("semis", "a + b MktRf", columns=("mkt_rf",)), Peer(("TSM", "AMD")))


def studied(model: Any, **more: Any) -> StudyResult:
    return es.Study(
        prices="deepseek", events="2025-01-27", tickers=TICKERS, groups={"chips": TICKERS}, benchmark="^IXIC",
        compare_benchmarks=["^GSPC"], members={"^IXIC": ["NVDA"]}, tests=["t", "portfolio_t"], volume="none",
        windows=[(0, 0), (-1, 1)], model=model, **more,
    ).run()  # fmt: skip


def seen(html: str) -> str:
    """The words of the page, without scripts, styles and tags."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def drawn(result: StudyResult) -> str:
    """All that the figures of this study say: titles, axes, names and texts."""
    return " ".join(str(figure.plotly_figure(card, result).to_plotly_json()) for card in shown(result).values())


def shown(result: StudyResult) -> dict[str, figure.Figure]:
    """The cards of the figures that say something in this study."""
    return {name: card for name, card in FIGURES.items() if card.fits(result)}


# egarch, lad and robust are of the family of garch and say the same; each takes seconds to estimate.
@pytest.mark.parametrize("model", [m for m in MODELS if m not in {"egarch", "lad", "robust"}])
def test_a_page_says_only_what_its_model_does(model: str) -> None:
    result, entry = studied(model), MODELS[model]
    text, figures = seen(result.to_html()), drawn(result)
    assert entry.takes.left in text
    assert entry.fitted in text
    assert entry.source in text
    assert entry.words in text
    assert ("scatter" in shown(result)) == entry.uses_benchmark
    if not entry.uses_benchmark:
        assert not EXPLAINS.findall(text)
        assert "the Nasdaq, " not in figures
        assert "against the Nasdaq" not in figures
        assert not [i for i in result.issues if i.code == "security_in_benchmark"]
        assert [i for i in result.issues if i.code == "benchmarks_not_used"]
    else:
        assert EXPLAINS.search(text)
        assert [i for i in result.issues if i.code == "security_in_benchmark"]


@pytest.mark.parametrize("model", OWN, ids=lambda model: card(model).name)
def test_a_page_names_a_model_of_ones_own_and_claims_nothing_for_the_index(model: Any) -> None:
    result, entry = studied(model), card(model)
    text = seen(result.to_html())
    assert result.cards.models == {entry.name: entry}
    assert entry.takes.left in text
    assert not EXPLAINS.findall(text)


def test_models_that_are_compared_are_named_with_what_they_use() -> None:
    result = studied("market", compare_models=["peer", "capm", beat])
    assert list(result.cards.models) == ["market", "peer", "capm", "beat"]
    figures = drawn(result)
    assert "the Nasdaq, CAPM" in figures
    assert "peer group" in figures
    assert "beat" in figures


def test_a_users_model_cannot_go_by_the_name_of_another() -> None:
    def market(panel: EventPanel) -> NormalReturns:
        return beat(panel)

    with pytest.raises(SpecError, match="called 'market', as one of the package's"):
        studied(market)


@pytest.mark.parametrize("model", ["peer", "synthetic_control", "mean_adjusted"])
def test_explain_names_no_index_where_none_is_in_the_model(model: str) -> None:
    result = replace(
        es.load("deepseek"), model=model, tests=("t", "portfolio_t"), compare_models=(), volume="none"
    ).run()
    axes = [axis for verdict in result.verdicts for axis in verdict.abnormal]
    assert len(axes) > 20
    for verdict in result.verdicts:
        said = " ".join(result.explain(verdict.claim.id).partition("Was it abnormal?")[2].partition("Mind")[0].split())
        if any(axis.abnormal is not None for axis in verdict.abnormal):
            assert MODELS[model].takes.beyond in said
            assert "explains" not in said.replace(MODELS[model].takes.beyond, "")
