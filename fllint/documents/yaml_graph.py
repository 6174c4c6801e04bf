"""YAML text to a graph of scalars and collections, from the events of PyYAML's parser.

The events come one by one, so that a text that is too deep or too large is refused before anything large is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct, field

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.limits import MAX_NESTING, MAX_NODES, RefusedError, too_deep, too_many_nodes
from fllint.documents.tree import Place, Source, Span
from fllint.documents.yaml_scalars import scalar_tag
from fllint.documents.yaml_strings import without_properties

SEQUENCE_TAG: Final = "tag:yaml.org,2002:seq"
MAPPING_TAG: Final = "tag:yaml.org,2002:map"
_SLOWLY_READ: Final = 100_000
"""Characters that PyYAML's Python parser, about twenty times slower than libyaml, is asked to read."""


class RawScalar(Struct, eq=False):
    """A scalar as the parser saw it. ``style`` is its quote or block mark, empty for a plain one."""

    span: Span
    tag: str
    text: str
    style: str


class RawCollection(Struct, eq=False):
    """A sequence, or a mapping whose items are its keys and values in turn. Aliases share what they name."""

    span: Span
    tag: str
    is_mapping: bool
    is_flow: bool
    items: list[Raw] = field(default_factory=list)
    is_closed: bool = False


class RawAlias(Struct, eq=False):
    span: Span
    target: RawScalar | RawCollection


Raw = RawScalar | RawCollection | RawAlias


def _events(text: str, *, pure_python: bool = False) -> Iterator[Any]:
    import yaml

    loader: Any = yaml.SafeLoader if pure_python else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parser = loader(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


def composed(source: Source) -> Raw | None:
    """The graph of the only document in a text; None for an empty one."""
    import yaml

    mark_shift = 1 if source.text.startswith("\ufeff") else 0
    try:
        return _composed_of(source, _events(source.text[mark_shift:]), mark_shift)
    except yaml.YAMLError as error:
        from fllint.documents.yaml_causes import explain

        raise RefusedError(explain(source, error, mark_shift)) from None


def _composed_of(source: Source, events: Iterator[Any], mark_shift: int) -> Raw | None:
    import yaml

    root: Raw | None = None
    opened: list[RawCollection] = []
    anchors: dict[str, RawScalar | RawCollection] = {}
    count = 0
    for event in events:
        node: Raw
        span = Span(event.start_mark.index + mark_shift, event.end_mark.index + mark_shift)
        if isinstance(event, yaml.CollectionEndEvent):
            closed = opened.pop()
            closed.is_closed = True
            closed.span = Span(closed.span.start, span.end if closed.is_flow else _end_of_items(closed, opened))
            continue
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise RefusedError(_second_document(source, span))
        if not isinstance(event, yaml.NodeEvent):
            continue
        count += 1
        if count > MAX_NODES:
            raise RefusedError(too_many_nodes(source, span.start))
        if isinstance(event, yaml.AliasEvent):
            node = RawAlias(span, _target(source, str(event.anchor), span, anchors))
        else:
            node = _fresh(source.text, event, span)
            if event.anchor in anchors:
                raise RefusedError(_duplicate_anchor(source, str(event.anchor), span, anchors[str(event.anchor)].span))
            if event.anchor:
                anchors[str(event.anchor)] = node
        if opened:
            opened[-1].items.append(node)
        else:
            root = node
        if isinstance(node, RawCollection):
            opened.append(node)
            if len(opened) > MAX_NESTING:
                raise RefusedError(too_deep(source, node.span.start))
    return root


def _fresh(text: str, event: Any, span: Span) -> RawScalar | RawCollection:
    """A scalar, or a collection that is still empty."""
    import yaml

    if event.anchor or event.tag:
        span = without_properties(text, span)
    if isinstance(event, yaml.ScalarEvent):
        if event.style in ("|", ">"):
            span = Span(span.start, span.start + len(text[span.start : span.end].rstrip()))
        return RawScalar(span, scalar_tag(event), event.value, event.style or "")
    is_mapping = isinstance(event, yaml.MappingStartEvent)
    tag = event.tag if event.tag not in (None, "!") else MAPPING_TAG if is_mapping else SEQUENCE_TAG
    return RawCollection(span, tag, is_mapping, bool(event.flow_style))


def _end_of_items(closed: RawCollection, opened: list[RawCollection]) -> int:
    """Where a block collection ends: with its last item. (The parser's mark is the next token, lines later.)"""
    return max(closed.items[-1].span.end, closed.span.start) if closed.items else closed.span.end


def _target(
    source: Source, name: str, span: Span, anchors: dict[str, RawScalar | RawCollection]
) -> RawScalar | RawCollection:
    target = anchors.get(name)
    if target is None:
        message = f"`*{name}` refers to an anchor `&{name}` that stands nowhere before it."
        help = f'Write `"*{name}"` when it is meant as text.'
        place = Place(source, span)
        raise RefusedError(DocumentProblem(Trouble.SYNTAX, place, message, cause="unknown alias", help=help))
    if isinstance(target, RawCollection) and not target.is_closed:
        raise RefusedError(recursive_alias(source, span))
    return target


def recursive_alias(source: Source, span: Span) -> DocumentProblem:
    message = "This alias stands inside of what it names, which NVFlare's YAML reader refuses."
    return DocumentProblem(Trouble.SYNTAX, Place(source, span), message, cause="recursive alias")


def _duplicate_anchor(source: Source, name: str, span: Span, first: Span) -> DocumentProblem:
    message = f"The anchor `&{name}` stands twice."
    related = (Place(source, first),)
    return DocumentProblem(Trouble.SYNTAX, Place(source, span), message, cause="duplicate anchor", related=related)


def _second_document(source: Source, span: Span) -> DocumentProblem:
    message = "A second YAML document in the file, which may hold only one."
    help = "Remove the `---` and what follows."
    return DocumentProblem(Trouble.SYNTAX, Place(source, span), message, cause="two documents", help=help)


def old_parser_problems(source: Source) -> Iterator[DocumentProblem]:
    """A tab that libyaml skips, but PyYAML's Python parser refuses. OmegaConf 2.3 uses the latter, 2.4 the former."""
    import yaml

    if "\t" not in source.text or len(source.text) > _SLOWLY_READ:
        return
    try:
        for _ in _events(source.text, pure_python=True):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark is None or source.text[mark.index : mark.index + 1] != "\t":
            return
        place = Place(source, Span(mark.index, mark.index + 1))
        message = "A tab, which OmegaConf before 2.4 refuses here."
        yield DocumentProblem(Trouble.SURPRISE, place, message, cause="tab", help="Write spaces.", fatal=False)
    except yaml.YAMLError:
        return
