"""Claims that what one event had gained, or lost, a later one took back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventstudy.claims.answer import answered, judged
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.later import measure, pd, second_axis, spans
from eventstudy.claims.since import last_day
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.measure import Level
    from eventstudy.claims.schema import Params
    from eventstudy.objects.results import StudyResult


def price_path(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the share of an earlier move taken back: 100 x (peak - after) / (peak - base).

    The base is the last close of `since`, or the close before it where it is an event; the peak is the last close
    before the claim's own event, ``after`` the close of its day. Further readings: the highest close in between as the
    peak; the close of the first event's own day as the base, for news that came after most of that day's trading. For
    a claimed rise all of it upside down.
    """
    (ticker,) = claim.tickers
    sign, name, since = measure.sign_of(claim.claimed), measure.name_of(claim, ticker), claim.params["since"]
    own, length = measure.event_day(result, ticker, claim.event or ""), spans.window_of(claim, result, ticker).length
    if length < 2:
        raise MissingPriceError(f"sessions between {since} and {claim.event} would decide; there are none")
    path = measure.levels_on(result, ticker, tuple(range(own.t - length, own.t + 1)))
    base, news, peak, after = path[0], path[1], path[-2], path[-1]
    top = max(path[1:-1], key=lambda level: -sign * level.value)
    if -sign * (peak.value - base.value) <= 0:
        raise MissingPriceError(
            f"{ticker}: a move between {since} and {claim.event} that could be taken back would decide; there was none"
        )
    started = "the close before" if last_day(since) is None else f"the last close of {since}"
    options = [
        (f"from {started} to the last close", base, peak),
        ("to the furthest close in between", base, top),
    ]
    axes = second_axis.security_axes(result, claim, [ticker])
    moves = [(name, measure.move_of(result, ticker, claim.event or ""))]
    if last_day(since) is None:
        options += [("counted from the close of the first day", news, peak)] if length > 2 else []
        axes = second_axis.distinct((*axes, *second_axis.security_axes(result, claim, [ticker], since)))
        moves = [(name, measure.move_of(result, ticker, since)), *moves]
    readings = _readings(options, after, sign)
    answer = judged(claim, readings, "percent")
    return answered(
        claim,
        answer,
        _summary(name, base, peak, after, readings[0].value),
        steps=(
            *(measure.move_step(move, f"{name} on {measure.day_text(move.after.day)}") for _, move in moves),
            *(_step(label, low, high, after) for label, low, high in options),
        ),
        abnormal=axes,
        caveats=(*measure.move_caveats(moves), *second_axis.axis_caveats(result, axes)),
    )


def _readings(options: Sequence[tuple[str, Level, Level]], after: Level, sign: int) -> list[Reading]:
    """The share taken back, the headline first; every other path is another definition."""
    return [
        Reading(
            label,
            _share(low, high, after),
            "percent",
            f"{low.source}; {high.source}; {after.source}",
            headline=i == 0,
            sort="input" if i == 0 else "definition",
        )
        for i, (label, low, high) in enumerate(options)
        if -sign * (high.value - low.value) > 0
    ]


def _share(base: Level, peak: Level, after: Level) -> float:
    return 100 * (peak.value - after.value) / (peak.value - base.value)


def _step(label: str, base: Level, peak: Level, after: Level) -> Step:
    return Step(
        f"Share taken back, {label}",
        "100 × (peak − after) / (peak − base)",
        {"base": base.quantity, "peak": peak.quantity, "after": after.quantity},
        Quantity(_share(base, peak, after), "percent"),
    )


def _summary(name: str, base: Level, peak: Level, after: Level, share: float) -> Statement:
    def on(day: pd.Timestamp) -> Quantity:
        return measure.date_quantity(day)

    return Statement(
        "{name} went from {base} ({day0}) to {peak} ({day1}) and closed at {after} on {day2}: {share} of that was "
        "taken back.",
        {
            "name": name,
            "base": base.quantity,
            "day0": on(base.day),
            "peak": peak.quantity,
            "day1": on(peak.day),
            "after": after.quantity,
            "day2": on(after.day),
            "share": Quantity(share, "percent"),
        },
    )


# ----------------------------------------------------------------------------------------------------------------- card
def _params() -> type[Params]:
    from eventstudy.claims.schema import Params, Since

    class PricePath(Params):
        """The gain that the claim's event gave back: `since` the close before an event, or since the last close of a
        day, a month or a year."""

        since: Since

    return PricePath


CARD = Kind(
    name="price_path",
    judge=price_path,
    words="How much of an earlier move did this one take back?",
    rule="The way back as a share of the way there, against the claimed interval.",
    default_reading="from the close before the first event, or the last close of a day, to the last one before the "
    "claim's own",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=True,
    number=True,
    word=False,
    units=PERCENT,
    vendors=False,
)
