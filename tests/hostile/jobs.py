"""Hostile jobs: each a small sound job with one thing in it that is made to hurt.

``HOSTILE_JOBS`` maps a name to the job: how to make it, and what fllint has to say about it. Those whose harm is in
Python code are in code.py.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SOUND_JOB: Final = Path(__file__).parents[2] / "examples" / "hello-numpy"
META = "meta.json"
SERVER = "app_server/config/config_fed_server.json"
CLIENT = "app_client/config/config_fed_client.json"
SCRIPT = "app_client/custom/train.py"
ENVIRONMENT_SECRET = "only-in-the-environment"
"""The value of the environment variable FLLINT_TEST_SECRET."""
SECRET = "/etc/passwd"
"""A file outside of the job, for those that try to read it."""


@dataclass(frozen=True)
class HostileJob:
    """A job made to hurt.

    Attributes:
        make: changes a sound job in this folder; the returned path, if any, is what to check instead of it.
        says: what the output must have: the code of a finding, or words of a message; ``""`` for a sound job.
    """

    make: Callable[[Path], Path | None]
    says: str


HOSTILE_JOBS: dict[str, HostileJob] = {}


def hostile(says: str) -> Callable[[Callable[[Path], Path | None]], Callable[[Path], Path | None]]:
    """Registers a hostile job under its function's name."""

    def register(make: Callable[[Path], Path | None]) -> Callable[[Path], Path | None]:
        HOSTILE_JOBS[make.__name__.replace("_", " ")] = HostileJob(make, says)
        return make

    return register


def write_hostile_job(name: str, parent: Path) -> Path:
    """Writes a hostile job below a folder and gives the path to check."""
    job = parent / "job"
    shutil.copytree(SOUND_JOB, job, ignore=shutil.ignore_patterns("__pycache__"))
    return HOSTILE_JOBS[name].make(job) or job


def change(job: Path, name: str, edit: Callable[[Any], None]) -> None:
    """Edits one of the JSON files of a job."""
    tree = json.loads((job / name).read_text())
    edit(tree)
    (job / name).write_text(json.dumps(tree, indent=1))


def instead(job: Path, name: str, suffix: str, content: str | bytes) -> None:
    """Puts a file of another format in the place of a JSON file."""
    file = job / name
    file.unlink()
    file.with_suffix(suffix).write_bytes(content if isinstance(content, bytes) else content.encode())


def set_argument(job: Path, argument: str, value: Any) -> None:
    """Gives the executor of the job an argument."""
    change(job, CLIENT, lambda tree: tree["executors"][0]["executor"]["args"].update({argument: value}))


# Zips


def zipped(job: Path, *further: tuple[str, bytes]) -> Path:
    """The job as a zip, with further entries."""
    path = job.parent / "job.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(job.rglob("*")):
            archive.write(file, f"job/{file.relative_to(job).as_posix()}")
        for name, content in further:
            archive.writestr(name, content)
    return path


@hostile("FL004")
def zip_bomb(job: Path) -> Path:
    (job / META).unlink()
    return zipped(job, ("job/meta.json", b" " * 200_000_000))


@hostile("FL010")
def zip_that_leads_out(job: Path) -> Path:
    return zipped(job, ("../../outside.json", b"{}"), ("/etc/absolute.json", b"{}"), ("job/../../x", b""))


@hostile("FL004")
def zip_of_many_files(job: Path) -> Path:
    path = zipped(job)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(50_000):
            archive.writestr(zipfile.ZipInfo(f"job/app_client/custom/x{number}.txt"), b"")
    return path


@hostile("FL004")
def zip_of_deep_folders(job: Path) -> Path:
    return zipped(job, ("job/app_client/custom/" + "d/" * 5_000 + "x.py", b"x = 1\n"))


@hostile("")
def zip_with_the_same_file_twice(job: Path) -> Path:
    return zipped(job, ("job/meta.json", b"{"))


@hostile("not a zip")
def zip_that_is_none(job: Path) -> Path:
    path = job.parent / "job.zip"
    path.write_bytes(b"PK\x03\x04" + os.urandom(100))
    return path


@hostile("")
def zip_cut_off_and_damaged(job: Path) -> Path:
    path = zipped(job)
    content = bytearray(path.read_bytes())
    for position in range(40, 400, 7):
        content[position] ^= 0x5A
    path.write_bytes(content)
    return path


@hostile("zip")
def zip_that_is_a_pipe(job: Path) -> Path:
    os.mkfifo(job.parent / "job.zip")
    return job.parent / "job.zip"


# Configurations


@hostile("FL004")
def brackets_in_json(job: Path) -> None:
    (job / META).write_text("[" * 100_000)


@hostile("FL004")
def closed_brackets_in_json(job: Path) -> None:
    (job / SERVER).write_text('{"a":' * 100_000 + "1" + "}" * 100_000)


@hostile("FL00")
def brackets_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", "[" * 100_000)


@hostile("FL00")
def blocks_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", "- " * 100_000)


@hostile("FL00")
def brackets_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "a = " + "[" * 100_000)


@hostile("FL00")
def braces_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "a {" * 100_000 + "}" * 100_000)


@hostile("FL00")
def dots_in_a_hocon_key(job: Path) -> None:
    instead(job, SERVER, ".conf", ".".join(["a"] * 100_000) + " = 1")


@hostile("FL00")
def substitutions_that_double_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "a0 = [1]\n" + "".join(f"a{n + 1} = ${{a{n}}} ${{a{n}}}\n" for n in range(60)))


@hostile("FL00")
def substitutions_in_a_circle_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "a = ${b}\nb = ${c}\nc = ${a}\n" + "x = ${x} 1\n")


@hostile("FL00")
def concatenations_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "a = " + "x " * 100_000)


@hostile("FL00")
def quotes_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", '"' * 99_999)


@hostile("FL00")
def comments_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "#\n" * 300_000 + "a = ")


@hostile("FL00")
def commas_in_hocon(job: Path) -> None:
    instead(job, SERVER, ".conf", "a = [" + "," * 300_000)


@hostile("FL00")
def aliases_that_double_in_yaml(job: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(9)]
    instead(job, META, ".yml", "\n".join(lines))


@hostile("FL00")
def merge_keys_that_double_in_yaml(job: Path) -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n + 1}: &a{n + 1} {{<<: [{', '.join([f'*a{n}'] * 9)}], k{n}: 1}}" for n in range(12)]
    instead(job, META, ".yml", "\n".join(lines))


@hostile("FL00")
def alias_of_itself_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", "a: &a [*a]\nb: &b {b: *b}\n")


@hostile("FL00")
def tags_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", '!!python/object/apply:os.system ["touch /tmp/owned"]\n')


@hostile("FL00")
def interpolations_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", "a0: x\n" + "".join(f"a{n + 1}: ${{a{n}}}${{a{n}}}\n" for n in range(60)))


@hostile("FL00")
def nested_interpolations_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", "a: " + "${" * 50_000 + "a" + "}" * 50_000)


@hostile("")
def environment_in_yaml(job: Path) -> None:
    instead(job, META, ".yml", "name: ${oc.env:FLLINT_TEST_SECRET}\nmin_clients: ${oc.decode:'1'}\n")


@hostile("FL004")
def line_of_ten_megabytes(job: Path) -> None:
    (job / META).write_text('{"name": "' + "x" * 10_000_000 + '"}')


@hostile("")
def line_of_almost_a_megabyte(job: Path) -> None:
    change(job, META, lambda tree: tree.update(name="x" * 990_000, nmae="y"))


@hostile("FL004")
def python_file_of_ten_megabytes(job: Path) -> None:
    (job / SCRIPT).write_text("x = '" + "x" * 10_000_000 + "'\n")


@hostile("FL002")
def nul_in_json(job: Path) -> None:
    (job / META).write_bytes((job / META).read_bytes() + b"\0")


@hostile("FL002")
def invalid_utf_8(job: Path) -> None:
    (job / META).write_bytes((job / META).read_bytes().replace(b"hello", b"hell\xff"))


@hostile("FL002")
def utf_16(job: Path) -> None:
    (job / SERVER).write_bytes((job / SERVER).read_text().encode("utf-16"))


@hostile("FL")
def lone_surrogates(job: Path) -> None:
    change(job, META, lambda tree: tree.update(name="\ud800", deploy_map={"\udfff": ["\ud83d"]}))


@hostile("FL004")
def huge_integer(job: Path) -> None:
    (job / META).write_text((job / META).read_text().replace('"min_clients": 2', '"min_clients": ' + "9" * 100_000))


@hostile("FL")
def large_integers(job: Path) -> None:
    change(job, META, lambda tree: tree.update(min_clients=10**4000))
    change(job, SERVER, lambda tree: tree["workflows"][0]["args"].update(num_rounds=-(10**4000), num_clients=1e308))


@hostile("FL")
def numbers_that_are_none(job: Path) -> None:
    (job / META).write_text((job / META).read_text().replace('"min_clients": 2', '"min_clients": NaN, "x": -Infinity'))


@hostile("FL")
def chain_of_variables(job: Path) -> None:
    def chain(tree: Any) -> None:
        tree.update({f"v{n}": f"{{v{n + 1}}}" for n in range(20_000)})
        tree["executors"][0]["executor"]["args"]["task_script_path"] = "{v0}"

    change(job, CLIENT, chain)


@hostile("FL")
def variables_that_double(job: Path) -> None:
    def double(tree: Any) -> None:
        tree.update({f"v{n}": f"{{v{n + 1}}}{{v{n + 1}}}" for n in range(60)}, v60="xx")
        tree["executors"][0]["executor"]["args"]["task_script_path"] = "{v0}"

    change(job, CLIENT, double)


@hostile("FL")
def variables_in_a_circle(job: Path) -> None:
    def circle(tree: Any) -> None:
        tree.update(a="{b}", b="{c}{a}", c="{a}{b}")
        tree["executors"][0]["executor"]["args"]["task_script_path"] = "{a}"

    change(job, CLIENT, circle)


@hostile("FL")
def braces_in_a_value(job: Path) -> None:
    set_argument(job, "task_script_args", "{" * 100_000 + "a" + "}" * 100_000)


@hostile("FL")
def names_of_a_hundred_kilobytes(job: Path) -> None:
    def long_names(tree: Any) -> None:
        tree["workflows"][0]["path"] += "x" * 100_000
        tree["workflows"][0]["args"]["persistor_id"] = "persistor" * 10_000
        tree["components"][0]["id"] = "persisto" * 10_000
        tree["components"][0]["args"]["m" * 100_000] = 1
        tree["components"][1]["path"] = "nvflare." + "a." * 50_000 + "B"

    change(job, SERVER, long_names)
    change(job, META, lambda tree: tree["deploy_map"].update({"app" * 33_000: ["site" * 25_000]}))


@hostile("FL")
def many_unknown_classes(job: Path) -> None:
    paths = [f"nvflare.app_common.workflows.fedavg.FedAvgg{n}" for n in range(3_000)]
    paths += [f"nvflare.app_comon.x{n}.ScatterAndGather{n}" for n in range(3_000)]
    change(job, SERVER, lambda tree: tree["components"].extend({"id": p[-9:], "path": p, "args": {}} for p in paths))


@hostile("FL")
def many_unknown_arguments(job: Path) -> None:
    arguments = {f"num_rounds_{n}": n for n in range(10_000)}
    change(job, SERVER, lambda tree: tree["workflows"][0]["args"].update(arguments))


@hostile("FL")
def merges_in_merges_in_yaml(job: Path) -> None:
    text = "&a0 {k: 1}"
    for n in range(20):
        text = f"&a{n + 1} {{<<: [{text}, {', '.join([f'*a{n}'] * 5)}], k{n}: 1}}"
    instead(job, META, ".yml", f"x: {text}\n")


@hostile("FL")
def many_near_names(job: Path) -> None:
    def many(tree: Any) -> None:
        tree["components"] += [
            {"id": f"component_{n:0150}", "path": tree["components"][1]["path"]} for n in range(2_000)
        ]
        tree["workflows"] *= 300
        tree["workflows"] = [{**each, "id": f"w{n}"} for n, each in enumerate(tree["workflows"])]
        for n, workflow in enumerate(tree["workflows"]):
            workflow["args"] = {**workflow["args"], "persistor_id": f"component_{n:0149}x"}

    change(job, SERVER, many)


@hostile("")
def many_sites(job: Path) -> None:
    sites = [f"site-{number}" for number in range(40_000)]
    change(job, META, lambda tree: tree["deploy_map"].update(app_client=sites))


@hostile("FL")
def many_apps_in_the_deploy_map(job: Path) -> None:
    change(job, META, lambda tree: tree["deploy_map"].update({f"app{n}": [f"site-{n}"] for n in range(10_000)}))


@hostile("FL")
def many_tasks(job: Path) -> None:
    def many(tree: Any) -> None:
        executor = tree["executors"][0]["executor"]
        tree["executors"] = [{"tasks": [f"t{n}*", "*", f"x{'*' * 40}{n}"], "executor": executor} for n in range(1_000)]
        tree["task_data_filters"] = [{"tasks": [f"t{n}?*" * 10], "filters": []} for n in range(1_000)]

    change(job, CLIENT, many)


@hostile("FL")
def class_paths_of_every_kind(job: Path) -> None:
    paths: list[Any] = ["", ".", "..", "a..b", ".a", "a.", "/etc/passwd", "../x.Y", "\0.A", "os.system", "é.Ü", "a b.C"]
    paths += [None, 1, [], {}, "train.\ud800", "__main__.X", "nvflare", "builtins.eval", "a\n.B", "-" * 1_000]
    change(job, SERVER, lambda tree: tree["components"].extend({"id": f"i{n}", "path": p} for n, p in enumerate(paths)))


@hostile("FL")
def values_of_wrong_types_everywhere(job: Path) -> None:
    change(job, META, lambda tree: tree.update(name=[], min_clients={}, deploy_map=[[]], resource_spec=0, x={"": None}))
    change(
        job, SERVER, lambda tree: tree.update(workflows={}, components=[[], 1, None, {"args": []}], format_version=[])
    )
    change(job, CLIENT, lambda tree: tree.update(executors=[{"tasks": {}, "executor": []}, 1], task_data_filters=1))


@hostile("FL")
def text_that_steers_terminals(job: Path) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\r\n::error::x\u202e\u2028]]>"
    change(job, META, lambda tree: tree.update(name=evil, deploy_map={evil: [evil]}, **{evil: evil}))


# HOCON that reads elsewhere

INCLUDES: Final = {
    "url": 'include url("http://127.0.0.1:9/x.conf")',
    "url of a file": 'include url("file:///etc/passwd")',
    "absolute": 'include "/etc/passwd"',
    "file": 'include file("/etc/passwd")',
    "required": 'include required(file("/etc/passwd"))',
    "upwards": 'include "../../../../../../etc/passwd"',
    "package": 'include package("os:os.py")',
    "several": 'include "/etc/*"',
    "home": 'include "~/.bashrc"',
    "scheme": 'include "https://127.0.0.1:9/x"',
    "escaped": 'include "\\u002fetc/passwd"',
}


def _including(line: str) -> Callable[[Path], None]:
    def make(job: Path) -> None:
        instead(job, SERVER, ".conf", f"format_version = 2\nworkflows = []\ncomponents = []\n{line}\n")

    return make


for _name, _line in INCLUDES.items():
    HOSTILE_JOBS[f"HOCON include: {_name}"] = HostileJob(_including(_line), "FL00")


@hostile("FL00")
def include_of_a_link_out(job: Path) -> None:
    _including('include "linked.conf"')(job)
    (job / "app_server/config/linked.conf").symlink_to(SECRET)


@hostile("FL00")
def include_of_itself(job: Path) -> None:
    _including('include "config_fed_server.conf"')(job)


@hostile("FL00")
def includes_that_double(job: Path) -> None:
    _including('include "x0.conf"')(job)
    for number in range(40):
        (job / f"app_server/config/x{number}.conf").write_text(f'include "x{number + 1}.conf"\n' * 2)


@hostile("")
def environment_in_hocon(job: Path) -> None:
    _including("x = ${FLLINT_TEST_SECRET}\ny = ${?FLLINT_TEST_SECRET}\ncomponents = [{id = 1, path = ${x}}]")(job)


# Files


@hostile("FL009")
def links_in_a_circle(job: Path) -> None:
    (job / "app_client/custom/a.py").symlink_to("b.py")
    (job / "app_client/custom/b.py").symlink_to("a.py")
    (job / "app_client/custom/again").symlink_to("..")


@hostile("FL009")
def link_to_itself_as_config(job: Path) -> None:
    (job / SERVER).unlink()
    (job / SERVER).symlink_to("config_fed_server.json")


@hostile("FL009")
def links_out_of_the_job(job: Path) -> None:
    (job / SCRIPT).unlink()
    (job / SCRIPT).symlink_to(SECRET)
    (job / "app_client/custom/etc").symlink_to("/etc")
    (job / "app_client/custom/zero.py").symlink_to("/dev/zero")


@hostile("FL009")
def meta_that_is_a_link_out(job: Path) -> None:
    (job / META).unlink()
    (job / META).symlink_to(SECRET)


@hostile("FL")
def meta_that_is_a_device(job: Path) -> None:
    (job / META).unlink()
    (job / META).symlink_to("/dev/zero")


@hostile("FL009")
def app_that_is_a_link_out(job: Path) -> None:
    outside = job.parent / "outside"
    (job / "app_client").rename(outside)
    (job / "app_client").symlink_to(outside)


@hostile("FL010")
def pipes(job: Path) -> None:
    os.mkfifo(job / "app_client/custom/pipe.py")
    (job / SERVER).unlink()
    os.mkfifo(job / SERVER)
    (job / SCRIPT).unlink()
    os.mkfifo(job / SCRIPT)


@hostile("FL0")
def meta_that_is_a_pipe(job: Path) -> None:
    (job / META).unlink()
    os.mkfifo(job / META)


@hostile("FL010")
def sockets(job: Path) -> None:
    here = os.getcwd()
    os.chdir(job)  # the name of a socket may have 107 bytes only
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("app_client/custom/socket.py")
    finally:
        os.chdir(here)


@hostile("FL")
def folders_where_files_should_be(job: Path) -> None:
    for name in (META, SERVER, SCRIPT):
        (job / name).unlink()
        (job / name).mkdir()


@hostile("FL")
def names_with_escapes(job: Path) -> None:
    (job / "app_client/custom/\x1b[2Jevil\n::error::x\r.py").write_text("x = (")
    (job / "app\n\x1b]0;t\x07" / "config").mkdir(parents=True)
    (job / "app\n\x1b]0;t\x07" / "config" / "config_fed_server.json").write_text("{")


@hostile("FL")
def names_that_are_no_text(job: Path) -> None:
    folder = os.fsencode(job / "app_client/custom")
    with open(folder + b"/\xff\xfe.py", "wb") as file:
        file.write(b"x = (")
    os.makedirs(os.fsencode(job) + b"/app\xff/config")
    with open(os.fsencode(job) + b"/app\xff/config/config_fed_server.json", "wb") as file:
        file.write(b"{")


@hostile("FL004")
def many_files(job: Path) -> None:
    for number in range(50_000):
        os.mknod(job / f"app_client/custom/x{number}.py")


@hostile("FL004")
def many_modules(job: Path) -> None:
    (job / SCRIPT).write_text("".join(f"import m{n}\n" for n in range(6_000)) + (job / SCRIPT).read_text())
    for number in range(6_000):
        (job / f"app_client/custom/m{number}.py").write_text(f"import m{number + 1}\nfrom m{number + 1} import *\n")


@hostile("FL004")
def deep_folders(job: Path) -> None:
    folder = os.open(job / "app_client/custom", os.O_RDONLY)
    for _ in range(600):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)


@hostile("no job")
def deep_folders_without_a_job(job: Path) -> Path:
    deep_folders(job)
    (job / "app_client" / "custom" / "d").rename(job.parent / "deep")
    return job.parent / "deep"


@hostile("FL")
def many_apps(job: Path) -> None:
    for number in range(1_000):
        shutil.copytree(job / "app_server", job / f"app{number}")


@hostile("")
def requirements_of_newlines(job: Path) -> None:
    (job.parent / "requirements.txt").write_text("\n" * 199_000)
    (job / "requirements.txt").write_text(" -'\"" * 49_000)


@hostile("")
def requirements_that_are_special(job: Path) -> None:
    os.mkfifo(job / "requirements.txt")
    (job / "requirements-zero.txt").symlink_to("/dev/zero")


# Settings

SETTINGS: Final[dict[str, str | bytes]] = {
    "brackets": "select = " + "[" * 100_000,
    "extend of a device": 'extend = "/dev/zero"',
    "extend of a secret": f'extend = "{SECRET}"',
    "extend of itself": 'extend = "fllint.toml"',
    "ten megabytes": "# " + "x" * 10_000_000,
    "bytes": b"\xff\xfe\0",
    "globs": 'exclude = ["' + "**/*a" * 40 + '"]',
    "many globs": "exclude = " + json.dumps(["**/" + "*a" * 30] * 500),
    "codes": "ignore = " + json.dumps(["x" * 100_000]),
    "pointers": '[[suppressions]]\npath = "**"\npointer = "' + "/**" * 30 + '/x"\ncode = "FL"\nreason = "x"',
}


def _with_settings(content: str | bytes) -> Callable[[Path], None]:
    def make(job: Path) -> None:
        (job / "fllint.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
        change(job, SERVER, lambda tree: tree["components"].append({"id": "a" * 200, "path": "x"}))

    return make


for _name, _content in SETTINGS.items():
    HOSTILE_JOBS[f"settings: {_name}"] = HostileJob(_with_settings(_content), "l")


@hostile("")
def settings_that_are_a_pipe(job: Path) -> None:
    os.mkfifo(job / "fllint.toml")


@hostile("l")
def settings_that_are_a_device(job: Path) -> None:
    (job / "fllint.toml").symlink_to("/dev/zero")
