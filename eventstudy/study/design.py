"""What a study asks for against what there is: names that must exist, and what its design cannot do, said as issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from eventstudy.errors import SpecError, UnknownNameError, did_you_mean, listed
from eventstudy.inference import RESAMPLED, SINGLE, TESTS
from eventstudy.models import MODELS, card
from eventstudy.objects.cards import Model
from eventstudy.objects.estimation import Event
from eventstudy.objects.prices import Issue, PricePanel
from eventstudy.objects.settings import Settings
from eventstudy.registry import lookup


def check_names(tests: Sequence[Any], models: Sequence[Any]) -> None:
    """Refuse an unknown test or model before anything runs; functions pass.

    Raises
    ------
    UnknownNameError : with the nearest name there is. SpecError : a model of the user's own with the name of another.
    """
    for test in tests:
        lookup(TESTS, test, "test")
    for model in models:
        own = card(model)
        registered = MODELS.get(own.name)
        if registered is not None and own.takes != registered.takes:
            raise SpecError(f"your own model is called {own.name!r}, as one of the package's: give it another name")


def check_headline(event: str, group: str | None, events: Iterable[str], groups: Iterable[str]) -> None:
    """Refuse a headline event or group that the study does not have.

    Raises
    ------
    UnknownNameError : with those there are.
    """
    if event not in (known := tuple(events)):
        raise UnknownNameError("headline event", event, known)
    if group is not None and group not in (named := tuple(groups)):
        raise UnknownNameError("headline group", group, named)


def check_benchmark(model: Model, benchmarks: Mapping[str, str], events: Sequence[Event]) -> None:
    """Refuse a model that compares with a benchmark where the study names none.

    Raises
    ------
    SpecError : with the argument to give.
    """
    if model.uses_benchmark and not benchmarks and not all(event.benchmark for event in events):
        raise SpecError(
            f"the model {model.name!r} compares with a benchmark, and the study names none: give "
            "benchmark='^GSPC' (in study.yaml benchmarks: {default: ^GSPC}), or a model without one, such as "
            "model='mean_adjusted'"
        )


def expanded(
    named: Mapping[str, Sequence[str]], what: str, groups: Mapping[str, tuple[str, ...]], tickers: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """`peers` or `donors` by security: groups replaced by their members on both sides, no security beside itself.

    Raises
    ------
    SpecError : a text for a list, or nothing left to compare with. UnknownNameError : a key that is not a security.
    """
    out: dict[str, tuple[str, ...]] = {}
    for who, others in named.items():
        if isinstance(others, str):
            raise SpecError(f"{who!r} is compared with a list of tickers or groups, such as [{others!r}]")
        lookup(dict.fromkeys((*groups, *tickers), _nothing), who, f"security or group in {what}")
        known = list(dict.fromkeys(t for name in others for t in groups.get(name, (name,))))
        for ticker in groups.get(who, (who,)):
            out[ticker] = tuple(t for t in known if t != ticker)
            if not out[ticker]:
                only = "only itself" if known else "an empty list"
                raise SpecError(f"{what} of {ticker!r} is {only}: name other securities, or leave it out")
    return out


def _nothing() -> None:
    """What a name that only has to be known stands for."""


def design_issues(settings: Settings, panel: PricePanel, own: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Issue]:
    """What the design cannot do or does otherwise than one might think.

    Parameters
    ----------
    own : ``peers`` and ``donors`` as the user wrote them.
    """
    checks: tuple[Callable[[Settings, PricePanel], Iterator[Issue]], ...] = (
        _tests_without_group,
        _small_groups,
        _split_headline,
        _slow_tests,
        _contaminated,
        _shared_donors,
        _unused_benchmarks,
        _unused_keys,
    )
    found = [issue for check in checks for issue in check(settings, panel)]
    for what, named in own.items():
        detail = f"named among its own {what}: left out there"
        found += [Issue("own_donor", "info", detail, who) for who, others in named.items() if who in others]
    return found


def without_event(named: Iterable[str], settings: Settings) -> list[Issue]:
    """Securities that the study names, and that none of its events is of."""
    detail = "is named in tickers or groups and has no event: it is not measured; give it a date among the events"
    return [Issue("no_event", "warning", detail, ticker) for ticker in named if ticker not in settings.tickers]


def dates_apart(settings: Settings) -> Issue:
    """That dates given as a list are announcements of their own, each tested by itself."""
    detail = (
        f"the {len(settings.event_ids)} dates are announcements of their own, each tested by itself; to test events "
        "of several dates together give a mapping ticker -> date, or Event objects with one id"
    )
    return Issue("dates_tested_apart", "info", detail)


# ------------------------------------------------------------------------------------------------------------- checks
def _tests_without_group(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    needing = [name for name in settings.tests if name not in SINGLE]
    if needing and not settings.groups:
        detail = f"{', '.join(needing)}: tests of a group of securities, and the study has none; give groups"
        yield Issue("test_needs_group", "warning", detail)


def _small_groups(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    ticker_of = {(event.id, event.key): event.ticker for event in settings.events}
    for name in settings.groups:
        here: dict[str, dict[str, int]] = {}  # exchange -> security -> the most events of it in one announcement
        for event_id in settings.event_ids:
            for ticker, n in Counter(ticker_of[event_id, key] for key in settings.keys(event_id, name)).items():
                most = here.setdefault(panel.exchange[ticker], {})
                most[ticker] = max(n, most.get(ticker, 0))
        for exchange, found in sorted(here.items()):
            if len(found) == 1 and max(found.values()) == 1:
                detail = (
                    f"group {name!r} has only {next(iter(found))} on {exchange}: a group is tested by exchange, with "
                    "two securities or more, so that one is in no group test and no comparison"
                )
                yield Issue("group_too_small", "warning", detail)


def _split_headline(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    name = settings.headline_group
    if name is None:
        return
    keys = set(settings.keys(settings.headline_event, name))
    places = Counter(
        panel.exchange[e.ticker] for e in settings.events if e.id == settings.headline_event and e.key in keys
    )
    if len(places) > 1 and max(places.values()) == 1:
        detail = (
            f"group {name!r} stands in front and trades on {', '.join(sorted(places))}, one security each: sessions of "
            "different exchanges are not the same days, so there is no test of the group; each has its own tests"
        )
        yield Issue("group_split", "warning", detail)


def _slow_tests(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    if not settings.tests and len(settings.event_ids) > 1:
        detail = (
            f"{', '.join(sorted(RESAMPLED))}: resampling takes time, so that these are run for the headline event "
            f"{settings.headline_event!r} alone; name them in tests to run them for every event"
        )
        yield Issue("slow_tests_headline_only", "info", detail)


def _contaminated(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    first, last = panel.close.index[0].date(), panel.close.index[-1].date()
    outside = [day for day in settings.contaminated if not first <= day <= last]
    if outside:
        days = listed([*map(str, outside)], 12)
        detail = f"contaminated days outside the price history {first} to {last}, so without effect: {days}"
        yield Issue("contaminated_outside", "info", detail)


def _shared_donors(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    """Models of other securities that were given none, and so take those that had the event too."""
    for model in dict.fromkeys((settings.model, *settings.compare_models)):
        known = card(settings.functions.get(model, model))
        what = known.compares_with
        if what is None or getattr(known.fit, "tickers", None):
            continue
        named = getattr(settings, what)
        for events in _together(settings, panel):
            tickers = [event.ticker for event in events]
            without = [ticker for ticker in tickers if ticker not in named]
            if without and len(tickers) > 1:
                detail = (
                    f"{model} at {events[0].id!r}: no {what} named for {listed(without, 12)}, so that each is compared "
                    f"with securities that have the event too ({listed(tickers, 12)}): what they lose together is not "
                    f"seen, abnormal returns are pulled towards zero; name {what} that the news did not concern"
                )
                yield Issue("donors_share_event", "warning", detail)


def _unused_benchmarks(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    known = card(settings.functions.get(settings.model, settings.model))
    if settings.compare_benchmarks and not known.uses_benchmark:
        detail = (
            f"{listed(settings.compare_benchmarks, 12)}: the model {settings.model} uses no benchmark, so that its "
            "answer is the same against each; they are not compared"
        )
        yield Issue("benchmarks_not_used", "info", detail)


def _unused_keys(settings: Settings, panel: PricePanel) -> Iterator[Issue]:
    """Names of securities or series to which something is stated, and which the study does not hold."""
    series = dict.fromkeys((*panel.tickers, *settings.tickers))
    names = {**series, **dict.fromkeys((*settings.groups, *settings.event_ids, *(e.key for e in settings.events)))}
    stated: dict[str, tuple[Iterable[str], dict[str, None]]] = {
        "exchanges": (settings.exchanges, series),
        "labels": (settings.labels, names),
        "members": (settings.members, series),
        "weights": (settings.weights, series),
        "shares": (settings.shares, series),
        "the tickers of confounders": ([t for news in settings.confounders for t in news.tickers], series),
    }
    for what, (keys, known) in stated.items():
        for key in dict.fromkeys(keys):
            if key not in known:
                detail = f"stands in {what}, and no series has that name: without effect{did_you_mean(key, known)}"
                yield Issue("name_not_used", "warning", detail, key)


def _together(settings: Settings, panel: PricePanel) -> Iterator[list[Event]]:
    found: dict[tuple[str, str], list[Event]] = {}
    for event in settings.events:
        found.setdefault((event.id, panel.exchange[event.ticker]), []).append(event)
    yield from found.values()
