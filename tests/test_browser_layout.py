"""The layout of the report in a real browser: widths, sizes, the menu on phones, paper."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DRAW_ALL, FOLD, PRESS_THEME, UNFOLD, new_tab, resize, sized, wait

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_never_scrolls_sideways(loaded: Chrome, width: int) -> None:
    resize(loaded, width)
    loaded.execute_script(UNFOLD)
    try:
        wait(
            lambda: all(
                w <= width
                for w in loaded.execute_script(
                    "return [document.documentElement.scrollWidth, ...[...document.querySelectorAll('.plot .main-svg')]"
                    ".map((s) => s.getBoundingClientRect().right)]"
                )
            )
        )
        wide = loaded.execute_script(
            "return [...document.querySelectorAll('.scroll')].filter((s) => s.scrollWidth > s.clientWidth + 1)"
            ".map((s) => getComputedStyle(s.querySelector('tbody th')).position)"
        )
        assert width > 390 or wide
        assert set(wide) <= {"sticky"}
    finally:
        loaded.execute_script(FOLD)
        resize(loaded, 1280)


COLLAPSED = (
    "return [...document.querySelectorAll('.plot')].filter((p) => p.offsetParent)"
    ".map((p) => [p.dataset.figure, p.getBoundingClientRect(), p.querySelector('.main-svg').getBoundingClientRect()])"
    ".filter(([, box, svg]) => Math.abs(box.height - svg.height) > 2 || Math.abs(box.width - svg.width) > 2)"
    ".map(([name, box, svg]) => `${name}: ${svg.width} x ${svg.height} in ${box.width} x ${box.height}`)"
)


def test_a_figure_keeps_its_room_whatever_happens(chrome: Chrome, report: Path) -> None:
    """Drawn in a closed fold, then opened, in another theme, on a screen that is turned, printed: none covers another.

    The page is opened for this alone: what a figure went through before must not matter.
    """
    steps = (
        lambda: chrome.execute_script(UNFOLD),
        lambda: chrome.execute_script(PRESS_THEME),
        lambda: resize(chrome, 800),
        lambda: (chrome.execute_script(FOLD), chrome.execute_script(PRESS_THEME), chrome.execute_script(UNFOLD)),
        lambda: resize(chrome, 390),
        lambda: (
            chrome.execute_script(FOLD),
            chrome.execute_cdp_cmd("Page.printToPDF", {}),
            chrome.execute_script(UNFOLD),
        ),
        lambda: resize(chrome, 1280),
    )
    with new_tab(chrome), sized(chrome, 1280):
        chrome.get(report.as_uri())
        assert chrome.execute_async_script(DRAW_ALL) == "drawn"
        for step in steps:
            step()
            wait(lambda: chrome.execute_script(COLLAPSED) == [])


TEXTS = (
    "const sizes = new Set(); for (const e of document.querySelectorAll('body *')) {"
    " const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());"
    " if (own && e.offsetParent && !e.closest('.plot')) sizes.add(getComputedStyle(e).fontSize); } return [...sizes]"
)


@pytest.mark.parametrize("width", [390, 1440])
def test_letters_have_seven_sizes(loaded: Chrome, width: int) -> None:
    """With everything open, cards and their arithmetic too."""
    resize(loaded, width)
    try:
        loaded.execute_async_script("const done = arguments[0]; window.eventstudyFillAll().then(() => done());")
        loaded.execute_script(UNFOLD)
        sizes = loaded.execute_script(TEXTS)
        assert 4 <= len(sizes) <= 7, sorted(sizes)
    finally:
        loaded.execute_script(FOLD)
        resize(loaded, 1280)


@pytest.mark.parametrize("width", [390, 1440])
def test_whatever_is_pressed_is_24_pixels_high_and_wide(loaded: Chrome, width: int) -> None:
    """But for links in a sentence, which WCAG 2.2 leaves to the height of the line."""
    resize(loaded, width)
    small = (
        "return [...document.querySelectorAll('a, button, summary, select, input')].filter((e) => e.offsetParent"
        " && !e.closest('.modebar') && getComputedStyle(e).display !== 'inline')"
        ".map((e) => [e.textContent.slice(0, 40), e.getBoundingClientRect()])"
        ".filter(([, r]) => r.width < 24 || r.height < 24)"
        ".map(([t, r]) => `${t} ${r.width} x ${r.height}`)"
    )
    try:
        assert loaded.execute_script(small) == []
    finally:
        resize(loaded, 1280)


def test_on_a_phone_the_sections_are_at_hand_everywhere(loaded: Chrome) -> None:
    resize(loaded, 390)
    try:
        at = (
            "document.getElementById(arguments[0]).scrollIntoView({ behavior: 'instant' });"
            "const menu = document.querySelector('.toc').getBoundingClientRect();"
            "const title = document.querySelector(`#${arguments[0]} > h2`).getBoundingClientRect();"
            "return [menu.top, menu.bottom, menu.left, menu.right, title.top]"
        )

        def under_the_menu(section: str) -> bool:
            top, bottom, left, right, title = loaded.execute_script(at, section)
            return bool((top, left, right) == (0, 0, 390) and bottom < title < 300)

        for section in ("claims", "tests", "method"):
            wait(lambda section=section: under_the_menu(section))
        current = (
            "const a = document.querySelector('.toc a[aria-current]'); return a && a.getBoundingClientRect().right"
        )
        wait(lambda: 0 < (loaded.execute_script(current) or 0) <= 390)
        small = "return [...document.querySelectorAll('.toc a')].map((a) => a.getBoundingClientRect().height)"
        assert min(loaded.execute_script(small)) >= 40
    finally:
        loaded.execute_script("scrollTo(0, 0)")
        resize(loaded, 1280)


def test_prints_in_light_what_is_open_and_no_more(loaded: Chrome) -> None:
    loaded.execute_script(FOLD)
    loaded.execute_script(
        "window.seen = []; addEventListener('beforeprint', () => window.seen.push("
        "document.querySelectorAll('details[open]:not(.for-paper)').length,"
        "[...document.querySelectorAll('.plot')].filter((p) => p.dataset.theme !== 'light').length))"
    )

    def pages(which: str = "") -> int:
        options = {"printBackground": True, "preferCSSPageSize": True, "pageRanges": which}
        printed = loaded.execute_cdp_cmd("Page.printToPDF", options)
        pdf = base64.b64decode(printed["data"])
        assert pdf.startswith(b"%PDF")
        return sum(pdf.count(b"/Type /Page" + end) for end in (b"\n", b" ", b"/"))

    folded = pages()
    assert loaded.execute_script("return window.seen.slice(0, 2)") == [0, 0]
    assert 5 < folded < 30
    loaded.execute_script("document.querySelectorAll('.card').forEach((d) => { d.open = true; })")
    left_open = "return document.querySelectorAll('details[open]:not(.card), .for-paper').length"
    assert loaded.execute_script(left_open) == 0
    assert pages(str(folded + 1)) == 1  # one page more, at least: the browser refuses a page that is not there
    loaded.execute_script("document.querySelectorAll('.card').forEach((d) => { d.open = false; })")


def test_what_was_never_seen_stands_on_paper(loaded: Chrome, report: Path) -> None:
    """Printing waits for nothing: every figure has its static picture until it is drawn, in folds too."""
    with new_tab(loaded):
        blind = "window.IntersectionObserver = class { observe() {} unobserve() {} };"  # nothing comes into view
        loaded.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": blind})
        loaded.get(report.as_uri())
        states = loaded.execute_script(
            "const before = [...document.querySelectorAll('.plot')].map((p) => p.dataset.drawn);"
            "dispatchEvent(new Event('beforeprint'));"
            "return [before, [...document.querySelectorAll('.plot')].map((p) => [p.dataset.drawn, p.dataset.theme,"
            " p.querySelectorAll('.picture path, .picture rect').length > 2,"
            " p.querySelector('.picture').getBoundingClientRect().width > 300])]"
        )
        assert set(states[0]) == {"false"}
        assert len(states[1]) >= 10
        assert {tuple(state) for state in states[1]} == {("false", None, True, True)}
        loaded.execute_script("dispatchEvent(new Event('afterprint'))")
