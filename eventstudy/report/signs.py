"""Signs on the page: a fall is negative everywhere, whichever direction a claim asserts."""

from __future__ import annotations

from dataclasses import replace

from eventstudy.objects.verdicts import Interval, Reading, Verdict

#: kinds whose numbers are moves, measured in the claimed direction; those of the others are ranks, shares, multiples
MOVES = {"price_move", "group_move", "market_value", "aggregate", "abnormal_move", "relative_move"}
#: units of a move; another unit beside it (a rank, days) has no direction
_UNITS = {"percent", "decimal", "usd", "eur", "jpy", "gbp", "twd", "sd", "points"}


def with_signs(verdict: Verdict) -> Verdict:
    """The verdict with what was claimed and measured as moves: where a fall is claimed its size turns negative.

    Examples
    --------
    >>> from eventstudy.objects.verdicts import Claim, Claimed, Statement
    >>> claim = Claim("a", "price_move", "AMD fell more than 8 per cent", (), Claimed("fall", "8"))
    >>> verdict = Verdict(claim, "contradicted", Statement(""), measured=Interval(6.37, 6.37, "percent"), value=6.37)
    >>> with_signs(verdict).measured, with_signs(verdict).value
    (Interval(low=-6.37, high=-6.37, unit='percent', open_low=False, open_high=False), -6.37)
    """
    if verdict.claim.kind not in MOVES or verdict.claim.claimed.direction != "fall":
        return verdict
    turned = verdict.measured is not None and verdict.measured.unit in _UNITS
    return replace(
        verdict,
        claimed=_interval(verdict.claimed),
        measured=_interval(verdict.measured),
        value=-verdict.value if turned else verdict.value,
        readings=tuple(_reading(reading) for reading in verdict.readings),
    )


def _interval(span: Interval | None) -> Interval | None:
    if span is None or span.unit not in _UNITS:
        return span
    return Interval(-span.high, -span.low, span.unit, span.open_high, span.open_low)


def _reading(reading: Reading) -> Reading:
    return replace(reading, value=-reading.value) if reading.unit in _UNITS else reading
