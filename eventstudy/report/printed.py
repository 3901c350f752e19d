"""Tables as LaTeX and Markdown: the verdicts, mean CARs as a journal prints them, tests, CARs, and regressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.objects.leaving import Leaves, Regressed
from eventstudy.objects.results import StudyResult
from eventstudy.report import tables, wording
from eventstudy.report.frames import Cell, Column, Table
from eventstudy.report.markup import latex, markdown
from eventstudy.report.signs import with_signs
from eventstudy.report.summary import MEANS, cut, mean_rows, measured, minus, said_by

if TYPE_CHECKING:
    from eventstudy.objects.verdicts import Verdict

__all__ = ["coefficients", "latex", "markdown", "tables_of", "title_of"]

SIDE_BY_SIDE = 5
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))
ERRORS = {
    "shared_date_scaled": "by the shared date, scaled to the window's variance",
    "shared_date": "by the shared date",
    "hc3": "HC3",
    "cluster_date": "clustered by date",
    "cluster_firm": "clustered by firm",
    "classical": "classical",
}


def title_of(result: Leaves) -> str:
    """What a page of the tables is called."""
    return result.settings.title if isinstance(result, StudyResult) else "Event study"


def tables_of(result: Leaves) -> tuple[Table, ...]:
    """The tables that are printed of a result, without empty ones."""
    found = (verdicts(result.verdicts),) if isinstance(result, StudyResult) and result.verdicts else ()
    made = (*found, means(result.caar()), tests(result), cars(result.cars()))
    return tuple(table for table in made if table.rows)


def verdicts(of: Sequence[Verdict]) -> Table:
    """One row a claim: what it says, what is claimed and measured, the verdict and where it was said."""
    columns = (
        *(Column("says", "Claim"), Column("claimed", "Claimed"), Column("measured", "Measured", "number")),
        *(Column("verdict", "Verdict"), Column("sources", "Said in")),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            wording.curly(v.claim.says),
            tables.interval(v.claimed) if v.claimed is not None else None,
            measured(v),
            wording.label(v),
            " ".join(source.key for source in v.claim.sources),
        )
        for v in map(with_signs, of)
    ]
    return Table("verdicts", "Claims and verdicts", columns, tuple(rows))


def means(caar: pd.DataFrame) -> Table:
    """Mean CARs, one column per group where there are few: the mean, its standard error below, the events."""
    several = "event" in caar and caar["event"].nunique() > 1
    who = caar["subject"].astype(str) if not several else caar["subject"].astype(str) + ", " + caar["event"].astype(str)
    groups = list(dict.fromkeys(who))
    if len(groups) > SIDE_BY_SIDE:
        return mean_rows(caar)
    columns = (Column("window", "Window"), *(Column(name, name, "number") for name in groups))
    rows: list[tuple[Cell, ...]] = []
    for window in dict.fromkeys(caar["window"]):
        own = {name: caar[(who == name) & (caar["window"] == window)] for name in groups}
        firsts = [part.iloc[0] if len(part) else None for part in own.values()]
        mean = [None if r is None else tables.number(r["caar"], "decimal", signed=True) for r in firsts]
        error = [None if r is None else f"({tables.number(r['se'], 'decimal')})" for r in firsts]
        rows += [(minus(window), *mean), (None, *error), ("N", *(None if r is None else int(r["n"]) for r in firsts))]
    note = f"Standard errors in parentheses: {said_by(caar)}. N is the number of events."
    return Table("caar", MEANS, columns, tuple(rows), note)


def tests(result: Leaves) -> Table:
    """The tests of groups: those that fit the design where that is known, against the study's own benchmarks."""
    frame = result.tests()
    caption = "Tests"
    if isinstance(result, StudyResult):
        own = {(e.event, e.benchmark, e.model) for e in result.events if e.headline}
        kept = [key in own for key in zip(frame["event"], frame["benchmark"], frame["model"], strict=True)]
        frame = frame[pd.Series(kept, index=frame.index) & frame["front"] & frame["key"].isna() & frame["applies"]]
        caption = "Tests that fit the design"
    else:
        frame = frame[frame["reason"].isna()]
    several = ["event"] if "event" in frame and frame["event"].nunique() > 1 else []
    shown = frame[[*several, "subject", "window", "test", "statistic", "distribution", "p", "n"]]
    shown = shown.assign(window=shown["window"].map(minus))
    return cut(shown, "tests", caption)


def cars(frame: pd.DataFrame) -> Table:
    """CARs, one row per event and window."""
    several = ["event"] if "event" in frame and frame["event"].nunique() > 1 else []
    names = ["id", *several, *(["ticker"] if (frame["id"] != frame["ticker"]).any() else []), "day_zero", "window"]
    shown = frame[[*names, "car", "se", "t", "p", "nobs"]].assign(window=frame["window"].map(minus))
    return cut(shown, "cars", "Cumulative abnormal returns (CAR)")


def _span(window: Sequence[int]) -> str:
    return tables.window((int(window[0]), int(window[1])))


# --------------------------------------------------------------------------------------------------------- regressions
def coefficients(models: Sequence[Regressed], stars: bool = False) -> Table:
    """Coefficients with standard errors below, one column per regression, then N, R² and the errors' kind.

    Examples
    --------
    >>> from eventstudy.example import example_run
    >>> table = coefficients((example_run().regress(["size"]),))
    >>> [row[0] for row in table.rows]
    ['const', None, 'size', None, 'Events', 'R²', 'Standard errors']
    """
    names = list(dict.fromkeys(name for model in models for name in model.names))
    columns = (
        Column("name", ""),
        *(
            Column(f"m{i}", f"({i}) CAR{_span((m.window.start, m.window.end))}", "number")
            for i, m in enumerate(models, 1)
        ),
    )
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        pairs = [_pair(model, name, stars) for model in models]
        rows += [(name, *(first for first, _ in pairs)), (None, *(second for _, second in pairs))]
    rows.append(("Events", *(f"{model.n:,}" for model in models)))
    rows.append(("R²", *(tables.number(model.r_squared, "coefficient") for model in models)))
    rows.append(("Standard errors", *(ERRORS.get(model.covariance, model.covariance) for model in models)))
    note = "Dependent variable: cumulative abnormal returns, decimals. Standard errors in parentheses."
    if stars:
        note += " * p < 0.10, ** p < 0.05, *** p < 0.01, two-sided."
    return Table("regressions", "Regressions of cumulative abnormal returns", columns, tuple(rows), note)


def _pair(model: Regressed, name: str, stars: bool) -> tuple[str | None, str | None]:
    """A coefficient and its standard error to the same number of decimals."""
    if name not in model.names:
        return None, None
    i = model.names.index(name)
    value, error = tables.with_error(float(model.coefficients[i]), float(model.se[i]))
    mark = next((mark for level, mark in STARS if float(model.p[i]) < level), "") if stars else ""
    return value + mark, f"({error})"
