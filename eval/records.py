"""A result file as typed records, checked as it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from corpus import GazetteError

STATUSES = ("answered", "clarify", "refused")


@dataclass(frozen=True, slots=True)
class Span:
    """Character offsets into a gazette file; ``score`` is the search's."""

    source: str
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation as it was recorded."""

    notice: str
    title: str
    date: str
    clause: tuple[str, ...]
    source: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Record:
    """One result. ``status`` is "" where the question has no result.

    Beyond the required fields: ``confidence`` (0 to 1), ``timings`` (milliseconds
    by step), ``understanding`` (what the question was taken for), ``reason`` and
    ``generation`` (what became of a language model's text).
    """

    id: str
    status: str = ""
    answer: str = ""
    citations: tuple[Cited, ...] = ()
    retrieved: tuple[Span, ...] = ()
    latency_ms: float | None = None
    confidence: float | None = None
    timings: dict[str, float] = field(default_factory=dict)
    understanding: dict = field(default_factory=dict)
    reason: str = ""
    generation: dict = field(default_factory=dict)


def read_records(path: Path) -> dict[str, Record]:
    """The records of a JSON-lines file by id; a later line replaces an earlier one.

    Raises ``GazetteError`` with ``file:line`` where a line is not a record.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise GazetteError(f"{path}: no such result file; make one with: python -m eval run") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise GazetteError(f"{path}: not a UTF-8 text file") from None
    records = {}
    for at, line in enumerate(lines, start=1):
        if line.strip():
            record = parsed(line, place=f"{path}:{at}")
            records[record.id] = record
    return records


def parsed(line: str, *, place: str) -> Record:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise GazetteError(f"{place}: not JSON ({error.msg}, column {error.colno})") from None
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise GazetteError(f"{place}: a result is a JSON object with an 'id'")
    if data.get("status") not in STATUSES:
        raise GazetteError(f"{place}: status {data.get('status')!r} is none of {', '.join(STATUSES)}")
    try:
        return Record(
            id=data["id"], status=data["status"], answer=data["answer"],
            citations=tuple(cited(item) for item in data.get("citations") or ()),
            retrieved=tuple(
                Span(item["source"], item["start"], item["end"], item.get("score") or 0.0) for item in data.get("retrieved") or ()
            ),
            latency_ms=data.get("latency_ms"), confidence=data.get("confidence"), timings=data.get("timings") or {},
            understanding=data.get("understanding") or {}, reason=data.get("reason") or "",
            generation=data.get("generation") or {},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise GazetteError(f"{place}: not a result record, {type(error).__name__}: {error}") from None


def cited(item: dict) -> Cited:
    return Cited(
        notice=item.get("notice") or "", title=item.get("title") or "", date=item.get("date") or "",
        clause=tuple(item.get("clause") or ()), source=item["source"], start=item["start"], end=item["end"],
        quote=item.get("quote") or "",
    )
