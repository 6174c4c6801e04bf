"""`--export`: a script is run in a process of its own with export in the place of the run, and nothing outlives it."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from fllint.cli import main
from fllint.job_api.export import CHILD, ExportError, ExportSettings, exported
from tests.differential.judges import judge_python
from tests.job_api.exporting import line_of, places, report, text_of
from tests.job_api.scripts import ALL, RECIPE, SITES, write
from tests.simulate.running import for_each_release

PLAIN = ExportSettings(python="python3")
"""Any Python will do for scripts that do not import NVFlare."""


def script_in(folder: Path, text: str) -> Path:
    script = folder / "job.py"
    script.write_text(text)
    return script


def test_the_child_needs_no_newer_python_than_nvflare_does() -> None:
    ast.parse(CHILD.read_text("utf-8"), feature_version=(3, 8))
    assert "fllint" not in {
        name.split(".")[0]
        for node in ast.walk(ast.parse(CHILD.read_text("utf-8")))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
    }


# scripts that do not come to a job


def test_a_script_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    text = "import subprocess, time\nchild = subprocess.Popen(['sleep', '300'])\nprint(child.pid)\ntime.sleep(300)\n"
    began = time.monotonic()
    with exported(script_in(tmp_path, text), ExportSettings(python="python3", timeout=2)) as export:
        assert export.failure is not None
        assert export.failure.how == "timeout"
        child = int(export.output.split()[0])
    assert time.monotonic() - began < 60
    assert not Path(f"/proc/{child}").exists()


def test_ctrl_c_ends_the_script(tmp_path: Path) -> None:
    script_in(tmp_path, "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(300)\n")
    run = (
        "from pathlib import Path; from fllint.job_api.export import *\n"
        "with exported(Path('job.py'), ExportSettings()): pass\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", run],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert b"ExportError: interrupted" in process.communicate(timeout=60)[1]
    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()


def test_a_script_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    text = "import time\nblock = b'x' * 400_000_000\ntime.sleep(60)\n"
    with exported(script_in(tmp_path, text), ExportSettings(python="python3", memory=200)) as export:
        assert export.failure is not None
        assert export.failure.how == "memory"


def test_a_script_that_prints_without_end_is_no_matter(tmp_path: Path) -> None:
    text = "for number in range(300_000):\n    print('x' * 100)\nraise ValueError('last')\n"
    with exported(script_in(tmp_path, text), PLAIN) as export:
        assert export.failure is not None
        assert export.failure.message == "ValueError: last"
        assert len(export.output) < 1_000_000


@pytest.mark.parametrize(
    "ending", ["import os; os._exit(3)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_a_script_whose_process_ends_is_told_so(tmp_path: Path, ending: str) -> None:
    with exported(script_in(tmp_path, ending), PLAIN) as export:
        assert export.failure is not None
        assert export.failure.how == "died"


def test_an_orderly_exit_is_no_failure(tmp_path: Path) -> None:
    with exported(script_in(tmp_path, "import sys\nsys.exit(0)\n"), PLAIN) as export:
        assert export.failure is None
        assert export.jobs == ()


def test_arguments_and_folder_are_those_asked_for(tmp_path: Path) -> None:
    text = "import os, sys\nprint(sys.argv[1:], os.getcwd(), __name__)\n"
    settings = ExportSettings(python="python3", arguments=("-n", "a b"), folder=tmp_path.parent)
    with exported(script_in(tmp_path, text), settings) as export:
        assert export.output.split("\n")[0] == f"['-n', 'a b'] {tmp_path.parent} __main__"


def test_words_that_the_script_puts_among_the_childs_are_not_believed(tmp_path: Path) -> None:
    text = (
        "import gc, json\n"
        "recorder = next(each for each in gc.get_objects() if type(each).__name__ == 'Recorder')\n"
        "recorder.tell('job', number=1, name='x', folder='/etc', lines=[], run=None, origins={})\n"
        "recorder.tell('job', number='no', name=[], folder=7)\n"
        "recorder._events.write('[[[\\n\\x00\\n')\n"
    )
    with exported(script_in(tmp_path, text), PLAIN) as export:
        assert export.jobs == ()


def test_an_interpreter_that_is_none_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(ExportError, match="cannot be started"),
        exported(script_in(tmp_path, ""), ExportSettings(python=str(tmp_path / "nothing"))),
    ):
        pass


def test_nothing_is_left_in_the_scripts_folder(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("VALUE = 1\n")
    with exported(script_in(tmp_path, "import beside\n"), PLAIN) as export:
        assert export.failure is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["beside.py", "job.py"]


# jobs


@for_each_release()
def test_each_way_of_running_a_job_exports_it(tmp_path: Path, release: str) -> None:
    for number, text in enumerate((SITES, ALL)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with exported(write(folder, text), ExportSettings(python=str(judge_python(release)))) as export:
            assert export.failure is None, export.output
            (job,) = export.jobs
            assert (job.folder / "meta.json").is_file()
            assert job.clients == (("site-1", "site-2") if text == SITES else None)
        assert not job.folder.exists()
        assert report(folder / "job.py", release).findings == ()
    assert not Path("/tmp/jobs/all").exists()


@for_each_release("2.7", "2.8", "2.9")
def test_a_recipe_is_exported_where_it_would_be_executed(tmp_path: Path, release: str) -> None:
    text = RECIPE if release != "2.7" else RECIPE.replace("model=[1.0, 2.0]", "initial_model=[1.0, 2.0]")
    script = write(tmp_path, text + "print(run.get_status(), run.get_result())\n")
    with exported(script, ExportSettings(python=str(judge_python(release)))) as export:
        assert export.failure is None, export.output
        (job,) = export.jobs
        assert job.clients == ("site-1", "site-2")


@for_each_release("2.7", "2.8", "2.9")
def test_a_job_for_a_running_system_is_exported_and_not_submitted(tmp_path: Path, release: str) -> None:
    text = (
        RECIPE.replace("SimEnv", "PocEnv")
        if release != "2.7"
        else RECIPE.replace("SimEnv", "PocEnv").replace("model=[1.0, 2.0]", "initial_model=[1.0, 2.0]")
    )
    with exported(write(tmp_path, text), ExportSettings(python=str(judge_python(release)))) as export:
        assert export.failure is None, export.output
        assert len(export.jobs) == 1


FAULTS = [
    # script, text, what it becomes, where it is found
    (SITES, 'tasks=["train"])\n', 'tasks=["trian"])\n', "FL310", 22),
    (SITES, "num_rounds=args", "num_round=args", "FL250", 18),
    (SITES, 'persistor_id="persistor"', 'persistor_id="persister"', "FL301", 18),
    (SITES, 'script_args="--lr 0.1"', 'script_args="--lr x"', "FL422", 21),
    (ALL, "job.to_clients(runner)", "job.to_server(runner)", "FL610", 15),
    (ALL, "src/train.py", "src/trian.py", "FL690", 15),
]


@for_each_release()
@pytest.mark.parametrize(("text", "was", "instead", "code", "line"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_leads_to_its_line(
    tmp_path: Path, release: str, text: str, was: str, instead: str, code: str, line: int
) -> None:
    found = report(write(tmp_path, text.replace(was, instead)), release).findings
    assert all(finding.problem.place.source.path.endswith("job.py") for finding in found)
    assert (code, line) in {(finding.code, line_of(finding.problem.place)) for finding in found}, places(found)


@for_each_release()
def test_a_fault_of_all_sites_is_told_once(tmp_path: Path, release: str) -> None:
    found = report(write(tmp_path, SITES.replace("--lr 0.1", "--lr x")), release).findings
    assert len(found) == 1
    assert "--lr x" in text_of(found[0].problem.place)


@for_each_release()
def test_what_comes_after_the_line_that_fails_is_read_all_the_same(tmp_path: Path, release: str) -> None:
    text = SITES.replace("num_rounds=args", "num_round=args").replace("--lr 0.1", "--lr x")
    found = report(write(tmp_path, text), release).findings
    assert [(finding.code, line_of(finding.problem.place)) for finding in found] == [("FL250", 18), ("FL422", 21)]


@for_each_release()
def test_a_script_without_a_run_is_told_so(tmp_path: Path, release: str) -> None:
    found = report(write(tmp_path, ALL.replace('job.export_job("/tmp/jobs")\n', "")), release).findings
    assert "FL691" in {finding.code for finding in found}


@for_each_release()
def test_what_this_machine_lacks_is_no_error(tmp_path: Path, release: str) -> None:
    found = report(write(tmp_path, "import a_package_that_nobody_has\n" + ALL), release).findings
    assert {(finding.code, finding.severity.value) for finding in found if finding.code.startswith("FL69")} == {
        ("FL692", "warning")
    }


@for_each_release()
def test_a_failure_of_another_package_is_no_error(tmp_path: Path, release: str) -> None:
    package = tmp_path / "site-packages"
    package.mkdir()
    (package / "reader.py").write_text("def read():\n    raise ValueError('no data')\n")
    text = f"import sys\nsys.path.append({str(package)!r})\nimport reader\nreader.read()\n" + ALL
    found = report(write(tmp_path, text), release).findings
    assert {finding.code for finding in found if finding.code.startswith("FL69")} == {"FL692"}


@for_each_release()
def test_a_result_that_is_missing_after_the_run_is_no_fault(tmp_path: Path, release: str) -> None:
    checked = report(write(tmp_path, ALL + "open('/tmp/jobs/all/results.json')\n"), release)
    assert checked.findings == ()
    assert any("after the job was exported" in item.why for item in checked.not_checked)


# commands


def test_nothing_is_run_without_the_option(tmp_path: Path) -> None:
    script = write(tmp_path, ALL + f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    for command in ("check", "compat", "graph"):
        CliRunner().invoke(main, [command, str(script)])
    CliRunner().invoke(main, ["simulate", "--level", "plan", str(script)])
    assert not (tmp_path / "ran").exists()


def test_the_companions_want_the_option(tmp_path: Path) -> None:
    script = write(tmp_path, ALL)
    result = CliRunner().invoke(main, ["check", str(script), "--export-args", "x"])
    assert result.exit_code == 2
    assert "are for --export" in result.output


def test_an_interpreter_without_nvflare_is_said(tmp_path: Path) -> None:
    script = write(tmp_path, ALL)
    (tmp_path / "env" / "bin").mkdir(parents=True)
    os.symlink("/bin/true", tmp_path / "env" / "bin" / "python")
    python = str(tmp_path / "env" / "bin" / "python")
    for command in ("check", "compat", "graph", "simulate"):
        result = CliRunner().invoke(main, [command, str(script), "--export", "--python", python])
        assert result.exit_code == 2, (command, result.output)
        assert "NVFlare" in result.output


@for_each_release()
def test_every_command_takes_the_exported_job(tmp_path: Path, release: str) -> None:
    script = write(tmp_path, SITES)
    python = str(judge_python(release))
    for command in (["check"], ["compat"], ["graph"], ["simulate", "--level", "plan"]):
        result = CliRunner().invoke(main, [*command, str(script), "--export", "--python", python])
        assert result.exit_code == 0, result.output
        assert "fllint: --export runs" in result.stderr
