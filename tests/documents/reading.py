"""Short ways to read texts in tests."""

from __future__ import annotations

from fllint.documents.document import Document, DocumentProblem, Format
from fllint.documents.load import load_document
from fllint.documents.tree import Place

ENDINGS = {Format.JSON: ".json", Format.HOCON: ".conf", Format.YAML: ".yml"}


def read(text: str | bytes, format: Format) -> Document:
    """The document of a text in a format."""
    source_bytes = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    name = f"meta{ENDINGS[format]}"
    return load_document(source_bytes, path=f"jobs/a/{name}", name=name, format=format, release="2.9")


def written(place: Place) -> str:
    """The text at a place."""
    return place.source.text[place.span.start : place.span.end]


def only_problem(document: Document) -> DocumentProblem:
    """The only problem of a document."""
    (problem,) = document.problems
    return problem


def assert_sound(document: Document) -> None:
    """What holds for every document: no root exactly when a problem is fatal, and places that lie in their texts."""
    assert (document.root is None) == any(problem.fatal for problem in document.problems)
    places = [place for problem in document.problems for place in (problem.place, *problem.related)]
    if document.root is not None:
        places += [node.place for node in document.root.walk()]
    for place in places:
        assert 0 <= place.span.start <= place.span.end <= len(place.source.text)
