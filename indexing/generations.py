"""An index on disk as generations: each build writes a new folder whole, then one rename makes it the current one.

    index/current              the name of the generation in force, one line
    index/generation-…/        its files, manifest.json among them
    index/generation-….part/   a build under way, or the rest of one that was killed
    index/lock                 held by the build under way; the system frees it when that process dies

A reader follows ``current``. Whatever moment a build dies at, ``current`` still
names a whole generation; the next build removes what was left.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from corpus.errors import GazetteError

from .bundled import file_digest

FORMAT = 4  # raise when the files of a generation change their meaning
CURRENT, LOCK, MANIFEST, PREFIX, PART = "current", "lock", "manifest.json", "generation-", ".part"
ADVICE = "run `python -m indexing build`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built from and with, and the SHA-256 of each of its files.

    ``corpus`` is the digest of the gazettes' texts, ``sources`` that of the
    files they were read from ("" where unknown), ``recipe`` that of the code
    that cuts and counts them, ``model_digest`` that of the model's weights.
    """

    format: int
    corpus: str
    sources: str
    recipe: str
    model: str
    model_digest: str
    dimensions: int
    vectors: str
    passages: int
    gazettes: tuple[str, ...]
    built: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did. ``unchanged``: the index at hand was already of this corpus, model and code."""

    manifest: Manifest
    embedded: int
    reused: int
    seconds: float
    unchanged: bool = False


def current(folder: Path) -> Path | None:
    """The generation in force, or ``None`` where nothing was built yet."""
    try:
        name = (folder / CURRENT).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return folder / name if name.startswith(PREFIX) and "/" not in name else None


def read_manifest(generation: Path) -> Manifest:
    """The generation's manifest; raises ``GazetteError`` that names it where it is missing, damaged or of another version."""
    path = generation / MANIFEST
    try:
        stored = json.loads(path.read_text("utf-8"))
        if stored["format"] != FORMAT:
            raise GazetteError(f"the index in {generation} was made by another version of this program; {ADVICE}")
        known = {part.name: stored[part.name] for part in fields(Manifest)}
        known["gazettes"] = tuple(known["gazettes"])
        return Manifest(**known)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise damaged(path) from None


def check_files(generation: Path, manifest: Manifest) -> None:
    """Raise ``GazetteError`` that names the first file that is missing or not as it was written."""
    for name, digest in manifest.files.items():
        path = generation / name
        try:
            intact = file_digest(path) == digest
        except OSError:
            intact = False
        if not intact:
            raise damaged(path)


def damaged(path: Path) -> GazetteError:
    """The error for a file of the index that cannot be trusted."""
    return GazetteError(f"the index is damaged: {path}; {ADVICE}")


@contextmanager
def building(folder: Path) -> Iterator[None]:
    """Hold the folder for one build; a second one waits. Raises ``GazetteError`` where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / LOCK).open("w")
    except OSError as error:
        raise GazetteError(
            f"cannot write the index to {folder}: {error.strerror}; set GAZETTE_DATA to a folder that can be written"
        ) from None
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        sweep(folder)
        yield


def sweep(folder: Path) -> None:
    """Remove every generation but the current one; only for the holder of the lock."""
    keep = current(folder)
    for path in folder.glob(f"{PREFIX}*"):
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob(f"{CURRENT}{PART}*"):
        path.unlink(missing_ok=True)


def new_part(folder: Path) -> Path:
    """An empty folder to write a generation into; only for the holder of the lock."""
    part = folder / f"{PREFIX}{time.time_ns()}{PART}"
    part.mkdir()
    return part


def commit(folder: Path, part: Path, **facts: object) -> Manifest:
    """Seal ``part`` with its manifest, make it the current generation, and remove the old one."""
    names = sorted(str(path.relative_to(part)) for path in part.rglob("*") if path.is_file())
    manifest = Manifest(format=FORMAT, files={name: file_digest(part / name) for name in names}, **facts)
    (part / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
    for name in (*names, MANIFEST):
        _to_disk(part / name)
    generation = part.with_name(part.name.removesuffix(PART))
    part.rename(generation)
    pointer = folder / f"{CURRENT}{PART}"
    pointer.write_text(generation.name + "\n", "utf-8")
    _to_disk(pointer)
    pointer.replace(folder / CURRENT)
    _to_disk(folder)
    sweep(folder)
    return manifest


def _to_disk(path: Path) -> None:
    """Have the system write the file or folder out: a power cut must not leave a pointer to what is not there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
