"""This side of a run, against supervisors that misbehave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest

from fllint.simulate.supervise import Supervision, SupervisorError
from fllint.simulate.supervisor import processes
from fllint.simulate.supervisor.request import Request

HEAD = """\
import json, os, signal, subprocess, sys, time

def tell(event, **facts):
    print(json.dumps(dict(facts, event=event)), flush=True)

request = json.loads(sys.stdin.readline())
"""


def supervision(folder: Path, text: str, timeout: float = 60.0) -> Supervision:
    """A supervision whose supervisor is a small program."""
    program = folder / "supervisor.py"
    program.write_text(HEAD + text.replace("MARKER", marker(folder)))
    workspace = folder / "workspace"
    workspace.mkdir()
    return Supervision(sys.executable, Request(str(folder), str(workspace), timeout=timeout), program)


def marker(folder: Path) -> str:
    """Seconds to sleep that no other test, and no other run of the tests, sleeps."""
    return f"3{zlib.crc32(str(folder).encode()) % 1000}.{os.getpid()}"


def sleepers(seconds: str) -> list[int]:
    """Processes of this machine whose command line has a marker."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if f"sleep {seconds}" in processes.command_of(pid)]


def gone(seconds: str) -> bool:
    """Whether all processes with a marker are gone, or soon are."""
    for _ in range(1000):
        if not sleepers(seconds):
            return True
        time.sleep(0.02)
    return False


def test_events_are_given_as_they_come_and_all_together(tmp_path: Path) -> None:
    heard: list[str] = []
    events = supervision(tmp_path, 'tell("started", nvflare="2.9")\ntell("finished", outcome="completed")').run(
        lambda event: heard.append(event["event"])
    )
    assert heard == ["started", "finished"]
    assert [event["event"] for event in events] == heard


def test_the_request_arrives_as_it_was_made(tmp_path: Path) -> None:
    events = supervision(tmp_path, 'tell("finished", request=request)', timeout=12.5).run()
    told = events[0]["request"]
    assert (told["timeout"], told["job"], told["sites"], told["level"]) == (12.5, str(tmp_path), None, "run")


def test_lines_that_are_no_events_are_passed_over(tmp_path: Path) -> None:
    events = supervision(tmp_path, 'print("Loading model ...", flush=True)\ntell("finished")').run()
    assert [event["event"] for event in events] == ["finished"]


def test_a_supervisor_that_dies_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SupervisorError, match="ended before its time: ZeroDivisionError"):
        supervision(tmp_path, "1 / 0").run()


def test_an_interpreter_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    request = Request(str(tmp_path), str(tmp_path))
    with pytest.raises(SupervisorError, match="cannot be started"):
        Supervision(str(tmp_path / "python"), request).run()


def test_a_supervisor_that_hangs_is_killed_with_all_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fllint.simulate.supervise.PATIENCE", 0.5)
    monkeypatch.setattr("fllint.simulate.supervise.FAREWELL", 2.0)
    text = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "MARKER"])
subprocess.Popen(["sleep", "MARKER"], start_new_session=True)
time.sleep(300)
"""
    with pytest.raises(SupervisorError):
        supervision(tmp_path, text, timeout=0.5).run()
    assert gone(marker(tmp_path))


@pytest.mark.skipif(not processes.can_contain(), reason="needs /proc and prctl (Linux)")
def test_nothing_survives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    text = """
subprocess.Popen(["sleep", "MARKER"], start_new_session=True)
subprocess.run(["sh", "-c", "setsid sleep MARKER & exit 0"])
os.kill(os.getpid(), signal.SIGKILL)
"""
    with pytest.raises(SupervisorError):
        supervision(tmp_path, text).run()
    assert gone(marker(tmp_path))


def test_ctrl_c_ends_the_run_and_is_raised_again(tmp_path: Path) -> None:
    text = 'subprocess.Popen(["sleep", "MARKER"], start_new_session=True)\ntell("started")\ntime.sleep(300)'

    def interrupt(event: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supervision(tmp_path, text).run(interrupt)
    assert gone(marker(tmp_path))


@pytest.mark.skipif(not processes.can_contain(), reason="needs /proc and prctl (Linux)")
def test_processes_of_others_are_left_alone(tmp_path: Path) -> None:
    bystanders: list[subprocess.Popen[bytes]] = []

    def start(event: object) -> None:
        bystanders.append(subprocess.Popen(["sleep", "300"], start_new_session=True))

    thread = threading.Thread(target=lambda: None)
    thread.start()
    supervision(tmp_path, 'tell("started")\ntell("finished")').run(start)
    try:
        assert [child.poll() for child in bystanders] == [None, None]
    finally:
        for child in bystanders:
            child.send_signal(signal.SIGKILL)
            child.wait()
