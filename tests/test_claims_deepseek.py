"""Every verdict of the bundled study, against facts worked out here from the CSV files alone.

Nothing of the package touches the numbers on the right-hand side: closes, share counts, histories and the regression
are computed in this file with pandas and numpy.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtr, stdtrit

from eventstudy.claims import judge
from eventstudy.claims.load import load_claims
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import AxisWord, Quantity, Step, Verdict
from eventstudy.report import tables

DATA = Path(__file__).parents[1] / "data" / "deepseek"
DAY = pd.Timestamp("2025-01-27")
CORE = ["NVDA", "AVGO", "AMD", "TSM", "ASML"]
CHIPS = [*CORE, *["MU", "MRVL", "INTC", "QCOM", "TXN", "ARM", "ADI", "AMAT", "KLAC", "LRCX", "MCHP", "NXPI", "ON"]]


@pytest.fixture(scope="module")
def result(deepseek_result: StudyResult) -> StudyResult:
    return deepseek_result


# ----------------------------------------------------------------------------------------------- facts from the files
@cache
def table(name: str) -> pd.DataFrame:
    frame = pd.read_csv(DATA / name)
    for column in {"date", "as_of"} & {*frame.columns}:
        frame[column] = pd.to_datetime(frame[column])
    return frame


@cache
def series(ticker: str, basis: str = "close") -> pd.Series:
    rows = table("prices.csv")
    rows = rows[rows["ticker"] == ticker].set_index("date").sort_index()
    return rows[basis].dropna()


def level(ticker: str) -> pd.Series:
    """Split-adjusted closes, or the dividend-adjusted ones where there are none."""
    return series(ticker) if len(series(ticker)) else series(ticker, "adj_close")


def pct(ticker: str, day: str | pd.Timestamp = DAY, sessions: int = 1) -> float:
    closes = level(ticker)
    at = closes.index.get_loc(pd.Timestamp(day))
    return 100 * (closes.iloc[at + sessions - 1] / closes.iloc[at - 1] - 1)


def usual(ticker: str, day: str | pd.Timestamp = DAY) -> float:
    """100 s: 250 returns from 260 to 11 sessions before."""
    closes = series(ticker, "adj_close") if len(series(ticker, "adj_close")) else series(ticker)
    at = closes.index.get_loc(pd.Timestamp(day))
    returns = (closes / closes.shift(1) - 1).iloc[at - 260 : at - 10]
    assert len(returns) == 250
    return 100 * returns.std(ddof=1)


def count(ticker: str, day: pd.Timestamp = DAY) -> float:
    """The headline share count: last verified cover page on or before the day, else quarterly, within half a year."""
    rows = table("shares_outstanding.csv")
    rows = rows[(rows["ticker"] == ticker) & (rows["as_of"] <= day) & (rows["as_of"] >= day - pd.Timedelta(days=183))]
    rows = rows[rows["measure"] != "cover_page_unverified"].sort_values("as_of")
    cover = rows[rows["measure"].str.startswith("cover_page")]
    last = (cover if len(cover) else rows).iloc[-1]
    splits = table("splits.csv")
    later = splits[(splits["ticker"] == ticker) & (splits["date"] > last["as_of"])]["ratio"].prod()
    return float(last["shares"]) * (1.0 if "split_adjusted" in last["measure"] else float(later))


def lost(ticker: str) -> float:
    closes = level(ticker)
    at = closes.index.get_loc(DAY)
    return float((closes.iloc[at - 1] - closes.iloc[at]) * count(ticker))


def market_model(ticker: str, benchmark: str = "^IXIC", day: pd.Timestamp = DAY) -> dict[str, float]:
    """The regression by numpy's least squares, and the abnormal return of the day with its standard error."""
    own, market = series(ticker, "adj_close"), series(benchmark, "adj_close")
    market = market.reindex(own.index)
    ri, rm = (own / own.shift(1) - 1).to_numpy(), (market / market.shift(1) - 1).to_numpy()
    at = own.index.get_loc(day)
    y, x = ri[at - 260 : at - 10], rm[at - 260 : at - 10]
    design = np.column_stack([np.ones(250), x])
    params, *_ = np.linalg.lstsq(design, y, rcond=None)
    sigma = math.sqrt(((y - design @ params) ** 2).sum() / 248)
    row = np.array([1.0, rm[at]])
    se = sigma * math.sqrt(1 + row @ np.linalg.inv(design.T @ design) @ row)
    ar = ri[at] - row @ params
    half = stdtrit(248, 0.975) * se
    return {"ar": ar, "se": se, "low": ar - half, "high": ar + half, "p": 2 * stdtr(248, -abs(ar / se))}


def close_to(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


# -------------------------------------------------------------------------------------------------------- all of them
def test_every_claim_reaches_the_verdict_it_is_expected_to(result: StudyResult) -> None:
    got = {v.claim.id: v.verdict for v in result.verdicts}
    assert got == {v.claim.id: v.claim.expect or got[v.claim.id] for v in result.verdicts}
    assert {v.claim.id for v in result.verdicts if v.claim.status == "opinion"} == {"hysteria", "market-misread"}
    assert {v.claim.id for v in result.verdicts if v.claim.status == "implied"} == {
        "nvda-only-loser",
        "oracle-gave-back",
    }
    assert "unresolved" not in got.values()


def test_the_list_of_changes_counts_the_verdicts(result: StudyResult) -> None:
    text = " ".join((DATA / "CHANGES.md").read_text(encoding="utf-8").split())
    words = [v.verdict for v in result.verdicts if v.rated]
    tally = (words.count(w) for w in ("supported", "imprecise", "contradicted", "partly"))
    assert "{} supported, {} imprecise, {} contradicted and {} partly".format(*tally) in text


@pytest.mark.parametrize(
    ("claim", "ticker", "value", "verdict"),
    [
        ("nvda-dip-early-2025", "NVDA", 16.97, "supported"),
        ("nvda-17", "NVDA", 16.97, "supported"),
        ("avgo-15", "AVGO", 17.40, "imprecise"),
        ("amd-8", "AMD", 6.37, "contradicted"),
        ("tsm-tumbled", "TSM", 13.33, "supported"),
        ("asml-europe", "ASML.AS", 7.01, "supported"),
        ("oracle-slid", "ORCL", 13.79, "supported"),
        ("nasdaq-3-1", "^IXIC", 3.07, "supported"),
    ],
)
def test_falls_of_one_security(result: StudyResult, claim: str, ticker: str, value: float, verdict: str) -> None:
    found = result.verdict(claim)
    assert found.value == close_to(-pct(ticker))
    assert round(found.value, 2) == value
    assert found.verdict == verdict
    assert found.measured is not None
    assert found.measured.low == found.value == found.measured.high
    other = [r for r in found.readings if r.sort == "definition"]
    assert all(abs(r.value - found.value) < 0.05 for r in other)  # both bases agree on a day without a dividend
    assert not found.depends


def floor(ticker: str, strongest: bool = False) -> float:
    """What a strong word asks for in per cent, or one of the strongest."""
    times, enough, least = (3, 10, 1.5) if strongest else (2, 5, 1)
    return max(min(times * usual(ticker), enough), least * usual(ticker))


@pytest.mark.parametrize(
    ("claim", "ticker"),
    [("nvda-dip-early-2025", "NVDA"), ("tsm-tumbled", "TSM"), ("asml-europe", "ASML.AS"), ("panic-vix", "^VIX")],
)
def test_words_ask_for_so_much_of_the_usual_day(result: StudyResult, claim: str, ticker: str) -> None:
    found = result.verdict(claim)
    assert found.claimed is not None
    assert found.claimed.low == close_to(floor(ticker))
    in_sd = next(r.value for r in found.readings if r.unit == "sd")
    assert in_sd == close_to(abs(pct(ticker)) / usual(ticker))
    moves = level(ticker)[:DAY].pct_change().dropna()
    further = moves > moves.iloc[-1] if ticker == "^VIX" else moves < moves.iloc[-1]
    assert next(r.value for r in found.readings if r.unit == "rank") == 1 + further.sum()


def test_notes_say_on_which_side_a_number_missed(result: StudyResult) -> None:
    assert result.verdict("avgo-15").note == "understated"
    assert result.verdict("amd-8").note == "overstated"
    assert result.verdict("nvda-17").note is None


def test_other_listings_stand_beside(result: StudyResult) -> None:
    beside = [s for s in result.verdict("tsm-tumbled").steps if s.label.startswith("Beside")]
    assert beside[0].result.value == close_to(pct("2330.TW", "2025-02-03"))  # Taipei was closed until then
    beside = [s for s in result.verdict("asml-europe").steps if s.label.startswith("Beside")]
    assert beside[0].result.value == close_to(pct("ASML"))


# ------------------------------------------------------------------------------------------------------- market value
@pytest.mark.parametrize("claim", ["nvda-589bn", "nvda-600bn", "nvda-500bn", "nvda-record", "us-record"])
def test_the_loss_of_nvidia(result: StudyResult, claim: str) -> None:
    found = result.verdict(claim)
    headline = next(r.value for r in found.readings if r.unit == "usd" and r.headline)
    assert headline == close_to((142.62 - 118.42) * 24.49e9)
    assert headline == close_to(lost("NVDA"))
    sizes = [r.value for r in found.readings if r.unit == "usd" and "share count as of" in r.label]
    covers = [24.49e9, 24.53e9, 24.40e9]  # of 15 November, 23 August and 21 February
    assert sizes[:3] == pytest.approx([24.20 * n for n in covers], rel=1e-12)
    if found.claim.kind == "market_value":
        assert len(sizes) == 3
        assert found.verdict == "supported"
    else:
        assert [p.verdict for p in found.parts] == ["supported", "unresolved"]
        assert any("The bound: only a company worth more" in c and "NVDA" in c for c in found.caveats)


def test_the_claimed_amounts_against_the_range(result: StudyResult) -> None:
    measured = result.verdict("nvda-589bn").measured
    assert measured is not None
    assert 589.5e9 < measured.low < 589e9 * 1.01 + 0.5e9  # outside the rounding interval, within 1 % of it
    rounded = result.verdict("nvda-600bn").claimed
    assert rounded is not None
    assert (rounded.low, rounded.high) == (550e9, 650e9)
    assert 550e9 < measured.low < measured.high < 650e9
    found = result.verdict("nvda-589bn")  # supported by the 1 % alone, which is the deciding step
    assert found.decision is not None
    numbers = {name: number(value) for name, value in found.decision.values.items()}
    assert (numbers["far"], numbers["near"], numbers["number"]) == (close_to(24.20 * 24.40e9), 589.5e9, 589e9)
    assert numbers["share"] == close_to(100 * (measured.low - 589.5e9) / 589e9)
    assert numbers["share"] < numbers["limit"] == 1
    assert measured.low > 500e9


@cache
def losses() -> pd.Series:
    """Every company-day of the universe by market value lost; a plain loop."""
    closes = table("megacap_closes.csv").set_index("date")
    rows = {}
    for ticker in closes:
        moved = closes[ticker].diff().dropna()
        # by far the largest price falls decide; a company-day without a count within half a year is left out
        for day, change in moved.nsmallest(20).items():
            try:
                rows[(day, ticker)] = -change * count(ticker, day)
            except IndexError:
                continue
    return pd.Series(rows).sort_values(ascending=False)


def test_the_record_and_the_one_before_it(result: StudyResult) -> None:
    before = losses()[[k for k in losses().index if k[0] < DAY]]
    (day, ticker), size = before.index[0], before.iloc[0]
    assert (ticker, day) == ("NVDA", pd.Timestamp("2024-09-03"))
    for name in ("nvda-record", "us-record"):
        assert result.verdict(name).summary.values["universe"] == "12 very large companies"
    assert losses().index[0] == (DAY, "NVDA")  # to the end of the data: it still stands
    found = result.verdict("nvda-double-record")
    assert found.value == close_to(lost("NVDA") / size)
    assert found.value > 2
    assert found.verdict == "supported"
    assert any("up to 2025-12-31, the end of the data" in c for c in result.verdict("nvda-record").caveats)
    shown = [r.value for r in result.verdict("nvda-record").readings if r.label.startswith("beside it")][:5]
    assert shown == pytest.approx(before.iloc[:5].to_list(), rel=1e-12)


def test_the_record_before_was_nvidias_but_146_days_are_not_four_months(result: StudyResult) -> None:
    found = result.verdict("nvda-own-record")
    assert found.value == (DAY - pd.Timestamp("2024-09-03")).days == 146
    assert [p.verdict for p in found.parts] == ["supported", "imprecise"]
    assert found.claimed is not None
    assert found.claimed.high == close_to(4.4 * 365.2425 / 12)
    assert found.verdict == "partly"


def test_most_countries_produce_less(result: StudyResult) -> None:
    found = result.verdict("nvda-gdp")
    for part, column in zip(found.parts, ("gdp_2023_usd", "gdp_2024_usd"), strict=True):
        known = table("gdp.csv")[column].dropna()
        assert part.value == close_to(100 * (known < lost("NVDA")).mean())
        assert part.note == f"{(known < lost('NVDA')).sum()} of {len(known)}"
    assert found.verdict == "supported"


def test_about_a_trillion(result: StudyResult) -> None:
    found = result.verdict("trillion")
    companies = [t for t in table("shares_outstanding.csv")["ticker"].unique() if len(level(t))]
    values = {t: lost(t) for t in companies}
    chips = ["NVDA", "AVGO", "TSM", "ASML", "AMD", "MU", "MRVL", "INTC", "QCOM"]
    us, net, gross, makers = (r for r in found.readings if not r.label.endswith("share counts"))
    assert us.value == found.value == close_to(sum(v for t, v in values.items() if t not in ("TSM", "ASML")))
    assert 0.9e12 < found.value < 1.1e12
    assert [r.verdict for r in (us, net, gross, makers)] == [None, "imprecise", "contradicted", "supported"]
    assert [r.label for r in found.depends] == [net.label, gross.label]  # said on the front of the card
    net, gross, makers = (r.value for r in (net, gross, makers))
    assert net == close_to(sum(values.values()))
    assert gross == close_to(sum(v for v in values.values() if v > 0))
    assert makers == close_to(sum(values[t] for t in chips))
    assert makers < 1.1e12 < net < 1.15 * 1e12 + 0.1e12
    assert gross > 1.25e12
    assert found.verdict == "supported"
    assert re.findall("outside|inside", found.summary.template) == ["inside", "outside", "outside", "inside"]
    assert any("TSM" in c and "understated" in c for c in found.caveats)
    assert len(values) == 22


def test_the_articles_agree(result: StudyResult) -> None:
    found = result.verdict("consistency")
    assert found.claimed is not None
    assert (found.claimed.low, found.claimed.high) == (588.5e9, 589.5e9)
    assert found.verdict == "supported"
    assert found.measured is None  # no interval that would look like a miss
    assert found.summary.values["least"].value == close_to(24.20 * 24.40e9)  # type: ignore[union-attr]
    assert [p.verdict for p in found.parts] == ["supported"] * 3


# -------------------------------------------------------------------------------------------------------------- ranks
def test_ranks_in_history(result: StudyResult) -> None:
    found = result.verdict("brutal-day")
    history = table("index_history.csv").set_index("date")
    expected = []
    for ticker in ("^GSPC", "^IXIC", "^SOX"):
        closes = history[ticker].dropna()[:DAY]
        for moves in (closes / closes.shift(1) - 1, closes - closes.shift(1)):
            expected.append(1 + int((moves.iloc[1:-1] < moves.iloc[-1]).sum()))
    assert [r.value for r in found.readings] == expected == [1602, 55, 236, 8, 10, 1]
    assert (found.value, found.verdict) == (1602, "contradicted")  # the broad index by per cent decides
    assert not found.depends  # points and the sector's index do not vote
    assert {"1602nd", "1,602nd"} & {tables.number(found.value, "rank")}


# ------------------------------------------------------------------------------------------------------------- groups
def members(found: Verdict) -> dict[str, tuple[float, str]]:
    return {p.ticker or "": (p.value, p.verdict) for p in found.parts}


@pytest.mark.parametrize(
    ("claim", "tickers", "verdict"),
    [
        ("energy-down", ["VST", "CEG", "GEV", "TLN", "NRG"], "supported"),
        ("cloud-down", ["MSFT", "AMZN", "GOOGL", "ORCL"], "partly"),
        ("every-chipmaker", CHIPS, "contradicted"),
        ("big-tech-fell", ["AAPL", "MSFT", "META"], "contradicted"),
        ("ai-basket", ["DELL", "SMCI", "ANET", "VRT"], "supported"),
        ("nvda-only-loser", [*CHIPS, *["AAPL", "MSFT", "META", "AMZN", "GOOGL", "ORCL", "TSLA"]], "contradicted"),
    ],
)
def test_groups_list_every_member(result: StudyResult, claim: str, tickers: list[str], verdict: str) -> None:
    found = result.verdict(claim)
    assert {t: v for t, (v, _) in members(found).items()} == {t: close_to(pct(t)) for t in tickers}
    assert found.value == close_to(np.mean([pct(t) if claim == "nvda-only-loser" else -pct(t) for t in tickers]))
    assert found.verdict == verdict


def test_every_member_of_a_group_is_judged_by_its_own_usual_day(result: StudyResult) -> None:
    for claim, strongest in (("every-chipmaker", True), ("big-tech-fell", False), ("ai-basket", False)):
        for ticker, (value, verdict) in members(result.verdict(claim)).items():
            asked = floor(ticker, strongest)
            expected = "supported" if -value >= asked else "imprecise" if -value >= asked / 2 else "contradicted"
            assert verdict == expected, (claim, ticker)
    assert {t for t, (value, _) in members(result.verdict("every-chipmaker")).items() if value > 0} == {
        "TXN",
        "MCHP",
        "NXPI",
    }
    tech = result.verdict("big-tech-fell")
    assert members(tech)["MSFT"][1] == "imprecise"  # 1.7 s
    assert "from a fall of {low} ({lowest}) to a rise of {high} ({highest})" in tech.summary.template
    sizes = [tech.summary.values[end].value for end in ("low", "high")]  # type: ignore[union-attr]
    assert sizes == [close_to(-pct("MSFT")), close_to(pct("AAPL"))]
    assert any("a minus sign is a rise" in c for c in tech.caveats)
    assert not any("a minus sign" in c for c in result.verdict("energy-down").caveats)


def test_who_gained(result: StudyResult) -> None:
    rose = {t for t, (_, verdict) in members(result.verdict("nvda-only-loser")).items() if verdict == "contradicted"}
    assert rose == {"TXN", "MCHP", "NXPI", "AAPL", "META", "AMZN"}


def test_tokyo_on_both_days(result: StudyResult) -> None:
    found = result.verdict("japan-chips")
    days = [(t, d) for d in ("2025-01-27", "2025-01-28") for t in ("8035.T", "6857.T")]
    assert [p.value for p in found.parts] == [close_to(pct(t, d)) for t, d in days]
    hits = [-pct(t, d) >= max(min(3 * usual(t, d), 10), 1.5 * usual(t, d)) for t, d in days]
    assert [p.verdict == "supported" for p in found.parts] == hits == [False, False, False, True]
    assert {a.benchmark for a in found.abnormal} == {"^N225"}
    assert {a.event for a in found.abnormal} == {"selloff", "tokyo-next-day"}


def test_energy_is_set_against_the_market_and_against_utilities(result: StudyResult) -> None:
    axes = {(a.subject, a.benchmark): a for a in result.verdict("energy-down").abnormal}
    assert {b for _, b in axes} == {"^IXIC", "^GSPC", "XLU", "^IXIC without NVDA, AVGO"}
    own = market_model("VST", "XLU")
    assert axes["VST", "XLU"].ar == close_to(own["ar"])
    assert axes["VST", "XLU"].abnormal


# ----------------------------------------------------------------------------------------------------- time and cause
def test_the_largest_fall_after_the_release_came_after_seven_days(result: StudyResult) -> None:
    closes = level("NVDA")
    first = closes.index.searchsorted(pd.Timestamp("2025-01-20"))
    falls = (closes / closes.shift(1) - 1).iloc[first : first + 20]
    assert falls.idxmin() == DAY
    found = result.verdict("nvda-one-week")
    assert found.value == 7
    assert found.verdict == "supported"
    sessions = next(r.value for r in found.readings if r.unit == "sessions")
    assert sessions == len(closes["2025-01-21":"2025-01-27"]) == 5
    after = next(a for a in found.abnormal if a.event == "release")
    assert after.ar == close_to(market_model("NVDA", day=pd.Timestamp("2025-01-21"))["ar"])
    assert not after.abnormal  # no reaction on the first session


def test_abnormal_returns_with_interval_and_p(result: StudyResult) -> None:
    for claim, ticker in (("nvda-17", "NVDA"), ("avgo-15", "AVGO"), ("amd-8", "AMD"), ("tsm-tumbled", "TSM")):
        for benchmark in ("^IXIC", "^GSPC", "RSP", "QQQE"):
            axis = next(a for a in result.verdict(claim).abnormal if a.benchmark == benchmark)
            expected = market_model(ticker, benchmark)
            for name, value in expected.items():
                assert getattr(axis, name) == pytest.approx(value, rel=1e-8), (ticker, benchmark, name)
            assert axis.abnormal == (expected["p"] < 0.05)  # one security: Holm changes nothing
            assert axis.tests["t"] == axis.p == axis.p_holm


def test_what_is_abnormal_and_what_the_market_explains(result: StudyResult) -> None:
    found = result.verdict("not-the-market")
    for part in found.parts:
        ticker = str(part.ticker)
        models = [market_model(ticker, b) for b in ("^IXIC", "^GSPC", "RSP", "QQQE")]
        mostly = [m["ar"] >= 0 or abs(m["ar"]) <= -pct(ticker) / 200 for m in models]  # of a fall the model has half
        rejects = models[0]["p"] < 0.05 and models[0]["ar"] < 0
        assert part.verdict == ("supported" if rejects else "contradicted" if all(mostly) else "unresolved"), ticker
    assert [p.verdict for p in found.parts] == ["supported", "supported", "unresolved", "supported", "unresolved"]
    assert found.value == close_to(-100 * np.mean([market_model(t)["ar"] for t in CORE]))
    assert found.verdict == "supported"  # the five as one portfolio, which is one test
    assert found.abnormal[0].primary == "portfolio_t"
    said = " ".join([found.summary.template, *found.caveats])
    assert "because of" not in said
    assert "consistent with" in found.summary.template


def portfolio(tickers: list[str], benchmark: str = "^IXIC") -> dict[str, float]:
    """The market model of the equally weighted portfolio, by least squares."""
    own = pd.concat([series(t, "adj_close") for t in tickers], axis=1)
    returns = (own / own.shift(1) - 1).mean(axis=1, skipna=False)
    market = series(benchmark, "adj_close").reindex(own.index)
    rm = (market / market.shift(1) - 1).to_numpy()
    at = own.index.get_loc(DAY)
    y, design = returns.to_numpy()[at - 260 : at - 10], np.column_stack([np.ones(250), rm[at - 260 : at - 10]])
    params, *_ = np.linalg.lstsq(design, y, rcond=None)
    sigma = math.sqrt(((y - design @ params) ** 2).sum() / 248)
    row = np.array([1.0, rm[at]])
    se = sigma * math.sqrt(1 + row @ np.linalg.inv(design.T @ design) @ row)
    ar = returns.iloc[at] - row @ params
    return {"ar": ar, "se": se, "p": 2 * stdtr(248, -abs(ar / se))}


def test_a_group_is_one_test_and_the_portfolio_is_primary(result: StudyResult) -> None:
    for claim, tickers in (("not-the-market", CORE), ("ai-basket", ["DELL", "SMCI", "ANET", "VRT"])):
        head = result.verdict(claim).abnormal[0]
        expected = portfolio(tickers)
        assert (head.primary, head.check) == ("portfolio_t", "placebo_portfolio")
        assert head.ar == close_to(expected["ar"])
        assert head.se == pytest.approx(expected["se"], rel=1e-8)
        assert head.p == pytest.approx(expected["p"], rel=1e-6)
        assert math.isnan(head.p_holm)
        assert head.abnormal == (expected["p"] < 0.05)
    words = {a.word for v in result.verdicts for a in v.abnormal}
    assert words <= set(get_args(AxisWord))


def test_the_family_of_a_security_is_the_claims_own(result: StudyResult) -> None:
    for claim in ("energy-down", "every-chipmaker", "big-tech-fell"):
        own = [a for a in result.verdict(claim).abnormal if a.primary == "t" and a.benchmark == "^IXIC"]
        ordered = sorted(own, key=lambda a: a.p)
        adjusted = np.maximum.accumulate([min(1.0, (len(own) - k) * a.p) for k, a in enumerate(ordered)])
        assert [a.p_holm for a in ordered] == pytest.approx(adjusted.tolist(), rel=1e-12)
    alone = result.verdict("amd-8").abnormal[0]
    assert alone.p_holm == alone.p


def test_an_answer_that_hangs_on_the_benchmark_says_so(result: StudyResult) -> None:
    found = result.verdict("amd-8")
    p = {b: market_model("AMD", b)["p"] for b in ("^IXIC", "RSP", "QQQE")}
    assert p["^IXIC"] > 0.05 > p["RSP"]
    assert found.abnormal[0].word == "depends on the benchmark"
    assert any("AMD moved abnormally depends on what it is compared with" in c for c in found.caveats)
    assert result.verdict("nvda-17").abnormal[0].word == "abnormal"
    (index,) = result.verdict("nasdaq-3-1").abnormal
    assert (index.word, index.abnormal) == ("cannot be measured", None)


def test_the_index_without_the_two_is_heard_where_no_other_benchmark_is_named(result: StudyResult) -> None:
    """AMD and ASML against the Nasdaq alone and without Nvidia and Broadcom: 0.64 and 0.04, 0.82 and 0.05."""
    for ticker, p in (("AMD", 0.0411), ("ASML", 0.0486)):
        claim = replace(result.verdict("amd-8").claim, tickers=(ticker,), params={"names": {}, "window": (0, 0)})
        own, without = judge(claim, result).abnormal
        assert (own.word, own.benchmark) == ("depends on the benchmark", "^IXIC")
        assert own.p == pytest.approx(market_model(ticker)["p"], rel=1e-8)
        assert without.benchmark == "^IXIC without NVDA, AVGO"
        assert without.p == pytest.approx(p, abs=5e-5)


def test_a_sentence_says_nothing_twice_and_no_minus_is_undone(result: StudyResult) -> None:
    for verdict in result.verdicts:
        said = tables.statement(verdict.summary)
        assert not re.search(r"(\d[\d.,]*%?) to \1(?![\d.])", said), said
        assert "00:00" not in said
        assert verdict.claim.kind != "persistence" or "−" not in said


def test_the_second_axis_is_shown_in_numbers(result: StudyResult) -> None:
    step = result.verdict("amd-8").abnormal[0].step
    assert step is not None
    own, market = series("AMD", "adj_close"), series("^IXIC", "adj_close")
    at = own.index.get_loc(DAY)
    ri, rm = own / own.shift(1) - 1, (market / market.shift(1) - 1).reindex(own.index)
    b, a = np.polyfit(rm.iloc[at - 260 : at - 10], ri.iloc[at - 260 : at - 10], 1)
    expected = {"R": 100 * ri.iloc[at], "a": 100 * a, "b": b, "Rm": 100 * rm.iloc[at]}
    assert {name: number(v) for name, v in step.inputs.items()} == {n: pytest.approx(v) for n, v in expected.items()}
    assert step.formula == "R − (a + b × Rm)"


def test_no_question_is_asked_twice(result: StudyResult) -> None:
    for verdict in result.verdicts:
        asked = [(a.subject, a.event, a.benchmark, a.window) for a in verdict.abnormal]
        assert len(asked) == len(set(asked)), verdict.claim.id


def test_oracle_gave_back_more_than_its_gain(result: StudyResult) -> None:
    closes = level("ORCL")
    found = result.verdict("oracle-gave-back")
    base, peak, after = closes["2025-01-17"], closes["2025-01-24"], closes["2025-01-27"]
    assert found.value == close_to(100 * (peak - after) / (peak - base))
    assert found.verdict == "supported"
    top = closes["2025-01-21":"2025-01-24"].max()
    furthest = next(r for r in found.readings if r.label.startswith("to the furthest"))
    assert furthest.value == close_to(100 * (top - after) / (top - base))
    assert (furthest.sort, furthest.verdict) == ("definition", "supported")


def undone(day: str | pd.Timestamp) -> float:
    closes = level("NVDA")
    return 100 * (closes[pd.Timestamp(day)] - 118.42) / (142.62 - 118.42)


def test_how_much_of_the_fall_was_undone(result: StudyResult) -> None:
    closes = level("NVDA")
    at = closes.index.get_loc(DAY)
    last = len(closes) - 1 - at
    assert last == 234
    found = result.verdict("hysteria")
    assert [p.value for p in found.parts] == [close_to(undone(closes.index[at + n])) for n in (1, 5, 20, 60, last)]
    assert [p.verdict for p in found.parts] == [
        "imprecise",
        "contradicted",
        "contradicted",
        "contradicted",
        "supported",
    ]
    misread = result.verdict("market-misread")
    days = ["2025-02-20", "2025-02-27", closes.index[at + 60], closes.index[-1]]
    assert [p.value for p in misread.parts] == [close_to(undone(d)) for d in days]  # the results came after the close
    assert [p.verdict for p in misread.parts] == ["supported", "contradicted", "contradicted", "supported"]


def test_the_abnormal_path_goes_on_with_the_same_estimates(result: StudyResult) -> None:
    own, market = series("NVDA", "adj_close"), series("^IXIC", "adj_close")
    ri, rm = (s / s.shift(1) - 1 for s in (own, market))
    at = own.index.get_loc(DAY)
    slope, intercept = np.polyfit(rm.iloc[at - 260 : at - 10], ri.iloc[at - 260 : at - 10], 1)
    ar = (ri - intercept - slope * rm).to_numpy()
    found = result.verdict("hysteria")
    shown = {r.label: r.value for r in found.readings}
    for n in (1, 5, 20, 60):
        share = -100 * ar[at + 1 : at + n + 1].sum() / ar[at]
        assert shown[f"after {n} session{'s' if n > 1 else ''}, abnormal"] == pytest.approx(share, rel=1e-6)
    assert len([label for label in shown if label.endswith("abnormal")]) == 5
    assert [a.window for a in found.abnormal] == [(0, 0), (1, 1), (1, 5), (1, 20)]  # what is tested


def test_later_releases_by_a_test_of_equivalence(result: StudyResult) -> None:
    found = result.verdict("no-later-panic")
    days = ["2025-03-24", "2025-09-29", "2025-12-01"]
    assert [p.value for p in found.parts] == [close_to(np.mean([pct(t, d) for t in CORE])) for d in days]
    axes = [a for a in found.abnormal if a.subject == "core" and a.benchmark == "^IXIC"]
    reference, later = axes[0], axes[1:]
    assert reference.ar == close_to(portfolio(CORE)["ar"])
    upper = [100 * a.low / reference.ar for a in later]
    assert [r.value for r in found.readings if r.headline] == pytest.approx(upper)
    assert [p.verdict for p in found.parts] == ["supported" if share < 50 else "unresolved" for share in upper]
    assert [p.verdict for p in found.parts] == ["unresolved", "supported", "supported"]
    assert found.verdict == "partly"
    assert "what could have been seen: 44 % of the reference" in str(found.parts[0].note)


def test_dates_in_order_and_apart(result: StudyResult) -> None:
    before = result.verdict("stargate-before-launch")
    assert (before.value, before.verdict) == (-1.0, "contradicted")  # the other way round
    month = result.verdict("huang-month")
    assert [r.value for r in month.readings] == [24.0, 25.0]
    assert (month.verdict, month.note) == ("imprecise", "overstated")


def test_the_markets_of_the_world(result: StudyResult) -> None:
    found = members(result.verdict("global-shock"))
    assert {t for t, (value, _) in found.items() if value > 0} == {"^DJI", "RSP"}
    assert result.verdict("global-shock").verdict == "contradicted"


# ----------------------------------------------------------------------------------------------- a reader can redo it
def number(value: Quantity | str) -> float:
    assert isinstance(value, Quantity)
    return value.value


def redo(step: Step) -> float:
    """The step's formula with its inputs put in."""
    values = {symbol: number(value) for symbol, value in step.inputs.items()}
    if step.formula.startswith("sum of"):
        return math.fsum(values.values())
    if " ** " in step.formula or step.formula.startswith("max("):
        return float(eval(step.formula.replace("×", "*"), {"__builtins__": {"max": max, "min": min}}, values))
    if step.formula == "sum / n":
        return math.fsum(values.values()) / len(values)
    if step.formula == "smallest high − largest low":
        highs = [v for k, v in values.items() if k.startswith("high")]
        return min(highs) - max(v for k, v in values.items() if k.startswith("low"))
    formula = step.formula
    for symbol in sorted(values, key=len, reverse=True):
        formula = re.sub(rf"\b{re.escape(symbol)}\b", f"({values[symbol]!r})", formula)
    return float(eval(formula.replace("×", "*").replace("−", "-"), {"__builtins__": {"max": max}}))


def test_every_step_can_be_redone_from_its_own_line(result: StudyResult) -> None:
    steps = [(v.claim.id, s) for v in result.verdicts for s in v.steps]
    steps += [(v.claim.id, a.step) for v in result.verdicts for a in v.abnormal if a.step is not None]
    assert len(steps) > 150
    for claim, step in steps:
        assert redo(step) == pytest.approx(step.result.value, rel=1e-9, abs=1e-9), (claim, step.label)


def test_every_sentence_has_what_it_names_and_no_cause(result: StudyResult) -> None:
    for verdict in result.verdicts:
        for sentence in (verdict.summary, verdict.decision):
            assert sentence is not None
            holes = set(re.findall(r"\{(\w+)\}", sentence.template))
            assert holes == set(sentence.values) & holes, verdict.claim.id
        assert verdict.decision.template.rpartition(": ")[2].partition(" (")[0] == verdict.verdict
        assert "because of" not in " ".join([verdict.summary.template, verdict.claim.says, *verdict.caveats]).lower()


def test_every_price_and_count_names_its_origin(result: StudyResult) -> None:
    for verdict in result.verdicts:
        assert verdict.steps, verdict.claim.id
        assert all(r.source for r in verdict.readings)
        sources = [q.source for s in verdict.steps for q in s.inputs.values() if isinstance(q, Quantity) and q.source]
        if verdict.claim.kind != "dates":
            assert any("Yahoo Finance" in s or "^IXIC" in s for s in sources), verdict.claim.id


# ----------------------------------------------------------------------------------------- without the further tables
def test_without_reference_tables_the_claim_is_open_and_says_what_would_decide(result: StudyResult) -> None:
    reference = result.reference
    bare = replace(
        reference,
        **{
            name: getattr(reference, name).iloc[:0] for name in ("index_history", "megacaps", "shares", "splits", "gdp")
        },
    )
    bare = replace(bare, index_history=bare.index_history.iloc[:, :0])
    poorer = replace(result, reference=bare)
    needs = {"market_value", "record", "record_multiple", "record_holder", "reference", "aggregate"}
    for claim in load_claims(DATA / "claims.yaml").claims:
        verdict = judge(claim, poorer)
        if claim.kind in {*needs, "consistency"}:
            assert verdict.verdict == "unresolved", claim.id
            assert verdict.reason is not None
            assert "would decide" in verdict.reason
        else:
            assert verdict.verdict == (claim.expect or result.verdict(claim.id).verdict), claim.id


def test_verdicts_are_the_same_on_a_second_try(result: StudyResult) -> None:
    for verdict in result.verdicts:
        again = replace(judge(verdict.claim, result), agreement=verdict.agreement, fragile=verdict.fragile)
        assert repr(again) == repr(verdict)
