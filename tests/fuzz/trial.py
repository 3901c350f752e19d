"""One input: made from its seed, tried under the clock, and what became of it."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from fuzz.targets import ALLOWED, TARGETS

SECONDS = 5.0
"""Of processor time; what is refused, is refused sooner."""


class TooSlow(BaseException):
    """Raised by the clock; no `except Exception` may catch it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An input that was neither read nor refused by an error of the package."""

    seed: int
    number: int
    target: str
    where: str
    what: str

    @property
    def kind(self) -> tuple[str, str]:
        """Faults that share it are taken for one."""
        return self.where, self.what.split(":")[0]


def drawn(seed: int, number: int, only: str | None = None) -> tuple[random.Random, str]:
    """The generator of an input and the target it is for."""
    rng = random.Random(f"{seed}/{number}")
    names = [only] if only else list(TARGETS)
    return rng, rng.choices(names, [TARGETS[name][1] for name in names])[0]


def tried(seed: int, number: int, only: str | None = None, *, clock: bool = True) -> Fault | None:
    """Try one input; None where all is well."""
    rng, target = drawn(seed, number, only)
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as room, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(room)  # what is written to a relative path stays in here
        try:
            with _limited(clock):
                TARGETS[target][0](rng, Path(room))
        except ALLOWED as error:
            if len(str(error)) > 20_000:
                return Fault(seed, number, target, type(error).__name__, f"a message of {len(str(error))} characters")
        except (Exception, TooSlow) as error:
            last = traceback.extract_tb(error.__traceback__)
            ours = [f for f in last if "eventstudy/" in f.filename.replace(os.sep, "/") and "fuzz" not in f.filename]
            frame = (ours or last)[-1]
            name = "/".join(Path(frame.filename).parts[-2:])
            return Fault(seed, number, target, f"{name}:{frame.name}", f"{type(error).__name__}: {str(error)[:200]}")
        finally:
            os.chdir(before)
    return None


@contextmanager
def _limited(clock: bool) -> Iterator[None]:
    if not clock:
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {SECONDS:g} s")

    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
