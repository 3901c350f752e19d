"""`eventstudy new`: from prices as a user has them to a study that has run, or to words that say what lacks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.claims.load import load_claims
from eventstudy.cli import newasked, newtext
from eventstudy.files.folders import bundled

New = Callable[..., str]
ONE = ("--event", "2025-01-27", "--tickers", "NVDA,MU", "--benchmark", "^GSPC")


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real prices as downloads leave them: a folder of one file a ticker; one wide file; its returns; events."""
    folder = tmp_path_factory.mktemp("given")
    rows = pd.read_csv(bundled("deepseek") / "prices.csv")
    (folder / "downloads").mkdir()
    for ticker in ("NVDA", "MU", "^GSPC"):
        mine = rows.loc[rows["ticker"] == ticker, ["date", "close", "adj_close", "volume"]]
        mine.columns = ["Date", "Close", "Adj Close", "Volume"]
        mine.to_csv(folder / "downloads" / f"{ticker}.csv", index=False)
    wide = rows.pivot(index="date", columns="ticker", values="adj_close")[["NVDA", "MU", "^GSPC"]].dropna()
    wide.to_csv(folder / "wide.csv")
    wide.pct_change().iloc[1:].to_csv(folder / "returns.csv")
    days = ["2024-05-23", "2024-06-27", "2024-08-29", "2024-12-19"]
    pd.DataFrame({"ticker": ["NVDA", "MU", "NVDA", "MU"], "date": days}).to_csv(folder / "events.csv", index=False)
    return folder


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> New:
    """Call the command in an empty folder: its exit code, stdout and stderr as one text."""
    from eventstudy.cli.commands import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")  # no line is broken

    def call(*arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", ["eventstudy", "new", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        return f"{stop.value.code}\n{said.out}{said.err}"

    return call


def test_a_folder_of_downloads_becomes_a_page(new: New, downloads: Path, tmp_path: Path) -> None:
    said = new("outage", *ONE, "--prices", downloads / "downloads")
    assert said.startswith("0\n")
    assert "day zero is Monday 2025-01-27" in said
    assert "NVDA closed 16.97% lower" in said
    assert (tmp_path / "reports" / "outage" / "index.html").is_file()
    result = es.load(tmp_path / "outage").run()
    prices = pd.read_csv(downloads / "wide.csv", index_col=0)["NVDA"]
    raw = result.headline.day["ret"][result.headline.row("NVDA")]
    assert raw == pytest.approx(prices["2025-01-27"] / prices["2025-01-24"] - 1, rel=1e-8)
    assert [verdict.verdict for verdict in result.verdicts] == ["supported", "supported"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_list_of_events_and_returns(new: New, downloads: Path, tmp_path: Path) -> None:
    said = new("many", "--events", downloads / "events.csv", "--benchmark", "^GSPC", "--prices", downloads / "wide.csv")
    assert said.startswith("0\n")
    assert len(es.load(tmp_path / "many").run().cars(window=(0, 0))) == 4
    assert [v.verdict for v in es.load(tmp_path / "many").run().verdicts] == ["supported", "supported"]
    said = new("moved", *ONE, "--returns", downloads / "returns.csv")
    assert said.startswith("0\n")
    assert [v.verdict for v in es.load(tmp_path / "moved").run().verdicts] == ["supported"]


def test_the_example_claims_say_what_the_prices_did(new: New, downloads: Path, tmp_path: Path) -> None:
    for day, ticker, rose in (("2024-05-23", "NVDA", True), ("2024-06-27", "MU", False)):
        prices = pd.read_csv(downloads / "wide.csv", index_col=0)[ticker]
        assert bool(prices.pct_change()[day] > 0) is rose
        name = f"{ticker}-moved"
        new(name, "--event", day, "--tickers", ticker, "--benchmark", "^GSPC", "--prices", downloads / "wide.csv")
        verdicts = es.load(tmp_path / name).run().verdicts
        assert {v.claim.claimed.direction for v in verdicts} == {"rise" if rose else "fall"}
        assert verdicts[0].verdict == "supported"


def test_tickers_that_a_file_of_yaml_takes_for_something_else_stay_tickers(new: New, tmp_path: Path) -> None:
    names = ("TRUE", "NULL", "ON", "0700", "BRK:B", "A&B")
    new("words", "--event", "2025-01-27", "--tickers", ",".join(names), "--benchmark", "^GSPC")
    assert es.load(tmp_path / "words").settings.tickers == names


@pytest.mark.parametrize("name", ["2024", "null", "1e5", "0x1F", "yes"])
def test_a_name_that_a_file_of_yaml_takes_for_something_else_stays_a_name(new: New, tmp_path: Path, name: str) -> None:
    assert new(name, *ONE).startswith("0\n")
    assert es.load(tmp_path / name).settings.id == name
    assert {claim.event for claim in load_claims(tmp_path / name / "claims.yaml").claims} == {name}


def test_a_wrong_list_of_events_is_refused_by_the_name_of_the_users_file(new: New, downloads: Path) -> None:
    file = downloads / "wrong.csv"
    file.write_text("ticker,date\nNVDA,2025-13-27\n", encoding="utf-8")
    said = new("wrong", "--events", file, "--benchmark", "^GSPC", "--prices", downloads / "wide.csv")
    assert said.startswith("2\n")
    assert f"{file}:2" in said


def test_without_prices_the_folder_waits_for_them(new: New, tmp_path: Path) -> None:
    assert "eventstudy fetch later" in new("later", *ONE)
    assert es.load(tmp_path / "later").settings.tickers == ("NVDA", "MU")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "a new study needs a NAME such as outage, --event 2024-07-19"),
        (("x",), "a new study needs --event 2024-07-19 (or --events FILE), --tickers CRWD,PANW, --benchmark ^GSPC"),
        (("../x", *ONE), "a plain name of letters"),
        (("deepseek", *ONE), "is the name of a bundled study"),
        (("x", *ONE, "--prices", "nothing.csv"), "--prices 'nothing.csv': there is no such file or folder"),
        (("x", *ONE, "--events", "e.csv"), "--event and --events say the same thing in two ways"),
        (("x", *ONE, "--prices", "p.csv", "--fetch"), "--prices and --fetch say the same thing in two ways"),
        (("x", "--event", "2025-13-27", *ONE[2:]), "is not a day of the calendar"),
        (("x", "--event", "03/04/2025", *ONE[2:]), "is 3 April or 4 March"),
    ],
)
def test_a_wrong_call_writes_nothing(new: New, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    said = new(*arguments)
    assert said.startswith("2\n")
    assert words in said
    assert list(tmp_path.iterdir()) == []


def test_prices_that_lack_a_ticker_write_nothing(new: New, downloads: Path, tmp_path: Path) -> None:
    said = new("x", "--event", "2025-01-27", "--tickers", "NVDIA", *ONE[4:], "--prices", downloads / "wide.csv")
    assert said.startswith("3\n")
    assert "has no prices of NVDIA, which the study needs; nothing is written. Did you mean 'NVDA'?" in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(new: New, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert "mine is there already" in new("mine", *ONE)
    assert list((tmp_path / "mine").iterdir()) == []


GERMAN = "Datum;Schluss;Gruß\n"


def test_how_a_file_is_written_can_be_set(new: New, downloads: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for ticker in ("NVDA", "MU", "^GSPC"):
        rows = pd.read_csv(downloads / "downloads" / f"{ticker}.csv")
        lines = [
            f"{day};{close:.6f};1".replace(".", ",") for day, close in zip(rows["Date"], rows["Close"], strict=True)
        ]
        (given / f"{ticker}.csv").write_text(GERMAN + "\n".join(lines) + "\n", encoding="cp1252")
    refused = new("mine", *ONE, "--prices", given)
    assert "not a text file in UTF-8" in refused
    assert "said as in `--set prices.encoding=cp1252`" in refused
    columns = ("--set", "prices.columns.close=Schluss", "--set", "prices.encoding=cp1252")
    said = new("mine", *ONE, "--prices", given, *columns, "--set", "estimation=[-160, -11]", "--set", "volume.event=3")
    assert said.startswith("2\n")  # the two keys are read, so that what is wrong with the third is told
    assert "--set estimation=[-160, -11] --set volume.event=3: " in said
    said = new("mine", *ONE, "--prices", given, *columns, "--set", "estimation=[-160, -11]", "--set", "title=A day")
    assert said.startswith("0\n")
    assert "NVDA closed 16.97% lower" in said
    settings = es.load(tmp_path / "mine").settings
    assert settings.title == "A day"
    assert "prices: snapshot" in (tmp_path / "mine" / "study.yaml").read_text()
    assert (settings.estimation.start, settings.estimation.end) == (-160, -11)


def test_how_events_and_returns_are_written_can_be_set(new: New, downloads: Path, tmp_path: Path) -> None:
    events = pd.DataFrame({"ticker": ["NVDA", "MU"], "date": ["05/06/2024", "10/12/2024"]})
    events.to_csv(tmp_path / "days.csv", index=False)
    returns = pd.read_csv(downloads / "returns.csv", index_col=0) * 100
    returns.to_csv(tmp_path / "moves.csv")
    call = ("mine", "--events", tmp_path / "days.csv", "--benchmark", "^GSPC", "--returns", tmp_path / "moves.csv")
    assert "said as in `--set events.dayfirst=true`" in new(*call)
    (tmp_path / "firms.csv").write_text("firm,date\nNVDA,2024-06-05\n", encoding="utf-8")
    other = new("mine", "--events", tmp_path / "firms.csv", *call[3:])
    assert "said as in `--set events.columns.ticker=Company`" in other
    scaled = new(*call, "--set", "events.dayfirst=true")
    assert "the returns look like per cent" in scaled
    assert "said as in `--set returns.percent=true`" in scaled
    assert not (tmp_path / "mine").exists()
    said = new(*call, "--set", "events.dayfirst=true", "--set", "returns.percent=true")
    assert said.startswith("0\n")
    days = [event.day.isoformat() for event in es.load(tmp_path / "mine").settings.events]
    assert days == ["2024-06-05", "2024-12-10"]


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("prices.encodng=cp1252", "--set prices.encodng=cp1252: unknown key of a price file 'encodng'. Did you mean"),
        ("prices.columns=3", "--set prices.columns=3: columns is a mapping"),
        ("modell=market", "unknown setting 'modell'. Did you mean 'model'?"),
        ("groups.core=[NVDA]", "--set groups.core: `new` writes this key from its other options"),
        ("returns.percent=true", "--set returns.percent says how a file is written: give the file with --returns"),
        ("model", "--set takes KEY=VALUE, such as --set prices.encoding=cp1252, got 'model'"),
    ],
)
def test_a_wrong_setting_writes_nothing(new: New, downloads: Path, tmp_path: Path, pair: str, words: str) -> None:
    said = new("x", *ONE, "--prices", downloads / "wide.csv", "--set", pair)
    assert said.startswith("2\n")
    assert words in said
    assert list(tmp_path.iterdir()) == []


def test_the_snapshot_of_a_new_study_is_called_as_the_study(new: New, downloads: Path, tmp_path: Path) -> None:
    new("outage", *ONE, "--prices", downloads / "wide.csv")
    assert es.load(tmp_path / "outage").run().prices.provenance.source.startswith("wide.csv (snapshot outage")


def test_what_lacks_is_asked_for() -> None:
    answers = iter(["my study", "mine", "27.13.2025", "2025-01-25", "", "NVDA, MU", "^GSPC", "nowhere.csv", "yahoo"])
    asked: list[str] = []
    told: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(answers)

    plan = newasked.asked(newtext.Plan("", None, None, (), "", None, None, False), ask, told.append)
    assert plan == newtext.Plan("mine", "2025-01-25", None, ("NVDA", "MU"), "^GSPC", None, None, True)
    assert next(answers, None) is None
    for place, wrong in ((1, "'my study'"), (3, "'27.13.2025'"), (8, "'nowhere.csv'")):
        assert wrong in asked[place]
    assert told == ["day zero of NVDA is Monday 2025-01-27"]
    assert newasked.said_day_zero("2025-01-27", "AAA.VN") == "day zero of AAA.VN is found from the dates of its prices"


def test_one_security_is_no_group(new: New, downloads: Path, tmp_path: Path) -> None:
    said = new("alone", "--event", "2025-01-27", "--tickers", "NVDA", *ONE[4:], "--prices", downloads / "wide.csv")
    assert said.startswith("0\n")
    assert "group" not in said
    assert "S&P 500 (^GSPC) explains" in said  # the index by its name
    assert es.load(tmp_path / "alone").settings.tickers == ("NVDA",)
