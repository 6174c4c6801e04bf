"""The process of one site: NVFlare's own client runner, told its tasks over a line instead of polling a server."""

# mypy: disable-error-code="import-not-found,import-untyped"  (NVFlare is in the user's environment, not in fllint's)
# mypy: disallow-subclassing-any=False

import faulthandler
import os
import queue
import signal
import sys
import threading
import time
from argparse import Namespace
from typing import Any, Dict, Optional, Tuple

from nvflare.apis.fl_component import FLComponent

from . import post, unsupported
from .deploy import JOB_ID, Deployment, client_of
from .events import Teller
from .external import replace_external
from .records import frames_of_exception, keep_records
from .script import ScriptWatch, poll_quickly
from .wire import Frame, Line, LineClosed


_ASK_EVERY = 0.1


class SiteClient:
    """Stands where NVFlare has its `FederatedClient`: what `ClientRunManager` asks of it (2.5 to 2.9)."""

    def __init__(self, name: str, line: Line, teller: Teller, watch: ScriptWatch) -> None:
        self.client_name = name
        self.client_args: Dict[str, Any] = {"client_name": name, "fqsn": name, "is_leaf": True}
        self.run_manager: Any = None
        self.runner_config: Any = None
        self.handlers: Any = None
        self.cell = None
        self.tasks = queue.Queue()  # type: queue.Queue[Optional[Frame]]
        self._line = line
        self._teller = teller
        self._watch = watch
        self._began = 0.0
        self._task: Optional[Frame] = None
        self._asked = b""

    def fetch_task(self, fl_ctx: Any, timeout: Any = None) -> Tuple[bool, Any, Any]:
        """Waits for the next task; (False, None, None) when the run ends."""
        from nvflare.apis.event_type import EventType
        from nvflare.apis.fl_context import FLContext
        from nvflare.app_common.app_constant import AppConstants
        from nvflare.fuel.utils import fobs
        from nvflare.private.event import fire_event

        fire_event(EventType.BEFORE_PULL_TASK, self.handlers, fl_ctx)
        frame = self._next_frame()
        if frame is None:
            return False, None, None
        told = fobs.loads(frame.payload)
        task, peer = told["task"], FLContext()
        peer.set_public_props(told["peer"])
        fl_ctx.set_peer_context(peer)
        task.set_peer_props(told["peer"])
        if hasattr(task, "set_peer_context"):  # since 2.6
            task.set_peer_context(peer)
        fire_event(EventType.AFTER_PULL_TASK, self.handlers, fl_ctx)
        self._began, self._task = time.monotonic(), frame
        self._watch.task_begins(frame.header["name"], task.get_header(AppConstants.CURRENT_ROUND))
        return True, frame.header["name"], task

    def _next_frame(self) -> Optional[Frame]:
        while True:
            try:
                return self.tasks.get(timeout=_ASK_EVERY)
            except queue.Empty:
                self._ask()

    def _ask(self) -> None:
        """Tells the server what a request for a task would have told it, when that is news.

        Client-controlled workflows (`nvflare.app_common.ccwf.client_ctl`) report their status in the context of requests.
        """
        from nvflare.apis.event_type import EventType
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.fuel.utils import fobs
        from nvflare.private.event import fire_event

        with self.run_manager.new_context() as fl_ctx:
            fire_event(EventType.BEFORE_PULL_TASK, self.handlers, fl_ctx)
            payload = fobs.dumps(gen_new_peer_ctx(fl_ctx).get_all_public_props())
        if payload != self._asked:
            self._asked = payload
            self._line.send(Frame({"kind": "ask"}, payload))

    def extract_shareable(self, task: Any, fl_ctx: Any) -> Any:
        return task

    def push_results(self, result: Any, fl_ctx: Any, timeout: Any = None) -> str:
        """Sends a result; one that cannot be serialised ends the site, as its request would fail for ever."""
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.fuel.f3.cellnet.defs import ReturnCode
        from nvflare.fuel.utils import fobs

        assert self._task is not None
        self._watch.task_ends(str(result.get_return_code()))
        header = dict(
            self._task.header, kind="result", seconds=time.monotonic() - self._began, sent_from=self._watch.sent_from
        )
        try:
            payload = fobs.dumps({"result": result, "peer": gen_new_peer_ctx(fl_ctx).get_all_public_props()})
        except Exception as error:
            self._teller.fault(
                "result-not-serialisable",
                task=header["name"],
                round=self._watch.round,
                message="%s: %s" % (type(error).__name__, error),
                where=_unserialisable(result),
                frames=self._watch.sent_from,
            )
            os._exit(71)
        self._line.send(Frame(header, payload))
        return str(ReturnCode.OK)


def _unserialisable(value: Any, path: str = "", depth: int = 0) -> str:
    """Which part of a result cannot be serialised, and its type."""
    from nvflare.fuel.utils import fobs

    if isinstance(value, dict) and depth < 8:
        for key, part in value.items():
            try:
                fobs.dumps(part)
            except Exception:
                return _unserialisable(part, "%s[%r]" % (path, key), depth + 1)
    return "%s (%s)" % (path or "the result", type(value).__name__)


class SiteObserver(FLComponent):
    """Tells the values that a site logs (`flare.log`, summary writers), and why it gives up."""

    def __init__(self, teller: Teller, watch: ScriptWatch) -> None:
        super().__init__()
        self._teller = teller
        self._watch = watch

    def handle_event(self, event_type: str, fl_ctx: Any) -> None:
        from nvflare.apis.event_type import EventType
        from nvflare.apis.fl_constant import FLContextKey

        if event_type == EventType.FATAL_SYSTEM_ERROR and not self._watch.stopping:
            self._teller.fault(
                "site-panic",
                task=self._watch.task,
                round=self._watch.round,
                message=str(fl_ctx.get_prop(FLContextKey.EVENT_DATA, "")),
                frames=[],
            )
        elif event_type in ("analytix_log_stats", "fed.analytix_log_stats"):
            self._tell_metric(fl_ctx)

    def _tell_metric(self, fl_ctx: Any) -> None:
        from nvflare.apis.dxo import from_shareable
        from nvflare.apis.fl_constant import FLContextKey

        try:
            logged = from_shareable(fl_ctx.get_prop(FLContextKey.EVENT_DATA)).data
            value = logged.get("track_value", logged.get("value"))
            self._teller.tell(
                "metric", key=str(logged.get("track_key", logged.get("tag"))), value=value, step=logged.get("global_step")
            )
        except Exception as error:  # a log entry of a kind that we do not know
            self.logger.info("fllint could not read a log entry: %s", error)


class Site:
    """A site's run from its configuration to its end."""

    def __init__(self, name: str, deployment: Deployment, line: Line, teller: Teller) -> None:
        self.name = name
        self._deployment = deployment
        self._line = line
        self._teller = teller
        self._watch = ScriptWatch(teller)
        self._client = SiteClient(name, line, teller, self._watch)
        self._runner: Any = None
        self._engine: Any = None
        self._post = post.Post(name, line.send, lambda event, deadline: _wait(event, deadline))

    def run(self) -> None:
        """Configures the site, works until the server ends the run, and tells so."""
        self._configure()
        threading.Thread(target=self._receive, name="fllint_line", daemon=True).start()
        self._start()
        while not self._runner.run_abort_signal.triggered:
            with self._engine.new_context() as fl_ctx:
                self._runner.fetch_and_run_one_task(fl_ctx)
        self._watch.stopping = True
        self._runner.end_run_events_sequence()
        self._teller.tell("ended")
        try:
            self._line.send(Frame({"kind": "ended"}))
        except LineClosed:
            pass

    def _configure(self) -> None:
        from nvflare.private.fed.simulator.simulator_app_runner import SimulatorClientAppRunner

        deployment = self._deployment
        args = arguments_for(deployment, self.name)
        self._watch.watch()
        replace_external(self._teller, deployment.app_root(self.name))
        app_runner = SimulatorClientAppRunner()
        self._runner = app_runner.create_client_runner(
            deployment.app_root(self.name), args, args.config_folder, self._client, False
        )
        self._engine = self._client.run_manager
        executors = list(dict.fromkeys(self._runner.task_router.task_table.values()))
        components = [*executors, *self._engine.components.values()]
        unsupported.refuse(self._teller, components)
        poll_quickly(components, 0.005 if len(deployment.clients) <= 8 else min(0.05, len(deployment.clients) / 1600))
        be_quick(self._engine.widgets.values())
        lend_post(self._engine, self._post)
        self._engine.handlers.append(SiteObserver(self._teller, self._watch))
        if hasattr(self._engine, "get_job_clients"):  # since 2.6
            app_runner.sync_up_parents_process(self._client)
        else:
            from nvflare.apis.client import Client

            self._engine.all_clients = {name: client_of(name, Client) for name in deployment.clients}
        self._teller.tell("configured", executors=[_class_of(executor) for executor in executors])

    def _start(self) -> None:
        """The events of `ClientRunner.init_run`, without its wait for the server."""
        from nvflare.apis.event_type import EventType
        from nvflare.apis.fl_constant import FLContextKey, ReservedKey
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.apis.utils.reliable_message import ReliableMessage
        from nvflare.fuel.utils import fobs

        deployment = self._deployment
        with self._engine.new_context() as fl_ctx:
            ReliableMessage.enable(fl_ctx)
            self._runner.fire_event(EventType.ABOUT_TO_START_RUN, fl_ctx)
            fl_ctx.set_prop(FLContextKey.APP_ROOT, deployment.app_root(self.name), sticky=True)
            fl_ctx.set_prop(FLContextKey.ARGS, arguments_for(deployment, self.name), sticky=True)
            fl_ctx.set_prop(ReservedKey.RUN_ABORT_SIGNAL, self._runner.run_abort_signal, private=True, sticky=True)
            self._runner.fire_event(EventType.START_RUN, fl_ctx)
            self._line.send(Frame({"kind": "ready"}, fobs.dumps(gen_new_peer_ctx(fl_ctx).get_all_public_props())))

    def _receive(self) -> None:
        while True:
            try:
                frame = self._line.receive()
            except LineClosed:
                os._exit(72)  # the server is gone
            if frame.kind == "task":
                self._client.tasks.put(frame)
            elif frame.kind == "answer":
                self._post.answered(frame)
            elif frame.kind == "mail":
                threading.Thread(target=self._handle, args=[frame], daemon=True).start()
            elif frame.kind == "end":
                self._end()

    def _handle(self, mail: Frame) -> None:
        reply = post.handle(mail, self._engine)
        if mail.header["number"]:
            self._line.send(post.answer(mail, reply))
        if self._runner.run_abort_signal.triggered:
            self._end()

    def _end(self) -> None:
        self._watch.stopping = True
        self._runner.run_abort_signal.trigger(True)
        self._client.tasks.put(None)


def _class_of(component: Any) -> str:
    return type(component).__module__ + "." + type(component).__name__


def _wait(event: threading.Event, deadline: float) -> None:
    event.wait(max(0.0, deadline - time.monotonic()))


def arguments_for(deployment: Deployment, site: str) -> Namespace:
    """The command-line arguments that NVFlare's configurators and contexts expect of a site's process."""
    return Namespace(
        workspace=deployment.site_root(site),
        client_name=site,
        job_id=JOB_ID,
        config_folder="config",
        client_config=os.path.join("config", "config_fed_client.json"),
        server_config=os.path.join("config", "config_fed_server.json"),
        env=os.path.join("config", "environment.json"),
        set=[],
        sp_scheme="tcp",
        sp_target="localhost:8002",
        parent_url=None,
        token=site,
        job_folder=deployment.workspace,
        gpu=None,
        log_config=None,
    )


def be_quick(widgets: Any) -> None:
    """Takes the waits out of NVFlare's fed event runners: nothing is on its way when a site says that it has ended."""
    for widget in widgets:
        if hasattr(widget, "queue_empty_period"):
            widget.regular_interval = 0.002
            widget.queue_empty_period = 0.0
            widget.grace_period = 0.0


def lend_post(run_manager: Any, lent: post.Post) -> None:
    """Gives a run manager's aux runner the post as its cell, and nobody else."""

    class PostOffice:
        def get_cell(self) -> post.Post:
            return lent

        def __getattr__(self, name: str) -> Any:
            return getattr(run_manager, name)

    run_manager.aux_runner.engine = PostOffice()


def initialise(site_root: str, site: str) -> None:
    """What NVFlare's simulator sets up in each process before it reads the configuration."""
    from nvflare.apis.workspace import Workspace
    from nvflare.fuel.hci.server.authz import AuthorizationService
    from nvflare.fuel.sec.audit import AuditService
    from nvflare.private.fed.app.utils import init_security_content_service
    from nvflare.private.fed.simulator.simulator_audit import SimulatorAuditor
    from nvflare.private.fed.utils.fed_utils import fobs_initialize
    from nvflare.security.security import EmptyAuthorizer

    fobs_initialize(Workspace(site_root, site, "config"), job_id=JOB_ID)
    AuthorizationService.initialize(EmptyAuthorizer())
    AuditService.the_auditor = SimulatorAuditor()
    init_security_content_service(site_root)


def enter(name: str, deployment: Deployment, teller: Teller) -> None:
    """Makes this process the one of a site (or the server): its folder, its import path, its log, its random numbers."""
    root = deployment.site_root(name)
    os.chdir(root)
    keep_records(root, teller)
    stacks = open(os.path.join(root, "stacks.txt"), "w")  # kept open: the signal handler writes to it
    faulthandler.register(signal.SIGUSR1, file=stacks, all_threads=True)
    custom = deployment.custom_folder(name)
    if os.path.isdir(custom) and custom not in sys.path:
        sys.path.append(custom)
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # a fork has its parent's state; separate processes have not
    initialise(root, name)


def main(name: str, deployment: Deployment, line: Line, teller: Teller) -> int:
    """The life of a site's process; gives its exit status."""
    site = Site(name, deployment, line, teller)
    try:
        enter(name, deployment, teller)
        site.run()
    except unsupported.Refused:
        return 1
    except LineClosed:
        return 72  # the server is gone, and says why
    except BaseException as error:
        stage = "not-configured" if site._runner is None else "site-failed"
        teller.fault(stage, type=type(error).__name__, message=str(error), frames=_all_frames(error))
        return 1
    return 0


def _all_frames(error: BaseException) -> Any:
    """The frames of an exception and of what caused it, the first cause last."""
    frames, seen = [], set()
    cause: Optional[BaseException] = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        frames.extend(frames_of_exception(cause))
        cause = cause.__cause__ or cause.__context__
    return frames
