"""Frozen dataclasses to JSON and back, so that an index carries the gazettes and clauses it was built from.

The types are read off the dataclasses' own annotations: a field that the
corpus adds is kept without a line here. A clause's notice is written as its
place among the notices, so that it is one object again when read.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from corpus.model import Clause, Notice, ParsedGazette

Record = TypeVar("Record")


def write_records(path: Path, records: Iterable[Any]) -> None:
    """One JSON array of dataclass records."""
    _dump(path, [to_json(record) for record in records])


def read_records(path: Path, kind: type[Record]) -> list[Record]:
    """What ``write_records`` wrote; raises ``ValueError``, ``KeyError`` or ``TypeError`` where it is something else."""
    decode = decoder(kind)
    return [decode(item) for item in json.loads(path.read_text("utf-8"))]


def write_gazettes(path: Path, gazettes: Iterable[ParsedGazette]) -> None:
    """Parsed gazettes with their texts."""
    stored = []
    for parsed in gazettes:
        places = {id(notice): place for place, notice in enumerate(parsed.notices)}
        by_value = {notice: place for place, notice in enumerate(parsed.notices)}
        clauses = []
        for clause in parsed.clauses:
            place = places.get(id(clause.notice), by_value.get(clause.notice))
            clauses.append({name: place if name == "notice" else to_json(getattr(clause, name)) for name in _names(Clause)})
        rest = {name: to_json(getattr(parsed, name)) for name in _names(ParsedGazette) if name != "clauses"}
        stored.append({**rest, "clauses": clauses})
    _dump(path, stored)


def read_gazettes(path: Path) -> tuple[ParsedGazette, ...]:
    """What ``write_gazettes`` wrote; raises ``ValueError``, ``LookupError`` or ``TypeError`` where it is something else."""
    gazettes = []
    clause_fields = [(name, decoder(hint)) for name, hint in get_type_hints(Clause).items() if name != "notice"]
    for item in json.loads(path.read_text("utf-8")):
        stored = item.pop("clauses")
        known = {name: decoder(hint)(item[name]) for name, hint in get_type_hints(ParsedGazette).items() if name != "clauses"}
        notices: tuple[Notice, ...] = known["notices"]
        clauses = tuple(
            Clause(notice=notices[clause["notice"]], **{name: decode(clause[name]) for name, decode in clause_fields})
            for clause in stored
        )
        gazettes.append(ParsedGazette(clauses=clauses, **known))
    return tuple(gazettes)


def to_json(value: Any) -> Any:
    """Plain JSON values of a dataclass, tuple, date or scalar."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    if is_dataclass(value):
        return {name: to_json(getattr(value, name)) for name in _names(type(value))}
    return value


@lru_cache(maxsize=256)
def decoder(kind: Any) -> Callable[[Any], Any]:
    """The function that turns ``to_json``'s output back into a value of the annotation ``kind``."""
    if is_dataclass(kind):
        parts = [(name, decoder(hint)) for name, hint in get_type_hints(kind).items() if name in _names(kind)]
        return lambda item: kind(**{name: decode(item[name]) for name, decode in parts})
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            each = decoder(inner[0])
            return tuple if each is _same else lambda items: tuple(each(item) for item in items)
        parts_of = [decoder(part) for part in inner]
        return lambda items: tuple(decode(item) for decode, item in zip(parts_of, items, strict=True))
    if origin in (Union, types.UnionType):
        (chosen,) = [decoder(part) for part in inner if part is not type(None)]
        return lambda item: None if item is None else chosen(item)
    if kind is date:
        return date.fromisoformat
    if kind in (str, int, float, bool) or origin is Literal:
        return _same
    raise TypeError(f"no decoder for {kind}")


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=64)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


def _dump(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "utf-8", newline="")
