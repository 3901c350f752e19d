"""Files as users have them: each is read right, with the numbers of an independent computation, or refused in words."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import SpecError
from eventstudy.objects.estimation import Window
from eventstudy.objects.prices import PriceFile, PriceQuery
from eventstudy.prices import sessions
from eventstudy.prices.files import files
from eventstudy.prices.frames import from_frame

CASES = Path(__file__).parent / "cases"
RIGHT = json.loads((CASES / "prices.json").read_text())
NVDA = {"events": "2025-01-27", "tickers": ["NVDA"], "benchmark": "^IXIC"}


def read(path, **how):
    return files(PriceQuery((), source=PriceFile(file=path, **how)))


def numbers(result):
    """What an event study of one event says, as the right values are written."""
    abnormal, normal = result.events[0].abnormal, result.events[0].normal
    cars = {
        f"car{k}": [float(abnormal.car(Window(-k, k))[0]), float(abnormal.car_se(Window(-k, k))[0])] for k in (0, 1)
    }
    alpha, beta = normal.params[0]
    return {"alpha": alpha, "beta": beta, "sigma": normal.sigma[0], "nobs": int(normal.nobs[0]), **cars}


def agree(found, right):
    for key, value in right.items():
        assert found[key] == pytest.approx(value, rel=1e-8), key


# ------------------------------------------------------------------------------------------------------------- dialects
def test_semicolons_and_decimal_commas() -> None:
    result = es.Study(prices=CASES / "prices_semicolon_decimal_comma.csv", **NVDA).run()
    found = numbers(result)
    assert found["car0"] == pytest.approx([RIGHT["semicolon"]["ar0"], RIGHT["semicolon"]["se"]], rel=1e-8)
    assert result.prices.provenance.source.endswith("(columns separated by semicolons, decimal comma)")


PLAIN = "Date,NVDA,^IXIC\n2025-01-24,142.62,19954.30\n2025-01-27,118.42,19341.83\n2025-01-28,,19733.59\n"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("\n \n" + PLAIN, {}),
        (PLAIN.encode("utf-16"), {}),
        (PLAIN.encode("utf-16-le"), {}),
        ("\ufeff" + PLAIN, {}),
        (PLAIN.replace("\n", "\r"), {}),
        ("sep=;\n" + PLAIN.replace(",", ";"), {}),
        (PLAIN.replace(",", "\t").replace(".", ","), {}),
        (PLAIN.replace(",", ";").replace(".", ","), {"sep": ";", "decimal": ","}),
        (PLAIN.replace("19954.30", '"19,954.30"').replace("19341.83", '"19,341.83"'), {}),
        (PLAIN.replace(",", ";").replace("19954.30", "19'954.30"), {}),
        (PLAIN.replace(",", ";").replace(".", ",").replace("19954", "19.954").replace("19733", "19.733"), {}),
        *[(PLAIN.replace("28,,", f"28,{word},"), {}) for word in ("#N/A", ".", "-", "NA")],
        (PLAIN.replace("Date", "Dátum").encode("cp1252"), {"encoding": "cp1252"}),
        ("x,Datum,NVDA,^IXIC\n" + "".join(f"1,{line}\n" for line in PLAIN.splitlines()[1:]), {"date": "Datum"}),
    ],
)  # fmt: skip
def test_every_dialect_reads_the_same(tmp_path, text, how) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rows = read(path, **how).frame
    rows = rows[rows["ticker"] != "x"].reset_index(drop=True)
    (tmp_path / "plain.csv").write_text(PLAIN)
    pd.testing.assert_frame_equal(rows, read(tmp_path / "plain.csv").frame)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Date;A\n2025-01-24;1,234\n2025-01-27;2,345\n", 2, "'1,234' has a sign that may mark decimals .*decimal:"),
        ("Date,A\n2025-01-24,1" + "0" * 5000 + "\n", 2, "too large for a number"),
        ('Date,A\n2025-01-24,"1.5"\n2025-01-27,"1\r2"\n', 3, "a carriage return inside the line"),
        ("Date,A\n2025-01-24,1\0\n", 2, "NUL character"),
        ("2025-01-24,1.5\n2025-01-27,1.6\n", 1, "first line holds data, not names of columns"),
        ("date,asset,close\n2025-01-24,SPY,1.5\n", 2, "column 'asset' holds names .'SPY'., not numbers.*ticker: asset"),
        ("Date;A,B\n2025-01-24;1,2\n", 1, "separated by commas or by semicolons; state sep"),
        ("Date,A\n2025-01-24,1_000\n", 2, "'1_000' in column 'A' is not a number"),
        ('Date,A\n2025-01-24,"1.5\n', 2, "not a regular table"),
    ],
)  # fmt: skip
def test_what_is_open_or_broken_is_refused_with_its_line(tmp_path, text, line, words) -> None:
    (tmp_path / "p.csv").write_bytes(text.encode())
    with pytest.raises(SpecError, match=words) as caught:
        read(tmp_path / "p.csv")
    assert caught.value.line == line


def test_lines_are_those_of_the_file_below_blank_ones_and_cells_of_several_lines(tmp_path) -> None:
    (tmp_path / "p.csv").write_text('\n\nDate,"A\nB"\n2025-01-24,1\n\n2025-01-27,x\n')
    with pytest.raises(SpecError, match=r"p\.csv:7: "):
        read(tmp_path / "p.csv")


def test_a_file_cut_in_its_last_cell_says_so() -> None:
    issues = read(CASES / "prices_cut_in_the_last_cell.csv").issues
    assert [(i.code, i.severity) for i in issues] == [("basis_assumed", "info"), ("no_line_end", "warning")]
    assert "stops without a line end after '20026'" in issues[1].detail


def test_a_year_beyond_all_is_refused_with_its_line() -> None:
    with pytest.raises(SpecError, match=r"prices_year_9999\.csv:347: .*'9999-12-31' lies outside 1800 to 2200"):
        read(CASES / "prices_year_9999.csv")


def test_minute_bars_are_refused() -> None:
    with pytest.raises(SpecError, match=r"several times of one day.*works on days"):
        read(CASES / "prices_minutes.csv")


# -------------------------------------------------------------------------------------------------- headers and folders
def test_the_header_of_a_download() -> None:
    raw = read(CASES / "prices_yfinance_three_row_header.csv")
    plain = read(CASES / "prices_cut_in_the_last_cell.csv").frame
    assert sorted(raw.frame["ticker"].unique()) == ["NVDA", "^IXIC"]
    assert raw.frame["close"].iloc[:-1].tolist() == plain["close"].iloc[:-1].tolist()
    assert (raw.frame["volume"] == 1e6).all()
    assert raw.issues == ()


@pytest.mark.parametrize(
    "head",
    [
        "Price,Close,Close,Volume,Volume\nTicker,NVDA,^IXIC,NVDA,^IXIC\nDate,,,,\n",
        ",Close,Close,Volume,Volume\n,NVDA,^IXIC,NVDA,^IXIC\nDate,,,,\n",
        "Ticker,NVDA,^IXIC,NVDA,^IXIC\nPrice,Close,Close,Volume,Volume\nDate,,,,\n",
        "Price,Close,Close,Volume,Volume\nDate,NVDA,^IXIC,NVDA,^IXIC\n",
    ],
)
def test_headers_of_two_and_three_rows(tmp_path, head) -> None:
    (tmp_path / "p.csv").write_text(head + "2025-01-24,142.6,19954.3,1,2\n2025-01-27,118.4,19341.8,3,4\n")
    frame = read(tmp_path / "p.csv").frame.set_index(["date", "ticker"])
    assert frame.loc[("2025-01-27", "NVDA"), ["close", "volume"]].tolist() == [118.4, 3.0]
    days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    pairs = pd.MultiIndex.from_product([["Close", "Volume"], ["NVDA", "^IXIC"]], names=["Price", "Ticker"])
    values = [[142.6, 19954.3, 1, 2], [118.4, 19341.8, 3, 4]]
    for columns in (pairs, pairs.swaplevel()):
        same = from_frame(pd.DataFrame(values, index=days, columns=columns)).frame
        pd.testing.assert_frame_equal(same.set_index(["date", "ticker"]), frame, check_index_type=False)


def test_one_row_of_names_over_the_date(tmp_path) -> None:
    (tmp_path / "p.csv").write_text("Ticker,NVDA,^IXIC\nDate,,\n2025-01-24,142.6,19954.3\n")
    assert read(tmp_path / "p.csv").frame["ticker"].tolist() == ["NVDA", "^IXIC"]


def test_a_folder_of_one_file_a_ticker(tmp_path) -> None:
    raw = files(PriceQuery((), source=CASES / "prices_folder"))
    assert sorted(raw.frame["ticker"].unique()) == ["AMD", "NVDA", "^IXIC"]
    assert raw.provenance.source == "prices_folder (a folder of 3 files)"
    first = raw.frame[raw.frame["ticker"] == "NVDA"].iloc[0]
    assert first[["close", "adj_close", "volume"]].tolist() == [44.782, 44.698612, 433298000.0]
    result = es.Study(prices=CASES / "prices_folder", **NVDA).run()
    assert result.car("NVDA", (0, 0)) == pytest.approx(RIGHT["semicolon"]["ar0"], rel=1e-5)  # prices with more digits
    with pytest.raises(es.errors.MissingPriceError, match=r"neither datapackage\.json nor a file of prices"):
        files(PriceQuery((), source=tmp_path))


# ---------------------------------------------------------------------------------------------------------- other files
def test_excel_wide_and_long(tmp_path) -> None:
    days = pd.to_datetime(["2025-01-24", "2025-01-27"])
    wide = pd.DataFrame({"Date": days, "000001": [1.5, "#N/A"], "NVDA": [142.6, 118.4]})
    wide.to_excel(tmp_path / "wide.xlsx", index=False)
    frame = read(tmp_path / "wide.xlsx").frame
    assert frame["ticker"].tolist() == ["000001", "NVDA"] * 2
    assert frame["close"].tolist()[::3] == [1.5, 118.4]
    assert np.isnan(frame["close"].iloc[2])
    long = pd.DataFrame({"permno": [10001, 10002], "date": [20250124, 20250124], "prc": [-5.5, 7.0]})
    with pd.ExcelWriter(tmp_path / "two.xlsx") as book:
        wide.to_excel(book, sheet_name="wide", index=False)
        long.to_excel(book, sheet_name="long", index=False)
    with pytest.raises(SpecError, match="has several sheets: wide, long; state one"):
        read(tmp_path / "two.xlsx")
    raw = read(tmp_path / "two.xlsx", sheet="long")
    assert raw.frame[["ticker", "close"]].to_numpy().tolist() == [["10001", 5.5], ["10002", 7.0]]
    assert [i.code for i in raw.issues] == ["bid_ask_mean"]
    (tmp_path / "no.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(SpecError, match="not an Excel workbook"):
        read(tmp_path / "no.xlsx")


def test_names_of_securities_stay_text(tmp_path) -> None:
    (tmp_path / "p.csv").write_text("gvkey,datadate,prccd\n000001,20250124,1.5\n600519,20250124,2.5\n")
    assert read(tmp_path / "p.csv").frame["ticker"].tolist() == ["000001", "600519"]
    frame = pd.DataFrame({"permno": [10001, 10002.0], "date": ["2025-01-24"] * 2, "close": ["1.5", "2.5"]})
    assert from_frame(frame).frame[["ticker", "close"]].to_numpy().tolist() == [["10001", 1.5], ["10002", 2.5]]


def test_columns_can_be_stated(tmp_path) -> None:
    (tmp_path / "p.csv").write_text("Kürzel;Tag;Schluss;Höchst\nNVDA;27.01.2025;118,42;121,5\n", encoding="utf-8")
    how = {"ticker": "Kürzel", "date": "Tag", "columns": {"close": "Schluss"}}
    frame = read(tmp_path / "p.csv", **how).frame
    assert frame[["ticker", "close"]].to_numpy().tolist() == [["NVDA", 118.42]]
    assert frame["date"].iloc[0] == pd.Timestamp("2025-01-27")
    with pytest.raises(SpecError, match=r"has no column Zeit; it has Kürzel, Tag"):
        read(tmp_path / "p.csv", **{**how, "date": "Zeit"})
    study = tmp_path / "study"
    study.mkdir()
    (study / "p.csv").write_bytes((CASES / "prices_semicolon_decimal_comma.csv").read_bytes())
    (study / "study.yaml").write_text(
        "schema_version: 1\nid: x\nprices: {file: p.csv, sep: ';', decimal: ',', date: Datum}\n"
        "events: [{id: e, announced: 2025-01-27}]\ntickers: [NVDA]\nbenchmarks: {default: ^IXIC}\n"
    )
    assert es.load(study).run().car("NVDA", (0, 0)) == pytest.approx(RIGHT["semicolon"]["ar0"], rel=1e-8)
    with pytest.raises(SpecError, match=r"unknown key of a price file 'separator'"):
        es.Study(prices={"file": "p.csv", "separator": ";"}, **NVDA).run()


# ------------------------------------------------------------------------------------------------------------ calendars
def codes(result):
    return [i.code for i in result.issues]


def test_an_exchange_without_a_calendar_has_the_dates_of_its_prices() -> None:
    settings = {"events": "2024-02-15", "tickers": ["AAA.VN"], "benchmark": "^VNI", "estimation": (-140, -11)}
    result = es.Study(prices=CASES / "prices_exchange_without_calendar.csv", **settings).run()
    agree(numbers(result), RIGHT["own"])
    assert {"own_sessions", "exchange_found"} <= set(codes(result))
    assert result.prices.exchange == {"AAA.VN": "own-VN", "^VNI": "own-VN"}
    stated = es.Study(prices=CASES / "prices_exchange_without_calendar.csv", calendar="own", **settings).run()
    agree(numbers(stated), RIGHT["own"])
    with pytest.raises(es.errors.WindowError, match="give the day on which the news could first be traded"):
        es.Study(
            prices=CASES / "prices_exchange_without_calendar.csv", **settings | {"events": "2024-02-15T09:00:00+07:00"}
        ).run()


@pytest.mark.parametrize("more", [{}, {"calendar": "own"}, {"exchanges": {"BTC-USD": "24/7"}}])
def test_a_security_of_seven_days_is_compared_on_the_days_of_the_index(more) -> None:
    settings = {"events": "2025-01-27", "tickers": ["BTC-USD"], "benchmark": "^GSPC"}
    result = es.Study(prices=CASES / "prices_seven_days_against_index.csv", **settings, **more).run()
    agree(numbers(result), RIGHT["seven"])
    assert "benchmark_sessions" in codes(result)


@pytest.mark.parametrize("calendar", ["exchange", "own"])
def test_a_day_that_one_security_alone_has_changes_nothing(calendar) -> None:
    settings = {"events": "2025-01-27", "tickers": ["AMD"], "benchmark": "^IXIC", "calendar": calendar}
    if calendar == "own":  # under 5 % of the series living then: one of two is no stray day
        table = pd.read_csv(CASES / "prices_long_stray_saturday.csv")
        wide = table[table["ticker"] != "ODD"].pivot(index="date", columns="ticker", values="price")
        many = pd.concat([wide, *(wide[["AMD"]].rename(columns={"AMD": f"S{i}"}) for i in range(30))], axis=1)
        odd = table[table["ticker"] == "ODD"].set_index("date")["price"]
        result = es.Study(prices=many.join(odd.rename("ODD"), how="outer"), **settings).run()
        assert "stray_day" in codes(result)
    else:
        result = es.Study(prices=CASES / "prices_long_stray_saturday.csv", **settings).run()
    agree(numbers(result), RIGHT["stray"])


def test_weekly_bars() -> None:
    daily = pd.read_csv(CASES / "prices_semicolon_decimal_comma.csv", sep=";", decimal=",", index_col=0, dayfirst=True)
    weekly = daily.set_axis(pd.to_datetime(daily.index, format="%d.%m.%Y")).resample("W-SAT").last()
    settings = {"tickers": ["NVDA"], "benchmark": "^IXIC", "estimation": (-60, -3), "event": (-1, 1), "min_obs": 50}
    settings |= {"events": weekly.index[-3].date(), "windows": [(0, 0)]}
    result = es.Study(prices=weekly, calendar="own", **settings).run()
    returns = weekly.pct_change().iloc[1:]
    t = len(returns) - 3
    y, x = returns["NVDA"].to_numpy(), returns["^IXIC"].to_numpy()
    beta, alpha = np.polyfit(x[t - 60 : t - 2], y[t - 60 : t - 2], 1)
    assert result.car("NVDA", (0, 0)) == pytest.approx(y[t] - alpha - beta * x[t], rel=1e-8)
    with pytest.raises(es.errors.QualityError, match=r"has one price a week: .*calendar: own"):
        es.Study(prices=weekly, **settings).run()


def test_a_calendar_that_fails_offers_the_dates_of_the_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:  # as that of Tel Aviv does inside the newest pandas
        raise TypeError("cannot compare")

    monkeypatch.setattr(sessions, "_built", failing)
    days = pd.bdate_range("2024-01-02", periods=300)
    frame = pd.DataFrame({"X.TA": np.linspace(10, 20, 300), "^TA125.TA": np.linspace(100, 150, 300)}, index=days)
    settings = {"prices": frame, "events": "2025-01-27", "tickers": ["X.TA"], "benchmark": "^TA125.TA"}
    with pytest.raises(SpecError, match=r"no calendar of XTAE .*one cannot be .*exchanges: \{TICKER: own\}") as caught:
        es.Study(**settings).run()
    assert "calendar: own for all" in str(caught.value)
    assert "closures: {XNYS: [" in str(caught.value)
    assert "a span that it covers" not in str(caught.value)  # no span helps
    with pytest.raises(SpecError, match=r"no calendar of ASEX .*whatever the span"):
        es.Study(**settings, exchanges={"X.TA": "XATH", "^TA125.TA": "XATH"}).run()


# -------------------------------------------------------------------------------------------------- studies on returns
RESEARCH = {"events": "2025-01-27", "tickers": ["10001"], "benchmark": "vwretd"}


def test_returns_of_a_research_database() -> None:
    result = es.Study(returns=CASES / "returns_research_database.csv", **RESEARCH).run()
    found = numbers(result)
    agree(found, {k: v for k, v in RIGHT["research"].items() if k != "ar0"})
    assert found["car0"][0] == pytest.approx(RIGHT["research"]["ar0"], rel=1e-8)
    (codes_said,) = [i for i in result.issues if i.code == "missing_codes"]
    assert "-66" in codes_said.detail
    assert "-99" in codes_said.detail
    assert "returns_given" in codes(result)
    assert result.prices.returns is not None
    assert result.prices.close.isna().all(axis=None)


def as_returns(percent=1.0):
    prices = pd.read_csv(CASES / "prices_cut_in_the_last_cell.csv", index_col=0, parse_dates=True)
    return prices, prices.pct_change() * percent


def test_a_study_on_returns_is_the_study_on_their_prices(tmp_path) -> None:
    prices, returns = as_returns()
    expected = numbers(es.Study(prices=prices, **NVDA).run())
    agree(numbers(es.Study(returns=returns, **NVDA).run()), expected)
    agree(numbers(es.Study(returns=100 * returns, percent=True, **NVDA).run()), expected)
    (100 * returns).to_csv(tmp_path / "r.csv")
    (tmp_path / "study.yaml").write_text(
        "schema_version: 1\nid: x\nreturns: {file: r.csv, percent: true}\n"
        "events: [{id: e, announced: 2025-01-27}]\ntickers: [NVDA]\nbenchmarks: {default: ^IXIC}\n"
    )
    agree(numbers(es.load(tmp_path).run()), expected)
    logs = np.log1p(returns)
    how = PriceFile(file=tmp_path / "log.csv", kind="log")
    logs.to_csv(tmp_path / "log.csv")
    agree(numbers(es.Study(returns=how, **NVDA).run()), numbers(es.Study(prices=prices, returns="log", **NVDA).run()))


def test_returns_at_weekends_are_compounded_into_mondays() -> None:
    prices = pd.read_csv(CASES / "prices_seven_days_against_index.csv", index_col=0, parse_dates=True)
    index = prices["^GSPC"].dropna().pct_change()
    returns = prices[["BTC-USD"]].pct_change().join(index)
    result = es.Study(returns=returns, events="2025-01-27", tickers=["BTC-USD"], benchmark="^GSPC").run()
    agree(numbers(result), RIGHT["seven"])


def test_the_page_of_a_study_on_returns(tmp_path) -> None:
    _, returns = as_returns()
    result = es.Study(
        returns=returns.assign(B=returns["NVDA"] * 0.9 + 0.001), **NVDA | {"tickers": ["NVDA", "B"]}
    ).run()
    result.to_html(tmp_path / "page.html")
    result.to_json(tmp_path / "r.json")
    page = (tmp_path / "page.html").read_text()
    assert "the study is made from returns" in page
    assert "NaN" not in json.dumps(json.loads((tmp_path / "r.json").read_text()))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"returns": as_returns(100)[1]}, "the returns look like per cent.*NVDA.*percent=True"),
        ({"returns": as_returns()[0]}, "the returns look like levels.*NVDA.*2023-10-02.*give prices="),
        ({"returns": as_returns()[1], "percent": True}, "stated to be per cent, but no value is over"),
        ({"returns": as_returns()[1], "prices": as_returns()[0]}, "has prices and returns: give one of them"),
        ({}, "has no prices: give prices=, or returns="),
        ({"returns": "nowhere.csv"}, "returns are 'simple' or 'log', a frame or a file"),
        ({"returns": 5}, "a frame or a file of returns, got int"),
        ({"returns": as_returns()[1], "model": "trade_to_trade"}, "needs prices, not returns"),
        ({"prices": as_returns()[0], "percent": True}, "prices have no per cent"),
    ],
)
def test_what_is_no_returns_is_refused_at_the_door(more, words) -> None:
    with pytest.raises(SpecError, match=words):
        es.Study(**NVDA, **more).run()


def test_factors_in_per_cent_are_refused_and_names_of_french_are_known() -> None:
    percent = pd.read_csv(CASES / "factors_percent.csv", index_col=0)
    study = {"prices": as_returns()[0], "model": "capm_strict", **NVDA}
    with pytest.raises(SpecError, match=r"the factors look like per cent.*Mkt-RF.*2023-10-02.*divide them by 100"):
        es.Study(factors=percent, **study).run()
    with pytest.raises(SpecError, match="the factors look like per cent"):
        es.Study(factors=CASES / "factors_percent.csv", **study).run()
    result = es.Study(factors=percent / 100, **study).run()
    factors = percent.set_axis(pd.to_datetime(percent.index.astype(str)), axis=0) / 100
    both = factors.join(as_returns()[1], how="right")
    excess, market = ((both[name] - both["RF"]).to_numpy() for name in ("NVDA", "^IXIC"))
    t = both.index.get_loc("2025-01-27")
    window = slice(t - 260, t - 10)
    beta = float(market[window] @ excess[window] / (market[window] @ market[window]))
    assert result.car("NVDA", (0, 0)) == pytest.approx(excess[t] - beta * market[t], rel=1e-8)


# --------------------------------------------------------------------------------------------------------- share counts
def valued(folder, **more):
    (folder / "p.csv").write_bytes((CASES / "prices_cut_in_the_last_cell.csv").read_bytes())
    settings = NVDA | {"tickers": ["NVDA"], "id": "x"} | more
    result = es.Study(prices=folder / "p.csv", **settings).run()
    from eventstudy.claims.shares import value_change

    return value_change(result, "NVDA", "event").value, result


@pytest.mark.parametrize("shares", [24.49e9, {"shares": 24.49e9, "as_of": "2025-01-03", "source": "annual report"}])
def test_share_counts_stated_in_the_study(tmp_path, shares) -> None:
    value, result = valued(tmp_path, shares={"NVDA": shares})
    close = result.prices.close["NVDA"]
    assert value == pytest.approx((close["2025-01-27"] - close["2025-01-24"]) * 24.49e9)
    source = result.reference.shares["origin"].tolist()
    assert source == ["stated in the study" if isinstance(shares, float) else "annual report"]


def test_a_file_of_share_counts_beside_the_prices_is_read(tmp_path) -> None:
    path = tmp_path / "shares_outstanding.csv"
    path.write_text("ticker,as_of,shares\nNVDA,2025-01-03,24.49e9\n")
    value, result = valued(tmp_path)
    close = result.prices.close["NVDA"]
    assert value == pytest.approx((close["2025-01-27"] - close["2025-01-24"]) * 24.49e9)
    assert "shares_outstanding.csv" in result.files
    for text, words in (
        ("ticker,as_of,count\nNVDA,2025-01-03,1\n", r":1: lacks the column shares"),
        ("ticker,as_of,shares\nNVDA,2025-01-03,-1\n", r":2: a share count is a number over 0"),
        ("ticker,as_of,shares,measure\nNVDA,2025-01-03,1,cover\n", r":2: unknown measure of shares 'cover'"),
    ):
        path.write_text(text)
        with pytest.raises(SpecError, match=words):
            valued(tmp_path)


def test_without_a_share_count_the_message_says_how_to_state_one(tmp_path) -> None:
    with pytest.raises(es.errors.MissingPriceError, match=r"shares: \{NVDA: 243\.5e6\}"):
        valued(tmp_path)
    with pytest.raises(SpecError, match="shares of 'NVDA' are a number over 0"):
        valued(tmp_path, shares={"NVDA": "many"})


def test_claims_about_prices_are_unresolved_in_a_study_on_returns(tmp_path) -> None:
    as_returns()[1].to_csv(tmp_path / "r.csv")
    (tmp_path / "study.yaml").write_text(
        "schema_version: 1\nid: x\nreturns: r.csv\nevents: [{id: e, announced: 2025-01-27}]\ntickers: [NVDA]\n"
        "benchmarks: {default: ^IXIC}\nshares: {NVDA: 24.49e9}\n"
    )
    common = "event: e, security: NVDA, says: it fell, source: A"
    claim = f"  - {{id: ID, kind: KIND, {common}, claimed: {{direction: fall, VALUE}}}}\n"
    (tmp_path / "claims.yaml").write_text(
        'schema_version: 1\nsources:\n  A: {title: T, publisher: P, author: x, published: "2025-01-28"}\nclaims:\n'
        + claim.replace("ID", "m").replace("KIND", "price_move").replace("VALUE", "value: 17, unit: percent")
        + claim.replace("ID", "v").replace("KIND", "market_value").replace("VALUE", "value: 589, unit: usd_bn")
    )
    verdicts = es.load(tmp_path).run().verdicts
    assert [v.verdict for v in verdicts] == ["unresolved", "unresolved"]
    assert all("would decide" in v.reason for v in verdicts)


def test_returns_of_a_foreign_benchmark_span_no_more_days_than_prices_do(deepseek_result: es.StudyResult) -> None:
    """Tokyo is closed on sessions of New York, and its next return spans them."""
    panel = deepseek_result.prices
    levels = panel.close[["NVDA", "AMD", "^N225"]]
    returns = pd.DataFrame({name: levels[name].dropna().pct_change() for name in levels})
    given = {"events": {"NVDA": "2025-01-27", "AMD": "2025-01-14"}, "benchmark": "^N225", "volume": "none"}
    given |= {"tests": ["t"], "min_obs": 100}
    priced, returned = es.Study(prices=levels, **given).run(), es.Study(returns=returns, **given).run()
    first, second = priced.cars(), returned.cars()
    for name in ("car", "se", "nobs"):
        np.testing.assert_allclose(first[name], second[name], rtol=1e-10, err_msg=name)
    (said,) = [issue for issue in returned.issues if issue.code == "benchmark_spans_days"]
    assert said.ticker == "^N225"
    assert "returns span a session of XNYS on which its own exchange was closed, and are missing there" in said.detail
    assert re.search(r"\d{4}-\d\d-\d\d.* and \d+ more$", said.detail)
    assert "benchmark_spans_days" not in codes(priced)
