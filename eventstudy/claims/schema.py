"""What a claims file may say: one pydantic model for the file, one for the `params` of each kind of claim.

Unknown keys are refused everywhere. Only ``load.py`` imports this module, inside its function.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError, create_model, field_validator

from eventstudy.claims.interval import UNITS
from eventstudy.claims.words import WORDS

Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
Size = Annotated[float, Field(gt=0)]
# listed for an editor; a wrong one is told by ``load.py``, which guesses what was meant
Unit = Annotated[str, Field(min_length=1, json_schema_extra={"enum": [*UNITS]})]
Word = Annotated[str, Field(min_length=1, json_schema_extra={"enum": [*WORDS]})]


class Strict(BaseModel):
    """No key beyond those named."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SourceEntry(Strict):
    """One article; what is not known is the word ``unknown``."""

    title: Text
    publisher: Text = "unknown"
    author: Text = "unknown"
    published: Text = "unknown"
    url: Text = "unknown"


class BeyondEntry(Strict):
    """Something prices cannot decide: why not, and which data would."""

    topic: Text
    reason: Text
    needed: Text
    source: Text | Texts | None = None


class ClaimedEntry(Strict):
    """A number (`value`, `unit`, `modifier`, perhaps its own `precision`) or a `word`; and the direction."""

    direction: Literal["fall", "rise", "none"] = "none"
    value: StrictInt | float | Text | None = None
    unit: Unit = "percent"
    modifier: Literal["exactly", "about", "more_than", "at_least", "less_than", "at_most"] = "exactly"
    word: Word | None = None
    precision: Size | None = None


class ClaimEntry(Strict):
    """What every claim has; `params` is replaced by the model of its kind."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    kind: Text
    says: Text
    source: Text | Texts
    event: Text
    security: Text | None = None
    group: Text | None = None
    tickers: Texts | None = None
    claimed: ClaimedEntry | None = None
    expect: Literal["supported", "imprecise", "contradicted", "partly", "unresolved"] | None = None


# ------------------------------------------------------------------------------------------------- params by kind
class Params(Strict):
    """`against`: further benchmarks for the question whether the move was abnormal; `remarks` go with the verdict."""

    against: list[Text] | None = None
    remarks: list[Text] = []


class PriceMove(Params):
    """`window` in sessions; `beside`: other listings or securities, shown but not measured by."""

    window: tuple[StrictInt, StrictInt] = (0, 0)
    beside: list[Text] = []


class MarketValue(Params):
    """`window` in sessions."""

    window: tuple[StrictInt, StrictInt] = (0, 0)


class Record(Params):
    """`universe`: tickers of the long table of closes, all of them by default."""

    universe: Texts | None = None


class RecordHolder(Record):
    """`holder`: whose record it was before."""

    holder: Text


class Rank(Params):
    """`indices` of the long history, each a part of the claim."""

    indices: Texts


class GroupMove(Params):
    """`quantifier` over the members; `also`: further events, each a part; `others` are whom ``only`` excludes."""

    quantifier: Literal["all", "most", "none", "only", "each"]
    also: list[Text] = []
    others: list[Text] = []


class ReferenceTable(Params):
    """Rows of a reference table that a loss of market value exceeds, one part for each of `columns`."""

    table: Literal["gdp"] = "gdp"
    columns: Texts
    label: Text = "countries and economies"


class AggregateReading(Strict):
    """One way to add up: `tickers` (all with a share count by default), net of gains or losses alone."""

    label: Text
    tickers: Texts | None = None
    net: StrictBool = True


class Aggregate(Params):
    """`readings`, the headline first."""

    readings: Annotated[list[AggregateReading], Field(min_length=1)]


class Timing(Params):
    """Days from the announcement of `start` to the largest one-day move within `within` sessions of it."""

    start: Text
    within: Annotated[StrictInt, Field(gt=0)] = 20


class AbnormalMove(Params):
    """Nothing of its own."""


class EventDates(Params):
    """Later `events` compared with the claim's own event over `windows`, the headline first."""

    events: Texts
    windows: Annotated[list[tuple[StrictInt, StrictInt]], Field(min_length=1)] = [(0, 0)]


class Persistence(Params):
    """Horizons after day zero: `sessions`, days (`until`), and the `last` session there is, at most `longest`."""

    sessions: list[Annotated[StrictInt, Field(gt=0)]] = []
    until: list[dt.date] = []
    last: StrictBool = True
    longest: Annotated[StrictInt, Field(gt=0)] = 250


class PricePath(Params):
    """The gain since the close before `start`, given back by the claim's event."""

    start: Text


class Consistency(Params):
    """`claims`: ids of the claims whose numbers are compared."""

    claims: Annotated[list[Text], Field(min_length=2)]


# ------------------------------------------------------------------------------------------------- rules by kind
@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind `asks`, the model of its `params`, its `subjects`, a direction, a number, a word instead of it."""

    asks: str
    params: type[Params]
    subjects: tuple[str, ...]
    directed: bool = True
    number: bool = True
    word: bool = False
    units: tuple[str, ...] = ()  # base units its number may have, () for none


_ONE = ("security",)
_MANY = ("group", "tickers")
_ANY = (*_ONE, *_MANY)
_PERCENT = ("percent",)
_MONEY = ("usd", "eur", "jpy", "gbp", "twd")

KINDS: dict[str, Rule] = {
    "price_move": Rule("How far did one security move?", PriceMove, _ONE, word=True, units=_PERCENT),
    "market_value": Rule("How much market value did a company lose or gain?", MarketValue, _ONE, units=_MONEY),
    "record": Rule("Was it the largest change of market value in a day so far?", Record, _ONE, number=False),
    "record_multiple": Rule("How many times the record before was it?", Record, _ONE, units=("multiple",)),
    "record_holder": Rule(
        "Whose was the record before, and how long before?", RecordHolder, _ONE, number=False, units=("days",)
    ),
    "group_move": Rule(
        "Did all, most, none, only these, or each of several move so?", GroupMove, _MANY, word=True, units=_PERCENT
    ),
    "rank": Rule("Which rank has the day in the history of some indices?", Rank, (), units=("rank",)),
    "reference": Rule(
        "What share of a table's rows does a change of market value exceed?", ReferenceTable, _ONE, units=_PERCENT
    ),
    "aggregate": Rule("How much market value did many companies lose or gain together?", Aggregate, (), units=_MONEY),
    "timing": Rule("How long after an announcement came the largest move?", Timing, _ONE, units=("days", "sessions")),
    "abnormal_move": Rule("Was it more than the market, and than chance?", AbnormalMove, _ANY, number=False),
    "event_dates": Rule("How large were later events beside this one?", EventDates, _ANY, units=_PERCENT),
    "persistence": Rule("How much of the move was undone later?", Persistence, _ONE, units=_PERCENT),
    "price_path": Rule("How much of an earlier move did this one take back?", PricePath, _ONE, units=_PERCENT),
    "consistency": Rule("Do the numbers of several claims agree?", Consistency, _ONE, directed=False, number=False),
}


@cache
def entry_model(kind: str) -> type[ClaimEntry]:
    """The model of a claim of one kind: `ClaimEntry` with the kind's own `params`, which may be left out if none is
    required. Its JSON Schema says which subject and which units the kind takes."""
    rule = KINDS[kind]
    required = any(field.is_required() for field in rule.params.model_fields.values())
    default = Field() if required else Field(default_factory=rule.params)
    name = "".join(word.title() for word in kind.split("_")) + "Claim"
    base = type(name, (ClaimEntry,), {"model_config": ConfigDict(json_schema_extra=partial(_narrow, rule))})
    own: Any = Literal[kind]
    return create_model(name, __base__=base, __doc__=rule.asks, kind=(own, ...), params=(rule.params, default))


class _AnyClaim(ClaimEntry):
    params: object = {}


def checked_entry(kind: str, value: object) -> tuple[ClaimEntry, Params] | None:
    """What `entry_model` of the kind would accept, in two parts, or None where it would not.

    One model of what all claims share and a small one a kind: pydantic takes long to build fifteen whole ones, which
    only a complaint needs.
    """
    try:
        entry = _AnyClaim.model_validate(value)
        return entry, KINDS[kind].params.model_validate(entry.params)
    except ValidationError:
        return None


def _narrow(rule: Rule, schema: dict[str, Any]) -> None:
    """Put into a kind's JSON Schema what ``load.py`` checks beyond the types: subject, number, unit, direction."""
    properties = schema["properties"]
    for name in {"security", "group", "tickers"} - {*rule.subjects}:
        del properties[name]
    for name in rule.subjects:  # one of them, and not null
        properties[name] = {**next(o for o in properties[name]["anyOf"] if o.get("type") != "null"), "title": name}
    if len(rule.subjects) == 1:
        schema["required"] = [*schema["required"], *rule.subjects]
    elif rule.subjects:
        schema["oneOf"] = [{"required": [name]} for name in rule.subjects]
    if rule.directed:
        schema["required"] = [*schema["required"], "claimed"]
        reference = next(o for o in properties["claimed"]["anyOf"] if "$ref" in o)
        wanted = [["value"], ["word"]] if rule.word else [["value"]] if rule.number else []
        units = [unit for unit, (base, _) in UNITS.items() if base in rule.units]
        narrowed: dict[str, Any] = {"properties": {"unit": {"enum": units}}} if units else {}
        if wanted:
            narrowed["anyOf"] = [{"required": names} for names in wanted]
        properties["claimed"] = {"title": "claimed", "allOf": [reference, narrowed]} if narrowed else reference


class ClaimsFile(Strict):
    """The file as a whole; `claims` are validated one by one, each with the params of its kind."""

    schema_version: StrictInt
    sources: dict[str, SourceEntry]
    names: dict[str, Text] = {}
    notes: dict[str, Text] = {}
    against: list[Text] = []
    claims: list[dict[str, object]]
    beyond: list[BeyondEntry] = []

    @field_validator("claims")
    @classmethod
    def _some(cls, value: list[dict[str, object]]) -> list[dict[str, object]]:
        if not value:
            raise ValueError("there are no claims in the file; give at least one")
        return value
