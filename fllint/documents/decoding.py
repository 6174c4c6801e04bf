"""Bytes to text, as NVFlare's loaders do it, and why it fails.

The server's check decodes UTF-8 (nvflare/private/fed/server/job_meta_validator.py), whatever the format; `json` then
refuses a byte-order mark.
"""

from __future__ import annotations

import codecs

from fllint.documents.document import DocumentProblem, Format, Trouble
from fllint.documents.tree import Place, Source, Span

_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SAVE_AS_UTF8 = "Save the file as UTF-8 without a byte-order mark."


def decoded(source_bytes: bytes, *, path: str, name: str, format: Format) -> tuple[Source, DocumentProblem | None]:
    """The text of a file, and the problem when NVFlare cannot decode it; the text is then a readable guess."""
    for mark, codec, encoding in _WIDE_MARKS:
        if source_bytes.startswith(mark):
            source = Source(path, name, source_bytes[len(mark) :].decode(codec, "replace"))
            return source, _encoding_problem(
                source, Span(0, 0), f"The file is {encoding}; NVFlare reads UTF-8.", encoding
            )
    try:
        source = Source(path, name, source_bytes.decode("utf-8"))
    except UnicodeDecodeError as error:
        source = Source(path, name, source_bytes.decode("utf-8", "replace"))
        start = len(source_bytes[: error.start].decode("utf-8"))
        message = f"The byte 0x{source_bytes[error.start]:02x} here is not UTF-8, which NVFlare reads."
        return source, _encoding_problem(source, Span(start, start + 1), message, "not UTF-8")
    return source, _mark_problem(source, format) or _null_problem(source, format)


def _mark_problem(source: Source, format: Format) -> DocumentProblem | None:
    """A UTF-8 byte-order mark. YAML allows one."""
    if not source.text.startswith("\ufeff") or format is Format.YAML:
        return None
    message = "The file starts with a byte-order mark, which NVFlare's reader refuses."
    return _encoding_problem(source, Span(0, 1), message, "byte-order mark")


def _null_problem(source: Source, format: Format) -> DocumentProblem | None:
    """A NUL character. In HOCON it may be part of a text."""
    start = source.text.find("\0")
    wide = source.text.count("\0") * 3 > len(source.text)
    if start < 0 or (format is Format.HOCON and not wide):
        return None
    message = (
        "The file is UTF-16; NVFlare reads UTF-8." if wide else "A NUL character, which no configuration may hold."
    )
    return _encoding_problem(source, Span(start, start + 1), message, "UTF-16" if wide else "NUL")


def _encoding_problem(source: Source, span: Span, message: str, cause: str) -> DocumentProblem:
    help = "Remove the character." if cause == "NUL" else _SAVE_AS_UTF8
    return DocumentProblem(Trouble.ENCODING, Place(source, span), message, cause=cause, help=help)
