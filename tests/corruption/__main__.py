"""``python -m corruption --count 500``: every defect in both sets of prices; writes docs/reliability.csv and .md."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor

from corruption.defects import DEFECTS
from corruption.page import CSV, PAGE, Row, page, read, write
from corruption.prices import SETS, Prices
from corruption.trial import trials

SEED = 20250127


def measurable(prices: Prices) -> list[tuple[str, str]]:
    """The defects and bases that a set of prices can have: without volume, none of volume."""
    volume = bool(prices.panel.volume.notna().any().any())
    return [
        (name, basis)
        for name, defect in DEFECTS.items()
        for basis in defect.bases
        if basis in prices.bases and (volume or defect.checks != ("zero_volume",))
    ]


def measured(task: tuple[str, str, str, int]) -> Row:
    """One row of the table."""
    name, defect, basis, count = task
    found = trials(SETS[name](), defect, DEFECTS[defect], basis, count, SEED)
    material = [each for each in found if each.material]
    return Row(
        defect,
        name,
        basis,
        len(found),
        len(material),
        sum(each.caught for each in material),
        sum(each.heard for each in material),
        sum(each.fatal for each in material),
        sum(each.caught for each in found),
    )


def main() -> None:
    """Measure (or, with --page, only write the page again from the record)."""
    options = argparse.ArgumentParser(prog="python -m corruption", description=__doc__)
    options.add_argument("--count", type=int, default=500, help="trials of a kind")
    options.add_argument("--jobs", type=int, default=2, help="processes")
    options.add_argument("--page", action="store_true", help="write the page from the record as it stands")
    given = options.parse_args()
    if not given.page:
        tasks = [(s, name, basis, given.count) for s, make in SETS.items() for name, basis in measurable(make())]
        with ProcessPoolExecutor(given.jobs) as pool:
            write(list(pool.map(measured, tasks)))
    PAGE.write_text(page(read()), encoding="utf-8")
    print(f"{CSV} and {PAGE} are written")


if __name__ == "__main__":
    main()
