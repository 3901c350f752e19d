"""Ten days, three securities, worked out in a spreadsheet: the package against `tests/reference/hand_panel.xlsx`.

The sheet holds formulas alone; its values were recalculated by LibreOffice into ``hand_panel.json``
(``make_hand_panel.py`` says how). Every number of that file is compared here.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from panels import weekdays

from eventstudy.abnormal import AbnormalReturns, abnormal_returns
from eventstudy.inference import SINGLE, TESTS, mean_correlation
from eventstudy.inference.skewness import skewness_adjusted_t
from eventstudy.models import estimate
from eventstudy.objects.estimation import DayZero, Event, EventPanel, Window
from eventstudy.objects.outcomes import InferenceResult

REFERENCE = Path(__file__).parent / "reference"
VALUES: dict[str, float] = json.loads((REFERENCE / "hand_panel.json").read_text(encoding="utf-8"))["values"]
NAMES = ("A", "B", "C")
RTOL = 1e-8
WINDOWS = {"[0, 0]": Window(0, 0), "[-1, +1]": Window(-1, 1)}


def hand_panel() -> EventPanel:
    """Estimation days -8 to -2, event window -1 to +1, one date; built without the package's alignment."""
    frame = pd.read_csv(REFERENCE / "hand_panel.csv", index_col="day") / 10_000
    sessions, day = weekdays(len(frame)), int(frame.index.get_loc(0))
    events = tuple(Event("hand", name, sessions[day].date()) for name in NAMES)
    return EventPanel(
        exchange="none",
        benchmark="market",
        kind="simple",
        sessions=sessions,
        tickers=NAMES,
        returns=np.ascontiguousarray(frame[list(NAMES)].to_numpy().T),
        regressors={"market": frame["market"].to_numpy()},
        events=events,
        day_zero=tuple(DayZero(event, day, sessions[day].date(), 0) for event in events),
        security=np.arange(3, dtype=np.int32),
        day=np.full(3, day, dtype=np.int32),
        estimation=Window(-8, -2),
        event=Window(-1, 1),
        min_obs=5,
    )


@pytest.fixture(scope="module")
def panel() -> EventPanel:
    return hand_panel()


@pytest.fixture(scope="module")
def abnormal(panel: EventPanel) -> AbnormalReturns:
    return abnormal_returns(panel, estimate(panel, "market"))


def close(found: float, name: str) -> None:
    """Equal at 1e-8; a figure that is itself a difference of returns of 1e-2 at 1e-14."""
    np.testing.assert_allclose(found, VALUES[name], rtol=RTOL, atol=1e-14, err_msg=name)


def of(parts: list[str], abnormal: AbnormalReturns, window: Window) -> InferenceResult:
    """The test that a name such as ``volatility_f B`` or ``skewness_adjusted_t hall`` stands for."""
    name, *more = parts
    if name == "skewness_adjusted_t":
        return skewness_adjusted_t(abnormal, window, variant=more[0])  # type: ignore[arg-type]
    return TESTS[name](abnormal.take([NAMES.index(more[0])]) if more else abnormal, window)


HELD = {name.split("] ")[1].split()[0] for name in VALUES if name.startswith("[") and name.endswith(" statistic")}
TESTED = [name for name in VALUES if name.startswith("[") and name.endswith(" statistic")]


@pytest.mark.parametrize("key", TESTED)
def test_a_test_is_what_the_spreadsheet_says(key: str, abnormal: AbnormalReturns) -> None:
    inside, rest = key.split("] ")
    found = of(rest.removesuffix(" statistic").split(), abnormal, WINDOWS[inside + "]"])
    assert found.reason is None
    close(found.statistic, key)
    close(found.p, key.replace(" statistic", " p"))
    if (df := key.replace(" statistic", " df")) in VALUES:
        assert found.df == (VALUES[df],)


def test_estimates(abnormal: AbnormalReturns) -> None:
    normal = abnormal.normal
    columns = {"alpha": normal.params[:, 0], "beta": normal.params[:, 1], "sigma": normal.sigma, "r2": normal.r_squared}
    for what, values in columns.items():
        for name, value in zip(NAMES, values, strict=True):
            close(value, f"model {what} {name}")
    close(mean_correlation(abnormal, Window(0, 0)), "model rbar")


def test_abnormal_returns_and_their_sums(abnormal: AbnormalReturns) -> None:
    for column, tau in enumerate(abnormal.panel.event.taus):
        close(abnormal.aar()[column], "aar 0" if tau == 0 else f"aar {tau:+d}")
        for name, value in zip(NAMES, abnormal.ar[:, column], strict=True):
            close(value, f"ar {tau} {name}")
    for text, window in WINDOWS.items():
        close(abnormal.caar(window), f"{text} caar")
        for name, value in zip(NAMES, abnormal.car(window), strict=True):
            close(value, f"{text} car {name}")


@pytest.mark.parametrize("model", ["mean_adjusted", "market_adjusted", "raw"])
def test_models_without_a_slope(model: str, panel: EventPanel) -> None:
    normal = estimate(panel, model)
    scar = abnormal_returns(panel, normal).scar(Window(-1, 1))
    for i, name in enumerate(NAMES):
        close(normal.sigma[i], f"{model} sigma {name}")
        close(scar[i], f"{model} scar {name}")


def test_scholes_and_williams(panel: EventPanel) -> None:
    normal = estimate(panel, "scholes_williams")
    for i, name in enumerate(NAMES):
        close(normal.params[i, normal.names.index("market")], f"scholes_williams beta {name}")


def test_what_the_spreadsheet_leaves_out_has_its_reason(abnormal: AbnormalReturns) -> None:
    """Three events on one date: a test that the sheet does not hold does not apply, and says why."""
    for name in set(TESTS) - HELD:
        found = TESTS[name](abnormal.take([0]) if name in SINGLE else abnormal, Window(0, 0))
        assert found.reason, name


# ---------------------------------------------------------------------------------------------------- the file itself
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(each: Callable[[str, list[ElementTree.Element]], None]) -> None:
    with zipfile.ZipFile(REFERENCE / "hand_panel.xlsx") as file:
        book = ElementTree.fromstring(file.read("xl/workbook.xml"))
        for i, sheet in enumerate(book.iter(f"{SPACE}sheet"), start=1):
            page = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{i}.xml"))
            each(sheet.attrib["name"], list(page.iter(f"{SPACE}c")))


def test_the_spreadsheet_holds_formulas_and_no_result() -> None:
    """Numbers typed in are the returns and the days alone; all else is a formula, without a value beside it."""

    def check(name: str, cells: list[ElementTree.Element]) -> None:
        typed = {
            c.attrib["r"]: float(v) for c in cells if c.attrib.get("t", "n") == "n" and (v := c.findtext(f"{SPACE}v"))
        }
        formulas = {c.attrib["r"] for c in cells if c.find(f"{SPACE}f") is not None}
        assert all(not c.findtext(f"{SPACE}v") for c in cells if c.attrib["r"] in formulas)
        typed = {at: value for at, value in typed.items() if at not in formulas}
        if name == "data":
            table = pd.read_csv(REFERENCE / "hand_panel.csv").to_numpy()
            wanted = {f"{'ABCDE'[j]}{4 + i}": value for (i, j), value in np.ndenumerate(table)}
            assert typed == wanted
            assert not formulas
        else:
            assert formulas
            assert all(at.startswith("A") for at in typed)  # labels of days

    sheets(check)
