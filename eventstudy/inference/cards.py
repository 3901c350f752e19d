"""The registry of tests: one card per test, in the file of its function; and the card of a user's own."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.inference.buy_and_hold import BHAR_SKEWNESS_BOOTSTRAP, BHAR_T
from eventstudy.inference.calendar_time import CALENDAR_TIME_PORTFOLIO
from eventstudy.inference.generalized_ranks import GRANK_T, GRANK_Z
from eventstudy.inference.joint import HOTELLING
from eventstudy.inference.parametric import ADJUSTED_BMP_T, ADJUSTED_PATELL_Z, BMP_T, CROSS_SECTIONAL_T, PATELL_Z
from eventstudy.inference.placebo import PLACEBO, PLACEBO_PORTFOLIO
from eventstudy.inference.portfolios import CRUDE_DEPENDENCE_T, PORTFOLIO_T
from eventstudy.inference.ranks import CORRADO_RANK_Z, CORRADO_ZIVNEY_Z, CUMRANK_T, CUMRANK_Z
from eventstudy.inference.resampling import SIGN_FLIP, WILD_BOOTSTRAP
from eventstudy.inference.signs import GENERALIZED_SIGN_Z, SIGN_Z, WILCOXON
from eventstudy.inference.single import SAMPLE_QUANTILE, T_TEST
from eventstudy.inference.sizes import measured
from eventstudy.inference.skewness import JACKKNIFE_T, SKEWNESS_ADJUSTED_T
from eventstudy.inference.volatility import VOLATILITY_F, VOLATILITY_QUANTILE
from eventstudy.inference.volatility_group import (
    BEAVER_PATELL_Z,
    CROSS_SECTIONAL_VARIANCE_CHI2,
    VOLATILITY_GROUP_QUANTILE,
    VOLATILITY_RANK_Z,
)
from eventstudy.objects.cards import Difference, Test
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.registry import lookup

TESTS: dict[str, Test] = {
    "t": T_TEST,
    "sample_quantile": SAMPLE_QUANTILE,
    "cross_sectional_t": CROSS_SECTIONAL_T,
    "patell_z": PATELL_Z,
    "adjusted_patell_z": ADJUSTED_PATELL_Z,
    "bmp_t": BMP_T,
    "adjusted_bmp_t": ADJUSTED_BMP_T,
    "portfolio_t": PORTFOLIO_T,
    "crude_dependence_t": CRUDE_DEPENDENCE_T,
    "corrado_rank_z": CORRADO_RANK_Z,
    "corrado_zivney_z": CORRADO_ZIVNEY_Z,
    "cumrank_t": CUMRANK_T,
    "cumrank_z": CUMRANK_Z,
    "grank_t": GRANK_T,
    "grank_z": GRANK_Z,
    "sign_z": SIGN_Z,
    "generalized_sign_z": GENERALIZED_SIGN_Z,
    "wilcoxon": WILCOXON,
    "skewness_adjusted_t": SKEWNESS_ADJUSTED_T,
    "jackknife_t": JACKKNIFE_T,
    "bhar_t": BHAR_T,
    "calendar_time_portfolio": CALENDAR_TIME_PORTFOLIO,
    "hotelling": HOTELLING,
    "volatility_f": VOLATILITY_F,
    "volatility_quantile": VOLATILITY_QUANTILE,
    "beaver_patell_z": BEAVER_PATELL_Z,
    "cross_sectional_variance_chi2": CROSS_SECTIONAL_VARIANCE_CHI2,
    "volatility_rank_z": VOLATILITY_RANK_Z,
    "volatility_group_quantile": VOLATILITY_GROUP_QUANTILE,
    "placebo": PLACEBO,
    "placebo_portfolio": PLACEBO_PORTFOLIO,
    "sign_flip": SIGN_FLIP,
    "wild_bootstrap": WILD_BOOTSTRAP,
    "bhar_skewness_bootstrap": BHAR_SKEWNESS_BOOTSTRAP,
}
SINGLE = frozenset(name for name, test in TESTS.items() if test.of == "security")
OF_VARIANCE = frozenset(name for name, test in TESTS.items() if test.about == "variance")
RESAMPLED = frozenset(name for name, test in TESTS.items() if test.slow)


def card(test: str | Test | Callable[..., Any]) -> Test:
    """The card of a test: of the registry by its name, a card as it is, or one made for a function of a user's own.

    A function is taken for a test of a group's mean that was not measured; its first line of documentation stands
    for the statistic, and what cannot be known is said not to be.

    Raises
    ------
    UnknownNameError : a name that is not in `TESTS`.
    SpecError : neither a name nor a card nor a function.

    Examples
    --------
    >>> card("portfolio_t").words, card("portfolio_t").question
    ('the portfolio test', 'Was this an ordinary day for these securities together?')
    >>> def my_test(abnormal, window):
    ...     "The number of positive CARs."
    >>> card(my_test).words, card(my_test).statistic, card(my_test).shared_date
    ('the test “my test”', 'The number of positive CARs.', 'not known')
    """
    found: Any = lookup(TESTS, test, "test")
    if isinstance(found, Test):
        return found
    if not callable(found):
        raise SpecError(f"a test is a name, a card or a function of abnormal returns and a window, got {test!r}")
    name = str(getattr(found, "__name__", type(found).__name__))
    spoken = name.replace("_", " ").strip() or "own"
    said = (inspect.getdoc(found) or "").partition("\n")[0].strip() if hasattr(found, "__name__") else ""
    return Test(
        name=name,
        run=found,
        words=f"the test “{spoken}”",
        label=spoken,
        question="What this test asks is for its author to say.",
        of="group",
        about="mean",
        family="own",
        statistic=said or "a test of the user’s own",
        reference="stated with each result",
        distribution="stated with each result",
        source="the user’s own",
        null="stated with each result",
        assumptions=("stated with each result",),
        leans_on="rests on what its author assumes",
        dates="any",
        shared_date="not known",
        variance="not known",
        slow=False,
        by_rank=False,
        each=None,
        needs=None,
        front={},
        measured=measured(name),
    )


def called(test: Test | Difference, window: Window, *subjects: AbnormalReturns) -> InferenceResult:
    """The answer of a user's own test on `subjects` over `window`, checked and under its card's name.

    Raises
    ------
    SpecError : the function raised an error, or its answer is not an `InferenceResult` over this window with a p-value
        or a reason; it names the function, what came and what is expected.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> called(TESTS["portfolio_t"], Window(0, 0), example()).test
    'portfolio_t'
    """
    try:
        result: Any = test.run(*subjects, window)
    except EventStudyError:
        raise
    except Exception as error:
        raise SpecError(
            f"the test {test.name!r} raised {type(error).__name__}: {error}; a test is a function "
            f"({'AbnormalReturns, ' * len(subjects)}Window) -> InferenceResult"
        ) from error
    if not isinstance(result, InferenceResult):
        raise SpecError(f"the test {test.name!r} gave {result!r}; it has to return an InferenceResult")
    if result.window != window:
        raise SpecError(f"the test {test.name!r} gave a result over {result.window}; due is {window}")
    for field, types in _TYPES.items():
        if not isinstance(getattr(result, field), types):
            raise SpecError(
                f"the test {test.name!r} gave {field}={getattr(result, field)!r}; due is "
                f"{' or '.join(each.__name__ for each in types)}"
            )
    if result.reason is None and not (math.isfinite(result.statistic) and 0 <= result.p <= 1):
        raise SpecError(
            f"the test {test.name!r} gave statistic={result.statistic!r} and p={result.p!r} without a reason; due are "
            "a number and a p-value from 0 to 1, or a text in reason that says why there is none"
        )
    return result if result.test == test.name else replace(result, test=test.name)


_NUMBER = (int, float, np.integer, np.floating)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (str,),
    "statistic": _NUMBER,
    "distribution": (str,),
    "df": (tuple,),
    "p": _NUMBER,
    "n": (int, np.integer),
    "assumptions": (tuple,),
    "reason": (str, type(None)),
    "warning": (str, type(None)),
}
