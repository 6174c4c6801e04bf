"""Faults of the job's own modules: names, packages, shadowing, syntax, imports, what a name is bound to."""

from __future__ import annotations

from tests.differential import sources
from tests.differential.faults.own_code import using
from tests.differential.faults.registry import fault
from tests.differential.jobs import Job

PLAIN = "class Thing:\n    pass\n"

using("code_module_with_a_class", "thing.Thing", PLAIN)
using("code_class_misspelt", "thing.Thign", PLAIN)
using("code_class_in_other_case", "thing.thing", PLAIN)
using("code_module_misspelt", "thng.Thing", {"thing.py": PLAIN})
using("code_with_custom_prefix", "custom.thing.Thing", {"thing.py": PLAIN})
using("code_with_app_prefix", "app_client.custom.thing.Thing", {"thing.py": PLAIN})
using("code_in_a_package", "things.thing.Thing", {"things/__init__.py": "", "things/thing.py": PLAIN})
using("code_in_a_namespace_package", "things.thing.Thing", {"things/thing.py": PLAIN})
using("code_in_a_deep_namespace_package", "a.b.c.thing.Thing", {"a/b/c/thing.py": PLAIN})
using("code_without_its_package", "thing.Thing", {"things/thing.py": PLAIN})
using("code_of_a_package_itself", "things.Thing", {"things/__init__.py": PLAIN})
using("code_not_exported_by_its_package", "things.Thing", {"things/__init__.py": "", "things/thing.py": PLAIN})
using(
    "code_exported_by_its_package",
    "things.Thing",
    {"things/__init__.py": "from .thing import Thing", "things/thing.py": PLAIN},
)
using(
    "code_exported_under_a_name",
    "things.It",
    {"things/__init__.py": "from .thing import Thing as It", "things/thing.py": PLAIN},
)
using("code_exported_by_star", "things.Thing", {"things/__init__.py": "from .thing import *", "things/thing.py": PLAIN})
using(
    "code_not_exported_by_star",
    "things.Thing",
    {"things/__init__.py": "from .thing import *", "things/thing.py": "__all__ = []\n" + PLAIN},
)
using(
    "code_private_name_not_exported_by_star",
    "things._Thing",
    {
        "things/__init__.py": "from .thing import *",
        "things/thing.py": """
class _Thing:
    pass
""",
    },
)
using("code_module_and_package_of_one_name", "thing.Thing", {"thing.py": PLAIN, "thing/__init__.py": ""})
using("code_module_and_folder_of_one_name", "thing.Thing", {"thing.py": PLAIN, "thing/other.py": ""})
using("code_module_with_a_dash", "my-thing.Thing", {"my-thing.py": PLAIN})
using("code_module_with_a_dot", "my.thing.Thing", {"my.thing.py": PLAIN})
using("code_module_not_in_ascii", "ding_\u00fcber.Thing", {"ding_\u00fcber.py": PLAIN})
using("code_module_named_like_the_library", "json.Thing", {"json.py": PLAIN})
using("code_module_named_like_the_library_with_its_class", "json.JSONDecoder", {"json.py": PLAIN}, silent=True)
using("code_module_named_like_a_package", "yaml.Thing", {"yaml.py": PLAIN})
using("code_module_named_like_nvflare", "nvflare.thing.Thing", {"nvflare/thing.py": PLAIN})
using("code_module_named_test", "test.Thing", {"test.py": PLAIN})
using("code_module_named_code", "code.Thing", {"code.py": PLAIN})
using("code_module_named_utils", "utils.Thing", {"utils.py": PLAIN})
using("code_in_a_compiled_suffix_only", "thing.Thing", {"thing.pyx": PLAIN})
using("code_in_a_notebook_only", "thing.Thing", {"thing.ipynb": "{}"})
using(
    "code_with_a_nested_class",
    "thing.Thing.Inner",
    """
class Thing:
    class Inner:
        pass
""",
)
using(
    "code_with_a_syntax_error",
    "thing.Thing",
    """
class Thing
    pass
""",
)
using(
    "code_with_an_indentation_error",
    "thing.Thing",
    """
class Thing:
pass
""",
)
using("code_with_a_tab_error", "thing.Thing", "class Thing:\n\tdef a(self):\n        pass\n")
using("code_with_a_null_byte", "thing.Thing", PLAIN + "\u0000")
using("code_of_python_2", "thing.Thing", PLAIN + 'print "hello"\n')
using("code_with_a_bad_encoding_line", "thing.Thing", "# -*- coding: nonsense -*-\n" + PLAIN)
using("code_with_an_encoding_line", "thing.Thing", "# -*- coding: utf-8 -*-\n" + PLAIN)
using("code_with_a_return_outside", "thing.Thing", PLAIN + "return 1\n")
using("code_with_a_late_future_import", "thing.Thing", PLAIN + "from __future__ import annotations\n")
using("code_with_an_invalid_escape", "thing.Thing", PLAIN + 'pattern = "\\d"\n')
using("code_that_is_empty", "thing.Thing", "")
using("code_with_a_match_statement", "thing.Thing", PLAIN + "match 1:\n    case 1:\n        pass\n")
using("code_with_a_byte_order_mark", "thing.Thing", "﻿" + PLAIN)
using("code_imports_a_missing_module", "thing.Thing", "import nowhere_at_all\n\n\n" + PLAIN)
using(
    "code_imports_a_missing_module_when_it_can",
    "thing.Thing",
    """
try:
    import nowhere_at_all
except ImportError:
    nowhere_at_all = None


"""
    + PLAIN,
)
using(
    "code_imports_a_missing_module_later",
    "thing.Thing",
    PLAIN + "\n\ndef later():\n    import nowhere_at_all\n    return nowhere_at_all\n",
)
using(
    "code_imports_a_missing_module_for_types",
    "thing.Thing",
    """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import nowhere_at_all


"""
    + PLAIN,
)
using(
    "code_imports_a_missing_module_under_main",
    "thing.Thing",
    PLAIN + 'if __name__ == "__main__":\n    import nowhere_at_all\n',
)
using(
    "code_imports_a_missing_name_of_nvflare", "thing.Thing", "from nvflare.apis.executor import Exekutor\n\n\n" + PLAIN
)
using(
    "code_imports_a_missing_module_of_nvflare",
    "thing.Thing",
    "from nvflare.apis.executors import Executor\n\n\n" + PLAIN,
)
using(
    "code_imports_a_missing_name_of_the_library",
    "thing.Thing",
    "from collections import OrderedDictionary\n\n\n" + PLAIN,
)
using(
    "code_imports_a_missing_name_of_its_own",
    "thing.Thing",
    {"thing.py": "from other import nothing\n\n\n" + PLAIN, "other.py": "something = 1\n"},
)
using(
    "code_imports_its_own_module",
    "thing.Thing",
    {"thing.py": "from other import something\n\n\n" + PLAIN, "other.py": "something = 1\n"},
)
using(
    "code_imports_its_own_submodule",
    "thing.Thing",
    {"thing.py": "from parts import wheel\n\n\n" + PLAIN, "parts/wheel.py": ""},
)
using("code_imports_a_broken_module", "thing.Thing", {"thing.py": "import other\n\n\n" + PLAIN, "other.py": "def (:\n"})
using(
    "code_imports_relatively_at_the_top",
    "thing.Thing",
    {"thing.py": "from .other import something\n\n\n" + PLAIN, "other.py": "something = 1\n"},
)
using(
    "code_imports_relatively_in_a_package",
    "things.thing.Thing",
    {"things/thing.py": "from .other import something\n\n\n" + PLAIN, "things/other.py": "something = 1\n"},
)
using(
    "code_imports_relatively_too_far_up",
    "things.thing.Thing",
    {"things/thing.py": "from ..other import something\n\n\n" + PLAIN, "other.py": "something = 1\n"},
)
using(
    "code_imports_its_sibling_absolutely_in_a_package",
    "things.thing.Thing",
    {"things/thing.py": "import other\n\n\n" + PLAIN, "things/other.py": ""},
)
using(
    "code_imports_in_a_circle", "thing.Thing", {"thing.py": "import other\n\n\n" + PLAIN, "other.py": "import thing\n"}
)
using(
    "code_imports_names_in_a_circle",
    "thing.Thing",
    {
        "thing.py": "from other import Other\n\n\n" + PLAIN,
        "other.py": "from thing import Thing\n\n\nclass Other(Thing):\n    pass\n",
    },
)
using("code_imports_an_optional_package", "thing.Thing", "import torch\n\n\n" + PLAIN)
using("code_imports_numpy", "thing.Thing", "import numpy as np\n\nzero = np.zeros(1)\n\n\n" + PLAIN)
using("code_imports_the_servers_module", "thing.Thing", "from averaging import MeanAggregator\n\n\n" + PLAIN)
using("code_raises_when_imported", "thing.Thing", PLAIN + 'raise RuntimeError("not today")\n')
using(
    "code_exits_when_imported",
    "thing.Thing",
    """
import sys


class Thing:
    pass
sys.exit(0)
""",
)
using(
    "code_refers_to_a_missing_name",
    "thing.Thing",
    """
class Thing(Base):
    pass
""",
)
using(
    "code_sets_its_class_under_a_condition",
    "thing.Thing",
    """
import sys

if sys.version_info >= (3, 0):
    class Thing:
        pass
else:
    Thing = None
""",
)
using(
    "code_chooses_its_class_when_importing",
    "thing.Thing",
    """
try:
    from nowhere_at_all import Thing
except ImportError:
    class Thing:
        pass
""",
)
using(
    "code_answers_for_missing_names",
    "thing.Thing",
    """
class Real:
    pass


def __getattr__(name):
    if name == 'Thing':
        return Real
    raise AttributeError(name)
""",
)
using("code_makes_its_class_by_type", "thing.Thing", 'Thing = type("Thing", (), {})\n')
using("code_sets_its_class_in_globals", "thing.Thing", 'globals()["Thing"] = dict\n')
using("code_deletes_its_class", "thing.Thing", PLAIN + "del Thing\n")
using("code_renames_its_class", "thing.Other", PLAIN + "Other = Thing\n")
using("code_renames_its_class_twice", "thing.Third", PLAIN + "Other = Thing\nThird = Other\n")
using("code_of_a_partial", "thing.make", PLAIN + "\n\nimport functools\n\nmake = functools.partial(Thing)\n")
using("code_of_a_lambda", "thing.make", PLAIN + "\n\nmake = lambda: Thing()\n")
using("code_of_an_instance", "thing.it", PLAIN + "\n\nit = Thing()\n")
using(
    "code_of_a_callable_instance",
    "thing.it",
    """
class Thing:
    def __call__(self):
        return self


it = Thing()
""",
)
using("code_of_a_string", "thing.it", 'it = "text"\n')
using("code_of_an_async_function", "thing.make", "async def make():\n    return 1\n")
using("code_of_a_function_that_returns_nothing", "thing.make", "def make():\n    pass\n")
using("code_of_a_function_with_a_missing_argument", "thing.make", "def make(size):\n    return size\n")
using("code_of_a_function_with_an_unknown_argument", "thing.make", "def make():\n    return 1\n", {"size": 3})


@fault()
def own_class_is_in_the_other_app(job: Job) -> None:
    job.executor["path"] = "averaging.MeanAggregator"


@fault()
def own_code_is_in_the_other_app(job: Job) -> None:
    job.apps["app_server"].custom = {"averaging.py": sources.AVERAGING, "trainers.py": sources.TRAINERS}
    job.apps["app_client"].custom = {}


@fault()
def client_app_without_custom_folder(job: Job) -> None:
    job.apps["app_client"].custom = None
