"""Family 0: files that cannot be read, or are read as something else than they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.documents.document import Document, DocumentProblem, Format, Trouble
from fllint.documents.tree import Leaf, Mapping
from fllint.findings import Fix, Problem, Related, Severity
from fllint.job.files import MAX_DEPTH, MAX_FILES, MAX_PYTHON_TOTAL, FileEntry, Kind
from fllint.job.variables import VariableTrouble
from fllint.problems import at
from fllint.python.files import MAX_PYTHON_BYTES
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.review import Review


def _problems(review: Review, trouble: Trouble) -> Iterator[Problem]:
    for document in review.job.documents:
        for problem in document.problems:
            if problem.trouble is trouble:
                yield _finding(document, problem)


def _finding(document: Document, problem: DocumentProblem) -> Problem:
    cause = f" ({problem.cause})" if problem.cause and problem.cause not in problem.message else ""
    related = tuple(Related(place, "see also here") for place in problem.related)
    severity = Severity.ERROR if problem.fatal else None
    fix = _mended(document) if problem.fatal else None
    return Problem(problem.place, f"{problem.message}{cause}", problem.help, related, severity, fix)


def _mended(document: Document) -> Fix | None:
    from fllint.documents.mending import mended

    return mended(document)


@rule("FL001", "syntax-error", Severity.ERROR, fix="safe or unsafe")
def syntax_error(review: Review) -> Iterator[Problem]:
    """A meta or config file is not valid JSON, HOCON or YAML.

    NVFlare refuses a job whose meta does not parse. A broken server config is refused at submission since 2.9 and ends
    the run before. A broken *client* config passes NVFlare's validator in every release: the clients die when they
    start, and the simulator still returns 0.

    Mend the text at the marked place. JSON takes no comments, no trailing commas and no single quotes; HOCON
    (``.conf``) takes all three, but needs quotes around values with special characters such as ``@ALL``.
    """
    yield from _problems(review, Trouble.SYNTAX)


@rule("FL002", "unreadable-encoding", Severity.ERROR, fix="safe")
def unreadable_encoding(review: Review) -> Iterator[Problem]:
    """A meta or config file is not plain UTF-8: it begins with a byte-order mark, or is UTF-16 or Latin-1.

    NVFlare reads meta as UTF-8 and hands the text to a JSON parser that refuses a byte-order mark
    (``Unexpected UTF-8 BOM``, fuel/utils/json_config_loader.py, every release).

    Save the file as UTF-8 without byte-order mark.
    """
    yield from _problems(review, Trouble.ENCODING)


@rule("FL003", "duplicate-key", Severity.WARNING)
def duplicate_key(review: Review) -> Iterator[Problem]:
    """A key stands twice in one object.

    In JSON the last one silently wins: a second ``"components": []`` drops every component. HOCON merges objects and
    replaces everything else. OmegaConf refuses a YAML file with duplicate keys, so that the site cannot start.

    Remove one of the two, or merge them.
    """
    yield from _problems(review, Trouble.DUPLICATE_KEY)


@rule("FL004", "beyond-limits", Severity.ERROR)
def beyond_limits(review: Review) -> Iterator[Problem]:
    """A file is larger or deeper than fllint reads, or the job has more files than it looks at.

    A config of more than 1 MB, a Python file of more than 500 kB, nesting deeper than 64, and YAML aliases or variables
    that expand without end are not what people write; fllint stops there rather than spend minutes, and says so
    rather than stay silent.

    Split the file, or keep generated or data files out of the job.
    """
    yield from _problems(review, Trouble.LIMIT)
    if review.job.files.truncated:
        message = f"the job has more than {MAX_FILES} files; fllint looks at the first {MAX_FILES}"
        yield at(review.job.file_place(""), message, severity=Severity.WARNING)
    if review.job.files.too_deep:
        message = f"folders nested more than {MAX_DEPTH} deep; fllint looks no deeper"
        yield at(review.job.file_place(review.job.files.too_deep), message, severity=Severity.WARNING)
    for name in sorted(review.job.files.unread_python):
        size = review.job.files.entries[name].size
        message = f"{name} has {size} bytes; fllint reads Python files up to {MAX_PYTHON_BYTES}"
        if size <= MAX_PYTHON_BYTES:
            message = f"{name} is not read: the job has more than {MAX_PYTHON_TOTAL} bytes of Python"
        yield at(review.job.file_place(name), message, severity=Severity.WARNING)
    for _, config, _ in review.configs():
        for issue in config.variable_issues:
            if issue.trouble is VariableTrouble.BEYOND_LIMITS:
                message = "the variables of this config need more substitutions than fllint follows"
                yield at(issue.place, message, severity=Severity.WARNING)


@rule("FL005", "include-not-followed", Severity.WARNING)
def include_not_followed(review: Review) -> Iterator[Problem]:
    """A HOCON file includes a URL, or a file outside of the config folder.

    pyhocon opens the URL when the job is loaded, on every site. fllint never reads outside the job: what the include
    brings in is not checked.

    Put the included text into the config folder and include it by its file name.
    """
    yield from _problems(review, Trouble.INCLUDE)


@rule("FL006", "unresolved-reference", Severity.ERROR)
def unresolved_reference(review: Review) -> Iterator[Problem]:
    """A ``${reference}`` in a HOCON or YAML file that nothing defines.

    pyhocon raises ConfigSubstitutionException, OmegaConf InterpolationKeyError: the file cannot be loaded (2.4 and
    later). In JSON ``${x}`` has no meaning; NVFlare's own variables are written ``{x}``.

    Define the key, or write ``${?reference}`` in HOCON when it may be absent.
    """
    yield from _problems(review, Trouble.UNRESOLVED)


BROKEN_PATH: Final = re.compile(r"[A-Za-z]:\S*[\t\n\r\f\b][^ ]*\S")
"""A path of Windows with characters that no path has."""


@rule("FL007", "surprising-value", Severity.WARNING)
def surprising_value(review: Review) -> Iterator[Problem]:
    """A text that parses to something else than it looks like.

    For instance ``components += {…}`` in HOCON after a list, which turns the list into that one object, so that NVFlare
    builds no component at all; ``10s``, which becomes a duration; or an unquoted ``{name}`` in YAML, which is an object
    and no variable. ``"C:\\temp\\new"`` with single backslashes holds a tab and a line break, in every format.

    The help of the finding says what to write for what was probably meant.
    """
    yield from _problems(review, Trouble.SURPRISE)
    for document in review.job.documents:
        for node in document.root.walk() if document.root is not None else ():
            if isinstance(node, Leaf) and isinstance(node.scalar, str) and BROKEN_PATH.fullmatch(node.scalar):
                message = "the backslashes of this path are read as a tab, a line break or the like"
                yield at(node, message, help="write / or \\\\ for each of them")


@rule("FL008", "not-an-object", Severity.ERROR)
def not_an_object(review: Review) -> Iterator[Problem]:
    """The top level of a meta or config file is no object.

    NVFlare needs a mapping of keys (``RuntimeError … from_dict must be <class 'dict'>``, fuel/utils/dict_utils.py).

    Write one object, ``{ … }``, around everything.
    """
    for document in review.job.documents:
        root = document.root
        if root is not None and not isinstance(root, Mapping):
            yield at(
                root, f"the file holds {root.type_name} where NVFlare needs an object", help="write { … } around it"
            )


@rule("FL009", "link-not-shipped", Severity.ERROR)
def link_not_shipped(review: Review) -> Iterator[Problem]:
    """A symbolic link in the job that is not sent along.

    NVFlare zips the job without following links to folders: of a linked ``custom/`` or app folder only the empty folder
    arrives (fuel/utils/zip_utils.py). A dangling link stops the zipping with FileNotFoundError. The content of a linked
    file is sent, as it is on the machine that submits; signed folders with links are refused.

    Copy the file or folder into the job.
    """
    for entry in review.job.files.entries.values():
        if entry.link and "__pycache__" not in entry.name:
            yield _link_problem(review, entry)


def _link_problem(review: Review, entry: FileEntry) -> Problem:
    place = review.job.file_place(entry.name)
    if entry.kind is Kind.FILE:
        message = f"{entry.name} is a symbolic link to {entry.target}; its content is sent, not the link"
        return at(place, message, help="copy the file into the job", severity=Severity.WARNING)
    leads_out = f" to {entry.target}" if entry.target else ""
    message = f"{entry.name} is a symbolic link{leads_out}; NVFlare does not send what is behind it"
    return at(place, message, help="copy what it links to into the job")


@rule("FL010", "special-file", Severity.ERROR)
def special_file(review: Review) -> Iterator[Problem]:
    """A pipe, socket, device or unreadable entry in the job, or an entry of a job zip that leads out of the job.

    NVFlare's zipper stops at what it cannot read, and hangs on a pipe. Unzipping refuses absolute paths and ``..``
    (fuel/utils/zip_utils.py, 2.9).

    Remove it from the job.
    """
    for entry in review.job.files.entries.values():
        if entry.kind is Kind.OTHER:
            yield at(review.job.file_place(entry.name), f"{entry.name} is neither a file nor a folder that can be read")
    for name in review.job.files.escaping:
        yield at(review.job.file_place(""), f"the zip has an entry that leads out of the job: {name}")


@rule("FL011", "yaml-needs-omegaconf", Severity.WARNING)
def yaml_needs_omegaconf(review: Review) -> Iterator[Problem]:
    """A meta or config file in YAML, which NVFlare reads only where omegaconf is installed.

    omegaconf is no hard dependency of nvflare; without it the loader fails with ``ModuleNotFoundError: No module named
    'omegaconf'`` when the job is submitted or a site starts (2.4 and later).

    A job whose configs are all YAML was surely tried where omegaconf is, so that it is only mentioned; one YAML file
    among others is easily overlooked.

    Install ``nvflare[config]`` (or ``omegaconf``) on every site and name it in the requirements near the job, or write
    the file as JSON or HOCON.
    """
    packages = review.surroundings.site_packages
    if packages and (packages / "omegaconf").is_dir():
        return
    if review.surroundings.required_modules & {"omegaconf", "hydra_core"}:
        return
    configs = {config.document.format for app in review.job.deployed_apps for config in app.configs}
    severity = Severity.INFO if configs == {Format.YAML} else Severity.WARNING
    for document in review.job.documents:
        if document.format is Format.YAML:
            yield at(
                review.job.file_place(document.source.name),
                f"{document.source.name} is YAML: sites without omegaconf cannot read it",
                help="install nvflare[config] on every site and name it in a requirements file, or use JSON",
                severity=severity,
            )
