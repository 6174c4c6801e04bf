"""Family 7: what a job carries that other people should not get, or that only holds on its author's machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Mapping, Node, Place, Source, Span
from fllint.findings import Problem, Related, Severity
from fllint.job.files import Kind
from fllint.problems import at
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.review import Review

HOME: Final = re.compile(r"(?<![\w.~/\\-])(?:/home/|/Users/|[A-Za-z]:[\\/]Users[\\/])[\w.-]+")
"""A path in somebody's home folder on Linux, macOS or Windows."""
SECRET_NAME: Final = re.compile(
    r"(?:^|[_-])(?:password|passwd|secret|api_?key|access_?key|(?:access|auth|api|bearer|hf|wandb)_?token|private_?key)$",
    re.IGNORECASE,
)
SECRET_VALUE: Final = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,}|hf_[A-Za-z0-9]{30,}|glpat-[\w-]{20,}"
    r"|xox[abprs]-[\w-]{10,}|sk-[A-Za-z0-9_-]{32,})(?![\w-])|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""The published forms of keys and tokens: AWS, GitHub, Hugging Face, GitLab, Slack, OpenAI, and PEM (RFC 7468)."""
RECORDS: Final = frozenset(
    [".dcm", ".nii", ".mha", ".nrrd", ".svs", ".parquet", ".feather", ".sqlite", ".sqlite3", ".db", ".xls", ".xlsx"]
)
"""Formats of images and tables, as training sets have them."""
NEEDLESS: Final = frozenset({".git", ".venv", "node_modules", ".ipynb_checkpoints", ".idea", ".vscode"})
"""Folders of tools. (``__pycache__`` comes and goes with every run, and is small.)"""
MAX_RELATED: Final = 5
LARGE: Final = 10_000_000
"""From this many bytes on, whatever it is, a file is worth a mention."""


@rule("FL701", "home-path", Severity.INFO)
def home_path(review: Review) -> Iterator[Problem]:
    """A value of a config is a path in somebody's home folder.

    NVFlare hands it on as it is, and every site has its own folders: a client without that path fails when its code
    opens it, the other sites go on (every release).

    Write a path that all sites agree on, one relative to the app, or let the script read it from an environment
    variable of the site.
    """
    for _, _, root in review.configs():
        for _, leaf in _texts(root):
            match = HOME.search(str(leaf.scalar))
            if match:
                message = f"'{match[0]}' is a home folder of one machine, and every site gets this path"
                yield at(leaf.part(match.start(), match.end()), message, help="use a path that every site has")


@rule("FL702", "secret-in-job", Severity.WARNING)
def secret_in_job(review: Review) -> Iterator[Problem]:
    """A job carries a password, a key or a token.

    A job is stored on the server and unpacked on every site that gets the app; whoever can read the workspaces there
    has the secret (every release).

    Let each site provide it: an environment variable (``{$NAME}`` in a config), a file of the site, or in NVFlare 2.9
    a secret reference. Whatever was in a job already should be replaced.
    """
    advice = "let each site provide it, by an environment variable for instance"
    for document in review.job.documents:
        for name, leaf in _texts(document.root):
            if SECRET_VALUE.search(str(leaf.scalar)) or (SECRET_NAME.search(name) and _is_literal(str(leaf.scalar))):
                yield at(leaf, f"'{name}' is a secret, and every site of the job gets it", help=advice)
    for app in review.job.deployed_apps:
        for entry in review.job.files.below(app.path("custom")):
            source = review.job.source(entry.name) if entry.name.endswith(".py") and entry.kind is Kind.FILE else None
            for place in _secrets(source) if source else ():
                yield at(place, "this looks like a secret, and every site that gets the app can read it", help=advice)


def _secrets(source: Source) -> Iterator[Place]:
    for match in SECRET_VALUE.finditer(source.text):
        yield Place(source, Span(match.start(), match.end()))


def _is_literal(text: str) -> bool:
    """Whether a text is a secret itself, and no variable, path or placeholder."""
    return len(text) >= 6 and UNKNOWN_TEXT not in text and not re.search(r"[{}<>$\s/]|\*\*\*|x{4}", text, re.IGNORECASE)


@rule("FL703", "records-in-job", Severity.INFO)
def records_in_job(review: Review) -> Iterator[Problem]:
    """A job carries data, or files that nobody needs.

    The server and every site that gets the app keep a copy of all files, also of those that no config mentions
    (fuel/utils/zip_utils.py ``zip_directory_to_bytes``, every release). Records of patients or customers have no
    business there, and large files slow every start.

    Leave the data on the sites and give its path to the script; remove what the job does not need.
    """
    needless: dict[str, list[str]] = {}
    for entry in review.job.files.entries.values():
        path = PurePosixPath(entry.name)
        if entry.kind is Kind.FOLDER and path.name in NEEDLESS:
            needless.setdefault(path.name, []).append(entry.name)
            continue
        if entry.kind is Kind.FILE and set(path.suffixes) & RECORDS:
            message = f"{entry.name} looks like data, and is sent to every site that gets the job"
        elif entry.kind is Kind.FILE and entry.size >= LARGE:
            message = f"{entry.name} has {entry.size / 1e6:.0f} MB, and is sent to every site that gets the job"
        else:
            continue
        yield at(review.job.file_place(entry.name), message, help="keep it out of the job's folder")
    for name, (first, *others) in needless.items():
        message = f"the folder {first} is part of the job and sent to its sites"
        message += f", and {len(others)} more called {name}" if others else ""
        related = tuple(Related(review.job.file_place(other), "sent too") for other in others[:MAX_RELATED])
        yield at(review.job.file_place(first), message, help="keep it out of the job's folder", related=related)


def _texts(node: Node | None, name: str = "") -> Iterator[tuple[str, Leaf]]:
    """The strings of a tree, each with the key that it stands under."""
    if isinstance(node, Leaf) and isinstance(node.scalar, str):
        yield name, node
    elif isinstance(node, Mapping):
        for entry in node.entries:
            yield from _texts(entry.node, entry.key)
    elif node is not None:
        for child in node.children:
            yield from _texts(child, name)
