"""axe-core, the accessibility rules, run in a page: the script comes from a package of the development environment.

Where the package is absent the tests skip with a line that says so, except under ``EVENTSTUDY_REQUIRE_AXE=1``, where
they fail.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

PACKAGE = "axe_playwright_python"  # of it only axe.min.js is used: neither it nor playwright is imported
#: the sizes of targets (WCAG 2.2) are off unless asked for
RUN = """
Promise.all(document.getAnimations().map((a) => a.finished))
  .then(() => axe.run(document, { RULES, resultTypes: ['violations'] }))
  .then((r) => JSON.stringify(
    r.violations.map((v) => [v.id, v.nodes.length, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 300))])))
"""
#: rows of one table are alike, and most of a page's elements are in rows
FEWER_ROWS = "for (const row of document.querySelectorAll('tbody tr:nth-child(n + 5)')) row.remove();"
#: one card of each verdict
FEWER_CARDS = """
const cards = [...document.querySelectorAll('.card')], verdict = (card) => card.querySelector('.badge').textContent;
const again = (card, k) => cards.slice(0, k).some((other) => verdict(other) === verdict(card));
for (const card of cards.filter(again)) card.remove();
"""


@cache
def _script() -> str:
    found = util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        said = f"the rules of axe need the package {PACKAGE.replace('_', '-')}, which is not installed: run make env"
        if os.environ.get("EVENTSTUDY_REQUIRE_AXE") == "1":
            pytest.fail(said)
        pytest.skip(said)
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(chrome: Chrome, *rules: str) -> list[tuple[str, int, list[str]]]:
    """Of the page as it stands, by all rules or these: rule, number of elements, the first of them."""
    chosen = f"runOnly: {json.dumps(rules)}" if rules else "rules: { 'target-size': { enabled: true } }"
    options = {"expression": f"{_script()};{RUN.replace('RULES', chosen)}", "awaitPromise": True, "timeout": 120_000}
    said = chrome.execute_cdp_cmd("Runtime.evaluate", options)["result"]
    assert said["type"] == "string", said
    return [tuple(found) for found in json.loads(said["value"])]
