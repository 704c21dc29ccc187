"""The report for people: one HTML file without network, figures and plots first, then every question beside what was right."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from corpus import Corpus, GazetteError
from corpus.settings import ROOT

from .compare import Change, change
from .confidence import calibration, expected_calibration_error, risk_coverage, stage_timings
from .figures import LONGEST, LONGEST_ELSE, RANKS, Judged
from .folding import squeezed
from .judges import Verdicts
from .places import Place, covers
from .plots import Bar, Line, bars, lines
from .steps import STEPS, Step, failed_step, fault
from .totals import FIGURES, GROUP_FIGURES, group_totals, groups, interval, totals, values
from .writing import replace_text

WORDS = ROOT / "prompts" / "report.yaml"
TEMPLATES = Path(__file__).parent / "templates"
TILES = (
    "citation_recall", "citation_precision", "fact_recall", "verbatim", "refused_when_unanswerable", "false_refusal",
    "answers_with_ungrounded_numbers", "latency_ms_p50",
)
BESIDE = ("solved", "right_at_any_length", "recall@1", "recall@5", "recall@2000c", "citation_recall", "citation_precision",
          "notice_precision", "clause_label", "fact_recall", "concise", "refused_when_unanswerable", "latency_ms_p50")
PASSAGES = 5   # passages shown of those found
EXCERPT = 80   # characters shown of each

Run = tuple[str, Sequence[Judged]]


@dataclass(frozen=True, slots=True)
class Needed:
    """A gold place as it is shown: ``rank`` of the first passage that covers it, 0 where none does."""

    notice: str
    clause: str
    evidence: str
    cited: bool
    rank: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A citation or a passage as it is shown: ``quote`` of a citation with the needed words marked."""

    notice: str
    title: str
    clause: str
    quote: Markup | str
    touches: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One question: ``step`` and ``why`` it is not solved, "" where it is."""

    one: Judged
    step: Step | None
    why: str
    limit: int
    needed: tuple[Needed, ...]
    shown: tuple[Shown, ...]
    passages: tuple[Shown, ...]
    judgement: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Column:
    """A run beside others; ``change`` is how the run shown does against it."""

    name: str
    total: dict
    change: Change | None = None


def read_words() -> dict:
    return yaml.safe_load(WORDS.read_text("utf-8"))


def write_report(
    path: Path, judged: Sequence[Judged], *, beside: Sequence[Run], about: dict, corpus: Corpus, verdicts: Verdicts | None = None
) -> None:
    """``about`` is what ``run.json`` says; ``beside`` are other runs over the same questions."""
    words = read_words()
    template = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("report.html")
    pages = [page(one, corpus=corpus, verdicts=verdicts) for one in judged]
    failures = [each for each in pages if each.step]
    omitting = [one.question.id for one in judged if one.omitted]
    sections = [
        *(["beside"] if beside else []), "plots", "figures", "groups", *(["judges"] if verdicts else []),
        *(["conditions"] if omitting else []), "failures",
    ]
    script = (TEMPLATES / "report.js").read_text("utf-8")
    text = template.render(
        script=Markup(script), script_digest=b64encode(sha256(script.encode()).digest()).decode(),
        words=words, about=about, sections=sections, total=totals(judged), solved=len(pages) - len(failures), sure={
            figure.name: interval(list(values(figure, judged).values())) for figure in FIGURES
        },
        tiles=TILES, runs=columns(judged, beside), beside_figures=BESIDE, plots=plots(judged, failures=failures, beside=beside, words=words),
        groups={by: group_totals(judged, by) for by in ("style", "district", "notice")}, group_figures=GROUP_FIGURES,
        judges=verdicts, omitting=omitting, pages=sorted(pages, key=lambda each: STEPS.index(each.step) if each.step else len(STEPS)),
        classes=classes(failures), types=Counter(one.question.type for one in judged),
        calibration_error=expected_calibration_error(judged), shorten=shortened,
    )
    try:
        replace_text(path, text)
    except OSError as error:
        raise GazetteError(f"cannot write {path}: {error.strerror}; name another file with --out") from None


def classes(failures: Sequence[Page]) -> list[tuple[tuple[Step | None, str], int]]:
    """How many questions failed in which way, in the order of the steps, the most frequent first."""
    counts = Counter((each.step, each.why) for each in failures)
    return sorted(counts.items(), key=lambda item: (STEPS.index(item[0][0]), -item[1]))


def columns(judged: Sequence[Judged], beside: Sequence[Run]) -> list[Column]:
    """The run shown and those beside it; empty where there are none."""
    if not beside:
        return []
    own = values(FIGURES[0], judged)
    return [
        Column("", totals(judged)),
        *(Column(name, totals(other), change("solved", values(FIGURES[0], other), own)) for name, other in beside),
    ]


def plots(judged: Sequence[Judged], *, failures: Sequence[Page], beside: Sequence[Run], words: dict) -> dict[str, Markup]:
    """Every plot by name; one that has nothing to show is left out."""
    text, made = words["plots"], {}
    rows = [solved_bar(words["types"][kind], members) for kind, members in groups(judged, "type").items()]
    made["types"] = bars(sorted(rows, key=lambda row: row.value), title=text["types"]["title"])
    steps = Counter(each.step for each in failures)
    most = max(steps.values(), default=1)
    made["steps"] = bars(
        [Bar(words["steps"][step], steps[step], str(steps[step])) for step in STEPS], title=text["steps"]["title"], most=most
    )
    ticks = [(at / (len(RANKS) - 1), str(rank)) for at, rank in enumerate(RANKS)]
    made["recall"] = lines(
        [recall_line(name or words["text"]["this"], members) for name, members in (("", judged), *beside)],
        title=text["recall"]["title"], across=text["recall"]["across"], up=text["recall"]["up"], ticks=ticks,
    )
    if sure := calibration(judged):
        made["calibration"] = lines(
            [Line("", [(part.confidence, part.right) for part in sure], dots=True)],
            title=text["calibration"]["title"], across=text["calibration"]["across"], up=text["calibration"]["up"], diagonal=True,
        )
        made["risk"] = lines(
            [Line("", [(point.coverage, point.risk) for point in risk_coverage(judged)])],
            title=text["risk"]["title"], across=text["risk"]["across"], up=text["risk"]["up"],
        )
    if times := stage_timings(judged):
        slowest = max(high for _, high in times.values())
        made["timings"] = bars(
            [Bar(words["steps"].get(step, step), middle, f"{middle:.1f}", middle, high) for step, (middle, high) in times.items()],
            title=text["timings"]["title"], most=slowest,
        )
    return made


def solved_bar(label: str, members: Sequence[Judged]) -> Bar:
    marks = [float(one.solved) for one in members]
    sure = interval(marks)
    share = sum(marks) / len(marks)
    return Bar(label, share, f"{share:.0%}  {sum(marks):.0f}/{len(marks)}", sure.low if sure else None, sure.high if sure else None)


def recall_line(label: str, members: Sequence[Judged]) -> Line:
    answerable = [one for one in members if one.question.answerable]
    points = [
        (at / (len(RANKS) - 1), sum(one.recall_at(rank) for one in answerable) / max(1, len(answerable)))
        for at, rank in enumerate(RANKS)
    ]
    return Line(label, points, dots=True)


def page(one: Judged, *, corpus: Corpus, verdicts: Verdicts | None) -> Page:
    step = failed_step(one, corpus=corpus)
    return Page(
        one, step, fault(one, step) if step else "", LONGEST.get(one.question.type, LONGEST_ELSE),
        needed=tuple(
            Needed(gold.notice, " ".join(gold.clause), gold.evidence, covers(places, one.cited), rank_of(one, places))
            for gold, places in zip(one.question.gold, one.evidence, strict=True)
        ),
        shown=tuple(
            Shown(item.notice, item.title, " ".join(item.clause), marked_quote(one, item.source, item.start, item.end, item.quote), one.touches_evidence(span))
            for item, span in zip(one.record.citations, one.cited, strict=True)
        ),
        passages=tuple(passages(one, corpus=corpus)) if step else (),
        judgement=verdicts.by_id.get(one.question.id, {}) if verdicts else {},
    )


def passages(one: Judged, *, corpus: Corpus) -> list[Shown]:
    """The first passages found, each under the clause that it begins in."""
    found = []
    for item, span in list(zip(one.record.retrieved, one.retrieved, strict=True))[:PASSAGES]:
        if span is None:
            continue
        clause = next(iter(corpus.clauses_at(item.source, item.start, item.end)), None)
        text = squeezed(one.texts.raw[item.source][item.start : item.end])
        found.append(Shown(
            clause.notice.key if clause else item.source, "", " ".join(clause.path) if clause else "",
            text[:EXCERPT] + ("…" if len(text) > EXCERPT else ""), one.touches_evidence(span),
        ))
    return found


def rank_of(one: Judged, places: Sequence[Place]) -> int:
    return next((rank for rank, span in enumerate(one.retrieved, start=1) if covers(places, [span])), 0)


def marked_quote(one: Judged, source: str, start: int, end: int, quote: str) -> Markup:
    """The quotation with the characters of needed evidence marked; as recorded where it is not verbatim."""
    text = one.texts.raw.get(source, "")[start:end]
    if text != quote:
        return escape(quote)
    spans = sorted(
        (max(start, low) - start, min(end, high) - start)
        for places in one.evidence for place in places if place.source == source
        for low, high in [one.texts.printed(place)] if low < end and high > start
    )
    parts, reached = [], 0
    for low, high in spans:
        low = max(low, reached)
        if high > low:
            parts += [escape(text[reached:low]), Markup("<mark>"), escape(text[low:high]), Markup("</mark>")]
            reached = high
    return Markup("").join([*parts, escape(text[reached:])])


def shortened(value: object, length: int = 12) -> str:
    return str(value)[:length]
