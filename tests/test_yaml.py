"""YAML by libyaml and by its fallback in Python: the same data, lines and texts, by the rules of YAML 1.2."""

import math

import pytest
import yaml

from eventstudy.errors import SpecError
from eventstudy.files import yamlfile
from eventstudy.files.folders import study_folder
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
    yamlfile._loader.cache_clear()
    yield request.param
    yamlfile._loader.cache_clear()


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
        yamlfile._loader.cache_clear()
        return [read_yaml(study_folder("deepseek") / name) for name in ("study.yaml", "claims.yaml")]

    by_c = documents()
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    by_python = documents()
    yamlfile._loader.cache_clear()
    for one, other in zip(by_c, by_python, strict=True):
        assert (one.data, one.lines, one.scalars) == (other.data, other.lines, other.scalars)
