"""Files as sites of prices let them be downloaded: each dialect is read as the numbers that were written."""

import datetime as dt

import numpy as np
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError, SpecError
from eventstudy.objects.prices import PriceFile, PriceQuery
from eventstudy.prices import load_panel
from eventstudy.prices.files import files

DAYS = [dt.date(2025, 1, d) for d in (13, 14, 15, 16)]
CLOSES = [1233.23, 1231.76, 1240.5, 1139.07]
SHARES = [203_450_000, 1_060_000_000, 185_200, 195_120_000]


def german(number: float, digits: int = 2) -> str:
    return f"{number:,.{digits}f}".replace(",", "_").replace(".", ",").replace("_", ".")


def short(shares: int) -> str:
    size, letter = next((s, x) for s, x in ((1e9, "B"), (1e6, "M"), (1e3, "K")) if shares >= s)
    return f"{shares / size:.2f}{letter}"


ROWS = list(zip(DAYS, CLOSES, SHARES, strict=True))
NASDAQ = "Date,Close/Last,Volume,Open,High,Low\n" + "".join(
    f"{d:%m/%d/%Y},${c:.2f},{s},${c:.2f},${c:.2f},${c:.2f}\n" for d, c, s in ROWS[::-1]
)
INVESTING = '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n' + "".join(
    f'"{d:%m/%d/%Y}","{c:,.2f}","{c:,.2f}","{c:,.2f}","{c:,.2f}","{short(s)}","-0.97%"\n' for d, c, s in ROWS[::-1]
)
INVESTING_GERMAN = '\ufeff"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n' + "".join(
    f'"{d:%d.%m.%Y}","{german(c)}","{german(c)}","{german(c)}","{german(c)}","{short(s).replace(".", ",")}","-0,97%"\n'
    for d, c, s in ROWS[::-1]
)
BROKER = "Datum;Erster;Hoch;Tief;Schlusskurs;Stücke;Volumen\r\n" + "".join(
    f"{d:%d.%m.%Y};{german(c)};{german(c)};{german(c)};{german(c)};{german(s, 0)};{german(s * c, 0)}\r\n"
    for d, c, s in ROWS
)
EUROS = "Datum;Eröffnung;Schluss\n" + "".join(f"{d:%d.%m.%Y};{german(c)} €;{german(c)} €\n" for d, c, _ in ROWS)
STOOQ = "Date,Open,High,Low,Close,Volume\n" + "".join(f"{d},{c},{c},{c},{c},{s}\n" for d, c, s in ROWS)

YAHOO_PASTED = "Date\tOpen\tHigh\tLow\tClose\tAdj Close\tVolume\n" + "".join(
    f"{d:%b %d, %Y}\t{c:,.2f}\t{c:,.2f}\t{c:,.2f}\t{c:,.2f}\t{c:,.2f}\t{s:,}\n" for d, c, s in ROWS[::-1]
)
INVESTING_OLD = INVESTING
for _day in DAYS:
    INVESTING_OLD = INVESTING_OLD.replace(f"{_day:%m/%d/%Y}", f"{_day:%b %d, %Y}")
EXCHANGE = "Datum;Anfangskurs;Tageshoch;Tagestief;Schlusskurs;Volumen (Stück);Umsatz\n" + "".join(
    f"{d:%d.%m.%Y};{german(c)};{german(c)};{german(c)};{german(c)};{german(s, 0)};1\n" for d, c, s in ROWS
)
STOOQ_BULK = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n" + "".join(
    f"NVDA,D,{d:%Y%m%d},000000,{c},{c},{c},{c},{s},0\n" for d, c, s in ROWS
)

DOWNLOADS = {
    "Yahoo, pasted": ("NVDA.csv", YAHOO_PASTED.encode(), True),
    "Investing, with names of months": ("NVDA Historical Data.csv", INVESTING_OLD.encode(), True),
    "a German exchange": ("NVDA.csv", EXCHANGE.encode(), True),
    "Stooq's bulk files": ("nvda.us.txt", STOOQ_BULK.encode(), True),
    "Nasdaq": ("NVDA.csv", NASDAQ.encode(), True),
    "Investing": ("NVDA Historical Data.csv", INVESTING.encode(), True),
    "Investing, saved twice": ("NVDA Historical Data (1).csv", INVESTING.encode(), True),
    "Investing in German": ("NVDA Historische Daten.csv", INVESTING_GERMAN.encode(), True),
    "a German broker": ("NVDA.csv", BROKER.encode("cp1252"), True),
    "a German broker in UTF-8": ("NVDA.csv", BROKER.encode(), True),
    "euros": ("NVDA.csv", EUROS.encode(), False),
    "Stooq": ("nvda_us_d.csv", STOOQ.encode(), True),
}


def read(folder, **how):
    return files(PriceQuery((), source=PriceFile(file=folder, **how)))


@pytest.mark.parametrize("site", DOWNLOADS)
def test_a_download_is_read_as_its_site_wrote_it(tmp_path, site) -> None:
    name, data, counted = DOWNLOADS[site]
    (tmp_path / name).write_bytes(data)
    rows = read(tmp_path).frame.sort_values("date")
    assert set(rows["ticker"]) == {"NVDA"}
    assert [day.date() for day in rows["date"]] == DAYS
    assert rows["close"].to_list() == CLOSES
    assert rows["volume"].to_list() == SHARES if counted else rows["volume"].isna().all()


def test_what_was_made_of_a_download_is_said(tmp_path) -> None:
    (tmp_path / "nvda_us_d.csv").write_text(STOOQ)
    (tmp_path / "AMD.csv").write_bytes(BROKER.encode("cp1252"))
    said = [issue.detail for issue in read(tmp_path).issues]
    assert "nvda_us_d.csv: the prices of NVDA" in said
    assert "AMD.csv: Windows-1252" in said


def test_two_files_of_one_ticker_are_refused(tmp_path) -> None:
    (tmp_path / "NVDA.csv").write_text(STOOQ)
    (tmp_path / "nvda_us_d.csv").write_text(STOOQ)
    with pytest.raises(SpecError, match=r"the files NVDA.csv, nvda_us_d.csv all hold NVDA, by their names; keep one"):
        read(tmp_path)


def test_a_file_keeps_its_name_where_that_is_asked_for(tmp_path) -> None:
    (tmp_path / "nvda_us_d.csv").write_text(STOOQ)
    raw = files(PriceQuery(("nvda_us_d",), source=PriceFile(file=tmp_path)))
    assert set(raw.frame["ticker"]) == {"nvda_us_d"}


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (
            NASDAQ.replace("$1233.23", "€1233.23", 1),
            "'€1233.23' in column 'Close/Last' is not .* like the others: a column",
        ),
        (NASDAQ.replace("$1233.23", "1233.23", 1), "NVDA.csv:5: '1233.23' .* a column holds one currency"),
        (INVESTING.replace('"1,233.23"', '"1.2K"', 1), "NVDA.csv:5: '1.2K' in column 'Price' is not a number"),
        (INVESTING.replace("203.45M", "203.45X", 1), "NVDA.csv:5: '203.45X' in column 'Vol.' is not a number"),
        (INVESTING.replace("203.45M", "203.45", 1), "NVDA.csv:5: '203.45' in column 'Vol.' is not a number.*K, M or B"),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_refused(tmp_path, broken, words) -> None:
    (tmp_path / "NVDA.csv").write_text(broken)
    with pytest.raises(SpecError, match=words):
        read(tmp_path)


def test_a_column_that_is_not_known_is_no_security_among_bars(tmp_path) -> None:
    (tmp_path / "NVDA.csv").write_text(STOOQ.replace("Open", "Startkurs"))
    with pytest.raises(SpecError, match=r"NVDA.csv:1: .* columns that are not known: Startkurs; remove"):
        read(tmp_path)
    assert read(tmp_path, columns={"close": "Close"}).frame["close"].to_list() == CLOSES


@pytest.mark.parametrize("title", ['"NVIDIA - Xetra";Kurse;;;;\n\n', "NVIDIA - Xetra;Kurse;;;;;\n\n", '"NVIDIA"\n\n'])
def test_a_title_above_the_names_of_the_columns_is_refused_in_words(tmp_path, title) -> None:
    (tmp_path / "NVDA.csv").write_text(title + EXCHANGE)
    with pytest.raises(SpecError, match=r"NVDA.csv:1: .*(remove what stands above|found one|cells are due)"):
        read(tmp_path)


def test_a_missing_date_is_told_with_the_columns_of_the_file_alone(tmp_path) -> None:
    (tmp_path / "NVDA.csv").write_text("time,open,close\n2025-01-13T14:30:00Z,1,2\n")
    with pytest.raises(SpecError, match=r"NVDA.csv:1: the table needs .*, found time, open, close$"):
        read(tmp_path)


def test_prices_in_two_currencies_are_no_series(tmp_path) -> None:
    text = "Date,Close,Currency\n2025-01-13,10.5,USD\n2025-01-14,10.25,USD\n2025-01-15,9.5,EUR\n"
    (tmp_path / "NVDA.csv").write_text(text)
    with pytest.raises(SpecError, match=r"NVDA.csv:4: the prices of NVDA are in EUR here and in USD above"):
        read(tmp_path)


def test_the_currency_that_a_column_says_is_that_of_the_prices(tmp_path) -> None:
    (tmp_path / "p.csv").write_text(
        "Symbol,Date,Close,Währung\nSIE,2025-01-13,200,EUR\nSIE,2025-01-14,201,\nNVDA,2025-01-13,10,USD\n"
        "VOD.L,2025-01-13,70,GBX\n^GSPC,2025-01-13,6000,USD\n"
    )
    raw = files(PriceQuery((), source=tmp_path / "p.csv"))
    assert raw.currency == {"SIE": "EUR", "NVDA": "USD", "VOD.L": "GBp"}
    assert raw.frame["close"].to_list() == [200, 201, 10, 70, 6000]
    assert [(issue.code, issue.severity) for issue in raw.issues] == [("currency_unlike", "info")]
    assert "SIE in EUR" in raw.issues[0].detail
    assert load_panel(raw)[0].currency["SIE"] == "EUR"


def test_several_times_of_one_day_are_refused(tmp_path) -> None:
    for ticker in ("NVDA", "SPY"):
        (tmp_path / f"{ticker}.csv").write_text("Date,Time,Close\n2025-01-27,10:00,1.5\n2025-01-27,11:00,2.5\n")
    with pytest.raises(EventStudyError, match="2025-01-27"):
        es.Study(prices=tmp_path, events="2025-01-27", tickers=["NVDA"], benchmark="SPY").run()


@pytest.mark.parametrize("text", ["Date;Grün\n2025-01-13;1,5\n", "Datum;Schluss;Stücke\n13.01.2025;1,5 \xa0;3\n"])
def test_letters_that_another_encoding_would_change_are_refused(tmp_path, text) -> None:
    (tmp_path / "NVDA.csv").write_bytes(text.encode("cp1252"))
    with pytest.raises(SpecError, match=r"not a text file in UTF-8.*encoding: cp1252"):
        read(tmp_path)


def test_a_turnover_in_shares_or_money_is_not_taken_for_a_volume(tmp_path) -> None:
    text = "Datum;Schluss;Volumen\n" + "".join(f"{d:%d.%m.%Y};{german(c)};{s}\n" for d, c, s in ROWS)
    (tmp_path / "NVDA.csv").write_text(text)
    raw = read(tmp_path)
    assert raw.frame["volume"].isna().all()
    (issue,) = [issue for issue in raw.issues if issue.code == "turnover_not_read"]
    assert "column 'Volumen' is not read" in issue.detail
    stated = read(tmp_path, columns={"volume": "Volumen"})
    assert np.array_equal(stated.frame.sort_values("date")["volume"], SHARES)
    assert stated.frame.sort_values("date")["close"].to_list() == CLOSES
    assert "turnover_not_read" not in [issue.code for issue in stated.issues]
