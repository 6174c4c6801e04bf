"""YAML text to a tree, under OmegaConf's rules.

NVFlare reads `.yml` and `.yaml` with `OmegaConf.load` or `create`, and takes what `OmegaConf.to_container` gives
with ``resolve=True`` (nvflare/fuel_opt/utils/omegaconf_loader.py, 2.4 to 2.9). fllint needs no OmegaConf.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from fllint.documents.document import Document, DocumentProblem, Format, Trouble, duplicate_key
from fllint.documents.limits import MAX_NESTING, MAX_NODES, RefusedError, too_deep, too_many_nodes
from fllint.documents.tree import UNKNOWN, Entry, Leaf, Mapping, Node, Place, Sequence, Source, Span, child_pointer
from fllint.documents.yaml_graph import (
    MAPPING_TAG,
    SEQUENCE_TAG,
    Raw,
    RawAlias,
    RawCollection,
    RawScalar,
    composed,
    old_parser_problems,
    recursive_alias,
)
from fllint.documents.yaml_scalars import MERGE_TAG, NULL_TAG, STRING_TAG, ScalarError, scalar_value
from fllint.documents.yaml_strings import text_offsets

_LISTS_OF_PAIRS: Final = ("tag:yaml.org,2002:omap", "tag:yaml.org,2002:pairs")


def read_yaml(source: Source) -> Document:
    """The document of a YAML text. Never raises: what OmegaConf refuses is the document's fatal problem."""
    try:
        builder = _Builder(source)
        raw = composed(source)
        root = builder.document(raw)
        if "${" in source.text:
            from fllint.documents.yaml_references import resolved

            root = resolved(root)
    except RefusedError as refused:
        return Document(source, Format.YAML, None, (refused.problem,))
    problems = [*builder.problems, *old_parser_problems(source)]
    return Document(source, Format.YAML, root, tuple(sorted(problems, key=lambda problem: problem.place.span.start)))


class _Builder:
    """Makes nodes of a composed graph: tags become values, aliases become copies, merge keys are merged."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[DocumentProblem] = []
        self._count = 0

    def document(self, raw: Raw | None) -> Node:
        """The root that `OmegaConf.load` makes."""
        if raw is None:
            return Mapping(source=self.source, span=Span(0, 0), entries=())
        root = self._node(raw, "", 1)
        if isinstance(root, Leaf) and not root.scalar and root.scalar in (None, ""):
            return Mapping(source=self.source, span=root.span, entries=())
        if isinstance(root, Leaf) and isinstance(root.scalar, str):
            self._surprise(root.place, "The text is one string, not a mapping of keys to values.", "missing colon")
            entry = Entry(root.scalar, Place(self.source, root.span, child_pointer("", root.scalar)), _null_after(root))
            return Mapping(source=self.source, span=root.span, entries=(entry,))
        if isinstance(root, Leaf):
            message = "The text is one value, not a mapping of keys to values."
            raise RefusedError(DocumentProblem(Trouble.SYNTAX, root.place, message, cause="not a mapping"))
        return root

    def _node(self, raw: Raw, pointer: str, depth: int) -> Node:
        self._count += 1
        if depth > MAX_NESTING:
            raise RefusedError(too_deep(self.source, raw.span.start))
        if self._count > MAX_NODES:
            raise RefusedError(too_many_nodes(self.source, raw.span.start))
        if isinstance(raw, RawAlias):
            return replace(self._node(raw.target, pointer, depth), substituted_at=self._place(raw.span, pointer))
        if isinstance(raw, RawScalar):
            return self._leaf(raw, pointer)
        expected = MAPPING_TAG if raw.is_mapping else SEQUENCE_TAG
        if raw.tag in _LISTS_OF_PAIRS and not raw.is_mapping:
            return Leaf(source=self.source, span=raw.span, pointer=pointer, scalar=UNKNOWN, bare=True)
        if raw.tag != expected:
            raise RefusedError(_refused_tag(self._place(_with_tag(self.source.text, raw.span), pointer), raw.tag))
        if raw.is_mapping:
            return self._mapping(raw, pointer, depth)
        items = [self._node(item, f"{pointer}/{index}", depth + 1) for index, item in enumerate(raw.items)]
        return Sequence(source=self.source, span=raw.span, pointer=pointer, items=tuple(items))

    def _leaf(self, raw: RawScalar, pointer: str) -> Leaf:
        try:
            value = scalar_value(raw.tag, raw.text)
        except ScalarError as error:
            trouble = Trouble.LIMIT if error.too_long else Trouble.SYNTAX
            span = _with_tag(self.source.text, raw.span) if error.cause == "tag" else raw.span
            problem = DocumentProblem(
                trouble, self._place(span, pointer), str(error), cause=error.cause, help=error.help
            )
            raise RefusedError(problem) from None
        offsets: tuple[int, ...] = ()
        if isinstance(value, str):
            offsets = text_offsets(self.source.text, raw.span, raw.style, value)
        bare = raw.style not in ('"', "'")
        return Leaf(source=self.source, span=raw.span, pointer=pointer, scalar=value, bare=bare, offsets=offsets)

    def _mapping(self, raw: RawCollection, pointer: str, depth: int) -> Mapping:
        self._refuse_duplicate_keys(raw, pointer)
        entries: dict[object, Entry] = {}
        own: dict[object, Entry] = {}
        overridden: list[Entry] = []
        merged = list(self._merged_pairs(raw, pointer, depth))
        for index, (raw_key, raw_value) in enumerate([*merged, *_own_pairs(raw)]):
            key_value, key = self._key(raw_key, raw, pointer)
            value_pointer = child_pointer(pointer, key)
            node = self._node(raw_value, value_pointer, depth + 1)
            entry = Entry(key, self._place(raw_key.span, value_pointer), node)
            entries[key_value] = entry
            if index < len(merged):
                continue
            if key_value in own:
                overridden.append(own[key_value])
                self.problems.append(duplicate_key(own[key_value], entry))
            own[key_value] = entry
        if raw.is_flow and _looks_like_variable(self.source.text, raw):
            self._key_alone_in_braces(raw, pointer)
        return Mapping(
            source=self.source,
            span=raw.span,
            pointer=pointer,
            entries=tuple(entries.values()),
            overridden=tuple(overridden),
        )

    def _key_alone_in_braces(self, raw: RawCollection, pointer: str) -> None:
        written = self.source.text[raw.span.start : raw.span.end]
        key, colon, value = written[1:-1].partition(":")
        cause, help = "unquoted variable", f'Write `"{written}"`.'
        if colon:
            cause, help = "missing space", f"Write `{{{key}: {value}}}`, or put it in quotes."
        message = f"Without quotes, YAML reads `{written}` as a mapping with the value null."
        self._surprise(self._place(raw.span, pointer), message, cause, help)

    def _refuse_duplicate_keys(self, raw: RawCollection, pointer: str) -> None:
        """OmegaConf refuses equal keys that are strings; of others the last wins (`get_yaml_loader` in omegaconf)."""
        seen: dict[str, RawScalar] = {}
        for raw_key, raw_value in _pairs(raw):
            key = _aliased(raw_key)
            if not isinstance(key, RawScalar) or key.tag != STRING_TAG:
                continue
            if key.text in seen:
                key_pointer = child_pointer(pointer, key.text)
                earlier, later = (
                    Entry(key.text, self._place(span, key_pointer), _null_at(self.source, raw_value.span))
                    for span in (seen[key.text].span, raw_key.span)
                )
                problem = duplicate_key(earlier, later, fatal=True)
                message = f"The key {key.text!r} stands twice in this mapping, which NVFlare's YAML reader refuses."
                raise RefusedError(replace(problem, message=message))
            seen[key.text] = key

    def _merged_pairs(self, raw: RawCollection, pointer: str, depth: int) -> Iterator[tuple[Raw, Raw]]:
        """The keys and values that `<<` brings in, the ones that count most last."""
        if depth > MAX_NESTING:
            raise RefusedError(too_deep(self.source, raw.span.start))
        for raw_key, raw_value in _pairs(raw):
            if not _is_merge(raw_key):
                continue
            value = _aliased(raw_value)
            is_list = isinstance(value, RawCollection) and not value.is_mapping
            sources = [_aliased(item) for item in reversed(value.items)] if is_list else [value]  # type: ignore[union-attr]
            for merged in sources:
                if not isinstance(merged, RawCollection) or not merged.is_mapping:
                    message = "`<<` merges mappings; this is something else."
                    place = self._place(raw_value.span, pointer)
                    raise RefusedError(DocumentProblem(Trouble.SYNTAX, place, message, cause="bad merge"))
                if not merged.is_closed:
                    raise RefusedError(recursive_alias(self.source, raw_value.span))
                own = _own_pairs(merged)
                self._count += 1 + len(own)
                if self._count > MAX_NODES:
                    raise RefusedError(too_many_nodes(self.source, raw_value.span.start))
                yield from self._merged_pairs(merged, pointer, depth + 1)
                yield from own

    def _key(self, raw_key: Raw, mapping: RawCollection, pointer: str) -> tuple[object, str]:
        """A key as OmegaConf has it, and as a string. NVFlare never looks for a key that is a number or boolean."""
        key = _aliased(raw_key)
        place = self._place(raw_key.span, pointer)
        if isinstance(key, RawCollection):
            text = self.source.text[mapping.span.start : mapping.span.end]
            braces = text.startswith("{{")
            raise RefusedError(
                DocumentProblem(
                    Trouble.SYNTAX,
                    self._place(mapping.span, pointer) if braces else place,
                    "A mapping or list cannot be a key.",
                    cause="unquoted variable" if braces else "bad key",
                    help=f'Write `"{text}"`.' if braces and "\n" not in text else "Put text with `{` or `[` in quotes.",
                )
            )
        value = self._leaf(key, pointer).scalar
        if isinstance(value, str):
            return value, value
        written = self.source.text[key.span.start : key.span.end]
        if value is None:
            message = "A key is null or missing here, which NVFlare's YAML reader refuses."
            raise RefusedError(DocumentProblem(Trouble.SYNTAX, place, message, cause="null key"))
        message = (
            f"The key `{written}` is the {'boolean' if isinstance(value, bool) else 'number'} {value}, not a text."
        )
        self._surprise(place, message, "key is not a text", f'Write `"{written}"`.')
        return value, str(value)

    def _place(self, span: Span, pointer: str) -> Place:
        return Place(self.source, span, pointer)

    def _surprise(self, place: Place, message: str, cause: str, help: str = "") -> None:
        self.problems.append(DocumentProblem(Trouble.SURPRISE, place, message, cause=cause, help=help, fatal=False))


def _pairs(raw: RawCollection) -> list[tuple[Raw, Raw]]:
    return list(zip(raw.items[::2], raw.items[1::2], strict=True))


def _own_pairs(raw: RawCollection) -> list[tuple[Raw, Raw]]:
    """The keys and values of a mapping without its merges."""
    return [pair for pair in _pairs(raw) if not _is_merge(pair[0])]


def _aliased(raw: Raw) -> RawScalar | RawCollection:
    return raw.target if isinstance(raw, RawAlias) else raw


def _is_merge(raw: Raw) -> bool:
    key = _aliased(raw)
    return isinstance(key, RawScalar) and key.tag == MERGE_TAG


def _null_at(source: Source, span: Span) -> Leaf:
    return Leaf(source=source, span=span, scalar=None)


def _null_after(leaf: Leaf) -> Leaf:
    pointer = child_pointer("", str(leaf.scalar))
    return Leaf(source=leaf.source, span=Span(leaf.span.end, leaf.span.end), pointer=pointer, scalar=None, bare=True)


def _looks_like_variable(text: str, raw: RawCollection) -> bool:
    """Whether a flow mapping is `{name}`: one key, and no value."""
    if len(raw.items) != 2:
        return False
    key, value = raw.items
    is_null = isinstance(value, RawScalar) and value.tag == NULL_TAG and value.span.start == value.span.end
    return is_null and isinstance(key, RawScalar) and ":" not in text[key.span.end : raw.span.end]


def _with_tag(text: str, span: Span) -> Span:
    """The span of a value with the tag before it."""
    start = text.rfind(" !", 0, span.start) + 1
    return Span(max(start, 0), span.end)


def _refused_tag(place: Place, tag: str) -> DocumentProblem:
    message = f"NVFlare's YAML reader cannot make a value of the tag {tag!r}."
    help = "Put text that starts with `!` in quotes."
    return DocumentProblem(Trouble.SYNTAX, place, message, cause="tag", help=help)
