"""Hostile files and arguments, shortly; `make fuzz` is the long way (see tests/fuzz)."""

from __future__ import annotations

import string
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fuzz.targets import TARGETS
from fuzz.trial import tried
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.arguments import came
from eventstudy.errors import EventStudyError
from eventstudy.files.yamlfile import read_value

EACH = 12
"""Inputs for each target here; the numbers of their seeds begin where `make fuzz` ends."""


@pytest.mark.parametrize("target", TARGETS)
def test_hostile_input_is_read_or_refused_in_words(target: str) -> None:
    faults = [fault for n in range(EACH) if (fault := tried(0, n, target, clock=False)) is not None]
    assert not faults, "\n".join(f"{f.where}: {f.what} (python -m fuzz --seed 0 --only {f.target})" for f in faults)


def _mappings(of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.text(string.ascii_lowercase, max_size=8), of, max_size=3)


# Keys and values as YAML has them: mappings of texts, lists, numbers, texts, nothing.
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates().map(str)
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | _mappings(inner), max_leaves=12)


def _study_files() -> st.SearchStrategy[dict[str, Any]]:
    from eventstudy.study.keys import StudyFile

    return st.dictionaries(st.sampled_from(sorted(StudyFile.model_fields)), _TREES, max_size=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_study_files())
def test_a_study_file_of_any_shape_is_read_or_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    import json

    from fuzz import corpus

    data = {**read_value(corpus.STUDY), **changes}
    (tmp_path / "study.yaml").write_text(json.dumps(data), encoding="utf-8")  # JSON is YAML
    with suppress(EventStudyError):
        _ = es.load(tmp_path).settings


@given(st.text(max_size=60))
def test_a_text_is_yaml_or_refused(text: str) -> None:
    with suppress(EventStudyError):
        read_value(text)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5, "5 (int)"),
        (None, "None"),
        ("x", "the text 'x'"),
        (pd.DataFrame({"a": [1]}), "a DataFrame of 1 x 1"),
        (np.zeros((2, 3)), "a ndarray of 2 x 3"),
        (object(), "an object of type object"),
    ],
)
def test_what_came_is_said_shortly(value: Any, said: str) -> None:
    assert came(value) == said
