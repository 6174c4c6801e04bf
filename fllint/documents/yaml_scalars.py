"""The values of YAML scalars under OmegaConf's rules (`get_yaml_loader` in omegaconf, 2.3 and 2.4).

These are PyYAML's safe YAML 1.1 with a wider notion of floats (`1e5`) and without dates.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from fllint.documents.limits import MAX_DIGITS
from fllint.documents.tree import UNKNOWN, ScalarValue

if TYPE_CHECKING:
    import yaml

_PREFIX: Final = "tag:yaml.org,2002:"
STRING_TAG: Final = _PREFIX + "str"
NULL_TAG: Final = _PREFIX + "null"
MERGE_TAG: Final = _PREFIX + "merge"
_CONSTRUCTED: Final = ("int", "float", "bool", "null", "str")
_FLOAT: Final = re.compile(
    r"""^(?:
     [-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
    |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)


class ScalarError(Exception):
    """A scalar that NVFlare's YAML reader refuses, and why."""

    def __init__(self, message: str, *, cause: str, help: str = "", too_long: bool = False) -> None:
        super().__init__(message)
        self.cause = cause
        self.help = help
        self.too_long = too_long


@lru_cache(maxsize=1)
def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    """The patterns of plain scalars by first character, as OmegaConf changes them."""
    import yaml

    resolvers = {key: list(patterns) for key, patterns in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    for character in "-+0123456789.":
        resolvers.setdefault(character, []).append((_PREFIX + "float", _FLOAT))
    for character, patterns in resolvers.items():
        resolvers[character] = [pattern for pattern in patterns if pattern[0] != _PREFIX + "timestamp"]
    return resolvers


def scalar_tag(event: yaml.ScalarEvent) -> str:
    """The tag of a scalar: its own, or the one that its text implies when it is plain."""
    if event.tag is not None and event.tag != "!":
        return str(event.tag)
    if event.implicit[0]:
        for tag, pattern in _resolvers().get(event.value[:1], []):
            if pattern.match(event.value):
                return str(tag)
    return STRING_TAG


def scalar_value(tag: str, text: str) -> ScalarValue:
    """The value of a scalar with a tag.

    Raises `ScalarError` for what PyYAML's safe constructor or OmegaConf refuse. Bytes and paths, which no NVFlare
    configuration needs, are `UNKNOWN`.
    """
    if tag == STRING_TAG:
        return text
    kind = tag.removeprefix(_PREFIX)
    if kind == "binary" or kind.startswith("python/object/apply:pathlib."):
        return UNKNOWN
    if kind not in _CONSTRUCTED:
        raise _refused(kind, tag, text)
    if kind in ("int", "float") and len(text) > MAX_DIGITS:
        message = f"A number of more than {MAX_DIGITS} digits, which Python refuses to read."
        raise ScalarError(message, cause="long number", too_long=True)
    return _constructed(kind, tag, text)


def _constructed(kind: str, tag: str, text: str) -> ScalarValue:
    import yaml

    constructor: Any = getattr(yaml.constructor.SafeConstructor, f"construct_yaml_{kind}")
    try:
        value: ScalarValue = constructor(yaml.constructor.SafeConstructor(), yaml.ScalarNode(tag, text))
    except (ValueError, KeyError, IndexError, OverflowError):
        message = f"{text!r} is not a value of the type {kind!r} that YAML sees in it."
        raise ScalarError(message, cause="bad value", help=f'Write `"{text}"` when it is meant as text.') from None
    return value


def _refused(kind: str, tag: str, text: str) -> ScalarError:
    if kind in ("value", "merge"):
        message = f"`{text}` alone has a meaning of its own in YAML, and is no value."
        return ScalarError(message, cause="reserved word", help=f'Write `"{text}"`.')
    message = f"NVFlare's YAML reader cannot make a value of the tag {tag!r}."
    return ScalarError(message, cause="tag", help="Put text that starts with `!` in quotes.")
