"""SOURCES.md beside the gazettes: issuing government, year, issue and SHA-256 of each file, for people and for the loader."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

NAME = "SOURCES.md"
HEAD = """# Where the gazettes come from

Public government gazettes, as plain UTF-8 text with tables as tab-separated lines. `python -m corpus add` and
`python -m corpus remove` keep this list; `python -m corpus check` holds the files against it. District, year and issue
written here go before what a gazette's own masthead says.

| file | issuing government | district | year | issue | SHA-256 |
|---|---|---|---|---|---|
"""
ROW = re.compile(r"^\|\s*`(?P<file>[^`|]+)`\s*\|(?P<issuer>[^|]*)\|(?P<district>[^|]*)\|(?P<year>[^|]*)\|(?P<issue>[^|]*)\|\s*`(?P<sha>[0-9a-f]{64})`\s*\|\s*$")


@dataclass(frozen=True, slots=True)
class Source:
    """One row: ``district`` as in :class:`corpus.Gazette` ("朝阳区"), ``sha256`` of the file's bytes."""

    file: str
    issuer: str
    district: str
    year: int | None
    issue: str
    sha256: str


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def listed(folder: Path) -> dict[str, Source]:
    """The rows of the folder's SOURCES.md by file name; empty where there is no such file."""
    path = folder / NAME
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := ROW.match(line):
            year = match["year"].strip()
            source = Source(
                match["file"], match["issuer"].strip(), match["district"].strip(), int(year) if year.isdecimal() else None,
                match["issue"].strip(), match["sha"],
            )  # fmt: skip
            found[source.file] = source
    return found


def rendered(sources: dict[str, Source]) -> str:
    """SOURCES.md for these rows, by file name."""
    rows = (
        f"| `{item.file}` | {item.issuer} | {item.district} | {item.year or ''} | {item.issue} | `{item.sha256}` |"
        for _, item in sorted(sources.items())
    )
    return HEAD + "\n".join(rows) + "\n"


def write_atomically(path: Path, data: bytes) -> None:
    """The whole file or none of it: written beside its place, flushed to the disk, then moved there."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
