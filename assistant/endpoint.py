"""A language model behind any OpenAI-compatible endpoint: its text as a stream that is cut off in time, whatever the endpoint does."""

from __future__ import annotations

import queue
import ssl
import threading
import time
from collections.abc import Iterator
from functools import lru_cache

import httpx

from corpus import Settings

FIRST = 0.5  # share of the time within which the first text must come
TOKENS = 1200  # most tokens asked for; a model that thinks aloud spends some on that
RESTS = 30  # seconds an endpoint is left alone after it failed FAILURES times in a row: nobody waits for what is known to be down
FAILURES = 3


class ModelFailure(Exception):
    """No text, or no more of it. ``end`` is the word that `Generation.end` records."""

    def __init__(self, end: str, detail: str = "") -> None:
        super().__init__(f"{end}: {detail}" if detail else end)
        self.end = end


class Endpoint:
    """Thread-safe.

    >>> for text in Endpoint(chosen).stream(system="…", user="…"): ...
    """

    def __init__(self, chosen: Settings) -> None:
        # Seconds of imports, some of them made at a first use, that only who has a model pays, and not on a resident's time.
        import openai.resources.chat.completions  # noqa: F401
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.openai_like import OpenAILike

        self.client, self.message = OpenAILike, ChatMessage
        self.url, self.model, self.key = chosen.llm_url, chosen.llm_model, chosen.llm_key.get_secret_value()
        self.seconds = chosen.llm_seconds
        self._failures, self._rests_until, self._lock = 0, 0.0, threading.Lock()

    def stream(self, *, system: str, user: str, seconds: float = 0, tokens: int = TOKENS) -> Iterator[str]:
        """The pieces of the model's text. Raises ``ModelFailure`` (slow, failed, resting) where it ends before its end.

        Closing the iterator ends the request.
        """
        if time.monotonic() < self._rests_until:
            raise ModelFailure("resting")
        call = Call(self, system=system, user=user, seconds=seconds or self.seconds, tokens=tokens)
        try:
            yield from call.pieces()
        except ModelFailure:
            self._count(failed=True)
            raise
        else:
            self._count(failed=False)
        finally:
            call.stop()

    def _count(self, *, failed: bool) -> None:
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= FAILURES:
                self._rests_until, self._failures = time.monotonic() + RESTS, 0


class Call:
    """One request, read in a thread of its own so that waiting for it can end."""

    def __init__(self, endpoint: Endpoint, *, system: str, user: str, seconds: float, tokens: int) -> None:
        self.endpoint, self.seconds, self.tokens = endpoint, seconds, tokens
        self.messages = [endpoint.message(role="system", content=system), endpoint.message(role="user", content=user)]
        self.read: queue.Queue[str | Exception | None] = queue.Queue()
        self.stopped = threading.Event()
        self.client = httpx.Client(timeout=httpx.Timeout(seconds, connect=min(seconds, 5)), verify=trusted(), follow_redirects=False)
        threading.Thread(target=self._read, daemon=True, name="language-model").start()

    def pieces(self) -> Iterator[str]:
        began, first = time.monotonic(), True
        while True:
            left = began + self.seconds * (FIRST if first else 1) - time.monotonic()
            try:
                piece = self.read.get(timeout=max(left, 0.001))
            except queue.Empty:
                raise ModelFailure("slow", f"over {self.seconds} s") from None
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise ModelFailure("failed", f"{type(piece).__name__}: {str(piece)[:200]}") from None
            if piece:
                first = False
                yield piece
            if left <= 0:
                raise ModelFailure("slow", f"over {self.seconds} s")

    def stop(self) -> None:
        """End the request: the thread that reads ends with its connection."""
        self.stopped.set()
        self.client.close()

    def _read(self) -> None:
        try:
            model = self.endpoint.client(
                model=self.endpoint.model, api_base=self.endpoint.url, api_key=self.endpoint.key or "none", is_chat_model=True,
                temperature=0, max_tokens=self.tokens, max_retries=0, timeout=self.seconds, http_client=self.client,
            )
            for chunk in model.stream_chat(self.messages):
                if self.stopped.is_set():
                    return
                self.read.put(chunk.delta or "")
            self.read.put(None)
        except Exception as error:  # whatever an endpoint may send: the question is answered without it
            self.read.put(error)


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """Made once: reading the system's certificates takes longer than a local model's first word."""
    return ssl.create_default_context()
