"""Faults of syntax and surprises of each format (json_config_loader, pyhocon_loader, omegaconf_loader)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.differential.faults.registry import HOCON, JSON, YAML, fault, values
from tests.differential.jobs import Edit, Job, Text

META, SERVER, CLIENT = "meta", "app_server/server", "app_client/client"
DOCUMENTS = {"meta": META, "server_config": SERVER, "client_config": CLIENT}


def replacing(old: str, new: str) -> Edit:
    """An edit that replaces the first occurrence of a text; ValueError when there is none."""

    def edit(text: str) -> Text:
        if old not in text:
            raise ValueError(f"no {old!r} to replace")
        return text.replace(old, new, 1)

    return edit


def everywhere(name: str, edit: Edit, formats: tuple[str, ...]) -> None:
    """Registers the same edit as one fault for each of the three documents."""
    table = {f"{document}_{name}": path for document, path in DOCUMENTS.items()}
    values(lambda job, path: job.edit(path, edit), table, formats=formats)


ANY = (*JSON, *HOCON, *YAML)

everywhere("empty", lambda text: "", ANY)
everywhere("of_blanks_only", lambda text: " \n\n  \n", ANY)
everywhere("cut_in_half", lambda text: text[: len(text) // 2], ANY)
everywhere("with_byte_order_mark", lambda text: "\ufeff".encode() + text.encode(), ANY)
everywhere("in_utf_16", lambda text: text.encode("utf-16"), ANY)
everywhere("with_windows_line_ends", lambda text: text.replace("\n", "\r\n").encode(), ANY)
everywhere("with_a_null_byte", lambda text: text.encode() + b"\0", ANY)
everywhere("with_a_list_at_the_top", lambda text: "[1, 2]\n", ANY)
everywhere("with_null_at_the_top", lambda text: "null\n", ANY)
everywhere("with_a_string_at_the_top", lambda text: '"text"\n', ANY)
everywhere("with_latin_1_text", lambda text: latin_1(text), ANY)
everywhere("with_utf_8_text", lambda text: latin_1(text).decode("latin-1").encode(), ANY)

everywhere("with_trailing_comma", lambda text: text.rstrip().removesuffix("}") + ",}\n", JSON)
everywhere("with_slash_comment", lambda text: "// a comment\n" + text, JSON)
everywhere("with_hash_comment", lambda text: "# a comment\n" + text, JSON)
everywhere("with_single_quotes", lambda text: text.replace('"', "'"), JSON)
everywhere("without_the_last_brace", lambda text: text.rstrip().removesuffix("}"), JSON)
everywhere("with_text_after_the_end", lambda text: text + "}\n", JSON)
everywhere("with_two_documents", lambda text: text + text, JSON)
everywhere("with_a_tab_in_a_string", lambda text: text.replace("{", '{"note": "a\tb",', 1), JSON)
everywhere("with_a_python_literal", lambda text: text.replace("{", '{"note": True,', 1), JSON)
everywhere("with_not_a_number", lambda text: text.replace("{", '{"note": NaN,', 1), JSON)
everywhere("with_infinity", lambda text: text.replace("{", '{"note": -Infinity,', 1), JSON)
everywhere("with_a_leading_zero", lambda text: text.replace("{", '{"note": 01,', 1), JSON)
everywhere("with_a_lone_surrogate", lambda text: text.replace("{", '{"note": "\\ud800",', 1), JSON)
everywhere("with_a_bad_escape", lambda text: text.replace("{", '{"note": "\\d",', 1), JSON)
everywhere("with_deep_nesting", lambda text: text.replace("{", '{"note": ' + "[" * 200 + "]" * 200 + ",", 1), JSON)
everywhere("with_a_huge_number", lambda text: text.replace("{", '{"note": 1' + "0" * 400 + ",", 1), JSON)
everywhere("with_a_number_of_5000_digits", lambda text: text.replace("{", '{"note": 1' + "0" * 5000 + ",", 1), JSON)

everywhere("with_comments", lambda text: "# one\n// two\n" + text, HOCON)
everywhere("with_outer_braces", lambda text: "{\n" + text + "}\n", HOCON)
everywhere("with_an_open_brace", lambda text: text + "more {\n", HOCON)
everywhere("with_undefined_substitution", lambda text: text + "note = ${not_there}\n", HOCON)
everywhere("with_undefined_optional_substitution", lambda text: text + "note = ${?NOT_THERE}\n", HOCON)
everywhere("with_a_substitution", lambda text: text + "word = abc\nnote = ${word}\n", HOCON)
everywhere("with_a_substitution_of_the_environment", lambda text: text + "note = ${PATH}\n", HOCON)
everywhere("with_a_missing_include", lambda text: 'include "not_there.conf"\n' + text, HOCON)
everywhere("with_an_unquoted_at_sign", lambda text: text + "note = @ALL\n", HOCON)
everywhere("with_an_unquoted_variable", lambda text: text + "note = {name}\n", HOCON)
everywhere("with_a_value_missing", lambda text: text + "note =\n", HOCON)
everywhere("with_a_duration", lambda text: text + "note = 10 seconds\n", HOCON)
everywhere("with_a_merged_object", lambda text: text + "note { a = 1 }\nnote { b = 2 }\n", HOCON)
everywhere("with_a_dotted_key", lambda text: text + "note.deep.key = 1\n", HOCON)
everywhere("with_an_equals_json", lambda text: text + '"note": {"a": [1, 2]}\n', HOCON)
everywhere("with_a_triple_quoted_string", lambda text: text + 'note = """a "b" c"""\n', HOCON)

everywhere("with_comment", lambda text: "# one\n" + text, YAML)
everywhere("with_duplicate_keys", lambda text: text + "note: 1\nnote: 2\n", YAML)
everywhere("with_a_tab_indent", lambda text: text + "note:\n\tdeep: 1\n", YAML)
everywhere("with_an_anchor", lambda text: text + "note: &a {b: 1}\nother: *a\n", YAML)
everywhere("with_a_merge_key", lambda text: text + "note: &a {b: 1}\nother:\n  <<: *a\n", YAML)
everywhere("with_an_unknown_alias", lambda text: text + "note: *not_there\n", YAML)
everywhere("with_an_interpolation", lambda text: text + "word: abc\nnote: ${word}\n", YAML)
everywhere("with_an_undefined_interpolation", lambda text: text + "note: ${not_there}\n", YAML)
everywhere("with_an_environment_interpolation", lambda text: text + "note: ${oc.env:PATH}\n", YAML)
everywhere("with_an_undefined_environment", lambda text: text + "note: ${oc.env:NOT_THERE_AT_ALL}\n", YAML)
everywhere("with_an_environment_default", lambda text: text + "note: ${oc.env:NOT_THERE_AT_ALL,abc}\n", YAML)
everywhere("with_a_secret", lambda text: text + "note: ${secret:TOKEN}\n", YAML)
everywhere("with_an_unquoted_at_sign_value", lambda text: text + "note: [@ALL]\n", YAML)
everywhere("with_an_unquoted_variable_value", lambda text: text + "note: {name}\n", YAML)
everywhere("with_a_second_document", lambda text: text + "---\nnote: 1\n", YAML)
everywhere("with_a_document_start", lambda text: "---\n" + text, YAML)
everywhere("with_a_python_tag", lambda text: text + "note: !!python/name:os.getcwd\n", YAML)
everywhere("with_a_date", lambda text: text + "note: 2024-01-31\n", YAML)
everywhere("with_a_number_as_key", lambda text: text + "7: lucky\n", YAML)
everywhere("with_a_missing_marker", lambda text: text + "note: ???\n", YAML)
everywhere("with_a_bad_indent", lambda text: text + "note:\n    a: 1\n  b: 2\n", YAML)
everywhere("with_a_set", lambda text: text + "note: !!set {a, b}\n", YAML)
everywhere("with_binary", lambda text: text + "note: !!binary aGVsbG8=\n", YAML)


def latin_1(text: str) -> bytes:
    """The text with a German street in it, as latin-1, in whatever format it is."""
    if text.lstrip().startswith("{"):
        return text.replace("{", '{"street": "Hauptstraße",', 1).encode("latin-1")
    separator = " = " if " = " in text else ": "
    return (text + f'street{separator}"Hauptstraße"\n').encode("latin-1")


def edited(document: str, *edits: Edit) -> Callable[[Job], None]:
    """A change that only edits one document's text."""
    return lambda job: job.edit(document, *edits)


def lines_after(job: Job, value: tuple[str, str]) -> None:
    """Adds text to the end of a document."""
    document, text = value
    job.edit(document, lambda before: before + text)


# The same key again, later: the last one wins in JSON, objects merge in HOCON.
values(
    lines_after,
    {
        "hocon_deploy_map_extended": (META, 'deploy_map { app_more = ["site-3"] }\n'),
        "hocon_min_clients_again": (META, "min_clients = 5\n"),
        "hocon_everybody_unquoted": (META, "deploy_map { app_client = [@ALL] }\n"),
        "hocon_components_plus_list": (SERVER, "components += [{ id = more, path = averaging.MeanAggregator }]\n"),
        "hocon_workflows_plus_object": (SERVER, "workflows += { id = more, path = averaging.MeanAggregator }\n"),
        "hocon_format_version_again": (SERVER, "format_version = 3\n"),
        "hocon_format_version_a_string": (SERVER, 'format_version = "2"\n'),
        "hocon_executors_emptied": (CLIENT, "executors = []\n"),
        "hocon_unquoted_class_path": (CLIENT, "components = [{ id = more, path = trainers.Trainer }]\n"),
        "hocon_unquoted_class_path_misspelt": (CLIENT, "components = [{ id = more, path = trainers.Trainr }]\n"),
        "hocon_substituted_class_path": (
            CLIENT,
            "cls = trainers.Trainer\ncomponents = [{ id = more, path = ${cls} }]\n",
        ),
        "hocon_substituted_class_path_misspelt": (
            CLIENT,
            "cls = trainers.Trainr\ncomponents = [{ id = more, path = ${cls} }]\n",
        ),
        "hocon_yes_is_a_string": (CLIENT, "components = [{ id = more, path = trainers.Trainer, disabled = yes }]\n"),
        "hocon_true_is_a_truth": (CLIENT, "components = [{ id = more, path = trainers.Nothing, disabled = true }]\n"),
        "hocon_optional_omits_the_class": (CLIENT, "components = [{ id = more, path = ${?NOT_THERE} }]\n"),
        "hocon_object_inherits": (
            CLIENT,
            "base { path = trainers.Trainer }\ncomponents = [${base} { id = more, args { step = 1 } }]\n",
        ),
        "hocon_duration_as_a_step": (
            CLIENT,
            "components = [{ id = more, path = trainers.Trainer, args { step = 10s } }]\n",
        ),
    },
    formats=HOCON,
)
values(
    lines_after,
    {
        "hocon_components_plus_object": (SERVER, "components += { id = more, path = averaging.MeanAggregator }\n"),
    },
    formats=HOCON,
    silent=True,
)
values(
    lines_after,
    {
        "yaml_yes_is_a_truth": (META, "note: yes\n"),
        "yaml_interpolated_sites": (META, "sites: [site-1, site-2]\nnote: ${sites}\n"),
        "yaml_interpolated_class_path": (CLIENT, "cls: trainers.Trainer\nmore: {path: '${cls}'}\n"),
    },
    formats=YAML,
)


@fault(formats=HOCON)
def hocon_escaped_letter_in_a_class_path(job: Job) -> None:
    job.edit(CLIENT, replacing("trainers.Trainer", "trainers.\\u0054rainer"))


@fault(formats=HOCON)
def hocon_escaped_quote_in_an_argument(job: Job) -> None:
    job.executor["args"]["label"] = 'say "yes" \\ no'


@fault(formats=YAML)
def yaml_min_clients_yes(job: Job) -> None:
    job.edit(META, replacing("min_clients: 2", "min_clients: yes"))


@fault(formats=YAML)
def yaml_everybody_unquoted(job: Job) -> None:
    job.edit(META, replacing("- server", "- @ALL"))


@fault(formats=YAML)
def yaml_unquoted_variable_as_a_step(job: Job) -> None:
    job.client["my_step"] = 0.5
    job.edit(CLIENT, replacing("step: 0.5", "step: {my_step}"))


@fault(formats=YAML)
def yaml_interpolation_as_a_step(job: Job) -> None:
    job.client["my_step"] = 0.5
    job.edit(CLIENT, replacing("step: 0.5", "step: ${my_step}"))


@fault(formats=YAML)
def yaml_interpolated_class_misspelt(job: Job) -> None:
    job.client["cls"] = "trainers.Trainr"
    job.edit(CLIENT, replacing("path: trainers.Trainer", "path: ${cls}"))


@fault(formats=YAML)
def yaml_octal_rounds(job: Job) -> None:
    job.edit(SERVER, replacing("num_rounds: 2", "num_rounds: 010"))


@fault(formats=YAML)
def yaml_sexagesimal_rounds(job: Job) -> None:
    job.edit(SERVER, replacing("num_rounds: 2", "num_rounds: 1:30"))


@fault(formats=YAML)
def yaml_rounds_with_an_exponent(job: Job) -> None:
    job.edit(SERVER, replacing("num_rounds: 2", "num_rounds: 1e1"))


@fault(formats=YAML)
def yaml_format_version_quoted(job: Job) -> None:
    job.edit(SERVER, replacing("format_version: 2", "format_version: '2'"))


@fault(formats=YAML)
def yaml_component_twice_by_anchor(job: Job) -> None:
    more = "components:\n- &one\n  id: more\n  path: trainers.Trainer\n- <<: *one\n  id: again\n"
    job.edit(CLIENT, replacing("components: []\n", more))


@fault(formats=JSON, silent=True)
def json_components_again_and_empty(job: Job) -> None:
    job.edit(SERVER, lambda text: text.rstrip().removesuffix("}") + ', "components": []}\n')


@fault(formats=JSON)
def json_workflows_again_and_empty(job: Job) -> None:
    job.edit(SERVER, lambda text: text.rstrip().removesuffix("}") + ', "workflows": []}\n')


@fault(formats=JSON)
def json_format_version_first_wrong_then_right(job: Job) -> None:
    job.edit(SERVER, replacing("{", '{"format_version": 9,'))


@fault(formats=JSON)
def json_escaped_class_path(job: Job) -> None:
    job.edit(CLIENT, replacing('"trainers.Trainer"', '"trainers\\u002eTrainer"'))


@fault(formats=JSON)
def json_exponent_is_a_float(job: Job) -> None:
    job.edit(SERVER, replacing('"num_rounds": 2', '"num_rounds": 2e0'))


def trailing_value(job: Job, value: Any) -> None:
    """Sets an unknown key of the server config."""
    job.server["note"] = value


values(
    trailing_value,
    {
        "value_with_all_kinds_of_characters": "é \u2028 \U0001f600 \\ / \" '",
        "value_with_dollar_signs": "$HOME ${HOME} $$",
        "value_very_long": "x" * 20000,
    },
)
