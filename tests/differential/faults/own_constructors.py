"""Faults of the job's own constructors: signatures, keyword chains, dataclasses, checks of values."""

from __future__ import annotations

from tests.differential.faults.own_code import using, using_each
from tests.differential.faults.registry import fault
from tests.differential.jobs import Job

PLAIN = "class Thing:\n    pass\n"

using_each(
    "thing.Thing",
    """
class Thing:
    def __init__(self, size):
        self.size = size
""",
    {"code_requires_an_argument": {}, "code_takes_an_argument": {"size": 1}},
)
using("code_takes_no_argument", "thing.Thing", PLAIN, {"size": 1})
using(
    "code_takes_any_argument",
    "thing.Thing",
    """
class Thing:
    def __init__(self, **options):
        self.options = options
""",
    {"size": 1},
)
using_each(
    "thing.Thing",
    """
class Thing:
    def __init__(self, *, size):
        self.size = size
""",
    {"code_requires_a_keyword": {}, "code_takes_a_keyword": {"size": 1}},
)
using(
    "code_takes_only_positions",
    "thing.Thing",
    """
class Thing:
    def __init__(self, size, /):
        self.size = size
""",
    {"size": 1},
)
using(
    "code_takes_only_positions_and_any_argument",
    "thing.Thing",
    """
class Thing:
    def __init__(self, size=0, /, **more):
        self.size = size
""",
    {"size": 1},
)
using(
    "code_takes_positions_by_star",
    "thing.Thing",
    """
class Thing:
    def __init__(self, *args):
        self.args = args
""",
    {"size": 1},
)
using(
    "code_forgets_self",
    "thing.Thing",
    """
class Thing:
    def __init__():
        pass
""",
)
using(
    "code_calls_self_this",
    "thing.Thing",
    """
class Thing:
    def __init__(this, size=1):
        this.size = size
""",
    {"size": 2},
)
using_each(
    "thing.Thing",
    """
from dataclasses import dataclass


@dataclass
class Thing:
    size: int
    name: str = ''
""",
    {"code_of_a_dataclass": {"size": 1}, "code_of_a_dataclass_without_its_field": {"name": "a"}},
)
using(
    "code_of_a_dataclass_with_unknown_field",
    "thing.Thing",
    """
from dataclasses import dataclass


@dataclass
class Thing:
    size: int = 1
""",
    {"width": 1},
)
using(
    "code_of_a_dataclass_with_a_field_not_for_init",
    "thing.Thing",
    """
from dataclasses import dataclass, field


@dataclass
class Thing:
    size: int = field(default=1, init=False)
""",
    {"size": 1},
)
using(
    "code_of_a_dataclass_that_inherits",
    "thing.Thing",
    """
from dataclasses import dataclass


@dataclass
class Base:
    size: int


@dataclass
class Thing(Base):
    width: int = 0
""",
    {"width": 1},
)
using(
    "code_of_a_dataclass_with_class_variable",
    "thing.Thing",
    """
from dataclasses import dataclass
from typing import ClassVar


@dataclass
class Thing:
    size: ClassVar[int] = 1
""",
    {"size": 1},
)
using(
    "code_of_a_frozen_dataclass_with_keywords_only",
    "thing.Thing",
    """
from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    size: int
""",
    {"size": 1},
)
using(
    "code_of_a_named_tuple",
    "thing.Thing",
    "from typing import NamedTuple\n\n\nclass Thing(NamedTuple):\n    size: int\n",
    {"size": 1},
)
using(
    "code_of_a_named_tuple_with_unknown_field",
    "thing.Thing",
    "from typing import NamedTuple\n\n\nclass Thing(NamedTuple):\n    size: int = 1\n",
    {"width": 1},
)
using("code_of_an_enum", "thing.Thing", "from enum import Enum\n\n\nclass Thing(Enum):\n    A = 1\n", {"value": 1})
using_each(
    "thing.Thing",
    """
class Thing:
    def __new__(cls, size):
        return super().__new__(cls)
""",
    {"code_with_new": {"size": 1}, "code_with_new_and_unknown_argument": {"width": 1}},
)
using(
    "code_with_a_metaclass",
    "thing.Thing",
    """
class Meta(type):
    def __call__(cls, **options):
        return super().__call__()


class Thing(metaclass=Meta):
    pass
""",
    {"size": 1},
)
using(
    "code_with_a_decorator",
    "thing.Thing",
    """
def loose(cls):
    def make(**options):
        return cls()
    return make


@loose
"""
    + PLAIN,
    {"size": 1},
)
using(
    "code_with_a_decorated_constructor",
    "thing.Thing",
    """
import functools


def loose(init):
    @functools.wraps(init)
    def wrapper(self, **options):
        init(self)
    return wrapper


class Thing:
    @loose
    def __init__(self):
        pass
""",
    {"size": 1},
)
using_each(
    "thing.Thing",
    """
class Base:
    def __init__(self, size):
        self.size = size


class Thing(Base):
    pass
""",
    {"code_inherits_its_constructor": {"size": 1}, "code_inherits_its_constructor_unknown_argument": {"width": 1}},
)
using(
    "code_inherits_from_two",
    "thing.Thing",
    """
class A:
    pass


class B:
    def __init__(self, size):
        self.size = size


class Thing(A, B):
    pass
""",
    {"size": 1},
)
using_each(
    "thing.Thing",
    """
class Base:
    def __init__(self, size=1):
        self.size = size


class Thing(Base):
    def __init__(self, **more):
        super().__init__(**more)
""",
    {"code_forwards_unknown_argument": {"width": 1}, "code_forwards_known_argument": {"size": 1}},
)
using(
    "code_forwards_twice_the_same",
    "thing.Thing",
    """
class Base:
    def __init__(self, size=1):
        self.size = size


class Thing(Base):
    def __init__(self, **more):
        super().__init__(size=2, **more)
""",
    {"size": 1},
)
using(
    "code_pops_before_forwarding",
    "thing.Thing",
    """
class Base:
    def __init__(self, size=1):
        self.size = size


class Thing(Base):
    def __init__(self, **more):
        more.pop('width', None)
        super().__init__(**more)
""",
    {"width": 1},
)
using(
    "code_gets_from_its_options",
    "thing.Thing",
    """
class Thing:
    def __init__(self, **options):
        self.size = options['size']
""",
    {"width": 1},
)
using(
    "code_forwards_too_many_positions",
    "thing.Thing",
    """
class Base:
    def __init__(self):
        pass


class Thing(Base):
    def __init__(self, size=1):
        super().__init__(size)
""",
)
using(
    "code_inherits_from_itself_by_name",
    "thing.Thing",
    """
class Thing(Thing):
    pass
""",
)
using(
    "code_inherits_an_impossible_order",
    "thing.Thing",
    """
class A:
    pass


class Thing(object, A):
    pass
""",
)
using(
    "code_raises_type_error_in_constructor",
    "thing.Thing",
    """
class Thing:
    def __init__(self, size=1):
        if not isinstance(size, int):
            raise TypeError('size must be int')
""",
    {"size": "1"},
)
using_each(
    "thing.Thing",
    """
class Thing:
    def __init__(self, size=1):
        if size < 0:
            raise ValueError('size must not be negative')
""",
    {"code_raises_value_error_in_constructor": {"size": -1}, "code_accepts_the_value": {"size": 0}},
)
using(
    "code_asserts_in_constructor",
    "thing.Thing",
    """
class Thing:
    def __init__(self, size=1):
        assert size > 0, 'size'
""",
    {"size": 0},
)
using(
    "code_checks_by_a_helper",
    "thing.Thing",
    """
def check(size):
    if size not in (1, 2):
        raise ValueError(size)


class Thing:
    def __init__(self, size=1):
        check(size)
""",
    {"size": 3},
)
using(
    "code_checks_by_nvflares_helper",
    "thing.Thing",
    """
from nvflare.fuel.utils.validation_utils import check_positive_int


class Thing:
    def __init__(self, size=1):
        check_positive_int('size', size)
""",
    {"size": 0},
)
using(
    "code_converts_before_checking",
    "thing.Thing",
    """
class Thing:
    def __init__(self, size=1):
        size = int(size)
        if size < 0:
            raise ValueError('size')
""",
    {"size": "3"},
)
using(
    "code_reads_a_missing_file_in_constructor",
    "thing.Thing",
    """
class Thing:
    def __init__(self, place='x'):
        with open(place) as file:
            self.text = file.read()
""",
    {"place": "not_there.txt"},
)
using(
    "code_divides_by_an_argument",
    "thing.Thing",
    """
class Thing:
    def __init__(self, size=1):
        self.part = 1 / size
""",
    {"size": 0},
)
using(
    "code_calls_exit_in_constructor",
    "thing.Thing",
    """
class Thing:
    def __init__(self):
        raise SystemExit(3)
""",
)


@fault(on="own_classes")
def keyword_chain_with_unknown_argument(job: Job) -> None:
    job.component("aggregator")["args"]["weigth"] = True


@fault(on="own_classes")
def keyword_chain_with_argument_of_the_last(job: Job) -> None:
    job.component("aggregator")["args"]["exclude_vars"] = "bias"


@fault(on="own_classes")
def keyword_chain_with_argument_already_given(job: Job) -> None:
    job.component("aggregator")["args"]["expected_data_kind"] = "WEIGHTS"


@fault(on="own_classes")
def keyword_chain_without_required_argument(job: Job) -> None:
    del job.component("aggregator")["args"]["label"]


@fault(on="own_classes")
def own_controller_with_unknown_argument(job: Job) -> None:
    job.workflow["args"]["patients"] = 3


@fault(on="own_classes")
def own_controller_with_a_value_its_base_refuses(job: Job) -> None:
    job.workflow["args"]["num_rounds"] = -1


@fault(on="own_classes")
def own_dataclass_with_unknown_field(job: Job) -> None:
    job.component("limits")["args"]["middle"] = 0.5


@fault(on="own_classes")
def own_dataclass_without_its_field(job: Job) -> None:
    del job.component("limits")["args"]["low"]


@fault(on="own_classes")
def own_package_without_its_init(job: Job) -> None:
    job.files["app_server/custom/flows/__init__.py"] = None


@fault(on="own_classes")
def own_factory_with_unknown_argument(job: Job) -> None:
    job.client["components"][0]["args"]["lower"] = True
