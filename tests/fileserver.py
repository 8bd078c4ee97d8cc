"""A local file server that answers well or badly, as planned per file and attempt, and logs what it sent."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer: the server's own body unless another is given, and what goes wrong with it."""

    body: bytes | None = None
    status: int | None = None  # an error status instead of the file
    cut: int | None = None  # bytes after which the connection ends
    stall: bool = False  # keep the connection open after the cut, and send nothing more
    ranges: bool = True  # honour Range
    shift: int = 0  # start the range this far from where it was asked for
    most: int | None = None  # end the range after so many bytes, as a server may
    sized: bool = True  # say how long the whole file is
    encoding: str | None = None


@dataclass(frozen=True)
class Served:
    name: str
    range: str
    accepts: str
    status: int
    sent: int


class Server(ThreadingHTTPServer):
    """Answers the nth request for a name with the nth answer of its plan, and the last one from then on."""

    daemon_threads = True

    def __init__(self, body: bytes, plans: Mapping[str, Sequence[Answer]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.plans = body, plans
        self.log: list[Served] = []
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.address = f"http://127.0.0.1:{self.server_port}"

    def count(self, name: str) -> int:
        return sum(item.name == name for item in self.log)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        plan = self.server.plans[name]
        with self.server.lock:  # logged before it is sent, so that a client that has the bytes finds the entry
            answer = plan[min(self.server.count(name), len(plan) - 1)]
            body = self.server.body if answer.body is None else answer.body
            asked = self.headers.get("Range", "")
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and answer.ranges else None
            status = answer.status or (200 if start is None else 206 if start < len(body) else 416)
            first = 0 if start is None else start + answer.shift
            part = b"" if status >= 400 else body[first:] if status == 200 else body[first:][: answer.most]
            sent = part if answer.cut is None else part[: answer.cut]
            self.server.log.append(Served(name, asked, self.headers.get("Accept-Encoding", ""), status, len(sent)))
        self.send_response(status)
        if status == 206:
            size = len(body) if answer.sized else "*"
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{size}")
        if answer.sized:
            self.send_header("Content-Length", str(len(part)))
        if answer.encoding:
            self.send_header("Content-Encoding", answer.encoding)
        self.end_headers()
        self.wfile.write(sent)
        self.wfile.flush()
        if answer.stall:
            self.server.closing.wait()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(body: bytes, plans: Mapping[str, Sequence[Answer]]) -> Iterator[Server]:
    """Run a server until the block ends."""
    running = Server(body, plans)
    threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield running
    finally:
        running.closing.set()
        running.shutdown()
        running.server_close()
