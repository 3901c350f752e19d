"""Tests of the portfolio of all events, whose own history holds the correlation of its members."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.sample import MEAN_NULL, Sample, answer, gather, refuse
from eventstudy.inference.sizes import measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult

ENOUGH_DAYS = 20  # estimation days for each day of the window, below which the missing forecast term shows


def portfolio_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """The equal-weight portfolio as one security: CAR_p / (sigma_p sqrt(L + 1'X_W (X'X)^-1 X_W'1)), t(nu).

    Estimated on the T days on which all events have returns, sigma_p^2 = e'e / nu of its own residuals, so that the
    correlation of its members is in it (Jaffe 1974; Campbell, Lo and MacKinlay 1997 ch. 4). Needs one shared date.
    Withstands a shared date; does not withstand an increase of variance or correlation on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = portfolio_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.233, 0.0275)
    """
    sample = gather(abnormal, window)
    common = sample.too_few or sample.common
    if isinstance(common, str):
        return refuse(sample, PORTFOLIO_T, common)
    variance = common.days.portfolio_variance * common.factor
    if variance <= 0:
        return refuse(sample, PORTFOLIO_T, "the portfolio has no residual variance")
    return answer(sample, PORTFOLIO_T, common.car.mean() / np.sqrt(variance), (common.days.nu,))


PORTFOLIO_T = Test(
    name="portfolio_t",
    run=portfolio_t,
    words="the portfolio test",
    label="portfolio",
    question="Was this an ordinary day for these securities together?",
    of="group",
    about="mean",
    family="parametric",
    statistic="SCAR of the equal-weight portfolio of the group, fitted as one security",
    reference="t(ν)",
    distribution="t",
    source="Brown and Warner 1980; Schipper and Thompson 1983",
    null="the cumulative abnormal return of the equal-weight portfolio of the {n} events over {window} is zero",
    assumptions=("one shared date", "normal errors", "no increase of variance or correlation in the window"),
    leans_on="needs an unchanged variance on the day",
    dates="one",
    shared_date="yes",
    variance="no",
    slow=False,
    by_rank=False,
    each=None,
    needs=None,
    front={"few_one_date": 2, "many_one_date": 3},
    measured=measured("portfolio_t"),
)


def crude_dependence_t(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """CAAR / (s sqrt L), s^2 the variance of the estimation-window AARs with T - 1, t(T - 1).

    Brown and Warner 1980, 1985. T counts the days with an AAR. There is no forecast term, so T should be 20 L or more
    (7.4 % at L = 11, T = 60). Needs every day of the window: s sqrt L is the spread of a sum of L days.
    Withstands a shared date; does not withstand an increase of variance or correlation.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = crude_dependence_t(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (-2.258, 0.0257)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, CRUDE_DEPENDENCE_T, reason)
    aar = sample.past.aar
    spread = aar.std(ddof=1) if len(aar) > 2 else 0.0
    if spread <= 0:
        return refuse(sample, CRUDE_DEPENDENCE_T, "the mean abnormal returns of the estimation window have no variance")
    statistic = sample.car.mean() / (spread * np.sqrt(window.length))
    few = len(aar) < ENOUGH_DAYS * window.length
    warning = (
        f"{len(aar)} estimation days for {window.length} days summed: too few for a test without a forecast term, "
        f"which needs {ENOUGH_DAYS} a day (measured size 7.4% instead of 5 with 60 for 11)"
        if few
        else None
    )
    return answer(sample, CRUDE_DEPENDENCE_T, statistic, (len(aar) - 1.0,), warning=warning)


CRUDE_DEPENDENCE_T = Test(
    name="crude_dependence_t",
    run=crude_dependence_t,
    words="the crude dependence test",
    label="crude dependence",
    question="Was the mean of these securities out of line with its own ordinary days?",
    of="group",
    about="mean",
    family="parametric",
    statistic="CAAR / (s·√L), s from the mean abnormal returns of the estimation days",
    reference="t(T − 1)",
    distribution="t",
    source="Brown and Warner 1980, 1985",
    null=MEAN_NULL,
    assumptions=("mean abnormal returns independent over days", "no increase of variance or correlation in the window"),
    leans_on="needs an unchanged variance on the day, and leaves the error of the estimates out",
    dates="any",
    shared_date="yes",
    variance="no",
    slow=False,
    by_rank=False,
    each=None,
    needs=frozenset({"residuals"}),
    front={},
    measured=measured("crude_dependence_t"),
)
