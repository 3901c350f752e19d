"""This package: `ingest.read_long`, pyarrow's reader, then numbering and one scatter; repeated rows are looked for."""

import numpy as np

from eventstudy.many.ingest import read_long

UNIT = "event"


def prepare(data, variant):
    return data["folder"] / f"long.{data['work']['form']}"


def run(state, variant):
    panel = read_long(state)
    order = np.argsort(panel.tickers)
    return {"car": (panel.returns @ np.cos(np.arange(panel.returns.shape[1])))[order]}
