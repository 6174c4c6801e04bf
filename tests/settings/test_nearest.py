"""Which settings file holds where, and what it adds to the ones that it extends."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.findings import Severity
from fllint.settings.model import Glob, Settings, SettingsError
from fllint.settings.nearest import SettingsFinder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "jobs" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def found(path: Path) -> Settings:
    return SettingsFinder().settings_for(path)


def test_without_a_file_there_are_the_defaults(root: Path) -> None:
    assert found(root / "jobs" / "a") == Settings()


def test_the_nearest_file_holds_alone(root: Path) -> None:
    write(root / "fllint.toml", 'ignore = ["FL1"]\npreview = true')
    write(root / "jobs" / "fllint.toml", 'ignore = ["FL2"]')
    assert found(root / "jobs" / "a").ignore == ("FL2",)
    assert not found(root / "jobs" / "a").preview
    assert found(root).ignore == ("FL1",)


def test_a_pyproject_without_fllint_is_passed_over(root: Path) -> None:
    write(root / "fllint.toml", 'ignore = ["FL1"]')
    write(root / "jobs" / "pyproject.toml", '[project]\nname = "fllint-user"')
    assert found(root / "jobs" / "a").ignore == ("FL1",)


def test_fllint_toml_goes_before_pyproject(root: Path) -> None:
    write(root / "fllint.toml", 'ignore = ["FL1"]')
    write(root / "pyproject.toml", '[tool.fllint]\nignore = ["FL2"]')
    assert found(root).ignore == ("FL1",)


def test_the_search_ends_at_the_root_of_the_repository(root: Path) -> None:
    write(root / "fllint.toml", 'ignore = ["FL1"]')
    (root / "jobs" / ".git").mkdir()
    assert found(root / "jobs" / "a").ignore == ()


def test_a_file_builds_on_those_it_extends(root: Path) -> None:
    write(root / "base.toml", 'ignore = ["FL1"]\nselect = ["FL2"]\n[severity]\nFL3 = "info"')
    write(root / "jobs" / "fllint.toml", 'extend = "../base.toml"\nignore = ["FL9"]\n[severity]\nFL4 = "info"')
    settings = found(root / "jobs" / "a")
    assert settings.ignore == ("FL9",)
    assert settings.select == ("FL2",)
    assert [word for word, _ in settings.severity] == ["FL3", "FL4"]
    assert settings.origin("select") == "base.toml"
    assert settings.origin("ignore") == "jobs/fllint.toml"
    assert settings.origin("severity") == "base.toml, jobs/fllint.toml"
    assert settings.files == ("jobs/fllint.toml", "base.toml")


def test_the_severity_of_a_nearer_file_wins_over_that_of_one_it_extends(root: Path) -> None:
    write(root / "base.toml", '[severity]\nFL3 = "info"\nFL310 = "info"')
    write(root / "jobs" / "fllint.toml", 'extend = "../base.toml"\n[severity]\nFL310 = "warning"\nFL3 = "warning"')
    settings = found(root / "jobs" / "a")
    for code in ("FL310", "FL320"):
        assert settings.severity_of(code, "name", Severity.ERROR) is Severity.WARNING


@pytest.mark.parametrize("base", ["fllint.toml", "missing.toml", "../pyproject.toml"])
def test_what_cannot_be_extended_is_an_error_at_extend(root: Path, base: str) -> None:
    write(root / "pyproject.toml", '[project]\nname = "x"')
    write(root / "jobs" / "fllint.toml", f'\nextend = "{base}"')
    with pytest.raises(SettingsError, match=r"^jobs/fllint\.toml:2:1: "):
        found(root / "jobs")


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("jobs/*", "/r/jobs/a", True),
        ("jobs/*", "/r/jobs/a/meta.json", True),
        ("jobs/*.json", "/r/jobs/a/meta.json", False),
        ("meta.json", "/r/jobs/a/meta.json", True),
        ("**/old/**", "/r/jobs/old/meta.json", True),
        ("jobs", "/elsewhere/jobs", False),
        ("jobs", "/rr/jobs", False),
        ("build", "/opt/build/r/jobs/a", False),
    ],
)
def test_patterns_are_relative_to_their_settings_file(pattern: str, path: str, matches: bool) -> None:
    assert Glob(pattern, "/r").matches(path) is matches
