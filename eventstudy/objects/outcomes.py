"""The answer of a test, of one of a study's tests, and of a check of the assumptions, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eventstudy.objects.estimation import Window

Concern = Literal["fine", "caution", "problem"]


@dataclass(frozen=True, slots=True)
class InferenceResult:
    """One test over one window, with everything a reader needs to judge it.

    Parameters
    ----------
    test : the name of the test.
    null : the null hypothesis, a sentence.
    window : the days tested.
    statistic : the value of the test statistic, NaN where the test does not apply.
    distribution : the reference distribution: ``t``, ``normal``, ``F``, ``chi2``, ``rank``, ``binomial``,
        ``permutation``, ``bootstrap``.
    df : its degrees of freedom, () if it has none; for ranks and resampling the number of days, sign patterns or draws
        that the statistic is compared with.
    p : the p-value, two-sided unless ``null`` says otherwise.
    n : the number of events tested.
    assumptions : what has to be true for the p-value to hold.
    reason : why the test does not apply, None where it does.
    warning : what the design does to the test, with the measured size.
    p_holm, p_bh, p_rw : p-values adjusted for a family of hypotheses (Holm; Benjamini and Hochberg; Romano and Wolf),
        NaN outside a family.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> from eventstudy.inference import run_tests
    >>> found = run_tests(example(), Window(0, 0), ["portfolio_t"])[0]
    >>> found.distribution, found.df, found.n, round(found.p, 3)
    ('t', (118.0,), 8, 0.027)
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
        """Whether the test could be computed and means something here.

        Examples
        --------
        >>> nan = float("nan")
        >>> InferenceResult("t", "no effect", Window(0, 0), nan, "t", (), nan, 0, (), reason="no return").applies
        False
        """
        return self.reason is None

    def reworded(self, null: str, assumptions: tuple[str, ...], warning: str | None) -> InferenceResult:
        """The same numbers under other words.

        Examples
        --------
        >>> found = InferenceResult("t", "no effect", Window(0, 0), 2.0, "t", (98.0,), 0.05, 1, ("normal errors",))
        >>> found.reworded("CAR is 0", ("normal errors",), None).null
        'CAR is 0'
        """
        return self._with(null, assumptions, warning, self.p_holm, self.p_bh, self.p_rw)

    def adjusted(self, p_holm: float, p_bh: float, p_rw: float) -> InferenceResult:
        """The same result with the p-values of its family.

        Examples
        --------
        >>> found = InferenceResult("t", "no effect", Window(0, 0), 2.0, "t", (98.0,), 0.05, 1, ("normal errors",))
        >>> found.adjusted(0.1, 0.08, 0.09).p_holm
        0.1
        """
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
    """One test of one security's event or of one group.

    Parameters
    ----------
    subject : the key of an event, or the name of a group.
    is_group : whether the subject is a group.
    front : whether the test is among those that fit the design.
    result : what the test found.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> found = example_result().headline.tests[0]
    >>> found.subject, found.is_group, found.result.test
    ('S01', False, 't')
    """

    subject: str
    is_group: bool
    front: bool
    result: InferenceResult


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One check of what the tests assume about the estimation window.

    Parameters
    ----------
    check : its name in ``DIAGNOSTICS``.
    subject : the key of an event, or the name of a group.
    statistic : the number that was computed.
    threshold : the number it is compared with, in the same unit.
    beyond : the side of the threshold on which there is trouble.
    p : the p-value, NaN where the check has none.
    verdict : ``fine``, ``caution`` or ``problem``.
    meaning : what follows for the tests, in words.
    reason : why it cannot be computed: the numbers are then NaN and the verdict is ``caution``.

    Examples
    --------
    >>> from eventstudy.example import example
    >>> from eventstudy.inference import run_diagnostics
    >>> found = run_diagnostics(example(1))[0]
    >>> found.check, found.subject, found.verdict
    ('jarque_bera', 'S01', 'fine')
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
