"""Sign tests: how many of the events rose, whatever by how much."""

from __future__ import annotations

import numpy as np

from eventstudy.abnormal import AbnormalReturns
from eventstudy.datatypes import Window
from eventstudy.inference.sample import Description, Sample, answer, gather, refuse
from eventstudy.outcomes import InferenceResult

GENERALIZED_SIGN = Description(
    "generalized_sign_z",
    "normal",
    ("events independent of each other", "many events"),
    "as many of the {n} events have a positive cumulative abnormal return over {window} as their ordinary days do",
)


def generalized_sign_z(abnormal: AbnormalReturns | Sample, window: Window) -> InferenceResult:
    """(w - N p) / sqrt(N p (1 - p)), w the number of positive CARs, standard normal (Cowan 1992).

    p is the mean over securities of their share of positive (> 0) estimation residuals. Withstands an increase of
    variance on the day; does not withstand a shared date.
    """
    sample = gather(abnormal, window)
    if sample.too_few:
        return refuse(sample, GENERALIZED_SIGN, sample.too_few)
    share = sample.history.positive_share
    if not 0 < share < 1:
        return refuse(sample, GENERALIZED_SIGN, "the estimation residuals all have the same sign")
    positive = int((sample.car > 0).sum())
    z = (positive - sample.n * share) / np.sqrt(sample.n * share * (1 - share))
    return answer(sample, GENERALIZED_SIGN, z)
