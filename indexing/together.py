"""Requests that come while others are at work wait, and are then done together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Generic, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


class Together(Generic[Request, Result]):
    """``work`` on requests of any thread, in at most ``at_once`` groups at a time of at most ``most`` requests, those first that
    came first. One that comes alone is done at once, alone and in its own thread.

    ``work`` gives the results of a group in its order; what it raises is raised to each of the group. ``begin`` is called in each
    further thread that works, before it does.
    """

    def __init__(
        self, work: Callable[[Sequence[Request]], Sequence[Result]], *, at_once: int, most: int, begin: Callable[[], object] | None = None,
    ) -> None:
        self._work, self._most = work, most
        self._turns = BoundedSemaphore(at_once)
        self._waiting: deque[tuple[Request, Future[Result]]] = deque()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="together", initializer=begin)

    def __call__(self, request: Request) -> Result:
        mine: Future[Result] = Future()
        self._waiting.append((request, mine))
        if self._turns.acquire(blocking=False):
            self._turn()
        return mine.result()

    def _turn(self) -> None:
        """One group, and then a turn for those that came meanwhile: each of them was waiting before this turn was given back."""
        try:
            self._next()
        finally:
            self._turns.release()
        if self._waiting and self._turns.acquire(blocking=False):
            self._pool.submit(self._turn)

    def _next(self) -> None:
        """Do those that have waited longest; none where another turn did them."""
        group: list[tuple[Request, Future[Result]]] = []
        try:
            while len(group) < self._most:
                group.append(self._waiting.popleft())
        except IndexError:
            pass
        if not group:
            return
        try:
            for (_, asked), result in zip(group, self._work([request for request, _ in group]), strict=True):
                asked.set_result(result)
        except BaseException as error:  # noqa: BLE001 - whoever asked is waiting
            for _, asked in group:
                if not asked.done():
                    asked.set_exception(error)
