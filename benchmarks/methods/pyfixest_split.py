"""pyfixest: `feols` with ``split``, one regression an event from one long frame. Alpha, beta, CAR."""

import warnings

import numpy as np
import pandas as pd
import pyfixest as pf

UNIT = "event"
WINDOW = np.arange(-260, -10)


def prepare(data, variant):
    security, day, x = data["security"], data["day"], data["x"]
    days = day[:, None] + WINDOW
    frame = pd.DataFrame({"event": np.repeat(np.arange(len(day)), len(WINDOW))})
    frame["y"] = data["returns"][security[:, None], days].ravel()
    for j, factor in enumerate(x):
        frame[f"x{j}"] = factor[days].ravel()
    return frame, data["returns"], x, security, day


def run(state, variant):
    frame, returns, x, security, day = state
    formula = "y ~ " + " + ".join(f"x{j}" for j in range(len(x)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pf.feols(formula, data=frame, vcov="iid", split="event")
    fits = found.to_list() if hasattr(found, "to_list") else [found]
    params = np.array([np.asarray(fit.coef()) for fit in fits])
    days = day[:, None] + np.arange(-10, 11)
    expected = params[:, :1] + np.einsum("knl,nk->nl", x[:, days], params[:, 1:])
    return {"car": (returns[security[:, None], days] - expected).sum(axis=1), "beta": params[:, 1]}
