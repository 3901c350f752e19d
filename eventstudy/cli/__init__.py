"""The commands.

Quirks: Heavy imports happen inside commands. The process collects no garbage. What reaches a terminal goes through
`terminal`, which escapes control characters and replaces what the encoding lacks.
"""

from __future__ import annotations


def main() -> None:
    """What `eventstudy` and `python -m eventstudy` call."""
    from eventstudy.cli.commands import main

    main()
