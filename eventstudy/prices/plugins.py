"""Providers of other packages, found by their entry points, and the keys that a provider takes from the environment.

A package that declares an entry point in the group ``eventstudy.providers`` offers its `Provider` card under that name.
Its code is imported when a fetch names it, and at no other time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any
from urllib.parse import quote, quote_plus

import pandas as pd

from eventstudy.errors import EventStudyError, ProviderError, SpecError, UnknownNameError
from eventstudy.objects.prices import PriceQuery, RawPrices
from eventstudy.prices import PROVIDERS
from eventstudy.prices.cards import Provider
from eventstudy.prices.rows import COLUMNS

GROUP = "eventstudy.providers"
_HIDDEN = "***"


def plugins() -> dict[str, EntryPoint]:
    """Name -> entry point of the providers that other packages bring; a name of `PROVIDERS` is not replaced."""
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in PROVIDERS}


def provider(name: str) -> Provider:
    """The provider of a name: one of `PROVIDERS`, or one that an installed package brings.

    Raises
    ------
    UnknownNameError : there is none of that name. SpecError : that of another package cannot be used.
    """
    if name in PROVIDERS:
        return PROVIDERS[name]
    found = plugins()
    if name not in found:
        raise UnknownNameError("provider", name, (*PROVIDERS, *found))
    point = found[name]
    try:
        card = point.load()
    except Exception as error:  # whatever another package raises while it is imported
        said = f"{type(error).__name__}: {error}"
        raise SpecError(f"the provider {name!r} ({point.value}) cannot be loaded: {said}") from None
    if not isinstance(card, Provider):
        raise SpecError(
            f"the provider {name!r} ({point.value}) is a {type(card).__name__}; a card is due, as in "
            "eventstudy.prices.cards.Provider(read=..., words=..., network=True, options=(), keys=('ACME_KEY',))"
        )
    return card


def key(name: str) -> str:
    """The key in the environment variable `name`; keys are read from nowhere else.

    Raises
    ------
    ProviderError : it is not set, or empty.
    """
    found = os.environ.get(name, "").strip()
    if not found:
        raise ProviderError(
            f"the environment variable {name} is not set: it holds the provider's key, as in `export {name}=...`"
        )
    return found


def answer(name: str, card: Provider, query: PriceQuery) -> RawPrices:
    """What a provider answers to a query, with no key of its own in any text.

    Raises
    ------
    ProviderError : a key is not set, the provider failed, or what came is not what is due; and as the provider says.
    """
    secrets = _spellings([key(variable) for variable in card.keys])
    failure: EventStudyError | None = None
    try:
        raw = card.read(query)
    except EventStudyError as error:
        failure = error
    except Exception as error:
        if card.read.__module__.startswith("eventstudy."):
            raise
        failure = ProviderError(f"the provider {name!r} failed with {type(error).__name__}: {error}")
    if failure is not None:  # raised out here and by itself: an error that hangs on it may hold a key
        failure.args = tuple(_without(secrets, part) for part in failure.args)
        failure.__cause__ = failure.__context__ = None
        raise failure.with_traceback(None)
    return _hidden(secrets, _sound(name, raw))


def _spellings(keys: Sequence[str]) -> list[str]:
    """The keys as they are and as they stand in addresses, the longest first."""
    return sorted({form for one in keys for form in (one, quote(one, safe=""), quote_plus(one))}, key=len, reverse=True)


def _without(secrets: Sequence[str], value: Any) -> Any:
    """A text, or a mapping of texts, in which `_HIDDEN` stands in the place of a key."""
    if isinstance(value, dict):
        return {name: _without(secrets, text) for name, text in value.items()}
    if not isinstance(value, str):
        return value
    for secret in secrets:
        value = value.replace(secret, _HIDDEN)
    return value


def _hidden(secrets: Sequence[str], raw: RawPrices) -> RawPrices:
    if not secrets:
        return raw
    where = raw.provenance
    texts = {name: _without(secrets, getattr(where, name)) for name in ("provider", "source", "retrieved", "licence")}
    return replace(
        raw,
        provenance=replace(where, **texts),
        issues=tuple(replace(issue, detail=_without(secrets, issue.detail)) for issue in raw.issues),
        about={ticker: _without(secrets, dict(said)) for ticker, said in raw.about.items()},
        library=_without(secrets, raw.library),
    )


def _sound(name: str, raw: Any) -> RawPrices:
    """What came, where it is what is due of a provider.

    Raises
    ------
    ProviderError : it is not.
    """
    if not isinstance(raw, RawPrices):
        raise ProviderError(f"the provider {name!r} returned a {type(raw).__name__}; a RawPrices is due")
    lacking = [column for column in COLUMNS if column not in raw.frame.columns]
    if lacking:
        raise ProviderError(f"the prices of the provider {name!r} have no column {', '.join(lacking)}")
    numbers = [pd.api.types.is_numeric_dtype(raw.frame[column].dtype) for column in COLUMNS[2:]]
    if not all(numbers) or not pd.api.types.is_datetime64_any_dtype(raw.frame["date"].dtype):
        raise ProviderError(
            f"the prices of the provider {name!r} are not of the types that are due: date datetime64, close, adj_close "
            "and volume float64 (NaN where unknown)"
        )
    return raw
