"""What silences a finding, what does not, and what is said about suppressions that silence nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.checking import Run, check_run
from fllint.findings import Severity
from fllint.report import Report
from tests.suppression.jobs import BAD_CLIENT_HOCON, BAD_CLIENT_YAML, META, SERVER, write_job

COMMENT = "# fllint: ignore[unknown-argument] ours takes it"
SPOTS = ("item", "executor", "path", "argument")


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def checked(*paths: str, **given: object) -> Report:
    return check_run(Run(paths or (".",), given))


def with_comment(text: str, spot: str, comment: str = COMMENT) -> str:
    return text.format(**{name: comment if name == spot else "" for name in SPOTS})


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.code != "FL011"]


@pytest.mark.parametrize(("extension", "text"), [("yml", BAD_CLIENT_YAML), ("conf", BAD_CLIENT_HOCON)])
@pytest.mark.parametrize("spot", ["item", "executor", "argument"])
def test_a_comment_silences_on_its_line_and_on_the_first_line_of_its_component(
    tmp_path: Path, extension: str, text: str, spot: str
) -> None:
    write_job(tmp_path / "job", client=with_comment(text, spot), client_name=extension)
    report = checked("job", select=("unknown-argument", "FL09"))
    assert codes(report) == []
    assert [(suppressed.finding.name, suppressed.reason) for suppressed in report.suppressed] == [
        ("unknown-argument", "ours takes it")
    ]


@pytest.mark.parametrize(("extension", "text"), [("conf", BAD_CLIENT_HOCON)])
def test_a_comment_elsewhere_silences_nothing_and_is_a_finding(tmp_path: Path, extension: str, text: str) -> None:
    write_job(tmp_path / "job", client=with_comment(text, "path"), client_name=extension)
    report = checked("job", select=("unknown-argument", "FL09"))
    assert {finding.name for finding in report.findings} == {"unknown-argument", "unused-suppression"}
    assert report.suppressed == ()


@pytest.mark.parametrize(
    ("line", "commented"),
    [
        ("      args {{", "      args {{ # fllint: ignore[FL250] x"),
        ("format_version = 2", "format_version = 2 # fllint: ignore[FL250] x"),
    ],
)
def test_a_comment_is_not_about_what_lies_deep_in_arguments_or_in_the_whole_file(
    tmp_path: Path, line: str, commented: str
) -> None:
    text = with_comment(BAD_CLIENT_HOCON.replace(line, commented), "none")
    write_job(tmp_path / "job", client=text, client_name="conf")
    assert codes(checked("job", select=("unknown-argument",))) == ["FL250"]


def test_a_comment_above_a_line_is_about_it(tmp_path: Path) -> None:
    text = with_comment(BAD_CLIENT_HOCON, "none").replace("        sleep_tim", f"        {COMMENT}\n        sleep_tim")
    write_job(tmp_path / "job", client=text, client_name="conf")
    assert codes(checked("job", select=("unknown-argument", "FL09"))) == []


def test_a_comment_on_the_next_line_silences_nothing(tmp_path: Path) -> None:
    text = BAD_CLIENT_YAML.replace("NPTrainer  {path}", "NPTrainr").replace("args:", "args:  # fllint: ignore[FL230] x")
    write_job(tmp_path / "job", client=with_comment(text, "none"), client_name="yml")
    assert codes(checked("job", select=("FL230",))) == ["FL230"]


@pytest.mark.parametrize(("name", "content"), [("config_fed_client.yml", "{c}\na: [\n"), ("../custom/a.py", "{c}\n(")])
def test_a_comment_in_a_file_that_rules_cannot_look_into_is_not_called_unused(
    tmp_path: Path, name: str, content: str
) -> None:
    config = write_job(tmp_path / "job") / "app" / "config"
    (config.parent / "custom").mkdir()
    (config / name).write_text(content.format(c="# fllint: ignore[FL250] x"))
    (config / "config_fed_client.json").rename(
        config / f"config_fed_client.{'off' if name.endswith('yml') else 'json'}"
    )
    assert "FL090" not in codes(checked("job"))


def test_a_comment_silences_beside_a_key_that_looks_like_a_position(tmp_path: Path) -> None:
    head = "name: demo\nmin_clients: 1\ndeploy_map: {app: [server, site-1]}\nresource_spec:\n"
    write_job(
        tmp_path / "job", meta=f'{head}  "0": {{num_of_gpus: 1}}  {COMMENT.replace("unknown-argument", "FL143")}\n'
    )
    assert [each.finding.code for each in checked("job").suppressed] == ["FL143"]


def test_text_in_a_string_is_no_comment(tmp_path: Path) -> None:
    text = with_comment(BAD_CLIENT_HOCON, "none").replace("sleep_tim = 0", 'sleep_tim = "# fllint: ignore[FL2] x"')
    write_job(tmp_path / "job", client=text, client_name="conf")
    assert codes(checked("job", select=("unknown-argument",))) == ["FL250"]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# fllint: ignore", "names no rule"),
        ("# fllint: ignore[FL99] x", "no rule is called FL99"),
        ("# fllint: ignore[unknown-argumnt] x", "no rule is called unknown-argumnt; did you mean 'unknown-argument'?"),
        ("# fllint: ignore[FL001] x", "findings of FL001 cannot be silenced"),
        ("# fllint: ignore[FL101] x", "there is no finding of FL101 here"),
    ],
)
def test_a_comment_in_vain_says_why(tmp_path: Path, comment: str, message: str) -> None:
    write_job(tmp_path / "job", client=with_comment(BAD_CLIENT_HOCON, "argument", comment), client_name="conf")
    unused = [finding for finding in checked("job").findings if finding.code == "FL090"]
    assert len(unused) == 1
    problem = unused[0].problem
    assert message in f"{problem.message}; {problem.help}"


def test_suppressions_of_rules_that_did_not_run_are_left_alone(tmp_path: Path) -> None:
    write_job(tmp_path / "job", client=with_comment(BAD_CLIENT_HOCON, "path"), client_name="conf")
    assert codes(checked("job", ignore=("unknown-argument",))) == ["FL143"]


def test_a_suppression_without_reason_is_a_note(tmp_path: Path) -> None:
    text = with_comment(BAD_CLIENT_HOCON, "argument", "# fllint: ignore[FL250]")
    write_job(tmp_path / "job", client=text, client_name="conf")
    (note,) = checked("job", select=("FL250", "FL09")).findings
    assert (note.code, note.severity) == ("FL091", Severity.INFO)


@pytest.mark.parametrize(
    ("extension", "content", "code"),
    [("yml", "{c}\na: [\n", "FL001"), ("conf", "{c}\na = [ {{\n", "FL001"), ("conf", "\ufeff{c}\na = 1", "FL002")],
)
def test_files_that_cannot_be_read_cannot_be_silenced(tmp_path: Path, extension: str, content: str, code: str) -> None:
    comment = "# fllint: ignore[FL001,FL002] x"
    write_job(tmp_path / "job", client=content.format(c=comment), client_name=extension)
    (tmp_path / "fllint.toml").write_text(
        f'[per-path]\n"**" = ["FL0"]\n[[suppressions]]\npath = "**"\ncode = "{code}"\n'
    )
    assert code in codes(checked("job"))


def test_comments_in_custom_code_count(tmp_path: Path) -> None:
    job = write_job(tmp_path / "job")
    (job / "app" / "custom").mkdir()
    (job / "app" / "custom" / "a.py").write_text("x = 1  # fllint: ignore[FL401] y\nz = '# fllint: ignore[FL401]'\n")
    unused = [finding for finding in checked("job").findings if finding.code == "FL090"]
    assert [finding.problem.place.source.path for finding in unused] == ["job/app/custom/a.py"]


ENTRY = """
[[suppressions]]
path = "{path}"
pointer = "{pointer}"
code = "{code}"
reason = "site-9 comes next month"
"""


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("job/meta.json", "/resource_spec/site-9"),
        ("job/*.json", "/resource_spec/*"),
        ("**/meta.json", "/resource_spec"),
        ("/job", "/*/site-9"),
    ],
)
def test_an_entry_of_the_settings_silences_by_path_pointer_and_code(tmp_path: Path, path: str, pointer: str) -> None:
    write_job(tmp_path / "job")
    (tmp_path / "fllint.toml").write_text(ENTRY.format(path=path, pointer=pointer, code="FL143"))
    report = checked("job")
    assert codes(report) == []
    assert report.suppressed[0].reason == "site-9 comes next month"


@pytest.mark.parametrize(
    ("path", "pointer", "code"),
    [
        ("job/meta.json", "/resource_spec/site-1", "FL143"),
        ("job/app", "/resource_spec/site-9", "FL143"),
        ("job/meta.json", "/resource_spec/site-9", "FL142"),
        ("job/meta.json", "/resource_spec/site-9", "FL001"),
    ],
)
def test_an_entry_that_matches_nothing_is_a_finding_in_the_settings(
    tmp_path: Path, path: str, pointer: str, code: str
) -> None:
    write_job(tmp_path / "job")
    (tmp_path / "fllint.toml").write_text(ENTRY.format(path=path, pointer=pointer, code=code))
    report = checked("job")
    assert codes(report) == ["FL090", "FL143"]
    place = report.side_findings[0].problem.place
    assert (place.source.path, place.source.position(place.span.start)[0]) == ("fllint.toml", 2)


def test_an_entry_without_pointer_means_all_of_a_file(tmp_path: Path) -> None:
    write_job(tmp_path / "job")
    assert codes(checked("job")) == codes(checked("job/meta.json")) == ["FL143"]
    (tmp_path / "fllint.toml").write_text(
        ENTRY.format(path="job/meta.json", pointer="", code="FL143").replace('pointer = ""\n', "")
    )
    assert codes(checked("job")) == codes(checked("job/meta.json")) == []


def test_an_entry_is_unused_only_when_all_that_it_means_was_checked(tmp_path: Path) -> None:
    write_job(tmp_path / "jobs" / "a", meta={**META, "resource_spec": {}})
    write_job(tmp_path / "jobs" / "b", meta={**META, "resource_spec": {}})
    (tmp_path / "fllint.toml").write_text(
        ENTRY.format(path="jobs/*/meta.json", pointer="", code="FL143").replace('pointer = ""\n', "")
    )
    assert codes(checked("jobs/a")) == []
    assert codes(checked("jobs/a", "jobs/b")) == []
    assert codes(checked(".")) == ["FL090"]


def test_ignored_paths_and_severities_come_from_the_settings(tmp_path: Path) -> None:
    write_job(tmp_path / "old" / "job")
    write_job(tmp_path / "new" / "job")
    (tmp_path / "fllint.toml").write_text('[per-path]\n"old/**" = ["FL143"]\n[severity]\nFL143 = "error"\n')
    (found,) = checked(".").findings
    assert (found.job, found.severity) == ("new/job", Severity.ERROR)
    assert checked(".").exit_status() == 1


def test_excluded_files_of_a_job_have_no_findings(tmp_path: Path) -> None:
    write_job(tmp_path / "job")
    (tmp_path / "fllint.toml").write_text('exclude = ["job/meta.json"]')
    assert codes(checked("job")) == []


def test_the_server_side_of_the_test_job_is_sound(tmp_path: Path) -> None:
    assert SERVER["workflows"]
    write_job(tmp_path / "job", meta={**META, "resource_spec": {}})
    assert checked("job").findings == ()
