"""statsmodels: OLS and its forecast of the event window, an event at a time. Alpha, beta, sigma, AR and their standard
errors, CAR; the arrays are numpy's, which is quicker than frames."""

import numpy as np
import statsmodels.api as sm

UNIT = "event"


def prepare(data, variant):
    return data["returns"], sm.add_constant(data["x"].T), data["security"], data["day"]


def run(state, variant):
    returns, design, security, day = state
    car, beta = np.empty(len(day)), np.empty(len(day))
    for i, (s, t) in enumerate(zip(security, day, strict=True)):
        y, x = returns[s, t - 260 : t - 10], design[t - 260 : t - 10]
        here = np.isfinite(y)
        fit = sm.OLS(y[here], x[here]).fit()
        forecast = fit.get_prediction(design[t - 10 : t + 11])
        ar = returns[s, t - 10 : t + 11] - forecast.predicted_mean
        forecast.se_obs  # noqa: B018  worked out when it is asked for
        car[i], beta[i] = ar.sum(), fit.params[1]
    return {"car": car, "beta": beta}
