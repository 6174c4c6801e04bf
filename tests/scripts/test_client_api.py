"""How a script uses NVFlare's Client API."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fllint.documents.tree import UNKNOWN, Source
from fllint.scripts.client_api import (
    ClientApiUse,
    Flavour,
    calls_before_init,
    missing_init,
    missing_receive,
    missing_send,
    not_in_loop,
    read_client_api,
    sent_again,
)

GOOD = """
    import nvflare.client as flare
    flare.init()
    while flare.is_running():
        model = flare.receive()
        flare.send(flare.FLModel(params={"w": 1}, metrics={"accuracy": 0.5}))
"""


def use_of(script: str, **modules: str) -> ClientApiUse:
    texts = {name: dedent(text) for name, text in modules.items()}
    return read_client_api(dedent(script), texts.get)


def judged(use: ClientApiUse) -> dict[str, str]:
    """The judgements that find something, with the line of what they point at."""
    found = {judge.__name__: judge(use) for judge in (missing_send, missing_receive, missing_init, not_in_loop)}
    return {name: f"{call.name}:{call.place.line}" for name, call in found.items() if call is not None}


@pytest.mark.parametrize(
    "head",
    [
        "import nvflare.client as flare",
        "from nvflare import client as flare",
        "import nvflare.client\nflare = nvflare.client",
        "from nvflare.client.api import *\nimport nvflare.client as flare",
    ],
)
def test_calls_are_known_however_the_module_is_imported(head: str) -> None:
    use = read_client_api(dedent(GOOD).replace("import nvflare.client as flare", head), lambda name: None)
    assert [call.name for call in use.calls] == ["init", "is_running", "receive", "send"]
    assert judged(use) == {}
    assert use.send_after_receive is True


def test_functions_that_are_imported_by_name_are_known() -> None:
    use = use_of("""
        from nvflare.client import FLModel, init, receive as get, send
        init()
        for _ in range(3):
            send(FLModel(params=get().params))
    """)
    assert [call.name for call in use.calls] == ["init", "receive", "send"]
    assert use.calls[1].place.line == 5
    assert use.calls[1].loops[0].kind == "other"
    assert [(name.module, name.name) for name in use.names][:2] == [
        ("nvflare.client", "FLModel"),
        ("nvflare.client", "init"),
    ]


def test_places_are_those_of_the_name_that_is_called() -> None:
    text = dedent(GOOD)
    use = read_client_api(text, lambda name: None)
    source = Source("train.py", "train.py", text)
    assert [text[span.start : span.end] for span in (call.place.span(source) for call in use.calls)] == [
        "flare.init",
        "flare.is_running",
        "flare.receive",
        "flare.send",
    ]


def test_functions_classes_and_modules_of_the_job_are_followed() -> None:
    use = use_of(
        """
        from trainer import Trainer
        if __name__ == "__main__":
            Trainer().run()
        """,
        trainer="""
        import nvflare.client as flare
        from talk import answer
        class Trainer:
            def __init__(self):
                flare.init()
            def run(self):
                while True:
                    model = self.next_model()
                    if model is None:
                        break
                    answer(model)
            def next_model(self):
                return flare.receive()
        """,
        talk="""
        import nvflare.client as flare
        def answer(model):
            flare.send(flare.FLModel(params=model.params))
        """,
    )
    assert [(call.name, call.place.module, call.reached) for call in use.calls] == [
        ("init", "trainer", True),
        ("receive", "trainer", True),
        ("send", "talk", True),
    ]
    assert [loop.kind for loop in use.loops] == ["endless"]
    assert judged(use) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("flare.send(", "print(", {"missing_send": "receive:5"}),
        ("flare.receive()", "None", {"missing_receive": "send:6"}),
        ("flare.init()", "pass", {"missing_init": "is_running:4"}),
        ("while flare.is_running():", "if True:", {"not_in_loop": "receive:5"}),
    ],
)
def test_plain_faults_are_judged(old: str, new: str, expected: dict[str, str]) -> None:
    assert judged(use_of(GOOD.replace(old, new))) == expected


def loop(*lines: str) -> ClientApiUse:
    """The use of a script whose loop has these lines after ``receive``, the first of them in line 6."""
    start = (
        "import nvflare.client as flare\nmodel = flare.FLModel(params={})\nflare.init()\nwhile flare.is_running():\n"
    )
    inside = "\n".join(f"    {line}" for line in ("got = flare.receive()", *lines))
    return read_client_api(start + inside, lambda name: None)


@pytest.mark.parametrize(
    "lines",
    [
        ("flare.send(model)", "flare.send(model)"),
        ("if got:", "    flare.send(model)", "    flare.send(model)"),
        ("try:", "    flare.send(model)", "except ValueError:", "    pass", "flare.send(model)"),
    ],
)
def test_a_second_result_for_one_model_is_told(lines: tuple[str, ...]) -> None:
    second = sent_again(loop(*lines))
    assert second is not None
    assert second.place.line == 5 + len(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("flare.send(model)", "flare.receive()", "flare.send(model)"),
        ("flare.send(model, clear_cache=False)", "flare.send(model)"),
        ("flare.send(model, False)", "flare.send(model)"),
        ("flare.send(*got.params)", "flare.send(model)"),
        ("if got:", "    flare.send(model)", "else:", "    flare.send(model)"),
        ("if got:", "    flare.send(model)", "    continue", "flare.send(model)"),
        ("try:", "    flare.send(model)", "except ValueError:", "    flare.send(model)"),
        ("for part in got.params:", "    flare.send(model)", "flare.send(model)"),
        ("flare.send(model)", "if flare.receive():", "    flare.send(model)"),
    ],
)
def test_results_that_may_each_have_their_model_are_left_alone(lines: tuple[str, ...]) -> None:
    assert sent_again(loop(*lines)) is None


def test_calls_before_init_are_told() -> None:
    use = use_of("""
        import nvflare.client as flare
        site = flare.get_site_name()
        def main():
            flare.init()
            flare.receive()
            flare.send(flare.FLModel(metrics={"a": 1}))
        main()
    """)
    assert [(call.name, call.place.line) for call in calls_before_init(use)] == [("get_site_name", 3)]


def test_a_call_that_may_not_come_first_is_not_called_too_early() -> None:
    use = use_of("""
        import os
        import nvflare.client as flare
        if os.environ.get("LATE"):
            flare.get_site_name()
        flare.init()
    """)
    assert calls_before_init(use) == ()


def test_send_in_the_other_branch_does_not_follow_receive() -> None:
    use = use_of("""
        import nvflare.client as flare
        flare.init()
        if unknown():
            model = flare.receive()
        else:
            flare.send(flare.FLModel(params={}))
    """)
    assert use.send_after_receive is False


def test_a_send_before_receive_in_one_loop_can_follow_it() -> None:
    use = use_of("""
        import nvflare.client as flare
        flare.init()
        model = None
        while flare.is_running():
            if model:
                flare.send(model)
            model = flare.receive()
    """)
    assert use.send_after_receive is True


@pytest.mark.parametrize(
    ("head", "flavour"),
    [
        ("import nvflare.client.lightning as flare", Flavour.LIGHTNING),
        ("import nvflare.client.hf as flare", Flavour.HUGGING_FACE),
        ("from nvflare.client import hf as flare", Flavour.HUGGING_FACE),
    ],
)
def test_a_patched_trainer_sends_for_the_script(head: str, flavour: Flavour) -> None:
    use = use_of(f"{head}\nflare.patch(trainer)\nwhile flare.is_running():\n    model = flare.receive()\n")
    assert flavour in use.flavours
    assert judged(use) == {}
    assert use.send_after_receive is None


def test_decorated_functions_receive_and_send_for_the_script() -> None:
    use = use_of("""
        import nvflare.client as flare
        flare.init()
        @flare.train
        def train(input_model=None): ...
        @flare.evaluate
        def evaluate(input_model=None): ...
        while flare.is_running():
            model = flare.receive()
            evaluate()
            train()
    """)
    assert Flavour.DECORATORS in use.flavours
    assert missing_send(use) is None


def test_functions_that_only_a_framework_calls_count_as_not_reached() -> None:
    use = use_of("""
        import lightning, nvflare.client as flare
        flare.init()
        class Callback(lightning.Callback):
            def on_end(self, trainer):
                flare.send(flare.FLModel(params={}))
        model = flare.receive()
        lightning.Trainer(callbacks=[Callback()]).fit()
    """)
    assert [(call.name, call.reached) for call in use.calls] == [("init", True), ("receive", True), ("send", False)]
    assert missing_send(use) is None


@pytest.mark.parametrize(
    "line",
    [
        "helper.run(flare)",
        "getattr(flare, name)(model)",
        "pool.submit(flare.send, model)",
        "exec(code)",
        "finish(model)",
        "functions = dict(send=flare.send); helper.run(functions)",
    ],
)
def test_what_cannot_be_followed_silences_the_judgements(line: str) -> None:
    use = use_of(f"""
        import helper, pool, nvflare.client as flare
        from helper import finish, name, code
        flare.init()
        model = flare.receive()
        {line}
    """)
    assert use.unknown
    assert judged(use) == {}


def test_task_tests_are_branches() -> None:
    use = use_of("""
        import nvflare.client as flare
        flare.init()
        while flare.is_running():
            model = flare.receive()
            task = flare.get_task_name()
            if flare.is_train():
                pass
            elif flare.is_submit_model():
                pass
            elif task == "validate" or task in ("a", "b"):
                print(task)
            flare.send(flare.FLModel(metrics={"x": 1}))
    """)
    assert [(branch.task, branch.by_name) for branch in use.branches] == [
        ("train", False),
        ("submit_model", False),
        ("validate", True),
        ("a", True),
        ("b", True),
    ]
    assert use.unknown == ()


def test_models_tell_their_type_and_keys() -> None:
    use = use_of("""
        import nvflare.client as flare
        from nvflare.app_common.abstract.fl_model import FLModel, ParamsType
        flare.init()
        x = flare.receive()
        a = FLModel(ParamsType.DIFF, {"w": 1}, metrics={"accuracy": 1, "loss": 2}, meta={"NUM_STEPS_CURRENT_ROUND": 3})
        b = flare.FLModel(params=None, params_type="diff")
        c = flare.FLModel(params=x.params, params_type=kind(), metrics=measure())
        d = flare.FLModel()
        d.params_type = flare.ParamsType.FULL
        d.metrics = {"late": 1}
        e = flare.FLModel(**options)
        flare.send(a)
        a.params = a.metrics = None
        flare.send(d)
    """)
    facts = [(m.params_type, m.has_params, m.metrics, m.meta, m.sent) for m in use.models]
    assert facts == [
        ("DIFF", True, ("accuracy", "loss"), ("NUM_STEPS_CURRENT_ROUND",), True),
        ("diff", False, None, None, False),
        (UNKNOWN, True, UNKNOWN, None, False),
        ("FULL", False, ("late",), None, True),
        (UNKNOWN, True, UNKNOWN, UNKNOWN, False),
    ]


def test_metrics_that_a_function_may_add_to_are_not_known() -> None:
    for body, known in [
        ("metrics['loss'] = 1", False),
        ("metrics.update(loss=1)", False),
        ("inner(metrics)", False),
        ("metrics = {}", False),
        ("print(metrics)", True),
        ("other = metrics['accuracy']", True),
    ]:
        use = use_of(f"""
            import nvflare.client as flare
            def inner(found):
                found["loss"] = 1
            def evaluate(net, metrics):
                {body}
            metrics = {{"accuracy": 1}}
            evaluate(net, metrics)
            flare.FLModel(params={{}}, metrics=metrics)
        """)
        assert [model.metrics for model in use.models] == [("accuracy",) if known else UNKNOWN], body


def test_metrics_that_are_added_to_later_are_not_known() -> None:
    use = use_of("""
        import nvflare.client as flare
        metrics = {"a": 1}
        metrics["b"] = 2
        m = flare.FLModel(metrics=metrics)
        n = flare.FLModel(metrics={"a": 1})
        n.metrics["b"] = 2
        for name in names():
            metrics[name] = 1
        o = flare.FLModel(metrics=metrics)
    """)
    assert [model.metrics for model in use.models] == [("a", "b"), UNKNOWN, UNKNOWN]


def test_names_that_must_exist_are_listed_with_their_module() -> None:
    use = use_of("""
        import nvflare.client as flare
        from nvflare.client.tracking import SummaryWriter, MLflowWriter as W
        flare.get_task_name()
        x = flare.ParamsType.FULL
        flare.nonsense
    """)
    assert [(name.module, name.name, name.place.line) for name in use.names] == [
        ("nvflare.client.tracking", "SummaryWriter", 3),
        ("nvflare.client.tracking", "MLflowWriter", 3),
        ("nvflare.client", "get_task_name", 4),
        ("nvflare.client", "ParamsType", 5),
        ("nvflare.client", "nonsense", 6),
    ]


def test_bfloat16_is_found_however_it_is_written() -> None:
    use = use_of("""
        import torch
        DTYPE = "torch.bfloat16"
        x = torch.zeros(1, dtype=torch.bfloat16)
        y = x.bfloat16().to("bfloat16")
    """)
    assert [place.line for place in use.bfloat16] == [3, 4, 5, 5]


def test_exits_tell_whether_they_are_on_the_straight_path() -> None:
    use = use_of("""
        import os, sys
        if len(sys.argv) > 3:
            sys.exit("too many")
        os._exit(0)
    """)
    assert [(each.name, bool(each.conditions), each.place.line) for each in use.exits] == [
        ("sys.exit", True, 4),
        ("os._exit", False, 5),
    ]


def test_a_script_without_the_client_api_does_not_use_it() -> None:
    use = use_of("import torch\nprint(torch.__version__)")
    assert not use.used
    assert judged(use) == {}


def test_a_syntax_error_is_a_result() -> None:
    use = use_of("import nvflare.client as flare\nflare.init(")
    assert use.syntax is not None
    assert judged(use) == {}


def test_objects_of_own_classes_in_a_model_are_told() -> None:
    script = """
        import nvflare.client as flare
        import records
        from records import Record as R
        flare.init()
        model = flare.receive()
        class Local: pass
        class Loss(dict): pass
        record = records.Record(1)
        flare.send(flare.FLModel(params={"a": [record]}, meta={"b": Local()}, metrics={"c": R(2).loss, "d": Loss()}))
    """
    use = use_of(script, records="class Record:\n    def __init__(self, loss):\n        self.loss = loss\n")
    (model,) = use.models
    assert [(own.module, own.name) for own in model.own_types] == [("records", "Record"), ("", "Local")]
    assert {own.place.line for own in model.own_types} == {10}
