"""StudyResult -> rows -> results.json and tidy frames; numbers unrounded but for 12 significant digits in the file.

Every table is a list of dicts, one function a table; `schema.py` describes each key. NaN and infinite ends of
intervals become null. No clock: the same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.files.writing import json_object
from eventstudy.objects.contamination import Contamination
from eventstudy.objects.estimation import Window
from eventstudy.objects.recovery import Recovery
from eventstudy.objects.sensitivity import FRAGILE, Agreement, Sensitivity
from eventstudy.objects.settings import settings_dict
from eventstudy.objects.verdicts import AbnormalAxis, Interval, Part, Reading, Verdict
from eventstudy.report.trading import trading

if TYPE_CHECKING:
    from eventstudy.objects.estimation import FloatArray
    from eventstudy.objects.outcomes import Diagnostic
from eventstudy.objects.cards import BETA
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult

Row = dict[str, Any]
SCHEMA_VERSION = 1


def _where(result: EventResult) -> Row:
    return {"event": result.event, "exchange": result.exchange, "benchmark": result.benchmark, "model": result.model}


def _who(result: EventResult, key: str | None) -> Row:
    """The security of an event, None for a group; also the event's key where a security of the result has several."""
    ticker = None if key is None else result.panel.event_tickers[result.row(key)]
    who: Row = {"ticker": ticker, "key": key} if result.panel.keys != result.panel.event_tickers else {"ticker": ticker}
    own = key is not None and result.panel.benchmark_of(result.row(key)) != result.benchmark
    return who | {"benchmark": result.panel.benchmark_of(result.row(key))} if own and key is not None else who


def estimates(result: StudyResult) -> list[Row]:
    """One row a security, event, benchmark and model: parameters, sigma, fit, or the reason why there are none."""
    return [row for event in result.events for row in _estimates(event)]


def _estimates(result: EventResult) -> Iterator[Row]:
    normal = result.normal
    column = {name: k for k, name in enumerate(normal.names)}
    slope = next((column[name] for name in BETA if name in column), None)
    for i, key in enumerate(result.panel.keys):
        zero = result.panel.day_zero[i]
        yield {
            **_where(result),
            "headline": result.headline,
            **_who(result, key),
            "day_zero": zero.session,
            "alpha": normal.params[i, column["const"]] if "const" in column else None,
            "beta": normal.params[i, slope] if slope is not None else None,
            "params": {name: normal.params[i, k] for name, k in column.items()},
            "sigma": normal.sigma[i],
            "r_squared": normal.r_squared[i],
            "nobs": int(normal.nobs[i]),
            "nu": normal.nu[i],
            "reason": normal.reason[i],
        }


def abnormal_returns(result: StudyResult) -> list[Row]:
    """One row a security and day of the event window: return, expected, abnormal, its standard error, SAR."""
    return [row for event in result.events for row in _abnormal_returns(event)]


def _abnormal_returns(result: EventResult) -> Iterator[Row]:
    abnormal, panel = result.abnormal, result.panel
    se = result.normal.sigma[:, None] * np.sqrt(abnormal.forecast_factor())
    arrays = (abnormal.realized(), abnormal.expected(), abnormal.ar, se, abnormal.sar())
    columns = [array.tolist() for array in arrays]  # plain numbers: much quicker to take one by one
    days = panel.sessions.strftime("%Y-%m-%d").tolist()
    where = _where(result)
    for i, key in enumerate(panel.keys):
        day, who = int(panel.day[i]), _who(result, key)
        own = (column[i] for column in columns)
        for tau, ret, expected, ar, error, sar in zip(panel.event.taus, *own, strict=True):
            yield {
                **where,
                **who,
                "tau": tau,
                "date": days[day + tau] if 0 <= day + tau < len(days) else None,
                "ret": ret,
                "expected": expected,
                "ar": ar,
                "se": error,
                "sar": sar,
            }


def windows(result: StudyResult) -> list[Row]:
    """One row a security or group and window: CAR (CAAR for a group), its standard error, t, p, BHAR."""
    rows = []
    for event in result.events:
        for window in result.settings.windows:
            bhar = _bhar(event, window)
            rows += [*_security_windows(event, window, bhar), *_group_windows(event, window, bhar)]
    return rows


def _security_windows(result: EventResult, window: Window, bhar_of: FloatArray) -> Iterator[Row]:
    abnormal = result.abnormal
    car, se = abnormal.car(window), abnormal.car_se(window)
    columns = [values.tolist() for values in (car, se, car / se, result.normal.nu, bhar_of)]
    where, rows = _where(result), zip(result.panel.keys, *columns, strict=True)
    for key, total, error, t, nu, bhar in rows:
        test = result.find(key, window, "t")
        yield {
            **where,
            **_who(result, key),
            "group": None,
            "window": [window.start, window.end],
            "car": total,
            "se": error,
            "t": t,
            "df": nu,
            "p": None if test is None else test.p,
            "p_holm": None if test is None else test.p_holm,
            "p_bh": None if test is None else test.p_bh,
            "bhar": bhar,
        }


def _group_windows(result: EventResult, window: Window, bhar: FloatArray) -> Iterator[Row]:
    """The CAAR with the portfolio's standard error on a shared date, else the cross-section's."""
    for name, members in result.groups.items():
        shared = len({int(result.panel.day[result.row(key)]) for key in members}) == 1
        test = result.find(name, window, "portfolio_t" if shared else "cross_sectional_t")
        caar = result.group(name).caar(window)
        t = float("nan") if test is None else test.statistic
        yield {
            **_where(result),
            **_who(result, None),
            "group": name,
            "window": [window.start, window.end],
            "car": caar,
            "se": abs(caar / t) if t else float("nan"),
            "t": t,
            "df": None if test is None or not test.df else test.df[0],
            "p": None if test is None else test.p,
            "p_holm": None,
            "p_bh": None,
            "bhar": float(np.mean([bhar[result.row(key)] for key in members])),
        }


def _bhar(result: EventResult, window: Window) -> FloatArray:
    simple = result.panel.kind == "simple"
    return result.abnormal.bhar(window) if simple else np.full(result.panel.n_events, np.nan)


def tests(result: StudyResult) -> list[Row]:
    """One row a test, subject and window, with null, distribution, assumptions, and why it does not apply."""
    return [row for event in result.events for row in _tests(event)]


def _tests(result: EventResult) -> Iterator[Row]:
    where = _where(result)
    for finding in result.tests:
        test = finding.result
        yield {
            **where,
            "test": test.test,
            **_who(result, None if finding.is_group else finding.subject),
            "group": finding.subject,
            "window": [test.window.start, test.window.end],
            "front": finding.front,
            "null": test.null,
            "statistic": test.statistic,
            "distribution": test.distribution,
            "df": list(test.df),
            "p": test.p,
            "p_holm": test.p_holm,
            "p_bh": test.p_bh,
            "n": test.n,
            "applies": test.applies,
            "reason": test.reason,
            "warning": test.warning,
            "assumptions": list(test.assumptions),
        }


def diagnostics(result: StudyResult) -> list[Row]:
    """One row a check of an estimation window: statistic, threshold, verdict and what it means for the tests."""
    return [_diagnostic(event, _flat(check)) for event in result.events for check in event.diagnostics]


def _diagnostic(result: EventResult, check: Row) -> Row:
    subject = check.pop("subject")
    group = subject if subject in result.groups else None
    return {**_where(result), **_who(result, None if group else subject), "group": group, **check}


def claims(result: StudyResult) -> list[Row]:
    """One row a claim: what was claimed, what was measured, the verdict and its arithmetic."""
    return [claim_row(verdict) for verdict in result.verdicts]


def claim_row(verdict: Verdict) -> Row:
    """One verdict; ``abnormal`` is the headline entry of the second axis, ``abnormal_all`` has all subjects."""
    claim = verdict.claim
    measured = _interval(verdict.measured)
    return {
        "id": claim.id,
        "kind": claim.kind,
        "says": claim.says,
        "sources": [s.key for s in claim.sources],
        "status": claim.status,
        "place": dict(claim.place),
        "verdict": "opinion" if claim.status == "opinion" else verdict.verdict,
        "note": verdict.note,
        "expect": claim.expect,
        "direction": claim.claimed.direction,
        "claimed": _interval(verdict.claimed),
        "measured": None if measured is None else {"value": verdict.value, **measured},
        "readings": [_flat(r) for r in verdict.readings],
        "parts": [_flat(p) for p in verdict.parts],
        "depends": [r.label for r in verdict.depends],
        "abnormal": _axis(verdict.abnormal[0]) if verdict.abnormal else None,
        "abnormal_all": [_axis(a) for a in verdict.abnormal],
        "agreement": verdict.agreement,
        "fragile": verdict.fragile,
        "reason": verdict.reason,
        "caveats": list(verdict.caveats),
        "recovery": None if verdict.recovery is None else _recovery(verdict.recovery),
        "evidence": {
            "summary": asdict(verdict.summary),
            "steps": [asdict(s) for s in verdict.steps],
            "decision": None if verdict.decision is None else asdict(verdict.decision),
        },
    }


def _recovery(path: Recovery) -> Row:
    """The path back: half-lives, then a row a session."""
    days = [{**asdict(day), "day": day.day.isoformat()} for day in path.days]
    halves = {"half_life": path.half_life, "abnormal_half_life": path.abnormal_half_life}
    return {"ticker": path.ticker, "day": path.day.isoformat(), "level": path.level, **halves, "days": days}


def _axis(axis: AbnormalAxis) -> Row:
    return {**_flat(axis), "step": None if axis.step is None else asdict(axis.step)}


def _flat(said: Reading | Part | AbnormalAxis | Diagnostic) -> Row:
    """As `asdict`, which copies whatever is inside as well: here that is plain data already."""
    return {name: getattr(said, name) for name in said.__dataclass_fields__}


def _interval(interval: Interval | None) -> Row | None:
    return None if interval is None else {"low": interval.low, "high": interval.high, "unit": interval.unit}


def of_volume(table: Callable[[StudyResult], list[Row]]) -> Callable[[StudyResult], list[Row]]:
    """The same table of the headline event's log volume: ``car`` sums abnormal logs, +0.69 being twice the ordinary."""
    return lambda result: table(replace(result, events=result.volume))


TABLES: dict[str, Callable[[StudyResult], list[Row]]] = {
    "estimates": estimates,
    "abnormal_returns": abnormal_returns,
    "windows": windows,
    "tests": tests,
    "diagnostics": diagnostics,
    "claims": claims,
    "volume_estimates": of_volume(estimates),
    "volume_windows": of_volume(windows),
    "volume_tests": of_volume(tests),
}


def _contamination(found: Contamination) -> Row:
    """Weights, points and answers, each number as [middle, low, high] of the value of the index."""
    return {
        "benchmark": found.index,
        "name": found.name,
        "date": found.day.isoformat(),
        "source": found.source,
        "ret": found.ret,
        "ret_without": list(astuple(found.without)),
        "members": [
            {"ticker": m.ticker, "weight": list(astuple(m.weight)), "ret": m.ret, "points": list(astuple(m.points))}
            for m in found.members
        ],
        "answers": [
            {"event": key, "ar": list(astuple(ar)), "p": list(astuple(p))} for key, (ar, p) in found.answers.items()
        ],
    }


def rarity(result: StudyResult) -> list[Row]:
    """How rare the headline day was: a row a group, security and index, raw and abnormal, with its ten largest days."""
    days = ("day", "first", "last")
    rows = result.rarity().to_dict("records")
    plain = [{str(k): v.date().isoformat() if k in days else v for k, v in row.items()} for row in rows]
    return [{**row, "largest": [list(pair) for pair in row["largest"]]} for row in plain]


def timing(result: StudyResult) -> Row:
    """The most abnormal session of every group and security, and what announcements before the event did to them."""
    found = result.timing()
    most = [{**asdict(one), "day": one.day.date().isoformat()} for one in found.most]
    for row in most:
        del row["most"]
    return {"most": most, "before": [asdict(one) for one in found.reactions]}


def sensitivity(found: Sensitivity) -> Row:
    """The cells of each exchange by their settings, and a row a subject and window: how many agree, what flips them."""
    return {
        "fragile_below": FRAGILE,
        "grids": [
            {
                "exchange": part.exchange,
                "cells": len(part.cells),
                **{name: list(values) for name, values in part.where.items()},
            }
            for part in found.parts
        ],
        "agreement": [_agreement(one) for one in found.agreements],
        "left_out": list(found.left_out),
    }


def _agreement(one: Agreement) -> Row:
    return {
        "exchange": one.exchange,
        "ticker": None if one.is_group else one.subject,
        "group": one.subject if one.is_group else None,
        "window": [one.window.start, one.window.end],
        "answer": one.answer,
        "cells": one.cells,
        "agreement": one.share,
        "fragile": one.fragile,
        "significance": one.significance,
        "sign": one.sign,
        "flips": [asdict(flip) for flip in one.flips],
    }


def results_dict(result: StudyResult) -> Row:
    """The whole result as plain data, in the order of the file."""
    from eventstudy.report.headline import headline

    issues = [{**asdict(i), "date": None if i.date is None else i.date.isoformat()} for i in result.issues]
    return {
        "schema_version": SCHEMA_VERSION,
        "study": {
            "id": result.settings.id,
            "title": result.settings.title,
            "finding": headline([v for v in result.verdicts if v.rated]) or None,
        },
        "settings": settings_dict(result.settings),
        "content_id": result.content_id,
        "data": {**asdict(result.prices.provenance), "files": dict(result.files), "issues": issues},
        **{name: table(result) for name, table in TABLES.items()},
        "beyond": [asdict(b) for b in result.beyond],
        "contamination": [_contamination(found) for found in result.contamination],
        "trading": trading(result),
        "rarity": rarity(result),
        "timing": timing(result),
        "sensitivity": None if result.settings.sensitivity is None else sensitivity(result.sensitivity()),
    }


def to_json(result: StudyResult) -> str:
    """The whole result as JSON text, a row a line."""
    return json_object(results_dict(result))


def tests_frame(result: StudyResult) -> pd.DataFrame:
    """The table `tests` as a frame named as that of an `EventRun`; a test of one event has its key and day zero."""
    rows = []
    for event in result.events:
        days = {key: zero.session for key, zero in zip(event.panel.keys, event.panel.day_zero, strict=True)}
        for row, finding in zip(_tests(event), event.tests, strict=True):
            key = None if finding.is_group else finding.subject
            own: Row = {"subject": finding.subject, "window": str(finding.result.window)}
            own |= {"key": key, "day_zero": days[key] if key is not None else None}
            rows.append({"subject" if name == "group" else name: value for name, value in row.items()} | own)
    return pd.DataFrame(rows)
