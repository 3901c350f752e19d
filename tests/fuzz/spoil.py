"""Spoil the bytes of a file, a few changes at a time, all drawn from one generator."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

NASTY = [
    *[
        b"",
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"\t",
        b'"',
        b"'",
        b",",
        b";",
        b":",
        b"-",
        b"#",
        b"*",
        b"&a",
        b"*a",
        b"|",
        b">",
    ],
    *[b"[", b"]", b"{", b"}", b"[[", b"? ", b"- ", b"!!python/name:os.system ", b"%YAML 9.9\n", b"---\n", b"...\n"],
    *[b"nan", b"NaN", b"inf", b"-inf", b"null", b"~", b"true", b"None", b"NA", b"#N/A", b".", b"-66", b"-99", b"1e999"],
    *[b"0", b"-0", b"-1", b"1e-320", b"1e308", b"9" * 19, b"9" * 40, b"9" * 5000, b"0x1F", b"1_000", b"007", b"0.0"],
    *[b"1,5", b"1.234,56", b"1 000", b"$5", b"5%", b"99999-12-31", b"9999-12-31", b"0001-01-01", b"1677-09-20"],
    *[b"2262-04-12", b"1800-01-01", b"2025-02-30", b"27/01/2025", b"01/02/03", b"2025-01-27T09:00:00+99:00"],
    *[b"2025-01-27T09:00", b"2025-W05", b"20250127", b"2025-01-25", b"1737936000", b"now", b"today"],
    *[b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe2\x80\xae", b"\xf0\x9f\x92\xa5"],
    *[b"\x1b[31m", b"=cmd()", b"+1", b"@SUM", b"../../x", b"/dev/zero", b"/etc/passwd", b"a" * 300, b"snapshot"],
    *[b"NVDA", b"^IXIC", b"AMD", b"date", b"ticker", b"close", b"security", b"market", b"t", b"chips", b"news", b"own"],
]
_TOKEN = re.compile(rb"[A-Za-z_]+|-?[0-9][0-9.eE+-]*|[^\sA-Za-z0-9]")

Change = Callable[[random.Random, bytes], bytes]


def spoiled(rng: random.Random, data: bytes) -> bytes:
    """One to four changes of `data`."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        data = rng.choice(CHANGES)(rng, data)
    return data


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _without(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 1, 2, 8, 64)) :]


def _flipped(rng: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _inserted(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(NASTY) + data[at:]


def _token(rng: random.Random, data: bytes) -> bytes:
    """One word, number or sign replaced by a nasty one."""
    found = list(_TOKEN.finditer(data, rng.randrange(max(len(data) - 400, 1))))[:80]
    if not found:
        return data
    one = rng.choice(found)
    return data[: one.start()] + rng.choice(NASTY) + data[one.end() :]


def _lines(rng: random.Random, data: bytes) -> bytes:
    """A line doubled, dropped, moved, or put behind another's beginning."""
    lines = data.split(b"\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.randrange(4)
    if how == 0:
        lines.insert(other, lines[one])
    elif how == 1:
        del lines[one]
    elif how == 2:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one] = b"  " + lines[one]
    return b"\n".join(lines)


def _column(rng: random.Random, data: bytes) -> bytes:
    """The same column of every line replaced, as a wrong export does it."""
    lines = data.split(b"\n")
    at, new = rng.randrange(5), rng.choice(NASTY)
    return b"\n".join(
        b",".join(new if i == at else cell for i, cell in enumerate(line.split(b","))) if k else line
        for k, line in enumerate(lines)
    )


def _everywhere(rng: random.Random, data: bytes) -> bytes:
    """One sign replaced wherever it stands."""
    old, new = rng.choice(
        [(b",", b";"), (b".", b","), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"-", b"/"), (b"\n", b"\n\n")]
    )
    return data.replace(old, new)


def _encoded(rng: random.Random, data: bytes) -> bytes:
    how = rng.choice(("utf-16", "utf-8-sig", "utf-16-le", "utf-32", "cp037"))
    return data.decode("utf-8", "replace").encode(how, "replace")


def _repeated(rng: random.Random, data: bytes) -> bytes:
    """A stretch many times over: depth, width and length."""
    at = rng.randrange(len(data) + 1)
    part = data[at : at + rng.choice((1, 3, 20))]
    return data[:at] + part * rng.choice((10, 1000, 20_000)) + data[at:]


def _nested(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice((b"[", b"{a: ", b"- ", b"&a [*a, ")) * rng.choice((5, 50, 5000)) + data[at:]


CHANGES: tuple[Change, ...] = (
    *(_token,) * 8,
    *(_lines,) * 3,
    *(_inserted,) * 3,
    *(_without, _flipped) * 2,
    *(_cut, _column, _everywhere, _encoded, _repeated, _nested),
)
