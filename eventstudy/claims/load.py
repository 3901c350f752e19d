"""claims.yaml -> ClaimBook: every complaint with file, line, what came and what is allowed.

Reading and checking a file loads neither pandas nor numpy, so that ``eventstudy claims check`` answers at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.claims.card import Kind
from eventstudy.claims.interval import UNITS, WORDS, half_unit
from eventstudy.claims.kinds import CLAIM_KINDS
from eventstudy.claims.since import last_day
from eventstudy.errors import SpecError, UnknownNameError, listed
from eventstudy.files.folders import prices_file, study_folder, tickers_in
from eventstudy.files.reading import inside, kind_of
from eventstudy.files.yamlfile import MOST_PROBLEMS, Document, fail, parse, read_yaml
from eventstudy.objects.verdicts import Beyond, Claim, Claimed, Source

if TYPE_CHECKING:
    from eventstudy.claims.schema import ClaimedEntry, ClaimEntry, Params
    from eventstudy.objects.settings import Settings

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ClaimBook:
    """A claims file.

    Parameters
    ----------
    sources : key -> article.
    claims : the claims on trial, in the order of the file.
    waiting : claims that nobody has confirmed yet (``confirmed: false``); they are read, and not tried.
    beyond : what prices cannot decide.
    schema_version : of the file.

    Examples
    --------
    >>> from eventstudy.files.folders import study_folder
    >>> len(load_claims(study_folder("deepseek") / "claims.yaml").sources)
    5
    """

    sources: Mapping[str, Source]
    claims: tuple[Claim, ...]
    beyond: tuple[Beyond, ...] = ()
    schema_version: int = SCHEMA_VERSION
    waiting: tuple[Claim, ...] = ()


def load_claims(path: Path | str) -> ClaimBook:
    """Read a claims file.

    Each claim's ``params`` hold those of its kind with the defaults filled in, its ``group`` where it names one, and
    the file's ``names`` (ticker -> name), ``notes`` (ticker -> what to know about its shares).

    Raises
    ------
    SpecError : wrong key, type, unit or number, an id twice, a source missing, no claims; with file and line.
    UnknownNameError : a kind, a word, a source or a claim that is not known; with file, line and the known ones.
    """
    from eventstudy.claims.schema import ClaimsFile

    document = read_yaml(path)
    if not isinstance(document.data, dict):
        fail(document, (), "a claims file is a mapping with the keys schema_version, sources and claims")
    _check_version(document)
    if document.data.get("claims", 0) is None:
        fail(document, ("claims",), "there are no claims in the file; give at least one")
    file = parse(document, ClaimsFile)
    sources = {key: Source(key, **entry.model_dump()) for key, entry in file.sources.items()}
    shared = {"names": dict(file.names), "notes": dict(file.notes), "against": tuple(file.against)}
    claims: list[Claim] = []
    wrong: list[SpecError] = []
    for i in range(len(file.claims)):
        try:
            claim = _claim(document, i, sources, shared)
            _once(document, i, claim, claims)
        except SpecError as error:
            wrong.append(error)
        else:
            claims.append(claim)
    _refuse_all(document, wrong)
    beyond = []
    for i, left in enumerate(file.beyond):
        known = _sources(document, ("beyond", i, "source"), left.source or [], sources)
        beyond.append(Beyond(left.topic, left.reason, left.needed, tuple(s.key for s in known)))
    tried = [entry.get("confirmed", True) for entry in document.data["claims"]]
    waiting = tuple(claim for claim, now in zip(claims, tried, strict=True) if not now)
    linked = _linked(document, claims, frozenset(claim.id for claim in waiting))
    return ClaimBook(sources, tuple(linked), tuple(beyond), file.schema_version, waiting)


def _refuse_all(document: Document, wrong: Sequence[SpecError]) -> None:
    """Raise what is wrong with the claims, each on a line of its own; one complaint alone as it came."""
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        said = [str(error) for error in wrong[:MOST_PROBLEMS]]
        if len(wrong) > MOST_PROBLEMS:
            said.append(f"and {len(wrong) - MOST_PROBLEMS} more claims with complaints")
        first = wrong[0]
        own = said[0].removeprefix(f"{first.file}:{first.line}: ")
        raise SpecError("\n".join([own, *said[1:]]), file=first.file, line=first.line)


def _check_version(document: Document) -> None:
    version = document.data.get("schema_version")
    if isinstance(version, int) and not 1 <= version <= SCHEMA_VERSION:
        fail(
            document,
            ("schema_version",),
            f"schema_version {version} is not one this package reads (1 to {SCHEMA_VERSION})",
        )


def _once(document: Document, i: int, claim: Claim, before: Sequence[Claim]) -> None:
    for earlier in before:
        if earlier.id == claim.id:
            fail(document, ("claims", i, "id"), f"the claim id {claim.id!r} stands twice, first on line {earlier.line}")


def _claim(document: Document, i: int, sources: Mapping[str, Source], shared: Mapping[str, Any]) -> Claim:
    """One entry of `claims`, validated with the params of its kind."""
    from eventstudy.claims.schema import ClaimEntry, checked_entry, entry_model

    at = ("claims", i)
    kind = document.data["claims"][i].get("kind")
    if not isinstance(kind, str):
        strange = {*document.data["claims"][i]} - {*ClaimEntry.model_fields, "params"}
        near = get_close_matches("kind", sorted(strange), n=1)
        if near:
            fail(document, (*at, near[0]), f"unknown key {near[0]!r}. Did you mean 'kind'?")
        fail(document, at, f"a claim needs a kind; known: {', '.join(CLAIM_KINDS)}")
    if kind not in CLAIM_KINDS:
        raise UnknownNameError(
            "claim kind", kind, tuple(CLAIM_KINDS), file=document.path, line=document.line(*at, "kind")
        )
    found = checked_entry(kind, document.data["claims"][i])
    if found is None:
        whole: Any = parse(document, entry_model(kind), at)  # raises, with every problem and its line
        found = whole, whole.params
    entry, params = found
    _check_subject(document, i, entry, CLAIM_KINDS[kind].subjects, params)
    given = params.model_dump()
    if entry.event in given.get("also", ()):
        fail(document, (*at, "params", "also"), f"{entry.event!r} is the claim's own event; `also` names further ones")
    given["against_own"] = given["against"] is not None
    if not given["against_own"]:
        given["against"] = shared["against"]
    claimed = _claimed(document, i, entry.claimed, CLAIM_KINDS[kind])
    misfit = CLAIM_KINDS[kind].misfit
    words = misfit(claimed, given) if misfit is not None else None
    if words is not None:
        fail(document, (*at, "claimed"), words)
    return Claim(
        id=entry.id,
        kind=kind,
        says=entry.says,
        sources=_sources(document, (*at, "source"), entry.source, sources),
        claimed=claimed,
        event=entry.event,
        tickers=tuple(entry.tickers or ([entry.security] if entry.security else [])),
        expect=entry.expect,
        status=entry.status,
        place=_place(document, at, entry),
        params=given | {"group": entry.group, "names": shared["names"], "notes": shared["notes"]},
        file=str(document.path),
        line=document.line(*at),
    )


def _check_subject(document: Document, i: int, entry: ClaimEntry, allowed: Sequence[str], params: Params) -> None:
    """A claim names one subject of the right sort: a security, a group of the study, or a list of tickers.

    A kind without a subject has it under `params`, in the keys that it cannot do without.
    """
    needed = [name for name, field in type(params).model_fields.items() if field.is_required()]
    instead = "" if allowed or not needed else f"; what it is about stands under `params`: {', '.join(needed)}"
    named = [name for name in ("security", "group", "tickers") if getattr(entry, name) is not None]
    wrong = [name for name in named if name not in allowed]
    if wrong:
        wanted = f"takes {' or '.join(allowed)}" if allowed else "takes no subject"
        fail(document, ("claims", i, wrong[0]), f"a claim of kind {entry.kind} {wanted}, got {wrong[0]}{instead}")
    if allowed and len(named) != 1:
        came = " and ".join(named) or "none"
        fail(document, ("claims", i), f"a claim of kind {entry.kind} names one of {', '.join(allowed)}; got {came}")


def _sources(
    document: Document, at: Sequence[str | int], given: str | Sequence[str], known: Mapping[str, Source]
) -> tuple[Source, ...]:
    keys = [given] if isinstance(given, str) else list(given)
    for position, key in enumerate(keys):
        if key not in known:
            line = document.line(*at) if isinstance(given, str) else document.line(*at, position)
            raise UnknownNameError("source", key, tuple(known), file=document.path, line=line)
    return tuple(known[key] for key in keys)


def _place(document: Document, at: tuple[str | int, ...], entry: ClaimEntry) -> dict[str, int | str]:
    """Where each article says it: the number of the paragraph, or the word unknown."""
    keys = [entry.source] if isinstance(entry.source, str) else list(entry.source)
    for key in entry.place:
        if key not in keys:
            line = document.line(*at, "place", key)
            raise UnknownNameError("source under `place`", key, tuple(keys), file=document.path, line=line)
    return {key: entry.place.get(key, "unknown") for key in keys}


def _claimed(document: Document, i: int, entry: ClaimedEntry | None, card: Kind) -> Claimed:
    """`claimed` with its digits as they stand in the file, checked against what the kind asks for."""
    at = ("claims", i, "claimed")
    claimed = Claimed() if entry is None else _read_claimed(document, at, entry)
    wanted = [*(["a number"] if card.number else []), *(["a word"] if card.word else [])]
    if card.number and claimed.quoted is None and not (card.word and claimed.word):
        fail(
            document, at, f"a claim of this kind needs {' or '.join(wanted)} under `claimed`, such as {_such_as(card)}"
        )
    flat = claimed.word is not None and WORDS[claimed.word][1] == "flat"
    if claimed.word is not None and not card.word:
        fail(document, (*at, "word"), "a claim of this kind is not judged by a word; give a number or a direction")
    if card.directed and claimed.direction == "none" and not flat:
        fail(document, at, "a claim of this kind needs a direction under `claimed`: fall or rise")
    if claimed.quoted is not None and claimed.unit not in card.claimed_units:
        fits = ", ".join(card.claimed_units) or "none"
        fail(document, (*at, "unit"), f"the unit {claimed.unit!r} does not fit a claim of this kind; allowed: {fits}")
    return claimed


def _such_as(card: Kind) -> str:
    unit = card.claimed_units[0] if card.claimed_units else "percent"
    number = f"{{direction: fall, value: 9, unit: {unit}}}"
    return number if not card.word else f"{number} or {{word: fell}}"


def _read_claimed(document: Document, at: tuple[str | int, ...], entry: ClaimedEntry) -> Claimed:
    given = [name for name in ("value", "low", "high", "word") if getattr(entry, name) is not None]
    if given not in ([], ["value"], ["word"], ["low", "high"]):
        place = (*at, given[-1])
        if given in (["low"], ["high"]):
            fail(document, place, "a range has both ends, `low` and `high`; for a bound give `value` and `modifier`")
        fail(document, place, "a claim has a number, a range or a word, not several of them; make it two claims")
    if entry.unit not in UNITS:
        line = document.line(*at, "unit")
        raise UnknownNameError("unit", entry.unit, tuple(UNITS), file=document.path, line=line)
    quoted, low, high = (_digits(document, at, entry, name) for name in ("value", "low", "high"))
    if low is not None and high is not None:
        if float(low) >= float(high):
            fail(document, (*at, "high"), f"a range runs from `low` up to `high`, got {low} to {high}")
        for name, default in (("modifier", "exactly"), ("precision", None)):
            if getattr(entry, name) != default:
                fail(document, (*at, name), f"a range is itself: it takes no {name}")
    if entry.precision is not None and entry.modifier in ("more_than", "at_least", "less_than", "at_most"):
        fail(
            document, (*at, "precision"), f"{entry.modifier} is a bound, which has no precision: leave one of them out"
        )
    if entry.unit == "rank" and quoted is not None and not (quoted.isdigit() and int(quoted) > 0):
        fail(document, (*at, "value"), f"a rank is a whole number from 1 upwards, got {quoted}")
    direction = entry.direction
    if entry.word is not None:
        for name in ("modifier", "precision", "unit"):
            if name in entry.model_fields_set:
                fail(
                    document,
                    (*at, name),
                    f"{name} belongs to a number; {entry.word!r} is a word, which says all itself",
                )
        if entry.word not in WORDS:
            line = document.line(*at, "word")
            raise UnknownNameError("word", entry.word, tuple(WORDS), file=document.path, line=line)
        meant = WORDS[entry.word][0]
        if "none" not in (direction, meant) and direction != meant:
            fail(document, (*at, "direction"), f"{entry.word!r} is a {meant}, got direction {direction!r}")
        direction = direction if meant == "none" else meant
    return Claimed(direction, quoted or low, entry.unit, entry.modifier, entry.word, entry.precision, high)


def _digits(document: Document, at: tuple[str | int, ...], entry: ClaimedEntry, name: str) -> str | None:
    """A number with its digits as they stand in the file."""
    if getattr(entry, name) is None:
        return None
    quoted = document.quoted(*at, name).strip()
    try:
        half_unit(quoted)
    except SpecError as error:
        fail(document, (*at, name), f"{error}; `direction` says whether it is a fall or a rise")
    return quoted


def _linked(document: Document, claims: Sequence[Claim], waiting: Set[str]) -> Iterable[Claim]:
    """The claims on trial; one that compares other claims is given what they say, so that it is judged by itself."""
    by_id = {c.id: c for c in claims}
    for i, claim in enumerate(claims):
        if claim.id in waiting:
            continue
        if claim.kind != "consistency":
            yield claim
            continue
        for k, name in enumerate(claim.params["claims"]):
            at = ("claims", i, "params", "claims", k)
            if name not in by_id:
                raise UnknownNameError("claim", name, tuple(by_id), file=document.path, line=document.line(*at))
            if name in waiting:
                fail(document, at, f"the claim {name!r} waits to be confirmed, so nothing can be compared with it yet")
            if by_id[name].claimed.quoted is None:
                fail(document, at, f"the claim {name!r} quotes no number, so nothing can be compared with it")
        compared = tuple(by_id[name] for name in claim.params["claims"])
        yield replace(claim, params={**claim.params, "compared": compared})


# --------------------------------------------------------------------------------------------- against the study
def check_against(book: ClaimBook, events: Sequence[str], groups: Sequence[str]) -> None:
    """Check that the study has every event and group the claims name; before anything is read or computed.

    A ticker may be any series of the prices, which is for `check_prices` to say.

    Parameters
    ----------
    events, groups : names the study has.

    Raises
    ------
    UnknownNameError : with file and line of the claim, and the names the study has.
    """
    for claim in book.claims:
        for event in _events_of(claim):
            _known("event", event, tuple(events), claim)
        if claim.params.get("group") is not None:
            _known("group", claim.params["group"], tuple(groups), claim)


def check_events(book: ClaimBook, settings: Settings) -> None:
    """Check that a claim on a security with several events in an announcement says which of them it means.

    Raises
    ------
    UnknownNameError : with file and line of the claim, and the keys to choose from.
    """
    for claim in book.claims:
        group = claim.params.get("group")
        tickers = (*claim.tickers, *(settings.groups.get(group, ()) if group else ()))
        for name in _events_of(claim):
            known = [e for e in settings.events if name in (e.id, e.key, e.name)]
            for ticker in tickers:
                own = [e for e in known if e.ticker == ticker]
                several = own if len(own) > 1 else known if not own and len({e.day for e in known}) > 1 else []
                if several:
                    which = f"several events of {ticker}" if own else f"events of several days, and none of {ticker}"
                    hint = f"it stands for {which}; say which is meant: {listed([e.key for e in several], 8)}"
                    if group is not None and own:
                        hint += (
                            f". A claim on the group {group!r} is about one event of each member: give those that are "
                            "meant one id in the table of events, and name it as the event of the claim"
                        )
                    raise UnknownNameError(
                        f"event (claim {claim.id!r})", name, (), file=claim.file, line=claim.line, hint=hint
                    )


def check_prices(book: ClaimBook, tickers: Sequence[str], groups: Iterable[str] = ()) -> None:
    """Check that the prices hold every ticker the claims name, whether or not the study estimates it.

    Parameters
    ----------
    tickers : the series of the panel. groups : names of the study's groups, which ``others`` may hold too.

    Raises
    ------
    UnknownNameError : with file and line of the claim, and the series there are.
    """
    known, either = tuple(tickers), (*tickers, *groups)
    for claim in book.claims:
        for ticker in tickers_of(claim):
            _known("ticker", ticker, known, claim)
        for name in (*claim.params.get("others", ()), *claim.params.get("among", ())):
            _known("ticker or group", name, either, claim)


def tickers_of(claim: Claim) -> tuple[str, ...]:
    """The securities without whose prices a claim cannot be tried; ``others`` may name groups and is not among them."""
    added_up = [t for reading in claim.params.get("readings", ()) for t in reading["tickers"] or ()]
    to = claim.params.get("to") or ()
    return (*claim.tickers, *claim.params.get("beside", ()), *((to,) if isinstance(to, str) else to), *added_up)


def _events_of(claim: Claim) -> list[str]:
    ends = [end for end in claim.params.get("ends", ()) if not _is_day(end)]
    since = claim.params.get("since")
    named = [
        claim.event,
        claim.params.get("start"),
        since if since is not None and last_day(since) is None else None,
        *ends,
        *claim.params.get("events", ()),
        *claim.params.get("also", ()),
    ]
    return [name for name in named if name is not None]


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _known(what: str, name: str, known: tuple[str, ...], claim: Claim) -> None:
    if name not in known:
        raise UnknownNameError(f"{what} (claim {claim.id!r})", name, known, file=claim.file, line=claim.line)


def check_claims(study: str) -> tuple[Path, ClaimBook]:
    """Check a claims file alone, or that of a study with the events, groups and price series it names.

    Raises
    ------
    SpecError, UnknownNameError : with file and line.
    """
    kind = kind_of(study)
    alone = Path(study).name != "study.yaml" and (kind in ("file", "other") or Path(study).suffix in (".yaml", ".yml"))
    if alone and kind != "folder":
        return Path(study), load_claims(study)
    folder = study_folder(study)
    data: Any = read_yaml(folder / "study.yaml").data
    said = data if isinstance(data, dict) else {}
    path = inside(folder, str(said.get("claims") or "claims.yaml"))
    if kind_of(path) == "nothing":
        raise SpecError(f"the study {study} has no claims file; {path} does not exist")
    book = load_claims(path)
    named = replace(book, claims=(*book.claims, *book.waiting))
    groups = tuple(said.get("groups") or ())
    check_against(named, [str(e.get("id")) for e in said.get("events") or () if isinstance(e, dict)], groups)
    series = tickers_in(prices_file(folder))
    if series:
        check_prices(named, series, groups)
    return path, book
