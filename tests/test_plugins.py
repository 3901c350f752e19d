"""Providers of other packages: an installed one is found, used and pinned, and its key stays where it was."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from eventstudy.errors import MissingPriceError, ProviderError, SpecError, UnknownNameError
from eventstudy.objects.prices import Issue, PriceQuery, Provenance, RawPrices
from eventstudy.prices import PROVIDERS, plugins
from eventstudy.prices.cards import Provider

ROOT = Path(__file__).resolve().parents[1]
KEY = "s3cret/+key 9"
STUDY = """
schema_version: 1
id: small
tickers: [NVDA]
calendar: own
benchmarks: {default: ^IXIC}
events: [{id: day, announced: 2025-01-27}]
sensitivity: off
"""


def rows() -> pd.DataFrame:
    day = pd.DatetimeIndex(["2025-01-27"]).as_unit("ns")
    return pd.DataFrame({"ticker": "NVDA", "date": day, "close": 1.0, "adj_close": 1.0, "volume": 2.0})


def card(read, **more) -> Provider:
    return Provider(**{"read": read, "words": "made up", "network": True, "options": (), "keys": ("ACME_KEY",), **more})


# ------------------------------------------------------------------------------------------------- an installed package
@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The package of docs/security.md, as an installer leaves it: its module and its metadata in one folder."""
    page = (ROOT / "docs" / "security.md").read_text()
    place = tmp_path / "site"
    about = place / "acme_prices-1.0.dist-info"
    about.mkdir(parents=True)
    (place / "acme_prices.py").write_text(re.search(r"```python\n# file: acme_prices.py\n(.*?)```", page, re.S)[1])
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-prices\nVersion: 1.0\n")
    group, line = re.search(r'entry-points\."(.*?)"\]\n(acme = .*?)\n', page).groups()
    (about / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n")
    return place


def fetched(installed: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    (folder / "study.yaml").write_text(STUDY)
    path = os.pathsep.join([str(installed), str(ROOT)])
    known = {k: v for k, v in os.environ.items() if k != "ACME_KEY"}
    return subprocess.run(
        [sys.executable, "-m", "eventstudy", "fetch", str(folder), "--provider", "acme"],
        env={**known, "PYTHONPATH": path, "EVENTSTUDY_DEBUG": "1", **environment},
        capture_output=True,
        text=True,
    )


def test_an_installed_provider_with_a_key(installed, tmp_path):
    done = fetched(installed, tmp_path / "small", ACME_KEY=KEY)
    assert done.returncode == 0, done.stderr
    pinned = {path: path.read_text() for path in (tmp_path / "small").rglob("*") if path.is_file()}
    assert any('"provider": "acme"' in text for text in pinned.values())
    assert all(KEY not in text for text in (*pinned.values(), done.stdout, done.stderr))


def test_a_key_that_is_not_set(installed, tmp_path):
    done = fetched(installed, tmp_path / "small")
    assert done.returncode == ProviderError.exit_code
    assert "the environment variable ACME_KEY is not set" in done.stderr
    assert not (tmp_path / "small" / "datapackage.json").exists()


def test_a_failure_that_holds_the_key(installed, tmp_path):
    """The vendor's client puts the whole address into its error, as such clients do."""
    module = installed / "acme_prices.py"
    failing = '    raise OSError(f"no answer from https://acme.example/v1?token={token}&t={ticker}")\n'
    module.write_text(module.read_text().replace("    days = ", failing + "    days = "))
    done = fetched(installed, tmp_path / "small", ACME_KEY=KEY)
    assert done.returncode == ProviderError.exit_code
    assert "the provider 'acme' failed with OSError" in done.stderr
    assert "token=***" in done.stderr
    assert KEY not in done.stdout + done.stderr


def test_its_code_runs_only_when_it_is_named(installed, tmp_path):
    (installed / "acme_prices.py").write_text("raise RuntimeError('imported')\n")
    path = os.pathsep.join([str(installed), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "eventstudy", "doctor", "--json"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert "provider acme" in done.stdout
    failed = fetched(installed, tmp_path / "small", ACME_KEY=KEY)
    assert failed.returncode == SpecError.exit_code
    assert "cannot be loaded: RuntimeError: imported" in failed.stderr


# --------------------------------------------------------------------------------------------------------- what it says
def test_names():
    assert plugins.provider("files") is PROVIDERS["files"]
    with pytest.raises(UnknownNameError, match=r"unknown provider 'yaho'\. Did you mean 'yahoo'"):
        plugins.provider("yaho")


@pytest.mark.parametrize("form", [KEY, "s3cret%2F%2Bkey%209", "s3cret%2F%2Bkey+9"])
def test_no_key_in_what_is_pinned(monkeypatch, form):
    monkeypatch.setenv("ACME_KEY", KEY)

    def read(_query):
        return RawPrices(
            rows(),
            Provenance("acme", f"https://acme.example?k={form}", licence=form),
            issues=(Issue("odd", "info", f"asked with {form}"),),
            about={"NVDA": {"address": f"k={form}"}},
            library=f"acme {form}",
        )

    found = plugins.answer("acme", card(read), PriceQuery(("NVDA",)))
    assert form not in repr((found.provenance, found.issues, found.about, found.library))
    assert found.provenance.source == "https://acme.example?k=***"
    assert found.frame.equals(rows())


@pytest.mark.parametrize("error", [MissingPriceError, SpecError, ProviderError, ValueError, KeyError])
def test_no_key_in_any_error(monkeypatch, error):
    monkeypatch.setenv("ACME_KEY", KEY)

    def read(_query):
        try:
            raise OSError(f"address with {KEY}")
        except OSError as inner:
            raise error(f"failed with {KEY}") from inner

    with pytest.raises((MissingPriceError, SpecError, ProviderError)) as caught:
        plugins.answer("acme", card(read), PriceQuery(("NVDA",)))
    text = "".join(traceback.format_exception(caught.value))
    assert "***" in text
    assert KEY not in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "returned a NoneType; a RawPrices is due"),
        (RawPrices(rows().drop(columns="volume"), Provenance("acme", "Acme")), "have no column volume"),
        (RawPrices(rows().assign(date="2025-01-27"), Provenance("acme", "Acme")), "not of the types"),
        (RawPrices(rows().assign(close="1"), Provenance("acme", "Acme")), "not of the types"),
    ],
)
def test_a_wrong_answer_is_refused(given, words):
    with pytest.raises(ProviderError, match=words):
        plugins.answer("acme", card(lambda _query: given, keys=()), PriceQuery(("NVDA",)))


def test_a_card_is_due(monkeypatch):
    class Point:
        value = "acme_prices:ACME"

        def load(self):
            return replace

    monkeypatch.setattr(plugins, "plugins", lambda: {"acme": Point()})
    with pytest.raises(SpecError, match="is a function; a card is due"):
        plugins.provider("acme")
