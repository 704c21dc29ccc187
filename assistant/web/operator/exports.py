"""Reviewed questions as files: a table for a spreadsheet, everything as JSON lines, drafts of evaluation questions."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO

from assistant.records import Reviewed

from ..pages import desk_words

# A spreadsheet takes a cell that begins like this for a formula and runs it; full-width signs are folded by some.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
OPERATORS_CHANNEL = "operator"


def as_csv(found: Iterable[Reviewed]) -> Iterator[str]:
    """With a byte order mark, without which Excel takes Chinese for another code."""
    words = desk_words()
    yield "\ufeff" + row(words["review"]["columns"])
    for one in found:
        exchange, answer = one.exchange, one.exchange.turn.answer
        yield row([
            exchange.created.astimezone().strftime("%Y-%m-%d %H:%M:%S"), words["review"]["channels"].get(one.channel, one.channel),
            "、".join(answer.understanding.districts), words["statuses"][answer.status], exchange.turn.question, answer.text,
            "\n".join(citation.label for citation in answer.citations), words["review"]["verdicts"].get(exchange.verdict, exchange.verdict),
            exchange.words, "\n".join(f"{words['kinds'][note.kind]}：{note.text}（{note.operator}）" for note in one.notes),
            f"{answer.confidence:.2f}", f"{answer.latency_ms:.0f}",
        ])


def row(cells: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(harmless(cell) for cell in cells)
    return line.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs.

    >>> harmless("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA) else cell


def as_jsonl(found: Iterable[Reviewed]) -> Iterator[str]:
    """Everything that is kept of each question, one object a line."""
    for one in found:
        exchange, answer = one.exchange, one.exchange.turn.answer
        record = answer.record(exchange.key)
        yield line({
            "id": exchange.key, "asked": exchange.created.isoformat(), "channel": one.channel, "question": exchange.turn.question,
            "history": list(one.before), "understood": answer.understanding.question, "districts": list(answer.understanding.districts),
            "years": list(answer.understanding.years), "status": answer.status, "reason": answer.reason, "answer": answer.text,
            "citations": record["citations"], "validity": list(answer.validity), "verdict": exchange.verdict, "words": exchange.words,
            "notes": [{"kind": note.kind, "text": note.text, "operator": note.operator, "at": note.created.isoformat()} for note in one.notes],
            "confidence": record["confidence"], "latency_ms": record["latency_ms"],
        })


def as_draft(found: Iterable[Reviewed]) -> Iterator[str]:
    """Question records as docs/evaluation.md describes them; a person puts right the places and writes the key facts.

    ``draft`` says why each is there; evaluation takes none for a finished question while it stands.

    A correction by an operator is the reference answer to begin with; the places are those the assistant cited.
    The same question in the same conversation comes once.
    """
    seen: set[tuple[str, ...]] = set()
    for one in found:
        answer = one.exchange.turn.answer
        question = answer.understanding.original  # with the filters of the console named, without which it would be another question
        if (*one.before, question) in seen:
            continue
        seen.add((*one.before, question))
        gold = [
            {"notice": citation.notice, "clause": list(citation.clause), "evidence": citation.quote} for citation in answer.citations
        ]
        followed = bool(one.before) and answer.understanding.is_followup
        kind = "followup" if followed and gold else "fact" if gold else "unanswerable"
        correction = next((note.text for note in reversed(one.notes) if note.kind == "correction"), "")
        yield line({
            "id": f"asked-{one.exchange.key[:12]}", "question": question,
            "style": "operator" if one.channel == OPERATORS_CHANNEL else "resident", "type": kind,
            "history": list(one.before) if followed else [], "answerable": bool(gold), "gold": gold, "key_facts": [],
            "answer": correction, "need": "all", "draft": {
                "reason": reason(one), "comment": one.exchange.words, "status": answer.status, "answer": answer.text,
                "asked": one.exchange.created.astimezone().date().isoformat(),
            },
        })


def reason(one: Reviewed) -> str:
    """Why a question is worth another look: nothing answered it, its verdict, an operator's note; ``asked`` where none."""
    if one.exchange.turn.answer.status == "refused":
        return "unanswered"
    return one.exchange.verdict or (one.notes[-1].kind if one.notes else "asked")


def line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
