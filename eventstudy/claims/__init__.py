"""Claims on trial: a claims file, the kinds of claim, and the way from a claim to a verdict.

``load.py`` reads the file; ``card.py`` says what a kind is and ``kinds.py`` holds the registry `CLAIM_KINDS`;
``interval.py`` says what a number and a word mean; ``measure.py``, ``shares.py``, ``records.py`` and
``second_axis.py`` measure; one file for each kind or family holds its card, its parameters and its rule.

Quirks: Reading a claims file loads no numpy: what measures comes from `later`. Numbers are quoted texts until
`interval` reads them, because 3.10 is not 3.1. A missing price is an unresolved verdict, not an error.
"""

from __future__ import annotations

from eventstudy.claims.kinds import CLAIM_KINDS, judge, judge_all

__all__ = ["CLAIM_KINDS", "judge", "judge_all"]
