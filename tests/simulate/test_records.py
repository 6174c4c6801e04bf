from __future__ import annotations

from datetime import datetime

import pytest

from fllint.simulate.supervisor.full import Record, meaning_of, records_in
from fllint.simulate.supervisor.records import frames_of_chain, frames_of_text

LOG = """\
2026-01-01 10:00:00,123 - ServerRunner - INFO - starting
2026-01-01 10:00:01,123 - ClientRunner - ERROR - [identity=site-1, run=simulate_job]: broken
2026-01-01 10:00:01,124 - ClientRunner - ERROR - Traceback (most recent call last):
  File "/ws/site-1/simulate_job/app_site-1/custom/train.py", line 7, in main
    raise ValueError("no")
ValueError: no

2026-01-01 10:00:02,123 - ClientRunner - WARNING - [identity=site-1, run=simulate_job] - last words
"""


def test_warnings_and_errors_of_a_log_are_records_with_their_tracebacks() -> None:
    records = list(records_in("site-1", LOG))
    assert [(record.level, record.message.splitlines()[0]) for record in records] == [
        ("ERROR", "broken"),
        ("ERROR", "Traceback (most recent call last):"),
        ("WARNING", "last words"),
    ]
    assert records[1].message.rstrip().endswith("ValueError: no")


def record(logger: str, message: str) -> Record:
    return Record(datetime(2026, 1, 1), "site-1", "ERROR", logger, message)


@pytest.mark.parametrize(
    "said",
    [
        "TypeError: <class '_thread.lock'> can't be serialized by FOBS without a decomposer",  # 2.5 and 2.6
        "ValueError: Exception serializing <class 'Shareable'>: TypeError",  # since 2.7
    ],
)
def test_a_result_that_cannot_be_sent_is_known_from_the_log_of_every_release(said: str) -> None:
    meaning = meaning_of(record("SimulatorClientRunner", f"do_one_task execute exception: {said}"))
    assert meaning["fault"] == "result-not-serialisable"


def test_a_script_that_ends_since_its_job_was_aborted_did_not_crash() -> None:
    traceback = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n'
    crashed = record("TaskScriptRunner", traceback + "ValueError: no data")
    aborted = record(
        "TaskScriptRunner", traceback + "RuntimeError: request to abort the job for reason train' is aborted"
    )
    assert meaning_of(crashed)["fault"] == "script-crash"
    assert meaning_of(aborted) == {}


def test_frames_are_read_from_the_last_traceback_of_a_text() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nTraceback (most recent call last):\n'
    text += '  File "b.py", line 2, in <module>\n    x\n  File "c.py", line 3, in g\n'
    assert frames_of_text(text) == [["b.py", 2, "<module>"], ["c.py", 3, "g"]]


def test_frames_of_an_exception_end_with_those_of_its_first_cause() -> None:
    def fails() -> None:
        raise KeyError("cause")

    try:
        try:
            fails()
        except KeyError as error:
            raise RuntimeError("consequence") from error
    except RuntimeError as error:
        names = [frame[2] for frame in frames_of_chain(error)]
    assert names[-1] == "fails"
    assert len(names) == 3


def test_a_syntax_error_points_at_its_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = 1\ndef f(:\n", "train.py", "exec")
    assert frames_of_chain(caught.value)[-1][:2] == ["train.py", 2]
