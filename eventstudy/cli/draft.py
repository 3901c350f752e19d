"""`eventstudy claims draft`: what an article says about markets, as claims that wait to be confirmed."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli import completion
from eventstudy.cli.app import claims_app
from eventstudy.cli.terminal import print_text, say
from eventstudy.errors import SpecError

if TYPE_CHECKING:
    from eventstudy.drafting.claimsfile import Drafted


@claims_app.command("draft")
def claims_draft(
    article: Annotated[Path, typer.Argument(help="The article: a text or an HTML file.", show_default=False)],
    study: Annotated[
        str | None,
        typer.Option(
            metavar="STUDY",
            help="The study that it is for: its events and prices.",
            autocompletion=completion.studies,
        ),
    ] = None,
    aliases: Annotated[
        Path | None, typer.Option(help="A file of further names of companies and groups; see docs/drafting.md.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day of the article, where it does not say so itself.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, ARTICLE-claims.yaml by default; none is overwritten.")
    ] = None,
) -> None:
    """Find what an article says about markets and write a claims file, to be confirmed claim by claim."""
    from eventstudy.files.reading import kind_of
    from eventstudy.files.writing import write_text

    target = Path(f"{article.stem}-claims.yaml") if out is None else out
    if kind_of(target) in ("file", "folder"):
        raise SpecError(f"{target} is there already, and nothing is overwritten; name another file with --out")
    drafted = _drafted(article, study, aliases, published)
    write_text(target, drafted.text)
    claims = f"{drafted.claims} claim{'s' * (drafted.claims != 1)}"
    waits = f"{claims} to be confirmed, {drafted.incomplete} more to be completed"
    say(f"wrote {target}: {waits}")
    if drafted.claims:
        print_text(f"next: compare {target} with the article, then `eventstudy claims check {target}`")
    else:
        print_text(f"next: complete what stands as comments in {target}; it holds no claim yet")


def _drafted(path: Path, study: str | None, aliases: Path | None, published: str | None) -> Drafted:
    """The claims file of an article.

    Raises
    ------
    SpecError : the article, the study, the aliases or the day cannot be read, or nothing was found.
    """
    from eventstudy.drafting.aliases import extended, read_aliases, shipped
    from eventstudy.drafting.article import read_article
    from eventstudy.drafting.claimsfile import Frame, claims_file, frame_of
    from eventstudy.drafting.days import Calendar
    from eventstudy.drafting.draft import statements

    given = _day(published)
    article = read_article(path)
    frame = Frame() if study is None else frame_of(study)
    names, groups = ({}, {}) if aliases is None else read_aliases(aliases)
    known = extended(shipped(frame.prices, {**{t: [n] for t, n in frame.names.items()}, **names}), groups)
    day = given or article.published
    days = tuple(day for day in frame.events.values() if day is not None)
    calendar = Calendar(day or article.named, exact=day is not None, events=days)
    found = statements(article.paragraphs, known, calendar)
    if not found:
        raise SpecError(
            "no statement about prices was found in it; a file of --aliases names companies that the rules do not know",
            file=path,
        )
    return claims_file(article, found, known, frame)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    from eventstudy.drafting.days import date

    found = None
    with suppress(ValueError):
        day = dt.date.fromisoformat(text)
        found = date(day.year, day.month, day.day)
    if found is None:
        raise SpecError(f"--published takes a day such as 2025-01-28, got {text!r}")
    return found
