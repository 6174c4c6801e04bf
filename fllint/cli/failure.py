"""The one way a command says that it could not do what was asked."""

from __future__ import annotations

import click


class Failure(click.ClickException):
    """Something that could not be done; exit status 2, as for wrong usage."""

    exit_code = 2
