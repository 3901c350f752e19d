"""The same question under other defensible settings: which cells a grid has, what each answers, and how many agree.

A cell is one benchmark, model, estimation length, gap and kind of returns. A subject is a security, or a group as its
equal-weight portfolio, fitted as one security. An answer is significant at alpha with a sign, or not significant.
Windows do not vote on each other: another window is another question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import UnknownNameError
from eventstudy.objects.estimation import BoolArray, FloatArray, ReturnKind, Span, Window, window_of
from eventstudy.once import once

FRAGILE = 0.8  # agreement below this is fragile
BENCHMARKS = ("^GSPC", "RSP", "QQQE", "^SOX", "^NDX")
NONE = "none"  # the benchmark of a model that uses none
APART = 0.3  # difference of the shares of two values from which a setting is named
DIMENSIONS = ("benchmark", "model", "estimation", "gap", "returns")


@dataclass(frozen=True, slots=True)
class Grid:
    """What a grid of specifications is made of, beside the study's own settings, which are always in it.

    Parameters
    ----------
    benchmarks : those with prices in the study are taken.
    models : those that apply are taken.
    estimation : lengths of the estimation window in sessions.
    gaps : sessions from its last day to day zero.

    Examples
    --------
    >>> Grid(gaps=(21,)).estimation
    (120, 250, 480)
    """

    benchmarks: tuple[str, ...] = BENCHMARKS
    models: tuple[str, ...] = ("market", "market_adjusted", "mean_adjusted", "ff3", "ff5_mom", "robust", "dimson")
    estimation: tuple[int, ...] = (120, 250, 480)
    gaps: tuple[int, ...] = (11, 31)

    @property
    def stated(self) -> tuple[str, ...]:
        """The benchmarks that a study names for its grid; () where it takes those that there are."""
        return () if self.benchmarks == BENCHMARKS else self.benchmarks


USUAL_GRID = Grid()


@dataclass(frozen=True, slots=True)
class Cell:
    """One specification.

    Parameters
    ----------
    benchmark : None where the model uses none.
    model : of normal returns.
    estimation : length of the estimation window in sessions.
    gap : sessions from its last day to day zero.
    returns : ``simple`` or ``log``.

    Examples
    --------
    >>> print(Cell("^GSPC", "market", 250, 11, "simple").window)
    [-260, -11]
    """

    benchmark: str | None
    model: str
    estimation: int
    gap: int
    returns: ReturnKind

    @property
    def window(self) -> Window:
        """The estimation window."""
        return Window(-self.gap - self.estimation + 1, -self.gap)


@dataclass(frozen=True, slots=True)
class Flip:
    """Of the cells with one value of one setting, how many turn.

    Parameters
    ----------
    dimension, value : the setting, and its value.
    cells : with that value.
    significance, sign : of them that change significance, and whose CAR has the other sign.

    Examples
    --------
    >>> Flip("model", "robust", 12, 9, 0).significance
    9
    """

    dimension: str
    value: str
    cells: int
    significance: int
    sign: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many distinct cells answer as the study's own settings do.

    Parameters
    ----------
    exchange : whose sessions count.
    subject, is_group : who, and whether it is a group, as one portfolio.
    window : of the CAR.
    answer : of the study's own settings: -1 or 1 where the CAR is significant at alpha, with its sign, else 0.
    cells : that could be estimated, the study's own among them.
    agree : of them with that answer.
    significance : of them that find it significant where the study does not, or the other way round.
    sign : of them with a CAR of the other sign, significant or not.
    flips : the values of settings that hold flips.

    Examples
    --------
    >>> found = Agreement("XNYS", "AMD", False, Window(0, 0), -1, 40, 29, 11, 0, ())
    >>> found.share, found.fragile
    (0.725, True)
    """

    exchange: str
    subject: str
    is_group: bool
    window: Window
    answer: int
    cells: int
    agree: int
    significance: int
    sign: int
    flips: tuple[Flip, ...]

    @property
    def share(self) -> float:
        """Share of the cells that agree."""
        return self.agree / self.cells

    @property
    def fragile(self) -> bool:
        """Whether fewer than 80 % agree."""
        return self.share < FRAGILE


@dataclass(frozen=True, eq=False)  # no slots: the frame is made once
class Answers:
    """The cells of one exchange, by cell, subject and window; NaN where a cell could not be estimated.

    Parameters
    ----------
    exchange : whose sessions count.
    cells : C of them, the first the study's own.
    subjects : S securities and groups.
    members : of the subjects that are groups.
    windows : W of them.
    car, se, p : (C, S, W) the CAR, its standard error (decimals), and two-sided p by t(nu).
    nu : (C, S) degrees of freedom.
    alpha : the level of an answer.

    Examples
    --------
    >>> from eventstudy.example import example_result
    >>> (part,) = example_result().sensitivity().parts
    >>> part.car.shape == (len(part.cells), len(part.subjects), len(part.windows))
    True
    """

    exchange: str
    cells: tuple[Cell, ...]
    subjects: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    windows: tuple[Window, ...]
    car: FloatArray
    se: FloatArray
    nu: FloatArray
    p: FloatArray
    alpha: float

    @cached_property
    def answer(self) -> FloatArray:
        """(C, S, W) -1, 0 or 1; NaN where not estimated."""
        return np.where(np.isfinite(self.p), np.sign(self.car) * (self.p < self.alpha), np.nan)

    def agreement(self, s: int, w: int) -> Agreement | None:
        """Of one subject and window; None where the study's own settings have no answer."""
        answer, car = self.answer[:, s, w], self.car[:, s, w]
        known = np.isfinite(answer)
        if not known[0]:
            return None
        own = int(answer[0])
        significance = known & ((answer == 0) != (own == 0))
        sign = known & (np.sign(car) == -np.sign(car[0])) & (car != 0)
        where = (self.exchange, self.subjects[s], self.subjects[s] in self.members, self.windows[w])
        counts = (int(known.sum()), int((answer[known] == own).sum()), int(significance.sum()), int(sign.sum()))
        return Agreement(*where, own, *counts, tuple(self._flips(known, significance, sign)))

    def _flips(self, known: BoolArray, significance: BoolArray, sign: BoolArray) -> Iterator[Flip]:
        """The values that hold flips, those with the largest share of their cells first in each dimension."""
        for dimension in DIMENSIONS:
            found = [
                Flip(dimension, value, int(known[at].sum()), int(significance[at].sum()), int(sign[at].sum()))
                for value, at in self.where[dimension].items()
            ]
            held = [flip for flip in found if flip.significance or flip.sign]
            yield from sorted(held, key=lambda flip: -(flip.significance + flip.sign) / flip.cells)

    @cached_property
    def where(self) -> dict[str, dict[str, BoolArray]]:
        """Dimension -> value -> (C,) the cells with it, in the order in which they come."""
        out: dict[str, dict[str, BoolArray]] = {}
        for dimension in DIMENSIONS:
            values = np.array([str(getattr(cell, dimension) or NONE) for cell in self.cells])
            out[dimension] = {str(value): values == value for value in dict.fromkeys(values.tolist())}
        return out

    def frame(self) -> pd.DataFrame:
        """A row a cell, subject and window that could be estimated; see `Sensitivity.cells`."""
        c, s, w = (at.ravel() for at in np.indices(self.p.shape))
        columns: dict[str, Any] = {
            "exchange": self.exchange,
            "subject": np.array(self.subjects, dtype=object)[s],
            "group": np.array([name in self.members for name in self.subjects])[s],
            "window": np.array([str(window) for window in self.windows], dtype=object)[w],
            **{name: np.array([getattr(cell, name) for cell in self.cells], dtype=object)[c] for name in DIMENSIONS},
            "own": c == 0,
            "car": self.car.ravel(),
            "se": self.se.ravel(),
            "nu": np.repeat(self.nu.ravel(), len(self.windows)),
            "p": self.p.ravel(),
            "answer": self.answer.ravel(),
        }
        frame = pd.DataFrame(columns).astype({"estimation": int, "gap": int})
        return pd.DataFrame(frame[np.isfinite(frame["p"].to_numpy())]).reset_index(drop=True)


@dataclass(frozen=True, eq=False)  # no slots: what is looked up is kept
class Sensitivity:
    """The grid of a study's headline event.

    Parameters
    ----------
    parts : one an exchange.
    left_out : what has no cells, and why.

    Examples
    --------
    >>> import eventstudy as es
    >>> tickers = ["NVDA", "AMD"]
    >>> study = es.Study(prices="deepseek", events="2025-01-27", tickers=tickers, benchmark="^IXIC", tests=["t"])
    >>> found = study.run().sensitivity()
    >>> found.of("NVDA").fragile, found.of("AMD").fragile
    (False, True)
    """

    parts: tuple[Answers, ...]
    left_out: tuple[str, ...] = ()

    @cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        """One entry a subject and window: groups first, then securities."""
        found = [part.agreement(s, w) for part in self.parts for s, w in np.ndindex(part.p.shape[1:])]
        return tuple(sorted((one for one in found if one is not None), key=lambda one: not one.is_group))

    @cached_property
    def _by(self) -> dict[tuple[str, Window], Agreement]:
        return {(one.subject, one.window): one for one in reversed(self.agreements)}

    def get(self, subject: str, window: Window) -> Agreement | None:
        """The agreement of one subject over one window, None where there is none."""
        return self._by.get((subject, window))

    def of(self, subject: str, window: Span = (0, 0)) -> Agreement:
        """The agreement of a security or group over a window.

        Raises
        ------
        UnknownNameError : the grid does not have it.
        """
        found = self.get(subject, window_of(window))
        if found is None:
            known = dict.fromkeys(f"{one.subject} {one.window}" for one in self.agreements)
            raise UnknownNameError("subject and window", f"{subject} {window_of(window)}", tuple(known))
        return found

    @property
    def cells(self) -> pd.DataFrame:
        """A row a cell, subject and window, those that could be estimated.

        Columns: ``exchange``, ``subject``, ``group`` whether it is one, ``window``; the settings ``benchmark`` (None
        where the model uses none), ``model``, ``estimation`` sessions, ``gap``, ``returns``; ``own`` whether they are
        the study's; ``car``, its standard error ``se`` (decimals), ``nu``, two-sided ``p`` by t(nu), ``answer`` -1, 0
        or 1.
        """
        return self._cells().copy()

    @once
    def _cells(self) -> pd.DataFrame:
        parts = [part.frame() for part in self.parts]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @property
    def table(self) -> pd.DataFrame:
        """A row a subject and window: ``answer``, ``cells``, ``agreement`` (a share), ``fragile``, ``significance`` and
        ``sign`` (cells that flip), ``flips`` in words, the values that hold most first."""
        rows = [
            {
                "exchange": one.exchange,
                "subject": one.subject,
                "group": one.is_group,
                "window": str(one.window),
                "answer": one.answer,
                "cells": one.cells,
                "agreement": one.share,
                "fragile": one.fragile,
                "significance": one.significance,
                "sign": one.sign,
                "flips": flips_in_words(one),
            }
            for one in self.agreements
        ]
        return pd.DataFrame(rows)


def flips_in_words(found: Agreement) -> str:
    """Which values of which settings turn the answer, with the count of their cells; else that none stands out.

    A dimension is named where its values differ by 30 points or more, and of its values those most of whose cells
    turn.

    >>> flips = (Flip("model", "robust", 12, 9, 0), Flip("benchmark", "RSP", 10, 2, 0))
    >>> flips_in_words(Agreement("XNYS", "AMD", False, Window(0, 0), -1, 40, 29, 11, 0, flips))
    'model robust 9 of 12'
    """
    parts = [("", found.significance, [(f, f.significance) for f in found.flips])]
    if found.answer:
        parts.append(("the sign turns: ", found.sign, [(f, f.sign) for f in found.flips]))
    said = [before + _leading(found, counts, total) for before, total, counts in parts if total]
    return "; ".join(said)


def _leading(found: Agreement, counts: list[tuple[Flip, int]], total: int) -> str:
    said = []
    for dimension in DIMENSIONS:
        own = [(flip, n) for flip, n in counts if flip.dimension == dimension]
        shares = [n / flip.cells for flip, n in own]
        if sum(flip.cells for flip, _ in own) < found.cells:
            shares.append(0.0)  # values that hold none
        if not own or max(shares) - min(shares) < APART:
            continue
        turned = [f"{flip.value} {n} of {flip.cells}" for flip, n in own if 2 * n >= flip.cells and flip.value != NONE]
        said += [f"{dimension} {', '.join(turned)}"] if turned else []
    return "; ".join(said) if said else f"{total} of {found.cells}, no setting above all"
