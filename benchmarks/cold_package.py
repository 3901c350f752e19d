"""Workload W1 with this package: `eight` runs the same securities, `whole` the bundled study with all its claims.

Prints the same numbers as `statsmodels_loop.py`, as JSON.
"""

import json
import sys

import eventstudy as es


def main(what: str, prices: str, day_zero: str, benchmark: str, tickers: list[str]) -> None:
    if what == "whole":
        result = es.load("deepseek").run()
    else:
        result = es.Study(prices=prices, events=day_zero, tickers=tickers, benchmark=benchmark).run()
    out = {}
    for ticker in tickers:
        found = result.at(ticker)
        row, whole = found.row(ticker), found.panel.event
        abnormal = found.abnormal
        sigma = float(found.normal.sigma[row])
        out[ticker] = {
            "params": found.normal.params[row].tolist(),
            "sigma": [sigma],
            "ar": abnormal.ar[row].tolist(),
            "se": (sigma * abnormal.forecast_factor()[row] ** 0.5).tolist(),
            "car": [float(abnormal.car(whole)[row]), float(abnormal.car_se(whole)[row])],
        }
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
