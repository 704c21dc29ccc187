"""Terms counted by a process of their own while another loads the encoder and embeds: jieba and the import of PyTorch each keep
one core busy for seconds.

    python -m indexing.counting passages.json terms [old/passages.json old/terms]    # what ``counted`` starts
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import GazetteError
from corpus.settings import ROOT

from .model import Passage
from .records import read_records
from .terms import Cut, Terms


def count(passages: Path, folder: Path, *, before: tuple[Path, Path] | None) -> None:
    """Write to ``folder`` the terms of the passages in the file ``passages``; of those of ``before``, a file and a folder of the
    same kinds that the same code wrote, the words are not cut again."""
    cut = Cut.load(before[1], read_records(before[0], Passage)) if before else None
    Terms.build(read_records(passages, Passage), before=cut).save(folder)


@contextmanager
def counted(passages: Path, folder: Path, *, before: tuple[Path, Path] | None) -> Iterator[None]:
    """``count`` beside what the block does; at its end the terms are written. Raises ``GazetteError`` where they cannot be."""
    command = [sys.executable, "-m", __name__, *map(str, (passages, folder, *(before or ())))]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield
            said = process.stderr.read()
            if process.wait():
                raise GazetteError(f"cannot count the terms of {folder}: {(said.strip().splitlines() or ['killed'])[-1]}")
        finally:
            process.kill()


def ends_with_its_parent() -> None:
    """A build that is killed leaves nobody at the other end of the standard input."""
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    threading.Thread(target=ends_with_its_parent, daemon=True).start()
    passages, folder, *before = map(Path, sys.argv[1:])
    count(passages, folder, before=tuple(before) if before else None)


if __name__ == "__main__":
    main()
