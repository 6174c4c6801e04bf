"""Family 6, FL69x: what `--export` finds out about a script of the Job API by running it.

These rules have no inspection of their own: `fllint.job_api.export_findings` tells what became of the script.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fllint.findings import Problem, Severity
from fllint.registry import rule

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL690", "script-fails", Severity.ERROR)
def script_fails(review: Review) -> Iterable[Problem]:
    """The script that builds the job raises an exception (found by ``--export``).

    The message is Python's, or that of NVFlare's Job API, which makes many checks of its own while the job is put
    together: names of targets, kinds of objects, numbers of clients. No job is run or exported. The finding points at
    the last line of the script's own code in the traceback; shown are the lines that led there.

    Mend that line. When the script only fails on this machine, give ``--python`` the interpreter, and ``--export-args``
    the arguments, with which it is run.
    """
    return ()


@rule("FL691", "script-makes-no-job", Severity.WARNING)
def script_makes_no_job(review: Review) -> Iterable[Problem]:
    """The script comes to its end and has neither run nor exported a job (found by ``--export``).

    Building a ``FedJob`` or a recipe does nothing yet: ``simulator_run`` and ``export_job`` (NVFlare 2.5 and newer),
    and a recipe's ``execute``, ``run`` and ``export`` (2.7 and newer) do. A function that is never called, or a
    condition that does not hold, keeps them from it.

    Call one of them, or give ``--export-args`` the arguments with which the script does.
    """
    return ()


@rule("FL692", "script-not-exported", Severity.WARNING)
def script_not_exported(review: Review) -> Iterable[Problem]:
    """The script could not be run to its end here (found by ``--export``), which says little about the job.

    It wants arguments, imports a package that the interpreter does not have, needs files or a network that are not
    there, or takes more time or memory than it was given. What NVFlare would make of it stays unknown; the static
    reading of the script holds all the same.

    Give ``--export-args``, ``--python``, ``--export-cwd``, ``--export-timeout`` or ``--export-memory`` what it needs.
    """
    return ()
