"""Write files whole or not at all, and numbers always the same way."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from math import isfinite
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from eventstudy.arguments import path as path_
from eventstudy.errors import SpecError, shortened
from eventstudy.files.reading import kind_of

if TYPE_CHECKING:
    import pandas as pd


def write_text(path: Path | str, text: str) -> Path:
    """Write UTF-8 text to a temporary file beside `path`, then rename; returns `path`. Folders are made as needed.

    Raises
    ------
    SpecError : the folder cannot be made or written to; what stood at `path` still stands.
    """
    path = path_("path", path, "report.html")
    try:
        if kind_of(path) == "other":  # a device or a pipe: a rename would put a file in its place
            path.write_text(text, encoding="utf-8", newline="\n")
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(text)
                file.close()
                temporary.chmod(0o644)
                os.replace(temporary, path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        raise SpecError(
            f"cannot write {_said(path, error)}; give the path of another file, or another folder with --out"
        ) from None
    return path


def not_there(folder: Path, names: Iterable[str]) -> None:
    """Refuse to write over what is in a folder already.

    Raises
    ------
    SpecError : one of the names is there.
    """
    taken = [name for name in names if kind_of(folder / name) != "nothing"]
    if taken:
        raise SpecError(f"{folder} holds {', '.join(taken[:3])} already; choose another folder with --out")


def write_by(path: Path | str, fill: Callable[[Path], Any]) -> Path:
    """Let `fill` write a temporary file beside `path`, then rename; returns `path`. Folders are made as needed.

    Raises
    ------
    SpecError : the folder cannot be made or written to; what stood at `path` still stands.
    """
    path = path_("path", path, "table.csv")
    if kind_of(path) == "other":
        raise SpecError(f"{path} is a device or a pipe; give the path of a file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            fill(temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise SpecError(f"cannot write {_said(path, error)}; give the path of another file") from None
    return path


def _said(path: Path, error: OSError | ValueError) -> str:
    return f"{shortened(str(path))!r}: {getattr(error, 'strerror', None) or error}"


def harmless(value: Any) -> Any:
    """A cell for a CSV file: a text that a spreadsheet would take for a formula gets an apostrophe before it.

    Numbers stay as they are, and so does a text made of numbers.

    Examples
    --------
    >>> harmless("=cmd()"), harmless("-10 10"), harmless(-17.0), harmless("NVDA")
    ("'=cmd()", '-10 10', -17.0, 'NVDA')
    """
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBERS.fullmatch(value):
        return f"'{value}"
    return value


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBERS = re.compile(r"[-+][-+0-9.,:%eE ]*")


def harmless_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text and every label of a column made `harmless`; the index is not looked at."""
    changed = {name: column.map(harmless) for name, column in frame.items() if column.dtype.kind == "O"}
    return frame.assign(**{str(k): v for k, v in changed.items()}).rename(columns=harmless)


def csv_text(frame: pd.DataFrame, digits: int | None = None) -> str:
    """The frame as CSV without its index: no live formulas, one newline a line on every system.

    `digits` are the significant digits of its numbers; without them every digit that is needed to read them back.
    """
    return str(_csv(frame, None, digits))


def write_csv(path: Path | str, frame: pd.DataFrame) -> Path:
    """Write the frame as `csv_text` does, row by row, so that a million of them need no text of their own.

    Raises
    ------
    SpecError : as `write_by`.
    """
    return write_by(path, lambda file: _csv(frame, file))


def _csv(frame: pd.DataFrame, file: Path | None, digits: int | None = None) -> Any:
    form = None if digits is None else f"%.{digits}g"
    return harmless_frame(frame).to_csv(file, index=False, float_format=form, lineterminator="\n")


def json_object(value: Mapping[str, Any]) -> str:
    """A JSON object, one key a line, and one line for each row of a list: small to compare, quick to write."""
    parts: list[str] = []  # joined once: each copy of a long text takes its time
    for key, entry in value.items():
        rows = isinstance(entry, list) and entry
        text = ("[\n", ",\n".join(_rows(entry)), "\n]") if rows else (json_text(entry),)
        parts += [",\n" if parts else "{\n", encode_basestring(key), ": ", *text]
    return "".join([*parts, "\n}\n"]) if parts else "{\n\n}\n"


def _rows(rows: Sequence[Any]) -> Iterable[str]:
    """Each of `rows` as `json_text`; rows of the same keys column by column, so that what repeats is written once."""
    keys = tuple(rows[0]) if isinstance(rows[0], dict) else ()
    if not keys or not all(isinstance(row, dict) and tuple(row) == keys for row in rows):
        return [json_text(row) for row in rows]
    columns: list[Sequence[str]] = []
    for key, values in zip(keys, zip(*[row.values() for row in rows], strict=True), strict=True):
        before = f"{', ' if columns else '{'}{encode_basestring(str(key))}: "
        columns += [[before] * len(rows), _column(values)]
    return map("".join, zip(*columns, ["}"] * len(rows), strict=True))


_NOT_FINITE = frozenset({"nan", "inf", "-inf"})


def _column(values: tuple[Any, ...]) -> list[str]:
    """`json_text` of each of `values`, each different one written once where the same value has the same text."""
    kinds = {*map(type, values)}
    if kinds == {list}:
        inside = {type(one) for value in values for one in value}
        rows = list(map(tuple, values))
        return _each(rows) if _alike(inside) or _no_zeros(rows, inside) else [json_text(row) for row in rows]
    if kinds == {float}:
        texts = ("\n".join(["%.12g"] * len(values)) % values).split("\n")  # twice as quick as one by one
        return ["null" if text in _NOT_FINITE else text for text in texts]
    return _each(values) if _alike(kinds) else [_SCALARS.get(type(value), json_text)(value) for value in values]


def _each(values: Sequence[Any]) -> list[str]:
    written = {value: json_text(value) for value in {*values}}
    return [written[value] for value in values]


def _alike(kinds: set[type]) -> bool:
    """Whether equal values have the same text; 1 and True are equal, and so are 0.0 and -0.0."""
    return len(kinds - {type(None)}) <= 1 and kinds <= {str, int, bool, type(None)}


def _no_zeros(rows: Sequence[tuple[Any, ...]], kinds: set[type]) -> bool:
    """Whether all are floats other than zero, of which equal ones have the same text too."""
    return kinds == {float} and all(all(row) for row in rows)


def json_text(value: Any) -> str:
    """JSON of plain data: floats to 12 significant digits, NaN and infinities null, dates ISO 8601.

    One pass, since the standard encoder would need the rounded copy first and writes 17 digits.

    >>> json_text({"a": (1, 0.1 + 0.2, float("nan")), "b": None})
    '{"a": [1, 0.3, null], "b": null}'
    """
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return scalar(value)
    if isinstance(value, dict | Mapping):  # the first is quicker to tell
        return (
            "{"
            + ", ".join(
                [f"{encode_basestring(str(k))}: {_SCALARS.get(type(v), json_text)(v)}" for k, v in value.items()]
            )
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join([json_text(v) for v in value]) + "]"
    if isinstance(value, dt.date):
        return encode_basestring(value.isoformat())
    if hasattr(value, "item"):  # numpy's scalars
        return json_text(value.item())
    raise TypeError(f"no JSON for {type(value).__name__}: {value!r}")


def _number(value: float) -> str:
    return f"{value:.12g}" if isfinite(value) else "null"


_SCALARS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    float: _number,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}
