"""Check the arguments of public functions: what came, what is allowed, an example.

Each function takes the name of the argument, what came, and an example of what is right; it returns the value in its
plain type, and raises a SpecError in words for everything else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from functools import wraps
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from eventstudy.errors import SpecError, UnknownNameError, shortened

T = TypeVar("T")
Public = TypeVar("Public", bound=Callable[..., Any])


def public(thing: Public) -> Public:
    """A function, or a class with its methods, whose wrong calls are refused with the arguments that are allowed.

    Nothing is added to a right call: only where Python raises its TypeError is the call looked at.

    Examples
    --------
    >>> @public
    ... def area(*, width, height=1.0): ...
    >>> area(widht=2.0)
    Traceback (most recent call last):
        ...
    eventstudy.errors.UnknownNameError: unknown argument of area() 'widht'. Did you mean 'width'? Known: width, height
    """
    if not isinstance(thing, type):
        return _checked(thing, thing.__name__)  # type: ignore[return-value]
    for name, member in [*vars(thing).items()]:
        if inspect.isfunction(member) and (name == "__init__" or not name.startswith("_")):
            called = thing.__name__ if name == "__init__" else f"{thing.__name__}.{name}"
            setattr(thing, name, _checked(member, called))
    return thing


def _checked(function: Callable[..., Any], called: str) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **given: Any) -> Any:
        try:
            return function(*args, **given)
        except TypeError as error:
            wrong = _wrong_call(function, called, args, given)
            if wrong is None:
                raise
            raise wrong from error

    return call


def _wrong_call(
    function: Callable[..., Any], called: str, args: Sequence[Any], given: Mapping[str, Any]
) -> SpecError | None:
    """What is wrong with the arguments of a call, None where they fit."""
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **given)
    except TypeError as error:
        known = [name for name in signature.parameters if name != "self"]
        for name in given:
            if name not in known:
                return UnknownNameError(f"argument of {called}()", name, known)
        return SpecError(f"{called}(): {error}; its arguments are {', '.join(known) or 'none'}")
    return None


def came(value: object) -> str:
    """What came, in a few words: a value with its type, a table with its size.

    Examples
    --------
    >>> came("abc"), came(5), came(None), came([1])
    ("the text 'abc'", '5 (int)', 'None', '[1] (list)')
    """
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return f"the text {shortened(repr(value))}"
    kind = type(value).__name__
    shape = getattr(value, "shape", ())
    if isinstance(shape, tuple) and shape:
        return f"a {kind} of {' x '.join(map(str, shape))}"
    if isinstance(value, Real | Sequence | Mapping | set | Path):
        return f"{shortened(' '.join(repr(value).split()))} ({kind})"
    return f"an object of type {kind}"


def refuse(name: str, allowed: str, value: object) -> NoReturn:
    """Raise the SpecError of a value that is not allowed.

    Raises
    ------
    SpecError : always.
    """
    raise SpecError(f"{name} is {allowed}, got {came(value)}")


def text(name: str, value: Any, example: str) -> str:
    """A text that is not empty.

    Raises
    ------
    SpecError : anything else.
    """
    if not isinstance(value, str) or not value:
        refuse(name, f"a text, such as {example!r}", value)
    return str(value)


def texts(name: str, value: Any, example: Sequence[str]) -> tuple[str, ...]:
    """A list of texts; a text by itself is refused, since Python would take it for a list of letters.

    Raises
    ------
    SpecError : anything else.
    """
    return listed_of(name, value, text, example)


def listed_of(name: str, value: Any, each: Callable[[str, Any, Any], T], example: Sequence[Any]) -> tuple[T, ...]:
    """A list whose entries are checked by `each`; what can be read only once, as a generator, is refused.

    Raises
    ------
    SpecError : no list, or an entry that is not allowed.
    """
    if isinstance(value, str | Mapping | bytes | Iterator) or not isinstance(value, Iterable):
        right = [value] if isinstance(value, str) and len(value) < 20 else list(example)
        refuse(name, f"a list, such as {'' if '[' in name else f'{name}='}{right!r}", value)
    return tuple(each(f"each of {name}", one, example[0]) for one in value)


def mapping(name: str, value: Any, each: Callable[[str, Any, Any], T], example: Mapping[str, Any]) -> dict[str, T]:
    """A mapping from texts to what `each` allows.

    Raises
    ------
    SpecError : no mapping, a key that is not text, or a value that is not allowed.
    """
    if not isinstance(value, Mapping):
        refuse(name, f"a mapping, such as {name}={dict(example)!r}", value)
    one = next(iter(example.values()))
    return {
        text(f"each key of {name}", key, next(iter(example))): each(f"{name}[{key!r}]", of, one)
        for key, of in value.items()
    }


def whole(name: str, value: Any, example: int, least: int | None = None, most: int | None = None) -> int:
    """A whole number from `least` to `most`; True and False are none.

    Raises
    ------
    SpecError : anything else.
    """
    within = "" if least is None else f" of at least {least}" if most is None else f" from {least} to {most}"
    number = isinstance(value, Integral) and not isinstance(value, bool)
    if not number or (least is not None and value < least) or (most is not None and value > most):
        refuse(name, f"a whole number{within}, such as {example}", value)
    return int(value)


def number(name: str, value: Any, example: float, low: float | None = None, high: float | None = None) -> float:
    """A finite number, above `low` and below `high` where they are given.

    Raises
    ------
    SpecError : anything else.
    """
    within = "" if low is None else f" above {low:g}" if high is None else f" between {low:g} and {high:g}"
    real = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    if not real or (low is not None and value <= low) or (high is not None and value >= high):
        refuse(name, f"a number{within}, such as {example:g}", value)
    return float(value)


def numbers(name: str, value: Any, example: Sequence[float]) -> tuple[float, ...]:
    """A list of finite numbers.

    Raises
    ------
    SpecError : anything else.
    """
    return listed_of(name, value, number, example)


def flag(name: str, value: Any) -> bool:
    """True or False.

    Raises
    ------
    SpecError : anything else.
    """
    if not (isinstance(value, bool) or type(value).__name__ == "bool"):  # numpy has a bool of its own
        refuse(name, "True or False", value)
    return bool(value)


def choice(name: str, value: Any, allowed: Sequence[str]) -> str:
    """One of a few words.

    Raises
    ------
    SpecError : no text. UnknownNameError : another one.
    """
    if not isinstance(value, str):
        refuse(name, f"one of {', '.join(map(repr, allowed))}", value)
    if value not in allowed:
        raise UnknownNameError(name, value, allowed)
    return value


def path(name: str, value: Any, example: str) -> Path:
    """A path, as text or Path.

    Raises
    ------
    SpecError : anything else.
    """
    if not isinstance(value, str | Path) or not str(value):
        refuse(name, f"a path, such as {example!r}", value)
    return Path(value)


def written_as(value: Any, example: str) -> Path:
    """The path of a file to be written, which does not end as files of another kind do; it may have no ending.

    Parameters
    ----------
    example : a name with the ending that fits.

    Raises
    ------
    SpecError : no path, or the ending of another kind of file.

    Examples
    --------
    >>> written_as("cars", "cars.xlsx").name
    'cars'
    """
    found, own = path("path", value, example), Path(example).suffix
    if found.suffix.lower() in _ENDINGS - {own}:
        raise SpecError(f"{found.name!r} ends as another kind of file does: what is written here ends in {own}")
    return found


_ENDINGS = frozenset(
    (
        *(".csv", ".tsv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".parquet", ".feather"),
        *(".json", ".html", ".pdf", ".tex", ".md", ".svg", ".png", ".jpg", ".jpeg", ".gif"),
        *(".docx", ".doc", ".odt", ".rtf", ".pptx", ".ppt"),
    )
)
"""Endings by which a program chooses how it reads a file."""


def name_or_function(name: str, value: Any, example: str) -> str | Callable[..., Any]:
    """The name of an entry of a registry, or a user's own function or card.

    Raises
    ------
    SpecError : anything else.
    """
    if not isinstance(value, str) and not callable(value) and not is_dataclass(value):
        refuse(name, f"a name, such as {example!r}, or a function", value)
    return value  # type: ignore[no-any-return]
