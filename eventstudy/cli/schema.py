"""JSON Schemas of what the package reads and writes: results.json, study.yaml, claims.yaml."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventstudy.objects.sensitivity import DIMENSIONS
from eventstudy.report.serialize import SCHEMA_VERSION
from eventstudy.report.trading import CAME

Schema = dict[str, Any]
NUMBER: Schema = {"type": ["number", "null"]}
TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": ["integer", "null"]}
FLAG: Schema = {"type": "boolean"}
WINDOW: Schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}

WHERE: Mapping[str, tuple[Schema, str]] = {
    "event": (TEXT, "id of the event"),
    "exchange": (TEXT, "market identifier code whose sessions count the relative days"),
    "benchmark": (MAYBE, "the series compared with"),
    "model": (TEXT, "model of normal returns"),
}
ESTIMATES: Mapping[str, tuple[Schema, str]] = {
    **WHERE,
    "headline": (FLAG, "the study's own benchmark and model for this exchange, not a comparison"),
    "ticker": (TEXT, "security"),
    "day_zero": (MAYBE, "session that became day zero"),
    "alpha": (NUMBER, "constant of the model, decimal return a day; null where the model has none"),
    "beta": (NUMBER, "slope on the benchmark; null where the model has none"),
    "params": ({"type": "object", "additionalProperties": NUMBER}, "every estimated parameter by name"),
    "sigma": (NUMBER, "standard deviation of the estimation residuals, sqrt(e'e / nu), decimal"),
    "r_squared": (NUMBER, "share of variance explained in the estimation window"),
    "nobs": (WHOLE, "estimation returns used, T"),
    "nu": (NUMBER, "degrees of freedom of sigma"),
    "reason": (MAYBE, "why nothing was estimated; null where it was"),
}
ABNORMAL_RETURNS: Mapping[str, tuple[Schema, str]] = {
    **WHERE,
    "ticker": (TEXT, "security"),
    "tau": (WHOLE, "session relative to day zero"),
    "date": (MAYBE, "calendar day of the session"),
    "ret": (NUMBER, "return, decimal"),
    "expected": (NUMBER, "normal return, decimal"),
    "ar": (NUMBER, "abnormal return, ret - expected"),
    "se": (NUMBER, "its standard error with the forecast term, sigma sqrt(c_tau)"),
    "sar": (NUMBER, "ar / se, t(nu)"),
}
WINDOWS: Mapping[str, tuple[Schema, str]] = {
    **WHERE,
    "ticker": (MAYBE, "security; null in the row of a group"),
    "group": (MAYBE, "group; null in the row of a security"),
    "window": (WINDOW, "[start, end], sessions, both in"),
    "car": (NUMBER, "cumulative abnormal return, decimal; the mean over members for a group (CAAR)"),
    "se": (NUMBER, "its standard error: full forecast covariance; for a group the portfolio's on a shared date"),
    "t": (NUMBER, "car / se"),
    "df": (NUMBER, "degrees of freedom of t"),
    "p": (NUMBER, "two-sided"),
    "p_holm": (NUMBER, "Holm over the securities of the same event, benchmark, model and window"),
    "p_bh": (NUMBER, "Benjamini-Hochberg over the same family"),
    "bhar": (NUMBER, "buy-and-hold abnormal return, decimal; null for log returns"),
}
TESTS: Mapping[str, tuple[Schema, str]] = {
    **WHERE,
    "test": (TEXT, "name in the registry of tests"),
    "ticker": (MAYBE, "security of a test of one security; null for a group"),
    "group": (TEXT, "subject: the name of the group, or the security alone"),
    "window": (WINDOW, "[start, end], sessions, both in"),
    "front": (FLAG, "the test fits the design of this subject"),
    "null": (TEXT, "null hypothesis"),
    "statistic": (NUMBER, "value of the statistic"),
    "distribution": (TEXT, "its reference distribution"),
    "df": ({"type": "array", "items": NUMBER}, "degrees of freedom, empty where there are none"),
    "p": (NUMBER, "p-value, two-sided unless the null says otherwise"),
    "p_holm": (NUMBER, "Holm, for tests of securities"),
    "p_bh": (NUMBER, "Benjamini-Hochberg, for tests of securities"),
    "n": (WHOLE, "events in the test"),
    "applies": (FLAG, "whether the test could be computed and means something here"),
    "reason": (MAYBE, "why it does not apply"),
    "warning": (MAYBE, "what the design does to the test, with its measured size"),
    "assumptions": ({"type": "array", "items": TEXT}, "what the test needs"),
}
DIAGNOSTICS: Mapping[str, tuple[Schema, str]] = {
    **WHERE,
    "check": (TEXT, "name in the registry of diagnostics"),
    "ticker": (MAYBE, "security; null in the row of a group"),
    "group": (MAYBE, "group; null in the row of a security"),
    "statistic": (NUMBER, "value of the statistic; null where it could not be computed"),
    "threshold": (NUMBER, "where the verdict stops being fine, in the unit of the statistic"),
    "beyond": ({"enum": ["above", "below"]}, "side of the threshold on which trouble lies"),
    "p": (NUMBER, "p-value; null where the check has none"),
    "verdict": ({"enum": ["fine", "caution", "problem"]}, "the answer"),
    "meaning": (TEXT, "what follows for the tests"),
    "reason": (MAYBE, "why it could not be computed"),
}
_LOG = "log volume"
VOLUME_ESTIMATES: Mapping[str, tuple[Schema, str]] = {
    **ESTIMATES,
    "alpha": (NUMBER, f"constant of the model, {_LOG}; null where the model has none"),
    "beta": (NUMBER, f"slope on the {_LOG} of the benchmark; null where the model has none"),
    "sigma": (NUMBER, f"standard deviation of the estimation residuals, sqrt(e'e / nu), of {_LOG}"),
}
VOLUME_WINDOWS: Mapping[str, tuple[Schema, str]] = {
    **WINDOWS,
    "car": (NUMBER, f"cumulative abnormal {_LOG}; exp of it is a multiple of the usual volume on one day"),
    "bhar": (NUMBER, "null: volume is not held"),
}
INTERVAL: Schema = {
    "type": ["object", "null"],
    "description": "an open or infinite end is null",
    "properties": {"value": NUMBER, "low": NUMBER, "high": NUMBER, "unit": TEXT},
    "required": ["low", "high", "unit"],
}
AXIS: Schema = {
    "type": ["object", "null"],
    "properties": {
        **dict.fromkeys(("ar", "se", "low", "high", "p", "p_holm", "normal"), NUMBER),
        **dict.fromkeys(("subject", "event", "benchmark", "model"), TEXT),
        "window": WINDOW,
        "tests": {"type": "object", "additionalProperties": NUMBER},
        "abnormal": {"type": ["boolean", "null"]},
        "word": {
            "enum": [
                *("abnormal", "not abnormal", "abnormal by the t test alone"),
                *("depends on the benchmark", "cannot be measured"),
            ]
        },
        "primary": TEXT,
        "question": TEXT,
        "check": MAYBE,
        "step": {"type": ["object", "null"]},
        "reason": MAYBE,
    },
    "required": ["ar", "se", "p", "p_holm", "tests"],
}
LIST: Schema = {"type": "array", "items": {"type": "object"}}
RECOVERY: Schema = {
    "type": ["object", "null"],
    "properties": {
        "ticker": TEXT,
        "day": {"type": "string", "description": "day zero"},
        "level": {"type": "number", "description": "of the bands and intervals"},
        "half_life": {"type": ["integer", "null"], "description": "sessions until half was first undone; null: not"},
        "abnormal_half_life": {"type": ["integer", "null"], "description": "the same of the abnormal return"},
        "days": {
            "type": "array",
            "description": "a row a session; shares in per cent: raw with the forecast band of ordinary days, abnormal "
            "with its interval (null: unbounded) and half the width of its forecast band around none",
            "items": {"type": "object"},
        },
    },
    "required": ["ticker", "day", "level", "half_life", "abnormal_half_life", "days"],
}
CLAIMS: Mapping[str, tuple[Schema, str]] = {
    "id": (TEXT, "claim"),
    "kind": (TEXT, "name in the registry of claim kinds"),
    "says": (TEXT, "the claim in our own words"),
    "sources": ({"type": "array", "items": TEXT}, "keys of the articles"),
    "status": (
        {"enum": ["stated", "implied", "opinion"]},
        "whether an article states it; what is implied or an opinion is in no tally",
    ),
    "place": ({"type": "object"}, "article -> number of the paragraph that says so, or unknown"),
    "verdict": (
        {"enum": ["supported", "imprecise", "contradicted", "partly", "unresolved", "opinion"]},
        "the answer; an opinion is not rated",
    ),
    "note": ({"enum": ["understated", "overstated", None]}, "which way an imprecise claim misses"),
    "expect": (MAYBE, "the verdict on record, for regression tests"),
    "direction": ({"enum": ["fall", "rise", "none"]}, "direction claimed"),
    "claimed": (INTERVAL, "what the claim's number stands for, by size"),
    "measured": (INTERVAL, "headline value and the range over the defensible inputs"),
    "readings": (LIST, "every defensible way to measure, the headline first; a definition has its own verdict"),
    "depends": ({"type": "array", "items": TEXT}, "readings by another definition that would be judged otherwise"),
    "parts": (LIST, "members of a group, or separate parts, each with its own answer"),
    "abnormal": (
        AXIS,
        "second axis, headline entry: abnormal return with interval and tests; null where there is none",
    ),
    "abnormal_all": (LIST, "second axis for every subject and benchmark, the headline first"),
    "agreement": (
        NUMBER,
        "share of the specifications that agree on the abnormal return; null where there is none or no grid",
    ),
    "fragile": ({"type": ["boolean", "null"]}, "agreement under 80 %; null as agreement is"),
    "reason": (MAYBE, "why an unresolved claim is so"),
    "caveats": ({"type": "array", "items": TEXT}, "what bends the answer"),
    "recovery": (RECOVERY, "path back of a claim about what was undone; null for other kinds"),
    "evidence": ({"type": "object"}, "summary sentence, arithmetic step by step, and the deciding step"),
}
RARITY: Mapping[str, tuple[Schema, str]] = {
    "subject": (TEXT, "group, security or index"),
    "kind": ({"enum": ["group", "security", "index"]}, "which of them; a group is its equal-weight mean"),
    "measure": ({"enum": ["raw", "abnormal"]}, "simple returns, or errors of the model's forecast for that day"),
    "day": (TEXT, "day zero"),
    "value": (NUMBER, "return or abnormal return of the day, decimal"),
    "first": (TEXT, "first day of the series"),
    "days": (WHOLE, "days from the first to day zero"),
    "rank": (WHOLE, "place among them from the most extreme, falls among falls and rises among rises"),
    "once_in": (NUMBER, "trading days to one at least as extreme, up to day zero"),
    "last": (TEXT, "last day of the series"),
    "days_all": (WHOLE, "days from the first to the last"),
    "rank_all": (WHOLE, "place among all of them"),
    "largest": ({"type": "array"}, "the ten largest days of the whole series that way, [day, value]"),
}
_SUBJECT: Mapping[str, tuple[Schema, str]] = {
    "subject": (TEXT, "group or security"),
    "is_group": (FLAG, "whether it is a group, as one portfolio"),
}
SESSION: Mapping[str, tuple[Schema, str]] = {
    **_SUBJECT,
    "tau": (WHOLE, "session relative to day zero"),
    "day": (TEXT, "calendar day of the session"),
    "ar": (NUMBER, "abnormal return, decimal"),
    "se": (NUMBER, "its standard error"),
    "p": (NUMBER, "two-sided, of this session alone"),
    "p_holm": (NUMBER, "Holm over the sessions of the event window"),
}
BEFORE: Mapping[str, tuple[Schema, str]] = {
    **_SUBJECT,
    "event": (TEXT, "the earlier announcement; several, with commas, where they share day zero"),
    "start": (WHOLE, "its day zero, in sessions from that of the event"),
    "end": (WHOLE, "the session before the event"),
    "car": (NUMBER, "cumulative abnormal return between, decimal"),
    "se": (NUMBER, "its standard error"),
    "low": (NUMBER, "lower end of the (1 - 2 alpha) interval"),
    "high": (NUMBER, "upper end"),
    "margin": (NUMBER, "half of the event's own abnormal return, by size"),
    "p_zero": (NUMBER, "of no reaction, two-sided"),
    "p_margin": (NUMBER, "of a reaction as large as the margin: the larger of two one-sided tests"),
    "seen": (NUMBER, "the reaction that would have been found with a power of 80 %"),
    "answer": ({"enum": ["none as large", "as large", "not decided"]}, "by the interval and the margins"),
}
FLIP: Mapping[str, tuple[Schema, str]] = {
    "dimension": ({"enum": list(DIMENSIONS)}, "the setting"),
    "value": (TEXT, "its value; none where a model uses no benchmark"),
    "cells": (WHOLE, "cells with this value that could be estimated"),
    "significance": (WHOLE, "of them that change significance"),
    "sign": (WHOLE, "of them whose CAR has the other sign"),
}
AGREEMENT: Mapping[str, tuple[Schema, str]] = {
    "exchange": (TEXT, "market identifier code whose sessions count the relative days"),
    "ticker": (MAYBE, "security; null in the row of a group"),
    "group": (MAYBE, "group, fitted as its equal-weight portfolio; null in the row of a security"),
    "window": (WINDOW, "[start, end], sessions, both in"),
    "answer": ({"enum": [-1, 0, 1]}, "of the study's own settings: sign of a CAR significant at alpha, else 0"),
    "cells": (WHOLE, "distinct specifications that could be estimated, the study's own among them"),
    "agreement": (NUMBER, "share of the cells with the same answer"),
    "fragile": (FLAG, "agreement under 80 %"),
    "significance": (WHOLE, "cells significant where the study's own settings are not, or the other way round"),
    "sign": (WHOLE, "cells whose CAR has the other sign, significant or not"),
    "flips": ({"type": "array"}, "the values of settings that hold flips, those with the largest share first"),
}
ROWS = {
    "estimates": ESTIMATES,
    "abnormal_returns": ABNORMAL_RETURNS,
    "windows": WINDOWS,
    "tests": TESTS,
    "diagnostics": DIAGNOSTICS,
    "claims": CLAIMS,
    "volume_estimates": VOLUME_ESTIMATES,
    "volume_windows": VOLUME_WINDOWS,
    "volume_tests": TESTS,
}


TRADING: Mapping[str, tuple[Schema, str]] = {
    "event": (TEXT, "id of the event"),
    "announced": (TEXT, "day or moment of the announcement"),
    "exchange": (TEXT, "market identifier code"),
    "zone": (MAYBE, "time zone of the exchange, its IANA name"),
    "local": (MAYBE, "moment of the announcement in the exchange's time; null for a day without a time"),
    "session": (MAYBE, "first session that could trade on it, day zero"),
    "opens": (MAYBE, "when that session opens, UTC; null where the snapshot does not say it"),
    "closes": (MAYBE, "when it closes, UTC"),
    "opens_local": (MAYBE, "when it opens, in the exchange's time"),
    "closes_local": (MAYBE, "when it closes, in the exchange's time"),
    "came": ({"enum": list(CAME)}, "when the news came, seen from that session; day where it has no time of day"),
    "before": (MAYBE, "session before"),
    "before_closes": (MAYBE, "when the session before closed, UTC"),
    "tickers": ({"type": "array", "items": TEXT}, "securities of the event there"),
}


def results_schema() -> Schema:
    """JSON Schema of results.json, built from the column tables above."""
    properties: dict[str, Schema] = {
        "schema_version": {"const": SCHEMA_VERSION},
        "study": {
            "type": "object",
            "properties": {
                "id": TEXT,
                "title": TEXT,
                "finding": {**MAYBE, "description": "the verdicts in a sentence"},
            },
            "required": ["id", "title", "finding"],
        },
        "settings": {"type": "object", "description": "effective settings after flags, file and defaults"},
        "content_id": {"type": "string", "description": "sha256 over prices, claims, settings and version"},
        "data": {"type": "object", "description": "provenance, file hashes, and every issue found"},
        **{name: _table(columns) | _scope(name) for name, columns in ROWS.items()},
        "beyond": {"type": "array", "description": "what the articles say that prices cannot decide"},
        "contamination": {
            "type": "array",
            "description": "what the headline event's securities weigh in a benchmark, and the answers against it "
            "without them; three numbers are for the middle, the low and the high value of the index",
        },
        "trading": _table(TRADING) | {"description": "who could trade on the news when, by announcement and exchange"},
        "rarity": _table(RARITY) | {"description": "how rare the headline day was among all days of each series"},
        "timing": _timing(),
        "sensitivity": _sensitivity(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "eventstudy results.json",
        "description": "Returns are decimals, claims in their own unit; 12 significant digits; NaN is null.",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _timing() -> Schema:
    return {
        "type": "object",
        "description": "when they moved, found from the data",
        "properties": {
            "most": _table(SESSION) | {"description": "the most abnormal session of the event window, a row a subject"},
            "before": _table(BEFORE) | {"description": "announcements before the event, within its window"},
        },
        "required": ["most", "before"],
        "additionalProperties": False,
    }


def _sensitivity() -> Schema:
    """JSON Schema of the grid of specifications."""
    lists = {name: {"type": "array", "items": TEXT, "description": f"values of {name} in it"} for name in DIMENSIONS}
    agreement = _table(AGREEMENT)
    agreement["items"]["properties"]["flips"] |= _table(FLIP)
    return {
        "type": ["object", "null"],
        "description": "the headline event under other defensible specifications; null where the study leaves it out",
        "properties": {
            "fragile_below": NUMBER,
            "grids": {
                "type": "array",
                "items": {"type": "object", "properties": {"exchange": TEXT, "cells": WHOLE, **lists}},
            },
            "agreement": agreement,
            "left_out": {"type": "array", "items": TEXT, "description": "what has no cells, and why"},
        },
        "required": ["fragile_below", "grids", "agreement", "left_out"],
        "additionalProperties": False,
    }


def _scope(name: str) -> Schema:
    """What is said of the rows of a table as a whole."""
    if not name.startswith("volume_"):
        return {}
    return {"description": "log volume; the headline event alone, on the exchange of its group's first security"}


def _table(columns: Mapping[str, tuple[Schema, str]]) -> Schema:
    described = {name: {**schema, "description": words} for name, (schema, words) in columns.items()}
    row = {"type": "object", "properties": described, "required": list(columns), "additionalProperties": False}
    return {"type": "array", "items": row}


def study_schema() -> Schema:
    """JSON Schema of study.yaml."""
    from eventstudy.models import MODELS
    from eventstudy.study.keys import StudyFile

    schema = StudyFile.model_json_schema()
    known = [{"const": name, "description": f"{m.words}: {m.formula} ({m.source})"} for name, m in MODELS.items()]
    schema["properties"]["model"] |= {"oneOf": known}
    return schema


def claims_schema() -> Schema:
    """JSON Schema of claims.yaml: each claim is an entry of one kind, with the params of that kind."""
    from pydantic.json_schema import models_json_schema

    from eventstudy.claims.kinds import CLAIM_KINDS
    from eventstudy.claims.schema import ClaimsFile, entry_model

    entries = [entry_model(kind) for kind in CLAIM_KINDS]
    names, schema = models_json_schema([(ClaimsFile, "validation"), *((entry, "validation") for entry in entries)])
    whole = {**schema["$defs"].pop("ClaimsFile")}
    kinds = [
        {"allOf": [names[entry, "validation"], {"properties": {"kind": {"const": kind}}}]}
        for kind, entry in zip(CLAIM_KINDS, entries, strict=True)
    ]
    claims = {**whole["properties"]["claims"], "items": {"anyOf": kinds}}
    return {**whole, "properties": {**whole["properties"], "claims": claims}, "$defs": schema["$defs"]}


SCHEMAS: dict[str, Callable[[], Schema]] = {"results": results_schema, "study": study_schema, "claims": claims_schema}
