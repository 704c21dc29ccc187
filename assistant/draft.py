"""An answer as it grows out of a model's sentences: each passes, is completed, is replaced by the quotation, or is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus import Clause, Corpus
from corpus.normalise import normalise
from corpus.texts import texts

from .grounding import Support, fault, printed_chain
from .model import Answer, Citation, Generation
from .polarity import pairs
from .present import lead_in
from .quantities import quantities
from .sentences import Written
from .support import CONDITION, left_out, support_of
from .tables import figures
from .verify import MARKER, blocks

ROOM = {"list": 480, "comparison": 640}  # characters after which no more sentences are taken
ORDINARY = 320
LIKE = 0.5  # share of a failed sentence that a clause must have for its quotation to stand in
COVERED = 0.5  # share of a quotation that must be cited already for it not to be owed
PRINTED_MARKER = re.compile(r"\[(\d{1,3})\]")
ALL_OWED = {"list", "comparison"}  # kinds of question whose answer is not whole without each quotation


class Draft:
    """``shown`` are the clauses that marker ``[1]``, ``[2]``, … of the model's text stand for.

    Pieces that `add` and `finish` yield, joined, are ``text``. Nothing is
    yielded before a sentence has passed that rests on a clause of the composed
    answer; without one, ``generation.used`` stays false and there is no text.
    """

    def __init__(self, composed: Answer, shown: Sequence[Clause], *, corpus: Corpus, districts: Sequence[str]) -> None:
        self.composed, self.shown, self.corpus, self.districts = composed, shown, corpus, districts
        self.blocks = [(text, cited) for text, numbers in blocks(composed.text) if (cited := [n for n in numbers if n <= len(composed.citations)])]
        self.clauses: list[Clause] = []  # those the text rests on, in its order
        self.citations: list[Citation] = []
        self.text, self.held, self.notice = "", "", ""
        self.generation = Generation(model="")
        self.repeated = 0
        self._said: set[str] = set()
        self._quoted: list[str] = []
        self._blocks_quoted: set[int] = set()
        self._joins = False  # whether a sentence goes on in the paragraph of the one before

    @property
    def full(self) -> bool:
        return len(self.text) + len(self.held) > ROOM.get(self.composed.understanding.kind, ORDINARY)

    def add(self, sentence: Written) -> Iterator[str]:
        """What is to be shown of ``sentence``, with all that was held back before it."""
        folded = normalise(sentence.text)
        if folded in self._said:
            self.repeated += 1
            return
        self._said.add(folded)
        clauses = [self.shown[n - 1] for n in sentence.cited if 1 <= n <= len(self.shown)]
        if not clauses:
            self._count("dropped", fault="uncited")
            return
        supports = [support_of(clause, sentence.text, corpus=self.corpus) for clause in clauses]
        reason = fault(sentence.text, supports, places=self.districts) or self._loose(sentence.text, supports)
        if reason:
            self._replace(folded, supports, reason)
        else:
            self._accept(sentence.text, supports)
            if not self.generation.used and any(self._block_of(support) is not None for support in supports):
                self.generation = replace(self.generation, used=True)
        yield from self._released()

    def finish(self, *, whole: bool) -> Iterator[str]:
        """The quotations that the answer must not be without: the best, those that bind; all where the model did not come to its end."""
        if not self.generation.used:
            return
        every = not whole or self.composed.understanding.kind in ALL_OWED
        used = {citation.notice for citation in self.citations}
        for place, (text, numbers) in enumerate(self.blocks):
            cited = [self.composed.citations[n - 1] for n in numbers]
            owed = every or place == 0 or (cited[0].notice in used and CONDITION.search(text))
            if owed and self._share_cited(cited) < COVERED:
                self._quote_block(place)
                self.generation = replace(self.generation, put_back=self.generation.put_back + 1)
        yield from self._released()

    def _released(self) -> Iterator[str]:
        if self.generation.used and self.held:
            piece, self.held = self.held, ""
            self.text += piece
            yield piece

    def _accept(self, sentence: str, supports: Sequence[Support]) -> None:
        omitted = [left_out(sentence, support) for support in supports]
        lost = sum(len(part) for parts in omitted for part in parts)
        if lost > 0.6 * sum(len(support.text) for support in supports):
            # More was left out than said: the clause says it better.
            self._count("replaced", fault="condition")
            for support in supports:
                self._quote(support)
            return
        self._count("completed" if lost else "passed", fault="condition" if lost else "")
        if any(normalise(sentence).rstrip(".;") in quoted for quoted in self._quoted):
            return  # a quotation above has it already
        self._begin(supports[0].clause, joined=True)
        words = texts("model")
        text, ending = as_printed(sentence, supports).rstrip("。；，"), "。"
        for support, parts in zip(supports, omitted, strict=True):
            text += self._marker(citation_of(support, corpus=self.corpus))
            if parts:
                quotes = "".join(words["condition_quote"].format(quote=unmarked(part)) for part in parts)
                text += words["condition"].format(quotes=quotes)
        self.held += text + ending

    def _replace(self, folded: str, supports: Sequence[Support], reason: str) -> None:
        """The quotation in place of a sentence that failed, where the clause it cited has to do with either question or sentence."""
        support = max(supports, key=lambda one: len(pairs(folded) & pairs(one.folded)))
        place = self._block_of(support)
        if place is None and len(pairs(folded) & pairs(support.folded)) < LIKE * len(pairs(folded)):
            self._count("dropped", fault=reason)
            return
        self._count("replaced", fault=reason)
        if place is not None:
            self._quote_block(place)
        elif not any(one.source == support.source and one.start <= support.start and support.end <= one.end for one in self.citations):
            self._quote(support)

    def _quote(self, support: Support) -> None:
        self._begin(support.clause, joined=False)
        self.held += unmarked(support.text) + self._marker(citation_of(support, corpus=self.corpus))
        self._quoted.append(support.folded)

    def _quote_block(self, place: int) -> None:
        """A block of the composed answer as it stands there, its markers counted anew."""
        text, numbers = self.blocks[place]
        first = self.composed.citations[numbers[0] - 1]
        if place in self._blocks_quoted or not (clauses := self.corpus.clauses_at(first.source, first.start, first.end)):
            return
        self._blocks_quoted.add(place)
        self._begin(clauses[0], joined=False)
        self.held += MARKER.sub(lambda one: self._marker(self.composed.citations[int(one[1]) - 1], whole=True) if int(one[1]) in numbers else unmarked(one[0]), text)
        self._quoted.append(normalise(MARKER.sub("", text)))

    def _begin(self, clause: Clause, *, joined: bool) -> None:
        """A lead-in where another notice is quoted; a new paragraph, but for a sentence after a sentence."""
        self.clauses.append(clause)
        if clause.notice.key != self.notice:
            self.held += ("\n" if self.text or self.held else "") + lead_in(clause.notice) + "\n"
            self.notice = clause.notice.key
        elif not (joined and self._joins):
            self.held += "\n"
        self._joins = joined

    def _marker(self, citation: Citation, *, whole: bool = False) -> str:
        """The marker of ``citation``; one that holds it already (is the same, where ``whole``) is used again."""
        for n, one in enumerate(self.citations, start=1):
            inside = one.source == citation.source and one.start <= citation.start and citation.end <= one.end
            if one == citation or (inside and not whole):
                return texts("answers")["marker"].format(n=n)
        self.citations.append(citation)
        return texts("answers")["marker"].format(n=len(self.citations))

    def _block_of(self, support: Support) -> int | None:
        """The block of the composed answer that quotes the support's clause."""
        clause = support.clause
        for place, (_, numbers) in enumerate(self.blocks):
            cited = (self.composed.citations[n - 1] for n in numbers)
            if any(one.source == support.source and one.start < clause.end and clause.start < one.end for one in cited):
                return place
        return None

    def _share_cited(self, citations: Sequence[Citation]) -> float:
        """The share of the characters of ``citations`` that the answer cites already."""
        total = sum(one.end - one.start for one in citations)
        found = sum(
            max(0, min(one.end, ours.end) - max(one.start, ours.start))
            for one in citations for ours in self.citations if ours.source == one.source
        )
        return found / max(total, 1)

    def _loose(self, sentence: str, supports: Sequence[Support]) -> str:
        """A figure that the printed quotation and its label do not have in these signs."""
        printed = "\n".join(f"{citation_of(one, corpus=self.corpus).quote}\n{one.label}" for one in supports)
        return "" if figures(as_printed(sentence, supports)) <= figures(printed) else "number"

    def _count(self, outcome: str, *, fault: str) -> None:
        faults = self.generation.faults | ({fault: self.generation.faults.get(fault, 0) + 1} if fault else {})
        self.generation = replace(self.generation, faults=faults, **{outcome: getattr(self.generation, outcome) + 1})


def citation_of(support: Support, *, corpus: Corpus) -> Citation:
    notice = support.clause.notice
    return Citation(
        notice=notice.key, title=notice.title, date=notice.signed.isoformat() if notice.signed else "", clause=support.clause.path,
        source=notice.source, start=support.start, end=support.end, quote=corpus.gazettes[notice.source].text[support.start : support.end],
    )


def unmarked(text: str) -> str:
    """Printed text whose ``[9]`` cannot be taken for a marker."""
    return PRINTED_MARKER.sub(r"［\1］", text)


def as_printed(sentence: str, supports: Sequence[Support]) -> str:
    """``sentence`` with each figure that the print has in other signs (40%, 百分之四十) written as printed."""
    for chain in reversed(quantities(sentence)):
        written = sentence[chain[0].start : chain[-1].end]
        found = printed_chain(chain, sentence, supports)
        if found:
            text, part = found
            print_of_it = "".join(text[part[0].start : part[-1].end].split())
            if figures(written) - figures(text):
                sentence = sentence[: chain[0].start] + print_of_it + sentence[chain[-1].end :]
    return sentence
