"""What the files of a new study say: study.yaml, claims.yaml and README.md, each with a word on what stands in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventstudy.errors import SpecError
from eventstudy.files.yamlfile import yaml_text
from eventstudy.objects.estimation import Event
from eventstudy.objects.verdicts import Direction


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new study is to be: its ``name``, one announcement (``event``) or a file of ``events``, ``tickers``,
    ``benchmark``, and where its prices or ``returns`` come from; ``fetched`` lets Yahoo Finance be asked; ``settings``
    are further keys of study.yaml -> their values as YAML; those of ``prices.`` say how the file is written."""

    name: str
    event: str | None
    events: Path | None
    tickers: tuple[str, ...]
    benchmark: str
    prices: Path | None
    returns: Path | None
    fetched: bool
    settings: Mapping[str, str] = field(default_factory=dict)


def study_text(plan: Plan, when: dt.date | dt.datetime | None, events: str | None, returns: str | None) -> str:
    """study.yaml: the keys that a first study needs, each with a word on it; the rest in a comment."""
    title = plan.settings.get("title", yaml_text(_title(plan, when)))
    lines = [
        f"# A study of {plan.name}. Every key: `eventstudy schema study`, or docs/study-file.md.",
        "schema_version: 1",
        f"id: {yaml_text(plan.name)}",
        f"title: {title}",
        "",
    ]
    if returns is not None:
        lines += [
            "# Returns in the place of prices; say percent: true where 1.5 is 1.5 per cent.",
            _file(plan, "returns", returns),
        ]
    else:
        lines += [
            "# The prices that are pinned beside this file; `eventstudy data show` says what they are.",
            "prices: snapshot",
        ]
    lines.append("")
    lines += _events(plan, when, events)
    lines += [
        "",
        "# What the securities are compared with; others by exchange, as in {default: ^GSPC, XTKS: ^N225}.",
        f"benchmarks: {{default: {yaml_text(plan.benchmark)}}}",
        "# Name the securities that are part of a benchmark: their own fall is in it.",
        f"# members: {{{yaml_text(plan.benchmark)}: {_list(plan.tickers[:1] or ('NVDA',))}}}",
        "",
        "# What holds where nothing is said; take away the # to change it.",
        "# model: market",
        "# estimation: [-260, -11]",
        "# event: [-10, 10]",
        "# windows: [[0, 0], [-1, 1], [0, 1], [0, 5], [-10, 10]]",
        "# Share counts, for claims about market value (on the cover of the last report):",
        f"# shares: {{{yaml_text([*plan.tickers, 'NVDA'][0])}: {{shares: 243.5e6, as_of: 2024-06-04, source: 10-Q}}}}",
        *_set(plan),
    ]
    return "\n".join(lines) + "\n"


def _events(plan: Plan, when: dt.date | dt.datetime | None, events: str | None) -> list[str]:
    """The lines of the events and of the securities."""
    if events is not None:
        return [
            "# A row an event: ticker, date, and if you like id, group, benchmark and traits.",
            _file(plan, "events", events),
            "# Securities that are estimated though they have no event:",
            f"{'' if plan.tickers else '# '}tickers: {_list(plan.tickers or ('MSFT',))}",
        ]
    several = ["# Securities that are tested together.", f"groups: {{core: {_list(plan.tickers)}}}"]
    alone = ["# Several that are tested together are a group, as in groups: {core: [A, B]}"]
    return [
        "# When it became known: a day, or a moment with its time zone (2024-07-19T16:30:00-04:00);",
        "# after the close, day zero is the next session.",
        f"events: [{{id: {yaml_text(plan.name)}, announced: {when.isoformat() if when is not None else ''}}}]",
        *(several if len(plan.tickers) > 1 else [*alone, f"tickers: {_list(plan.tickers)}"]),
    ]


_VERBS: Mapping[Direction, str] = {"fall": "fell", "rise": "rose"}


def claims_text(plan: Plan, event: Event, direction: Direction | None) -> str:
    """claims.yaml: two examples about the study's first `event`, one where there are no closes.

    They say the `direction` that was measured; where none was, a fall, and that it has to be looked up.
    """
    said = direction or "fall"
    asked = [] if direction else ["# Not measured yet: say fell or rose, fall or rise, as the article does."]
    first = [
        "# The claims on trial, so far examples: put the article's in their place. Kinds and keys: docs/claims.md, or",
        f"# `eventstudy schema claims`; `eventstudy claims check {plan.name}` says what is wrong here, by line.",
        "schema_version: 1",
        "sources:",
        f"  example: {{title: An example, published: {event.day.isoformat()}}}",
        *asked,
        "claims:",
    ]
    moved = _claim(
        plan,
        event,
        "example-move",
        "price_move            # how far did it move?",
        f"{event.ticker} {_VERBS[said]}",
        f"{{word: {_VERBS[said]}}}       "
        f"# with a number: {{direction: {said}, value: 11, unit: percent, modifier: more_than}}",
    )
    beyond = _claim(
        plan,
        event,
        "example-more-than-the-market",
        "abnormal_move         # was it more than the market's own move, and than chance?",
        f"The {said} of {event.ticker} was more than the market's",
        f"{{direction: {said}}}",
    )
    return "\n".join([*first, *([] if plan.returns is not None else moved), *beyond]) + "\n"


def _claim(plan: Plan, event: Event, name: str, kind: str, says: str, claimed: str) -> list[str]:
    return [
        f"  - id: {name}",
        f"    kind: {kind}",
        f"    event: {yaml_text(plan.name if plan.events is None else event.key)}",
        f"    security: {yaml_text(event.ticker)}",
        f"    says: {yaml_text(says)}",
        f"    claimed: {claimed}",
        "    source: example",
    ]


def readme_text(plan: Plan) -> str:
    """README.md: what each file is, and the commands that come next."""
    lines = [f"# {plan.name}", "", "* `study.yaml`: the events, securities, benchmark and windows."]
    lines.append("* `claims.yaml`: the sentences on trial; those in it are examples.")
    if plan.returns is None:
        lines.append(
            "* `prices/` and `datapackage.json`: the pinned prices with their checksums; leave them as they are."
        )
    commands = [("run", "the page and results.json in reports/")]
    commands += [("claims check", "reads claims.yaml, mistakes by line"), ("claims list", "the verdicts")]
    if plan.prices is None and plan.returns is None and not plan.fetched:
        commands.insert(0, ("fetch", "fetches the prices and pins them"))
    lines += ["", "From the folder above this one:", "", "```"]
    lines += [
        f"eventstudy {command} {plan.name}".ljust(36 + len(plan.name)) + f"# {what}" for command, what in commands
    ]
    return "\n".join([*lines, "```", ""])


def _title(plan: Plan, when: dt.date | dt.datetime | None) -> str:
    if when is None:
        return f"{plan.name}, event by event"
    return f"{plan.name} on {when.day} {when:%B %Y}"


def _file(plan: Plan, key: str, name: str) -> str:
    """The line of a file, and how it is written where that was said."""
    said = {k.removeprefix(f"{key}."): v for k, v in plan.settings.items() if k.startswith(f"{key}.")}
    return f"{key}: {_flow(nested({'file': yaml_text(name), **said}))}"


def _set(plan: Plan) -> list[str]:
    """The keys that were set, a line each; several below one key stand in one line."""
    written = ("title", "prices", "returns", "events")
    own = nested({key: value for key, value in plan.settings.items() if key.split(".")[0] not in written})
    return ["", *(f"{key}: {_flow(value)}" for key, value in own.items())] if own else []


def nested(settings: Mapping[str, str]) -> dict[str, Any]:
    """The values by key, those of a dotted key in a mapping below its first part.

    Raises
    ------
    SpecError : a key, and a key below it.

    Examples
    --------
    >>> nested({"model": "raw", "volume.log": "true"})
    {'model': 'raw', 'volume': {'log': 'true'}}
    """
    out: dict[str, Any] = {}
    for key, value in settings.items():
        *parents, last = key.split(".")
        within = out
        for parent in parents:
            within = within.setdefault(parent, {})
            if not isinstance(within, dict):
                raise SpecError(f"--set {key}: {parent} and a key below it cannot both be set")
        within[last] = value
    return out


def _flow(value: Any) -> str:
    """Values that are YAML already, as one line of it."""
    if not isinstance(value, dict):
        return str(value)
    return f"{{{', '.join(f'{key}: {_flow(part)}' for key, part in value.items())}}}"


def _list(names: Sequence[str]) -> str:
    return f"[{', '.join(yaml_text(name) for name in names)}]"
