"""JSON-LD for machines that read pages: one ClaimReview a verdict, one Dataset for the prices (schema.org)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from eventstudy import __version__
from eventstudy.objects.results import StudyResult
from eventstudy.objects.verdicts import Source, Verdict, VerdictWord
from eventstudy.report import tables, wording

#: a place on the scale that ClaimReview asks for; an unresolved claim has none
RATING: Mapping[VerdictWord, int] = {"contradicted": 1, "imprecise": 3, "supported": 4}
PARTLY = 2  # some of it holds: never as low as what is contradicted as a whole, nor better than what is imprecise


def linked_data(result: StudyResult) -> Iterator[dict[str, Any]]:
    """The Dataset, then the reviews."""
    yield dataset(result)
    for verdict in result.verdicts:
        if verdict.rated:
            yield claim_review(verdict)


def dataset(result: StudyResult) -> dict[str, Any]:
    """What the prices are, where they come from and which days they span."""
    prices, days = result.prices, result.prices.close.index
    sources = {wording.prices(prices.provenance.source), *result.reference.sources.values()}
    entry: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"Prices and reference figures of the study “{result.settings.title}”",
        "description": f"Daily closes, adjusted closes and volumes of {len(prices.tickers)} series, with the abnormal "
        f"returns{', tests and verdicts' if result.verdicts else ' and tests'} computed from them.",
        "identifier": result.content_id,
        "version": __version__,
        "creator": {"@type": "Organization", "name": "the eventstudy contributors"},
        "isBasedOn": [_work(source) for source in sorted(filter(_harmless, sources))],
        "variableMeasured": ["close", "adjusted close", "volume", "abnormal return", "cumulative abnormal return"],
    }
    if len(days):
        entry["temporalCoverage"] = f"{days[0].date().isoformat()}/{days[-1].date().isoformat()}"
    if prices.provenance.licence and _harmless(prices.provenance.licence):
        entry["license"] = _work(prices.provenance.licence)
    return entry


def _work(text: str) -> str | dict[str, str]:
    """An address as it is; words as the name of a work."""
    return text if wording.address(text) else {"@type": "CreativeWork", "name": text}


def _harmless(text: str) -> bool:
    """Words, or an address that a reader's program may follow: ``javascript:`` and its like are left out."""
    return wording.address(text) or re.match(r"\s*[a-z][a-z0-9+.-]*:\S", text, re.IGNORECASE) is None


def claim_review(verdict: Verdict) -> dict[str, Any]:
    """One verdict; what is not known of an article is left out, never made up."""
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": wording.label(verdict)}
    value = rated(verdict)
    if value is not None:
        rating |= {"ratingValue": value, "bestRating": 4, "worstRating": 1}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "identifier": verdict.claim.id,
        "claimReviewed": verdict.claim.says,
        "reviewBody": tables.statement(verdict.summary),
        "itemReviewed": {"@type": "Claim", "appearance": [_article(s) for s in verdict.claim.sources]},
        "reviewRating": rating,
        "author": {"@type": "Organization", "name": "the eventstudy contributors"},
    }


def rated(verdict: Verdict) -> int | None:
    """The place on the scale, None for an unresolved claim.

    ``partly`` lies between imprecise and contradicted, as its worst part says: at imprecise where no part is worse.
    """
    if verdict.verdict != "partly":
        return RATING.get(verdict.verdict)
    worst = min((RATING[p.verdict] for p in verdict.parts if p.verdict in RATING), default=RATING["imprecise"])
    return PARTLY if worst <= RATING["contradicted"] else RATING["imprecise"]


def _is_date(text: str) -> bool:
    """Whether a text is a date that schema.org reads: a year, a month or a day."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text) is None:
        return re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text) is not None
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _article(source: Source) -> dict[str, Any]:
    entry: dict[str, Any] = {"@type": "CreativeWork"}
    if source.title != "unknown":
        entry["headline"] = source.title
    for name, kind in (("author", "Person"), ("publisher", "Organization")):
        if (who := getattr(source, name)) != "unknown":
            entry[name] = {"@type": kind, "name": who}
    if _is_date(source.published):
        entry["datePublished"] = source.published
    if wording.address(source.url):
        entry["url"] = source.url
    return entry
