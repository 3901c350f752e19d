"""The compiled loops of `rankings.py`: the days of a window put into their places among sorted estimation days."""

from __future__ import annotations

import numpy as np

from eventstudy.engine.arithmetic import compiled
from eventstudy.objects.estimation import FloatArray, IntArray


@compiled
def rank_sorted(ordered: FloatArray, known: IntArray, twice: IntArray) -> None:
    """Twice the ranks, whole numbers with ties too, of sorted rows `ordered` (N, T) into `twice`.

    ``known`` (N,) how many days each row has; those it has not, NaN, are its last.
    """
    for i in range(len(ordered)):
        values, there, a, ties = ordered[i], known[i], 0, 0
        for k in range(len(values)):
            twice[i, k] = 2 * k + 2
        for k in range(1, there):
            ties += values[k] == values[k - 1]
        if ties == 0:
            continue
        while a < there:
            c = a + 1
            while c < there and values[c] == values[a]:
                c += 1
            for k in range(a, c if c > a + 1 else a):
                twice[i, k] = a + c + 1
            a = c


@compiled
def add_merged(
    ordered: FloatArray,
    order: IntArray,
    twice: IntArray,
    known: IntArray,
    inside: FloatArray,
    rows: IntArray,
    place: IntArray,
    centred: FloatArray,
    total: FloatArray,
    count: FloatArray,
) -> None:
    """Add the centred ranks of the estimation days and the days `inside` (N, L) of `rows` to `total` (T + L,).

    ``order`` (N, T) the days in the order of `ordered`; ``count`` how many rows have each day. The sums are those of
    `ranking.centred` to the last digit: added row after row, each rank centred once for all rows with as many days.
    ``place`` (L,) and ``centred`` (2 (T + L) + 1,), by twice the rank, are room for the loop.
    """
    days, length, before = ordered.shape[1], inside.shape[1], -1
    for i in rows:
        values, day, own, there, few = ordered[i], order[i], twice[i], known[i], 0
        for k in range(there, days):
            count[day[k]] -= 1.0
        for j in range(length):  # sorted by insertion: they are few
            value = inside[i, j]
            if np.isnan(value):
                count[days + j] -= 1.0
                continue
            k = few
            while k > 0 and inside[i, place[k - 1]] > value:
                place[k] = place[k - 1]
                k -= 1
            place[k] = j
            few += 1
        if there + few != before:
            before = there + few
            for rank in range(2 * before + 1):
                centred[rank] = rank / 2 / (before + 1) - 0.5
        a = b = 0
        while b < few:
            value, d = inside[i, place[b]], b + 1
            while d < few and inside[i, place[d]] == value:
                d += 1
            low = a + np.searchsorted(values[a:there], value)
            high = low
            while high < there and values[high] == value:
                high += 1
            for k in range(a, low):  # above b of the days inside
                total[day[k]] += centred[own[k] + 2 * b]
            for k in range(low, high):  # and with the same value as the next
                total[day[k]] += centred[own[k] + b + d]
            for k in range(b, d):
                total[days + place[k]] += centred[low + high + b + d + 1]
            a, b = high, d
        for k in range(a, there):
            total[day[k]] += centred[own[k] + 2 * few]
    for t in range(days + length):
        count[t] += len(rows)


@compiled
def add_inside(
    values: FloatArray,
    known: IntArray,
    inside: FloatArray,
    rows: IntArray,
    centred: FloatArray,
    total: FloatArray,
    count: FloatArray,
) -> None:
    """As `add_merged`, of the days `inside` (N, L) alone: into `total` and `count` (L,), ``values`` (N, T) unsorted.

    ``centred`` : room for twice as many numbers as there are days, and one.
    """
    before = -1
    for i in rows:
        past, own, there = values[i], inside[i], known[i]
        for j in range(len(own)):
            there += not np.isnan(own[j])
        if there != before:
            before = there
            for rank in range(2 * before + 1):
                centred[rank] = rank / 2 / (before + 1) - 0.5
        for j in range(len(own)):
            value, twice = own[j], 1  # with itself
            if np.isnan(value):
                continue
            for t in range(len(past)):
                twice += (past[t] < value) + (past[t] <= value)
            for k in range(len(own)):
                twice += (own[k] < value) + (own[k] <= value)
            total[j] += centred[twice]
            count[j] += 1.0
