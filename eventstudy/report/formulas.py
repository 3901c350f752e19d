"""What each test computes, in one line of symbols with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Computed(NamedTuple):
    """``statistic``, ``reference`` distribution, what it stands up to, source."""

    statistic: str
    reference: str
    shared: str
    variance: str
    source: str


_RANKS = "ranks of e/σ and of SAR·√(1 − r̄)/s on the event days, s their spread over the securities"
_OF_VARIANCE = "tests it"
_FEW = "from N = 20"

TESTS: Mapping[str, Computed] = {
    "t": Computed("SCAR", "t(ν)", "one security", "no", "MacKinlay 1997"),
    "sample_quantile": Computed(
        "one day: place of |AR| among the T estimation residuals, p = (1 + #) / (T + 1); L days: place of "
        "|CAR| / √(variance factor) among the T − L + 1 overlapping sums of residuals, each studentised likewise, "
        "p = (1 + #) / (T − L + 2)",
        "rank",
        "one security",
        "no",
        "Gelbach, Helland and Klick 2013",
    ),
    "cross_sectional_t": Computed(
        "CAAR / (s/√N), s the standard deviation of the CARs", "t(N − 1)", "no", "yes", "Brown and Warner 1980"
    ),
    "patell_z": Computed("Σ SCAR / √Σ(ν/(ν − 2))", "N(0, 1)", "no", "no", "Patell 1976"),
    "adjusted_patell_z": Computed("Patell’s z / √(1 + (N − 1)·r̄)", "N(0, 1)", "yes", "no", "Kolari and Pynnönen 2010"),
    "bmp_t": Computed(
        "mean SCAR / (s/√N), s the standard deviation of the SCARs",
        "t(N − 1)",
        "no",
        "yes",
        "Boehmer, Musumeci and Poulsen 1991",
    ),
    "adjusted_bmp_t": Computed(
        "BMP’s t · √((1 − r̄)/(1 + (N − 1)·r̄))", "t(N − 1)", "yes", "yes", "Kolari and Pynnönen 2010"
    ),
    "portfolio_t": Computed(
        "SCAR of the equal-weight portfolio of the group, fitted as one security",
        "t(ν)",
        "yes",
        "no",
        "Brown and Warner 1980; Schipper and Thompson 1983",
    ),
    "crude_dependence_t": Computed(
        "CAAR / (s·√L), s from the mean abnormal returns of the estimation days",
        "t(T − 1)",
        "yes",
        "no",
        "Brown and Warner 1980, 1985",
    ),
    "corrado_rank_z": Computed(
        "mean rank deviation on the L event days, ranks over all M = T + L days, / (its standard deviation over the M "
        "days · √L)",
        "N(0, 1)",
        "yes",
        "no",
        "Corrado 1989; Cowan 1992",
    ),
    "corrado_zivney_z": Computed(
        f"Corrado’s z on {_RANKS}", "N(0, 1)", _FEW, _FEW, "Corrado and Zivney 1992; Cowan 1992"
    ),
    "cumrank_t": Computed(
        f"mean ranks of the L days against those of the others, {_RANKS}: Z·√((M − 2)/(M − 1 − Z²))",
        "t(M − 2)",
        _FEW,
        _FEW,
        "Luoma and Pynnönen 2010",
    ),
    "cumrank_z": Computed(
        "sum of all ranks of the L days over its exact spread, √(N·L(M − L)/(12(M + 1)))",
        "N(0, 1)",
        "no",
        _FEW,
        "Luoma and Pynnönen 2010",
    ),
    "grank_t": Computed(
        "mean rank of SCAR·√(1 − r̄)/s among the T estimation days, Z = mean / its spread over the M = T + 1 days: "
        "Z·√((M − 2)/(M − 1 − Z²))",
        "t(M − 2)",
        _FEW,
        _FEW,
        "Kolari and Pynnönen 2011",
    ),
    "grank_z": Computed(
        "the same mean rank · √(12·N(M + 1)/(M − 1))", "N(0, 1)", "no", _FEW, "Kolari and Pynnönen 2011"
    ),
    "sign_z": Computed(
        "number of positive CARs against one half", "binomial(N, ½)", "no", "yes", "Brown and Warner 1980"
    ),
    "generalized_sign_z": Computed(
        "number of positive CARs against their usual share", "N(0, 1)", "no", "yes", "Cowan 1992"
    ),
    "wilcoxon": Computed(
        "sum of the ranks of |CAR| of the positive CARs", "sign patterns", "no", "yes", "Wilcoxon 1945"
    ),
    "skewness_adjusted_t": Computed(
        "√N·(S + g·S²/3 + g²·S³/27 + g/(6N)), S = mean/s and g the skewness of the CARs",
        "t(N − 1)",
        "no",
        "yes",
        "Hall 1992; Johnson 1978",
    ),
    "jackknife_t": Computed(
        "mean of the pseudo-values N·θ − (N − 1)·θ₋ᵢ over their standard error, θ = mean SCAR / s",
        "t(N − 1)",
        "no",
        "yes",
        "after Giaccotto and Sfiridis 1996",
    ),
    "bhar_t": Computed(
        "mean BHAR / (s/√N), BHAR = Π(1 + R) − Π(1 + E[R])", "t(N − 1)", "no", "yes", "Lyon, Barber and Tsai 1999"
    ),
    "bhar_skewness_bootstrap": Computed(
        "skewness-adjusted t of the BHARs against resamples of N/4 of them",
        "bootstrap",
        "no",
        "yes",
        "Lyon, Barber and Tsai 1999",
    ),
    "calendar_time_portfolio": Computed(
        "intercept of the portfolio of all securities in their window on the model’s factors, Newey-West error",
        "t(n − p)",
        "several dates",
        "yes",
        "Jaffe 1974; Fama 1998",
    ),
    "placebo": Computed(
        "place of |SCAR| among those of the same study at every other date it could have been made, "
        "p = (1 + #) / (1 + dates)",
        "rank",
        "one security",
        "no",
        "Heckman and Hotz 1989",
    ),
    "placebo_portfolio": Computed(
        "place of |CAAR| among those of the same securities at every other common date, p = (1 + #) / (1 + dates)",
        "rank",
        "yes",
        "no",
        "Brown and Warner 1985",
    ),
    "donor_placebo": Computed(
        "place of the security’s effect among those of its donors, each against its own synthetic control",
        "rank",
        "one security",
        "yes",
        "Abadie, Diamond and Hainmueller 2010",
    ),
    "sign_flip": Computed(
        "share of sign patterns of the SCARs with |Σ SCAR| as large",
        "sign patterns",
        "no",
        "yes",
        "Fisher 1935",
    ),
    "wild_bootstrap": Computed(
        "t of the CAAR against that of CARs with random weights of mean 0, one for each date",
        "bootstrap",
        "several dates",
        "yes",
        "Wu 1986; Cameron, Gelbach and Miller 2008",
    ),
    "hotelling": Computed(
        "all abnormal returns zero at once: x = CAR′S⁻¹CAR / c; one day: p by its rank among the estimation days; "
        "longer windows: F = (ν − N + 1)/(νN) · x",
        "rank; longer windows F",
        "yes",
        "no",
        "Schipper and Thompson 1983; Binder 1985",
    ),
    "volatility_f": Computed(
        "AR′C⁻¹AR / (σ²·L); one day: SAR²", "F(L, ν), upper tail", "one security", _OF_VARIANCE, "Patell 1976"
    ),
    "volatility_quantile": Computed(
        "place of the mean SAR² of the window among those of the estimation days",
        "rank, upper tail",
        "one security",
        _OF_VARIANCE,
        "after Gelbach, Helland and Klick 2013",
    ),
    "beaver_patell_z": Computed(
        "Σ(U − ν/(ν − 2)) over its spread, U the variance ratio of each security",
        "N(0, 1), upper tail",
        "no",
        _OF_VARIANCE,
        "Beaver 1968; Patell 1976",
    ),
    "cross_sectional_variance_chi2": Computed(
        "(N − 1)·Σ λ, λ the variance over securities on each day over what is expected, divided by 1 − r̄",
        "χ²((N − 1)L), upper tail",
        "yes",
        _OF_VARIANCE,
        "Hilliard and Savickas 2002; Białkowski, Gottschalk and Wisniewski 2008",
    ),
    "volatility_rank_z": Computed(
        "mean rank of SAR² on the L event days over its spread on all M = T + L days",
        "N(0, 1), upper tail",
        "yes",
        _OF_VARIANCE,
        "after Corrado 1989; Marais 1984",
    ),
    "volatility_group_quantile": Computed(
        "place of the group’s mean SAR² of the window among those of the estimation days",
        "rank, upper tail",
        "yes",
        _OF_VARIANCE,
        "after Gelbach, Helland and Klick 2013",
    ),
}
