"""What a reader may choose, and the study that it makes: the same as `run` with the settings of `settings_of`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventstudy.errors import SpecError, UnknownNameError, joined
from eventstudy.figures import called
from eventstudy.files.yamlfile import yaml_text
from eventstudy.models import MODELS
from eventstudy.models import card as model_card
from eventstudy.models.recipe import Recipe
from eventstudy.objects.estimation import Window, window_of
from eventstudy.objects.results import StudyResult
from eventstudy.objects.settings import Settings
from eventstudy.registry import lookup
from eventstudy.study.study import Study

KINDS = ("simple", "log")
KEYS = ("benchmark", "model", "estimation", "event", "returns", "group")
"""What may be chosen, by the keys that a browser sends."""
ENDS = ("first", "last")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader chose; None keeps what the study says.

    Parameters
    ----------
    benchmark : the series that the securities of the headline group are compared with.
    model : the model of normal returns.
    estimation, event : the windows.
    returns : ``simple`` or ``log``.
    group : the headline group.
    """

    benchmark: str | None = None
    model: str | None = None
    estimation: Window | None = None
    event: Window | None = None
    returns: str | None = None
    group: str | None = None

    @property
    def none(self) -> bool:
        """Whether all is as the study says."""
        return self == Choices()


def own(settings: Settings) -> dict[str, Any]:
    """What the study itself says, by `KEYS`, as a browser sends it; a benchmark that is not chosen is empty."""
    windows = {name: [window.start, window.end] for name, window in _windows(settings).items()}
    return {
        "benchmark": "",
        "model": settings.model,
        **windows,
        "returns": settings.returns,
        "group": settings.headline_group,
    }


def held(settings: Settings) -> dict[str, str]:
    """What the fields of the page hold when all is as in the study: text, a window by its two ends."""
    said = own(settings)
    ends = {
        f"{key}-{end}": str(value) for key in _windows(settings) for end, value in zip(ENDS, said[key], strict=True)
    }
    return {key: said[key] or "" for key in ("group", "benchmark", "model", "returns")} | ends


def sent(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of the page hold, by `KEYS`."""
    windows = {key: [_session(fields.get(f"{key}-{end}")) for end in ENDS] for key in ("estimation", "event")}
    return {key: windows.get(key, fields.get(key)) for key in KEYS}


def _session(text: Any) -> Any:
    """The whole number that a field holds, the minus sign in any of its forms; else what it holds."""
    try:
        return text if "_" in str(text) else int(str(text).strip().replace("\u2212", "-").replace("\u2013", "-"))
    except ValueError:
        return text


def _windows(settings: Settings) -> dict[str, Window]:
    return {"estimation": settings.estimation, "event": settings.event}


def chosen(result: StudyResult, sent: Mapping[str, Any]) -> Choices:
    """What a browser sent, checked; what is as in the study is None.

    Raises
    ------
    SpecError : a value of another type, or other returns where returns are given. UnknownNameError : a choice,
        model or group that there is not. WindowError : a window that ends before its start.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> result = example_result()
    >>> chosen(result, own(result.settings)).none
    True
    >>> chosen(result, own(result.settings) | {"event": [-3, 3]})
    Choices(benchmark=None, model=None, estimation=None, event=Window(start=-3, end=3), returns=None, group=None)
    >>> chosen(result, own(result.settings) | {"event": [None, 3]})
    Traceback (most recent call last):
    ...
    eventstudy.errors.SpecError: the event window needs its first and its last session as whole numbers, such as ...
    """
    settings = result.settings
    if other := next((key for key in sent if key not in KEYS), None):
        raise UnknownNameError("choice", other, KEYS)
    names = {key: _name(key, sent.get(key)) for key in ("benchmark", "model", "returns", "group")}
    if names["model"] is not None:
        lookup(MODELS, names["model"], "model")
    if names["returns"] is not None and names["returns"] not in KINDS:
        raise SpecError(f"returns are {' or '.join(KINDS)}, got {names['returns']!r}")
    if names["group"] is not None:
        lookup(settings.groups, names["group"], "group")
    if result.prices.returns is not None and names["returns"] not in (None, settings.returns):
        raise SpecError(
            f"the study holds {settings.returns} returns in the place of prices, so that no others can be formed"
        )
    keys = _compared_by(result, names["group"] or settings.headline_group)
    if all(settings.benchmarks.get(key) == names["benchmark"] for key in keys):
        names["benchmark"] = None
    windows = {key: _window(key, sent.get(key), window) for key, window in _windows(settings).items()}
    found: dict[str, Any] = {**names, **windows}
    said: dict[str, Any] = own(settings) | _windows(settings)
    return Choices(**{key: None if found[key] == said[key] else found[key] for key in KEYS})


def _name(key: str, value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise SpecError(f"{key}: due is a name, got {value!r}")
    return value


def _window(key: str, ends: object, usual: Window) -> Window:
    if ends is None:
        return usual
    two = list(ends) if isinstance(ends, Sequence) and not isinstance(ends, str) else []
    if len(two) != 2 or not all(isinstance(end, int) and not isinstance(end, bool) for end in two):
        raise SpecError(
            f"the {key} window needs its first and its last session as whole numbers, such as {usual.start} and "
            f"{usual.end}; day zero is 0"
        )
    return window_of((two[0], two[1]))


# ----------------------------------------------------------------------------------------------------------- the study
def applied(study: Study, result: StudyResult, choices: Choices) -> Study:
    """The study with the choices made; `result` is that of the study itself.

    Raises
    ------
    SpecError, WindowError : the choices do not go together, in the words of the study's own checks.
    """
    changed = replace(study, **_changes(study, result, choices))
    _ = changed.settings
    return changed


def _changes(study: Study, result: StudyResult, choices: Choices) -> dict[str, Any]:
    """The arguments of a `Study` that the choices change."""
    settings = result.settings
    found: dict[str, Any] = {}
    if choices.benchmark is not None:
        keys = _compared_by(result, choices.group or settings.headline_group)
        found |= {"benchmark": None, "benchmarks": {**settings.benchmarks, **dict.fromkeys(keys, choices.benchmark)}}
    if choices.model is not None:
        found["model"] = choices.model
    for key, window in (("estimation", choices.estimation), ("event", choices.event)):
        if window is not None:
            found[key] = (window.start, window.end)
    if choices.event is not None:
        found["windows"] = tuple((w.start, w.end) for w in windows_in(settings, choices.event))
        found |= _grid(study, choices.event)
    if choices.returns is not None:
        found["returns"] = choices.returns
        kept = tuple(m for m in study.compare_models if choices.returns == "simple" or not _simple_only(m))
        if len(kept) < len(study.compare_models):
            found["compare_models"] = kept
    if choices.group is not None:
        found |= {"headline_event": settings.headline_event, "headline_group": choices.group}
    return found


def _grid(study: Study, event: Window) -> dict[str, Any]:
    """The grid without the gaps that would end an estimation window inside the event window; nothing where all fit."""
    given = study.sensitivity
    gaps = [] if isinstance(given, str) else list(given.get("gaps", ()))
    kept = [gap for gap in gaps if -gap < event.start]
    if isinstance(given, str) or len(kept) == len(gaps):
        return {}
    others = {key: value for key, value in given.items() if key != "gaps"}
    return {"sensitivity": others | ({"gaps": kept} if kept else {})}


def windows_in(settings: Settings, event: Window) -> tuple[Window, ...]:
    """The windows to be summed: those of the study that lie in the event window, and the event window itself."""
    kept = [window for window in settings.windows if event.contains(window)]
    return tuple(dict.fromkeys([*kept, event]))


def _compared_by(result: StudyResult, group: str | None) -> tuple[str, ...]:
    """The entries of ``benchmarks`` that the securities of a group are compared by."""
    settings = result.settings
    members = settings.tickers if group is None else settings.groups[group]
    codes = [result.prices.exchange[t] for t in members if t in result.prices.exchange]
    return tuple(dict.fromkeys(code if code in settings.benchmarks else "default" for code in codes)) or ("default",)


def _simple_only(model: Any) -> bool:
    fit = model_card(model).fit
    return isinstance(fit, Recipe) and fit.simple_only


# ----------------------------------------------------------------------------------------------------- what is offered
def benchmarks(result: StudyResult) -> list[tuple[str, str]]:
    """Series that may be compared with, and what they are called: all in the prices that are no security here."""
    settings = result.settings
    known = called.names(result.verdicts)
    used = dict.fromkeys(name for name in _compared_with(settings))
    others = [ticker for ticker in result.prices.tickers if ticker not in settings.tickers and ticker not in used]
    there = [name for name in used if name in result.prices.tickers]
    return [(name, _called(name, known)) for name in (*there, *others)]


def _compared_with(settings: Settings) -> tuple[str, ...]:
    return (*settings.benchmarks.values(), *settings.compare_benchmarks)


def _called(ticker: str, known: Mapping[str, str]) -> str:
    if ticker in called.INDICES:
        name = called.INDICES[ticker].removeprefix("the ")
        return f"{name} ({ticker})"
    return f"{known[ticker]} ({ticker})" if ticker in known else ticker


def usual_benchmark(settings: Settings) -> str:
    """What the study itself compares with, for the reader."""
    names = dict.fromkeys(settings.benchmarks.values())
    return f"As in the study ({', '.join(names)})" if names else "None, as in the study"


# -------------------------------------------------------------------------------------------------------- said in words
def said(choices: Choices) -> str:
    """How the choices differ from the study's own settings, in a sentence."""
    parts = []
    if choices.benchmark is not None:
        parts.append(f"benchmark {choices.benchmark}")
    if choices.model is not None:
        parts.append(MODELS[choices.model].words)
    parts += [f"{key} window {w}" for key in ("estimation", "event") if (w := getattr(choices, key)) is not None]
    if choices.returns is not None:
        parts.append(f"{choices.returns} returns")
    if choices.group is not None:
        parts.append(f"group {choices.group}")
    return f"Unlike in the study: {joined(parts)}." if parts else "All is as in the study."


def left_out(study: Study, result: StudyResult, choices: Choices) -> list[str]:
    """What the choices leave out of the study, a sentence each."""
    found = []
    if choices.event is not None:
        lost = [str(w) for w in result.settings.windows if not choices.event.contains(w)]
        if lost:
            found.append(f"Outside the event window, and left out: {joined(lost)}.")
    changes = _changes(study, result, choices)
    if "sensitivity" in changes:
        found.append("Left out of the grid of specifications: gaps that reach into the event window.")
    if "compare_models" in changes:
        gone = [str(m) for m in study.compare_models if m not in changes["compare_models"]]
        found.append(f"Not compared with, since they explain simple returns alone: {joined(gone)}.")
    apart = [e for e in result.settings.events if e.benchmark or e.estimation or e.event]
    if apart and any((choices.benchmark, choices.estimation, choices.event)):
        found.append("Events that have a benchmark or windows of their own keep them.")
    return found


def settings_of(study: Study, result: StudyResult, choices: Choices) -> dict[str, str]:
    """The choices as ``key -> text`` of ``--set``: the study read with them gives the same result, byte for byte."""
    changes = _changes(study, result, choices)
    found: dict[str, str] = {}
    for code, series in changes.get("benchmarks", {}).items():
        if series != result.settings.benchmarks.get(code):
            found[f"benchmarks.{code}"] = yaml_text(series)
    if "model" in changes:
        found["model"] = changes["model"]
    for key in ("estimation", "event", "windows"):
        if key in changes:
            found[key] = json.dumps(changes[key])
    if "returns" in changes:
        found["returns"] = changes["returns"]
    if "compare_models" in changes:
        found["compare.models"] = json.dumps(list(changes["compare_models"]))
    if "sensitivity" in changes:
        found["sensitivity"] = json.dumps(changes["sensitivity"])
    if "headline_group" in changes:
        found["headline"] = json.dumps({"event": changes["headline_event"], "group": changes["headline_group"]})
    return found


def command(name: str, pairs: Mapping[str, str]) -> str:
    """The command that gives the same result.

    >>> command("deepseek", {"model": "ff3", "event": "[-5, 5]"})
    "eventstudy run deepseek --set model=ff3 --set 'event=[-5, 5]'"
    """
    return shlex.join(
        ["eventstudy", "run", name, *(w for key, text in pairs.items() for w in ("--set", f"{key}={text}"))]
    )
