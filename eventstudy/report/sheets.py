"""A study as the sheets of a workbook: what it is, its claims, then the frames that it also gives in Python."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from eventstudy.objects.results import StudyResult
from eventstudy.report.claimtable import claims_frame
from eventstudy.report.serialize import TABLES


def sheets(result: StudyResult) -> dict[str, pd.DataFrame]:
    """``about``, ``claims`` where there are any, ``cars``, ``caar``, ``tests``, ``estimates``, ``abnormal_returns``,
    ``rarity`` where it can be said, and ``issues``."""
    found = {"about": about(result)}
    if result.verdicts:
        found["claims"] = claims_frame(result.verdicts)
    found |= {"cars": result.cars(), "caar": result.caar(), "tests": result.tests()}
    estimates = pd.DataFrame(TABLES["estimates"](result))
    found["estimates"] = estimates.drop(columns="params", errors="ignore")
    returns = pd.DataFrame(TABLES["abnormal_returns"](result))
    found["abnormal_returns"] = returns.assign(date=pd.to_datetime(returns["date"])) if len(returns) else returns
    found["issues"] = pd.DataFrame([asdict(issue) for issue in result.issues])
    return {name: frame for name, frame in found.items() if len(frame)}


def about(result: StudyResult) -> pd.DataFrame:
    """What the workbook is of, one row per fact."""
    from eventstudy import __version__

    settings = result.settings
    facts = {
        "study": settings.id,
        "title": settings.title,
        "model": settings.model,
        "benchmarks": ", ".join(dict.fromkeys(str(e.benchmark) for e in result.events if e.headline)),
        "estimation window": str(settings.estimation),
        "event window": str(settings.event),
        "prices": result.prices.provenance.source,
        "content_id": result.content_id,
        "eventstudy": __version__,
        "numbers": "returns are decimals, -0.17 is -17 per cent; claims are in the unit beside them",
        "texts": "one that a spreadsheet would take for a formula has an apostrophe before it",
    }
    return pd.DataFrame({"what": list(facts), "value": list(facts.values())})
