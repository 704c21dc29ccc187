"""Ask every question of a file and keep the records: resumable, with what made them beside them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tqdm import tqdm

from assistant import Assistant, Turn
from corpus import GazetteError
from corpus.settings import ROOT

from .questions import Question, read_questions

RESULTS, RUN, PART = "results.jsonl", "run.json", "results.part.jsonl"


def run(assistant: Assistant, *, questions: Path, out: Path, limit: int = 0, fresh: bool = False, progress: bool = True) -> dict:
    """Write ``out/results.jsonl`` and ``out/run.json``; returns what ``run.json`` says.

    A run that was stopped goes on where it was, if the questions, the index and
    the settings are the same (``fresh`` starts anew). Raises GazetteError for a
    bad question file or a folder that cannot be written.
    """
    asked = read_questions(questions)[: limit or None]
    about = configuration(assistant, questions=questions)
    try:
        out.mkdir(parents=True, exist_ok=True)
        records = {} if fresh else kept(out, about=about)
        (out / RUN).write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
        with (out / PART).open("w", encoding="utf-8") as part:
            for record in records.values():
                part.write(line(record))
            for question in tqdm(asked, desc="questions", unit="", disable=not progress):
                if question.id not in records:
                    records[question.id] = ask(assistant, question)
                    part.write(line(records[question.id]))
                    part.flush()
        ordered = "".join(line(records[question.id]) for question in asked)
        whole = out / (RESULTS + ".new")
        whole.write_text(ordered, "utf-8")
        os.replace(whole, out / RESULTS)
        about |= {"asked": len(asked), "finished": datetime.now(UTC).isoformat(timespec="seconds")}
        (out / RUN).write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
        (out / PART).unlink()
    except OSError as error:
        raise GazetteError(f"cannot write to {out}: {error.strerror}; name another folder with --out") from None
    return about


def ask(assistant: Assistant, question: Question) -> dict:
    """The record of one question, its history asked first in the same conversation."""
    turns: list[Turn] = []
    for earlier in question.history:
        turns.append(Turn(earlier, assistant.ask(earlier, history=turns)))
    return assistant.ask(question.question, history=turns).record(question.id)


def configuration(assistant: Assistant, *, questions: Path) -> dict:
    """What decides the results: a run with another configuration is another run."""
    return {
        "questions": questions.name, "questions_sha256": sha256(questions.read_bytes()).hexdigest(),
        "index": assistant.index.digest, "model": assistant.index.model_name, "commit": commit(),
        "python": platform.python_version(),
    }


def commit() -> str:
    """The commit the program runs from, with ``+changes`` where files differ; "" outside a checkout."""
    def git(*words: str) -> str:
        try:
            return subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, timeout=20).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            return ""

    head = git("rev-parse", "--short=12", "HEAD")
    return f"{head}+changes" if head and git("status", "--porcelain", "--untracked-files=no") else head


def kept(out: Path, *, about: dict) -> dict[str, dict]:
    """The records of a run of the same configuration that was stopped."""
    try:
        before = json.loads((out / RUN).read_text("utf-8"))
        lines = (out / PART).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    if "+changes" in about["commit"] or any(before.get(name) != value for name, value in about.items()):
        return {}
    records = {}
    for text in lines:
        try:
            record = json.loads(text)
        except json.JSONDecodeError:  # the line that was being written when it stopped
            continue
        records[record["id"]] = record
    return records


def line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
