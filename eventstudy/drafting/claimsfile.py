"""The claims file of a draft: what is whole is a claim that waits to be confirmed, the rest stands as a comment."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eventstudy.claims.card import Kind
from eventstudy.claims.kinds import CLAIM_KINDS
from eventstudy.drafting.aliases import Aliases
from eventstudy.drafting.article import Article
from eventstudy.drafting.restate import says, slug
from eventstudy.drafting.statement import Statement
from eventstudy.files.folders import prices_file, study_folder, tickers_in
from eventstudy.files.reading import inside, kind_of
from eventstudy.files.yamlfile import read_yaml, yaml_text

SOURCE = "article"
NO_DAY = "unknown-day"
"""The event of a statement of which nothing says when it was."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a draft knows of its study: the events (id -> day), the one in front, series of prices, groups and names."""

    name: str = ""
    events: Mapping[str, dt.date | None] = field(default_factory=dict)
    headline: str | None = None
    prices: tuple[str, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text of a claims file, how many claims it holds, and how many more want a part before they are claims."""

    text: str
    claims: int
    incomplete: int


def frame_of(study: str) -> Frame:
    """What a study's files say, without running it.

    Raises
    ------
    SpecError, UnknownNameError : no such study, or a file of it that cannot be read.
    """
    folder = study_folder(study)
    data = read_yaml(folder / "study.yaml").data
    said = data if isinstance(data, dict) else {}
    events = {
        str(e["id"]): _day(e.get("announced"))
        for e in _listed(said.get("events"))
        if isinstance(e, dict) and e.get("id")
    }
    headline = said.get("headline")
    front = headline.get("event") if isinstance(headline, dict) else None
    groups = {
        str(name): tuple(map(str, of)) for name, of in _mapping(said.get("groups")).items() if isinstance(of, list)
    }
    claims = inside(folder, str(said.get("claims") or "claims.yaml"))
    names = _mapping(read_yaml(claims).data).get("names") if kind_of(claims) == "file" else {}
    return Frame(
        study,
        events,
        str(front) if front in events else next(iter(events), None),
        tickers_in(prices_file(folder)),
        groups,
        {str(ticker): str(name) for ticker, name in _mapping(names).items()},
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def claims_file(article: Article, found: Sequence[Statement], aliases: Aliases, frame: Frame) -> Drafted:
    """The claims file of an article's statements, in the order of the article."""
    whole: list[str] = []
    events: dict[str, str] = {}
    taken: set[str] = set()
    claims = 0
    for one in found:
        one = _grouped(one, frame)
        event, wants = _event(one, frame)
        missing = (*_wants(one, frame), *wants)
        entry = [*_entry(one, event, slug(one, taken), aliases)]
        if missing:
            whole += [
                "",
                *(f"  # {line}" for line in (*_said(article, one), *(f"missing: {text}" for text in missing), *entry)),
            ]
            continue
        claims += 1
        events |= {event: one.day}
        whole += ["", *(f"  # {line}" for line in _said(article, one)), *(f"  {line}" for line in entry)]
    head = [*_head(article, claims, len(found) - claims, frame), *_events(events, frame), *_source(article)]
    head += _names(found, aliases)
    key = ["claims:"] if claims else ["claims: []"]
    return Drafted("\n".join([*head, *key, *whole]) + "\n", claims, len(found) - claims)


def _head(article: Article, claims: int, incomplete: int, frame: Frame) -> Iterator[str]:
    plural = "s" * (claims != 1)
    yield f"# Drafted by rules from {article.name}: {claims} claim{plural}, {incomplete} more to be completed."
    yield "# None is confirmed. Compare each with the article, put right what is wrong, and take its line"
    yield "# `confirmed: false` away; until then it is counted, and not tried. What stands behind # is no claim yet:"
    yield "# fill in what is missing and take the # away. Kinds and keys: docs/claims.md; drafts: docs/drafting.md."
    yield "schema_version: 1"


def _events(events: Mapping[str, str], frame: Frame) -> Iterator[str]:
    if frame.name or not events:
        return
    listed = ", ".join(f"{{id: {name}, announced: {day or 'YYYY-MM-DD'}}}" for name, day in events.items())
    yield "# study.yaml needs these events:"
    yield f"# events: [{listed}]"


def _source(article: Article) -> Iterator[str]:
    yield "sources:"
    yield f"  {SOURCE}:"
    yield f"    title: {yaml_text(article.title)}"
    for name in ("publisher", "author", "url"):
        if getattr(article, name) != "unknown":
            yield f"    {name}: {yaml_text(getattr(article, name))}"
    if article.published is not None:
        yield f'    published: "{article.published.isoformat()}"'


def _names(found: Sequence[Statement], aliases: Aliases) -> Iterator[str]:
    """What the securities are called in verdicts."""
    tickers = dict.fromkeys(ticker for one in found for ticker in one.tickers)
    named = [f"{yaml_text(t)}: {yaml_text(aliases.called[t])}" for t in tickers if t in aliases.called]
    if named:
        yield "names:"
        yield from (f"  {line}" for line in named)


def _said(article: Article, one: Statement) -> Iterator[str]:
    yield f"line {one.line} of {article.name}"


def _event(one: Statement, frame: Frame) -> tuple[str, tuple[str, ...]]:
    """The event of a statement, and what is missing where the study has none on its day."""
    if len(one.day) not in (0, 10):
        return NO_DAY, (f"event: the day in {one.day} that is meant",)
    if not frame.name:
        return (f"day-{one.day}", ()) if one.day else (NO_DAY, ())
    if not one.day:
        return frame.headline or NO_DAY, () if frame.headline else ("event: an event of study.yaml",)
    own = [name for name, day in frame.events.items() if day is not None and day.isoformat() == one.day]
    if frame.headline in own:
        return str(frame.headline), ()
    if own:
        return own[0], ()
    added = f"day-{one.day}"
    return added, (f"event: one of study.yaml on {one.day}, such as {{id: {added}, announced: {one.day}}}",)


def _grouped(one: Statement, frame: Frame) -> Statement:
    """A statement about "chip stocks" with the one group of the study that is called so; else as it is."""
    if one.kind != "group_move" or one.tickers:
        return one
    words = {word.rstrip("s") for word in one.name.lower().replace("-", " ").split()}
    own = [name for name in frame.groups if {w.rstrip("s") for w in re.split(r"[_\W]+", name.lower())} <= words]
    if len(own) != 1:
        return one
    return replace(one, group=own[0], missing=tuple(text for text in one.missing if not text.startswith("tickers:")))


def _wants(one: Statement, frame: Frame) -> Iterator[str]:
    """What a claim of this kind still needs."""
    yield from one.missing
    card = CLAIM_KINDS[one.kind]
    if card.subjects and not one.tickers and not one.group and not any("tickers" in text for text in one.missing):
        yield f"{card.subjects[0]}: whom it is about"
    if "security" in card.subjects and len(one.tickers) > 1:
        yield "security: one of them a claim"
    if card.directed and one.direction == "none" and one.word is None:
        yield "claimed.direction: fall or rise"
    if one.quantity is not None and one.quantity.unit not in card.claimed_units:
        yield f"claimed.unit: one of {', '.join(card.claimed_units[:8])}; got {one.quantity.unit}"
    absent = [t for t in _series(one) if frame.prices and t not in frame.prices]
    if absent:
        yield f"prices of {', '.join(absent)}, which the study does not hold"


def _series(one: Statement) -> tuple[str, ...]:
    to = one.params.get("to", ())
    return (*one.tickers, *([to] if isinstance(to, str) else to))


def _entry(one: Statement, event: str, name: str, aliases: Aliases) -> Iterator[str]:
    card: Kind = CLAIM_KINDS[one.kind]
    yield f"- id: {name}"
    yield f"  kind: {one.kind}"
    yield f"  event: {yaml_text(event)}"
    if "security" in card.subjects and len(one.tickers) == 1:
        yield f"  security: {yaml_text(one.tickers[0])}"
    elif one.group:
        yield f"  group: {yaml_text(one.group)}  # is this the group that the article means?"
    elif card.subjects and one.tickers:
        yield f"  tickers: {_flow(list(one.tickers))}"
    yield f"  says: {yaml_text(says(one, lambda ticker: aliases.called.get(ticker, ticker)))}"
    claimed = _claimed(one)
    if claimed:
        yield f"  claimed: {claimed}"
    yield f"  source: {SOURCE}"
    yield f"  place: {{{SOURCE}: {one.paragraph}}}"
    yield "  confirmed: false"
    if one.params:
        yield f"  params: {_flow(one.params)}"


def _claimed(one: Statement) -> str:
    quantity, parts = one.quantity, []
    if one.word is not None:
        return f"{{word: {one.word}}}"
    if one.direction != "none":
        parts.append(f"direction: {one.direction}")
    if quantity is not None and quantity.low is not None:
        parts.append(f"low: {_number(quantity.low)}, high: {_number(quantity.value)}, unit: {quantity.unit}")
    elif quantity is not None:
        parts.append(f"value: {_number(quantity.value)}, unit: {quantity.unit}")
        if quantity.modifier != "exactly":
            parts.append(f"modifier: {quantity.modifier}")
    return f"{{{', '.join(parts)}}}" if parts else ""


def _number(digits: str) -> str:
    """Plain digits; in quotes where zeros behind the point are digits."""
    return json.dumps(digits) if "." in digits and digits.endswith("0") else digits


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return yaml_text(value) if isinstance(value, str) else str(value)
