"""Text, compressed and spelled in printable characters, for a page that unpacks it by itself.

gzip without a time stamp, then 13 bits in two characters of an alphabet of 91 (91 x 91 = 8281 > 2^13 = 8192): 6.5 bits
a character where base64 has 6, which saves the page 150 kB. The alphabet is printable ASCII without ``"``, ``&`` and
``<``, so that it can stand in HTML as it is. In front stands the number of bytes and a colon.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from eventstudy.report.frames import File

ALPHABET = bytes(code for code in range(33, 127) if chr(code) not in '"&<')


def packed(text: str) -> str:
    """Text for the page's ``unpack``: the same characters for the same text.

    Examples
    --------
    >>> packed("to be packed") == packed("to be packed"), set('"&<') & set(packed("to be packed"))
    (True, set())
    """
    data = gzip.compress(text.encode(), 6, mtime=0)
    padded = np.frombuffer(data + bytes(-len(data) % 13), dtype=np.uint8).astype(np.uint32)
    block = padded.reshape(-1, 13)  # 13 bytes are 8 groups of 13 bits
    after = np.column_stack([block, np.zeros((len(block), 1), dtype=np.uint32)])
    pair = np.empty((len(block), 8, 2), dtype=np.uint8)
    for k in range(8):
        first, skip = divmod(13 * k, 8)
        three = (after[:, first] << 16) | (after[:, first + 1] << 8) | after[:, first + 2]
        group = (three >> (11 - skip)) & 8191
        pair[:, k, 0], pair[:, k, 1] = np.divmod(group, 91)
    return f"{len(data)}:{np.frombuffer(ALPHABET, dtype=np.uint8)[pair].tobytes().decode('ascii')}"


def unpacked(text: str) -> str:
    """The text back: what the page's script does, for those who read the file with Python."""
    size, _, spelled = text.partition(":")
    place = np.zeros(128, dtype=np.uint16)
    place[np.frombuffer(ALPHABET, dtype=np.uint8)] = np.arange(91, dtype=np.uint16)
    pair = place[np.frombuffer(spelled.encode("ascii"), dtype=np.uint8)].reshape(-1, 2)
    groups = pair[:, 0] * np.uint16(91) + pair[:, 1]
    bits = (groups[:, None] >> np.arange(12, -1, -1, dtype=np.uint16)) & 1
    return gzip.decompress(np.packbits(bits.astype(np.uint8).ravel()).tobytes()[: int(size)]).decode()


def packed_files(files: Mapping[str, File]) -> str:
    """CSV files by name for the page's ``download``, column by column: what repeats then stands near its like.

    Rows of a hundred thousand numbers take a quarter less room so; ``csvOf`` in script.js puts them back into lines.
    """
    return packed(json.dumps(files, separators=(",", ":")))


def csv_text(columns: File) -> str:
    """A CSV file as it is saved (RFC 4180 quoting)."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(zip(*columns, strict=True))
    return out.getvalue()
