"""Fixtures that several test files share: the finished headline study, and a small synthetic panel."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from eventstudy.objects.estimation import DayZero, Event, EventPanel, Window
from eventstudy.objects.prices import ExchangeCalendar, PricePanel, Provenance

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from eventstudy.abnormal import AbnormalReturns
    from eventstudy.objects.results import StudyResult

#: modules with fixtures of several test files
pytest_plugins = ("drawn_figures", "edge_panels", "moving_panels", "pinned_studies", "report_pages")

# The same examples on every run, and no deadline: a slow machine is not a failure.
settings.register_profile("eventstudy", deadline=None, derandomize=True)
settings.load_profile("eventstudy")


def pytest_collection_finish() -> None:
    """The modules and tests that are there now stay: whoever looks for garbage need not look through them again."""
    gc.freeze()


SESSIONS = 320
TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")
FACTORS = ("market", "rf", "mkt_rf", "smb", "hml", "rmw", "cma", "mom")


@pytest.fixture(scope="session")
def deepseek_result() -> StudyResult:
    """The bundled headline study, run once for all tests of a process. Frozen: nobody can spoil it for another."""
    import eventstudy as es

    return es.load("deepseek").run()


@pytest.fixture(scope="session")
def report(deepseek_result: StudyResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the headline study on disk, alone in its folder."""
    path = tmp_path_factory.mktemp("report") / "index.html"
    deepseek_result.to_html(path)
    return path


@pytest.fixture(scope="session")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests of a process."""
    import browser

    chrome = browser.start(tmp_path_factory.mktemp("chrome"))
    yield chrome
    chrome.quit()


@pytest.fixture(scope="module")
def loaded(chrome: Chrome, report: Path) -> Iterator[Chrome]:
    """The report with all its figures drawn; a test puts back what it changes, and none may end in a complaint."""
    import browser

    browser.resize(chrome, 1280)
    chrome.get(report.as_uri())
    assert chrome.execute_async_script(browser.DRAW_ALL) == "drawn"
    browser.complaints(chrome)
    yield chrome
    assert browser.complaints(chrome, "SEVERE") == []


@pytest.fixture(scope="session")
def claims_result() -> StudyResult:
    """The made-up study of ``claims_study.py``, on which the kinds of claim are tried."""
    import claims_study

    return claims_study.run()


@pytest.fixture(scope="session")
def synthetic_calendar() -> ExchangeCalendar:
    """320 weekdays from 1 January 2020, closing at 21:00 UTC; no real exchange's calendar."""
    sessions = pd.bdate_range("2020-01-01", periods=SESSIONS, unit="ns")
    return ExchangeCalendar("XNYS", sessions, sessions.tz_localize("UTC") + pd.Timedelta(hours=21))


@pytest.fixture(scope="session")
def synthetic_panel(synthetic_calendar: ExchangeCalendar) -> EventPanel:
    """Five securities with one shared event at session 290, market and factor returns, all simulated (seed 1).

    R_it = 0.0002 + b_i R_mt + e_it with b = 0.6, 0.8, 1.0, 1.2, 1.4 and independent normal e of 2 % a day.
    """
    rng = np.random.default_rng(1)
    factors = {name: rng.normal(0.0003, 0.01, SESSIONS) for name in FACTORS}
    factors["rf"] = np.full(SESSIONS, 0.0001)
    factors["mkt_rf"] = factors["market"] - factors["rf"]
    slopes = np.array([0.6, 0.8, 1.0, 1.2, 1.4])
    returns = 0.0002 + slopes[:, None] * factors["market"] + rng.normal(0, 0.02, (len(TICKERS), SESSIONS))
    day = 290
    session: dt.date = synthetic_calendar.sessions[day].date()
    events = tuple(Event("shock", ticker, session, "all") for ticker in TICKERS)
    return EventPanel(
        exchange="XNYS",
        benchmark="^SYN",
        kind="simple",
        sessions=synthetic_calendar.sessions,
        tickers=TICKERS,
        returns=np.ascontiguousarray(returns),
        regressors=factors,
        events=events,
        day_zero=tuple(DayZero(event, day, session, 0) for event in events),
        security=np.arange(len(TICKERS), dtype=np.int32),
        day=np.full(len(TICKERS), day, dtype=np.int32),
        estimation=Window(-260, -11),
        event=Window(-10, 10),
        min_obs=175,
    )


@pytest.fixture(scope="session")
def synthetic_abnormal(synthetic_panel: EventPanel) -> AbnormalReturns:
    """The abnormal returns of `synthetic_panel` under the market model."""
    from eventstudy.abnormal import abnormal_returns
    from eventstudy.models import estimate

    return abnormal_returns(synthetic_panel, estimate(synthetic_panel, "market"))


@pytest.fixture(scope="session")
def synthetic_prices(synthetic_panel: EventPanel, synthetic_calendar: ExchangeCalendar) -> PricePanel:
    """Prices that follow from the returns of `synthetic_panel`, all starting at 100, volumes constant."""
    levels = 100 * np.cumprod(1 + synthetic_panel.returns, axis=1).T
    frame = pd.DataFrame(levels, index=synthetic_calendar.sessions, columns=list(TICKERS))
    return PricePanel(
        close=frame,
        adj_close=frame.copy(),
        volume=frame * 0 + 1e6,
        exchange=dict.fromkeys(TICKERS, "XNYS"),
        currency=dict.fromkeys(TICKERS, "USD"),
        calendars={"XNYS": synthetic_calendar},
        provenance=Provenance("synthetic", "tests/conftest.py"),
    )
