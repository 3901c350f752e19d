"""What the shell offers behind TAB: studies, claims, formats, verdicts and kinds. Quick, and silent about mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import typer


def studies(incomplete: str) -> list[str]:
    """The bundled studies, and the folders here that hold a ``study.yaml``."""
    from pathlib import Path

    from eventstudy.files.folders import bundled_names

    try:
        own = sorted(str(path.parent) for path in Path().glob("*/study.yaml"))
        return [name for name in (*bundled_names(), *own) if name.startswith(incomplete)]
    except OSError:
        return []


def claims(ctx: typer.Context, incomplete: str) -> list[str]:
    """The claims of the study that the command line names so far, else of the default one."""
    from eventstudy.cli.app import DEFAULT
    from eventstudy.errors import EventStudyError
    from eventstudy.files.folders import study_folder
    from eventstudy.files.yamlfile import read_yaml

    named = ctx.params.get("study") or ctx.params.get("study_") or DEFAULT
    try:
        entries: Any = read_yaml(study_folder(str(named)) / "claims.yaml").data["claims"]
        return [str(one["id"]) for one in entries if str(one["id"]).startswith(incomplete)]
    except (EventStudyError, OSError, LookupError, TypeError):
        return []


def pictures(ctx: typer.Context, incomplete: str) -> list[str]:
    """The claims of the study, and the figures."""
    from eventstudy.figures import FIGURES

    return [*claims(ctx, incomplete), *(name for name in FIGURES if name.startswith(incomplete))]


def several(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Completes the last of several names that stand with commas between them."""

    def completed(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in names if name.startswith(last) and name not in before.split(",")]

    return completed


def one_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Completes one of the names."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def kinds(incomplete: str) -> list[str]:
    """Completes a kind of claim."""
    from eventstudy.claims.kinds import CLAIM_KINDS

    return [name for name in CLAIM_KINDS if name.startswith(incomplete)]
