"""Where comments that silence are found: never inside strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fllint.comments import Language, ignore_comments
from fllint.documents.tree import Source

MARK = "# fllint: ignore[FL203]"


def lines(text: str, language: Language) -> list[int]:
    return [comment.line for comment in ignore_comments(Source("x", "x", text), language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (Language.PYTHON, f"x = 1  {MARK}\n", [1]),
        (Language.PYTHON, f"x = '{MARK}'\n", []),
        (Language.PYTHON, f'"""\n{MARK}\n"""\nx = 1  {MARK}\n', [4]),
        (Language.PYTHON, f"{MARK}\n# more\n\nx = 1\n", [4]),
        (Language.PYTHON, f"x = 1  {MARK}\ny = (\n", [1]),
        (Language.PYTHON, f"x = f'{{y}} {MARK}'\n", []),
        (Language.YAML, f"a: b  {MARK}\n", [1]),
        (Language.YAML, f'a: "b {MARK}"\n', []),
        (Language.YAML, f"a: 'b {MARK}'\nc: d {MARK}\n", [2]),
        (Language.YAML, f"a: |\n  text {MARK}\n  {MARK}\nb: c {MARK}\n", [4]),
        (Language.YAML, f"a: | {MARK}\n  text\n", [1]),
        (Language.YAML, f"a: b{MARK}\n", []),
        (Language.YAML, f"a:\n{MARK}\n- b\n- c {MARK}\n", [3, 4]),
        (Language.YAML, f"a: [b, {MARK}\n  c]\n", [1]),
        (Language.HOCON, f"a = b {MARK}\n", [1]),
        (Language.HOCON, "a = b // fllint: ignore[FL203]\n", [1]),
        (Language.HOCON, f'a = "b {MARK}"\n', []),
        (Language.HOCON, f'a = """\n{MARK}\n"""\nc = d {MARK}', [4]),
        (Language.HOCON, f'a = "\\" {MARK}" \n c = 1 {MARK}', [2]),
        (Language.HOCON, f"{{ {MARK}\n  path = a.b\n}}\n", [1]),
    ],
)
def test_only_comments_count(language: Language, text: str, expected: list[int]) -> None:
    assert lines(text, language) == expected


def test_a_comment_names_rules_and_gives_a_reason() -> None:
    text = "x = 1  # fllint: ignore[FL203, unknown-app,FL1] - our own: executor\n"
    (comment,) = ignore_comments(Source("x", "x", text), Language.PYTHON)
    assert [word for word, _ in comment.words] == ["FL203", "unknown-app", "FL1"]
    assert [text[place.span.start : place.span.end] for _, place in comment.words] == ["FL203", "unknown-app", "FL1"]
    assert comment.reason == "our own: executor"


@pytest.mark.parametrize("text", ["# fllint: ignore", "# fllint: ignore[]", "# fllint: ignore all of it"])
def test_a_comment_without_rules_names_none(text: str) -> None:
    (comment,) = ignore_comments(Source("x", "x", text), Language.PYTHON)
    assert comment.words == ()


@pytest.mark.parametrize("language", list(Language))
@given(
    st.lists(
        st.sampled_from([MARK, "\n", '"', "'", "|", ": ", "- ", '"""', "\\", "#", "//", "{", "[", "\x00", "é", "\t"])
    )
)
def test_any_text_is_read_and_comments_lie_in_it(language: Language, pieces: list[str]) -> None:
    source = Source("x", "x", "".join(pieces))
    for comment in ignore_comments(source, language):
        assert source.text[comment.place.span.start : comment.place.span.end].startswith(("#", "//"))
        assert 1 <= comment.line <= source.text.count("\n") + 2
