"""Family 2: arguments whose values are words or class paths that NVFlare knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.words import CLASS_ARGUMENTS, CLOSED_WORDS, WORDS, WORDS_AS_KEYS
from fllint.documents.tree import Leaf, Mapping, Node, Sequence
from fllint.findings import Problem, Severity
from fllint.fixes import write_value
from fllint.job.model import App, Component
from fllint.problems import at, is_known
from fllint.python.classes import ClassInfo
from fllint.python.evaluate import failed_checks
from fllint.python.near_misses import near_misses
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.suggest import closest

from .arguments import built, given_arguments

if TYPE_CHECKING:
    from fllint.review import Review

CLASS_PATH: Final = re.compile(r"\w+(\.\w+)*\.[A-Z]\w*")
CLASS_OF_NVFLARE: Final = re.compile(r"nvflare(\.\w+)+\.[A-Z]\w*")


@rule("FL256", "misspelt-word", Severity.WARNING, fix="unsafe")
def misspelt_word(review: Review) -> Iterator[Problem]:
    """An argument is nearly one of the words that NVFlare knows for it.

    ``params_exchange_format``, ``params_transfer_type`` and data kinds are compared with the constants of
    ``ExchangeFormat``, ``TransferType`` (client/config.py, 2.4 and later) and ``DataKind`` (apis/dxo.py). Up to 2.8 no
    constructor refuses another word: parameters are then not converted, or the whole model is taken for its difference.
    A statistic that the release does not calculate is left out of the results without a word
    (``StatisticsConstants``, app_common/app_constant.py: ``quantile`` is 2.6 and later).

    Write the word as NVFlare does.
    """
    for app, _, component, info in built(review):
        for name, path in WORDS.items():
            node = component.argument(name) if info.parameter(name) else None
            word = node.value if node is not None and is_known(node) else None
            legal = _words(review, app, path) if isinstance(word, str) else []
            near = closest(word, legal, 0.7) if isinstance(word, str) and word not in legal else None
            alien = name in CLOSED_WORDS and bool(legal) and word not in legal
            if node is not None and (near or alien) and not _refuses(review, app, component, info):
                fix = write_value(node, near, safe=False) if near and isinstance(node, Leaf) else None
                help = f"did you mean '{near}'?" if near else f"write {' or '.join(map(repr, legal))}"
                yield at(node, f"'{name}' knows no {word!r}", help=help, fix=fix)
        for name, path in WORDS_AS_KEYS.items():
            keys = component.argument(name) if info.parameter(name) else None
            for entry in keys.entries if isinstance(keys, Mapping) else ():
                legal = _words(review, app, path)
                near = closest(entry.key, legal, 0.7) if entry.key not in legal else None
                if near or (legal and entry.key not in legal and info.path.startswith("nvflare.")):
                    help = f"did you mean '{near}'?" if near else f"NVFlare {review.release} leaves it out"
                    yield at(entry.key_place, f"'{name}' knows no {entry.key!r}", help=help)


def _words(review: Review, app: App, path: str) -> list[str]:
    """The texts among the constants of a class."""
    info = review.resolve(app, path).class_info
    return [value for _, value in info.constants if isinstance(value, str)] if info else []


@rule("FL257", "argument-names-no-class", Severity.WARNING)
def argument_names_no_class(review: Review) -> Iterator[Problem]:
    """An argument is the path of a class that the release, or the job, does not have.

    Some components load a class by themselves that is named in a plain argument, as JsonStatsFileWriter does with
    ``json_encoder_path`` (app_common/statistics/json_stats_file_persistor.py, 2.4 and later), and DecomposerRegister
    with its ``classes`` (app_common/widgets/decomposer_reg.py, 2.7 and later): the site fails when it builds the
    component, which is an error, or later when it uses the class. DecomposerRegister also refuses a class that is no
    Decomposer.

    Write the path of a class that the release has, or that is in the app's ``custom/`` folder.
    """
    for app, _, component, info in built(review):
        inline = {name for name, _ in component.nested}
        for entry in component.arguments.entries if component.arguments else ():
            if entry.key not in inline and info.parameter(entry.key):
                loads = info.path.startswith("nvflare.") and entry.key in CLASS_ARGUMENTS
                for node in entry.node.items if isinstance(entry.node, Sequence) else (entry.node,):
                    text = node.value if is_known(node) else None
                    if isinstance(text, str) and (CLASS_PATH if loads else CLASS_OF_NVFLARE).fullmatch(text):
                        yield from _no_class(
                            review, app, node, text, CLASS_ARGUMENTS.get(entry.key, "") if loads else ""
                        )


def _no_class(review: Review, app: App, node: Node, text: str, base: str) -> Iterator[Problem]:
    """What is wrong with a class that an argument names; with ``base`` it is loaded when the component is built, and
    must derive from that."""
    resolution = review.resolve(app, text)
    severity = Severity.ERROR if base else None
    near = near_misses(review.python_path(app), text, None)
    help = f"did you mean '{near[0]}'?" if near else ""
    if CLASS_OF_NVFLARE.fullmatch(text):
        if resolution.outcome in (Outcome.MODULE_MISSING, Outcome.NAME_MISSING):
            yield at(node, f"NVFlare {review.release} has no '{text}'", help=help, severity=severity)
    elif resolution.outcome is Outcome.NAME_MISSING or (resolution.outcome is Outcome.MODULE_MISSING and near):
        yield at(node, f"'{text}' does not exist in {app.path('custom')}/", help=help, severity=severity)
    info = resolution.class_info
    if base and info is not None and info.complete and not info.is_a(base):
        kind = base.rpartition(".")[2]
        yield at(node, f"{info.name} is no {kind}: NVFlare cannot register it", severity=severity)


def _refuses(review: Review, app: App, component: Component, info: ClassInfo) -> bool:
    """Whether the component refuses its arguments by itself."""
    given = given_arguments(review, app, component)
    return bool(failed_checks(info, given) or failed_checks(info, given, info.start_checks))
