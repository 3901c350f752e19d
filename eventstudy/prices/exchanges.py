"""Which exchange a ticker trades on, and in which currency, from its suffix or the name of an index."""

from __future__ import annotations

from collections.abc import Mapping

OWN = "own"
"""In the place of an exchange: the dates of the prices themselves are its sessions. ``own-VN`` names whose dates."""

_EXCHANGES: Mapping[str, tuple[str, str, str]] = {
    # suffix: (market identifier code, currency, time zone)
    "": ("XNYS", "USD", "America/New_York"),
    "AS": ("XAMS", "EUR", "Europe/Amsterdam"),
    "AT": ("ASEX", "EUR", "Europe/Athens"),
    "AX": ("XASX", "AUD", "Australia/Sydney"),
    "BD": ("XBUD", "HUF", "Europe/Budapest"),
    "BK": ("XBKK", "THB", "Asia/Bangkok"),
    "BO": ("XBOM", "INR", "Asia/Kolkata"),
    "BR": ("XBRU", "EUR", "Europe/Brussels"),
    "CO": ("XCSE", "DKK", "Europe/Copenhagen"),
    "DE": ("XETR", "EUR", "Europe/Berlin"),
    "F": ("XFRA", "EUR", "Europe/Berlin"),
    "HE": ("XHEL", "EUR", "Europe/Helsinki"),
    "HK": ("XHKG", "HKD", "Asia/Hong_Kong"),
    "IR": ("XDUB", "EUR", "Europe/Dublin"),
    "IS": ("XIST", "TRY", "Europe/Istanbul"),
    "JK": ("XIDX", "IDR", "Asia/Jakarta"),
    "JO": ("XJSE", "ZAc", "Africa/Johannesburg"),
    "KL": ("XKLS", "MYR", "Asia/Kuala_Lumpur"),
    "KQ": ("XKRX", "KRW", "Asia/Seoul"),
    "KS": ("XKRX", "KRW", "Asia/Seoul"),
    "L": ("XLON", "GBp", "Europe/London"),
    "LS": ("XLIS", "EUR", "Europe/Lisbon"),
    "MC": ("XMAD", "EUR", "Europe/Madrid"),
    "MI": ("XMIL", "EUR", "Europe/Rome"),
    "MX": ("XMEX", "MXN", "America/Mexico_City"),
    "NS": ("XBOM", "INR", "Asia/Kolkata"),
    "NZ": ("XNZE", "NZD", "Pacific/Auckland"),
    "OL": ("XOSL", "NOK", "Europe/Oslo"),
    "PA": ("XPAR", "EUR", "Europe/Paris"),
    "PR": ("XPRA", "CZK", "Europe/Prague"),
    "SA": ("BVMF", "BRL", "America/Sao_Paulo"),
    "SI": ("XSES", "SGD", "Asia/Singapore"),
    "SN": ("XSGO", "CLP", "America/Santiago"),
    "SS": ("XSHG", "CNY", "Asia/Shanghai"),
    "ST": ("XSTO", "SEK", "Europe/Stockholm"),
    "SW": ("XSWX", "CHF", "Europe/Zurich"),
    "SZ": ("XSHG", "CNY", "Asia/Shanghai"),
    "T": ("XTKS", "JPY", "Asia/Tokyo"),
    "TA": ("XTAE", "ILS", "Asia/Jerusalem"),
    "TO": ("XTSE", "CAD", "America/Toronto"),
    "TW": ("XTAI", "TWD", "Asia/Taipei"),
    "TWO": ("XTAI", "TWD", "Asia/Taipei"),
    "V": ("XTSE", "CAD", "America/Toronto"),
    "VI": ("XWBO", "EUR", "Europe/Vienna"),
    "WA": ("XWAR", "PLN", "Europe/Warsaw"),
}
_INDICES: Mapping[str, str] = {
    **dict.fromkeys(("^DJI", "^DJT", "^DJU", "^GSPC", "^IXIC", "^NDX", "^NYA", "^OEX", "^RUT", "^RUA", "^RUI"), "XNYS"),
    **dict.fromkeys(("^SOX", "^VIX", "^VXN", "^XAX", "^W5000", "^SP100", "^SP400", "^MID", "^SP600", "^BKX"), "XNYS"),
    **dict.fromkeys(("^FVX", "^IRX", "^TNX", "^TYX"), "XNYS"),
    "^AEX": "XAMS",
    "^AORD": "XASX",
    "^ATX": "XWBO",
    "^AXJO": "XASX",
    "^BFX": "XBRU",
    "^BSESN": "XBOM",
    "^BVSP": "BVMF",
    "^FCHI": "XPAR",
    "^FTMC": "XLON",
    "^FTSE": "XLON",
    "^GDAXI": "XETR",
    "^GSPTSE": "XTSE",
    "^HSI": "XHKG",
    "^IBEX": "XMAD",
    "^JKSE": "XIDX",
    "^KLSE": "XKLS",
    "^KQ11": "XKRX",
    "^KS11": "XKRX",
    "^MDAXI": "XETR",
    "^MXX": "XMEX",
    "^N225": "XTKS",
    "^NSEI": "XBOM",
    "^NZ50": "XNZE",
    "^OMX": "XSTO",
    "^SSMI": "XSWX",
    "^STI": "XSES",
    # Computed on euro-area closes: the calendar of Amsterdam is the nearest, but the index has a level on 1 May too.
    "^STOXX50E": "XAMS",
    "^TWII": "XTAI",
}
ZONES: Mapping[str, str] = {mic: zone for mic, _, zone in _EXCHANGES.values()}
INDEX_UNIT = "points"


def exchange_of(ticker: str, overrides: Mapping[str, str] | None = None) -> str:
    """Market identifier code (ISO 10383) of a ticker: given in `overrides`, else from its suffix or index name.

    No suffix means New York (XNYS, whose sessions Nasdaq shares), ``=X`` (currencies) every weekday. A suffix or an
    index that is not known has its own dates as sessions: ``own-VN``; `panel.load_panel` says so.

    Examples
    --------
    >>> [exchange_of(t, {}) for t in ("NVDA", "ASML.AS", "8035.T", "2330.TW", "^N225", "^IXIC")]
    ['XNYS', 'XAMS', 'XTKS', 'XTAI', 'XTKS', 'XNYS']
    >>> exchange_of("SAP", {"SAP": "XETR"}), exchange_of("AAA.VN"), exchange_of("EURUSD=X")
    ('XETR', 'own-VN', '24/5')
    >>> exchange_of("OPAP", {"OPAP": "XATH"})
    'ASEX'
    """
    if overrides and ticker in overrides:
        return _SAME_SESSIONS.get(overrides[ticker], overrides[ticker])
    if ticker.startswith("^"):
        return _INDICES.get(ticker) or f"{OWN}-{ticker.lstrip('^')}"
    if ticker.endswith("=X"):
        return "24/5"
    suffix = _suffix(ticker)
    return _EXCHANGES[suffix][0] if suffix in _EXCHANGES else f"{OWN}-{suffix}"


# Securities on one calendar are tested together. Codes of ISO 10383 whose calendar is published under another name.
_SAME_SESSIONS = {
    **dict.fromkeys(("XNAS", "XNGS", "XNMS", "XNCM", "NASDAQ", "NYSE"), "XNYS"),
    "BMEX": "XMAD",
    "MTAA": "XMIL",
    "ROCO": "XTAI",
    "XATH": "ASEX",
    "XKOS": "XKRX",
    "XNSE": "XBOM",
    "XSHE": "XSHG",
    "XTNX": "XTSE",
    "XVTX": "XSWX",
}


def is_own(exchange: str) -> bool:
    """Whether an exchange stands for the dates of the prices themselves."""
    return exchange == OWN or exchange.startswith(f"{OWN}-")


def currency_of(ticker: str) -> str:
    """Currency the prices of `ticker` are quoted in (ISO 4217; GBp and ZAc are hundredths); ``points`` for an index.

    Examples
    --------
    >>> [currency_of(t) for t in ("NVDA", "ASML.AS", "8035.T", "2330.TW", "^N225")]
    ['USD', 'EUR', 'JPY', 'TWD', 'points']
    """
    if ticker.startswith("^"):
        return INDEX_UNIT
    return _EXCHANGES.get(_suffix(ticker), _EXCHANGES[""])[1]


def _suffix(ticker: str) -> str:
    return ticker.rpartition(".")[2] if "." in ticker else ""
