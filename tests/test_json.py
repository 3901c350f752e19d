"""results.json: its schema, its bytes, and its numbers against an independent reading of the prices."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli.schema import SCHEMAS
from eventstudy.files.writing import json_object, json_text

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def text(deepseek_result: es.StudyResult) -> str:
    return deepseek_result.to_json()


@pytest.fixture(scope="module")
def document(text: str) -> dict[str, Any]:
    return json.loads(text)


def test_it_fits_its_schema(document: dict[str, Any]) -> None:
    schema = SCHEMAS["results"]()
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
    assert errors == []


def test_the_schema_notices_a_wrong_row(document: dict[str, Any]) -> None:
    """In a document of the first rows of every table, which fits but for the one word that is wrong."""
    short = {name: value[:1] if isinstance(value, list) else value for name, value in document.items()}
    broken = {**short, "estimates": [{**short["estimates"][0], "alpha": "high"}]}
    jsonschema.validate(short, SCHEMAS["results"]())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMAS["results"]())


def test_the_same_inputs_give_the_same_bytes(text: str) -> None:
    assert es.load("deepseek").run().to_json() == text


def test_floats_have_twelve_significant_digits(text: str) -> None:
    mantissas = re.findall(r"(?<![\w.\"-])-?(\d+\.\d+)(?:e[+-]?\d+)?(?![\w\"])", text)
    assert len(mantissas) > 10_000
    digits = [len(m.replace(".", "").strip("0")) for m in mantissas]
    assert max(digits) == 12


def test_no_nan_and_no_infinity(text: str) -> None:
    assert not re.search(r"\b(NaN|Infinity)\b", re.sub(r'"(?:[^"\\]|\\.)*"', '""', text))


def rows(document: dict[str, Any], table: str, **where: Any) -> list[dict[str, Any]]:
    return [r for r in document[table] if all(r[k] == v for k, v in where.items())]


def test_the_headline_estimates_agree_with_statsmodels(document: dict[str, Any]) -> None:
    import statsmodels.api as sm

    prices = pd.read_csv(ROOT / "data/deepseek/prices.csv", parse_dates=["date"])
    wide = prices.pivot(index="date", columns="ticker", values="adj_close")
    returns = wide.loc[wide["NVDA"].notna()].pct_change(fill_method=None)
    t = returns.index.get_loc("2025-01-27")
    past = returns.iloc[t - 260 : t - 10]
    for ticker in ("NVDA", "AVGO", "AMD", "TSM", "ASML"):
        fit = sm.OLS(past[ticker], sm.add_constant(past["^IXIC"])).fit()
        (row,) = rows(document, "estimates", ticker=ticker, event="selloff", benchmark="^IXIC", model="market")
        ours = [row[k] for k in ("alpha", "beta", "sigma", "r_squared", "nobs", "nu")]
        theirs = [*fit.params, np.sqrt(fit.mse_resid), fit.rsquared, fit.nobs, fit.df_resid]
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
        new = sm.add_constant(returns[["^IXIC"]].iloc[t : t + 1], has_constant="add")
        prediction = fit.get_prediction(new)
        (day,) = rows(
            document, "abnormal_returns", ticker=ticker, event="selloff", benchmark="^IXIC", model="market", tau=0
        )
        assert day["date"] == "2025-01-27"
        assert day["expected"] == pytest.approx(prediction.predicted_mean[0], rel=1e-10)
        assert day["se"] == pytest.approx(prediction.se_obs[0], rel=1e-10)


def test_windows_hold_securities_and_groups(document: dict[str, Any]) -> None:
    (core,) = rows(document, "windows", group="core", event="selloff", benchmark="^IXIC", model="market", window=[0, 0])
    members = [
        rows(document, "windows", ticker=t, event="selloff", benchmark="^IXIC", model="market", window=[0, 0])[0]
        for t in ("NVDA", "AVGO", "AMD", "TSM", "ASML")
    ]
    assert core["car"] == pytest.approx(np.mean([m["car"] for m in members]), rel=1e-10)
    assert core["t"] == pytest.approx(core["car"] / core["se"], rel=1e-10)


def test_tests_that_do_not_apply_say_why(document: dict[str, Any]) -> None:
    for row in document["tests"]:
        assert row["applies"] == (row["reason"] is None)
        if not row["applies"]:
            assert row["p"] is None


def test_every_claim_is_there(document: dict[str, Any]) -> None:
    claims = document["claims"]
    assert len({c["id"] for c in claims}) == len(claims)
    assert {c["status"] for c in claims} == {"stated", "implied", "opinion"}
    assert all((c["verdict"] == "opinion") == (c["status"] == "opinion") for c in claims)
    assert all(set(c["place"]) == set(c["sources"]) for c in claims)
    assert all(c["evidence"]["decision"] for c in claims)
    assert all((c["agreement"] is None) == (c["fragile"] is None) for c in claims)
    assert sum(c["agreement"] is not None for c in claims) >= 25
    assert sum(c["verdict"] != "unresolved" for c in claims) >= 26
    assert all(c["reason"] for c in claims if c["verdict"] == "unresolved")


def test_provenance_names_every_file(document: dict[str, Any]) -> None:
    import hashlib

    files = document["data"]["files"]
    assert "prices.csv" in files
    for name, digest in files.items():
        assert hashlib.sha256((ROOT / "data/deepseek" / name).read_bytes()).hexdigest() == digest


def test_it_is_written_whole(deepseek_result: es.StudyResult, text: str, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "results.json"
    deepseek_result.to_json(target)
    assert target.read_text(encoding="utf-8") == text
    assert [p.name for p in target.parent.iterdir()] == ["results.json"]


class TestRows:
    """Rows of the same keys are written column by column: the text is that of writing them one by one."""

    ROWS = (
        [{"a": 1, "b": "x"}, {"a": True, "b": "x"}, {"a": 1.0, "b": None}],
        [{"a": 0.0}, {"a": -0.0}, {"a": float("nan")}, {"a": 1e-300}, {"a": float("inf")}],
        [{"a": [1, 2]}, {"a": [1.0, 2.0]}, {"a": [True, 2]}, {"a": []}],
        [{"a": [0.0]}, {"a": [-0.0]}],
        [{"a": ["x", None]}, {"a": ["x", None]}, {"a": ["%s", '"']}],
        [{"%d %s": 1, "é": {"b": [1]}}, {"%d %s": 2, "é": {}}],
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
        [{"a": 1}, {"b": 1}],
        [1, {"a": 1}],
        [{}, {}],
        [{"a": np.float64(0.1)}, {"a": np.int64(3)}],
    )

    @pytest.mark.parametrize("rows", ROWS, ids=str)
    def test_one_by_one(self, rows: list[Any]) -> None:
        one_by_one = ",\n".join(json_text(row) for row in rows)
        assert json_object({"rows": rows}) == f'{{\n"rows": [\n{one_by_one}\n]\n}}\n'
