"""What each command of ``python -m eval`` does: read, call the module that knows, print."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from corpus import GazetteError, load_corpus, settings
from indexing.endpoint import language_model, required

from . import compare as comparison
from .check import problems
from .confidence import expected_calibration_error, stage_timings
from .figures import Judged, judged
from .judges import FOLDER, judging, read_verdicts
from .places import Texts
from .questions import read_questions
from .records import read_records
from .steps import faults_of
from .totals import FIGURES, KEYS, group_totals, interval, totals, values
from .writing import RESULTS, RUN

SOME = 8  # ids of failed questions shown
WAITING = 4  # questions asked at a time where most of the time is waiting for a language model


def run(options: Namespace) -> int:
    # Before the index is loaded: a bad question file is told at once.
    read_questions(options.questions)
    chosen = settings()
    if options.with_model:
        required(chosen)
    else:
        chosen = chosen.model_copy(update={"llm_url": ""})
    from assistant import Assistant
    from indexing import ensure

    from .run import run as run_questions

    about = run_questions(
        Assistant(ensure(chosen), chosen), questions=options.questions, out=options.out, limit=options.limit,
        workers=options.workers or (WAITING if options.with_model else 1), fresh=options.fresh, progress=not options.json,
    )
    if options.json:
        print(json.dumps(about, ensure_ascii=False))
    else:
        again = f" ({about['resumed']} of an earlier run of the same configuration; --fresh asks anew)" if about["resumed"] else ""
        print(f"{about['asked']} questions: {options.out / RESULTS}{again}")
    return 0


def results_of(folder: Path, *, questions: Path, texts: Texts) -> list[Judged]:
    """The judged results of a folder that ``run`` wrote; a question without a result counts as failed."""
    asked, records = read_questions(questions), read_records(folder / RESULTS)
    unknown = records.keys() - {question.id for question in asked}
    if unknown:
        raise GazetteError(f"{folder / RESULTS}: {len(unknown)} ids are not in {questions} ({min(unknown)}, …); name the file with --questions")
    return judged(asked, records, texts=texts)


def figures(options: Namespace) -> int:
    corpus = load_corpus()
    found = results_of(options.results, questions=options.questions, texts=Texts(corpus.gazettes))
    faults = faults_of(found, corpus=corpus)
    total, times, error = totals(found), stage_timings(found), expected_calibration_error(found)
    if options.json:
        print(json.dumps({
            "total": total, "expected_calibration_error": error,
            "timings_ms": {step: {"p50": middle, "p95": high} for step, (middle, high) in times.items()},
            "faults": faults, **{f"by_{key}": group_totals(found, key) for key in KEYS},
        }, ensure_ascii=False, indent=1))
        return 0
    sure = {figure.name: interval(list(values(figure, found).values())) for figure in FIGURES}
    for name, value in total.items():
        about = sure.get(name)
        print(f"{name:34s}{written_value(value):>9s}" + (f"   {about.low:.3f} to {about.high:.3f}" if about else ""))
    print(f"{'expected_calibration_error':34s}{written_value(error):>9s}")
    for step, (middle, high) in times.items():
        print(f"{f'{step} ms, p50 and p95':34s}{middle:9.2f}   {high:.2f}")
    for name, ids in faults.items():
        print(f"{name:34s}{len(ids):9d}   {' '.join(ids[:SOME])}{' …' if len(ids) > SOME else ''}")
    for key, row in group_totals(found, options.by).items():
        cells = (f"{name} {written_value(value)}" for name, value in row.items() if name != "n")
        print(f"{key:18s}n {row['n']:3d}  " + "  ".join(cells))
    return 0


def written_value(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def report(options: Namespace) -> int:
    from .report import write_report

    corpus = load_corpus()
    texts = Texts(corpus.gazettes)
    runs = [(folder.name, results_of(folder, questions=options.questions, texts=texts)) for folder in (options.results, *options.beside)]
    out = options.out or options.results / "report.html"
    write_report(out, runs[0][1], beside=runs[1:], about=about_run(options.results), corpus=corpus, verdicts=read_verdicts(options.results))
    print(out)
    return 0


def about_run(folder: Path) -> dict:
    try:
        return json.loads((folder / RUN).read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def compare(options: Namespace) -> int:
    texts = Texts.load()
    before, after = (outcome_of(folder, options.questions, texts) for folder in (options.before, options.after))
    return told(comparison.changes(before, after), questions=options.questions)


def gate(options: Namespace) -> int:
    before = comparison.read_baseline(options.baseline)
    return told(comparison.changes(before, outcome_of(options.results, options.questions, Texts.load())), questions=options.questions)


def told(changes: Sequence[comparison.Change], *, questions: Path) -> int:
    print(comparison.verdict(changes, words={question.id: question.question for question in read_questions(questions)}))
    return 1 if any(change.real_loss for change in changes) else 0


def outcome_of(folder: Path, questions: Path, texts: Texts) -> comparison.Outcome:
    found = results_of(folder, questions=questions, texts=texts)
    if missing := sum(not one.record.status for one in found):
        raise GazetteError(f"{folder / RESULTS}: {missing} questions of {questions} have no result; finish the run, without --limit")
    return comparison.outcome(found, questions=digest(questions))


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def baseline(options: Namespace) -> int:
    held = outcome_of(options.results, options.questions, Texts.load())
    kept = {name: value for name, value in about_run(options.results).items() if name in ("commit", "code", "model", "index")}
    comparison.write_baseline(options.baseline, held, about=kept)
    print(f"{options.baseline}: solved {held.totals['solved']:.3f} over {held.totals['questions']} questions")
    return 0


def ask_around(options: Namespace) -> int:
    asked, chosen = read_questions(options.questions), settings()
    llm = language_model(chosen) if options.with_model else None
    from indexing.encoder import load_encoder

    from .provenance import code_digest
    from .reference import quoting, record, systems, writing
    from .run import written

    gazettes, encoder = Texts.load().gazettes, load_encoder(chosen)
    write = writing(llm) if llm else quoting
    about = {
        "questions": options.questions.name, "questions_sha256": digest(options.questions), "model": encoder.name,
        "language_model": chosen.llm_model if llm else "", "code": code_digest(),
    }
    for name, made in systems(gazettes, encoder=encoder):
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        written(
            lambda question, made=made: record(question, made(), write), asked, out=folder, about=about | {"system": name},
            workers=WAITING if llm else 1, fresh=options.fresh,
        )
        print(folder / RESULTS)
    return 0


def judge(options: Namespace) -> int:
    llm = language_model(settings())
    from .run import written

    found = results_of(options.results, questions=options.questions, texts=Texts.load())
    folder = options.results / FOLDER
    folder.mkdir(exist_ok=True)
    about = {"language_model": settings().llm_model, "questions_sha256": digest(options.questions), "results_sha256": digest(options.results / RESULTS)}
    answers = {one.question.id: one for one in found}
    written(
        judging(llm, answers), [one.question for one in found], out=folder, about=about, workers=options.workers or WAITING, fresh=options.fresh
    )
    if verdicts := read_verdicts(options.results):
        for name, figure in verdicts.figures.items():
            print(f"{name:34s}{figure.mean:9.3f}   over {figure.n}")
    return 0


def check(options: Namespace) -> int:
    found = problems(options.file, corpus=load_corpus())
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(found) or f"{options.file}: good")
    return 1 if found else 0


def propose(options: Namespace) -> int:
    from .propose import drafts, listing, sampled, uncovered, write_drafts

    corpus = load_corpus()
    asked = [question for path in options.questions for question in read_questions(path)]
    left = uncovered(corpus, asked)
    if options.out is None:
        print(listing(left))
        return 0
    chosen = sampled(left, limit=options.limit, seed=options.seed)
    try:
        written = write_drafts(options.out, drafts(chosen, corpus=corpus))
    except FileExistsError:
        raise GazetteError(f"{options.out} is there already; name another file with --out") from None
    except OSError as error:
        raise GazetteError(f"cannot write {options.out}: {error.strerror}") from None
    print(f"{options.out}: {written} drafts; {len(left)} clauses have no question")
    return 0
