"""This package. Variants: ``numpy/full``, ``numpy/car``, ``numba/full``, ``numba/car`` by the engine that all models
share, without the signs of residuals, which no rival counts; ``run/car``, ``run/tests`` and ``run/full`` by
`run_events`, frames in, signs and all, on a panel that was looked at before, as it is once for all runs; ``numba/anew``
estimates placebo events one by one."""

from importlib.util import find_spec

import numpy as np
import pandas as pd

from eventstudy.engine.kernel import measure
from eventstudy.objects.estimation import Layout, Window

UNIT = "event"
EVENT = Window(-10, 10)
ESTIMATION = Window(-260, -11)
STUDIES = 1_000  # of the placebo studies that ``anew`` estimates


def prepare(data, variant):
    if variant.startswith("run"):
        _load_numba(data)
        return _frames(data)
    security, day, scale = data["security"], data["day"], 1.0
    if variant.endswith("anew") and "draws" in data:
        scale = len(data["draws"]) / min(STUDIES, len(data["draws"]))
        rows = data["draws"][:STUDIES].ravel()
        security, day = security[rows], day[rows]
    layout = Layout(data["returns"], security, day, ESTIMATION, EVENT, 175)
    design = np.column_stack([np.ones(data["x"].shape[1]), *data["x"]])
    return layout, design, np.zeros(len(design)), scale


def _load_numba(data):
    """What `run_events` does by itself with many events, outside the time as for the other variants: numba's start."""
    if find_spec("numba"):
        few = Layout(data["returns"], data["security"][:8], data["day"][:8], ESTIMATION, EVENT, 175)
        design = np.column_stack([np.ones(data["x"].shape[1]), data["x"][0]])
        measure(few, design, np.zeros(len(design)), True, [EVENT], "full", "numba")


def _frames(data):
    from eventstudy.many.ingest import ReturnPanel

    names = ["^MKT", *(f"S{i:05d}" for i in range(len(data["returns"])))]
    sessions = pd.bdate_range("2010-01-04", periods=data["returns"].shape[1])
    panel = ReturnPanel(np.vstack([data["x"][:1], data["returns"]]), tuple(names), sessions).checked
    panel.lags["^MKT"] = ()
    security = pd.Categorical.from_codes(data["security"], categories=names[1:])
    return panel, pd.DataFrame({"security": security, "date": sessions[data["day"]]})


def run(state, variant):
    how, outputs = variant.split("/")
    if how == "run":
        from eventstudy.many.run import run_events

        panel, events = state
        done = run_events(panel, events, benchmark="^MKT", outputs="full" if outputs == "full" else "car")
        if outputs == "tests":
            done.tests()
        found, scale = done.measured, 1.0
    else:
        layout, design, offset, scale = state
        kept = "car" if outputs == "anew" else outputs
        found = measure(layout, design, offset, True, [EVENT], kept, how, signs=False)
    out = {"car": found.car[:, 0], "sigma": found.sigma, "scar": found.scar[:, 0], "scale": scale}
    if outputs == "anew":
        n = 1_000
        return {
            "car": found.car[:, 0].reshape(-1, n).mean(axis=1) if len(found.car) >= n else found.car[:, 0],
            "scale": scale,
        }
    if found.params is not None:
        out["beta"] = found.params[:, 1]
    return out
