"""Several hypotheses at once: p-values adjusted for the family (Holm) or the false discovery rate (BH)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from eventstudy.errors import SpecError
from eventstudy.objects.estimation import FloatArray


def holm(p: npt.ArrayLike) -> FloatArray:
    """Holm's step-down p-values: valid whatever the dependence, for the chance of any false rejection (Holm 1979).

    With p_(1) <= ... <= p_(m) the i-th is max over j <= i of min(1, (m - j + 1) p_(j)). NaN stays NaN and is not
    counted in m.

    Parameters
    ----------
    p : (m,) p-values.

    Raises
    ------
    SpecError : a p-value lies outside [0, 1].

    Examples
    --------
    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    return _holm(*_checked(p))


def holm_and_bh(p: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """`holm` and `benjamini_hochberg` of the same p-values, checked and sorted once.

    Examples
    --------
    >>> [p.tolist() for p in holm_and_bh([0.01, 0.04])]
    [[0.02, 0.04], [0.02, 0.04]]
    """
    found = _checked(p)
    return _holm(*found), _benjamini_hochberg(*found)


def _holm(values: FloatArray, rows: npt.NDArray[np.intp], order: npt.NDArray[np.intp]) -> FloatArray:
    m = len(order)
    raised = np.maximum.accumulate(values[rows[order]] * np.arange(m, 0, -1))
    return _placed(values, rows[order], raised)


def benjamini_hochberg(p: npt.ArrayLike) -> FloatArray:
    """Benjamini and Hochberg's step-up p-values, for the share of false rejections among all (1995).

    The i-th is min over j >= i of min(1, m p_(j) / j); valid for independent or positively dependent tests. NaN stays
    NaN and is not counted in m.

    Parameters
    ----------
    p : (m,) p-values.

    Raises
    ------
    SpecError : a p-value lies outside [0, 1].

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    return _benjamini_hochberg(*_checked(p))


def _benjamini_hochberg(values: FloatArray, rows: npt.NDArray[np.intp], order: npt.NDArray[np.intp]) -> FloatArray:
    m = len(order)
    scaled = values[rows[order]] * m / np.arange(1, m + 1)
    raised = np.minimum.accumulate(scaled[::-1])[::-1]
    return _placed(values, rows[order], raised)


def _checked(p: npt.ArrayLike) -> tuple[FloatArray, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    values = np.asarray(p, dtype=np.float64)
    rows = np.flatnonzero(~np.isnan(values))
    if values.ndim != 1 or ((values[rows] < 0) | (values[rows] > 1)).any():
        raise SpecError(f"p-values are a list of numbers from 0 to 1, got {values}")
    return values, rows, np.argsort(values[rows], kind="stable")


def _placed(values: FloatArray, rows: npt.NDArray[np.intp], raised: FloatArray) -> FloatArray:
    out = np.full(len(values), np.nan)
    out[rows] = np.minimum(raised, 1.0)
    return out
