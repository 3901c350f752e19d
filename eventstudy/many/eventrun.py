"""What `run_events` gives back: frames and arrays in the order of the events, and what was skipped and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.writing import write_by
from eventstudy.many.eventlist import OUTSIDE, UNKNOWN, EventList
from eventstudy.many.measurements import Design, Measurements
from eventstudy.many.pooled import Evidence, Numbers
from eventstudy.many.pooled_tests import results
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.outcomes import InferenceResult

GAP = 103  # estimated, but a day of the window has no abnormal return
_ROWS = 8192  # events whose days are added up at once: they stay in cache


@dataclass(frozen=True, eq=False)  # no slots: the frames are made at most once, when they are asked for
class EventRun:
    """N events estimated and tested; every frame has the index of the caller's events.

    ``ar``, ``sar`` (N, L) abnormal returns and standardised ones over the event window, None unless ``outputs`` asked
    for them. ``notes`` what was moved, repeated or put in order.
    """

    design: Design
    events: EventList
    sessions: pd.DatetimeIndex
    measured: Measurements
    test_names: tuple[str, ...]
    evidence: Evidence
    panel_notes: tuple[str, ...] = ()

    def with_evidence(self, evidence: Evidence) -> EventRun:
        """The same run with what the tests need."""
        return replace(self, evidence=evidence)

    # ------------------------------------------------------------------------------------------------- an event a row
    @property
    def n(self) -> int:
        """N, number of events that were asked for."""
        return len(self.events.day)

    @property
    def ar(self) -> FloatArray | None:
        """(N, L) abnormal returns, decimals, NaN where missing."""
        return self.measured.ar

    @property
    def sar(self) -> FloatArray | None:
        """(N, L) standardised abnormal returns."""
        return self.measured.sar

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """A row an event: ``security``, ``date``, ``group`` as given, ``day_zero`` the session it counts on; the
        parameters by name (``const`` is alpha); ``sigma`` of a day; ``nobs`` returns used; ``nu`` degrees of freedom;
        ``r_squared``. NaN where it could not be estimated.
        """
        found = self.measured
        columns: dict[str, Any] = {"day_zero": self._day_zero()}
        if found.params is not None:
            columns |= {name: found.params[:, j] for j, name in enumerate(self.design.labels)}
        columns |= {"sigma": found.sigma, "nobs": found.nobs, "nu": found.nu}
        if found.r_squared is not None:
            columns["r_squared"] = found.r_squared
        return self.events.frame.assign(**columns)

    @cached_property
    def car(self) -> pd.DataFrame:
        """A row an event: ``car [a, b]``, the cumulative abnormal return, and ``scar [a, b]`` for each window."""
        pairs = {"car": self.measured.car, "scar": self.measured.scar}
        columns = {f"{kind} {w}": v[:, j] for j, w in enumerate(self.design.windows) for kind, v in pairs.items()}
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

    # --------------------------------------------------------------------------------------------------- across events
    @cached_property
    def numbers(self) -> Numbers:
        """What the tests read of each event."""
        found, listed = self.measured, self.events
        own = found.car, found.scar, found.nu, found.positive, listed.day, listed.group, listed.groups
        return Numbers(self.design.event, self.design.windows, *own)

    @cached_property
    def results(self) -> tuple[tuple[str, InferenceResult], ...]:
        """(subject, result) of every test over every window: all events first, then each group."""
        return tuple(results(self.numbers, self.evidence, self.test_names))

    @cached_property
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

    @cached_property
    def caar(self) -> pd.DataFrame:
        """A row a subject and window: ``caar``, the mean CAR of its ``n`` events that have one."""
        numbers, rows = self.numbers, []
        for s, subject in enumerate(numbers.subjects):
            for w, window in enumerate(numbers.windows):
                cars = numbers.car[numbers.rows(s, w), w]
                rows.append((subject, str(window), float(cars.mean()) if len(cars) else np.nan, len(cars)))
        return pd.DataFrame(rows, columns=["subject", "window", "caar", "n"])

    @cached_property
    def aar(self) -> pd.DataFrame:
        """AAR_tau, a row a day ``tau`` relative to day zero, a column a subject: mean of the events present.

        Raises
        ------
        SpecError : the run kept no abnormal returns by day.
        """
        if self.ar is None:
            raise SpecError("outputs='car' keeps nothing by day; ask run_events for outputs='ar' or 'full'")
        numbers = self.numbers
        columns = {}
        for s, subject in enumerate(numbers.subjects):
            total, count = np.zeros(self.ar.shape[1]), np.zeros(self.ar.shape[1], np.int64)
            for start in range(0, numbers.count(s), _ROWS):
                at = slice(start, start + _ROWS)
                ar = self.ar[at] if s == 0 else self.ar[numbers.members[s - 1][at]]
                here = np.isfinite(ar)
                count += here.sum(axis=0)
                total += np.where(here, ar, 0.0).sum(axis=0)
            columns[subject] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return pd.DataFrame(columns, index=pd.Index(self.design.event.taus, name="tau"))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was moved, repeated or put in order."""
        moved, repeated = len(self.events.moved), self.events.repeated
        out = list(self.panel_notes)
        if moved:
            out.append(f"{moved} events have a date that is no session and count on the next one: see moved")
        if repeated:
            out.append(f"{repeated} events repeat the security and day zero of one before; they are kept")
        return tuple(out)

    # --------------------------------------------------------------------------------------------------------- outside
    def frame(self) -> pd.DataFrame:
        """`estimates` and `car` side by side, and ``skipped``, the reason, empty where nothing is missing."""
        reason = np.full(self.n, "", dtype=object)
        reason[self._lost()] = self.skipped["reason"].astype(object).to_numpy()
        return pd.concat([self.estimates, self.car], axis=1).assign(skipped=reason)

    def to_csv(self, path: str | Path) -> Path:
        """Write `frame` as CSV, whole or not at all; returns the path."""
        return write_by(Path(path), lambda file: self.frame().to_csv(file, index=False))

    def to_parquet(self, path: str | Path) -> Path:
        """Write `frame` as Parquet (extra ``parquet``), whole or not at all; returns the path."""
        return write_by(Path(path), lambda file: self.frame().to_parquet(file, index=False))

    def counted(self) -> str:
        """How many events were skipped for which reason, in one line."""
        return "; ".join(f"{count} {reason}" for reason, count in self.skipped_by_reason.items()) or "none"

    def __repr__(self) -> str:
        done = int(np.isfinite(self.measured.scar).any(axis=1).sum())
        return f"EventRun({done} of {self.n} events measured, model {self.design.model}; skipped: {self.counted()})"

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        tables = [self.caar.to_html(index=False), self.tests.drop(columns="reason").to_html(index=False, na_rep="")]
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
            1: f"has fewer than the {needed} estimation returns needed",
            2: "its returns do not vary in the estimation window",
            3: "a regressor does not vary in the estimation window, or only as other regressors do",
            4: "the model leaves no residual variance in the estimation window; is it its own benchmark?",
            GAP: "a day of the window has no abnormal return",
        }[code]
