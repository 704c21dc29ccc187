"""The report for people: one HTML file without network, figures and plots first, then every failure beside what was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from corpus import Corpus, GazetteError
from corpus.settings import ROOT

from .conditions import omitted_conditions
from .confidence import calibration, expected_calibration_error, risk_coverage, stage_timings
from .figures import LONGEST, LONGEST_ELSE, RANKS, Judged
from .places import Place, covers
from .plots import Bar, Line, bars, lines
from .steps import STEPS, Step, failed_step
from .totals import FIGURES, group_totals, groups, interval, totals, values

WORDS = ROOT / "prompts" / "report.yaml"
TEMPLATES = Path(__file__).parent / "templates"
TILES = ("citation_recall", "fact_recall", "verbatim", "refused_when_unanswerable", "false_refusal", "latency_ms_p50")

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
    """A citation as it is shown: ``quote`` with the needed words marked."""

    notice: str
    title: str
    clause: str
    quote: Markup
    touches: bool


@dataclass(frozen=True, slots=True)
class Failure:
    one: Judged
    step: Step
    why: str
    needed: tuple[Needed, ...]
    shown: tuple[Shown, ...]
    omitted: tuple[str, ...]


def write_report(path: Path, judged: Sequence[Judged], *, beside: Sequence[Run], about: dict, corpus: Corpus) -> None:
    """``about`` is what ``run.json`` says; ``beside`` are other runs over the same questions."""
    words = yaml.safe_load(WORDS.read_text("utf-8"))
    page = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    failures = [failure(one, step, words=words) for one in judged if (step := failed_step(one, corpus=corpus))]
    runs = [("", judged), *beside]
    try:
        path.write_text(
            page.get_template("report.html").render(
                words=words, about=about, total=totals(judged), sure={
                    figure.name: interval(list(values(figure, judged).values())) for figure in FIGURES
                },
                tiles=TILES, plots=plots(judged, failures=failures, beside=beside, words=words),
                groups={by: group_totals(judged, by) for by in ("style", "district", "notice")},
                runs=[(name, totals(members)) for name, members in runs] if beside else [], shown_figures=[figure.name for figure in FIGURES],
                failures=failures, steps=Counter(each.step for each in failures), order=STEPS,
                types=Counter(each.one.question.type for each in failures),
                omitting=[one.question.id for one in judged if omitted_conditions(one)],
                calibration_error=expected_calibration_error(judged), shorten=shortened,
            ),
            "utf-8",
        )
    except OSError as error:
        raise GazetteError(f"cannot write {path}: {error.strerror}; name another file with --out") from None


def plots(judged: Sequence[Judged], *, failures: Sequence[Failure], beside: Sequence[Run], words: dict) -> dict[str, Markup]:
    """Every plot by name; one that has nothing to show is left out."""
    made = {"types": bars([solved_bar(words["types"][kind], members) for kind, members in groups(judged, "type").items()], title="各题型答对的比例")}
    steps = Counter(each.step for each in failures)
    most = max(steps.values(), default=1)
    made["steps"] = bars([Bar(words["steps"][step], steps[step], str(steps[step])) for step in STEPS], title="没答对的题错在哪一步", most=most)
    ticks = [(at / (len(RANKS) - 1), str(rank)) for at, rank in enumerate(RANKS)]
    made["recall"] = lines(
        [recall_line(name or "本次", members) for name, members in (("", judged), *beside)],
        title="前几段里找到依据的比例", across="前几段", up="找到依据", ticks=ticks,
    )
    if sure := calibration(judged):
        made["calibration"] = lines(
            [Line("", [(part.confidence, part.right) for part in sure], dots=True)],
            title="把握与答对", across="系统的把握", up="答对", diagonal=True,
        )
        made["risk"] = lines(
            [Line("", [(point.coverage, point.risk) for point in risk_coverage(judged)])],
            title="只答有把握的题，会错多少", across="作答的比例", up="答错",
        )
    if times := stage_timings(judged):
        slowest = max(high for _, high in times.values())
        made["timings"] = bars(
            [Bar(words["steps"].get(step, step), middle, f"{middle:.1f} 毫秒", middle, high) for step, (middle, high) in times.items()],
            title="每一步用时", most=slowest,
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


def failure(one: Judged, step: Step, *, words: dict) -> Failure:
    return Failure(
        one, step, words["why"][reason(one, step)].format(n=one.characters, limit=LONGEST.get(one.question.type, LONGEST_ELSE)),
        needed=tuple(
            Needed(gold.notice, " ".join(gold.clause), gold.evidence, covers(places, one.cited), rank_of(one, places))
            for gold, places in zip(one.question.gold, one.evidence, strict=True)
        ),
        shown=tuple(
            Shown(item.notice, item.title, " ".join(item.clause), marked_quote(one, item.source, item.start, item.end, item.quote), one.touches_evidence(span))
            for item, span in zip(one.record.citations, one.cited, strict=True)
        ),
        omitted=omitted_conditions(one),
    )


def reason(one: Judged, step: Step) -> str:
    """The key of the sentence that says what went wrong at the step."""
    if step == "decide":
        if not one.question.answerable:
            return "decide_answered"
        return "decide_refused" if one.refused else "decide_ask"
    if step == "compose":
        if one.citation_recall < 1.0:
            return "compose_cite"
        return "compose_facts" if one.missing_facts else "compose_long"
    return step


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
