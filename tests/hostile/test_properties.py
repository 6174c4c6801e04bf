"""Properties of checks of whole jobs, sound ones and ones with faults, made by hypothesis."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fllint.report import JobReport
from tests.differential.cases import Case
from tests.differential.jobs import write
from tests.differential.rendering import RENDERERS, SUFFIXES
from tests.differential.strategies import cases
from tests.documents.values import mutated_texts, values
from tests.hostile.in_memory import SOUND, checked
from tests.hostile.jobs import CLIENT, META, SCRIPT, SERVER

thorough = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CONFIGS = (META, SERVER, CLIENT)
NOT_ABOUT_MEANING = ("FL011",)
"""Rules about the format itself: YAML needs omegaconf."""


@cache
def contents_of(case: Case) -> dict[str, bytes]:
    """The files of a case, as they are written to disk."""
    with TemporaryDirectory() as folder:
        root = write(case.job(), Path(folder), case.file_format)
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


def said(report: JobReport) -> list[tuple[str, str, str]]:
    """What a report says, without places: for jobs that are the same in other words."""
    return sorted(
        (finding.code, finding.problem.place.pointer, finding.problem.message)
        for finding in report.findings
        if finding.code not in NOT_ABOUT_MEANING
    )


def codes(report: JobReport) -> list[tuple[str, str]]:
    return [(code, pointer) for code, pointer, _ in said(report)]


@thorough
@given(cases(), st.sampled_from(["2.3", "2.5", "2.9"]))
def test_any_job_is_checked_without_failure_and_twice_alike(case: Case, release: str) -> None:
    contents = contents_of(case)
    first, second = checked(contents, release), checked(dict(reversed(contents.items())), release)
    assert said(first) == said(second)
    assert [finding.sort_key for finding in first.findings] == [finding.sort_key for finding in second.findings]


@thorough
@given(st.data())
def test_any_text_in_a_config_is_checked(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(CONFIGS))
    suffix = data.draw(st.sampled_from(sorted(RENDERERS)))
    text = RENDERERS[suffix](json.loads(SOUND[file]))
    contents = {name: content for name, content in SOUND.items() if name != file}
    contents[file.replace(".json", SUFFIXES[suffix])] = data.draw(mutated_texts(text)).encode("utf-8", "surrogatepass")
    checked(contents)


@thorough
@given(st.data())
def test_any_value_anywhere_in_a_config_is_checked(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(CONFIGS))
    tree = json.loads(SOUND[file])
    parent, key = data.draw(st.sampled_from(list(spots(tree))))
    parent[key] = data.draw(values())
    checked({**SOUND, file: json.dumps(tree).encode()})


@thorough
@given(st.binary(max_size=300) | mutated_texts(SOUND[SCRIPT].decode()).map(str.encode))
def test_any_script_is_checked(content: bytes) -> None:
    checked({**SOUND, SCRIPT: content})


def spots(tree: Any) -> Any:
    """Every value of a tree, as the container that it is in and its key there."""
    pairs = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    for key, value in pairs:
        yield tree, key
        yield from spots(value)


def with_faults() -> st.SearchStrategy[dict[str, Any]]:
    """The trees of a job's configs, with up to two values that are something else."""

    def make(choices: list[tuple[int, int, Any]]) -> dict[str, Any]:
        trees = {name: json.loads(SOUND[name]) for name in CONFIGS}
        for which, where, value in choices:
            places = list(spots(trees[CONFIGS[which % 3]]))
            parent, key = places[where % len(places)]
            parent[key] = value
        return trees

    plain = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["x", "train", "{v}", "persistor", []])
    choices = st.tuples(st.integers(0, 2), st.integers(0, 200), plain)
    return st.lists(choices, max_size=2).map(make)


def written(trees: dict[str, Any], file_format: str) -> dict[str, bytes]:
    contents = {name: content for name, content in SOUND.items() if name not in trees}
    for name, tree in trees.items():
        contents[name.replace(".json", SUFFIXES[file_format])] = RENDERERS[file_format](tree).encode()
    return contents


@thorough
@given(with_faults())
def test_the_same_job_in_json_hocon_and_yaml_gets_the_same_findings(trees: dict[str, Any]) -> None:
    in_json = codes(checked(written(trees, "json")))
    assert codes(checked(written(trees, "conf"))) == in_json
    assert codes(checked(written(trees, "yml"))) == in_json


@thorough
@given(with_faults(), st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(trees: dict[str, Any], random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, list):
            return [shuffled(item) for item in value]
        if not isinstance(value, dict):
            return value
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key]) for key in keys}

    reordered = {name: shuffled(tree) for name, tree in trees.items()}
    assert codes(checked(written(reordered, "json"))) == codes(checked(written(trees, "json")))


@pytest.mark.parametrize(
    ("old", "new"),
    [("model_selector", "selector"), ("site-1", "hospital-7"), ("app_client", "app_c"), ("train.py", "go.py")],
)
@thorough
@given(trees=with_faults())
def test_consistent_renaming_changes_no_finding(old: str, new: str, trees: dict[str, Any]) -> None:
    def renamed(contents: dict[str, bytes]) -> dict[str, bytes]:
        return {
            name.replace(old, new): content if name.endswith(".py") else swap(content, old, new)
            for name, content in contents.items()
        }

    original = written(trees, "json")
    before = [(code, pointer.replace(old, new)) for code, pointer in codes(checked(original))]
    assert sorted(before) == codes(checked(renamed(original)))


def swap(content: bytes, old: str, new: str) -> bytes:
    return content.replace(f'"{old}"'.encode(), f'"{new}"'.encode())
