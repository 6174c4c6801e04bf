"""What a task's data or result holds: its parameters, their shapes, whether they are finite, the metrics, the
weight."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Layout = dict[str, tuple[str, tuple[int, ...]]]
else:
    Layout = dict  # Python 3.8 has no dict[...]
"""Parameter name -> (dtype, shape); a value that is no array has the name of its type and the shape ``()``."""


@dataclass(frozen=True)
class Content:
    """``kind`` is the DXO's data kind (WEIGHTS, WEIGHT_DIFF, METRICS, ...), empty when there is no DXO."""

    kind: str = ""
    layout: Layout = field(default_factory=dict)
    not_finite: list[str] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    weight: float | None = None
    digest: str = ""

    @property
    def parameters(self) -> int:
        """The number of scalars in all parameters."""
        total = 0
        for _, shape in self.layout.values():
            count = 1
            for length in shape:
                count *= length
            total += count
        return total


def content_of(shareable: Any) -> Content:
    """Describes a Shareable; an empty description when it holds no DXO."""
    from nvflare.apis.dxo import DataKind, MetaKey, from_shareable

    try:
        dxo = from_shareable(shareable)
    except Exception:  # not every Shareable is made from a DXO
        return Content()
    kind = str(getattr(dxo.data_kind, "value", dxo.data_kind))
    meta = dxo.meta if isinstance(dxo.meta, dict) else {}
    data = dxo.data if isinstance(dxo.data, Mapping) else {}
    metrics = meta.get("initial_metrics")
    if dxo.data_kind == DataKind.METRICS:
        return Content(kind=kind, metrics=_plain_numbers(data))
    if dxo.data_kind == DataKind.COLLECTION:
        data = _flattened(data)
    return describe(
        data,
        kind,
        _plain_numbers(metrics) if isinstance(metrics, Mapping) else {},
        meta.get(MetaKey.NUM_STEPS_CURRENT_ROUND),
    )


def describe(
    parameters: Mapping[Any, Any], kind: str = "WEIGHTS", metrics: dict[str, Any] | None = None, weight: Any = None
) -> Content:
    """Describes named parameters (arrays, tensors, lists or numbers)."""
    layout: Layout = {}
    not_finite = []
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(parameters, key=str):
        array = _as_array(parameters[name])
        if array is None:
            layout[str(name)] = (type(parameters[name]).__name__, ())
            digest.update(repr((str(name), parameters[name])).encode(errors="replace"))
            continue
        layout[str(name)] = (str(array.dtype), tuple(int(length) for length in array.shape))
        digest.update(repr((str(name), str(array.dtype), array.shape)).encode())
        digest.update(array.tobytes())
        if not _is_finite(array):
            not_finite.append(str(name))
    number = float(weight) if isinstance(weight, (int, float)) and not isinstance(weight, bool) else None
    return Content(kind, layout, not_finite, metrics or {}, number, digest.hexdigest() if layout else "")


def _flattened(collection: Mapping[Any, Any]) -> dict[str, Any]:
    """The parameters of a collection of DXOs, each under ``name/parameter``."""
    flat = {}
    for name, part in collection.items():
        inner = getattr(part, "data", None)
        if isinstance(inner, Mapping):
            flat.update({f"{name}/{key}": value for key, value in inner.items()})
    return flat


def _as_array(value: Any) -> Any:
    """A numpy array of a parameter's values; None when it is no array of numbers."""
    import numpy

    try:
        if hasattr(value, "detach"):  # a torch tensor
            value = value.detach().cpu()
            value = value.float().numpy() if "bfloat16" in str(value.dtype) else value.numpy()
        if isinstance(value, (list, tuple, int, float)) or hasattr(value, "__array__"):
            array = numpy.asarray(value)
            return array if array.dtype.kind in "biufc" else None
    except Exception:  # anything may claim to be an array
        return None
    return None


def _is_finite(array: Any) -> bool:
    import numpy

    return array.dtype.kind not in "fc" or bool(numpy.isfinite(array).all())


def _plain_numbers(metrics: Mapping[Any, Any]) -> dict[str, Any]:
    """Metrics as Python numbers where they are scalars; other values by the name of their type."""
    plain: dict[str, Any] = {}
    for name, value in metrics.items():
        try:
            plain[str(name)] = value if isinstance(value, (int, float, str, bool)) else float(value)
        except (TypeError, ValueError):  # noqa: PERF203
            plain[str(name)] = type(value).__name__
    return plain
