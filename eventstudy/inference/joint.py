"""A joint test of every security's abnormal return, not only of their mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.common import CommonWindow
from eventstudy.inference.sample import Sample, answer, gather, refuse
from eventstudy.inference.sizes import f_rejects, measured
from eventstudy.objects.cards import Test
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult


def hotelling(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Whether all abnormal returns are zero together (Schipper and Thompson 1983; Binder 1985).

    With one date and common regressors seemingly unrelated regressions are least squares, here on the T days on which
    all N have returns: F = (nu - N + 1)/(nu N) x CAR' S^-1 CAR / c, S the residual covariance with divisor nu,
    c = L + 1'X_W (X'X)^-1 X_W'1, F(N, nu - N + 1) under normal errors.

    Real residuals are heavy-tailed, so for a one-day window the p shown is by rank: q_s = e_s'A^-1 e_s / (1 - h_s) for
    each estimation day, A = E'E, against q_0 = x/(1 + x), x = CAR'A^-1 CAR / c: p = (1 + #{q_s >= q_0}) / (T + 1). The
    F is the statistic, its degrees of freedom stand in the warning; ``df`` is then T. Longer windows have only the F.
    Withstands a shared date; does not withstand an increase of variance on the day.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = hotelling(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (1.056, 0.3967)
    """
    sample = gather(abnormal, window)
    by_rank = window.length == 1
    card = HOTELLING if by_rank else _BY_F
    common = sample.too_few or sample.common
    reason = common if isinstance(common, str) else common.days.not_invertible
    if isinstance(common, str) or reason:
        return refuse(sample, card, str(reason))
    statistic, df = f_statistic(common)
    if not by_rank:
        tail = float(special.fdtrc(*df, statistic))
        # Run among others, `choose` has said it.
        heavy = None if HOTELLING.name in sample.warnings else f"the p-value rests on normal errors: {f_rejects()}"
        return answer(sample, _BY_F, statistic, df, p=tail, warning=heavy)
    ranked = (float(len(common.days.past)),)
    return answer(sample, HOTELLING, statistic, ranked, p=rank_p(common), warning=_in_words(df))


HOTELLING = Test(
    name="hotelling",
    run=hotelling,
    words="Hotelling’s joint test",
    label="Hotelling",
    question="Did any of these securities move more than its ordinary days explain?",
    of="group",
    about="every",
    family="joint",
    statistic=(
        "all abnormal returns zero at once: x = CAR′S⁻¹CAR / c; one day: p by its rank among the estimation "
        "days; longer windows: F = (ν − N + 1)/(νN) · x"
    ),
    reference="rank; longer windows F",
    distribution="rank",
    source="Schipper and Thompson 1983; Binder 1985",
    null="the cumulative abnormal return of every one of the {n} events over {window} is zero",
    assumptions=(
        "one shared date",
        "the estimation days are like the event day but for the event",
        "no increase of variance",
    ),
    leans_on="needs an unchanged variance and correlation on the day",
    dates="one",
    shared_date="yes",
    variance="no",
    slow=False,
    by_rank=True,
    each=None,
    needs=None,
    front={"few_one_date": 4, "many_one_date": 5},
    measured=measured("hotelling"),
)
# Longer windows have only the F, which leans on normal errors.
_BY_F = replace(
    HOTELLING,
    distribution="F",
    assumptions=("one shared date", "normal errors", "no increase of variance or correlation in the window"),
)


def f_statistic(common: CommonWindow) -> tuple[float, tuple[float, float]]:
    """Hotelling's F and its degrees of freedom (N, nu - N + 1)."""
    n, nu = len(common.car), common.days.nu
    squared = float(common.car @ np.linalg.solve(common.days.covariance, common.car)) / common.factor
    return (nu - n + 1) / (nu * n) * squared, (float(n), nu - n + 1)


def rank_p(common: CommonWindow) -> float:
    """p by the rank of the event day among the estimation days, each studentised as if it were the event."""
    x = float(common.days.squared_length(common.car[None, :])[0]) / common.factor
    past = common.days.past
    return (1 + int((past >= x / (1 + x)).sum())) / (len(past) + 1)


def _in_words(df: tuple[float, float]) -> str:
    return f"p is by rank among the estimation days, not by F({df[0]:g}, {df[1]:g}): {f_rejects()}"
