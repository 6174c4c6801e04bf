"""What is in the graph of a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.engine import check_job, review_files
from fllint.findings import Finding, Problem, Severity
from fllint.graph.build import build_graph
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind, edges_of, nodes_of
from fllint.job.discovery import JobLocation
from fllint.registry import Selection
from tests.differential.jobs import App
from tests.differential.sound_jobs import (
    AGGREGATOR,
    NP_PERSISTOR,
    NP_TRAINER,
    NP_VALIDATOR,
    PERCENTILE_PRIVACY,
    SOUND_JOBS,
    a_filter,
    client_config,
    component,
    executor,
    server_config,
)
from tests.graph.graphs import (
    edges,
    graph_of,
    marks_of,
    node_called,
    script_executor,
    server_components,
    small_job,
    workflow,
)

WORKFLOW = "workflow:app_server:server:controller"
PERSISTOR = "component:app_server:server:persistor"
TRAINER = "executor:app_client:client:NPTrainer"


# Sites and apps.


def test_an_app_is_connected_with_each_of_its_sites(tmp_path: Path) -> None:
    graph = graph_of(small_job(), tmp_path)
    assert edges(graph, EdgeKind.DEPLOYS_TO) == [
        ("app:app_server", "site:server", ""),
        ("app:app_client", "site:site-1", ""),
        ("app:app_client", "site:site-2", ""),
    ]


def test_many_sites_of_one_app_are_one_node(tmp_path: Path) -> None:
    names = [f"site-{number}" for number in range(1, 51)]
    graph = graph_of(small_job(sites=names), tmp_path)
    sites = [node for node in nodes_of(graph) if node.kind is NodeKind.SITE]
    assert [(node.label, node.detail, len(node.members)) for node in sites] == [
        ("server", "the server", 0),
        ("site-1 … site-50", "50 sites", 50),
    ]


def test_sites_that_get_different_apps_are_not_put_together(tmp_path: Path) -> None:
    job = small_job(
        sites=[f"a{number}" for number in range(6)], deploy_map={"app_b": [f"b{number}" for number in range(6)]}
    )
    job.apps["app_b"] = App(client=client_config([executor(["train"], NP_TRAINER)], []))
    graph = graph_of(job, tmp_path)
    assert {node.label for node in nodes_of(graph) if node.kind is NodeKind.SITE} == {"server", "a0 … a5", "b0 … b5"}


def test_a_graph_does_not_grow_with_the_sites_of_its_apps(tmp_path: Path) -> None:
    few, many = small_job(sites=[f"s{n}" for n in range(9)]), small_job(sites=[f"s{n}" for n in range(10_000)])
    few.name, many.name = "few", "many"
    one, other = graph_of(few, tmp_path), graph_of(many, tmp_path)
    assert len(one) == len(other)
    assert one.number_of_edges() == other.number_of_edges()


def test_an_app_without_sites_is_marked(tmp_path: Path) -> None:
    graph = graph_of(small_job(deploy_map={"app_client": []}), tmp_path)
    assert marks_of(graph, "app:app_client") == (Mark.NOT_DEPLOYED,)
    assert marks_of(graph, "app:app_server") == ()


def test_an_app_that_the_deploy_map_does_not_name_is_marked(tmp_path: Path) -> None:
    job = small_job()
    job.apps["left_over"] = App(client=client_config([executor(["train"], NP_TRAINER)], []))
    assert marks_of(graph_of(job, tmp_path), "app:left_over") == (Mark.NOT_DEPLOYED,)


def test_an_app_without_a_folder_is_marked(tmp_path: Path) -> None:
    graph = graph_of(small_job(deploy_map={"app_3": ["site-3"]}), tmp_path)
    assert marks_of(graph, "app:app_3") == (Mark.MISSING,)


# Components and their ids.


def test_an_argument_with_an_id_leads_to_the_component(tmp_path: Path) -> None:
    graph = graph_of(small_job(), tmp_path)
    found = next(edge for edge in edges_of(graph) if edge.label == "persistor_id")
    assert (found.source, found.target, found.kind) == (WORKFLOW, PERSISTOR, EdgeKind.REFERS_TO)
    assert found.place is not None
    assert found.place.pointer == "/workflows/0/args/persistor_id"
    assert found.place.source.text[found.place.span.start : found.place.span.end] == '"persistor"'


def test_an_id_that_no_component_has_leads_to_a_missing_one(tmp_path: Path) -> None:
    server = server_config([workflow(aggregator_id="agregator")], server_components())
    graph = graph_of(small_job(server=server), tmp_path)
    missing = node_called(graph, "missing:app_server:server:agregator")
    assert (missing.kind, missing.marks) == (NodeKind.COMPONENT, (Mark.MISSING,))
    assert (WORKFLOW, missing.id, "aggregator_id") in edges(graph, EdgeKind.REFERS_TO)


def test_ids_of_the_client_side_are_not_found_on_the_server_side(tmp_path: Path) -> None:
    server = server_config([workflow()], server_components()[1:])
    client = client_config([executor(["train"], NP_TRAINER)], [component("persistor", NP_PERSISTOR)])
    graph = graph_of(small_job(server=server, client=client), tmp_path)
    assert marks_of(graph, "missing:app_server:server:persistor") == (Mark.MISSING,)


def test_a_component_that_only_works_by_its_id_is_unused_when_nobody_names_it(tmp_path: Path) -> None:
    server = server_config([workflow()], [*server_components(), component("second", AGGREGATOR)])
    graph = graph_of(small_job(server=server), tmp_path)
    assert marks_of(graph, "component:app_server:server:second") == (Mark.UNUSED,)
    assert marks_of(graph, "component:app_server:server:aggregator") == ()


def test_a_component_whose_id_stands_in_the_code_is_not_called_unused(tmp_path: Path) -> None:
    code = {"looks.py": "def f(engine):\n    return engine.get_component('second')\n"}
    server = server_config([workflow()], [*server_components(), component("second", AGGREGATOR)])
    graph = graph_of(small_job(server=server, on_server=code), tmp_path)
    assert marks_of(graph, "component:app_server:server:second") == ()


def test_a_widget_that_works_by_events_is_not_called_unused(tmp_path: Path) -> None:
    selector = component("selector", "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector")
    graph = graph_of(small_job(server=server_config([workflow()], [*server_components(), selector])), tmp_path)
    assert marks_of(graph, "component:app_server:server:selector") == ()


def test_a_disabled_component_is_marked(tmp_path: Path) -> None:
    off = {**component("off", AGGREGATOR), "disabled": True}
    graph = graph_of(small_job(server=server_config([workflow()], [*server_components(), off])), tmp_path)
    assert marks_of(graph, "component:app_server:server:off") == (Mark.DISABLED,)


def test_an_inline_component_belongs_to_the_one_that_is_built_with_it(tmp_path: Path) -> None:
    code = {"net.py": "class Net:\n    pass\n"}
    persistor = component("persistor", NP_PERSISTOR, model={"path": "net.Net"})
    server = server_config([workflow()], [persistor, *server_components()[1:]])
    graph = graph_of(small_job(server=server, on_server=code), tmp_path)
    assert (PERSISTOR, f"{PERSISTOR}.model", "model") in edges(graph, EdgeKind.CONTAINS)


def test_two_executors_of_one_class_are_two_nodes(tmp_path: Path) -> None:
    client = client_config([executor(["train"], NP_TRAINER), executor(["submit_model"], NP_TRAINER)], [])
    graph = graph_of(small_job(client=client), tmp_path)
    assert [node.id for node in nodes_of(graph) if node.kind is NodeKind.EXECUTOR] == [TRAINER, f"{TRAINER}#2"]


# Classes.


def test_a_class_of_the_job_is_defined_in_its_file(tmp_path: Path) -> None:
    code = {"mine.py": "from nvflare.apis.filter import Filter\n\n\nclass Clip(Filter):\n    pass\n"}
    chain = {"tasks": ["train"], "filters": [a_filter("mine.Clip")]}
    server = server_config([workflow()], server_components(), task_result_filters=[chain])
    graph = graph_of(small_job(server=server, on_server=code), tmp_path)
    assert edges(graph, EdgeKind.DEFINED_IN)[-1] == (
        "class:app_server:mine.Clip",
        "code:app_server/custom/mine.py",
        "",
    )
    place = node_called(graph, "class:app_server:mine.Clip").place
    assert place is not None
    assert place.source.position(place.span.start)[0] == 4


def test_a_class_that_does_not_exist_is_marked(tmp_path: Path) -> None:
    chain = {"tasks": ["train"], "filters": [a_filter(PERCENTILE_PRIVACY + "X")]}
    server = server_config([workflow()], server_components(), task_result_filters=[chain])
    graph = graph_of(small_job(server=server), tmp_path)
    assert marks_of(graph, f"class:{PERCENTILE_PRIVACY}X") == (Mark.MISSING,)


# Tasks.


def test_a_task_goes_from_its_workflow_to_the_executor(tmp_path: Path) -> None:
    graph = graph_of(small_job(), tmp_path)
    assert edges(graph, EdgeKind.ISSUES) == [(WORKFLOW, "task:train", "")]
    assert edges(graph, EdgeKind.HANDLES) == [(TRAINER, "task:train", "")]
    assert marks_of(graph, "task:train") == ()


def test_a_workflow_issues_the_task_that_its_argument_names(tmp_path: Path) -> None:
    server = server_config([workflow(train_task_name="learn")], server_components())
    graph = graph_of(small_job(server=server), tmp_path)
    issued = next(edge for edge in edges_of(graph) if edge.kind is EdgeKind.ISSUES)
    assert issued.target == "task:learn"
    assert issued.place is not None
    assert issued.place.pointer == "/workflows/0/args/train_task_name"
    assert marks_of(graph, "task:learn") == (Mark.NOT_HANDLED,)
    assert marks_of(graph, "task:train") == (Mark.NOT_ISSUED,)
    assert marks_of(graph, TRAINER) == (Mark.UNREACHABLE,)


def test_an_exact_name_goes_before_a_pattern(tmp_path: Path) -> None:
    client = client_config([executor(["*"], NP_VALIDATOR), executor(["train"], NP_TRAINER)], [])
    graph = graph_of(small_job(client=client), tmp_path)
    assert (TRAINER, "task:train", "") in edges(graph, EdgeKind.HANDLES)


def test_the_first_pattern_that_fits_gets_the_task(tmp_path: Path) -> None:
    client = client_config([executor(["tr*"], NP_TRAINER), executor(["*"], NP_VALIDATOR)], [])
    graph = graph_of(small_job(client=client), tmp_path)
    assert edges(graph, EdgeKind.HANDLES) == [(TRAINER, "task:train", "tr*")]
    assert marks_of(graph, "executor:app_client:client:NPValidator") == (Mark.UNREACHABLE,)


def test_before_2_4_a_pattern_is_a_name_like_any_other(tmp_path: Path) -> None:
    client = client_config([executor(["*"], NP_TRAINER)], [])
    graph = graph_of(small_job(client=client), tmp_path, "2.3")
    assert edges(graph, EdgeKind.HANDLES) == [(TRAINER, "task:*", "")]
    assert marks_of(graph, "task:train") == (Mark.NOT_HANDLED,)


def test_a_task_is_not_handled_when_one_of_the_client_apps_lacks_it(tmp_path: Path) -> None:
    job = small_job(deploy_map={"app_other": ["site-3"]})
    job.apps["app_other"] = App(client=client_config([executor(["validate"], NP_VALIDATOR)], []))
    assert marks_of(graph_of(job, tmp_path), "task:train") == (Mark.NOT_HANDLED,)


def test_client_side_controllers_issue_tasks_to_their_own_site(tmp_path: Path) -> None:
    graph = graph_of(SOUND_JOBS["swarm"].make(), tmp_path)
    issued = edges(graph, EdgeKind.ISSUES)
    learning = [source for source, target, _ in issued if target == "task:train"]
    assert [source.partition(":")[0] for source in learning] == ["executor"]
    assert any(target == "task:swarm_config" and source.startswith("workflow:") for source, target, _ in issued)
    assert not [node.id for node in nodes_of(graph) if node.marks]


def test_a_filter_is_connected_with_its_tasks_by_their_exact_names(tmp_path: Path) -> None:
    chain = {"tasks": ["train", "*"], "filters": [a_filter(PERCENTILE_PRIVACY)]}
    client = client_config([executor(["train"], NP_TRAINER)], [], task_result_filters=[chain])
    graph = graph_of(small_job(client=client), tmp_path)
    node = "filter:app_client:client:PercentilePrivacy"
    assert edges(graph, EdgeKind.FILTERS) == [(node, "task:train", "result out"), (node, "task:*", "result out")]
    assert marks_of(graph, "task:*") == (Mark.NOT_ISSUED,)


def test_nothing_is_said_about_issued_tasks_when_a_workflow_is_unknown(tmp_path: Path) -> None:
    server = server_config([component("c", "torch.Unknown")], server_components())
    graph = graph_of(small_job(server=server), tmp_path)
    assert marks_of(graph, "task:train") == ()
    assert marks_of(graph, TRAINER) == ()


# Scripts, modules, files.


def test_an_executor_runs_the_script_that_nvflare_would_find(tmp_path: Path) -> None:
    client = client_config([script_executor(["train"], task_script_path="train.py")], [])
    job = small_job(client=client, on_client={"deep/train.py": "import loader\n", "loader.py": "import torch, os\n"})
    graph = graph_of(job, tmp_path)
    script = "code:app_client/custom/deep/train.py"
    assert edges(graph, EdgeKind.RUNS) == [("executor:app_client:client:ClientAPIExecutor", script, "task_script_path")]
    assert node_called(graph, script).kind is NodeKind.SCRIPT
    assert edges(graph, EdgeKind.IMPORTS) == [
        (script, "code:app_client/custom/loader.py", ""),
        ("code:app_client/custom/loader.py", "package:torch", ""),
    ]


def test_a_command_runs_the_script_that_it_names(tmp_path: Path) -> None:
    args = {"execution_mode": "external_process", "command": "python3 -u custom/train.py --data x.py"}
    client = client_config([script_executor(["train"], **args)], [])
    graph = graph_of(small_job(client=client, on_client={"train.py": ""}), tmp_path)
    found = next(edge for edge in edges_of(graph) if edge.kind is EdgeKind.RUNS)
    assert (found.target, found.label) == ("code:app_client/custom/train.py", "command")
    assert found.place is not None
    assert found.place.source.text[found.place.span.start : found.place.span.end] == "custom/train.py"


def test_a_script_that_is_not_there_is_missing(tmp_path: Path) -> None:
    client = client_config([script_executor(["train"], task_script_path="trian.py")], [])
    graph = graph_of(small_job(client=client, on_client={"train.py": ""}), tmp_path)
    assert marks_of(graph, "code:app_client/custom/trian.py") == (Mark.MISSING,)


def test_nothing_is_said_about_a_script_that_only_the_sites_have(tmp_path: Path) -> None:
    client = client_config([script_executor(["train"], task_script_path="/local/train.py")], [])
    assert marks_of(graph_of(small_job(client=client), tmp_path), "code:/local/train.py") == ()


def test_relative_imports_are_followed(tmp_path: Path) -> None:
    code = {
        "train.py": "from pkg.one import f\n",
        "pkg/__init__.py": "",
        "pkg/one.py": "from . import two\nfrom .sub.three import x\n",
        "pkg/two.py": "",
        "pkg/sub/three.py": "from ..two import y\n",
    }
    client = client_config([script_executor(["train"], task_script_path="train.py")], [])
    graph = graph_of(small_job(client=client, on_client=code), tmp_path)
    found = {
        (source.rpartition("custom/")[2], target.rpartition("custom/")[2])
        for source, target, _ in edges(graph, EdgeKind.IMPORTS)
    }
    assert found >= {
        ("train.py", "pkg/one.py"),
        ("pkg/one.py", "pkg/two.py"),
        ("pkg/one.py", "pkg/sub/three.py"),
        ("pkg/sub/three.py", "pkg/two.py"),
    }


def test_imports_in_a_circle_end(tmp_path: Path) -> None:
    code = {"train.py": "import a\n", "a.py": "import b\n", "b.py": "import a\n"}
    client = client_config([script_executor(["train"], task_script_path="train.py")], [])
    assert len(edges(graph_of(small_job(client=client, on_client=code), tmp_path), EdgeKind.IMPORTS)) == 3


def test_a_python_file_that_nothing_names_is_unused(tmp_path: Path) -> None:
    code = {"train.py": "", "left_over.py": "", "named.py": "", "README.md": "run named.py by hand"}
    client = client_config([script_executor(["train"], task_script_path="train.py")], [])
    graph = graph_of(small_job(client=client, on_client=code), tmp_path)
    assert marks_of(graph, "file:app_client/custom/left_over.py") == (Mark.UNUSED,)
    assert marks_of(graph, "file:app_client/custom/named.py") == ()


def test_many_files_of_a_folder_are_one_node(tmp_path: Path) -> None:
    code = {f"images/{number:03}.txt": "" for number in range(40)}
    graph = graph_of(small_job(on_client=code), tmp_path)
    assert node_called(graph, "files:app_client/custom/images").detail == "40 files"


# Findings.


def test_a_finding_is_attached_to_the_smallest_node_around_it(tmp_path: Path) -> None:
    server = server_config([workflow()], [*server_components(), component("bad", PERCENTILE_PRIVACY + "X")])
    graph = graph_of(small_job(server=server, deploy_map={"app_3": ["x"]}), tmp_path, checked=True)
    found = {finding.name: node.id for node in nodes_of(graph) for finding in node.findings}
    assert found["unknown-app"] == "app:app_3"
    assert found["unknown-class"] == "component:app_server:server:bad"


def test_a_finding_in_the_code_is_attached_to_its_file(tmp_path: Path) -> None:
    client = client_config([script_executor(["train"], task_script_path="train.py")], [])
    code = {"train.py": "import helper\n", "helper.py": "def f(:\n"}
    graph = graph_of(small_job(client=client, on_client=code), tmp_path)
    place = node_called(graph, "code:app_client/custom/helper.py").place
    assert place is not None
    finding = Finding("FL999", "broken", Severity.ERROR, "small", Problem(place, "no Python"))
    review = review_files(JobLocation(tmp_path / "small", "small").open(), "2.9")
    assert node_called(build_graph(review, [finding]), "code:app_client/custom/helper.py").findings == (finding,)


def test_a_class_whose_file_is_no_python_is_not_called_missing(tmp_path: Path) -> None:
    chain = {"tasks": ["train"], "filters": [a_filter("mine.Clip")]}
    server = server_config([workflow()], server_components(), task_result_filters=[chain])
    graph = graph_of(small_job(server=server, on_server={"mine.py": "class Clip(:\n"}), tmp_path)
    assert marks_of(graph, "class:app_server:mine.Clip") == ()
    assert ("class:app_server:mine.Clip", "code:app_server/custom/mine.py", "") in edges(graph, EdgeKind.DEFINED_IN)


def test_no_finding_is_lost(tmp_path: Path) -> None:
    job = small_job(server={"format_version": 3, "workflows": [{}]}, deploy_map={"": 1, "app_3": [[1]]})
    job.meta["min_clients"] = "many"
    graph = graph_of(job, tmp_path, checked=True)
    names = [finding.name for node in nodes_of(graph) for finding in node.findings]
    assert {"unknown-app"} <= set(names)
    report = check_job(JobLocation(tmp_path / "small", "small"), "2.9", tuple(Selection().rules()))
    assert sorted(names) == sorted(finding.name for finding in report.findings)


# The same job, differently.


@pytest.mark.parametrize("name", sorted(name for name, job in SOUND_JOBS.items() if "2.9" in job.releases))
def test_a_job_has_the_same_graph_in_every_format(name: str, tmp_path: Path) -> None:
    described = []
    for file_format in ("json", "yml", "conf"):
        graph = graph_of(SOUND_JOBS[name].make(), tmp_path / file_format, file_format=file_format)
        configs = {node.id for node in nodes_of(graph) if node.kind is NodeKind.CONFIG}
        nodes = [
            (node.id, node.kind, node.id in configs or node.label, node.detail, node.marks) for node in nodes_of(graph)
        ]
        lines = [(edge.source, edge.target, edge.key) for edge in edges_of(graph)]
        described.append(
            ([node for node in nodes if node[0] not in META], [line for line in lines if line[1] not in META])
        )
    assert described[0] == described[1]
    assert described[0] == described[2]


META = ("file:meta.json", "file:meta.yml", "file:meta.conf")


@pytest.mark.parametrize("name", sorted(SOUND_JOBS))
def test_a_sound_job_has_nothing_missing_and_nobody_waits(name: str, tmp_path: Path) -> None:
    job = SOUND_JOBS[name]
    graph = graph_of(job.make(), tmp_path, job.releases[-1])
    assert {node.id: node.marks for node in nodes_of(graph) if node.marks} == {}


@pytest.mark.parametrize("name", sorted(SOUND_JOBS))
def test_every_place_lies_inside_its_file(name: str, tmp_path: Path) -> None:
    job = SOUND_JOBS[name]
    graph = graph_of(job.make(), tmp_path, job.releases[-1])
    places = [*(node.place for node in nodes_of(graph)), *(edge.place for edge in edges_of(graph))]
    assert any(places)
    for place in places:
        assert place is None or 0 <= place.span.start <= place.span.end <= len(place.source.text), place
