"""How results leave: the same files of an `EventRun` and a `StudyResult`, and their columns in words.

The functions become methods of both, ``to_csv = leaving.to_csv``; what they need is imported when they are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from eventstudy.arguments import written_as

if TYPE_CHECKING:
    from eventstudy.objects.estimation import FloatArray, Window


class Leaves(Protocol):
    """What a result has to offer for its files to be written."""

    def frame(self) -> pd.DataFrame:
        """One row per event."""
        ...

    def cars(self) -> pd.DataFrame:
        """One row per event and window."""
        ...

    def caar(self) -> pd.DataFrame:
        """One row per group and window."""
        ...

    def tests(self) -> pd.DataFrame:
        """One row per test."""
        ...

    def sheets(self) -> Mapping[str, pd.DataFrame]:
        """The frames of the workbook by the names of its sheets."""
        ...


#: columns of the frames that leave: name -> unit ("" has none) and meaning; `car[-1,+1]` is under ``car``
COLUMNS: Mapping[str, tuple[str, str]] = {
    "id": ("", "the event's own id, else its key or the label of its row"),
    "event": ("", "the announcement"),
    "exchange": ("", "market identifier code whose sessions count the relative days"),
    "benchmark": ("", "the series compared with"),
    "model": ("", "model of normal returns"),
    "ticker": ("", "the security"),
    "security": ("", "the security, as given"),
    "key": ("", "key of the event, None for a group"),
    "group": ("", "group of the event"),
    "subject": ("", "what was tested or averaged: a group, all events, or the key of one event"),
    "day_zero": ("date", "the session that the event counts on"),
    "date": ("date", "day of the announcement as given, or calendar day of a session"),
    "window": ("sessions", "first and last day summed, relative to day zero"),
    "tau": ("sessions", "session relative to day zero"),
    "car": ("decimal", "cumulative abnormal return over the window"),
    "scar": ("", "car / se, t(nu)"),
    "bhar": ("decimal", "buy-and-hold abnormal return over the window, missing for log returns"),
    "caar": ("decimal", "mean CAR of the events that have one"),
    "se": ("decimal", "standard error"),
    "low": ("decimal", "lower end of the interval"),
    "high": ("decimal", "upper end of the interval"),
    "level": ("", "share of samples whose interval holds the mean"),
    "by": ("", "the test whose standard error it is"),
    "t": ("", "car / se"),
    "p": ("", "p-value, two-sided unless the null says otherwise"),
    "p_holm": ("", "adjusted by Holm over the event's securities"),
    "p_bh": ("", "adjusted by Benjamini and Hochberg over the same family"),
    "nobs": ("returns", "estimation returns used"),
    "nu": ("", "degrees of freedom of sigma"),
    "n": ("events", "events in the mean or test"),
    "const": ("decimal", "alpha, a session"),
    "alpha": ("decimal", "constant of the model, a session"),
    "beta": ("", "slope on the benchmark"),
    "sigma": ("decimal", "standard deviation of a session's error"),
    "r_squared": ("", "share of the variance explained in the estimation window"),
    "ret": ("decimal", "return"),
    "expected": ("decimal", "normal return by the model"),
    "ar": ("decimal", "abnormal return, ret - expected"),
    "sar": ("", "ar / se, t(nu)"),
    "test": ("", "name in the registry of tests"),
    "statistic": ("", "value of the statistic"),
    "distribution": ("", "its reference distribution"),
    "df": ("", "degrees of freedom"),
    "front": ("", "whether the test fits the design"),
    "applies": ("", "whether the test could be computed and means something here"),
    "assumptions": ("", "what the test needs"),
    "headline": ("", "the study's own benchmark and model, not a comparison"),
    "null": ("", "null hypothesis"),
    "reason": ("", "why there is no number, empty where there is one"),
    "warning": ("", "what the design does to the test"),
    "skipped": ("", "why the event has no CAR over some window, empty where nothing is missing"),
}


def header(column: str) -> str:
    """The name of a column with its unit.

    Examples
    --------
    >>> header("car[-1,+1]"), header("p"), header("size")
    ('car[-1,+1] (decimal)', 'p', 'size')
    """
    unit = COLUMNS.get(column.partition("[")[0], ("", ""))[0]
    return f"{column} ({unit})" if unit else column


def described(sheets: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The columns of the sheets in words, one row each: ``sheet``, ``column``, ``unit``, ``meaning``."""
    rows = [
        (name, str(column), *COLUMNS.get(str(column).partition("[")[0], ("", "")))
        for name, frame in sheets.items()
        for column in frame.columns
    ]
    return pd.DataFrame(rows, columns=["sheet", "column", "unit", "meaning"])


def to_csv(self: Leaves, path: str | Path) -> Path:
    """Write `frame`, one row per event, as CSV, whole or not at all; returns the path. No cell is a live formula."""
    from eventstudy.files.writing import write_csv

    return write_csv(written_as(path, "cars.csv"), self.frame())


def to_parquet(self: Leaves, path: str | Path) -> Path:
    """Write `frame` as Parquet (extra ``parquet``), whole or not at all; returns the path."""
    from eventstudy.files.writing import write_by

    return write_by(written_as(path, "cars.parquet"), lambda file: self.frame().to_parquet(file, index=False))


def to_excel(self: Leaves, path: str | Path) -> Path:
    """Write a workbook (extra ``excel``) of `sheets`, with their columns in words on the last; returns the path."""
    from eventstudy.files.workbook import write_workbook

    sheets = self.sheets()
    return write_workbook(written_as(path, "cars.xlsx"), {**sheets, "columns": described(sheets)}, header)


def to_latex(self: Leaves, path: str | Path | None = None, document: bool = False) -> str | Path:
    """Verdicts, mean CARs, tests and CARs as LaTeX tables with the rules of booktabs, written to `path` if given.

    Parameters
    ----------
    document : a whole document that pdflatex sets, instead of tables to be put into one.
    """
    from eventstudy.arguments import flag
    from eventstudy.files.writing import write_text
    from eventstudy.report.printed import latex, tables_of, title_of

    flag("document", document)
    text = latex(tables_of(self), title_of(self) if document else None)
    return text if path is None else write_text(written_as(path, "tables.tex"), text)


def to_markdown(self: Leaves, path: str | Path | None = None) -> str | Path:
    """The tables of `to_latex` as Markdown under a heading, written to `path` if given."""
    from eventstudy.files.writing import write_text
    from eventstudy.report.printed import markdown, tables_of, title_of

    text = markdown(tables_of(self), title_of(self))
    return text if path is None else write_text(written_as(path, "tables.md"), text)


# --------------------------------------------------------------------------------------------------------- regressions
class Regressed(Protocol):
    """What a regression has to offer for its table to be printed."""

    @property
    def window(self) -> Window:
        """The days over which the CARs are summed."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Of the coefficients, the constant first."""
        ...

    @property
    def coefficients(self) -> FloatArray:
        """(k,) of the characteristics."""
        ...

    @property
    def se(self) -> FloatArray:
        """(k,) their standard errors."""
        ...

    @property
    def p(self) -> FloatArray:
        """(k,) two-sided p-values."""
        ...

    @property
    def n(self) -> int:
        """Events."""
        ...

    @property
    def r_squared(self) -> float:
        """Share of the variance explained."""
        ...

    @property
    def covariance(self) -> str:
        """How the covariance of the estimates was found."""
        ...


def coefficients_to_latex(
    self: Regressed, path: str | Path | None = None, beside: Sequence[Regressed] = (), stars: bool = False
) -> str | Path:
    """The coefficients as a journal prints them, standard errors in parentheses below; written to `path` if given.

    Parameters
    ----------
    beside : further regressions, a column each.
    stars : marks p-values under 10, 5 and 1 %, which a note explains; none by default.
    """
    from eventstudy.files.writing import write_text
    from eventstudy.report.printed import coefficients, latex

    text = latex((coefficients((self, *beside), stars),))
    return text if path is None else write_text(written_as(path, "table.tex"), text)


def coefficients_to_markdown(
    self: Regressed, path: str | Path | None = None, beside: Sequence[Regressed] = (), stars: bool = False
) -> str | Path:
    """As `coefficients_to_latex`, as a Markdown table."""
    from eventstudy.files.writing import write_text
    from eventstudy.report.printed import coefficients, markdown

    text = markdown((coefficients((self, *beside), stars),))
    return text if path is None else write_text(written_as(path, "table.md"), text)
