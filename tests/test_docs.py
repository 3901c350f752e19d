"""The documents are true: their code runs, their commands exist, their links lead somewhere, every name is in them."""

from __future__ import annotations

import ast
import dataclasses
import doctest
import importlib
import inspect
import re
import shlex
import shutil
import types
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from architecture_page import filled

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "eventstudy"
FOLDERS = [ROOT / name for name in (".ci", "benchmarks", "data", "docs", "eventstudy", "notebooks", "tests")]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")),
    *sorted(found for folder in FOLDERS for found in folder.rglob("*.md")),
]
MODULES = sorted(
    ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for p in PACKAGE.rglob("*.py")
    if p.name != "__main__.py"
)


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(document: str, *languages: str) -> list[str]:
    """The fenced blocks of a document in one of the languages, in order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text(document), re.MULTILINE | re.DOTALL)
    return [body for language, body in found if language in languages]


def shell_lines(document: str) -> list[str]:
    """Command lines of the unmarked and shell blocks, without prompt and comment, continued lines joined."""
    joined = "\n".join(blocks(document, "", "sh", "bash", "console")).replace("\\\n", " ")
    lines = (line.removeprefix("$ ").removeprefix(".venv/bin/").split(" #")[0].strip() for line in joined.splitlines())
    return [line for line in lines if line.split(" ")[0] in {"make", "eventstudy", "python", "pip", "uv"}]


# ------------------------------------------------------------------------------------------------------------ README
def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")  # as in a checkout, but whatever is written does not stay
    monkeypatch.chdir(tmp_path)
    found = blocks("README.md", "python", "py")
    assert found, "the README shows no Python"
    space: dict[str, Any] = {}
    for block in found:
        exec(compile(block, "README.md", "exec"), space)


PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))
ELSEWHERE = {"docs/extending.md", "docs/litigation.md"}  # test_extending.py, test_printed.py
SHOWS_PYTHON = [page for page in PAGES if blocks(page, "python") and page not in ELSEWHERE]


@pytest.mark.parametrize("page", SHOWS_PYTHON)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), space)


def test_your_own_event_runs_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from eventstudy.cli.commands import app

    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    for block in blocks("docs/own-event.md", "python"):
        exec(compile(block, "own-event.md", "exec"), space)
    for line in shell_lines("docs/own-event.md"):
        done = CliRunner().invoke(app, shlex.split(line)[1:])
        assert done.exit_code == 0, (line, done.output)
    assert (tmp_path / "reports" / "results" / "index.html").is_file()


QUICK = ("doctor", "schema", "cite", "claims check", "data show", "data verify")
NEED_FILES = ("claims draft", "fetch", "index", "data import", "data diff", "new")  # of one's own


def examples_of_commands() -> list[Any]:
    """The lines of docs/commands.md that need nothing but the bundled study; only the quick ones run by default."""
    from eventstudy.cli.guide import EXAMPLES

    found = [(line, name in QUICK) for name, lines in EXAMPLES.items() if name not in NEED_FILES for line in lines]
    return [pytest.param(line, id=line, marks=() if quick else pytest.mark.slow) for line, quick in found]


@pytest.mark.parametrize("line", examples_of_commands())
def test_the_examples_of_the_commands_run(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from eventstudy.cli.commands import app

    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output


def test_every_page_stands_in_the_contents() -> None:
    listed = [
        line
        for block in re.findall(r"```{toctree}\n(.*?)```", text("docs/index.md"), re.DOTALL)
        for line in block.split()
    ]
    missing = [page for page in PAGES if Path(page).stem not in [*listed, "index"]]
    assert not missing, f"docs/index.md lists every page, but not {missing}"


def test_every_public_name_stands_in_the_reference() -> None:
    import eventstudy

    shown = re.findall(
        r"^\.\. auto(?:class|function|exception):: eventstudy\.(\w+)$", text("docs/reference.md"), re.MULTILINE
    )
    assert sorted(shown) == sorted(eventstudy.__all__)


def test_the_readme_counts_right() -> None:
    from eventstudy.claims.kinds import CLAIM_KINDS
    from eventstudy.inference import TESTS
    from eventstudy.models import MODELS

    said = " ".join(text("README.md").split())
    for count in (f"{len(CLAIM_KINDS)} kinds of claims", f"{len(TESTS)} tests", f"there are {len(MODELS) - 1} more"):
        assert f" {count} " in said, f"the README does not say {count!r}"


@cache
def commands() -> dict[str, Any]:
    """Every command of the command line by its words: `run`, `claims list` ..."""
    from eventstudy.cli import guide

    return guide.commands()


def test_every_command_is_in_the_readme() -> None:
    missing = [name for name in commands() if not re.search(rf"eventstudy {name}\b", text("README.md"))]
    assert not missing, f"the README does not name the commands {missing}"


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", *PAGES])
def test_the_commands_that_are_shown_exist(document: str) -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", text("Makefile"), re.MULTILINE)
    for line in shell_lines(document):
        words = shlex.split(line)
        if words[0] == "make":
            wrong = [word for word in words[1:] if "=" not in word and word not in targets]
            assert not wrong, f"{document}: {line!r}: make has no target {wrong}"
        elif words[0] == "eventstudy" and words[1:] not in ([], ["--help"], ["--version"]):
            name = next((n for n in (" ".join(words[1:3]), words[1]) if n in commands()), None)
            assert name, f"{document}: {line!r}: there is no such command"
            known = {option for parameter in commands()[name].params for option in parameter.opts} | {"--help"}
            wrong = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
            assert not wrong, f"{document}: {line!r}: {name} has no option {wrong}"


def test_the_readme_shows_the_two_commands() -> None:
    lines = shell_lines("README.md")
    assert "make report" in lines
    assert "make test" in lines
    assert any("requirements.lock" in line and "--require-hashes" in line for line in lines), "the plain pip lines"


def test_help_lists_every_command() -> None:
    from typer.main import get_command
    from typer.testing import CliRunner

    from eventstudy.cli.commands import app

    shown = CliRunner().invoke(app, ["--help"]).output
    for name in getattr(get_command(app), "commands", {}):
        assert re.search(rf"\b{name}\b", shown)
    for name, command in commands().items():
        assert command.help, f"eventstudy {name} has no help"


def slug(heading: str) -> str:
    """The anchor that code hosts give a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    body = re.sub(r"^```.*?^```", "", body, flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", body) + re.findall(r'(?:src|href)="([^"]+)"', body)
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        found = path.parent / target if target else path
        assert found.exists(), f"{path.name} links to {link}, which does not exist"
        if anchor and found.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{path.name}: no heading {anchor}"


def test_paths_in_the_architecture_exist() -> None:
    """Names in backquotes that look like files of this project are files of this project."""
    files = {p.name for folder in FOLDERS for p in folder.rglob("*")} | {p.name for p in ROOT.iterdir()}
    known = files | {"index.html", "results.json"}
    names = re.findall(r"`(?:[\w./-]*/)?(\w+\.(?:py|md|html|css|js|toml|yaml|json|lock|csv))`", text("ARCHITECTURE.md"))
    assert len(names) > 10
    assert not [name for name in names if name not in known]


def test_the_architecture_is_what_the_source_says() -> None:
    written = text("ARCHITECTURE.md")
    assert filled(written) == written, "run `make guide`"


# -------------------------------------------------------------------------------------------------------- docstrings
@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    module = importlib.import_module(name)
    outcome = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert outcome.failed == 0, f"{outcome.failed} of {outcome.attempted} examples of {name} fail; see the output above"


def public(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes of a module, and the public methods of public classes."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    tops = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    below = [m for c in tops if isinstance(c, ast.ClassDef) for m in c.body if isinstance(m, ast.FunctionDef)]
    return [*tops, *(method for method in below if not method.name.startswith("_"))]


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name: str) -> None:
    source = PACKAGE.parent / Path(*name.split("."))
    path = source.with_suffix(".py") if source.with_suffix(".py").exists() else source / "__init__.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name} does not say what it is for"
    signatures = {"overload"}  # further signatures of a function that is documented itself
    bare = [
        node.name
        for node in public(tree)
        if not ast.get_docstring(node) and not signatures & {ast.unparse(d) for d in node.decorator_list}
    ]
    assert not bare, f"{name}: no docstring on {bare}"


def shown(thing: Any) -> str:
    """The source of the executed examples in a docstring."""
    return "".join(example.source for example in doctest.DocTestParser().get_examples(inspect.getdoc(thing) or ""))


def test_every_public_object_has_an_example_that_uses_all_its_methods() -> None:
    import eventstudy

    bare = [name for name in eventstudy.__all__ if not shown(getattr(eventstudy, name))]
    for owner in (thing for name in eventstudy.__all__ if inspect.isclass(thing := getattr(eventstudy, name))):
        for name, member in vars(owner).items():
            of_data = name.startswith("_") or isinstance(member, types.MemberDescriptorType)
            if of_data or not (callable(member) or hasattr(member, "__get__")):
                continue
            own = shown(member)
            if not own and not re.search(rf"\b{name}\b", shown(owner)):
                bare.append(f"{owner.__name__}.{name}")
    assert not bare, f"no executed example of {bare}"


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("eventstudy.objects.")])
def test_every_frozen_object_has_an_example_and_names_its_fields(name: str) -> None:
    """What is read first: each field on a line of its own, and an example that runs."""
    for thing in vars(importlib.import_module(name)).values():
        if not dataclasses.is_dataclass(thing) or getattr(thing, "__module__", "") != name:
            continue
        said = inspect.getdoc(thing) or ""
        unnamed = [f.name for f in dataclasses.fields(thing) if not re.search(rf"\b{f.name}\b", said)]
        assert shown(thing), f"{thing} has no example"
        assert not unnamed, f"the docstring of {thing} leaves out {unnamed}"


def test_the_public_names_are_what_the_package_says() -> None:
    import eventstudy

    assert sorted(eventstudy.__all__) == dir(eventstudy)
    for name in eventstudy.__all__:
        assert getattr(eventstudy, name).__doc__, f"eventstudy.{name} has no docstring"


def test_every_key_of_the_study_file_is_documented_with_an_example_that_is_read() -> None:
    from eventstudy.study.guide import MODELS, guide

    assert guide() == text("docs/study-file.md"), "docs/study-file.md: `make guide` writes it from study/keys.py"
    for model in MODELS.values():
        examples = {name: field.examples[0] for name, field in model.model_fields.items() if field.examples}
        assert list(examples) == list(model.model_fields), model
        assert all(field.description for field in model.model_fields.values()), model
        assert model.model_validate(examples)


def test_every_key_of_the_claims_file_is_documented_with_an_example_that_is_read() -> None:
    from eventstudy.claims.kinds import CLAIM_KINDS
    from eventstudy.claims.schema import Params, params_of
    from eventstudy.study.claimsguide import MODELS, PARAMS, example, guide

    assert guide() == text("docs/claims-file.md"), "run `make guide`"
    for model in MODELS.values():
        assert all(field.description and field.examples for field in model.model_fields.values()), model
        assert model.model_validate({name: field.examples[0] for name, field in model.model_fields.items()})
    used = set()
    for kind in CLAIM_KINDS:
        names = [name for name in params_of(kind).model_fields if name not in Params.model_fields]
        given = {name: example(kind, name) for name in names}
        assert None not in given.values(), (
            f"eventstudy/study/claimsguide.py: an example of the params of {kind}: {given}"
        )
        needed = {name for name in names if params_of(kind).model_fields[name].is_required()} | ({"count"} & set(names))
        for name in names:
            assert params_of(kind).model_validate({key: given[key] for key in {*needed, name}})
        used |= {f"{kind}.{name}" if f"{kind}.{name}" in PARAMS else name for name in names}
    assert used == set(PARAMS)


def test_the_tests_and_the_commands_are_documented_as_they_are() -> None:
    from eventstudy.cli import guide as commands_page
    from eventstudy.inference import guide as tests_page

    assert tests_page.guide() == text("docs/tests.md"), "run `make guide`"
    assert commands_page.guide() == text("docs/commands.md"), "run `make guide`"
    assert set(commands_page.EXAMPLES) == set(commands()), "eventstudy/cli/guide.py shows every command by an example"
