"""Read a user's YAML file so that every complaint can name its line.

Plain scalars are read by the rules of YAML 1.2: the ticker ``ON`` stays a text. Dates and moments stay texts too, so
that a time zone is not lost. The parser is libyaml, ten times as fast as one in Python, which is the fallback.

The file may come from a stranger: its size, its depth, the number of its values (aliases counted as what they stand
for) and the length of a number are limited, and tags are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from eventstudy.errors import SpecError, did_you_mean, listed, shortened
from eventstudy.files.reading import read_bytes

if TYPE_CHECKING:
    from pydantic import BaseModel

    M = TypeVar("M", bound=BaseModel)

Key = tuple[str | int, ...]

LARGEST = 4 * 2**20
"""Bytes of the largest YAML file that is read: a study of 30,000 events, each on a line of its own."""
MOST_VALUES = 300_000
DEEPEST = 32
LONGEST_NUMBER = 100
MOST_PROBLEMS = 20

# What a plain scalar is (YAML 1.2; https://yaml.org/spec/1.2.2/#103-core-schema), and what all but a text begin with.
_PLAIN = {
    "null": re.compile(r"~|null|Null|NULL|"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?(?:0b[01][01_]*|0o[0-7][0-7_]*|[0-9][0-9_]*|0x[0-9a-fA-F][0-9a-fA-F_]*)"),
    "float": re.compile(
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
}
_FIRST = frozenset("~nNtTfF-+.0123456789")
_STR = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One YAML file: ``data`` plain Python, ``lines`` and ``scalars`` (text as written) by key path."""

    path: Path
    data: Any
    lines: Mapping[Key, int]
    scalars: Mapping[Key, str]

    def line(self, *path: str | int) -> int:
        """1-based line of a key path, or of its nearest parent that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def quoted(self, *path: str | int) -> str:
        """The scalar at a key path exactly as written: ``3.10`` stays apart from ``3.1``."""
        return self.scalars[path]


def read_yaml(path: Path | str) -> Document:
    """Read one file.

    Raises
    ------
    SpecError : no ordinary file, not UTF-8, not YAML, a key twice, a tag, nothing in it, or more than the limits of
        this module allow; with file and line.
    """
    path = Path(path)
    try:
        text = read_bytes(path, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        said = f"not UTF-8 text: {error.reason} at byte {error.start}; save it as UTF-8"
        raise SpecError(said, file=path) from None
    lines: dict[Key, int] = {}
    scalars: dict[Key, str] = {}
    held, data = _read(text, path, lines, scalars)
    if not held:
        raise SpecError("the file is empty", file=path)
    return Document(path, data, lines, scalars)


def read_value(text: str) -> Any:
    """One YAML value as plain data, read as it would be in a file.

    Raises
    ------
    SpecError : it is not YAML.

    Examples
    --------
    >>> read_value("[ON, 3, 2025-01-27]")
    ['ON', 3, '2025-01-27']
    """
    return _read(text, None, {}, {})[1]


# ------------------------------------------------------------------------------------------------ from events to data
@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """What `_value` takes events from and notes in."""

    path: Path | None
    events: Iterator[Any]
    lines: dict[Key, int]
    scalars: dict[Key, str]

    def refuse(self, event: Any, message: str) -> NoReturn:
        raise SpecError(message, file=self.path, line=event.start_mark.line + 1)


def _read(text: str, path: Path | None, lines: dict[Key, int], scalars: dict[Key, str]) -> tuple[bool, Any]:
    """Whether the text holds anything, and its data; `lines` and `scalars` are filled on the way.

    Raises
    ------
    SpecError : not YAML, or more than the limits allow.
    """
    from yaml.error import MarkedYAMLError, YAMLError
    from yaml.events import DocumentStartEvent, StreamEndEvent

    reading = _Reading(path, _expanded(text, path), lines, scalars)
    try:
        next(reading.events)  # the stream begins
        if not isinstance(next(reading.events), DocumentStartEvent):
            return False, None
        data = _value(reading, next(reading.events), ())
        next(reading.events)  # the document ends
        if not isinstance(after := next(reading.events), StreamEndEvent):
            reading.refuse(after, "not valid YAML: a second document begins here, and a file holds one")
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SpecError(f"not valid YAML: {error.problem}", file=path, line=line) from None
    except (YAMLError, UnicodeError) as error:
        raise SpecError(f"not valid YAML: {shortened(' '.join(str(error).split()))}", file=path) from None
    return True, data


@cache
def _parser() -> Callable[[str], Any]:
    """A reader of YAML into events: libyaml's, else the one in Python."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[no-any-return]


def _expanded(text: str, path: Path | None) -> Iterator[Any]:
    """The events of a YAML text, an alias replaced by the events of what it stands for.

    A parser holds no tree, so that too much is refused while it is still small: a composer overflows the stack on
    nested brackets, and ten lines of aliases of aliases stand for billions of values.
    """
    from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent, StreamEndEvent

    parser = _parser()(text)
    count = 0
    kept: list[Any] = []  # the events inside anchored collections and anchored scalars
    begun: list[tuple[str | None, int]] = []  # the open collections: anchor, where in `kept` they begin
    anchored: dict[str, list[Any]] = {}
    while True:
        event = parser.get_event()
        if isinstance(event, AliasEvent):
            line = event.start_mark.line + 1
            if event.anchor not in anchored:
                said = "stands inside itself" if event.anchor in dict(begun) else "stands before its anchor"
                raise SpecError(f"not valid YAML: the alias *{event.anchor} {said}", file=path, line=line)
            passed = anchored[event.anchor]
        else:
            passed = [event]
        count += len(passed)
        if count > MOST_VALUES:
            said = f"more than {MOST_VALUES:,} keys and values, counted as often as aliases repeat them"
            raise SpecError(said, file=path, line=event.start_mark.line + 1)
        yield from passed
        if isinstance(event, StreamEndEvent):
            return
        start = len(kept)
        if isinstance(event, CollectionStartEvent):
            begun.append((event.anchor, start))
            anchored.pop(event.anchor, None)
        if any(anchor for anchor, _ in begun):
            kept += passed
        if isinstance(event, CollectionEndEvent):
            anchor, start = begun.pop()
            if anchor:
                anchored[anchor] = kept[start:]
        elif isinstance(event, ScalarEvent) and event.anchor:
            anchored[event.anchor] = passed


def _value(reading: _Reading, event: Any, at: Key) -> Any:
    """The plain data that begins with `event`, the line of every key noted on the way."""
    from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

    reading.lines.setdefault(at, event.start_mark.line + 1)
    if len(at) > DEEPEST:
        reading.refuse(event, f"nested more than {DEEPEST} levels deep")
    if event.tag not in (None, "!", _STR):
        reading.refuse(event, f"the tag {shortened(event.tag)} is not read here; write the value without a tag")
    if isinstance(event, ScalarEvent):
        reading.scalars[at] = event.value
        return _scalar(reading, event)
    if not isinstance(event, MappingStartEvent):
        entries: list[Any] = []
        while not isinstance(event := next(reading.events), SequenceEndEvent):
            entries.append(_value(reading, event, (*at, len(entries))))
        return entries
    result: dict[str, Any] = {}
    while not isinstance(key := next(reading.events), MappingEndEvent):
        if not isinstance(key, ScalarEvent):
            reading.refuse(key, "a list or mapping stands where a key is due; put text with brackets into quotes")
        if key.value in result:
            reading.refuse(key, f"the key {shortened(repr(key.value))} stands twice")
        reading.lines[*at, key.value] = key.start_mark.line + 1
        result[key.value] = _value(reading, next(reading.events), (*at, key.value))
    return result


def _scalar(reading: _Reading, event: Any) -> Any:
    """A plain scalar is what YAML 1.2 says; one in quotes or with the tag ``!!str`` is a text."""
    text = event.value
    kind = plain_kind(text) if event.tag is None and event.implicit[0] else "str"
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float") and len(text) > LONGEST_NUMBER:
        reading.refuse(event, f"a number of {len(text):,} characters; at most {LONGEST_NUMBER} are read")
    if kind == "int":
        digits = text.replace("_", "")
        return int(digits, 0 if digits.lstrip("+-")[1:2] in ("b", "o", "x") else 10)  # 007 is seven
    if kind == "float":
        return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    return text


def plain_kind(text: str) -> str:
    """What a plain scalar is read as: null, bool, int, float or str.

    >>> plain_kind("ON"), plain_kind("TRUE"), plain_kind("0700")
    ('str', 'bool', 'int')
    """
    if text and text[0] not in _FIRST:
        return "str"
    return next((kind for kind, pattern in _PLAIN.items() if pattern.fullmatch(text)), "str")


# ------------------------------------------------------------------------------------------------ from data to models
def yaml_text(text: str) -> str:
    """A text as YAML reads it back: bare where that is safe, else in double quotes.

    Examples
    --------
    >>> yaml_text("NVDA"), yaml_text("^IXIC"), yaml_text("true"), yaml_text("a: b")
    ('NVDA', '^IXIC', '"true"', '"a: b"')
    """
    return text if _BARE.fullmatch(text) and plain_kind(text) == "str" else json.dumps(text, ensure_ascii=False)


_BARE = re.compile(r"\^?[A-Za-z][A-Za-z0-9.=-]*( [A-Za-z0-9.'-]+)*")


def fail(document: Document, path: Sequence[str | int], message: str) -> NoReturn:
    """Raise SpecError at the line of a key path."""
    raise SpecError(message, file=document.path, line=document.line(*path))


def parse(document: Document, model: type[M], at: Sequence[str | int] = ()) -> M:
    """Validate the document, or what stands at the key path `at`, with a pydantic model.

    Raises
    ------
    SpecError : every problem found, each with file, line, key, what came and what is allowed.
    """
    from pydantic import ValidationError

    value = document.data
    for key in at:
        value = value[key]
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems = [_problem(document, model, tuple(at), dict(e)) for e in error.errors(include_url=False)]
    (first_line, first), *rest = sorted(set(problems))
    shown = [f"{document.path}:{line}: {message}" for line, message in rest[:MOST_PROBLEMS]]
    if len(rest) > MOST_PROBLEMS:
        shown.append(f"and {len(rest) - MOST_PROBLEMS} more like these")
    raise SpecError("\n".join([first, *shown]), file=document.path, line=first_line)


def _problem(document: Document, model: type[BaseModel], at: Key, error: dict[str, Any]) -> tuple[int, str]:
    """One pydantic complaint as (line, sentence)."""
    where = _inside(document.data, (*at, *error["loc"]))
    key = ".".join(str(p) for p in where[len(at) :]) or "the file"
    kind, came = error["type"], error["input"]
    if kind == "extra_forbidden":
        allowed = _fields(model, tuple(error["loc"])[:-1])
        name = str(error["loc"][-1])
        ours = f" Allowed: {listed(allowed)}" if allowed else ""
        return document.line(*where), f"unknown key {shortened(repr(name))}{did_you_mean(name, allowed) or '.'}{ours}"
    if kind == "missing":
        held = _fields(model, tuple(error["loc"]))
        its = f"; its keys are {listed(held)}" if held else ""
        return document.line(*where), f"the key {error['loc'][-1]!r} is missing{its}"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ").replace("a valid tuple", "a list")
    number = kind == "string_type" and isinstance(came, int | float)
    quoted = f'; put it in quotes: "{document.scalars.get(where, came)}"' if number else ""
    return document.line(*where), f"{key}: {message}, got {shortened(repr(came))}{shortened(quoted)}"


def _inside(data: Any, loc: Key) -> Key:
    """The longest beginning of `loc` that stands in the data (pydantic adds names of union branches)."""
    path: list[str | int] = []
    for key in loc:
        known = key in data if isinstance(data, Mapping) else isinstance(data, list) and key in range(len(data))
        if known:
            data = data[key]
            path.append(key)
    return tuple(path)


def _fields(model: type[BaseModel], loc: Key) -> tuple[str, ...]:
    """Names of the keys allowed in the (nested) model at `loc`; () where that cannot be told."""
    from typing import get_args

    found: Any = model
    for key in loc:
        if isinstance(key, int) or found is None:
            continue
        info = getattr(found, "model_fields", {}).get(key)
        if info is None:
            continue
        options = [info.annotation, *get_args(info.annotation)]
        options += [a for o in options for a in get_args(o)]
        found = next((o for o in options if hasattr(o, "model_fields")), None)
    return tuple(sorted(getattr(found, "model_fields", {}) or ()))
