"""What was measured of every test in the designs that `choose` knows: rejections of true nulls, and of false ones.

The tables are written by ``make calibrate`` (tests/calibration_record.py) together with docs/calibration.md,
where the Monte Carlo errors stand; tests/test_calibration.py measures them again.
"""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Mapping

from eventstudy.objects.cards import Measured

# Rejections in per cent of true nulls at a nominal 5%, by the designs of `WORDS`; a dash: the test does not apply.
_SIZES = """
test                              A    B    C    D    S    G    F    E    M    N    O    P    H    I    J    K    Y    Z    L    R    Q    r    q
t                               4.8 32.3    -    -  4.7 32.5    -    -    -    -  5.3 33.6  5.2 32.3  5.4 32.3  5.5    -    -  5.7  5.3  5.8  5.9
sample_quantile                 4.8 32.2    -    -  4.6 32.4    -    -    -    -  5.4 33.0  5.2 32.0  5.6 32.1  5.1    -    -  5.9  5.4  6.4  6.4
cross_sectional_t              15.8 15.8 53.2 54.2  5.7  4.5  5.6  5.0 16.9 19.0 17.6 13.6  8.4  8.9 12.2 11.8 16.9    -    - 18.9  4.0 25.3  3.4
patell_z                       16.6 48.5 48.9 73.8  5.0 33.2  5.5 32.4 16.4 48.4 17.8 42.8 10.3 41.7 11.6 43.0 14.5    -    - 14.9  6.7 23.7  7.4
adjusted_patell_z               5.5 32.3  4.7 33.0  5.0 33.2  5.5 32.4  5.5 33.6  4.3 31.2  5.1 32.7  5.1 32.8  5.5    -    -  5.7  6.7  7.0  7.4
bmp_t                          15.5 15.7 53.0 54.0  5.5  4.5  5.4  5.0 16.6 18.2 17.7 12.8  8.4  8.8 12.2 11.6 16.9    -    - 17.7  4.2 22.5  3.7
adjusted_bmp_t                  4.9  4.1  4.3  5.8  5.5  4.5  5.4  5.0  5.4  5.0  3.9  3.2  5.4  4.8  5.5  5.3  6.2  6.5  6.7  5.3  4.2  3.9  3.7
portfolio_t                     5.5 31.9  4.5 32.8    -    -    -    -    -    -    -    -    -    -    -    -  5.3  5.8    -  5.5    -  7.1    -
crude_dependence_t              5.5 32.2  4.7 33.1  5.2 33.2  5.9 32.2  5.8 34.6 19.2 45.6  5.1 33.3 12.6 44.0  5.4    -    -  5.7  6.0  7.4  6.5
corrado_rank_z                  4.4 13.1  3.7 13.7  5.0 14.9  5.2 14.6  5.0 15.2 17.4 27.2  4.4 13.7 12.0 23.4  5.3  6.3    -  4.5  5.8  5.0  5.0
corrado_zivney_z                9.5  8.8  4.2  5.8 10.9  9.8  5.9  5.5  6.5  7.2 17.8 16.0  9.8 10.1 18.6 18.1 11.8    -    - 12.4 11.3  5.3  5.9
cumrank_t                       9.5  8.8  4.2  5.8 10.9  9.9  5.9  5.5  6.5  7.2 18.2 16.8  9.8 10.1 18.8 18.5 11.8    -    - 12.4 11.3  5.4  5.9
cumrank_z                      25.4 26.0 53.5 54.8 10.9 10.0  5.9  5.7 16.4 18.8 17.9 15.2 16.7 16.6 18.8 18.2 28.6    -    - 31.6 11.3 32.2  5.5
grank_t                         9.5  8.8  4.2  5.8 10.9  9.9  5.9  5.5  6.5  7.2 18.8 15.6  9.8 10.1 18.8 19.1 11.8  7.5    - 12.4 11.3  5.4  5.9
grank_z                        25.4 26.0 53.5 54.8 10.9 10.0  5.9  5.7 16.4 18.8 18.3 13.6 16.7 16.6 20.3 20.4 28.6    -    - 31.6 11.3 32.2  5.5
sign_z                            -    - 44.5 45.6    -    -  4.6  4.7 11.6 11.8 12.0  9.6    -    -    -    -    -    -    -    -    - 21.5  3.5
generalized_sign_z             17.4 17.4 44.5 45.6  6.7  6.0  4.6  4.7 11.6 11.8 12.0  9.6 11.1 10.5 13.3 13.2 19.8    -    - 20.2  6.3 23.1  3.8
wilcoxon                          -    - 52.2 53.6    -    -  5.5  5.2 15.7 17.2 16.6 12.4    -    -    -    -    -    -    -    -    - 29.0  4.2
skewness_adjusted_t            15.1 15.1 53.7 56.0  5.5  5.1  5.7  4.6 16.7 18.4 17.2 14.0  8.7  8.8 11.7 11.6 16.9    -    - 16.7  4.7 29.3  6.6
jackknife_t                     4.1  3.8 49.2 50.1  1.6  1.4  4.0  3.5 12.9 14.4 13.6 10.4  2.5  2.5  3.4  3.4  5.2    -    -  3.1  1.9 19.1  5.9
bhar_t                         15.8 15.8 53.2 54.2  5.7  4.5  5.6  5.0 16.9 19.0 17.8 12.4  8.4  8.9 11.8 11.9 16.9    -    - 18.9  4.0 25.3  3.4
calendar_time_portfolio           -    -    -    -    -    -  7.2  5.4    -    -  5.6  4.0    -    -    -    -    -    -    -    -    -    -    -
hotelling                       4.8 72.0  4.0 99.8    -    -    -    -    -    -    -    -    -    -    -    -  4.9  5.0    -  5.5    -  5.7    -
volatility_f                    4.8    -    -    -  4.7    -    -    -    -    -  5.2    -  5.2    -  4.7    -  5.5    -    -  5.7  5.3  5.8  5.9
volatility_quantile             4.7    -    -    -  4.5    -    -    -    -    -  5.6    -  5.0    -  5.0    -  4.9    -    -  5.8  5.3  6.2  6.2
beaver_patell_z                 8.6    - 12.8    -  5.8    -  6.0    -  8.6    -  8.3    -  8.4    -  6.9    - 10.6    -    - 12.2 10.8 21.4 19.6
cross_sectional_variance_chi2   5.0    -  5.5    -  4.5    -  5.3    -  7.8    - 13.2    -  5.8    - 15.2    -  8.2    -    - 11.8  8.6 21.5 17.9
volatility_rank_z               6.0    -  5.5    -  4.5    -  4.8    -  5.1    -  6.4    -  5.3    -  5.7    -  6.2    -    -  7.3  5.7  7.7  9.4
volatility_group_quantile       5.4    -  4.8    -  4.2    -  5.6    -  5.3    -  7.5    -  5.5    -  5.1    -  5.4    -    -  6.5  5.8  6.6  7.2
placebo                         4.8 31.5    -    -  4.8 32.2    -    -    -    -  5.2 31.7  5.3 31.5  4.9 31.7  5.3    -    -  5.2    -    -    -
placebo_portfolio               4.5 31.8  4.9 33.0    -    -    -    -    -    -    -    -    -    -    -    -  5.5  5.7    -  5.5    -    -    -
sign_flip                         -    - 52.8 55.6    -    -  5.2  4.8 19.6 14.5 11.2 12.5    -    -    -    -    -    -    -    -    -    -    -
wild_bootstrap                    -    -    -    -    -    -  4.8  4.8  5.2  4.8 10.4 12.5    -    -    -    -    -    -    -    -    -    -    -
bhar_skewness_bootstrap           -    - 46.0 50.4    -    -  2.8  2.0 13.2 12.9  6.4 12.5    -    -    -    -    -    -    -    -    -    -    -
hotelling_F                     5.1 73.2  4.5 99.9    -    -    -    -    -    -    -    -    -    -    -    -  8.7 11.1    - 10.6    - 20.7    -
"""
# By test the designs in which it rejects less than 4% by more than two Monte Carlo errors.
_LOW = """
jackknife_t SGHIQ
bhar_skewness_bootstrap E
"""
# Rejections in per cent at a nominal 5% where every event moves by one standard deviation of an ordinary day (by half
# of one with 30 events); for tests of the variance, where the event multiplies it by 4.
_POWER = """
test                              A    B    C    D    S    G    F    E    M    N    O    P    H    I    J    K    Y    Z    L
t                              16.1 37.8    -    - 16.8 38.2    -    -    -    -  6.2 33.7 16.6 37.9  7.9 34.0 14.3    -    -
sample_quantile                15.9 37.7    -    - 16.6 38.5    -    -    -    -  6.5 33.7 16.6 37.7  7.6 33.7 13.2    -    -
cross_sectional_t              47.7 25.9 73.0 58.8 41.2 13.4 71.2 28.8 72.6 36.5 25.7 25.0 43.2 17.8 23.2 15.0 59.2    -    -
patell_z                       54.9 59.6 67.2 76.4 61.1 57.0 72.8 67.4 72.8 69.5 28.3 50.0 58.6 57.2 27.0 49.2 60.2    -    -
adjusted_patell_z              33.2 46.0 16.6 42.2 61.1 57.0 72.8 67.4 53.2 56.0 15.0 38.0 46.3 49.5 14.2 37.2 34.3    -    -
bmp_t                          48.0 25.7 73.0 58.6 41.1 13.4 72.0 28.8 72.2 36.5 26.0 24.0 42.7 17.6 23.0 15.2 59.1    -    -
adjusted_bmp_t                 20.2  9.1 14.6  8.8 41.1 13.4 72.0 28.8 49.6 22.0 14.3  5.0 30.7  9.9 11.8  7.2 31.8 15.7 19.0
portfolio_t                    32.9 46.3 16.4 41.4    -    -    -    -    -    -    -    -    -    -    -    - 33.9 15.2    -
crude_dependence_t             33.3 46.7 16.6 41.8 61.8 56.8 73.8 68.4 52.4 55.0 30.0 51.0 46.8 49.7 27.2 49.0 34.2    -    -
corrado_rank_z                 28.0 24.2 15.8 19.4 54.8 31.5 69.2 45.2 50.6 33.5 26.0 31.0 41.7 24.7 23.0 25.0 36.0 15.5    -
corrado_zivney_z               34.4 17.5 15.4  8.8 58.2 23.9 69.4 28.4 51.4 21.5 27.0 20.0 46.6 19.5 29.4 19.8 47.1    -    -
cumrank_t                      34.6 17.5 15.6  8.8 58.2 23.9 69.4 28.4 51.6 21.5 27.0 20.0 46.6 19.5 29.6 20.6 47.2    -    -
cumrank_z                      62.8 38.4 73.2 60.0 58.9 23.9 70.0 26.8 72.0 39.0 27.3 19.0 59.8 28.2 30.8 20.4 73.1    -    -
grank_t                        34.6 17.5 15.6  8.8 58.2 23.9 69.4 28.4 51.6 21.5 25.3 21.0 46.6 19.5 32.2 21.4 47.2 17.7    -
grank_z                        62.8 38.4 73.2 60.0 58.9 23.9 70.0 26.8 72.0 39.0 26.3 22.0 59.8 28.2 34.8 23.0 73.1    -    -
sign_z                            -    - 62.4 52.4    -    - 50.6 17.2 56.2 29.5 19.7  9.0    -    -    -    -    -    -    -
generalized_sign_z             48.3 27.0 62.4 52.4 42.6 15.1 50.6 17.2 56.2 29.5 19.7  9.0 46.2 19.0 24.8 17.8 61.4    -    -
wilcoxon                          -    - 71.8 58.6    -    - 69.0 26.0 70.4 36.5 25.3 19.0    -    -    -    -    -    -    -
skewness_adjusted_t            43.4 25.0 72.2 59.5 38.1 12.7 72.0 26.5 72.2 36.0 27.0 26.0 42.6 16.3 22.8 13.8 58.5    -    -
jackknife_t                    10.6  5.7 66.6 55.4  9.2  4.1 63.2 22.4 65.6 32.5 23.7 18.0 10.0  4.4  6.4  4.2 13.6    -    -
bhar_t                         47.7 25.9 73.0 58.8 41.2 13.4 71.2 28.8 72.6 36.5 25.7 22.0 43.2 17.8 21.6 15.4 59.2    -    -
calendar_time_portfolio           -    -    -    -    -    - 70.6 29.0    -    - 13.7  6.0    -    -    -    -    -    -    -
hotelling                      15.8 76.3  6.8 99.8    -    -    -    -    -    -    -    -    -    -    -    -  8.4  5.2    -
volatility_f                   31.7    -    -    - 32.6    -    -    -    -    - 73.1    - 32.3    - 72.8    -    -    -    -
volatility_quantile            31.1    -    -    - 32.0    -    -    -    -    - 73.3    - 31.7    - 73.2    -    -    -    -
beaver_patell_z                73.6    - 99.8    - 76.5    - 99.8    -  100    -  100    - 75.5    - 99.8    -    -    -    -
cross_sectional_variance_chi2  68.1    -  100    - 66.5    - 99.8    - 99.6    -  100    - 66.0    - 99.9    -    -    -    -
volatility_rank_z              43.7    - 87.2    - 51.5    - 98.4    - 96.8    -  100    - 48.1    - 95.4    -    -    -    -
volatility_group_quantile      66.2    - 97.8    - 74.3    - 99.8    -  100    -  100    - 70.7    - 99.7    -    -    -    -
placebo                        15.2 38.0    -    - 16.5 37.0    -    -    -    -  5.6 32.0 15.4 36.4  7.7 31.9 14.8    -    -
placebo_portfolio              32.2 46.6 18.0 32.4    -    -    -    -    -    -    -    -    -    -    -    - 33.2 16.0    -
sign_flip                         -    - 69.0 60.0    -    - 65.0 32.0 72.0 35.5 25.0 15.0    -    -    -    -    -    -    -
wild_bootstrap                    -    -    -    -    -    - 65.0 34.0 26.0  9.7 25.0 17.5    -    -    -    -    -    -    -
bhar_skewness_bootstrap           -    - 61.0 55.0    -    - 51.0 18.0 62.0 25.8 19.0 15.0    -    -    -    -    -    -    -
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
LOW: Mapping[str, str] = dict(line.split() for line in _LOW.split("\n") if line)
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
    "H": "with 5 events on 2 dates, residual correlation .25",
    "I": "with 5 on 2 dates whose variance the event multiplies by 4",
    "J": "with 5 events on successive days, windows of 5 days and residual correlation .25",
    "K": "with 5 on successive days whose variance the event multiplies by 4",
    "Y": "with 5 events on one date, residual correlation .25, errors from Student's t(4)",
    "Z": "with 20 events on one date, residual correlation .25, errors from Student's t(4)",
    "L": "with 25 events on 2 dates, residual correlation .5",
    "R": f"on {REAL_DATES}",
    "Q": "with five chip stocks on a real date each, drawn 2,000 times",
    "r": "with 20 random companies on one real date, four sets on each of the 491",
    "q": "with 20 random companies on a real date each, drawn 2,000 times",
}


def measured(name: str) -> Measured:
    """What was measured of a test, for its card."""
    return Measured(SIZES.get(name, {}), POWER.get(name, {}), LOW.get(name, ""))


def f_rejects() -> str:
    """What the normal-theory F of `hotelling` does on real dates, in words."""
    return (
        f"in one-day windows at a nominal 5% its F rejects {HOTELLING_F['R']:g}% on {REAL_DATES}, "
        "whose residuals are heavy-tailed"
    )
