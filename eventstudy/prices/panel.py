"""Raw rows become one (date, ticker) panel: dates brought to one form, duplicates and partial bars recorded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from eventstudy.errors import MissingPriceError, PriceError
from eventstudy.objects.estimation import BoolArray
from eventstudy.objects.prices import ExchangeCalendar, Issue, PricePanel, RawPrices
from eventstudy.prices.closures import Stated, unlike_prices, within_reach
from eventstudy.prices.exchanges import OWN, currency_of, exchange_of, is_own
from eventstudy.prices.own import found_exchanges, own_calendars
from eventstudy.prices.rows import COLUMNS, within
from eventstudy.prices.sessions import time_zone


def load_panel(
    raw: RawPrices,
    exchanges: Mapping[str, str] | None = None,
    cached_sessions: pd.DataFrame | None = None,
    *,
    own: bool = False,
    stated: Stated | None = None,
) -> tuple[PricePanel, list[Issue]]:
    """Lay raw prices out as a panel and say what had to be dropped or moved on the way.

    Parameters
    ----------
    raw : rows as a provider returned them; dates may carry a time zone and any unit.
    exchanges : ticker -> market identifier code, where the suffix does not say it; wins over the provider's.
    cached_sessions : sessions kept beside a snapshot, see `sessions.calendar`.
    own : take the dates of the prices as the sessions of every series without an exchange in `exchanges`.
    stated : days on which an exchange was closed or open, unlike its published calendar.

    Returns
    -------
    The panel on the sorted union of all days, and the issues: ``duplicate_row`` (identical, dropped),
    ``conflicting_duplicate`` (fatal), ``partial_bar`` (a session not yet closed at retrieval, dropped), and what the
    dates say of exchanges and sessions (``exchange_found``, ``own_sessions``, ``stray_day``, ``calendar_edge``,
    ``closures_not_stated``, ``sessions_not_stated``). A session without a price stays a session: what was missed is
    missing, not a longer return.

    Raises
    ------
    MissingPriceError : no rows. PriceError : a row without a date. SpecError : an exchange that is not known.
    """
    if raw.frame.empty:
        raise MissingPriceError(f"{raw.provenance.source} returned no prices at all")
    codes, names = pd.factorize(raw.frame["ticker"].to_numpy(dtype=object), sort=True)
    tickers = tuple(str(n) for n in names)
    given = {**raw.exchange, **(exchanges or {})}
    exchange = {t: OWN if own and t not in given else exchange_of(t, given) for t in tickers}
    stamps = _days(raw.frame["date"], codes, [exchange[t] for t in tickers])
    rows, days = pd.factorize(stamps, sort=True)
    names_within = within(raw.frame)
    values = raw.frame[[*COLUMNS[2:], *names_within]].to_numpy(dtype=np.float64)
    keep, repeated = _unrepeated(rows, codes, values, days, tickers)
    issues = [*raw.issues, *repeated]
    index = pd.DatetimeIndex(days, name="date")
    grids = np.full((values.shape[1], len(days), len(tickers)), np.nan)
    grids[:, rows[keep], codes[keep]] = values[keep].T
    held = ~np.isnan(grids[:2]).all(axis=0)
    exchange, books, found = _calendars(exchange, given, held, index, cached_sessions, stated)
    issues += found
    issues += _drop_partial(grids, index, exchange, books, raw.provenance.retrieved)
    issues += _unfit(names_within, grids, index, tickers)
    close, adjusted, volume, *others = (
        pd.DataFrame(grid, index=index, columns=pd.Index(tickers, name="ticker")) for grid in grids
    )
    held_within = {name: one for name, one in zip(names_within, others, strict=True) if one.notna().any(axis=None)}
    currency = {t: raw.currency.get(t, currency_of(t)) for t in tickers}
    returns = close if raw.returns else None
    close = adjusted.copy() if raw.returns else close  # without any price
    actions, source = _acted(raw, codes, tickers, stamps), raw.provenance
    return PricePanel(close, adjusted, volume, exchange, currency, books, source, returns, actions, held_within), issues


def _acted(raw: RawPrices, codes: np.ndarray, tickers: tuple[str, ...], days: np.ndarray) -> Mapping[str, pd.DataFrame]:
    """The dividends and splits by the day that the price beside them has, where the stamps of both carry a zone."""
    if pd.DatetimeIndex(raw.frame["date"]).tz is None:
        return raw.actions
    moments, moved = pd.Series(days, index=pd.DatetimeIndex(raw.frame["date"])), {}
    for ticker, table in raw.actions.items():
        own = moments[codes == tickers.index(ticker)] if ticker in tickers else moments[:0]
        own = own[~own.index.duplicated()].reindex(table.index)
        moved[ticker] = table.set_axis(pd.DatetimeIndex(own, name="date"), axis=0)
    return moved


def _unfit(names: list[str], grids: np.ndarray, index: pd.DatetimeIndex, tickers: tuple[str, ...]) -> list[Issue]:
    """Blank the prices within the session that do not fit the closes."""
    if not names:  # few tables have any: the check is loaded where they do
        return []
    from eventstudy.prices.intraday import fitting

    return fitting(dict(zip(names, grids[3:], strict=True)), grids[0], index, tickers)


def _calendars(
    exchange: Mapping[str, str],
    given: Mapping[str, str],
    held: BoolArray,
    index: pd.DatetimeIndex,
    cached: pd.DataFrame | None,
    stated: Stated | None,
) -> tuple[dict[str, str], dict[str, ExchangeCalendar], list[Issue]]:
    """The exchange of each series and the calendar of each exchange: published, stated, and what the dates show."""
    books: dict[str, ExchangeCalendar] = {}
    issues: list[Issue] = []
    span = index[0].date(), index[-1].date()

    def publish(exchange: Mapping[str, str]) -> None:
        for mic in _published(exchange):
            if mic not in books:
                members = [i for i, code in enumerate(exchange.values()) if code == mic]
                traded: BoolArray = np.any(held[:, members], axis=1)
                book, edge = within_reach(mic, *span, cached, index[traded])
                books[mic] = book if stated is None else stated.of(book)
                issues.extend(edge)

    publish(exchange)
    mine, found = own_calendars(exchange, held, index)
    known, said = found_exchanges(exchange, given, held, index, {**books, **mine})
    publish(known)
    books |= {code: book for code, book in mine.items() if code in known.values()}
    issues += [*found, *said, *unlike_prices(known, held, index, books)]
    issues += [] if stated is None else stated.unused(books)
    return known, books, issues


def _published(exchange: Mapping[str, str]) -> list[str]:
    return sorted({code for code in exchange.values() if not is_own(code)})


def _days(dates: pd.Series[pd.Timestamp], codes: np.ndarray, exchange: list[str]) -> np.ndarray:
    """Calendar days, datetime64[ns]: the exchange's local date where the stamps carry a time zone.

    Zoned stamps that are all midnight in their own zone are labels of days and keep their date.
    """
    if dates.isna().any():
        raise PriceError(f"{int(dates.isna().sum())} rows have no date; every price needs the day it belongs to")
    stamps = pd.DatetimeIndex(dates)
    if stamps.tz is None:
        return stamps.as_unit("ns").normalize().to_numpy()
    local = stamps.tz_localize(None).as_unit("ns")
    days = local.normalize().to_numpy().copy()
    whole = local.to_numpy() == days
    at = np.array(exchange)[codes]
    for mic in set(exchange):
        mask = at == mic
        if not whole[mask].all():
            days[mask] = stamps[mask].tz_convert(time_zone(mic)).tz_localize(None).as_unit("ns").normalize().to_numpy()
    return days


def _unrepeated(
    rows: np.ndarray, codes: np.ndarray, values: np.ndarray, days: np.ndarray, tickers: tuple[str, ...]
) -> tuple[np.ndarray, list[Issue]]:
    """Positions of the first row of each (day, ticker), and an issue a ticker for the others."""
    cell = rows.astype(np.int64) * len(tickers) + codes
    if np.bincount(cell).max() == 1:
        return np.arange(len(cell)), []
    _, first, inverse = np.unique(cell, return_index=True, return_inverse=True)
    again = np.setdiff1d(np.arange(len(cell)), first)
    a, b = values[again], values[first[inverse[again]]]
    same = ((a == b) | (np.isnan(a) & np.isnan(b))).all(axis=1)
    issues: list[Issue] = []
    for code in np.unique(codes[again]):
        for equal in (True, False):
            mine = again[(codes[again] == code) & (same == equal)]
            if len(mine):
                issues.append(_duplicate(tickers[code], [str(d)[:10] for d in days[np.unique(rows[mine])]], equal))
    return first, issues


def _duplicate(ticker: str, dates: list[str], equal: bool) -> Issue:
    shown = ", ".join(dates[:3]) + (" ..." if len(dates) > 3 else "")
    when = pd.Timestamp(dates[0]).date()
    if equal:
        return Issue(
            "duplicate_row", "warning", f"{len(dates)} day(s) given twice alike, one dropped: {shown}", ticker, when
        )
    return Issue(
        "conflicting_duplicate",
        "fatal",
        f"{len(dates)} day(s) given twice with different numbers: {shown}; remove the wrong rows",
        ticker,
        when,
    )


def _drop_partial(
    grids: np.ndarray,
    index: pd.DatetimeIndex,
    exchange: Mapping[str, str],
    books: Mapping[str, ExchangeCalendar],
    retrieved: str | None,
) -> list[Issue]:
    """Blank the bars of sessions that had not closed when the provider was asked; only the last can be such."""
    if retrieved is None:
        return []
    moment = pd.Timestamp(retrieved)
    moment = moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")
    issues: list[Issue] = []
    if all(moment >= book.closes.max() for book in books.values() if len(book.closes)):
        return issues
    for column, (ticker, mic) in enumerate(exchange.items()):
        open_ = books[mic].sessions[np.asarray(books[mic].closes > moment)]
        partial = index.isin(open_) & ~np.isnan(grids[:2, :, column]).all(axis=0)
        if partial.any():
            grids[:, partial, column] = np.nan
            day = index[partial][0].date()
            detail = f"{int(partial.sum())} row(s) dropped: the session had not closed at retrieval ({retrieved})"
            issues.append(Issue("partial_bar", "info", detail, ticker, day))
    return issues
