"""A claim that nobody has confirmed is read and counted, and gets no verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import eventstudy as es
from eventstudy.claims.load import load_claims
from eventstudy.cli.commands import app
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.report import headline

HEAD = "schema_version: 1\nsources: {daily: {title: The day}}\nclaims:\n"
MOVE = (
    "  - {{id: {id}, kind: price_move, event: event, security: NVDA, says: Nvidia fell, source: daily,\n"
    "     claimed: {{direction: fall, value: 17}}{more}}}\n"
)


def written(folder: Path, *claims: str) -> Path:
    path = folder / "claims.yaml"
    path.write_text(HEAD + "".join(claims), encoding="utf-8")
    return path


def tried(claims: Path) -> es.StudyResult:
    return es.Study(
        prices="deepseek", events="2025-01-27", tickers=["NVDA"], benchmark="^IXIC", tests=["t"], sensitivity="off",
        claims=claims,
    ).run()  # fmt: skip


def test_an_unconfirmed_claim_is_not_tried(tmp_path: Path) -> None:
    confirmed = MOVE.format(id="own", more="")
    drafted = MOVE.format(id="drafted", more=", confirmed: false")
    result = tried(written(tmp_path, confirmed, drafted))
    assert [v.claim.id for v in result.verdicts] == ["own"]
    assert result.waiting == "1 claim waits to be confirmed and was not tried: drafted"
    assert result.waiting in result.to_html()
    assert result.waiting in result.to_json()
    assert headline.lede(result)[-1] == f"{result.waiting}."  # as `serve` has it too
    with pytest.raises(UnknownNameError, match="waits to be confirmed"):
        result.explain("drafted")


def test_where_all_wait_the_study_still_has_its_page(tmp_path: Path) -> None:
    both = [MOVE.format(id=name, more=", confirmed: false") for name in ("one", "two")]
    result = tried(written(tmp_path, *both))
    assert result.verdicts == ()
    assert "2 claims wait to be confirmed and were not tried: one, two" in result.to_html()


def test_confirmed_claims_are_tried_without_a_word(tmp_path: Path) -> None:
    assert tried(written(tmp_path, MOVE.format(id="own", more=", confirmed: true"))).waiting is None


def test_claims_check_says_how_many_wait(tmp_path: Path) -> None:
    drafted = MOVE.format(id="drafted", more=", confirmed: false")
    path = written(tmp_path, MOVE.format(id="own", more=""), drafted)
    done = CliRunner().invoke(app, ["claims", "check", str(path)])
    assert done.exit_code == 0
    assert "1 of them waits to be confirmed" in " ".join(done.output.split())


def test_a_waiting_claim_is_checked_like_any_other(tmp_path: Path) -> None:
    wrong = MOVE.format(id="drafted", more=", confirmed: false").replace("price_move", "price_mover")
    with pytest.raises(UnknownNameError, match=r"claims.yaml:4.*price_mover"):
        load_claims(written(tmp_path, wrong))
    with pytest.raises(SpecError, match="confirmed"):
        load_claims(written(tmp_path, MOVE.format(id="drafted", more=", confirmed: perhaps")))


def test_a_claim_is_not_compared_with_one_that_waits(tmp_path: Path) -> None:
    same = (
        "  - {id: alike, kind: consistency, event: event, security: NVDA, says: They agree, source: daily,\n"
        "     params: {claims: [own, drafted]}}\n"
    )
    claims = MOVE.format(id="own", more=""), MOVE.format(id="drafted", more=", confirmed: false")
    with pytest.raises(SpecError, match="'drafted' waits to be confirmed"):
        load_claims(written(tmp_path, *claims, same))
