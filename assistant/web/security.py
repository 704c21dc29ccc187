"""What stands between the network and the pages: headers on every answer, small requests only, Gradio's unused doors shut."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024  # bytes; a question of 2,000 characters with twenty turns before it fits several times

# Gradio also brings file upload, a proxy, run history and component servers. The chat page needs these paths only.
GRADIO_NEEDED = re.compile(r"/gradio_api/(?:queue/(?:join|data)|heartbeat/[\w-]{1,64}|cancel|reset|app_id|startup-events)/?")
GRADIO_ANY = re.compile(r"/gradio_api(?:/|$)|/(?:config|upload|proxy|file|monitoring|run|call|queue|component_server)(?:[/=]|$)")

SELF = "'self'"
# Gradio starts from inline scripts and makes functions out of text; no other page runs any script but its own files.
CHAT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors"
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors"
)
FRAMED = re.compile(r"/(?:notices(?:/.*)?)?")  # what the widget shows in the pages of allowed sites: the chat and the clauses beside it
PLAIN_PAGES = ("/notices", "/widget", "/operator", "/api", "/v1", "/healthz", "/readyz", "/web", "/sitemap.xml", "/robots.txt")

FOR_PROGRAMS = ("/api/", "/v1/", "/healthz", "/readyz", "/gradio_api")  # JSON, whoever asks
STREAMED = ("text/event-stream", "application/x-ndjson")

# What Gradio's page says of itself to link previews: pictures and addresses of other hosts.
FOREIGN_META = re.compile(rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]{0,400}>")
PAGE_LANGUAGE = re.compile(rb"<html\s+lang=\"en\"")


Failed = Callable[[str, int, str], str]  # a page's HTML, of path, status and what is told


class Guarded:
    """ASGI middleware. ``no_script`` is what the chat page shows a browser without JavaScript, as HTML; ``failed`` makes the page
    of a path that cannot be shown, of its status and what is told; ``sites`` may frame it."""

    def __init__(self, app: ASGIApp, *, no_script: str, failed: Failed, sites: Sequence[str] = ()) -> None:
        self.app, self.no_script, self.failed, self.sites = app, no_script.encode(), failed, sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        headers = dict(scope["headers"])
        send = with_headers(send, policy=policy_of(path, sites=self.sites))
        if b"text/html" in headers.get(b"accept", b"") and not path.startswith(FOR_PROGRAMS):
            send = FailurePage(send, path=path, failed=self.failed).send
        if GRADIO_ANY.match(path) and not GRADIO_NEEDED.fullmatch(path):
            await JSONResponse({"detail": "not found"}, status_code=404)(scope, receive, send)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            await too_large()(scope, receive, send)
            return
        body = Bounded(receive)
        if path == "/" and scope["method"] == "GET":
            send = ChatPage(send, no_script=self.no_script).send
        await self.app(scope, body.receive, send)


def policy_of(path: str, *, sites: Sequence[str]) -> str:
    """The content policy of a page, and who may frame it: nobody the console, the sites allowed what the widget shows."""
    policy = PAGE_POLICY if path.startswith(PLAIN_PAGES) else CHAT_POLICY
    framers = "'none'" if path.startswith("/operator") else " ".join([SELF, *sites]) if FRAMED.fullmatch(path) else SELF
    return f"{policy} {framers}"


class Bounded:
    """A request whose body ends, as if the client had gone, where it grows past ``LARGEST_BODY`` without having said so."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._taken = receive, 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._taken += len(message.get("body", b""))
            if self._taken > LARGEST_BODY:
                return {"type": "http.disconnect"}
        return message


class ChatPage:
    """Gradio's page made ours: Chinese, no addresses of other hosts, a word for a browser without JavaScript."""

    def __init__(self, send: Send, *, no_script: bytes) -> None:
        self._send, self._no_script, self._start, self._body = send, no_script, None, b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = PAGE_LANGUAGE.sub(b'<html lang="zh-CN"', FOREIGN_META.sub(b"", self._body), count=1)
        body = body.replace(b"</body>", b"<noscript>" + self._no_script + b"</noscript></body>", 1)
        MutableHeaders(scope=self._start)["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


class FailurePage:
    """A page in place of the JSON that says why a path cannot be shown, for who asked with a browser."""

    def __init__(self, send: Send, *, path: str, failed: Failed) -> None:
        self._send, self._path, self._failed = send, path, failed
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            if MutableHeaders(scope=message).get("content-type", "").startswith("application/json"):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        try:
            told = json.loads(self._body)["detail"]
        except (ValueError, KeyError, TypeError):
            told = ""
        page = self._failed(self._path, self._start["status"], told if isinstance(told, str) else "").encode()
        headers = MutableHeaders(scope=self._start)
        headers["content-type"], headers["content-length"] = "text/html; charset=utf-8", str(len(page))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})


def with_headers(send: Send, *, policy: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = policy
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "same-origin"
            headers["permissions-policy"] = "camera=(), microphone=(), geolocation=()"
            headers["cross-origin-opener-policy"] = "same-origin"
            if headers.get("content-type", "").startswith(STREAMED):
                headers["x-accel-buffering"] = "no"  # a proxy in front passes each piece on as it comes
        await send(message)

    return sending


def too_large() -> JSONResponse:
    return JSONResponse({"detail": f"a request may have {LARGEST_BODY} bytes"}, status_code=413)
