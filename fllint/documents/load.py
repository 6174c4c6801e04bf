"""From the bytes of a configuration file to its document, in the format that its name says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fllint.documents.decoding import decoded
from fllint.documents.document import Document, Format
from fllint.documents.limits import MAX_BYTES, limit_problem
from fllint.documents.tree import Source, Span

_FORMATS: Final = {
    ".json": Format.JSON,
    ".conf": Format.HOCON,
    ".yml": Format.YAML,
    ".yaml": Format.YAML,
    ".json.default": Format.JSON,
    ".conf.default": Format.HOCON,
    ".yml.default": Format.YAML,
    ".yaml.default": Format.YAML,
}

CONFIG_EXTENSIONS: Final = tuple(_FORMATS)
"""The extensions that NVFlare tries, in its order (nvflare/fuel/utils/config.py,
`ConfigFormat.config_ext_formats`, since 2.4; 2.3 knows `.json` only)."""


def format_of(file_name: str) -> Format | None:
    """The format that the end of a file's name says; None for other files. Case counts, as in NVFlare."""
    for extension in reversed(CONFIG_EXTENSIONS):
        if file_name.endswith(extension):
            return _FORMATS[extension]
    return None


def load_document(
    source_bytes: bytes,
    *,
    path: str,
    name: str,
    format: Format,
    release: str,
    read_include: Callable[[str], bytes | None] | None = None,
) -> Document:
    """What NVFlare of that release reads from a configuration file.

    ``path`` and ``name`` become those of the document's `Source`. ``read_include`` gives the bytes of a file that a
    HOCON text includes, by its path relative to the including file, or None when there is no such file.
    Never raises: whatever is wrong with the bytes is among the document's problems. All releases from 2.4 to 2.9 read
    texts alike, so ``release`` decides nothing yet; whether a release looks for a format at all, the job layer knows.
    """
    if len(source_bytes) > MAX_BYTES:
        source = Source(path, name, source_bytes[:MAX_BYTES].decode("utf-8", "replace"))
        message = f"The file has {len(source_bytes)} bytes; fllint reads configuration files up to {MAX_BYTES}."
        return Document(source, format, None, (limit_problem(source, Span(0, 0), message),))
    source, problem = decoded(source_bytes, path=path, name=name, format=format)
    if problem:
        return Document(source, format, None, (problem,))
    if format is Format.JSON:
        from fllint.documents.json_text import read_json

        return read_json(source)
    if format is Format.YAML:
        from fllint.documents.yaml_text import read_yaml

        return read_yaml(source)
    from fllint.documents.hocon_text import read_hocon

    return read_hocon(source, read_include)
