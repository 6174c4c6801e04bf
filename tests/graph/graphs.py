"""Jobs for the tests of the graph, and their graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fllint.engine import review_files, run_rules
from fllint.graph.build import build_graph
from fllint.graph.vocabulary import EdgeKind, GraphNode, JobGraph, Mark, edges_of, nodes_of
from fllint.job.discovery import JobLocation
from fllint.registry import Selection
from tests.differential.jobs import App, Job, write
from tests.differential.sound_jobs import (
    AGGREGATOR,
    CLIENT_API,
    GENERATOR,
    NP_PERSISTOR,
    NP_TRAINER,
    SCATTER_AND_GATHER,
    client_config,
    component,
    executor,
    server_config,
)

HOSTILE: Final = 'a"b\\ <b>&amp; `x` #35; %%{ }|[(end)] é 名前 😀 \x1b[31m\n"]--> x'
"""A name that every format has to guard against."""


def graph_in(folder: Path, release: str = "2.9", *, checked: bool = False) -> JobGraph:
    """The graph of a job folder, with the findings of all rules when ``checked``."""
    review = review_files(JobLocation(folder, folder.name).open(), release)
    findings = run_rules(review, tuple(Selection().rules())).findings if checked else ()
    return build_graph(review, findings)


def graph_of(
    job: Job, parent: Path, release: str = "2.9", *, file_format: str = "json", checked: bool = False
) -> JobGraph:
    """The graph of a job in code, written below a folder."""
    return graph_in(write(job, parent, file_format), release, checked=checked)


def workflow(workflow_id: str = "controller", **args: Any) -> dict[str, Any]:
    """A ScatterAndGather with the usual ids; None leaves an argument out."""
    ids = {"persistor_id": "persistor", "aggregator_id": "aggregator", "shareable_generator_id": "generator"}
    given = {key: value for key, value in {**ids, **args}.items() if value is not None}
    return component(workflow_id, SCATTER_AND_GATHER, **given)


def server_components() -> list[dict[str, Any]]:
    """What `workflow` refers to."""
    return [
        component("persistor", NP_PERSISTOR),
        component("generator", GENERATOR),
        component("aggregator", AGGREGATOR),
    ]


def small_job(**more: Any) -> Job:
    """Two apps, one of them the server's. ``server`` and ``client`` replace their configs, ``sites`` the clients that
    get the second, ``deploy_map`` adds entries; ``on_server`` and ``on_client`` are custom code."""
    server = server_config([workflow()], server_components())
    client = client_config([executor(["train"], NP_TRAINER)], [])
    apps = {
        "app_server": App(server=more.get("server", server), custom=more.get("on_server")),
        "app_client": App(client=more.get("client", client), custom=more.get("on_client")),
    }
    sites = more.get("sites", ["site-1", "site-2"])
    deploy_map = {"app_server": ["server"], "app_client": sites, **more.get("deploy_map", {})}
    return Job("small", {"name": "small", "min_clients": 1, "deploy_map": deploy_map}, apps)


def script_executor(tasks: list[str], **args: Any) -> dict[str, Any]:
    """An entry of ``executors`` with the Client API's executor of 2.9."""
    return executor(tasks, CLIENT_API, **{"execution_mode": "in_process", **args})


def node_called(graph: JobGraph, identifier: str) -> GraphNode:
    """The node with an id; the test fails with the ids there are when there is none."""
    found = {node.id: node for node in nodes_of(graph)}
    assert identifier in found, f"{identifier} is not among {sorted(found)}"
    return found[identifier]


def marks_of(graph: JobGraph, identifier: str) -> tuple[Mark, ...]:
    return node_called(graph, identifier).marks


def edges(graph: JobGraph, kind: EdgeKind) -> list[tuple[str, str, str]]:
    """The edges of a kind: source, target, label."""
    return [(edge.source, edge.target, edge.label) for edge in edges_of(graph) if edge.kind is kind]


def small_hostile_job() -> Job:
    """A job in which everything that has a free name is called `HOSTILE`."""
    server = server_config(
        [workflow(HOSTILE, aggregator_id=HOSTILE, train_task_name=HOSTILE)],
        [*server_components(), component(HOSTILE, HOSTILE)],
        task_result_filters=[{"tasks": [HOSTILE], "filters": [{"path": f"x.{HOSTILE}"}]}],
    )
    client = client_config([script_executor([HOSTILE, "*"], task_script_path=f"{HOSTILE}.py")], [])
    return small_job(server=server, client=client, sites=[HOSTILE], deploy_map={HOSTILE: [HOSTILE]})
