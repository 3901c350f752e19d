"""linearmodels: `IV2SLS` without instruments, which is least squares, an event at a time. Alpha, beta, sigma, CAR."""

import numpy as np
from linearmodels.iv import IV2SLS

UNIT = "event"


def prepare(data, variant):
    x = data["x"]
    return data["returns"], np.column_stack([np.ones(x.shape[1]), *x]), data["security"], data["day"]


def run(state, variant):
    returns, design, security, day = state
    car, beta = np.empty(len(day)), np.empty(len(day))
    for i, (s, t) in enumerate(zip(security, day, strict=True)):
        y, x = returns[s, t - 260 : t - 10], design[t - 260 : t - 10]
        here = np.isfinite(y)
        fit = IV2SLS(y[here], x[here], None, None).fit(cov_type="unadjusted", debiased=True)
        params = np.asarray(fit.params)
        ar = returns[s, t - 10 : t + 11] - design[t - 10 : t + 11] @ params
        np.sqrt(fit.s2)
        car[i], beta[i] = ar.sum(), params[1]
    return {"car": car, "beta": beta}
