"""What indices and securities are called where a reader may not know their symbols by heart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eventstudy.figures import words
from eventstudy.objects.indices import INDEX_NAMES
from eventstudy.objects.verdicts import Verdict

#: indices as a sentence calls them
INDICES: Mapping[str, str] = {symbol: f"the {plain}" for symbol, plain in INDEX_NAMES.items()}
#: what stands in the name of an index from which securities were taken out
WITHOUT = " without "
TAG = 13  # letters of a name beside a row
#: names of such indices that are short enough
TAGS: Mapping[str, str] = {"^SOX": "chip index", "^TWII": "Taiwan index"}
CUT = 22  # letters of a security's name in a figure
#: how such an index is called in a sentence, where that is not its full name
CALLED: Mapping[str, str] = {"^IXIC": "the Nasdaq", "^SOX": "the semiconductor index", "^DJI": "the Dow Jones"}


def name(benchmark: str | None, names: Mapping[str, str] = {}) -> str:
    """A benchmark as a reader knows it, its symbol behind; `names` are those of securities that were taken out of it.

    >>> name("^IXIC"), name("RSP"), name(None)
    ('the Nasdaq Composite (^IXIC)', 'RSP', 'no benchmark')
    >>> name("^IXIC without NVDA, AVGO", {"NVDA": "Nvidia", "AVGO": "Broadcom"})
    'the Nasdaq without Nvidia and Broadcom'
    """
    if benchmark in (None, "none"):
        return "no benchmark"
    if WITHOUT in str(benchmark):
        return market(str(benchmark), names)
    return f"{INDICES[benchmark]} ({benchmark})" if benchmark in INDICES else str(benchmark)


def market(symbol: str, names: Mapping[str, str] = {}) -> str:
    """A benchmark as it is called in a sentence, without its symbol; `names` are those that the claims file gives.

    >>> market("^IXIC"), market("^GSPC"), market("^FTSE"), market("RSP", {"RSP": "S&P 500 in equal parts (fund)"})
    ('the Nasdaq', 'the S&P 500', 'FTSE', 'the S&P 500 in equal parts')
    >>> market("^IXIC without NVDA, AVGO", {"NVDA": "Nvidia"})
    'the Nasdaq without Nvidia and AVGO'
    """
    index, without, members = symbol.partition(WITHOUT)
    if without:
        return f"{market(index, names)} without {words.listed([names.get(one, one) for one in members.split(', ')])}"
    if symbol in INDICES:
        return CALLED.get(symbol, INDICES[symbol])
    return f"the {names[symbol].removesuffix(' (fund)')}" if symbol in names else symbol.lstrip("^")


def short(symbol: str, names: Mapping[str, str] = {}) -> str:
    """As `market`, for a label: without its article.

    >>> short("^IXIC"), short("RSP")
    ('Nasdaq', 'RSP')
    """
    return market(symbol, names).removeprefix("the ")


def tag(symbol: str) -> str:
    """The name of an index where it is short enough to stand beside a line or a row, else its symbol.

    >>> tag("^IXIC"), tag("^TWII"), tag("^IXIC without NVDA, AVGO")
    ('Nasdaq', 'Taiwan index', 'Nasdaq, the rest')
    """
    index, without, _ = symbol.partition(WITHOUT)
    if without:
        return f"{tag(index)}, the rest"
    name = TAGS.get(symbol, short(symbol))
    return name if len(name) <= TAG else cut(symbol)


def cut(name: str) -> str:
    """A name for a figure: both its ends where it is longer than the figure has room for.

    >>> cut("NVDA"), cut("The Very Long Named Corporation of North America")
    ('NVDA', 'The Very Long … America')
    """
    if len(name) <= CUT:
        return name
    return f"{name[: CUT - 9].rstrip()} \u2026 {name[-7:].lstrip()}"


def rest(symbols: Iterable[str], names: Mapping[str, str]) -> str:
    """The sentence that says what ``the rest`` of an index is, where one of `symbols` is such a rest; else nothing.

    >>> rest(["^IXIC", "^IXIC without NVDA"], {"NVDA": "Nvidia"})
    ' The rest of the Nasdaq is the Nasdaq without Nvidia.'
    """
    found = [symbol for symbol in dict.fromkeys(symbols) if WITHOUT in symbol]
    said = [f"The rest of {market(s.partition(WITHOUT)[0], names)} is {market(s, names)}." for s in found]
    return "".join(f" {sentence}" for sentence in said)


def names(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Securities by the names that the claims file gives them."""
    return {ticker: name for v in verdicts for ticker, name in v.claim.params.get("names", {}).items()}
