"""The page of the report read back, and a study with hostile text everywhere: fixtures of several test files."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from eventstudy.inference import TESTS
from eventstudy.models import MODELS
from eventstudy.objects.cards import Cards
from eventstudy.objects.verdicts import (
    Beyond,
    Claim,
    Claimed,
    Interval,
    Quantity,
    Reading,
    Source,
    Statement,
    Step,
    Verdict,
)
from eventstudy.report import (
    packing,
    to_html,
)

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

CARDS = Cards(models=MODELS, tests=TESTS)
HOSTILE = "</script><script>alert(1)</script> \"quoted\" 'single' {{ 7*7 }} {% raw %} {0} {name} &amp; <b>"


def unpacked_files(text: str) -> dict[str, str]:
    """The CSV files of a page, as its script makes them."""
    return {name: packing.csv_text(columns) for name, columns in json.loads(packing.unpacked(text)).items()}


# ---------------------------------------------------------------------------------------------------------- number line
def _verdict(claimed: Interval | None, measured: Interval | None, value: float = math.nan) -> Verdict:
    return Verdict(Claim("c", "k", "says", ()), "supported", Statement("Said."), claimed, measured, value)


# ------------------------------------------------------------------------------------------------------------- the page
class Page(HTMLParser):
    """What the tests ask of a page: elements with their attributes, the text of scripts, the order of headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.text: list[str] = []
        self._script: dict[str, str] | None = None
        self.feed(html)
        self.own = len(self.elements)
        for inside in self.insides.values():  # as the script puts them in
            self.feed(inside)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self._script = given if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append((self._script, data))
            self._script = None
        else:
            self.text.append(data)

    def block(self, name: str) -> str:
        """The text of the script element `name`."""
        return next(text for attrs, text in self.scripts if attrs.get("id") == name)

    @cached_property
    def insides(self) -> dict[str, str]:
        """What is put into each card when it is opened."""
        block = [text for attrs, text in self.scripts if attrs.get("id") == "cards-packed"]
        return dict(json.loads(packing.unpacked(block[0]))) if block else {}

    @cached_property
    def figures(self) -> dict[str, Any]:
        """What plotly.js is given."""
        return dict(json.loads(packing.unpacked(self.block("figures-packed"))))

    @cached_property
    def files(self) -> dict[str, str]:
        """What the CSV buttons give."""
        return unpacked_files(self.block("files-packed"))

    @cached_property
    def linked(self) -> list[dict[str, Any]]:
        """The linked data."""
        return [json.loads(text) for attrs, text in self.scripts if attrs.get("type") == "application/ld+json"]


@pytest.fixture(scope="module")
def page(deepseek_result: StudyResult) -> Page:
    return Page(to_html(deepseek_result))


@pytest.fixture(scope="module")
def hostile(deepseek_result: StudyResult) -> StudyResult:
    """The study with hostile text in every place an article or a user can write to."""
    source = Source(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    said = Claim("x", "price_move", HOSTILE, (source,), Claimed("fall", "5", word=HOSTILE), tickers=(HOSTILE,))
    number = Quantity(1.0, "percent", HOSTILE)
    verdict = Verdict(
        said,
        "unresolved",
        Statement("It moved {x}, {y}", {"x": number, "y": HOSTILE}),
        Interval(4.5, 5.5, "percent"),
        Interval(1, 1, "percent"),
        1.0,
        readings=(Reading(HOSTILE, 1.0, "percent", HOSTILE, True),),
        steps=(Step(HOSTILE, HOSTILE, {HOSTILE: number, "s": HOSTILE}, number),),
        caveats=(HOSTILE,),
        reason=HOSTILE,
    )
    settings = replace(deepseek_result.settings, title=HOSTILE, labels={"selloff": HOSTILE})
    beyond = (Beyond(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),)
    return replace(deepseek_result, settings=settings, verdicts=(verdict,), beyond=beyond)


def _text(page: Page) -> str:
    return " ".join(" ".join(page.text).split())
