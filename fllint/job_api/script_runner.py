"""What a `ScriptRunner` puts on a client (nvflare/job_config/script_runner.py): one executor, and up to 2.8 for an
external process also pipes, a launcher and a relay of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from fllint.catalogue.job_parts import (
    CONFIGURATOR,
    EXTERNAL,
    IN_PROCESS,
    LAUNCHER,
    ONE_EXECUTOR,
    PIPE,
    RELAY,
    RUNNER_TO_EXECUTOR,
)
from fllint.documents.tree import UNKNOWN
from fllint.job_api.jobs import AppDraft, FileUse, JobObject, Placed
from fllint.job_api.things import Argument, Thing
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Known, Listing, Value, listing

if TYPE_CHECKING:
    from fllint.job_api.reading import ScriptReader


def place_runner(
    job: JobObject, app: AppDraft, runner: Thing, tasks: Argument | None, site: CallSite, default: str = "pytorch"
) -> None:
    """Adds to an app what a runner stands for. ``default`` is the framework when none is given."""
    reader = job.reader
    script = runner.arguments.get("script")
    if script is None:
        runner = _without_script(runner)
    else:
        app.files.append(FileUse(script))
        path = reader.constants.text(script.value)
        if path is None or not reader.folder.holds(path):
            runner = _without_script(runner)  # what is wrong with it is said where it is written
    own = runner.value("executor")
    if isinstance(own, Thing):
        app.executors.append(Placed(own, site, tasks=tasks))
        return
    external = _external(reader, runner)
    framework = runner.value("framework")
    named = reader.constants.plain(framework) if framework is not None else default
    if external is None or named not in IN_PROCESS:
        app.unknown.append("an executor whose class is not known")
        job.doubt("the executor of a ScriptRunner is not known")
        return
    if reader.class_info(ONE_EXECUTOR) is not None:
        executor = reader.derived(ONE_EXECUTOR, site, _one_executor(reader, runner, external))
    elif external:
        executor = reader.derived(EXTERNAL[str(named)], site, _launched(job, app, runner, site))
    else:
        executor = reader.derived(IN_PROCESS[str(named)], site, _in_process(runner))
    _hand_on(runner, executor)
    app.executors.append(Placed(executor, site, tasks=tasks))


def _without_script(runner: Thing) -> Thing:
    """The same runner, of whose script nothing is known."""
    given = runner.arguments.get("script")
    script = Argument(NOTHING_KNOWN, given.place if given else runner.site.place)
    return replace(runner, arguments={**runner.arguments, "script": script})


def _external(reader: ScriptReader, runner: Thing) -> bool | None:
    """Whether the script runs in a process of its own; None when that is not known."""
    mode = reader.constants.plain(runner.value("execution_mode")) if runner.value("execution_mode") else None
    if mode is not None:
        return None if mode is UNKNOWN else mode == "external_process"
    given = runner.value("launch_external_process")
    value = reader.constants.plain(given) if given is not None else False
    return bool(value) if isinstance(value, bool) else None


def _in_process(runner: Thing) -> dict[str, Argument]:
    named = {"task_script_path": "script", "task_script_args": "script_args"}
    return {name: runner.arguments[given] for name, given in named.items() if given in runner.arguments}


def _one_executor(reader: ScriptReader, runner: Thing, external: bool) -> dict[str, Argument]:
    mode = Argument(Known("external_process" if external else "in_process"), runner.site.place)
    if not external:
        return {"execution_mode": mode, **_in_process(runner)}
    words = _words(reader, runner)
    names = ("launch_once", "launch_timeout", "shutdown_timeout")
    handed = {name: runner.arguments[name] for name in names if name in runner.arguments}
    place = runner.arguments["script"].place if "script" in runner.arguments else runner.site.place
    command: Value = listing(tuple(Known(word) for word in words)) if words is not None else NOTHING_KNOWN
    return {"execution_mode": mode, "command": Argument(command, place), **handed}


def _words(reader: ScriptReader, runner: Thing) -> list[str] | None:
    """The command of an external process; None when a part is not known."""
    import shlex

    found: list[str] = []
    for name, default in (("command", "python3 -u"), ("script", ""), ("script_args", "")):
        value = runner.value(name)
        plain = default if value is None else reader.constants.plain(value)
        if isinstance(plain, list) and all(isinstance(item, str) for item in plain):
            found += [str(item) for item in plain]
        elif not isinstance(plain, str):
            return None
        elif name == "script":
            found.append(f"custom/{plain}")
        else:
            try:
                found += shlex.split(plain)
            except ValueError:
                return None
    return found


def _launched(job: JobObject, app: AppDraft, runner: Thing, site: CallSite) -> dict[str, Argument]:
    reader = job.reader

    def component(wanted: str, parameter: str, path: str, arguments: dict[str, Argument]) -> str:
        own = runner.value(parameter)
        thing = own if isinstance(own, Thing) else reader.derived(path, site, arguments)
        return app.add_component(thing, site, wanted)

    def here(value: object) -> Argument:
        return Argument(Known(value), runner.site.place)

    given_by_site = Argument(NOTHING_KNOWN, runner.site.place)
    pipe_arguments = {
        "mode": here("PASSIVE"),
        "site_name": given_by_site,
        "token": given_by_site,
        "root_url": given_by_site,
        "secure_mode": given_by_site,
        "workspace_dir": given_by_site,
    }
    pipe = component("pipe", "task_pipe", PIPE, pipe_arguments)
    defaults = {"command": "python3 -u", "script": "", "script_args": ""}
    words = [
        reader.constants.plain(value) if (value := runner.value(name)) is not None else default
        for name, default in defaults.items()
    ]
    known = all(isinstance(word, str) for word in words)
    command = Known(f"{words[0]} custom/{words[1]} {words[2]}") if known else NOTHING_KNOWN
    place = runner.arguments["script"].place if "script" in runner.arguments else runner.site.place
    launcher_arguments = {"script": Argument(command, place)}
    launcher = component("launcher", "launcher", LAUNCHER, launcher_arguments)
    metrics = component("metrics_pipe", "metric_pipe", PIPE, pipe_arguments)
    relay_arguments = {"pipe_id": here(metrics), "event_type": here("fed.analytix_log_stats")}
    relay = component("metric_relay", "metric_relay", RELAY, relay_arguments)
    ids = Argument(Listing((Known(relay),)), runner.site.place)
    app.add_component(reader.derived(CONFIGURATOR, site, {"component_ids": ids}), site, "config_preparer")
    return {"pipe_id": here(pipe), "launcher_id": here(launcher)}


def _hand_on(runner: Thing, executor: Thing) -> None:
    for name in RUNNER_TO_EXECUTOR:
        if name in runner.arguments and executor.info is not None and executor.info.parameter(name):
            executor.arguments.setdefault(name, runner.arguments[name])
