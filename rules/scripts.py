"""Family 4, second part: the scripts that a job runs: whether they are there, and whether they can start."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.script_arguments import MODE, SCRIPT_ARGUMENTS
from fllint.documents.tree import Place, Span
from fllint.findings import Fix, Problem, Related, Severity
from fllint.fixes import write_word
from fllint.job.model import App, Role
from fllint.problems import at, is_known
from fllint.registry import rule
from fllint.scripts.runs import ScriptRun, class_info, matching_files, script_runs
from fllint.suggest import closest, sure_match

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL410", "script-not-found", Severity.ERROR, fix="safe")
def script_not_found(review: Review) -> Iterator[Problem]:
    """The script that an executor runs is not in its app.

    In the client's own process, ``task_script_path`` is compared with the end of the path of every file below
    ``custom/``: ``train.py`` and ``src/train.py`` are found, ``./train.py`` and ``../train.py`` never are
    (app_common/executors/task_script_runner.py, 2.5 and later). A command runs in the app's folder, so that
    ``custom/train.py`` is right and ``train.py`` is not (launchers/subprocess_launcher.py 2.4 to 2.8,
    executors/client_api_executor.py 2.9). Without the script the client stops or never answers, and the simulator ends
    as if all were well.

    Write the path of a file that is in the app. An absolute path must exist on every site.
    """
    yield from _without_script(review)
    for run in script_runs(review):
        if review.job.files.truncated:
            review.not_checked(f"whether the script of {run.component.label} is there", "the job has too many files")
            continue
        written = run.written
        if written is None:
            yield from _no_python_script(run)
        elif written[0].startswith("/"):
            message = f"'{written[0]}' is outside of the job: every site that runs it must have it"
            yield at(written[1], message, severity=Severity.INFO)
        elif run.argument.in_process and not written[0].endswith(".py"):
            yield _at_script(run, written[1], f"'{written[0]}' does not end in '.py': NVFlare refuses it")
        elif not run.candidates:
            yield _missing(run, *written)


def _without_script(review: Review) -> Iterator[Problem]:
    """Executors of a mode that needs a script, without one."""
    for app, config, _ in review.configs():
        for component in config.all_components:
            mode = component.argument(MODE) if component.role is Role.EXECUTOR else None
            for argument in SCRIPT_ARGUMENTS if mode is not None else ():
                info = class_info(review, app, component) if argument.in_process else None
                given = component.argument(argument.name)
                missing = given is None or given.value is None or given.value == ""
                if mode and info and info.parameter(argument.name) and mode.value == argument.mode and missing:
                    yield at(given or mode, f"'{mode.value}' needs a script: '{argument.name}' is missing")


def _at_script(run: ScriptRun, place: Place, message: str, help: str = "", fix: Fix | None = None) -> Problem:
    used = run.node.substituted_at
    related = (Related(used, "used here"),) if used else ()
    return at(place, message, help=help, related=related, fix=fix)


def _missing(run: ScriptRun, text: str, place: Place) -> Problem:
    inside = posixpath.normpath(text).lstrip("./")
    other = next((app for app in run.review.job.apps if app is not run.app and _has(run, app, text)), None)
    if run.argument.in_process:
        if inside != text and matching_files(run.review, run.app, inside):
            message = f"'{text}' is never found: NVFlare compares it with the end of a file's path, as it is written"
            fix = write_word(place, text, inside)
            return _at_script(run, place, message, f"write '{inside}'", fix)
        message = f"there is no script '{text}' below {run.app.path('custom')}/"
    else:
        message = f"there is no '{text}' in the app's folder, where the command runs"
        below = matching_files(run.review, run.app, inside) or ()
        if below:
            prefix = len(run.app.folder) + 1 if run.app.folder else 0
            fix = write_word(place, text, below[0][prefix:]) if len(below) == 1 else None
            return _at_script(run, place, message, f"write {below[0][prefix:]}", fix)
    if other:
        return _at_script(
            run, place, f"{message}; it is in app '{other.name}' only", f"copy it to {run.app.path('custom')}/"
        )
    files = _python_files(run)
    near, sure = closest(text, files, 0.6), sure_match(text, files)
    fix = write_word(place, text, sure) if sure else None
    return _at_script(run, place, message, f"did you mean '{near}'?" if near else _what_is_there(run), fix)


def _has(run: ScriptRun, app: App, text: str) -> bool:
    if run.argument.in_process:
        return bool(matching_files(run.review, app, text))
    return run.review.job.files.is_file(app.path(posixpath.normpath(text)))


def _python_files(run: ScriptRun) -> list[str]:
    """The Python files of the app, as the config would have to name them."""
    start = run.app.path("custom") if run.argument.in_process else run.app.folder
    names = [entry.name for entry in run.review.job.files.below(run.app.path("custom"))]
    return [name[len(start) + 1 if start else 0 :] for name in names if name.endswith(".py")]


def _what_is_there(run: ScriptRun) -> str:
    if not run.app.has_custom:
        return f"the app has no {run.app.path('custom')}/ folder: put the script there"
    names = [name for name in _python_files(run) if not name.endswith("__init__.py")]
    return f"write '{names[0]}'" if len(names) == 1 else ""


def _no_python_script(run: ScriptRun) -> Iterator[Problem]:
    """A command that starts no file that ends in ``.py``: a module, or another program."""
    what = f"the script of {run.component.label}"
    if not is_known(run.node):
        run.review.not_checked(what, "a part of its path is known only at the site")
    elif run.call and run.call.module and run.file is None:
        module = run.call.module
        if run.review.python_path(run.app).owner(module) in ("custom", "nvflare"):
            token = next(token for token in run.command.tokens if token.text == module)
            yield _at_script(run, run.token_place(token), f"there is no module '{module}' in {run.app.path('custom')}/")
        else:
            run.review.not_checked(what, f"the module '{module}' is not in the job")
    elif run.call is None and not run.shell_words:
        yield from _missing_program(run, what)


def _missing_program(run: ScriptRun, what: str) -> Iterator[Problem]:
    """A shell script of the app, or a program with a relative path."""
    for number, token in enumerate(run.command.tokens):
        name = token.text
        is_path = name.endswith(".sh") or (number == 0 and "/" in name)
        if is_path and not name.startswith("/") and not token.has_unknown and not any(map(str.isspace, name)):
            if not _has(run, run.app, name):
                yield _missing(run, name, run.token_place(token))
                return
            break
    run.review.not_checked(what, "the command starts no Python script that can be told")


@rule("FL411", "ambiguous-script", Severity.WARNING)
def ambiguous_script(review: Review) -> Iterator[Problem]:
    """Several files of the app match the script's path, and any of them may run.

    NVFlare takes the first that ``os.walk`` comes to below ``custom/``. A folder comes before the folders inside it;
    the order of folders side by side is the file system's, and may differ from site to site
    (app_common/executors/task_script_runner.py, 2.5 and later).

    Write more of the path, up to ``custom/``.
    """
    for run in script_runs(review):
        if run.written and len(run.candidates) > 1 and run.file is None:
            first, *others = run.candidates
            related = tuple(Related(review.job.file_place(name), "may run") for name in run.candidates)
            message = f"'{run.written[0]}' may be {first} or {' or '.join(others)}"
            help = f"write '{first[len(run.app.path('custom')) + 1 :]}'"
            yield at(run.written[1], message, help=help, related=related)


@rule("FL412", "shell-syntax-in-command", Severity.WARNING)
def shell_syntax_in_command(review: Review) -> Iterator[Problem]:
    """A command is written for a shell, and no shell reads it.

    NVFlare splits the command with ``shlex`` and starts the program itself: ``&&``, ``|``, ``>``, ``$NAME`` and ``~``
    reach the program as they are; a command that begins with ``cd`` or ``NAME=value`` does not start at all
    (launchers/subprocess_launcher.py 2.4 to 2.8, executors/client_api 2.9).

    Write ``bash -c "…"``, or let the script do it.
    """
    for run in script_runs(review):
        refused = {problem.token for problem in run.argument_problems if problem.decisive}
        for word in run.shell_words:
            token = run.command.tokens[word.token]
            first = len(run.command.tokens) - len(run.call.arguments) if run.call else 0
            fails = word.stops or (word.token - first) in refused
            text = token.text[word.start : word.end]
            what = "nothing of this name can be started" if word.stops else "the program gets it as it is written"
            message = f"no shell reads the command: '{text}' means nothing here, {what}"
            place = run.token_place(token, word.start, word.end)
            yield at(place, message, help='write bash -c "…"', severity=Severity.ERROR if fails else None)
            break


@rule("FL413", "broken-script", Severity.ERROR)
def broken_script(review: Review) -> Iterator[Problem]:
    """The script does not compile.

    NVFlare looks at it only when the first task arrives, or when the process starts: it ends with a SyntaxError, and
    the task fails or never returns.

    Mend the script.
    """
    from fllint.scripts.script_text import SyntaxTrouble, parse_code

    reported: set[str] = set()
    for run in script_runs(review):
        source = run.source
        if source is None or source.name in reported:
            continue
        trouble = parse_code(source.text)
        if isinstance(trouble, SyntaxTrouble) and trouble.is_refusal:
            reported.add(source.name)
            offset = source.offset(trouble.line, trouble.column)
            place = Place(source, Span(offset, min(offset + 1, len(source.text))))
            related = (Related(run.written[1] if run.written else run.node.place, "runs here"),)
            yield at(place, f"the script does not compile: {trouble.message}", related=related)
