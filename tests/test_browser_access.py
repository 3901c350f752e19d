"""The report for everybody, in a real browser: by keyboard, by ear, without colour, by the rules of axe."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import axe
import pytest
from browser import DRAW_ALL, FILL_ALL, UNFOLD, new_tab, sized, themed

import eventstudy as es
from eventstudy.files.folders import bundled_names

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


def test_a_fresh_tab_follows_the_system_and_the_keyboard_starts_at_the_skip_link(loaded: Chrome, report: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    with new_tab(loaded):
        dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        loaded.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        loaded.get(report.as_uri())
        assert loaded.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
        assert loaded.execute_script("return document.getElementById('theme').textContent") == "Light"
        loaded.find_element("tag name", "body").send_keys(Keys.TAB)
        focus = "const a = document.activeElement; return [a.className, getComputedStyle(a).outlineStyle]"
        assert loaded.execute_script(focus) == ["skip", "solid"]


def test_everything_is_reached_by_keyboard_and_has_a_name(loaded: Chrome) -> None:
    unreachable = loaded.execute_script(
        "return [...document.querySelectorAll('button, select, input, summary, .scroll')]"
        ".filter((e) => !e.closest('.modebar') && e.tabIndex < 0).length"
    )
    assert unreachable == 0
    nameless = loaded.execute_script(
        "return [...document.querySelectorAll('button, input, select, a')].filter((e) => !e.closest('.plot'))"
        ".filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"
    )
    assert nameless == 0


def test_no_image_holds_something_to_press_and_no_landmark_is_there_twice(loaded: Chrome) -> None:
    images = "[...document.querySelectorAll('[role=img]')]"
    assert loaded.execute_script(f"return {images}.filter((e) => e.querySelector('a, button, [tabindex]')).length") == 0
    landmarks = loaded.execute_script(
        "return [...document.querySelectorAll('[role=region], nav, main')]"
        ".map((e) => `${e.tagName} ${e.getAttribute('aria-label')}`)"
    )
    assert len(set(landmarks)) == len(landmarks)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_verdicts_are_told_apart_in_grey(loaded: Chrome, mode: str) -> None:
    from eventstudy.figures import theme

    with themed(loaded, mode):
        tone = "return getComputedStyle(document.documentElement).getPropertyValue(`--${arguments[0]}`).trim()"
        tones = [str(loaded.execute_script(tone, word)) for word in theme.VERDICTS]
        grey = sorted(sum(w * int(c[i : i + 2], 16) for i, w in ((1, 0.299), (3, 0.587), (5, 0.114))) for c in tones)
        assert min(above - below for below, above in pairwise(grey)) > 7  # of 255, as a grey print weighs them
        icons = loaded.execute_script("return document.querySelectorAll('.tally-bar .icon').length")
        assert icons == loaded.execute_script("return document.querySelectorAll('.tally-bar > span').length") > 0


def _opened(chrome: Chrome, page: Path) -> None:
    """The page with every figure drawn, every card unpacked, every fold open."""
    chrome.get(page.as_uri())
    assert chrome.execute_async_script(DRAW_ALL) == "drawn"
    chrome.execute_async_script(FILL_ALL)
    chrome.execute_script(UNFOLD)


def test_axe_finds_nothing_with_everything_open_in_both_themes(chrome: Chrome, report: Path) -> None:
    with new_tab(chrome):
        _opened(chrome, report)
        chrome.execute_script(axe.FEWER_ROWS + axe.FEWER_CARDS)
        assert axe.violations(chrome) == []
        with themed(chrome, "dark"):
            assert axe.violations(chrome, "color-contrast", "target-size", "link-in-text-block") == []


@pytest.mark.slow  # half a minute a page
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("study", bundled_names())
def test_axe_finds_nothing_on_any_bundled_page(chrome: Chrome, study: str, width: int, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    es.load(study).run().to_html(page)
    with new_tab(chrome), sized(chrome, width):
        _opened(chrome, page)
        chrome.execute_script(axe.FEWER_ROWS)
        for mode in ("light", "dark"):
            with themed(chrome, mode):
                assert axe.violations(chrome) == [], mode


def test_axe_would_find_what_is_wrong(chrome: Chrome, tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text(
        "<title>Wrong</title><p style='color: #bbb'>Faint</p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
        encoding="utf-8",
    )
    with new_tab(chrome):
        chrome.get(page.as_uri())
        found = {rule for rule, _, _ in axe.violations(chrome)}
    assert {"color-contrast", "image-alt", "html-has-lang"} <= found
