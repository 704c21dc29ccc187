"""A question file, checked as it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from corpus import GazetteError

TYPES = frozenset(
    "fact number date condition procedure responsibility table list personnel definition comparison validity followup "
    "ambiguous unanswerable adversarial".split()
)
STYLES = frozenset(("resident", "operator", "formal"))


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that holds the answer: ``evidence`` is verbatim, ``clause`` the headings as printed."""

    notice: str
    clause: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question file. ``need``: "all" places of ``gold``, or "any" one of them.

    ``draft`` says where an unfinished question comes from; a finished one has none.
    """

    id: str
    question: str
    style: str
    type: str
    answerable: bool
    gold: tuple[Gold, ...] = ()
    need: str = "all"
    key_facts: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    answer: str = ""
    draft: dict = field(default_factory=dict)


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON-lines file, in order.

    Raises GazetteError with ``file:line`` where a line is not a question, or only the draft of one.
    """
    questions, seen = [], {}
    for at, line in numbered_lines(path):
        question = parsed(line, place=f"{path}:{at}")
        if question.draft:
            raise GazetteError(f"{path}:{at}: {question.id!r} is a draft; finish it: python -m eval check {path} says what it lacks")
        if question.id in seen:
            raise GazetteError(f"{path}:{at}: id {question.id!r} stands at line {seen[question.id]} already")
        seen[question.id] = at
        questions.append(question)
    if not questions:
        raise GazetteError(f"{path}: no question in it")
    return questions


def numbered_lines(path: Path) -> list[tuple[int, str]]:
    """The lines that are not blank, with their 1-based numbers."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise GazetteError(f"{path}: no such question file") from None
    except (UnicodeDecodeError, IsADirectoryError):
        raise GazetteError(f"{path}: not UTF-8 text") from None
    return [(at, line) for at, line in enumerate(lines, start=1) if line.strip()]


def parsed(line: str, *, place: str) -> Question:
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise GazetteError(f"{place}: not JSON ({error.msg}, column {error.colno})") from None
    if not isinstance(data, dict):
        raise GazetteError(f"{place}: a question is a JSON object")
    for name, kind in (("id", str), ("question", str), ("style", str), ("type", str), ("answerable", bool)):
        if not isinstance(data.get(name), kind):
            raise GazetteError(f"{place}: field {name!r} must be a {kind.__name__}")
    for name, allowed in (("type", TYPES), ("style", STYLES)):
        if data[name] not in allowed:
            raise GazetteError(f"{place}: {name} {data[name]!r} is none of {', '.join(sorted(allowed))}")
    if data.get("need", "all") not in ("all", "any"):
        raise GazetteError(f"{place}: need must be 'all' or 'any'")
    for name in ("history", "key_facts"):
        if not texts(data.get(name) or []):
            raise GazetteError(f"{place}: {name!r} must be a list of texts")
    gold = data.get("gold") or []
    if not isinstance(gold, list) or not all(map(is_gold, gold)):
        raise GazetteError(f"{place}: each item of 'gold' needs notice (a text), clause (a list of texts) and evidence (a text)")
    gold = tuple(Gold(item["notice"], tuple(item["clause"]), item["evidence"]) for item in gold)
    draft = data.get("draft") or {}
    if not isinstance(draft, dict):
        raise GazetteError(f"{place}: 'draft' must be an object")
    if data["answerable"] and not gold and not draft:
        raise GazetteError(f"{place}: an answerable question needs 'gold'")
    return Question(
        id=data["id"], question=data["question"], style=data["style"], type=data["type"], answerable=data["answerable"],
        gold=gold, need=data.get("need", "all"), key_facts=tuple(data.get("key_facts") or ()),
        history=tuple(data.get("history") or ()), answer=str(data.get("answer") or ""), draft=draft,
    )


def texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def is_gold(item: object) -> bool:
    return (
        isinstance(item, dict) and texts(item.get("clause")) and isinstance(item.get("notice"), str) and isinstance(item.get("evidence"), str)
    )
