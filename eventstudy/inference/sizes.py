"""What was measured of every test in the designs that `choose` speaks of: rejections of true nulls, and of false ones.

The two tables are written by ``make calibrate`` (tests/calibration_record.py) together with docs/calibration.md,
where the Monte Carlo errors stand; tests/test_calibration.py measures them again.
"""

from __future__ import annotations

from collections.abc import Mapping

# Rejections in per cent of true nulls at a nominal 5%, by the designs of `WORDS`; a dash: the test does not apply.
_SIZES = """
test                              A    B    C    D    S    G    F    E    M    N    O    P    Y    R    Q
t                               5.2 33.0  5.6 34.0  5.0 31.8  4.6 33.0  5.1 31.6  5.0 33.5  5.4  5.7  5.3
sample_quantile                 5.2 33.0  5.5 34.0  4.9 31.5  4.6 33.0  5.0 31.3  5.1 33.3  5.1  5.9  5.4
cross_sectional_t              15.8 16.0 55.0 53.0  5.2  5.2  5.0  5.0 16.0 19.0 12.8 12.5 16.0 18.9  4.0
patell_z                       16.0 48.0 50.0 74.0  5.6 32.5  5.3 32.0 15.7 48.0 11.2 44.2 14.7 14.9  6.7
adjusted_patell_z               4.7 33.0  5.2 32.0  5.6 32.5  5.3 32.0  4.5 34.0  5.2 34.2  6.0  5.7  6.7
bmp_t                          15.8 16.0 55.0 53.0  5.1  5.3  5.0  5.1 16.0 17.7 13.2 12.0 16.0 17.7  4.2
adjusted_bmp_t                  5.0  4.9  5.2  5.0  5.1  5.3  5.0  5.1  4.8  4.3  5.3  5.5  6.2  5.3  4.2
portfolio_t                     4.6 32.0  5.2 32.0    -    -    -    -    -    -    -    -  5.7  5.5    -
crude_dependence_t              4.7 33.0  5.2 32.0  5.5 32.8  6.3 32.0  4.8 34.7 12.0 44.5  5.7  5.7  6.0
corrado_rank_z                  3.6 14.0  4.4 13.0  5.4 15.0  5.7 14.0  4.8 13.0 12.3 23.2  5.3  4.5  5.8
generalized_sign_z             17.5 17.0 45.0 45.0  6.6  7.0  6.3  3.6 12.3 11.0 14.5 14.0 19.7 20.2  6.3
hotelling                       4.1 72.0  3.9  100    -    -    -    -    -    -    -    -  4.0  5.5    -
hotelling_F                     5.0 73.0  5.2  100    -    -    -    -    -    -    -    -  7.5 10.6    -
"""
# Rejections in per cent at a nominal 5% where every event moves by one standard deviation of an ordinary day (by half
# of one with 30 events); for tests of the variance, where the event multiplies it by 4.
_POWER = """
test                              A    B    C    D    S    G    F    E    M    N    O    P    Y
t                              15.3 37.5  7.4 34.8 17.1 37.9  7.3 34.5  8.0 33.0  8.1 34.4  8.7
sample_quantile                15.1 37.6  7.4 34.8 16.8 38.3  7.3 34.6  7.8 32.8  7.7 34.2  8.2
cross_sectional_t              48.0 27.3 73.7 58.7 40.5 13.7 70.0 30.0 73.3 35.3 22.7 14.8 42.5
patell_z                       55.3 58.8 66.0 77.0 60.2 54.8 71.3 68.7 72.3 69.7 26.5 48.8 38.2
adjusted_patell_z              33.5 45.8 13.0 42.3 60.2 54.8 71.3 68.7 52.0 56.3 14.3 37.5 19.2
bmp_t                          48.2 26.7 73.7 58.3 40.3 14.0 70.7 30.7 72.7 35.7 22.5 15.0 41.7
adjusted_bmp_t                 19.8  9.5 11.7  8.3 40.3 14.0 70.7 30.7 50.0 19.0 12.5  7.2 18.5
portfolio_t                    32.8 46.2 13.0 41.3    -    -    -    -    -    -    -    - 19.2
crude_dependence_t             33.5 46.5 13.0 42.0 61.0 54.7 72.7 69.3 51.7 55.7 26.7 49.2 19.5
corrado_rank_z                 29.0 25.7 12.7 17.0 52.7 32.0 68.0 45.3 50.7 31.3 22.7 26.0 20.5
generalized_sign_z             48.5 28.3 61.3 52.3 41.3 14.8 52.7 17.3 55.3 27.7 24.3 17.8 45.7
hotelling                      14.7 75.3  7.7 99.7    -    -    -    -    -    -    -    -  6.3
"""


def _read(table: str) -> dict[str, dict[str, float]]:
    header, *lines = (line.split() for line in table.strip().splitlines())
    return {
        name: {letter: float(x) for letter, x in zip(header[1:], values, strict=True) if x != "-"}
        for name, *values in lines
    }


_READ = _read(_SIZES)
HOTELLING_F: Mapping[str, float] = _READ.pop("hotelling_F")  # its normal-theory p; `hotelling` itself is by rank
SIZES: Mapping[str, Mapping[str, float]] = _READ
POWER: Mapping[str, Mapping[str, float]] = _read(_POWER)

REAL_DATES = (
    "491 real dates (measured on NVDA, AVGO, AMD, TSM and ASML against the Nasdaq Composite, 2024-01-18 to 2025-12-31)"
)

WORDS: Mapping[str, str] = {  # T = 250 days; one-day windows and normal errors but where something else is said
    "A": "with 5 events on one date, residual correlation .25",
    "B": "with 5 on one date whose variance the event multiplies by 4",
    "C": "with 30 events on one date, residual correlation .25",
    "D": "with 30 on one date whose variance the event multiplies by 4",
    "S": "with 5 events on own dates",
    "G": "with 5 on own dates whose variance the event multiplies by 4",
    "F": "with 30 events on own dates",
    "E": "with 30 on own dates whose variance the event multiplies by 4",
    "M": "with 30 events on 6 dates, residual correlation .25",
    "N": "with 30 on 6 dates whose variance the event multiplies by 4",
    "O": "with 30 events on successive days, windows of 5 days and residual correlation .25",
    "P": "with 30 on successive days whose variance the event multiplies by 4",
    "Y": "with 5 events on one date, residual correlation .25, errors from Student's t(4)",
    "R": f"on {REAL_DATES}",
    "Q": "with five chip stocks on a real date each, drawn 2,000 times",
}
