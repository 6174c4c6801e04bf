"""What cannot travel between sites: types of Python and numpy that FOBS does not pack (hand-kept).

Tried with ``FLModelUtils.to_shareable`` and ``fobs.dumps`` of 2.4 to 2.9 (app_common/utils/fl_model_utils.py,
fuel/utils/fobs/fobs.py): ``<class 'collections.defaultdict'> can't be serialized by FOBS without a decomposer``.
"""

from __future__ import annotations

from typing import Final

CANNOT_TRAVEL: Final = {
    "collections.defaultdict": "defaultdict",
    "collections.deque": "deque",
    "datetime.timedelta": "timedelta",
    "decimal.Decimal": "Decimal",
    "pathlib.Path": "Path",
    "pathlib.PosixPath": "Path",
    "pathlib.PurePath": "Path",
    "threading.Lock": "Lock",
    "uuid.uuid1": "UUID",
    "uuid.uuid4": "UUID",
}
"""Calls that make an object of such a type, and the type."""
ARRAY_MAKERS: Final = frozenset({"numpy.array", "numpy.asarray", "numpy.empty", "numpy.full", "numpy.zeros"})
"""Calls that make an array, of any type by ``dtype``: one of objects (``dtype=object``) is refused (``Object arrays
cannot be saved when allow_pickle=False``)."""
