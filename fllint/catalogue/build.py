"""Makes the catalogue of an NVFlare release from its wheel, without importing it.

    python -m fllint.catalogue.build 2.9.0 [--wheel FILE] [--out DIR]

The wheel is fetched with ``pip download`` unless it is given. The results are ``<minor>.json`` (classes of components),
``<minor>-others.json.gz`` (other classes), ``<minor>-names.json.gz`` (modules and the names in them),
``<minor>-jobs.json.gz`` (the code that makes jobs) and ``<minor>-members.json.gz`` (the attributes of instances), the
last four needed less often. They are the same for the same wheel, with one line per module and class, so that releases
can be compared with ``diff``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from fllint.catalogue.job_api_sources import job_api_sources
from fllint.catalogue.kinds import KINDS
from fllint.catalogue.release import Release
from fllint.catalogue.requirements import required_packages
from fllint.catalogue.short_names import short_names
from fllint.python.sources import CustomCode

DATA = Path(__file__).parent / "data"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m fllint.catalogue.build", description=__doc__)
    parser.add_argument("version", help="a released version of nvflare, such as 2.9.0")
    parser.add_argument("--wheel", type=Path, help="the wheel, when it is already there")
    parser.add_argument("--out", type=Path, default=DATA, help="folder of the result (default: the package's own)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        wheel = options.wheel or download(options.version, Path(folder))
        for name, text in catalogue_texts(options.version, wheel).items():
            target = options.out / name
            target.write_bytes(stored(name, text))
            print(f"{target}: {target.stat().st_size} bytes")
    return 0


def minor(version: str) -> str:
    """``2.9`` for ``2.9.0``."""
    return ".".join(version.split(".")[:2])


def download(version: str, folder: Path) -> Path:
    """The wheel of a version, fetched with pip into a folder.

    Raises:
        subprocess.CalledProcessError: when pip cannot get it.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        f"nvflare=={version}",
    ]
    subprocess.run(command, check=True)
    return next(folder.glob("nvflare-*.whl"))


def catalogue_texts(version: str, wheel: Path) -> dict[str, str]:
    """The texts of the catalogue files of a release, by file name."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".py") and name.startswith("nvflare/")]
        sources = CustomCode.lazily(tuple(names), archive.read)
        release = Release(version, sources)
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        table = "nvflare/fuel/utils/component_classes.json"
        static_table = json.loads(archive.read(table)) if table in archive.namelist() else None
        content: dict[str, Any] = {
            "release": minor(version),
            "version": version,
            "requires": required_packages(archive.read(metadata).decode()),
            "kinds": {kind: path for kind, path in KINDS[minor(version)].items() if path in release.infos},
            "allow_list": release.allow_list(),
            "short_names": short_names(minor(version), static_table, release),
            "classes": release.classes(components=True),
        }
        others: dict[str, Any] = {"classes": release.classes(components=False)}
        names_content: dict[str, Any] = {
            "modules": release.modules(),
            "functions": release.functions(),
            "signatures": release.signatures(),
        }
        texts = {
            ".json": content,
            "-others.json.gz": others,
            "-names.json.gz": names_content,
            "-jobs.json.gz": {"modules": job_api_sources(names, archive.read)},
            "-members.json.gz": {"classes": release.members()},
        }
    return {f"{minor(version)}{suffix}": written(part) for suffix, part in texts.items()}


def stored(name: str, text: str) -> bytes:
    """What a file of the catalogue holds: the text, compressed where the name says so (the same for the same text)."""
    return gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode()


def written(content: dict[str, Any]) -> str:
    """JSON with one line per entry of each table."""
    parts = []
    for key, value in content.items():
        if isinstance(value, dict) and value:
            lines = [f"  {json.dumps(name)}: {_compact(entry)}" for name, entry in sorted(value.items())]
            parts.append(f"{json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n}")
        elif isinstance(value, list) and value:
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(f"  {_compact(entry)}" for entry in value) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
