"""What a reader calls the entries of the registries: tests and checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: tests as a sentence names them; any other by its registry name
TESTS: Mapping[str, str] = {
    "t": "the t test",
    "sample_quantile": "the sample-quantile test",
    "cross_sectional_t": "the cross-sectional t test",
    "patell_z": "Patell’s test",
    "adjusted_patell_z": "Patell’s test adjusted for correlation",
    "bmp_t": "the test of Boehmer, Musumeci and Poulsen",
    "adjusted_bmp_t": "the correlation-adjusted test of Boehmer, Musumeci and Poulsen",
    "portfolio_t": "the portfolio test",
    "crude_dependence_t": "the crude dependence test",
    "corrado_rank_z": "Corrado’s rank test",
    "corrado_zivney_z": "Corrado and Zivney’s rank test",
    "cumrank_t": "the cumulated rank t test",
    "cumrank_z": "the cumulated rank z test",
    "grank_t": "the generalized rank t test",
    "grank_z": "the generalized rank z test",
    "sign_z": "the sign test",
    "generalized_sign_z": "the generalized sign test",
    "wilcoxon": "Wilcoxon’s signed-rank test",
    "skewness_adjusted_t": "the skewness-adjusted t test",
    "jackknife_t": "the jackknife t test",
    "bhar_t": "the buy-and-hold t test",
    "bhar_skewness_bootstrap": "the skewness-adjusted bootstrap of buy-and-hold returns",
    "calendar_time_portfolio": "the calendar-time portfolio test",
    "placebo": "the placebo-date test",
    "placebo_portfolio": "the placebo-date test of the portfolio",
    "donor_placebo": "the placebo-donor test",
    "sign_flip": "the sign-flip test",
    "wild_bootstrap": "the wild bootstrap",
    "hotelling": "Hotelling’s joint test",
    "volatility_f": "the variance ratio test",
    "volatility_quantile": "the sample-quantile test of the variance",
    "beaver_patell_z": "the test of Beaver and Patell",
    "cross_sectional_variance_chi2": "the cross-sectional variance test",
    "volatility_rank_z": "the rank test of the variance",
    "volatility_group_quantile": "the sample-quantile test of the group’s variance",
}


class Check(NamedTuple):
    """A check of the estimation window: its name, what it asks, and where it comes from."""

    name: str
    asks: str
    source: str


CHECKS: Mapping[str, Check] = {
    "jarque_bera": Check(
        "Normality",
        "Are the residuals normal? JB = T/6·(S² + K²/4), S skewness, K excess kurtosis; χ²(2)",
        "Jarque and Bera 1987",
    ),
    "ljung_box": Check(
        "Autocorrelation",
        "Do errors follow errors? Q = T(T + 2)·Σ r²ₖ/(T − k) over 10 lags; χ²(10)",
        "Ljung and Box 1978",
    ),
    "arch_lm": Check(
        "Volatility clusters",
        "Do large errors follow large ones? n·R² of e² on its 5 lags; χ²(5)",
        "Engle 1982",
    ),
    "cusum": Check(
        "Drift",
        "Does the normal return drift? The largest |Wⱼ| / (√M + 2j/√M), W the sums of recursive residuals",
        "Brown, Durbin and Evans 1975",
    ),
    "split_window": Check(
        "Change of beta",
        "Are the parameters the same in both halves of the window? F of two fits against one",
        "Chow 1960",
    ),
    "largest_residual": Check(
        "Outlier",
        "Is one day out of line? The largest residual, studentised without itself; t(ν − 1), times T (Bonferroni)",
        "Cook and Weisberg 1982",
    ),
    "cook": Check(
        "Influence",
        "Does one day decide the fit? The largest r²·h / (p·(1 − h)); its limit is the median of F(p, ν)",
        "Cook 1977",
    ),
    "thin_trading": Check(
        "Thin trading",
        "On how many days did the price of the security or the benchmark not move?",
        "Lesmond, Ogden and Trzcinka 1999",
    ),
    "residual_correlation": Check(
        "Correlation",
        "Do the securities err together? r̄, the mean over pairs; CD = √(T·N(N − 1)/2)·r̄, normal",
        "Pesaran 2004; Kolari and Pynnönen 2010",
    ),
}
