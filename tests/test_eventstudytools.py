"""The three files of EventStudyTools: made here in the form that its instructions show, read, run, and written back."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.study.eventstudytools import NAMES, export_files, import_files, read_requests
from eventstudy.windows import own_windows

DAYS = pd.bdate_range("1996-10-01", periods=330)
FIRMS = ("Adobe Systems", "Progressive ", "AFLAC")
EVENTS = [(75510, FIRMS[0], 250), (64390, FIRMS[1], 260), (57904, FIRMS[2], 270), (57905, FIRMS[0], 300)]


def prices() -> pd.DataFrame:
    moves = np.random.default_rng(4).normal(0.0, 0.01, (len(DAYS), 4))
    moves[:, 1:] += moves[:, :1]
    return pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=DAYS, columns=["SP500", *FIRMS])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place, wide = tmp_path / "files", prices()
    place.mkdir()
    lines = [f"{id_};{firm};SP500;{DAYS[at]:%d.%m.%Y};Addition;-2;2;-11;120\n" for id_, firm, at in EVENTS]
    (place / NAMES[0]).write_text("".join(lines))
    for name, held in ((NAMES[1], FIRMS), (NAMES[2], ("SP500",))):
        rows = [f"{firm};{day:%d.%m.%Y};{wide[firm][day]:.6f}\n" for firm in held for day in DAYS]
        (place / name).write_text("".join(rows))
    return place


def test_they_become_a_study_that_runs(folder, tmp_path):
    written = import_files(folder, tmp_path / "added")
    assert [path.name for path in written] == ["prices.csv", "events.csv", "study.yaml"]
    result = es.load(tmp_path / "added").run()
    panel = result.headline.panel
    assert [own_windows(panel, i)[0] for i in range(4)] == [es.Window(-130, -11)] * 4
    wide = prices().round(6).rename(columns=str.strip)
    returns = wide.pct_change()
    for row, (_, firm, at) in enumerate(EVENTS):  # by hand: the market model over the 120 days up to day -11
        past = returns.iloc[at - 130 : at - 10]
        slope, constant = np.polyfit(past["SP500"], past[firm.strip()], 1)
        around = returns.iloc[at - 2 : at + 3]
        expected = (around[firm.strip()] - constant - slope * around["SP500"]).sum()
        key = next(k for k, d in zip(panel.keys, panel.day_zero, strict=True) if d.session == DAYS[at].date()
                   and d.event.ticker == firm.strip())  # fmt: skip
        assert result.car(key, (-2, 2)) == pytest.approx(expected, abs=1e-12), row
    assert set(result.headline.groups) >= {"Addition"}


def test_there_and_back(folder, tmp_path):
    import_files(folder, tmp_path / "added")
    study = es.load(tmp_path / "added")
    files = export_files(study, tmp_path / "out")
    assert [path.name for path in files] == list(NAMES)
    assert re.fullmatch(r"([^;]+;[^;]+;SP500;\d\d\.\d\d\.\d{4};Addition;-2;2;-11;120\n)+", files[0].read_text())
    assert re.fullmatch(r"([^;]+;\d\d\.\d\d\.\d{4};\d+\.\d+\n)+", files[1].read_text())
    requests, _ = read_requests(files[0])
    assert {(one.firm, one.day, one.around, one.estimation, one.group) for one in requests} == {
        (firm.strip(), DAYS[at].date(), (-2, 2), (-130, -11), "Addition") for _, firm, at in EVENTS
    }
    import_files(tmp_path / "out", tmp_path / "again")
    first, second = study.run(), es.load(tmp_path / "again").run()
    key = first.headline.panel.keys[0]
    assert second.car(key, (-2, 2)) == pytest.approx(first.car(key, (-2, 2)), abs=1e-12)


def test_events_with_windows_and_markets_of_their_own(folder, tmp_path):
    file = folder / NAMES[0]
    lines = file.read_text().splitlines()
    lines[1] = lines[1].replace("-2;2;-11;120", "-1;1;-21;100").replace("SP500", "OTHER")
    file.write_text("\n".join(lines))
    market = folder / NAMES[2]
    market.write_text(market.read_text() + market.read_text().replace("SP500", "OTHER"))
    import_files(folder, tmp_path / "added")
    result = es.load(tmp_path / "added").run()
    events = {e.ticker: e for e in result.settings.events}
    assert (events["Progressive"].benchmark, events["AFLAC"].benchmark) == ("OTHER", "SP500")
    assert (str(events["Progressive"].estimation), str(events["Progressive"].event)) == ("[-120, -21]", "[-1, +1]")
    assert str(events["AFLAC"].estimation) == "[-130, -11]"


def test_the_old_western_encoding_and_a_decimal_comma(folder, tmp_path):
    for name in NAMES[:2]:
        text = (folder / name).read_text().replace("AFLAC", "Münchener Rück")
        if name == NAMES[1]:
            text = re.sub(r"\.(\d+)$", r",\1", text, flags=re.M)
        (folder / name).write_bytes(text.encode("cp1252"))
    import_files(folder, tmp_path / "added")
    frame = pd.read_csv(tmp_path / "added" / "prices.csv")
    np.testing.assert_allclose(frame["Münchener Rück"], prices()["AFLAC"].round(6), rtol=1e-12)
    with pytest.raises(SpecError, match="'Münchener Rück' cannot stand in a file of EventStudyTools"):
        export_files(es.load(tmp_path / "added"), tmp_path / "out")


def test_lines_that_end_with_a_semicolon(folder, tmp_path):
    for name in NAMES:
        (folder / name).write_text((folder / name).read_text().replace("\n", ";\n"))
    import_files(folder, tmp_path / "added")
    frame = pd.read_csv(tmp_path / "added" / "prices.csv")
    np.testing.assert_allclose(frame["AFLAC"], prices()["AFLAC"].round(6), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        (NAMES[0], "1;AFLAC;SP500;30.04.1997;A;-2;2;-11", "01_RequestFile.csv:5: 9 cells"),
        (NAMES[0], "1;AFLAC;SP500;04/30/1997;A;-2;2;-11;120", r":5: '04/30/1997' is not a day, such as 27\.01\.2025"),
        (NAMES[0], "1;AFLAC;SP500;30.04.1997;A;-2;2;-1;120", ":5: .* has to end before the event window"),
        (NAMES[0], "1;AFLAC;SP500;30.04.1997;A;-2;x;-11;120", ":5: 'x' is not a number of days"),
        (NAMES[0], "1;Nobody;SP500;30.04.1997;A;-2;2;-11;120", ":5: the firm 'Nobody' has no prices in 02_FirmData"),
        (NAMES[0], "1;AFLAC;DAX;30.04.1997;A;-2;2;-11;120", ":5: the market 'DAX' has no prices in 03_MarketData"),
        (NAMES[0], "57904;AFLAC;SP500;30.04.1997;A;-2;2;-11;120", ":5: the event '57904' stands twice"),
        (NAMES[0], ";AFLAC;SP500;30.04.1997;A;-2;2;-11;120", ":5: an event needs its name"),
        (NAMES[1], "AFLAC;01.10.1996;12", ":991: AFLAC has a second price on 1996-10-01"),
        (NAMES[1], "AFLAC;01.10.1990;n.v.t", ":991: .*is not a number"),
        (NAMES[2], "SP500;01.10.1990;12;9", ":331: 3 cells .* keep name, day and closing price"),
        (NAMES[1], "AFLAC;01.10.1990", ":991: 3 cells separated by semicolons are due and 2 are here"),
        (NAMES[2], "AFLAC;01.10.1990;12", "'AFLAC' is a firm and a market"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(folder, tmp_path, name, line, words):
    file = folder / name
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(SpecError, match=words):
        import_files(folder, tmp_path / "added")
    assert not (tmp_path / "added").exists()


def test_a_folder_without_the_files(folder, tmp_path):
    (folder / NAMES[2]).unlink()
    with pytest.raises(SpecError, match="needs one CSV file with 'market' in its name"):
        import_files(folder, tmp_path / "added")
    with pytest.raises(SpecError, match="is not a folder"):
        import_files(tmp_path / "none", tmp_path / "added")


def test_a_study_that_is_there_is_not_overwritten(folder, tmp_path):
    import_files(folder, tmp_path / "added")
    with pytest.raises(SpecError, match=r"holds study\.yaml, events\.csv, prices\.csv already"):
        import_files(folder, tmp_path / "added")


def test_what_the_files_cannot_say(folder, tmp_path):
    study = es.Study(prices="deepseek", events={"NVDA": "2025-01-27"}, model="mean_adjusted", tests=["t"])
    with pytest.raises(SpecError, match="have no benchmark"):
        export_files(study, tmp_path / "out")
    own = replace(study, model="market", benchmark="^IXIC")
    lines = export_files(own, tmp_path / "out")[0].read_text().splitlines()
    assert lines == ["NVDA;NVDA;^IXIC;27.01.2025;all;-10;10;-11;250"]
    shutil.rmtree(tmp_path / "out")
