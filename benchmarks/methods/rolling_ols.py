"""statsmodels RollingOLS: every window of a security at once, then the events picked out. Alpha, beta, sigma, CAR."""

import numpy as np
import statsmodels.api as sm
from statsmodels.regression.rolling import RollingOLS

UNIT = "security"


def prepare(data, variant):
    return data["returns"], sm.add_constant(data["x"].T), data["security"], data["day"]


def run(state, variant):
    returns, design, security, day = state
    car, beta = np.empty(len(day)), np.empty(len(day))
    for s in np.unique(security):
        rows = np.flatnonzero(security == s)
        fit = RollingOLS(returns[s], design, window=250, min_nobs=175, missing="skip").fit()
        np.sqrt(fit.mse_resid)
        params = fit.params[day[rows] - 11]
        days = day[rows][:, None] + np.arange(-10, 11)
        ar = returns[s][days] - np.einsum("nld,nd->nl", design[days], params)
        car[rows], beta[rows] = ar.sum(axis=1), params[:, 1]
    return {"car": car, "beta": beta}
