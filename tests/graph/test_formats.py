"""The formats of the graph: valid for their real parsers, whatever stands in the job, and always the same."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx
import pytest
from hypothesis import HealthCheck, given, settings
from pyparsing import ParserElement

from fllint.graph import dot, mermaid, node_link, svg, tree
from fllint.graph.picture import captions_of, picture_of
from fllint.graph.vocabulary import JobGraph, Mark, edges_of, nodes_of
from tests.differential.jobs import App, Job, put, write
from tests.differential.sound_jobs import NP_TRAINER, SOUND_JOBS, client_config, executor, server_config
from tests.documents.values import values
from tests.graph.graphs import graph_of, server_components, small_hostile_job, small_job, workflow

ROOT = Path(__file__).parents[2]
RENDERERS: dict[str, Callable[[JobGraph], str]] = {
    "tree": tree.render,
    "mermaid": mermaid.render,
    "dot": dot.render,
    "json": node_link.render,
    "svg": svg.render,
}
NEWEST = sorted(name for name, job in SOUND_JOBS.items() if "2.9" in job.releases)


def faulty_job() -> Job:
    """A job with findings and marks of several sorts."""
    server = server_config([workflow(aggregator_id="agregator")], server_components())
    client = client_config([executor(["train"], NP_TRAINER), executor(["tune"], NP_TRAINER)], [])
    job = small_job(server=server, client=client, deploy_map={"app_3": ["site-9"]}, on_client={"left_over.py": ""})
    job.apps["spare"] = App(client=client_config([executor(["train"], "nvflare.app_common.np.np_trainer.Trainer")], []))
    return job


# For all formats.


@pytest.mark.parametrize("form", RENDERERS)
def test_a_format_guards_against_hostile_names(form: str, tmp_path: Path) -> None:
    text = RENDERERS[form](graph_of(small_hostile_job(), tmp_path, checked=True))
    assert not [character for character in text if character != "\n" and not character.isprintable()]


@pytest.mark.parametrize("form", RENDERERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(server=values(), client=values(), deploy_map=values())
def test_any_values_in_the_files_of_a_job_can_be_drawn(
    form: str, server: Any, client: Any, deploy_map: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "job"
    shutil.rmtree(folder, ignore_errors=True)
    whole = {"workflows": [server], "components": [client, server], "executors": [{"tasks": ["x"], "executor": client}]}
    meta = {"deploy_map": {"a": deploy_map, "b": ["server", client]}, "min_clients": server}
    for name, tree_of_values in (("meta.json", meta), ("a/config/config_fed_server.json", whole)):
        put(folder / name, json.dumps(tree_of_values))
    put(folder / "b/config/config_fed_client.json", json.dumps({**whole, "task_data_filters": [{"filters": server}]}))
    job = Job("job", None, {})
    assert RENDERERS[form](graph_of(job, tmp_path, checked=True))


def test_the_same_job_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    folder = write(faulty_job(), tmp_path, "json")
    calls = [f"main(['graph', {str(folder)!r}, '--format', {form!r}], standalone_mode=False)" for form in RENDERERS]
    command = [sys.executable, "-c", "\n".join(["from fllint.cli import main", *calls])]
    outputs = [
        subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert b"flowchart LR" in outputs[0]


@pytest.mark.parametrize("form", RENDERERS)
def test_what_is_wrong_is_shown(form: str, tmp_path: Path) -> None:
    text = RENDERERS[form](graph_of(faulty_job(), tmp_path, checked=True))
    assert "FL102" in text
    for mark in (Mark.MISSING, Mark.UNREACHABLE, Mark.NOT_ISSUED, Mark.UNUSED):
        assert (mark.value if form == "json" else mark.words) in text


# Tree.


def test_the_tree_shows_who_gets_what_and_refers_to_whom(tmp_path: Path) -> None:
    lines = [re.sub(r"^[│├└─ ]+", "", line) for line in tree.render(graph_of(small_job(), tmp_path)).splitlines()]
    assert lines[0] == "small  NVFlare 2.9"
    for line in (
        "app app_client → site-1, site-2",
        "workflow controller (ScatterAndGather)",
        "issues train",
        "persistor_id → persistor",
        "handles train",
        "train: controller → NPTrainer",
    ):
        assert line in lines


def test_the_tree_is_coloured_only_when_asked(tmp_path: Path) -> None:
    graph = graph_of(faulty_job(), tmp_path, checked=True)
    assert "\x1b[" not in tree.render(graph)
    coloured = tree.render(graph, colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == tree.render(graph)


def test_the_tree_can_do_with_ascii(tmp_path: Path) -> None:
    job = small_job(sites=[f"site-{number}" for number in range(9)])
    assert tree.render(graph_of(job, tmp_path), unicode=False).isascii()


# JSON.


def test_the_json_is_read_by_networkx_as_the_same_graph(tmp_path: Path) -> None:
    graph = graph_of(faulty_job(), tmp_path, checked=True)
    content = json.loads(node_link.render(graph))
    read = networkx.node_link_graph(content, edges="edges")
    assert read.is_directed()
    assert read.is_multigraph()
    assert list(read) == [node.id for node in nodes_of(graph)]
    assert list(read.edges(keys=True)) == [(edge.source, edge.target, edge.key) for edge in edges_of(graph)]


def test_every_key_of_the_json_is_documented(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "graph.md").read_text("utf-8")
    content = json.loads(node_link.render(graph_of(faulty_job(), tmp_path, checked=True)))
    keys = {*content, *content["graph"], *(key for item in (*content["nodes"], *content["edges"]) for key in item)}
    keys |= {key for node in content["nodes"] for finding in node["findings"] for key in finding}
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_every_kind_and_mark_is_documented() -> None:
    from fllint.graph.vocabulary import EdgeKind, NodeKind

    page = (ROOT / "docs" / "graph.md").read_text("utf-8")
    assert [word.value for word in (*NodeKind, *EdgeKind, *Mark) if f"`{word.value}`" not in page] == []


def test_a_node_of_the_json_says_where_it_is_written(tmp_path: Path) -> None:
    content = json.loads(node_link.render(graph_of(small_job(), tmp_path)))
    node = next(node for node in content["nodes"] if node["id"] == "component:app_server:server:persistor")
    text = (tmp_path / "small" / "app_server/config/config_fed_server.json").read_text().splitlines()
    assert node["path"] == "small/app_server/config/config_fed_server.json"
    assert text[node["line"] - 1][node["column"] - 1 : node["end_column"] - 1] == '"persistor"'
    assert node["pointer"] == "/components/0/id"


# dot.


@pytest.mark.parametrize("make", [small_hostile_job, faulty_job, *(SOUND_JOBS[name].make for name in NEWEST)])
def test_dot_is_parsed_by_pydot(make: Callable[[], Job], tmp_path: Path) -> None:
    # pyhocon, which other tests ask, leaves pyparsing with white space of its own; pydot builds its grammar on import.
    ParserElement.set_default_whitespace_chars(" \n\t\r")
    pydot = pytest.importorskip("pydot", reason="pydot is not installed: the dot format is not proved")
    graph = graph_of(make(), tmp_path, checked=True)
    (parsed,) = pydot.graph_from_dot_data(dot.render(graph))
    assert parsed.get_type() == "digraph"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz' dot is not installed: its parser is not asked")
@pytest.mark.parametrize("make", [small_hostile_job, faulty_job, *(SOUND_JOBS[name].make for name in NEWEST)])
def test_graphviz_draws_every_node_with_its_text(make: Callable[[], Job], tmp_path: Path) -> None:
    graph = graph_of(make(), tmp_path, checked=True)
    done = subprocess.run(["dot", "-Tjson"], input=dot.render(graph).encode(), capture_output=True, check=True)
    drawn = [found.get("label", "") for found in json.loads(done.stdout)["objects"]]
    for node in picture_of(graph).nodes:
        assert "\\n".join(line.replace("\\", "\\\\") for line in captions_of(node)) in drawn
    assert b"rror" not in done.stderr


# mermaid.


@pytest.mark.parametrize("make", [small_hostile_job, faulty_job, SOUND_JOBS["swarm"].make])
def test_mermaid_draws_every_node_with_its_text(make: Callable[[], Job], tmp_path: Path) -> None:
    mermaidx = pytest.importorskip("mermaidx", reason="mermaidx (mermaid itself) is not installed: nothing is proved")
    graph = graph_of(make(), tmp_path, checked=True)
    drawn = mermaidx.render(mermaid.render(graph)).svg()
    words = _squeezed(html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", drawn, flags=re.DOTALL)))
    for node in picture_of(graph).nodes:
        assert _squeezed(captions_of(node)[0]) in words


def _squeezed(text: str) -> str:
    """A text without spaces, also of no width: mermaid breaks long labels where it likes."""
    return re.sub(r"[\s\u2060]", "", text)
