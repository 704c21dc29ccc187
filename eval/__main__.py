"""``python -m eval``: run a question set, score it, show it, compare two runs, keep question sets fit."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from corpus import GazetteError

from . import commands

QUESTIONS = Path(__file__).parent / "questions" / "dev.jsonl"
BASELINE = Path(__file__).parent / "baseline.json"


def main(arguments: list[str] | None = None) -> int:
    """0: done; 1: a real loss, a faulty question file, or an error told in one line."""
    options = parser().parse_args(arguments)
    try:
        return options.call(options)
    except GazetteError as error:
        print(f"error: {error}", file=sys.stderr)
    except BrokenPipeError:  # the reader of the output left: head, less
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("stopped; the same command goes on where it was", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    subparsers = whole.add_subparsers(dest="command", required=True)

    def command(name: str, call, help: str) -> argparse.ArgumentParser:
        made = subparsers.add_parser(name, help=help, description=help)
        made.set_defaults(call=call)
        return made

    def questions(made: argparse.ArgumentParser) -> None:
        made.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE", help="default: the development questions")

    def results(made: argparse.ArgumentParser) -> None:
        made.add_argument("--results", type=Path, required=True, metavar="DIR", help="what 'run' wrote")

    run = command("run", commands.run, "ask every question of a file; writes DIR/results.jsonl and DIR/run.json")
    questions(run)
    run.add_argument("--out", type=Path, required=True, metavar="DIR")
    run.add_argument("--limit", type=natural, default=0, metavar="N", help="only the first N questions")
    run.add_argument("--with-model", action="store_true", help="answers written by the language model of the settings (default: without)")
    run.add_argument("--workers", type=natural, default=0, metavar="N",
                     help="questions asked at a time; default: 4 with a language model, which is waited for, else 1: the search uses all cores")
    again = run.add_mutually_exclusive_group()
    again.add_argument("--resume", dest="fresh", action="store_false", help="go on with a stopped run of the same configuration (the default)")
    again.add_argument("--fresh", action="store_true", help="ask every question anew")
    run.set_defaults(fresh=False)
    run.add_argument("--json", action="store_true", help="print what run.json says, and no progress bar")

    figures = command("figures", commands.figures, "the figures of a run, with 95%% confidence intervals")
    questions(figures)
    results(figures)
    figures.add_argument("--by", choices=commands.KEYS, default="type", help="the groups shown below; default: type")
    figures.add_argument("--json", action="store_true", help="with the groups by type, style, district and notice")

    report = command("report", commands.report, "one HTML file for people: figures, plots, every failure beside what was right")
    questions(report)
    results(report)
    report.add_argument("--beside", type=Path, nargs="*", default=[], metavar="DIR", help="other runs to show side by side")
    report.add_argument("--out", type=Path, metavar="FILE", help="default: DIR/report.html")

    compare = command("compare", commands.compare, "what run B won and lost against run A; exit status 1 on a real loss")
    questions(compare)
    compare.add_argument("before", type=Path, metavar="A")
    compare.add_argument("after", type=Path, metavar="B")

    gate = command("gate", commands.gate, "a run against the baseline; exit status 1 on a real loss")
    questions(gate)
    results(gate)
    gate.add_argument("--baseline", type=Path, default=BASELINE, metavar="FILE")

    baseline = command("baseline", commands.baseline, "make a run the baseline that later ones are held against")
    questions(baseline)
    results(baseline)
    baseline.add_argument("--baseline", type=Path, default=BASELINE, metavar="FILE")

    around = command("ask-around", commands.ask_around, "the same questions through llama-index's default engine and plain BM25")
    questions(around)
    around.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder for each is made in it")

    around.add_argument("--with-model", action="store_true", help="answers written by the language model of the settings (default: the chunks quoted)")

    around.add_argument("--fresh", action="store_true", help="ask every question anew")

    judge = command("judge", commands.judge, "what the language model of the settings makes of a run's answers; needed for nothing else")
    questions(judge)
    results(judge)
    judge.add_argument("--workers", type=natural, default=0, metavar="N", help="answers judged at a time; default: 4")
    judge.add_argument("--fresh", action="store_true", help="judge every answer anew")

    check = command("check", commands.check, "whether a question file is fit to measure with; exit status 1 where it is not")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--json", action="store_true")

    propose = command("propose", commands.propose, "the clauses that no question covers; with --out, drafts for some, drawn fairly from all notices")
    propose.add_argument("--questions", type=Path, nargs="+", default=[QUESTIONS], metavar="FILE", help="what is asked already")
    propose.add_argument("--limit", type=natural, default=50, metavar="N", help="how many drafts")
    propose.add_argument("--seed", type=int, default=1, help="another seed draws other clauses")
    propose.add_argument("--out", type=Path, metavar="FILE", help="where to write the drafts; without it, the clauses are listed")
    return whole


def natural(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
