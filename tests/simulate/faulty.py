"""Jobs with one fault each, and the code that the smoke run must report: NVFlare's simulator ends most of them with
0, or hangs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.simulate.jobs import (
    AGGREGATOR,
    GENERATOR,
    LOCATOR,
    PERSISTOR,
    TRAINER,
    Config,
    cross_site,
    cyclic_controller,
    fedavg,
    minor,
    np_trainer,
    scatter_and_gather,
    script_executor,
)


@dataclass(frozen=True)
class Faulty:
    """``job``: the arguments of `write_job`. ``code`` must be reported; ``file`` is where it must point (the end of a
    path)."""

    name: str
    code: str
    job: dict[str, Any]
    file: str = ""
    line: str = ""
    request: dict[str, Any] = field(default_factory=dict)


def script(body: str, head: str = "") -> str:
    """A client script whose training step is ``body`` (it has ``weights``, ``site``, ``received`` and ``number``)."""
    indented = "\n".join("        " + line for line in body.splitlines())
    return f"""\
import os
import sys
import time

import numpy as np

import nvflare.client as flare

{head}


def main():
    flare.init()
    site = flare.get_site_name()
    number = 0
    while flare.is_running():
        received = flare.receive()
        weights = received.params["numpy_key"]
        number += 1
{indented}


main()
"""


SEND = 'flare.send(flare.FLModel(params={"numpy_key": weights + 1}, metrics={"accuracy": 0.5}))'
SELECTOR = {
    "id": "selector",
    "path": "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
    "args": {"key_metric": "accuracy"},
}


def faulty_jobs(release: str) -> list[Faulty]:
    """All of them, for a release."""
    executor = script_executor(release)
    jobs: list[Faulty] = []

    def with_script(name: str, code: str, body: str, line: str = "", head: str = "", **extra: Any) -> None:
        request = extra.pop("request", {})
        text = script(body, head)
        job: dict[str, Any] = {
            "workflows": [fedavg()],
            "components": [PERSISTOR],
            "executors": [executor],
            "scripts": {"train.py": text},
        }
        job.update(extra)
        jobs.append(Faulty(name, code, job, "custom/train.py" if line else "", line, request))

    def add(name: str, code: str, file: str = "", line: str = "", **job: Any) -> None:
        request = job.pop("request", {})
        base: dict[str, Any] = {
            "workflows": [fedavg()],
            "components": [PERSISTOR],
            "executors": [executor],
            "scripts": {"train.py": TRAINER},
        }
        base.update(job)
        jobs.append(Faulty(name, code, base, file, line, request))

    # the script
    with_script("script-raises", "FL901", "raise ValueError('no data at ' + site)", "raise ValueError")
    with_script(
        "script-raises-at-one-site",
        "FL901",
        f"if site == 'site-2':\n    raise KeyError('label')\n{SEND}",
        "raise KeyError",
    )
    with_script("script-imports-what-is-missing", "FL901", SEND, "import nowhere", head="import nowhere")
    with_script("script-raises-in-second-round", "FL901", f"if number == 2:\n    1 / 0\n{SEND}", "1 / 0")
    with_script("script-has-syntax-error", "FL901", SEND, "def broken(:", head="def broken(:")
    with_script(
        "script-wrong-arguments",
        "FL904",
        SEND,
        "parse_args",
        head="import argparse\nargparse.ArgumentParser().parse_args()",
        executors=[script_executor(release, arguments="--epochs 3")],
    )
    with_script("script-never-sends", "FL902", "pass\nbreak", request={"task_timeout": 10})
    with_script("script-stops-after-first-round", "FL902", f"{SEND}\nbreak", request={"task_timeout": 10})
    with_script(
        "script-forgets-to-send",
        "FL903",
        "while True:\n    time.sleep(0.1)  # waits",
        "# waits",
        request={"task_timeout": 2},
    )
    with_script(
        "script-hangs-at-one-site",
        "FL903",
        f"if site == 'site-2':\n    time.sleep(1000)  # hangs\n{SEND}",
        "# hangs",
        request={"task_timeout": 2},
    )
    with_script("script-spins", "FL903", "while True:  # spins\n    number += 1", request={"task_timeout": 2})
    with_script("script-os-exit", "FL904", "os._exit(3)")
    with_script("script-os-exit-zero", "FL904", "os._exit(0)")
    with_script("script-sys-exit", "FL904", "sys.exit('done')  # leaves", "# leaves")
    with_script("script-segfault", "FL904", "import ctypes\nctypes.string_at(0)")
    with_script("script-sends-twice", "FL905", f"{SEND}\n{SEND}  # again", "# again")
    with_script("script-sends-no-model", "FL901", "flare.send(None)  # no model", "# no model")
    add(
        "script-without-init",
        "FL901",
        "custom/train.py",
        "flare.receive()",
        scripts={"train.py": "import nvflare.client as flare\n\nmodel = flare.receive()\nflare.send(model)\n"},
    )

    # what it sends
    with_script(
        "wrong-key",
        "FL906",
        'name = "weights" if site == "site-2" else "numpy_key"\nflare.send(flare.FLModel(params={name: weights + 1}))',
    )
    with_script("missing-key", "FL906", "flare.send(flare.FLModel(params={'other': weights + 1}))")
    with_script(
        "wrong-shape",
        "FL907",
        'grown = weights[:2] if site == "site-2" else weights\n'
        "flare.send(flare.FLModel(params={'numpy_key': grown + 1}))",
    )
    with_script(
        "wrong-dtype", "FL907", "flare.send(flare.FLModel(params={'numpy_key': (weights + 1).astype('float64')}))"
    )
    with_script("not-a-number", "FL908", "flare.send(flare.FLModel(params={'numpy_key': weights * np.nan}))")
    with_script("infinite", "FL908", "flare.send(flare.FLModel(params={'numpy_key': weights + np.inf}))")
    with_script(
        "not-serialisable",
        "FL910",
        "flare.send(flare.FLModel(params={'numpy_key': weights, 'lock': threading.Lock()}))  # a lock",
        "# a lock",
        head="import threading",
    )
    with_script("unchanged-model", "FL915", "flare.send(flare.FLModel(params={'numpy_key': weights}))")
    with_script(
        "no-metric",
        "FL917",
        "flare.send(flare.FLModel(params={'numpy_key': weights + 1}, metrics={'loss': 1.0}))",
        components=[PERSISTOR, SELECTOR],
    )
    with_script(
        "difference-for-weights",
        "FL909",
        SEND,
        workflows=[scatter_and_gather()],
        components=[PERSISTOR, AGGREGATOR, GENERATOR],
        executors=[script_executor(release, params_transfer_type="DIFF")],
    )
    with_script(
        "weights-for-difference",
        "FL909",
        SEND,
        workflows=[scatter_and_gather()],
        components=[PERSISTOR, {**AGGREGATOR, "args": {}}, GENERATOR],
    )
    with_script(
        "empty-parameters",
        "FL909" if minor(release) >= 9 else "FL921",
        "flare.send(flare.FLModel(params={}, metrics={'accuracy': 1.0}))",
    )
    with_script(
        "leaves-a-child",
        "FL918",
        f"import subprocess\nif number == 1:\n    subprocess.Popen(['sleep', '300'], start_new_session=True)\n{SEND}",
    )
    with_script(
        "uses-too-much-memory",
        "FL919",
        f"hoard = [np.ones(1 << 20) for _ in range(400)]\ntime.sleep(1)\n{SEND}",
        request={"memory": 600},
    )

    # the configuration
    add(
        "task-unknown",
        "FL911",
        "app_client/config/config_fed_client.json",
        executors=[script_executor(release, tasks=["validate"])],
    )
    add(
        "no-submit-model",
        "FL911",
        workflows=[scatter_and_gather(1), cross_site()],
        components=[PERSISTOR, AGGREGATOR, GENERATOR, LOCATOR],
        executors=[np_trainer()[0] | {"tasks": ["train"]}, np_trainer()[1]],
    )
    add(
        "client-class-unknown",
        "FL912",
        "app_client/config/config_fed_client.json",
        executors=[_executor("nvflare.app_common.np.np_trainer.NPTrainr")],
    )
    add(
        "client-argument-unknown",
        "FL912",
        "app_client/config/config_fed_client.json",
        executors=[_executor("nvflare.app_common.np.np_trainer.NPTrainer", steps=3)],
    )
    add(
        "custom-executor-raises",
        "FL912",
        "custom/mine.py",
        "raise OSError",
        executors=[_executor("mine.Mine")],
        scripts={
            "mine.py": _executor_class(
                "def __init__(self):\n        super().__init__()\n        raise OSError('no disk')"
            )
        },
    )
    add(
        "executor-hangs-at-start",
        "FL903",
        "custom/mine.py",
        "time.sleep(1000)",
        executors=[_executor("mine.Mine")],
        scripts={
            "mine.py": "import time\n"
            + _executor_class("def handle_event(self, event_type, fl_ctx):\n        time.sleep(1000)")
        },
        request={"task_timeout": 2},
    )
    add(
        "script-missing",
        "FL912",
        "app_client/config/config_fed_client.json",
        executors=[script_executor(release, script="trainer.py")],
    )
    add(
        "one-client-broken",
        "FL912",
        "app_other/config/config_fed_client.json",
        deploy_map={"app_server": ["server"], "app_client": ["site-1"], "app_other": ["site-2"]},
        extra_clients={"app_other": [_executor("nowhere.Trainer")]},
    )
    add(
        "server-class-unknown",
        "FL912",
        "app_server/config/config_fed_server.json",
        components=[{**PERSISTOR, "path": "nvflare.app_common.np.np_model_persistor.NPPersistor"}],
    )
    add("persistor-missing", "FL901", "custom/train.py", "numpy_key", components=[])
    add(
        "executor-raises",
        "FL923",
        "custom/mine.py",
        "raise RuntimeError",
        executors=[_executor("mine.Mine")],
        scripts={
            "mine.py": _executor_class(
                "def execute(self, task_name, shareable, fl_ctx, abort_signal):\n        raise RuntimeError('broken')"
            )
        },
    )
    add(
        "filter-gives-nothing",
        "FL923",
        executors=[executor],
        scripts={"train.py": TRAINER, "mine.py": _FILTER},
        client={"task_result_filters": [{"tasks": ["train"], "filters": [{"path": "mine.Nothing"}]}]},
    )
    add(
        "relay-fails",
        "FL923",
        workflows=[cyclic_controller()],
        components=[PERSISTOR, GENERATOR],
        executors=[_executor("mine.Mine")],
        scripts={
            "mine.py": _executor_class(
                "def execute(self, task_name, shareable, fl_ctx, abort_signal):\n        raise RuntimeError('broken')"
            )
        },
    )
    add("meta-without-app", "FL924", "meta.json", meta={"deploy_map": {"app_nowhere": ["@ALL"]}})
    add("rounds-as-text", "FL921", workflows=[_text_rounds()])
    add(
        "aggregator-raises",
        "FL916",
        "custom/mine.py",
        "raise ArithmeticError",
        workflows=[scatter_and_gather()],
        components=[PERSISTOR, {"id": "aggregator", "path": "mine.Mine"}, GENERATOR],
        server_scripts={"mine.py": _AGGREGATOR},
    )
    return jobs


def _text_rounds() -> Config:
    workflow = fedavg()
    workflow["args"]["num_rounds"] = "2"
    return workflow


def _executor(path: str, **args: Any) -> Config:
    return {"tasks": ["train"], "executor": {"path": path, "args": args}}


def _executor_class(method: str) -> str:
    return f"""\
from nvflare.apis.executor import Executor


class Mine(Executor):
    {method}
""" + (
        ""
        if "def execute" in method
        else "\n    def execute(self, task_name, shareable, fl_ctx, abort_signal):\n        return shareable\n"
    )


_FILTER = """\
from nvflare.apis.filter import Filter


class Nothing(Filter):
    def process(self, shareable, fl_ctx):
        return None
"""

_AGGREGATOR = """\
from nvflare.apis.shareable import Shareable
from nvflare.app_common.abstract.aggregator import Aggregator


class Mine(Aggregator):
    def accept(self, shareable, fl_ctx):
        raise ArithmeticError("cannot add")

    def aggregate(self, fl_ctx):
        return Shareable()
"""
