"""Sums over pairs of events, some hundred at a time, against a loop over all pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eventstudy.inference import correlation
from eventstudy.inference.correlation import pair_sums

DAYS = {"one date": [40] * 11, "near dates": [40, 42, 40, 45, 41, 40, 52, 44, 40, 42, 60], "far apart": [40, 80, 120]}


def by_loop(residuals: np.ndarray, day: list[int], length: int) -> dict[str, object]:
    """Every pair by itself, on the sessions that both have."""
    found = []
    for i in range(len(day)):
        for j in range(i + 1, len(day)):
            apart = abs(day[i] - day[j])
            if apart >= length:
                continue
            earlier, later = (i, j) if day[i] <= day[j] else (j, i)
            one, two = residuals[earlier, apart:], residuals[later, : residuals.shape[1] - apart]
            both = np.isfinite(one) & np.isfinite(two)
            rho = float(np.corrcoef(one[both], two[both])[0, 1])
            found.append((rho, int(both.sum()), apart, (i, j)))
    if not found:
        return {"count": 0, "weighted": 0.0, "rooted": 0.0, "common": 0.0, "most": -math.inf}
    return {
        "count": len(found),
        "one_date": all(apart == 0 for _, _, apart, _ in found),
        "weighted": sum(rho * (1 - apart / length) for rho, _, apart, _ in found),
        "rooted": sum(math.sqrt(n) * rho for rho, n, _, _ in found),
        "common": sum(n for _, n, _, _ in found),
        "most": max(found)[0],
        "pair": max(found)[3],
    }


@pytest.mark.parametrize("block", [2, 3, 512])
@pytest.mark.parametrize("holes", [0.0, 0.1])
@pytest.mark.parametrize("dates", list(DAYS))
def test_sums_over_pairs_are_those_of_a_loop(
    dates: str, holes: float, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correlation, "_BLOCK", block)
    rng, day = np.random.default_rng(4), DAYS[dates]
    residuals = rng.normal(0, 0.02, (len(day), 30)) + rng.normal(0, 0.01, 30)
    residuals[rng.random(residuals.shape) < holes] = np.nan
    found, expected = pair_sums(residuals, np.array(day, np.int32), 6), by_loop(residuals, day, 6)
    for name, value in expected.items():
        assert getattr(found, name) == (value if isinstance(value, bool | tuple) else pytest.approx(value, rel=1e-11))


def test_a_pair_without_a_correlation_is_said() -> None:
    residuals = np.random.default_rng(0).normal(0, 1, (3, 20))
    assert pair_sums(residuals, np.full(3, 30, np.int32), 5).defined
    residuals[1] = 0.25
    assert not pair_sums(residuals, np.full(3, 30, np.int32), 5).defined
    residuals[1] = np.nan
    assert not pair_sums(residuals, np.full(3, 30, np.int32), 5).defined
