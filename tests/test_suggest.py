"""What is sure enough to be written, and what is only a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fllint.suggest import sure_match


@pytest.mark.parametrize(
    ("word", "candidates", "sure"),
    [
        ("num_round", ["num_rounds", "min_clients"], "num_rounds"),
        ("NumRounds", ["num_rounds"], "num_rounds"),
        ("deploy-map", ["deploy_map"], "deploy_map"),
        ("trian", ["train", "validate"], "train"),
        ("min_clients", ["num_clients"], None),
        ("lr", ["l1"], None),
        ("lr", ["LR"], "LR"),
        ("site-1", ["site-2"], None),
        ("layer_1", ["layer_2", "layer_3"], None),
        ("client_ids", ["client_id", "client_idx"], None),
        ("train", ["validate"], None),
        ("train", ["train"], None),
        ("", ["a"], None),
    ],
)
def test_a_slip_has_one_sure_candidate(word: str, candidates: list[str], sure: str | None) -> None:
    assert sure_match(word, candidates) == sure


@given(st.text("abcdefgh", min_size=9, max_size=100), st.data())
def test_one_letter_wrong_in_a_long_word_is_found(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    slips = [word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :]]
    for slip in slips:
        assert sure_match(slip, [word, "something_else"]) == word
