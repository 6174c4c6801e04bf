"""Hostile Python code in jobs: classes, scripts and their command lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.hostile.jobs import CLIENT, HOSTILE_JOBS, SCRIPT, HostileJob, change, set_argument

ARGPARSE = "import argparse\nimport nvflare.client as flare\np = argparse.ArgumentParser()\n"
EXECUTOR = "from nvflare.apis.executor import Executor\n"


def a_class(body: str, before: str = "") -> str:
    """An executor with a constructor."""
    return (
        f"{EXECUTOR}{before}class A(Executor):\n def __init__(self, a=1):\n{body}\n"
        " def execute(self, task_name, shareable, fl_ctx, abort_signal):\n  return self.a\n"
    )


def nested(head: str, depth: int, last: str, first: int = 0) -> str:
    """Statements in each other; ``{}`` in the head becomes the level."""
    lines = [" " * (first + level) + head.format(level) for level in range(depth)]
    return "\n".join([*lines, " " * (first + depth) + last])


SCRIPTS: Final[dict[str, str | bytes]] = {
    "brackets": "x = " + "(" * 100_000,
    "minuses": "x = " + "-" * 20_000 + "1",
    "nots": "x = " + "not " * 20_000 + "1",
    "long sum": ARGPARSE + "x = " + "+".join(["1"] * 100_000),
    "long chain": ARGPARSE + "x = a" + ".b" * 50_000 + "()" * 50_000,
    "long elif": ARGPARSE + "if a: pass\n" + "".join(f"elif a == {n}: pass\n" for n in range(20_000)),
    "f-strings": ARGPARSE + "x = f'" + "{a}" * 100_000 + "'",
    "megabytes of dictionary": ARGPARSE + "x = {" + "'a': 1," * 50_000 + "}",
    "many options": ARGPARSE + "".join(f"p.add_argument('--o{n}', '--oo{n}')\n" for n in range(10_000)),
    "many parsers": "import argparse\n"
    + "".join(f"p{n} = argparse.ArgumentParser(parents=[])\n" for n in range(9_000)),
    "parents": ARGPARSE
    + "p.add_argument('--x0')\n"
    + "".join(
        f"p = argparse.ArgumentParser(parents=[p, p], conflict_handler='resolve')\np.add_argument('--x{n}')\n"
        for n in range(3_000)
    )
    + "p.parse_args()",
    "loops": ARGPARSE + nested("for i{} in range(1000):", 19, "p.add_argument(f'--x{i0}{i1}{i2}')"),
    "comprehensions": ARGPARSE
    + "x = ["
    + " ".join(["1", *(f"for i{n} in range(10 ** 9)" for n in range(19))])
    + "]\np.parse_args()",
    "doubling": ARGPARSE
    + "a = 'x'\nb = [1]\n"
    + "a = a + a\nb = b + b\nb = [b, b]\n" * 100
    + "p.add_argument(a, choices=b)",
    "powers": ARGPARSE
    + "a = 9 ** 9 ** 9 ** 9\nb = 1 << (1 << 60)\nc = 'x' * 10 ** 12\nd = [0] * 10 ** 12\nf'{1:>{10**11}}'",
    "formats": ARGPARSE
    + "a = '%1000000000d' % 1\nb = '{:1000000000}'.format(1)\nc = 'x'.ljust(10**11)\np.add_argument(a + b + c)",
    "functions": ARGPARSE
    + "".join(f"def f{n}(x):\n    return f{n + 1}(f{n + 1}(x))\n" for n in range(500))
    + "def f500(x): return x\np.add_argument(f0('--x'))\np.parse_args()",
    "recursion": ARGPARSE
    + "def f(p):\n    p.add_argument('--x')\n    f(p)\n    g(p)\ndef g(p):\n    f(p)\n    g(p)\nf(p)",
    "ranges": ARGPARSE + "p.add_argument('--steps', type=int, choices=range(10 ** 18))\n"
    "p.add_argument('--l', choices=list(range(10 ** 9)))\np.parse_args()",
    "nargs": ARGPARSE
    + "".join(f"p.add_argument('p{n}', nargs='*')\np.add_argument('q{n}', nargs='?')\n" for n in range(300))
    + "p.add_argument('z', nargs=10 ** 9)\np.parse_args()",
    "prefixes": ARGPARSE + "".join(f"p.add_argument('--{'s' * n}')\n" for n in range(1, 950)) + "p.parse_args()",
    "subparsers": ARGPARSE
    + "s = p.add_subparsers()\n"
    + "".join(f"q = s.add_parser('a{n}')\ns = q.add_subparsers()\nq.add_argument('--x{n}')\n" for n in range(5_000))
    + "p.parse_args()",
    "branches": ARGPARSE
    + "".join(f"if u{n}:\n    p.add_argument('--x{n}')\n" for n in range(10_000))
    + "p.parse_args()",
    "tries": ARGPARSE
    + nested(
        "try:",
        18,
        "p.add_argument('--x')\n" + "".join(" " * n + "finally: flare.send(1)\n" for n in reversed(range(18))),
    ),
    "client API in loops": ARGPARSE
    + nested("while flare.is_running():", 19, "flare.receive(); flare.send(flare.init())"),
    "client API everywhere": ARGPARSE
    + "flare.init()\n"
    + "while flare.is_running():\n    flare.send(flare.receive())\n" * 7_500,
    "matches": ARGPARSE + "match x:\n" + "".join(f"    case [{n}, *_]: flare.init()\n" for n in range(13_000)),
    "lambdas": ARGPARSE + "f = " + "lambda x: " * 90 + "x\n" + "x = f" + "(f)" * 5_000,
    "decorators": ARGPARSE + "@f\n" * 50_000 + "def g(): pass\n",
    "assignments": ARGPARSE + "a = b = " + "c = " * 25_000 + "p\n" + "a, b = b, a\n" * 25_000,
    "star imports of itself": "from train import *\n" * 5_000 + "import train as flare\nflare.init()\n",
    "nul": b"x = 1\0\n",
    "latin-1": "x = 'é'\n".encode("latin-1"),
    "utf-16": "x = 1\n".encode("utf-16"),
    "unknown coding": b"# -*- coding: rot13 -*-\nvzcbeg bf\n",
    "utf-7": b"# coding: utf-7\nx = '+AGE-'\n",
    "surrogates": b"x = '\xed\xa0\x80'\n",
    "carriage returns": b"import argparse\r" * 30_000,
    "form feeds": b"\x0c" * 480_000 + b"x = 1",
    "backslashes": b"x = 1 + \\\n" * 48_000,
    "comments": b"# fllint: ignore[" * 28_000,
    "lines of comments": b"# fllint: ignore[FL001] x\n" * 18_000,
    "many comments": b"x = 1  # fllint: ignore[FL001, FL002] x\n" * 10_500,
    "an open string": b"'''" + b"a\n" * 240_000,
    "writes on import": b"open('/tmp/owned-by-a-job', 'w').write('x')\n"
    b"import os\nos.system('touch /tmp/owned-by-a-job')\n",
}
"""Texts of the script that the job's executor runs."""

CLASSES: Final = {
    "checks": a_class("".join(f"  if a == {n}:\n   raise ValueError('{n}')\n" for n in range(10_000))),
    "deep checks": a_class(nested("if a == {}:", 90, "raise ValueError()", 2)),
    "large numbers": a_class("  if a ** 10 ** 9 ** 9:\n   raise ValueError('x' * a ** 10 ** 12)"),
    "loops": a_class(nested("for x{} in range(a):", 18, "raise ValueError()", 2)),
    "methods": EXECUTOR
    + "class A(Executor):\n"
    + "".join(
        f" def m{n}(self, x):\n  self.m{n + 1}(self.m{n + 2}(x))\n  return self.m{n + 3}(x)\n" for n in range(5_000)
    ),
    "bases": EXECUTOR
    + "".join(f"class A{n}({f'A{n - 1}' if n else 'Executor'}): pass\n" for n in range(14_000))
    + "class A(A13999): pass\n",
    "diamonds": EXECUTOR
    + "class L0(Executor): pass\nclass R0(Executor): pass\n"
    + "".join(f"class L{n + 1}(L{n}, R{n}): pass\nclass R{n + 1}(L{n}, R{n}): pass\n" for n in range(200))
    + "class A(L200, R199): pass\n",
    "bases that call": EXECUTOR
    + "".join(
        f"class A{n}({f'A{n - 1}' if n else 'Executor'}):\n def m(self): self.fire_event(1, 2, 3, 4); self.foo()\n"
        for n in range(4_000)
    )
    + "class A(A3999): pass\n",
    "results": EXECUTOR
    + "from nvflare.apis.dxo import DXO\nclass A(Executor):\n def execute(self, *a):\n"
    + "".join(f"  x{n} = DXO(1)\n  if a: return x{n}\n" for n in range(4_000)),
    "bases in a circle": "class A(B): pass\nclass B(A): pass\nA = B\nB = A\n",
    "metaclass": EXECUTOR
    + "class M(type):\n def __call__(self, *a): raise SystemExit\nclass A(Executor, metaclass=M): pass\n",
    "many words": a_class("".join(f"  self.x{n} = self._check_x{n}(a, {n})\n" for n in range(10_000))),
    "long names": a_class(f"  self.{'a' * 230_000} = {'b' * 230_000}"),
    "calls": a_class("  x = " + "f(" * 90 + "a" + ")" * 90, "def f(x): return g(g(x))\ndef g(x): return f(f(x))\n"),
    "expressions": a_class("  self.a = " + "+".join(["a if a else self.a"] * 20_000)),
    "regular expression": a_class(
        "  import re\n  if not re.fullmatch('(a+)+b', a): raise ValueError()\n"
        "  if not re.match(r'(x*)*y', a): raise ValueError()"
    ),
}
"""Texts of ``custom/net.py``, whose class ``A`` is the job's executor; its argument is 40 times ``a``."""


def _script(text: str | bytes) -> Callable[[Path], None]:
    def make(job: Path) -> None:
        (job / SCRIPT).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))

    return make


def _class(text: str) -> Callable[[Path], None]:
    def make(job: Path) -> None:
        (job / SCRIPT).with_name("net.py").write_text(text)
        change(
            job,
            CLIENT,
            lambda tree: tree["executors"][0].update(executor={"path": "net.A", "args": {"a": "a" * 40}}),
        )

    return make


def _command_line(arguments: str) -> Callable[[Path], None]:
    def make(job: Path) -> None:
        set_argument(job, "task_script_args", arguments)

    return make


COMMAND_LINES: Final = {
    "many words": "--steps 1 " * 50_000,
    "quotes": "'" * 99_999 + '"' * 9_999,
    "backslashes": "\\" * 99_999,
    "long option": "--" + "steps" * 50_000,
    "braces": "--steps {" + "x" * 100_000,
}

for _name, _text in SCRIPTS.items():
    HOSTILE_JOBS[f"script: {_name}"] = HostileJob(_script(_text), "")
for _name, _text in CLASSES.items():
    HOSTILE_JOBS[f"class: {_name}"] = HostileJob(_class(_text), "")
for _name, _text in COMMAND_LINES.items():
    HOSTILE_JOBS[f"command line: {_name}"] = HostileJob(_command_line(_text), "")

JOB_API: Final = (
    "from nvflare.job_config.api import FedJob\nfrom nvflare.app_common.workflows.fedavg import FedAvg\n"
    "from nvflare.job_config.script_runner import ScriptRunner\njob = FedJob(name='x')\n"
)
JOB_SCRIPTS: Final[dict[str, str | bytes]] = {
    "brackets": JOB_API + "x = " + "(" * 100_000,
    "minuses": JOB_API + "x = " + "-" * 20_000 + "1",
    "nul": JOB_API.encode() + b"\0",
    "many components": JOB_API + "".join(f"job.to_server(FedAvg(num_clients={n}), id='x{n}')\n" for n in range(200)),
    "many sites": JOB_API
    + "for n in range(10 ** 9):\n    job.to(ScriptRunner(script='x.py'), f'site-{n}')\n"
    + "job.simulator_run('/tmp/owned-by-a-job')\n",
    "nested loops": JOB_API + nested("for i{} in range(1000):", 19, "job.to(FedAvg(num_clients=1), f'{i0}{i1}')"),
    "recursion": JOB_API + "def f(job):\n    f(job)\n    g(job)\ndef g(job):\n    f(job)\n    f(job)\nf(job)\n",
    "doubling": JOB_API
    + "a = 'x'\nb = [1]\n"
    + "a = a + a\nb = b + b\nb = [b, b]\n" * 100
    + "job.to_server(FedAvg(a, b))",
    "powers": JOB_API + "job.to_server(FedAvg(num_clients=9 ** 9 ** 9 ** 9, num_rounds='x' * 10 ** 12))",
    "functions": JOB_API
    + "".join(f"def f{n}(x):\n    return f{n + 1}(f{n + 1}(x))\n" for n in range(500))
    + "def f500(x): return x\njob.to_server(f0(FedAvg(1)))\n",
    "paths": JOB_API
    + "".join(
        f"job.to(ScriptRunner(script={p!r}), 'site-1')\n"
        for p in ("/etc/passwd", "../../../../etc/passwd", "/dev/zero")
    )
    + "job.export_job('/tmp/owned-by-a-job')\n",
    "parameters": JOB_API
    + "import argparse\np = argparse.ArgumentParser()\n"
    + "p.add_argument('--x', default='y')\n" * 5_000,
}
"""Texts of scripts that build a job with the Job API."""


def _job_script(text: str | bytes) -> Callable[[Path], Path]:
    def make(job: Path) -> Path:
        path = job.parent / "script" / "job.py"
        path.parent.mkdir()
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


for _name, _text in JOB_SCRIPTS.items():
    HOSTILE_JOBS[f"job.py: {_name}"] = HostileJob(_job_script(_text), "")
