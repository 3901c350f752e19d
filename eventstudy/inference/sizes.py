"""The measured size of every test in the designs that `choose` speaks of: how often it rejects a true null."""

from __future__ import annotations

from collections.abc import Mapping

# Rejections in per cent of true nulls at a nominal 5%, T = 250 estimation days, one-day window, normal errors.
# A: 5 events on one date, residual correlation .25. B: A, the event multiplying the variance by 4. C: 30 events on one
# date, .25. D: C, variance x 4. E: 30 events on own dates, variance x 4. M: 30 events on 6 dates, 5 on each, .25.
# S: 5 events on own dates. R: the five stocks, the benchmark and the dates of `REAL_DATES`, every date that has 250
# days before it; nothing is drawn. All are measured by tests/test_calibration.py, which fails where one is off.
SIZES: Mapping[str, Mapping[str, float]] = {
    "t": {"A": 5.2, "B": 33, "C": 5.6, "D": 34, "E": 33, "M": 5.1, "S": 5.0, "R": 5.7},
    "sample_quantile": {"A": 5.2, "B": 33, "C": 5.5, "D": 34, "E": 33, "M": 5.0, "S": 4.9, "R": 5.9},
    "cross_sectional_t": {"A": 15.8, "B": 16, "C": 55, "D": 53, "E": 5.0, "M": 16.0, "S": 5.2, "R": 18.9},
    "patell_z": {"A": 16.0, "B": 48, "C": 50, "D": 74, "E": 32, "M": 15.7, "S": 5.6, "R": 14.9},
    "adjusted_patell_z": {"A": 4.7, "B": 33, "C": 5.2, "D": 32, "E": 32, "M": 4.5, "S": 5.6, "R": 5.7},
    "bmp_t": {"A": 15.8, "B": 16, "C": 55, "D": 53, "E": 5.1, "M": 16.0, "S": 5.1, "R": 17.7},
    "adjusted_bmp_t": {"A": 5.0, "B": 4.9, "C": 5.2, "D": 5.0, "E": 5.1, "M": 4.8, "S": 5.1, "R": 5.3},
    "portfolio_t": {"A": 4.6, "B": 32, "C": 5.2, "D": 32, "R": 5.5},
    "crude_dependence_t": {"A": 4.7, "B": 33, "C": 5.2, "D": 32, "E": 32, "M": 4.8, "S": 5.5, "R": 5.7},
    "corrado_rank_z": {"A": 3.6, "B": 14, "C": 4.4, "D": 13, "E": 14, "M": 4.8, "S": 5.4, "R": 4.5},
    "generalized_sign_z": {"A": 17.5, "B": 17, "C": 45, "D": 45, "E": 3.6, "M": 12.3, "S": 6.6, "R": 20.2},
    "hotelling": {"A": 4.1, "B": 72, "C": 3.9, "D": 100, "R": 5.5},  # by rank
}
HOTELLING_F: Mapping[str, float] = {"A": 5.0, "B": 73, "C": 5.2, "D": 100, "R": 10.6}

REAL_DATES = (
    "491 real dates (measured on NVDA, AVGO, AMD, TSM and ASML against the Nasdaq Composite, 2024-01-18 to 2025-12-31)"
)

WORDS: Mapping[str, str] = {
    "A": "with 5 events on one date, residual correlation .25",
    "B": "with 5 on one date whose variance the event multiplies by 4",
    "C": "with 30 events on one date, residual correlation .25",
    "D": "with 30 on one date whose variance the event multiplies by 4",
    "E": "with 30 events on own dates whose variance the event multiplies by 4",
    "M": "with 30 events on 6 dates, residual correlation .25",
    "S": "with 5 events on own dates",
    "R": f"on {REAL_DATES}",
}
