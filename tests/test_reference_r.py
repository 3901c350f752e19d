"""The bundled prices in base R: `tests/reference/r_base.json`, made by ``r_base.R``, which knows nothing of us.

R joins the prices by date and does the statistics with lm, predict, t.test, wilcox.test, manova and their like; here
the same study goes through the package's own door, from prices to tests.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit
from test_reference import DATA, study

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference import DIAGNOSTICS, TESTS, benjamini_hochberg, holm, mean_correlation
from eventstudy.inference.difference import DIFFERENCES
from eventstudy.objects.estimation import Window

REFERENCE = json.loads((Path(__file__).parent / "reference/r_base.json").read_text(encoding="utf-8"))
VALUES: dict[str, list[float]] = REFERENCE["values"]
STOCKS, CORE, POWER = (tuple(REFERENCE[name]) for name in ("stocks", "core", "power"))
DAY, AROUND = Window(0, 0), Window(-1, 1)
RTOL = 1e-8


@pytest.fixture(scope="module")
def levels() -> pd.DataFrame:
    if not (DATA / "prices.csv").is_file():
        pytest.skip("the bundled prices are not here: run from a checkout")
    prices = pd.read_csv(DATA / "prices.csv", parse_dates=["date"])
    return prices.pivot(index="date", columns="ticker", values="adj_close")


@pytest.fixture(scope="module")
def stocks(levels: pd.DataFrame) -> AbnormalReturns:
    return study(levels, "^IXIC", tickers=STOCKS)


@pytest.fixture(scope="module")
def core(stocks: AbnormalReturns) -> AbnormalReturns:
    return stocks.take([STOCKS.index(name) for name in CORE])


@pytest.fixture(scope="module")
def power(stocks: AbnormalReturns) -> AbnormalReturns:
    return stocks.take([STOCKS.index(name) for name in POWER])


def close(found: object, name: str) -> None:
    np.testing.assert_allclose(np.atleast_1d(found), VALUES[name], rtol=RTOL, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("ticker", CORE)
def test_lm_and_its_predictions(ticker: str, core: AbnormalReturns) -> None:
    one = core.take([CORE.index(ticker)])
    normal = one.normal
    close(normal.params[0], f"{ticker} coefficients")
    close(normal.sigma, f"{ticker} sigma")
    close(normal.nu, f"{ticker} df")
    close(normal.r_squared, f"{ticker} r_squared")
    close(one.ar[0], f"{ticker} ar")
    se = normal.sigma[0] * np.sqrt(one.forecast_factor()[0])
    close(se, f"{ticker} forecast se")
    close(one.sar()[0] * se, f"{ticker} ar")
    half = stdtrit(normal.nu[0], 0.975) * se
    close(one.expected()[0] - half, f"{ticker} lower")
    close(one.expected()[0] + half, f"{ticker} upper")


@pytest.mark.parametrize("ticker", CORE)
def test_diagnostics(ticker: str, core: AbnormalReturns) -> None:
    one = core.take([CORE.index(ticker)])
    for name in ("cook", "largest_residual", "arch_lm"):
        close(DIAGNOSTICS[name](one)[0].statistic, f"{ticker} {name}")
    for name in ("ljung_box", "split_window"):
        (found,) = DIAGNOSTICS[name](one)
        close([found.statistic, found.p], f"{ticker} {name}")


@pytest.mark.parametrize("ticker", CORE)
def test_volatility_f_is_chows_test_of_forecasts(ticker: str, core: AbnormalReturns) -> None:
    found = TESTS["volatility_f"](core.take([CORE.index(ticker)]), AROUND)
    close([found.statistic, found.p], f"{ticker} volatility_f")


@pytest.mark.parametrize("model", ["mean_adjusted", "capm", "capm_strict", "ff3", "carhart", "ff5", "ff5_mom"])
def test_models_that_are_regressions(model: str, levels: pd.DataFrame) -> None:
    one = study(levels, "^IXIC", model, tickers=("NVDA",))
    normal, zero = one.normal, -one.panel.event.start
    se = normal.sigma[0] * np.sqrt(one.forecast_factor()[0, zero])
    close([*normal.params[0], normal.sigma[0], normal.nu[0], one.ar[0, zero], se], f"model {model}")


def test_peer(levels: pd.DataFrame) -> None:
    """All others of the panel are the peers where none are named."""
    one = study(levels, "^IXIC", "peer", tickers=CORE).take([CORE.index("NVDA")])
    normal, zero = one.normal, -one.panel.event.start
    se = normal.sigma[0] * np.sqrt(one.forecast_factor()[0, zero])
    close([*normal.params[0], normal.sigma[0], normal.nu[0], one.ar[0, zero], se], "model peer")


def test_models_of_leads_and_lags(levels: pd.DataFrame) -> None:
    normal = study(levels, "^IXIC", "dimson", tickers=("NVDA",)).normal
    close([*normal.params[0, :2], normal.sigma[0], normal.nu[0]], "model dimson")
    normal = study(levels, "^IXIC", "scholes_williams", tickers=("NVDA",)).normal
    close(normal.params[0], "model scholes_williams")


@pytest.mark.parametrize(
    ("test", "window"),
    [("cross_sectional_t", AROUND), ("bmp_t", DAY), ("bhar_t", AROUND), ("sign_z", AROUND)],
)
def test_thirty_one_stocks(test: str, window: Window, stocks: AbnormalReturns) -> None:
    found = TESTS[test](stocks, window)
    assert found.n == len(STOCKS)
    close([found.statistic, found.p], test)


def test_signed_ranks(stocks: AbnormalReturns) -> None:
    for rows, name in ((range(31), "wilcoxon"), (range(10), "wilcoxon ten")):
        found = TESTS["wilcoxon"](stocks.take(rows), AROUND)
        close([found.statistic, found.p], name)


def test_adjusted_p_values(stocks: AbnormalReturns) -> None:
    p = np.array([TESTS["t"](stocks.take([i]), DAY).p for i in range(stocks.n)])
    close(p, "p")
    close(holm(p), "holm")
    close(benjamini_hochberg(p), "bh")


@pytest.mark.parametrize("test", ["portfolio_t", "corrado_rank_z", "crude_dependence_t"])
def test_five_on_one_date(test: str, core: AbnormalReturns) -> None:
    found = TESTS[test](core, DAY)
    close([found.statistic, found.p], test)


def test_residual_correlation(core: AbnormalReturns) -> None:
    close(mean_correlation(core, DAY), "rbar core")
    close(DIAGNOSTICS["residual_correlation"](core)[0].statistic, "rbar core")


def test_hotelling_is_the_multivariate_regression_with_a_dummy(core: AbnormalReturns) -> None:
    """R gives F, its degrees of freedom and the normal-theory p; ours says p by rank and the F in the warning."""
    found = TESTS["hotelling"](core, DAY)
    f, first, second, _ = VALUES["hotelling"]
    np.testing.assert_allclose(found.statistic, f, rtol=RTOL)
    assert f"F({first:g}, {second:g})" in (found.warning or "")


@pytest.mark.parametrize(
    ("test", "window"),
    [("welch_t", AROUND), ("scar_welch_t", DAY), ("rank_sum", AROUND), ("portfolio_difference_t", DAY)],
)
def test_two_groups(test: str, window: Window, core: AbnormalReturns, power: AbnormalReturns) -> None:
    found = DIFFERENCES[test](core, power, window)
    close([found.statistic, found.p], test)
