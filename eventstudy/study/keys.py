"""Every key of study.yaml: what it is, an example and its default. ``docs/study-file.md`` is made from this file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

SCHEMA_VERSION = 1
Text = Annotated[str, Field(min_length=1)]
Span = tuple[StrictInt, StrictInt]
EventSpan = Span | tuple[Text, Text]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class EventEntry(_Strict):
    """One announcement: a date for all tickers, or a mapping ticker -> date; by default it concerns every ticker."""

    id: Text = Field(description="name of the announcement, by which claims and results call it", examples=["selloff"])
    announced: Text | dict[str, Text] = Field(
        description="day or moment it became known, for all tickers or ticker by ticker; a moment needs its time zone",
        examples=["2025-01-27"],
    )
    label: Text | None = Field(
        default=None, description="how the report calls it", examples=["The sell-off, Monday 27 January 2025"]
    )
    tickers: list[Text] | None = Field(
        default=None, description="tickers and groups that it concerns; all where it is left out", examples=[["chips"]]
    )
    group: Text | None = Field(default=None, description="group of events it is pooled with", examples=["first round"])
    benchmark: Text | None = Field(
        default=None,
        description="series that these events are compared with, in the place of the study's",
        examples=["^GSPC"],
    )
    estimation: EventSpan | None = Field(
        default=None, description="estimation window of these events: sessions, or two dates", examples=[[-130, -11]]
    )
    event: EventSpan | None = Field(
        default=None, description="event window of these events: sessions, or two dates", examples=[[-5, 5]]
    )


class EventsFile(_Strict):
    """A table of events in a file of the study's folder, a row an event, and how it is written."""

    file: Text = Field(
        description="CSV, Excel or Parquet file with the columns ticker and date, a row an event",
        examples=["events.csv"],
    )
    dayfirst: bool | None = Field(
        default=None,
        description="whether 03/04/2025 is 3 April; asked for where the column does not settle it",
        examples=[True],
    )
    date_format: Text | None = Field(
        default=None, description="how the dates are written, by the letters of strftime", examples=["%d.%m.%y"]
    )
    columns: dict[Literal["ticker", "date", "id", "group", "benchmark", "estimation", "event"], Text] = Field(
        default={}, description="names of the columns", examples=[{"ticker": "Company", "date": "Day"}]
    )
    encoding: Text | None = Field(default=None, description="encoding of a text file", examples=["cp1252"])


class Headline(_Strict):
    """Which event and group the report leads with."""

    event: Text = Field(description="id of the event that the report leads with", examples=["selloff"])
    group: Text | None = Field(
        default=None, description="name of the group that the report leads with", examples=["core"]
    )


class Compare(_Strict):
    """Benchmarks and models whose answers stand beside the headline."""

    benchmarks: list[Text] = Field(
        default=[], description="series whose answers stand beside the headline", examples=[["^GSPC"]]
    )
    models: list[Text] = Field(
        default=[], description="models whose answers stand beside the headline", examples=[["market_adjusted"]]
    )


class Prices(_Strict):
    """A file of prices and how it is written; what is not stated is found from the file."""

    file: Text = Field(
        description="CSV, Excel or Parquet file, or a folder with a file a ticker", examples=["prices.csv"]
    )
    sep: Text | None = Field(default=None, description="what stands between cells", examples=[";"])
    decimal: Literal[".", ","] | None = Field(default=None, description="decimal point or comma", examples=[","])
    encoding: Text | None = Field(default=None, description="encoding of a text file", examples=["cp1252"])
    sheet: Text | None = Field(default=None, description="sheet of an Excel file", examples=["Prices"])
    date: Text | None = Field(default=None, description="name of the column of dates", examples=["Datum"])
    ticker: Text | None = Field(
        default=None, description="name of the column of tickers of a long table", examples=["Symbol"]
    )
    columns: dict[Literal["close", "adj_close", "volume", "open", "high", "low"], Text] = Field(
        default={}, description="names of the columns of values", examples=[{"close": "Schluss"}]
    )
    dayfirst: bool | None = Field(default=None, description="whether 03/04/2025 is 3 April", examples=[True])
    date_format: Text | None = Field(
        default=None, description="how the dates are written, by the letters of strftime", examples=["%d.%m.%y"]
    )


class ReturnsGiven(Prices):
    """A file of returns, in the place of prices."""

    columns: dict[Literal["return"], Text] = Field(
        default={}, description="name of the column of returns of a long table", examples=[{"return": "RET"}]
    )  # type: ignore[assignment]
    percent: bool | None = Field(default=None, description="whether 1.5 is 1.5 per cent", examples=[True])
    kind: Literal["simple", "log"] = Field(
        default="simple", description="simple or logarithmic returns", examples=["log"]
    )


class Shares(_Strict):
    """A share count, the day it is of, and where it is from."""

    shares: StrictInt | float = Field(description="number of shares outstanding", examples=[243500000])
    as_of: Text | None = Field(default=None, description="day that the count is of", examples=["2024-06-30"])
    source: Text | None = Field(default=None, description="where the count is published", examples=["10-Q"])


class ConfounderEntry(_Strict):
    """News other than the study's own, which may have moved the same securities."""

    date: Text = Field(description="day on which it became known", examples=["2025-03-26"])
    what: Text = Field(description="the news in a few words", examples=["tariffs on cars are announced"])
    source: Text = Field(description="who says so", examples=["Federal Register, 90 FR 14705"])
    tickers: list[Text] = Field(
        default=[], description="securities that it bears on; all where it is left out", examples=[["AMD"]]
    )


class AcceptEntry(_Strict):
    """A finding of the price checks that is known to be real."""

    check: Text = Field(description="name of the check, or of its finding", examples=["split_jump"])
    ticker: Text | None = Field(default=None, description="series that the finding is about", examples=["RRC"])
    date: Text | None = Field(
        default=None,
        description="day of the finding; it can be left out where there is one only",
        examples=["1990-05-01"],
    )
    why: Text | None = Field(default=None, description="how it is known, for the report", examples=["annual report"])


class GridFile(_Strict):
    """The further specifications of the grid, in the place of the usual ones."""

    benchmarks: list[Text] | None = Field(
        default=None,
        description="series compared with; ^GSPC, RSP, QQQE, ^SOX and ^NDX, those that there are, where it is left out",
        examples=[["^GSPC", "RSP"]],
    )
    models: list[Text] | None = Field(
        default=None,
        description="models of normal returns; market, market_adjusted, mean_adjusted, ff3, ff5_mom, robust, dimson: "
        "those that apply, where it is left out",
        examples=[["market", "ff3"]],
    )
    estimation: list[StrictInt] | None = Field(
        default=None,
        description="lengths of the estimation window in sessions; 120, 250 and 480 where it is left out",
        examples=[[120, 250]],
    )
    gaps: list[StrictInt] | None = Field(
        default=None,
        description="sessions from the last day of the estimation window to day zero; 11 and 31 where it is left out",
        examples=[[11, 31]],
    )


class StudyFile(_Strict):
    """Every key that study.yaml may have, with its default."""

    schema_version: StrictInt = Field(description="version of this file's keys", examples=[1])
    id: Text = Field(description="plain name of the study: its reports go to reports/ID", examples=["my-study"])
    title: Text = Field(
        default="Event study", description="heading of the report", examples=["The sell-off of 27 January 2025"]
    )
    prices: Text | Prices = Field(
        default="snapshot",
        description="snapshot, a bundled study, or a file in this folder, perhaps with how it is written",
        examples=["prices.csv"],
    )
    events: EventsFile | Annotated[list[EventEntry], Field(min_length=1)] = Field(
        description="the announcements, or a file of events", examples=[[{"id": "news", "announced": "2025-01-27"}]]
    )
    groups: dict[str, Annotated[list[Text], Field(min_length=1)]] = Field(
        default={}, description="securities that are tested together, by name", examples=[{"chips": ["NVDA", "AMD"]}]
    )
    tickers: list[Text] = Field(
        default=[], description="securities that are estimated, in no group of their own", examples=[["TSLA"]]
    )
    headline: Headline | None = Field(
        default=None,
        description="event and group that the report leads with; the first of each where it is left out",
        examples=[{"event": "news", "group": "chips"}],
    )
    benchmarks: dict[str, Text] = Field(
        default={},
        description="series compared with: default, and by exchange (market identifier code)",
        examples=[{"default": "^IXIC", "XTKS": "^N225"}],
    )
    compare: Compare = Field(
        default=Compare(),
        description="benchmarks and models whose answers stand beside the headline",
        examples=[{"benchmarks": ["^GSPC"], "models": ["market_adjusted"]}],
    )
    members: dict[str, list[Text]] = Field(
        default={},
        description="securities that are part of a benchmark, which pulls their abnormal return towards zero",
        examples=[{"^IXIC": ["NVDA"]}],
    )
    weights: dict[str, dict[str, StrictInt | float]] = Field(
        default={}, description="weights of members in a benchmark", examples=[{"^IXIC": {"NVDA": 0.12}}]
    )
    peers: dict[str, list[Text]] = Field(
        default={},
        description="for the model peer: ticker or group to those compared with",
        examples=[{"NVDA": ["AMD"]}],
    )
    donors: dict[str, list[Text]] = Field(
        default={},
        description="for the model synthetic_control: ticker or group to those it is made of",
        examples=[{"NVDA": ["TXN", "ADI"]}],
    )
    accept: list[AcceptEntry] = Field(
        default=[],
        description="findings of the price checks that are known to be real; they stay in the report as accepted",
        examples=[[{"check": "split_jump", "ticker": "RRC", "date": "1990-05-01"}]],
    )
    contaminated: list[Text] = Field(
        default=[], description="further days that no placebo may touch", examples=[["2025-01-21"]]
    )
    confounders: list[ConfounderEntry] = Field(
        default=[],
        description="other news of those days; listed beside claims whose windows take it in",
        examples=[[{"date": "2025-03-26", "what": "tariffs on cars", "source": "90 FR 14705"}]],
    )
    volume: Literal["market", "mean", "none"] = Field(
        default="market", description="model of abnormal trading volume, or none", examples=["mean"]
    )
    exchanges: dict[str, Text] = Field(
        default={}, description="exchange of a ticker where its suffix does not say it", examples=[{"BTC-USD": "24/7"}]
    )
    calendar: Literal["exchange", "own"] = Field(
        default="exchange",
        description="whose sessions count: the exchange's, or own, the dates of the prices",
        examples=["own"],
    )
    closures: dict[Text, list[Text]] = Field(
        default={},
        description="days on which an exchange was closed though its published calendar has a session",
        examples=[{"XTAI": ["2024-10-31"]}],
    )
    sessions: dict[Text, list[Text]] = Field(
        default={},
        description="days on which an exchange was open though its published calendar has none",
        examples=[{"XBOM": ["2024-01-20"]}],
    )
    shares: dict[str, StrictInt | float | Shares] = Field(
        default={},
        description="share counts by ticker, perhaps with their day and source",
        examples=[{"CRWD": 243500000}],
    )
    model: Text = Field(default="market", description="model of normal returns", examples=["ff3"])
    returns: Text | ReturnsGiven = Field(
        default="simple", description="simple or log; or a file of returns in the place of prices", examples=["log"]
    )
    factors: Text | list[Text] | None = Field(
        default=None,
        description="file of factor returns, or several: decimals, or as French's data library publishes them",
        examples=[["F-F_Research_Data_5_Factors_2x3_daily.csv", "F-F_Momentum_Factor_daily.csv"]],
    )
    basis: Literal["adj_close", "close"] = Field(
        default="adj_close", description="adjusted closes or closes, for returns in models", examples=["close"]
    )
    estimation: Span = Field(
        default=(-260, -11),
        description="estimation window: first and last session relative to day zero",
        examples=[[-260, -11]],
    )
    event: Span = Field(default=(-10, 10), description="event window", examples=[[-10, 10]])
    windows: Annotated[list[Span], Field(min_length=1)] = Field(
        default=[(0, 0), (-1, 1), (0, 1), (0, 5), (-10, 10)],
        description="windows over which abnormal returns are cumulated and tested, within the event window",
        examples=[[[0, 0], [-1, 1]]],
    )
    min_obs: StrictInt | None = Field(
        default=None,
        description="fewest estimation returns; left out: seven tenths of the window, and 60 if it has as many",
        examples=[100],
    )
    policy: Literal["next", "previous", "drop", "error"] = Field(
        default="next",
        description="day zero of an announcement on a closed day: the next session, the previous, drop or error",
        examples=["previous"],
    )
    alpha: float = Field(default=0.05, description="level of the tests and intervals", examples=[0.01])
    allow_missing: bool = Field(
        default=False, description="whether a window with missing days is measured by those there are", examples=[True]
    )
    tests: list[Text] = Field(
        default=[], description="tests shown; those that fit the design where it is left out", examples=[["bmp_t"]]
    )
    sensitivity: Literal["off"] | GridFile = Field(
        default=GridFile(),
        description="the further specifications of the grid; off leaves the grid out of a run",
        examples=["off"],
    )
    claims: Text | None = Field(
        default=None, description="claims file in this folder; claims.yaml is found by itself", examples=["claims.yaml"]
    )
