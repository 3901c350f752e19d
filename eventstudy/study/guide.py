"""`docs/study-file.md`, made from the keys: ``python -m eventstudy.study.guide FILE`` writes it (``make guide``)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from pydantic import BaseModel

from eventstudy.study import keys

MODELS: dict[str, type[BaseModel]] = {
    "study.yaml": keys.StudyFile,
    "events: an entry of the list": keys.EventEntry,
    "events: a file": keys.EventsFile,
    "headline": keys.Headline,
    "compare": keys.Compare,
    "prices: a file and how it is written": keys.Prices,
    "returns: a file of returns": keys.ReturnsGiven,
    "shares: a count with its day and source": keys.Shares,
    "confounders: an entry of the list": keys.ConfounderEntry,
    "sensitivity": keys.GridFile,
}
_HEAD = """# The keys of study.yaml

Made from the schema (`make guide`); `eventstudy schema study` prints the schema itself. A wrong key, type or name is
refused with its line. Values are read by the rules of YAML 1.2: `ON` is a text, and so is a date. A file may have 4 MiB
and 300,000 values, nested 32 deep; tags are not read. Paths in the file stay within its folder, also by way of links;
one that is given on the command line (`--set prices=/data/prices.csv`) or in Python may lead anywhere.
"""


def guide() -> str:
    """The page: a table of keys for the file and for each of its parts."""
    return _HEAD + "".join(section(title, model) for title, model in MODELS.items())


def section(title: str, model: type[BaseModel]) -> str:
    """A heading and a table of the keys of one model."""
    rows = []
    for name, field in model.model_fields.items():
        (example,) = field.examples or [None]
        default = "required" if field.is_required() else shown(field.get_default(call_default_factory=True))
        rows.append(f"| `{name}` | {field.description} | `{name}: {text(example)}` | {default} |\n")
    return f"\n## {title}\n\n| key | what it says | example | default |\n|---|---|---|---|\n{''.join(rows)}"


def shown(value: object) -> str:
    """A default as the table shows it."""
    plain = {k: v for k, v in value.model_dump().items() if v} if isinstance(value, BaseModel) else value
    empty = plain is None or plain in ([], {})
    return "nothing" if empty else f"`{text(plain)}`"


def text(value: object) -> str:
    """A value as a file writes it: in quotes where it would be read as a number."""
    return value if isinstance(value, str) and not re.fullmatch(r"[\d.]+", value) else json.dumps(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(guide(), encoding="utf-8", newline="\n")
