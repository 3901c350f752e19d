"""The verdicts as one flat table for other programs: a row a claim, in CSV, JSON or Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import pandas as pd

from eventstudy.files.writing import csv_text, json_text
from eventstudy.objects.verdicts import Interval, Verdict
from eventstudy.report import printed, wording
from eventstudy.report.cards import decided

Format = Literal["csv", "json", "md"]
FORMATS: tuple[str, ...] = get_args(Format)

#: column -> what it holds; numbers are in the unit beside them, abnormal returns are decimals
COLUMNS: Mapping[str, str] = {
    "id": "the claim",
    "kind": "its kind",
    "status": "stated, implied or opinion",
    "says": "the claim in our own words",
    "said": "the number or word as the article has it",
    "verdict": "the answer; an opinion is not rated",
    "note": "understated or overstated",
    "direction": "fall, rise or none",
    "claimed_low": "lower end of what the number stands for, by size; empty where there is none",
    "claimed_high": "upper end",
    "claimed_unit": "unit of both",
    "measured_value": "what was measured by the headline reading",
    "measured_low": "lower end of the range over the defensible inputs",
    "measured_high": "upper end",
    "measured_unit": "unit of the three",
    "decision": "the deciding step in numbers",
    "depends": "other definitions of the words with another verdict, each with its own",
    "abnormal": "the answer of the second axis, by its headline entry",
    "abnormal_subject": "security or group of that entry",
    "abnormal_benchmark": "what it was compared with",
    "abnormal_ar": "abnormal return, decimal",
    "abnormal_se": "its standard error",
    "abnormal_test": "the primary test",
    "abnormal_p": "its p-value",
    "abnormal_p_holm": "that by Holm over the securities that the claim names; empty for a group",
    "agreement": "share of the specifications that agree; empty without a grid",
    "fragile": "whether it is under 80 %",
    "reason": "why a claim is unresolved",
    "sources": "keys of the articles",
    "place": "paragraph in each article, or unknown",
    "expect": "the verdict on record",
}


def claims_frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row a claim, columns as in `COLUMNS`; what is not there is missing.

    Examples
    --------
    >>> claims_frame([]).columns[:3].tolist()
    ['id', 'kind', 'status']
    """
    return pd.DataFrame([_row(verdict) for verdict in verdicts], columns=[*COLUMNS])


def _row(verdict: Verdict) -> dict[str, Any]:
    claim, axis = verdict.claim, verdict.abnormal[0] if verdict.abnormal else None
    named = {
        "id": claim.id,
        "kind": claim.kind,
        "status": claim.status,
        "says": claim.says,
        "said": wording.claimed(replace(claim.claimed, direction="none")) or None,
        "verdict": "opinion" if claim.status == "opinion" else verdict.verdict,
        "note": verdict.note,
        "direction": claim.claimed.direction,
        "decision": decided(verdict),
        "depends": "; ".join(f"{r.label}: {r.verdict}" for r in verdict.depends) or None,
        "agreement": verdict.agreement,
        "fragile": verdict.fragile,
        "reason": verdict.reason,
        "sources": " ".join(source.key for source in claim.sources),
        "place": "; ".join(f"{key}: {where}" for key, where in claim.place.items()) or None,
        "expect": claim.expect,
    }
    measured = {"measured_value": verdict.value} if verdict.measured is not None else {}
    found = {**named, **_ends("claimed", verdict.claimed), **measured, **_ends("measured", verdict.measured)}
    if axis is not None:
        found |= {"abnormal": axis.word, "abnormal_subject": axis.subject, "abnormal_benchmark": axis.benchmark}
        found |= {"abnormal_ar": axis.ar, "abnormal_se": axis.se, "abnormal_test": axis.primary}
        found |= {"abnormal_p": axis.p, "abnormal_p_holm": axis.p_holm}
    return found


def _ends(name: str, interval: Interval | None) -> dict[str, Any]:
    if interval is None:
        return {}
    ends = {"low": interval.low, "high": interval.high}
    finite = {f"{name}_{end}": value for end, value in ends.items() if abs(value) != float("inf")}
    return {**finite, f"{name}_unit": interval.unit}


def claims_text(verdicts: Sequence[Verdict], form: Format) -> str:
    """The table as text: ``csv`` without live formulas, ``json`` a list of rows, ``md`` what a reader needs of it."""
    if form == "md":
        return printed.markdown((printed.verdicts(verdicts),))
    frame = claims_frame(verdicts)
    if form == "csv":
        return csv_text(frame, 12)
    rows = [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]
    return "[\n" + ",\n".join(map(json_text, rows)) + "\n]\n"
