"""One announcement against one benchmark under one model, with its tests: what a study estimates once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eventstudy.arguments import text
from eventstudy.errors import UnknownNameError
from eventstudy.objects.estimation import EventPanel, FloatArray, NormalReturns, Window
from eventstudy.objects.lookups import several_events
from eventstudy.objects.outcomes import Diagnostic, Finding, InferenceResult
from eventstudy.once import once

if TYPE_CHECKING:
    from eventstudy.abnormal import AbnormalReturns


@dataclass(frozen=True, eq=False)  # no slots: look-up tables and sums are made at most once and kept
class EventResult:
    """One announcement against one benchmark under one model, for the securities of one exchange calendar.

    An event is named by its key (`EventPanel.keys`): the ticker, unless the security has several events here.

    Parameters
    ----------
    event : the announcement.
    exchange : market identifier code.
    benchmark : the series compared with, None without one.
    model : the name of the model.
    headline : whether benchmark and model are the study's own for that exchange, not a comparison.
    panel : the returns, laid out for estimation.
    normal : the fitted model.
    abnormal : the abnormal returns.
    groups : name -> keys of the events tested together.
    tests : what the tests found.
    why : group name -> the sentence that says which tests fit the design, and why.
    diagnostics : the checks of the estimation window.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> result = example_result().headline
    >>> result.row("S02"), result.groups["first"], round(float(result.day["ar"][0]), 4)
    (1, ('S01', 'S02', 'S03', 'S04'), -0.0326)
    """

    event: str
    exchange: str
    benchmark: str | None
    model: str
    headline: bool
    panel: EventPanel
    normal: NormalReturns
    abnormal: AbnormalReturns
    groups: Mapping[str, tuple[str, ...]]
    tests: tuple[Finding, ...]
    why: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        against = f"{self.exchange} against {self.benchmark}, model {self.model!r}"
        what = "events" if len(set(self.panel.event_tickers)) < self.panel.n_events else "securities"
        return f"<EventResult {self.event!r}: {self.panel.n_events} {what} of {against}>"

    def row(self, key: str) -> int:
        """Position of an event among the N, by its key. The key is the ticker where the security has one event.

        Raises
        ------
        UnknownNameError : no such event; it lists the events there are, or those of the security where `key` is a
            security with several.
        """
        if text("the key of an event", key, "NVDA") not in self._rows:
            own = self.keys_of(key)
            raise several_events(key, own) if own else UnknownNameError("security", key, self.panel.keys)
        return self._rows[key]

    def holds(self, event: str | None) -> bool:
        """Whether `event` is the key or the name of one of the events."""
        return any(event in (e.key, e.name) for e in self.panel.events)

    def key_of(self, ticker: str, event: str | None = None) -> str:
        """The key of the security's one event here, or of the one of its events that has `event` as key or name.

        Raises
        ------
        UnknownNameError : the security has no event here, or several and `event` is none of them.
        """
        own = self.keys_of(ticker)
        if len(own) > 1:
            own = tuple(e.key for e in self.panel.events if e.key in own and event in (e.key, e.name)) or own
        return self.panel.keys[self.row(own[0] if len(own) == 1 else ticker)]

    def keys_of(self, name: str) -> tuple[str, ...]:
        """The keys of the events of the security `name`, or `name` itself where it is a key."""
        return self._keys_of.get(name, ())

    @cached_property
    def _keys_of(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for ticker, key in zip(self.panel.event_tickers, self.panel.keys, strict=True):
            found[ticker] = (*found.get(ticker, ()), key)
        return found | {key: (key,) for key in self.panel.keys}

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {key: i for i, key in enumerate(self.panel.keys)}

    @cached_property
    def _results(self) -> dict[tuple[str, Window, str], InferenceResult]:
        return {(f.subject, f.result.window, f.result.test): f.result for f in self.tests}

    @cached_property
    def path(self) -> tuple[FloatArray, FloatArray]:
        """CAR from the start of the event window to each of its days, and its standard error, both (N, L)."""
        windows = [Window(self.panel.event.start, tau) for tau in self.panel.event.taus]
        columns = [(self.abnormal.car(w), self.abnormal.car_se(w)) for w in windows]
        car, se = zip(*columns, strict=True)
        return np.column_stack(car), np.column_stack(se)

    @cached_property
    def day(self) -> Mapping[str, FloatArray]:
        """Day zero of every security, (N,) each: ``ret``, ``expected``, ``ar``, ``se`` and ``sar``, decimals.

        All are NaN where the event window leaves day zero out.
        """
        own, zero = self.abnormal, Window(0, 0)
        if not self.panel.event.contains(zero):
            nothing = np.full(len(self.panel.keys), np.nan)
            return dict.fromkeys(("ret", "expected", "ar", "se", "sar"), nothing)
        ret, expected = (values[:, own.columns(zero)][:, 0] for values in (own.realized(), own.expected()))
        ar, se = own.car(zero), own.car_se(zero)
        return {"ret": ret, "expected": expected, "ar": ar, "se": se, "sar": ar / se}

    def group(self, name: str) -> AbnormalReturns:
        """The abnormal returns of a group's members, in the group's order."""
        if text("a group", name, "chips") not in self.groups:
            raise UnknownNameError("group", name, tuple(self.groups), hint=f"it needs two members on {self.exchange}")
        return self._taken(name)

    @once
    def _taken(self, name: str) -> AbnormalReturns:
        return self.abnormal.take([self.row(key) for key in self.groups[name]])

    def findings_of(self, test: str, window: Window) -> Iterator[Finding]:
        """The results of one test over one window, for all subjects."""
        return (f for f in self.tests if f.result.test == test and f.result.window == window)

    def find(self, subject: str, window: Window, test: str) -> InferenceResult | None:
        """The result of `test` on `subject` over `window`, None if it was not computed."""
        return self._results.get((subject, window, test))
