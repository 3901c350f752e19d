"""The package `eventstudy` 0.1a12: one `Single` an event, by its quickest door, arrays in, then `Multiple` over all.

AR, CAR, their variances without forecast error, t and p of each day; test of the mean CAR.
"""

import numpy as np

from eventstudy import Multiple, Single, models

UNIT = "event"


def prepare(data, variant):
    return data["returns"], data["x"], data["security"], data["day"]


def run(state, variant):
    returns, x, security, day = state
    nothing = np.zeros(x.shape[1])
    events = []
    for s, t in zip(security, day, strict=True):
        span = slice(t - 260, t + 11)
        given = {"security_returns": returns[s, span], "market_returns": x[0, span]}
        model = models.market_model
        if len(x) == 5:
            model = models.FamaFrench_5factor
            names = ("Mkt_RF", "SMB", "HML", "RMW", "CMA")
            given = {"security_returns": returns[s, span], "RF": nothing[span]}
            given |= {name: x[j, span] for j, name in enumerate(names)}
        events.append(Single(model, given, event_window=(-10, 10), estimation_size=250, buffer_size=0))
    Multiple(events)
    return {"car": np.array([event.CAR[-1] for event in events])}
