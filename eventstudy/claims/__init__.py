"""Claims on trial: a claims file, the kinds of claim, and the way from a claim to a verdict.

``load.py`` reads the file; ``card.py`` says what a kind is and ``kinds.py`` holds the registry `CLAIM_KINDS`;
``interval.py`` says what a number and a word mean; ``measure.py``, ``shares.py``, ``records.py`` and
``second_axis.py`` measure; one file for each kind or family holds its card, its parameters and its rule.
"""

from __future__ import annotations

from eventstudy.claims.kinds import CLAIM_KINDS, judge, judge_all

__all__ = ["CLAIM_KINDS", "judge", "judge_all"]
