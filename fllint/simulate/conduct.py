"""How NVFlare's workflows behave: to whom they send their tasks, how often, and what ends a round.

Facts of NVFlare's sources, 2.3 to 2.9 (`nvflare/app_common/workflows`, `nvflare/app_common/ccwf`,
`nvflare/apis/impl/*_manager.py`); the tasks themselves come from the catalogue (`fllint.tasks`).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.python.classes import ClassInfo


class Manner(str, Enum):
    """How a workflow hands out a task in a round."""

    BROADCAST = "broadcast"
    """To all clients at once; the round ends when all have answered, or enough and some time has passed."""
    SAMPLE = "sample"
    """To a number of clients at once, all of which must answer."""
    RELAY = "relay"
    """To one client after the other, each getting what the one before made of it."""
    PER_MODEL = "per model"
    """To all clients, once for every model that is to be validated."""
    ONE = "one client"
    """To one client, which then takes over."""
    AMONG = "among clients"
    """From client to client; the server only watches."""
    UNKNOWN = "unknown"
    """The class is not known; it sends its tasks in a way of its own."""


class Conduct(Struct, frozen=True):
    """How a class of workflows behaves; each field but ``manner`` names a constructor parameter, empty: none.

    ``clients`` is how many clients a round is for, or how many must answer; ``least`` the fewest clients that the
    workflow works with; ``afterwards`` what happens beyond the server's tasks.
    """

    manner: Manner
    rounds: str = ""
    clients: str = ""
    wait: str = ""
    least: int = 1
    afterwards: str = ""
    manners: tuple[tuple[str, Manner], ...] = ()
    """Tasks that are handed out in another manner: the end of the task's name, and how."""
    order: tuple[str, ...] = ()
    """The ends of the tasks' names in the order in which they are sent, where it is not that of the source."""
    chosen: str = ""
    """The parameter for the client that starts; left empty, NVFlare chooses one (policy ANY), and sends it a task."""
    among_rounds: str = ""
    """The number of rounds that the clients go through among themselves."""
    once: tuple[str, ...] = ()
    """The ends of the names of tasks that clients send each other once, not in every round."""

    def manner_of(self, task: str) -> Manner:
        """How a task is handed out."""
        return next((manner for end, manner in self.manners if task.endswith(end)), self.manner)

    def in_order(self, tasks: tuple[str, ...]) -> tuple[str, ...]:
        """Tasks in the order in which they are sent."""

        def turn(task: str) -> int:
            return next((number for number, end in enumerate(self.order) if task.endswith(end)), len(self.order))

        return tuple(sorted(tasks, key=turn))


WORKFLOWS: Final = "nvflare.app_common.workflows"
CLIENT_CONTROLLED: Final = "the clients go on among themselves; the server only watches"
_ONCE: Final = ("_report_final_result", "_ask_for_model")
_CLIENT_CONTROLLED: Final = Conduct(
    Manner.BROADCAST,
    afterwards=CLIENT_CONTROLLED,
    manners=(("_start", Manner.ONE), ("_prep_model", Manner.ONE), ("_eval", Manner.PER_MODEL)),
    order=("_config", "_start", "_prep_model", "_eval"),
    once=_ONCE,
)
_CLIENTS_CHOOSE: Final = replace(_CLIENT_CONTROLLED, chosen="starting_client", among_rounds="num_rounds")
CONDUCTS: Final = {
    f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather": Conduct(
        Manner.BROADCAST, "num_rounds", "min_clients", "wait_time_after_min_received"
    ),
    f"{WORKFLOWS}.base_fedavg.BaseFedAvg": Conduct(Manner.SAMPLE, "num_rounds", "num_clients"),
    f"{WORKFLOWS}.cyclic.Cyclic": Conduct(Manner.RELAY, "num_rounds", "num_clients"),
    f"{WORKFLOWS}.cyclic_ctl.CyclicController": Conduct(Manner.RELAY, "num_rounds", least=2),
    f"{WORKFLOWS}.cross_site_model_eval.CrossSiteModelEval": Conduct(
        Manner.PER_MODEL, manners=(("submit_model", Manner.BROADCAST),)
    ),
    f"{WORKFLOWS}.cross_site_eval.CrossSiteEval": Conduct(
        Manner.PER_MODEL, manners=(("submit_model", Manner.BROADCAST),)
    ),
    f"{WORKFLOWS}.global_model_eval.GlobalModelEval": Conduct(Manner.BROADCAST),
    f"{WORKFLOWS}.initialize_global_weights.InitializeGlobalWeights": Conduct(Manner.BROADCAST),
    f"{WORKFLOWS}.statistics_controller.StatisticsController": Conduct(Manner.BROADCAST, clients="min_clients"),
    f"{WORKFLOWS}.broadcast_and_process.BroadcastAndProcess": Conduct(
        Manner.BROADCAST, "", "min_responses_required", "wait_time_after_min_received"
    ),
    "nvflare.app_common.ccwf.server_ctl.ServerSideController": _CLIENT_CONTROLLED,
    "nvflare.app_common.ccwf.swarm_server_ctl.SwarmServerController": _CLIENTS_CHOOSE,
    "nvflare.app_common.ccwf.cyclic_server_ctl.CyclicServerController": _CLIENTS_CHOOSE,
}
"""By the class that says how; a class derived from it behaves alike. The nearest ancestor counts."""


def conduct_of(info: ClassInfo | None) -> Conduct:
    """How a workflow of a class behaves."""
    if info is not None:
        for path in (info.path, *info.ancestors):
            if path in CONDUCTS:
                return CONDUCTS[path]
    return Conduct(Manner.UNKNOWN)
