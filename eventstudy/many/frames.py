"""The tables of a run: an event a row, a mean a row, and what compounds over the days of a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.special as special

from eventstudy.inference.sample import two_sided_t
from eventstudy.many.apart import PassesApart
from eventstudy.many.eventlist import IN_ALL, EventList
from eventstudy.many.passes import Passes
from eventstudy.many.pooled import Numbers
from eventstudy.objects.estimation import BoolArray, FloatArray, IntArray, Window
from eventstudy.windows import gather

AnyPasses = Passes | PassesApart
ROWS = 8192  # events whose days are held at once: they stay in cache
LEVEL = 0.95  # of the intervals


@dataclass(frozen=True, slots=True, eq=False)
class DaySums:
    """Over the events of each subject (G + 1), for each day of the event window (L,): ``count`` and ``total`` of the
    abnormal returns; ``reached``, ``path`` and ``squares`` the same of their sums from the first day on.
    """

    count: FloatArray
    total: FloatArray
    reached: FloatArray
    path: FloatArray
    squares: FloatArray


def window_name(window: Window) -> str:
    """A window as columns are named after it: ``[-1,+1]``.

    >>> window_name(Window(-1, 1))
    '[-1,+1]'
    """
    return str(window).replace(" ", "")


def day_sums(passes: AnyPasses, listed: EventList, kept: FloatArray | None) -> DaySums:
    """Sums by day, some thousand events at a time; from the abnormal returns that were `kept`, or measured again."""
    subjects, days = len(listed.groups) + 1, passes.design.event.length
    sums = [np.zeros((subjects, days)) for _ in range(5)]
    for at, ar in _abnormal(passes, listed, kept):
        path = np.cumsum(ar, axis=1)
        group, counts = listed.group[at], listed.counts[at]
        first, member = counts == IN_ALL, counts > 0
        for values, power, out in (
            (ar, 0, sums[0]),
            (ar, 1, sums[1]),
            (path, 0, sums[2]),
            (path, 1, sums[3]),
            (path, 2, sums[4]),
        ):
            here = np.isfinite(values)
            filled = here.astype(np.float64) if power == 0 else np.where(here, values**power, 0.0)
            out[0] += filled[first].sum(axis=0)
            if subjects > 1:
                for day in range(days):
                    out[1:, day] += np.bincount(group[member] + 1, filled[member, day], minlength=subjects)[1:]
    return DaySums(*sums)


def _abnormal(passes: AnyPasses, listed: EventList, kept: FloatArray | None) -> Iterator[tuple[IntArray, FloatArray]]:
    """The events that the panel holds, and their abnormal returns (n, L)."""
    for start in range(0, len(listed.day), ROWS):
        at = np.arange(start, min(start + ROWS, len(listed.day)), dtype=np.int32)
        at = at[(listed.security[at] >= 0) & (listed.day[at] >= 0)]
        if len(at) == 0:
            continue
        ar = kept[at] if kept is not None else passes.abnormal(listed, at)
        if ar is not None:
            yield at, ar


def bhar_of(passes: AnyPasses, listed: EventList, kept: FloatArray | None) -> FloatArray:
    """BHAR(W) = prod(1 + R) - prod(1 + E[R]) of every event and window, (N, W), NaN where a day is missing; of log
    returns, which do not compound by products, NaN throughout (Lyon, Barber and Tsai 1999).
    """
    design = passes.design
    out = np.full((len(listed.day), len(design.windows)), np.nan)
    if passes.panel.kind != "simple":
        return out
    for at, ar in _abnormal(passes, listed, kept):
        realized = gather(passes.panel.returns, listed.security[at], listed.day[at], design.event)
        for w, window in enumerate(design.windows):
            cols = slice(window.start - design.event.start, window.end - design.event.start + 1)
            normal = realized[:, cols] - ar[:, cols]
            out[at, w] = (1.0 + realized[:, cols]).prod(axis=1) - (1.0 + normal).prod(axis=1)
    return out


def cars_frame(numbers: Numbers, events: pd.DataFrame, bhar: FloatArray, nobs: IntArray) -> pd.DataFrame:
    """A row an event and window, event by event; `events` (N, k) holds what is the event's own."""
    windows = len(numbers.windows)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = numbers.car / numbers.scar
    p = two_sided_t(numbers.scar, numbers.nu[:, None])
    own = {name: events[name].repeat(windows) for name in ("id", "ticker", "day_zero")}
    traits = {str(name): events[name].repeat(windows) for name in events.columns if name not in own}
    columns = {
        **own,
        "window": np.tile([str(w) for w in numbers.windows], len(events)),
        "car": numbers.car.ravel(),
        "se": se.ravel(),
        "t": numbers.scar.ravel(),
        "p": p.ravel(),
        "bhar": bhar.ravel(),
        "nobs": np.repeat(nobs, windows),
        **traits,
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def caar_frame(numbers: Numbers) -> pd.DataFrame:
    """A row a subject and window: the mean CAR of its events, standard error and interval by t(n - 1)."""
    rows = []
    subjects = len(numbers.subjects)
    for w, window in enumerate(numbers.windows):
        usable = numbers.usable[:, w] & (numbers.counts > 0)
        first = usable & (numbers.counts == IN_ALL)
        car = np.where(usable, numbers.car[:, w], 0.0)
        member = usable & (numbers.group >= 0)
        who = numbers.group, first, member, subjects
        n = _by_subject(usable.astype(np.float64), *who)
        mean = _by_subject(car, *who) / np.where(n > 0, n, np.nan)
        squares = _by_subject(np.where(member, car - mean[numbers.group + 1], 0.0) ** 2, *who)
        squares[0] = ((car - mean[0])[first] ** 2).sum()
        rows.append(mean_frame(numbers.subjects, n, mean, squares).assign(window=str(window), place=w))
    out = pd.concat(rows).sort_values(["order", "place"], kind="stable")
    shown = out[["subject", "window", "caar", "se", "low", "high", "n"]].reset_index(drop=True)
    return shown.assign(by="cross_sectional_t", level=LEVEL)


def mean_frame(subjects: tuple[str, ...], n: FloatArray, mean: FloatArray, squares: FloatArray) -> pd.DataFrame:
    """Means with their standard errors and intervals, from the sums of squared deviations."""
    enough = n > 1
    se = np.sqrt(squares / np.where(enough, n - 1, np.nan) / np.where(n > 0, n, np.nan))
    half = special.stdtrit(np.where(enough, n - 1, np.nan), 0.5 + LEVEL / 2) * se
    return pd.DataFrame(
        {
            "subject": subjects,
            "caar": mean,
            "se": se,
            "low": mean - half,
            "high": mean + half,
            "n": n.astype(np.int64),
            "order": np.arange(len(n)),
        }
    )


def _by_subject(values: FloatArray, group: IntArray, first: BoolArray, member: BoolArray, subjects: int) -> FloatArray:
    """Sums over the events that count among all, and over those of each group."""
    out = np.zeros(subjects)
    out[0] = values[first].sum()
    if subjects > 1:
        out[1:] = np.bincount(group[member], values[member], minlength=subjects - 1)
    return out


def path_frame(sums: DaySums, subjects: tuple[str, ...], event: Window) -> pd.DataFrame:
    """A row a subject and day ``tau``: mean CAR from the first day on, ``se``, interval, n."""
    n = sums.reached
    mean = sums.path / np.where(n > 0, n, np.nan)
    spread = np.maximum(sums.squares - n * np.where(n > 0, mean, 0.0) ** 2, 0.0)
    frames = []
    for k, tau in enumerate(event.taus):
        frames.append(mean_frame(subjects, n[:, k], mean[:, k], spread[:, k]).assign(tau=tau))
    out = pd.concat(frames).sort_values(["order", "tau"], kind="stable")
    shown = out[["subject", "tau", "caar", "se", "low", "high", "n"]]
    return shown.reset_index(drop=True).assign(level=LEVEL)
