"""Rebuilding a script's parser without running it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fllint.documents.tree import UNKNOWN
from fllint.scripts.arguments import Argument, Parser, ParserModel, ValueType, read_parser


def model_of(script: str, **modules: str) -> ParserModel:
    texts = {name: dedent(text) for name, text in modules.items()}
    return read_parser(dedent(script), module_text=texts.get)


def parser_of(script: str, **modules: str) -> Parser:
    model = model_of(script, **modules)
    assert model.parser is not None, model
    assert model.not_checked == ()
    return model.parser


def arguments_of(script: str, **modules: str) -> dict[str, Argument]:
    return {argument.dest: argument for argument in parser_of(script, **modules).arguments if argument.dest != "help"}


def test_names_types_choices_and_places_are_read() -> None:
    found = arguments_of("""\
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("-l", "--learning-rate", type=float, default=0.1, required=True)
        parser.add_argument("--mode", choices=["a", "b"], nargs="?", const="b")
        parser.add_argument("files", nargs="+", type=int)
        parser.parse_args()
    """)
    assert found["learning_rate"].names == ("-l", "--learning-rate")
    assert found["learning_rate"].type is ValueType.FLOAT
    assert found["learning_rate"].required is True
    assert (found["learning_rate"].place.line, found["learning_rate"].place.column) == (3, 1)
    assert (found["mode"].choices, found["mode"].nargs, found["mode"].const) == (("a", "b"), "?", "b")
    assert (found["files"].names, found["files"].nargs, found["files"].required) == ((), "+", True)


@pytest.mark.parametrize("action", ["store_true", "store_false", "count", "version", "append_const", "store_const"])
def test_flags_take_no_value(action: str) -> None:
    found = arguments_of(f"""
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--flag", action="{action}")
        p.parse_args()
    """)
    assert found["flag"].nargs == 0


def test_boolean_optional_action_has_two_names() -> None:
    found = arguments_of("""
        from argparse import ArgumentParser, BooleanOptionalAction
        p = ArgumentParser()
        p.add_argument("--launch", action=BooleanOptionalAction)
        p.parse_args()
    """)
    assert found["launch"].names == ("--launch", "--no-launch")


@pytest.mark.parametrize(
    "use",
    [
        "args = build().parse_args()",
        "def main():\n    p = build()\n    args = p.parse_args()\nif __name__ == '__main__':\n    main()",
        "def main(argv=None):\n    return build().parse_args(argv)\nmain()",
        "import sys\nbuild().parse_args(sys.argv[1:])",
        "class Trainer:\n    def __init__(self):\n        self.parser = build()\n"
        "    def run(self):\n        return self.parser.parse_args()\nTrainer().run()",
        "try:\n    p = build()\nexcept ValueError:\n    p = None\np.parse_args()",
        "with open('x') as f:\n    build().parse_args()",
        "args, _ = build().parse_known_args()",
    ],
)
def test_a_parser_that_a_function_builds_is_followed(use: str) -> None:
    script = (
        "import argparse\ndef build():\n    p = argparse.ArgumentParser()\n    p.add_argument('--lr')\n    return p\n"
    )
    model = read_parser(script + use, module_text=lambda name: None)
    assert model.parser is not None
    assert [argument.dest for argument in model.parser.arguments] == ["help", "lr"]


def test_a_parser_in_another_module_of_the_job_is_followed() -> None:
    found = arguments_of(
        "from pkg.options import get_args\nargs = get_args()",
        **{
            "pkg.options": """
                import argparse
                from .common import add_common
                def get_args():
                    p = argparse.ArgumentParser()
                    add_common(p)
                    return p.parse_args()
            """,
            "pkg.common": "def add_common(parser):\n    parser.add_argument('--seed', type=int)",
        },
    )
    assert found["seed"].place.module == "pkg.common"
    assert found["seed"].place.line == 2


def test_arguments_added_in_a_loop_over_literals_are_known() -> None:
    found = arguments_of("""
        import argparse
        DEFAULTS = {"lr": 0.1, "momentum": 0.9}
        p = argparse.ArgumentParser()
        for name, value in DEFAULTS.items():
            p.add_argument(f"--{name}", type=float, default=value)
        for name in ("a", "b"):
            p.add_argument("--" + name, **dict(type=int))
        p.parse_args()
    """)
    assert list(found) == ["lr", "momentum", "a", "b"]
    assert found["momentum"].default == 0.9
    assert found["b"].type is ValueType.INT


def test_groups_add_to_their_parser() -> None:
    parser = parser_of("""
        import argparse
        p = argparse.ArgumentParser()
        group = p.add_argument_group("model")
        group.add_argument("--depth", type=int)
        either = p.add_mutually_exclusive_group(required=True)
        either.add_argument("--a")
        either.add_argument("--b")
        p.parse_args()
    """)
    assert [option.dest for option in parser.options] == ["help", "depth", "a", "b"]
    (group,) = parser.groups
    assert group.required
    assert [member.dest for member in group.members] == ["a", "b"]


def test_parents_and_defaults_are_taken_over() -> None:
    found = arguments_of("""
        import argparse
        base = argparse.ArgumentParser(add_help=False)
        base.add_argument("--seed", type=int)
        p = argparse.ArgumentParser(parents=[base])
        p.add_argument("--lr", type=float)
        p.set_defaults(lr="0.5")
        p.parse_args()
    """)
    assert list(found) == ["seed", "lr"]
    assert found["lr"].default == "0.5"


def test_a_default_that_is_set_counts_for_arguments_that_there_are_and_for_later_ones_without_their_own() -> None:
    found = arguments_of("""
        import argparse, os
        p = argparse.ArgumentParser()
        p.add_argument("--before", default=1)
        p.add_argument("--maybe", default=1)
        p.set_defaults(before=2, after=2, own=2)
        p.add_argument("--after")
        p.add_argument("--own", default=1)
        if os.environ.get("X"):
            p.set_defaults(maybe=2)
        p.parse_args()
    """)
    defaults = {name: argument.default for name, argument in found.items()}
    assert defaults == {"before": 2, "maybe": UNKNOWN, "after": 2, "own": 1}
    found = arguments_of("""
        import argparse
        from lib import given
        p = argparse.ArgumentParser()
        p.add_argument("--before", default=1)
        p.set_defaults(**given)
        p.add_argument("--after")
        p.parse_args()
    """)
    assert {argument.default for argument in found.values()} == {UNKNOWN}


def test_all_that_parents_define_and_leave_open_is_taken_over() -> None:
    model = model_of("""
        import argparse
        from lib import base, more
        known = argparse.ArgumentParser(add_help=False)
        either = known.add_mutually_exclusive_group(required=True)
        either.add_argument("--a")
        either.add_argument("--b")
        known.add_subparsers().add_parser("train")
        extended = argparse.ArgumentParser(add_help=False)
        more(extended)
        argparse.ArgumentParser(parents=[known]).parse_args()
        argparse.ArgumentParser(parents=[base, known]).parse_args()
        argparse.ArgumentParser(parents=[extended, known]).parse_args()
    """)
    assert [parser.open_options is None for parser in model.parsers] == [True, False, False]
    for parser in model.parsers:
        assert [option.dest for option in parser.options] == ["help", "a", "b"]
        assert [member.dest for group in parser.groups for member in group.members] == ["a", "b"]
        assert [argument.choices for argument in parser.positionals] == [("train",)]


def test_each_parser_that_reads_the_arguments_counts_until_the_script_changes_them() -> None:
    model = model_of("""
        import argparse, sys
        first, second = argparse.ArgumentParser(), argparse.ArgumentParser("prog", None, None, "epilog")
        first.add_argument("--a")
        second.add_argument("--b")
        _, rest = first.parse_known_args()
        second.parse_known_args()
        sys.argv = [sys.argv[0], *rest]
        argparse.ArgumentParser().parse_args()
    """)
    assert [[option.dest for option in parser.options] for parser in model.parsers] == [["help", "a"], ["help", "b"]]
    assert model.open_options is None


def test_a_command_with_a_computed_name_may_be_any() -> None:
    for name in ("f'{prefix}-train'", "prefix", "*prefix", "'train', aliases=prefix"):
        parser = parser_of(f"""
            import argparse
            from lib import prefix
            p = argparse.ArgumentParser()
            commands = p.add_subparsers()
            commands.add_parser({name})
            commands.add_parser("test")
            p.parse_args()
        """)
        (command,) = parser.positionals
        assert command.choices is UNKNOWN
        assert "test" in (command.commands or ())
    parser = parser_of("""
        import argparse
        p = argparse.ArgumentParser()
        commands = p.add_subparsers()
        add = commands.add_parser
        add("train")
        p.parse_args()
    """)
    assert parser.positionals[0].choices is UNKNOWN


def test_subparsers_are_commands() -> None:
    parser = parser_of("""
        import argparse
        p = argparse.ArgumentParser()
        commands = p.add_subparsers(dest="command", required=True)
        train = commands.add_parser("train", aliases=["t"])
        train.add_argument("--lr", type=float)
        commands.add_parser("test")
        p.parse_args()
    """)
    (command,) = parser.positionals
    assert command.required
    assert command.choices == ("train", "t", "test")
    assert command.commands is not None
    assert [option.dest for option in command.commands["t"].options] == ["help", "lr"]


def test_an_argument_under_a_condition_is_not_certain() -> None:
    found = arguments_of("""
        import argparse, torch
        p = argparse.ArgumentParser()
        if torch.cuda.is_available():
            p.add_argument("--gpu", type=int, required=True)
        p.add_argument("--lr")
        p.parse_args()
    """)
    assert (found["gpu"].certain, found["gpu"].required) == (False, None)
    assert found["lr"].certain


def test_two_definitions_in_two_branches_leave_only_the_name_known() -> None:
    found = arguments_of("""
        import argparse, os
        p = argparse.ArgumentParser()
        if os.environ.get("X"):
            p.add_argument("--n", type=int)
        else:
            p.add_argument("--n", type=str, nargs=2)
        p.parse_args()
    """)
    assert (found["n"].nargs, found["n"].type) == (UNKNOWN, ValueType.UNKNOWN)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("p.add_argument(*names())", "computed"),
        ("p.add_argument('--' + os.environ['X'])", "computed"),
        ("p.add_argument(f'--{name}')", "computed"),
        ("p.add_mutually_exclusive_group().add_argument(f'--{name}')", "computed"),
        ("argparse.ArgumentParser.add_argument(p, '--x')", "not followed"),
        ("add_model_arguments(p)", "not followed"),
        ("p._add_action(thing)", "_add_action"),
        ("lib.Trainer.add_arguments(p)", "not followed"),
        ("getattr(p, name)('--x')", "not followed"),
        ("register(parsers=[p])", "not followed"),
    ],
)
def test_what_is_dynamic_leaves_the_options_open(line: str, reason: str) -> None:
    model = model_of(f"""
        import argparse, os, lib
        from somewhere import add_model_arguments, register, names, name, thing
        p = argparse.ArgumentParser()
        {line}
        p.add_argument("--lr", type=float)
        p.parse_args()
    """)
    assert reason in (model.open_options or "")
    assert model.parser is not None
    assert "lr" in [option.dest for option in model.parser.options]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("parser = transformers.HfArgumentParser(C)", "HfArgumentParser"),
        ("fire.Fire(main)", "fire.Fire"),
        ("absl.app.run(main)", "absl"),
        ("sys.argv = ['x', '--lr', '1']", "sys.argv"),
        ("sys.argv[1:] = []", "sys.argv"),
        ("sys.argv.append('--x')", "sys.argv"),
    ],
)
def test_other_readers_of_the_command_line_are_not_checked(line: str, reason: str) -> None:
    model = model_of(f"import transformers, fire, absl.app, sys\n{line}\n")
    assert model.parser is None
    assert not model.none
    assert reason in model.not_checked[0]


def test_a_hydra_main_is_not_checked() -> None:
    model = model_of("import hydra\n@hydra.main(config_path='conf')\ndef main(cfg): pass\nmain()")
    assert model.not_checked == ("hydra.main reads the arguments",)


@pytest.mark.parametrize(
    "use", ["p.parse_args([])", "p.parse_args(['--lr', '1'])", "p.parse_args(args=())", "pass", "p.print_help()"]
)
def test_a_parser_that_never_reads_the_arguments_does_not_matter(use: str) -> None:
    model = model_of(f"import argparse\np = argparse.ArgumentParser()\n{use}\n")
    assert model.none
    assert model.reads_argv is None


def test_a_script_without_parser_has_none_and_says_whether_it_reads_argv() -> None:
    assert model_of("print('x')").none
    model = model_of("import sys\nname = sys.argv[1]")
    assert model.none
    assert model.reads_argv is not None
    assert (model.reads_argv.line, model.reads_argv.column) == (2, 8)


def test_a_parser_used_under_a_condition_is_not_checked() -> None:
    model = model_of("import argparse, os\nif os.name == 'nt':\n    argparse.ArgumentParser().parse_args()")
    assert model.parser is None
    assert model.not_checked == ("a parser is used only under a condition",)


def test_a_parser_whose_errors_the_script_handles_is_not_checked() -> None:
    for script in (
        "import argparse\nargparse.ArgumentParser(exit_on_error=False).parse_args()",
        "import argparse\ntry:\n    argparse.ArgumentParser().parse_args()\nexcept SystemExit:\n    pass",
    ):
        model = model_of(script)
        assert model.parser is None
        assert not model.none


def test_a_parser_in_a_function_that_nobody_calls_is_not_checked() -> None:
    model = model_of("import argparse\ndef cb():\n    return argparse.ArgumentParser().parse_args()\nregister = cb")
    assert model.parser is None
    assert not model.none


def test_a_module_that_is_imported_is_not_run_as_main() -> None:
    model = model_of(
        "import helper\nimport argparse\np = argparse.ArgumentParser()\np.parse_args()",
        helper="import argparse\nif __name__ == '__main__':\n    argparse.ArgumentParser().parse_args()",
    )
    assert len(model.parsers) == 1


def test_a_parser_of_the_job_that_derives_from_argparse_is_open_only_where_it_must_be() -> None:
    script = """
        import argparse
        class Parser(argparse.ArgumentParser):
            def {method}(self, *a):
                raise ValueError
        p = Parser()
        p.add_argument("--lr")
        p.parse_args()
    """
    assert model_of(script.format(method="error")).open_options is None
    assert model_of(script.format(method="parse_args")).open_options is not None


def test_an_attribute_that_is_set_on_an_argument_makes_it_unknown() -> None:
    found = arguments_of("""
        import argparse
        p = argparse.ArgumentParser()
        a = p.add_argument("--lr", type=int)
        a.type = float
        p.parse_args()
    """)
    assert found["lr"].type is ValueType.UNKNOWN


def test_the_options_at_the_time_of_parsing_count() -> None:
    parser = parser_of("""
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--a")
        p.parse_known_args()
        p.add_argument("--b")
    """)
    assert parser.known_only
    assert [option.dest for option in parser.options] == ["help", "a"]


def test_a_syntax_error_is_a_result() -> None:
    model = model_of("import argparse\nparser = = 3")
    assert model.syntax is not None
    assert (model.syntax.line, model.syntax.column) == (2, 10)
    assert not model.none


def test_columns_count_characters() -> None:
    found = arguments_of(
        "import argparse\np = argparse.ArgumentParser()\nx = 'ééé'; p.add_argument('--lr')\np.parse_args()"
    )
    assert (found["lr"].place.column, found["lr"].place.end_column) == (12, 34)


def test_click_commands_are_read() -> None:
    parser = parser_of("""
        import click
        common = click.option("--seed", type=int, default=3)
        @click.command()
        @common
        @click.option("-l", "--lr", "rate", type=float, required=True)
        @click.option("--shout/--no-shout", default=False)
        @click.option("--mode", type=click.Choice(["a", "b"]), multiple=True)
        @click.argument("files", nargs=-1)
        def main(seed, rate, shout, mode, files): ...
        if __name__ == "__main__":
            main()
    """)
    assert parser.library == "click"
    found = {argument.dest: argument for argument in parser.arguments}
    assert list(found) == ["seed", "rate", "shout", "mode", "files", "help"]
    assert found["rate"].names == ("-l", "--lr")
    assert (found["shout"].nargs, found["shout"].names) == (0, ("--shout", "--no-shout"))
    assert (found["mode"].choices, found["mode"].multiple) == (("a", "b"), True)
    assert found["files"].nargs == "*"


def test_typer_signatures_are_read() -> None:
    parser = parser_of("""
        import typer
        from enum import Enum
        from typing import Annotated, Optional
        class Mode(str, Enum):
            fast = "fast"
            slow = "slow"
        def main(data: str, lr: float = 0.1, mode: Mode = Mode.fast, verbose: bool = False,
                 name: Optional[str] = None, tags: list[str] = [],
                 rounds: Annotated[int, typer.Option("--rounds", "-r")] = 3):
            ...
        typer.run(main)
    """)
    found = {argument.dest: argument for argument in parser.arguments}
    assert (found["DATA"].names, found["DATA"].required) == ((), True)
    assert (found["lr"].names, found["lr"].type) == (("--lr",), ValueType.FLOAT)
    assert found["mode"].choices == ("fast", "slow")
    assert found["verbose"].names == ("--verbose", "--no-verbose")
    assert found["rounds"].names == ("--rounds", "-r")
    assert found["tags"].multiple
