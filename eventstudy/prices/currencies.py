"""In which currency a user's own prices are, where a column of their table says so: one for each series."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NoReturn

import numpy as np
import pandas as pd

from eventstudy.errors import listed
from eventstudy.objects.prices import Issue
from eventstudy.prices.columns import is_currency
from eventstudy.prices.exchanges import currency_of

_HUNDREDTHS: Mapping[str, str] = {"GBp": "GBp", "GBX": "GBp", "GBx": "GBp", "ZAc": "ZAc", "ZAC": "ZAc"}
"""Ways to write pence and South African cents -> as `exchanges.currency_of` does."""


def currency_codes(
    table: pd.DataFrame, columns: Iterable[Hashable], tickers: np.ndarray, refuse: Callable[[int, str], NoReturn]
) -> dict[str, np.ndarray]:
    """``currency``, the (R,) codes in a table that says in which one each price is; {} where it does not.

    Parameters
    ----------
    tickers : (R,) the security of each row. refuse : ``(row, words)``, raises the error for a row with its place.

    Raises
    ------
    SpecError : the prices of a security are in several, by `refuse`.
    """
    column = next((column for column in columns if is_currency(column)), None)
    if column is None:
        return {}
    said = table[column].map(lambda cell: cell.strip() if isinstance(cell, str) else "").to_numpy(dtype=object)
    three = pd.Series(said).str.fullmatch("[A-Za-z]{3}").to_numpy(dtype=bool)
    codes = np.where(three, said, "")
    known = pd.DataFrame({"ticker": tickers, "code": codes})[three]
    first = known.groupby("ticker", sort=False)["code"].transform("first")
    other = known.index[known["code"] != first]
    if len(other):
        at = int(other[0])
        refuse(
            at,
            f"the prices of {tickers[at]} are in {codes[at]} here and in {first[at]} above; those of one series are in "
            "one currency: convert them, or give each currency a ticker of its own",
        )
    return {"currency": codes}


def currencies(rows: pd.DataFrame) -> tuple[dict[str, str], tuple[Issue, ...]]:
    """Ticker -> the currency that the table says, but for indices; and info where it is not the usual one.

    Examples
    --------
    >>> found, issues = currencies(pd.DataFrame({"ticker": ["A", "VOD.L"], "currency": ["eur", "GBX"]}))
    >>> found, issues[0].detail
    ({'A': 'EUR', 'VOD.L': 'GBp'}, 'by the column of currencies A in EUR, which is not usual for such a symbol')
    """
    if "currency" not in rows:
        return {}, ()
    known = rows[rows["currency"].fillna("") != ""].drop_duplicates("ticker")
    found = {
        str(ticker): _HUNDREDTHS.get(code, str(code).upper())
        for ticker, code in zip(known["ticker"], known["currency"], strict=True)
        if not str(ticker).startswith("^")
    }
    unlike = [f"{ticker} in {code}" for ticker, code in found.items() if code != currency_of(ticker)]
    if not unlike:
        return found, ()
    text = f"by the column of currencies {listed(unlike, 12)}, which is not usual for such a symbol"
    return found, (Issue("currency_unlike", "info", text),)
