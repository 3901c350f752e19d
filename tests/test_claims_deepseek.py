"""Every verdict of the bundled study, against facts worked out here from the CSV files alone.

Nothing of the package touches the numbers on the right-hand side: closes, share counts, histories and the regression
are computed in this file with pandas and numpy.
"""

from __future__ import annotations

import re
from functools import cache

import pandas as pd
import pytest
from deepseek_files import DATA, DAY, close_to, floor, level, number, pct, table, usual

from eventstudy.objects.results import StudyResult
from eventstudy.report import tables


@pytest.fixture(scope="module")
def result(deepseek_result: StudyResult) -> StudyResult:
    return deepseek_result


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
