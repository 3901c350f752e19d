"""What a word about a move means, in units of s: the standard deviation of the security's own daily returns.

s is taken (ddof 1) from the raw returns of the estimation window, before the event. A word that only names a
direction asks for any move that way; a strong word for two, the strongest for three standard deviations, which under
normal returns happen on about 2.3 % and 0.13 % of days in that direction; daily stock returns have heavier tails.
"""

from __future__ import annotations

from eventstudy.objects.verdicts import Direction

#: word -> (direction, threshold in units of s); direction ``none``: the claim gives it
WORDS: dict[str, tuple[Direction, float]] = {
    "moved": ("none", 0.0),
    "significantly": ("none", 2.0),
    "sharply": ("none", 2.0),
    "hard": ("none", 2.0),
    "fell": ("fall", 0.0),
    "slid": ("fall", 0.0),
    "dropped": ("fall", 0.0),
    "dipped": ("fall", 0.0),
    "lost": ("fall", 0.0),
    "declined": ("fall", 0.0),
    "fell significantly": ("fall", 2.0),
    "fell sharply": ("fall", 2.0),
    "fell hard": ("fall", 2.0),
    "sank": ("fall", 2.0),
    "sank sharply": ("fall", 2.0),
    "tumbled": ("fall", 2.0),
    "plummeted": ("fall", 2.0),
    "plunged": ("fall", 2.0),
    "hammered": ("fall", 3.0),
    "cratered": ("fall", 3.0),
    "crashed": ("fall", 3.0),
    "brutal": ("fall", 3.0),
    "rose": ("rise", 0.0),
    "gained": ("rise", 0.0),
    "climbed": ("rise", 0.0),
    "rose significantly": ("rise", 2.0),
    "rose sharply": ("rise", 2.0),
    "jumped": ("rise", 2.0),
    "surged": ("rise", 2.0),
    "soared": ("rise", 3.0),
    "skyrocketed": ("rise", 3.0),
}
