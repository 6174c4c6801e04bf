"""Family 6: the name of a job, and with how many clients it is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.meta_keys import JOB_NAME
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.findings import Problem, Severity
from fllint.job_api.jobs import ALL_SITES, SERVER, JobObject
from fllint.job_api.things import Argument, Thing, written_arguments
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.script_values import CallSite

from .job_api_targets import job_of

if TYPE_CHECKING:
    from fllint.job_api.script_job import ScriptJob
    from fllint.review import Review


@rule("FL619", "invalid-job-name", Severity.ERROR)
def invalid_job_name(review: Review) -> Iterator[Problem]:
    """The name of a job or recipe has characters that NVFlare refuses.

    Since 2.9 a name begins with a letter or digit and has letters, digits, ``.``, ``_`` and ``-`` only: ``ValueError``
    otherwise, for a blank too (fuel/utils/validation_utils.py ``check_job_name``).

    Write a name without other characters.
    """
    for script, job in job_of(review) if review.has("job_name_format") else ():
        given = job.settings.get("name")
        name = script.reader.constants.plain(given.value) if given else None
        if (
            given is not None
            and isinstance(name, str)
            and UNKNOWN_TEXT not in name
            and not re.fullmatch(JOB_NAME, name)
        ):
            better = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")
            message = f"{name!r} is no name for a job: NVFlare {review.release} raises ValueError"
            yield at(script.place(given.place), message, help=f'write "{better}"' if better else "")


@rule("FL615", "client-count-contradiction", Severity.ERROR)
def client_count_contradiction(review: Review) -> Iterator[Problem]:
    """A job is simulated with a number of clients that contradicts the sites it names.

    ``simulator_run(n_clients=…)`` of a job whose components go to named sites raises ``You already specified clients``;
    without ``n_clients`` or ``clients``, a job for all clients raises ``Clients were not specified``
    (nvflare/job_config/api.py, since 2.5). `SimEnv` refuses a number that is not that of its ``clients`` (since 2.7),
    and hands ``num_clients`` on to the job: a recipe with ``per_site_config`` names its sites.

    Name the number exactly where the job does not name the sites.
    """
    for script, job in job_of(review):
        for name, site in job.ends:
            if name == "simulator_run" and not site.open_keywords:
                yield from _simulation(script, job, site)
        environment = job.environment
        if environment is not None:
            yield from _environment(script, job, environment)


def _given(script: ScriptJob, site: CallSite, names: tuple[str, ...]) -> dict[str, tuple[Argument, object]]:
    positional, keywords = written_arguments(site)
    given = {**dict(zip(names, positional, strict=False)), **keywords}
    return {name: (argument, script.reader.constants.plain(argument.value)) for name, argument in given.items()}


def _simulation(script: ScriptJob, job: JobObject, site: CallSite) -> Iterator[Problem]:
    given = _given(script, site, ("workspace", "n_clients", "clients"))
    count, clients = given.get("n_clients"), given.get("clients")
    named = [target for target in job.apps if target not in (SERVER, ALL_SITES)]
    if ALL_SITES not in job.apps and named and count and count[1] is not UNKNOWN and count[1] and not clients:
        message = f"the job names its sites ({', '.join(named[:3])}{', …' if len(named) > 3 else ''}) already"
        yield at(script.place(count[0].place), message, help="leave n_clients out")
    if ALL_SITES in job.apps and not clients and (count is None or count[1] in (None, 0)):
        yield at(script.place(site.place), "the number of clients is missing", help="give n_clients")
    yield from _twice(script, clients)


def _environment(script: ScriptJob, job: JobObject, environment: Thing) -> Iterator[Problem]:
    plain = script.reader.constants.plain
    count, clients = environment.arguments.get("num_clients"), environment.arguments.get("clients")
    names = plain(clients.value) if clients else None
    number = plain(count.value) if count else 0
    if environment.info is None or environment.info.name != "SimEnv" or environment.open:
        return
    if isinstance(names, list) and isinstance(number, int) and number > 0 and names and len(names) != number and count:
        message = f"{number} clients, and 'clients' names {len(names)}"
        yield at(script.place(count.place), message, help="leave num_clients out")
    named = [target for target in job.apps if target not in (SERVER, ALL_SITES)]
    if count and isinstance(number, int) and number > 0 and clients is None and named and ALL_SITES not in job.apps:
        message = f"the job names its sites ({', '.join(named[:3])}{', …' if len(named) > 3 else ''}) already"
        yield at(script.place(count.place), message, help=f"write clients={named[:3]!r} in its place")
    if number == 0 and not isinstance(number, bool) and (clients is None or names in (None, [])):
        yield at(script.place(environment.site.place), "SimEnv gets no clients", help="give num_clients")
    yield from _twice(script, (clients, names) if clients else None)


def _twice(script: ScriptJob, clients: tuple[Argument, object] | None) -> Iterator[Problem]:
    names = clients[1] if clients else None
    if clients is None or not isinstance(names, list):
        return
    known = [name for name in names if isinstance(name, str)]
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice:
        yield at(script.place(clients[0].place), f"'{twice}' is named twice", help="name every client once")


@rule("FL616", "min-clients-above-simulated", Severity.WARNING)
def min_clients_above_simulated(review: Review) -> Iterator[Problem]:
    """A job asks for more clients than it is simulated with.

    The simulator does not look at ``min_clients``, but a workflow that waits for that many clients fails or goes on
    with fewer; a real server with so few clients never schedules the job (job_scheduler, every release).

    Simulate as many clients as the job needs.
    """
    for script, job in job_of(review):
        plain = script.reader.constants.plain
        minimum = job.made.arguments.get("min_clients")
        wanted = plain(minimum.value) if minimum else None
        for count in _simulated(script, job) if isinstance(wanted, int) and minimum is not None else ():
            if not isinstance(wanted, bool) and isinstance(wanted, int) and wanted > count:
                message = f"min_clients is {wanted}, and the job is simulated with {count} client{'s' * (count != 1)}"
                yield at(script.place(minimum.place if minimum else job.made.site.place), message)


def _simulated(script: ScriptJob, job: JobObject) -> Iterator[int]:
    """The numbers of clients that the script simulates the job with."""
    arguments = [
        site_arguments.get("n_clients")
        for name, site in job.ends
        if name == "simulator_run"
        for site_arguments in (_given(script, site, ("workspace", "n_clients", "clients")),)
    ]
    if job.environment is not None and job.environment.info and job.environment.info.name == "SimEnv":
        given = job.environment.arguments.get("num_clients")
        arguments.append((given, script.reader.constants.plain(given.value)) if given else None)
    for argument in arguments:
        if argument and isinstance(argument[1], int) and not isinstance(argument[1], bool) and argument[1] > 0:
            yield argument[1]
