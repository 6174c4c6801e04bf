"""Texts that do not parse are mended where there is one sure way, and otherwise left as they are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.documents.document import Format
from fllint.documents.load import load_document
from fllint.documents.mending import mended
from fllint.fixing.edited_files import applied

from .values import json_texts, mutated_texts

EXTENSIONS = {Format.JSON: "json", Format.HOCON: "conf", Format.YAML: "yml"}


def mend(text: str, format: Format) -> tuple[str, bool] | None:
    """The mended text, and whether that is safe; None where it is not mended."""
    name = f"config.{EXTENSIONS[format]}"
    document = load_document(text.encode(), path=name, name=name, format=format, release="2.9")
    fix = mended(document)
    return (applied(document.source.text, fix.edits), fix.safe) if fix else None


@pytest.mark.parametrize(
    ("text", "mended_text", "safe"),
    [
        ('{"a": [1, 2,],}', '{"a": [1, 2]}', True),
        ('{\n  "a": 1,\n  "b": 2,\n}\n', '{\n  "a": 1,\n  "b": 2\n}\n', True),
        ('\ufeff{"a": 1}', '{"a": 1}', True),
        ('{"a": True, "b": None}', '{"a": true, "b": null}', False),
        ("{'a': 'b c'}", '{"a": "b c"}', False),
        ('{\n  // why\n  "a": "//x"  # so\n}', '{\n  "a": "//x"\n}', False),
        ('{"a": 1, /* b */ "c": 2,}', '{"a": 1, "c": 2}', False),
    ],
)
def test_json_is_mended(text: str, mended_text: str, safe: bool) -> None:
    assert mend(text, Format.JSON) == (mended_text, safe)


@pytest.mark.parametrize("text", ["{", '{"a": 1 "b": 2}', '{"a": 1,} x', "{'a': \"it's\"", '{"a": 1,, }', "", "{a: 1}"])
def test_json_without_a_sure_mend_is_left_alone(text: str) -> None:
    assert mend(text, Format.JSON) is None


def test_what_needs_quotes_in_yaml_and_hocon_gets_them() -> None:
    yaml = "app: [@ALL]\nother: @x\ntasks: [*]\n"
    assert mend(yaml, Format.YAML) == ('app: ["@ALL"]\nother: "@x"\ntasks: ["*"]\n', True)
    hocon = "deploy_map { app = [@ALL] }\nname = a&b\n"
    assert mend(hocon, Format.HOCON) == ('deploy_map { app = ["@ALL"] }\nname = "a&b"\n', True)


def test_a_text_that_parses_has_nothing_to_mend() -> None:
    assert mend('{"a": 1}', Format.JSON) is None


@settings(deadline=None)
@given(st.data())
def test_a_mended_text_parses_and_commas_never_change_a_value(data: st.DataObject) -> None:
    text = data.draw(json_texts())
    broken = data.draw(mutated_texts(text))
    result = mend(broken, Format.JSON) if all(ord(c) < 0xD800 or ord(c) > 0xDFFF for c in broken) else None
    if result:
        json.loads(result[0])


@pytest.mark.parametrize("format", [Format.HOCON, Format.YAML])
@settings(deadline=None, max_examples=60)
@given(text=st.text(st.sampled_from("ab@&*%{}[]:=,\n \"'$`"), max_size=30))
def test_mending_never_fails_and_gives_what_parses(format: Format, text: str) -> None:
    result = mend(text, format)
    if result:
        name = f"config.{EXTENSIONS[format]}"
        document = load_document(result[0].encode(), path=name, name=name, format=format, release="2.9")
        assert document.root is not None
