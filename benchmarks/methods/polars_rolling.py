"""polars: rolling means, variances and covariance of every window of the panel, then the events picked out.

The panel is one long column, security after security: no window of an event reaches into another security, so that
nothing has to be grouped, which is quicker. Alpha, beta, sigma, CAR.
"""

import numpy as np
import polars as pl

UNIT = "event"


def prepare(data, variant):
    returns, x = data["returns"], data["x"][0]
    days = returns.shape[1]
    frame = pl.DataFrame({"y": returns.ravel(), "x": np.tile(x, len(returns))})
    place = data["security"].astype(np.int64) * days + data["day"]
    return frame, pl.DataFrame({"x": x}), place, data["day"]


def run(state, variant):
    frame, market, place, day = state
    y, n, length = pl.col("y"), 250, 21
    rolled = frame.lazy().select(
        cov=pl.rolling_cov("y", "x", window_size=n),
        var=y.rolling_var(n),
        mean=y.rolling_mean(n),
        total=y.rolling_sum(length),
    )
    of_x = market.select(
        var=pl.col("x").rolling_var(n), mean=pl.col("x").rolling_mean(n), total=pl.col("x").rolling_sum(length)
    )
    rolled = rolled.collect()
    before, after = place - 11, place + 10
    cov, var, mean = (rolled[name].to_numpy()[before] for name in ("cov", "var", "mean"))
    of_before, of_after = day - 11, day + 10
    beta = cov / of_x["var"].to_numpy()[of_before]
    alpha = mean - beta * of_x["mean"].to_numpy()[of_before]
    sigma = np.sqrt((n - 1) * (var - beta * cov) / (n - 2))
    car = rolled["total"].to_numpy()[after] - length * alpha - beta * of_x["total"].to_numpy()[of_after]
    return {"car": car, "beta": beta, "sigma": sigma}
