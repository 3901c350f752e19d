"""`docs/claims-file.md`, made from the keys: ``python -m eventstudy.study.claimsguide FILE`` (``make guide``)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from eventstudy.claims.kinds import CLAIM_KINDS
from eventstudy.claims.schema import BeyondEntry, ClaimedEntry, ClaimEntry, ClaimsFile, Params, SourceEntry, params_of
from eventstudy.files.writing import write_text
from eventstudy.study.guide import section, shown, text

MODELS: dict[str, type[BaseModel]] = {
    "claims.yaml": ClaimsFile,
    "sources: an article": SourceEntry,
    "claims: an entry of the list": ClaimEntry,
    "claimed": ClaimedEntry,
    "params of every kind": Params,
    "beyond: an entry of the list": BeyondEntry,
}
PARAMS: dict[str, Any] = {
    "window": [0, 1],
    "since": "2024-12",
    "rate": {"series": "EURUSD=X", "quoted": "usd_per_eur"},
    "at": "low",
    "beside": ["ASML.AS"],
    "universe": ["NVDA", "META"],
    "complete": True,
    "missing": ["Saudi Aramco"],
    "holder": "META",
    "count_modifier": "at_least",
    "count": 3,
    "borderline": ["ARM"],
    "also": ["second"],
    "others": ["AAPL"],
    "quantifier": "count",
    "of": ["^GSPC"],
    "period": "week",
    "table": "gdp",
    "columns": ["gdp_2023"],
    "label": "countries",
    "readings": [{"label": "US companies", "tickers": ["NVDA", "AVGO"]}],
    "start": "release",
    "within": 10,
    "events": ["v3-2"],
    "sessions": [5, 20],
    "until": ["2025-02-20"],
    "last": False,
    "longest": 120,
    "claims": ["nvda-17", "nvda-589bn"],
    "ends": ["selloff"],
    "crossed": True,
    "among": ["AAPL", "MSFT"],
    "to": ["^GSPC"],
    "out_of": 5,
    "usual": 60,
    "rank.measure": "points",
    "level.measure": "drawdown",
    "rank_among.measure": "value",
    "activity.measure": "volatility",
    "statistic.measure": "correlation",
    "statistic.to": "^GSPC",
    "event_dates.windows": [[0, 0], [0, 5]],
}
"""The param of any kind, or of one (``kind.param``) -> an example."""
_HEAD = """# The keys of claims.yaml

Made from the schema (`make guide`); `eventstudy schema claims` prints the schema itself. How to write a claim, the
words and the verdicts stand in [claims.md](claims.md). A wrong key, kind, unit or name is refused with its line. What a
claim is about is one of `security`, `group` and `tickers`, as its kind takes them.
"""


def example(kind: str, param: str) -> Any:
    """The example of a param of one kind; None where there is none."""
    return PARAMS.get(f"{kind}.{param}", PARAMS.get(param))


def guide() -> str:
    """The page: a table of keys for the file and its parts, then the params of each kind."""
    return (
        _HEAD + "".join(section(title, model) for title, model in MODELS.items()) + "".join(map(_of_kind, CLAIM_KINDS))
    )


def _of_kind(kind: str) -> str:
    model = params_of(kind)
    own = {name: field for name, field in model.model_fields.items() if name not in Params.model_fields}
    if not own:
        return ""
    rows = []
    for name, field in own.items():
        default = "required" if field.is_required() else shown(field.get_default(call_default_factory=True))
        rows.append(f"| `{name}` | `{name}: {text(example(kind, name))}` | {default} |\n")
    said = " ".join((model.__doc__ or "").replace("``", "`").split())
    return f"\n## params of `{kind}`\n\n{said}\n\n| key | example | default |\n|---|---|---|\n{''.join(rows)}"


if __name__ == "__main__":
    write_text(Path(sys.argv[1]), guide())
