"""Family 3: workflows that fetch models by name, and persistors that have none to give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.data_flow import ASKS_PERSISTOR_FOR_MODELS, GIVES_NO_MODELS
from fllint.documents.tree import Sequence
from fllint.findings import Problem, Related, Severity
from fllint.problems import at
from fllint.references import references
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL336", "persistor-gives-no-models", Severity.ERROR)
def persistor_gives_no_models(review: Review) -> Iterator[Problem]:
    """A workflow asks the persistor for models by name, and the persistor cannot give them.

    CrossSiteEval calls ``persistor.get_model(name)`` for each of its ``server_models`` (app_common/workflows/
    cross_site_eval.py, 2.5 and later). NPModelPersistor does not implement it: the exception is only logged, and the
    next line aborts the run with UnboundLocalError.

    Use CrossSiteModelEval with a model locator, a persistor that implements ``get_model``, or ``"server_models": []``.
    """
    persistor_kind = review.catalogue.kinds.get("LearnablePersistor", "")
    for reference in references(review):
        workflow = reference.info
        asks = any(workflow.is_a(path) for path in ASKS_PERSISTOR_FOR_MODELS)
        if not asks or persistor_kind not in reference.argument.expected:
            continue
        models = reference.component.argument("server_models")
        persistor = reference.config.ids.get(reference.text)
        resolution = review.class_of(reference.app, persistor) if persistor and not persistor.disabled else None
        info = resolution.class_info if resolution else None
        if persistor is None or info is None or (isinstance(models, Sequence) and not models.items):
            continue
        if any(info.is_a(path) for path in GIVES_NO_MODELS) and info.method("get_model") is None:
            message = f"{workflow.name} asks for models by name, and {info.name} has no get_model(): the run aborts"
            related = (Related((persistor.class_node or persistor.node).place, "the persistor"),)
            help = "use a persistor that has, or CrossSiteModelEval with a model locator"
            yield at(reference.where, message, help=help, related=related)
