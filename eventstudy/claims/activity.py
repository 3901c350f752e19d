"""Claims about how busy or how restless a security was: its volume, its volatility, beside what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from eventstudy.claims.answer import answered, judged
from eventstudy.claims.card import ONE, PERCENT, Kind
from eventstudy.claims.interval import base_unit
from eventstudy.claims.later import estimation, measure, np, pd, second_axis
from eventstudy.errors import MissingPriceError
from eventstudy.objects.verdicts import Claim, Claimed, Quantity, Reading, Statement, Step, Verdict

if TYPE_CHECKING:
    from eventstudy.claims.schema import Params
    from eventstudy.objects.estimation import FloatArray
    from eventstudy.objects.prices import Basis
    from eventstudy.objects.results import StudyResult

FEWEST = 5  # sessions, for a standard deviation to mean anything
OTHERS = (60, 250)  # sessions of the other ways to say what is usual
_WORDS = {"volume": "Mean volume", "volatility": "Standard deviation of the daily returns"}


@dataclass(frozen=True, slots=True)
class _Usual:
    """What was usual over so many sessions before: its value, and the sessions that have one."""

    sessions: int
    value: float
    known: int


def activity(claim: Claim, result: StudyResult) -> Verdict:
    """Judge the mean volume of the window, or the standard deviation of its returns, beside the sessions before it.

    A multiple is of what was usual, per cent are more or less than it, a count is of shares a session. The usual is the
    mean over `usual` sessions before the window; over 60 and 250 of them are other definitions.
    """
    (ticker,) = claim.tickers
    unit, how = base_unit(claim.claimed.unit)[0], claim.params["measure"]
    window = estimation.Window(*claim.params["window"])
    begins = measure.event_day(result, ticker, claim.event or "").t + window.start
    values = _values(result, ticker, how)
    now = _now(claim, result, values, begins, window.length)
    lengths = [claim.params["usual"], *(n for n in OTHERS if n != claim.params["usual"])]
    known = [found for n in lengths if (found := _before(values, begins, n, how)) is not None]
    if unit != "count" and (not known or known[0].sessions != claim.params["usual"]):
        raise MissingPriceError(f"{ticker}: {how} of the {claim.params['usual']} sessions before would decide")
    name, sign = measure.name_of(claim, ticker), measure.sign_of(claim.claimed)
    basis = "volume" if how == "volume" else _basis(result, ticker)
    source = measure.price_source(result, basis, _day(result, ticker, begins))
    readings = _readings(unit, sign, now, known, source)
    plain = "count" if how == "volume" else "percent"
    steps = [_now_step(name, how, Quantity(now, plain, source), window.length)]
    if unit != "count":
        steps.append(_step(name, unit, sign, Quantity(now, plain), Quantity(known[0].value, plain, _over(known[0]))))
    answer = judged(claim, readings, unit)
    axes = second_axis.security_axes(result, claim, [ticker], window=window)
    return answered(
        claim,
        answer,
        _summary(
            name,
            how,
            (now, known),
            window.length,
            measure.date_quantity(_day(result, ticker, begins + window.length - 1)),
        ),
        steps=steps,
        abnormal=axes,
        caveats=(
            *(
                f"{k.sessions - k.known} of {k.sessions} sessions before have none and are left out."
                for k in known[:1]
                if k.known < k.sessions
            ),
            *second_axis.axis_caveats(result, axes),
        ),
    )


# ------------------------------------------------------------------------------------------------------------- measures
def _values(result: StudyResult, ticker: str, how: str) -> FloatArray:
    """(D,) the volumes of a series, or its daily returns in per cent, by session; NaN where there is none."""
    sessions = measure.calendar_of(result, ticker).sessions
    if how == "volume":
        found = result.prices.volume[ticker].reindex(sessions).to_numpy(dtype=np.float64)
        return np.where(found > 0, found, np.nan)
    levels = measure.on_sessions(result, ticker, _basis(result, ticker))
    return np.concatenate([[np.nan], 100 * (levels[1:] / levels[:-1] - 1)])


def _basis(result: StudyResult, ticker: str) -> Basis:
    """The prices whose returns are taken: with dividends where they are known."""
    return "adj_close" if "adj_close" in measure.known_bases(result)[ticker] else "close"


def _now(claim: Claim, result: StudyResult, values: FloatArray, begins: int, length: int) -> float:
    """The mean volume, or the standard deviation, of the window, which has to be whole."""
    how, (ticker,) = claim.params["measure"], claim.tickers
    own = values[max(begins, 0) : begins + length]
    if begins < 0 or len(own) < length or np.isnan(own).any():
        raise MissingPriceError(
            f"{ticker}: its {how} on every session of the window would decide; the study lacks some"
        )
    return float(own.mean() if how == "volume" else own.std(ddof=1))


def _before(values: FloatArray, begins: int, sessions: int, how: str) -> _Usual | None:
    """What was usual over so many sessions before a row; None where more than half of them are not known."""
    if begins < sessions:
        return None
    own = values[begins - sessions : begins]
    own = own[np.isfinite(own)]
    if 2 * len(own) < sessions or len(own) < FEWEST:
        return None
    return _Usual(sessions, float(own.mean() if how == "volume" else own.std(ddof=1)), len(own))


def _day(result: StudyResult, ticker: str, row: int) -> pd.Timestamp:
    return measure.calendar_of(result, ticker).sessions[row]


# --------------------------------------------------------------------------------------------------- readings and words
def _over(usual: _Usual) -> str:
    return f"{usual.known} sessions before the window"


def _readings(unit: str, sign: int, now: float, known: list[_Usual], source: str) -> list[Reading]:
    if unit == "count":
        return [Reading("shares a session", now, unit, source, True, "input")]
    return [
        Reading(
            f"beside the {u.sessions} sessions before",
            now / u.value if unit == "multiple" else sign * 100 * (now / u.value - 1),
            unit,
            source,
            k == 0,
            "input" if k == 0 else "definition",
        )
        for k, u in enumerate(known)
    ]


def _now_step(name: str, how: str, value: Quantity, length: int) -> Step:
    sessions = "the session" if length == 1 else f"the {length} sessions"
    return Step(
        f"{_WORDS[how]} of {name} over {sessions}", "value", {"value": value}, Quantity(value.value, value.unit)
    )


def _step(name: str, unit: str, sign: int, now: Quantity, usual: Quantity) -> Step:
    inputs: dict[str, Quantity | str] = {"now": now, "usual": usual}
    if unit == "multiple":
        return Step(f"{name}: beside what was usual", "now / usual", inputs, Quantity(now.value / usual.value, unit))
    formula = "100 × (now / usual − 1)" if sign > 0 else "100 × (1 − now / usual)"
    size = Quantity(sign * 100 * (now.value / usual.value - 1), unit)
    return Step(f"{name}: more or less than usual, by size", formula, inputs, size)


def _summary(name: str, how: str, found: tuple[float, list[_Usual]], length: int, day: Quantity) -> Statement:
    now, known = found
    plain = "count" if how == "volume" else "percent"
    values: dict[str, Quantity | str] = {"name": name, "now": Quantity(now, plain), "day": day}
    text = f"{_WORDS[how]} of {{name}} up to {{day}}: {{now}}" if length > 1 else "Volume of {name} on {day}: {now}"
    if known:
        values |= {
            "usual": Quantity(known[0].value, plain),
            "n": Quantity(known[0].sessions, "sessions"),
            "times": Quantity(now / known[0].value, "multiple"),
        }
        text += f", {{times}} {'the mean' if how == 'volume' else 'that'} of the {{n}} before ({{usual}})"
    return Statement(f"{text}.", values)


# ----------------------------------------------------------------------------------------------------------------- card
def _misfit(claimed: Claimed, params: Mapping[str, Any]) -> str | None:
    length = params["window"][1] - params["window"][0] + 1
    if params["measure"] == "volume":
        return None
    if base_unit(claimed.unit)[0] == "count":
        return "a volatility is not counted; claim it in percent or as a multiple of what was usual"
    return (
        f"it asks for the volatility of {length} sessions; give a `window` of {FEWEST} or more"
        if length < FEWEST
        else None
    )


def _params() -> type[Params]:
    from pydantic import Field, StrictInt

    from eventstudy.claims.schema import Params, Sessions

    class Activity(Params):
        """`measure`: the volume, or the volatility, over a `window` of sessions; `usual`: how many sessions before it
        say what is usual."""

        measure: Literal["volume", "volatility"] = "volume"
        window: Sessions = (0, 0)
        usual: Annotated[StrictInt, Field(ge=5, le=1000)] = 20

    return Activity


CARD = Kind(
    name="activity",
    judge=activity,
    words="How large was the volume or the volatility of a security, beside what was usual?",
    rule="The mean volume of the window, or the standard deviation of its daily returns, as a multiple of that of the "
    "sessions before, or in per cent more or less; or shares counted.",
    default_reading="the 20 sessions before the window; 60 and 250 are other definitions",
    params=_params,
    tables=(),
    subjects=ONE,
    directed=False,
    number=True,
    word=False,
    units=("multiple", *PERCENT, "count"),
    vendors=False,
    misfit=_misfit,
)
