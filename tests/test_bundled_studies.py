"""The bundled studies on the shared snapshot: every verdict worked out again from the files, by pandas alone."""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import yaml

import eventstudy as es
from eventstudy.cli.outputs import notes, unexpected
from eventstudy.files.folders import bundled, bundled_names, bundled_snapshots
from eventstudy.objects.results import StudyResult
from eventstudy.report.headline import lede
from eventstudy.report.wording import curly

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

DATA = Path(__file__).resolve().parents[1] / "data"
PRICES = DATA / "deepseek"
SHARED = [name for name in bundled_names() if name not in bundled_snapshots()]
#: study, event -> the session on which the news could first be traded, found by hand
DAYS = {
    ("nvidia-2024", "loss"): "2024-09-03",
    ("nvidia-2024", "results"): "2024-08-29",
    ("tariffs-2025", "tariffs"): "2025-04-03",
    ("tariffs-2025", "retaliation"): "2025-04-04",
    ("tariffs-2025", "pause"): "2025-04-09",
}
UNIT = {"percent": 1.0, "points": 1.0, "usd": 1.0, "usd_bn": 1.0, "usd_tn": 1000.0, "rank": 1.0}
CLAIMS = [
    (study, claim)
    for study in SHARED
    for claim in yaml.safe_load((DATA / study / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    if claim["kind"] != "abnormal_move"  # a test statistic: tried against statsmodels below
]


@pytest.fixture(scope="module")
def results() -> dict[str, StudyResult]:
    return {name: es.load(name).run() for name in SHARED}


# ------------------------------------------------------------------------------------------------- the files by pandas
@cache
def closes() -> pd.DataFrame:
    rows = pd.read_csv(PRICES / "prices.csv", parse_dates=["date"])
    rows["close"] = rows["close"].fillna(rows["adj_close"])
    return rows.pivot(index="date", columns="ticker", values="close")


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(PRICES / f"{name}.csv", index_col="date", parse_dates=True)


def ratio_after(ticker: str, day: pd.Timestamp) -> float:
    """New shares for one of that day."""
    splits = pd.read_csv(PRICES / "splits.csv", parse_dates=["date"])
    return float(splits.loc[(splits.ticker == ticker) & (splits.date > day), "ratio"].prod())


def shares(ticker: str, day: pd.Timestamp) -> list[float]:
    """The counts on the cover pages before and after a day, in today's shares."""
    rows = pd.read_csv(PRICES / "shares_outstanding.csv", parse_dates=["as_of"])
    rows = rows[(rows.ticker == ticker) & (rows.measure == "cover_page")].sort_values("as_of")
    near = (rows[rows.as_of <= day].tail(1), rows[rows.as_of > day].head(1))
    return [float(r.shares) * ratio_after(ticker, r.as_of) for part in near for r in part.itertuples()]


def day_of(study: str, event: str) -> pd.Timestamp:
    if (study, event) in DAYS:
        return pd.Timestamp(DAYS[study, event])
    ticker, month = event.split("-", 1)
    events = pd.read_csv(DATA / study / "events.csv", index_col="id")
    evening = pd.Timestamp(events.loc[f"{ticker}-{month}", "date"][:10])
    series = closes()[ticker.upper()].dropna()
    return series.index[series.index.get_loc(evening) + 1]


def interval(claimed: dict[str, object]) -> tuple[float, float, bool]:
    """What the number stands for, and whether an end is open: half a unit of its last digit, or a bound."""
    text, modifier = str(claimed["value"]), claimed.get("modifier", "exactly")
    value = float(text)
    if modifier == "more_than":
        return value, math.inf, True
    if modifier in ("nearly", "about"):
        return value * 0.9, value * 1.1, False
    digits = len(text.partition(".")[2]) if "." in text else -(len(text) - len(text.rstrip("0")))
    half = min(0.5 * 10.0**-digits, 0.1 * value)
    return value - half, value + half, False


def by_rule(claimed: dict[str, object], sizes: list[float], tolerance: float = 0.0) -> str:
    """The verdict on what was measured, as sizes in the claimed direction."""
    if claimed.get("unit") == "rank":
        low = high = float(str(claimed["value"]))
        is_open = False
    else:
        low, high, is_open = interval(claimed)
    number, least, most = float(str(claimed["value"])), min(sizes), max(sizes)
    if most < 0:
        return "contradicted"
    gap = max(low - most, least - high)
    if gap < 0 or (gap == 0 and not is_open) or gap / number <= tolerance:
        return "supported"
    return "imprecise" if gap / number <= 0.15 else "contradicted"


# ------------------------------------------------------------------------------------------------------ kinds by hand
def price_move(study: str, claim: dict) -> str:
    day, series = day_of(study, claim["event"]), closes()[claim["security"]].dropna()
    at, since = series.index.get_loc(day), claim.get("params", {}).get("since")
    start = at - 1 + claim.get("params", {}).get("window", [0, 0])[0]
    if since is not None:
        own = (study, since) in DAYS
        begins = day_of(study, since) if own else pd.Timestamp(f"{int(since) + 1}-01-01")
        start = series.index.searchsorted(begins) - 1
    before, after = series.iloc[start], series.iloc[at]
    sign = 1 if claim["claimed"].get("direction") == "rise" else -1
    if "word" in claim["claimed"]:
        return "supported" if sign * (after - before) > 0 else "contradicted"
    size = after - before if claim["claimed"]["unit"] == "points" else 100 * (after / before - 1)
    return by_rule(claim["claimed"], [sign * size])


def value(study: str, claim: dict) -> str:
    day, series = day_of(study, claim["event"]), closes()[claim["security"]].dropna()
    change = series.diff()[day] * (1 if claim["claimed"]["direction"] == "rise" else -1)
    found = [change * n / 1e9 for n in shares(claim["security"], day)]
    return by_rule(claim["claimed"], found, 0.01)


def level(study: str, claim: dict) -> str:
    day, ticker = day_of(study, claim["event"]), claim["security"]
    close = closes()[ticker].dropna()
    scale = UNIT[claim["claimed"]["unit"]]
    if claim["params"]["measure"] == "value":
        found = [close[day] * n / 1e9 / scale for n in shares(ticker, day)]
        return by_rule(claim["claimed"], found, 0.01)
    if claim["params"]["measure"] == "close":
        return by_rule(claim["claimed"], [close[day] * ratio_after(ticker, day)])
    history = table("index_history")[ticker].dropna()
    below = 100 * (1 - history / history.cummax())
    word = by_rule(claim["claimed"], [below[day]])
    if claim["params"].get("crossed"):
        assert below[:day].iloc[-2] < claim["claimed"]["value"]
    return word


def rank(study: str, claim: dict) -> str:
    (ticker,), since = claim["params"]["of"], claim["params"]["since"]
    day, long = day_of(study, claim["event"]), ticker.startswith("^")
    history = table("index_history" if long else "megacap_closes")[ticker].dropna()
    moves = history.pct_change().loc[:day] * (1 if claim["claimed"]["direction"] == "rise" else -1)
    period = pd.Period(since)
    inside = moves[moves.index > period.end_time]
    word = by_rule(claim["claimed"], [1.0 + (inside.iloc[:-1] > inside.iloc[-1]).sum()])
    covered = history.index[0] <= period.end_time
    return word if covered or word == "contradicted" else "partly"


def best_before(study: str, claim: dict) -> tuple[float, pd.DataFrame]:
    """The change of value of the day in the claimed direction, and the changes of all companies before it."""
    day, prices = day_of(study, claim["event"]), table("megacap_closes")
    sign = 1 if claim["claimed"]["direction"] == "rise" else -1
    counts = pd.read_csv(PRICES / "shares_outstanding.csv", parse_dates=["as_of"])
    changes = {}
    for ticker in prices.columns:
        own = counts[(counts.ticker == ticker) & (counts.measure.isin(["cover_page", WEIGHTED]))]
        own = own[own.measure == "cover_page"] if (own.measure == "cover_page").any() else own
        held = pd.Series(
            [n * (ratio_after(ticker, d) if m == "cover_page" else 1.0) for n, d, m in
             zip(own.shares, own.as_of, own.measure, strict=True)],
            index=own.as_of,
        ).sort_index()  # fmt: skip
        held = held[~held.index.duplicated(keep="last")].reindex(prices.index, method="ffill").bfill()
        changes[ticker] = sign * prices[ticker].diff() * held / 1e9
    frame = pd.DataFrame(changes).loc[:day]
    return float(frame.iloc[-1][claim["security"]]), frame.iloc[:-1]


WEIGHTED = "weighted_basic_quarter_split_adjusted"


def record(study: str, claim: dict) -> str:
    own, before = best_before(study, claim)
    assert own > before.max().max()
    return "partly"  # a record among the twelve; the companies that the claim lists as missing are left open


def record_holder(study: str, claim: dict) -> str:
    _, before = best_before(study, claim)
    assert before.max().idxmax() == claim["params"]["holder"]
    if "value" not in claim["claimed"]:
        return "supported"
    day = before[claim["params"]["holder"]].idxmax()
    return by_rule(claim["claimed"], [(day_of(study, claim["event"]) - day).days / 7])


def price_path(study: str, claim: dict) -> str:
    series, day = closes()[claim["security"]].dropna(), day_of(study, claim["event"])
    at = series.index.get_loc(day)
    start = series.iloc[series.index.get_loc(day_of(study, claim["params"]["since"])) - 1]
    share = 100 * (series.iloc[at] - series.iloc[at - 1]) / (start - series.iloc[at - 1])
    return by_rule(claim["claimed"], [share])


def relative_move(study: str, claim: dict) -> str:
    moves = closes()[[claim["security"], *claim["params"]["to"]]].dropna().pct_change()
    own, other = moves.loc[day_of(study, claim["event"])]
    return "supported" if own < other else "contradicted"


BY_HAND = {f.__name__: f for f in (price_move, level, rank, record, record_holder, price_path, relative_move)}
BY_HAND["market_value"] = value


@pytest.mark.parametrize(("study", "claim"), CLAIMS, ids=[f"{s}-{c['id']}" for s, c in CLAIMS])
def test_every_verdict_comes_out_by_hand(results: dict[str, StudyResult], study: str, claim: dict) -> None:
    verdict = results[study].verdict(claim["id"])
    assert verdict.verdict == BY_HAND[claim["kind"]](study, claim) == claim["expect"]


# ------------------------------------------------------------------------------------------------------ the second axis
def test_the_fall_of_nvidia_is_left_open_as_statsmodels_has_it(results: dict[str, StudyResult]) -> None:
    import statsmodels.api as sm
    from scipy import stats

    rows = pd.read_csv(PRICES / "prices.csv", parse_dates=["date"])
    frame = rows.pivot(index="date", columns="ticker", values="adj_close")[["NVDA", "^IXIC"]].dropna().pct_change()
    at = frame.index.get_loc(pd.Timestamp("2024-09-03"))
    window = frame.iloc[at - 260 : at - 10]
    fit = sm.OLS(window["NVDA"], sm.add_constant(window[["^IXIC"]])).fit()
    new = fit.get_prediction([[1.0, frame["^IXIC"].iloc[at]]])
    ar = frame["NVDA"].iloc[at] - new.predicted_mean[0]
    t = ar / new.se_obs[0]
    axis = next(a for a in results["nvidia-2024"].verdict("more-than-the-market").abnormal if a.benchmark == "^IXIC")
    assert axis.ar == pytest.approx(ar, rel=1e-8)
    assert axis.tests["t"] == pytest.approx(2 * stats.t.sf(abs(t), fit.df_resid), rel=1e-8)
    assert axis.tests["t"] > 0.05
    assert results["nvidia-2024"].verdict("more-than-the-market").verdict == "unresolved"


def test_each_study_is_another_design(results: dict[str, StudyResult]) -> None:
    front = {name: set(found.tests().query("front")["test"]) for name, found in results.items()}
    assert "adjusted_bmp_t" in front["chip-results"]  # dates of their own
    assert "portfolio_t" in front["tariffs-2025"]  # one date, shares that move together
    assert "adjusted_bmp_t" not in front["nvidia-2024"]  # one firm
    pooled = results["chip-results"].tests().query("subject == 'all' and front and n > 40")
    assert len(pooled)
    assert results["tariffs-2025"].headline.model == "mean_adjusted"


# ----------------------------------------------------------------------------------------------------------- bundled
def test_the_bundled_studies_share_one_snapshot() -> None:
    assert bundled_names() == ["chip-results", "deepseek", "nvidia-2024", "tariffs-2025"]
    assert bundled_snapshots() == ["deepseek"]
    for name in SHARED:
        assert not list(bundled(name).glob("prices*"))
        assert sum(file.stat().st_size for file in bundled(name).iterdir()) < 40_000


def test_nothing_is_unexpected(results: dict[str, StudyResult]) -> None:
    assert not [line for found in results.values() for line in unexpected(found.verdicts)]


def test_every_claim_has_a_source_that_names_its_publisher(results: dict[str, StudyResult]) -> None:
    for found in results.values():
        sources = {source.key: source for v in found.verdicts for source in v.claim.sources}
        assert all(source.publisher != "unknown" and source.published != "unknown" for source in sources.values())


def test_announcements_after_the_close_are_one_note(results: dict[str, StudyResult]) -> None:
    said = [line for line in notes(results["chip-results"]) if "day zero is" in line]
    assert len(said) == 1
    assert said[0].startswith("note: 47 announcements")


def test_the_lede_sets_claims_about_the_day_alone_beside_its_move(results: dict[str, StudyResult]) -> None:
    said = " ".join(lede(results["nvidia-2024"]))
    assert said.startswith("On 3 September 2024 Nvidia fell 9.5 per cent; the Nasdaq fell 3.3 per cent. Nvidia lost ")
    assert "124" not in said  # a claim about the year so far
    said = " ".join(lede(results["tariffs-2025"]))
    assert "the S&P 500 fell 4.8 per cent, the Nasdaq 6.0" in said
    assert "and the S&P 500 in equal parts fell further than ordinary days explain" in said


def test_the_gallery_has_a_picture_of_every_bundled_study() -> None:
    page = (DATA.parent / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert all(f"(gallery-{name}.png)" in page for name in bundled_names())
    assert all((DATA.parent / "docs" / f"gallery-{name}.png").stat().st_size < 200_000 for name in bundled_names())


def test_an_article_without_a_known_title_is_listed_by_its_publisher(results: dict[str, StudyResult]) -> None:
    assert "<b>baystreet</b> Baystreet" in re.sub(r"\s+", " ", results["nvidia-2024"].to_html())


@pytest.mark.parametrize(("width", "screens"), [(1440, 1000), (390, 2000)])
def test_the_first_screens_answer_which_claims_were_wrong_by_how_much_and_whether_it_was_the_market(
    results: dict[str, StudyResult],
    deepseek_result: StudyResult,
    chrome: Chrome,
    tmp_path: Path,
    width: int,
    screens: int,
) -> None:
    """With nothing opened: each wrong claim and what was found, and for whom it was more than the market, on screen."""
    import browser

    for name, result in {**results, "deepseek": deepseek_result}.items():
        path = tmp_path / f"{name}.html"
        result.to_html(path)
        browser.resize(chrome, width)
        chrome.get(path.as_uri())
        lines = chrome.execute_script(
            "return [...document.querySelectorAll('#answer .rulings li, #answer .answer .sentence')].map((line) =>"
            " [line.innerText, line.getBoundingClientRect().bottom + scrollY])"
        )
        assert max(bottom for _, bottom in lines) <= screens, name
        said = " ".join(" ".join(text.split()) for text, _ in lines)
        wrong = [v for v in result.verdicts if v.verdict in ("contradicted", "imprecise") and v.rated]
        assert wrong, name
        for verdict in wrong:
            assert curly(verdict.claim.says) in said, name
        assert all(re.search(r"\d", text) for text, _ in lines[-len(wrong) :]), name  # by how much
        assert re.search(r"further than .* explain|no further than|depends on what the market", said), name
