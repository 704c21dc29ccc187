"""An OpenAI-compatible server that answers as a test's script says: a real one, reached over a real connection."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Script = Callable[["Reply", dict], None]


@dataclass
class Server:
    """``asked`` are the bodies of the requests it got, ``keys`` their authorisations; set ``script`` before each question."""

    url: str
    script: Script
    asked: list[dict] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        """The last user's message it got."""
        return self.asked[-1]["messages"][-1]["content"]


@dataclass
class Reply:
    """What a script writes its answer with."""

    handler: BaseHTTPRequestHandler

    def begin(self, status: int = 200, kind: str = "text/event-stream") -> None:
        self.handler.send_response(status)
        self.handler.send_header("content-type", kind)
        self.handler.end_headers()

    def raw(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def text(self, piece: str) -> None:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
                 "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
        self.raw(f"data: {json.dumps(chunk)}\n\n".encode())

    def done(self) -> None:
        self.raw(b"data: [DONE]\n\n")


def says(*pieces: str, pause: float = 0) -> Script:
    """A script that streams ``pieces`` and ends as it should."""

    def script(reply: Reply, body: dict) -> None:
        reply.begin()
        for piece in pieces:
            reply.text(piece)
            time.sleep(pause)
        reply.done()

    return script


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.asked.append(body)
            server.keys.append(self.headers.get("authorization", ""))
            try:
                server.script(Reply(self), body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client had heard enough

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = Server(f"http://127.0.0.1:{http.server_port}/v1", says())
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield server
        http.shutdown()
