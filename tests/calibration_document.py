"""Writes docs/calibration.csv, docs/calibration.md and the tables of eventstudy/inference/sizes.py.

``python tests/calibration_document.py`` measures everything again (``make calibrate``; it does nothing where
EVENTSTUDY_REPLICATIONS asks for fewer studies); ``--only NAME...`` measures these tests alone and keeps the other
rows; ``--render`` writes the document and the tables again from the rows there are.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

import calibration
import pandas as pd
from calibration import BY_F, DESIGNS, LEVELS, ROOT, shocks

from eventstudy.inference import OF_VARIANCE, RESAMPLED, TESTS

RECORD = ROOT / "docs" / "calibration.csv"
DOCUMENT = ROOT / "docs" / "calibration.md"
SIZES = ROOT / "eventstudy" / "inference" / "sizes.py"
LETTERS = "ABCDSGFEMNOPYRQ"
HARDER = {"A": "B", "C": "D", "S": "G", "F": "E", "M": "N", "O": "P"}  # the same with the variance times 4
TOO_LARGE, CONSERVATIVE = 6.5, 4.0


# ---------------------------------------------------------------------------------------------------------- the record
def rows_of(letter: str, names: Sequence[str], full: int) -> pd.DataFrame:
    """One row a test and shock of one design: rates and errors at the three levels in per cent."""
    if letter in DESIGNS:
        frame = calibration.measured(letter, full, names=names)
    else:
        fast = [name for name in names if letter == "R" or name not in RESAMPLED]
        frame = calibration.measure_real(fast, own_dates=calibration.RANDOM_DATES if letter == "Q" else 0)
    wide = frame.pivot(index=["test", "shock", "replications"], columns="level", values=["rate", "error"])
    wide = (100 * wide).round(3)
    wide.columns = [f"{what}{100 * level:g}" for what, level in wide.columns]
    return wide.reset_index().assign(design=letter).rename(columns={"replications": "studies"})


def _timed(job: tuple[str, Sequence[str], int]) -> tuple[str, float, pd.DataFrame]:
    start = time.perf_counter()
    frame = rows_of(*job)
    return job[0], time.perf_counter() - start, frame


def measure_all(names: Sequence[str], full: int = calibration.FULL, letters: Iterable[str] = LETTERS) -> pd.DataFrame:
    """Every design in a process of its own, as many at a time as there are processors."""
    slowest_first = sorted(letters, key="DCENFMBAPOYGSQR".index)
    parts = []
    with ProcessPoolExecutor(os.cpu_count() or 2) as pool:
        for letter, seconds, frame in pool.map(_timed, [(x, names, full) for x in slowest_first]):
            print(f"{letter}: {len(frame)} rows in {seconds:.0f} s", flush=True)
            parts.append(frame)
    return ordered(pd.concat(parts, ignore_index=True))


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    names = [*TESTS, BY_F]
    keys = frame.assign(d=frame["design"].map(LETTERS.index), t=frame["test"].map(names.index))
    columns = ["design", "test", "shock", "studies", *(f"{w}{100 * x:g}" for w in ("rate", "error") for x in LEVELS)]
    return keys.sort_values(["d", "t", "shock"])[columns].reset_index(drop=True)


def merged(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """`old` without the rows that `new` measured again, and without tests that are gone."""
    again = set(zip(new["design"], new["test"], strict=True))
    keep = [pair not in again and pair[1] in {*TESTS, BY_F} for pair in zip(old["design"], old["test"], strict=True)]
    return ordered(pd.concat([old[keep], new], ignore_index=True))


def read() -> pd.DataFrame:
    return pd.read_csv(RECORD)


# ------------------------------------------------------------------------------------------------- tables in sizes.py
def true_null(name: str, letter: str) -> bool:
    """Whether nothing that the test looks for is there: a larger variance is what a test of the variance looks for."""
    return name not in OF_VARIANCE or letter not in HARDER.values()


def sizes(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    none = frame[frame["shock"] == 0]
    cells = zip(none["test"], none["design"], none["rate5"], strict=True)
    return {(name, letter): rate for name, letter, rate in cells if true_null(name, letter)}


def power(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    found = {}
    for (letter, name), part in frame.groupby(["design", "test"]):
        if name in OF_VARIANCE:
            ordinary = {v: k for k, v in HARDER.items()}.get(letter)
            if ordinary:
                found[name, ordinary] = float(part.loc[part["shock"] == 0, "rate5"].iloc[0])
        elif letter in DESIGNS and name != BY_F:
            found[name, letter] = float(part.loc[part["shock"] == shocks(DESIGNS[letter])[1], "rate5"].iloc[0])
    return found


def text_table(cells: dict[tuple[str, str], float], letters: str) -> str:
    """Names down, designs across, one decimal: what `sizes.py` reads."""
    lines = [f"{'test':30}" + "".join(f"{x:>5}" for x in letters)]
    for name in (*TESTS, BY_F):
        row = [cells.get((name, x)) for x in letters]
        if any(value is not None for value in row):
            shown = ["-" if v is None else f"{v:.1f}" if v < 99.95 else "100" for v in row]
            lines.append(f"{name.replace(' ', '_'):30}" + "".join(f"{x:>5}" for x in shown))
    return "\n".join(lines)


def sizes_module(frame: pd.DataFrame, source: str) -> str:
    """The source of sizes.py with its two tables written anew."""
    both = {"_SIZES": text_table(sizes(frame), LETTERS), "_POWER": text_table(power(frame), LETTERS[:-2])}
    for name, table in both.items():
        source, count = re.subn(rf'({name} = """\n).*?(""")', rf"\g<1>{table}\n\g<2>", source, flags=re.DOTALL)
        assert count == 1, name
    return source


# --------------------------------------------------------------------------------------------------------- the document
def markdown(frame: pd.DataFrame) -> str:
    """docs/calibration.md from the record."""
    none = frame[frame["shock"] == 0].set_index(["test", "design"])
    mean = [name for name in (*TESTS, BY_F) if name not in OF_VARIANCE]
    parts = [INTRODUCTION.format(full=f"{calibration.FULL:,}", half=f"{calibration.FULL // 2:,}"), _designs()]
    parts.append(SIZE_AT_FIVE)
    for title, letters in GROUPS.items():
        parts.append(f"### {title}\n\n" + _grid(mean, letters, lambda n, x: _size(none, n, x)))
    parts += ["## Real prices\n\n" + REAL, _grid(mean, "RQ", lambda n, x: _size(none, n, x)), _tails(none, mean)]
    parts += [ONE_AND_TEN, _grid(mean, "ACSFMOYR", lambda n, x: _two(none, n, x, "rate1", "rate10"))]
    parts += [POWER, _grid([n for n in mean if n != BY_F], LETTERS[:-2], _powers(frame))]
    if any(name in OF_VARIANCE for name in TESTS):
        rows = [name for name in TESTS if name in OF_VARIANCE]
        parts += [VARIANCE, _grid(rows, LETTERS, lambda n, x: _size(none, n, x, plain=x in HARDER.values()))]
    parts += ["## What follows\n\n" + _lists(sizes(frame)), ERRORS.format(**_studies(frame)), AGAIN]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _designs() -> str:
    from eventstudy.inference.sizes import WORDS

    rows = [f"| {x} | {WORDS[x].removeprefix('with ')} | {_shocks(x)} |" for x in LETTERS]
    return "\n".join(["| design | events | shocks |", "|---|---|---|", *rows])


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
    mark = "" if plain else "**" if rate > TOO_LARGE else "_" if rate < CONSERVATIVE else ""
    return f"{mark}{rate:.1f}{mark} ± {error:.1f}"


def _two(none: pd.DataFrame, name: str, letter: str, *columns: str) -> str:
    if (name, letter) not in none.index:
        return "-"
    return " / ".join(f"{none.loc[(name, letter), column]:.1f}" for column in columns)


def _powers(frame: pd.DataFrame) -> Callable[[str, str], str]:
    table = frame.set_index(["test", "design", "shock"])["rate5"]

    def cell(name: str, letter: str) -> str:
        tried = shocks(DESIGNS[letter])
        if (name, letter, 0.0) not in table.index:
            return "-"
        shown = " / ".join(f"{table[name, letter, shock]:.0f}" for shock in tried[1:])
        return f"({shown})" if table[name, letter, 0.0] > TOO_LARGE else shown

    return cell


def _tails(none: pd.DataFrame, names: Sequence[str]) -> str:
    """Which tests hold their size under normal errors and lose it under heavy tails."""
    lost = []
    for normal, heavy, words in (("A", "Y", "t(4) errors"), ("A", "R", "real dates"), ("S", "Q", "real own dates")):
        for name in names:
            if {(name, normal), (name, heavy)} <= set(none.index):
                before, after = (float(none.loc[(name, x), "rate5"]) for x in (normal, heavy))
                if before <= TOO_LARGE < after:
                    lost.append(f"`{name}` ({words}: {after:.1f} % instead of {before:.1f} %)")
    return TAILS.format(lost=", ".join(lost) if lost else "none")


def _lists(cells: dict[tuple[str, str], float]) -> str:
    lines = ["| design | above 6.5 % | below 4 %: conservative |", "|---|---|---|"]
    for letter in LETTERS:
        here = {name: value for (name, x), value in cells.items() if x == letter}
        above = [f"{name} {value:.1f}" for name, value in here.items() if value > TOO_LARGE]
        below = [f"{name} {value:.1f}" for name, value in here.items() if value < CONSERVATIVE]
        lines.append(f"| {letter} | {', '.join(above) or '-'} | {', '.join(below) or '-'} |")
    return FOLLOWS + "\n\n" + "\n".join(lines)


def _studies(frame: pd.DataFrame) -> dict[str, str]:
    """How many studies are behind the fewest and the most."""
    simulated = frame[frame["design"].isin(list(DESIGNS))]
    return {"fewest": f"{simulated['studies'].min():,}", "most": f"{simulated['studies'].max():,}"}


GROUPS = {
    "One date": "ABCDY",
    "Dates of their own": "SGFE",
    "Some dates or days shared": "MNOP",
}
INTRODUCTION = """
# How often the tests reject

A test at 5 % should reject a true null in 5 studies of 100. Whether it does depends on the design: on how many events
there are, whether they share a date, and whether the news makes the day wilder. This page gives, for every test of the
package, the share of true nulls that it rejected (its size) and of effects that it found (its power). `choose` reads
the same numbers: a test whose size is above 6.5 % in a design is put behind a warning with the figure, one below 4 %
is called conservative, and no test above 6.5 % stands in front.

Everything here is written by `make calibrate` from one seeded simulation; no number is typed by hand. The numbers
themselves are in `calibration.csv`.

## What was simulated

A study has 250 estimation days and a window of one day. A security's return is a slope between .5 and 1.5 times the
market's (standard deviation 1 % a day) plus an error of 2 % a day, and the market model is estimated for each event.
Studies: {full} with 5 events, {half} with 30; tests that resample or look at other dates take an eighth of that, and power is measured in a quarter of the studies.
A shock is added to the return of every event on its day zero.
"""
SIZE_AT_FIVE = """
## Size at 5 %

Rejections of true nulls in per cent, with their Monte Carlo standard error. **Bold**: above 6.5 %. _Italics_: below
4 %. A dash: the test does not apply in that design. Tests of one security stand for one event taken alone; their shares
are over all events. `hotelling F` is the normal-theory p-value of `hotelling`, whose own p is by rank.
"""
REAL = """
R: the five stocks NVDA, AVGO, AMD, TSM and ASML against the Nasdaq Composite, with the bundled prices, on every session
that has its 250 estimation days: 491 dates. All of them are taken, which says more than 2,000 draws from the same 491
would. Q: each of the five on a date of its own, 2,000 random draws. The errors are those of independent studies; the
dates of R overlap in their estimation windows, and the draws of Q share 2,455 pairs of security and date, so the true
uncertainty is larger.
"""
TAILS = """
Heavy tails: tests that keep 6.5 % under normal errors and do not under the tails of a Student t with 4 degrees of
freedom (Y) or in real prices (R, Q): {lost}. Where the diagnostics of a study find heavy tails, `choose` puts the
tests by rank first.
"""
ONE_AND_TEN = """
## Size at 1 % and at 10 %
"""
POWER = """
## Power

Per cent of studies in which the test finds the smaller / the larger shock at 5 %, where every event moves by it. In
brackets where the size of the test is above 6.5 %: it finds effects that are not there as well.
"""
VARIANCE = """
## Tests of the variance

Their null is that the day is no wilder than others. In B, D, G, E, N and P the event multiplies the variance by 4, so
there the share is their power; elsewhere it is their size.
"""
FOLLOWS = "Size at 5 % outside what a reader may take at its word, in per cent:"
ERRORS = """
## Errors and limits

The error of a share is its standard deviation from study to study over the square root of their number: between
{fewest} and {most} simulated studies stand behind a cell (`studies` in the file). Normal errors, a constant variance
and one correlation are kinder than prices; that is what Y, R and Q are for. Windows of several days are measured in
O and P alone; further ones (11 and 21 days, 60 estimation days, a correlation that rises on the day to .6) are checked
in `tests/test_calibration.py`.
"""
AGAIN = """
## To run it again

`make calibrate` measures everything and writes this page, `docs/calibration.csv` and the tables in
`eventstudy/inference/sizes.py`, then checks them. With `EVENTSTUDY_REPLICATIONS=400 make calibrate` nothing is
written: 400 studies (half with 30 events) are simulated for each design and compared with the numbers above, to three
Monte Carlo errors. A test that was added is measured by `python tests/calibration_document.py --only its_name`.
"""


# ------------------------------------------------------------------------------------------------------------- writing
def write(frame: pd.DataFrame) -> None:
    frame.to_csv(RECORD, index=False)
    render(read())


def render(frame: pd.DataFrame) -> None:
    SIZES.write_text(sizes_module(frame, SIZES.read_text(encoding="utf-8")), encoding="utf-8")
    DOCUMENT.write_text(markdown(frame), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(TESTS), help="measure these tests alone")
    parser.add_argument("--render", action="store_true", help="measure nothing, write from the record")
    parser.add_argument("--studies", type=int, default=calibration.FULL, help="with 5 events; half as many with 30")
    chosen = parser.parse_args(arguments)
    if "EVENTSTUDY_REPLICATIONS" in os.environ:
        print("EVENTSTUDY_REPLICATIONS is set: nothing is measured for the record, nothing written")
    elif chosen.render:
        render(ordered(read()))
    else:
        new = measure_all(chosen.only or list(TESTS), chosen.studies)
        write(merged(read(), new) if chosen.only else new)


if __name__ == "__main__":
    main()
