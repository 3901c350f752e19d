"""`eventstudy sensitivity`: a line a group and security, then the claims that rest on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eventstudy.cli.app import DEFAULT, JsonOption, SetOption, StudyArgument, StudyOption, app, named, run_study
from eventstudy.cli.terminal import STYLES, print_json_text, print_table, print_text, say
from eventstudy.cli.texttable import table
from eventstudy.errors import SpecError

if TYPE_CHECKING:
    from eventstudy.objects.estimation import Window
    from eventstudy.objects.results import StudyResult
    from eventstudy.objects.sensitivity import Sensitivity

ANSWERS = {-1: "abnormal fall", 0: "not abnormal", 1: "abnormal rise"}


@app.command()
def sensitivity(
    study: StudyArgument = None,
    study_: StudyOption = None,
    window: Annotated[
        str | None, typer.Option(help="First and last session, such as 0,0  [default: the study's first window]")
    ] = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try the headline event under other benchmarks, models, estimation windows and returns; say what flips."""
    result = run_study(named(study, study_, DEFAULT), set_)
    found = result.sensitivity()
    span = chosen_window(result, window)
    if as_json:
        from eventstudy.files.writing import json_object
        from eventstudy.report.serialize import sensitivity as plain

        print_json_text(json_object(plain(found)))
        return
    print_table(table(("subject", "own answer", "cells", "agree", "", "what flips"), rows(found, span), styles=STYLES))
    if claims := claim_rows(result):
        print_text("")
        print_table(table(("claim", "agree", ""), claims, styles=STYLES))
    say("\n".join(f"left out: {line}" for line in found.left_out))


def chosen_window(result: StudyResult, window: str | None) -> Window:
    """The window that the table is of.

    Raises
    ------
    SpecError : not two sessions, or a window that the grid does not have.
    """
    if window is None:
        return result.settings.windows[0]
    known: dict[str, Window] = {f"{w.start},{w.end}": w for part in result.sensitivity().parts for w in part.windows}
    if window.replace(" ", "") not in known:
        raise SpecError(f"--window is one of the windows of the grid, {' '.join(known)}, got {window!r}")
    return known[window.replace(" ", "")]


def rows(found: Sensitivity, window: Window) -> list[tuple[str, ...]]:
    """Subject, its answer by the study's own settings, distinct cells, share that agrees, mark, what flips it."""
    from eventstudy.objects.sensitivity import flips_in_words
    from eventstudy.report.tables import number

    return [
        (
            one.subject,
            ANSWERS[one.answer],
            str(one.cells),
            number(one.share, "share"),
            "fragile" if one.fragile else "",
            flips_in_words(one),
        )
        for one in found.agreements
        if one.window == window
    ]


def claim_rows(result: StudyResult) -> list[tuple[str, ...]]:
    """The claims with an abnormal return: id, share of the specifications that agree, mark."""
    from eventstudy.report.tables import number

    return [
        (v.claim.id, number(v.agreement, "share"), "fragile" if v.fragile else "")
        for v in result.verdicts
        if v.agreement is not None
    ]
