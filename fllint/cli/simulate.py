"""``fllint simulate``."""

from fllint.simulate.command import command

__all__ = ["command"]
