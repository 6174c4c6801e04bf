"""The settings that there are: the one table behind the reader, the published JSON Schema and the documentation."""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct


class Kind(Enum):
    """What a setting's value is."""

    FLAG = "flag"
    TEXT = "text"
    TEXTS = "texts"
    TEXT_OR_TEXTS = "text or texts"
    CODES = "codes"
    CODE_OR_CODES = "code or codes"
    SEVERITY = "severity"
    SEVERITIES = "severities"
    PATH = "path"
    PATHS = "paths"
    GLOBS = "globs"
    PATH_IGNORES = "path ignores"
    SUPPRESSIONS = "suppressions"


class Key(Struct, frozen=True):
    """A setting: its name in the file, the kind of its value, and what it says."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


KEYS: Final = (
    Key("extend", Kind.TEXT_OR_TEXTS, "Settings files that this one builds on, relative to it."),
    Key("select", Kind.CODES, "Run only these rules: codes, prefixes of codes, or names."),
    Key("ignore", Kind.CODES, "Do not run these rules."),
    Key("extend-select", Kind.CODES, "Run these rules beside the selected ones."),
    Key("preview", Kind.FLAG, "Run preview rules too."),
    Key("rule-folders", Kind.PATHS, "Folders of your own rules; their code runs with --allow-local-rules only."),
    Key("nvflare", Kind.TEXT, "The NVFlare release to check against, such as 2.9."),
    Key("sites", Kind.TEXTS, "The federation's real sites."),
    Key("python", Kind.PATH, "The interpreter (or its environment) whose packages the job will use; read, never run."),
    Key("known-third-party", Kind.TEXTS, "Modules that every site has, by the name that is imported."),
    Key("severity", Kind.SEVERITIES, "The severity of rules, by code, prefix or name."),
    Key("fail-on", Kind.SEVERITY, "The least severity that makes the exit status 1."),
    Key("exclude", Kind.GLOBS, "Jobs and files that are left out, also when they are named on the command line."),
    Key("per-path", Kind.PATH_IGNORES, "Rules whose findings in some files are not wanted, by pattern of paths."),
    Key("suppressions", Kind.SUPPRESSIONS, "Single findings that are known and accepted."),
)

SUPPRESSION_KEYS: Final = (
    Key("path", Kind.TEXT, "A pattern of paths, in the syntax of .gitignore.", required=True),
    Key("pointer", Kind.TEXT, "A pattern of JSON pointers; what lies below is meant too. Without it: the whole file."),
    Key("code", Kind.CODE_OR_CODES, "The rules whose findings are accepted.", required=True),
    Key("reason", Kind.TEXT, "Why."),
)
