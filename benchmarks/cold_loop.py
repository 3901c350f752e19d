"""Workload W1 as one would write it with pandas and statsmodels: one regression a security, in a loop.

Prints, as JSON, for each security alpha, beta, sigma, 21 abnormal returns and their forecast standard errors, and the
CAR over the event window with its standard error. Nothing of this package is imported.
"""

import json
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm


def main(prices: str, day_zero: str, benchmark: str, tickers: list[str]) -> None:
    frame = pd.read_csv(prices, parse_dates=["date"])
    levels = frame.pivot(index="date", columns="ticker", values="adj_close")
    sessions = levels.index[levels[benchmark].notna()]
    returns = levels.loc[sessions].pct_change(fill_method=None)
    zero = sessions.get_loc(pd.Timestamp(day_zero))
    estimation, event = slice(zero - 260, zero - 10), slice(zero - 10, zero + 11)
    out = {}
    for ticker in tickers:
        past = returns.iloc[estimation][[ticker, benchmark]].dropna()
        fit = sm.OLS(past[ticker], sm.add_constant(past[benchmark])).fit()
        design = sm.add_constant(returns.iloc[event][benchmark], has_constant="add")
        forecast = fit.get_prediction(design)
        ar = returns.iloc[event][ticker] - forecast.predicted_mean
        ones = np.asarray(design).sum(axis=0)
        variance = fit.mse_resid * len(ar) + ones @ np.asarray(fit.cov_params()) @ ones
        out[ticker] = {
            "params": list(fit.params),
            "sigma": [float(np.sqrt(fit.mse_resid))],
            "ar": list(ar),
            "se": list(forecast.se_obs),
            "car": [float(ar.sum()), float(np.sqrt(variance))],
        }
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
