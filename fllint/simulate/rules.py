"""The rules of the smoke run: what its findings are called, how bad they are, and their pages."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fllint.findings import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


class SmokeRule(Struct, frozen=True):
    """A rule whose evidence is a run. ``page`` says what went wrong, what NVFlare makes of it, and how to mend it."""

    code: str
    name: str
    severity: Severity
    page: str

    @property
    def summary(self) -> str:
        """The page's first sentence."""
        return " ".join(self.page.split("\n\n")[0].split())


RULES: Final = (
    SmokeRule(
        "FL901",
        "script-crash",
        ERROR,
        "The client script, or other code of the job, raised an exception.\n\n"
        "NVFlare logs it at the site; the server learns that the task was aborted. FedAvg then aborts the "
        "job. A failed import is not even logged by releases up to 2.8: the task waits for ever. The finding "
        "points at the last line of the job's own code in the traceback.",
    ),
    SmokeRule(
        "FL902",
        "script-never-sends",
        ERROR,
        "The client script ended while a task waited for its result.\n\n"
        "Releases up to 2.8 wait for ever; 2.9 reports the task as failed. A script must call `flare.send` "
        "once for every model it receives, and go on as long as `flare.is_running()`.",
    ),
    SmokeRule(
        "FL903",
        "task-hangs",
        ERROR,
        "A site did not finish its task in time.\n\n"
        "NVFlare has no default time limit: the job hangs, and its simulator leaves processes behind. The "
        "finding points at the line where the site's code was. When the task only takes long, give `--task- "
        "timeout` more seconds.",
    ),
    SmokeRule(
        "FL904",
        "site-exits",
        ERROR,
        "The site's code ended its own process or its script's thread.\n\n"
        "`sys.exit`, `argparse` on a wrong argument, `os._exit` and a crash in native code all do. NVFlare's "
        "simulator waits for ever, or ends with exit status 0.",
    ),
    SmokeRule(
        "FL905",
        "sends-twice",
        ERROR,
        "The client script sent twice without receiving in between.\n\n"
        "`flare.send` raises RuntimeError the second time, and the script ends.",
    ),
    SmokeRule(
        "FL906",
        "parameter-names-differ",
        ERROR,
        "A site's result has other parameters than the model it received.\n\n"
        "Aggregators add up what they get, name by name: a parameter that a site misspells is averaged over "
        "the other sites only, and the misspelt one becomes part of the global model. Nothing is reported.",
    ),
    SmokeRule(
        "FL907",
        "parameter-shape-differs",
        ERROR,
        "A parameter of a site's result has another shape, or another number type, than the model it "
        "received.\n\n"
        "Another shape fails in the aggregation, or is broadcast silently by numpy. Another number type "
        "changes the type of the global model, and what it costs to send.",
    ),
    SmokeRule(
        "FL908",
        "not-finite",
        ERROR,
        "A result, or the global model, holds values that are not finite (NaN or infinity).\n\n"
        "Aggregation spreads them to the global model and so to every site.",
    ),
    SmokeRule(
        "FL909",
        "contribution-rejected",
        ERROR,
        "The server's aggregator rejected a site's contribution.\n\n"
        "The most frequent cause is a kind of data that is not the expected one (`expected_data_kind`, by "
        "default WEIGHT_DIFF, and a trainer that sends WEIGHTS). NVFlare logs it and goes on; when all are "
        "rejected, the model stays as it was and the job ends well.",
    ),
    SmokeRule(
        "FL910",
        "not-serialisable",
        ERROR,
        "A task or a result holds something that NVFlare cannot send.\n\n"
        "FOBS sends numbers, strings, lists, dicts, numpy arrays and what a decomposer is registered for.",
    ),
    SmokeRule(
        "FL911",
        "task-unknown",
        ERROR,
        "A site got a task that none of its executors handles.\n\nThe server aborts the job at once.",
    ),
    SmokeRule(
        "FL912",
        "component-not-built",
        ERROR,
        "A site or the server could not build its components, or gave up when the run began.\n\n"
        "When it is a client, the other sites and the server go on or wait; when all clients fail, NVFlare's "
        "simulator ends with exit status 0.",
    ),
    SmokeRule(
        "FL913",
        "every-client-failed",
        ERROR,
        "Every client failed; nothing was learned.\n\nNVFlare's simulator ends with exit status 0 in most such cases.",
    ),
    SmokeRule(
        "FL914",
        "round-without-updates",
        ERROR,
        "A round ended without a single contribution to the model.\n\nNVFlare goes on with the model as it was.",
    ),
    SmokeRule(
        "FL915",
        "model-unchanged",
        WARNING,
        "The global model is at the end what it was at the beginning.\n\nThe sites sent back what they had received.",
    ),
    SmokeRule(
        "FL916",
        "error-logged",
        WARNING,
        "A component logged an error although the run went on.\n\n"
        "NVFlare catches most exceptions of event handlers and callbacks and only logs them.",
    ),
    SmokeRule(
        "FL917",
        "metric-missing",
        WARNING,
        "A model selector looks for a metric that the sites do not send.\n\n"
        "No best model is ever chosen. The metric must be in the `metrics` of the FLModel, under the name of "
        "`key_metric`.",
    ),
    SmokeRule(
        "FL918",
        "process-left-behind",
        WARNING,
        "The run's code left a process behind, or a site did not end when the job had ended.\n\n"
        "fllint killed it. In production it stays on the site's machine.",
    ),
    SmokeRule(
        "FL919",
        "memory-exceeded",
        ERROR,
        "A site's processes used more memory than `--memory` allows, and were killed.",
    ),
    SmokeRule(
        "FL920",
        "run-stalls",
        ERROR,
        "The server waits for results that can no longer come.\n\n"
        "In production it would wait until an administrator aborts the job, or until the clients are deemed "
        "dead.",
    ),
    SmokeRule(
        "FL921",
        "run-aborted",
        ERROR,
        "The server aborted the run, or failed itself.\n\nThe message is what NVFlare says.",
    ),
    SmokeRule(
        "FL922",
        "run-timeout",
        ERROR,
        "The run took longer than `--timeout` and was stopped.\n\n"
        "The finding points at the line where a site's code was.",
    ),
    SmokeRule(
        "FL923",
        "task-failed",
        ERROR,
        "A site answered a task with an error.\n\n"
        "An executor or a filter raised an exception, or gave something that is no Shareable. Whether the "
        "server minds depends on the workflow: with a small `min_clients` the round ends without the site's "
        "contribution, and the job ends well.",
    ),
    SmokeRule(
        "FL924",
        "job-refused",
        ERROR,
        "NVFlare refuses the job, or has no app for a site.\n\nThe message is NVFlare's own.",
    ),
)


def rule_of(code: str) -> SmokeRule:
    """The rule with a code. Raises KeyError."""
    return {rule.code: rule for rule in RULES}[code]
