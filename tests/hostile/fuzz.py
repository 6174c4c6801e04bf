"""Coverage-guided fuzzing of the readers and of whole checks, with atheris (``pip install atheris``).

``python -m tests.hostile.fuzz FOLDER -runs=100000`` keeps its corpus in FOLDER and stops at the first input that makes
fllint fail; ``python -m tests.hostile.fuzz FILE`` runs one input again. All options are libFuzzer's.

An input's first byte says what is fuzzed; the rest is the text: a JSON, HOCON or YAML document, Python code (as a
script and as a module with a class), or a document as part of a job that all rules check.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Any

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # only where somebody fuzzes

with atheris.instrument_imports(include=["fllint"]):
    for package in ("documents", "job", "python", "scripts", "rules"):
        path = importlib.import_module(f"fllint.{package}").__path__
        for module in pkgutil.iter_modules(path, f"fllint.{package}."):
            importlib.import_module(module.name)  # most are imported late, and only what is imported here is guided
    from fllint.comments import Language, ignore_comments
    from fllint.documents.document import Format
    from fllint.documents.load import load_document
    from fllint.documents.tree import Source
    from fllint.job.variables import VariableRules, resolve_variables
    from fllint.python.resolve import PythonPath
    from fllint.python.sources import CustomCode
    from fllint.scripts.arguments import check_arguments, read_parser, split_like_nvflare
    from fllint.scripts.client_api import missing_init, missing_send, not_in_loop, read_client_api
    from fllint.scripts.script_imports import imports_of
    from tests.hostile.in_memory import SOUND, checked

from fllint.documents.tree import Mapping
from tests.differential.rendering import RENDERERS
from tests.hostile.jobs import CLIENT, META, SCRIPT, SERVER

FORMATS = (Format.JSON, Format.HOCON, Format.YAML)
SUFFIXES = (".json", ".conf", ".yml")
FILES = (META, SERVER, CLIENT)
WHOLE_JOBS = 228
"""First bytes from here on check a whole job, which takes twenty times as long."""


def read_one_document(format: Format, content: bytes) -> None:
    document = load_document(content, path="x", name="x", format=format, release="2.9", read_include=lambda _: content)
    for problem in document.problems:
        span = problem.place.span
        assert 0 <= span.start <= span.end <= len(problem.place.source.text), problem
    if isinstance(document.root, Mapping):
        for node in document.root.walk():
            assert 0 <= node.span.start <= node.span.end <= len(node.source.text), node
        resolve_variables(document.root, {"JOB_ID": "x"}, VariableRules(secrets=True))
    for language in Language:
        ignore_comments(document.source, language)


def read_code(content: bytes) -> None:
    PythonPath(None, CustomCode({"m.py": content})).resolve("m.A")
    text = Source("x", "x", content.decode("utf-8", "replace")).text
    model = read_parser(text, module_text=lambda _: text)
    check_arguments(model, split_like_nvflare(text[:200]).tokens)
    use = read_client_api(text, lambda _: text)
    missing_send(use), missing_init(use), not_in_loop(use)
    imports_of(text)


def check_job(choice: int, content: bytes) -> None:
    file = FILES[choice % 3]
    suffix = SUFFIXES[choice // 3 % 3]
    contents = {name: text for name, text in SOUND.items() if name != file}
    contents[file.replace(".json", suffix)] = content
    if choice % 4 == 3:
        contents = {**SOUND, SCRIPT: content}
    checked(contents, ("2.4", "2.7", "2.9")[choice // 9 % 3])


def run_input(data: bytes) -> None:
    kind, content = (data[0] if data else 0), data[1:]
    if kind < 120:
        read_one_document(FORMATS[kind % 3], content)
    elif kind < WHOLE_JOBS:
        read_code(content)
    else:
        check_job(kind - WHOLE_JOBS, content)


def seeds(folder: Path) -> None:
    """The files of a sound job, in all formats, as the first inputs."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in SOUND.items():
        texts = [content.decode()]
        if name != SCRIPT:
            texts = [RENDERERS[each](json.loads(content)) for each in RENDERERS]
        for number, text in enumerate(texts):
            kinds = (number, WHOLE_JOBS + FILES.index(name) + 3 * number) if name != SCRIPT else (120, WHOLE_JOBS + 3)
            for kind in kinds:
                path = folder / f"seed-{Path(name).stem}-{number}-{kind}"
                path.write_bytes(bytes([kind]) + text.encode())


def main() -> None:
    arguments: list[Any] = sys.argv
    if len(arguments) > 1 and not arguments[1].startswith("-") and not Path(arguments[1]).is_file():
        seeds(Path(arguments[1]))
    atheris.Setup(arguments, run_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
