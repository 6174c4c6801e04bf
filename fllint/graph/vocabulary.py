"""The words of the graph: kinds of nodes and edges, marks, and the record that each node and edge carries."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from fllint.documents.tree import Place
from fllint.findings import Finding, Severity

if TYPE_CHECKING:
    import networkx

    JobGraph: TypeAlias = "networkx.MultiDiGraph[str]"
else:
    JobGraph = Any


class NodeKind(str, Enum):
    """What a node stands for."""

    JOB = "job"
    SITE = "site"
    """A site, or several that get exactly the same apps."""
    APP = "app"
    CONFIG = "config"
    WORKFLOW = "workflow"
    EXECUTOR = "executor"
    TASK = "task"
    FILTER = "filter"
    COMPONENT = "component"
    CLASS = "class"
    SCRIPT = "script"
    """A file of the job that an executor or a launcher runs."""
    MODULE = "module"
    """A Python file of the job that is imported, or defines a component's class."""
    PACKAGE = "package"
    """A third-party package that the job's code imports."""
    FILE = "file"
    """Any other file, or several files of a folder."""


class EdgeKind(str, Enum):
    """What an edge says; read it from its source to its target."""

    DEPLOYS_TO = "deploys-to"
    CONTAINS = "contains"
    REFERS_TO = "refers-to"
    """An argument names the id of a component."""
    ISSUES = "issues"
    HANDLES = "handles"
    FILTERS = "filters"
    INSTANCE_OF = "instance-of"
    DEFINED_IN = "defined-in"
    RUNS = "runs"
    IMPORTS = "imports"


class Mark(str, Enum):
    """Something worth seeing about a node that the shape of the graph shows."""

    MISSING = "missing"
    DISABLED = "disabled"
    UNUSED = "unused"
    UNREACHABLE = "unreachable"
    NOT_HANDLED = "not-handled"
    NOT_ISSUED = "not-issued"
    NOT_DEPLOYED = "not-deployed"

    @property
    def is_gentle(self) -> bool:
        """Whether the job may well be meant to be so."""
        return self in (Mark.DISABLED, Mark.UNUSED, Mark.NOT_ISSUED, Mark.NOT_DEPLOYED)

    @property
    def words(self) -> str:
        """The mark as people read it."""
        return {
            Mark.MISSING: "not found",
            Mark.DISABLED: "disabled",
            Mark.UNUSED: "unused",
            Mark.UNREACHABLE: "gets no task",
            Mark.NOT_HANDLED: "nobody handles it",
            Mark.NOT_ISSUED: "nobody issues it",
            Mark.NOT_DEPLOYED: "deployed nowhere",
        }[self]


class GraphNode(Struct, frozen=True):
    """What a node of the graph carries, as its attribute ``node``.

    ``label`` is its name; ``detail`` what else identifies it (a component's class, a class's path, how many sites).
    ``app`` and ``side`` say where it belongs, empty where that is no question. ``place`` is where the job names it, or
    the file itself. ``members`` are the names that a node for several sites or files stands for. ``findings`` are those
    of the check that point at it or into it.
    """

    id: str
    kind: NodeKind
    label: str
    detail: str = ""
    app: str = ""
    side: str = ""
    place: Place | None = None
    marks: tuple[Mark, ...] = ()
    members: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The worst severity of its findings."""
        return min((finding.severity for finding in self.findings), key=lambda severity: severity.rank, default=None)


class GraphEdge(Struct, frozen=True):
    """What an edge of the graph carries, as its attribute ``edge``.

    ``label`` tells edges of one kind apart: the argument that refers, contains or runs; the task pattern that handles;
    the filter's direction. ``place`` is where the job says so.
    """

    source: str
    target: str
    kind: EdgeKind
    label: str = ""
    place: Place | None = None

    @property
    def key(self) -> str:
        """The edge's key among those between the same two nodes."""
        return f"{self.kind.value} {self.label}".strip()


def nodes_of(graph: JobGraph) -> list[GraphNode]:
    """The nodes in the order in which they were added: from the job down, in the order of its files."""
    return [attributes["node"] for _, attributes in graph.nodes(data=True)]


def edges_of(graph: JobGraph) -> list[GraphEdge]:
    """The edges, in the order of their sources."""
    return [attributes["edge"] for _, _, attributes in graph.edges(data=True)]
