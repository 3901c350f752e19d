"""A claims file: what is read from it, and what a wrong one is told, with file and line."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

import eventstudy as es
from eventstudy.claims import CLAIM_KINDS, judge_all
from eventstudy.claims.guide import renewed
from eventstudy.claims.interval import UNITS, WORDS
from eventstudy.claims.load import ClaimBook, check_against, check_prices, load_claims
from eventstudy.claims.schema import params_of
from eventstudy.cli.schema import claims_schema
from eventstudy.errors import SpecError, UnknownNameError
from eventstudy.files.yamlfile import read_yaml
from eventstudy.objects.estimation import Event
from eventstudy.objects.settings import Settings
from eventstudy.objects.verdicts import Modifier, VerdictWord

DATA = Path(__file__).parents[1] / "data" / "deepseek" / "claims.yaml"

GOOD = """\
schema_version: 1
sources:
  S1: {title: A headline}
names: {AAA: Acme}
against: [MKT]
claims:
  - id: acme-3-10
    kind: price_move
    event: crash
    security: AAA
    says: Acme fell 3.10 per cent
    claimed: {direction: fall, value: 3.10, unit: percent}
    source: S1
  - id: "on"
    kind: price_move
    event: crash
    security: ON
    says: The company with the ticker ON tumbled
    claimed: {word: tumbled}
    source: [S1]
    params: {window: [0, 2], against: []}
beyond:
  - {topic: app ranks, reason: no prices, needed: store charts, source: S1}
"""


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def written(text: str) -> Path:
        path = tmp_path / "claims.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def check_settings(book: ClaimBook, settings: Settings) -> None:
    check_against(book, settings.event_ids, tuple(settings.groups))


def test_what_is_read(write) -> None:  # type: ignore[no-untyped-def]
    path = write(GOOD)
    book = load_claims(path)
    first, second = book.claims
    assert first.claimed.quoted == "3.10"  # not 3.1: the precision is in the digits
    assert first.claimed.direction == "fall"
    assert first.sources[0].author == "unknown"
    assert (first.tickers, first.line, first.file) == (("AAA",), 7, str(path))
    assert first.params["window"] == (0, 0)
    assert first.params["against"] == ("MKT",)
    assert first.params["names"] == {"AAA": "Acme"}
    assert second.tickers == ("ON",)  # a text, not a truth value
    assert second.claimed.direction == "fall"  # from the word
    assert second.params["against"] == []
    assert second.params["window"] == (0, 2)
    assert book.beyond[0].sources == ("S1",)
    assert book.schema_version == 1


def broken(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param(broken(("    says: Acme", "    sais: Acme")), 11, "sais.*Did you mean 'says'", id="wrong key"),
        pytest.param(broken(("value: 3.10", "value: [3]")), 12, "claimed.value", id="wrong type"),
        pytest.param(broken(("kind: price_move", "kind: price_mov")), 8, "Did you mean 'price_move'", id="kind"),
        pytest.param(broken(("    kind: price_move\n", "")), 7, "needs a kind; known: price_move", id="no kind"),
        pytest.param(
            broken(("kind: price_move", "kinds: price_move")),
            8,
            "unknown key 'kinds'. Did you mean 'kind'?",
            id="kinds",
        ),
        pytest.param(broken(('id: "on"', "id: acme-3-10")), 14, "stands twice, first on line 7", id="duplicate id"),
        pytest.param(broken(("source: S1\n  - id", "source: S2\n  - id")), 13, "unknown source 'S2'", id="source"),
        pytest.param(broken(("source: [S1]", "source: [S1, S9]")), 20, "unknown source 'S9'", id="source in a list"),
        pytest.param(broken(("    source: S1\n  - id", "  - id")), 7, "'source' is missing", id="no source"),
        pytest.param(broken(("source: S1}", "source: S7}")), 23, "unknown source 'S7'", id="source beyond"),
        pytest.param(broken(("word: tumbled", "word: tumbeld")), 19, "Did you mean 'tumbled'", id="word"),
        pytest.param(broken(("unit: percent", "unit: procent")), 12, "Did you mean 'percent'", id="unit"),
        pytest.param(broken(("unit: percent", "unit: usd_bn")), 12, "does not fit.*allowed: percent", id="unfit unit"),
        pytest.param(broken(("value: 3.10", "value: -3.10")), 12, "plain digits.*fall or a rise", id="negative"),
        pytest.param(broken(("value: 3.10", "value: 1e3")), 12, "plain digits", id="exponent"),
        pytest.param(broken(("value: 3.10", "value: 3.1%")), 12, "as in value: 15, unit: percent", id="per cent sign"),
        pytest.param(broken(("direction: fall, ", "")), 12, "needs a direction", id="no direction"),
        pytest.param(broken(("value: 3.10, unit: percent", "")), 12, "a number or a word", id="no number"),
        pytest.param(broken(("{word: tumbled}", "{word: tumbled, value: 3}")), 19, "not several of them", id="both"),
        pytest.param(broken(("{word: tumbled}", "{word: tumbled, direction: rise}")), 19, "is a fall", id="word sign"),
        pytest.param(broken(("value: 3.10", "low: 3, high: 2")), 12, "from `low` up to `high`, got 3 to 2", id="range"),
        pytest.param(broken(("value: 3.10", "low: 3")), 12, "a range has both ends", id="half a range"),
        pytest.param(broken(("value: 3.10", "low: 3, high: 4, modifier: about")), 12, "takes no modifier", id="about"),
        pytest.param(broken(("source: S1\n  - id", "source: S1\n    place: {S2: 3}\n  - id")), 14, "'S2'", id="place"),
        pytest.param(broken(("says: Acme", "status: rumour\n    says: Acme")), 11, "status", id="status"),
        pytest.param(broken(("    security: AAA\n", "")), 7, "names one of security; got none", id="no subject"),
        pytest.param(broken(("security: AAA", "group: core")), 10, "takes security, got group", id="wrong subject"),
        pytest.param(broken(("    event: crash\n", "")), 7, "'event' is missing", id="no event"),
        pytest.param(broken(("{window: [0, 2]", "{windw: [0, 2]")), 21, "Did you mean 'window'", id="params key"),
        pytest.param(broken(("[0, 2]", "[0, two]")), 21, "params.window", id="params type"),
        pytest.param(broken(("id: acme-3-10", "id: Acme 3")), 7, "id", id="id pattern"),
        pytest.param(broken(("schema_version: 1", "schema_version: 9")), 1, "not one this package reads", id="version"),
        pytest.param(broken(("schema_version: 1\n", "")), 1, "'schema_version' is missing", id="no version"),
        pytest.param("", None, "empty", id="empty file"),
        pytest.param("schema_version: 1\nsources: {}\nclaims: []\n", 3, "there are no claims", id="no claims"),
        pytest.param("schema_version: 1\nsources: {}\nclaims:\n", 3, "there are no claims", id="claims null"),
        pytest.param("- just a list\n", 1, "a claims file is a mapping", id="a list"),
        pytest.param("schema_version: 1\nsources: {}\nclaims: [text]\n", 3, "claims", id="a text for a claim"),
        pytest.param("claims: [\n", None, "not valid YAML", id="not yaml"),
    ],
)
def test_a_wrong_file_is_told_file_line_and_what_is_allowed(write, text: str, line: int | None, said: str) -> None:  # type: ignore[no-untyped-def]
    path = write(text)
    with pytest.raises(SpecError, match=said) as caught:
        load_claims(path)
    assert (f"{path}:" if line is None else f"{path}:{line}: ") in str(caught.value)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no such file"):
        load_claims(tmp_path / "claims.yaml")


COMPARE = (
    GOOD.split("beyond:")[0]
    + """\
  - id: agree
    kind: consistency
    event: crash
    security: AAA
    says: The papers agree
    source: S1
    params: {claims: [acme-3-10, OTHER]}
"""
)


def test_a_claim_that_compares_others_carries_them(write) -> None:  # type: ignore[no-untyped-def]
    words = "claimed: {word: tumbled}"
    second = COMPARE.replace(words, "claimed: {direction: fall, value: 3}")
    book = load_claims(write(second.replace("OTHER", '"on"')))
    assert [c.id for c in book.claims[2].params["compared"]] == ["acme-3-10", "on"]
    with pytest.raises(SpecError, match=r":28: .*'acme-3-10' stands twice"):
        load_claims(write(COMPARE.replace("OTHER", "acme-3-10")))
    with pytest.raises(UnknownNameError, match="unknown claim 'nobody'"):
        load_claims(write(COMPARE.replace("OTHER", "nobody")))
    with pytest.raises(SpecError, match=r":28: .*quotes no number"):
        load_claims(write(COMPARE.replace("OTHER", '"on"')))


@pytest.mark.parametrize(
    ("kind", "subject", "params"),
    [
        ("aggregate", "", "{readings: [{label: both, tickers: [AAA, BBB, AAA]}]}"),
        ("group_move", "tickers: [AAA, BBB, AAA], ", "{quantifier: mean}"),
        ("group_move", "tickers: [BBB, CCC], ", "{quantifier: all, also: [AAA, AAA]}"),
        ("relative_move", "security: BBB, ", "{to: [AAA, AAA]}"),
        ("rank_among", "security: BBB, ", "{among: [AAA, AAA]}"),
    ],
)
def test_a_name_that_a_list_holds_twice_is_refused(write, kind, subject, params) -> None:  # type: ignore[no-untyped-def]
    head, _, _ = GOOD.partition("  - id:")
    entry = f"  - {{id: odd, kind: {kind}, event: crash, {subject}says: so, source: S1, params: {params}}}\n"
    with pytest.raises(SpecError, match=r"claims.yaml:7: .*'AAA' stands twice"):
        load_claims(write(head + entry))


def test_the_event_of_a_claim_is_not_one_of_its_further_events(write) -> None:  # type: ignore[no-untyped-def]
    head, _, _ = GOOD.partition("  - id:")
    params = "{quantifier: all, also: [later, crash]}"
    entry = f"{{id: odd, kind: group_move, event: crash, tickers: [AAA], says: so, source: S1, params: {params}}}"
    with pytest.raises(SpecError, match=r"claims.yaml:7: 'crash' is the claim's own event"):
        load_claims(write(f"{head}  - {entry}\n"))


def test_a_kind_without_a_subject_says_where_its_own_stands(write) -> None:  # type: ignore[no-untyped-def]
    head, _, _ = GOOD.partition("  - id:")
    entry = "{id: odd, kind: rank, event: crash, security: AAA, says: so, source: S1, params: {of: [AAA]}}"
    with pytest.raises(SpecError, match=r"takes no subject, got security; what it is about .* `params`: of$"):
        load_claims(write(f"{head}  - {entry}\n"))


def test_names_are_checked_against_the_study(write) -> None:  # type: ignore[no-untyped-def]
    book = load_claims(write(GOOD))
    day = dt.date(2025, 1, 27)

    def settings(tickers: tuple[str, ...], event: str = "crash") -> Settings:
        return Settings("x", "x", tuple(Event(event, t, day) for t in tickers), tickers, {}, {"default": "MKT"})

    check_settings(book, settings(("AAA", "ONE")))  # a ticker may be any series of the prices
    with pytest.raises(UnknownNameError, match=r"claims.yaml:7: unknown event .*'crash'.* Known: boom"):
        check_settings(book, settings(("AAA", "ON"), "boom"))
    grouped = load_claims(
        write(
            GOOD.replace("kind: price_move", "kind: abnormal_move", 1)
            .replace("security: AAA", "group: core")
            .replace("value: 3.10, unit: percent", "")
        )
    )
    with pytest.raises(UnknownNameError, match=r"claims.yaml:7: unknown group \(claim 'acme-3-10'\) 'core'"):
        check_settings(grouped, settings(("AAA", "ON")))


def test_tickers_are_checked_against_the_prices(write) -> None:  # type: ignore[no-untyped-def]
    book = load_claims(write(GOOD))
    check_prices(book, ("AAA", "ON", "MKT"))
    with pytest.raises(UnknownNameError, match=r"claims.yaml:14: unknown ticker \(claim 'on'\) 'ON'"):
        check_prices(book, ("AAA", "ONE"))


def test_the_bundled_file() -> None:
    book = load_claims(DATA)
    assert len(book.claims) == len({c.id for c in book.claims})
    assert sorted(book.sources) == ["A1", "A2", "A3", "A4", "A5"]
    assert len(book.beyond) == 6
    assert all(c.expect for c in book.claims if c.status != "opinion")
    assert all(c.claimed.word in WORDS for c in book.claims if c.claimed.word)


def test_the_json_schema_names_kinds_subjects_units_and_words() -> None:
    schema = claims_schema()
    names = {name for name in schema["$defs"] if name.endswith("Claim")}
    assert names == {"".join(w.title() for w in kind.split("_")) + "Claim" for kind in CLAIM_KINDS}
    move, group = schema["$defs"]["PriceMoveClaim"], schema["$defs"]["GroupMoveClaim"]
    assert move["properties"]["kind"]["const"] == "price_move"
    assert "security" in move["required"]
    assert "group" not in move["properties"]
    assert group["oneOf"] == [{"required": ["group"]}, {"required": ["tickers"]}]
    claimed = schema["$defs"]["ClaimedEntry"]["properties"]
    assert tuple(claimed["modifier"]["enum"]) == get_args(Modifier)
    assert set(claimed["unit"]["enum"]) == set(UNITS)
    assert set(claimed["word"]["anyOf"][0]["enum"]) == set(WORDS)
    assert "all" in schema["$defs"]["GroupMove"]["properties"]["quantifier"]["enum"]


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ((), True),
        ((("kind: price_move", "kind: price_mov"),), False),
        ((("security: AAA", "group: core"),), False),
        ((("    security: AAA\n", ""),), False),
        ((("unit: percent", "unit: usd_bn"),), False),
        ((("word: tumbled", "word: tumbeld"),), False),
        ((("value: 3.10, unit: percent", ""),), False),
        ((("{window: [0, 2]", "{windw: [0, 2]"),), False),
    ],
)
def test_the_json_schema_tells_a_right_file_from_a_wrong_one(write, changes, fits: bool) -> None:  # type: ignore[no-untyped-def]
    jsonschema = pytest.importorskip("jsonschema")
    data = read_yaml(write(broken(*changes))).data
    assert jsonschema.Draft202012Validator(claims_schema()).is_valid(data) is fits
    if fits:
        errors = jsonschema.Draft202012Validator(claims_schema()).iter_errors(read_yaml(DATA).data)
        assert [e.message for e in errors] == []


@pytest.mark.parametrize(
    ("kind", "claimed", "params", "told"),
    [
        ("level", "{value: 5, unit: percent}", "{}", "the unit of a close is points or plain money"),
        ("level", "{value: 5, unit: usd}", "{measure: drawdown}", "the unit of a drawdown is percent, got usd"),
        ("level", "{value: 5, unit: points}", "{measure: value}", "the unit of a value is money"),
        ("level", "{value: 5, unit: usd}", "{crossed: true}", "give `claimed` the modifier more_than, at_least"),
        ("level", "{value: 5, unit: usd}", "{since: '2024'}", "`since` belongs to a drawdown"),
        (
            "level",
            "{value: 5, unit: eur}",
            "{rate: {series: EURUSD=X, quoted: usd_per_eur}}",
            "`rate` converts a market value",
        ),
        ("statistic", "{value: 2, unit: percent}", "{measure: beta}", "a beta has the unit multiple or number"),
        ("statistic", "{value: 2, unit: number}", "{measure: volatility}", "a volatility has the unit percent"),
        ("statistic", "{value: 20}", "{measure: volatility, to: MKT}", "a volatility is of the security alone"),
        ("relative_move", "{direction: fall, unit: multiple}", "{to: [MKT]}", "a multiple is a number"),
        ("activity", "{value: 2, unit: multiple}", "{measure: volatility}", "the volatility of 1 sessions"),
        ("activity", "{value: 2, unit: count}", "{measure: volatility, window: [0, 9]}", "a volatility is not counted"),
        ("rank_among", "{value: 2, unit: rank}", "{among: [BBB]}", "it ranks moves: give `claimed` a direction"),
    ],
)
def test_a_number_that_does_not_go_with_its_params_is_told_when_the_file_is_read(  # type: ignore[no-untyped-def]
    write, kind: str, claimed: str, params: str, told: str
) -> None:
    head, _, _ = GOOD.partition("  - id:")
    path = write(
        f"{head}  - id: odd\n    kind: {kind}\n    event: crash\n    security: AAA\n    says: It was so\n"
        f"    source: S1\n    claimed: {claimed}\n    params: {params}\n"
    )
    with pytest.raises(SpecError, match=re.escape(told)) as caught:
        load_claims(path)
    assert caught.value.line == 13
    assert str(path) in str(caught.value)


# ----------------------------------------------------------------------------------------------------------- the guide
GUIDE = (DATA.parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_files_of_the_guide_are_read_and_tried(tmp_path: Path) -> None:
    assert len(FILES) == 2
    result = replace(es.load("deepseek"), claims=None).run()
    for text in FILES:
        path = tmp_path / "claims.yaml"
        path.write_text(text, encoding="utf-8")
        book = load_claims(path)
        check_settings(book, result.settings)
        check_prices(book, result.prices.tickers, result.settings.groups)
        verdicts = judge_all(book, result)
        assert "unresolved" not in {v.verdict for v in verdicts}
        assert all(v.verdict == v.claim.expect for v in verdicts if v.claim.expect)


def test_the_guide_names_every_kind_key_unit_modifier_and_word() -> None:
    assert renewed(GUIDE) == GUIDE, "docs/claims.md: `make guide` writes the tables of the kinds from their cards"
    for kind in CLAIM_KINDS:
        assert all(f"`{name}`" in GUIDE for name in params_of(kind).model_fields), kind
    quoted = {*re.findall(r"`(\w+)`", GUIDE)}
    assert {*UNITS} | {*get_args(Modifier)} | {*get_args(VerdictWord)} <= quoted
    for word, (_, strength) in WORDS.items():
        row = next(line for line in GUIDE.splitlines() if line.startswith(f"| {strength} |"))
        assert re.search(rf"[|,] {word}[ ,]", row), word


def test_reading_a_file_loads_no_numerical_library() -> None:
    code = (
        "import sys; from eventstudy.claims.load import load_claims; "
        f"load_claims({str(DATA)!r}); print(sorted({{'pandas', 'numpy', 'scipy', 'plotly'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
