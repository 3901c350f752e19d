"""Claims on trial: a claims file, the kinds of claim, and the way from a claim to a verdict.

``load.py`` reads the file; ``kinds.py`` holds the registry `CLAIM_KINDS`; ``interval.py`` and ``words.py`` say what a
claim means; ``measure.py``, ``shares.py`` and ``axis.py`` measure; one file for each kind or family judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventstudy.claims.kinds import CLAIM_KINDS, judge, judge_all

__all__ = ["CLAIM_KINDS", "judge", "judge_all"]


def __getattr__(name: str) -> Any:
    # reading a claims file must not load pandas, which every kind needs
    if name in __all__:
        from eventstudy.claims import kinds

        return getattr(kinds, name)
    raise AttributeError(f"module 'eventstudy.claims' has no attribute {name!r}")
