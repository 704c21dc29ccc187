"""A new gazette into the corpus: read, parsed, shown, and only then written, with SOURCES.md, all or nothing."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import Corpus, load_corpus, parse, read_gazette
from .contents import contents_of, differences
from .errors import GazetteError
from .model import Gazette, ParsedGazette, Warning
from .normalise import normalise
from .readers import MEBIBYTE, read_text
from .settings import settings
from .sources import NAME, Source, listed, rendered, sha256_of, write_atomically

GOVERNMENT = re.compile(r"([\u4e00-\u9fff]{2,16}(?:人民政府|国务院|[委局厅]))\s*(?:办公[室厅])?\s*(?:公报|主办|主管)")
# What may stand in a file's name on every system; Chinese characters may.
NOT_IN_NAMES = re.compile(r"[^\w\u4e00-\u9fff.-]+")
RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)$", re.I)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in a gazette, for people and as JSON. Warnings are in order of lines."""

    source: str
    district: str
    year: int | None
    issue: str
    notices: tuple[dict[str, object], ...]
    listed: int
    clauses: int
    rows: int
    tables: int
    warnings: tuple[Warning, ...]
    errors: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "source": self.source, "district": self.district, "year": self.year, "issue": self.issue,
            "notices": list(self.notices), "in_contents": self.listed, "clauses": self.clauses, "rows": self.rows,
            "tables": self.tables, "warnings": [{"line": w.line, "message": w.message} for w in self.warnings],
            "errors": list(self.errors),
        }  # fmt: skip

    def lines(self) -> list[str]:
        place = " ".join(str(part) for part in (self.district, self.year, self.issue) if part)
        told = [
            f"{self.source}: {place}",
            f"  {len(self.notices)} notices ({self.listed or 'no'} entries in its 目录), {self.clauses} clauses, {self.rows} rows in {self.tables} tables",
        ]
        for notice in self.notices:
            told.append(f"    line {notice['line']:>5}  {notice['number'] or '(no number)'}  {notice['signed'] or '(no date)'}  {notice['title']}")
        told += [f"  warning: line {warning.line}: {warning.message}" for warning in self.warnings]
        told += [f"  error: {error}" for error in self.errors]
        return told


def report_on(parsed: ParsedGazette, *, errors: Sequence[str] = ()) -> Report:
    """What the parser found, held against the 目录."""
    gazette = parsed.gazette
    rows = [clause for clause in parsed.clauses if clause.kind == "row"]
    places = [place for place, clause in enumerate(parsed.clauses) if clause.kind == "row"]
    tables = sum(1 for place in places if place == 0 or parsed.clauses[place - 1].kind != "row" or parsed.clauses[place - 1].path != parsed.clauses[place].path)
    warnings = [*parsed.warnings, *differences(gazette, parsed.notices), *_unsound(parsed)]
    return Report(
        source=gazette.source, district=gazette.district, year=gazette.year, issue=gazette.issue,
        notices=tuple(
            {
                "number": notice.number, "title": notice.title, "signed": notice.signed.isoformat() if notice.signed else None,
                "kind": notice.kind, "line": gazette.text.count("\n", 0, notice.start) + 1, "attachments": list(notice.attachments),
            }
            for notice in parsed.notices
        ),
        listed=len(contents_of(gazette, parsed.notices)), clauses=len(parsed.clauses), rows=len(rows), tables=tables,
        warnings=tuple(sorted(warnings, key=lambda warning: warning.line)), errors=tuple(errors),
    )  # fmt: skip


def _unsound(parsed: ParsedGazette) -> list[Warning]:
    """A notice without a date or number is no error: some have none. A person should look."""
    found = []
    for notice in parsed.notices:
        line = parsed.gazette.text.count("\n", 0, notice.start) + 1
        if not notice.number:
            found.append(Warning(line, f"no document number found: {notice.title[:40]}"))
        if notice.signed is None:
            found.append(Warning(line, f"no date signed found: {notice.key}"))
    return found


@dataclass(frozen=True, slots=True)
class Proposal:
    """A gazette that could be taken in: its text as it would be written, what was found, what it would replace."""

    path: Path
    parsed: ParsedGazette
    issuer: str
    replaces: tuple[str, ...] = ()

    @property
    def gazette(self) -> Gazette:
        return self.parsed.gazette


def file_name(stem: str) -> str:
    """A name for the gazette's text file.

    >>> file_name("朝阳区 2021年(第3期)")
    '朝阳区-2021年-第3期.txt'
    """
    name = NOT_IN_NAMES.sub("-", stem).strip("-._ ").lower()[:80].strip("-._ ")
    if not name or RESERVED.match(name):
        raise GazetteError(f"'{stem}' makes no file name; give one: --name chaoyang-2021-03")
    return f"{name}.txt"


def propose(path: Path, *, district: str = "", year: int | None = None, issue: str = "", name: str = "") -> Proposal:
    """Read and parse a file in any format. Nothing is written. Raises GazetteError that names the file and the way out."""
    text = read_text(path, max_bytes=settings().max_file_mb * MEBIBYTE)
    source = file_name(name or path.stem)
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder) / source
        converted.write_bytes(text.encode())
        gazette = read_gazette(converted, district=district or None, year=year, issue=_issue(issue) or None)
    missing = [flag for flag, value in (("--district 某某区", gazette.district), ("--year 2023", gazette.year)) if not value]
    if missing:
        raise GazetteError(f"{path}: its masthead does not say where or when it was issued; add {' and '.join(missing)}")
    parsed = parse(gazette)
    if not parsed.notices:
        raise GazetteError(f"{path}: no notice found in it; is it a gazette? A notice needs a title and, as a rule, a document number (文号)")
    return Proposal(path, parsed, issuer_of(gazette))


def issuer_of(gazette: Gazette) -> str:
    """The issuing government as the masthead prints it in full, else after the district."""
    printed = GOVERNMENT.search(gazette.text[:1500])
    return printed.group(1) if printed and gazette.district in printed.group(1) else f"{gazette.district}人民政府"


def _issue(issue: str) -> str:
    return f"第{issue}期" if issue.isdecimal() else issue


def settle(proposals: Sequence[Proposal], folder: Path, *, replace: bool = False) -> tuple[Proposal, ...]:
    """The proposals with what each replaces. Raises GazetteError for a gazette that is there already, unless ``replace``."""
    there = {item.gazette.source: item.gazette for item in _present(folder).parsed}
    settled: list[Proposal] = []
    for proposal in proposals:
        new = proposal.gazette
        same_text = [name for name, old in there.items() if normalise(old.text) == normalise(new.text)]
        same_issue = [
            name for name, old in there.items()
            if new.issue and (old.district, old.year, old.issue) == (new.district, new.year, new.issue)
        ]  # fmt: skip
        same_name = [new.source] if new.source in there or (folder / new.source).exists() else []
        clash = tuple(dict.fromkeys((*same_text, *same_issue, *same_name)))
        if clash and not replace:
            if same_text:
                raise GazetteError(f"{proposal.path}: the same content is there already as {same_text[0]}; nothing to do")
            if same_issue:
                what = f"{new.district} {new.year} {new.issue} is there already with other content as {same_issue[0]}"
                raise GazetteError(f"{proposal.path}: {what}; add --replace to put this one in its place")
            raise GazetteError(f"{proposal.path}: a gazette {new.source} is there already; add --replace, or another --name")
        taken = [other.path for other in settled if other.gazette.source == new.source]
        if taken:
            raise GazetteError(f"{proposal.path}: would have the same name as {taken[0]} ({new.source}); take them in one by one with --name")
        settled.append(Proposal(proposal.path, proposal.parsed, proposal.issuer, clash))
        there[new.source] = new
    return tuple(settled)


def _present(folder: Path) -> Corpus:
    return load_corpus(folder) if any(folder.glob("*.txt")) else Corpus(())


def take_in(proposals: Sequence[Proposal], folder: Path) -> None:
    """Write the texts and SOURCES.md. On any failure the folder is as it was before."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = _complete(listed(folder), folder)
    changes: dict[Path, bytes | None] = {}
    for proposal in proposals:
        gazette, data = proposal.gazette, proposal.gazette.text.encode()
        for name in proposal.replaces:
            changes[folder / name] = None
            sources.pop(name, None)
        changes[folder / gazette.source] = data
        sources[gazette.source] = Source(gazette.source, proposal.issuer, gazette.district, gazette.year, gazette.issue, sha256_of(data))
    changes[folder / NAME] = rendered(sources).encode()
    _apply(changes)


def remove(source: str, folder: Path) -> None:
    """Take a gazette out of the corpus, its row in SOURCES.md too."""
    path = folder / source
    if Path(source).name != source or not source.endswith(".txt") or not path.is_file():
        there = ", ".join(sorted(item.name for item in folder.glob("*.txt"))) or "none"
        raise GazetteError(f"{source}: no such gazette in {folder}; there are: {there}")
    sources = _complete(listed(folder), folder)
    sources.pop(source, None)
    _apply({path: None, folder / NAME: rendered(sources).encode()})


def _complete(sources: dict[str, Source], folder: Path) -> dict[str, Source]:
    """SOURCES.md's rows and one for each gazette that somebody put there by hand."""
    complete = {name: source for name, source in sources.items() if (folder / name).is_file()}
    for path in folder.glob("*.txt"):
        if path.name not in complete:
            gazette = read_gazette(path)
            digest = sha256_of(path.read_bytes())
            complete[path.name] = Source(path.name, issuer_of(gazette), gazette.district, gazette.year, gazette.issue, digest)
    return complete


def _apply(changes: dict[Path, bytes | None]) -> None:
    """Write or delete (``None``) every path; where one fails, what was there before is put back."""
    before = {path: path.read_bytes() if path.is_file() else None for path in changes}
    done: list[Path] = []
    try:
        for path, data in changes.items():
            done.append(path)
            _put(path, data)
    except BaseException as error:
        for path in done:
            _put(path, before[path])
        if isinstance(error, OSError):
            raise GazetteError(f"{error.filename or done[-1]}: cannot be written ({error.strerror}); the corpus is unchanged") from None
        raise


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    else:
        write_atomically(path, data)


def check(folder: Path) -> tuple[Report, ...]:
    """A report for each gazette of the folder; errors are what SOURCES.md contradicts or what cannot be cited."""
    rows, reports = listed(folder), []
    corpus = load_corpus(folder)
    owners: dict[str, list[str]] = {}
    for notice in corpus.notices:
        owners.setdefault(notice.key, []).append(notice.source)
    for parsed in corpus.parsed:
        gazette, errors = parsed.gazette, []
        row = rows.get(gazette.source)
        if row is None:
            errors.append(f"not in {NAME}; take it in with: python -m corpus add --replace {folder / gazette.source}")
        elif sha256_of((folder / gazette.source).read_bytes()) != row.sha256:
            errors.append(f"its content is not what {NAME} says (SHA-256 differs); restore it or take it in again")
        if not parsed.notices:
            errors.append("no notice found in it")
        if not gazette.district:
            errors.append(f"no district in its masthead; write it into {NAME}")
        report = report_on(parsed, errors=errors)
        twice = [
            Warning(gazette.text.count("\n", 0, notice.start) + 1, f"{notice.key} is also in {', '.join(set(owners[notice.key]) - {gazette.source}) or 'this gazette twice'}")
            for notice in parsed.notices if len(owners[notice.key]) > 1
        ]  # fmt: skip
        reports.append(report if not twice else Report(**{**_fields(report), "warnings": (*report.warnings, *twice)}))
    for name in sorted(set(rows) - set(corpus.gazettes)):
        row = rows[name]
        reports.append(Report(name, row.district, row.year, row.issue, (), 0, 0, 0, 0, (), (f"in {NAME} but the file is missing",)))
    return tuple(reports)


def _fields(report: Report) -> dict:
    return {name: getattr(report, name) for name in Report.__dataclass_fields__}
