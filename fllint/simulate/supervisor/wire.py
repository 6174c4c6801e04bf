"""Messages between the server and a site, over a socket pair.

A frame is a short JSON header and a payload, which is what NVFlare would have put on the network (`fobs` bytes). Only
the receiver decodes the payload, so that a message can be passed on, or kept until its turn, as it came.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_LENGTHS = struct.Struct("!IQ")


@dataclass(frozen=True)
class Frame:
    """``header`` always has ``kind``: ready, ask, task, result, mail, answer, end, ended."""

    header: dict[str, Any]
    payload: bytes = b""

    @property
    def kind(self) -> str:
        return str(self.header["kind"])


class LineClosedError(Exception):
    """The other end is gone."""


class Line:
    """One end of a socket pair. Sending is safe from several threads; receiving is for one."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._buffer = bytearray()

    def fileno(self) -> int:
        return self._end.fileno()

    def send(self, frame: Frame) -> None:
        """Raises `LineClosedError` when the other end is gone."""
        header = json.dumps(frame.header).encode()
        with self._lock:
            try:
                self._end.sendall(_LENGTHS.pack(len(header), len(frame.payload)) + header)
                self._end.sendall(frame.payload)
            except OSError as error:
                raise LineClosedError(str(error)) from None

    def receive(self) -> Frame:
        """Waits for one frame. Raises `LineClosedError`."""
        while True:
            for frame in self._complete():
                return frame
            self._fill()

    def received(self) -> Iterator[Frame]:
        """Reads once and gives the frames that are complete now. Raises `LineClosedError`."""
        self._fill()
        yield from self._complete()

    def close(self) -> None:
        self._end.close()

    def _fill(self) -> None:
        try:
            chunk = self._end.recv(1 << 20)
        except OSError as error:
            raise LineClosedError(str(error)) from None
        if not chunk:
            raise LineClosedError("end of stream")
        self._buffer += chunk

    def _complete(self) -> Iterator[Frame]:
        while len(self._buffer) >= _LENGTHS.size:
            header_length, payload_length = _LENGTHS.unpack_from(self._buffer)
            start = _LENGTHS.size + header_length
            end = start + payload_length
            if len(self._buffer) < end:
                return
            header = json.loads(bytes(self._buffer[_LENGTHS.size : start]))
            payload = bytes(self._buffer[start:end])
            del self._buffer[:end]
            yield Frame(header, payload)
