"""The report in a real browser, opened from disk: drawn, quiet, self-contained, its figures and files usable."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DRAW_ALL, complaints, new_tab, requested, wait

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from eventstudy.objects.results import StudyResult


# First in the file: it reads the logs of the first load.
def test_opens_from_disk_without_a_word_or_a_request(chrome: Chrome, report: Path) -> None:
    with new_tab(chrome):
        complaints(chrome)
        requested(chrome)
        chrome.get(report.as_uri())
        assert chrome.execute_async_script(DRAW_ALL) == "drawn"
        assert complaints(chrome, "SEVERE", "WARNING") == []  # a violation of the content security policy too
        assert requested(chrome) == [report.as_uri()]


def test_the_policy_is_in_force(loaded: Chrome) -> None:
    loaded.execute_script(
        "window.broken = [];"
        "document.addEventListener('securitypolicyviolation', (e) => window.broken.push(e.violatedDirective));"
        "const s = document.createElement('script'); s.textContent = 'window.intruder = true'; document.body.append(s);"
        "fetch('https://example.invalid/').catch(() => 0);"
    )
    wait(lambda: len(loaded.execute_script("return window.broken")) >= 2)
    assert loaded.execute_script("return window.intruder") is None
    complaints(loaded)  # the two complaints are this test's own


def test_every_figure_is_drawn(loaded: Chrome) -> None:
    drawn = loaded.execute_script(
        "return [...document.querySelectorAll('.plot')].map((p) => [p.dataset.figure, p.dataset.drawn,"
        " p.querySelectorAll('.main-svg').length,"
        " p.querySelectorAll('.scatterlayer path, .barlayer path, .heatmaplayer *, .shapelayer path').length])"
    )
    assert len(drawn) >= 10
    for name, state, svg, marks in drawn:
        assert state == "true", name
        assert svg >= 1, name
        assert marks >= 1, name


def test_theme_button_changes_page_and_figures(loaded: Chrome) -> None:
    look = (
        "const p = document.querySelector('.plot'); return [getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.body).color, getComputedStyle(p.querySelector('.xtick text, .ytick text')).fill]"
    )
    before = loaded.execute_script(look)
    loaded.execute_script("document.getElementById('theme').click()")
    wait(lambda: all(a != b for a, b in zip(before, loaded.execute_script(look), strict=True)))
    assert loaded.execute_script("return document.documentElement.dataset.theme") == "dark"
    loaded.execute_script("document.getElementById('theme').click()")
    wait(lambda: loaded.execute_script(look) == before)


def test_csv_button_downloads_the_numbers(loaded: Chrome, deepseek_result: StudyResult) -> None:
    from eventstudy.figures import FIGURES

    loaded.execute_script("document.querySelector('#figure-day button.csv').click()")
    file: Path = loaded.downloads / "deepseek-day-table.csv"  # type: ignore[attr-defined]
    wait(file.is_file)
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8"), newline="")))
    frame = FIGURES["day"].table(deepseek_result)
    assert rows[0] == list(frame.columns)
    assert [row[0] for row in rows[1:]] == list(frame["ticker"])
    place = rows[0].index("ret")
    assert [float(row[place]) for row in rows[1:]] == pytest.approx(frame["ret"].tolist(), rel=1e-11)


@pytest.mark.parametrize("name", ["day", "calendar"])
def test_a_figure_is_saved_as_svg_and_png_with_title_source_and_date(
    loaded: Chrome, deepseek_result: StudyResult, name: str
) -> None:
    from xml.etree import ElementTree

    folder: Path = loaded.downloads  # type: ignore[attr-defined]
    loaded.execute_script(f"document.querySelector('#figure-{name} button.svg').click()")
    svg = folder / f"deepseek-{name}.svg"
    wait(svg.is_file)
    root = ElementTree.fromstring(svg.read_text(encoding="utf-8"))
    said = " ".join(" ".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    title = loaded.execute_script(f"return document.querySelector('#figure-{name} h3').textContent")
    assert title in said
    assert f"{deepseek_result.settings.title}. Prices: Yahoo Finance" in said
    assert "27 January 2025" in said
    loaded.execute_script(f"document.querySelector('#figure-{name} button.png').click()")
    png = folder / f"deepseek-{name}.png"
    wait(png.is_file)
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20]) == 2 * int(float(root.attrib["width"])) > 1000


def test_citations_and_commands_can_be_copied(loaded: Chrome) -> None:
    loaded.execute_script(
        "window.taken = []; const value = { writeText: (t) => Promise.resolve(window.taken.push(t)) };"
        "Object.defineProperty(navigator, 'clipboard', { value, configurable: true });"
        "document.querySelector('#cite').open = true; document.querySelector('#cite button.copy').click();"
        "document.querySelector('#claim-amd-8 summary').click()"
    )
    wait(lambda: loaded.execute_script("return document.querySelector('#claim-amd-8 button.copy') !== null"))
    loaded.execute_script("document.querySelector('#claim-amd-8 button.copy').click()")
    wait(lambda: len(loaded.execute_script("return window.taken")) == 2)
    report, claim = loaded.execute_script("return window.taken")
    assert "content id" in report
    assert claim.startswith("“AMD fell more than 8 per cent”: contradicted (overstated).")
    assert "claim amd-8" in claim
    loaded.execute_script("document.querySelectorAll('details').forEach((d) => { d.open = false; })")


def test_every_table_and_figure_has_a_csv_button(loaded: Chrome) -> None:
    bare = loaded.execute_script(
        "return [...document.querySelectorAll('figure')].filter((f) => !f.querySelector('button.csv')).map((f) => f.id)"
    )
    assert bare == []


def test_controls_choose_what_is_drawn(loaded: Chrome) -> None:
    visible = (
        "const p = document.querySelector('#figure-car .plot');"
        "return [...new Set(p.data.filter((t) => t.visible !== false && t.meta).map((t) => t.meta.ticker))]"
    )
    choose = (
        "const s = document.querySelector(\"#figure-car select[data-control='ticker']\"); s.value = arguments[0];"
        "s.dispatchEvent(new Event('change')); return s.labels.length"
    )
    assert loaded.execute_script(visible) == ["NVDA"]
    assert loaded.execute_script(choose, "AMD") == 1
    wait(lambda: loaded.execute_script(visible) == ["AMD"])
    loaded.execute_script(choose, "NVDA")
    wait(lambda: loaded.execute_script(visible) == ["NVDA"])


def test_the_diagnostics_show_the_headline_group_until_another_is_chosen(
    loaded: Chrome, deepseek_result: StudyResult
) -> None:
    rows = (
        "return [...new Set([...document.querySelectorAll('#diagnostics-table tbody tr:not(.below)')]"
        ".filter((r) => r.offsetParent).map((r) => r.querySelector('th').textContent))]"
    )
    remarks = "[...document.querySelectorAll('#diagnostics-table tbody tr.below')]"
    below = f"return {remarks}.filter((row) => row.offsetParent).length"
    choose = (
        "const s = document.querySelector('#diagnostics-table select'); s.value = arguments[0];"
        "s.dispatchEvent(new Event('change')); return s.labels.length"
    )
    group = deepseek_result.settings.headline_group or ""
    assert loaded.execute_script(rows) == [group, *deepseek_result.settings.groups[group]]
    assert loaded.execute_script(choose, "TLN") == 1
    assert loaded.execute_script(rows) == ["TLN"]
    mine = [row for row in deepseek_result.headline.diagnostics if row.subject == "TLN" and row.verdict != "fine"]
    assert loaded.execute_script(below) == len(mine) > 0
    loaded.execute_script(choose, "*")
    assert set(loaded.execute_script(rows)) > {group, "TLN"}
    loaded.execute_script(choose, "")
    assert loaded.execute_script(rows) == [group, *deepseek_result.settings.groups[group]]


def test_a_broken_figure_is_said_in_its_place(loaded: Chrome, report: Path, tmp_path: Path) -> None:
    """Neither silent nor fatal: the page says it, the console says it, the numbers open, the others are drawn."""
    from eventstudy.report.packing import packed, unpacked

    html = report.read_text(encoding="utf-8")
    head, tail = html.split('id="figures-packed">')
    block, rest = tail.split("</script>", 1)
    figures = json.loads(unpacked(block))
    figures["figure-day"] = None
    broken = tmp_path / "broken.html"
    broken.write_text(f'{head}id="figures-packed">{packed(json.dumps(figures))}</script>{rest}', encoding="utf-8")
    with new_tab(loaded):
        loaded.get(broken.as_uri())
        loaded.execute_script("document.getElementById('figure-day').scrollIntoView()")
        state = "return document.querySelector(`#${arguments[0]} .plot`).dataset.drawn"
        wait(lambda: loaded.execute_script(state, "figure-day") == "error")
        loaded.execute_script("document.getElementById('figure-movers').scrollIntoView()")
        wait(lambda: loaded.execute_script(state, "figure-movers") == "true")
        said = loaded.execute_script("return document.querySelector('#figure-day [role=alert]').textContent")
        assert "could not be drawn" in said
        assert loaded.execute_script("return document.querySelector('#figure-day details').open")
        assert any("figure-day" in said for said in complaints(loaded, "SEVERE"))


def test_without_script_the_tables_can_be_read(loaded: Chrome, report: Path) -> None:
    with new_tab(loaded):
        loaded.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        loaded.get(report.as_uri())
        body = loaded.execute_script("return document.body.innerText")  # the driver's own script, not the page's
        assert "claims put to the test" in body
        assert "AMD fell more than 8 per cent" in body
        drawn = "return [...document.querySelectorAll('.plot')].filter((p) => p.querySelector('.picture path')).length"
        assert loaded.execute_script(drawn) >= 8
        assert "Search the claims" not in body
