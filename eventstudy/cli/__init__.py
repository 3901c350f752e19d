"""The commands."""

from __future__ import annotations


def main() -> None:
    """What `eventstudy` and `python -m eventstudy` call."""
    from eventstudy.cli.commands import main

    main()
