"""pandas: its reader (`read_csv` by its C parser, `read_parquet`), then `pivot`, which looks for repeated rows."""

import numpy as np
import pandas as pd

UNIT = "event"


def prepare(data, variant):
    return data["folder"] / f"long.{data['work']['form']}"


def run(state, variant):
    long = pd.read_csv(state, parse_dates=["date"]) if state.suffix == ".csv" else pd.read_parquet(state)
    wide = long.pivot(index="security", columns="date", values="return").to_numpy()
    return {"car": wide @ np.cos(np.arange(wide.shape[1]))}
