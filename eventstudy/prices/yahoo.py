"""Daily bars from Yahoo Finance through yfinance: one security at a time, each kept as it comes, typed failures.

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
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from eventstudy.errors import EventStudyError, MissingPriceError, ProviderError, SpecError, listed
from eventstudy.objects.prices import Issue, PriceQuery, Provenance, RawPrices
from eventstudy.prices.exchanges import ZONES, currency_of, exchange_of
from eventstudy.prices.kept import Answer, cache_folder, forget, keep, recall
from eventstudy.prices.rows import BETWEEN, long_rows
from eventstudy.prices.sessions import calendar

RETRIES = 3
TIMEOUT = 15.0
"""Seconds a single request may take."""
PATIENCE = 60.0
"""Seconds one ticker may take, new attempts included."""
_LISTED = ("EQUITY", "ETF", "MUTUALFUND")
"""Instruments that trade on the exchange of their symbol; indices, currencies and futures have clocks of their own."""
_REFUSALS = 3
"""Tickers in a row that the vendor may refuse before the rest is not asked any more."""
_META = {
    "symbol": "symbol",
    "exchange": "exchangeName",
    "time_zone": "exchangeTimezoneName",
    "currency": "currency",
    "instrument": "instrumentType",
}
"""Our name -> the vendor's for what an answer says of its series."""


def yahoo(
    query: PriceQuery,
    *,
    session: Any = None,
    pause: float = 1.0,
    between: float = 0.25,
    now: dt.datetime | None = None,
) -> RawPrices:
    """Daily bars of every ticker asked for, first and last day in.

    Rate limits, server errors and timeouts are tried again, at most three times a ticker, after a growing and
    randomized pause; nothing else is. Each answer is kept as it comes, so that what failed alone is asked again by the
    next fetch of the same days. The bar of a session that has not closed yet is left out, with an issue.

    Parameters
    ----------
    query : tickers and a first day; without a last day, up to now. Its ``patience`` is for one ticker, attempts
        included, by default `PATIENCE`; a ticker of ``optional`` that is not there is an issue, ``not_at_source``.
    session : a curl_cffi session to send the requests through; by default yfinance makes its own.
    pause : seconds before the first new attempt. between : seconds between two tickers.
    now : the moment of retrieval with its time zone, by which a session has closed or not; by default the present.

    Returns
    -------
    RawPrices with ``retrieved`` set, to the earliest answer; a day without numbers stays, as NaN.

    Raises
    ------
    SpecError : no ticker, or no first day.
    MissingPriceError : no such symbol, or no prices of it on those days; names all of them.
    ProviderError : the network or the vendor failed; names the tickers that did not come, and why.
    """
    if not query.tickers or query.start is None:
        raise SpecError("the provider 'yahoo' needs at least one ticker and a first day; it has no list of its own")
    if query.patience is not None and not query.patience > 0:
        raise SpecError(f"patience is a number of seconds above 0, got {query.patience:g}")
    moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(microsecond=0)
    answers, failed, kept = _ask(query, session, pause, between, moment)
    absent = [ticker for ticker in query.optional if ticker in failed and _absent(failed[ticker])]
    issues = [_not_there(ticker, failed.pop(ticker)) for ticker in absent]
    if failed or not answers:
        raise _failure(failed, len(answers) if kept else 0)
    forget(query)
    issues += [issue for ticker, answer in answers.items() for issue in _noticed(ticker, answer)]
    retrieved = min(answer.retrieved for answer in answers.values())
    frame, partial = _without_partial(pd.concat([a.bars for a in answers.values()], ignore_index=True), retrieved)
    provenance = Provenance(
        "yahoo", "Yahoo Finance", retrieved=_stamp(retrieved), licence="For personal use; the provider's terms"
    )
    about = {ticker: {**answer.meta, "retrieved": _stamp(answer.retrieved)} for ticker, answer in answers.items()}
    units = {ticker: said.pop("currency", None) for ticker, said in about.items()}
    currency = {ticker: unit for ticker, unit in units.items() if unit and not ticker.startswith("^")}
    actions = {ticker: answer.actions for ticker, answer in answers.items()}
    raw = RawPrices(frame, provenance, currency=currency, issues=(*issues, *partial), about=about, actions=actions)
    return replace(raw, library=_library())


def _ask(
    query: PriceQuery, session: Any, pause: float, between: float, moment: dt.datetime
) -> tuple[dict[str, Answer], dict[str, Exception], bool]:
    """Every ticker's answer or failure, and whether the answers are kept."""
    answers: dict[str, Answer] = {}
    failed: dict[str, Exception] = {}
    kept, refused, asked = True, 0, False
    with _vendor_settings():
        for ticker in query.tickers:
            answer = recall(query, ticker, moment)
            if answer is not None:
                answers[ticker] = answer
                continue
            if refused >= _REFUSALS or any(_no_network(error) for error in failed.values()):
                failed[ticker] = EventStudyError("not asked any more")
                continue
            time.sleep(between if asked else 0.0)
            asked = True
            try:
                answers[ticker] = _patiently(ticker, query, session, pause, moment)
            except Exception as error:  # whatever yfinance lets out is named, with its ticker, by the caller
                failed[ticker] = error
                refused = refused + 1 if _limited(error) else 0
                continue
            refused = 0
            kept = keep(query, ticker, answers[ticker]) and kept
    return answers, failed, kept


def _stamp(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _library() -> str:
    import yfinance

    return f"yfinance {yfinance.__version__}"


def _not_there(ticker: str, error: Exception) -> Issue:
    return Issue("not_at_source", "warning", f"Yahoo Finance has no prices of it ({_words(error)}); left out", ticker)


def _noticed(ticker: str, answer: Answer) -> Iterator[Issue]:
    """What an answer does not say of its series, and where it is of another place or currency than its symbol."""
    if answer.lacking:
        instead = "the symbol is taken to be the one asked for, the rest" if "symbol" in answer.lacking else "they are"
        text = (
            f"the answer of Yahoo Finance lacks {', '.join(answer.lacking)}; {instead} taken from the ticker's exchange"
        )
        yield Issue("metadata_missing", "warning", text, ticker)
    exchange, zone = exchange_of(ticker), answer.meta.get("time_zone")
    unit, usual = answer.meta.get("currency"), currency_of(ticker)
    if unit and unit != usual and exchange in ZONES and answer.meta.get("instrument") in _LISTED:
        text = f"Yahoo Finance has it in {unit}, which is what its prices are taken to be; usual there is {usual}"
        yield Issue("currency_unlike", "warning", text, ticker)
    known = ZONES.get(exchange)
    if zone is None or known is None or answer.meta.get("instrument") not in _LISTED:
        return
    with contextlib.suppress(ValueError, OSError):  # a name that this computer does not know
        if (
            answer.retrieved.astimezone(ZoneInfo(zone)).utcoffset()
            != answer.retrieved.astimezone(ZoneInfo(known)).utcoffset()
        ):
            text = f"Yahoo Finance has it in {zone}, and the sessions are those of {exchange} in {known}"
            text += f"; if that is wrong, state exchanges: {{{ticker}: MIC}}"
            yield Issue("exchange_unlike", "warning", text, ticker)


@contextlib.contextmanager
def _vendor_settings() -> Iterator[None]:
    """yfinance with its exceptions shown, its cache in this package's folder, and no noise; as it was afterwards."""
    import yfinance

    logger = logging.getLogger("yfinance")
    level, hidden = logger.level, yfinance.config.debug.hide_exceptions
    cache = cache_folder() / "yfinance"
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


def _patiently(ticker: str, query: PriceQuery, session: Any, pause: float, moment: dt.datetime) -> Answer:
    """One ticker's answer, with new attempts where they can help."""
    import tenacity

    left = PATIENCE if query.patience is None else query.patience
    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_passing),
        wait=tenacity.wait_exponential_jitter(initial=pause, max=min(30.0, max(pause, left / 2)), jitter=pause),
        stop=tenacity.stop_after_attempt(1 + RETRIES) | tenacity.stop_after_delay(left),
        reraise=True,
    )
    return attempts(_answer, ticker, query, session, moment)


def _answer(ticker: str, query: PriceQuery, session: Any, moment: dt.datetime) -> Answer:
    """Ask once. The library remembers answers, bad ones too: an attempt has to forget them."""
    import yfinance
    from yfinance.data import YfData
    from yfinance.exceptions import YFTickerMissingError

    YfData.cache_get.cache_clear()
    end = None if query.end is None else query.end + dt.timedelta(days=1)
    security = yfinance.Ticker(ticker, session=session)
    said: dict[str, Any] = {}
    security._data = _listening(security._data, ticker, said)
    try:
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
    except (YFTickerMissingError, LookupError, TypeError, AttributeError) as error:  # how it meets an unknown form
        raise _meant(error, ticker, query, said) from None
    if bars.empty:
        raise MissingPriceError(f"no bars between {query.start} and {query.end or 'now'}")
    meta = {name: said["meta"][theirs] for name, theirs in _META.items() if said["meta"].get(theirs)}
    symbol = str(meta.get("symbol", ticker))
    if symbol.upper() != ticker.upper():
        raise EventStudyError(f"the answer is that of {symbol}: another security's data are not taken")
    lacking = tuple(theirs for theirs in _META.values() if not said["meta"].get(theirs))
    rows = pd.DataFrame(
        {
            "ticker": np.full(len(bars), ticker, dtype=object),
            "date": pd.DatetimeIndex(bars.index).tz_localize(None).as_unit("ns").normalize(),
            "close": bars["Close"].to_numpy(dtype=np.float64),
            "adj_close": bars["Adj Close"].to_numpy(dtype=np.float64),
            "volume": bars["Volume"].to_numpy(dtype=np.float64),
            **{name: bars[name.capitalize()].to_numpy(dtype=np.float64) for name in BETWEEN},
        }
    )
    said_of = {name: str(text) for name, text in meta.items()}
    return Answer(long_rows(rows), _actions(bars, rows["date"]), said_of, lacking, moment)


def _actions(bars: pd.DataFrame, days: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    """Dividends, distributed gains of funds with them, and splits: the library writes 0 where there were none."""
    table = pd.DataFrame(index=pd.DatetimeIndex(days, name="date"))
    paid = [bars[name].to_numpy(dtype=np.float64) for name in ("Dividends", "Capital Gains") if name in bars]
    table["dividend"] = sum(paid, np.zeros(len(bars)))
    split = bars["Stock Splits"].to_numpy(dtype=np.float64)
    table["split"] = np.where(split == 0.0, 1.0, split)
    return table[(table["dividend"] != 0.0) | (table["split"] != 1.0)]


def _listening(data: Any, ticker: str, said: dict[str, Any]) -> SimpleNamespace:
    """The library's connection, with its answers noted in `said` and what their metadata lack put in.

    The library reads an answer's type, time zone and currency without asking whether they are there.
    """

    def ask(how: str, **request: Any) -> SimpleNamespace:
        response = getattr(data, how)(**request)
        said["status"] = getattr(response, "status_code", None)
        text = response.text

        def body() -> Any:
            found = response.json()
            said["body"] = found
            meta = _meta_of(found)
            if meta is not None:
                said["meta"] = dict(meta)
                usual = {"instrumentType": "EQUITY", "currency": None, "exchangeTimezoneName": _zone(ticker, meta)}
                meta |= {name: value for name, value in usual.items() if not meta.get(name)}
            return found

        return SimpleNamespace(text=text, json=body)

    return SimpleNamespace(
        get=lambda **request: ask("get", **request), cache_get=lambda **request: ask("cache_get", **request)
    )


def _meta_of(body: Any) -> dict[str, Any] | None:
    try:
        meta = body["chart"]["result"][0]["meta"]
    except (LookupError, TypeError):
        return None
    return meta if isinstance(meta, dict) else None


def _zone(ticker: str, meta: Mapping[str, Any]) -> str | None:
    """The time zone of an answer that does not name it: by its hours from UTC, else that of the ticker's exchange."""
    offset = meta.get("gmtoffset")
    if isinstance(offset, int) and offset % 3600 == 0 and abs(offset) <= 12 * 3600:
        return f"Etc/GMT{-offset // 3600:+d}"  # its sign is the other way round
    return ZONES.get(exchange_of(ticker))


def _meant(error: Exception, ticker: str, query: PriceQuery, said: Mapping[str, Any]) -> Exception:
    """The failure behind what the library calls "possibly delisted" whatever happened, by what the vendor said."""
    body = said.get("body")
    body = body if isinstance(body, dict) else {}
    chart, finance = body.get("chart") or {}, body.get("finance") or {}
    reason = (chart if isinstance(chart, dict) else {}).get("error")
    refusal = (finance if isinstance(finance, dict) else {}).get("error")
    if isinstance(reason, dict) and reason:
        return MissingPriceError(f"{reason.get('description') or reason.get('code')}")
    if isinstance(refusal, dict) and refusal:
        return _Refused(f"the request was refused: {refusal.get('description') or refusal.get('code')}")
    if isinstance(chart, dict) and "result" in chart and not chart["result"]:
        return MissingPriceError(f"an answer without any bars between {query.start} and {query.end or 'now'}")
    if (
        said.get("meta") is not None
        and _zone(ticker, said["meta"]) is None
        and not said["meta"].get(_META["time_zone"])
    ):
        return EventStudyError("the answer does not say its time zone, and the ticker's exchange is not known")
    return EventStudyError("the answer holds no bars and gives no reason, or is not of the form that is known")


class _Refused(EventStudyError):
    """The vendor refused a request for a reason that may pass, such as a cookie that has aged."""


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

    known = isinstance(error, YFRateLimitError | YFDataException | json.JSONDecodeError | _Refused)
    return known or _timed_out(error)


def _timed_out(error: BaseException) -> bool:
    """curl_cffi, requests and the standard library each have their own timeouts; all are called so."""
    return isinstance(error, TimeoutError) or (isinstance(error, OSError) and "Timeout" in type(error).__name__)


def _no_network(error: BaseException) -> bool:
    """No name server, no way to the proxy or the host: curl_cffi's and requests' names for it."""
    return type(error).__name__ in ("DNSError", "ProxyError", "ConnectionError")


def _limited(error: BaseException) -> bool:
    """Whether the vendor has had enough of us."""
    from yfinance.exceptions import YFRateLimitError

    return isinstance(error, YFRateLimitError)


def _absent(error: BaseException) -> bool:
    """Whether there is no such symbol. Asked for one whose time zone it has not seen yet, the library looks it up
    first, and lets the answer 404 out as an error of HTTP."""
    unknown = getattr(getattr(error, "response", None), "status_code", None) == 404
    return unknown or isinstance(error, MissingPriceError)


def _failure(failed: Mapping[str, Exception], kept: int) -> ProviderError | MissingPriceError:
    """One error for all tickers that did not come: absent symbols alone are not a failure of the provider."""
    said: dict[str, list[str]] = {}
    for ticker, error in failed.items():
        said.setdefault(_words(error), []).append(ticker)
    lines = "".join(f"\n  {listed(tickers, 12)}: {words}" for words, tickers in said.items())
    others = f"{kept} other {'ticker was' if kept == 1 else 'tickers were'} kept: the next fetch asks for what lacks"
    if all(_absent(e) for e in failed.values()):
        return MissingPriceError(
            f"Yahoo Finance has no prices of {listed([*failed], 12)}; check the symbols and dates{lines}"
            + (f"\n{others}" if kept else "")
        )
    retry = any(_passing(e) or isinstance(e, OSError) for e in failed.values())
    said_kept = others if kept else "Nothing is kept"
    return ProviderError(f"Yahoo Finance did not deliver {listed([*failed], 12)}{lines}\n{said_kept}", retry=retry)


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
