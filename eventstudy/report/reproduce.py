"""The last section: how to get the same numbers again, how to cite them, how corrections are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from eventstudy import __version__
from eventstudy.objects.results import StudyResult
from eventstudy.report import wording
from eventstudy.report.blocks import Block, Bullets, Code, Content, Heading, Prose, folded
from eventstudy.report.section import Section


def reproduce(result: StudyResult) -> Content:
    """How to get these numbers again, how to cite them, how corrections are kept."""
    blocks: tuple[Block, ...] = (
        Prose(("The same files, settings and version give the same numbers, to the last digit on one machine.",)),
        *_commands(result),
        Bullets((("Version:", __version__), ("Content id:", result.content_id))),
        Heading("cite", "How to cite"),
        Code(citation(result), "Citation"),
        *_corrections(result),
    )
    return Content("Reproduce, cite, correct", tuple(folded(blocks)))


def _commands(result: StudyResult) -> Iterator[Block]:
    """What to type; nothing for a study made in Python, which has no folder."""
    settings, provenance = result.settings, result.prices.provenance
    bundled = provenance.provider == "snapshot" and _is_bundled(settings.id)
    if not bundled and (provenance.source == "frame" or settings.id == "study"):
        return
    claim = f"\neventstudy explain {result.verdicts[0].claim.id} --study " if result.verdicts else None
    name = settings.id if bundled else "FOLDER"
    if not bundled:
        yield Prose(("FOLDER is the folder of this study, which holds its study.yaml.",))
    yield Code(f"eventstudy run {name}" + (f"{claim}{name}" if claim else ""), "On the command line")
    yield Code(
        f'import eventstudy as es\n\nresult = es.load("{name}").run()\nresult.to_html("report.html")', "In Python"
    )


def _is_bundled(study: str) -> bool:
    """Whether the package brings a study of that name, in a checkout or in an installed copy."""
    home = Path(__file__).parents[1]
    return any((folder / study / "study.yaml").is_file() for folder in (home / "_data", home.parent / "data"))


def citation(result: StudyResult) -> str:
    """One line that names study, version and content."""
    prices = wording.prices(result.prices.provenance.source)
    return (
        f"{result.settings.title}. Report of the study “{result.settings.id}”, made with eventstudy {__version__} "
        f"(eventstudy-claims), content id {result.content_id[:16]}. Prices: {prices}."
    )


def _corrections(result: StudyResult) -> Iterator[Block]:
    """The list of changes beside the claims file; and the verdicts that the file did not expect."""
    changed = [v for v in result.verdicts if v.claim.expect is not None and v.claim.expect != v.verdict]
    said = tuple(
        f"{v.claim.id}: the claims file expects “{v.claim.expect}”, the verdict is “{v.verdict}”." for v in changed
    )
    file = next((v.claim.file for v in result.verdicts if v.claim.file), None)
    changes = None if file is None else Path(file).with_name("CHANGES.md")
    listed = changes is not None and changes.is_file()
    if not said and not listed:
        return
    yield Heading("corrections", "Changes and corrections")
    if said:
        yield Prose(said)
    if changes is not None and listed:
        yield from _listed(changes.read_text(encoding="utf-8"))


def _listed(text: str) -> Iterator[Block]:
    """The paragraphs of a list of changes, and the rows of its table as a list; headings and marks are left out."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if not line.startswith("#")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        if rows:
            heads = rows[0]
            items = [row for row in rows[1:] if not all(re.fullmatch(":?-+:?", cell) for cell in row)]
            pairs = [[f"{head}: {cell}" for head, cell in zip(heads[1:], row[1:], strict=False)] for row in items]
            if items:
                yield Bullets(tuple((f"{row[0]}:", "; ".join(said)) for row, said in zip(items, pairs, strict=True)))
        elif lines:
            yield Prose((" ".join(lines).replace("`", ""),))


REPRODUCE = Section(name="reproduce", title="Reproduce, cite", audience="referees", make=reproduce)
