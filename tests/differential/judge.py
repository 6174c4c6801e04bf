"""The judge: what NVFlare itself says about a job. Run by a judge's own interpreter (see judges.py).

Reads JSON lines ``{"job": PATH}`` on standard input and answers each with one JSON line, in order:

    {"job": PATH, "verdict": "accepts" | "refuses" | "unknown", "validator": "ok" | MESSAGE,
     "server": "ok" | "not tried" | MESSAGE, "clients": {APP: "ok" | MESSAGE}}

*validator* is the server's JobMetaValidator on the zip that NVFlare makes of the folder, as submit and the simulator
do. *server* and *clients* are ServerJsonConfigurator and ClientJsonConfigurator on each app, unpacked into a site's
workspace, with ``custom/`` at the end of ``sys.path`` and the authoriser of component builds, as a site does it
(private/fed/server/server_app_runner.py, private/fed/client/client_app_runner.py). One client speaks for all clients
of an app. A message that starts with "unknown:" means that the judge cannot tell: an optional third-party package is
not installed beside it, or the step did not end in time.

A request may also hold ``"sites": [...]`` (the clients that @ALL stands for; default: site-1), ``"byoc": "job"`` (the
simulator's job-wide BYOC flag instead of each app's own, which real sites compute), ``"timeout": SECONDS``, and
``"start_run": true`` (also fire START_RUN and initialise the workflows, against an engine that knows only components).

NVFlare is imported once; every step of a job runs in a forked child, so that modules and paths cannot leak.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import json
import logging
import os
import select
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

JOB_ID = "simulate_job"
SERVER = "server"
OK = "ok"
NOT_TRIED = "not tried"
UNKNOWN = "unknown: "
TIMEOUT = 30.0

# What NVFlare's optional parts and ordinary jobs import, and the judge need not have installed.
OPTIONAL_PACKAGES = """
accelerate bitsandbytes boto3 cuda cudf cuml cupy cv2 datasets einops evaluate executorch flwr h5py
huggingface_hub ignite jax joblib keras kubernetes lightgbm lightning matplotlib mlflow monai monai_nvflare nemo
nibabel nltk onnx onnxruntime opacus optax optuna pandas peft PIL polars private_set_intersection pydicom pynvml
pytorch_lightning ray rdkit safetensors scipy seaborn SimpleITK skimage sklearn statsmodels tenseal tensorboard
tensorboardX tensorflow tf_keras tiktoken timm tokenizers torch torch_geometric torchaudio torchmetrics
torchvision tqdm transformers triton trl wandb xgboost
"""

# Imported before the first fork, so that every child finds them loaded; a release may lack some.
PRELOADED = (
    "nvflare.apis.utils.job_utils",
    "nvflare.app_common.aggregators.intime_accumulate_model_aggregator",
    "nvflare.app_common.ccwf",
    "nvflare.app_common.ccwf.comps",
    "nvflare.app_common.executors.client_api_executor",
    "nvflare.app_common.executors.client_api_launcher_executor",
    "nvflare.app_common.executors.in_process_client_api_executor",
    "nvflare.app_common.executors.statistics.statistics_executor",
    "nvflare.app_common.np.np_model_persistor",
    "nvflare.app_common.np.np_trainer",
    "nvflare.app_common.workflows.cross_site_model_eval",
    "nvflare.app_common.workflows.cyclic_ctl",
    "nvflare.app_common.workflows.fedavg",
    "nvflare.app_common.workflows.scatter_and_gather",
    "nvflare.app_common.workflows.statistics_controller",
    "nvflare.fuel.utils.zip_utils",
    "nvflare.fuel_opt.utils.omegaconf_loader",
    "nvflare.fuel_opt.utils.pyhocon_loader",
    "nvflare.private.fed.client.client_json_config",
    "nvflare.private.fed.client.client_runner",
    "nvflare.private.fed.server.job_meta_validator",
    "nvflare.private.fed.server.server_json_config",
    "nvflare.private.fed.utils.fed_utils",
    "omegaconf",
    "pyhocon",
)


def nvflare(module: str, name: str) -> Any:
    """One of NVFlare's own objects, by its module (relative to the package) and its name."""
    return getattr(importlib.import_module("nvflare." + module), name)


def judge(request: dict[str, Any]) -> dict[str, Any]:
    """NVFlare's verdict on the job of one request; never raises."""
    timeout = float(request.get("timeout", TIMEOUT))
    with tempfile.TemporaryDirectory(prefix="judge-") as workshop:

        def outcome(result: dict[str, Any]) -> str:
            return str(result["outcome"]).replace(workshop + os.sep, "")

        validated = in_child(partial(validate, request, workshop), timeout)
        validator, server, clients = outcome(validated), NOT_TRIED, {}
        for app, site in validated.get("deployments", ()):
            configured = in_child(partial(configure, request, validated, app, site), timeout)
            if site == SERVER:
                server = outcome(configured)
            else:
                clients[app] = outcome(configured)
    whole = verdict([validator, server, *clients.values()])
    return {"job": request["job"], "verdict": whole, "validator": validator, "server": server, "clients": clients}


def verdict(steps: list[str]) -> str:
    """Refuses when any step refuses; else unknown when any step is unknown; else accepts."""
    if any(step not in (OK, NOT_TRIED) and not step.startswith(UNKNOWN) for step in steps):
        return "refuses"
    return "unknown" if any(step.startswith(UNKNOWN) for step in steps) else "accepts"


def validate(request: dict[str, Any], workshop: str) -> dict[str, Any]:
    """The validator's outcome; when it is ok, also the meta it made, the unpacked job, and [app, site] pairs to try.

    As in private/fed/app/simulator/simulator_runner.py::validate_job_data and private/fed/server/job_runner.py.
    """
    folder = os.path.abspath(request["job"])
    name = nvflare("fuel.utils.zip_utils", "split_path")(folder)[1]
    zipped = nvflare("fuel.utils.zip_utils", "zip_directory_to_bytes")("", folder)
    zipped = nvflare("apis.utils.job_utils", "convert_legacy_zipped_app_to_job")(zipped)
    valid, message, meta = nvflare("private.fed.server.job_meta_validator", "JobMetaValidator")().validate(name, zipped)
    if not valid:
        return {"outcome": message or "refused without a word"}
    nvflare("fuel.utils.zip_utils", "unzip_all_from_bytes")(zipped, workshop)
    deployments = []
    for app, participants in meta["deploy_map"].items():
        sites = extract_participants(participants)
        if len(sites) == 1 and sites[0].upper() == "@ALL":
            sites = [SERVER, *(request.get("sites") or ["site-1"])]
        clients = [site for site in sites if site != SERVER]
        deployments += [[app, site] for site in [SERVER] * (SERVER in sites) + clients[:1]]
    return {"outcome": OK, "meta": dict(meta), "workshop": workshop, "job": name, "deployments": deployments}


def extract_participants(participants: Any) -> list[str]:
    """The sites of one entry of the deploy map, as this release reads it (fed_utils.extract_participants, 2.6+)."""
    fed_utils = importlib.import_module("nvflare.private.fed.utils.fed_utils")
    return list(getattr(fed_utils, "extract_participants", list)(participants))


def configure(request: dict[str, Any], validated: dict[str, Any], app: str, site: str) -> dict[str, Any]:
    """The outcome of configuring one app at one site, as the site's job process does it."""
    root = os.path.join(validated["workshop"], "sites", site)
    for folder in ("startup", "local"):
        os.makedirs(os.path.join(root, folder))
    workspace = nvflare("apis.workspace", "Workspace")(root, site, "config")
    app_root = workspace.get_app_dir(JOB_ID)
    shutil.copytree(os.path.join(validated["workshop"], validated["job"], app), app_root)
    custom = os.path.join(app_root, "custom")
    meta = dict(validated["meta"])
    if request.get("byoc", "app") == "app":  # private/fed/utils/app_deployer.py recomputes it for the deployed app
        meta.pop("byoc", None)
        if os.path.exists(custom):
            meta["byoc"] = True
    with open(workspace.get_job_meta_path(JOB_ID), "w", encoding="utf-8") as file:
        json.dump(meta, file)
    if os.path.isdir(custom):
        sys.path.append(custom)
    os.chdir(root)
    configurator, context = make_configurator(workspace, app_root, site)
    configurator.configure()
    if request.get("start_run"):
        return {"outcome": start_run(configurator, context)}
    return {"outcome": OK}


def make_configurator(workspace: Any, app_root: str, site: str) -> Any:
    """NVFlare's configurator for one app at one site with its build authoriser set, and the context it was given."""
    is_server = site == SERVER
    arguments = argparse.Namespace(
        job_id=JOB_ID,
        workspace=workspace.get_root_dir(),
        client_name=site,
        token="token",
        sp_scheme="grpc",
        sp_target="localhost:8002",
        parent_url="",
        set=[],
    )
    if is_server:
        cls = nvflare("private.fed.server.server_json_config", "ServerJsonConfigurator")
    else:
        cls = nvflare("private.fed.client.client_json_config", "ClientJsonConfigurator")
    config = os.path.join(app_root, "config", f"config_fed_{'server' if is_server else 'client'}.json")
    keywords = {"config_file_name": config, "app_root": app_root, "args": arguments, "kv_list": ["secure_train=False"]}
    if "workspace_obj" in cls.__init__.__code__.co_varnames:  # 2.5+
        keywords["workspace_obj"] = workspace
    configurator = cls(**keywords)

    key = nvflare("apis.fl_constant", "FLContextKey")
    context = nvflare("apis.fl_context", "FLContext")()
    for name, value in (("ARGS", arguments), ("APP_ROOT", app_root), ("WORKSPACE_OBJECT", workspace)):
        context.set_prop(getattr(key, name), value, private=True, sticky=True)
    for name in ("CURRENT_JOB_ID", "CURRENT_RUN"):
        context.set_prop(getattr(key, name), JOB_ID, private=False, sticky=True)
    authorize = nvflare("private.fed.utils.fed_utils", "authorize_build_component")
    configurator.set_component_build_authorizer(authorize, fl_ctx=context, event_handlers=[])
    return configurator, context


def start_run(configurator: Any, context: Any) -> str:
    """What happens when START_RUN is fired and the workflows are initialised: ok, or the panics and exceptions.

    The engine only knows the components; every other request is answered with None, so a message may be the
    engine's fault. Workflows are initialised in 2.5+ only (up to 2.4 that needs a real engine).
    """
    config = configurator.runner_config
    is_server = hasattr(config, "workflows")
    event_type, key = nvflare("apis.event_type", "EventType"), nvflare("apis.fl_constant", "FLContextKey")
    complaints: list[str] = []

    def fire_event(event: str, fl_ctx: Any) -> None:
        if event == event_type.FATAL_SYSTEM_ERROR:
            complaints.append(f"panic: {fl_ctx.get_prop(key.EVENT_DATA)}")
        nvflare("private.event", "fire_event")(event, config.handlers, fl_ctx)

    if is_server:
        spec = nvflare("apis.server_engine_spec", "ServerEngineSpec")
    else:
        spec = nvflare("private.fed.client.client_engine_executor_spec", "ClientEngineExecutorSpec")
    answers = {
        "get_component": lambda self, component_id: config.components.get(component_id),
        "get_all_components": lambda self: config.components,
        "get_clients": lambda self: [],
        "get_cell": lambda self: None,
        "fire_event": lambda self, event, fl_ctx: fire_event(event, fl_ctx),
        "new_context": lambda self: self.contexts.new_context(),
    }
    engine_class: Any = type("Engine", (spec,), answers)
    engine_class.__abstractmethods__ = frozenset()  # what the job does not need, nobody has to write
    engine = engine_class()
    engine.contexts = nvflare("apis.fl_context", "FLContextManager")(
        engine,
        configurator.args.client_name,
        JOB_ID,
        {key.CURRENT_RUN: JOB_ID, key.CURRENT_JOB_ID: JOB_ID, key.CLIENT_NAME: configurator.args.client_name},
        {name: context.get_prop(name) for name in (key.ARGS, key.APP_ROOT, key.WORKSPACE_OBJECT)},
    )
    with engine.new_context() as fl_ctx:
        fire_event(event_type.START_RUN, fl_ctx)
        for handler, exception in (fl_ctx.get_prop(key.EXCEPTIONS) or {}).items():
            complaints.append(f"exception in {handler}: {type(exception).__name__}: {exception}")
        for workflow in getattr(config, "workflows", ()):
            if hasattr(workflow, "controller"):
                workflow.controller.communicator.initialize_run(fl_ctx)
                workflow.controller.initialize(fl_ctx)
    return "; ".join(complaints) or OK


def in_child(step: Callable[[], dict[str, Any]], timeout: float) -> dict[str, Any]:
    """Runs one step in a forked child and gives its result; whatever goes wrong becomes {"outcome": MESSAGE}."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the requests are not for the job to read
        answer = json.dumps(run_step(step), default=str) + "\n"
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer.encode())
        os._exit(0)
    os.close(writing)
    try:
        text = read_line(reading, timeout)
    finally:
        os.close(reading)
        stop_group(child)
    if text is None:
        return {"outcome": f"{UNKNOWN}no end within {timeout:g} s"}
    return json.loads(text) if text else {"outcome": "the process died"}


def run_step(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The result of a step, or the message of what it raised; SystemExit counts, since custom code may call exit."""
    try:
        return step()
    except BaseException as error:
        package = missing_package(error)
        if package:
            return {"outcome": f"{UNKNOWN}the judge has no package {package}"}
        return {"outcome": f"{type(error).__name__}: {error}"}


def missing_package(error: BaseException) -> str | None:
    """The optional third-party package whose absence caused an error; None when something else is to blame."""
    seen = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            package = cause.name.split(".")[0]
            if package in OPTIONAL_PACKAGES.split() or (package != "nvflare" and raised_inside_nvflare(cause)):
                return package
        if type(cause).__name__ == "OptionalImportError":
            return str(cause)
        cause = cause.__cause__ or cause.__context__
    return None


def raised_inside_nvflare(error: BaseException) -> bool:
    """Whether an import failed in one of NVFlare's own modules, and not in its loader of classes."""
    frames = [
        frame.filename for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename
    ]
    last = frames[-1].replace(os.sep, "/") if frames else ""
    return "/site-packages/nvflare/" in last and not last.endswith(("/class_utils.py", "/class_loader.py"))


def read_line(descriptor: int, timeout: float) -> bytes | None:
    """What a pipe says up to a line's end, or until it is closed; None when it is silent for *timeout* seconds."""
    text = b""
    while not text.endswith(b"\n"):
        if not select.select([descriptor], [], [], timeout)[0]:
            return None
        chunk = os.read(descriptor, 65536)
        if not chunk:
            break
        text += chunk
    return text


def stop_group(child: int) -> None:
    """Ends a child and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)


def prepare() -> None:
    """Imports NVFlare and what most jobs use, silently, before the first fork."""
    logging.disable(logging.CRITICAL)
    sys.path[:] = [entry for entry in sys.path if entry and os.path.abspath(entry) != os.path.dirname(__file__)]
    for module in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    # Up to 2.4 this scans, and so imports, every module that a short name can mean; later it reads a table.
    nvflare("fuel.utils.class_utils", "ModuleScanner")(["nvflare"], ["apis", "app_common", "widgets", "app_opt"], True)
    gc.freeze()


def main() -> int:
    """Answers requests until standard input ends; ``--check`` only says whether this judge can work."""
    parser = argparse.ArgumentParser(description="Say what NVFlare says about jobs: JSON lines in, JSON lines out.")
    parser.add_argument("--check", action="store_true", help="only see whether NVFlare can be imported")
    check = parser.parse_args().check
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what jobs and NVFlare print is not an answer
    prepare()
    if check:
        nvflare("private.fed.server.server_json_config", "ServerJsonConfigurator")
        nvflare("private.fed.client.client_json_config", "ClientJsonConfigurator")
        nvflare("private.fed.server.job_meta_validator", "JobMetaValidator")
        return 0
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
