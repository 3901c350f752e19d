"""Read a user's YAML file so that every complaint can name its line.

Plain scalars are read by the rules of YAML 1.2: the ticker ``ON`` stays a text. Dates and moments stay texts too, so
that a time zone is not lost. The parser is libyaml, twenty times as fast as one in Python, which is the fallback.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

from eventstudy.errors import SpecError

if TYPE_CHECKING:
    from pydantic import BaseModel

    M = TypeVar("M", bound=BaseModel)

Key = tuple[str | int, ...]

# What a plain scalar is, with the characters it can begin with (YAML 1.2; https://yaml.org/spec/1.2.2/#103-core-schema).
_PLAIN = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?(?:0b[01][01_]*|0o[0-7][0-7_]*|[0-9][0-9_]*|0x[0-9a-fA-F][0-9a-fA-F_]*)", list("-+0123456789")),
    "float": (
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+0123456789."),
    ),
}


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
    SpecError : no such file, not UTF-8, not YAML, a key twice, or nothing in it; with file and line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError("no such file", file=path) from None
    except UnicodeDecodeError as error:
        raise SpecError(f"not UTF-8 text: {error.reason} at byte {error.start}", file=path) from None
    node = _composed(text, path)
    if node is None:
        raise SpecError("the file is empty", file=path)
    lines: dict[Key, int] = {}
    scalars: dict[Key, str] = {}
    return Document(path, _plain(node, (), lines, scalars, path), lines, scalars)


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
    node = _composed(text, None)
    return None if node is None else _plain(node, (), {}, {}, None)


def _composed(text: str, path: Path | None) -> Any:
    """The tree of YAML nodes, None for an empty text."""
    from yaml.error import MarkedYAMLError, YAMLError

    try:
        return _loader()(text).get_single_node()
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SpecError(f"not valid YAML: {error.problem}", file=path, line=line) from None
    except YAMLError as error:
        raise SpecError(f"not valid YAML: {error}", file=path) from None


@cache
def _loader() -> Callable[[str], Any]:
    """A reader of YAML into nodes whose plain scalars are told apart by `_PLAIN`."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    for kind, (pattern, first) in _PLAIN.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{pattern})$"), first)
    return Loader


def _plain(node: Any, at: Key, lines: dict[Key, int], scalars: dict[Key, str], path: Path | None) -> Any:
    """Turn a YAML node into plain data, noting the line of every key on the way."""
    lines.setdefault(at, node.start_mark.line + 1)
    if node.id == "mapping":
        result: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in result:
                raise SpecError(f"the key {key.value!r} stands twice", file=path, line=key.start_mark.line + 1)
            lines[(*at, key.value)] = key.start_mark.line + 1
            result[key.value] = _plain(value, (*at, key.value), lines, scalars, path)
        return result
    if node.id == "sequence":
        return [_plain(value, (*at, i), lines, scalars, path) for i, value in enumerate(node.value)]
    scalars[at] = node.value
    return _scalar(node)


def _scalar(node: Any) -> Any:
    kind = node.tag.rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() == "true"
    if kind == "int":
        digits = node.value.replace("_", "")
        return int(digits, 0 if digits.lstrip("+-")[1:2] in ("b", "o", "x") else 10)  # 007 is seven
    if kind == "float":
        return float(node.value.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    return node.value


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
    lines = [f"{document.path}:{line}: {message}" for line, message in sorted(set(problems))]
    first_line, first = sorted(set(problems))[0]
    raise SpecError("\n".join([first, *lines[1:]]), file=document.path, line=first_line)


def _problem(document: Document, model: type[BaseModel], at: Key, error: dict[str, Any]) -> tuple[int, str]:
    """One pydantic complaint as (line, sentence)."""
    where = _inside(document.data, (*at, *error["loc"]))
    key = ".".join(str(p) for p in where[len(at) :]) or "the file"
    kind, came = error["type"], error["input"]
    if kind == "extra_forbidden":
        allowed = _fields(model, tuple(error["loc"])[:-1])
        near = get_close_matches(str(error["loc"][-1]), allowed, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listed = f" Allowed: {', '.join(allowed)}" if allowed else ""
        return document.line(*where), f"unknown key {error['loc'][-1]!r}.{hint}{listed}"
    if kind == "missing":
        return document.line(*where), f"the key {error['loc'][-1]!r} is missing"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return document.line(*where), f"{key}: {message}, got {came!r}"


def _inside(data: Any, loc: Key) -> Key:
    """The longest beginning of `loc` that stands in the data (pydantic adds names of union branches)."""
    path: list[str | int] = []
    for key in loc:
        known = key in data if isinstance(data, Mapping) else isinstance(key, int) and isinstance(data, list)
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
