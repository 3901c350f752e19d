"""Tests of a group's volatility by rank: of its days among one another, and of the window among its own past."""

from __future__ import annotations

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference.history import mean_by_day
from eventstudy.inference.own_ranks import square_ranks
from eventstudy.inference.sample import Description, Sample, answer, gather, refuse
from eventstudy.inference.volatility import clusters, few_sums, past_squares
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult

_NO_MEAN = "no mean effect in the window: it raises the squares as a variance does"
_NULL = "the {n} events have over {window} no larger variance of abnormal returns than in the estimation window"
RANKS = Description("volatility_rank_z", "normal", ("mean ranks of squares independent over days", _NO_MEAN), _NULL)
QUANTILE = Description(
    "volatility_group_quantile", "rank", ("the estimation days are like the window but for the event", _NO_MEAN), _NULL
)


def volatility_rank_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Mean rank of the window's squared standardised abnormal returns over its own variability, upper tail.

    Ranks of e_s^2 / (1 - h_s) and of AR^2 / c over the M = T + L days, each K / (M + 1) - 1/2; the mean over the events
    on each day; S^2 the mean square of these means over all days; z = sum over W / (S sqrt L), standard normal. Heavy
    tails do not raise ranks, and what events of one date have in common is in S (Corrado 1989's test, on squares;
    Marais 1984 on the tails of squared prediction errors). Needs every day of the window for every event.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = volatility_rank_z(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (1.557, 0.0597)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, RANKS, reason)
    means = mean_by_day(square_ranks(sample.history, window))
    spread = float(np.sqrt((means * means).mean()))
    if spread <= 1e-12:
        return refuse(sample, RANKS, "the mean ranks of all days are the same: they have no variance")
    z = float(means[-window.length :].sum() / (spread * np.sqrt(window.length)))
    return answer(sample, RANKS, z, p=float(special.ndtr(-z)), warning=clusters(RANKS.test, window.length))


def volatility_group_quantile(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Rank of the group's mean squared standardised abnormal return in the window among its own estimation days.

    q_s = mean over the events present of e_s^2 / (sigma^2 (1 - h_s)), q_tau = mean of AR^2 / (sigma^2 c); the sum of
    q_tau over W against the overlapping sums of L successive q_s; p = (1 + #{past >= event}) / (1 + sums). What events
    of one date have in common and heavy tails are in the past sums too, so that it comes nearest to its size on real
    prices, but not over long windows: volatility of one half-year differs from the next (in the manner of Gelbach,
    Helland and Klick 2013). The statistic is the rank from the largest, ``df`` the number of sums. Needs every day of
    the window for every event.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> found = volatility_group_quantile(example(), Window(0, 0))
    >>> round(found.statistic, 3), round(found.p, 4)
    (11.0, 0.0909)
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, QUANTILE, reason)
    squares = past_squares(sample.kept, sample.history.residuals)
    here = np.isfinite(squares)
    count = here.sum(axis=0)
    mean = np.where(count > 0, np.where(here, squares, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)
    length = window.length
    past = np.lib.stride_tricks.sliding_window_view(mean, length).sum(axis=1) if length <= len(mean) else np.empty(0)
    past = past[np.isfinite(past)]
    if len(past) == 0:
        return refuse(sample, QUANTILE, f"no {length} estimation days in a row have returns")
    event = float((sample.kept.sar()[:, sample.kept.columns(window)] ** 2).mean(axis=0).sum())
    rank = 1.0 + float((past >= event).sum())
    said = clusters(QUANTILE.test, length), few_sums(int((count > 0).sum()), length)
    warning = "; ".join(text for text in said if text)
    return answer(sample, QUANTILE, rank, (float(len(past)),), p=rank / (len(past) + 1), warning=warning)
