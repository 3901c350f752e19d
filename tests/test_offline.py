"""Nothing but `fetch` and `serve` opens a socket: every command and every public name, in a process that forbids it.

`serve` listens on loopback alone and connects to nothing: ``test_serve.py`` runs it in a process that forbids the rest.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from test_docs import commands

import eventstudy as es
from eventstudy.files.folders import bundled
from eventstudy.study.eventstudytools import export_files

ROOT = Path(__file__).resolve().parents[1]
CLOSED = """
import sys

def closed(event, arguments):
    # A pair of connected sockets inside the process, as event loops make, has no address.
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise RuntimeError(f"a socket: {event} {arguments!r}")

sys.addaudithook(closed)
"""
NO_CLIENT = """
assert not {"yfinance", "curl_cffi", "requests", "urllib3"} & set(sys.modules), "a client of the network was imported"
"""
STUDY = """
schema_version: 1
id: small
prices: snapshot
tickers: [NVDA, AMD]
benchmarks: {default: ^IXIC}
events: [{id: selloff, announced: 2025-01-27}]
tests: [t]
sensitivity: {models: [market], gaps: [11], estimation: [250]}
"""
COMMANDS = {
    "run": ["small", "--out", "report"],
    "explain": ["nvda-17", "--study", "small"],
    "simulate": ["small", "--replications", "50", "--tests", "t", "--out", "power"],
    "sensitivity": ["small"],
    "doctor": [],
    "schema": ["study"],
    "cite": [],
    "claims list": ["small"],
    "claims check": ["small"],
    "claims export": ["small"],
    "claims draft": ["article.txt", "--study", "small"],
    "compare": ["report", "report"],
    "index": ["."],
    "new": ["fresh", "--event", "2025-01-27", "--tickers", "NVDA,AMD", "--benchmark", "^IXIC"],
    "picture": ["day", "small", "--out", "day.svg"],
    "data show": ["small"],
    "data verify": ["small"],
    "data diff": ["small", "small"],
    "data export": ["small", "--out", "tables"],
    "data import": ["files", "--out", "added"],
}
OPENS = {"fetch", "serve"}
EACH = """
import json, sys
from eventstudy.cli.commands import main

for command, arguments in json.loads(sys.argv.pop()):
    sys.argv = ["eventstudy", *command.split(), *arguments]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, command
"""
PUBLIC = """
import sys
import numpy as np, pandas as pd
import eventstudy as es

study = es.Study(prices="deepseek", events="2025-01-27", tickers=["NVDA", "AMD"], benchmark="^IXIC", tests=["t"])
result = study.run()
result.to_json("result.json"), result.to_html("result.html"), result.car("NVDA")
assert isinstance(result, es.StudyResult) and isinstance(result.prices, es.PricePanel)
es.load("deepseek")
es.simulate(result, tests=["t"], replications=50)
days = pd.bdate_range("2020-01-01", periods=400)
noise = pd.DataFrame(np.random.default_rng(1).normal(0, 0.01, (400, 3)), index=days, columns=["M", "A", "B"])
events = pd.DataFrame({"security": ["A", "B"], "date": days[300]})
assert isinstance(es.run_events(noise, events, benchmark="M"), es.EventRun)
long = noise.stack().rename("return").reset_index().set_axis(["date", "security", "return"], axis=1)
long.to_csv("long.csv", index=False)
es.panel_from_long(long), es.read_long("long.csv")
es.Event("day", "A", days[300].date()), es.Window(-1, 1), es.Recipe
try:
    es.Study(prices="yahoo", events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC").run()
except es.EventStudyError as error:
    assert "a run is offline" in str(error)
else:
    raise SystemExit("a study of a provider's name ran")
"""
NAMED = ("ReturnPanel", "SimulationResult", "EventStudyError")
"""Public names that are what the functions above return or raise."""


def closed(tmp_path: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with sockets forbidden, and a proxy that is not there for what libraries in C would open."""
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "EVENTSTUDY_CACHE": str(tmp_path / "cache"), **proxies}
    return subprocess.run(
        [sys.executable, "-c", CLOSED + code, *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_process_forbids_sockets(tmp_path):
    done = closed(tmp_path, "import socket; socket.create_connection(('127.0.0.1', 9))")
    assert "RuntimeError: a socket" in done.stderr


def test_no_command_opens_a_socket(tmp_path):
    assert {*COMMANDS, *OPENS} == set(commands()), "a new command needs a row in COMMANDS"
    small = tmp_path / "small"
    shutil.copytree(bundled("deepseek"), small)
    (small / "study.yaml").write_text(STUDY)
    head, claims = (small / "claims.yaml").read_text().split("\nclaims:\n")
    kept = [c for c in claims.split("\n  - id: ") if c.startswith(("nvda-17\n", "amd-8\n"))]
    (small / "claims.yaml").write_text(head + "\nclaims:\n" + "".join(f"  - id: {c.rstrip()}\n" for c in kept))
    export_files(es.load(small), tmp_path / "files")
    (tmp_path / "article.txt").write_text("On 27 January 2025 Nvidia fell 17 per cent, its largest loss ever.\n")
    done = closed(tmp_path, EACH + NO_CLIENT, json.dumps(list(COMMANDS.items())))
    assert done.returncode == 0, done.stderr
    assert "a socket" not in done.stderr


def test_no_public_function_opens_a_socket(tmp_path):
    done = closed(tmp_path, PUBLIC + NO_CLIENT)
    assert done.returncode == 0, done.stderr
    assert all(f"es.{name}" in PUBLIC or name in NAMED for name in es.__all__)
