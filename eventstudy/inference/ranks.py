"""Rank tests: the place of the event days among a security's own days, instead of the size of its returns."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import FloatArray, Window
from eventstudy.inference.history import mean_by_day
from eventstudy.inference.sample import Description, Sample, answer, gather, refuse
from eventstudy.outcomes import InferenceResult

CORRADO = Description(
    "corrado_rank_z",
    "normal",
    ("mean ranks independent over days", "no increase of variance or correlation in the window"),
    "the abnormal returns of the {n} events over {window} rank like those of any other days",
)


def average_ranks(values: FloatArray) -> FloatArray:
    """Ranks 1 to M_i in each row of `values` (N, M), ties the mean of theirs; NaN stays NaN and is not counted."""
    rows, columns = values.shape
    order = np.argsort(values, axis=1)  # NaN last
    ordered = values[np.arange(rows)[:, None], order]
    ranks = np.empty((rows, columns))
    ranks[np.arange(rows)[:, None], order] = np.arange(1.0, columns + 1)
    for i in np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1)):
        below = np.searchsorted(ordered[i], values[i], side="left")
        upto = np.searchsorted(ordered[i], values[i], side="right")
        ranks[i] = (below + upto + 1) / 2
    return np.where(np.isnan(values), np.nan, ranks)


def corrado_rank_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """Mean rank deviation of the event days over its own variability, standard normal (Corrado 1989; Cowan 1992).

    Ranks K over the M = T + L days of the estimation and the tested window; for each day the mean over events of
    K - (M + 1)/2; S^2 the mean square of these means over all M days (divisor M); z = sum over the window / (S sqrt L).
    Where events miss estimation days, M differs: each rank is then K/(M_i + 1) - 1/2, which changes nothing where all
    M are equal (Corrado and Zivney 1992), and a day's mean is over the events present. The window itself has to be
    complete: a mean of fewer events varies more than S says.
    Withstands a shared date; does not withstand an increase of variance on the day.
    """
    sample = gather(abnormal, window)
    if reason := sample.too_few or sample.lacking:
        return refuse(sample, CORRADO, reason)
    inside = sample.kept.scaled()[:, sample.kept.columns(window)]
    ranks = average_ranks(np.concatenate([sample.history.residuals, inside], axis=1))
    count = np.isfinite(ranks).sum(axis=1, keepdims=True)
    scaled = ranks / (count + 1) - 0.5
    means = mean_by_day(scaled)
    spread = np.sqrt((means * means).mean())
    if spread <= 1e-12:
        return refuse(sample, CORRADO, "the mean ranks of all days are the same: they have no variance")
    event = mean_by_day(scaled[:, -window.length :])
    return answer(sample, CORRADO, event.sum() / (spread * np.sqrt(len(event))))
