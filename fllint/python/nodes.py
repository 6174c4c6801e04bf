"""The nodes of a syntax tree by their kind: a module's code is asked many questions, and gone through once."""

from __future__ import annotations

import ast
from typing import TypeVar, cast

Node = TypeVar("Node", bound=ast.AST)


class Nodes:
    """The nodes of a tree. Those of a kind are in the order of `ast.walk`: the nearer ones first.

    Args:
        tree: the tree, which does not change any more.
    """

    def __init__(self, tree: ast.AST) -> None:
        self._by_kind: dict[type[ast.AST], list[ast.AST]] = {}
        for node in ast.walk(tree):
            self._by_kind.setdefault(type(node), []).append(node)

    def each(self, kind: type[Node]) -> list[Node]:
        """The nodes of exactly a kind, which is no abstract one such as `ast.expr`."""
        return cast("list[Node]", self._by_kind.get(kind, []))
