"""A result file as typed records, checked as it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

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


RECORD = TypeAdapter(Record)


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
    if "answer" not in data:
        raise GazetteError(f"{place}: field 'answer' is missing")
    try:
        return RECORD.validate_json(json.dumps(without_nulls(data)), strict=True)
    except ValidationError as error:
        fault = error.errors()[0]
        raise GazetteError(f"{place}: field {'.'.join(map(str, fault['loc']))!r}: {fault['msg']}") from None


def without_nulls(value: object) -> object:
    """``value`` without the fields that are null: a field that is left out has its default."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
