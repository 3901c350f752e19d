"""The columns of a table of prices or returns, under the names that people and data vendors give them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence

from eventstudy.errors import SpecError, listed
from eventstudy.objects.prices import PriceFile
from eventstudy.prices.rows import BETWEEN, COLUMNS

FIELDS = ("close", "adj_close", "volume", "open", "high", "low", "return", "")
"""What a column of numbers may be; ``""`` is known and not used."""
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("date", "datetime", "day", "caldt", "datadate", "tradedate", "timestamp", "datum"), "date"),
    **dict.fromkeys(("ticker", "symbol", "security", "permno", "isin", "ric", "gvkey", "id", "tic"), "ticker"),
    **dict.fromkeys(("close", "price", "prc", "prccd", "pxlast", "closeprice", "closingprice"), "close"),
    **dict.fromkeys(("close/last", "last", "schluss", "schlusskurs", "schlußkurs", "zuletzt", "kurs"), "close"),
    **dict.fromkeys(("adjclose", "adjustedclose", "adjprice", "adjustedprice"), "adj_close"),
    **dict.fromkeys(("volume", "vol", "pxvolume", "cshtrd", "stücke", "stuecke", "stück", "volumen(stück)"), "volume"),
    **dict.fromkeys(("open", "openprice", "openingprice", "pxopen", "prcod", "erster", "eröffnung", "eröffn"), "open"),
    **dict.fromkeys(("eröffnungskurs", "openprc", "anfangskurs"), "open"),
    **dict.fromkeys(("high", "highprice", "pxhigh", "prchd", "dayhigh", "hoch", "tageshoch"), "high"),
    **dict.fromkeys(("low", "lowprice", "pxlow", "prcld", "daylow", "tief", "tagestief"), "low"),
    **dict.fromkeys(("ret", "return", "returns", "totalreturn", "trt1d", "rendite"), "return"),
    **dict.fromkeys(("vwretd", "vwretx", "ewretd", "ewretx", "sprtrn"), "index"),
}  # fmt: skip
_IGNORED = frozenset(
    (
        *("repaired", "bid", "ask", "bidlo", "askhi", "numtrd", "shrout"),
        *("cfacpr", "cfacshr", "facpr", "facshr"),
        *("distcd", "retx", "dlret", "dlretx", "dlstcd", "comnam", "conm", "name", "company", "companyname", "siccd"),
        *("hsiccd", "shrcd", "exchcd", "hexcd", "primexch", "cusip", "ncusip", "permco", "issuno", "trdstat"),
        *("secstat", "currency", "curcdd", "exchange", "iid"),
        *("change", "change%", "%change", "chg", "chg%", "%chg", "+/", "+/%", "veränderung", "veränderung%", "diff"),
        *("währung", "volumen", "umsatz", "turnover", "per", "time", "openint"),
    )
)
"""Columns that a download of daily bars or a research database has beside the ones used; known, so not an error."""
_ACTIONS: Mapping[str, str] = {
    **dict.fromkeys(("dividend", "dividends", "dividende", "dividendes", "dividenden", "dividendamount"), "dividend"),
    **dict.fromkeys(("divamt", "cashdividend", "cashdividends", "capitalgains"), "dividend"),
    **dict.fromkeys(("split", "splits", "stocksplit", "stocksplits", "splitratio", "splitcoefficient"), "split"),
}
"""Columns that hold what a company paid and how it split its shares."""
_TURNOVER = frozenset(("volumen", "umsatz", "turnover"))
"""Those of them that count shares in one download and money in another."""
BY_NAME = "\0"
"""The column of tickers that a table of one security gets from the name of its file; no file can hold such a name."""
_CURRENCY = frozenset(("currency", "curcdd", "währung"))
"""Those of them that say in which currency a price is."""
_UNNAMED = re.compile(r"(Unnamed: 0)?")


def plain(name: Hashable) -> str:
    """A column's name without spaces and marks, in lower case; an accent and its letter are one character."""
    return re.sub(r"[\s_.\-<>]", "", unicodedata.normalize("NFC", str(name))).lower()


def column_of(name: Hashable) -> str | None:
    """Our name for a column, ``""`` for one that is known and not used, None for an unknown one.

    Examples
    --------
    >>> [column_of(c) for c in ("Symbol", "Adj Close", "ADJ_CLOSE", "Bid", "PRC", "pe_ratio", "Schlusskurs", "Hoch")]
    ['ticker', 'adj_close', 'adj_close', '', 'close', None, 'close', 'high']
    """
    short = plain(name)
    return "" if short in _IGNORED or short in _ACTIONS else _NAMES.get(short)


def action_of(name: Hashable) -> str | None:
    """Whether a column holds dividends or splits, None for another one.

    Examples
    --------
    >>> [action_of(c) for c in ("Dividends", "Stock Splits", "Close")]
    ['dividend', 'split', None]
    """
    return _ACTIONS.get(plain(name))


def is_turnover(name: Hashable) -> bool:
    """Whether a column holds shares or money traded, and its name does not tell which.

    Examples
    --------
    >>> [is_turnover(c) for c in ("Volumen", "Volume", "Close")]
    [True, False, False]
    """
    return plain(name) in _TURNOVER


def is_currency(name: Hashable) -> bool:
    """Whether a column says in which currency a price is.

    Examples
    --------
    >>> [is_currency(c) for c in ("Currency", "Close")]
    [True, False]
    """
    return plain(name) in _CURRENCY


def named(columns: Sequence[Hashable], where: str, how: PriceFile) -> dict[Hashable, str | None]:
    """Each column -> our name for it, as stated or else as known.

    Raises
    ------
    SpecError : a stated column that the table does not have, or our name for it is none.
    """
    stated = {theirs: ours for ours, theirs in how.stated().items()}
    absent = [name for name in stated if name not in {str(c) for c in columns}]
    if absent:
        held = ", ".join(map(str, columns[:12])) + (" ..." if len(columns) > 12 else "")
        raise SpecError(f"{where} has no column {listed(absent, 12)}; it has {held}")
    found = {c: stated.get(str(c)) or column_of(c) for c in columns}
    for ours in stated.values():  # a stated column is the only one of its kind
        found = {c: "" if n == ours and str(c) not in stated else n for c, n in found.items()}
    if how.columns:  # where prices are stated, a column that is not known is neither a price nor a ticker
        found = {c: n or "" for c, n in found.items()}
    if columns and _UNNAMED.fullmatch(str(columns[0])):
        # A frame's index written without a name: the dates, or else row numbers.
        found[columns[0]] = "" if "date" in found.values() else "date"
    return found


def is_long(names: Mapping[Hashable, str | None]) -> bool:
    """Whether rows with these columns name their security in one of them, beside what it cost or returned.

    A wide table may well hold a security called ID.
    """
    ours = set(names.values())
    return "ticker" in ours and bool({"close", "adj_close", "return"} & ours or "date" in ours)


def long_names(names: Mapping[Hashable, str | None], where: str, how: PriceFile) -> dict[Hashable, str]:
    """Given column -> our name, of a long table; those not used are left out.

    Raises
    ------
    SpecError : an unknown or repeated column, no date, and no price (or, of returns, no return).
    """
    unknown = [str(c) for c, ours in names.items() if ours is None]
    if unknown and not how.stated():
        raise SpecError(
            f"{where} has columns that are not known: {', '.join(unknown[:12])}; a long table has ticker, date, close "
            "and, where known, adj_close and volume. Remove or rename them, or state the ones to be read, as in "
            f"prices: {{file: p.csv, columns: {{close: {unknown[0]}}}}}"
        )
    wanted = ("ticker", "date", "return", "index") if how.returns else (*COLUMNS, *BETWEEN)
    used = {c: ours for c, ours in names.items() if ours in wanted and ours is not None}
    for ours in wanted[:-1] if how.returns else wanted:
        twice = [str(c) for c, n in used.items() if n == ours]
        if len(twice) > 1:
            raise SpecError(
                f"{where} has more than one column for {ours}: {listed(twice, 12)}; keep one, or state it, as in "
                f"{ours if ours in ('date', 'ticker') else f'columns: {{{ours}'}: {twice[0]}"
                f"{'' if ours in ('date', 'ticker') else '}'}"
            )
    needed = {"return"} if how.returns else {"close", "adj_close"}
    if "date" not in used.values() or not needed & set(used.values()):
        what = "return" if how.returns else "close (or adj_close)"
        held = [str(c) for c in names if c != BY_NAME]
        raise SpecError(f"{where} needs the columns date and {what}, found {listed(held, 12)}")
    return used


def refuse_bars(names: Mapping[Hashable, str | None], where: str) -> None:
    """One security's daily bars look like a wide table of tickers called Open, High, Low, Close: refuse them.

    Raises
    ------
    SpecError : every column is a kind of price or volume, and none names the security.
    """
    if is_bars(names):
        raise SpecError(
            f"{where} holds the bars of one security without its name ({listed([*map(str, names)], 12)}); "
            "add a column 'ticker', or put the file, called by the ticker, into a folder and give the folder"
        )


def is_bars(names: Mapping[Hashable, str | None]) -> bool:
    """Whether the columns are those of one security's daily bars, without its name."""
    kinds = [n for n in names.values() if n != "date"]
    return bool(kinds) and all(n in FIELDS for n in kinds) and bool({"close", "adj_close", "return"} & set(kinds))
