"""Daily bars from Yahoo Finance through yfinance: one security at a time, typed failures, all or nothing.

`Ticker.history` is asked with its exceptions shown, since `download` returns an empty frame whatever went wrong.
Closes are adjusted for splits, adjusted closes for dividends too, both as of the day of the retrieval: pin what was
fetched as a snapshot. The data are for personal use.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError, MissingPriceError, ProviderError, SpecError
from eventstudy.objects.prices import Issue, PriceQuery, Provenance, RawPrices
from eventstudy.prices.exchanges import exchange_of
from eventstudy.prices.rows import long_rows
from eventstudy.prices.sessions import calendar

RETRIES = 3
TIMEOUT = 15.0
"""Seconds a single request may take."""


def yahoo(
    query: PriceQuery,
    *,
    session: Any = None,
    pause: float = 1.0,
    patience: float = 120.0,
    now: dt.datetime | None = None,
) -> RawPrices:
    """Daily bars of every ticker asked for, first and last day in.

    Rate limits, server errors and timeouts are tried again, at most three times a ticker, after a growing and
    randomized pause; nothing else is. The bar of a session that has not closed yet is left out, with an issue.

    Parameters
    ----------
    query : tickers and a first day; without a last day, up to now.
    session : a curl_cffi session to send the requests through; by default yfinance makes its own.
    pause : seconds before the first new attempt. patience : seconds for the whole query, attempts included.
    now : the moment of retrieval with its time zone, by which a session has closed or not; by default the present.

    Returns
    -------
    RawPrices with ``retrieved`` set; a day without numbers stays, as NaN.

    Raises
    ------
    SpecError : no ticker, or no first day.
    MissingPriceError : no such symbol, or no prices of it on those days; names all of them.
    ProviderError : the network or the vendor failed; names the tickers that did not come, and why.
    """
    if not query.tickers or query.start is None:
        raise SpecError("the provider 'yahoo' needs at least one ticker and a first day; it has no list of its own")
    retrieved = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(microsecond=0)
    deadline = time.monotonic() + patience
    frames: list[pd.DataFrame] = []
    currency: dict[str, str] = {}
    failed: dict[str, Exception] = {}
    with _vendor_settings():
        for ticker in query.tickers:
            if time.monotonic() > deadline or any(_hopeless(e) for e in failed.values()):
                failed[ticker] = EventStudyError("not asked any more")
                continue
            try:
                bars, unit = _patiently(ticker, query, session, pause, deadline)
            except Exception as error:  # whatever yfinance lets out is named, with its ticker, below
                failed[ticker] = error
                continue
            frames.append(bars)
            if unit and not ticker.startswith("^"):
                currency[ticker] = unit
    if failed:
        raise _failure(failed)
    frame, issues = _without_partial(pd.concat(frames, ignore_index=True), retrieved)
    stamp = retrieved.isoformat().replace("+00:00", "Z")
    provenance = Provenance("yahoo", "Yahoo Finance", retrieved=stamp, licence="For personal use; the provider's terms")
    return RawPrices(frame, provenance, currency=currency, issues=tuple(issues))


@contextlib.contextmanager
def _vendor_settings() -> Iterator[None]:
    """yfinance with its exceptions shown, its cache in this package's folder, and no noise; as it was afterwards."""
    import platformdirs
    import yfinance

    logger = logging.getLogger("yfinance")
    level, hidden = logger.level, yfinance.config.debug.hide_exceptions
    cache = platformdirs.user_cache_path("eventstudy") / "yfinance"
    with contextlib.suppress(OSError):  # a cache that cannot be written is only slower
        cache.mkdir(parents=True, exist_ok=True)
    yfinance.set_tz_cache_location(str(cache))
    try:
        logger.setLevel(logging.CRITICAL + 1)
        yfinance.config.debug.hide_exceptions = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        yfinance.config.debug.hide_exceptions = hidden
        logger.setLevel(level)


def _patiently(
    ticker: str, query: PriceQuery, session: Any, pause: float, deadline: float
) -> tuple[pd.DataFrame, str | None]:
    """One ticker's bars and their currency, with new attempts where they can help."""
    import tenacity

    left = max(0.0, deadline - time.monotonic())
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_passing),
        wait=tenacity.wait_exponential_jitter(initial=pause, max=min(30.0, max(pause, left / 2)), jitter=pause),
        stop=tenacity.stop_after_attempt(1 + RETRIES) | tenacity.stop_after_delay(left),
        reraise=True,
    )
    return attempts(_bars, ticker, query, session)


def _bars(ticker: str, query: PriceQuery, session: Any) -> tuple[pd.DataFrame, str | None]:
    """Ask once. The library remembers answers, bad ones too: an attempt has to forget them."""
    import yfinance
    from yfinance.data import YfData

    YfData.cache_get.cache_clear()
    end = None if query.end is None else query.end + dt.timedelta(days=1)
    security = yfinance.Ticker(ticker, session=session)
    bars = security.history(
        start=query.start,
        end=end,
        interval="1d",
        auto_adjust=False,
        actions=True,
        keepna=True,
        repair=False,
        timeout=TIMEOUT,
    )
    if bars.empty:
        raise MissingPriceError(f"no bars of {ticker} between {query.start} and {query.end or 'now'}")
    rows = pd.DataFrame(
        {
            "ticker": np.full(len(bars), ticker, dtype=object),
            "date": pd.DatetimeIndex(bars.index).tz_localize(None).as_unit("ns").normalize(),
            "close": bars["Close"].to_numpy(dtype=np.float64),
            "adj_close": bars["Adj Close"].to_numpy(dtype=np.float64),
            "volume": bars["Volume"].to_numpy(dtype=np.float64),
        }
    )
    return long_rows(rows), security.get_history_metadata().get("currency")


def _without_partial(frame: pd.DataFrame, retrieved: dt.datetime) -> tuple[pd.DataFrame, list[Issue]]:
    """Leave out the bars of sessions that had not closed at `retrieved`: today's is partial until the close."""
    issues: list[Issue] = []
    partial = np.zeros(len(frame), dtype=bool)
    recent = (frame["date"] >= pd.Timestamp(retrieved.date()) - pd.Timedelta(days=1)).to_numpy()
    closes: dict[tuple[str, pd.Timestamp], pd.Timestamp] = {}
    for row in np.flatnonzero(recent):
        ticker, day = frame["ticker"].iloc[row], frame["date"].iloc[row]
        place = exchange_of(ticker), day
        if place not in closes:
            closes[place] = _close(*place)
        if closes[place] > pd.Timestamp(retrieved):
            partial[row] = True
            text = f"one bar left out: its session closes after the retrieval ({retrieved:%Y-%m-%d %H:%M} UTC)"
            issues.append(Issue("partial_bar", "info", text, ticker, day.date()))
    return frame[~partial].reset_index(drop=True), issues


def _close(exchange: str, day: pd.Timestamp) -> pd.Timestamp:
    """When the session of `day` ends; the end of the day in UTC where the exchange or the session is not known."""
    try:
        closes = calendar(exchange, day, day).closes
    except SpecError:
        closes = pd.DatetimeIndex([])
    return closes[0] if len(closes) else day.tz_localize("UTC") + pd.Timedelta(days=1)


# ------------------------------------------------------------------------------------------------------------ failures
def _passing(error: BaseException) -> bool:
    """Whether waiting can help: a rate limit, a timeout, a server error or the page one sends instead of data."""
    from yfinance.exceptions import YFDataException, YFRateLimitError

    return isinstance(error, YFRateLimitError | YFDataException | json.JSONDecodeError) or _timed_out(error)


def _timed_out(error: BaseException) -> bool:
    """curl_cffi, requests and the standard library each have their own timeouts; all are called so."""
    return isinstance(error, TimeoutError) or (isinstance(error, OSError) and "Timeout" in type(error).__name__)


def _no_network(error: BaseException) -> bool:
    """No name server, no way to the proxy or the host: curl_cffi's and requests' names for it."""
    return type(error).__name__ in ("DNSError", "ProxyError", "ConnectionError")


def _hopeless(error: BaseException) -> bool:
    """Whether the next ticker would fare the same: no network, or a vendor that has had enough of us."""
    from yfinance.exceptions import YFRateLimitError

    return _no_network(error) or isinstance(error, YFRateLimitError)


def _absent(error: BaseException) -> bool:
    """Whether there is no such symbol. Asked for one whose time zone it has not seen yet, the library looks it up
    first, and lets the answer 404 out as an error of HTTP."""
    from yfinance.exceptions import YFTickerMissingError

    unknown = getattr(getattr(error, "response", None), "status_code", None) == 404
    return unknown or isinstance(error, YFTickerMissingError | MissingPriceError)


def _failure(failed: dict[str, Exception]) -> ProviderError | MissingPriceError:
    """One error for all tickers that did not come: absent symbols alone are no failure of the provider."""
    said: dict[str, list[str]] = {}
    for ticker, error in failed.items():
        said.setdefault(_words(error), []).append(ticker)
    lines = "".join(f"\n  {', '.join(tickers)}: {words}" for words, tickers in said.items())
    if all(_absent(e) for e in failed.values()):
        return MissingPriceError(
            f"Yahoo Finance has no prices of {', '.join(failed)}; check the symbols and dates{lines}"
        )
    retry = any(_passing(e) or isinstance(e, OSError) for e in failed.values())
    return ProviderError(f"Yahoo Finance did not deliver {', '.join(failed)}{lines}\nNothing is kept", retry=retry)


def _words(error: Exception) -> str:
    """What happened, in words a reader without the vendor's source understands."""
    name, text = type(error).__name__, " ".join(str(error).split())[:200]
    if _absent(error) or isinstance(error, EventStudyError):
        return text
    if name == "YFRateLimitError":
        return "too many requests (HTTP 429)"
    if isinstance(error, json.JSONDecodeError):
        return "a web page or a broken answer came where data were due: a server error or a consent page"
    if _no_network(error):
        return "the server cannot be reached: no network, no name server, or a proxy that does not answer"
    if name in ("IncompleteRead", "ChunkedEncodingError"):
        return "the answer was cut off"
    if _timed_out(error):
        return f"no answer within {TIMEOUT:g} s"
    return f"{name}: {text}"
