"""The job that is known of a script is the one that NVFlare exports: sites, class paths, arguments, files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fllint.catalogue.catalogue import Catalogue
from fllint.documents.tree import UNKNOWN
from fllint.job.scripts import ScriptFiles
from fllint.job_api.script_job import read_script_job
from tests.differential.judges import existing_judges, judge_python
from tests.job_api.scripts import ALL, SITES, write

EXPORTED = {"SITES": SITES.replace("simulator_run(", "export_job("), "ALL": ALL}


@pytest.mark.parametrize("release", ["2.5", "2.7", "2.9"])
@pytest.mark.parametrize("name", EXPORTED)
def test_the_export_is_what_is_known_of_the_script(tmp_path: Path, name: str, release: str) -> None:
    if release not in existing_judges():
        pytest.skip(f"NO JUDGE for NVFlare {release}: python tests/differential/judges.py {release}")
    text = EXPORTED[name].replace('"/tmp/work"', '"out"').replace('"/tmp/jobs"', '"out"')
    script = write(tmp_path, text)
    subprocess.run(
        [judge_python(release), "-B", script.name], cwd=tmp_path, check=True, capture_output=True, timeout=60
    )
    job = read_script_job(ScriptFiles(script, script.name), Catalogue.load(release))
    root = tmp_path / "out" / job.name
    meta = job.meta.root
    assert meta is not None
    documents = {"meta.json": meta.value}
    documents |= {config.name: config.root.value for app in job.apps for config in app.configs if config.root}
    for path, known in documents.items():
        differences = list(_differences(known, json.loads((root / path).read_text("utf-8")), path))
        assert not differences
    exported = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {path for path, entry in job.files.entries.items() if entry.kind.value == "file"} == exported


def _differences(known: object, exported: object, where: str) -> Iterator[str]:
    """Where a value that is known is not the exported one. Arguments that only one of the two has do not count: the
    export leaves out defaults, and adds what it derives."""
    if known is UNKNOWN:
        return
    if isinstance(known, dict) and isinstance(exported, dict):
        for key in known.keys() & exported.keys():
            yield from _differences(known[key], exported[key], f"{where}/{key}")
        if "args" not in where:
            yield from (f"{where}/{key}" for key in known.keys() ^ exported.keys() if key != "resource_spec")
    elif isinstance(known, list) and isinstance(exported, list):
        if len(known) != len(exported):
            yield f"{where}: {known} {exported}"
        for number, (one, other) in enumerate(zip(known, exported, strict=False)):
            yield from _differences(one, other, f"{where}/{number}")
    elif known != exported:
        yield f"{where}: {known!r} {exported!r}"
