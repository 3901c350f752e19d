"""The second axis of a verdict: was the move abnormal? Never averaged with the first.

A security's abnormal return stands with its interval, AR ± t quantile(nu) × forecast standard error, and the tests
that fit the design; a group's mean abnormal return with the interval of the portfolio that holds its members equally.

One rule: a security is abnormal, taken alone, where the raw p of ``t`` is below alpha; whether it stays so among all
securities of the event is Holm's to say (``adjusted``). A group's mean is abnormal where every fitting test of a mean
rejects, not abnormal where none does, undecided where they differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from scipy.special import stdtr, stdtrit

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference import card, choose, run_tests
from eventstudy.objects.estimation import Window
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.objects.results import EventResult, StudyResult
from eventstudy.objects.verdicts import AbnormalAxis, Claim
from eventstudy.once import once

ONE_DAY = Window(0, 0)
NAN = float("nan")
OF_EVERY = "hotelling"  # its hypothesis is that every abnormal return is zero, not the mean


def security_axes(
    result: StudyResult,
    claim: Claim,
    tickers: Sequence[str],
    event: str | None = None,
    window: Window = ONE_DAY,
) -> tuple[AbnormalAxis, ...]:
    """One entry a security against its own benchmark, then against each further benchmark the claim names.

    Where there are several securities the further ones are left out, unless the claim itself asks for them.
    Securities that the study did not estimate are left out; a benchmark itself has no abnormal return.
    """
    name = event or claim.event or result.settings.headline_event
    found = [security_axis(result, ticker, name, window) for ticker in tickers]
    further = claim.params.get("against") if len(tickers) == 1 or claim.params.get("against_own") else ()
    for benchmark in further or ():
        found += [security_axis(result, ticker, name, window, benchmark) for ticker in tickers]
    return distinct(axis for axis in found if axis is not None)


def distinct(axes: Iterable[AbnormalAxis]) -> tuple[AbnormalAxis, ...]:
    """Each question once: a further benchmark may be the study's own, two events of a claim may be one."""
    kept: dict[tuple[object, ...], AbnormalAxis] = {}
    for axis in axes:
        kept.setdefault((axis.subject, axis.event, axis.benchmark, axis.model, axis.window), axis)
    return tuple(kept.values())


def event_result(result: StudyResult, ticker: str, event: str, benchmark: str | None = None) -> EventResult | None:
    """The estimates of a security, None where the study has none for that event and benchmark."""
    return next(result.select(event, ticker, benchmark), None)


def security_axis(
    result: StudyResult, ticker: str, event: str, window: Window = ONE_DAY, benchmark: str | None = None
) -> AbnormalAxis | None:
    """The axis of one security, None where it was not estimated or a day of the window is missing."""
    found = event_result(result, ticker, event, benchmark)
    if found is None or not found.panel.event.contains(window):
        return None
    return axis_of(found, found.abnormal, found.row(ticker), window, result.settings.alpha)


def axis_of(
    found: EventResult, abnormal: AbnormalReturns, row: int, window: Window, alpha: float
) -> AbnormalAxis | None:
    """The axis of the security in `row`; `abnormal` may span a longer window than the study's."""
    ar, se, nu = (float(of[row]) for of in (abnormal.car(window), abnormal.car_se(window), abnormal.normal.nu))
    if not (np.isfinite(ar) and np.isfinite(se) and se > 0):
        return None
    ticker = abnormal.tickers[row]
    tests = _front(found, ticker, window)
    p = tests["t"].p if "t" in tests else float(2 * stdtr(nu, -abs(ar / se)))
    half = float(stdtrit(nu, 1 - alpha / 2)) * se
    expected = float(abnormal.expected()[row, abnormal.columns(window)].sum())
    holm = tests["t"].p_holm if "t" in tests else NAN
    return AbnormalAxis(
        ticker, found.event, found.benchmark or "none", found.model, (window.start, window.end),
        ar, se, ar - half, ar + half, p, holm, {"t": p} | {name: r.p for name, r in tests.items()},
        abnormal=p < alpha, normal=expected, adjusted=bool(holm < alpha) if np.isfinite(holm) else None,
    )  # fmt: skip


def _front(found: EventResult, subject: str, window: Window) -> dict[str, InferenceResult]:
    """The tests in front that apply, in the order of the registry, ``t`` first."""
    return _fronts(found).get((subject, window), {})


@once
def _fronts(found: EventResult) -> dict[tuple[str, Window], dict[str, InferenceResult]]:
    by: dict[tuple[str, Window], dict[str, InferenceResult]] = {}
    for f in found.tests:
        if f.front and f.result.applies and isfinite(f.result.p):
            by.setdefault((f.subject, f.result.window), {})[f.result.test] = f.result
    return by


def group_axis(
    result: StudyResult,
    name: str,
    members: Sequence[str],
    event: str,
    window: Window = ONE_DAY,
    benchmark: str | None = None,
) -> AbnormalAxis | None:
    """The axis of a group whose members were estimated together, None where they were not.

    The headline p is that of the first test in front that applies; ``abnormal`` is None where the tests of the mean in
    front differ, since each stands up to something else. The interval is CAAR ± t quantile × the standard
    error of the portfolio of the members; NaN where that test does not apply.
    """
    found = next((r for r in _results(result, event, benchmark) if {*members} <= {*r.panel.event_tickers}), None)
    if found is None or len(members) < 2 or not found.panel.event.contains(window):
        return None
    part = found.abnormal.take([found.row(t) for t in members])
    kept = np.flatnonzero(np.isfinite(part.scar(window)))
    if len(kept) < 2:
        return None
    part = part if len(kept) == part.n else part.take(kept)
    choice = choose(part, window)
    wanted = dict.fromkeys([*choice.front, "portfolio_t"])
    ran = {}
    if found.groups.get(name) == tuple(members):  # the study has tested them
        known = {t: found.find(name, window, t) for t in wanted if t not in result.settings.functions}
        ran = {t: r for t, r in known.items() if r is not None}
    missing = [t for t in wanted if t not in ran]
    ran |= {r.test: r for r in (run_tests(part, window, missing) if missing else ())}
    tests = {t: ran[t].p for t in choice.front if ran[t].applies and np.isfinite(ran[t].p)}
    ar, se, df = part.caar(window), NAN, NAN
    whole = ran["portfolio_t"]
    if whole.applies and np.isfinite(whole.statistic) and whole.statistic != 0:
        se, df = abs(ar / whole.statistic), whole.df[0]
    half = float(stdtrit(df, 1 - result.settings.alpha / 2)) * se if np.isfinite(se) else NAN
    p = next(iter(tests.values()), NAN)
    answers = {value < result.settings.alpha for test, value in tests.items() if test != OF_EVERY}
    expected = float(np.mean(part.expected()[:, part.columns(window)].sum(axis=1)))
    return AbnormalAxis(
        name, event, found.benchmark or "none", found.model, (window.start, window.end),
        ar, se, ar - half, ar + half, p, NAN, tests,
        abnormal=answers.pop() if len(answers) == 1 else None, normal=expected,
    )  # fmt: skip


def _results(result: StudyResult, event: str, benchmark: str | None) -> Iterable[EventResult]:
    return result.select(event, benchmark=benchmark)


def group_axes(
    result: StudyResult, claim: Claim, name: str, members: Sequence[str], event: str, window: Window = ONE_DAY
) -> tuple[AbnormalAxis, ...]:
    """The group against its own benchmark, then against each further one the claim names."""
    wanted = [None, *(claim.params.get("against") or ())]
    found = [group_axis(result, name, members, event, window, b) for b in wanted]
    return distinct(axis for axis in found if axis is not None)


def compared_with(benchmark: str | None) -> str:
    """``against ^IXIC``, or that the model needs no benchmark."""
    return f"against {benchmark}" if benchmark not in (None, "none") else "without a benchmark"


def axis_caveats(result: StudyResult, axes: Iterable[AbnormalAxis]) -> list[str]:
    """What bends an abnormal return: a security inside its own benchmark, and how other benchmarks answer."""
    given = list(axes)
    caveats = []
    inside: dict[str, list[str]] = {}
    for axis in given:
        held = result.settings.members.get(axis.benchmark, ())
        who = [t for t in result.settings.groups.get(axis.subject, (axis.subject,)) if t in held]
        inside[axis.benchmark] = [*dict.fromkeys([*inside.get(axis.benchmark, []), *who])]
    for benchmark, tickers in inside.items():
        if tickers:
            caveats.append(
                f"{', '.join(tickers)} {'is' if len(tickers) == 1 else 'are'} part of {benchmark}: the index moved "
                "partly with what is measured against it, which pulls the abnormal return towards zero."
            )
    caveats += [*_differing(given, result.settings.alpha), *_of_every(given, result.settings.alpha), *_alone(given)]
    for subject in dict.fromkeys(a.subject for a in given):
        own = [a for a in given if a.subject == subject]
        answers = {a.benchmark: a.abnormal for a in own if a.window == own[0].window and a.event == own[0].event}
        if len(set(answers.values())) > 1:
            words = {True: "yes", False: "no", None: "undecided"}
            said = [(w, [b for b, a in answers.items() if a is k]) for k, w in words.items()]
            listed = "; ".join(f"{word} against {', '.join(names)}" for word, names in said if names)
            caveats.append(f"Whether {subject} moved abnormally depends on what it is compared with: {listed}.")
    return caveats


def _differing(axes: Iterable[AbnormalAxis], alpha: float) -> list[str]:
    """Where fitting tests of the same hypothesis differ: who rejects, who does not, and what each leans on."""
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...], str], list[str]] = {}
    for axis in axes:
        tests = {name: p for name, p in axis.tests.items() if name != OF_EVERY}
        yes = tuple(name for name, p in tests.items() if p < alpha)
        no = tuple(name for name, p in tests.items() if p >= alpha)
        if yes and no:
            leaves = "the mean is left undecided" if axis.abnormal is None else f"{next(iter(tests))} decides here"
            found.setdefault((_where(axis), yes, no, leaves), []).append(axis.benchmark)
    return [
        f"{where} {compared_with(', '.join(benchmarks))}: {_verb(yes, 'rejects', 'reject')}, "
        f"{_verb(no, 'does', 'do')} not, so {leaves}: "
        f"{'; '.join(f'{name} {card(name).leans_on}' for name in (*no, *yes))}."
        for (where, yes, no, leaves), benchmarks in found.items()
    ]


def _of_every(axes: Iterable[AbnormalAxis], alpha: float) -> list[str]:
    """Where the test that every abnormal return is zero answers otherwise than the tests of the mean."""
    found: dict[tuple[str, bool], list[str]] = {}
    for axis in (a for a in axes if OF_EVERY in a.tests):
        rejects = axis.tests[OF_EVERY] < alpha
        if rejects != axis.abnormal:
            found.setdefault((_where(axis), rejects), []).append(axis.benchmark)
    return [
        f"{where} {compared_with(', '.join(benchmarks))}: {OF_EVERY} asks another question, whether every single "
        f"abnormal return is zero, and {'rejects that' if rejects else 'does not reject that'}."
        for (where, rejects), benchmarks in found.items()
    ]


def _alone(axes: Iterable[AbnormalAxis]) -> list[str]:
    """Who is abnormal taken alone, but not among all securities of the event."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for axis in axes:
        if axis.abnormal and axis.adjusted is False:
            found.setdefault((f"{Window(*axis.window)} ({axis.event})", axis.subject), {})[axis.benchmark] = None
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (when, subject), benchmarks in found.items():
        together.setdefault((when, tuple(benchmarks)), []).append(subject)
    return [
        f"{', '.join(subjects)} over {when} {compared_with(', '.join(benchmarks))}: abnormal taken alone, but not once "
        "the number of securities tested is allowed for (Holm)."
        for (when, benchmarks), subjects in together.items()
    ]


def _where(axis: AbnormalAxis) -> str:
    return f"{axis.subject} over {Window(*axis.window)} ({axis.event})"


def _verb(names: Sequence[str], one: str, several: str) -> str:
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} {one if len(names) == 1 else several}"
