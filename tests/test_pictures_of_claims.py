"""A claim's card as a picture: it says what the page says, everything fits, and PNG is the same picture."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_cli import Run, refused, run  # noqa: F401 - a fixture

from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.example import example_result
from eventstudy.objects.results import StudyResult
from eventstudy.report import wording
from eventstudy.report.claimpicture import claim_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_claim_is_a_well_formed_picture(deepseek_result: StudyResult, look: str) -> None:
    for verdict in deepseek_result.verdicts:
        root = ElementTree.fromstring(claim_svg(deepseek_result, verdict.claim.id, look))  # type: ignore[arg-type]
        said = " ".join(" ".join("".join(element.itertext()).split()) for element in root.iter(f"{SVG}text"))
        for words in (wording.label(verdict), wording.curly(verdict.claim.says), wording.found(verdict), "Prices: "):
            assert " ".join(words.split()) in said, verdict.claim.id
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        for text in root.iter(f"{SVG}text"):
            assert -90 <= float(text.attrib["x"]) <= width
            assert 0 <= float(text.attrib["y"]) <= height


def test_a_hostile_claim_stays_text(deepseek_result: StudyResult) -> None:
    from dataclasses import replace

    verdict = deepseek_result.verdict("amd-8")
    claim = replace(verdict.claim, says='<script>alert(1)</script> & "x"')
    spoilt = replace(deepseek_result, verdicts=(replace(verdict, claim=claim),))
    root = ElementTree.fromstring(claim_svg(spoilt, "amd-8"))
    assert not [element for element in root.iter() if "script" in element.tag]


def test_a_png_is_drawn(tmp_path: Path) -> None:
    from eventstudy.files.browser import chromium

    if chromium() is None:
        if os.environ.get("EVENTSTUDY_REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium")
        pytest.skip("a PNG is drawn by Chromium, which this machine does not have")
    svg = example_result().to_picture("day", tmp_path / "day.svg").read_text(encoding="utf-8")
    png = example_result().to_picture("day", tmp_path / "day.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(png[i : i + 4], "big") for i in (16, 20))
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert size is not None
    assert (width, height) == pytest.approx([2 * float(part) for part in size.groups()], abs=2)


def test_what_cannot_be_drawn_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.files import browser

    result = example_result()
    with pytest.raises(SpecError, match=r"\.svg or \.png"):
        result.to_picture("day", tmp_path / "day.gif")
    with pytest.raises(UnknownNameError, match="Did you mean 'day'"):
        result.to_picture("dya", tmp_path / "day.svg")
    with pytest.raises(UnknownNameError, match="unknown option of the figure car 'tickr'"):
        result.to_picture("car", tmp_path / "car.svg", tickr="S01")
    with pytest.raises(SpecError, match="unknown look 'grey'"):
        result.to_picture("car", tmp_path / "car.svg", "grey")  # type: ignore[arg-type]
    monkeypatch.setattr(browser, "chromium", lambda: None)
    with pytest.raises(SpecError, match="Chromium or Chrome, which is not installed"):
        result.to_picture("day", tmp_path / "day.png")


def test_the_command_writes_beside_itself(run: Run, tmp_path: Path) -> None:  # noqa: F811
    done = run("picture", "amd-8")
    assert (done.returncode, done.stdout) == (0, "")
    assert "wrote deepseek-amd-8.svg" in done.stderr
    assert (tmp_path / "deepseek-amd-8.svg").read_text(encoding="utf-8").startswith("<svg")
    refused(run("picture", "day", "--of", "ticker"), 2, "--of takes KEY=VALUE")
    refused(run("picture", "day", "--out", "x.gif"), 2, "written as .svg or .png")
