"""The command line of ``fllint graph``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fllint.cli import main
from tests.differential.jobs import write
from tests.graph.graphs import small_job
from tests.graph.test_formats import faulty_job


def test_a_job_is_shown_as_a_tree(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["graph", str(write(small_job(), tmp_path, "json"))])
    assert done.exit_code == 0
    assert done.output.startswith("small  NVFlare 2.9\n")


def test_findings_do_not_change_the_exit_status(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["graph", str(write(faulty_job(), tmp_path, "json"))])
    assert done.exit_code == 0
    assert "error[FL102]" in done.output


def test_a_file_of_a_job_means_its_job(tmp_path: Path) -> None:
    folder = write(small_job(), tmp_path, "json")
    done = CliRunner().invoke(main, ["graph", str(folder / "app_client/config/config_fed_client.json")])
    assert done.output.startswith("small  NVFlare 2.9\n")


def test_the_release_can_be_chosen(tmp_path: Path) -> None:
    folder = write(small_job(), tmp_path, "json")
    done = CliRunner().invoke(main, ["graph", str(folder), "--nvflare", "2.5", "--format", "json"])
    assert json.loads(done.output)["graph"]["nvflare"] == "2.5"


def test_the_output_goes_to_a_file(tmp_path: Path) -> None:
    folder, file = write(small_job(), tmp_path, "json"), tmp_path / "graph.svg"
    done = CliRunner().invoke(main, ["graph", str(folder), "--format", "svg", "--output-file", str(file)])
    assert (done.exit_code, done.output) == (0, "")
    assert file.read_text("utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent"], "absent does not exist"),
        (["."], "no job found"),
        (["small", "other"], "unexpected extra argument"),
        (["small", "--nvflare", "1.0"], "not known"),
        (["small", "--format", "png"], "'png' is not one of"),
        (["small", "--output-file", "no/such/folder"], "cannot be written"),
        (["small", "--python", "absent"], "does not exist (--python)"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_2(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    write(small_job(), tmp_path, "json")
    monkeypatch.chdir(tmp_path / "empty" if arguments == ["."] else tmp_path)
    done = CliRunner().invoke(main, ["graph", *arguments])
    assert done.exit_code == 2
    assert words in done.output.lower() or words in done.output


def test_a_folder_of_several_jobs_is_too_much(tmp_path: Path) -> None:
    one, other = small_job(), small_job()
    other.name = "second"
    write(one, tmp_path, "json")
    write(other, tmp_path, "json")
    done = CliRunner().invoke(main, ["graph", str(tmp_path)])
    assert done.exit_code == 2
    assert "2 jobs found" in done.output
