"""What a script's own command line is when it is run without arguments."""

from __future__ import annotations

import ast

from fllint.job_api.command_line import DefaultsParser
from fllint.scripts.script_text import CodePlace, CodeText
from fllint.scripts.script_values import CallSite, Known, Scope


def test_switches_have_the_value_that_argparse_gives_them() -> None:
    parser = DefaultsParser()
    for flag, action in (("--on", "store_true"), ("--off", "store_false")):
        scope = Scope(CodeText("", "", ast.Module([], [])), "")
        site = CallSite(ast.Name("x"), CodePlace("", 1, 1, 1, 1), scope, (Known(flag),), {"action": Known(action)})
        parser.method("add_argument", site)
    assert parser.defaults == {"on": Known(False), "off": Known(True)}
