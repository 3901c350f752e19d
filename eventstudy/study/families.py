"""One test of many securities is many hypotheses: p-values adjusted over all of a study that are asked together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eventstudy.inference import holm_and_bh, romano_wolf_of
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import Finding

NAN = float("nan")


def adjusted(results: Sequence[EventResult]) -> tuple[EventResult, ...]:
    """Holm and Benjamini-Hochberg for each test and window, over all securities of the event; Romano-Wolf for `t`.

    The study's own answers are one family, whatever exchange and benchmark a security has; each comparison is another.
    """
    families: dict[tuple[object, ...], list[tuple[int, int, float]]] = {}
    for i, result in enumerate(results):
        which = "own" if result.headline else (result.benchmark, result.model)
        for j, finding in enumerate(result.tests):
            if not finding.is_group:
                said = finding.result
                key = (result.event, which, said.test, said.window.start, said.window.end)
                families.setdefault(key, []).append((i, j, said.p))
    raised: list[dict[int, tuple[float, float]]] = [{} for _ in results]
    for places in families.values():
        by_holm, by_bh = holm_and_bh([p for _, _, p in places])
        for (i, j, _), *values in zip(places, by_holm.tolist(), by_bh.tolist(), strict=True):
            raised[i][j] = (values[0], values[1])
    out = []
    stepped = _step_down(results)
    for result, mine, by_rw in zip(results, raised, stepped, strict=True):
        tests = [
            Finding(f.subject, False, f.front, f.result.adjusted(*mine[j], by_rw.get(j, NAN))) if j in mine else f
            for j, f in enumerate(result.tests)
        ]
        out.append(replace(result, tests=tuple(tests)))
    return tuple(out)


def _step_down(results: Sequence[EventResult]) -> list[dict[int, float]]:
    """Romano and Wolf's p of the `t` of every security by its place, the study's own answers of one event a family."""
    out: list[dict[int, float]] = [{} for _ in results]
    for event in dict.fromkeys(result.event for result in results):
        family = [i for i, result in enumerate(results) if result.event == event and result.headline]
        own = [results[i].abnormal for i in family]
        found = {i: [(j, f) for j, f in enumerate(results[i].tests) if f.result.test == "t"] for i in family}
        windows = {f.result.window: None for mine in found.values() for _, f in mine}
        p = {w: dict(zip(family, romano_wolf_of(own, w), strict=True)) for w in windows}
        for i in family:
            row = {key: k for k, key in enumerate(results[i].abnormal.keys)}
            for j, f in found[i]:
                out[i][j] = float(p[f.result.window][i][row[f.subject]])
    return out
