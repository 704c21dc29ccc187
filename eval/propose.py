"""The clauses that no question covers, and drafts of questions about them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from corpus import Clause, Corpus

from .folding import squeezed
from .places import Texts, covered
from .questions import Question
from .writing import replace_text

KINDS = ("text", "row", "note")  # clauses that can answer something
LEAST = 15    # characters of a clause worth a question
FIRST = 40     # characters of a clause that are listed
TOUCHED = 0.3  # share of a clause that a question's evidence covers to count as asked about


def uncovered(corpus: Corpus, questions: Sequence[Question]) -> list[Clause]:
    """The clauses, in order of printing, that no question's evidence covers."""
    texts = Texts(corpus.gazettes)
    asked: dict[str, list] = {}
    for question in questions:
        for gold in question.gold:
            for place in texts.find(gold.evidence):
                asked.setdefault(place.source, []).append(place)
    found = []
    for clause in corpus.clauses:
        if clause.kind not in KINDS or len(squeezed(clause.text)) < LEAST:
            continue
        place = texts.place(clause.notice.source, clause.start, clause.end)
        if place is not None and covered(place, asked.get(place.source, ())) < TOUCHED:
            found.append(clause)
    return found


def sampled(clauses: Iterable[Clause], *, limit: int, seed: int = 1) -> list[Clause]:
    """``limit`` clauses, drawn in turn from every notice and kind, so that a long notice does not crowd out a short one."""
    dice = random.Random(seed)
    groups: dict[tuple[str, str], list[Clause]] = {}
    for clause in clauses:
        groups.setdefault((clause.notice.key, clause.kind), []).append(clause)
    queues = list(groups.values())
    dice.shuffle(queues)
    for queue in queues:
        dice.shuffle(queue)
    chosen: list[Clause] = []
    while queues and len(chosen) < limit:
        chosen += [queue.pop() for queue in queues][: limit - len(chosen)]
        queues = [queue for queue in queues if queue]
    return chosen


def drafts(clauses: Iterable[Clause], *, corpus: Corpus, prefix: str = "draft") -> Iterator[dict]:
    """Question records with all but the words to ask: a person fills in ``question``, ``key_facts`` and ``answer``.

    ``draft`` says why it was made; a run refuses the question until a person takes it out.
    """
    for number, clause in enumerate(clauses, start=1):
        notice = clause.notice
        yield {
            "id": f"{prefix}-{number:03d}", "question": "", "style": "resident", "type": "table" if clause.kind == "row" else "fact",
            "history": [], "answerable": True, "gold": [{
                "notice": notice.key, "clause": list(clause.path),
                "evidence": corpus.gazettes[notice.source].text[clause.start : clause.end],
            }], "need": "all", "key_facts": [], "answer": "", "draft": {"reason": "uncovered"},
        }


def write_drafts(path: Path, records: Iterable[dict]) -> int:
    """One a line; returns how many. Raises ``FileExistsError``: a draft may hold somebody's work."""
    if path.exists():
        raise FileExistsError(path)
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    replace_text(path, "".join(lines))
    return len(lines)


def listing(clauses: Sequence[Clause]) -> str:
    """What no question covers, a heading for each notice and a line for each clause."""
    by_notice: dict[str, list[Clause]] = {}
    for clause in clauses:
        by_notice.setdefault(clause.notice.key, []).append(clause)
    lines = []
    for key, members in by_notice.items():
        lines.append(f"{key} {members[0].notice.title}: {len(members)}")
        lines += [f"  {' > '.join(clause.path)} | {squeezed(clause.text)[:FIRST]}" for clause in members]
    return "\n".join(lines)
