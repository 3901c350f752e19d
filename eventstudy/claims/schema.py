"""What a claims file may say: one pydantic model for the file, one for the `params` of each kind of claim.

Unknown keys are refused everywhere. Only ``load.py`` imports this module, inside its function.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)

from eventstudy.claims.card import Kind
from eventstudy.claims.interval import UNITS, WORDS
from eventstudy.claims.kinds import CLAIM_KINDS
from eventstudy.claims.since import as_text, checked


def _once_each(names: list[str]) -> list[str]:
    again = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if again is not None:
        raise ValueError(f"{again!r} stands twice; it counts once: leave one out")
    return names


def _forwards(window: tuple[int, int]) -> tuple[int, int]:
    if window[1] < window[0]:
        raise ValueError("a window cannot end before it begins")
    return window


Text = Annotated[str, Field(min_length=1)]
# what a list names, it names once: a member given twice would count twice
Names = Annotated[list[Text], AfterValidator(_once_each), Field(json_schema_extra={"uniqueItems": True})]
Texts = Annotated[Names, Field(min_length=1)]
Size = Annotated[float, Field(gt=0)]
# first and last session of a window around day zero
Sessions = Annotated[tuple[StrictInt, StrictInt], AfterValidator(_forwards)]
# a day, a month, a year, or an event of the study
Since = Annotated[str, BeforeValidator(as_text), AfterValidator(checked), Field(min_length=1)]
# listed for an editor; a wrong one is told by ``load.py``, which guesses what was meant
Unit = Annotated[str, Field(min_length=1, json_schema_extra={"enum": [*UNITS]})]
Word = Annotated[str, Field(min_length=1, json_schema_extra={"enum": [*WORDS]})]


class Strict(BaseModel):
    """No key beyond those named."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SourceEntry(Strict):
    """One article; what is not known is the word ``unknown``."""

    title: Text = Field(description="its title", examples=["The day the chips fell"])
    publisher: Text = Field("unknown", description="where it appeared", examples=["The Daily"])
    author: Text = Field("unknown", description="who wrote it", examples=["A. Reporter"])
    published: Text = Field("unknown", description="the day, month or year, as a text", examples=["2025-01-28"])
    url: Text = Field("unknown", description="its address", examples=["https://example.org/chips"])


class BeyondEntry(Strict):
    """Something prices cannot decide: why not, and which data would."""

    topic: Text = Field(description="what is in question", examples=["Why Nvidia fell"])
    reason: Text = Field(description="why prices cannot decide it", examples=["A price names no cause."])
    needed: Text = Field(description="which data would", examples=["the orders of those who sold"])
    source: Text | Texts | None = Field(None, description="the article, or several", examples=["A1"])


class ClaimedEntry(Strict):
    """A number (`value`, `unit`, `modifier`, perhaps its own `precision`), a range (`low`, `high`) or a `word`; and the
    direction."""

    direction: Literal["fall", "rise", "none"] = Field(
        "none", description="fall or rise; none where the claim names no way", examples=["fall"]
    )
    value: StrictInt | float | Text | None = Field(
        None, description="the number without its sign; in quotes where its zeros are digits", examples=["3.10"]
    )
    low: StrictInt | float | Text | None = Field(None, description="lower end of a range", examples=[9])
    high: StrictInt | float | Text | None = Field(None, description="upper end of a range", examples=[10])
    unit: Unit = Field("percent", description="unit of the number", examples=["usd_bn"])
    modifier: Literal[
        "exactly", "about", "nearly", "roughly", "some", "more_than", "at_least", "less_than", "at_most"
    ] = Field("exactly", description="the word before the number", examples=["more_than"])
    word: Word | None = Field(None, description="a word in the place of a number", examples=["tumbled"])
    precision: Size | None = Field(
        None, description="half width of the number, in the place of the rounding", examples=[0.5]
    )


class ClaimEntry(Strict):
    """What every claim has; `params` is replaced by the model of its kind.

    `status`: stated by the articles, implied, or an opinion; only what is stated is rated. `place`: article -> number
    of the paragraph where it says so, or unknown.
    """

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*$", description="plain name, by which the claim is called", examples=["nvda-17"]
    )
    kind: Text = Field(description="kind of claim", examples=["price_move"])
    says: Text = Field(description="the sentence, in words of your own", examples=["Nvidia fell 17 per cent"])
    source: Text | Texts = Field(description="the article that says so, or several", examples=["A1"])
    event: Text = Field(description="id of the event of study.yaml that it is about", examples=["selloff"])
    security: Text | None = Field(None, description="subject: a series of the prices", examples=["NVDA"])
    group: Text | None = Field(None, description="subject: a group of study.yaml", examples=["core"])
    tickers: Texts | None = Field(None, description="subject: several securities", examples=[["NVDA", "AMD"]])
    claimed: ClaimedEntry | None = Field(
        None, description="what is claimed", examples=[{"direction": "fall", "value": 17, "unit": "percent"}]
    )
    status: Literal["stated", "implied", "opinion"] = Field(
        "stated", description="who speaks; only what is stated is rated", examples=["implied"]
    )
    confirmed: StrictBool = Field(
        True, description="false for a drafted claim that nobody has confirmed: it is not tried", examples=[False]
    )
    place: dict[str, Annotated[StrictInt, Field(gt=0)] | Literal["unknown"]] = Field(
        {}, description="number of the paragraph, by article", examples=[{"A1": 3}]
    )
    expect: Literal["supported", "imprecise", "contradicted", "partly", "unresolved"] | None = Field(
        None, description="verdict on record; with --strict another one ends with exit code 5", examples=["supported"]
    )


# ------------------------------------------------------------------------------------------------- params by kind
class Params(Strict):
    """`against`: further benchmarks for the question whether the move was abnormal; `remarks` go with the verdict."""

    against: list[Text] | None = Field(
        None, description="further benchmarks of this claim's second axis", examples=[["^GSPC"]]
    )
    remarks: list[Text] = Field(
        [], description="sentences that are shown with the verdict", examples=[["The list is that of the study."]]
    )


class Spanned(Params):
    """`window`: the sessions of the move around day zero; or `since`: from its last close, or from the close before an
    event."""

    window: Sessions = (0, 0)
    since: Since | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Spanned:
        if self.since is not None and "window" in self.model_fields_set:
            raise ValueError("a move has a `window` or begins `since` a day; leave one of them out")
        return self


class RateEntry(Strict):
    """A `series` of the prices that holds an exchange rate, and how it is `quoted`, such as usd_per_eur."""

    series: Text
    quoted: Annotated[str, Field(pattern=r"^[a-z]{3}_per_[a-z]{3}$")]


@cache
def params_of(kind: str) -> type[Params]:
    """The model of the params of one kind of claim, as its card makes it."""
    return CLAIM_KINDS[kind].params()


@cache
def entry_model(kind: str) -> type[ClaimEntry]:
    """The model of a claim of one kind: `ClaimEntry` with the kind's own `params`, which may be left out if none is
    required. Its JSON Schema says which subject and which units the kind takes."""
    card, params = CLAIM_KINDS[kind], params_of(kind)
    required = any(field.is_required() for field in params.model_fields.values())
    default = Field() if required else Field(default_factory=params)
    name = "".join(word.title() for word in kind.split("_")) + "Claim"
    base = type(name, (ClaimEntry,), {"model_config": ConfigDict(json_schema_extra=partial(_narrow, card))})
    own: Any = Literal[kind]
    return create_model(name, __base__=base, __doc__=card.words, kind=(own, ...), params=(params, default))


class _AnyClaim(ClaimEntry):
    params: object = {}


def checked_entry(kind: str, value: object) -> tuple[ClaimEntry, Params] | None:
    """What `entry_model` of the kind would accept, in two parts, or None where it would not.

    One model of what all claims share and a small one a kind: pydantic takes long to build fifteen whole ones, which
    only a complaint needs.
    """
    try:
        entry = _AnyClaim.model_validate(value)
        return entry, params_of(kind).model_validate(entry.params)
    except ValidationError:
        return None


def _narrow(card: Kind, schema: dict[str, Any]) -> None:
    """Put into a kind's JSON Schema what ``load.py`` checks beyond the types: subject, number, unit, direction."""
    properties = schema["properties"]
    for name in {"security", "group", "tickers"} - {*card.subjects}:
        del properties[name]
    for name in card.subjects:  # one of them, and not null
        properties[name] = {**next(o for o in properties[name]["anyOf"] if o.get("type") != "null"), "title": name}
    if len(card.subjects) == 1:
        schema["required"] = [*schema["required"], *card.subjects]
    elif card.subjects:
        schema["oneOf"] = [{"required": [name]} for name in card.subjects]
    if card.directed:
        schema["required"] = [*schema["required"], "claimed"]
        reference = next(o for o in properties["claimed"]["anyOf"] if "$ref" in o)
        wanted = (
            [["value"], ["low", "high"], ["word"]] if card.word else [["value"], ["low", "high"]] if card.number else []
        )
        units = [*card.claimed_units]
        narrowed: dict[str, Any] = {"properties": {"unit": {"enum": units}}} if units else {}
        if wanted:
            narrowed["anyOf"] = [{"required": names} for names in wanted]
        properties["claimed"] = {"title": "claimed", "allOf": [reference, narrowed]} if narrowed else reference


class ClaimsFile(Strict):
    """The file as a whole; `claims` are validated one by one, each with the params of its kind."""

    schema_version: StrictInt = Field(description="version of this file's keys", examples=[1])
    sources: dict[str, SourceEntry] = Field(
        description="the articles by a short name", examples=[{"A1": {"title": "The day the chips fell"}}]
    )
    names: dict[str, Text] = Field({}, description="what companies are called", examples=[{"NVDA": "Nvidia"}])
    notes: dict[str, Text] = Field(
        {}, description="what to know of a company's shares", examples=[{"TSM": "counted in depositary shares"}]
    )
    against: list[Text] = Field(
        [], description="further benchmarks of the second axis, for all claims", examples=[["^GSPC"]]
    )
    claims: list[dict[str, object]] = Field(
        description="the claims, in the order of the page",
        examples=[[{"id": "nvda-17", "kind": "price_move", "event": "selloff", "security": "NVDA"}]],
    )
    beyond: list[BeyondEntry] = Field(
        [],
        description="what prices cannot decide",
        examples=[[{"topic": "Why", "reason": "A price names no cause.", "needed": "orders"}]],
    )

    @field_validator("claims")
    @classmethod
    def _some(cls, value: list[dict[str, object]]) -> list[dict[str, object]]:
        if not value:
            raise ValueError("there are no claims in the file; give at least one")
        return value
