from __future__ import annotations

import ast
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.python.evaluate import Instance, evaluate, render, value_of
from fllint.python.evaluation import Evaluation, StopError
from tests.python.reading import class_in

VALUES = st.sampled_from(
    [None, True, False, 0, 1, -3, 2.5, "", "x", "x.y", "train", [], ["x"], ["x", 1], [1, "x"], {}, {"x": 1}, (1, 2)]
)


def comparisons(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
    # other identities than that with None are not known; "unknown or True" is true, though the unknown part may raise
    identity = st.builds("({} {} None)".format, parts, st.sampled_from(["is", "is not"]))
    return identity | st.builds("({} {} {})".format, parts, operator, parts)


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        comparisons(parts)
        | st.builds("({} and {})".format, parts, parts)
        | st.builds("({} or {})".format, parts, parts)
        | st.builds("(not {})".format, parts)
        | st.builds("({} if {} else {})".format, parts, parts, parts)
        | st.builds("isinstance({}, {})".format, parts, st.sampled_from(["str", "int", "(int, float)", "bool", "list"]))
        | st.builds("len({})".format, parts)
        | st.builds("any(p == 1 for p in {})".format, parts)
        | st.builds("{}(p > 0 for p in {})".format, st.sampled_from(["any", "all"]), parts)
        | st.builds("all(isinstance(p, str) for p in {})".format, parts)
        | st.builds("len([q for p in ({}, {}) for q in p])".format, parts, parts)
        | st.builds("(f'{{{}!r}}' == {})".format, parts, parts)
        | st.builds("(f'{{{}}}' == {})".format, parts, parts)
        | st.builds("[*{}, {}]".format, parts, parts)
        | st.builds("{}.startswith({})".format, parts, parts)
        | st.builds("{{'x': 1, 1: None}}.get({})".format, parts)
        | st.builds("[{}, {}]".format, parts, parts)
        | st.builds("({} + {})".format, parts, parts)
        | st.builds("type({})".format, parts)
    )


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "None", "0", "1", "''", "'x'", "('x', 1)", "True"]), larger, max_leaves=8
)


def by_python(expression: str, arguments: dict[str, object]) -> object:
    """The truth of an expression as Python has it; the exception when it raises one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(eval(expression, {}, dict(arguments)))
    except Exception as error:
        return error


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, VALUES, VALUES)
def test_known_values_give_what_python_gives(expression: str, a: object, b: object) -> None:
    result = evaluate(expression, {"a": a, "b": b})
    truth = by_python(expression, {"a": a, "b": b})
    if isinstance(truth, bool):
        assert result in (truth, None)
    else:
        assert result is None


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, st.just(UNKNOWN) | VALUES, VALUES, VALUES)
def test_what_cannot_be_evaluated_python_cannot_evaluate_either(
    expression: str, a: object, b: object, instead: object
) -> None:
    try:
        Evaluation({"a": a, "b": b}).value(ast.parse(expression, mode="eval").body)
    except StopError:
        return
    except Exception:
        known = instead if a is UNKNOWN else a
        assert isinstance(by_python(expression, {"a": known, "b": b}), Exception)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, VALUES, VALUES)
def test_an_unknown_value_never_leads_to_a_wrong_answer(expression: str, a: object, b: object) -> None:
    result = evaluate(expression, {"a": UNKNOWN, "b": b})
    truth = by_python(expression, {"a": a, "b": b})
    assert result is None or not isinstance(truth, bool) or result == truth


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.text("xy.", max_size=3), VALUES)
def test_a_text_that_is_partly_unknown_never_leads_to_a_wrong_answer(expression: str, part: str, b: object) -> None:
    result = evaluate(expression, {"a": f"x{UNKNOWN_TEXT}y", "b": b})
    truth = by_python(expression, {"a": f"x{part}y", "b": b})
    assert result is None or not isinstance(truth, bool) or result == truth


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, VALUES, VALUES, VALUES)
def test_a_list_with_an_unknown_part_never_leads_to_a_wrong_answer(
    expression: str, a: object, b: object, c: object
) -> None:
    result = evaluate(expression, {"a": [c, UNKNOWN], "b": b})
    truth = by_python(expression, {"a": [c, a], "b": b})
    assert result is None or not isinstance(truth, bool) or result == truth


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), VALUES)
def test_no_text_makes_it_raise(text: str, a: object) -> None:
    evaluate(text, {"a": a})
    render(text, {"a": a})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a == 'x'", None),
        ("a == 'x' or True", True),
        ("a == 'x' and False", False),
        ("b is None and a", None),
        ("b is not None and a", False),
        ("missing < 3", None),
        ("b < 3", None),
        ("isinstance(b, (str, type(None)))", True),
        ("isinstance(c, nvflare.apis.filter.Filter)", False),
        ("isinstance(d, numbers.Number)", True),
        ("isinstance(c, collections.abc.Iterable)", True),
        ("'x' * 10 ** 9", None),
        ("d ** 99999999", None),
        ("__import__('os').system('true')", None),
        ("c.__class__", None),
        ("c.format(d)", None),
        ("open('x')", None),
        ("os.path.isabs('/x')", True),
        ("'..' in '../x'.split('/')", True),
        ("[x for x in (1, 2) if x > 1] == [2]", True),
    ],
)
def test_three_values(expression: str, expected: bool | None) -> None:
    assert evaluate(expression, {"a": UNKNOWN, "b": None, "c": "text", "d": 3}) is expected


def test_work_is_bounded() -> None:
    everything = list(range(3000))
    assert evaluate("any(x == y for x in a for y in a)", {"a": everything}) is None
    assert evaluate("any(any(x + y == -1 for y in a) for x in a)", {"a": everything}) is None
    assert value_of("a.replace('x', a)", {"a": "x" * 100_000}) is UNKNOWN


def test_an_inline_component_is_of_its_class() -> None:
    info = class_in("from nvflare.app_common.np.np_trainer import NPTrainer\nclass A(NPTrainer): pass\n")
    arguments = {"a": Instance(info), "b": Instance(None)}
    assert evaluate("isinstance(a, nvflare.apis.executor.Executor)", arguments) is True
    assert evaluate("isinstance(a, nvflare.apis.filter.Filter)", arguments) is False
    assert evaluate("isinstance(a, str)", arguments) is False
    assert evaluate("a is None", arguments) is False
    assert evaluate("isinstance(b, nvflare.apis.filter.Filter)", arguments) is None
    assert evaluate("b", arguments) is None


def test_messages_are_filled() -> None:
    message = "{a} of {type(a)}, {a!r}, {b}, {?}, {{a}}"
    assert render(message, {"a": "x", "b": UNKNOWN}) == "x of <class 'str'>, 'x', …, …, {a}"


def test_of_a_chain_with_an_unknown_part_at_most_the_truth_is_known() -> None:
    assert evaluate("(a and None) is None", {"a": UNKNOWN}) is None
    assert evaluate("(a or 'x') == True", {"a": UNKNOWN}) is None
    assert evaluate("not (a and None)", {"a": UNKNOWN}) is True
    assert value_of("a and None", {"a": UNKNOWN}) is UNKNOWN
