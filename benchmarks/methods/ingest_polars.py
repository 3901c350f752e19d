"""polars: its reader, then `pivot`, which refuses repeated rows."""

import numpy as np
import polars as pl

UNIT = "event"


def prepare(data, variant):
    return data["folder"] / f"long.{data['work']['form']}"


def run(state, variant):
    long = pl.read_csv(state, try_parse_dates=True) if state.suffix == ".csv" else pl.read_parquet(state)
    wide = long.pivot("date", index="security", values="return").sort("security")
    values = wide.drop("security").to_numpy()
    return {"car": values @ np.cos(np.arange(values.shape[1]))}
