"""Where the numbers come from, what was found in them, what is missing, what is beyond them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from eventstudy.errors import joined
from eventstudy.figures.words import spoken
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables, wording
from eventstudy.report.blocks import Block, Bullets, Content, Fold, Listing, Prose
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.section import Section


def data(result: StudyResult) -> Content:
    """Sources and hashes, issues, what is missing, the effective settings."""
    origin = "files" if result.files else "prices"
    blocks: tuple[Block, ...] = (
        Prose((f"Every number on this page comes from the {origin} below, by the formulas in the section “Method”.",)),
        Bullets(tuple(_sources(result))),
        *_issues(result),
        Prose(("A blank is a blank: nothing is filled in, carried forward or set to zero.",)),
        *(
            (Fold("files-fold", "Input files and their hashes", (Listing(files_table(result)),)),)
            if result.files
            else ()
        ),
        Fold("coverage-fold", "Coverage of every series", (Listing(coverage_table(result)),)),
        Fold("settings-fold", "The settings in force", (Listing(settings_table(result)),)),
    )
    return Content("The data", blocks)


def _sources(result: StudyResult) -> Iterator[tuple[str, str]]:
    prices = result.prices.provenance
    retrieved = f", retrieved {_day(prices.retrieved)}" if prices.retrieved else ""
    licence = f". {prices.licence}" if prices.licence else ""
    yield "Prices:", f"{wording.prices(prices.source)} (provider “{prices.provider}”{retrieved}){licence}"
    for table, source in result.reference.sources.items():
        yield f"{_REFERENCE.get(table, table)}:", source


def _day(moment: str) -> str:
    """The day of an ISO moment in words, what is not one as it is."""
    try:
        return tables.date(dt.date.fromisoformat(moment[:10]))
    except ValueError:
        return moment


_REFERENCE: Mapping[str, str] = {
    "index_history": "Index history",
    "megacaps": "Very large companies",
    "shares": "Share counts",
    "splits": "Share splits",
    "factors": "Factor returns",
    "index_values": "Values of indices",
    "gdp": "Gross domestic products",
}


def files_table(result: StudyResult) -> Table:
    """The input files and their sha256."""
    columns = (Column("file", "File"), Column("sha256", "sha256"))
    return Table("files", "Input files", columns, tuple(result.files.items()))


def _issues(result: StudyResult) -> Iterator[Block]:
    if not result.issues:
        yield Prose(("The quality checks found nothing to report.",))
        return
    table = issues_table(result)
    kinds: dict[str, int] = {}
    for issue in result.issues:
        kinds[issue.severity] = kinds.get(issue.severity, 0) + 1
    said = joined([f"{n} {wording.SEVERITIES[word][n != 1]}" for word, n in kinds.items()])
    yield Prose((f"The checks recorded {said}, listed here.",))
    yield Fold("issues", "What the checks found", (Listing(table),))


def issues_table(result: StudyResult) -> Table:
    """One row a finding, the gravest first."""
    columns = (
        Column("severity", "Severity"),
        Column("finding", "Finding"),
        Column("ticker", "Series"),
        Column("date", "Date"),
        Column("detail", "In words"),
        Column("code", "Code"),
    )
    order: Mapping[str, int] = {"fatal": 0, "warning": 1, "info": 2}
    found = sorted(result.issues, key=lambda issue: order[issue.severity])
    rows = tuple(
        (i.severity, spoken(i.code), i.ticker, i.date, wording.plain(i.detail, result.cards), i.code) for i in found
    )
    return Table("issues-table", "Findings of the data and design checks", columns, rows)


def coverage_table(result: StudyResult) -> Table:
    """One row a series: first and last day, and how many closes, adjusted closes and volumes there are."""
    columns = (
        Column("ticker", "Series"),
        Column("exchange", "Sessions of", note="XNYS: the sessions of New York, for NYSE and Nasdaq alike"),
        Column("currency", "Currency"),
        Column("first", "First day"),
        Column("last", "Last day"),
        Column("close", "Closes", "count"),
        Column("adj_close", "Adjusted closes", "count"),
        Column("volume", "Volumes", "count"),
    )
    return Table("coverage", "Coverage", columns, tuple(_coverage(result)))


def _coverage(result: StudyResult) -> Iterator[tuple[Cell, ...]]:
    prices = result.prices
    tickers = list(prices.tickers)
    known = [frame[tickers].notna().to_numpy() for frame in (prices.close, prices.adj_close, prices.volume)]
    counts = zip(*(there.sum(axis=0).tolist() for there in known), strict=True)
    days = prices.close.index
    for ticker, there, count in zip(tickers, (known[0] | known[1]).T, counts, strict=True):
        at = there.nonzero()[0]
        first, last = (days[at[0]].date(), days[at[-1]].date()) if len(at) else (None, None)
        yield ticker, prices.exchange.get(ticker, ""), prices.currency.get(ticker, ""), first, last, *count


def settings_table(result: StudyResult) -> Table:
    """Every setting, as it was in force."""
    settings = result.settings
    shown = [name for name in settings.__dataclass_fields__ if name not in ("events", "tickers", "pools", "pool")]
    rows = [(name, _plain(getattr(settings, name))) for name in shown]
    events: dict[tuple[str, str], list[str]] = {}
    for event in settings.events:
        events.setdefault((event.id, event.announced.isoformat()), []).append(event.ticker)
    rows += [(f"event {name}", f"{when}: {' '.join(tickers)}") for (name, when), tickers in events.items()]
    return Table("settings", "Settings", (Column("setting", "Setting"), Column("value", "Value")), tuple(rows))


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_plain(entry)}" for key, entry in value.items())
    if isinstance(value, tuple):
        return " ".join(str(entry) for entry in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def beyond(result: StudyResult) -> Content:
    """What the articles say that prices cannot decide, and what would decide it; nothing without claims."""
    if not result.beyond:
        said = "The claims file names nothing that prices cannot decide."
        blocks: tuple[Block, ...] = (Prose((said,)),) if result.verdicts else ()
    else:
        heads = ("topic", "Statement about"), ("reason", "Why prices cannot decide it"), ("needed", "What would")
        columns = tuple(Column(key, label) for key, label in (*heads, ("sources", "Said in")))
        rows = tuple((b.topic, b.reason, b.needed, " ".join(b.sources)) for b in result.beyond)
        lead = "The articles also say things no price can settle; silence about them would be taken for assent."
        blocks = (Prose((lead,)), Listing(Table("beyond-table", "Beyond prices", columns, rows)))
    return Content("What prices cannot decide", blocks)


DATA = Section(name="data", title="Data", audience="referees", make=data)


BEYOND = Section(name="beyond", title="Beyond prices", audience="everybody", make=beyond)
