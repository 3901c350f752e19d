"""The record of the trials, and the page made from it."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from math import sqrt
from pathlib import Path

from corruption.defects import DEFECTS, EXACT
from corruption.prices import SETS
from corruption.trial import alarms, noted

ROOT = Path(__file__).parents[2]
CSV = ROOT / "docs" / "reliability.csv"
PAGE = ROOT / "docs" / "reliability.md"
MARK = 95.0


@dataclass(frozen=True, slots=True)
class Row:
    """Trials of a defect on one basis of one set: how many, material; of these caught, heard, fatal; caught of all."""

    defect: str
    prices: str
    basis: str
    trials: int
    material: int
    caught: int
    heard: int
    fatal: int
    caught_of_all: int

    def rate(self) -> float | None:
        """Per cent of the material ones that were caught; None where none was material."""
        return 100 * self.caught / self.material if self.material else None

    def heard_rate(self) -> float:
        """Per cent of the material ones of which their study hears a warning, 100 where none was material."""
        return 100 * self.heard / self.material if self.material else 100.0


def write(rows: list[Row]) -> None:
    """Write the record."""
    with CSV.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = [field.name for field in fields(Row)]
        writer.writerow(names)
        writer.writerows([getattr(row, name) for name in names] for row in rows)


def read() -> list[Row]:
    """Read the record."""
    with CSV.open(encoding="utf-8", newline="") as file:
        return [
            Row(r["defect"], r["prices"], r["basis"], *(int(r[f.name]) for f in fields(Row)[3:]))
            for r in csv.DictReader(file)
        ]


def page(rows: list[Row]) -> str:
    """docs/reliability.md."""
    order = {name: i for i, name in enumerate(DEFECTS)}
    rows = sorted(rows, key=lambda row: order[row.defect])
    counts = sorted({row.trials for row in rows})
    rated = [row for row in rows if row.rate() is not None]
    under = [row for row in rated if (row.rate() or 0.0) < MARK]
    heard = [row for row in rated if row.heard_rate() >= MARK]
    lines = [
        _HEAD.format(
            trials=" or ".join(f"{count:,}" for count in counts),
            rated=len(rated),
            enough=len(rated) - len(under),
            heard=len(heard),
            defects=len(DEFECTS),
        ),
        "| defect | prices | basis | trials | material | caught, % | heard, % | fatal, % | caught of all, % | |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---|",
        *(_line(row) for row in rows),
        "",
        f"A rate of {MARK:.0f} % over 60 material trials has a standard error of {100 * sqrt(0.0475 / 60):.1f} points.",
        "",
        "## What is under the mark, and why",
        "",
        *(f"* **{', '.join(names)}**: {why}" for names, why in _reasons({row.defect for row in under})),
        "",
        "## Sound prices",
        "",
        "The same prices without a defect, each calendar year by itself. That a year is too short for the default",
        "windows does not count.",
        "",
        "| prices | year | securities | warnings | fatal | which |",
        "|---|---:|---:|---:|---:|---|",
        *_alarms(),
        "",
        *(_noted(name) for name in SETS),
        "",
        _FOOT,
        "",
        "| check | what it does |",
        "|---|---|",
        *(f"| `{name}` | {what} |" for name, what in EXACT.items()),
    ]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    rate = row.rate()
    shown = ["–"] * 3 if rate is None else [f"{100 * n / row.material:.1f}" for n in (row.caught, row.heard, row.fatal)]
    mark = "" if rate is None or rate >= MARK else "under, but heard" if row.heard_rate() >= MARK else "under"
    basis = row.basis if row.prices == "bundled" else "adj_close"
    every = f"{100 * row.caught_of_all / row.trials:.1f}"
    cells = [row.defect, row.prices, basis, str(row.trials), str(row.material), *shown, every, mark]
    return f"| {' | '.join(cells)} |"


def _alarms() -> list[str]:
    lines, securities, warnings, fatal = [], 0, 0, 0
    for name, make in SETS.items():
        for year in alarms(make()):
            which = ", ".join([*year.warnings, *year.fatal])
            lines.append(
                f"| {name} | {year.year} | {year.securities} | {len(year.warnings)} | {len(year.fatal)} | {which} |"
            )
            securities += year.securities
            warnings += len(year.warnings)
            fatal += len(year.fatal)
    rate = f"{100 * warnings / securities:.2f} warnings in a hundred security-years"
    return [*lines, f"| both | all | {securities} | {warnings} | {fatal} | {rate} |"]


def _noted(name: str) -> str:
    count, share = noted(SETS[name]())
    text = f"* *{name}*: {count} moves of all years are noted as what may be news"
    return f"{text}; the studies of one event that hear one as a warning are {share:.1f} in a hundred."


def _reasons(under: set[str]) -> list[tuple[list[str], str]]:
    """The defects under the mark, those of one reason together."""
    found: dict[str, list[str]] = {}
    for name in DEFECTS:
        if name in under:
            found.setdefault(REASONS[name], []).append(name)
    return [(names, why) for why, names in found.items()]


_SMALL = """a change of 20 to 33 % is the size of news. With volume the quiet day tells it; without, only a size that is
  far beyond the share's ordinary moves does. A smaller one is noted, and a study hears it in its event windows;
  on day zero and the day after it may be the event itself, and is an info. State volume, or the splits."""
_CURRENCY = """euros change the level by 8 %, the size of news. With volume the quiet day tells it where the share is
  calm; without, only where 8 % is nine times an ordinary move, and then in an event window alone. Pounds and
  Canadian dollars (21 and 36 %) nearly always are caught with volume, not always without."""
_COMPANY = """any two companies of a market move alike, so that another's returns are as likely as its own. Prices that
  do not go with the others at all are caught, and so is the jump between two levels where it is large. Real companies
  change whom they move with as much as such a swap does: two tests of that change, by correlations with each other
  series and by regression on them, found no more than one in eight at the same rate of alarms, and are not made.
  Where the whole series is another's there is nothing of its own to compare it with. Compare the last price with
  another source."""
_APART = """an adjusted close that gains 3 to 12 % on the close is what a dividend does. With dividends from the
  source (`eventstudy fetch` keeps them) every such step is compared with what was due."""
_SPIKE = """10 to 15 % is an ordinary day for the most restless shares of the set, and without volume a move of that
  size that is undone may well be real, as in March 2020."""
_SHIFT = """a part of a month or less at the end is too short to tell, and so is a longer one of a series that shares
  little with the others of the file."""
_ALL_SHIFTED = """where the whole file is moved, the broad index that the package holds is the only witness, and a part
  of some weeks is too short to tell."""
_LINE = """over eight days a straight line through little movement is lost in the rounding of the prices."""
REASONS: dict[str, str] = {
    **{f"split {ratio}": _SMALL for ratio in ("5:4", "3:2", "2:1")},
    **{f"reverse split of {ratio}": _SMALL for ratio in ("5:4", "3:2", "2:1")},
    "currency": _CURRENCY,
    "spike": _SPIKE,
    "adjusted apart, from a day": _APART,
    "adjusted apart, a day": _APART,
    "another's, not in the file, from a day": _COMPANY,
    "the same, not in the file, without a jump": _COMPANY,
    "another's, not in the file, whole": _COMPANY,
    "interpolated": _LINE,
    "reversed, a series": _SHIFT,
    "shifted, part of a series": _SHIFT,
    "shifted, a series": _SHIFT,
    "shifted, part of all series": _ALL_SHIFTED,
}
"""Why a defect may be under the mark. One that is under it without a reason here is a fault, and stops the page."""

_HEAD = """# Reliability of the price checks

How many wrong prices do the checks find that every run makes first? {defects} kinds of defect are put into real
prices, {trials} times each at random places, and the checks are asked. `make reliability` measures it again and writes
this page and `reliability.csv`.

* **Prices.** *bundled*: the securities and indices of New York of the bundled snapshot, 2023 to 2025, with closes,
  adjusted closes and volume. *companies*: 14 large companies and the S&P 500, 2018 to 2022, adjusted closes alone.
  Six securities of each are kept out, to stand for those that a file does not hold.
* **Place.** An event day is drawn, and the defect begins in its event window (−1 to +10 sessions) in one trial of two,
  in its estimation window otherwise. Three to five securities are spoilt at once.
* **Material** is a defect that changes a CAR of that event (market model, 250 days, windows 0, 0 to 1, −1 to 1, 0 to 5
  and 0 to 10) by more than half its standard error, or leaves it without prices.
* **Caught** is one of which a warning or a fatal finding speaks that the sound prices do not have: of this security (or
  of the one whose prices it got), dated no more than ten sessions before or after the wrong prices. A fatal finding
  stops the study.
* **Heard** is one that is caught, or noted as a move that may be news and told as a warning by the study of that event,
  because it lies in its event window and not on day zero or the next.
* **Choices.** The limits for prices without volume were chosen on twenty companies from 1990 to 2017; *companies* are
  the same ones in later years, which chose nothing. Those of volume were chosen on one half of the shares of
  *bundled*; the other half, and five companies from 2000 to 2013, then had three alarms in 102 years, and the limits
  were lowered until they had none. So *bundled* is no independent test of how rarely they alarm.

Of {rated} rows with material trials, {enough} reach the mark of 95 % caught, and {heard} that of 95 % heard.
"""
_FOOT = """## Checks that need no trial

These say what is in a file and judge nothing by chance; each has its own tests."""
