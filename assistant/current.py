"""What is made of the index in force, made anew when a build has put another in force: a server takes a gazette in without a stop."""

from __future__ import annotations

import ctypes
import gc
import logging
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Generic, TypeVar

from corpus.errors import GazetteError
from indexing import Index, generations

log = logging.getLogger(__name__)

LOOKS_EVERY = 2.0  # seconds between two looks at which index is in force
LEFT_AFTER = 60.0  # seconds after which nobody is still being answered from the index before
Made = TypeVar("Made")


class Current(Generic[Made]):
    """``make(index)`` of the index in ``folder`` that is in force; ``index`` is the one to begin with.

    Whoever needs it calls once and keeps what he was given to the end of what he does: it never changes.
    """

    def __init__(self, index: Index, make: Callable[[Index], Made], *, folder: Path) -> None:
        self._index, self._make, self._folder = index, make, folder
        self._made = make(index)
        self._seen: Path | None = None

    def __call__(self) -> Made:
        return self._made

    def renew(self) -> bool:
        """Go over to the index in force if it is another; ``False`` where it is not, or cannot be taken, which the log tells."""
        generation = generations.current(self._folder)
        if generation in (None, self._seen):
            return False
        self._seen, began = generation, time.perf_counter()
        try:
            if generations.read_manifest(generation) == self._index.manifest:
                return False
            index = Index.load(self._folder, encoder=self._index.encoder, reranker=self._index.reranker)
            self._index, self._made = index, self._make(index)
        except GazetteError as error:
            log.warning("the index before goes on: %s", error)
            return False
        log.info("a new index is in force: %d gazettes, %.1f s", len(index.corpus.gazettes), time.perf_counter() - began)
        return True

    def follow(self) -> None:
        """Renew whenever a build has switched over, in a thread of its own, for as long as the process lives."""
        Thread(target=self._follow, name="index in force", daemon=True).start()

    def _follow(self) -> None:
        left = math.inf  # when nobody is answered from the index before any more
        while True:
            time.sleep(LOOKS_EVERY)
            try:
                if self.renew():
                    left = time.monotonic() + LEFT_AFTER
                elif time.monotonic() > left:
                    left = math.inf
                    free()
            except Exception:  # whatever went wrong, the server answers from the index it has and takes the next one
                log.exception("the index in force could not be taken")


def free() -> None:
    """Free what nobody uses any more, also what was put out of the collector's sight, and put the rest there."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)  # glibc gives freed memory back to the system from the end of its pools alone, unless it is asked
