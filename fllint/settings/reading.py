"""From a settings file to checked values. Whatever is wrong is an error with its position: a setting that is silently
ignored is worse than none."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

from msgspec import Struct

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Severity
from fllint.regular_files import open_regular
from fllint.settings.keys import KEYS, SUPPRESSION_KEYS, Kind
from fllint.settings.model import Glob, PathIgnore, SettingsError, SuppressionEntry, absolute, matcher
from fllint.settings.positions import KeyPath, position
from fllint.suggest import did_you_mean

MAX_BYTES: Final = 1_000_000
CODE_WORD: Final = re.compile(r"[a-z]{2,4}\d{0,3}|[a-z][a-z0-9]*(-[a-z0-9]+)*", re.IGNORECASE)

Reader: TypeAlias = "Callable[[SettingsFile, Any, KeyPath], object]"


class SettingsFile(Struct, frozen=True):
    """A settings file: its absolute path, how output calls it, its text and the table that is fllint's, which stands
    under ``prefix`` (``tool.fllint`` in pyproject.toml)."""

    path: str
    shown: str
    text: str
    table: dict[str, Any]
    prefix: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        return self.path.rsplit("/", 1)[0]

    def where(self, path: KeyPath) -> str:
        """``fllint.toml:3:1`` for a key path below the prefix."""
        line, column = position(self.text, (*self.prefix, *path))
        return f"{self.shown}:{line}:{column}"

    def error(self, path: KeyPath, message: str) -> SettingsError:
        return SettingsError(f"{self.where(path)}: {message}")

    def place(self, path: KeyPath) -> Place:
        """The line that a key path stands on."""
        source = Source(self.shown, self.path, self.text)
        line, column = position(self.text, (*self.prefix, *path))
        start = source.offset(line, column)
        return Place(source, Span(start, start + len(source.line(line)) - column + 1))


def read_file(path: Path, shown: str) -> SettingsFile | None:
    """A settings file; None for a pyproject.toml that does not speak of fllint.

    Raises:
        SettingsError: the file cannot be read, or is no TOML.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{shown} cannot be read: {error.strerror or error}") from error
    in_pyproject = path.name == "pyproject.toml"
    if in_pyproject and b"fllint" not in content:  # most have none, and parsing takes milliseconds
        return None
    if len(content) > MAX_BYTES:
        raise SettingsError(f"{shown} is larger than {MAX_BYTES} bytes")
    table = _parse(content, shown)
    if in_pyproject:
        tools = table.get("tool")
        table = tools.get("fllint") if isinstance(tools, dict) else None
        if table is None:
            return None
    if not isinstance(table, dict):
        raise SettingsError(f"{shown}: tool.fllint must be a table")
    prefix = ("tool", "fllint") if in_pyproject else ()
    return SettingsFile(absolute(path), shown, content.decode("utf-8"), table, prefix)


def _parse(content: bytes, shown: str) -> Any:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        return toml.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{shown} is not UTF-8: {error.reason} at byte {error.start}") from error
    except RecursionError as error:
        raise SettingsError(f"{shown} is nested too deeply") from error
    except toml.TOMLDecodeError as error:
        raise SettingsError(_located(str(error), content, shown)) from error


def _located(message: str, content: bytes, shown: str) -> str:
    """A message of tomllib, with its position in front."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    if not found:
        return f"{shown}: {message}"
    lines = content.decode("utf-8").split("\n")
    return f"{shown}:{found[2] or len(lines)}:{found[3] or len(lines[-1]) + 1}: {found[1]}"


def read_settings(file: SettingsFile) -> dict[str, object]:
    """The settings of a file by their attribute of `fllint.settings.model.Settings`, and ``extend``.

    Raises:
        SettingsError: an unknown key, or a value of the wrong kind.
    """
    known = {key.name: key for key in KEYS}
    _refuse_unknown(file, file.table, (), tuple(known))
    return {
        name.replace("-", "_"): READERS[known[name].kind](file, value, (name,)) for name, value in file.table.items()
    }


def code_mentions(file: SettingsFile, read: dict[str, object]) -> tuple[tuple[str, str], ...]:
    """Every rule that a file names, with where it does."""
    found: list[tuple[str, str]] = []
    for name in ("select", "ignore", "extend-select"):
        found += [(code, file.where((name,))) for code in _words(read.get(name.replace("-", "_")))]
    for word, _ in _pairs(read.get("severity")):
        found.append((word, file.where(("severity", word))))
    for entry in _entries(read.get("per_path"), PathIgnore):
        found += [(code, file.where(("per-path", entry.glob.pattern))) for code in entry.codes]
    for index, suppression in enumerate(_entries(read.get("suppressions"), SuppressionEntry)):
        found += [(code, file.where(("suppressions", index, "code"))) for code in suppression.codes]
    return tuple(found)


def _words(value: object) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, tuple) else ()


def _pairs(value: object) -> tuple[tuple[str, Severity], ...]:
    return value if isinstance(value, tuple) else ()


def _entries(value: object, kind: type[Any]) -> tuple[Any, ...]:
    return tuple(item for item in value if isinstance(item, kind)) if isinstance(value, tuple) else ()


def _refuse_unknown(file: SettingsFile, table: dict[str, Any], path: KeyPath, known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            hint = did_you_mean(key, known, 0.6) or f"there are {', '.join(known)}"
            if key == "tool":
                hint = "[tool.fllint] is for pyproject.toml; here the settings stand at the top of the file"
            raise file.error((*path, key), f"there is no setting '{key}'; {hint}")


def _flag(file: SettingsFile, value: Any, path: KeyPath) -> bool:
    if not isinstance(value, bool):
        raise file.error(path, f"{path[-1]} must be true or false")
    return value


def _text(file: SettingsFile, value: Any, path: KeyPath) -> str:
    if not isinstance(value, str) or not value.strip():
        hint = f'; write "{value}"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
        raise file.error(path, f"{path[-1]} must be a text{hint}")
    return value


def _texts(file: SettingsFile, value: Any, path: KeyPath) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise file.error(path, f"{path[-1]} must be an array of texts")
    return tuple(value)


def _text_or_texts(file: SettingsFile, value: Any, path: KeyPath) -> tuple[str, ...]:
    return (_text(file, value, path),) if isinstance(value, str) else _texts(file, value, path)


def _code(file: SettingsFile, value: str, path: KeyPath) -> str:
    if not CODE_WORD.fullmatch(value):
        raise file.error(path, f"'{value}' is no code (FL102), prefix of codes (FL1) or name of a rule (unknown-app)")
    return value


def _codes(file: SettingsFile, value: Any, path: KeyPath) -> tuple[str, ...]:
    return tuple(_code(file, word, path) for word in _texts(file, value, path))


def _code_or_codes(file: SettingsFile, value: Any, path: KeyPath) -> tuple[str, ...]:
    return tuple(_code(file, word, path) for word in _text_or_texts(file, value, path))


def _severity(file: SettingsFile, value: Any, path: KeyPath) -> Severity:
    names = [severity.value for severity in Severity]
    if value not in names:
        raise file.error(path, f"{path[-1]} must be one of {', '.join(names)}")
    return Severity(value)


def _path(file: SettingsFile, value: Any, path: KeyPath) -> str:
    return absolute(Path(file.folder) / Path(_text(file, value, path)).expanduser())


def _paths(file: SettingsFile, value: Any, path: KeyPath) -> tuple[str, ...]:
    return tuple(_path(file, one, path) for one in _texts(file, value, path))


def _glob(file: SettingsFile, value: str, path: KeyPath) -> Glob:
    try:
        matcher(value)
    except ValueError as error:
        raise file.error(path, f"'{value}' is no pattern of paths: {error}") from error
    return Glob(value, file.folder)


def _globs(file: SettingsFile, value: Any, path: KeyPath) -> tuple[Glob, ...]:
    return tuple(_glob(file, pattern, path) for pattern in _texts(file, value, path))


def _table(file: SettingsFile, value: Any, path: KeyPath) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise file.error(path, f"{path[-1]} must be a table")
    return value


def _severities(file: SettingsFile, value: Any, path: KeyPath) -> tuple[tuple[str, Severity], ...]:
    return tuple(
        (_code(file, code, (*path, code)), _severity(file, severity, (*path, code)))
        for code, severity in _table(file, value, path).items()
    )


def _path_ignores(file: SettingsFile, value: Any, path: KeyPath) -> tuple[PathIgnore, ...]:
    return tuple(
        PathIgnore(_glob(file, pattern, (*path, pattern)), _codes(file, codes, (*path, pattern)))
        for pattern, codes in _table(file, value, path).items()
    )


def _suppressions(file: SettingsFile, value: Any, path: KeyPath) -> tuple[SuppressionEntry, ...]:
    if not isinstance(value, list):
        raise file.error(path, f"{path[-1]} must be an array of tables; write [[suppressions]]")
    return tuple(_suppression(file, entry, (*path, index)) for index, entry in enumerate(value))


def _suppression(file: SettingsFile, value: Any, path: KeyPath) -> SuppressionEntry:
    table = _table(file, value, path)
    known = {key.name: key for key in SUPPRESSION_KEYS}
    _refuse_unknown(file, table, path, tuple(known))
    for key in SUPPRESSION_KEYS:
        if key.required and key.name not in table:
            raise file.error(path, f"a suppression needs '{key.name}'")
    read = {name: READERS[known[name].kind](file, table[name], (*path, name)) for name in table}
    pointer, reason = str(read.get("pointer", "")), str(read.get("reason", ""))
    codes = read["code"]
    assert isinstance(codes, tuple)
    try:
        matcher(pointer)
    except ValueError as error:
        raise file.error((*path, "pointer"), f"'{pointer}' is no pattern of pointers: {error}") from error
    return SuppressionEntry(
        _glob(file, table["path"], (*path, "path")), pointer, codes, reason.strip(), file.place(path)
    )


READERS: Final[dict[Kind, Reader]] = {
    Kind.FLAG: _flag,
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
    Kind.TEXT_OR_TEXTS: _text_or_texts,
    Kind.CODES: _codes,
    Kind.CODE_OR_CODES: _code_or_codes,
    Kind.SEVERITY: _severity,
    Kind.SEVERITIES: _severities,
    Kind.PATH: _path,
    Kind.PATHS: _paths,
    Kind.GLOBS: _globs,
    Kind.PATH_IGNORES: _path_ignores,
    Kind.SUPPRESSIONS: _suppressions,
}
