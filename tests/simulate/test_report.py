from __future__ import annotations

import json
from typing import Any

from fllint.simulate.report import progress_of, render, report_of

EVENTS: list[dict[str, Any]] = [
    {"event": "started", "nvflare": "2.9.0"},
    {"event": "deployed", "apps": {"server": {"app": "a", "root": "/"}, "site-1": {"app": "a", "root": "/"}}},
    {"event": "changed", "workflow": "fedavg", "argument": "num_rounds", "old": 50, "new": 1},
    {"event": "model", "moment": "loaded", "digest": "aaaa", "parameters": 9},
    {"event": "task", "site": "site-1", "task": "train", "id": "1", "round": 0},
    {
        "event": "result",
        "site": "site-1",
        "task": "train",
        "id": "1",
        "round": 0,
        "seconds": 0.01,
        "code": "OK",
        "kind": "WEIGHTS",
        "parameters": 9,
        "digest": "bb",
        "metrics": {"accuracy": 0.5},
        "weight": 20.0,
    },
    {"event": "contribution", "site": "site-1", "task": "train", "round": 0, "accepted": False, "why": "late"},
    {"event": "task", "site": "site-1", "task": "validate", "id": "2", "round": None},
    {"event": "metric", "site": "site-1", "key": "loss", "value": 0.25, "step": 1},
    {"event": "model", "moment": "saved", "digest": "cccc", "parameters": 9},
    {"event": "finished", "outcome": "completed", "seconds": 0.5, "peak": 90.0},
]


def test_the_table_says_what_each_site_did_and_what_was_changed() -> None:
    lines = render(report_of(EVENTS, "run")).splitlines()
    assert lines[0].split() == ["round", "task", "site", "result", "seconds", "parameters", "weight", "metrics"]
    assert lines[1].split() == ["0", "train", "site-1", "WEIGHTS,", "rejected", "0.010", "9", "20", "accuracy", "0.5"]
    assert lines[2].split() == ["validate", "site-1", "no", "result"]
    assert "global model: 9 parameters, aaaa → cccc" in lines
    assert "changed for this run: num_rounds of 'fedavg': 50 → 1" in lines
    assert lines[-1] == "completed in 0.50 s with NVFlare 2.9.0, 1 sites, 90 MB"


def test_the_report_as_json_holds_the_same() -> None:
    told = json.loads(json.dumps(report_of(EVENTS, "run").to_json()))
    assert told["results"][0] == {
        "site": "site-1",
        "task": "train",
        "round": 0,
        "code": "OK",
        "seconds": 0.01,
        "kind": "WEIGHTS",
        "parameters": 9,
        "digest": "bb",
        "metrics": {"accuracy": 0.5},
        "weight": 20.0,
        "accepted": False,
    }
    assert told["model"] == {"before": "aaaa", "after": "cccc", "parameters": 9}
    assert told["logged"] == [{"site": "site-1", "key": "loss", "value": 0.25}]
    assert any("no network" in difference for difference in told["differences"])


def test_many_results_are_cut_in_the_table_only() -> None:
    tasks = [{"event": "task", "site": "site-1", "task": "train", "id": str(n), "round": n} for n in range(100)]
    report = report_of([*EVENTS[:2], *tasks, EVENTS[-1]], "run")
    assert len(report.rows) == 100
    assert "… and 40 more results" in render(report)


def test_a_refused_job_says_by_name_what_cannot_be_run() -> None:
    events: list[dict[str, Any]] = [{"event": "refused", "what": "XGBController", "why": "it opens a network"}]
    events += [{"event": "finished", "outcome": "refused", "seconds": 0.1, "peak": 0}]
    assert render(report_of(events, "run")) == "cannot run this job at --level run: XGBController: it opens a network\n"


def test_a_refused_class_is_sent_on_to_nvflares_own_simulator() -> None:
    events: list[dict[str, Any]] = [{"event": "refused", "what": "a.B", "why": "it opens a network", "class": "a.B"}]
    events += [{"event": "finished", "outcome": "refused", "seconds": 0.1, "peak": 0}]
    assert "--level full" in render(report_of(events, "run"))


def test_the_progress_line_follows_rounds_and_tasks() -> None:
    said = [progress_of(event) for event in EVENTS]
    assert said[0] == "NVFlare 2.9.0 starts"
    assert "round 0: train at site-1" in said
    assert said[-1] is None
