"""Tables that leave the package: workbooks of Excel and LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.writing import harmless_frame, write_by, write_text

_MOST = 1_048_576  # rows of a sheet


def write_workbook(path: str | Path, sheets: Mapping[str, pd.DataFrame]) -> Path:
    """Write a workbook with a sheet for each frame, whole or not at all; returns the path.

    Raises
    ------
    SpecError : more rows than a sheet holds, a path that cannot be written to, or openpyxl is not installed.
    """
    most = max(len(frame) for frame in sheets.values())
    if most >= _MOST:
        raise SpecError(f"a sheet of Excel holds {_MOST:,} rows, these are {most:,}; write them with to_parquet")
    return write_by(path, lambda file: _fill(file, sheets))


def _fill(file: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    try:
        with pd.ExcelWriter(file, engine="openpyxl") as book:
            for name, frame in sheets.items():
                harmless_frame(frame).to_excel(book, sheet_name=name, index=False)
    except ModuleNotFoundError:
        raise SpecError("workbooks are written by openpyxl: pip install 'eventstudy-claims[excel]'") from None


def latex_tables(frames: Iterable[pd.DataFrame], path: str | Path | None) -> str | Path:
    """The frames that have rows as LaTeX tables; written to `path` if given, which is returned."""
    text = "\n".join(latex_table(frame) for frame in frames if len(frame))
    return text if path is None else write_text(path, text)


def latex_table(frame: pd.DataFrame) -> str:
    """A frame as a LaTeX table with the rules of booktabs.

    Examples
    --------
    >>> print(latex_table(pd.DataFrame({"test": ["bmp_t"], "p": [0.25]})))
    \\begin{tabular}{lr}
    \\toprule
    test & p \\\\
    \\midrule
    bmp\\_t & 0.2500 \\\\
    \\bottomrule
    \\end{tabular}
    """
    kinds = "".join("r" if pd.api.types.is_numeric_dtype(dtype) else "l" for dtype in frame.dtypes)
    head = " & ".join(_latex(name) for name in frame.columns)
    rows = [" & ".join(_latex(value) for value in row) for row in frame.itertuples(index=False, name=None)]
    end = " \\\\"
    lines = [f"\\begin{{tabular}}{{{kinds}}}", "\\toprule", head + end, "\\midrule"]
    return "\n".join([*lines, *(row + end for row in rows), "\\bottomrule", "\\end{tabular}"])


def _latex(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.4f}" if value == 0 or abs(value) >= 5e-5 else f"{value:.1e}"
    return "".join(_ESCAPED.get(letter, letter) for letter in str(value))


_ESCAPED = {
    **{letter: "\\" + letter for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
