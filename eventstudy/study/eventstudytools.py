"""The three files of EventStudyTools, a web service for event studies: in as a study's folder, and out of a study.

::

    01_RequestFile.csv   event; firm; market; 27.01.2025; group; -10; 10; -11; 250    an event a line
    02_FirmData.csv      firm; 27.01.2025; 118.42
    03_MarketData.csv    market; 27.01.2025; 19341.83

No header, semicolons, days as 27.01.2025. The last two cells of an event are the last day of its estimation window and
the length of it, so that -11 and 250 are the window [-260, -11].
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import SpecError
from eventstudy.files.folders import check_name
from eventstudy.files.reading import kind_of, read_bytes
from eventstudy.files.writing import csv_text, harmless, json_text, not_there, write_text
from eventstudy.objects.eventresult import EventResult
from eventstudy.objects.results import StudyResult
from eventstudy.prices.numbers import to_numbers
from eventstudy.study.study import Study
from eventstudy.windows import own_windows

NAMES = ("01_RequestFile.csv", "02_FirmData.csv", "03_MarketData.csv")
_WORDS = ("request", "firm", "market")
_LARGEST = 10_000
"""Sessions of a window beyond which a number is taken for a slip."""
_PRICE = 3  # cells of a line of prices
_MORE = (
    ". Volumes, or the factors of a factor model, stand there without a name, so that what they are would be a guess: "
    "keep name, day and closing price. Factors can be given by a file of theirs, factors: in study.yaml"
)


@dataclass(frozen=True, slots=True)
class Request:
    """An event of the request file: windows in sessions, both ends in."""

    event: str
    firm: str
    market: str
    day: dt.date
    group: str
    around: tuple[int, int]
    estimation: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    path: Path
    rows: list[list[str]]
    lines: list[int]

    def refuse(self, row: int, words: str) -> SpecError:
        return SpecError(words, file=self.path, line=self.lines[row])


# ------------------------------------------------------------------------------------------------------------------ in
def import_files(folder: Path, out: Path) -> list[Path]:
    """Make the folder of a study from the three files in `folder`, which are told apart by their names.

    Returns
    -------
    The files written to `out`: ``study.yaml``, ``events.csv`` and ``prices.csv``.

    Raises
    ------
    SpecError : a file that is absent or cannot be read (file and line), a firm or market without prices, or `out` holds
        one of the files already.
    """
    not_there(out, ("study.yaml", "events.csv", "prices.csv"))
    name = out.resolve().name
    check_name(name, "the name of the folder")
    paths = [_found(folder, word) for word in _WORDS]
    requests, given = read_requests(paths[0])
    firms, markets = (_prices(path) for path in paths[1:])
    for row, one in enumerate(requests):
        for what, which, held, path in (("firm", one.firm, firms, paths[1]), ("market", one.market, markets, paths[2])):
            if which not in held:
                raise given.refuse(row, f"the {what} {which!r} has no prices in {path.name}")
    if both := sorted(set(firms) & set(markets)):
        raise SpecError(f"{both[0]!r} is a firm and a market; give them different names", file=paths[2])
    wide = pd.DataFrame({**firms, **markets}).sort_index()
    files = {
        "prices.csv": csv_text(wide.rename_axis("date").reset_index()),
        "events.csv": csv_text(_events(requests)),
        "study.yaml": _study(name, requests),
    }
    return [write_text(out / file, text) for file, text in files.items()]


def read_requests(path: Path) -> tuple[list[Request], _Cells]:
    """The events of a request file, and its cells for a complaint about one of them.

    Raises
    ------
    SpecError : a line without nine cells, a cell that is not what is due, an event given twice; with file and line.
    """
    cells = _read(path, 9)
    requests = []
    for row, (event, firm, market, day, group, *numbers) in enumerate(cells.rows):
        start, end, last, length = (_whole(cells, row, text) for text in numbers)
        if not (event and firm and market):
            raise cells.refuse(row, "an event needs its name, its firm and its market")
        if start > end or length < 1 or last >= start:
            raise cells.refuse(
                row,
                f"event window {start} to {end} and an estimation window of {length} days up to {last}: the estimation "
                "window has to end before the event window, and each needs a day",
            )
        window = (last - length + 1, last)
        requests.append(Request(event, firm, market, _day(cells, row, day), group, (start, end), window))
    names = [one.event for one in requests]
    for row, name in enumerate(names):
        if name in names[:row]:
            raise cells.refuse(row, f"the event {name!r} stands twice")
    return requests, cells


def _found(folder: Path, word: str) -> Path:
    if kind_of(folder) != "folder":
        raise SpecError(f"{folder} is not a folder; give the one that holds {', '.join(NAMES)}")
    found = sorted(p for p in folder.iterdir() if word in p.name.lower() and p.suffix.lower() in (".csv", ".txt"))
    if len(found) != 1:
        what = ", ".join(p.name for p in found) or "none"
        raise SpecError(f"{folder} needs one CSV file with {word!r} in its name, such as {NAMES[_WORDS.index(word)]}; "
                        f"found {what}")  # fmt: skip
    return found[0]


def _read(path: Path, due: int) -> _Cells:
    data = read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # the service asks for files that are not UTF-8
    reader = csv.reader(text.splitlines(), delimiter=";")
    cells = _Cells(path, [], [])
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if not any(cell.strip() for cell in row[due:]):  # a line that ends with a semicolon
                row = row[:due]
            cells.rows.append([cell.strip() for cell in row])
            cells.lines.append(reader.line_num)
            if len(row) != due:
                shown = text.splitlines()[reader.line_num - 1][:80]
                words = f"{due} cells separated by semicolons are due and {len(row)} are here: {shown!r}"
                raise cells.refuse(-1, words + _MORE * (due == _PRICE and len(row) > due))
    except csv.Error as error:
        raise SpecError(f"not a regular table ({error})", file=path, line=reader.line_num) from None
    if not cells.rows:
        raise SpecError("holds no rows", file=path)
    return cells


def _whole(cells: _Cells, row: int, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = _LARGEST + 1
    if abs(number) > _LARGEST:
        raise cells.refuse(row, f"{text[:40]!r} is not a number of days")
    return number


def _day(cells: _Cells, row: int, text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%d.%m.%Y" if "." in text else "%Y-%m-%d").date()
    except ValueError:
        raise cells.refuse(row, f"{text[:40]!r} is not a day, such as 27.01.2025; the files have no header") from None


def _prices(path: Path) -> dict[str, pd.Series[float]]:
    """Name -> prices by day."""
    cells = _read(path, _PRICE)

    def refuse(row: int, _column: int, words: str) -> None:
        raise cells.refuse(row, words)

    values, _ = to_numbers(np.array([[row[2]] for row in cells.rows], dtype=object), refuse)  # type: ignore[arg-type]
    days = {text: _day(cells, row, text) for row, text in reversed([*enumerate(r[1] for r in cells.rows)])}
    frame = pd.DataFrame({"name": [row[0] for row in cells.rows], "day": [days[row[1]] for row in cells.rows]})
    frame["price"] = values[:, 0]
    again = frame.duplicated(["name", "day"]).to_numpy()
    if again.any():
        row = int(np.argmax(again))
        raise cells.refuse(row, f"{frame['name'][row]} has a second price on {frame['day'][row]}; keep one")
    if (unnamed := (frame["name"] == "").to_numpy()).any():
        raise cells.refuse(int(np.argmax(unnamed)), "a price needs the name of its firm or market")
    frame["day"] = pd.DatetimeIndex(frame["day"]).as_unit("ns")
    return {str(name): rows.set_index("day")["price"] for name, rows in frame.groupby("name", sort=False)}


def _usual(requests: Sequence[Request], what: str) -> object:
    return Counter(getattr(one, what) for one in requests).most_common(1)[0][0]


def _events(requests: Sequence[Request]) -> pd.DataFrame:
    """The table of events: windows and benchmark only where they differ from the study's."""
    table = pd.DataFrame(
        {
            "ticker": [one.firm for one in requests],
            "date": [one.day.isoformat() for one in requests],
            "group": [one.group for one in requests],
            "event_id": [one.event for one in requests],
        }
    )
    for column, what in (("benchmark", "market"), ("estimation", "estimation"), ("event", "around")):
        values = [getattr(one, what) for one in requests]
        if len(set(values)) > 1:
            table[column] = [v if isinstance(v, str) else f"{v[0]}:{v[1]}" for v in values]
    return table if table["group"].any() else table.drop(columns="group")


def _study(name: str, requests: Sequence[Request]) -> str:
    market, around, estimation = (_usual(requests, what) for what in ("market", "around", "estimation"))
    assert isinstance(around, tuple)
    assert isinstance(market, str)
    windows = [[0, 0], list(around)] if around[0] <= 0 <= around[1] and around != (0, 0) else [list(around)]
    return (
        f"# Made from the files of EventStudyTools: {len(requests)} events.\n"
        f"schema_version: 1\nid: {json_text(name)}\nprices: prices.csv\nevents: {{file: events.csv}}\n"
        f"# The files do not say where their firms are listed: the days of the prices are the sessions.\n"
        f"calendar: own\nbasis: close\nbenchmarks: {{default: {json_text(harmless(market))}}}\n"
        f"estimation: {json_text(estimation)}\nevent: {json_text(around)}\nwindows: {json_text(windows)}\n"
    )


# ----------------------------------------------------------------------------------------------------------------- out
def export_files(study: Study, folder: Path) -> list[Path]:
    """Write the events and prices of a study as the three files; returns their paths.

    The prices are those that returns are formed from, an event's day is its day zero.

    Raises
    ------
    SpecError : events without a benchmark, no event with a day zero, a name that the files cannot hold, or one of the
        files is there already.
    """
    not_there(folder, NAMES)
    result = replace(study, claims=None, sensitivity="off").run()
    requests = [one for event in result.events if event.headline for one in _requests(result, event)]
    if not requests:
        raise SpecError("no event of the study has a day zero, so that there is nothing to write")
    firms = dict.fromkeys(one.firm for one in requests)
    markets = dict.fromkeys(one.market for one in requests)
    lines = [
        (one.event, one.firm, one.market, f"{one.day:%d.%m.%Y}", one.group, *one.around, one.estimation[1],
         one.estimation[1] - one.estimation[0] + 1)
        for one in requests
    ]  # fmt: skip
    texts = [_semicolons(lines), *(_semicolons(_bars(result, names)) for names in (firms, markets))]
    return [write_text(folder / name, text) for name, text in zip(NAMES, texts, strict=True)]


def _requests(result: StudyResult, event: EventResult) -> list[Request]:
    if event.benchmark is None:
        raise SpecError(f"the events of {event.event!r} have no benchmark, and each line of a request file names one")
    out = []
    for row, zero in enumerate(event.panel.day_zero):
        estimation, around = own_windows(event.panel, row)
        one = zero.event
        group = one.group or next((name for name, keys in event.groups.items() if event.panel.keys[row] in keys), "all")
        name = (
            event.panel.keys[row] if len(result.settings.event_ids) == 1 else f"{event.event} {event.panel.keys[row]}"
        )
        assert zero.session is not None  # those without a day zero are not in a panel
        out.append(
            Request(
                name,
                one.ticker,
                one.benchmark or event.benchmark,
                zero.session,
                group,
                (around.start, around.end),
                (estimation.start, estimation.end),
            )
        )
    return out


def _bars(result: StudyResult, names: Sequence[str] | dict[str, None]) -> list[tuple[object, ...]]:
    panel = result.prices
    if panel.returns is not None:
        raise SpecError("the study is made from returns, and the files hold prices")
    lines: list[tuple[object, ...]] = []
    for name in names:
        prices = getattr(panel, result.settings.basis)[name].dropna()
        prices = prices if len(prices) else panel.close[name].dropna()
        lines += [(name, f"{day:%d.%m.%Y}", repr(float(price))) for day, price in prices.items()]
    return lines


def _semicolons(lines: Sequence[tuple[object, ...]]) -> str:
    """Lines of cells. The service reads no UTF-8, so that letters beyond ASCII are refused."""
    for line in lines:
        for cell in map(str, line):
            if not cell.isascii() or ";" in cell or '"' in cell or cell != cell.strip():
                raise SpecError(f"{cell[:40]!r} cannot stand in a file of EventStudyTools: rename it")
    return "".join(";".join(map(str, line)) + "\n" for line in lines)
