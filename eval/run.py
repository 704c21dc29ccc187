"""Ask every question of a file and keep the records: resumable, with what made them beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from assistant import Answer, Assistant, Turn
from corpus import GazetteError

from .provenance import configuration
from .questions import Question, read_questions
from .writing import PART, RESULTS, RUN, line, replace_text, write_json

Ask = Callable[[Question], dict]


def run(
    assistant: Assistant, *, questions: Path, out: Path, limit: int = 0, workers: int = 1, fresh: bool = False,
    progress: bool = True,
) -> dict:
    """Write ``out/results.jsonl`` and ``out/run.json``; returns what ``run.json`` says.

    A run that was stopped goes on where it was, if questions, index, code and
    settings are the same (``fresh`` starts anew). ``workers`` questions are asked
    at a time: worth it where a language model is waited for, while the search
    alone already uses all cores. Raises GazetteError for a bad question file or
    a folder that cannot be written.
    """
    asked = read_questions(questions)[: limit or None]
    about = configuration(assistant, questions=questions)
    try:
        out.mkdir(parents=True, exist_ok=True)
        return written(
            lambda question: ask(assistant, question), asked, out=out, about=about, workers=workers, fresh=fresh, progress=progress
        )
    except OSError as error:
        raise GazetteError(f"cannot write to {out}: {error.strerror}; name another folder with --out") from None


def written(
    ask_one: Ask, asked: Sequence[Question], *, out: Path, about: dict, workers: int = 1, fresh: bool = False,
    progress: bool = True,
) -> dict:
    """Ask what is not answered yet; each record is on disk before the next counts, the finished file appears at once.

    The progress bar shows on a terminal only: a log would be filled by it.
    """
    records = {} if fresh else kept(out, about=about)
    records = {question.id: records[question.id] for question in asked if question.id in records}
    about |= {"resumed": len(records)}
    write_json(out / RUN, about)
    with (out / PART).open("w", encoding="utf-8") as part:
        part.writelines(map(line, records.values()))
        part.flush()
        left = [question for question in asked if question.id not in records]
        bar = tqdm(answers(ask_one, left, workers=workers), desc="questions", unit="", total=len(asked), initial=len(records), disable=None if progress else True)
        for record in bar:
            records[record["id"]] = record
            part.write(line(record))
            part.flush()
    replace_text(out / RESULTS, "".join(line(records[question.id]) for question in asked))
    about |= {"asked": len(asked), "finished": datetime.now(UTC).isoformat(timespec="seconds")}
    write_json(out / RUN, about)
    (out / PART).unlink()
    return about


def answers(ask_one: Ask, questions: Iterable[Question], *, workers: int) -> Iterator[dict]:
    """The records as they come."""
    if workers <= 1:
        yield from map(ask_one, questions)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(ask_one, question) for question in questions]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def ask(assistant: Assistant, question: Question) -> dict:
    """The record of one question, its history asked first in the same conversation."""
    turns: list[Turn] = []
    for earlier in question.history:
        turns.append(Turn(earlier, assistant.ask(earlier, history=turns)))
    answer = assistant.ask(question.question, history=turns)
    return answer.record(question.id) | diagnosis(answer)


def diagnosis(answer: Answer) -> dict:
    """What the question was taken for: evaluation tells from it at which step a question went wrong."""
    understood = answer.understanding
    return {
        "reason": answer.reason,
        "understanding": {
            "question": understood.question, "kind": understood.kind, "districts": list(understood.districts),
            "years": list(understood.years), "notices": list(understood.notices),
        },
    }


def kept(out: Path, *, about: dict) -> dict[str, dict]:
    """The records of a run of the same configuration that was stopped, or that is finished."""
    try:
        before = json.loads((out / RUN).read_text("utf-8"))
        part = out / PART
        lines = (part if part.exists() else out / RESULTS).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    if any(before.get(name) != value for name, value in about.items() if name != "commit"):
        return {}
    records = {}
    for text in lines:
        try:
            record = json.loads(text)
        except json.JSONDecodeError:  # the line that was being written when it stopped
            continue
        records[record["id"]] = record
    return records
