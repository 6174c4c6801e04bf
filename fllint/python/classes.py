"""What is known about a Python class without importing it.

The same records describe NVFlare's own classes (read from a released wheel, kept in the catalogue) and those of a job's
``custom/`` folder. Expressions are kept as Python text over the constructor's parameters: `fllint.python.evaluate`
gives their value for the arguments of a job.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from msgspec import Struct

from fllint.python.foreign import never_derives_from_nvflare

Outcome = Literal["panic", "warning", "raises", "crash", "silent"]
"""What happens at run time when an id leads to no fitting component: ``panic`` (system_panic, the job aborts),
``warning`` (logged, the run goes on without), ``raises`` (an exception), ``crash`` (AttributeError or the like at the
first use), ``silent`` (nothing is said)."""


class Location(Struct, frozen=True):
    """Where something is defined. ``file`` is relative to the folder that was read; lines and columns start at 1."""

    file: str
    line: int
    column: int


class Parameter(Struct, frozen=True):
    """A parameter of a constructor, method or function.

    ``default`` is the default's value when it is a literal (then ``has_default_value``); ``default_text`` its source.
    ``owner`` is the path of the class whose constructor declares it.
    """

    name: str
    required: bool
    default: object = None
    has_default_value: bool = False
    annotation: str | None = None
    owner: str = ""
    keyword_only: bool = False
    default_text: str | None = None
    positional_only: bool = False


OPERATION = ""
"""What a check ``raises`` that is none of the constructor's own, but something that it does and that may fail."""
ATTEMPT = "not ["
"""The condition of such a check: ``not [expression]`` is never true, but evaluating it may raise an exception."""


class Check(Struct, frozen=True):
    """A check that a constructor makes: it raises ``raises`` with ``message`` when ``when`` is true.

    ``when`` is a Python expression over the constructor's parameters. ``message`` is the text of the exception, in
    which ``{expression}`` stands for a value (`fllint.python.evaluate.render`). ``exact``: Python evaluates the whole
    of ``when`` as it stands, so that the constructor fails as well where the evaluation does (``"3" < 1``).
    """

    when: str
    raises: str
    message: str
    owner: str
    exact: bool = True


class IdArgument(Struct, frozen=True):
    """A constructor parameter that takes the id of another component.

    ``expected`` are the classes of the isinstance check on what was found, empty when nothing is checked. ``optional``
    says that ``""`` and None mean "no component". ``many``: a list of ids. ``also_object``: a component may be given
    inline instead of an id. ``outcome`` is what happens when there is no such component, ``outcome_if_wrong`` when it
    is of another class. ``where`` is the ``class.method`` that looks the component up. With ``literal`` there is no
    parameter: the code itself names the component.
    """

    parameter: str
    literal: str | None = None
    expected: tuple[str, ...] = ()
    optional: bool = False
    many: bool = False
    outcome: Outcome = "crash"
    outcome_if_wrong: Outcome = "crash"
    also_object: bool = False
    where: str = ""


class TaskName(Struct, frozen=True):
    """The name of a task that a class sends or accepts.

    Either ``name`` is given in the code, or ``parameter`` is the constructor parameter that holds it, with the value
    ``default`` when that has one. With ``prefix_parameter`` the name is ``<value of that parameter>_<suffix>``, as in
    the client-controlled workflows. ``when`` is an expression over the constructor's parameters that must hold, if any.
    ``expression`` is the whole name as an expression over the constructor's parameters.
    """

    name: str | None = None
    parameter: str | None = None
    default: str | None = None
    prefix_parameter: str | None = None
    prefix_default: str | None = None
    suffix: str = ""
    when: str = ""
    expression: str = ""
    where: str = ""


IssuedTask = TaskName


class HandledTasks(Struct, frozen=True):
    """The tasks that an executor accepts. ``any``: it does not look at the name. ``complete`` is False when it looks
    at the name in a way that could not be followed, so that it may accept more than ``tasks``."""

    any: bool = False
    tasks: tuple[TaskName, ...] = ()
    complete: bool = True


EffectKind = Literal["issues", "looks_up", "handles", "handles_unknown", "rejects"]


class Effect(Struct, frozen=True):
    """Something that a method does and that matters to a job.

    ``what``: ``issues`` the task called ``value``; ``looks_up`` the component called ``value``; ``handles`` the task
    called ``value``; ``handles_unknown``: looks at a task's name in a way that could not be followed; ``rejects`` tasks
    that it does not know. Expressions are over ``self.attribute`` and the method's own parameters, which are written
    ``given_x``. ``given`` is the method's parameter that holds the name of the task to handle. The other fields
    describe a look-up; see `IdArgument`.
    """

    what: EffectKind
    value: str = ""
    when: str = ""
    expected: tuple[str, ...] = ()
    optional: bool = False
    many: bool = False
    outcome: Outcome = "crash"
    outcome_if_wrong: Outcome = "crash"
    also_object: bool = False
    where: str = ""
    given: str = ""


class Method(Struct, frozen=True):
    """A method as it is written. ``abstract`` methods must be overridden. ``owner`` is the path of its class.

    ``effects``, ``checks`` and ``returns`` are a summary of what it does, in expressions like those of `Effect`.
    ``calls`` are the methods of the same instance that it calls and that do something to a job.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    is_async: bool = False
    abstract: bool = False
    calls_super: bool = False
    location: Location | None = None
    owner: str = ""
    kind: Literal["method", "static", "class", "property"] = "method"
    varargs: bool = False
    keywords: bool = False
    calls: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    checks: tuple[Check, ...] = ()
    returns: str | None = None


class BaseCall(Struct, frozen=True):
    """A call of a base class's constructor inside a constructor. ``base`` is a class path, empty for ``super()``.
    Arguments are expressions over the caller's parameters, ``None`` where they could not be followed."""

    base: str = ""
    positional: tuple[str | None, ...] = ()
    keywords: tuple[tuple[str, str | None], ...] = ()
    certain: bool = False
    """It is made whatever the arguments are."""
    star: bool = False
    double_star: bool = False
    """It hands its own ``**kwargs`` on."""
    open: bool = False
    """It hands on arguments that could not be followed."""


class Constructor(Struct, frozen=True):
    """An ``__init__`` as it is written: its parameters, what it hands on to its bases, what it keeps (None: something
    that cannot be expressed), what it checks. A dataclass has its fields as parameters.

    ``keywords`` is the name of its ``**kwargs``; ``taken`` are parameters that it takes out of them by ``pop`` or
    ``get``. ``swallows`` says that what is left in ``**kwargs`` goes somewhere that cannot be followed, or nowhere.
    """

    parameters: tuple[Parameter, ...] = ()
    keywords: str | None = None
    varargs: bool = False
    taken: tuple[Parameter, ...] = ()
    swallows: bool = False
    base_calls: tuple[BaseCall, ...] = ()
    attributes: tuple[tuple[str, str | None], ...] = ()
    checks: tuple[Check, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_dataclass: bool = False


class Broken(Struct, frozen=True):
    """Why a class statement fails when its module is imported, and where."""

    detail: str
    location: Location | None


class ClassFacts(Struct, frozen=True):
    """What one class statement says, without its bases. ``bases`` are canonical paths where they could be found, else
    the dotted names they would have. ``constants`` are class attributes with literal values."""

    path: str
    bases: tuple[str, ...] = ()
    constructor: Constructor | None = None
    methods: tuple[Method, ...] = ()
    constants: tuple[tuple[str, object], ...] = ()
    deprecated: str | None = None
    location: Location | None = None
    assigned: tuple[str, ...] = ()
    """Other names that the class body binds."""
    is_abc: bool = False
    """Its metaclass is ABCMeta, so that ``@abstractmethod`` counts."""
    open_call: bool = False
    """A metaclass, a decorator or a ``__new__`` may change what calling the class means."""
    open_kind: bool = False
    """It is given to the ``register`` method of something: an abstract class may take it for one of its own."""
    broken: Broken | None = None


class ClassInfo(Struct, frozen=True, dict=True):
    """A class with all that it inherits.

    ``bases`` and ``ancestors`` are canonical paths, the latter in the order of the MRO without the class itself;
    ``unresolved_bases`` are the dotted names that nothing in sight defines. ``parameters`` are the effective ones: its
    own and what ``**kwargs`` hands on to base constructors, without those that are given a fixed value there.
    ``accepts_any_keyword`` says that further keywords are accepted, or that this cannot be known. ``attributes`` are
    those that the constructors set, as expressions over ``parameters``.
    """

    path: str
    bases: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    unresolved_bases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    accepts_any_keyword: bool = False
    abstract_methods: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    start_checks: tuple[Check, ...] = ()
    """Those that it makes when the run starts, over the same parameters; ``raises`` may be a panic."""
    id_arguments: tuple[IdArgument, ...] = ()
    issued_tasks: tuple[TaskName, ...] = ()
    handled_tasks: HandledTasks | None = None
    methods: tuple[Method, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[str, object], ...] = ()
    deprecated: str | None = None
    location: Location | None = None
    broken: Broken | None = None
    """Why its module cannot be imported, as far as that lies in the class statement or in those of its bases."""
    open_kind: bool = False
    constructor_owner: str = ""
    """The class whose ``__init__`` makes it; empty when there is only object's."""
    facts: ClassFacts | None = None

    @property
    def name(self) -> str:
        """The class's own name, the last part of its path."""
        return self.path.rpartition(".")[2]

    @property
    def complete(self) -> bool:
        """Whether every base is known."""
        return not self.unresolved_bases

    def is_a(self, path: str) -> bool | None:
        """Whether it is, or derives from, the class with this canonical path; None when an unresolved base makes that
        unknowable."""
        if path == self.path or path in self.ancestors:
            return True
        if self.open_kind:
            return None
        if all(never_derives_from_nvflare(base) for base in self.unresolved_bases) and path.startswith("nvflare."):
            return False
        return None if self.unresolved_bases else False

    def parameter(self, name: str) -> Parameter | None:
        """The effective constructor parameter of this name."""
        return self._parameters_by_name.get(name)

    def method(self, name: str) -> Method | None:
        """The method that an instance has under this name, its own or an inherited one."""
        return self._methods_by_name.get(name)

    @cached_property
    def _parameters_by_name(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def _methods_by_name(self) -> dict[str, Method]:
        return {method.name: method for method in self.methods}
