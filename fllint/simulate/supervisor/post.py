"""Auxiliary messages between the server and the sites: stands where NVFlare has its cell.

NVFlare's `AuxRunner` (`nvflare.private.aux_runner`, 2.5 to 2.9) sends everything that is neither a task nor a result
through a cell: fed events, reliable messages, object streams, the requests of client-controlled workflows. `Post` has
the five sending methods of `nvflare.fuel.f3.cellnet.cell.Cell` that it uses, over the lines of the run.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from .wire import Frame

_SETTLED = 0.05
"""Seconds between an answer and a task that another site hands over. In client-controlled workflows (2.5 to 2.9,
`nvflare.app_common.ccwf.client_ctl`) the next task may come just behind the answer that ends the one before; a site
that has not taken note of its end yet aborts it, and with it the whole workflow."""


class Post:
    """Sends messages for one end of the run, and hands the answers back.

    ``name`` is the site's (or ``server``). ``send`` puts a frame on the way. ``wait`` is called with a deadline
    (`time.monotonic`) while answers are outstanding, and lets messages come in.
    """

    def __init__(
        self, name: str, send: Callable[[Frame], None], wait: Callable[[threading.Event, float], None]
    ) -> None:
        self._name = name
        self._send = send
        self._wait = wait
        self._numbers = itertools.count(1)
        self._awaited: dict[int, threading.Event] = {}
        self._answers: dict[int, Frame] = {}
        self._last_answer = 0.0

    # what AuxRunner calls

    def broadcast_request(
        self, channel: str, topic: str, request: Any, targets: Any, timeout: float = 0.0, **_: Any
    ) -> dict[str, Any]:
        """Sends one request to several targets (FQCNs) and waits; gives target -> reply message."""
        payload = _encoded(request.payload)
        return self._ask(dict.fromkeys(_listed(targets), (topic, payload)), timeout)

    def broadcast_multi_requests(self, target_messages: dict[str, Any], timeout: float, **_: Any) -> dict[str, Any]:
        """Sends each target its own request and waits; gives target -> reply message."""
        return self._ask(
            {target: (told.topic, _encoded(told.message.payload)) for target, told in target_messages.items()}, timeout
        )

    def fire_and_forget(self, channel: str, topic: str, targets: Any, message: Any, **_: Any) -> dict[str, str]:
        """Sends one message to several targets; nobody answers."""
        payload = _encoded(message.payload)
        for target in _listed(targets):
            self._send(self._mail(target, topic, payload))
        return {}

    def fire_multi_requests_and_forget(self, target_messages: dict[str, Any], **_: Any) -> dict[str, str]:
        """Sends each target its own message; nobody answers."""
        for target, told in target_messages.items():
            self._send(self._mail(target, told.topic, _encoded(told.message.payload)))
        return {}

    def queue_message(self, channel: str, topic: str, message: Any, targets: Any, **_: Any) -> None:
        """Sends one message to several targets, some time."""
        self.fire_and_forget(channel, topic, targets, message)

    # what the run calls

    def answered(self, frame: Frame) -> None:
        """Takes in an answer."""
        number = int(frame.header["number"])
        waiting = self._awaited.get(number)
        if waiting is not None:
            self._last_answer = time.monotonic()
            self._answers[number] = frame
            waiting.set()

    def settle(self) -> None:
        """Waits until whoever got the last answer has had a moment to take note of it."""
        time.sleep(max(0.0, self._last_answer + _SETTLED - time.monotonic()))

    def _ask(self, requests: dict[str, Any], timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + max(timeout, 0.0)
        numbers = {}
        for target, (topic, payload) in requests.items():
            number = next(self._numbers)
            numbers[target] = number
            self._awaited[number] = threading.Event()
            self._send(self._mail(target, topic, payload, number))
        replies = {}
        for target, number in numbers.items():
            self._wait(self._awaited[number], deadline)
            del self._awaited[number]
            replies[target] = _reply(self._answers.pop(number, None))
        return replies

    def _mail(self, target: str, topic: str, payload: bytes, number: int = 0) -> Frame:
        return Frame(
            {"kind": "mail", "from": self._name, "to": target.split(".")[0], "topic": topic, "number": number}, payload
        )


def answer(mail: Frame, reply: Any) -> Frame:
    """The frame that answers a mail."""
    header = {"kind": "answer", "from": mail.header["to"], "to": mail.header["from"], "number": mail.header["number"]}
    return Frame(header, _encoded(reply))


def handle(mail: Frame, engine: Any) -> Any:
    """Lets an engine's aux runner handle a mail; gives the reply (a Shareable).

    As `CommandAgent.aux_communication` does at a site, and `ServerEngine._handle_aux_message` at the server.
    """
    from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
    from nvflare.fuel.utils import fobs

    with engine.new_context() as fl_ctx:
        reply = engine.dispatch(topic=mail.header["topic"], request=fobs.loads(mail.payload), fl_ctx=fl_ctx)
        if hasattr(reply, "set_peer_context"):  # since 2.6
            reply.set_peer_context(gen_new_peer_ctx(fl_ctx))
        return reply


def _encoded(payload: Any) -> bytes:
    from nvflare.fuel.utils import fobs

    return bytes(fobs.dumps(payload))


def _listed(targets: Any) -> Iterable[str]:
    return [targets] if isinstance(targets, str) else list(targets)


def _reply(frame: Frame | None) -> Any:
    from nvflare.fuel.f3.cellnet.defs import MessageHeaderKey, ReturnCode
    from nvflare.fuel.f3.message import Message
    from nvflare.fuel.utils import fobs

    if frame is None:
        return Message({MessageHeaderKey.RETURN_CODE: ReturnCode.TIMEOUT}, None)
    return Message({MessageHeaderKey.RETURN_CODE: ReturnCode.OK}, fobs.loads(frame.payload))
