"""Cutting a text into arguments as NVFlare does."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fllint.documents.tree import UNKNOWN_TEXT
from fllint.scripts.arguments import ExecutorKind, script_call, split_like_nvflare

TEXTS = st.text(alphabet=st.sampled_from("ab \t\n'\"\\=-#$é\u3000"), max_size=25)


@given(TEXTS)
def test_in_process_texts_are_cut_like_str_split(text: str) -> None:
    tokens = split_like_nvflare(text).tokens
    assert [token.text for token in tokens] == text.split()
    assert all(text[token.start : token.end] == token.text for token in tokens)


@given(TEXTS)
@example(r""""a \" b" "c \\" "d\e" 'f\' g\ h""")
@example('"a\\')
def test_commands_are_cut_like_shlex(text: str) -> None:
    try:
        expected, trouble = shlex.split(text), None
    except ValueError as error:
        expected, trouble = [], str(error)
    found = split_like_nvflare(text, ExecutorKind.COMMAND)
    assert [token.text for token in found.tokens] == expected
    assert found.trouble == trouble


@given(TEXTS)
def test_every_character_of_a_command_argument_knows_where_it_was_written(text: str) -> None:
    for token in split_like_nvflare(text, ExecutorKind.COMMAND).tokens:
        assert "".join(text[offset] for offset in token.offsets) == token.text
        assert token.start <= min(token.offsets, default=token.start)
        assert max(token.offsets, default=token.start) < token.end


def test_a_range_inside_a_quoted_argument_leads_back_to_the_text() -> None:
    text = 'python3 train.py --name "my run"'
    token = split_like_nvflare(text, ExecutorKind.COMMAND).tokens[-1]
    start, end = token.range(3, 6)
    assert text[start:end] == "run"


def test_pieces_of_quotes_that_are_not_honoured_are_marked() -> None:
    tokens = split_like_nvflare("--name \"my long run\" --lr 0.1 it's 'x' --m='a b'").tokens
    assert [token.text for token in tokens if token.in_quotes] == ['"my', "long", 'run"', "'x'", "--m='a", "b'"]


def test_quotes_around_a_secret_group_in_process() -> None:
    text = 'x --auth "Bearer ${secret:TOKEN}" --h="a ${secret:B}" "a b"'
    tokens = split_like_nvflare(text).tokens
    texts = [token.text for token in tokens]
    assert texts == ["x", "--auth", "Bearer ${secret:TOKEN}", "--h=a ${secret:B}", '"a', 'b"']
    assert tokens[2].has_unknown
    assert text[tokens[2].start : tokens[2].end] == '"Bearer ${secret:TOKEN}"'


def test_a_list_command_is_taken_item_by_item() -> None:
    tokens = split_like_nvflare(["python3", "a b.py", ""]).tokens
    assert [(token.text, token.item) for token in tokens] == [("python3", 0), ("a b.py", 1), ("", 2)]


def test_an_unclosed_quote_in_a_command_is_trouble_at_its_argument() -> None:
    found = split_like_nvflare('python3 train.py --name "my run', ExecutorKind.COMMAND)
    assert found.tokens == ()
    assert found.trouble == "No closing quotation"
    assert found.trouble_at == 24


def test_unknown_text_at_the_front_may_be_anything() -> None:
    first, second = split_like_nvflare(f"{UNKNOWN_TEXT}x a{UNKNOWN_TEXT}").tokens
    assert first.is_unknown
    assert not second.is_unknown
    assert second.has_unknown


@pytest.mark.parametrize(
    ("command", "script", "arguments"),
    [
        ("python3 -u custom/train.py --lr 1", "custom/train.py", ["--lr", "1"]),
        ("python3 -W ignore train.py a.py", "train.py", ["a.py"]),
        ("/usr/bin/python3.11 train.py", "train.py", []),
        ("torchrun --nproc_per_node=2 custom/train.py --lr 1", "custom/train.py", ["--lr", "1"]),
        ("python -m torch.distributed.run --nproc_per_node 2 train.py -x", "train.py", ["-x"]),
        ("accelerate launch --num_processes 2 t.py y", "t.py", ["y"]),
        ("bash run.sh", None, None),
        ("python3 -c 'print()' x.py", None, None),
        ("", None, None),
    ],
)
def test_the_script_of_a_command_is_found(command: str, script: str | None, arguments: list[str] | None) -> None:
    tokens = split_like_nvflare(command, ExecutorKind.COMMAND).tokens
    found = script_call(tokens)
    if script is None:
        assert found is None
    else:
        assert found is not None
        assert found.script is not None
        assert tokens[found.script].text == script
        assert [token.text for token in found.arguments] == arguments


def test_a_module_that_python_runs_is_named() -> None:
    found = script_call(split_like_nvflare("python3 -m my.train --lr 1", ExecutorKind.COMMAND).tokens)
    assert found is not None
    assert (found.script, found.module) == (None, "my.train")
    assert [token.text for token in found.arguments] == ["--lr", "1"]
