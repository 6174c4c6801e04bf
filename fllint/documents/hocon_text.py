"""HOCON text to a tree, as NVFlare reads `.conf` files with pyhocon.

Most configurations are plain: no references, no includes, no `+=`. These fllint reads itself, by pyhocon's rules. For
all others, and for texts that fllint cannot read, pyhocon decides, and fllint finds out where the values were written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from fllint.documents.document import Document, DocumentProblem, Format, Trouble
from fllint.documents.hocon_includes import Includes
from fllint.documents.hocon_merge import ListDraft, Merger, MixedError, ObjectDraft
from fllint.documents.hocon_references import absent, quoted, undefined
from fllint.documents.hocon_scan import MAX_HOCON_NESTING, MAX_HOCON_PARTS, scan_hocon
from fllint.documents.hocon_syntax import ObjectLiteral, Syntax
from fllint.documents.hocon_tabs import Untabbed
from fllint.documents.hocon_tree import TreeMaker
from fllint.documents.limits import RefusedError, limit_problem, too_many_nodes
from fllint.documents.tree import Node, Place, Source, Span

if TYPE_CHECKING:
    from fllint.documents.hocon_judge import Refusal

_MAX_WORDS: Final = 15_000
"""What pyhocon reads in about a second; NVFlare's own examples stay below 1,000."""

_MAX_REFERENCES: Final = 500
"""References that pyhocon resolves in about a second; its time grows with their square."""

_WORD: Final = re.compile(r"[^\s,]+|[\n,]+")


def read_hocon(source: Source, read_include: Callable[[str], bytes | None] | None) -> Document:
    """The document of a HOCON text. Never raises: what pyhocon refuses is the document's fatal problem.

    ``read_include`` gives the bytes of an included file by its path relative to the text's folder, or None.
    """
    try:
        untabbed = Untabbed(source)
        root, problems = _Reading(untabbed, read_include).result()
    except RefusedError as refused:
        problem = refused.problem if refused.problem.place.source is source else untabbed.problem(refused.problem)
        return Document(source, Format.HOCON, None, (problem,))
    problems = sorted((untabbed.problem(problem) for problem in problems), key=_order)
    return Document(source, Format.HOCON, untabbed.node(root), tuple(problems))


def _order(problem: DocumentProblem) -> tuple[str, int]:
    return problem.place.source.name, problem.place.span.start


class _Reading:
    def __init__(self, untabbed: Untabbed, read_include: Callable[[str], bytes | None] | None) -> None:
        self.source = untabbed.shadow
        self.text = untabbed.shadow.text
        self.includes = Includes(untabbed, read_include)
        self.merger = Merger(self.source, self.text, self.includes.include)

    def result(self) -> tuple[Node, list[DocumentProblem]]:
        """The root and the problems that are not fatal. Raises `RefusedError` with a fatal one."""
        syntax = scan_hocon(self.text)
        if syntax.too_deep or syntax.too_many:
            raise RefusedError(self._limit(syntax))
        draft, trouble = self._draft(syntax)
        maker = TreeMaker(draft)
        node = maker.node(draft, "")
        assert node is not None
        if "${" in self.text:
            self.merger.problems.extend(quoted(node, maker))
        if trouble is None and self.merger.is_plain:
            return node, self.merger.problems
        return self._judged(node, trouble, maker), self.merger.problems + self.includes.problems

    def _draft(self, syntax: Syntax) -> tuple[ObjectDraft | ListDraft, DocumentProblem | None]:
        """What the text makes, as far as it can be read, and the problem where it cannot."""
        from fllint.documents.hocon_causes import explain

        trouble = explain(self.source, syntax) if syntax.error is not None else None
        root = ObjectDraft(self.source, syntax.root.span)
        try:
            if not isinstance(syntax.root, ObjectLiteral):
                return self.merger.list_draft(syntax.root), trouble
            self.merger.members(root, syntax.root.members)
        except MixedError as mixed:
            trouble = trouble or mixed.problem
        return root, trouble

    def _judged(self, node: Node, trouble: DocumentProblem | None, maker: TreeMaker) -> Node:
        """The tree with pyhocon's values. Raises `RefusedError` when pyhocon refuses the text, too."""
        from fllint.documents.hocon_judge import Refusal, judge
        from fllint.documents.hocon_match import matched

        if self.includes.fatal:
            raise RefusedError(self.includes.fatal)
        words = sum(1 for _ in _WORD.finditer(self.text)) + self.includes.words
        if words > _MAX_WORDS or self.text.count("${") + self.text.count("+=") > _MAX_REFERENCES:
            raise RefusedError(trouble or too_many_nodes(self.source, 0))
        value = judge(self.text, self.includes.text)
        if isinstance(value, Refusal):
            raise RefusedError(trouble or undefined(maker) or self._refusal(value))
        self.merger.problems.extend(absent(maker))
        return matched(value, node, Place(self.source, Span(0, len(self.text))))

    def _refusal(self, refusal: Refusal) -> DocumentProblem:
        """The problem of a text that only pyhocon refuses."""
        message = str(refusal.error)
        position = re.search(r"\(line: ?(\d+), col: ?(\d+)\)", message)
        start = refusal.position or 0
        if position:
            start = self.source.offset(int(position[1]), int(position[2]))
        trouble = Trouble.UNRESOLVED if "resolve" in message else Trouble.SYNTAX
        if isinstance(refusal.error, RecursionError):
            return limit_problem(self.source, Span(0, 0), "Nested deeper than pyhocon reads.")
        span = Span(start, min(start + 1, len(self.text)))
        cause = "cycle" if "cycles" in message else ""
        shown = message.splitlines()[0][:200] if message else type(refusal.error).__name__
        text = f"pyhocon, which reads HOCON for NVFlare, refuses this: {shown}"
        return DocumentProblem(trouble, Place(self.source, span), text, cause=cause)

    def _limit(self, syntax: Syntax) -> DocumentProblem:
        at = syntax.error or 0
        if syntax.too_many:
            span = Span(at, min(at + 1, len(self.text)))
            return limit_problem(
                self.source, span, f"More than {MAX_HOCON_PARTS} keys and values, more than fllint reads."
            )
        message = f"Nested more than {MAX_HOCON_NESTING} levels deep, deeper than pyhocon reads."
        return limit_problem(self.source, Span(at, min(at + 1, len(self.text))), message)
