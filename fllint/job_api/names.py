"""What a script means by a name that it forgot to import."""

from __future__ import annotations

from fllint.catalogue.catalogue import Catalogue


def class_meant(name: str, catalogue: Catalogue) -> str | None:
    """The class of NVFlare that a script means by a name that it forgot to import; None when no class is called so."""
    paths = catalogue.classes_named(name)
    ours = [path for path in paths if catalogue.resolve_once(path) is not None] or list(paths)
    return ours[0] if ours else _JOB_API.get(name)


_JOB_API = {
    "FedJob": "nvflare.job_config.api.FedJob",
    "ScriptRunner": "nvflare.job_config.script_runner.ScriptRunner",
    "SimEnv": "nvflare.recipe.sim_env.SimEnv",
}
