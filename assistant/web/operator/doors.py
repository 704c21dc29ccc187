"""Who is let in to the console: login, session cookie, a token with everything that changes something, a limit on tries."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.records import Operator, Operators
from assistant.records.operators import SHIFT

from ..pages import TEMPLATES, desk_words

log = logging.getLogger(__name__)

COOKIE = "operator"
HOME = "/operator"
TRIES, WITHIN = 5, 300  # failed tries for one name, seconds
TRIES_OF_AN_ADDRESS = 30  # an office may share one
REMEMBERED = 10_000  # names and addresses whose failures are counted at the same time
AT_ONCE = 2  # passwords checked at the same time; each takes 32 MiB and a core
NO_STORE = {"cache-control": "no-store"}


class Tries:
    """Failed logins of the last minutes, by name and by address; thread-safe."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._failed: dict[str, deque[float]] = {}
        self._lock, self._clock = Lock(), clock

    def wait(self, name: str, address: str) -> int:
        """Seconds until another try; 0 where one is free."""
        with self._lock:
            return max(self._left(f"name {name}", TRIES), self._left(f"address {address}", TRIES_OF_AN_ADDRESS))

    def failed(self, name: str, address: str) -> None:
        with self._lock:
            for key in (f"name {name}", f"address {address}"):
                self._failed.setdefault(key, deque(maxlen=TRIES_OF_AN_ADDRESS)).append(self._clock())
            while len(self._failed) > REMEMBERED:
                del self._failed[next(iter(self._failed))]

    def forget(self, name: str) -> None:
        with self._lock:
            self._failed.pop(f"name {name}", None)

    def _left(self, key: str, most: int) -> int:
        times, now = self._failed.get(key, deque()), self._clock()
        while times and times[0] <= now - WITHIN:
            times.popleft()
        return int(times[-most] + WITHIN - now) + 1 if len(times) >= most else 0


class Doors:
    """Operators and their failed logins; ``app.state.doors`` of the service."""

    def __init__(self, operators: Operators) -> None:
        self.operators, self.tries, self.checking = operators, Tries(), BoundedSemaphore(AT_ONCE)

    def operator(self, request: Request) -> Operator | None:
        return self.operators.of(request.cookies.get(COOKIE, ""))


def inside(request: Request) -> Operator:
    """The operator who asks; a page leads to the login, a script's request is told 401."""
    operator = request.app.state.doors.operator(request)
    if operator:
        return operator
    if request.method == "GET" and "x-script" not in request.headers:
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise HTTPException(303, headers={"location": f"{HOME}/login?next={quote(where, safe='')}"})
    raise HTTPException(401, desk_words()["login_over"])


Inside = Annotated[Operator, Depends(inside)]


def acting(request: Request, operator: Inside, csrf: Annotated[str, Form(max_length=100)] = "") -> Operator:
    """The operator who changes something, from one of the console's own pages."""
    if not same_origin(request) or not hmac.compare_digest(csrf.encode(), csrf_of(request).encode()):
        raise HTTPException(403, desk_words()["not_from_here"])
    return operator


Acting = Annotated[Operator, Depends(acting)]


def csrf_of(request: Request) -> str:
    """What a page of this session sends back with every change; it cannot be made without the cookie."""
    return hashlib.sha256(f"csrf {request.cookies.get(COOKIE, '')}".encode()).hexdigest()


def same_origin(request: Request) -> bool:
    """Whether a browser says that one of our own pages sent the request; other clients say nothing."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site:
        return site == "same-origin"
    return not origin or urlsplit(origin).netloc == request.headers.get("host")


def own_page(address: str) -> str:
    """Where to go after the login: a page of the console, whatever was asked for."""
    inside = address == HOME or address.startswith((f"{HOME}/", f"{HOME}?"))
    return address if inside and not set("\\\r\n") & set(address) else HOME


def doors_router(doors: Doors) -> APIRouter:
    """``/operator/login`` and ``/operator/logout``."""
    router = APIRouter(prefix=HOME, include_in_schema=False)
    if not doors.operators.names():
        log.warning("no operator may use /operator yet; to add one: python -m assistant operators add NAME")

    def page(request: Request, *, next: str, name: str = "", problem: str = "", status: int = 200, wait: int = 0) -> HTMLResponse:
        values = {"next": own_page(next), "name": name, "problem": problem, "nobody": not doors.operators.names()}
        headers = NO_STORE | ({"retry-after": str(wait)} if wait else {})
        return TEMPLATES.TemplateResponse(request, "operator/login.html", values, status_code=status, headers=headers)

    @router.get("/login", response_class=HTMLResponse)
    def ask(request: Request, next: Annotated[str, Query(max_length=2000)] = HOME) -> Response:
        if doors.operator(request):
            return RedirectResponse(own_page(next), 303)
        return page(request, next=next)

    @router.post("/login", response_class=HTMLResponse)
    def login(
        request: Request, name: Annotated[str, Form(max_length=200)] = "", password: Annotated[str, Form(max_length=500)] = "",
        next: Annotated[str, Form(max_length=2000)] = HOME,
    ) -> Response:
        words, name = desk_words(), name.strip()
        if not same_origin(request):
            raise HTTPException(403, words["not_from_here"])
        address = request.client.host if request.client else ""
        wait = doors.tries.wait(name, address)
        if wait:
            problem = words["login_wait"].format(minutes=-(-wait // 60))
            return page(request, next=next, name=name, problem=problem, status=429, wait=wait)
        with doors.checking:
            token = doors.operators.login(name, password)
        if not token:
            doors.tries.failed(name, address)
            return page(request, next=next, name=name, problem=words["login_wrong"], status=401)
        doors.tries.forget(name)
        answer = RedirectResponse(own_page(next), 303)
        answer.set_cookie(
            COOKIE, token, max_age=int(SHIFT.total_seconds()), path=HOME, httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    @router.post("/logout")
    def logout(request: Request, operator: Acting) -> Response:
        doors.operators.logout(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(f"{HOME}/login", 303)
        answer.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict")
        return answer

    return router
