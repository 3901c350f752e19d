"""Words and numbers for captions: tests and groups as a reader knows them, quantities rounded later and elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eventstudy.objects.verdicts import Quantity

#: tests by a short name for labels; any other by its registry name
TESTS: Mapping[str, str] = {
    "t": "t test",
    "sample_quantile": "sample quantile",
    "cross_sectional_t": "cross-sectional t",
    "patell_z": "Patell",
    "adjusted_patell_z": "adjusted Patell",
    "bmp_t": "BMP",
    "adjusted_bmp_t": "adjusted BMP",
    "portfolio_t": "portfolio",
    "crude_dependence_t": "crude dependence",
    "corrado_rank_z": "Corrado rank",
    "generalized_sign_z": "generalized sign",
    "hotelling": "Hotelling",
    "corrado_zivney_z": "Corrado-Zivney rank",
    "cumrank_t": "cumulated ranks, t",
    "cumrank_z": "cumulated ranks, z",
    "grank_t": "generalized rank, t",
    "grank_z": "generalized rank, z",
    "sign_z": "sign",
    "wilcoxon": "Wilcoxon",
    "skewness_adjusted_t": "skewness-adjusted t",
    "jackknife_t": "jackknife t",
    "bhar_t": "buy-and-hold t",
    "bhar_skewness_bootstrap": "buy-and-hold bootstrap",
    "calendar_time_portfolio": "calendar-time portfolio",
    "placebo": "placebo dates",
    "placebo_portfolio": "placebo portfolio",
    "donor_placebo": "placebo donors",
    "sign_flip": "sign flip",
    "wild_bootstrap": "wild bootstrap",
    "volatility_f": "variance ratio",
    "volatility_quantile": "variance quantile",
    "beaver_patell_z": "Beaver-Patell",
    "cross_sectional_variance_chi2": "cross-sectional variance",
    "volatility_rank_z": "variance rank",
    "volatility_group_quantile": "variance quantile",
}

#: kinds of test in the order of a page: name -> what it is called
KINDS: Mapping[str, str] = {
    "parametric": "Tests of the mean by a distribution",
    "ranks": "Ranks and signs",
    "resampling": "Resampling and placebo dates",
    "holding": "Buy and hold, calendar time",
    "joint": "All securities at once",
    "variance": "Tests of the variance",
    "own": "Tests of one’s own",
}
_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "parametric": (
        *("t", "cross_sectional_t", "patell_z", "adjusted_patell_z", "bmp_t", "adjusted_bmp_t", "portfolio_t"),
        *("crude_dependence_t", "skewness_adjusted_t", "jackknife_t"),
    ),
    "ranks": (
        *("sample_quantile", "corrado_rank_z", "corrado_zivney_z", "cumrank_t", "cumrank_z", "grank_t", "grank_z"),
        *("sign_z", "generalized_sign_z", "wilcoxon"),
    ),
    "resampling": ("placebo", "placebo_portfolio", "donor_placebo", "sign_flip", "wild_bootstrap"),
    "holding": ("bhar_t", "bhar_skewness_bootstrap", "calendar_time_portfolio"),
    "joint": ("hotelling",),
    "variance": (
        *("volatility_f", "volatility_quantile", "beaver_patell_z", "cross_sectional_variance_chi2"),
        *("volatility_rank_z", "volatility_group_quantile"),
    ),
}
_KIND = {name: kind for kind, names in _OF_KIND.items() for name in names}


def kind(name: str) -> str:
    """The kind of a test, a key of `KINDS`.

    >>> kind("bmp_t"), kind("grank_t"), kind("volatility_f"), kind("my_own_test")
    ('parametric', 'ranks', 'variance', 'own')
    """
    return _KIND.get(name, "own")


def test(name: str) -> str:
    """A test by its short name.

    >>> test("adjusted_bmp_t"), test("my_own_test")
    ('adjusted BMP', 'my own test')
    """
    return TESTS.get(name) or spoken(name)


def spoken(identifier: str) -> str:
    """The id of a group or event as words.

    >>> spoken("ai_basket"), spoken("tokyo-next-day"), spoken("DAX 40")
    ('AI basket', 'tokyo next day', 'DAX 40')
    """
    words = identifier.replace("_", " ").replace("-", " ").split(" ")
    return " ".join("AI" if word == "ai" else word for word in words)


def count(value: float) -> Quantity:
    """How many."""
    return Quantity(float(value), "count")


def move(value: float) -> Quantity:
    """A return that is shown with its sign, 0.17 for +17 %."""
    return Quantity(float(value), "signed_decimal")


def share(alpha: float) -> str:
    """The confidence of an interval in words: ``95%`` for alpha 0.05.

    >>> share(0.05), share(0.001)
    ('95%', '99.9%')
    """
    return f"{100 * (1 - alpha):g}%"


def listed(names: Iterable[str], nobody: str = "") -> str:
    """Names as ``A, B and C``, or `nobody` where there are none.

    >>> listed(["NVDA", "AVGO", "TSM"]), listed(["NVDA"]), listed([], "none")
    ('NVDA, AVGO and TSM', 'NVDA', 'none')
    """
    *front, last = [*names] or [nobody]
    return f"{', '.join(front)} and {last}" if front else last
