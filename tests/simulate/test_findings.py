"""Findings from events that no run had to make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fllint.findings import Finding, Severity
from fllint.simulate.findings import findings_of
from fllint.simulate.rules import RULES, rule_of
from tests.simulate.jobs import (
    AGGREGATOR,
    GENERATOR,
    PERSISTOR,
    TRAINER,
    scatter_and_gather,
    script_executor,
    write_job,
)
from tests.simulate.running import job_of

Event = dict[str, Any]
SITES = ("site-1", "site-2")
SENDING_LINE = 13


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_job(
        tmp_path / "job",
        [scatter_and_gather()],
        [PERSISTOR, AGGREGATOR, GENERATOR],
        [script_executor("2.9")],
        scripts={"train.py": TRAINER},
    )


def run_of(*events: Event, outcome: str = "completed") -> list[Event]:
    """A run's events around some of interest."""
    apps = {"server": {"app": "app_server", "root": "/ws/server/simulate_job/app_server"}}
    apps |= {site: {"app": "app_client", "root": f"/ws/{site}/simulate_job/app_{site}"} for site in SITES}
    begin: list[Event] = [{"event": "started", "nvflare": "2.9.0"}, {"event": "deployed", "apps": apps}]
    end: list[Event] = [{"event": "finished", "outcome": outcome, "seconds": 1.0, "peak": 1.0}]
    numbered = [{"at": float(number), **event} for number, event in enumerate(events)]
    return [*begin, *numbered, *end]


def script(site: str) -> str:
    return f"/ws/{site}/simulate_job/app_{site}/custom/train.py"


def fault(kind: str, site: str = "site-1", **facts: Any) -> Event:
    return {"event": "fault", "fault": kind, "site": site, "task": "train", "round": 0, "frames": [], **facts}


def record(site: str, message: str, level: str = "ERROR", logger: str = "a.b.Thing", **facts: Any) -> Event:
    return {
        "event": "record",
        "site": site,
        "level": level,
        "logger": logger,
        "message": message,
        "frames": [],
        **facts,
    }


def result(site: str, code: str = "OK", **facts: Any) -> Event:
    return {"event": "result", "site": site, "task": "train", "id": site, "round": 0, "code": code, **facts}


def found(folder: Path, *events: Event, **how: Any) -> list[Finding]:
    return list(findings_of(run_of(*events, **how), lambda: job_of(folder, "2.9")))


def line_of(finding: Finding) -> tuple[str, str]:
    """The file of a finding (below the job) and the text of its line."""
    place = finding.problem.place
    number, _ = place.source.position(place.span.start)
    return place.source.name, place.source.line(number).strip()


def test_the_same_fault_at_two_sites_is_one_finding_at_the_line_of_the_script(folder: Path) -> None:
    frames = [["/usr/lib/runpy.py", 1, "run_path"], None, ["/usr/lib/numpy.py", 9, "dot"]]
    events = []
    for site in SITES:
        frames[1] = [script(site), SENDING_LINE, "main"]
        events.append(fault("script-crash", site, type="ValueError", message="no", frames=list(frames)))
    crash, every = found(folder, *events, outcome="aborted")
    assert (crash.code, crash.severity) == ("FL901", Severity.ERROR)
    assert crash.problem.message == "the script raised ValueError: no (site-1, site-2; round 0)"
    assert line_of(crash) == ("app_client/custom/train.py", TRAINER.splitlines()[SENDING_LINE - 1].strip())
    assert every.code == "FL913"


def test_what_a_crash_brings_about_is_not_reported_beside_it(folder: Path) -> None:
    findings = found(
        folder,
        fault("script-crash", type="ValueError", message="no", frames=[[script("site-1"), 3, "main"]]),
        record("site-1", "ask to abort job"),
        result("site-1", "EXECUTION_EXCEPTION"),
        fault("server-panic", "server", message="Result from site-1 is bad"),
        record("server", "Aborting current RUN"),
        fault("stalled", "server", tasks=["train"], waiting=["site-1"], dead=["site-1"]),
        outcome="aborted",
    )
    assert [finding.code for finding in findings] == ["FL901"]


def test_an_aborted_run_is_an_error_even_when_nothing_explains_it(folder: Path) -> None:
    assert [finding.code for finding in found(folder, outcome="aborted")] == ["FL921"]
    assert [finding.code for finding in found(folder, outcome="failed")] == ["FL921"]


def test_a_sound_run_has_no_findings(folder: Path) -> None:
    model = {"event": "model", "site": "server", "parameters": 9, "keys": {}, "not_finite": []}
    events = [
        {**model, "moment": "loaded", "digest": "a"},
        result("site-1"),
        {"event": "contribution", "site": "site-1", "task": "train", "round": 0, "accepted": True, "why": ""},
        record("site-1", "ask to stop job: reason: END_RUN received", level="WARNING"),
        {**model, "moment": "saved", "digest": "b"},
    ]
    assert found(folder, *events) == []


def test_an_error_in_the_log_of_a_run_that_went_on_is_reported_with_its_traceback(folder: Path) -> None:
    frames = [["/x/nvflare/apis/utils/event.py", 73, "fire"], [script("site-2"), SENDING_LINE, "handle_event"]]
    (logged,) = found(
        folder, record("site-2", "cannot write"), record("site-2", "Traceback (most recent call last):", frames=frames)
    )
    assert (logged.code, logged.severity) == ("FL916", Severity.WARNING)
    assert logged.problem.message == "Thing logged: cannot write (site-2)"
    assert line_of(logged)[0] == "app_client/custom/train.py"


def test_a_task_that_no_executor_handles_points_at_the_executors_tasks(folder: Path) -> None:
    (unknown,) = found(folder, result("site-1", "TASK_UNKNOWN", task="sing"), outcome="aborted")
    assert unknown.code == "FL911"
    assert "'sing'" in unknown.problem.message
    assert "'train'" in unknown.problem.help
    assert line_of(unknown) == ("app_client/config/config_fed_client.json", '"train",')


def test_a_rejected_contribution_points_at_the_aggregator(folder: Path) -> None:
    configured = {
        "event": "configured",
        "site": "server",
        "workflows": [],
        "components": [["aggregator", AGGREGATOR["path"], ["Aggregator", "FLComponent"]]],
    }
    why = "[identity=server, run=simulate_job]: expected WEIGHTS"
    rejection = {"event": "contribution", "site": "site-1", "task": "train", "round": 0, "accepted": False, "why": why}
    (rejected,) = found(folder, configured, result("site-1"), rejection)
    assert rejected.code == "FL909"
    assert rejected.problem.message == "the server rejected the site's contribution: expected WEIGHTS (site-1; round 0)"
    assert "InTimeAccumulateWeightedAggregator" in line_of(rejected)[1]


def test_a_component_that_cannot_be_built_points_at_its_class(folder: Path) -> None:
    message = (
        "Error processing '/ws/x.json' in element '{}': path: 'components.#2', exception: 'TypeError: Can't load class'"
    )
    (failed,) = found(
        folder, fault("not-configured", "server", type="ConfigError", message=message, round=None), outcome="failed"
    )
    assert failed.code == "FL912"
    assert failed.problem.message == "the server cannot be configured: TypeError: Can't load class"
    assert line_of(failed) == ("app_server/config/config_fed_server.json", f'"path": "{AGGREGATOR["path"]}",')


def test_another_number_type_is_a_warning_and_another_shape_an_error(folder: Path) -> None:
    sent = [[script("site-1"), SENDING_LINE, "main"]]
    type_, shape = found(
        folder,
        fault("parameter-type", parameters=[["w", "float64", "float32"]], other="the global model", frames=sent),
        fault("parameter-shape", parameters=[["w", [2, 3], [3, 3]]], other="the global model", frames=sent),
    )
    assert {(type_.severity, type_.code), (shape.severity, shape.code)} == {
        (Severity.WARNING, "FL907"),
        (Severity.ERROR, "FL907"),
    }


def test_a_fault_of_a_kind_that_is_not_known_is_passed_over(folder: Path) -> None:
    assert found(folder, fault("from-the-future")) == []


def test_ids_and_addresses_do_not_reach_a_message(folder: Path) -> None:
    message = "error on task train(f4680c2f-bc50-4156-b2d8-aad6a7dd30a0): <x.Y object at 0x7fed833b7a50>"
    (logged,) = found(folder, record("server", message))
    assert not re.search(r"0x|f4680c2f", logged.problem.message)


def test_the_calls_that_lead_to_a_crash_are_shown_with_it(folder: Path) -> None:
    frames = [[script("site-1"), len(TRAINER.splitlines()), "<module>"], [script("site-1"), SENDING_LINE, "main"]]
    (crash,) = found(folder, fault("script-crash", type="ValueError", message="no", frames=frames), outcome="aborted")
    (related,) = crash.problem.related
    assert related.message == "called from here"
    assert related.place.source.position(related.place.span.start)[0] == len(TRAINER.splitlines())


def test_every_rule_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text()
    for rule in RULES:
        assert f"| {rule.code} | {rule.name} | {rule.summary} |" in page


def test_every_rule_has_a_page_and_a_name_of_its_own() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"FL9\d\d", rule.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
        assert rule.summary.endswith(".")
        assert rule_of(rule.code) is rule
