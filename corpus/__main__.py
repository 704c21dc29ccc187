"""The command line of the corpus: add, check, show, clauses, remove."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from tqdm import tqdm

from . import Corpus, intake, load_corpus
from .errors import GazetteError
from .model import Clause, Notice, Span
from .normalise import document_number, normalise
from .settings import settings

FIRST_WORDS = 40


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m corpus", description="Gazettes into notices and clauses.")
    parser.add_argument("--gazettes", type=Path, help="folder of the gazettes (default: the setting GAZETTE_GAZETTES)")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="take gazettes in: .txt .md .docx .html .pdf (with text), UTF-8 or GB18030")
    add.add_argument("files", nargs="+", type=Path, metavar="FILE")
    add.add_argument("--district", default="", help="issuing district, county, city or province, where the masthead is missing")
    add.add_argument("--year", type=int, help="year of the issue, where the masthead is missing")
    add.add_argument("--issue", default="", help="issue as printed (第2期) or its number")
    add.add_argument("--name", default="", help="name of the text file, as chaoyang-2021-03 (default: from the file's name)")
    add.add_argument("--replace", action="store_true", help="put it in the place of the same issue that is there")
    add.add_argument("--yes", action="store_true", help="take it in without asking")
    add.add_argument("--json", action="store_true", help="the report as JSON")
    check = commands.add_parser("check", help="the same report for what is there; exit status 1 on errors")
    check.add_argument("--json", action="store_true", help="the reports as JSON")
    show = commands.add_parser("show", help="a notice's outline, validity, attachments, relations and references")
    show.add_argument("notice", help="document number in any spelling, or a title")
    clauses = commands.add_parser("clauses", help="every clause")
    clauses.add_argument("--json", action="store_true", help="one JSON object a line")
    remove = commands.add_parser("remove", help="take a gazette out of the corpus")
    remove.add_argument("source", help="its file name, as check prints it")
    return parser


def _add(args: argparse.Namespace, folder: Path) -> int:
    if args.name and len(args.files) > 1:
        raise GazetteError("--name names one file; take the files in one by one")
    files = tqdm(args.files, desc="reading", unit="file", disable=len(args.files) < 2 or not sys.stderr.isatty())
    proposals = [
        intake.propose(path, district=args.district, year=args.year, issue=args.issue, name=args.name) for path in files
    ]
    proposals = intake.settle(proposals, folder, replace=args.replace)
    reports = [intake.report_on(proposal.parsed) for proposal in proposals]
    if args.json:
        print(json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=1))
    else:
        for report, proposal in zip(reports, proposals, strict=True):
            print("\n".join(report.lines()))
            if proposal.replaces:
                print(f"  replaces: {', '.join(proposal.replaces)}")
    if not args.yes and not _agreed(len(proposals)):
        print("nothing taken in", file=sys.stderr)
        return 1
    intake.take_in(proposals, folder)
    names = ", ".join(proposal.gazette.source for proposal in proposals)
    print(f"taken in: {names}; now run: python -m indexing build", file=sys.stderr)
    return 0


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise GazetteError("not a terminal to ask on; look at the report and add --yes to take it in (nothing was written)")
    print(f"Take {'it' if count == 1 else 'them'} in? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _check(args: argparse.Namespace, folder: Path) -> int:
    reports = intake.check(folder)
    if args.json:
        print(json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=1))
    else:
        for report in reports:
            print("\n".join(report.lines()))
        errors, warnings = (sum(len(getattr(report, what)) for report in reports) for what in ("errors", "warnings"))
        print(f"{len(reports)} gazettes, {sum(len(report.notices) for report in reports)} notices, {warnings} warnings, {errors} errors")
    return 1 if any(report.errors for report in reports) else 0


def _find(corpus: Corpus, name: str) -> Notice:
    notice = corpus.notice(document_number(name) or name) or corpus.notice(name)
    if notice:
        return notice
    near = [item.key for item in corpus.notices if normalise(name) and normalise(name) in normalise(item.title)]
    if len(near) == 1:
        return corpus.notice(near[0])
    hint = f"; its words are in the titles of: {', '.join(near[:5])}" if near else "; python -m corpus check lists them all"
    raise GazetteError(f"no notice {name}{hint}")


def _show(args: argparse.Namespace, folder: Path) -> int:
    corpus = load_corpus(folder)
    for line in shown(corpus, _find(corpus, args.notice)):
        print(line)
    return 0


def shown(corpus: Corpus, notice: Notice) -> Iterable[str]:
    """The lines that ``show`` prints."""
    text = corpus.gazettes[notice.source].text

    def lines(start: int, end: int) -> str:
        return f"line {text.count(chr(10), 0, start) + 1}-{text.count(chr(10), 0, max(start, end - 1)) + 1} [{start}:{end}]"

    def said(span: Span | None) -> str:
        return f"  {lines(span.start, span.end)}" if span else ""

    yield f"{notice.key}  {notice.title}"
    yield f"  {notice.source}  {lines(notice.start, notice.end)}"
    yield f"  issuer {notice.issuer}  signed {notice.signed or 'unknown'}  kind {notice.kind}"
    if notice.enclosed_title:
        yield f"  encloses {notice.enclosed_title}"
    yield from (f"  attachment {place}: {name}" for place, name in enumerate(notice.attachments, 1))
    held = notice.validity
    yield f"  in force from {held.in_force_from or 'unknown'}{said(held.in_force_clause)}"
    yield f"  expires {held.expires or 'unknown'}{said(held.expires_clause)}"
    if held.covers:
        yield f"  covers {held.covers}{said(held.covers_clause)}"
    for item in corpus.relations_of(notice):
        yield f"  {item.kind}: {item.target}{said(item.clause) if item.said_by == notice.key else ''}"
    for item in corpus.references_of(notice):
        if item.resolved:
            yield f"  refers {lines(item.start, item.end)} {' '.join(text[item.start:item.end].split())[:FIRST_WORDS]} -> {' > '.join((item.target, *item.path))}"
    yield ""
    for clause in corpus.clauses_of(notice):
        yield f"{lines(clause.start, clause.end):<28} {clause.kind:<10} {' > '.join(clause.path)}"
        yield f"{'':<28} | {clause.text[:FIRST_WORDS]}"


def record(clause: Clause) -> dict[str, object]:
    """A clause as ``clauses --json`` prints it."""
    day: date | None = clause.notice.signed
    return {
        "source": clause.notice.source, "notice": clause.notice.number, "title": clause.notice.title,
        "date": day.isoformat() if day else None, "path": list(clause.path), "kind": clause.kind,
        "start": clause.start, "end": clause.end, "text": clause.text,
    }  # fmt: skip


def _clauses(args: argparse.Namespace, folder: Path) -> int:
    for clause in load_corpus(folder).clauses:
        if args.json:
            print(json.dumps(record(clause), ensure_ascii=False))
        else:
            print(f"{clause.notice.key}\t{clause.kind}\t{' > '.join(clause.path)}\t{' '.join(clause.text.split())}")
    return 0


def _remove(args: argparse.Namespace, folder: Path) -> int:
    intake.remove(args.source, folder)
    print(f"removed: {args.source}; now run: python -m indexing build", file=sys.stderr)
    return 0


COMMANDS = {"add": _add, "check": _check, "show": _show, "clauses": _clauses, "remove": _remove}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 an error that its one line explains, 2 wrong usage."""
    args = _parser().parse_args(arguments)
    try:
        code = COMMANDS[args.command](args, args.gazettes or settings().gazettes)
        sys.stdout.flush()
        return code
    except GazetteError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) has enough. Python would complain again when it closes the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped; the corpus is unchanged", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
