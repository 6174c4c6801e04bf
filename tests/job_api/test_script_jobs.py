"""The job that a script builds, known without running it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fllint.catalogue.catalogue import Catalogue
from fllint.checking import Assignment, check_assignment
from fllint.documents.tree import UNKNOWN
from fllint.job.discovery import JobLocation
from fllint.job.model import Job
from fllint.job.scripts import ScriptFiles
from fllint.job_api.script_job import read_script_job
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings
from tests.job_api.scripts import ALL, RECIPE, SITES, findings, report_of, write

HEAD = "from nvflare.job_config.api import FedJob\nfrom nvflare.app_common.workflows.fedavg import FedAvg\n"
RUN = "from nvflare.job_config.script_runner import ScriptRunner\n"


def job_of(script: Path, release: str = "2.8") -> Job:
    return read_script_job(ScriptFiles(script, script.name), Catalogue.load(release))


def config(job: Job, app: str, side: str) -> object:
    found = next(each for each in job.apps if each.name == app)
    chosen = found.server if side == "server" else found.client
    return chosen.root.value if chosen and chosen.root else None


def test_the_sites_of_a_loop_get_an_app_each(tmp_path: Path) -> None:
    job = job_of(write(tmp_path, SITES))
    assert [app.name for app in job.apps] == ["app_server", "app_site-1", "app_site-2"]
    assert job.client_sites == ("site-1", "site-2")
    assert job.script is not None
    assert job.script.complete


def test_what_a_loop_writes_for_each_site_is_told_once(tmp_path: Path) -> None:
    script = write(tmp_path, SITES.replace("--lr 0.1", "--lr high"))
    assert [finding.code for finding in findings(script)] == ["FL422"]


def test_components_have_the_arguments_that_the_script_gives(tmp_path: Path) -> None:
    job = job_of(write(tmp_path, SITES))
    assert config(job, "app_server", "server") == {
        "format_version": 2,
        "workflows": [
            {
                "id": "controller",
                "path": "nvflare.app_common.workflows.fedavg.FedAvg",
                "args": {"num_clients": 2, "num_rounds": 3, "persistor_id": "persistor"},
            }
        ],
        "components": [
            {"id": "persistor", "path": "nvflare.app_common.np.np_model_persistor.NPModelPersistor", "args": {}}
        ],
        "task_data_filters": [],
        "task_result_filters": [],
    }


@pytest.mark.parametrize(
    ("release", "class_name", "argument"),
    [("2.8", "ClientAPILauncherExecutor", "launcher_id"), ("2.9", "ClientAPIExecutor", "command")],
)
def test_a_runner_becomes_what_the_release_makes_of_it(
    tmp_path: Path, release: str, class_name: str, argument: str
) -> None:
    job = job_of(write(tmp_path, ALL), release)
    assert [app.name for app in job.apps] == ["app"]
    client = job.apps[0].client
    assert client is not None
    executor = client.executors[0].component
    assert executor is not None
    assert executor.short_class == class_name
    assert executor.argument(argument) is not None


def test_code_that_is_used_is_copied_with_what_it_imports(tmp_path: Path) -> None:
    script = write(tmp_path, ALL)
    (tmp_path / "src" / "train.py").write_text("import tools\nfrom src.network import Keeper\n")
    (tmp_path / "src" / "tools.py").write_text("x = 1\n")
    names = set(job_of(script).files.entries)
    assert {
        "app/custom/src/train.py",
        "app/custom/tools.py",
        "app/custom/src/network.py",
        "app/custom/src/mine.py",
    } <= names


@pytest.mark.parametrize(("release", "always"), [("2.8", True), ("2.9", False)])
def test_an_app_without_code_has_a_custom_folder_up_to_2_8(tmp_path: Path, release: str, always: bool) -> None:
    job = job_of(write(tmp_path, SITES), release)
    assert job.apps[0].has_custom is always


@pytest.mark.parametrize("release", ["2.7", "2.8", "2.9"])
def test_what_a_recipe_puts_on_server_and_clients_is_known(tmp_path: Path, release: str) -> None:
    script = write(tmp_path, RECIPE)
    job = job_of(script, release)
    client = job.apps[0].client
    assert client is not None
    assert client.executors[0].component is not None
    assert client.executors[0].component.argument("task_script_args").value == "--lr 0.1"  # type: ignore[union-attr]  # it is given
    server = job.apps[0].server
    assert server is not None
    assert [each.class_text for each in server.workflows] == ["nvflare.app_common.workflows.fedavg.FedAvg"]
    assert {"json_generator", "model_selector", "persistor"} <= {each.id for each in server.components}
    assert not report_of(script, release).not_checked


def test_values_stand_where_they_are_written(tmp_path: Path) -> None:
    text = HEAD + "rounds = 'x'\njob = FedJob()\njob.to_server(FedAvg(num_rounds=rounds, num_clients=2))\n"
    job = job_of(write(tmp_path, text))
    workflow = job.apps[0].server.workflows[0]  # type: ignore[union-attr]  # it is there
    node = workflow.argument("num_rounds")
    assert node is not None
    assert node.value == "x"
    assert node.source.text[node.span.start : node.span.end] == "rounds"


def test_an_option_without_default_is_not_known(tmp_path: Path) -> None:
    text = "import argparse\n" + HEAD + "p = argparse.ArgumentParser()\np.add_argument('--n', type=int)\n"
    text += "a = p.parse_args()\njob = FedJob(min_clients=a.n)\njob.to_server(FedAvg(num_clients=a.n))\n"
    job = job_of(write(tmp_path, text))
    assert job.meta.get("min_clients") is None or job.meta.get("min_clients").value is UNKNOWN  # type: ignore[union-attr]  # asked
    assert not [finding for finding in findings(tmp_path / "job.py") if finding.code == "FL603"]


def test_what_is_sent_under_a_condition_is_not_checked(tmp_path: Path) -> None:
    text = (
        "import os\n"
        + HEAD
        + RUN
        + "job = FedJob()\nif os.environ.get('X'):\n    job.to_server(FedAvg(num_clients=2))\n"
    )
    text += "job.to_clients(ScriptRunner(script='src/train.py'))\njob.export_job('/tmp/x')\n"
    report = report_of(write(tmp_path, text))
    assert not [finding.code for finding in report.findings]
    assert any("condition" in each.why for each in report.not_checked)


def test_an_object_that_is_not_known_makes_the_job_unknown_and_nothing_else(tmp_path: Path) -> None:
    text = (
        "from elsewhere import controller\n"
        + HEAD.split("\n")[0]
        + "\n"
        + "job = FedJob()\njob.to_server(controller())\njob.export_job('x')\n"
    )
    report = report_of(write(tmp_path, text))
    assert not report.findings
    assert report.not_checked


def test_a_referenced_object_becomes_a_component(tmp_path: Path) -> None:
    text = HEAD + "from nvflare.app_common.np.np_model_persistor import NPModelPersistor\njob = FedJob()\n"
    text += "job.to_server(FedAvg(num_clients=1, persistor_id=job.as_id(NPModelPersistor())))\n"
    job = job_of(write(tmp_path, text))
    server = job.apps[0].server
    assert server is not None
    assert server.components[0].short_class == "NPModelPersistor"
    assert server.workflows[0].argument("persistor_id").value == server.components[0].id  # type: ignore[union-attr]  # given


def test_the_same_id_is_counted_up(tmp_path: Path) -> None:
    text = HEAD + "job = FedJob()\njob.to_server(FedAvg(num_clients=1))\njob.to_server(FedAvg(num_clients=2))\n"
    job = job_of(write(tmp_path, text))
    assert [workflow.id for workflow in job.apps[0].server.workflows] == ["controller", "controller1"]  # type: ignore[union-attr]  # there


def test_a_script_may_be_started_from_the_folder_above(tmp_path: Path) -> None:
    script = write(tmp_path, SITES.replace("src/train.py", "code/src/train.py"))
    code = tmp_path / "code"
    code.mkdir()
    (tmp_path / "src").rename(code / "src")
    script = script.rename(code / "job.py")
    codes = [finding.code for finding in findings(script)]
    assert set(codes) == {"FL631"}


def test_names_that_are_forgotten_are_taken_for_the_classes_they_mean(tmp_path: Path) -> None:
    text = RUN + "job = FedJob(name=job_name)\njob.to_server(FedAvg(num_client=2))\njob.export_job('x')\n"
    found = [(finding.code, finding.problem.message) for finding in findings(write(tmp_path, text))]
    assert ("FL621", "'FedJob' is never defined") in found
    assert ("FL621", "'job_name' is never defined") in found
    assert any(code == "FL250" for code, _ in found)


def test_a_comment_silences_a_finding_on_its_line(tmp_path: Path) -> None:
    text = SITES.replace(
        "import argparse\n", "import argparse\nfrom nvflare.recipe import SimEnv  # fllint: ignore[FL622] soon\n"
    )
    script = write(tmp_path, text)
    assignment = Assignment(JobLocation(script, "job.py"), "2.8", Settings(), Surroundings())
    report = check_assignment(assignment)
    assert not report.findings
    assert len(report.suppressed) == 1


def test_findings_of_a_config_carry_no_fix(tmp_path: Path) -> None:
    found = findings(write(tmp_path, SITES.replace("num_rounds=args", "num_round=args")))
    assert found
    assert all(finding.problem.fix is None for finding in found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [
                "job.to(job, job)",
                "job.to(None, 'server')",
                "job.to({'a': {1: 2}}, 'server')",
                "job.to_server(FedAvg(**{'x': [job]}), id=3)",
                "job.to_clients(ScriptRunner('a.py', *x, **y), tasks='train')",
                "job = FedJob(*job)",
                "job.to('..', f'{job}')",
                "for job in [job]: job.to_server(FedAvg(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))",
                "job.simulator_run(n_clients='2', clients=[1, None])",
                "def f(a): return f(a)",
                "job.to(f(job), '\\x00')",
                "job.to('\\x00', 'a')",
                "x = [x] * 3",
                "class A(FedAvg): pass",
                "job.to_server(A(A))",
                "job.to_server(FedAvg(num_clients=job.as_id(job)))",
                "job.add_file_to_clients('src', dest_dir=None)",
            ]
        ),
        max_size=12,
    )
)
def test_no_script_makes_fllint_fail(tmp_path: Path, lines: list[str]) -> None:
    text = HEAD + RUN + "job = FedJob()\n" + "\n".join(lines)
    assert not [finding for finding in findings(write(tmp_path, text)) if finding.name == "internal-error"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_make_fllint_fail(tmp_path: Path, content: bytes) -> None:
    script = write(tmp_path, "")
    script.write_bytes(HEAD.encode() + content)
    for finding in findings(script):
        assert finding.name != "internal-error"
