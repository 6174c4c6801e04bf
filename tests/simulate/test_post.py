"""Messages between sites, without NVFlare."""

from __future__ import annotations

import threading
import time

import pytest

from fllint.simulate.supervisor.post import Post
from fllint.simulate.supervisor.wire import Frame


def test_a_site_settles_after_an_answer_that_somebody_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    post = Post("site-1", lambda frame: None, lambda event, deadline: None)
    post.settle()
    post.answered(Frame({"kind": "answer", "number": 1}))  # nobody waits for it
    post.settle()
    post._awaited[1] = threading.Event()
    post.answered(Frame({"kind": "answer", "number": 1}))
    post.settle()
    assert slept == pytest.approx([0.0, 0.0, 0.05])
