"""The tidy frames of a study, each column documented: methods of a `StudyResult`, like those of an `EventRun`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.objects.estimation import Span, window_of

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult


def cars(self: StudyResult, window: Span | None = None) -> pd.DataFrame:
    """The CARs of the study's own benchmarks and model, one row per event and window, over all windows or one.

    Columns:

    * ``id`` : the event's own id, else its key
    * ``ticker`` : the security
    * ``day_zero`` : the session
    * ``window`` : the days summed, as text
    * ``car`` : cumulative abnormal return, a decimal
    * ``se`` : its standard error, a decimal
    * ``t`` : car / se, the SCAR
    * ``p`` : two-sided p-value by t(nu)
    * ``bhar`` : buy-and-hold abnormal return, a decimal, NaN of log returns
    * ``nobs`` : estimation returns used
    * ``event``, ``benchmark`` : the announcement, and the series compared with
    * ``group`` : the event's group, if events have one; then one column for each trait of the events

    Examples
    --------
    >>> import eventstudy as es
    >>> study = es.Study(prices="deepseek", events={"NVDA": "2025-01-27"}, benchmark="^IXIC", tests=["t"])
    >>> study.run().cars((0, 0))[["id", "car", "nobs"]].round(4).values.tolist()
    [['NVDA', -0.1056, 250]]
    """
    from eventstudy.inference.tidy import cars_frame

    windows = self.settings.windows if window is None else (window_of(window),)
    return cars_frame([event for event in self.events if event.headline], windows)


def caar(self: StudyResult, window: Span | None = None) -> pd.DataFrame:
    """The mean CAR of every group of every announcement, one row per group and window.

    Columns:

    * ``event``, ``exchange`` : the announcement, and the exchange of the securities
    * ``subject`` : the group
    * ``window`` : the days summed, as text
    * ``caar`` : the mean CAR, a decimal
    * ``se`` : its standard error, a decimal
    * ``low``, ``high``, ``level`` : the interval by t, decimals, and its level, 1 - alpha
    * ``n`` : events in the mean
    * ``by`` : the test whose standard error it is: ``portfolio_t`` for events on one date, because it takes their
      correlation into account, else ``cross_sectional_t``, s / sqrt n
    """
    from eventstudy.inference.tidy import caar_frame

    windows = self.settings.windows if window is None else (window_of(window),)
    return caar_frame([event for event in self.events if event.headline], windows, self.settings.alpha)


def tests(self: StudyResult) -> pd.DataFrame:
    """Every test of every event result, one row each.

    ``result.tests().query("subject == 'chips' and front")`` are the tests to read first. Columns:

    * ``event``, ``exchange``, ``benchmark``, ``model`` : the event result
    * ``test`` : its name in ``TESTS``
    * ``subject`` : the group tested, or the key of the event
    * ``ticker``, ``key``, ``day_zero`` : of the event tested, None for a group
    * ``window`` : the days tested, as text
    * ``front`` : whether the test fits the design
    * ``null``, ``statistic``, ``distribution``, ``df``, ``p``, ``n``, ``reason``, ``warning``, ``assumptions`` : as
      in `InferenceResult`
    * ``p_holm``, ``p_bh`` : p-values adjusted over the event's securities
    * ``applies`` : whether the test could be computed
    """
    from eventstudy.report.serialize import tests_frame

    return tests_frame(self)


def frame(self: StudyResult) -> pd.DataFrame:
    """The estimates and CARs of the study's own benchmarks and model side by side, one row per event. Columns:

    * ``id``, ``ticker``, ``day_zero``, ``event``, ``benchmark``, ``group`` and traits : as in `cars`
    * the parameters of the model by name; ``const`` is alpha
    * ``sigma``, ``nobs``, ``nu``, ``r_squared`` : of the estimation window
    * ``car[a,b]``, ``scar[a,b]`` : for each window
    * ``skipped`` : why the event lacks a CAR, empty where nothing is missing
    """
    from eventstudy.inference.tidy import events_frame

    return events_frame([event for event in self.events if event.headline], self.settings.windows)


def sheets(self: StudyResult) -> dict[str, pd.DataFrame]:
    """The frames of the workbook, by the names of its sheets."""
    from eventstudy.report.sheets import sheets

    return sheets(self)
