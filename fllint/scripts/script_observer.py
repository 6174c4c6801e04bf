"""Who is told what a script does while it is walked through (`fllint.scripts.script_walk`)."""

from __future__ import annotations

from collections.abc import Sequence

from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, ClassValue, Function, Value


class Observer:
    """Is told what a script does with the things that the job does not bring along."""

    def call(self, path: str, site: CallSite) -> Value | None:
        """``path`` is called. The value that it returns, or None when it is nothing to the observer."""
        return None

    def instantiated(self, of: ClassValue, site: CallSite) -> Value | None:
        """A class that the job defines is called. The object, or None when its constructor is to be followed."""
        return None

    def result(self, path: str, site: CallSite) -> Value:
        """What a call of another package's thing results in, when `call` does not say."""
        return NOTHING_KNOWN

    def unknown_call(self, name: str, site: CallSite) -> None:
        """Something unknown is called; ``name`` is the attribute or the variable that stands for it."""

    def read(self, path: str, place: CodePlace) -> None:
        """``path`` (``sys.argv``) is read, or imported by name."""

    def handed_over(self, path: str, to: str) -> None:
        """``path`` is given to code that is not followed."""

    def assigned(self, path: str, place: CodePlace) -> None:
        """``path`` or an item of it is assigned."""

    def compared(self, left: Value, right: Value, place: CodePlace) -> None:
        """Two values are compared."""

    # What only an observer that follows NVFlare's own code is told and asked.

    def enters_library(self, function: Function, site: CallSite) -> CallSite:
        """The user's code calls into NVFlare's own: the same call as that code is to see it."""
        return site

    def refuses(self, error: str, message: str, blamed: Sequence[Value], site: CallSite) -> None:
        """NVFlare's own code surely raises an exception for what the user's call (``site``) gives it.

        ``blamed`` are the values that its condition looks at.
        """

    def not_followed(self) -> None:
        """Something of NVFlare's own code is not followed."""

    def constant(self, path: str) -> Value | None:
        """The value of a constant of NVFlare's by its dotted name; None when it is none or not known."""
        return None

    def library_class(self, path: str) -> ClassValue | None:
        """A class of NVFlare's whose code is followed."""
        return None
