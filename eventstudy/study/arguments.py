"""What each argument of a `Study` may be, checked before anything is read or computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from eventstudy.arguments import choice, flag, listed_of, mapping, name_or_function, number, path, refuse, texts, whole
from eventstudy.arguments import text as text_
from eventstudy.errors import SpecError
from eventstudy.objects.estimation import DayZeroPolicy, window_of
from eventstudy.objects.prices import Basis, PriceFile
from eventstudy.objects.settings import CalendarKind, VolumeModel
from eventstudy.study.contamination import check_weights

if TYPE_CHECKING:
    from eventstudy.study.study import Study

Check = Callable[[str, Any], object]


def _optional(check: Check) -> Check:
    return lambda name, value: None if value is None else check(name, value)


def _text(example: str) -> Check:
    return lambda name, value: text_(name, value, example)


def _path(example: str) -> Check:
    return lambda name, value: path(name, value, example)


def _texts(*example: str) -> Check:
    return lambda name, value: texts(name, value, example)


def _choice(allowed: Any) -> Check:
    return lambda name, value: choice(name, value, get_args(allowed))


def _entries(*example: str) -> Check:
    return lambda name, value: listed_of(name, value, name_or_function, example)


def _named(example: Mapping[str, str]) -> Check:
    return lambda name, value: mapping(name, value, text_, example)


def _lists(example: Mapping[str, list[str]]) -> Check:
    return lambda name, value: mapping(name, value, texts, example)


def _benchmarks(name: str, value: Any) -> None:
    if isinstance(value, str):
        raise SpecError(f"benchmarks is a mapping, got {value!r}; for one series say benchmark={value!r}")
    mapping(name, value, text_, {"default": "^IXIC", "XTKS": "^N225"})


def _windows(name: str, value: Any) -> None:
    example = f"{name}=[(0, 0), (-1, 1)]"
    if isinstance(value, str) or not hasattr(value, "__len__") or not hasattr(value, "__iter__"):
        refuse(name, f"a list, such as {example}", value)
    if not len(value):
        raise SpecError(f"{name} is empty: give at least one, such as {name}=[(0, 0)]")
    for one in value:
        try:
            window_of(one)
        except SpecError as error:
            raise SpecError(f"{error}; {name} is a list of windows, such as {example}") from None


def _weights(name: str, value: Any) -> None:
    example = {"^IXIC": {"NVDA": 0.112}}
    mapping(name, value, lambda _name, one, _example: mapping(name, one, _share, example["^IXIC"]), example)
    for index, weights in value.items():
        check_weights(weights, index)


def _share(name: str, value: Any, example: Any) -> None:
    number(name, value, example)


def _factors(name: str, value: Any) -> None:
    if isinstance(value, str | Path | PriceFile):
        return  # read, and checked, by `factors.factors_of`
    if isinstance(value, list | tuple) and all(isinstance(one, str | Path) for one in value):
        return
    if not isinstance(value, pd.DataFrame):
        refuse(
            name,
            "a DataFrame, a file or a list of files of decimal returns, dates by names such as mkt_rf, smb, rf",
            value,
        )
    for what, labels in (("column", value.columns), ("date", value.index)):
        if not labels.is_unique:
            raise SpecError(f"{name}: the {what} {labels[labels.duplicated()][0]!r} stands twice; keep one")


def _days_by_exchange(name: str, value: Any) -> None:
    mapping(name, value, lambda _name, one, _example: _days(name, one), {"XTAI": ["2024-10-31"]})


def _days(name: str, value: Any) -> None:
    listed_of(name, value, lambda _name, one, _example: one, ["2025-01-20"])  # each day is read later


def _findings(name: str, value: Any) -> None:
    if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
        refuse(name, "a list of findings, such as [{'check': 'split_jump', 'ticker': 'RRC'}]", value)


CHECKS: Mapping[str, Check] = {
    "tickers": _texts("NVDA", "AMD"),
    "dayfirst": _optional(flag),
    "date_format": _optional(_text("%d/%m/%Y")),
    "benchmark": _optional(_text("^IXIC")),
    "benchmarks": _benchmarks,
    "groups": _lists({"chips": ["NVDA", "AMD"]}),
    "compare_benchmarks": _texts("^GSPC"),
    "compare_models": _entries("market_adjusted"),
    "model": lambda name, value: name_or_function(name, value, "market"),
    "percent": _optional(flag),
    "basis": _choice(Basis),
    "windows": _windows,
    "min_obs": _optional(lambda name, value: whole(name, value, 100, least=1)),
    "policy": _choice(DayZeroPolicy),
    "alpha": lambda name, value: number(name, value, 0.05, low=0, high=1),
    "allow_missing": flag,
    "tests": _entries("t", "bmp_t"),
    "exchanges": _named({"BTC-USD": "24/7"}),
    "labels": _named({"news": "The news of 27 January"}),
    "factors": _optional(_factors),
    "members": _lists({"^IXIC": ["NVDA"]}),
    "weights": _weights,
    "peers": _lists({"NVDA": ["AMD"]}),
    "donors": _lists({"NVDA": ["AMD"]}),
    "contaminated": _days,
    "accept": _findings,
    "closures": _days_by_exchange,
    "sessions": _days_by_exchange,
    "volume": _choice(VolumeModel),
    "calendar": _choice(CalendarKind),
    "headline_event": _optional(_text("news")),
    "headline_group": _optional(_text("chips")),
    "id": _text("my-study"),
    "title": _text("A study of chip makers"),
    "claims": _optional(_path("claims.yaml")),
    "file": _optional(_path("study.yaml")),
}


def check_arguments(study: Study) -> None:
    """Check every argument that no function of its own reads (as prices, returns, shares, events, estimation, event).

    Raises
    ------
    SpecError : what came, what is allowed, an example. WindowError : a window that ends before its start.
    """
    for name, check in CHECKS.items():
        check(name, getattr(study, name))
