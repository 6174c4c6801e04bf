"""Family 2: variables of the configs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.config_keys import TOP_LEVEL
from fllint.catalogue.grammar import SYSTEM_VARIABLES, system_variables
from fllint.documents.tree import Entry, Leaf, Mapping
from fllint.findings import Fix, Problem, Severity
from fllint.fixes import write_word
from fllint.job.model import App, Component, Config
from fllint.job.variables import VariableIssue, VariableTrouble
from fllint.problems import at
from fllint.registry import rule
from fllint.suggest import closest, sure_match

if TYPE_CHECKING:
    from fllint.review import Review

UNDEFINED = (VariableTrouble.UNDEFINED, VariableTrouble.UNDEFINED_IN_TEXT)


@rule("FL220", "undefined-variable", Severity.WARNING, fix="safe")
def undefined_variable(review: Review) -> Iterator[Problem]:
    """A ``{name}`` in a config that nothing defines.

    NVFlare replaces ``{name}`` in every string by the key of that name at the top of the config, a system variable
    (JOB_ID, SITE_NAME, WORKSPACE …) or, written ``{$NAME}``, an environment variable (fuel/utils/wfconf.py). A string
    that is nothing but an undefined reference becomes ``null``. Inside a longer string the whole string stays as it is
    since 2.6, and stops the configuration with a KeyError before. Some system variables exist on clients only, or since
    a later release.

    Define the key, or write what was meant. Braces that are no variable cannot be escaped alone: ``{{`` and ``}}`` give
    braces.
    """
    for _, config, root in review.configs():
        for issue in config.variable_issues:
            if issue.trouble in UNDEFINED and (issue.fatal or re.fullmatch(r"[@$]?[A-Za-z_][\w-]*", issue.name)):
                yield _undefined(review, config, root, issue)


def _undefined(review: Review, config: Config, root: Mapping, issue: VariableIssue) -> Problem:
    if issue.fatal:
        message = f"'{{{issue.name}}}' is not defined, and NVFlare {review.release} refuses a config with it"
        if not issue.name:
            message = f"NVFlare {review.release} takes the braces for a variable and refuses the config"
        help = _meant(review, config, root, issue.name)
        fix = _respelt(review, config, root, issue)
        return at(issue.place, message, help=help, severity=Severity.ERROR, fix=fix)
    if issue.name in system_variables(review.release, config.side.value) or root.get(issue.name) is not None:
        message = f"the format of '{{{issue.name}}}' does not fit its value: the text stays as it is"
        return at(issue.place, message)
    effect = "the value becomes null" if issue.trouble is VariableTrouble.UNDEFINED else "the text stays as it is"
    help = _meant(review, config, root, issue.name)
    sure = issue.name in SYSTEM_VARIABLES or help.startswith("did you mean")
    message = f"the variable '{issue.name}' is not defined: {effect}"
    fix = _respelt(review, config, root, issue)
    return at(issue.place, message, help=help, severity=Severity.ERROR if sure else None, fix=fix)


def _respelt(review: Review, config: Config, root: Mapping, issue: VariableIssue) -> Fix | None:
    """The variable that the name must be a slip of."""
    sure = sure_match(issue.name, _names(review, config, root)) if issue.name not in SYSTEM_VARIABLES else None
    return write_word(issue.place, f"{{{issue.name}}}", f"{{{sure}}}") if sure else None


def _names(review: Review, config: Config, root: Mapping) -> list[str]:
    return [*system_variables(review.release, config.side.value), *(entry.key for entry in root.entries)]


def _meant(review: Review, config: Config, root: Mapping, name: str) -> str:
    if name in SYSTEM_VARIABLES:
        variable = SYSTEM_VARIABLES[name]
        if config.side.value not in variable.sides:
            return f"{name} exists in client configs only"
        return f"{name} exists since NVFlare {variable.since}"
    near = closest(name, _names(review, config, root), 0.75)
    return f"did you mean '{{{near}}}'?" if near else f'define "{name}" at the top of the config' if name else ""


@rule("FL221", "broken-variable", Severity.ERROR)
def broken_variable(review: Review) -> Iterator[Problem]:
    """A reference that NVFlare cannot resolve: a cycle, or parameters for something that takes none.

    ``{name:a=1}`` needs ``name`` to be an object at the top of the config, usually called ``@name``; anything else is
    refused: ``bad parameterized expression``. This also hits a text that merely looks so, such as ``{"key": 1}`` in
    quotes. References that still change after 20 rounds are refused: ``cyclic refs or ref level too deep``
    (fuel/utils/wfconf.py, 2.4 and later).

    Break the cycle; give JSON to a component as a real object with ``"config_type": "dict"``, not as a string.
    """
    for _, config, _ in review.configs():
        for issue in config.variable_issues:
            if issue.trouble is VariableTrouble.CYCLE:
                message = "this reference still changes after 20 rounds; NVFlare refuses the config"
                yield at(issue.place, message, help="does a variable refer to itself?")
            elif issue.trouble is VariableTrouble.NOT_A_DEFINITION:
                message = f"NVFlare takes '{issue.name}' for a definition with parameters, and refuses the config"
                yield at(issue.place, message, help=f"'{issue.name}' is no object at the top of the config")


@rule("FL222", "unused-setting", Severity.WARNING)
def unused_setting(review: Review) -> Iterator[Problem]:
    """A value at the top of a config looks like a setting, but nothing reads it.

    Besides its sections, the top of a config only defines variables. ``"num_rounds": 5`` there does nothing unless some
    string says ``{num_rounds}`` (private/json_configer.py, every release).

    Give it to the component that takes it, or refer to it.
    """
    for app, config, root in review.configs():
        for entry in root.entries:
            known = entry.key in TOP_LEVEL[config.side.value] or entry.key in config.variables_used
            if not known and _is_plain(entry) and not _referred_to(config, entry):
                taker = _taker(review, app, config, entry.key)
                if taker:
                    message = f"nothing reads '{entry.key}' here: at the top of a config it is only a variable"
                    help = f'{taker.label} takes it: give it there, or write "{{{entry.key}}}" there'
                    yield at(entry.key_place, message, help=help)


def _is_plain(entry: Entry) -> bool:
    return isinstance(entry.node, Leaf) and isinstance(entry.node.scalar, (int, float, bool, str))


def _referred_to(config: Config, entry: Entry) -> bool:
    """Whether HOCON or YAML substituted it before NVFlare did."""
    return re.search(rf"\$\{{\??\.?{re.escape(entry.key)}\b", config.document.source.text) is not None


def _taker(review: Review, app: App, config: Config, name: str) -> Component | None:
    """A component of the config whose constructor takes an argument of this name."""
    for component in config.all_components:
        resolution = None if component.disabled else review.class_of(app, component)
        info = resolution.class_info if resolution else None
        if info and info.parameter(name):
            return component
    return None
