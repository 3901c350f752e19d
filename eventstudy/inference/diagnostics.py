"""AbnormalReturns -> Diagnostic: does the estimation window bear out what the tests assume?

Levels
------
Each check with a p-value calls it *caution* below 1 per cent, and *problem* below 0.1 per cent where it matters for the
tests as well. Five per cent, the level of the tests themselves, would flag one row in twenty of a table of hundreds by
chance; 39 securities with six such checks have by chance two or three cautions at 1 per cent. An adjustment over all
rows (Holm) was decided against: the verdict on a security would then depend on which others were looked at beside it.
What matters is measured by what would become of the abnormal return or its standard error, since with 250 days a
departure can be certain and yet small; these limits are this package's, and each row says the size in its meaning.
*Fine* is never more than that these days do not contradict the assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import scipy.special as special

from eventstudy.abnormal import AbnormalReturns
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.inference.correlation import pair_sums
from eventstudy.inference.diagnostics_errors import ARCH_LM, JARQUE_BERA, LARGEST_RESIDUAL, LJUNG_BOX, THIN_TRADING
from eventstudy.inference.diagnostics_stability import COOK, CUSUM, SPLIT_WINDOW
from eventstudy.inference.estimation_days import CAUTION, EstimationDays, laid, without
from eventstudy.objects.cards import DiagnosticCheck
from eventstudy.objects.outcomes import Concern, Diagnostic
from eventstudy.registry import lookup

BLOCK = 512  # securities whose estimation windows are held at once
LARGEST_SIZE = 0.065  # of a test at a nominal 5 per cent, above which dependence is called a problem
NORMAL_95 = 1.959963984540054  # Phi^-1(0.975)


def residual_correlation(abnormal: AbnormalReturns | EstimationDays) -> list[Diagnostic]:
    """Mean correlation of the estimation residuals of the N events of a group, and the pair most alike.

    rbar = mean over pairs of rho_ij w_ij, rho_ij over the sessions that both have, w_ij the share of the event window
    that both have (1 on a shared date). On a shared date p is by CD = sum of sqrt(T_ij) rho_ij / sqrt(N(N-1)/2), normal
    under independence (Pesaran 2004), and the threshold is the rbar at which it is 1 per cent. Tests that take events
    as independent have the variance of a mean too small by 1 + (N-1) rbar (Kolari and Pynnonen 2010), so at a nominal
    5 per cent they reject 2 Phi(-1.96 / sqrt(1 + (N-1) rbar)): above 6.5 per cent is a problem.

    Returns
    -------
    One row, its subject the group; reason where fewer than two events were estimated.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> row = residual_correlation(example())[0]
    >>> row.subject, round(row.statistic, 3), row.verdict
    ('the 8 events', 0.177, 'problem')
    """
    days = laid(abnormal)
    rows = np.flatnonzero([why is None for why in days.reasons])
    subject, n = f"the {days.abnormal.n} events", len(rows)
    if n < 2:
        return [without("residual_correlation", subject, f"needs at least 2 estimated events, has {n}")]
    kept = days.abnormal if n == days.abnormal.n else days.abnormal.take(rows)
    found = pair_sums(kept.residuals(), kept.panel.day, kept.panel.event.length)
    if not found.count:
        said = "The events share no day, so tests that take them as independent are not misled by common news."
        return [Diagnostic("residual_correlation", subject, 0.0, _LIMIT, "above", float("nan"), "fine", said)]
    if not found.defined:
        return [without("residual_correlation", subject, "a pair of events has fewer than 3 estimation days in common")]
    pairs = n * (n - 1) / 2
    rbar, cd = found.weighted / pairs, found.rooted / np.sqrt(pairs)
    one_date = found.one_date and found.count == pairs
    p = float(2.0 * special.ndtr(-abs(cd))) if one_date else float("nan")
    days_in_common = found.common / found.count
    threshold = float(-special.ndtri(CAUTION / 2) / np.sqrt(pairs * days_in_common)) if one_date else _LIMIT
    i, j = found.pair
    most = f"{kept.keys[i]} and {kept.keys[j]} at {found.most:.2g}"
    verdict, said = _dependence(rbar, p, n, most)
    return [Diagnostic("residual_correlation", subject, rbar, threshold, "above", p, verdict, said)]


RESIDUAL_CORRELATION = DiagnosticCheck(
    name="residual_correlation",
    run=residual_correlation,
    label="Correlation",
    question="Do the securities err together? r̄, the mean over pairs; CD = √(T·N(N − 1)/2)·r̄, normal",
    source="Pesaran 2004; Kolari and Pynnönen 2010",
    of="group",
    trouble="other",
)


_LIMIT = 0.0  # threshold of rbar where the events have dates of their own: any correlation is too much


def _dependence(rbar: float, p: float, n: int, most: str) -> tuple[Concern, str]:
    inflation = 1.0 + (n - 1) * rbar
    size = float(2.0 * special.ndtr(-NORMAL_95 / np.sqrt(inflation))) if inflation > 0 else 0.0
    certain = not p >= CAUTION  # without a p-value the size alone decides
    verdict: Concern = "problem" if size > LARGEST_SIZE and certain else "caution" if size > LARGEST_SIZE else "fine"
    if verdict == "fine" and p < CAUTION:
        verdict = "caution"
    alike = f"mean residual correlation {rbar:.2g}, most alike {most}"
    if verdict == "fine":
        return verdict, f"Hardly dependent ({alike}): tests that take the {n} events as independent are not far off."
    if rbar < 0:
        return verdict, f"Negatively dependent ({alike}): tests that take the events as independent reject too seldom."
    return verdict, (
        f"Dependent ({alike}): at a nominal 5% tests that take the {n} events as independent reject about "
        f"{100 * size:.2g}% of true nulls. Use the adjusted and the portfolio tests."
    )


DIAGNOSTICS: dict[str, DiagnosticCheck] = {
    "jarque_bera": JARQUE_BERA,
    "ljung_box": LJUNG_BOX,
    "arch_lm": ARCH_LM,
    "cusum": CUSUM,
    "split_window": SPLIT_WINDOW,
    "largest_residual": LARGEST_RESIDUAL,
    "cook": COOK,
    "thin_trading": THIN_TRADING,
    "residual_correlation": RESIDUAL_CORRELATION,
}
OF_GROUPS = frozenset(name for name, check in DIAGNOSTICS.items() if check.of == "group")

Named = str | DiagnosticCheck | Callable[..., Any]  # how a caller may say which check


def check_card(check: Named) -> DiagnosticCheck:
    """The card of a check: of the registry by its name, a card as it is, or one made for a function of a user's own.

    Raises
    ------
    UnknownNameError : a name that is not in `DIAGNOSTICS`.
    SpecError : neither a name nor a card nor a function.
    """
    found: Any = lookup(DIAGNOSTICS, check, "diagnostic")
    if isinstance(found, DiagnosticCheck):
        return found
    if not callable(found):
        raise SpecError(f"a diagnostic is a name, a card or a function of abnormal returns, got {check!r}")
    name = str(getattr(found, "__name__", type(found).__name__))
    return DiagnosticCheck(
        name=name,
        run=found,
        label=name.replace("_", " ").strip().capitalize() or "Own check",
        question="a check of the user’s own",
        source="the user’s own",
        of="security",
        trouble="other",
    )


def run_diagnostics(abnormal: AbnormalReturns, names: Sequence[Named] = ()) -> tuple[Diagnostic, ...]:
    """Check the estimation window of every event, by check, then event.

    Parameters
    ----------
    names : names of `DIAGNOSTICS` or own functions ``(AbnormalReturns) -> list[Diagnostic]``; () runs all checks of
        single events.

    Raises
    ------
    UnknownNameError : a name that is not in `DIAGNOSTICS`; nothing is run.
    """
    wanted = names or [name for name in DIAGNOSTICS if name not in OF_GROUPS]
    checks = [check_card(name) for name in wanted]
    if abnormal.n == 0:
        return ()
    if abnormal.n <= BLOCK:
        return _run(abnormal, checks)
    starts = range(0, abnormal.n, BLOCK)
    parts = [abnormal.take(range(start, min(start + BLOCK, abnormal.n))) for start in starts]
    return tuple(
        row
        for check in checks
        for part in ([abnormal] if check.of == "group" else parts)
        for row in _run(part, [check])
    )


def _run(abnormal: AbnormalReturns, checks: Iterable[DiagnosticCheck]) -> tuple[Diagnostic, ...]:
    days = EstimationDays(abnormal)
    return tuple(row for check in checks for row in _called(check, abnormal, days))


def _called(check: DiagnosticCheck, abnormal: AbnormalReturns, days: EstimationDays) -> list[Diagnostic]:
    """What `check` says; one of a user's own gets the abnormal returns, and what it gives is checked."""
    if DIAGNOSTICS.get(check.name) is check:
        return check.run(days)
    try:
        found: Any = check.run(abnormal)
    except EventStudyError:
        raise
    except Exception as error:
        raise SpecError(
            f"the diagnostic {check.name!r} raised {type(error).__name__}: {error}; a diagnostic is a function "
            "(AbnormalReturns) -> list[Diagnostic]"
        ) from error
    if not isinstance(found, list | tuple) or not all(isinstance(row, Diagnostic) for row in found):
        raise SpecError(f"the diagnostic {check.name!r} gave {found!r}; it has to return a list of Diagnostic")
    for row in found:
        if row.verdict not in get_args(Concern):
            raise SpecError(
                f"the diagnostic {check.name!r} gave the verdict {row.verdict!r}; due is one of "
                f"{', '.join(get_args(Concern))}"
            )
    return list(found)


def group_diagnostics(abnormal: AbnormalReturns, name: str) -> tuple[Diagnostic, ...]:
    """What concerns the events of `abnormal` together, with the group's name as subject."""
    found = [row for check in DIAGNOSTICS.values() if check.of == "group" for row in check.run(abnormal)]
    return tuple(replace(row, subject=name) for row in found)
