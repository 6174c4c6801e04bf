"""Sound jobs: what NVFlare accepts and runs, one per way of working, as the basis of faults.

Each is registered with the releases that can run it; ``SOUND_JOBS`` maps its name to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.differential import sources
from tests.differential.jobs import App, Job
from tests.differential.judges import RELEASES

Config = dict[str, Any]

SCATTER_AND_GATHER = "nvflare.app_common.workflows.scatter_and_gather.ScatterAndGather"
FED_AVG = "nvflare.app_common.workflows.fedavg.FedAvg"
CYCLIC = "nvflare.app_common.workflows.cyclic_ctl.CyclicController"
CROSS_SITE_EVAL = "nvflare.app_common.workflows.cross_site_model_eval.CrossSiteModelEval"
STATISTICS = "nvflare.app_common.workflows.statistics_controller.StatisticsController"
SWARM = "nvflare.app_common.ccwf.SwarmServerController"
SWARM_CLIENT = "nvflare.app_common.ccwf.SwarmClientController"
NP_PERSISTOR = "nvflare.app_common.np.np_model_persistor.NPModelPersistor"
NP_LOCATOR = "nvflare.app_common.np.np_model_locator.NPModelLocator"
NP_TRAINER = "nvflare.app_common.np.np_trainer.NPTrainer"
NP_VALIDATOR = "nvflare.app_common.np.np_validator.NPValidator"
GENERATOR = "nvflare.app_common.shareablegenerators.full_model_shareable_generator.FullModelShareableGenerator"
AGGREGATOR = "nvflare.app_common.aggregators.intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator"
SELECTOR = "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector"
EXCLUDE_VARS = "nvflare.app_common.filters.exclude_vars.ExcludeVars"
PERCENTILE_PRIVACY = "nvflare.app_common.filters.percentile_privacy.PercentilePrivacy"
IN_PROCESS = "nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor"
LAUNCHED = "nvflare.app_common.executors.client_api_launcher_executor.ClientAPILauncherExecutor"
CLIENT_API = "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"


@dataclass(frozen=True)
class SoundJob:
    """A sound job's name, the releases that accept it, how to make it, and the sound job whose faults fit it too."""

    name: str
    releases: tuple[str, ...]
    make: Callable[[], Job]
    like: str


SOUND_JOBS: dict[str, SoundJob] = {}


def sound(
    since: str = RELEASES[0], until: str = RELEASES[-1], like: str = ""
) -> Callable[[Callable[[], Job]], Callable[[], Job]]:
    """Registers a sound job for the releases from *since* to *until*; faults meant for the job *like* fit it too."""
    releases = tuple(release for release in RELEASES if since <= release <= until)

    def register(make: Callable[[], Job]) -> Callable[[], Job]:
        SOUND_JOBS[make.__name__] = SoundJob(make.__name__, releases, make, like or make.__name__)
        return make

    return register


def component(component_id: str, path: str, **args: Any) -> Config:
    """An entry of ``components`` or ``workflows``."""
    return {"id": component_id, "path": path, "args": args}


def executor(tasks: list[str], path: str, **args: Any) -> Config:
    """An entry of ``executors``."""
    return {"tasks": tasks, "executor": {"path": path, "args": args}}


def chain(tasks: list[str], *filters: Config, **more: Any) -> Config:
    """An entry of ``task_data_filters`` or ``task_result_filters``."""
    return {"tasks": tasks, "filters": list(filters), **more}


def a_filter(path: str, **args: Any) -> Config:
    """A filter of a chain."""
    return {"path": path, "args": args}


def server_config(workflows: list[Config], components: list[Config], **more: Any) -> Config:
    """A whole server config."""
    return {
        "format_version": 2,
        "server": {"heart_beat_timeout": 600},
        "task_data_filters": [],
        "task_result_filters": [],
        **more,
        "components": components,
        "workflows": workflows,
    }


def client_config(executors: list[Config], components: list[Config], **more: Any) -> Config:
    """A whole client config."""
    return {
        "format_version": 2,
        "executors": executors,
        "task_data_filters": [],
        "task_result_filters": [],
        **more,
        "components": components,
    }


def meta(deploy_map: dict[str, list[str]], **more: Any) -> Config:
    """A meta file."""
    return {"name": "a_job", "resource_spec": {}, "min_clients": 2, "deploy_map": deploy_map, **more}


def scatter_and_gather(**more: Any) -> Config:
    """The workflow that most jobs here use."""
    args: Config = {
        "min_clients": 2,
        "num_rounds": 2,
        "start_round": 0,
        "wait_time_after_min_received": 0,
        "aggregator_id": "aggregator",
        "persistor_id": "persistor",
        "shareable_generator_id": "shareable_generator",
        "train_task_name": "train",
        "train_timeout": 0,
    }
    return component("scatter_and_gather", SCATTER_AND_GATHER, **(args | more))


def numpy_components() -> list[Config]:
    """What ScatterAndGather needs, for numpy models."""
    return [
        component("persistor", NP_PERSISTOR, model_dir="models", model_name="server.npy"),
        component("shareable_generator", GENERATOR),
        component("aggregator", AGGREGATOR, expected_data_kind="WEIGHTS"),
    ]


TWO_APPS = {"app_server": ["server"], "app_client": ["site-1", "site-2"]}


def two_apps(server: Config, client: Config, on_server: dict[str, str], on_client: dict[str, str]) -> Job:
    """A job with one app for the server and one for both clients, each with its custom code."""
    apps = {"app_server": App(server=server, custom=on_server), "app_client": App(client=client, custom=on_client)}
    return Job("a_job", meta(dict(TWO_APPS)), apps)


@sound()
def split_apps() -> Job:
    """The tutorial's second layout: a server app and a client app, with custom code in both."""
    components = numpy_components()[:2]
    components += [component("aggregator", "averaging.MeanAggregator", weighted=True)]
    components += [component("model_selector", SELECTOR, key_metric="accuracy")]
    filters = [chain(["train"], a_filter(EXCLUDE_VARS, exclude_vars=["bias"]))]
    return two_apps(
        server_config([scatter_and_gather()], components),
        client_config([executor(["train"], "trainers.Trainer", step=0.5)], [], task_result_filters=filters),
        {"averaging.py": sources.AVERAGING},
        {"trainers.py": sources.TRAINERS},
    )


@sound()
def app_per_site() -> Job:
    """The tutorial's first layout, as FedJob exports it: one app per site."""
    server = App(server=server_config([scatter_and_gather()], numpy_components()), custom={})
    clients = {
        f"app_site-{number}": App(client=client_config([executor(["train"], NP_TRAINER, delta=number)], []), custom={})
        for number in (1, 2)
    }
    deploy_map = {"app_server": ["server"], "app_site-1": ["site-1"], "app_site-2": ["site-2"]}
    return Job("a_job", meta(deploy_map), {"app_server": server, **clients})


@sound()
def one_app() -> Job:
    """The tutorial's third layout: one app for everybody; here without custom code, so not BYOC."""
    app = App(
        server=server_config([scatter_and_gather()], numpy_components()),
        client=client_config([executor(["train"], NP_TRAINER, sleep_time=0)], []),
    )
    return Job("a_job", meta({"app": ["@ALL"]}), {"app": app})


@sound()
def legacy_app() -> Job:
    """An app submitted as a job: no meta file, config/ directly in the folder."""
    job = one_app()
    return Job("a_job", None, {".": job.apps["app"]})


@sound(since="2.5", until="2.8")
def in_process_script() -> Job:
    """FedAvg and a Client API script that runs inside the executor, as FedJob wrote it up to 2.8."""
    return two_apps(
        server_config([component("controller", FED_AVG, num_clients=2, num_rounds=2)], numpy_components()[:1]),
        client_config(
            [executor(["*"], IN_PROCESS, task_script_path="train.py", task_script_args="--epochs 2")],
            [],
        ),
        {},
        {"train.py": sources.SCRIPT},
    )


@sound(since="2.9")
def client_api_script() -> Job:
    """FedAvg and a Client API script that runs inside the executor, as FedJob writes it since 2.9."""
    job = in_process_script()
    job.client["executors"] = [
        executor(
            ["*"],
            CLIENT_API,
            execution_mode="in_process",
            task_script_path="train.py",
            task_script_args="--epochs 2",
        )
    ]
    return job


@sound(since="2.5", until="2.8")
def external_script() -> Job:
    """A Client API script in its own process: launcher, pipes and metric relay, up to 2.8."""
    job = in_process_script()
    job.client["executors"] = [executor(["*"], LAUNCHED, launcher_id="launcher", pipe_id="pipe")]
    pipe = {"mode": "PASSIVE", "root_path": "{WORKSPACE}/{JOB_ID}/{SITE_NAME}"}
    file_pipe = "nvflare.fuel.utils.pipe.file_pipe.FilePipe"
    launcher = "nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher"
    configurator = "nvflare.app_common.widgets.external_configurator.ExternalConfigurator"
    job.client["components"] = [
        component("launcher", launcher, script="python3 custom/train.py --epochs 2", launch_once=True),
        component("pipe", file_pipe, **pipe),
        component("metrics_pipe", file_pipe, **pipe),
        component("metric_relay", "nvflare.app_common.widgets.metric_relay.MetricRelay", pipe_id="metrics_pipe"),
        component("config_preparer", configurator, component_ids=["metric_relay"]),
    ]
    return job


@sound(since="2.9")
def external_command() -> Job:
    """A Client API script in its own process since 2.9: one executor with a command."""
    job = client_api_script()
    command = ["python3", "-u", "custom/train.py", "--epochs", "2"]
    job.client["executors"] = [executor(["*"], CLIENT_API, execution_mode="external_process", command=command)]
    return job


@sound(like="one_app")
def cyclic() -> Job:
    """Weight transfer from site to site."""
    workflow = component("cyclic", CYCLIC, num_rounds=2, task_assignment_timeout=10, order="FIXED")
    job = one_app()
    job.server["workflows"] = [workflow]
    job.server["components"] = numpy_components()[:2]
    return job


@sound(like="one_app")
def cross_site_eval() -> Job:
    """Training, then every site's model on every site."""
    job = one_app()
    job.server["workflows"] += [component("evaluation", CROSS_SITE_EVAL, model_locator_id="model_locator")]
    writer = "nvflare.app_common.widgets.validation_json_generator.ValidationJsonGenerator"
    job.server["components"] += [component("model_locator", NP_LOCATOR), component("json_generator", writer)]
    job.client["executors"] = [
        executor(["train", "submit_model"], NP_TRAINER),
        executor(["validate"], NP_VALIDATOR),
    ]
    return job


@sound()
def statistics() -> Job:
    """Federated statistics with the job's own generator."""
    configs = {"count": {}, "sum": {}, "mean": {}, "histogram": {"*": {"bins": 10}}}
    writer = "nvflare.app_common.statistics.json_stats_file_persistor.JsonStatsFileWriter"
    workflow = component("statistics", STATISTICS, min_clients=2, statistic_configs=configs, writer_id="writer")
    return two_apps(
        server_config([workflow], [component("writer", writer, output_path="statistics/all.json")]),
        client_config(
            [
                executor(
                    ["fed_stats", "fed_stats_pre_run"],
                    "nvflare.app_common.executors.statistics.statistics_executor.StatisticsExecutor",
                    generator_id="generator",
                )
            ],
            [component("generator", "table.TableStatistics", rows=100)],
        ),
        {},
        {"table.py": sources.TABLE},
    )


@sound(like="one_app")
def swarm() -> Job:
    """Swarm learning: the clients steer."""
    job = one_app()
    job.server["workflows"] = [component("swarm", SWARM, num_rounds=2)]
    job.server["components"] = []
    job.client["executors"] = [
        executor(["train"], "nvflare.app_common.ccwf.comps.np_trainer.NPTrainer"),
        executor(["swarm_*"], SWARM_CLIENT, learn_task_name="train", min_responses_required=2),
    ]
    persistor = "nvflare.app_common.ccwf.comps.np_file_model_persistor.NPFileModelPersistor"
    generator = "nvflare.app_common.ccwf.comps.simple_model_shareable_generator.SimpleModelShareableGenerator"
    job.client["components"] = [
        component("persistor", persistor),
        component("shareable_generator", generator),
        component("aggregator", AGGREGATOR, expected_data_kind="WEIGHT_DIFF"),
    ]
    return job


@sound(like="split_apps")
def filters() -> Job:
    """Chains in every direction, built-in and own."""
    job = split_apps()
    job.apps["app_client"].custom = {"trainers.py": sources.TRAINERS, "privacy/noise.py": sources.NOISE}
    noise = a_filter("privacy.noise.GaussianNoise", sigma=0.1)
    job.client["task_result_filters"] = [chain(["train"], noise, a_filter(PERCENTILE_PRIVACY, percentile=10))]
    job.client["task_data_filters"] = [chain(["train"], noise, direction="IN")]
    job.server["task_result_filters"] = [chain(["train"], a_filter(EXCLUDE_VARS, exclude_vars="bias"), direction="in")]
    job.server["task_data_filters"] = [chain(["train"], a_filter(EXCLUDE_VARS), direction="inout")]
    return job


@sound()
def own_classes() -> Job:
    """Own controller, executor, filter, aggregator: keyword chains, aliases, a dataclass, packages of both kinds."""
    server = server_config(
        [component("controller", "flows.patient.PatientScatterAndGather", patience=3, num_rounds=2, min_clients=2)],
        [
            *numpy_components()[:2],
            component("aggregator", "flows.BestAggregator", weighted=False, label="best"),
            component("limits", "flows.limits.Limits", low=0.0, high=1.0),
        ],
    )
    server["workflows"][0]["args"] |= {"persistor_id": "persistor", "wait_time_after_min_received": 0}
    client = client_config(
        [executor(["train"], "clinic.training.TracedTrainer", step=0.1, label="trace")],
        [component("tag", "clinic.tags.make_tag", text="blue")],
        task_result_filters=[chain(["train"], a_filter("clinic.tags.Keep", names=["weight"]))],
    )
    return two_apps(server, client, dict(sources.FLOWS_PACKAGE), dict(sources.SITE_PACKAGE))


@sound(like="split_apps")
def variables() -> Job:
    """Variables of every kind: own, system's, embedded, parameterised, whole sub-trees."""
    job = split_apps()
    job.apps["app_server"].server = {
        "rounds": 3,
        "prefix": "run",
        "saving": {"model_dir": "{prefix}_models", "model_name": "server.npy"},
        "@selecting": {"key_metric": "{metric}", "negate_key_metric": "{negate}"},
        **job.server,
    }
    job.component("persistor")["args"] = "{saving}"
    job.workflow["args"]["num_rounds"] = "{rounds}"
    job.component("model_selector")["args"] = "{@selecting:metric=accuracy:negate=true}"
    job.apps["app_client"].client = {"step": 0.25, "filters": job.client["task_result_filters"], **job.client}
    job.client["task_result_filters"] = "{filters}"
    job.executor["args"]["step"] = "{step}"
    job.executor["args"]["label"] = "{SITE_NAME} in {JOB_ID}"
    return job


@sound(like="split_apps")
def nested_components() -> Job:
    """Components inside arguments, and dicts that must stay dicts."""
    job = split_apps()
    job.apps["app_server"].custom = {"averaging.py": sources.AVERAGING, "parts.py": sources.PARTS}
    job.server["components"] += [
        component(
            "holder",
            "parts.Holder",
            part={"path": "parts.Part", "args": {"size": 3}},
            options={"path": "parts.Part", "config_type": "dict"},
            table=[{"path": "never.built"}],
            place={"path": "/tmp/x", "mode": "r"},
        )
    ]
    return job
