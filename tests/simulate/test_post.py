"""Messages between sites, without NVFlare."""

from __future__ import annotations

import threading
import time

from fllint.simulate.supervisor.post import Post
from fllint.simulate.supervisor.wire import Frame


def test_a_site_settles_after_an_answer_that_somebody_waited_for() -> None:
    post = Post("site-1", lambda frame: None, lambda event, deadline: None)
    before = time.monotonic()
    post.settle()
    assert time.monotonic() - before < 0.04
    post._awaited[1] = threading.Event()
    post.answered(Frame({"kind": "answer", "number": 1}))
    before = time.monotonic()
    post.settle()
    assert time.monotonic() - before > 0.03
    assert post._awaited[1].is_set()
