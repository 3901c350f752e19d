"""The palette as eyes of four kinds see it, and as a printer without colours prints it.

Colour-vision deficiencies are simulated by the matrices of Machado, Oliveira and Fernandes (2009, "A physiologically
based model for simulation of color vision deficiency", IEEE TVCG 15(6), table 1, severity 1.0), applied to linear RGB.
Distances are those of CIE 1976 L*a*b* under D65; 2.3 is one that is just seen (Mahy, Van Eycken and Oosterlinck 1994).
"""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from eventstudy.figures import FIGURES, theme
from eventstudy.figures.card import drawn

if TYPE_CHECKING:
    from eventstudy.objects.results import StudyResult

Floats = npt.NDArray[np.float64]
SEEN = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
#: linear sRGB to XYZ (IEC 61966-2-1), and its white
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
LEAST = 12.0  # five times what is just seen
GREY = 3.0  # steps of lightness that a grey print keeps apart
#: colours that stand side by side in a figure or on the page
BESIDE = {
    "lines": theme.CATEGORICAL,
    "verdicts": tuple(theme.VERDICTS.values()),
    "falls and rises": (theme.FALL, theme.RISE),
    "abnormal and ordinary": (theme.ABNORMAL, theme.ORDINARY),
    "abnormal and the curve": (theme.ABNORMAL, theme.BLUE),
    "abnormal, ordinary, the other sign": (theme.ABNORMAL, theme.ORDINARY, theme.PURPLE),
}


def lab(colour: str, seen: Floats) -> Floats:
    """L*, a* and b* of a colour as it is seen."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(seen @ linear, 0.0, 1.0) / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_space_is_the_published_one() -> None:
    """White and black are what they are, grey stays grey for everybody; sRGB red is (53.2, 80.1, 67.2)."""
    np.testing.assert_allclose(lab("#ff0000", SEEN["usual"]), [53.24, 80.09, 67.20], atol=0.02)
    for seen in SEEN.values():
        np.testing.assert_allclose(lab("#ffffff", seen), [100, 0, 0], atol=0.05)
        np.testing.assert_allclose(lab("#000000", seen), [0, 0, 0], atol=1e-9)
        np.testing.assert_allclose(lab("#808080", seen)[1:], [0, 0], atol=0.05)


def test_red_and_green_are_one_to_some_eyes() -> None:
    """The simulation does something: two colours far apart for most are not for a deuteranope."""
    one, two = "#b04a4a", "#6e6e3f"
    apart = {name: float(np.linalg.norm(lab(one, m) - lab(two, m))) for name, m in SEEN.items()}
    assert apart["deuteranopia"] < apart["usual"] / 2


@pytest.mark.parametrize("kind", SEEN)
@pytest.mark.parametrize("beside", BESIDE)
def test_colours_that_stand_side_by_side_are_told_apart(beside: str, kind: str) -> None:
    for one, two in combinations(BESIDE[beside], 2):
        assert np.linalg.norm(lab(one, SEEN[kind]) - lab(two, SEEN[kind])) >= LEAST, (one, two)


@pytest.mark.parametrize("beside", ["lines", "verdicts", "falls and rises"])
def test_a_grey_print_keeps_them_apart(beside: str) -> None:
    for one, two in combinations(BESIDE[beside], 2):
        assert abs(lab(one, SEEN["usual"])[0] - lab(two, SEEN["usual"])[0]) >= GREY, (one, two)


@pytest.mark.parametrize("name", ["day", "benchmarks"])
def test_what_is_abnormal_has_another_mark_in_a_grey_print(name: str, deepseek_result: StudyResult) -> None:
    """Orange is as light as grey, so that both work on either background: their marks differ instead."""
    symbols: dict[str, set[str]] = {theme.ABNORMAL: set(), theme.ORDINARY: set()}
    for trace in drawn(FIGURES[name], deepseek_result).traces:
        marker = trace.get("marker", {})
        if "markers" in trace.get("mode", "") and marker.get("color") in symbols:
            symbols[marker["color"]].add(marker["symbol"])
    assert all(symbols.values())
    assert not symbols[theme.ABNORMAL] & symbols[theme.ORDINARY]


@pytest.mark.parametrize("kind", SEEN)
def test_the_words_of_the_verdicts_are_told_apart_in_either_theme(kind: str) -> None:
    """The page's own shades of the verdicts; each also has its icon and its word."""
    style = files("eventstudy.report").joinpath("style.css").read_text(encoding="utf-8")
    found = {word: list(dict.fromkeys(re.findall(rf"--{word}: (#\w{{6}})", style))) for word in theme.VERDICTS}
    assert {len(shades) for shades in found.values()} == {2}  # light and dark
    for shades in zip(*found.values(), strict=True):
        for one, two in combinations(shades, 2):
            assert np.linalg.norm(lab(one, SEEN[kind]) - lab(two, SEEN[kind])) >= LEAST, (one, two)


def test_spaces_and_letters_of_the_page_come_from_their_scales() -> None:
    """Margins, paddings and gaps are steps of one scale, sizes of letters of another; print has points of its own."""
    style = files("eventstudy.report").joinpath("style.css").read_text(encoding="utf-8")
    served = files("eventstudy.serve").joinpath("serve.css").read_text(encoding="utf-8")
    screen, _, paper = style.partition("@media print")
    spaces = re.findall(r"(?<![\w-])(?:margin|padding|gap|row-gap|column-gap)[a-z-]*:([^;}]+)", style + served)
    letters = re.findall(r"font(?:-size)?:([^;}]+)", screen + served)
    assert min(len(spaces), len(letters), len(paper)) > 50
    assert not [one for one in spaces if re.search(r"\drem|\d{2,}px|clamp", one)]
    assert not [one for one in letters if re.search(r"\drem|\dpx|clamp", one)]
    assert len(set(re.findall(r"--g\d: ", style))) == len(set(re.findall(r"--s\d: ", style))) == 7


def test_the_page_has_one_scale_of_spaces() -> None:
    """Margins, paddings and gaps on a screen come from the scale, but for hairlines and what follows the letters."""
    style = files("eventstudy.report").joinpath("style.css").read_text(encoding="utf-8").split("@media print")[0]
    scale = [float(size) for size in re.findall(r"--g\d: ([\d.]+)rem", style)]
    assert scale == sorted(scale)
    assert len(scale) == 7
    spaces = re.findall(r"[{;\s](?:margin|padding|gap|row-gap|column-gap)(?:-[a-z]+)*: ([^;}]+)", style)
    assert len(spaces) > 100
    sizes = re.findall(r"(-?[\d.]+)(rem|px)", " ".join(spaces))
    assert [size for size, unit in sizes if unit == "rem"] == []
    assert all(abs(float(size)) <= 2 for size, _ in sizes)
