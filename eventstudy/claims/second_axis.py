"""The second axis of a verdict: was the move abnormal? Never averaged with the first.

One primary test, declared by the design. One security: ``t``, whether it is more than this share moves on an ordinary
day, given the market. A group on one shared date: the group as one portfolio, ``portfolio_t``. Own dates:
``adjusted_bmp_t``. A rank test of the same question stands beside it; other tests answer other questions and do not
vote.

The family is the claim's own: Holm over the securities that it names; a group is one test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import isfinite

import numpy as np
from scipy.special import stdtr, stdtrit

from eventstudy.abnormal import AbnormalReturns
from eventstudy.inference import card, choose, holm, run_tests
from eventstudy.objects.estimation import Window
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.outcomes import InferenceResult
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import AbnormalAxis, AxisWord, Claim, Quantity, Step
from eventstudy.once import once

ONE_DAY = Window(0, 0)
NAN = float("nan")

#: primary test of a design -> the rank tests of the same question, best first
CHECKS: Mapping[str, tuple[str, ...]] = {
    "t": ("sample_quantile", "placebo"),
    "portfolio_t": ("placebo_portfolio",),
    "adjusted_bmp_t": (),
}


# ------------------------------------------------------------------------------------------------------ securities
def security_axes(
    result: StudyResult,
    claim: Claim,
    tickers: Sequence[str],
    event: str | None = None,
    window: Window = ONE_DAY,
) -> tuple[AbnormalAxis, ...]:
    """One entry a security against its own benchmark, then against each further benchmark the claim names.

    Where there are several securities, of the further ones those are listed that answer otherwise, unless the claim
    itself asks for all. A security that could not be measured has an entry that says why.
    """
    name = event or claim.event or result.settings.headline_event
    heads = _family(result, tickers, name, window, None)
    further = [_family(result, tickers, name, window, b) for b in _further(result, claim)]
    own = tuple(_heard(result, axis, [a for row in further for a in row]) for axis in heads)
    listed = len(tickers) == 1 or claim.params.get("against_own")
    measured = {a.subject for a in own}
    measured |= {e.ticker for e in result.settings.events if e.key in measured}
    missing = [t for t in dict.fromkeys(tickers) if t not in measured]
    beside = [a for row in further for a in row if listed or _turns(result, own, a)]
    return distinct((*own, *(_unmeasured(result, t, name, window) for t in missing), *beside))


def _family(
    result: StudyResult, tickers: Sequence[str], event: str, window: Window, benchmark: str | None
) -> list[AbnormalAxis]:
    """The securities of a claim against one benchmark, with Holm over them."""
    found = [security_axis(result, t, event, window, benchmark) for t in dict.fromkeys(tickers)]
    axes = [axis for axis in found if axis is not None]
    adjusted = holm([axis.p for axis in axes]).tolist() if axes else []
    return [_answered(replace(axis, p_holm=p), result.settings.alpha) for axis, p in zip(axes, adjusted, strict=True)]


def _answered(axis: AbnormalAxis, alpha: float) -> AbnormalAxis:
    """The answer of the primary test under Holm, and its word: a rank test that disagrees changes the word."""
    rejects = (axis.p_holm if isfinite(axis.p_holm) else axis.p) < alpha
    by_rank = axis.tests.get(axis.check or "", NAN)
    word: AxisWord = "abnormal" if rejects else "not abnormal"
    if rejects and isfinite(by_rank) and by_rank >= alpha:
        word = "abnormal by the t test alone"
    return replace(axis, abnormal=rejects, word=word)


def _unmeasured(result: StudyResult, ticker: str, event: str, window: Window) -> AbnormalAxis:
    """The entry of a security without an abnormal return, with the reason."""
    found = event_result(result, ticker, event)
    why = f"the study does not estimate {ticker} for the event {event!r}"
    if found is not None:
        why = f"a return of {ticker} over {window} or in the estimation window is missing"
    elif ticker in {*result.settings.benchmarks.values(), *result.settings.compare_benchmarks}:
        why = f"{ticker} is what the others are compared with"
    where = (window.start, window.end)
    numbers = (NAN,) * 6
    return AbnormalAxis(
        ticker, event, "none", result.settings.model, where, *numbers, {}, None, word="cannot be measured", reason=why
    )


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
    row = found.row(found.key_of(ticker, event))
    return axis_of(found, found.abnormal, row, window, result.settings.alpha)


def axis_of(
    found: EventResult, abnormal: AbnormalReturns, row: int, window: Window, alpha: float
) -> AbnormalAxis | None:
    """The axis of the security in `row`; `abnormal` may span a longer window than the study's."""
    ar, se, nu = (float(of[row]) for of in (abnormal.car(window), abnormal.car_se(window), abnormal.normal.nu))
    if not (np.isfinite(ar) and np.isfinite(se) and se > 0):
        return None
    ticker = abnormal.keys[row]
    tests = _front(found, ticker, window)
    p = tests["t"].p if "t" in tests else float(2 * stdtr(nu, -abs(ar / se)))
    half = float(stdtrit(nu, 1 - alpha / 2)) * se
    expected = float(abnormal.expected()[row, abnormal.columns(window)].sum())
    axis = AbnormalAxis(
        ticker, found.event, found.benchmark or "none", found.model, (window.start, window.end),
        ar, se, ar - half, ar + half, p, p, {"t": p} | {name: r.p for name, r in tests.items()},
        abnormal=None, normal=expected, primary="t", question=card("t").question,
        check=next((c for c in CHECKS["t"] if c in tests), None), step=_step(ticker, found, abnormal, [row], window),
    )  # fmt: skip
    return _answered(axis, alpha)


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


# ------------------------------------------------------------------------------------------------------------ groups
def group_axes(
    result: StudyResult, claim: Claim, name: str, members: Sequence[str], event: str, window: Window = ONE_DAY
) -> tuple[AbnormalAxis, ...]:
    """The group against its own benchmark, then against each further one the claim names."""
    further = [group_axis(result, name, members, event, window, b) for b in _further(result, claim)]
    beside = [axis for axis in further if axis is not None]
    own = group_axis(result, name, members, event, window)
    return () if own is None else distinct((_heard(result, own, beside), *beside))


def group_axis(
    result: StudyResult,
    name: str,
    members: Sequence[str],
    event: str,
    window: Window = ONE_DAY,
    benchmark: str | None = None,
) -> AbnormalAxis | None:
    """The axis of a group whose members were estimated together, None where they were not.

    The interval is CAAR ± t quantile × the standard error of the portfolio of the members; NaN where their dates are
    their own.
    """
    results = result.select(event, benchmark=benchmark)
    found = next((r for r in results if {*members} <= {*r.panel.event_tickers}), None)
    if found is None or len(members) < 2 or not found.panel.event.contains(window):
        return None
    keys = tuple(found.key_of(ticker, event) for ticker in members)
    part = found.abnormal.take([found.row(key) for key in keys])
    kept = np.flatnonzero(np.isfinite(part.scar(window)))
    if len(kept) < 2:
        return None
    rows = [found.row(keys[int(k)]) for k in kept]
    part = part if len(kept) == part.n else part.take(kept)
    primary = "portfolio_t" if len({*part.panel.day.tolist()}) == 1 else "adjusted_bmp_t"
    ran = _ran(result, found, part, (name, keys), window, primary)
    whole = ran[primary]
    if not (whole.applies and np.isfinite(whole.p)):
        return None
    ar, se, df = part.caar(window), NAN, NAN
    if primary == "portfolio_t" and np.isfinite(whole.statistic) and whole.statistic != 0:
        se, df = abs(ar / whole.statistic), whole.df[0]
    half = float(stdtrit(df, 1 - result.settings.alpha / 2)) * se if np.isfinite(se) else NAN
    tests = {test: r.p for test, r in ran.items() if r.applies and np.isfinite(r.p)}
    expected = float(np.mean(part.expected()[:, part.columns(window)].sum(axis=1)))
    axis = AbnormalAxis(
        name, event, found.benchmark or "none", found.model, (window.start, window.end),
        ar, se, ar - half, ar + half, whole.p, NAN, tests,
        abnormal=None, normal=expected, primary=primary, question=card(primary).question,
        check=next((c for c in CHECKS[primary] if c in tests), None),
        step=_step(name, found, found.abnormal, rows, window),
    )  # fmt: skip
    return _answered(axis, result.settings.alpha)


def _ran(
    result: StudyResult,
    found: EventResult,
    part: AbnormalReturns,
    who: tuple[str, tuple[str, ...]],
    window: Window,
    primary: str,
) -> dict[str, InferenceResult]:
    """The primary test first, its check, then the other tests that fit the design; what the study has run is taken."""
    wanted = tuple(dict.fromkeys((primary, *CHECKS[primary], *choose(part, window).front)))
    ran = {}
    if found.groups.get(who[0]) == who[1]:
        known = {t: found.find(who[0], window, t) for t in wanted if t not in result.settings.functions}
        ran = {t: r for t, r in known.items() if r is not None}
    missing = [t for t in wanted if t not in ran]
    ran |= {r.test: r for r in (run_tests(part, window, missing) if missing else ())}
    return {test: ran[test] for test in wanted}


# ------------------------------------------------------------------------------------------------------- arithmetic
def _step(subject: str, found: EventResult, abnormal: AbnormalReturns, rows: Sequence[int], window: Window) -> Step:
    """AR = R − (a + b Rm) in numbers, of several events their means; other models by what they expected."""
    cols = abnormal.columns(window)
    normal, at = abnormal.normal, [*rows]
    returns = float(np.mean(abnormal.realized()[at, cols].sum(axis=1)))
    expected = float(np.mean(abnormal.expected()[at, cols].sum(axis=1)))
    source = f"model {found.model} on {found.benchmark}, estimated over {found.panel.estimation}"
    many = f", means of {len(at)}" if len(at) > 1 else ""
    inputs: dict[str, Quantity | str] = {"R": Quantity(100 * returns, "percent", f"return of {subject}{many}")}
    result = Quantity(100 * (returns - expected), "percent")
    label = f"Abnormal return of {subject} {compared_with(found.benchmark)}"
    if window.length > 1:
        label += f" over {window}"
    a, b = (float(np.mean(normal.params[at, k])) if normal.params.shape[1] == 2 else NAN for k in (0, 1))
    if normal.names != ("const", "market") or not isfinite(b) or b == 0:
        inputs["normal"] = Quantity(100 * expected, "percent", source)
        return Step(label, "R − normal", inputs, result)
    inputs["a"] = Quantity(100 * a, "percent", source)
    inputs["b"] = Quantity(b, "coefficient", source)
    market = (expected - window.length * a) / b
    inputs["Rm"] = Quantity(100 * market, "percent", f"return of {found.benchmark} over the same sessions")
    if window.length == 1:
        return Step(label, "R − (a + b × Rm)", inputs, result)
    inputs["sessions"] = Quantity(window.length, "count")
    return Step(label, "R − (sessions × a + b × Rm)", inputs, result)


# --------------------------------------------------------------------------------------------------------- benchmarks
def _further(result: StudyResult, claim: Claim) -> tuple[str, ...]:
    """The benchmarks a claim is tested against: those it names, and its own index without the event's securities."""
    return (*(claim.params.get("against") or ()), *(found.name for found in result.contamination))


def _heard(result: StudyResult, axis: AbnormalAxis, others: Iterable[AbnormalAxis]) -> AbnormalAxis:
    """The headline entry, whose word takes into account the benchmarks that hold little of the event's securities."""
    if any(other.abnormal != axis.abnormal for other in _clean(result, axis, others)):
        return replace(axis, word="depends on the benchmark")
    return axis


def _turns(result: StudyResult, own: Iterable[AbnormalAxis], other: AbnormalAxis) -> bool:
    """Whether it is for this further benchmark that the word of a headline entry is *depends on the benchmark*."""
    return any(other.abnormal != axis.abnormal and other in _clean(result, axis, [other]) for axis in own)


def _clean(result: StudyResult, axis: AbnormalAxis, others: Iterable[AbnormalAxis]) -> list[AbnormalAxis]:
    """The same question against benchmarks of which no security of the event is a declared member, such as the index
    from which they are taken out."""
    tickers = {e.ticker for e in result.settings.events if e.id == axis.event}
    same = [o for o in others if (o.subject, o.event, o.window) == (axis.subject, axis.event, axis.window)]
    held = result.settings.members
    return [o for o in same if o.benchmark != axis.benchmark and not tickers & {*held.get(o.benchmark, ())}]


def compared_with(benchmark: str | None) -> str:
    """``against ^IXIC``, or that the model needs no benchmark."""
    return f"against {benchmark}" if benchmark not in (None, "none") else "without a benchmark"


def axis_caveats(result: StudyResult, axes: Iterable[AbnormalAxis]) -> list[str]:
    """What bends an abnormal return: a security inside its own benchmark, and how benchmarks and rank tests answer."""
    given = [axis for axis in axes if axis.abnormal is not None]
    return [*_inside(result, given), *_benchmarks(given), *_by_rank(given)]


def _inside(result: StudyResult, axes: Sequence[AbnormalAxis]) -> list[str]:
    inside: dict[str, list[str]] = {}
    for axis in axes:
        held = result.settings.members.get(axis.benchmark, ())
        who = [t for t in result.settings.groups.get(axis.subject, (axis.subject,)) if t in held]
        inside[axis.benchmark] = [*dict.fromkeys([*inside.get(axis.benchmark, []), *who])]
    return [
        f"{', '.join(tickers)} {'is' if len(tickers) == 1 else 'are'} part of {benchmark}: the index moved "
        "partly with what is measured against it, which pulls the abnormal return towards zero."
        for benchmark, tickers in inside.items()
        if tickers
    ]


def _benchmarks(axes: Sequence[AbnormalAxis]) -> list[str]:
    """Where the answer, or the sign, is another one against another benchmark."""
    said = []
    for subject in dict.fromkeys(a.subject for a in axes):
        own = [a for a in axes if a.subject == subject]
        same = [a for a in own if a.window == own[0].window and a.event == own[0].event]
        answers = {word: [a.benchmark for a in same if a.abnormal is word] for word in (True, False)}
        if answers[True] and answers[False]:
            yes, no = (", ".join(answers[word]) for word in (True, False))
            said.append(
                f"Whether {subject} moved abnormally depends on what it is compared with: yes against {yes}; "
                f"no against {no}."
            )
        signs = {sign: ", ".join(a.benchmark for a in same if (a.ar < 0) is sign) for sign in (True, False)}
        if all(signs.values()):
            said.append(
                f"The abnormal return of {subject} changes its sign with the benchmark: below zero against "
                f"{signs[True]}; above against {signs[False]}."
            )
    return said


def _by_rank(axes: Sequence[AbnormalAxis]) -> list[str]:
    """Where the rank test of the same question does not reject what the primary one does."""
    alone: dict[tuple[str, str], dict[str, None]] = {}
    for axis in axes:
        if axis.word == "abnormal by the t test alone":
            alone.setdefault((axis.primary, axis.check or ""), {})[axis.subject] = None
    return [
        f"{', '.join(subjects)}: {primary} rejects and {check} does not; it {card(check).leans_on}."
        for (primary, check), subjects in alone.items()
    ]
