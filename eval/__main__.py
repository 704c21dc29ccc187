"""``python -m eval``: run a question set, score it, compare two runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from corpus import GazetteError, settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="ask every question of a file; writes DIR/results.jsonl and DIR/run.json")
    command.add_argument("--questions", type=Path, required=True, metavar="FILE")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--limit", type=int, default=0, help="only the first N questions")
    command.add_argument("--fresh", action="store_true", help="do not go on with a stopped run")
    command.add_argument("--json", action="store_true", help="print what run.json says")
    options = parser.parse_args(arguments)
    try:
        return run_command(options)
    except GazetteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def run_command(options: argparse.Namespace) -> int:
    from assistant import Assistant
    from indexing import ensure

    from .questions import read_questions
    from .run import run

    read_questions(options.questions)  # before the index is loaded: a bad file is told at once
    assistant = Assistant(ensure(settings()), settings())
    about = run(
        assistant, questions=options.questions, out=options.out, limit=options.limit, fresh=options.fresh,
        progress=not options.json,
    )
    print(json.dumps(about, ensure_ascii=False) if options.json else f"{about['asked']} questions: {options.out}/results.jsonl")
    return 0


if __name__ == "__main__":
    sys.exit(main())
