"""How the time of what users call grows with its size: CPU seconds, and the order between the sizes (1 is linear).

python benchmarks/growth.py            # or some of it: growth.py Study wide
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy.prices.shifts import _against_others

DAYS = pd.bdate_range("2015-01-01", periods=1_000)


def panel(securities: int) -> es.ReturnPanel:
    rng = np.random.default_rng(0)
    moves = rng.normal(0, 0.01, (securities + 1, len(DAYS)))
    moves[1:] += moves[0]
    return es.ReturnPanel(moves, ("^MKT", *(f"S{i:06d}" for i in range(securities))), DAYS)


def events(n: int, securities: int, groups: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    names = np.array([f"S{i:06d}" for i in range(securities)], dtype=object)
    frame = pd.DataFrame({"security": names[rng.integers(0, securities, n)], "date": DAYS[rng.integers(270, 980, n)]})
    return frame.assign(group=[f"g{i % groups:06d}" for i in range(n)]) if groups else frame


def by_groups(size: int) -> Callable[[], object]:
    own, asked = panel(300), events(5 * size, 300, size)
    return lambda: es.run_events(own, asked, benchmark="^MKT").tests()


def every_test_by_groups(size: int) -> Callable[[], object]:
    own, asked = panel(300), events(5 * size, 300, size)
    return lambda: es.run_events(own, asked, benchmark="^MKT", tests="all").tests()


def by_events(size: int) -> Callable[[], object]:
    own, asked = panel(1_000), events(size, 1_000)
    return lambda: es.run_events(own, asked, benchmark="^MKT").tests()


def by_securities(size: int) -> Callable[[], object]:
    own, asked = panel(size), events(2_000, size)
    return lambda: es.run_events(own, asked, benchmark="^MKT")


def long_rows(size: int) -> Callable[[], object]:
    names = np.repeat([f"S{i:06d}" for i in range(size)], 100)
    table = pd.DataFrame({"security": names, "date": np.tile(DAYS[:100], size), "return": 0.001})
    return lambda: es.panel_from_long(table)


def prices(securities: int, days: int = 320) -> pd.DataFrame:
    """Levels of securities that follow ^MKT, on every weekday."""
    rng = np.random.default_rng(2)
    market = rng.normal(0, 0.01, (days, 1))
    moves = np.hstack([market, market + rng.normal(0, 0.02, (days, securities))])
    names = ["^MKT", *(f"S{i:06d}" for i in range(securities))]
    return pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=DAYS[:days], columns=names)


def study(size: int) -> Callable[[], object]:
    levels, day = prices(size), DAYS[290].date()
    asked = dict.fromkeys(levels.columns[1:], day)
    options = {"benchmark": "^MKT", "event": (-5, 5), "windows": [(0, 0), (-1, 1)], "calendar": "own"}
    return lambda: es.Study(prices=levels, events=asked, **options).run()


def wide_file(size: int) -> Callable[[], object]:
    """A wide CSV whose days are not those of its exchange, so that every series has something to be said of."""
    folder = tempfile.TemporaryDirectory(prefix="eventstudy-growth-")  # removed with the function that reads it
    file = Path(folder.name) / "prices.csv"
    prices(size, 120).to_csv(file, index_label="date")
    asked = {"S000000": DAYS[100].date()}
    names = [f"S{i:06d}" for i in range(size)]
    options = {"benchmark": "^MKT", "estimation": (-90, -11), "min_obs": 20, "event": (0, 5), "windows": [(0, 0)]}

    def read(_folder: object = folder) -> object:
        try:
            return es.Study(prices=file, events=asked, tickers=names, **options).run()
        except es.EventStudyError as error:
            return error

    return read


def against_others(size: int) -> Callable[[], object]:
    returns = np.random.default_rng(3).normal(0, 0.01, (250, size))
    return lambda: _against_others(returns)


CASES = {
    "run_events and its tests, groups of five": (by_groups, (500, 1_000, 2_000, 4_000)),
    "run_events, every test, groups of five": (every_test_by_groups, (250, 500, 1_000, 2_000)),
    "run_events and its tests, events": (by_events, (20_000, 40_000, 80_000, 160_000)),
    "run_events of 2,000 events, securities": (by_securities, (2_000, 4_000, 8_000, 16_000)),
    "panel_from_long, securities of 100 days": (long_rows, (2_000, 4_000, 8_000, 16_000)),
    "Study, securities on one date": (study, (1_250, 2_500, 5_000, 10_000)),
    "a wide file of which every series has findings, read and checked": (wide_file, (1_000, 2_000, 4_000, 8_000)),
    "calendars against the mean of the other series": (against_others, (1_000, 2_000, 4_000, 8_000)),
}


def main() -> None:
    print("| what | sizes | CPU seconds | order |\n|---|---|---|---|")
    asked = sys.argv[1:]
    for title, (make, sizes) in CASES.items():
        if asked and not any(word in title for word in asked):
            continue
        make(sizes[0])()  # compiled and imported
        taken = []
        for size in sizes:
            call = make(size)
            start = time.process_time()
            call()
            taken.append(time.process_time() - start)
        order = math.log(taken[-1] / taken[0]) / math.log(sizes[-1] / sizes[0])
        seconds = ", ".join(f"{t:.2f}" for t in taken)
        print(f"| {title} | {', '.join(f'{size:,}' for size in sizes)} | {seconds} | {order:.2f} |")


if __name__ == "__main__":
    main()
