"""Reading the parameters of a function."""

from __future__ import annotations

import ast

from fllint.python.classes import Parameter
from fllint.python.expressions import literal_value


def read_parameters(arguments: ast.arguments, owner: str, *, skip_first: bool) -> tuple[Parameter, ...]:
    """The parameters of a function; ``skip_first`` leaves out ``self``."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    found = [
        _parameter(argument, default, owner, positional_only=position < len(arguments.posonlyargs))
        for position, (argument, default) in enumerate(zip(positional, defaults, strict=True))
    ]
    keyword_only = [
        _parameter(argument, default, owner, keyword_only=True)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return tuple((found[1:] if skip_first else found) + keyword_only)


def _parameter(
    argument: ast.arg,
    default: ast.expr | None,
    owner: str,
    *,
    keyword_only: bool = False,
    positional_only: bool = False,
) -> Parameter:
    known, value = literal_value(default) if default is not None else (False, None)
    return Parameter(
        name=argument.arg,
        required=default is None,
        default=value,
        has_default_value=known,
        annotation=ast.unparse(argument.annotation) if argument.annotation is not None else None,
        owner=owner,
        keyword_only=keyword_only,
        default_text=ast.unparse(default) if default is not None else None,
        positional_only=positional_only,
    )
