"""Family 6: what a script does with the run that a recipe gives it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.custom_code import RECIPE_RUN
from fllint.documents.tree import Place
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.script_text import SyntaxTrouble, parse_code
from fllint.suggest import did_you_mean

if TYPE_CHECKING:
    from fllint.review import Review

_HELP: Final = {
    "export_job": "export it before: recipe.export(folder)",
    "simulator_run": "execute(env) has run it already",
    "results": "get_result() gives the folder of the results",
}
"""What to do in the place of what a run is often asked for."""


@rule("FL607", "unknown-run-method", Severity.ERROR)
def unknown_run_method(review: Review) -> Iterator[Problem]:
    """A script asks the run of a recipe for something that it does not have.

    ``recipe.execute(env)`` runs the job and gives a Run: ``get_status()``, ``get_result()``, ``get_job_id()`` and
    ``abort()`` (nvflare/recipe/run.py, 2.7 and later). Everything else, such as ``export_job`` and ``simulator_run`` of
    a FedJob, raises AttributeError when the training is over.

    Export by the recipe, ``recipe.export(folder)``, before it runs; a second run needs a second ``execute``.
    """
    script = review.job.script
    members = review.catalogue.members(RECIPE_RUN)
    code = parse_code(script.source.text) if script is not None and members is not None else None
    if script is None or members is None or members.is_open or code is None or isinstance(code, SyntaxTrouble):
        return
    started = {
        script.place(site.place)
        for job in script.read.jobs
        for name, site in job.ends
        if job.is_recipe and name == "execute"
    }
    runs = {
        node.targets[0].id
        for node in code.nodes.each(ast.Assign)
        if isinstance(node.targets[0], ast.Name)
        and Place(script.source, code.place(node.value).span(script.source)) in started
    }
    stored = [node.id for node in code.nodes.each(ast.Name) if not isinstance(node.ctx, ast.Load)]
    for call in code.nodes.each(ast.Call):
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                if name in runs and stored.count(name) == 1 and attribute not in members.names:
                    place = Place(script.source, code.place(call.func).span(script.source))
                    help = did_you_mean(attribute, sorted(each for each in members.names if not each.startswith("_")))
                    message = f"a run of a recipe has no method '{attribute}': AttributeError when it is over"
                    yield at(place, message, help=help or _HELP.get(attribute, ""))
