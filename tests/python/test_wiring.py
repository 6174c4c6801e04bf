"""What custom components mean for the wiring of a job."""

from __future__ import annotations

import pytest

from fllint.python.classes import HandledTasks, IdArgument, TaskName
from fllint.python.wiring import possible_names
from tests.python.reading import class_in

AGGREGATOR = "nvflare.app_common.abstract.aggregator.Aggregator"
HEAD = """
from nvflare.apis.executor import Executor
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.impl.controller import Controller, Task
from nvflare.apis.shareable import make_reply
from nvflare.app_common.abstract.aggregator import Aggregator
from nvflare.app_common.app_constant import AppConstants
from nvflare.app_common.workflows.model_controller import ModelController
"""


def controller(body: str, parameters: str = "agg_id='agg'", before: str = "") -> str:
    """A controller that keeps its parameters and whose ``control_flow`` has this body."""
    kept = "".join(
        f"        self.{name.partition('=')[0]} = {name.partition('=')[0]}\n" for name in parameters.split(", ") if name
    )
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return (
        f"{HEAD}\n{before}\nclass A(Controller):\n    def __init__(self, {parameters}):\n        super().__init__()\n"
        f"{kept}\n    def control_flow(self, abort_signal, fl_ctx):\n        engine = fl_ctx.get_engine()\n{lines}"
    )


def only_id(text: str, **files: str) -> IdArgument:
    (argument,) = class_in(text, **files).id_arguments
    return argument


def task_names(text: str, **files: str) -> list[str]:
    return [name for task in class_in(text, **files).issued_tasks for name in possible_names(task)]


def test_a_looked_up_component_is_expected_to_be_of_the_class_that_is_checked() -> None:
    argument = only_id(
        controller(
            "agg = engine.get_component(self.agg_id)\n"
            "if not isinstance(agg, Aggregator):\n    self.system_panic('no', fl_ctx)\n    return"
        )
    )
    assert argument == IdArgument(
        parameter="agg_id",
        expected=(AGGREGATOR,),
        outcome="panic",
        outcome_if_wrong="panic",
        where="mod.A.control_flow",
    )


@pytest.mark.parametrize(
    ("body", "outcome", "if_wrong"),
    [
        ("a = engine.get_component(self.agg_id)\na.accept()", "crash", "crash"),
        ("a = engine.get_component(self.agg_id)\nif a:\n    a.accept()", "silent", "crash"),
        ("a = engine.get_component(self.agg_id)\nif a is None:\n    raise ValueError()", "raises", "crash"),
        ("a = engine.get_component(self.agg_id)\nif not a:\n    self.log_warning(fl_ctx, 'x')", "warning", "crash"),
        (
            "a = engine.get_component(self.agg_id)\nif a:\n    if not isinstance(a, Aggregator):\n"
            "        raise TypeError()",
            "silent",
            "raises",
        ),
        (
            "try:\n    a = engine.get_component(self.agg_id)\n    a.accept()\n"
            "except Exception:\n    self.system_panic('x', fl_ctx)",
            "panic",
            "crash",
        ),
        ("self.a = engine.get_component(self.agg_id)\nif not self.a:\n    return False", "raises", "crash"),
    ],
)
def test_what_happens_without_the_component(body: str, outcome: str, if_wrong: str) -> None:
    argument = only_id(controller(body))
    assert (argument.outcome, argument.outcome_if_wrong) == (outcome, if_wrong)


@pytest.mark.parametrize(
    "body",
    [
        "if self.agg_id:\n    engine.get_component(self.agg_id)",
        "if not self.agg_id:\n    return\nengine.get_component(self.agg_id)",
        "a = engine.get_component(self.agg_id) if self.agg_id else None\n"
        "if self.agg_id:\n    engine.get_component(self.agg_id)",
        "if self.agg_id is not None:\n    engine.get_component(self.agg_id)",
    ],
)
def test_an_id_that_is_looked_up_only_when_given_is_optional(body: str) -> None:
    argument = only_id(controller(body))
    assert argument.optional


def test_ids_reach_look_ups_through_methods_and_loops() -> None:
    argument = only_id(
        controller(
            "for one in self.ids:\n    self.find(one, fl_ctx)",
            "ids",
            before="class Finder:\n    def find(self, name, fl_ctx):\n"
            "        return fl_ctx.get_engine().get_component(name)\n",
        ).replace("class A(Controller)", "class A(Controller, Finder)")
    )
    assert (argument.parameter, argument.many) == ("ids", True)


def test_a_component_may_be_given_instead_of_its_id() -> None:
    argument = only_id(controller("if isinstance(self.agg_id, str):\n    a = engine.get_component(self.agg_id)"))
    assert argument.also_object


def test_a_component_that_the_code_names_itself_is_known() -> None:
    argument = only_id(controller("engine.get_component('persistor')"))
    assert (argument.parameter, argument.literal) == ("", "persistor")


def test_ids_given_to_an_object_that_looks_them_up_count() -> None:
    text = controller(
        "h = Helper(self.agg_id)\nh.start(fl_ctx)",
        before=(
            "class Helper:\n    def __init__(self, name):\n        self.name = name\n"
            "    def start(self, fl_ctx):\n        fl_ctx.get_engine().get_component(self.name)\n"
        ),
    )
    assert only_id(text).parameter == "agg_id"


def test_an_id_that_the_constructor_fixes_is_no_argument() -> None:
    text = (
        HEAD + "from nvflare.app_common.workflows.scatter_and_gather import ScatterAndGather\n"
        "class A(ScatterAndGather):\n    def __init__(self, model_id='m'):\n"
        "        super().__init__(persistor_id=model_id, aggregator_id='mine')\n"
    )
    found = {(argument.parameter, argument.literal) for argument in class_in(text).id_arguments}
    assert found == {("model_id", None), ("", "mine"), ("", "shareable_generator")}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("self.broadcast_and_wait(task=Task(name='t', data=None), fl_ctx=fl_ctx)", ["t"]),
        ("t = Task('t', None)\nself.send(task=t, fl_ctx=fl_ctx)", ["t"]),
        ("Task(name=self.agg_id, data=None)", ["agg"]),
        ("Task(name=AppConstants.TASK_VALIDATION, data=None)", ["validate"]),
        ("for n in ('a', 'b'):\n    Task(name=n, data=None)", ["a", "b"]),
        ("Task(name=f'{self.agg_id}_x', data=None)", ["agg_x"]),
        ("Task(name=make_name(), data=None)", []),
        ("self.make('x')", ["x"]),
    ],
)
def test_tasks_that_a_controller_makes(body: str, names: list[str]) -> None:
    text = controller(body) + "\n    def make(self, name, data=None):\n        return Task(name=name, data=data)\n"
    assert task_names(text) == names


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("self.send_model_and_wait(targets=None, data=None)", ["train"]),
        ("self.send_model(task_name='mine', data=None)", ["mine"]),
        ("self.send_model(task_name=self.own, data=None)", ["task of its own"]),
        ("self.broadcast_model(task_name=NAME)", ["named elsewhere"]),
        ("pass", []),
    ],
)
def test_tasks_that_a_model_controller_sends(body: str, names: list[str]) -> None:
    text = (
        HEAD + "from elsewhere import NAME\nclass A(ModelController):\n    own = 'task of its own'\n"
        f"    def run(self):\n        {body}\n"
    )
    assert task_names(text, elsewhere="NAME = 'named ' + 'elsewhere'\n") == names


def test_a_task_may_depend_on_an_argument() -> None:
    info = class_in(controller("if self.extra:\n    Task(name='extra', data=None)", "extra=False"))
    assert info.issued_tasks == (
        TaskName(name="extra", when="extra", expression="'extra'", where="mod.A.control_flow"),
    )


def test_a_derived_controller_keeps_what_it_does_not_override() -> None:
    fedavg = HEAD + "from nvflare.app_common.workflows.fedavg import FedAvg\n"
    assert task_names(fedavg + "class A(FedAvg): pass\n") == ["train"]
    assert task_names(fedavg + "class A(FedAvg):\n    def run(self): pass\n") == []
    assert task_names(fedavg + "class A(FedAvg):\n    def run(self): super().run()\n") == ["train"]
    fixed = "class A(FedAvg):\n    def __init__(self, **kw): super().__init__(task_name='mine', **kw)\n"
    assert task_names(fedavg + fixed) == ["mine"]


def executor(body: str, more: str = "") -> str:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return (
        f"{HEAD}\nclass A(Executor):\n    def __init__(self, train_task='train'):\n        super().__init__()\n"
        f"        self.train_task = train_task\n        self.handlers = {{train_task: self.a, 'b': self.b}}\n"
        f"    def a(self): pass\n    def b(self): pass\n"
        f"    def execute(self, task_name, shareable, fl_ctx, abort_signal):\n{lines}{more}"
    )


UNKNOWN_TASK = "return make_reply(ReturnCode.TASK_UNKNOWN)"


@pytest.mark.parametrize(
    ("body", "names", "complete"),
    [
        (f"if task_name == self.train_task:\n    return 1\nelse:\n    {UNKNOWN_TASK}", ["train"], True),
        (f"if self.train_task == task_name:\n    return 1\n{UNKNOWN_TASK}", ["train"], True),
        (f"if task_name != self.train_task:\n    {UNKNOWN_TASK}\nreturn 1", ["train"], True),
        (f"if task_name in ('a', AppConstants.TASK_TRAIN):\n    return 1\n{UNKNOWN_TASK}", ["a", "train"], True),
        (
            f"if task_name in ['a']:\n    return 1\nelif task_name == 'b':\n    return 2\n{UNKNOWN_TASK}",
            ["a", "b"],
            True,
        ),
        (f"f = self.handlers.get(task_name)\nif f:\n    return f()\n{UNKNOWN_TASK}", ["train", "b"], True),
        (
            f"if task_name in self.handlers:\n    return self.handlers[task_name]()\n{UNKNOWN_TASK}",
            ["train", "b"],
            True,
        ),
        (f"if task_name == 'a':\n    return 1\nif self.other(task_name):\n    return 2\n{UNKNOWN_TASK}", ["a"], False),
        (f"if task_name == 'a' or unknown(task_name):\n    return 1\n{UNKNOWN_TASK}", ["a"], False),
        (
            f"if task_name == name_of_it():\n    return 1\nif task_name == 'b':\n    return 1\n{UNKNOWN_TASK}",
            ["b"],
            False,
        ),
        ("return self.run(task_name)", ["train", "x"], True),
    ],
)
def test_tasks_that_an_executor_accepts(body: str, names: list[str], complete: bool) -> None:
    more = (
        "    def run(self, task_name):\n        if task_name in (self.train_task, 'x'):\n            return 1\n"
        f"        {UNKNOWN_TASK}\n"
    )
    handled = class_in(executor(body, more)).handled_tasks
    assert handled is not None
    assert [name for task in handled.tasks for name in possible_names(task)] == names
    assert (handled.any, handled.complete) == (False, complete)


@pytest.mark.parametrize(
    "body",
    [
        "return shareable",
        "self.log_info(fl_ctx, f'got {task_name}')\nreturn shareable",
        "if task_name == 'a':\n    return 1\nreturn 2",
    ],
)
def test_an_executor_that_refuses_nothing_accepts_any_task(body: str) -> None:
    assert class_in(executor(body)).handled_tasks == HandledTasks(any=True)


def test_the_parameter_of_execute_may_have_another_name() -> None:
    text = executor(f"if task_name == 'a':\n    return 1\n{UNKNOWN_TASK}").replace("task_name", "task")
    handled = class_in(text).handled_tasks
    assert handled is not None
    assert [task.name for task in handled.tasks] == ["a"]


def test_an_executor_can_add_to_what_its_base_accepts() -> None:
    text = HEAD + (
        "from nvflare.app_common.np.np_trainer import NPTrainer\n"
        "class A(NPTrainer):\n    def execute(self, task_name, shareable, fl_ctx, abort_signal):\n"
        "        if task_name == 'extra':\n            return shareable\n"
        "        return super().execute(task_name, shareable, fl_ctx, abort_signal)\n"
    )
    handled = class_in(text).handled_tasks
    assert handled is not None
    assert handled.complete
    assert [n for t in handled.tasks for n in possible_names(t)] == ["extra", "train", "submit_model"]


def test_an_executor_that_leaves_all_to_its_base_has_no_tasks_of_its_own() -> None:
    assert class_in(HEAD + "class A(Executor): pass\n").handled_tasks is None


def test_a_derived_controller_may_name_the_task_of_its_base() -> None:
    text = controller("Task(name=self.TASK, data=None)").replace(
        "class A(Controller):", "class B(Controller):\n    TASK = 'b'"
    )
    assert task_names(text + "\nclass A(B):\n    TASK = 'a'\n") == ["a"]
    assert task_names(text + "\nclass A(B): pass\n") == ["b"]
