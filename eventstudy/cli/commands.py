"""The command line: results to stdout, progress and messages to stderr, heavy imports inside the commands.

Exit codes: 0 done, 1 our bug, 2 usage or a study or claims file, 3 data missing or changed or not to be written,
4 provider or network, 5 with ``--strict`` a claim that is unresolved or differs from what was expected of it.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from typing import Any

from eventstudy.cli import about, claims, compare, data, draft, new, picture, running, sensitivity, serve  # noqa: F401 - each adds its commands to `app`
from eventstudy.cli.app import app
from eventstudy.cli.terminal import forgiving, say
from eventstudy.errors import EventStudyError

DATA_EXIT = 3
INTERRUPTED_EXIT = 130
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Run the command line; a user's mistake is one message and an exit code, never a traceback."""
    # A study's matrices are small: BLAS threads cost more than they bring. A user's own setting wins.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # it would look for them in every installed package
    gc.disable()  # a short process that keeps nearly all it makes: looking for garbage takes time and finds none
    atexit.register(gc.freeze)  # nor does it at the end
    forgiving()
    _warn_of_another_package()
    code = _written(_called())
    sys.exit(code)


def _warn_of_another_package() -> None:
    """The other distribution's ``__init__.py`` in the place of ours says nothing by itself."""
    if not hasattr(sys.modules["eventstudy"], "_other_package"):
        say(
            "warning: another package, eventstudy, has overwritten files of eventstudy-claims: "
            "pip uninstall eventstudy eventstudy-claims, then pip install eventstudy-claims"
        )


def _called() -> int:
    """Call the command that the command line names; the exit code."""
    try:
        return int(app(standalone_mode=False, prog_name="eventstudy") or 0)
    except EventStudyError as error:
        say(f"error: {error}")
        return error.exit_code
    except SystemExit as stop:  # of completion, and of a reader that has gone, which the option parser has noticed
        gone = type(sys.stdout).__name__ == "PacifyFlushWrapper"
        return int(stop.code or 0) if isinstance(stop.code, int) and not gone else 0
    except OSError as error:
        return _unwritable(error)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # how the option parser says a mistake
            error.show()
            return int(error.exit_code)
        if type(error).__name__ == "Abort":  # Ctrl-C
            say("interrupted")
            return INTERRUPTED_EXIT
        return _bug(error)


def _unwritable(error: OSError) -> int:
    """A reader that has gone is no fault; a full device is one of the place that is written to."""
    if error.errno == errno.EPIPE:
        return 0
    if error.errno in _FULL:
        say(f"error: the output cannot be written: {error.strerror}. Free some space, or write to another place")
        return DATA_EXIT
    return _bug(error)


def _bug(error: Exception) -> int:
    if os.environ.get("EVENTSTUDY_DEBUG"):
        raise error
    say(
        f"error: this is a bug in eventstudy ({type(error).__name__}: {error}). "
        "Please report it with the output of the same command under EVENTSTUDY_DEBUG=1"
    )
    return 1


def _written(code: int) -> int:
    """Write out what is still held back; afterwards nothing more can fail at the end of the process."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            failed = _unwritable(error) if isinstance(error, OSError) else 0
            code = code or failed
            _silence(stream)
    return code


def _silence(stream: Any) -> None:
    """Let what cannot be written go nowhere: Python would try again at its end, and complain."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return
