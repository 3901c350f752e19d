"""YAML by libyaml and by its fallback in Python: the same data, lines and texts, by the rules of YAML 1.2."""

import math
import os

import pytest
import yaml

from eventstudy.errors import SpecError
from eventstudy.files import yamlfile
from eventstudy.files.folders import study_folder
from eventstudy.files.reading import inside
from eventstudy.files.yamlfile import read_value, read_yaml

PLAIN = {  # by the core schema of YAML 1.2: https://yaml.org/spec/1.2.2/#103-core-schema
    "ON": "ON",
    "on": "on",
    "no": "no",
    "y": "y",
    "true": True,
    "FALSE": False,
    "~": None,
    "null": None,
    "": None,
    "1": 1,
    "007": 7,
    "-0": 0,
    "1_000": 1000,
    "-17": -17,
    "0x1F": 31,
    "0o17": 15,
    "3.10": 3.1,
    "-.5": -0.5,
    ".5e3": 500.0,
    "1e5": 1e5,
    "-.inf": -math.inf,
    "'5'": "5",
    '"true"': "true",
    "1:30": "1:30",
    "2025-01-27": "2025-01-27",
    "2025-01-27T09:00:00-05:00": "2025-01-27T09:00:00-05:00",
    "0700.HK": "0700.HK",
    "^IXIC": "^IXIC",
}


@pytest.fixture(params=["libyaml", "python"])
def parser(request, monkeypatch):
    """Both parsers; the one in Python is what an installation without libyaml has."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    yamlfile._parser.cache_clear()
    yield request.param
    yamlfile._parser.cache_clear()


@pytest.mark.parametrize(("text", "value"), PLAIN.items())
def test_a_plain_scalar_is_what_yaml_12_says(parser, text, value):
    found = read_value(f"a: {text}")["a"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number():
    assert math.isnan(read_value(".nan"))


def test_lines_and_texts_as_written(parser, tmp_path):
    path = tmp_path / "some.yaml"
    path.write_text("# first\na:\n  b: 3.10\n  c: [1,\n      02]\n'd': \"x\"\n", encoding="utf-8")
    document = read_yaml(path)
    assert document.data == {"a": {"b": 3.1, "c": [1, 2]}, "d": "x"}
    assert [document.line(*at) for at in [("a",), ("a", "b"), ("a", "c", 1), ("d",), ("a", "nowhere")]] == [
        2,
        3,
        5,
        6,
        2,
    ]
    assert document.quoted("a", "b") == "3.10"
    assert document.quoted("a", "c", 1) == "02"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: [1, 2\n", None, "not valid YAML"),
        ("a: 1\n b: 2\n", 2, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands twice"),
        ("a: 1\nb: \x07\n", None, "not valid YAML"),
        ("a: *nobody\n", 1, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("", None, "the file is empty"),
    ],
)
def test_what_is_wrong_names_its_line(parser, tmp_path, text, line, said):
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=said) as caught:
        read_yaml(path)
    assert line is None or caught.value.line == line


def test_both_parsers_read_the_bundled_files_alike(monkeypatch):
    def documents():
        yamlfile._parser.cache_clear()
        return [read_yaml(study_folder("deepseek") / name) for name in ("study.yaml", "claims.yaml")]

    by_c = documents()
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    by_python = documents()
    yamlfile._parser.cache_clear()
    for one, other in zip(by_c, by_python, strict=True):
        assert (one.data, one.lines, one.scalars) == (other.data, other.lines, other.scalars)


# ------------------------------------------------------------------------------------------------- files of strangers
TENS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: " + "[" * 200_000, "nested more than 32 levels deep"),
        ("a: 1\nb: " + "{a: " * 100_000, "nested more than 32 levels deep"),
        ("- &a0 [x]\n" + "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, 2000)), "nested more than 32 levels deep"),
        (TENS, "more than 300,000 keys and values, counted as often as aliases repeat them"),
        ("a: 1\nb: &b [*b]", "the alias \\*b stands inside itself"),
        ("a: 1\nb: " + "9" * 5000, "a number of 5,000 characters"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", "the tag .* is not read here"),
        ("a: 1\nb: !!int abc", "the tag .* is not read here"),
        ("a: 1\n? [1, 2]\n: 3", "a list or mapping stands where a key is due"),
    ],
)
def test_too_much_is_refused_before_it_hurts(parser, tmp_path, text, said):
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=said) as caught:
        read_yaml(path)
    assert caught.value.line is not None
    assert len(str(caught.value)) < 500


def test_an_alias_stands_for_what_it_names(parser):
    assert read_value("a: &x [1, {b: 2}]\nc: *x\nd: &y ON\ne: [*y, *x]") == {
        "a": [1, {"b": 2}],
        "c": [1, {"b": 2}],
        "d": "ON",
        "e": ["ON", [1, {"b": 2}]],
    }
    assert read_value('a: !!str 5\nb: ! 5\nc: "5"') == {"a": "5", "b": "5", "c": "5"}


@pytest.mark.skipif(os.name != "posix", reason="devices and pipes of POSIX")
def test_only_ordinary_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "large.yaml").write_bytes(b"a: 1\n" + b"#" * yamlfile.LARGEST)
    for name, said in {
        "pipe.yaml": "not an ordinary file",
        "zero.yaml": "not an ordinary file",
        "large.yaml": "at most 4,194,304 are read",
        ".": "a folder, where a file is due",
        "none.yaml": "no such file",
        "n\0l.yaml": "is not a path",
        "n" * 5000: "cannot be looked at: File name too long",
    }.items():
        with pytest.raises(SpecError, match=said) as caught:
            read_yaml(tmp_path / name)
        assert len(str(caught.value)) < 500


def test_a_name_in_a_file_stays_in_its_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "prices.csv").write_text("x", encoding="utf-8")
    folder = tmp_path / "study"
    (folder / "data").mkdir(parents=True)
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere" / "prices.csv")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    for name in (
        "../elsewhere/prices.csv",
        str(tmp_path / "elsewhere" / "prices.csv"),
        "link.csv",
        "linked/prices.csv",
    ):
        with pytest.raises(SpecError, match="leads outside the folder"):
            inside(folder, name)
    assert inside(folder, "data/../prices.csv").resolve() == folder / "prices.csv"
    (tmp_path / "other name").symlink_to(folder)
    assert inside(tmp_path / "other name", "prices.csv") == tmp_path / "other name" / "prices.csv"
