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
AGAIN_AFTER = 60.0  # seconds after which one that could not be taken is tried again: the reason may have passed
Made = TypeVar("Made")


class Current(Generic[Made]):
    """``make(index)`` of the index in ``folder`` that is in force; ``index`` is the one to begin with.

    Whoever needs it calls once and keeps what he was given to the end of what he does: it never changes.
    """

    def __init__(self, index: Index, make: Callable[[Index], Made], *, folder: Path) -> None:
        self._index, self._make, self._folder = index, make, folder
        self._made = make(index)
        self._seen: Path | None = None
        self._again = math.inf  # when what was seen is to be looked at again
        self._left = math.inf  # when the index before was left, for as long as it may be in memory

    def __call__(self) -> Made:
        return self._made

    def renew(self) -> bool:
        """Go over to the index in force if it is another; ``False`` where it is not, or cannot be taken, which the log tells."""
        generation = generations.current(self._folder)
        began = time.monotonic()
        if not generation or generation == self._seen and began < self._again:
            return False
        self._seen, self._again = generation, began + AGAIN_AFTER
        try:
            new = generations.read_manifest(generation) != self._index.manifest
            if new:
                self._take()
        except GazetteError as error:
            log.warning("the index before goes on: %s", error)
            return False
        self._again = math.inf
        if new:
            log.info("a new index is in force: %d gazettes, %.1f s", len(self._index.corpus.gazettes), time.monotonic() - began)
        return new

    def _take(self) -> None:
        if self._left < math.inf:
            self._free()  # two indices at once, not three
        index = Index.load(self._folder, encoder=self._index.encoder, reranker=self._index.reranker)
        self._index, self._made, self._left = index, self._make(index), time.monotonic()

    def follow(self) -> None:
        """Renew whenever a build has switched over, in a thread of its own, for as long as the process lives."""
        Thread(target=self._follow, name="index in force", daemon=True).start()

    def _follow(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY)
            try:
                if not self.renew() and time.monotonic() > self._left + LEFT_AFTER:
                    self._free()
            except Exception:  # whatever went wrong, the server answers from the index it has and takes the next one
                log.exception("the index in force could not be taken")

    def _free(self) -> None:
        self._left = math.inf
        free()


def free() -> None:
    """Free what nobody uses any more, also what was put out of the collector's sight, and put the rest there."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)  # glibc gives freed memory back to the system from the end of its pools alone, unless it is asked
