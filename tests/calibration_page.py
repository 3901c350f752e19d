"""docs/calibration.md from its record: sentences and tables, written by tests/calibration_record.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from calibration import BY_F, DESIGNS, ROOT, shocks
from calibration_record import HARDER, LETTERS, REAL, conservative, ordered, read, sizes

from eventstudy.inference import OF_VARIANCE, TESTS
from eventstudy.inference.choose import _placed
from eventstudy.inference.placing import CONSERVATIVE, LARGEST_SIZE, NEAREST, withstands
from eventstudy.inference.sizes import WORDS

__all__ = ["DOCUMENT", "markdown", "ordered", "read"]

DOCUMENT = ROOT / "docs" / "calibration.md"


# --------------------------------------------------------------------------------------------------------- the document
def markdown(frame: pd.DataFrame) -> str:
    """docs/calibration.md from the record."""
    none = frame[frame["shock"] == 0].set_index(["test", "design"])
    mean = [name for name in (*TESTS, BY_F) if name not in OF_VARIANCE]
    parts = [INTRODUCTION, _designs(none)]
    parts.append(SIZE_AT_FIVE)
    for title, letters in GROUPS.items():
        parts.append(f"### {title}\n\n" + _grid(mean, letters, lambda n, x: _size(none, n, x)))
    parts += [ON_REAL_PRICES, _grid(mean, REAL, lambda n, x: _size(none, n, x)), _tails(none, mean)]
    parts += [
        ONE_AND_TEN.format(tails=_at_one(none, mean)),
        _grid(mean, "ACSFHJMOYZ" + REAL, _one_and_ten(none)),
    ]
    parts += [
        POWER,
        _grid([n for n in mean if n != BY_F], "".join(x for x in LETTERS if x not in REAL), _powers(frame)),
    ]
    if any(name in OF_VARIANCE for name in TESTS):
        rows = [name for name in TESTS if name in OF_VARIANCE]
        parts += [VARIANCE, _grid(rows, LETTERS, lambda n, x: _size(none, n, x, plain=x in HARDER.values()))]
    parts += [FOLLOWS, _fronts(), OUTSIDE, _lists(frame), ERRORS.format(**_studies(frame)), AGAIN]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _designs(none: pd.DataFrame) -> str:
    studies = {x: int(none.loc[("adjusted_bmp_t", x), "studies"]) for x in LETTERS}
    rows = [f"| {x} | {WORDS[x].removeprefix('with ')} | {_shocks(x)} | {studies[x]:,} |" for x in LETTERS]
    return "\n".join(["| design | events | shocks | studies |", "|---|---|---|---|", *rows])


def _shocks(letter: str) -> str:
    if letter not in DESIGNS:
        return "none"
    one, two = shocks(DESIGNS[letter])[1:]
    return f"{100 * one:g} %, {100 * two:g} %"


def _grid(names: Sequence[str], letters: str, cell: Callable[[str, str], str]) -> str:
    """A Markdown table; tests that apply in none of the designs are left out."""
    rows = [(name, [cell(name, x) for x in letters]) for name in names]
    lines = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows if any(x != "-" for x in cells)]
    return "\n".join([f"| test | {' | '.join(letters)} |", f"|---|{'---|' * len(letters)}", *lines])


def _size(none: pd.DataFrame, name: str, letter: str, plain: bool = False) -> str:
    """Rate and error; too large in bold, conservative in italics."""
    if (name, letter) not in none.index:
        return "-"
    rate, error = none.loc[(name, letter), ["rate5", "error5"]]
    mark = "" if plain else "**" if round(rate, 1) > LARGEST_SIZE else "_" if rate + 2 * error < CONSERVATIVE else ""
    return f"{mark}{rate:.1f}{mark} ± {error:.1f}"


def _one_and_ten(none: pd.DataFrame) -> Callable[[str, str], str]:
    def cell(name: str, letter: str) -> str:
        if (name, letter) not in none.index:
            return "-"
        one, ten = none.loc[(name, letter), ["rate1", "rate10"]]
        return f"{one:.1f} / {ten:.1f}"

    return cell


def _powers(frame: pd.DataFrame) -> Callable[[str, str], str]:
    table = frame.set_index(["test", "design", "shock"])["rate5"]

    def cell(name: str, letter: str) -> str:
        tried = shocks(DESIGNS[letter])
        if (name, letter, 0.0) not in table.index:
            return "-"
        shown = " / ".join(f"{table[name, letter, shock]:.0f}" for shock in tried[1:])
        return f"({shown})" if round(table[name, letter, 0.0], 1) > LARGEST_SIZE else shown

    return cell


def _tails(none: pd.DataFrame, names: Sequence[str]) -> str:
    """Which tests hold their size under normal errors and lose it under heavy tails."""
    lost = []
    for normal, heavy, words in (
        ("A", "Y", "t(4) errors"),
        ("C", "Z", "t(4) errors, 20 events"),
        ("A", "R", "real dates"),
        ("S", "Q", "real own dates"),
        ("C", "r", "real dates, 20 companies"),
        ("F", "q", "real own dates, 20 companies"),
    ):
        for name in names:
            if {(name, normal), (name, heavy)} <= set(none.index):
                before, after = (round(float(none.loc[(name, x), "rate5"]), 1) for x in (normal, heavy))
                if before <= LARGEST_SIZE < after:
                    lost.append(f"`{name}` ({words}: {after:.1f} % instead of {before:.1f} %)")
    return TAILS.format(lost=", ".join(lost) if lost else "none")


def _at_one(none: pd.DataFrame, names: Sequence[str]) -> str:
    """What the tests that keep their size at 5 % on real dates do there at 1 %, the worst first."""
    here = [(float(none.loc[(n, "R"), "rate1"]), n) for n in names if (n, "R") in none.index]
    held = [(rate, n) for rate, n in here if round(none.loc[(n, "R"), "rate5"], 1) <= LARGEST_SIZE and rate > 2]
    listed = ", ".join(f"`{name}` {rate:.1f} %" for rate, name in sorted(held, reverse=True))
    return f"on the real dates of R, at a nominal 1 %, {listed or 'no test that holds 5 % is above 2 %'}"


def _fronts() -> str:
    """What `choose` puts in front by design, for one-day windows."""
    lines = [
        "| study | measured in | in front | of these keep their size where the variance rises |",
        "|---|---|---|---|",
    ]
    for kind, near in NEAREST.items():
        front = _placed(kind, True)[0]
        kept = [name for name in front if withstands(name, kind)]
        letters = ", ".join(x for x in (near.ordinary, near.harder, near.real) if x)
        lines.append(f"| {kind.replace('_', ' ')} | {letters} | {', '.join(front)} | {', '.join(kept) or 'none'} |")
    return "\n".join(lines)


def _lists(frame: pd.DataFrame) -> str:
    cells, low = sizes(frame), conservative(frame)
    lines = ["| design | above 6.5 % | below 4 %: conservative |", "|---|---|---|"]
    for letter in LETTERS:
        here = {name: value for (name, x), value in cells.items() if x == letter}
        above = [f"{name} {value:.1f}" for name, value in here.items() if value > LARGEST_SIZE]
        below = [f"{name} {value:.1f}" for name, value in here.items() if letter in low.get(name, "")]
        lines.append(f"| {letter} | {', '.join(above) or '-'} | {', '.join(below) or '-'} |")
    return "\n".join(lines)


def _studies(frame: pd.DataFrame) -> dict[str, str]:
    """How many studies are behind the fewest and the most."""
    simulated = frame[frame["design"].isin(list(DESIGNS))]
    return {"fewest": f"{simulated['studies'].min():,}", "most": f"{simulated['studies'].max():,}"}


GROUPS = {
    "One date": "ABCDYZ",
    "Dates of their own": "SGFE",
    "Some dates or days shared": "HIJKMNOPL",
}
INTRODUCTION = """
# How often the tests reject

A test at 5 % should reject a true null in 5 studies of 100. Whether it does depends on the design: on how many events
there are, whether they share a date, and whether the news makes the day wilder. This page gives, for every test of the
package, the share of true nulls that it rejected (its size) and of effects that it found (its power). `choose` reads
the same numbers: a test whose size is above 6.5 % in a design is put behind a warning with the figure, one below 4 %
by more than two Monte Carlo errors is called conservative, and no test above 6.5 % stands in front.

Everything here is written by `make calibrate` from one seeded simulation; no number is typed by hand. The numbers
themselves are in `calibration.csv`.

## What was simulated

A study has 250 estimation days and a window of one day. A security's return is a slope between .5 and 1.5 times the
market's (standard deviation 1 % a day) plus an error of 2 % a day, and the market model is estimated for each event.
Tests that look at other dates have half the studies named here, tests that resample a quarter (with 30 events an
eighth). Power is measured in a quarter of the studies, with a shock added to the return of every event on its day zero.
"""
SIZE_AT_FIVE = """
## Size at 5 %

Rejections of true nulls in per cent, with their Monte Carlo standard error. **Bold**: above 6.5 %. _Italics_: below
4 % by more than two errors. A dash: the test does not apply in that design, or (in L and Z) was not measured there.
Tests of one security stand for one event taken alone; their shares are over all events. `hotelling F` is the
normal-theory p-value of `hotelling`, whose own p is by rank.
"""
ON_REAL_PRICES = """
## Real prices

R: the five stocks NVDA, AVGO, AMD, TSM and ASML against the Nasdaq Composite, with the bundled prices, on every session
that has its 250 estimation days: 491 dates. All of them are taken, which says more than 2,000 draws from the same 491
would. Q: each of the five on a date of its own, 2,000 random draws. The errors are those of independent studies; the
dates of R overlap in their estimation windows, and the draws of Q share 2,455 pairs of security and date, so the true
uncertainty is larger. r: 20 companies at random out of the 31 US ones of the bundled study that have prices on every
session, four sets on each of the 491 dates; the error is that of 491 dates, since sets on one date tell nearly the
same. q: 20 such companies, each on a date of its own, 2,000 random draws. In r and q the shares of tests of one
security are over all 31 companies.

These are the sizes of the primary tests of a claim: `t` for one security (R, and q over more companies), `portfolio_t`
for a group on one date (R with 5, r with 20), `adjusted_bmp_t` for own dates (Q with 5, q with 20).
"""
TAILS = """
Heavy tails: tests that keep 6.5 % under normal errors and do not under the tails of a Student t with 4 degrees of
freedom (Y, Z) or in real prices (R, Q, r, q): {lost}. Where the diagnostics of a study find heavy tails, `choose`
puts the tests by rank first.
"""
ONE_AND_TEN = """
## Size at 1 % and at 10 %

In per cent, `1 % / 10 %`. Heavy tails do more harm at 1 % than at 5 %: {tails}.
"""
POWER = """
## Power

Per cent of studies in which the test finds the smaller / the larger shock at 5 %, where every event moves by it. In
brackets where the size of the test is above 6.5 %: it finds effects that are not there as well.
"""
VARIANCE = """
## Tests of the variance

Their null is that the day is no wilder than others. In B, D, G, E, N, P, I and K the event multiplies the variance by
4, so there the share is their power; elsewhere it is their size.
"""
FOLLOWS = """
## What follows

What `choose` puts in front (one-day windows; `few` is fewer than 20 events, and from 8 on the sizes with 5 and with 30
are both quoted). Where residuals are heavy-tailed, a test whose size in Y or Z is above 6.5 % stands behind as well.
In windows of several days `hotelling` does, and `sample_quantile` with fewer than 25 estimation days for each day.
"""
OUTSIDE = "Size at 5 % outside what a reader may take at its word, in per cent:"
ERRORS = """
## Errors and limits

The error of a share is its standard deviation from study to study over the square root of their number: between
{fewest} and {most} simulated studies stand behind a cell (`studies` in the file). Normal errors, a constant variance
and one correlation are kinder than prices; that is what Y, R, Q, r and q are for. Windows of several days are
measured in J, K, O and P alone; further ones (11 and 21 days, 60 estimation days, a correlation that rises on the
day to .6) are checked in `tests/test_calibration.py`.
"""
AGAIN = """
## To run it again

`make calibrate` measures everything and writes this page, `docs/calibration.csv` and the tables in
`eventstudy/inference/sizes.py`, then checks them. With `EVENTSTUDY_REPLICATIONS=400 make calibrate` nothing is
written: 400 studies (half with 30 events) are simulated for each design and compared with the numbers above, to three
Monte Carlo errors. A test that was added is measured by `python tests/calibration_record.py --only its_name`.
"""
