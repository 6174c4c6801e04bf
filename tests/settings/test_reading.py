"""What a settings file may say, and how mistakes in it are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fllint.findings import Severity
from fllint.settings.model import Settings, SettingsError
from fllint.settings.nearest import SettingsFinder
from fllint.settings.positions import position
from fllint.settings.reading import SettingsFile, read_settings
from fllint.settings.schema import settings_schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "settings.schema.json"

EVERYTHING = """
select = ["FL1", "unknown-app"]
ignore = ["FL143"]
extend-select = ["FL2"]
preview = true
nvflare = "2.8"
sites = ["hospital-a", "hospital-b"]
python = ".venv/bin/python"
known-third-party = ["ourlib"]
fail-on = "warning"
exclude = ["jobs/old"]

[severity]
FL1 = "warning"
FL102 = "error"

[per-path]
"jobs/legacy/**" = ["FL7", "moved-class"]

[[suppressions]]
path = "jobs/*/app/config/config_fed_client.json"
pointer = "/executors/*"
code = "FL203"
reason = "our executor adds it"

[[suppressions]]
path = "jobs/a/meta.json"
code = ["FL143", "FL144"]
"""


def settings_of(folder: Path, text: str, name: str = "fllint.toml") -> Settings:
    (folder / name).write_text(text, encoding="utf-8")
    return SettingsFinder().settings_for(folder)


def test_every_setting_is_read(tmp_path: Path) -> None:
    found = settings_of(tmp_path, EVERYTHING)
    assert found.select == ("FL1", "unknown-app")
    assert found.selection.extend == ("FL2",)
    assert (found.preview, found.nvflare, found.fail_on) == (True, "2.8", Severity.WARNING)
    assert found.sites == ("hospital-a", "hospital-b")
    assert found.python == f"{tmp_path}/.venv/bin/python"
    assert found.known_third_party == ("ourlib",)
    assert [entry.codes for entry in found.suppressions] == [("FL203",), ("FL143", "FL144")]
    assert found.origin("select") == found.files[0]


def test_pyproject_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    table = EVERYTHING.replace("\n[severity]", "\n[tool.fllint.severity]").replace(
        "\n[per-path]", "\n[tool.fllint.per-path]"
    )
    table = table.replace("[[suppressions]]", "[[tool.fllint.suppressions]]")
    one = settings_of(tmp_path / "a", EVERYTHING)
    two = settings_of(tmp_path / "b", f'[project]\nname = "x"\n[tool.fllint]\n{table}', "pyproject.toml")
    assert one.severity == two.severity
    assert [entry.pointer for entry in one.suppressions] == [entry.pointer for entry in two.suppressions]
    assert one.select == two.select


def test_the_longest_word_decides_about_severity(tmp_path: Path) -> None:
    found = settings_of(tmp_path, EVERYTHING)
    assert found.severity_of("FL102", "unknown-app", Severity.INFO) is Severity.ERROR
    assert found.severity_of("FL103", "other", Severity.INFO) is Severity.WARNING
    assert found.severity_of("FL203", "other", Severity.INFO) is Severity.INFO


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ('\nselekt = ["FL1"]', "2:1", "did you mean 'select'"),
        ("preview = 1", "1:1", "preview must be true or false"),
        ("nvflare = 2.9", "1:1", 'write "2.9"'),
        ('select = "FL1"', "1:1", "select must be an array"),
        ('select = ["F L"]', "1:1", "'F L' is no code"),
        ('[tool.fllint]\nselect = ["FL1"]', "1:1", "here the settings stand at the top of the file"),
        ('x.y = 1\nselect = ["FL1"]', "1:1", "there is no setting 'x'"),
        ('fail-on = "errors"', "1:1", "must be one of error, warning, info"),
        ('[severity]\nFL1 = "off"', "2:1", "must be one of"),
        ('[per-path]\n"a/*" = "FL1"', "2:1", "must be an array"),
        ('suppressions = [{path = "x", code = "FL1"}, {path = "y", cod = "FL1"}]', "1:58", "did you mean 'code'"),
        ('[[suppressions]]\npath = "x"\ncode = "FL1"\n[[suppressions]]\npath = "y"', "4:3", "needs 'code'"),
        ('[[suppressions]]\npath = "x"\ncode = "FL1"\n[[suppressions]]\npath = "y"\nreasn = ""', "6:1", "'reason'"),
        ("suppressions = 1", "1:1", "[[suppressions]]"),
        ("select = [", "1:11", "Invalid value"),
        ("\nselect == []", "2:9", "Invalid value"),
        ('exclude = [""]', "1:1", "array of texts"),
    ],
)
def test_a_mistake_is_an_error_with_its_position(tmp_path: Path, text: str, where: str, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings_of(tmp_path, text)
    assert f"fllint.toml:{where}" in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"select = [\x00]", b"[" * 5000, b"a" * 1_000_001, b"\xef\xbb\xbfx=1"]
)
def test_any_bytes_give_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fllint.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"fllint\.toml"):
        SettingsFinder().settings_for(tmp_path)


def test_the_schema_is_the_published_one() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == settings_schema()


words = st.sampled_from(("FL1", "fl102", "unknown-app", "F L", "", " ", "error", "jobs/*", "a/b", "2.9", "FL1023"))
scalars = st.one_of(words, st.booleans(), st.integers(0, 3))
values = st.one_of(
    scalars, st.lists(scalars, max_size=2), st.dictionaries(words, st.one_of(scalars, st.lists(words)), max_size=2)
)
entries = st.dictionaries(
    st.sampled_from(("path", "pointer", "code", "reason", "rule")), st.one_of(scalars, st.lists(words)), max_size=4
)
names = st.sampled_from((*settings_schema()["properties"], "selekt"))
tables = st.dictionaries(names, values | st.lists(entries, max_size=2), max_size=3)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
@example({"suppressions": [{"path": "x", "code": ["FL1"], "pointer": "/a", "reason": "y"}]})
@example({"severity": {"FL1": "error"}, "per-path": {"x": ["FL1"]}, "extend": ["a"], "exclude": ["x"]})
def test_the_schema_accepts_what_the_reader_accepts(table: dict[str, Any]) -> None:
    valid = jsonschema.Draft202012Validator(settings_schema()).is_valid(table)
    assert valid is is_accepted(table)


def is_accepted(table: dict[str, Any]) -> bool:
    try:
        read_settings(SettingsFile("/x/fllint.toml", "fllint.toml", "", table))
    except SettingsError:
        return False
    return True


@given(st.text(max_size=200), st.lists(st.one_of(st.text(max_size=5), st.integers(0, 3)), max_size=3))
def test_positions_lie_in_the_text(text: str, path: list[str | int]) -> None:
    line, column = position(text, tuple(path))
    assert 1 <= line <= text.count("\n") + 1
    assert 1 <= column <= len(text) + 1


def test_keys_inside_strings_are_not_found() -> None:
    text = 'reason = """\nselect = 1\n"""\nselect = 2'
    assert position(text, ("select",)) == (4, 1)
