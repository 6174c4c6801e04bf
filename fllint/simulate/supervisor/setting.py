"""What surrounds a site's (or the server's) components: arguments, folders, logs, NVFlare's services of a process."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from argparse import Namespace
from typing import Any

from . import post
from .deploy import JOB_ID, Deployment
from .events import Teller
from .records import keep_records


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
    """Makes this process the one of a site (or the server): its folder, its import path, its log, its random
    numbers."""
    root = deployment.site_root(name)
    os.chdir(root)
    keep_records(root, teller)
    stacks = open(os.path.join(root, "stacks.txt"), "w")  # noqa: SIM115  (the signal handler writes to it)
    faulthandler.register(signal.SIGUSR1, file=stacks, all_threads=True)
    custom = deployment.custom_folder(name)
    if os.path.isdir(custom) and custom not in sys.path:
        sys.path.append(custom)
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # a fork has its parent's state; separate processes have not
    initialise(root, name)


def class_of(component: Any) -> str:
    """The class path of a component."""
    return f"{type(component).__module__}.{type(component).__name__}"
