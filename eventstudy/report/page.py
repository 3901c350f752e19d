"""The page around the sections: template, style, script, content security policy, plotly.js and linked data.

plotly.js comes from the installed plotly package, compressed and spelled in text; the page unpacks it by itself.
The policy allows two scripts by their hash, the page's own and plotly.js, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from eventstudy import __version__
from eventstudy.errors import SpecError
from eventstudy.objects.results import StudyResult
from eventstudy.report import linked, picture, wording
from eventstudy.report.blocks import Block, Chart, Content, Fold, Listing, Special, kind
from eventstudy.report.charts import others
from eventstudy.report.deck import Deck
from eventstudy.report.frames import File, cut, rows_html, shown, table_file
from eventstudy.report.overview import Overview
from eventstudy.report.packing import packed, packed_files
from eventstudy.report.section import Section, Written, written

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

POLICY = (
    "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


_PRINTED = (
    "Printed are the figures, {}the answer and the main tables. The {}numbers behind the figures and the other tests "
    "fold open in the file itself, and are printed where they are open."
)
#: where figures stand that are registered and that no section shows
MORE = Section(
    name="figures",
    title="More figures",
    audience="everybody",
    make=lambda charts: Content("More figures", charts),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What stands around the sections of one page.

    ``study`` begins the names of its files; ``printed`` says what is on paper and what only in the file; ``source``
    stands below a picture that is saved; ``content_id`` and ``prices`` stand in the foot, where there are any;
    ``linked`` are entries of JSON-LD. ``motto`` stands beside the name of the package.
    """

    title: str
    study: str
    sections: tuple[Written, ...]
    printed: str
    source: str
    content_id: str | None = None
    prices: str | None = None
    linked: tuple[Mapping[str, Any], ...] = ()
    motto: str = ""


def report(result: StudyResult, sections: tuple[Written, ...]) -> Page:
    """The page of a study; figures that are registered and stand in none of `sections` follow them."""
    extra = others(result, {chart.id for chart in _charts(sections)})
    return Page(
        title=wording.curly(result.settings.title),
        study=result.settings.id,
        sections=(*sections, *([written(MORE, extra)] if extra else [])),
        printed=_PRINTED.format(*(("the claims, ", "arithmetic of each claim, the ") if result.verdicts else ("", ""))),
        source=picture.source(result),
        content_id=result.content_id,
        prices=wording.prices(result.prices.provenance.source),
        linked=tuple(linked.linked_data(result)),
        motto="claims on trial" if result.verdicts else "",
    )


def render(page: Page) -> str:
    """The page as text; everything but the page's own parts is escaped by the template.

    Raises
    ------
    SpecError : two blocks share an anchor.
    """
    from markupsafe import Markup

    anchors = _checked_anchors(page.sections)
    charts = _charts(page.sections)
    cards = {one.id: one for deck in _decks(page.sections) for one in deck.cards}
    inside = environment().get_template("macros.html").module.arithmetic  # type: ignore[attr-defined]
    script, (plotly, plotly_hash) = asset("script.js"), plotly_packed() if charts else ("", "")
    return (
        environment()
        .get_template("page.html")
        .render(
            page=page,
            version=__version__,
            corrections="corrections" in anchors,
            policy=Markup(POLICY.format(f"{_hash(script)} {plotly_hash}".strip())),
            style=Markup(asset("style.css")),
            script=Markup(script),
            plotly=Markup(plotly),
            figures=Markup(packed("{" + ",".join(f"{json.dumps(c.id)}:{c.json}" for c in charts) + "}")),
            cards=Markup(packed(json.dumps({name: inside(one) for name, one in cards.items()}, ensure_ascii=False)))
            if cards
            else "",
            files=Markup(packed_files(dict(_files(page.sections)))),
            theme=Markup(embedded(_theme())),
            linked=[Markup(embedded(entry)) for entry in page.linked],
        )
    )


@cache
def environment() -> Environment:
    """The templates of all pages."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(kind=kind, cut=cut, cells=shown, rows=rows_html, picture=_picture)
    return made


def _picture(chart: Chart) -> Markup:
    """The static picture of a figure, in which `figures.picture` has escaped all text."""
    from markupsafe import Markup

    return Markup(chart.picture)


def _template(name: str) -> str:
    """A template without its indentation: the page has thousands of its lines."""
    return "\n".join(line.lstrip() for line in asset(name).splitlines())


@cache
def asset(name: str) -> str:
    """The text of a file of the report's own, such as ``style.css``."""
    return files("eventstudy.report").joinpath(name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode('ascii')}'"


@cache
def plotly_packed() -> tuple[str, str]:
    """plotly.js compressed, and the hash of its text: the same for every report, so a thread may do it beforehand."""
    source = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    return packed(source), _hash(source)


def _theme() -> dict[str, Any]:
    from eventstudy.figures import theme

    return {"layouts": theme.LAYOUTS, "config": theme.CONFIG}


def embedded(value: object) -> str:
    """A value as JSON that can stand in a script element: no ``<`` can close it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=dict)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _checked_anchors(sections: tuple[Written, ...]) -> set[str]:
    seen: set[str] = set()
    for name in (anchor for section in sections for anchor in (section.card.name, *_anchors(section.content.blocks))):
        if name in seen:
            raise SpecError(f"two blocks of the page share the anchor {name!r}; each needs an id of its own")
        seen.add(name)
    return seen


def _charts(sections: tuple[Written, ...]) -> list[Chart]:
    blocks = (block for section in sections for block in _walk(section.content.blocks))
    return [block for block in blocks if isinstance(block, Chart)]


def _walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from _walk(block.blocks)
        elif isinstance(block, Special) and isinstance(block.content, Overview) and block.content.chart is not None:
            yield block.content.chart


def _decks(sections: tuple[Written, ...]) -> Iterator[Deck]:
    blocks = (block for section in sections for block in _walk(section.content.blocks))
    for block in blocks:
        if isinstance(block, Special) and isinstance(block.content, Deck):
            yield block.content


def _files(sections: tuple[Written, ...]) -> Iterator[tuple[str, File]]:
    """What the CSV buttons give: every table of the page by its id."""
    for block in (block for section in sections for block in _walk(section.content.blocks)):
        if isinstance(block, Listing):
            yield block.table.id, table_file(block.table)
        elif isinstance(block, Chart):
            yield block.csv, block.file
        elif isinstance(block, Special) and isinstance(block.content, Deck):
            for card in block.content.cards:
                yield from ((table.id, table_file(table)) for table in card.tables)


def _anchors(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in _walk(blocks):
        if isinstance(block, Listing):
            yield block.table.id
        elif isinstance(block, Chart):
            yield from (block.id, block.table.id)
        elif isinstance(block, Special):
            if isinstance(block.content, Deck):
                for card in block.content.cards:
                    yield from (f"claim-{card.id}", *(table.id for table in card.tables))
        elif (name := getattr(block, "id", None)) is not None:
            yield name
