"""The server's process: NVFlare's own server engine and runner, with the switchboard for clients."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import logging
from typing import Any

from nvflare.apis.client import Client
from nvflare.private.fed.server.client_manager import ClientManager
from nvflare.private.fed.server.server_runner import ServerRunner
from nvflare.private.fed.simulator.simulator_app_runner import SimulatorServerAppRunner
from nvflare.private.fed.simulator.simulator_server import SimulatorRunManager, SimulatorServerEngine

from . import unsupported
from .assignments import SiteLine
from .communicator import PumpingCommunicator
from .deploy import JOB_ID, SERVER, Deployment, client_of
from .events import Teller
from .observer import Observer, told_configuration
from .records import frames_of_chain
from .script import poll_quickly
from .setting import arguments_for, be_quick, enter, lend_post
from .switchboard import Switchboard
from .wire import Line

_ROUNDS = ("num_rounds", "_num_rounds")
"""The attributes in which NVFlare's controllers (2.5 to 2.9) keep their number of rounds."""


class Server:
    """Stands where NVFlare has its `FederatedServer`: what `ServerAppRunner` and the engine ask of it (2.5 to 2.9)."""

    def __init__(self, deployment: Deployment, lines: dict[str, Line], rounds: int | None, teller: Teller) -> None:
        self.project_name = "simulator_server"
        self.runner_config: Any = None
        self.handlers: Any = None
        self.heart_beat_timeout = 0
        self.status: Any = None
        self.admin_server = None
        self.cell = None
        self.configured = False
        self.fatal = False
        self._deployment = deployment
        self._rounds = rounds
        self._teller = teller
        clients = [client_of(name, Client) for name in deployment.clients]
        self.client_manager = ClientManager(self.project_name, len(clients), len(clients))
        self.client_manager.clients.update({client.token: client for client in clients})
        if hasattr(self.client_manager, "name_to_clients"):
            self.client_manager.name_to_clients.update({client.name: client for client in clients})
        self._switchboard = Switchboard([SiteLine(each.name, each, lines[each.name]) for each in clients], teller)
        self.engine = SimulatorServerEngine(
            server=self, args=self._arguments(), client_manager=self.client_manager, snapshot_persistor=None
        )

    def _arguments(self) -> Any:
        return arguments_for(self._deployment, SERVER)

    def run(self) -> None:
        """Configures the server's app, runs its workflows and ends the sites."""
        from nvflare.apis.workspace import Workspace

        root = self._deployment.site_root(SERVER)
        SimulatorServerAppRunner(self).start_server_app(
            Workspace(root, SERVER, "config"),
            self._arguments(),
            self._deployment.app_root(SERVER),
            JOB_ID,
            None,
            logging.getLogger("ServerAppRunner"),
            kv_list=["secure_train=False"],
        )

    def start_run(self, job_id: str, run_root: str, conf: Any, args: Any, snapshot: Any) -> None:
        """As `FederatedServer.start_run`, in this thread. Called by NVFlare once the app is configured."""
        from nvflare.apis.workspace import Workspace
        from nvflare.widgets.fed_event import ServerFedEventRunner

        workflows = self.runner_config.workflows
        unsupported.refuse(
            self._teller, [*(workflow.controller for workflow in workflows), *self.runner_config.components.values()]
        )
        self._drive(workflows)
        poll_quickly([workflow.controller for workflow in workflows], 0.05)
        workspace = Workspace(args.workspace, SERVER, args.config_folder)
        run_manager = SimulatorRunManager(
            server_name=self.project_name,
            engine=self.engine,
            job_id=job_id,
            workspace=workspace,
            components=self.runner_config.components,
            client_manager=self.client_manager,
            handlers=self.runner_config.handlers,
        )
        self.engine.set_run_manager(run_manager)
        self.engine.set_configurator(conf)
        self.engine.asked_to_stop = False
        lend_post(run_manager, self._switchboard.post)
        fed_events = ServerFedEventRunner()
        be_quick([fed_events])
        run_manager.add_handler(fed_events)
        runner = ServerRunner(config=self.runner_config, job_id=job_id, engine=self.engine)
        run_manager.add_handler(runner)
        run_manager.add_component("_Server_Runner", runner)
        observer = Observer(self._teller)
        observer.watch(self.runner_config.components, workflows)
        run_manager.add_handler(observer)
        self._set_context(workspace, run_root, args, runner)
        self._switchboard.runner, self._switchboard.engine, self._switchboard.observer = runner, self.engine, observer
        self.configured = True
        self._teller.tell("configured", **told_configuration(self.runner_config.components, workflows))
        self._switchboard.serve_in_background()
        runner.run()
        self._switchboard.end()

    def stop_training(self) -> None:
        """Called by NVFlare at the end of the run."""

    @property
    def aborted(self) -> bool:
        """Whether the run ended by a fatal system error, as NVFlare's simulator judges its exit status."""
        from nvflare.apis.fl_constant import FLContextKey

        if self.engine.run_manager is None:
            return False
        with self.engine.new_context() as fl_ctx:
            return bool(fl_ctx.get_prop(FLContextKey.FATAL_SYSTEM_ERROR, False))

    def _drive(self, workflows: list[Any]) -> None:
        """Puts a pumping communicator in every workflow's place, and caps the rounds."""
        for workflow in workflows:
            controller = workflow.controller
            former = controller.communicator
            controller._task_check_period = 0.0
            pumping = PumpingCommunicator(self._switchboard, self._teller)
            controller.set_communicator(pumping)
            handlers = self.runner_config.handlers
            handlers[:] = [pumping if handler is former else handler for handler in handlers]
            self._cap_rounds(workflow.id, controller)

    def _cap_rounds(self, workflow: str, controller: Any) -> None:
        for attribute in _ROUNDS:
            configured = getattr(controller, attribute, None)
            if self._rounds is not None and isinstance(configured, int) and configured > self._rounds:
                setattr(controller, attribute, self._rounds)
                self._teller.tell("changed", workflow=workflow, argument="num_rounds", old=configured, new=self._rounds)

    def _set_context(self, workspace: Any, run_root: str, args: Any, runner: Any) -> None:
        """The sticky properties that `FederatedServer.start_run` and the simulator set."""
        from nvflare.apis.fl_constant import FLContextKey

        with self.engine.new_context() as fl_ctx:
            fl_ctx.set_prop(FLContextKey.APP_ROOT, run_root, sticky=True)
            fl_ctx.set_prop(FLContextKey.CURRENT_RUN, JOB_ID, private=False, sticky=True)
            fl_ctx.set_prop(FLContextKey.WORKSPACE_ROOT, args.workspace, private=True, sticky=True)
            fl_ctx.set_prop(FLContextKey.ARGS, args, private=True, sticky=True)
            fl_ctx.set_prop(FLContextKey.WORKSPACE_OBJECT, workspace, private=True)
            fl_ctx.set_prop(FLContextKey.SECURE_MODE, False, private=True, sticky=True)
            fl_ctx.set_prop(FLContextKey.RUNNER, runner, private=True, sticky=True)


def main(deployment: Deployment, lines: dict[str, Line], rounds: int | None, teller: Teller) -> int:
    """The life of the server's process; gives its exit status."""
    server = None
    try:
        enter(SERVER, deployment, teller)
        server = Server(deployment, lines, rounds, teller)
        server.run()
    except unsupported.RefusedError:
        return 1
    except BaseException as error:
        configured = server is not None and server.configured
        teller.fault(
            "server-failed" if configured else "not-configured",
            type=type(error).__name__,
            message=str(error),
            frames=frames_of_chain(error),
        )
        return 1
    if server.aborted:
        teller.tell("aborted")
    return 0
