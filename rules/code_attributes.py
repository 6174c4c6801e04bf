"""Family 4: attributes that loaded code reads of its own objects and of NVFlare's, and that these do not have."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.custom_code import CLASSES_OF_PARAMETERS
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.python.members import attributes_of_instances
from fllint.python.names import meant_path
from fllint.python.scopes import is_static, methods_of
from fllint.registry import rule
from fllint.scripts.script_text import CodeText
from fllint.suggest import closest, is_exhausted

from .module_imports import LoadedModule, attribute_place, loaded_code, nvflare_class

if TYPE_CHECKING:
    from fllint.review import Review

NEAR: Final = 0.75
"""How much a name resembles the one that is meant; others may be set in a way that is not followed."""


@rule("FL443", "unknown-own-attribute", Severity.WARNING)
def unknown_own_attribute(review: Review) -> Iterator[Problem]:
    """A class of the job reads an attribute of its own that nothing gives it, and that is nearly one that it has.

    ``self.train_taks`` and ``self.fire_evnt(...)`` raise AttributeError when Python gets there, most often when the
    first task arrives. Known are the attributes of the class, of its bases in the job, and of NVFlare's in the chosen
    release; a class with a base that is not in sight is left alone.

    Write the name as the class has it.
    """
    for loaded, code in loaded_code(review):
        anywhere = _set_attributes(code) | {function.name for function in code.nodes.each(ast.FunctionDef)}
        for node in (part for part in code.tree.body if isinstance(part, ast.ClassDef) and loaded.name):
            doubtful = [read for read in _own_reads(node) if read.attr not in anywhere]
            if doubtful:
                path = f"{loaded.name}.{node.name}"
                known = attributes_of_instances(path, review.python_path(loaded.app))
                for read in doubtful:
                    yield from _misspelt(loaded, code, read, f"{node.name} has", known)


def _own_reads(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    """The attributes that the methods of a class read of their instance."""
    for method in methods_of(node).values():
        arguments = [*method.args.posonlyargs, *method.args.args]
        if not arguments or is_static(method):
            continue
        for part in ast.walk(method):
            if (
                isinstance(part, ast.Attribute)
                and isinstance(part.ctx, ast.Load)
                and isinstance(part.value, ast.Name)
                and part.value.id == arguments[0].arg
            ):
                yield part


@rule("FL444", "unknown-nvflare-attribute", Severity.WARNING)
def unknown_nvflare_attribute(review: Review) -> Iterator[Problem]:
    """Code reads an attribute, or calls a method, that an object of NVFlare's does not have in this release.

    ``dxo.to_sharable()`` and ``fl_ctx.get_identity()`` raise AttributeError when Python gets there. Looked at are
    objects whose class is plain: made by a call, or a parameter with an annotation, or one called ``fl_ctx``. Only
    what resembles an attribute of the class is reported.

    Write the attribute as the release has it.
    """
    for loaded, code in loaded_code(review):
        if "nvflare" not in code.text:
            continue
        set_somewhere = _set_attributes(code)
        looked_at: set[ast.Attribute] = set()
        for scope in (*code.nodes.each(ast.FunctionDef), *code.nodes.each(ast.AsyncFunctionDef), code.tree):
            for read, info in _reads_of_nvflare(review, loaded, code, scope):
                if read in looked_at or read.attr in set_somewhere:
                    continue
                looked_at.add(read)
                known = attributes_of_instances(info.path, review.python_path(loaded.app))
                yield from _misspelt(loaded, code, read, f"{info.name} of NVFlare {review.release} has", known)


def _reads_of_nvflare(
    review: Review, loaded: LoadedModule, code: CodeText, scope: ast.AST
) -> Iterator[tuple[ast.Attribute, ClassInfo]]:
    """The attributes that a function, or a module outside of functions, reads of objects whose class is plain."""
    nodes = list(_outside_of_functions(code.tree) if scope is code.tree else ast.walk(scope))
    reads = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)]
    if not reads:
        return
    classes = _classes_of_names(nodes, code.imported)
    for read in reads:
        path = classes.get(read.value.id, "") if isinstance(read.value, ast.Name) else ""
        path = meant_path(code.imported, read.value.func) if isinstance(read.value, ast.Call) else path
        info = nvflare_class(review, loaded, path) if path else None
        if info is not None:
            yield read, info


def _outside_of_functions(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module that are in no function and no class."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def _classes_of_names(nodes: list[ast.AST], imported: dict[str, str]) -> dict[str, str]:
    """The classes, by dotted path, of the names that are bound once: to a call, or as a parameter."""
    classes: dict[str, str] = {}
    bound: Counter[str] = Counter()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound[name] += 1
            case ast.arg(arg=name, annotation=annotation):
                bound[name] += 1
                classes[name] = meant_path(imported, annotation) if annotation else CLASSES_OF_PARAMETERS.get(name, "")
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=called)):
                classes[name] = meant_path(imported, called)
    return {name: path for name, path in classes.items() if bound[name] == 1}


def _set_attributes(code: CodeText) -> frozenset[str]:
    """The attributes that a file sets on whatever object."""
    return frozenset(node.attr for node in code.nodes.each(ast.Attribute) if not isinstance(node.ctx, ast.Load))


def _misspelt(
    loaded: LoadedModule, code: CodeText, read: ast.Attribute, who: str, known: frozenset[str] | None
) -> Iterator[Problem]:
    """A problem when an attribute is none of the known ones and nearly one of them; a text that mentions it may ask
    whether it is there."""
    if known is None or read.attr in known or is_exhausted():
        return
    near = closest(read.attr, sorted(known), NEAR)
    asked = (f'"{read.attr}"', f"'{read.attr}'", "AttributeError")
    if near and not any(word in code.text for word in asked):
        yield at(attribute_place(loaded, code, read), f"{who} no '{read.attr}'", help=f"did you mean '{near}'?")
