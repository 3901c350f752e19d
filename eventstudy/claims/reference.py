"""Claims that set a loss of market value against a table of reference figures, such as countries' yearly output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from eventstudy.claims.answer import judged, parts_decision, remarks
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.interval import claimed_interval, combine
from eventstudy.claims.later import measure, np, pd, second_axis, shares
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Interval, Part, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.claims.shares import ValueChange
    from eventstudy.objects.results import StudyResult


def reference(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the share of a table's rows that a change of market value exceeds, one part for each column.

    Rows without a figure in a column are not counted there. The readings run over the share counts.
    """
    (ticker,) = claim.tickers
    change = shares.value_change(result, ticker, claim.event or "")
    claimed = claimed_interval(claim.claimed)
    if claimed is None:
        raise ValueError(f"the claim {claim.id!r} quotes no share")
    parts, readings, steps, caveats = [], [], [shares.value_step(change, measure.name_of(claim, ticker))], []
    for column in claim.params["columns"]:
        figures = _figures(claim, result, column)
        rows = _readings(claim, change, column, figures)
        answer = judged(claim, rows, "percent")
        count = int((figures < _size(claim, change)).sum())
        parts.append(
            Part(_title(column), answer.comparison.verdict, rows[0].value, "percent", f"{count} of {len(figures)}")
        )
        readings += rows
        steps.append(_step(claim, result, change, column, figures))
        caveats += _neighbours(claim, change, column, figures)
    readings = [*readings, *shares.value_readings(change, measure.sign_of(claim.claimed))]
    percents = [r.value for r in readings if r.unit == "percent"]
    word = combine(p.verdict for p in parts)
    axes = second_axis.security_axes(result, claim, [ticker])
    return Verdict(
        claim,
        word,
        _summary(claim, change, parts),
        claimed,
        Interval(min(percents), max(percents), "percent"),
        percents[0],
        None,
        tuple(readings),
        tuple(parts),
        tuple(steps),
        axes,
        (
            *remarks(claim),
            *caveats,
            *measure.move_caveats([(measure.name_of(claim, ticker), change.move)]),
            *shares.value_caveats(claim, [change]),
            *second_axis.axis_caveats(result, axes),
        ),
        decision=answer.decision if len(parts) == 1 else parts_decision(parts, word),
    )


def _size(claim: Claim, change: ValueChange) -> float:
    return measure.sign_of(claim.claimed) * change.value


def _title(column: str) -> str:
    """``gdp_2024_usd`` as ``GDP 2024``."""
    return " ".join(w.upper() if w == "gdp" else w for w in column.removesuffix("_usd").split("_"))


def _figures(claim: Claim, result: StudyResult, column: str) -> pd.Series[float]:
    """The column's figures by row name, blanks left out."""
    table = getattr(result.reference, claim.params["table"])
    if table.empty or column not in table.columns:
        raise MissingPriceError(f"the table {claim.params['table']}.csv with the column {column} would decide")
    names = table["country"] if "country" in table.columns else table.index
    figures: pd.Series[float] = pd.Series(table[column].to_numpy(dtype=np.float64), index=pd.Index(names)).dropna()
    if figures.empty:
        raise MissingPriceError(f"figures in the column {column} of {claim.params['table']}.csv would decide")
    return figures


def _readings(claim: Claim, change: ValueChange, column: str, figures: pd.Series[float]) -> list[Reading]:
    """Share of rows exceeded by the headline change, and by the smallest and largest over the share counts."""
    low, high = sorted(measure.sign_of(claim.claimed) * v for v in change.spread())
    sizes = {"headline share count": _size(claim, change), "smallest share count": low, "largest share count": high}
    values = np.asarray(figures, dtype=np.float64)
    return [
        Reading(
            f"{_title(column)}, {label}",
            100 * float((values < size).mean()),
            "percent",
            f"{claim.params['table']}.csv, {column}",
            headline=i == 0,
            sort="input",
        )
        for i, (label, size) in enumerate(sizes.items())
    ]


def _step(claim: Claim, result: StudyResult, change: ValueChange, column: str, figures: pd.Series[float]) -> Step:
    table, label = claim.params["table"], claim.params["label"]
    source = f"{table}.csv, {column} ({result.reference.sources.get(table, 'unknown')})"
    below = int((figures < _size(claim, change)).sum())
    return Step(
        f"Share of the {label} whose {_title(column)} is smaller",
        "100 × smaller / n",
        {
            "smaller": Quantity(below, "count", source),
            "n": Quantity(len(figures), "count", f"{source}, blanks left out"),
        },
        Quantity(100 * below / len(figures), "percent"),
    )


def _neighbours(claim: Claim, change: ValueChange, column: str, figures: pd.Series[float]) -> list[str]:
    """The rows next to the loss on either side, and how many rows have no figure."""
    size = _size(claim, change)
    below, above = figures[figures < size], figures[figures >= size]
    if below.empty or above.empty:
        return []
    return [
        f"{_title(column)}: {len(above)} {claim.params['label']} lie above, the smallest of them {above.idxmin()}; "
        f"the largest below is {below.idxmax()}; those without a figure are not counted."
    ]


def _summary(claim: Claim, change: ValueChange, parts: list[Part]) -> Statement:
    values: dict[str, Quantity | str] = {
        "name": measure.name_of(claim, change.count.ticker),
        "way": "lost" if change.value < 0 else "gained",
        "value": Quantity(abs(change.value), change.move.after.unit),
        "label": claim.params["label"],
    }
    said = []
    for i, part in enumerate(parts):
        values |= {f"count{i}": part.note or "", f"share{i}": Quantity(part.value, "percent"), f"in{i}": part.label}
        said.append(f"{{count{i}}} {{label}} ({{share{i}}}) by {{in{i}}}")
    return Statement("{name} {way} {value}, more than the figure of " + " and ".join(said) + ".", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from eventstudy.claims.schema import Params, Text, Texts

    class ReferenceTable(Params):
        """Rows of a reference table that a loss of market value exceeds, one part for each of `columns`."""

        table: Literal["gdp"] = "gdp"
        columns: Texts
        label: Text = "countries and economies"

    return ReferenceTable


CARD = Kind(
    name="reference",
    judge=reference,
    words="What share of a table's rows does a change of market value exceed?",
    rule="The rows with a smaller figure as a share of the rows that have one, a part for each column.",
    default_reading="the last cover-page count dated on or before the day; rows without a figure are not counted",
    params=_params,
    tables=("shares", "gdp"),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=PERCENT,
    vendors=False,
)
