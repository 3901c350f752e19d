"""What `run_events` returns: frames and arrays in the order of the events, and which events were skipped and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.arguments import public, texts
from eventstudy.engine.measured import Measured
from eventstudy.errors import EstimationError, UnknownNameError, WindowError
from eventstudy.inference.cross_section import Covariance, CrossSection
from eventstudy.many.eventlist import GAP, EventList, why_skipped
from eventstudy.many.frames import (
    AnyPasses,
    DaySums,
    bhar_of,
    caar_frame,
    cars_frame,
    day_sums,
    path_frame,
    window_name,
)
from eventstudy.many.measurements import Design
from eventstudy.many.pooled import Evidence, Numbers
from eventstudy.many.pooled_tests import results
from eventstudy.many.regression import comparison, regression, traits_named
from eventstudy.objects import leaving
from eventstudy.objects.estimation import BoolArray, FloatArray, Span, window_of
from eventstudy.objects.outcomes import InferenceResult

if TYPE_CHECKING:
    from eventstudy.figures.runs import RunPlots

_PRINTED = 12  # rows of the table that a run prints


@public
@dataclass(frozen=True, eq=False)  # no slots: the frames are made at most once, when they are asked for
class EventRun:
    """N events, estimated and tested. Every frame has the index of the caller's events.

    ``ar``, ``sar``, ``estimates``, ``bhar`` and what follows from them are made when they are first asked for, and
    kept.

    Parameters
    ----------
    passes : the panel and the design, read again for what was not measured at once.
    events : the events as they were understood.
    measured : what was measured at once.
    test_names : the tests that were asked for.
    evidence : the sums that these tests need.
    short : (N, W) whether a sum misses a day, where that is allowed; None where none does.

    Examples
    --------
    >>> from eventstudy.example import example_run
    >>> run = example_run()
    >>> run.n, len(run.sessions), str(run.design.estimation), run.counted()
    (8, 300, '[-130, -11]', 'none')
    >>> run.ar.shape, run.sar.shape, run.params.shape, run.r_squared.shape
    ((8, 11), (8, 11), (8, 2), (8,))
    >>> run.estimates[["security", "const", "market", "nobs"]].round(3).values.tolist()[0]
    ['S01', 0.001, 0.466, 120]
    >>> run.car.columns.tolist(), run.bhar.columns.tolist()
    (['car[0,0]', 'scar[0,0]', 'car[-1,+1]', 'scar[-1,+1]'], ['bhar[0,0]', 'bhar[-1,+1]'])
    >>> run.cars()[["id", "window", "car", "se"]].round(4).values.tolist()[0]
    [0, '[0, 0]', -0.0326, 0.0198]
    >>> run.caar()[["subject", "window", "caar", "n"]].round(4).values.tolist()[0]
    ['all events', '[0, 0]', -0.0229, 8]
    >>> run.tests().query("test == 'cross_sectional_t' and window == '[0, 0]'")["p"].round(4).tolist()
    [0.0021, 0.0162, 0.0659]
    >>> len(run.results) == len(run.tests()), run.numbers.subjects
    (True, ('all events', 'first', 'second'))
    >>> run.aar.round(4).loc[0].tolist(), run.path["tau"].tolist()[:3]
    ([-0.0229, -0.0308, -0.015], [-5, -4, -3])
    >>> run.regress(["size"]).table.index.tolist(), len(run.compare("first", "second"))
    (['const', 'size'], 2)
    >>> len(run.skipped), len(run.skipped_by_reason), len(run.moved), run.notes
    (0, 0, 0, ())
    >>> len(run.plot.caar().data), run.frame().columns[-1], list(run.sheets())
    (6, 'skipped', ['cars', 'caar', 'tests', 'events'])
    >>> run.to_latex().count("toprule"), run.to_markdown()[:13]
    (3, '# Event study')
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as at:
    ...     [run.to_csv(f"{at}/a.csv").name, run.to_parquet(f"{at}/a.pq").name, run.to_excel(f"{at}/a.xlsx").name]
    ['a.csv', 'a.pq', 'a.xlsx']
    """

    passes: AnyPasses
    events: EventList
    measured: Measured
    test_names: tuple[str, ...]
    evidence: Evidence
    short: BoolArray | None = None

    @property
    def design(self) -> Design:
        """The model, the windows, and the fewest estimation returns."""
        return self.passes.design

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """(D,) the sessions of the panel."""
        return self.passes.panel.sessions

    # ------------------------------------------------------------------------------------------------- an event a row
    @property
    def n(self) -> int:
        """N, number of events that were asked for."""
        return len(self.events.day)

    @cached_property
    def ar(self) -> FloatArray:
        """(N, L) abnormal returns over the event window, decimals, NaN where missing."""
        kept = self.measured.ar
        return self._days[0] if kept is None else kept

    @cached_property
    def sar(self) -> FloatArray:
        """(N, L) standardised abnormal returns."""
        kept = self.measured.sar
        return self._days[1] if kept is None else kept

    @cached_property
    def params(self) -> FloatArray:
        """(N, p) parameters of the model, named by ``design.labels``."""
        kept = self.measured.params
        return self._estimated[0] if kept is None else kept

    @cached_property
    def r_squared(self) -> FloatArray:
        """(N,) R^2 over the estimation window."""
        kept = self.measured.r_squared
        return self._estimated[1] if kept is None else kept

    @cached_property
    def _days(self) -> tuple[FloatArray, FloatArray]:
        found = self.passes.measure(self.events, "full", signs=False)
        if found.ar is None or found.sar is None:
            raise EstimationError("the engine kept no abnormal returns")
        return found.ar, found.sar

    @cached_property
    def _estimated(self) -> tuple[FloatArray, FloatArray]:
        found = self.passes.measure(self.events, "params", signs=False)
        if found.params is None or found.r_squared is None:
            raise EstimationError("the engine kept no estimates")
        return found.params, found.r_squared

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The estimates, one row per event, NaN where there are none. Columns:

        * ``security``, ``date``, ``group`` : as given
        * ``day_zero`` : the session it counts on
        * the parameters by name; ``const`` is alpha
        * ``sigma`` : standard deviation of a day's error, a decimal
        * ``nobs`` : estimation returns used
        * ``nu`` : degrees of freedom
        * ``r_squared`` : R^2 over the estimation window
        """
        found = self.measured
        columns: dict[str, Any] = {"day_zero": self._day_zero()}
        columns |= {name: self.params[:, j] for j, name in enumerate(self.design.labels)}
        columns |= {"sigma": found.sigma, "nobs": found.nobs, "nu": found.nu, "r_squared": self.r_squared}
        return self.events.frame.assign(**columns)

    @cached_property
    def car(self) -> pd.DataFrame:
        """Cumulative abnormal returns, one row per event: columns ``car[a,b]`` and ``scar[a,b]`` for each window."""
        names = [window_name(w) for w in self.design.windows]
        pairs = {"car": self.measured.car, "scar": self.measured.scar}
        columns = {f"{kind}{w}": v[:, j] for j, w in enumerate(names) for kind, v in pairs.items()}
        return pd.DataFrame(columns, index=self.events.frame.index)

    @cached_property
    def skipped(self) -> pd.DataFrame:
        """Every event without a CAR over some window. Columns:

        * ``security``, ``date``, ``group`` : as given
        * ``reason`` : why, in words
        * ``windows`` : the windows without a CAR
        * ``nobs`` : the estimation returns it has
        """
        lost = ~np.isfinite(self.measured.scar)
        rows = self._lost()
        patterns, which = np.unique(lost[rows], axis=0, return_inverse=True)
        every = [
            "all"
            if pattern.all()
            else "; ".join(str(w) for w, gone in zip(self.design.windows, pattern, strict=True) if gone)
            for pattern in patterns
        ]
        codes = self.measured.refusal[rows]
        codes = np.where(codes == 0, GAP, codes)
        known = sorted(set(codes.tolist()))
        needed = max(self.design.min_obs, max(len(self.design.labels), 1) + 1)
        said = why_skipped(self.sessions, needed, apart=self.events.part is not None)
        reasons = pd.Categorical.from_codes(
            np.searchsorted(known, codes), categories=pd.Index([said[code] for code in known], dtype=object)
        )
        return self.events.frame.iloc[rows].assign(
            reason=reasons,
            windows=pd.Categorical.from_codes(which.reshape(-1), categories=pd.Index(every, dtype=object)),
            nobs=self.measured.nobs[rows],
        )

    @property
    def skipped_by_reason(self) -> pd.Series:
        """How many events were skipped for each reason, the most frequent first."""
        return self.skipped["reason"].value_counts()

    @cached_property
    def moved(self) -> pd.DataFrame:
        """Events whose date is not a session: ``security``, ``date``, and ``day_zero``, the session they count on."""
        rows = self.events.moved
        return self.events.frame.iloc[rows].assign(day_zero=self._day_zero()[rows])

    @cached_property
    def bhar(self) -> pd.DataFrame:
        """Buy-and-hold abnormal returns, one row per event: ``bhar[a,b]`` for each window, NaN of log returns."""
        names = [f"bhar{window_name(w)}" for w in self.design.windows]
        return pd.DataFrame(self._bhar, columns=names, index=self.events.frame.index)

    @cached_property
    def _bhar(self) -> FloatArray:
        return bhar_of(self.passes, self.events, self.measured.ar)

    def cars(self, window: Span | None = None) -> pd.DataFrame:
        """The CARs, one row per event and window, or those of one `window` of the run. Columns:

        * ``id`` : that of the table of events, else the row's label
        * ``ticker`` : the security
        * ``day_zero`` : the session
        * ``window`` : the days summed, as text
        * ``car``, ``se`` : cumulative abnormal return and its standard error, decimals
        * ``t``, ``p`` : car / se (the SCAR), and its two-sided p-value by t(nu)
        * ``bhar`` : buy-and-hold abnormal return, a decimal, NaN of log returns
        * ``nobs`` : estimation returns used
        * ``group``, and a column for each trait of the table of events
        """
        given = self.events.frame
        own = pd.DataFrame({"id": given.index if "id" not in given else given["id"].to_numpy()}, index=given.index)
        own = own.assign(ticker=given["security"], day_zero=self._day_zero())
        more = given.drop(columns=["security", "date", *(["id"] if "id" in given else [])])
        about = pd.concat([own, more, self.events.traits], axis=1)
        return self._of(window, cars_frame(self.numbers, about, self._bhar, self.measured.nobs))

    # --------------------------------------------------------------------------------------------------- across events
    @cached_property
    def numbers(self) -> Numbers:
        """What the tests read of each event."""
        found, listed = self.measured, self.events
        share = np.broadcast_to(np.nan, listed.day.shape) if found.positive is None else found.positive
        own = found.car, found.scar, found.nu, share, listed.day, listed.group, listed.groups, listed.counts, self.short
        return Numbers(self.design.event, self.design.windows, *own)

    @cached_property
    def results(self) -> tuple[tuple[str, InferenceResult], ...]:
        """(subject, result) of every test over every window: all events first, then each group."""
        return tuple(results(self.numbers, self.evidence, self.test_names))

    def tests(self) -> pd.DataFrame:
        """The tests, one row per subject, test and window. Columns:

        * ``subject`` : ``all events``, or a group
        * ``test``, ``window``, ``statistic``, ``distribution``, ``df``, ``p``, ``n`` : as in `InferenceResult`
        * ``reason`` : why the test does not apply, None where it does
        * ``warning`` : what the design does to the test
        """
        rows = [
            (subject, r.test, str(r.window), r.statistic, r.distribution, r.df, r.p, r.n, r.reason, r.warning)
            for subject, r in self.results
        ]
        names = ["subject", "test", "window", "statistic", "distribution", "df", "p", "n", "reason", "warning"]
        return pd.DataFrame(rows, columns=names)

    def caar(self, window: Span | None = None) -> pd.DataFrame:
        """The mean CARs, one row per subject and window, or those of one `window` of the run. Columns:

        * ``subject`` : ``all events``, or a group
        * ``window`` : the days summed, as text
        * ``caar`` : the mean CAR of the events that have one, a decimal
        * ``se`` : s / sqrt n, a decimal
        * ``low``, ``high``, ``level`` : the interval by t(n - 1), decimals, and its level, 0.95
        * ``n`` : events in the mean
        * ``by`` : ``cross_sectional_t``, whose standard error it is: of events that are independent of each other
        """
        return self._of(window, caar_frame(self.numbers))

    @cached_property
    def _sums(self) -> DaySums:
        return day_sums(self.passes, self.events, self.measured.ar)

    @cached_property
    def aar(self) -> pd.DataFrame:
        """AAR_tau, the mean over the events present, one row per day ``tau`` and one column per subject."""
        sums = self._sums
        mean = sums.total / np.where(sums.count > 0, sums.count, np.nan)
        return pd.DataFrame(mean.T, columns=self.numbers.subjects, index=pd.Index(self.design.event.taus, name="tau"))

    @cached_property
    def path(self) -> pd.DataFrame:
        """The path of the mean, one row per subject and day. Columns:

        * ``subject``, ``tau`` : the group, and the day relative to day zero
        * ``caar`` : the mean CAR from the first day of the event window to ``tau``, a decimal
        * ``se``, ``low``, ``high`` : as in `caar`
        * ``n`` : the events with every day so far
        """
        return path_frame(self._sums, self.numbers.subjects, self.design.event)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was moved, repeated or put in order."""
        moved, repeated = len(self.events.moved), self.events.repeated
        out = [*self.passes.panel.notes, *self.events.notes]
        if moved:
            out.append(f"{moved} events have a date that is no session and count on the next one: see moved")
        if repeated:
            out.append(
                f"{repeated} events repeat the security and day zero of one before; each counts once in means and tests"
            )
        return tuple(out)

    # ------------------------------------------------------------------------------------------- questions to the CARs
    def regress(
        self,
        characteristics: pd.DataFrame | Sequence[str],
        window: Span | None = None,
        group: str | None = None,
        covariance: Covariance | None = None,
    ) -> CrossSection:
        """Regress the CARs over a window (the first by default), of one `group` or of all events, on characteristics.

        Parameters
        ----------
        characteristics : names of traits of the table of events, or a frame with the events' index; text becomes
            columns of 0 and 1.
        covariance : ``cluster_date``, ``cluster_firm``, ``hc3`` or ``classical``; None: what shared dates and
            securities ask for, and ``why`` of the answer says which.

        Returns
        -------
        CrossSection : its ``table`` has one row per coefficient, with columns ``coefficient``, ``se``, ``t``, ``p``.
        """
        w, subject = self._window(window), self._subject(group)
        rows = self.numbers.rows(subject, w)
        rows = np.arange(self.n, dtype=np.int32) if isinstance(rows, slice) else rows
        table = traits_named(self.events.traits, characteristics)
        return regression(self.numbers, w, rows, table, self.events.security, covariance)

    def compare(self, first: str, second: str, window: Span | None = None) -> pd.DataFrame:
        """Test whether two groups moved by different amounts, one row per test.

        Columns ``test``, ``statistic``, ``distribution``, ``df``, ``p``, ``n``, ``reason``, ``warning`` as in `tests`.
        """
        return comparison(self.numbers, self._window(window), self._subject(first), self._subject(second))

    @property
    def plot(self) -> RunPlots:
        """The figures: ``plot.caar(groups=...)`` the path of the mean with its interval, ``plot.cars(window)``."""
        from eventstudy.figures.runs import RunPlots, caar_figure, cars_figure

        @public
        def caar(groups: Sequence[str] = ()) -> Any:
            asked = texts("groups", groups, self.numbers.subjects[:1])
            named = tuple(self.numbers.subjects[self._subject(name)] for name in asked)
            return caar_figure(self.path, self.design.event, named or self.numbers.subjects)

        @public
        def cars(window: Span | None = None) -> Any:
            w = self._window(window)
            return cars_figure(self.measured.car[:, w], self.design.windows[w])

        return RunPlots(caar, cars)

    def _window(self, window: Span | None) -> int:
        """The place of a window among those of the run."""
        if window is None:
            return 0
        asked = window_of(window)
        if asked not in self.design.windows:
            held = ", ".join(str(w) for w in self.design.windows)
            raise WindowError(f"the run has no window {asked}; it has {held}. Ask run_events for it with windows=[...]")
        return self.design.windows.index(asked)

    def _of(self, window: Span | None, frame: pd.DataFrame) -> pd.DataFrame:
        name = None if window is None else str(self.design.windows[self._window(window)])
        return frame if name is None else frame[frame["window"] == name].reset_index(drop=True)

    def _subject(self, group: str | None) -> int:
        """The number of a group among the subjects, 0 for all events."""
        if group is None or group == self.numbers.subjects[0]:
            return 0
        if group not in self.numbers.groups:
            hint = None if self.numbers.groups else "the events have no column group"
            raise UnknownNameError("group", str(group), self.numbers.groups, hint=hint)
        return self.numbers.groups.index(group) + 1

    # --------------------------------------------------------------------------------------------------------- outside
    def frame(self) -> pd.DataFrame:
        """`estimates` and `car` side by side, with a column ``skipped``: the reason, empty where nothing is missing."""
        reason = np.full(self.n, "", dtype=object)
        reason[self._lost()] = self.skipped["reason"].astype(object).to_numpy()
        return pd.concat([self.estimates, self.car], axis=1).assign(skipped=reason)

    def sheets(self) -> dict[str, pd.DataFrame]:
        """The frames of the workbook, by the names of its sheets."""
        found = {"cars": self.cars(), "caar": self.caar(), "tests": self.tests(), "events": self.frame()}
        return found | ({"skipped": self.skipped} if len(self.skipped) else {})

    to_csv, to_parquet, to_excel = leaving.to_csv, leaving.to_parquet, leaving.to_excel
    to_latex, to_markdown = leaving.to_latex, leaving.to_markdown

    def counted(self) -> str:
        """How many events were skipped for which reason, in one line."""
        return "; ".join(f"{reason} ({count})" for reason, count in self.skipped_by_reason.items()) or "none"

    def __repr__(self) -> str:
        done = int(np.isfinite(self.measured.scar).any(axis=1).sum())
        said = f"EventRun({done} of {self.n} events measured, model {self.design.model}; skipped: {self.counted()})"
        table = self.caar().drop(columns="by").head(_PRINTED).to_string(index=False, float_format="{:.4f}".format)
        return "\n".join([said, table, *self.notes])

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        tables = [
            self.caar().drop(columns="by").to_html(index=False),
            self.tests().drop(columns="reason").to_html(index=False, na_rep=""),
        ]
        return f"<p>{escape(repr(self).splitlines()[0])}</p><ul>{said}</ul>" + "".join(tables)

    def _lost(self) -> np.ndarray:
        """Rows of the events that lack a CAR over some window."""
        return np.flatnonzero((~np.isfinite(self.measured.scar)).any(axis=1) | (self.measured.refusal > 0))

    def _day_zero(self) -> np.ndarray:
        days = self.sessions.to_numpy()[np.maximum(self.events.day, 0)]
        return np.where(self.events.day >= 0, days, np.datetime64("NaT"))
