"""The plan level: what would happen, without NVFlare and without running anything."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from fllint.engine import review_files
from fllint.job.discovery import find_jobs
from fllint.simulate.plan import Plan
from fllint.simulate.planner import plan_of
from fllint.simulate.timeline import render
from tests.simulate.jobs import (
    AGGREGATOR,
    GENERATOR,
    LOCATOR,
    PERSISTOR,
    cross_site,
    cyclic_controller,
    fedavg,
    np_trainer,
    own_controller,
    scatter_and_gather,
    sound_jobs,
    swarm,
    write_job,
)

EVERYONE = {"app_server": ["server"], "app_client": ["@ALL"]}


def plan(folder: Path, **how: Any) -> Plan:
    return plan_of(review_files(find_jobs((str(folder),))[0].open(), "2.9"), **how)


def phases(made: Plan) -> list[tuple[str, str, int | None, int | None]]:
    return [(phase.task, phase.manner.value, phase.rounds, phase.messages) for phase in made.phases]


def job_with(folder: Path, *workflows: dict[str, Any], **more: Any) -> Path:
    components: list[dict[str, Any]] = [PERSISTOR, AGGREGATOR, GENERATOR, LOCATOR]
    return write_job(folder / "job", list(workflows), components, more.pop("executors", np_trainer()), **more)


def test_a_round_of_fedavg_goes_to_the_sampled_sites(tmp_path: Path) -> None:
    made = plan(write_job(tmp_path / "job", **sound_jobs("2.9")["fedavg-script"]))
    assert phases(made) == [("train", "sample", 2, 4)]
    assert made.phases[0].handlers == {"app_client": "ClientAPIExecutor"}
    assert (made.exit_status(), made.complete, made.findings) == (0, True, ())


def test_fewer_clients_than_there_are_are_chosen_by_chance(tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, fedavg(rounds=3, clients=2), deploy_map=EVERYONE), number=10)
    assert phases(made) == [("train", "sample", 3, 6)]
    assert made.phases[0].notes == ("each round is for 2 of 10 sites, chosen by chance",)


def test_every_model_is_validated_at_every_site(tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, scatter_and_gather(3), cross_site()))
    assert phases(made) == [
        ("train", "broadcast", 3, 6),
        ("submit_model", "broadcast", 1, 2),
        ("validate", "per model", 1, 6),
    ]
    assert made.messages == 14


def test_ten_thousand_sites_and_a_thousand_rounds_are_counted_not_listed(tmp_path: Path) -> None:
    folder = job_with(tmp_path, scatter_and_gather(1000), cross_site(), deploy_map=EVERYONE)
    review = review_files(find_jobs((str(folder),))[0].open(), "2.9")
    plan_of(review, 2)
    started = time.process_time()
    made = plan_of(review, 10_000)
    assert time.process_time() - started < 1
    assert (made.sites, made.messages) == (10_000, 10_000_000 + 10_000 + 10_000 * 10_001)
    assert "app_client (10,000 sites)" in render(made)


def test_a_task_that_nobody_handles_aborts_the_job_and_nothing_comes_after(tmp_path: Path) -> None:
    trainer, validator = np_trainer()
    trainer = {**trainer, "tasks": ["train"]}
    made = plan(job_with(tmp_path, scatter_and_gather(2), cross_site(), executors=[trainer, validator]))
    assert [(phase.task, phase.outcome) for phase in made.phases] == [("train", "goes on"), ("submit_model", "aborts")]
    (finding,) = made.findings
    assert (finding.code, made.exit_status()) == ("FL911", 1)
    assert finding.problem.place.source.name == "app_client/config/config_fed_client.json"
    assert "✗" in render(made)


def test_a_relay_of_one_site_aborts(tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, cyclic_controller()), names=("site-1",))
    assert [finding.code for finding in made.findings] == ["FL921"]


def test_too_many_answers_asked_for_are_no_deadlock(tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, scatter_and_gather(1, clients=5)))
    assert made.findings == ()
    assert made.phases[0].notes == ("min_clients is 5, and there are 2: NVFlare goes on with those",)


def test_few_answers_end_a_round_early_and_the_plan_says_so(tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, scatter_and_gather(1, clients=1, wait_time_after_min_received=10)))
    assert made.phases[0].notes == ("a round ends with 1 answers and 10 s more; an error counts as an answer",)


def test_rounds_are_capped_for_the_plan_only(tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, fedavg(rounds=50)), rounds=2)
    assert phases(made) == [("train", "sample", 2, 4)]
    assert made.phases[0].notes == ("num_rounds 50 → 2, for this plan only",)


def test_sites_of_different_apps_are_groups_of_their_own(tmp_path: Path) -> None:
    deploy_map = {"app_server": ["server"], "app_client": ["a", "b"], "app_other": ["c"]}
    folder = job_with(tmp_path, fedavg(clients=3), deploy_map=deploy_map, extra_clients={"app_other": np_trainer()})
    made = plan(folder)
    assert [(group.app, group.names) for group in made.groups] == [("app_client", ("a", "b")), ("app_other", ("c",))]
    assert made.phases[0].messages == 6


def test_a_client_controlled_workflow_hands_over_to_the_clients(tmp_path: Path) -> None:
    made = plan(write_job(tmp_path / "job", **swarm()))
    assert phases(made) == [
        ("swarm_config", "broadcast", 1, 2),
        ("swarm_start", "one client", 1, 1),
        ("swarm_learn", "among clients", 2, 4),
        ("swarm_report_learn_result", "among clients", 2, 4),
        ("swarm_report_final_result", "among clients", 1, 2),
    ]
    assert {executor for phase in made.phases for executor in phase.handlers.values()} == {"SwarmClientController"}


def test_a_workflow_without_a_starting_client_starts_nobody(tmp_path: Path) -> None:
    job = swarm()
    job["workflows"][0]["args"]["starting_client"] = "@none"
    made = plan(write_job(tmp_path / "job", **job))
    assert "swarm_start" not in [phase.task for phase in made.phases]


def test_a_controller_of_the_jobs_own_is_shown_as_far_as_it_is_known(tmp_path: Path) -> None:
    made = plan(write_job(tmp_path / "job", **own_controller()))
    assert [phase.outcome for phase in made.phases] == ["unknown"]
    assert made.phases[0].messages is None
    assert "at least 0 tasks sent" in render(made)


def test_the_plan_as_json_is_the_same_every_time(tmp_path: Path) -> None:
    folder = job_with(tmp_path, scatter_and_gather(3), cross_site())
    first, second = plan(folder).to_json(), plan(folder).to_json()
    assert first == second
    assert list(first) == ["level", "job", "complete", "sites", "messages", "groups", "phases"]


@pytest.mark.parametrize("number", [1, 2, 7])
def test_the_timeline_has_a_line_for_each_group_and_a_column_for_each_phase(number: int, tmp_path: Path) -> None:
    made = plan(job_with(tmp_path, scatter_and_gather(3), cross_site(), deploy_map=EVERYONE), number=number)
    lines = render(made).splitlines()
    server = next(line for line in lines if line.startswith("server"))
    assert server.split("│")[1].strip() == "train x 3 → submit_model x 1 → validate x 1"
    assert sum("■" in line for line in lines) == 1
