"""`eventstudy serve`: the choices, the guard, the server, and the page in a real browser.

Where Dash or the browser is absent the tests skip with a line that says so, except under
``EVENTSTUDY_REQUIRE_BROWSER=1``, where they fail.
"""

from __future__ import annotations

import dataclasses
import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from browser import PRESS_THEME, complaints, new_tab, requested, resize, wait

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.figures import FIGURES, theme
from eventstudy.report import tables
from eventstudy.study.study import load

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from eventstudy.serve.answers import Served

ROOT = Path(__file__).resolve().parents[1]
if importlib.util.find_spec("dash") is None:
    if os.environ.get("EVENTSTUDY_REQUIRE_BROWSER") == "1":
        raise ImportError("the tests of `serve` need Dash (extra serve)")
    pytest.skip("the tests of `serve` need Dash (extra serve), which is not installed", allow_module_level=True)

from eventstudy.serve import app, choices, guard, page, parts  # noqa: E402 - not where Dash is absent
from eventstudy.serve.answers import command_of, served, whole  # noqa: E402
from eventstudy.serve.server import called, listening, serve_until_interrupted  # noqa: E402

SMALL = """
schema_version: 1
id: small
prices: deepseek
groups: {two: [NVDA, AMD], energy: [VST, CEG], japan: [8035.T, 6857.T]}
benchmarks: {default: ^IXIC, XTKS: ^N225}
compare: {benchmarks: [^GSPC], models: [mean_adjusted, capm]}
events: [{id: selloff, announced: 2025-01-27}]
tests: [t, portfolio_t, corrado_rank_z]
sensitivity: {models: [market], gaps: [11], estimation: [250]}
"""
CLAIMS = """
schema_version: 1
sources: {A: {title: t, publisher: p, published: "2025"}}
claims:
  - id: nvda
    kind: price_move
    event: selloff
    security: NVDA
    says: Nvidia fell 17 per cent
    claimed: {direction: fall, value: 17, unit: percent}
    source: A
  - id: amd
    kind: abnormal_move
    event: selloff
    security: AMD
    says: AMD fell more than the market explains
    claimed: {direction: fall}
    source: A
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("served") / "small"
    made.mkdir()
    (made / "study.yaml").write_text(SMALL)
    (made / "claims.yaml").write_text(CLAIMS)
    return made


@pytest.fixture(scope="module")
def small(folder: Path) -> Served:
    return served(str(folder), {})


def fields(of: Served, **changed: Any) -> dict[str, Any]:
    """What the fields of the page hold, some of them changed."""
    held = choices.held(of.result.settings)
    assert not set(changed) - {name.replace("-", "_") for name in held}
    return {name: changed.get(name.replace("-", "_"), value) for name, value in held.items()}


def text_of(element: Any) -> str:
    """The words of an element and of all in it."""
    if isinstance(element, list | tuple):
        return " ".join(map(text_of, element))
    return text_of(element.children or "") if hasattr(element, "children") else str(element)


# ---------------------------------------------------------------------------------------------------------- the choices
CHOSEN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "model": {"model": "mean_adjusted"},
    "benchmark": {"benchmark": "^GSPC"},
    "estimation": {"estimation_first": "-120"},
    "event": {"event_first": "\u22125", "event_last": " 5 "},
    "early": {"estimation_last": "-31", "event_first": "-20"},
    "log": {"returns": "log"},
    "group": {"group": "energy"},
    "tokyo": {"group": "japan", "benchmark": "^GSPC"},
    "several": {"model": "market_adjusted", "benchmark": "RSP", "event_last": "1", "group": "energy"},
}


@pytest.mark.parametrize("name", CHOSEN)
def test_a_choice_is_the_study_that_run_reads_with_the_settings_shown(small: Served, name: str) -> None:
    picked = choices.chosen(small.result, choices.sent(fields(small, **CHOSEN[name])))
    assert picked.none == (name == "nothing")
    pairs = choices.settings_of(small.study, small.result, picked)
    assert choices.applied(small.study, small.result, picked).settings == load(small.name, pairs).settings


def test_the_numbers_are_those_of_the_command_that_is_shown(small: Served, folder: Path, tmp_path: Path) -> None:
    import shlex

    changed = CHOSEN["several"]
    picked = choices.chosen(small.result, choices.sent(fields(small, **changed)))
    words = shlex.split(command_of(small, picked))
    assert words[:3] == ["eventstudy", "run", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", *words[1:], "--out", str(tmp_path), "--formats", "json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert whole(small, picked).to_json() == (tmp_path / "results.json").read_text()
    answer = small.answer(picked)
    assert answer.content_id == whole(small, picked).content_id
    assert [v.verdict for v in answer.verdicts] == [v.verdict for v in whole(small, picked).verdicts]
    pd.testing.assert_frame_equal(answer.cars(), whole(small, picked).cars())


def test_a_benchmark_is_that_of_the_groups_own_exchange(small: Served) -> None:
    tokyo = choices.chosen(small.result, choices.sent(fields(small, group="japan", benchmark="^GSPC")))
    compared = choices.applied(small.study, small.result, tokyo).settings.benchmarks
    assert compared == {"default": "^IXIC", "XTKS": "^GSPC"}
    same = choices.chosen(small.result, choices.sent(fields(small, benchmark="^IXIC")))
    assert same.none  # it is the study's own already


def test_what_is_left_out_is_said(small: Served) -> None:
    shown = app.recomputed(small, fields(small, returns="log", event_first="-5"))
    said = shown[4]
    assert "log returns" in said
    assert "[-10, +10]" in said
    assert "capm" in said
    assert "mean_adjusted" not in said


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "too long": ({"estimation_first": "-9000"}, "of the 6293 estimation returns needed"),
    "overlap": ({"event_first": "-30"}, "overlap"),
    "turned": ({"event_first": "5", "event_last": "-5"}, "ends on or after its start"),
    "empty": ({"event_first": ""}, "whole numbers"),
    "no number": ({"event_first": "1.5"}, "whole numbers"),
    "grouped": ({"event_first": "1_0"}, "whole numbers"),
    "huge": ({"event_last": "9" * 30}, "within 100,000 sessions"),
    "no data": ({"benchmark": "^NONE"}, "^NONE"),
    "itself": ({"benchmark": "NVDA"}, "NVDA"),
    "model": ({"model": "markett"}, "market"),
    "factors in logs": ({"returns": "log", "model": "ff3"}, "simple returns"),
    "group": ({"group": "cors"}, "unknown group"),
    "type": ({"model": ["market"]}, "due is a name"),
    "kind": ({"returns": "squared"}, "simple or log"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_impossible_choice_is_refused_in_words(small: Served, name: str) -> None:
    changed, words = REFUSED[name]
    shown = app.recomputed(small, fields(small, **changed))
    error, hidden, results_hidden = shown[1:4]
    assert words in error
    assert "bug" not in error
    assert "--set" not in error
    assert not hidden
    assert results_hidden, "numbers of another choice may not stand beside the message"


def test_a_fault_of_the_package_is_said_to_be_one(small: Served, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(picked: choices.Choices) -> es.StudyResult:
        raise ZeroDivisionError("inside")

    shown = app.recomputed(dataclasses.replace(small, answer=broken), fields(small))
    assert "this is a bug in eventstudy (ZeroDivisionError)" in shown[1]
    assert "inside" in capsys.readouterr().err


def test_the_page_shows_the_numbers_of_the_result(small: Served) -> None:
    result = small.answer(choices.chosen(small.result, choices.sent(fields(small, model="mean_adjusted"))))
    said = text_of(parts.numbers(result, small.result))
    for ticker in ("NVDA", "AMD"):
        assert tables.number(result.car(ticker, (-1, 1)), "decimal", signed=True) in said
    for one in (result, small.result):
        mean = float(one.headline.group("two").caar(es.Window(-1, 1)))
        assert tables.number(mean, "decimal", signed=True) in said
    assert result.verdict("nvda").verdict in said


def test_figures_are_those_of_the_registry_in_either_theme(small: Served) -> None:
    answered = choices.sent(fields(small, event_first="-5"))
    for name, title in parts.figures(small.result):
        assert title == FIGURES[name].title
        drawn = app.drawn(small, answered, name, {}, "dark")
        assert drawn[0]["layout"]["template"] == theme.TEMPLATES["dark"]
        shown = [trace for trace in drawn[0]["data"] if trace.get("visible", True) is True]
        assert shown, name
    other = app.drawn(small, answered, "car", {"ticker": "AMD"}, "light")[0]["data"]
    assert {trace["meta"]["ticker"] for trace in other if trace["visible"]} == {"AMD"}
    stale = app.drawn(small, answered, "car", {"ticker": "GONE"}, "light")[0]["data"]
    assert any(trace["visible"] for trace in stale), "a choice of another figure falls back to the default"


def test_a_window_without_day_zero_is_served_with_what_is_left(small: Served) -> None:
    of_the_day = {"benchmarks", "day", "movers", "power", "residuals", "scatter"}
    answered = choices.sent(fields(small, event_first="1", event_last="5"))
    for name, _ in parts.figures(small.result):
        figure, _, title, caption = app.drawn(small, answered, name, {}, "light")
        assert title
        assert "bug" not in caption
        assert bool(figure["data"]) == (name not in of_the_day)


def test_a_figure_that_fails_says_so(small: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise SpecError("too few days")

    monkeypatch.setitem(FIGURES, "car", dataclasses.replace(FIGURES["car"], draw=broken))
    answered = choices.sent(fields(small))
    figure, _, _, caption = app.drawn(small, answered, "car", {}, "light")
    assert (figure["data"], caption) == ([], "too few days")
    assert app.controls(small, answered, "car", {}) == []


STUDIES = {
    "one security": "tickers: [NVDA]\nbenchmarks: {default: ^IXIC}\nprices: deepseek\n",
    "no benchmark": "tickers: [NVDA, AMD]\nmodel: mean_adjusted\nprices: deepseek\n",
    "returns": "tickers: [A, B]\nbenchmarks: {default: M}\nreturns: returns.csv\n",
}


@pytest.mark.parametrize("name", STUDIES)
def test_any_study_of_run_is_served(deepseek_result: es.StudyResult, tmp_path: Path, name: str) -> None:
    frame = deepseek_result.prices.adj_close[["^IXIC", "NVDA", "AMD"]].pct_change().dropna()
    frame.set_axis(["M", "A", "B"], axis=1).to_csv(tmp_path / "returns.csv", index_label="date")
    head = "schema_version: 1\nid: plain\nevents: [{id: e, announced: 2025-01-27}]\ntests: [t]\nsensitivity: off\n"
    (tmp_path / "study.yaml").write_text(head + STUDIES[name])
    of = served(str(tmp_path), {"model": "mean_adjusted"} if name == "one security" else {})
    assert page.layout(of.result) is not None
    shown = app.recomputed(of, fields(of, event_last="5"))
    assert not shown[3], shown[1]
    if name == "one security":
        assert "--set model=mean_adjusted" in shown[7]
    if name == "returns":
        assert "no others can be formed" in app.recomputed(of, fields(of, returns="log"))[1]


# ------------------------------------------------------------------------------------------------------------ the guard
HOSTS = frozenset({"127.0.0.1:8050", "localhost:8050"})
ASKED = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "127.0.0.1:8050"}
POSTED = ASKED | {"REQUEST_METHOD": "POST", "PATH_INFO": guard.POSTED}
TURNED_AWAY: dict[str, tuple[dict[str, str], str]] = {
    "rebound name": (ASKED | {"HTTP_HOST": "evil.example:8050"}, "403"),
    "other port": (ASKED | {"HTTP_HOST": "127.0.0.1:80"}, "403"),
    "no host": ({k: v for k, v in ASKED.items() if k != "HTTP_HOST"}, "403"),
    "other site's script": (POSTED | {"HTTP_ORIGIN": "http://evil.example"}, "403"),
    "sandboxed script": (POSTED | {"HTTP_ORIGIN": "null"}, "403"),
    "secure namesake": (POSTED | {"HTTP_ORIGIN": "https://127.0.0.1:8050"}, "403"),
    "other site's image": (ASKED | {"PATH_INFO": "/report", "HTTP_SEC_FETCH_SITE": "cross-site"}, "403"),
    "other port's script": (POSTED | {"HTTP_SEC_FETCH_SITE": "same-site"}, "403"),
    "delete": (ASKED | {"REQUEST_METHOD": "DELETE"}, "405"),
    "post elsewhere": (ASKED | {"REQUEST_METHOD": "POST"}, "405"),
    "tools": (ASKED | {"PATH_INFO": "/_reload-hash"}, "404"),
    "a file": (ASKED | {"PATH_INFO": "/assets/../study.yaml"}, "404"),
    "flood": (POSTED | {"CONTENT_LENGTH": "100000000"}, "413"),
    "odd length": (POSTED | {"CONTENT_LENGTH": "-1"}, "413"),
}


@pytest.mark.parametrize("name", TURNED_AWAY)
def test_the_guard_turns_away(name: str) -> None:
    asked, status = TURNED_AWAY[name]
    refused = guard.refused(asked, HOSTS, {"/report"})
    assert refused is not None
    assert refused[0].startswith(status)


@pytest.mark.parametrize(
    "asked",
    [
        ASKED,
        ASKED | {"HTTP_HOST": "localhost:8050"},
        ASKED | {"HTTP_SEC_FETCH_SITE": "cross-site"},  # a link to the page
        POSTED | {"HTTP_ORIGIN": "http://127.0.0.1:8050", "HTTP_SEC_FETCH_SITE": "same-origin", "CONTENT_LENGTH": "9"},
        ASKED | {"PATH_INFO": "/report", "HTTP_SEC_FETCH_SITE": "same-origin"},
    ],
)
def test_the_guard_lets_the_page_through(asked: dict[str, str]) -> None:
    assert guard.refused(asked, HOSTS, {"/report"}) is None


# ----------------------------------------------------------------------------------------------------------- the server
@pytest.fixture(scope="module")
def port(small: Served) -> Iterator[int]:
    """The small study, served by a thread."""
    server = listening(0)
    thread = threading.Thread(
        target=serve_until_interrupted, args=(server, lambda hosts: app.application(small, hosts))
    )
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def test_answers_are_kept_in_bounds_by_their_headers(port: int) -> None:
    status, headers, body = ask(port, "/")
    assert status == 200
    directives = dict(d.strip().partition(" ")[::2] for d in headers["Content-Security-Policy"].split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in directives["script-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"http://" not in body.replace(b"http://www.w3.org", b"")
    assert b"https://" not in body
    assert ask(port, "/", Host="evil.example")[0] == 403
    assert ask(port, "/_dash-layout", Host=f"localhost:{port}")[0] == 200


def test_report_and_results_of_a_choice_are_those_of_run(port: int, small: Served) -> None:
    from urllib.parse import quote

    got = choices.sent(fields(small, model="mean_adjusted"))
    query = "?choices=" + quote(json.dumps(got))
    expected = load(small.name, {"model": "mean_adjusted"}).run()
    status, headers, body = ask(port, "/results.json" + query)
    assert (status, body.decode()) == (200, expected.to_json())
    status, headers, body = ask(port, "/report" + query)
    assert (status, body.decode()) == (200, expected.to_html())
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"  # the page brings the rest itself
    status, _, body = ask(port, "/report?choices=nonsense")
    assert (status, b"no choices" in body) == (400, True)
    for asked, said in (({"model": "nonsense"}, b"unknown model"), ({"modle": "market"}, b"Did you mean 'model'?")):
        status, _, body = ask(port, "/report?choices=" + quote(json.dumps(asked)))
        assert (status, said in body) == (400, True)
    status, _, body = ask(port, "/results.json?choice=" + quote(json.dumps({"model": "mean_adjusted"})))
    assert (status, b"Did you mean 'choices'?" in body) == (400, True)


def test_a_browser_leaves_out_the_usual_port() -> None:
    assert guard.refused(ASKED | {"HTTP_HOST": "localhost", "HTTP_ORIGIN": "http://localhost"}, called(80)) is None
    assert guard.refused(ASKED | {"HTTP_HOST": "localhost"}, called(8050)) is not None


def test_a_port_that_is_taken_is_refused_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SpecError, match=r"port \d+ is taken by another program; choose another one, such as"):
            listening(taken.getsockname()[1])


def run_serve(*arguments: str, before: str = "") -> subprocess.Popen[str]:
    code = f"{before}\nimport sys\nfrom eventstudy.cli.commands import main\nsys.argv[0] = 'eventstudy'\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "serve", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_the_extra_the_command_names_it(folder: Path) -> None:
    process = run_serve(str(folder), before="import sys; sys.modules['dash'] = None")
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "pip install 'eventstudy-claims[serve]'" in said


LOOPBACK = """
import sys

def closed(event, arguments):
    if event == "socket.bind":
        assert arguments[1] == ("127.0.0.1", 0), arguments
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
                 "socket.getnameinfo", "socket.sendto", "webbrowser.open"):
        raise RuntimeError(f"a socket: {event} {arguments!r}")

sys.addaudithook(closed)
"""


def test_it_listens_on_loopback_connects_to_nothing_and_ends_quietly(folder: Path) -> None:
    process = run_serve(str(folder), "--port", "0", before=LOOPBACK)
    assert process.stderr is not None
    said = process.stderr.readline()
    try:
        address = said.split("http://127.0.0.1:")[1]
        port = int(address.split("/")[0])
        assert ask(port, "/")[0] == 200
        assert ask(port, "/_dash-layout")[0] == 200
        assert ask(port, "/results.json")[0] == 200
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, ("", "")), said


# ---------------------------------------------------------------------------------------------------------- the browser
READY = (
    "return Boolean(document.querySelector('#graph .main-svg') && document.querySelector('#numbers table')"
    " && document.querySelector('#graph .js-plotly-plot')?.layout?.template"
    " && !document.querySelector('#main[aria-busy=true], #chart[aria-busy=true]'))"
)


@pytest.fixture
def opened(chrome: Chrome, port: int) -> Iterator[Chrome]:
    """The page, fresh and drawn, in a tab of its own."""
    with new_tab(chrome):
        resize(chrome, 1280)
        quiet(chrome), requested(chrome)
        chrome.get(f"http://127.0.0.1:{port}/")
        wait(lambda: chrome.execute_script(READY))
        yield chrome


def shown(chrome: Chrome, name: str) -> str:
    found: str = chrome.execute_script("return document.getElementById(arguments[0]).innerText", name)
    return found


def quiet(chrome: Chrome) -> list[str]:
    """What the console says: also what the content security policy forbids."""
    return complaints(chrome, "SEVERE", "WARNING")


def test_it_opens_without_a_word_and_asks_nobody_else(opened: Chrome, port: int) -> None:
    assert quiet(opened) == []
    names = opened.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(names) == len(set(names))
    asked = requested(opened)
    outside = [url for url in asked if not url.startswith(f"http://127.0.0.1:{port}/")]
    assert asked
    assert outside == []


def test_a_model_chosen_by_keyboard_is_computed_at_once(opened: Chrome, small: Served) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    for _ in range(12):  # by the keyboard alone
        ActionChains(opened).send_keys(Keys.TAB).perform()
        if opened.execute_script("return document.activeElement.id") == "model":
            break
    else:
        raise AssertionError("the list of models is not reached by the keyboard")
    ActionChains(opened).send_keys("mean-adj", Keys.ENTER).perform()
    wait(lambda: "--set model=mean_adjusted" in shown(opened, "command"))
    wait(lambda: opened.execute_script(READY))
    own = load(small.name, {"model": "mean_adjusted"}).run()
    assert tables.number(own.car("NVDA", (-1, 1)), "decimal", signed=True) in shown(opened, "table-securities")
    mean = tables.number(float(own.headline.group("two").caar(es.Window(0, 0))), "decimal", signed=True)
    assert mean in shown(opened, "table-group")
    drawn = opened.execute_script(
        "return document.querySelector('#graph .js-plotly-plot').data.filter((t) => t.visible && t.mode !== 'lines')"
        ".map((t) => [...t.y])[0]"
    )
    path = own.at("NVDA").path[0][own.at("NVDA").row("NVDA")]
    assert drawn == pytest.approx(list(path), rel=1e-4, abs=1e-6)
    assert quiet(opened) == []


def test_an_impossible_window_is_said_and_taken_back(opened: Chrome) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    field = opened.find_element(By.ID, "estimation-first")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("-9000", Keys.ENTER)
    wait(lambda: "estimation returns needed" in shown(opened, "error"))
    assert not opened.find_element(By.ID, "results").is_displayed()
    opened.find_element(By.ID, "back").click()
    wait(lambda: opened.find_element(By.ID, "results").is_displayed())
    assert opened.find_element(By.ID, "estimation-first").get_attribute("value") == "-260"
    assert shown(opened, "error") == ""
    assert quiet(opened) == []


def test_the_theme_changes_page_and_figure(opened: Chrome) -> None:
    from selenium.webdriver.common.by import By

    look = (
        "const g = document.querySelector('#graph .js-plotly-plot'); return [getComputedStyle(document.body)"
        ".backgroundColor, g.layout.template?.layout.font.color, getComputedStyle(model).color]"
    )
    light = opened.execute_script(look)
    opened.find_element(By.ID, "theme").click()
    dark = theme.TEMPLATES["dark"]["layout"]["font"]["color"]
    wait(lambda: opened.execute_script(look)[1] == dark)
    assert all(a != b for a, b in zip(light, opened.execute_script(look), strict=True))
    assert quiet(opened) == []


def test_a_telephone_shows_all_without_scrolling_sideways(opened: Chrome) -> None:
    resize(opened, 390, 844)
    wait(lambda: opened.execute_script("return document.querySelector('#graph .main-svg').clientWidth") <= 390)
    assert opened.execute_script("return document.documentElement.scrollWidth") <= 390
    small_targets = opened.execute_script(
        "return [...document.querySelectorAll('button, input, select, summary, #results a')]"
        ".map((e) => [e.id || e.className, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.width && (box.height < 24 || box.width < 24)).map(([name]) => name)"
    )
    assert small_targets == []


def test_the_rules_of_accessibility_hold_in_both_themes(opened: Chrome) -> None:
    import axe

    assert axe.violations(opened) == []
    assert opened.execute_script(PRESS_THEME) == "dark"
    wait(lambda: opened.execute_script(READY))
    assert axe.violations(opened) == []
