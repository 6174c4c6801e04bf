"""The scripts that a job runs: which component names one, the file that it is, and what is known of it.

Nothing of a script is read before it is asked for.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.catalogue.script_arguments import LAUNCH_ONCE, LAUNCHER_ID, MODE, SCRIPT_ARGUMENTS, ScriptArgument
from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Node, Place, Sequence, Source, Unknown
from fllint.job.model import App, Component, Config, ExecutorEntry, Side, string_leaves
from fllint.problems import is_known
from fllint.python.classes import ClassInfo
from fllint.review import Review
from fllint.tasks import given_values

if TYPE_CHECKING:
    from fllint.scripts.argument_model import ArgumentProblem, ParserModel
    from fllint.scripts.argument_tokens import Arguments, ScriptCall, Token
    from fllint.scripts.client_api_facts import ClientApiUse
    from fllint.scripts.script_text import CodePlace
    from fllint.scripts.shell_words import ShellWord

MAX_FILES: Final = 50
MAX_RUNS: Final = 300
"""More files than this are not searched for a parser: there may be one."""
PARSERS: Final = ("argparse", "click", "typer")


class ScriptRun(Struct, frozen=True, eq=False, dict=True):
    """A component that runs a script. ``node`` is the argument that names it; ``entry`` the executor that it serves,
    None when that cannot be told."""

    review: Review
    app: App
    config: Config
    component: Component
    entry: ExecutorEntry | None
    argument: ScriptArgument
    node: Node

    # -- what the config says

    @cached_property
    def command(self) -> Arguments:
        """The command, split as NVFlare splits it; empty in process, and where it cannot be known."""
        from fllint.scripts.argument_tokens import Arguments, ExecutorKind, split_like_nvflare

        text: str | list[str] | None = None
        if isinstance(self.node, Sequence):
            items = [str(item.scalar) for item in string_leaves(self.node)]
            text = items if len(items) == len(self.node.items) else None
        elif isinstance(self.node, Leaf) and isinstance(self.node.scalar, str):
            text = self.node.scalar
        if self.argument.in_process or text is None:
            return Arguments(())
        return split_like_nvflare(text, ExecutorKind.COMMAND)

    @cached_property
    def shell_words(self) -> tuple[ShellWord, ...]:
        """The arguments of the command that only a shell would understand."""
        if not self.command.tokens:
            return ()
        from fllint.scripts.shell_words import shell_words

        return shell_words(self.command.tokens)

    @cached_property
    def call(self) -> ScriptCall | None:
        """The script or module that the command starts; None when it starts something else, or that cannot be told."""
        from fllint.scripts.argument_tokens import script_call

        words = [word.token for word in self.shell_words]
        tokens = self.command.tokens
        called = script_call(tokens)
        if called is None or (
            called.script is not None and any(character.isspace() for character in self._path(called))
        ):
            return None
        first = called.script if called.script is not None else len(tokens) - len(called.arguments)
        if any(number < first for number in words):
            return None
        operators = [word.token for word in self.shell_words if word.is_operator]
        kept = called.arguments[: operators[0] - len(tokens)] if operators else called.arguments
        return replace(called, arguments=kept)

    def _path(self, called: ScriptCall) -> str:
        return self.command.tokens[called.script].text if called.script is not None else ""

    @cached_property
    def written(self) -> tuple[str, Place] | None:
        """The script's path as the config writes it, and where; None when there is none or it cannot be known."""
        if self.argument.in_process:
            known = isinstance(self.node, Leaf) and isinstance(self.node.scalar, str) and is_known(self.node)
            return (str(self.node.value), self.node.place) if known else None
        if self.call is None or self.call.script is None:
            return None
        token = self.command.tokens[self.call.script]
        return None if token.has_unknown else (token.text, self.token_place(token))

    @property
    def arguments_node(self) -> Node | None:
        """Where the script's arguments are written."""
        return self.component.argument(self.argument.arguments) if self.argument.in_process else self.node

    @cached_property
    def arguments(self) -> tuple[Token, ...]:
        """What the script gets as arguments."""
        from fllint.scripts.argument_tokens import ExecutorKind, split_like_nvflare

        if not self.argument.in_process:
            return self.call.arguments if self.call else ()
        node = self.arguments_node
        text = node.scalar if isinstance(node, Leaf) and isinstance(node.scalar, str) else ""
        return split_like_nvflare(text, ExecutorKind.IN_PROCESS).tokens

    def token_place(self, token: Token, start: int = 0, end: int | None = None) -> Place:
        """Where characters of an argument are written; all of it by default."""
        node = self.arguments_node
        if isinstance(node, Sequence) and token.item is not None:
            node = node.items[token.item]
        if not isinstance(node, Leaf):
            return self.node.place
        whole = end is None or (start == 0 and end >= len(token.text))
        return node.part(token.start, token.end) if whole else node.part(*token.range(start, end or 0))

    @property
    def one_process(self) -> bool:
        """Whether the script is started once and must serve every task."""
        if self.argument.in_process:
            return True
        info = class_info(self.review, self.app, self.component)
        return info is not None and given_values(self.review, self.app, self.component, info).get(LAUNCH_ONCE) is True

    # -- the file

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """The files of the job that NVFlare may take for the script, by the path that is written."""
        text = self.written[0] if self.written else ""
        if not text or text.startswith("/"):
            return ()
        return matching_files(self.review, self.app, text) if self.argument.in_process else self._in_app_folder(text)

    def _in_app_folder(self, text: str) -> tuple[str, ...]:
        path = posixpath.normpath(text)
        name = self.app.path(path)
        return (name,) if not path.startswith("..") and self.review.job.files.is_file(name) else ()

    @cached_property
    def file(self) -> str | None:
        """The file that runs; None when it is not in the job, or two files match and either may be found first.

        ``os.walk`` visits a folder before those inside it, and the folders of one level in any order.
        """
        if not self.candidates:
            return self.module_file(self.call.module, "__main__.py") if self.call and self.call.module else None
        first = min(self.candidates, key=lambda name: (name.count("/"), name))
        folder = posixpath.dirname(first)
        others = [name for name in self.candidates if not name.startswith(f"{folder}/")]
        texts = {source.text for name in others if (source := self.review.job.source(name))}
        source = self.review.job.source(first)
        return first if source is not None and texts <= {source.text} else None

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the job that the script imports from: ``custom/``, and its own when it has its own process."""
        custom = self.app.path("custom")
        if self.argument.in_process or self.written is None or not self.candidates:
            return (custom,)
        return tuple(dict.fromkeys((posixpath.dirname(self.candidates[0]), custom)))

    def module_file(self, dotted: str, package_file: str = "__init__.py") -> str | None:
        """The file of a module of the job that the script may import; None when the job has none."""
        path = dotted.replace(".", "/")
        here = (self.app.folder,) if self.call and self.call.module else ()  # python -m looks where it is started too
        names = [
            f"{root}/{path}{end}".lstrip("/") for root in (*self.folders, *here) for end in (f"/{package_file}", ".py")
        ]
        return next((name for name in names if self.review.job.files.is_file(name)), None)

    # -- the code

    @cached_property
    def source(self) -> Source | None:
        return self.review.job.source(self.file) if self.file else None

    def module_text(self, dotted: str) -> str | None:
        """The text of a module of the job that the script may import."""
        name = self.module_file(dotted)
        source = self.review.job.source(name) if name else None
        return source.text if source else None

    def code_place(self, place: CodePlace) -> Place | None:
        """A place of the script's code, or of a module that it imports."""
        name = self.module_file(place.module) if place.module else None
        source = self.source if not place.module else (self.review.job.source(name) if name else None)
        return Place(source, place.span(source)) if source else None

    @cached_property
    def parsers(self) -> ParserModel | None:
        """How the script reads its arguments; None when it has none and surely wants none."""
        if self.source is None or not (self.arguments or self._may_want_arguments()):
            return None
        from fllint.scripts.arguments import read_parser

        return read_parser(self.source.text, module_text=self.module_text)

    def _may_want_arguments(self) -> bool:
        """Whether the script, or a module of the job, speaks of a parser."""
        files = [entry.name for folder in self.folders for entry in self.review.job.files.below(folder)]
        sources = (self.review.job.source(name) for name in files[:MAX_FILES] if name.endswith(".py"))
        return any(word in source.text for source in sources if source for word in PARSERS) or len(files) > MAX_FILES

    @cached_property
    def argument_problems(self) -> tuple[ArgumentProblem, ...]:
        """What the script's parsers refuse; a misspelt option counts once, not as missing too."""
        from fllint.scripts.arguments import check_arguments

        if self.parsers is None:
            return ()
        found = check_arguments(self.parsers, self.arguments)
        if self._may_hold_more:
            found = [problem for problem in found if problem.token is not None]
        meant = {problem.suggestion.partition("=")[0] for problem in found if problem.token is not None}
        meant.discard("")
        return tuple(
            problem
            for problem in found
            if problem.token is not None or not meant & set(problem.option.replace(",", "/").split("/"))
        )

    @property
    def _may_hold_more(self) -> bool:
        """Whether something unknown among the arguments may stand for any number of them."""
        node = self.arguments_node
        if isinstance(node, Leaf) and isinstance(node.scalar, Unknown):
            return True
        before = ("", *(token.text for token in self.arguments))
        return any(
            token.text == UNKNOWN_TEXT and not option.startswith("-")
            for option, token in zip(before, self.arguments, strict=False)
        )

    @cached_property
    def client_api(self) -> ClientApiUse | None:
        """How the script uses the Client API."""
        from fllint.scripts.client_api_reader import read_client_api

        return read_client_api(self.source.text, self.module_text) if self.source else None


def class_info(review: Review, app: App, component: Component) -> ClassInfo | None:
    """The class of a component; None when it is disabled or cannot be resolved."""
    resolution = None if component.disabled else review.class_of(app, component)
    return resolution.class_info if resolution else None


def matching_files(review: Review, app: App, text: str) -> tuple[str, ...]:
    """The files below ``custom/`` whose path ends with a text, as TaskScriptRunner.get_script_full_path compares them
    (app_common/executors/task_script_runner.py, 2.5 and later)."""
    files = review.job.files
    prefix = len(app.folder) + 1 if app.folder else 0
    below = (entry.name for entry in files.below(app.path("custom")) if files.is_file(entry.name))
    return tuple(name for name in below if f"/{name[prefix:]}".endswith(f"/{text}"))


@lru_cache(maxsize=2)
def script_runs(review: Review) -> tuple[ScriptRun, ...]:
    """Every script that the clients of a job run, at most `MAX_RUNS`."""
    runs = (
        run
        for app, config, _ in review.configs()
        if config.side is Side.CLIENT
        for component in config.all_components
        for run in _runs(review, app, config, component)
    )
    found = tuple(islice(runs, MAX_RUNS))
    if next(runs, None):
        review.not_checked(f"scripts beyond the first {MAX_RUNS}", "there are more than fllint reads")
    return found


def _runs(review: Review, app: App, config: Config, component: Component) -> Iterator[ScriptRun]:
    for argument in SCRIPT_ARGUMENTS:
        node = component.argument(argument.name)
        if node is None or node.value is None or node.value == "":
            continue
        info = class_info(review, app, component)
        kind = review.catalogue.kinds.get(argument.kind)
        mode = component.argument(MODE)
        other_mode = bool(argument.mode and mode is not None and mode.value != argument.mode)
        if info and kind and info.is_a(kind) and info.parameter(argument.name) and not other_mode:
            yield ScriptRun(review, app, config, component, _entry(review, app, config, component), argument, node)


def _entry(review: Review, app: App, config: Config, component: Component) -> ExecutorEntry | None:
    """The executor that a component is, or that names it as its launcher."""
    for entry in config.executors:
        if entry.component is component:
            return entry
    for entry in config.executors:
        info = class_info(review, app, entry.component) if entry.component else None
        if entry.component and info and info.parameter(LAUNCHER_ID):
            named = given_values(review, app, entry.component, info).get(LAUNCHER_ID)
            if component.id and named == component.id:
                return entry
    return None
