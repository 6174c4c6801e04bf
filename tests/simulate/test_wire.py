from __future__ import annotations

import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.simulate.supervisor.wire import Frame, Line, LineClosedError

HEADERS = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=20), max_size=4)


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=3000)), max_size=8))
@settings(deadline=None, max_examples=60)
def test_frames_arrive_as_they_were_sent(told: list[tuple[dict[str, object], bytes]]) -> None:
    left, right = socket.socketpair()
    sender, receiver = Line(left), Line(right)
    frames = [Frame({"kind": "mail", **header}, payload) for header, payload in told]
    for frame in frames:
        sender.send(frame)
    assert [receiver.receive() for _ in frames] == frames
    sender.close()
    receiver.close()


def test_a_large_frame_arrives_whole_though_it_comes_in_pieces() -> None:
    left, right = socket.socketpair()
    frame = Frame({"kind": "result"}, bytes(range(256)) * 40_000)
    sending = threading.Thread(target=Line(left).send, args=[frame])
    sending.start()
    assert Line(right).receive() == frame
    sending.join()
    left.close()
    right.close()


def test_the_end_of_the_other_side_is_an_error_of_its_own() -> None:
    left, right = socket.socketpair()
    left.close()
    with pytest.raises(LineClosedError):
        Line(right).receive()
    with pytest.raises(LineClosedError):
        Line(right).send(Frame({"kind": "ended"}, b"x" * 1000))
    right.close()
