"""duckdb: one join of events with days by an exact key, one grouped query with regr_* over the estimation days and
sums over the event days. Alpha, beta, sigma, CAR."""

import duckdb
import numpy as np
import pandas as pd

UNIT = "event"
QUERY = """
with p as (select i, unnest(range(k - 260, k + 11)) as k, unnest(range(-260, 11)) as o from e),
w as (select p.i, p.o, r.y, r.x from p join r on r.k = p.k)
select i, regr_slope(y, x) filter (o <= -11) as b, regr_intercept(y, x) filter (o <= -11) as a,
  regr_syy(y, x) filter (o <= -11) as syy, regr_sxy(y, x) filter (o <= -11) as sxy,
  regr_count(y, x) filter (o <= -11) as n,
  sum(y) filter (o >= -10) as sy, sum(x) filter (o >= -10) as sx, count(y) filter (o >= -10) as m
from w group by i order by i
"""


def prepare(data, variant):
    returns, x = data["returns"], data["x"][0]
    base = duckdb.connect()
    rows = np.arange(returns.size)
    long = pd.DataFrame({"k": rows, "y": returns.ravel(), "x": np.tile(x, len(returns))})
    place = data["security"].astype(np.int64) * returns.shape[1] + data["day"]
    events = pd.DataFrame({"i": np.arange(len(place)), "k": place})
    base.execute("create table r as select k, case when isnan(y) then null else y end as y, x from long")
    base.execute("create table e as select * from events")
    del long, events
    return base


def run(state, variant):
    found = state.execute(QUERY).fetchnumpy()
    found = {name: np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan) for name, column in found.items()}
    beta, alpha = found["b"], found["a"]
    sigma = np.sqrt((found["syy"] - beta * found["sxy"]) / (found["n"] - 2))
    car = found["sy"] - 21 * alpha - beta * found["sx"]
    car[found["m"] < 21] = np.nan
    return {"car": car, "beta": beta, "sigma": sigma}
