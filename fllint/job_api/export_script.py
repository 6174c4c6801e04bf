"""Runs a script of the Job API so that each job is exported where it would be run. This is the child's side.

It runs in the user's interpreter (Python 3.8 or newer, NVFlare 2.5 to 2.9) and needs nothing but the standard library
and NVFlare. What it tells goes as JSON lines to a file: each job with its folder, and where in the script each part of
it was made.

Every way in which a script runs or exports a job ends in `FedJobConfig.simulator_run` or `generate_job_config`
(nvflare/job_config/fed_job_config.py, 2.5 to 2.9): these two are replaced, so that all of NVFlare's own checks before
them are made. Environments that reach out (POC, production) deploy nothing.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import json
import os
import sys
import traceback
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeAlias

Lines: TypeAlias = "list[list[Any]]"
"""Lines of the script's own code that led somewhere, as [file, line]; the innermost comes first."""

ADDING = "add_to_fed_job"
"""The method by which an object puts others into a job (nvflare/job_config/api.py, since 2.5)."""


ENDING = ("execute", "run", "export")
"""The methods of a recipe that may complete its job first (nvflare/recipe/spec.py, since 2.7)."""


class Ended(BaseException):
    """The script is at the point where it would hand a job over to a running system: that is its end here."""


class Recorder:
    """What is known of a script while it runs: the objects that it made, and where; the jobs that it exported."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._folders = tuple(os.path.join(folder, "") for folder in request["own_folders"])
        self.target = request["target"]
        os.makedirs(self.target, exist_ok=True)
        self._events = open(request["events"], "a", encoding="utf-8")  # noqa: SIM115  (as long as the process lives)
        self._made: dict[int, tuple[Any, Lines]] = {}
        self._added: dict[int, tuple[Any, Lines]] = {}
        self._exports: dict[int, tuple[Any, int]] = {}

    def tell(self, event: str, **facts: Any) -> None:
        self._events.write(json.dumps(dict(facts, event=event), default=str) + "\n")
        self._events.flush()

    def is_own(self, file: str) -> bool:
        """Whether a file is the script's own code: no package, and nothing of Python's."""
        return file.startswith(self._folders) and "site-packages" not in file and "dist-packages" not in file

    def lines(self, subject: object = None, of_adder: bool = True) -> Lines:
        """The lines of the script's own code that are being executed. Constructors of ``subject`` do not count: its
        class may be the script's own. What an object adds to a job was made where that object was (``of_adder``)."""
        frame: types.FrameType | None = sys._getframe(1)
        found: Lines = []
        while frame is not None:
            code = frame.f_code
            adder = self._adder(frame) if of_adder else []
            if adder:
                return adder
            if self.is_own(code.co_filename) and not self._constructs(frame, subject):
                found.append([code.co_filename, frame.f_lineno])
            frame = frame.f_back
        return found

    def _adder(self, frame: types.FrameType) -> Lines:
        """Where the object was made whose method puts others into the job: a recipe, or one with ``add_to_fed_job``."""
        names = frame.f_code.co_varnames
        made = self._made.get(id(frame.f_locals.get(names[0]))) if names else None
        if made is None or frame.f_locals.get(names[0]) is not made[0]:
            return []
        is_recipe = any(kind.__name__ == "Recipe" for kind in type(made[0]).__mro__)
        return made[1] if frame.f_code.co_name in (ENDING if is_recipe else (ADDING,)) else []

    @staticmethod
    def _constructs(frame: types.FrameType, subject: object) -> bool:
        names = frame.f_code.co_varnames
        if subject is None or frame.f_code.co_name != "__init__" or not names:
            return False
        return frame.f_locals.get(names[0]) is subject

    def note_made(self, made: object) -> None:
        if id(made) not in self._made:
            self._made[id(made)] = (made, self.lines(made))

    def note_added(self, added: object) -> None:
        if id(added) not in self._added:
            self._added[id(added)] = (added, self.lines(of_adder=False))

    def export(self, job: Any, generate: Callable[[Any, str], Any], run: dict[str, Any] | None = None) -> None:
        """Exports a job, and tells where its parts come from. A job that comes again takes its own place."""
        number = self._exports.setdefault(id(job), (job, len(self._exports) + 1))[1]
        root = os.path.join(self.target, str(number))
        generate(job, root)
        self.tell(
            "job",
            number=number,
            name=job.job_name,
            folder=os.path.join(root, job.job_name),
            lines=self.lines(),
            run=run,
            origins=self._origins(job),
        )

    # where the parts of a job come from

    def _origins(self, job: Any) -> dict[str, dict[str, Any]]:
        """By file and JSON pointer: the lines that made, and that added, what stands there."""
        origins: dict[str, dict[str, Any]] = {"meta.json": {"": self._origin(job)}}
        for name, app in job.fed_apps.items():
            if app.server_app is not None:
                config = origins.setdefault(name + "/config/config_fed_server.json", {})
                for index, workflow in enumerate(app.server_app.workflows):
                    self._put(config, f"/workflows/{index}", workflow.controller)
                self._put_common(config, app.server_app)
            if app.client_app is not None:
                config = origins.setdefault(name + "/config/config_fed_client.json", {})
                for index, definition in enumerate(app.client_app.executors):
                    self._put(config, f"/executors/{index}/executor", definition.executor)
                    added = self._origin(definition.executor)["added"]
                    config[f"/executors/{index}"] = {"class": "to", "made": added, "added": []}
                self._put_common(config, app.client_app)
        return origins

    def _put_common(self, config: dict[str, Any], app: Any) -> None:
        for index, component in enumerate(app.components.values()):
            self._put(config, f"/components/{index}", component)
        for table in ("task_data_filters", "task_result_filters"):
            for index, (_, filters) in enumerate(getattr(app, table)):
                for inner, each in enumerate(filters):
                    self._put(config, f"/{table}/{index}/filters/{inner}", each)

    def _put(self, config: dict[str, Any], pointer: str, component: object, above: tuple[int, ...] = ()) -> None:
        """A component, and what it was given that the script made too."""
        origin = self._origin(component)
        if above and not origin["made"]:
            return
        config[pointer] = origin
        for name, value in list(getattr(component, "__dict__", {}).items()):
            if type(value).__module__ != "builtins" and id(value) not in above and len(above) < 4:
                self._put(config, pointer + "/args/" + str(name).lstrip("_"), value, (*above, id(component)))

    def _origin(self, part: object) -> dict[str, Any]:
        made = self._made.get(id(part), (None, []))[1]
        added = self._added.get(id(part), (None, []))[1]
        return {"class": type(part).__name__, "made": made, "added": added}

    # how a script can end

    def tell_failure(self, error: BaseException) -> None:
        """Tells what ended the script, with the whole traceback as [file, line, function]."""
        frames = [[frame.filename, frame.lineno, frame.name] for frame in traceback.extract_tb(error.__traceback__)]
        facts: dict[str, Any] = {"type": type(error).__name__, "message": str(error)[:4000], "frames": frames}
        facts["kinds"] = [kind.__name__ for kind in type(error).__mro__]
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            facts["frames"].append([error.filename, error.lineno, ""])
            facts["message"] = error.msg
        if isinstance(error, SystemExit):
            facts["status"] = error.code if isinstance(error.code, (int, str)) else None
        if isinstance(error, ImportError):
            facts["module"] = error.name
        self.tell("failed", **facts)


# what is replaced


def _noting(method: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
    """A method that is noted before it does its work."""

    @functools.wraps(method)
    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        note(self, *args, **kwargs)
        return method(self, *args, **kwargs)

    return noted


class Replacements:
    """What is replaced in NVFlare's modules when the script imports them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._by_module: dict[str, Callable[[Any], None]] = {
            "nvflare.apis.fl_component": self._components,
            "nvflare.job_config.fed_job_config": self._job_config,
            "nvflare.job_config.base_app_config": self._additions,
            "nvflare.job_config.fed_app_config": self._additions,
            "nvflare.recipe.spec": self._recipes,
            "nvflare.recipe.sim_env": self._simulation,
            "nvflare.recipe.poc_env": self._deployment,
            "nvflare.recipe.prod_env": self._deployment,
            "nvflare.fuel.flare_api.flare_api": self._sessions,
            "nvflare.private.fed.app.simulator.simulator_runner": self._simulator,
        }

    def apply(self, module: types.ModuleType) -> None:
        """Replaces what there is to replace in a module that has just been imported."""
        for value in list(vars(module).values()):
            is_defined_here = isinstance(value, type) and value.__module__ == module.__name__
            if is_defined_here and ADDING in vars(value) and "__init__" in vars(value):
                self._note_construction(value)
        replace = self._by_module.get(module.__name__)
        if replace is not None:
            replace(module)

    def _note_construction(self, kind: Any) -> None:
        recorder = self._recorder
        kind.__init__ = _noting(kind.__init__, lambda self, *_, **__: recorder.note_made(self))

    def _components(self, module: Any) -> None:
        self._note_construction(module.FLComponent)

    def _recipes(self, module: Any) -> None:
        self._note_construction(module.Recipe)

    def _job_config(self, module: Any) -> None:
        recorder, kind = self._recorder, module.FedJobConfig
        generate = kind.generate_job_config
        self._note_construction(kind)

        @functools.wraps(generate)
        def generate_job_config(self: Any, job_root: str, *args: Any, **kwargs: Any) -> None:
            recorder.export(self, generate)

        @functools.wraps(kind.simulator_run)
        def simulator_run(
            self: Any, workspace: str, clients: Any = None, n_clients: Any = None, *args: Any, **kwargs: Any
        ) -> int:
            names = [name.strip() for name in str(clients).split(",")] if clients else None
            recorder.export(self, generate, {"clients": names, "n_clients": n_clients})
            return 0

        kind.generate_job_config = generate_job_config
        kind.simulator_run = simulator_run

    def _additions(self, module: Any) -> None:
        """The methods ``add_...`` of the configs of apps: they take the object as an argument."""
        recorder = self._recorder

        def note(_: object, *args: Any, **kwargs: Any) -> None:
            for given in (*args, *kwargs.values()):
                if type(given).__module__ != "builtins":
                    recorder.note_added(given)

        for kind in [each for each in vars(module).values() if isinstance(each, type)]:
            if kind.__module__ == module.__name__:
                for name, method in list(vars(kind).items()):
                    if name.startswith("add_") and isinstance(method, types.FunctionType):
                        setattr(kind, name, _noting(method, note))

    def _simulation(self, module: Any) -> None:
        """`SimEnv.deploy` (2.9) writes a policy to the workspace that the job would have."""
        if hasattr(module.SimEnv, "_ensure_default_component_policy"):
            module.SimEnv._ensure_default_component_policy = staticmethod(lambda workspace: None)

    def _deployment(self, module: Any) -> None:
        """POC and production: the job is exported, and there is no result. POC wants its scripts to be here."""
        is_poc = hasattr(module, "PocEnv")
        kind = module.PocEnv if is_poc else module.ProdEnv

        def deploy(self: Any, job: Any) -> str:
            missing = module.collect_non_local_scripts(job) if hasattr(module, "collect_non_local_scripts") else []
            if is_poc and missing:
                raise ValueError(
                    f"The following scripts do not exist locally: {missing}. "
                    "For PocEnv, all scripts must be present on the local machine."
                )
            job.export_job("")
            return str(job.name)

        kind.deploy = deploy
        if not is_poc:
            self._do_without_startup_kit(kind)
        for name in ("get_job_result", "get_job_status", "abort_job", "stop"):
            setattr(kind, name, lambda self, *args, **kwargs: None)

    def _do_without_startup_kit(self, kind: Any) -> None:
        """`ProdEnv` wants a startup kit that is there; a job can be exported where none is."""
        construct, instead = kind.__init__, self._recorder.target

        @functools.wraps(construct)
        def constructed(self: Any, *args: Any, **kwargs: Any) -> None:
            kit = args[0] if args else kwargs.get("startup_kit_location")
            if isinstance(kit, str) and not os.path.exists(kit):
                args = (instead, *args[1:]) if args else ()
                kwargs = kwargs if args else dict(kwargs, startup_kit_location=instead)
            construct(self, *args, **kwargs)

        kind.__init__ = constructed

    def _sessions(self, module: Any) -> None:
        def start(self: Any, *args: Any, **kwargs: Any) -> None:
            raise Ended("the script opens a session with a running system")

        module.Session.__init__ = start

    def _simulator(self, module: Any) -> None:
        def start(self: Any, *args: Any, **kwargs: Any) -> None:
            raise Ended("the script starts the simulator by itself")

        module.SimulatorRunner.__init__ = start


class ReplacingFinder(importlib.abc.MetaPathFinder):
    """Finds NVFlare's modules as they would be found, and has them changed after their import."""

    def __init__(self, replacements: Replacements) -> None:
        self._replacements = replacements

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith("nvflare."):
            return None
        found = (finder.find_spec(fullname, path, target) for finder in sys.meta_path if finder is not self)
        spec = next((each for each in found if each is not None), None)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            loader: Any = spec.loader
            execute, replacements = loader.exec_module, self._replacements

            def exec_module(module: types.ModuleType) -> None:
                execute(module)
                replacements.apply(module)

            loader.exec_module = exec_module
        return spec


def run(request: dict[str, Any]) -> None:
    """Runs the script as ``python script.py arguments`` would, in the folder that this process has."""
    recorder = Recorder(request)
    recorder.tell("started", python=sys.version.split()[0])
    sys.meta_path.insert(0, ReplacingFinder(Replacements(recorder)))
    script = request["script"]
    sys.path[0] = os.path.dirname(script)
    sys.argv = [script, *request["arguments"]]
    main = types.ModuleType("__main__")
    main.__file__ = script
    vars(main)["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    try:
        with open(script, "rb") as file:
            code = compile(file.read(), script, "exec", dont_inherit=True)
        exec(code, vars(main))
    except Ended as ended:
        recorder.tell("ended", why=str(ended))
    except BaseException as error:
        recorder.tell_failure(error)
    recorder.tell("finished")


if __name__ == "__main__":
    run(json.loads(sys.stdin.readline()))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no thread or atexit function of the script keeps an export waiting
