"""``python -m assistant ask "…"``: the assistant in a terminal, for people and, with ``--json``, for programs; its operators."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence

from corpus import GazetteError, settings
from corpus.texts import texts

from .model import Answer
from .records.commands import operators_command, operators_options


def main(arguments: Sequence[str] | None = None) -> int:
    """0: answered, asked back or refused; 1: an error told in one line."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        if options.command == "operators":
            operators_command(options)
            return 0
        answer = asked(options.question, district=options.district, after=options.after, progress=not options.json)
        print(json.dumps(record(answer), ensure_ascii=False, indent=1) if options.json else shown(answer))
    except GazetteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of the output left: head, less
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m assistant", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    purpose = "answer a question from the gazettes, with the clauses it stands on"
    ask = commands.add_parser("ask", help=purpose, description=purpose)
    ask.add_argument("question")
    ask.add_argument("--district", default="", metavar="区", help="the district to answer for where the question names none")
    ask.add_argument("--after", action="append", default=[], metavar="QUESTION", help="an earlier question of the conversation, oldest first")
    ask.add_argument("--json", action="store_true", help="one JSON object, for programs; no progress bar")
    purpose = "who may log in to the operator's console"
    operators_options(commands.add_parser("operators", help=purpose, description=purpose))
    return whole


def asked(question: str, *, district: str, after: Sequence[str], progress: bool) -> Answer:
    """The answer, the index built first if need be. Raises GazetteError for what a person has to put right."""
    from indexing import ensure

    from .pipeline import Assistant

    chosen = settings()
    assistant = Assistant(ensure(chosen, progress=progress), chosen)
    districts = sorted({gazette.district for gazette in assistant.index.corpus.gazettes.values()})
    if district and district not in districts:
        raise GazetteError(f"no gazette of {district!r}; --district takes one of {', '.join(districts)}")
    return assistant.ask(question, history=assistant.turns(after, district=district), district=district)


def record(answer: Answer) -> dict:
    """What evaluation reads of an answer, without the passages behind it, and what a person is told besides."""
    whole = answer.record("")
    return {
        "question": answer.understanding.question, **{key: whole[key] for key in ("status", "answer", "citations")},
        "validity": list(answer.validity), "related": [citation.record() for citation in answer.related],
        "choices": [choice.question for choice in answer.choices], "confidence": whole["confidence"],
        "latency_ms": whole["latency_ms"],
    }


def shown(answer: Answer) -> str:
    """The answer as a person reads it: text, what is in force, sources, related clauses."""
    words = texts("answers")["terminal"]
    parts = [answer.text]
    parts += ["\n".join(answer.validity)] if answer.validity else []
    for heading, citations in ((words["sources"], answer.citations), (words["related"], answer.related)):
        lines = [words["source"].format(n=n, label=one.label, source=one.source, start=one.start, end=one.end)
                 for n, one in enumerate(citations, start=1)]
        parts += ["\n".join((heading, *lines))] if lines else []
    parts += ["\n".join(words["choice"].format(question=choice.question) for choice in answer.choices)] if answer.choices else []
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
