"""Writes docs/calibration.csv, the tables of eventstudy/inference/sizes.py and, by them, docs/calibration.md.

``python tests/calibration_record.py`` measures everything again (``make calibrate``; it does nothing where
EVENTSTUDY_REPLICATIONS asks for fewer studies); ``--only NAME...`` measures these tests alone, ``--designs LETTERS``
in these designs alone, and both keep the other rows; ``--render`` measures nothing and writes the tables and the page
again from the rows there are.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import calibration
import pandas as pd
from calibration import BY_F, DESIGNS, LEVELS, ONLY, ROOT, shocks

from eventstudy.inference import OF_VARIANCE, RESAMPLED, TESTS
from eventstudy.inference.placing import CONSERVATIVE

RECORD = ROOT / "docs" / "calibration.csv"
SIZES = ROOT / "eventstudy" / "inference" / "sizes.py"
LETTERS = "ABCDSGFEMNOPHIJKYZLRQrq"
REAL = "RQrq"  # real prices: five securities on one date, on own dates; then twenty
HARDER = dict(zip("ACSFMOHJ", "BDGENPIK", strict=True))  # the same with the variance times 4


# ---------------------------------------------------------------------------------------------------------- the record
def rows_of(letter: str, names: Sequence[str], full: int) -> pd.DataFrame:
    """One row a test and shock of one design: rates and errors at the three levels in per cent."""
    if letter in DESIGNS:
        often = {name: ONLY.get(letter, {}).get(name, 0 if letter in ONLY else 1) for name in names}
        parts = [(times, [n for n in names if often[n] == times]) for times in sorted({*often.values()} - {0})]
        frame = pd.concat([calibration.measured(letter, times * full, names=some) for times, some in parts])
    else:
        fast = [name for name in names if letter == "R" or name not in RESAMPLED]
        measure = calibration.measure_real if letter in "RQ" else calibration.measure_many
        frame = measure(fast, own_dates=calibration.RANDOM_DATES if letter in "Qq" else 0)
    wide = frame.pivot(index=["test", "shock", "replications"], columns="level", values=["rate", "error"])
    wide.columns = [f"{what}{100 * level:g}" for what, level in wide.columns]
    rounded = (100 * wide).astype(float).round(3).reset_index()
    return rounded.assign(design=letter).rename(columns={"replications": "studies"})


def _timed(job: tuple[str, Sequence[str], int]) -> tuple[str, float, pd.DataFrame]:
    start = time.perf_counter()
    frame = rows_of(*job)
    return job[0], time.perf_counter() - start, frame


def measure_all(names: Sequence[str], full: int = calibration.FULL, letters: Iterable[str] = LETTERS) -> pd.DataFrame:
    """Every design in a process of its own, as many at a time as there are processors."""
    asked = [x for x in letters if x not in ONLY or {*names} & {*ONLY[x]}]
    slowest_first = sorted(asked, key="DCrqENFMBAPOJKHIYGSQRZL".index)
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
    # One decimal, as `sizes.py` holds them: the page marks what `choose` goes by.
    return {(name, letter): round(rate, 1) for name, letter, rate in cells if true_null(name, letter)}


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


def conservative(frame: pd.DataFrame) -> dict[str, str]:
    """By test the designs in which its size is below `CONSERVATIVE` by more than two Monte Carlo errors."""
    none = frame[(frame["shock"] == 0) & (frame["rate5"] + 2 * frame["error5"] < CONSERVATIVE)]
    found: dict[str, str] = {}
    for name, letter in zip(none["test"], none["design"], strict=True):
        if name in TESTS and true_null(name, letter):
            found[name] = found.get(name, "") + letter
    return {name: found[name] for name in TESTS if name in found}


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
    """The source of sizes.py with its tables written anew."""
    tables = {
        "_SIZES": text_table(sizes(frame), LETTERS),
        "_LOW": "\n".join(f"{name} {letters}" for name, letters in conservative(frame).items()),
        "_POWER": text_table(power(frame), "".join(x for x in LETTERS if x not in REAL)),
    }
    for name, table in tables.items():
        source, count = re.subn(rf'({name} = """\n).*?(""")', rf"\g<1>{table}\n\g<2>", source, flags=re.DOTALL)
        assert count == 1, name
    return source


# ------------------------------------------------------------------------------------------------------------- writing
def write(frame: pd.DataFrame) -> None:
    frame.to_csv(RECORD, index=False)
    render(read())


def render(frame: pd.DataFrame) -> None:
    """Write the tables, then the page by a process that reads these tables: it shows what `choose` makes of them."""
    SIZES.write_text(sizes_module(frame, SIZES.read_text(encoding="utf-8")), encoding="utf-8")
    code = "import calibration_page as p; p.DOCUMENT.write_text(p.markdown(p.ordered(p.read())), encoding='utf-8')"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(TESTS), help="measure these tests alone")
    parser.add_argument("--designs", default=LETTERS, metavar="LETTERS", help="measure in these designs alone")
    parser.add_argument("--render", action="store_true", help="measure nothing, write from the record")
    parser.add_argument("--studies", type=int, default=calibration.FULL, help="with 5 events; half as many with 30")
    chosen = parser.parse_args(arguments)
    if "EVENTSTUDY_REPLICATIONS" in os.environ:
        print("EVENTSTUDY_REPLICATIONS is set: nothing is measured for the record, nothing written")
    elif chosen.render:
        render(ordered(read()))
    else:
        new = measure_all(chosen.only or list(TESTS), chosen.studies, chosen.designs)
        write(merged(read(), new) if chosen.only or chosen.designs != LETTERS else new)


if __name__ == "__main__":
    main()
