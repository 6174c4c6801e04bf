"""The command line of a script that builds a job: run as it stands, every option has its default."""

from __future__ import annotations

from fllint.scripts.script_text import CodePlace
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Known, Listing, Made, Value, listing


class NotGiven(Known, frozen=True):
    """None, of an option that has no default: a run that matters gives it, so that nothing is said about its value."""


_SWITCHES = {"store_true": False, "store_false": True}


class DefaultsParser(Made):
    """An ``argparse.ArgumentParser``, or a group of one."""

    def __init__(self, defaults: dict[str, Value] | None = None) -> None:
        self.defaults: dict[str, Value] = {} if defaults is None else defaults

    def method(self, name: str, site: CallSite) -> Value:
        if name == "add_argument":
            self._add(site)
        elif name in ("add_argument_group", "add_mutually_exclusive_group"):
            return DefaultsParser(self.defaults)
        elif name == "set_defaults":
            self.defaults.update(site.keywords)
        elif name == "parse_args":
            return Namespace(self.defaults)
        elif name == "parse_known_args":
            return listing((Namespace(self.defaults), NOTHING_KNOWN))
        return NOTHING_KNOWN

    def _add(self, site: CallSite) -> None:
        flags = [value.value for value in site.arguments if isinstance(value, Known) and isinstance(value.value, str)]
        destination = site.keywords.get("dest")
        name = destination.value if isinstance(destination, Known) else _destination(flags)
        if not isinstance(name, str):
            return
        optional = bool(flags) and flags[0].startswith("-")
        self.defaults[name] = self._default(site) if optional or "default" in site.keywords else NOTHING_KNOWN

    @staticmethod
    def _default(site: CallSite) -> Value:
        if "default" in site.keywords:
            return _converted(site.keywords["default"], site.keywords.get("type"))
        action = site.keywords.get("action")
        known = action.value if isinstance(action, Known) else None
        if known in _SWITCHES:
            return Known(_SWITCHES[str(known)])
        required = site.keywords.get("required")
        must = isinstance(required, Known) and required.value is True
        return NOTHING_KNOWN if must or (action is not None and known is None) else NotGiven(None)


class Namespace(Made):
    """What ``parse_args`` returns."""

    def __init__(self, defaults: dict[str, Value]) -> None:
        self._values = dict(defaults)

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        return self._values.get(name)

    def assigned(self, name: str, value: Value) -> None:
        self._values[name] = value


def _destination(flags: list[str]) -> str | None:
    """The attribute that argparse derives: from the first long option, else from the first."""
    long = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else None)
    return long.lstrip("-").replace("-", "_") if long else None


def _converted(default: Value, kind: Value | None) -> Value:
    """argparse converts a default that is a string with the option's type."""
    path = getattr(kind, "path", "")
    if isinstance(default, Known) and isinstance(default.value, str) and path in ("builtins.int", "builtins.float"):
        try:
            return Known(int(default.value) if path == "builtins.int" else float(default.value))
        except ValueError:
            return NOTHING_KNOWN
    if isinstance(default, Known) and default.value is None:
        return NotGiven(None)
    return default if isinstance(default, (Known, Listing)) else NOTHING_KNOWN
