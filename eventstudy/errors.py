"""Every error this package raises on purpose.

::

    EventStudyError(Exception)
    +-- SpecError(ValueError)        a study file, claims file or argument is wrong: file:line, what is allowed
    |   +-- UnknownNameError         lists the known names, with a did-you-mean
    +-- WindowError(ValueError)      malformed, overlapping, outside the history
    +-- PriceError
    |   +-- ProviderError            network or vendor; says whether to try again
    |   +-- MissingPriceError        a ticker or its dates are absent
    |   +-- SnapshotError            checksum, schema, partial file
    |   +-- QualityError             carries every issue
    +-- EstimationError              too few observations, no variance, singular

A false claim is a verdict, not an error. ``exit_code`` is what the command line returns for the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from eventstudy.objects.prices import Issue


_LONGEST_NAME = 100
"""Characters beyond which no known name is looked for that is near a wrong one."""


_FINDINGS = 20
"""Findings, and securities of one finding, that an error spells out."""


_LONGEST_MESSAGE = 8000
"""Characters of a message: what it quotes from a file may have any length."""


class EventStudyError(Exception):
    """Root of the tree: every error that the package raises on purpose.

    Examples
    --------
    >>> import eventstudy as es
    >>> try:
    ...     es.load("deepsek")
    ... except es.EventStudyError as error:
    ...     print(type(error).__name__, error.exit_code)
    UnknownNameError 2
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message, _LONGEST_MESSAGE))


class SpecError(EventStudyError, ValueError):
    """A study file, a claims file or an argument is wrong.

    Parameters
    ----------
    message : what came, what was expected, what to do.
    file, line : where in a user's file; the message is then prefixed ``file:line:``.
    """

    exit_code = 2

    def __init__(self, message: str, *, file: Path | str | None = None, line: int | None = None) -> None:
        self.file, self.line = file, line
        where = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(where + message)


class UnknownNameError(SpecError):
    """A name that no registry, panel or file holds: ``what`` it names, and ``known``, the names there are."""

    def __init__(
        self,
        what: str,
        name: str,
        known: Sequence[str],
        *,
        file: Path | str | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        self.what, self.name, self.known = what, name, tuple(known)
        meant = did_you_mean(str(name), self.known) or (f": {hint}." if hint else ".")
        known_ones = listed(self.known) or "none"
        known_ones = f" Known: {known_ones}" if self.known or not hint else ""
        super().__init__(f"unknown {what} {shortened(repr(name))}{meant}{known_ones}", file=file, line=line)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``. Did you mean 'market'?`` for a name close to a known one, else nothing.

    Examples
    --------
    >>> did_you_mean("markte", ["market", "raw"])
    ". Did you mean 'market'?"
    """
    if len(name) > _LONGEST_NAME:  # comparing takes time by the square of the length
        return ""
    short = [k for k in map(str, known) if len(k) <= _LONGEST_NAME]
    near = [k for k in short if k.lower() == name.strip().lower()] or get_close_matches(name, short, n=1)
    return f". Did you mean {near[0]!r}?" if near else ""


def listed(names: Sequence[str], most: int = 60) -> str:
    """The names with commas; of very many the first `most`, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    shown = ", ".join(shortened(str(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def joined(items: Sequence[str], last: str = "and") -> str:
    """``A, B and C``, all of them; the empty text where there are none.

    Examples
    --------
    >>> joined(["NVDA", "AVGO", "TSM"]), joined(["NVDA"]), joined(["up", "down"], "or")
    ('NVDA, AVGO and TSM', 'NVDA', 'up or down')
    """
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def shortened(text: str, longest: int = 120) -> str:
    """`text`, its middle left out where it is longer than `longest`, so that a message stays readable.

    Examples
    --------
    >>> shortened("a" * 1000, 20)
    'aaaaaaaa...aaaaaaaaa'
    """
    if len(text) <= longest:
        return text
    head = (longest - 3) // 2
    return f"{text[:head]}...{text[head + 3 - longest :]}"


class WindowError(EventStudyError, ValueError):
    """A window is malformed, overlaps another, or lies outside the price history."""

    exit_code = 2


class PriceError(EventStudyError):
    """Prices are absent, broken or not to be trusted."""

    exit_code = 3


class ProviderError(PriceError):
    """The network or the vendor failed; ``retry`` says whether trying again can help."""

    exit_code = 4

    def __init__(self, message: str, *, retry: bool = False) -> None:
        self.retry = retry
        super().__init__(f"{message} ({'try again later' if retry else 'trying again will not help'})")


class MissingPriceError(PriceError):
    """A ticker or the dates asked of it are not in the prices."""


class SnapshotError(PriceError):
    """A pinned file does not match its checksum or schema, or is partial."""


class QualityError(PriceError):
    """The quality checks found something fatal; ``issues`` holds all findings, fatal or not.

    ``hint`` is what can be done about all of them, after the list.
    """

    def __init__(self, issues: Sequence[Issue], hint: str = "") -> None:
        self.issues = tuple(issues)
        fatal = [i for i in self.issues if i.severity == "fatal"]
        said: dict[tuple[str, str], list[Issue]] = {}
        for issue in fatal:
            said.setdefault((issue.code, issue.detail), []).append(issue)
        lines = [
            f"  {alike[0]}"
            if len(alike) == 1
            else f"  fatal {code} {listed([str(i.ticker) for i in alike], _FINDINGS)}: {detail}"
            for (code, detail), alike in said.items()
        ]
        more = [f"  and {len(lines) - _FINDINGS} more"] if len(lines) > _FINDINGS else []
        shown = [f"{len(fatal)} fatal finding(s) in the prices:", *lines[:_FINDINGS], *more, *([hint] if hint else [])]
        super().__init__("\n".join(shown))


class EstimationError(EventStudyError):
    """No normal return can be estimated: too few observations, no variance, or a singular design."""

    exit_code = 3
