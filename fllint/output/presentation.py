"""What a user asks outputs to show beside the findings."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Presentation(Struct, frozen=True):
    """``verbose`` lists what was not checked, ``statistics`` counts findings by rule, ``show_suppressed`` lists
    suppressed findings. Formats that tools read carry what is not checked in any case, where they have room for it."""

    verbose: bool = False
    statistics: bool = False
    show_suppressed: bool = False


FINDINGS_ONLY: Final = Presentation()


def counted(number: int, what: str) -> str:
    """``1 job``, ``2 jobs``."""
    return f"{number} {what}{'' if number == 1 else 's'}"
