"""Dividends and splits that stand beside the prices in a user's own table: read, and handed on by ticker.

A download of daily bars has them in two columns, zero on nearly all days. With them the adjusted closes of a file are
checked as those of a source are.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from eventstudy.errors import listed
from eventstudy.objects.estimation import FloatArray
from eventstudy.objects.prices import Issue
from eventstudy.prices.numbers import UNKNOWN, decimal_of, number_of
from eventstudy.prices.rows import ACTIONS, COLUMNS, within

_RATIO = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:[:/]|for|-for-)\s*(\d+(?:[.,]\d+)?)", re.ASCII)
"""A split as text: 4:1, 4/1, 3 for 2."""


def read_actions(
    columns: Sequence[tuple[Hashable, str, pd.Series]], decimal: str | None = None
) -> tuple[dict[str, FloatArray], tuple[Issue, ...]]:
    """Columns of dividends and splits as numbers, cash paid in several columns added up.

    Parameters
    ----------
    columns : name in the table, ``dividend`` or ``split``, and the cells of each.
    decimal : the decimal sign of the table, for a column of which no cell settles its own; None where that is open too.

    Returns
    -------
    ``dividend`` (R,), 0 where none, and ``split`` (R,), new shares for one old and 1 where none, NaN where a cell is
    empty, as far as a column has any number; and a warning for a column with a cell that cannot be read, which is left
    out whole.
    """
    found: dict[str, FloatArray] = {}
    issues, unread = [], set()
    for name, kind, cells in columns:
        values = _column(name, kind, cells, decimal)
        if isinstance(values, Issue):
            issues.append(values)
            unread.add(kind)
        elif values is not None and kind in found:  # cash of two kinds; NaN where neither column has a number
            found[kind] = np.where(np.isnan(found[kind]), values, found[kind] + np.nan_to_num(values))
        elif values is not None:
            found[kind] = values
    return {kind: values for kind, values in found.items() if kind not in unread}, tuple(issues)


def _column(name: Hashable, kind: str, cells: pd.Series, decimal: str | None) -> FloatArray | Issue | None:
    """The numbers of a column, what is wrong with it, or None where all its cells are empty."""
    texts = ["" if missing else str(cell).strip() for cell, missing in zip(cells, cells.isna(), strict=True)]
    written = [text for text, cell in zip(texts, cells, strict=True) if isinstance(cell, str) and text not in UNKNOWN]
    sign = decimal_of(text for text in written if not _RATIO.fullmatch(text)) or decimal if written else "."
    values = np.array([np.nan if text in UNKNOWN else _number(text, kind, sign) for text in texts])
    wrong = [t for t, value in zip(texts, values, strict=True) if t not in UNKNOWN and not 0 <= value < np.inf]
    if wrong:
        due = "a number of new shares for one old, such as 4 or 4:1," if kind == "split" else "cash paid"
        due = due if sign else "decimal: ',' or decimal: '.', which no cell settles,"
        bad = listed([repr(cell) for cell in wrong[:3]], 12)
        text = f"column {name!r} is not read: it holds {bad}, and {due} is due; the prices are not checked by it"
        return Issue("actions_not_read", "warning", text)
    if np.isnan(values).all():
        return None
    return np.where(values == 0, 1.0, values) if kind == "split" else values


def _number(text: str, kind: str, sign: str | None) -> float:
    """A cell as a number, NaN where it is none or where it is open which sign is the decimal one."""
    ratio = _RATIO.fullmatch(text) if kind == "split" else None
    if ratio is not None:
        new, old = (float(part.replace(",", ".")) for part in ratio.groups())
        return new / old if old else np.nan
    return number_of(text, sign) if sign is not None else np.nan


def parted(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], tuple[Issue, ...]]:
    """Rows without their columns of dividends and splits; these by ticker, as in `RawPrices`; and what is to be said.

    An empty cell is a day without one, where the ticker has any cell that is not. If all its dividends are empty and
    there are splits, what was paid is NaN: not known.
    """
    there = [name for name in ACTIONS if name in rows]
    plain = rows[[*COLUMNS, *within(rows)]]
    if not there:
        return plain, {}, ()
    acted = {}
    for ticker, own in rows.groupby("ticker", sort=False):
        known = [name for name in there if own[name].notna().any()]
        dividend = own["dividend"].fillna(0.0) if "dividend" in known else np.nan
        full = own.assign(dividend=dividend, split=own["split"].fillna(1.0) if "split" in known else 1.0)
        happened = full[(full["dividend"].fillna(0.0) != 0.0) | (full["split"] != 1.0)]
        if "dividend" in known or len(happened):
            days = pd.DatetimeIndex(happened["date"], name="date")
            days = days if days.tz is not None else days.normalize()  # the exchange decides which day a moment means
            table = happened[list(ACTIONS)].set_axis(days, axis=0).sort_index()
            acted[str(ticker)] = table[~table.reset_index().duplicated().to_numpy()]
    return plain, acted, _said(plain, acted)


def _said(plain: pd.DataFrame, acted: dict[str, pd.DataFrame]) -> tuple[Issue, ...]:
    """Info: what was paid is in no return, where the closes are the only basis."""
    adjusted = set(plain.loc[plain["adj_close"].notna(), "ticker"].unique())
    paying = [t for t, table in acted.items() if (table["dividend"].fillna(0.0) != 0).any() and t not in adjusted]
    if not paying:
        return ()
    text = (
        f"{listed(paying, 12)}: dividends stand beside the closes, and no adj_close. Returns are formed from the "
        "closes as they are: without what was paid, unless the download has taken it out of the closes already"
    )
    return (Issue("dividends_left_out", "info", text),)
