from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fllint.simulate.supervisor import processes

pytestmark = pytest.mark.skipif(not processes.can_contain(), reason="needs /proc and prctl (Linux)")

PACKAGE = Path(processes.__file__).parent


def run_program(text: str) -> str:
    """Runs a program that has the module `processes`, and gives what it prints."""
    head = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\nfrom supervisor import processes\n"
    return subprocess.run(
        [sys.executable, "-c", head + text], capture_output=True, text=True, timeout=30, check=True
    ).stdout


def test_a_child_that_left_its_session_and_its_parent_is_still_found_and_killed() -> None:
    said = run_program("""
import os, subprocess, time
processes.become_subreaper()
# a child that makes a session of its own, whose parent ends at once
subprocess.run(["sh", "-c", "setsid sleep 300 & setsid sh -c 'sleep 301 & wait' & exit 0"])
for _ in range(1000):
    commands = [processes.command_of(pid) for pid in processes.descendants(os.getpid())]
    sleeping = [command for command in commands if command.startswith("sleep")]
    if len(sleeping) == 2:
        break
    time.sleep(0.02)
print(len(sleeping), flush=True)
processes.kill_descendants()
print(len(processes.descendants(os.getpid())))
""")
    assert said.split() == ["2", "0"]


def test_a_process_dies_with_its_parent() -> None:
    said = run_program("""
import os, signal, time
reading, writing = os.pipe()
middle = os.fork()
if middle == 0:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        processes.die_with_parent(parent)
        os.write(writing, str(os.getpid()).encode())
        time.sleep(300)
    time.sleep(300)
pid = int(os.read(reading, 20))
os.kill(middle, signal.SIGKILL)
os.waitpid(middle, 0)
for _ in range(1000):
    if not processes.is_alive(pid):
        break
    time.sleep(0.02)
print(processes.is_alive(pid))
""")
    assert said.strip() == "False"


def test_only_descendants_are_killed() -> None:
    bystander = subprocess.Popen(["sleep", "300"])
    try:
        run_program("""
import os, subprocess
subprocess.Popen(["sleep", "300"])
processes.kill_descendants()
""")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_memory_of_a_process_is_measured_in_megabytes() -> None:
    assert 5 < processes.resident_megabytes([os.getpid()]) < 2000
    assert processes.resident_megabytes([2**22 + 1]) == 0


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen(["true"])
    for _ in range(1000):
        if not processes.is_alive(child.pid):
            break
        time.sleep(0.02)
    assert not processes.is_alive(child.pid)
    child.wait()
