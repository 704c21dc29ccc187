"""The figures of one question: what its result found, cited and said, against the places and facts it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from .conditions import omitted_conditions
from .folding import folded, numbers_in, squeezed, without_markers
from .labels import names_clause
from .places import Place, Texts, covers, first_characters
from .questions import Question
from .records import Cited, Record

RANKS = (1, 3, 5, 10, 20)
BUDGET = 2000  # characters of retrieved text, white space apart
LONGEST = {"list": 700, "comparison": 900, "ambiguous": 900}  # characters of an answer
LONGEST_ELSE = 500


@dataclass(frozen=True)
class Judged:
    """A question with its result. Every figure is a property; ``None`` where it does not apply.

    ``evidence`` holds for each gold place all places where its words are printed.
    """

    question: Question
    record: Record
    texts: Texts

    # What is compared

    @cached_property
    def evidence(self) -> tuple[tuple[Place, ...], ...]:
        return tuple(self.texts.find(gold.evidence) for gold in self.question.gold)

    @cached_property
    def cited(self) -> tuple[Place | None, ...]:
        return tuple(self.texts.place(item.source, item.start, item.end) for item in self.record.citations)

    @cached_property
    def retrieved(self) -> tuple[Place | None, ...]:
        return tuple(self.texts.place(item.source, item.start, item.end) for item in self.record.retrieved)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The gazettes that hold the needed places, sorted."""
        return tuple(sorted({places[0].source for places in self.evidence if places}))

    # Retrieval

    def found(self, spans: Sequence[Place | None]) -> float:
        """The share of the needed places that ``spans`` cover; where any one is enough, 1 or 0."""
        flags = [covers(places, spans) for places in self.evidence]
        return float(any(flags)) if self.question.need == "any" else sum(flags) / len(flags)

    def recall_at(self, rank: int) -> float:
        return self.found(self.retrieved[:rank])

    @cached_property
    def recall_within_budget(self) -> float:
        """Long passages do not help: the first 2,000 characters of retrieved text count."""
        return self.found(first_characters(self.retrieved, BUDGET))

    @cached_property
    def reciprocal_rank(self) -> float:
        for rank, span in enumerate(self.retrieved, start=1):
            if any(covers(places, [span]) for places in self.evidence):
                return 1 / rank
        return 0.0

    @cached_property
    def named_districts(self) -> frozenset[str]:
        """The districts that the person names, 朝阳 as well as 朝阳区."""
        said = "".join((*self.question.history, self.question.question))
        known = {gazette.district for gazette in self.texts.gazettes.values() if gazette.district}
        return frozenset(name for name in known if name.removesuffix("区") in said)

    @cached_property
    def district_precision(self) -> float | None:
        """Where the person names a district, the share of the passages found and cited that are of one that is named.

        Another district's rule is a wrong answer that reads like a right one.
        """
        spans = [span for span in (*self.retrieved, *self.cited) if span]
        if not self.named_districts or not spans:
            return None
        return sum(self.texts.gazettes[span.source].district in self.named_districts for span in spans) / len(spans)

    # Citations

    @cached_property
    def citation_recall(self) -> float:
        return self.found(self.cited)

    def touches_evidence(self, span: Place | None) -> bool:
        return span is not None and any(span.touches(place) for places in self.evidence for place in places)

    @cached_property
    def citation_precision(self) -> float:
        return sum(map(self.touches_evidence, self.cited)) / len(self.cited) if self.cited else 0.0

    @cached_property
    def notice_precision(self) -> float:
        wanted = {squeezed(gold.notice) for gold in self.question.gold}
        right = [squeezed(item.notice) in wanted for item in self.record.citations]
        return sum(right) / len(right) if right else 0.0

    @cached_property
    def clause_label(self) -> float | None:
        """Of the needed places that a citation touches, the share whose notice and heading path it names rightly."""
        marks = []
        for gold, places in zip(self.question.gold, self.evidence, strict=True):
            touching = [
                item for item, span in zip(self.record.citations, self.cited, strict=True)
                if span and any(span.touches(place) for place in places)
            ]
            if touching:
                marks.append(any(
                    squeezed(item.notice) == squeezed(gold.notice) and names_clause(item.clause, gold.clause)
                    for item in touching
                ))
        return sum(marks) / len(marks) if marks else None

    def printed(self, item: Cited) -> str:
        return self.texts.raw[item.source][item.start : item.end]

    def to_paragraph_end(self, item: Cited) -> str:
        """What is cited and what follows it in the same line of print."""
        text = self.texts.raw[item.source]
        return text[item.start : max(item.end, text.find("\n", item.end))]

    @cached_property
    def verbatim(self) -> float | None:
        """The share of the citations whose quote is what the gazette prints there."""
        marks = [
            span is not None and squeezed(item.quote) != "" and squeezed(item.quote) == squeezed(self.printed(item))
            for item, span in zip(self.record.citations, self.cited, strict=True)
        ]
        return sum(marks) / len(marks) if marks else None

    # The answer

    @cached_property
    def missing_facts(self) -> tuple[str, ...]:
        answer = folded(self.record.answer)
        return tuple(fact for fact in self.question.key_facts if folded(fact) not in answer)

    @cached_property
    def fact_recall(self) -> float | None:
        total = len(self.question.key_facts)
        return 1 - len(self.missing_facts) / total if total else None

    @cached_property
    def characters(self) -> int:
        return len(squeezed(self.record.answer))

    @cached_property
    def concise(self) -> bool:
        return self.characters <= LONGEST.get(self.question.type, LONGEST_ELSE)

    @cached_property
    def ungrounded_numbers(self) -> tuple[str, ...]:
        """Numbers of the answer that stand neither in a citation (its text, label, title, date) nor in the question."""
        pairs = zip(self.record.citations, self.cited, strict=True)
        cited = " ".join(f"{self.printed(item)}{item.notice}{' '.join(item.clause)}" for item, span in pairs if span)
        titles = " ".join(f"{item.title}{item.date}" for item in self.record.citations)
        known = numbers_in(cited) | numbers_in(f"{self.question.question}{' '.join(self.question.history)}{titles}")
        said = numbers_in(without_markers(self.record.answer))
        return tuple(sorted(number for number in said if number not in known and number.rstrip("%") not in known))

    @cached_property
    def omitted(self) -> tuple[str, ...]:
        """The conditions and exceptions that the answer drops from the sentences it uses, as printed."""
        return omitted_conditions(self)

    # Altogether

    @cached_property
    def refused(self) -> bool:
        return self.record.status == "refused"

    @cached_property
    def right_at_any_length(self) -> bool:
        """Solved but for the limit on an answer's length."""
        if not self.question.answerable:
            return self.refused
        if self.verbatim != 1.0:
            return False
        if self.question.type == "ambiguous":
            cited = {
                squeezed(gold.notice) for gold, places in zip(self.question.gold, self.evidence, strict=True)
                if covers(places, self.cited)
            }
            return self.record.status == "clarify" and len(cited) >= 2
        return self.record.status in ("answered", "clarify") and not self.missing_facts and self.citation_recall == 1.0

    @cached_property
    def solved(self) -> bool:
        return self.right_at_any_length and (self.concise or not self.question.answerable)


def judged(questions: Sequence[Question], records: dict[str, Record], *, texts: Texts) -> list[Judged]:
    """Every question with its record, in the questions' order; one without a record counts as failed."""
    return [Judged(question, records.get(question.id) or Record(question.id), texts) for question in questions]
