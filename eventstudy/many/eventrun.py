"""What `run_events` gives back: frames and arrays in the order of the events, and what was skipped and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.engine.measured import Measured
from eventstudy.errors import EstimationError
from eventstudy.files.writing import write_by
from eventstudy.many.eventlist import CLOSED, OUTSIDE, UNKNOWN, EventList
from eventstudy.many.frames import DaySums, bhar_of, caar_frame, cars_frame, day_sums, path_frame, window_name
from eventstudy.many.measurements import Design
from eventstudy.many.passes import Passes
from eventstudy.many.pooled import Evidence, Numbers
from eventstudy.many.pooled_tests import results
from eventstudy.objects.estimation import BoolArray, FloatArray
from eventstudy.objects.outcomes import InferenceResult

GAP = 103  # estimated, but a day of the window has no abnormal return


@dataclass(frozen=True, eq=False)  # no slots: the frames are made at most once, when they are asked for
class EventRun:
    """N events estimated and tested; every frame has the index of the caller's events.

    ``short`` (N, W) the sums that miss a day where that is allowed; None where none does.
    ``passes`` what is read again for what was not measured at once; ``measured`` what was. ``ar``, ``sar``,
    ``estimates``, ``bhar`` and all that follows from them are made when they are first asked for, and then kept.
    """

    passes: Passes
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
        """A row an event: ``security``, ``date``, ``group`` as given, ``day_zero`` the session it counts on; the
        parameters by name (``const`` is alpha); ``sigma`` of a day; ``nobs`` returns used; ``nu`` degrees of freedom;
        ``r_squared``. NaN where it could not be estimated.
        """
        found = self.measured
        columns: dict[str, Any] = {"day_zero": self._day_zero()}
        columns |= {name: self.params[:, j] for j, name in enumerate(self.design.labels)}
        columns |= {"sigma": found.sigma, "nobs": found.nobs, "nu": found.nu, "r_squared": self.r_squared}
        return self.events.frame.assign(**columns)

    @cached_property
    def car(self) -> pd.DataFrame:
        """A row an event: ``car[a,b]``, the cumulative abnormal return, and ``scar[a,b]`` for each window."""
        names = [window_name(w) for w in self.design.windows]
        pairs = {"car": self.measured.car, "scar": self.measured.scar}
        columns = {f"{kind}{w}": v[:, j] for j, w in enumerate(names) for kind, v in pairs.items()}
        return pd.DataFrame(columns, index=self.events.frame.index)

    @cached_property
    def skipped(self) -> pd.DataFrame:
        """Every event without a CAR over some window: ``security``, ``date``, ``group``, ``reason``, the ``windows``
        without one, and ``nobs``, the estimation returns it has.
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
        reasons = pd.Categorical.from_codes(
            np.searchsorted(known, codes), categories=pd.Index([self._words(code) for code in known], dtype=object)
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
        """Events whose date is no session: ``security``, ``date``, and ``day_zero``, the session they count on."""
        rows = self.events.moved
        return self.events.frame.iloc[rows].assign(day_zero=self._day_zero()[rows])

    @cached_property
    def bhar(self) -> pd.DataFrame:
        """A row an event: ``bhar[a,b]``, the buy-and-hold abnormal return over each window; NaN of log returns."""
        names = [f"bhar{window_name(w)}" for w in self.design.windows]
        return pd.DataFrame(self._bhar, columns=names, index=self.events.frame.index)

    @cached_property
    def _bhar(self) -> FloatArray:
        return bhar_of(self.passes, self.events, self.measured.ar)

    def cars(self) -> pd.DataFrame:
        """A row an event and window.

        Columns: ``id`` (that of the table of events, else the row's label), ``ticker``, ``day_zero``, ``window``,
        ``car``, its standard error ``se``, ``t`` (the SCAR) and two-sided ``p`` by t(nu), ``bhar``, ``nobs``
        estimation returns used, ``group`` if there are groups, and the traits of the table of events.
        """
        given = self.events.frame
        own = pd.DataFrame({"id": given.index if "id" not in given else given["id"].to_numpy()}, index=given.index)
        own = own.assign(ticker=given["security"], day_zero=self._day_zero())
        more = given.drop(columns=["security", "date", *(["id"] if "id" in given else [])])
        return cars_frame(
            self.numbers, pd.concat([own, more, self.events.traits], axis=1), self._bhar, self.measured.nobs
        )

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
        """A row a test: ``subject``, ``test``, ``window``, ``statistic``, ``distribution``, ``df``, ``p``, ``n``
        events, ``reason`` where it does not apply, ``warning`` on what the design does to it.
        """
        rows = [
            (subject, r.test, str(r.window), r.statistic, r.distribution, r.df, r.p, r.n, r.reason, r.warning)
            for subject, r in self.results
        ]
        names = ["subject", "test", "window", "statistic", "distribution", "df", "p", "n", "reason", "warning"]
        return pd.DataFrame(rows, columns=names)

    def caar(self) -> pd.DataFrame:
        """A row a subject and window: ``caar``, the mean CAR of its ``n`` events that have one; ``se`` = s / sqrt n,
        and ``low`` to ``high``, its interval of 95 % by t(n - 1), for events that are independent of each other.
        """
        return caar_frame(self.numbers)

    @cached_property
    def _sums(self) -> DaySums:
        return day_sums(self.passes, self.events, self.measured.ar)

    @cached_property
    def aar(self) -> pd.DataFrame:
        """AAR_tau, a row a day ``tau`` relative to day zero, a column a subject: mean of the events present."""
        sums = self._sums
        mean = sums.total / np.where(sums.count > 0, sums.count, np.nan)
        return pd.DataFrame(mean.T, columns=self.numbers.subjects, index=pd.Index(self.design.event.taus, name="tau"))

    @cached_property
    def path(self) -> pd.DataFrame:
        """A row a subject and day ``tau``: ``caar`` from the first day of the event window to this one, ``se``, ``low``
        and ``high`` as in `caar`, ``n`` the events with every day so far.
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

    # --------------------------------------------------------------------------------------------------------- outside
    def frame(self) -> pd.DataFrame:
        """`estimates` and `car` side by side, and ``skipped``, the reason, empty where nothing is missing."""
        reason = np.full(self.n, "", dtype=object)
        reason[self._lost()] = self.skipped["reason"].astype(object).to_numpy()
        return pd.concat([self.estimates, self.car], axis=1).assign(skipped=reason)

    def to_csv(self, path: str | Path) -> Path:
        """Write `frame` as CSV, whole or not at all; returns the path."""
        return write_by(path, lambda file: self.frame().to_csv(file, index=False))

    def to_parquet(self, path: str | Path) -> Path:
        """Write `frame` as Parquet (extra ``parquet``), whole or not at all; returns the path."""
        return write_by(path, lambda file: self.frame().to_parquet(file, index=False))

    def counted(self) -> str:
        """How many events were skipped for which reason, in one line."""
        return "; ".join(f"{count} {reason}" for reason, count in self.skipped_by_reason.items()) or "none"

    def __repr__(self) -> str:
        done = int(np.isfinite(self.measured.scar).any(axis=1).sum())
        return f"EventRun({done} of {self.n} events measured, model {self.design.model}; skipped: {self.counted()})"

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        tables = [self.caar().to_html(index=False), self.tests().drop(columns="reason").to_html(index=False, na_rep="")]
        return f"<p>{escape(repr(self))}</p><ul>{said}</ul>" + "".join(tables)

    def _lost(self) -> np.ndarray:
        """Rows of the events that lack a CAR over some window."""
        return np.flatnonzero((~np.isfinite(self.measured.scar)).any(axis=1) | (self.measured.refusal > 0))

    def _day_zero(self) -> np.ndarray:
        days = self.sessions.to_numpy()[np.maximum(self.events.day, 0)]
        return np.where(self.events.day >= 0, days, np.datetime64("NaT"))

    def _words(self, code: int) -> str:
        span = f"{self.sessions[0].date()} to {self.sessions[-1].date()}"
        needed = max(self.design.min_obs, max(len(self.design.labels), 1) + 1)
        return {
            UNKNOWN: "the panel does not hold this security",
            OUTSIDE: f"the date is outside the panel, {span}",
            CLOSED: "the date is no session, and such events are dropped",
            1: f"has fewer than the {needed} estimation returns needed",
            2: "its returns do not vary in the estimation window",
            3: "a regressor does not vary in the estimation window, or only as other regressors do",
            4: "the model leaves no residual variance in the estimation window; is it its own benchmark?",
            GAP: "a day of the window has no abnormal return",
        }[code]
