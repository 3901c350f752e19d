"""What a test, and a check of a test's assumptions, have to say: two frozen records and who they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eventstudy.objects.estimation import Window

Concern = Literal["fine", "caution", "problem"]


@dataclass(frozen=True, slots=True)
class InferenceResult:
    """One test on one window, with everything a reader needs to judge it.

    ``distribution`` is the reference distribution (``t``, ``normal``, ``F``, ``chi2``, ``rank``, ``binomial``,
    ``permutation``, ``bootstrap``) and ``df`` its degrees of freedom, () if it has none; for ranks and resampling the
    number of days, sign patterns or draws that the statistic is compared with. ``p`` is two-sided unless ``null``
    says otherwise. Where the test does not apply ``reason`` says why and the numbers are NaN. ``warning`` says what
    the design does to the test, with the measured size. ``p_holm``, ``p_bh`` and ``p_rw`` (Romano and Wolf) are set
    only for families of hypotheses.
    """

    test: str
    null: str
    window: Window
    statistic: float
    distribution: str
    df: tuple[float, ...]
    p: float
    n: int
    assumptions: tuple[str, ...]
    reason: str | None = None
    warning: str | None = None
    p_holm: float = float("nan")
    p_bh: float = float("nan")
    p_rw: float = float("nan")

    @property
    def applies(self) -> bool:
        """Whether the test could be computed and means something here."""
        return self.reason is None

    def reworded(self, null: str, assumptions: tuple[str, ...], warning: str | None) -> InferenceResult:
        """The same numbers under other words."""
        return self._with(null, assumptions, warning, self.p_holm, self.p_bh, self.p_rw)

    def adjusted(self, p_holm: float, p_bh: float, p_rw: float) -> InferenceResult:
        """The same result with the p-values of its family."""
        return self._with(self.null, self.assumptions, self.warning, p_holm, p_bh, p_rw)

    def _with(
        self, null: str, assumptions: tuple[str, ...], warning: str | None, p_holm: float, p_bh: float, p_rw: float
    ) -> InferenceResult:
        return InferenceResult(  # one by one: `replace` takes four times as long, and a study has thousands
            self.test,
            null,
            self.window,
            self.statistic,
            self.distribution,
            self.df,
            self.p,
            self.n,
            assumptions,
            self.reason,
            warning,
            p_holm,
            p_bh,
            p_rw,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One test of one subject: ``subject`` is a ticker or the name of a group; ``front`` whether it fits the design."""

    subject: str
    is_group: bool
    front: bool
    result: InferenceResult


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One check of what the tests assume of the estimation window.

    ``check`` is its name in ``DIAGNOSTICS``; ``subject`` a ticker, or the name of a group; ``statistic`` and
    ``threshold`` decimals in the same unit (``beyond`` says on which side of the threshold trouble lies); ``p`` its
    p-value, NaN where it has none; ``verdict`` fine, caution or problem; ``meaning`` what follows for the tests, in
    words. Where it cannot be computed ``reason`` says why, the numbers are NaN and the verdict is caution.
    """

    check: str
    subject: str
    statistic: float
    threshold: float
    beyond: Literal["above", "below"]
    p: float
    verdict: Concern
    meaning: str
    reason: str | None = None
