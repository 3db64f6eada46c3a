"""A small load generator: so many keep-alive connections to one address, each asking again once it is answered.

Every answer is compared with the expected one, so a fast error is no result.
"""

import selectors
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection

LOOPBACK = "127.0.0.1"
ANSWER_TIMEOUT_SECONDS = 15
MOST_REQUESTS = 2_000_000  # of one measurement, whatever the time
CHUNK_BYTES = 1 << 18
END_OF_HEADERS = b"\r\n\r\n"


class UnexpectedAnswerError(Exception):
    """An answer that differs from the expected one, or that does not come."""


@dataclass(frozen=True)
class Target:
    """One address, and what it has to answer."""

    name: str
    path: str
    status: int
    body: bytes
    if_none_match: str = ""


@dataclass(frozen=True)
class Load:
    """What one measurement saw: the answers that came within its time, and how long each answer took, in seconds."""

    seconds: float
    answers: int
    latencies: list[float]
    client_cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def put_load(target: Target, *, port: int, connections: int, seconds: float) -> Load:
    """Ask for so long on so many connections, then wait for the answers still under way.

    Raises UnexpectedAnswerError.
    """
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        asking = [stack.enter_context(_Connection(target, port)) for _ in range(connections)]
        for connection in asking:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        latencies: list[float] = []
        answers = 0
        cpu_before, started_at = time.process_time(), time.perf_counter()
        deadline = started_at + seconds
        for connection in asking:
            connection.ask()
        while asking:
            ready = selector.select(ANSWER_TIMEOUT_SECONDS)
            if not ready:
                raise UnexpectedAnswerError(f"{target.path}: no answer within {ANSWER_TIMEOUT_SECONDS} s.")
            for key, _ in ready:
                connection = key.data
                if not connection.is_answered():
                    continue
                now = time.perf_counter()
                latencies.append(now - connection.asked_at)
                if now < deadline and answers < MOST_REQUESTS:
                    answers += 1
                    connection.ask()
                else:
                    asking.remove(connection)
        return Load(seconds, answers, latencies, time.process_time() - cpu_before)


def read_once(path: str, *, port: int, if_none_match: str = "") -> tuple[int, str, bytes]:
    """Status, ETag and body of one answer, on a connection of its own."""
    connection = HTTPConnection(LOOPBACK, port, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        condition = {"If-None-Match": if_none_match} if if_none_match else {}
        connection.request("GET", path, headers={"Host": f"localhost:{port}", **condition})
        response = connection.getresponse()
        return response.status, response.headers.get("ETag", ""), response.read()
    finally:
        connection.close()


class _Connection:
    def __init__(self, target: Target, port: int) -> None:
        self.target = target
        self.socket = socket.create_connection((LOOPBACK, port), timeout=ANSWER_TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        condition = f"If-None-Match: {target.if_none_match}\r\n" if target.if_none_match else ""
        self.request = f"GET {target.path} HTTP/1.1\r\nHost: localhost:{port}\r\n{condition}\r\n".encode()
        self.received = b""
        self.asked_at = 0.0

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def ask(self) -> None:
        self.received = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(self.request)

    def is_answered(self) -> bool:
        """Read what is there; whether the answer is complete. Raises UnexpectedAnswerError when it is another one."""
        try:
            chunk = self.socket.recv(CHUNK_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            raise UnexpectedAnswerError(
                f"{self.target.path}: the connection was closed after {len(self.received)} bytes."
            )
        self.received += chunk
        head, end, body = self.received.partition(END_OF_HEADERS)
        if not end:
            return False
        status = int(head[9:12])
        length = _content_length(head) if status != 304 else 0
        if status != self.target.status or length != len(self.target.body):
            raise UnexpectedAnswerError(
                f"{self.target.path}: {status} with {length} bytes instead of "
                f"{self.target.status} with {len(self.target.body)}."
            )
        if len(body) < length:
            return False
        if body != self.target.body:
            raise UnexpectedAnswerError(f"{self.target.path}: other content of the same length.")
        return True


def _content_length(head: bytes) -> int:
    """The length that the headers name, -1 when they name none."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return -1
