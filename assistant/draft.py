"""An answer as it grows out of a model's sentences: each passes, is completed, is replaced by the quotation, or is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus import Clause, Corpus
from corpus.normalise import normalise

from .grounding import Support, fault, pairs, printed_chain
from .model import Answer, Citation, Generation
from .present import lead_in
from .quantities import quantities
from .quotes import readable
from .sentences import Written
from .support import CONDITION, left_out, support_of
from .texts import texts
from .verify import figures

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
        self.citations: list[Citation] = []
        self.text, self.held, self.notice = "", "", ""
        self.generation = Generation(model="")
        self.repeated = 0
        self._said: set[str] = set()
        self._quoted: list[str] = []
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
            if not self.generation.used and any(self._composed_at(support) for support in supports):
                self.generation = replace(self.generation, used=True)
        yield from self._released()

    def finish(self, *, whole: bool) -> Iterator[str]:
        """The quotations that the answer must not be without; all of them where the model did not come to its end."""
        if not self.generation.used:
            return
        every = not whole or self.composed.understanding.kind in ALL_OWED
        used = {citation.notice for citation in self.citations}
        for citation in self.composed.citations:
            owed = every or (citation.notice in used and CONDITION.search(readable(citation.quote)))
            if owed and self._cited_share(citation) < COVERED:
                self._quote(self._support_at(citation))
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
        self._begin(supports[0], joined=True)
        words = texts("model")
        text, ending = as_printed(sentence, supports).rstrip("。；，"), "。"
        for support, parts in zip(supports, omitted, strict=True):
            text += self._marker(support)
            if parts:
                quotes = "".join(words["condition_quote"].format(quote=unmarked(part)) for part in parts)
                text += words["condition"].format(quotes=quotes)
        self.held += text + ending

    def _replace(self, folded: str, supports: Sequence[Support], reason: str) -> None:
        """The quotation in place of a sentence that failed, where the clause it cited has to do with either question or sentence."""
        support = max(supports, key=lambda one: len(pairs(folded) & pairs(one.folded)))
        cited = self._composed_at(support)
        if cited:
            support = self._support_at(cited)
        elif len(pairs(folded) & pairs(support.folded)) < LIKE * len(pairs(folded)):
            self._count("dropped", fault=reason)
            return
        self._count("replaced", fault=reason)
        if not any(one.source == support.clause.notice.source and one.start <= support.start and support.end <= one.end for one in self.citations):
            self._quote(support)

    def _quote(self, support: Support) -> None:
        self._begin(support, joined=False)
        self.held += unmarked(support.text) + self._marker(support)
        self._quoted.append(support.folded)

    def _begin(self, support: Support, *, joined: bool) -> None:
        """A lead-in where another notice is quoted; a new paragraph, but for a sentence after a sentence."""
        notice, lines = support.clause.notice, []
        if notice.key != self.notice:
            lines.append(lead_in(notice))
            self.notice = notice.key
        if self.text or self.held:
            self.held += "\n" if lines or not (joined and self._joins) else ""
        self.held += "".join(f"{line}\n" for line in lines)
        self._joins = joined

    def _marker(self, support: Support) -> str:
        """The marker of a citation of ``support``; one that has it already is used again."""
        notice = support.clause.notice
        for n, one in enumerate(self.citations, start=1):
            if one.source == notice.source and one.start <= support.start and support.end <= one.end:
                return texts("answers")["marker"].format(n=n)
        self.citations.append(Citation(
            notice=notice.key, title=notice.title, date=notice.signed.isoformat() if notice.signed else "", clause=support.clause.path,
            source=notice.source, start=support.start, end=support.end,
            quote=self.corpus.gazettes[notice.source].text[support.start : support.end],
        ))
        return texts("answers")["marker"].format(n=len(self.citations))

    def _composed_at(self, support: Support) -> Citation | None:
        source, clause = support.clause.notice.source, support.clause
        return next((one for one in self.composed.citations if one.source == source and one.start < clause.end and clause.start < one.end), None)

    def _support_at(self, citation: Citation) -> Support:
        clause = next(iter(self.corpus.clauses_at(citation.source, citation.start, citation.end)))
        whole = (citation.start, citation.end) == (clause.start, clause.end)
        return Support(clause, citation.start, citation.end, clause.text if whole else readable(citation.quote))

    def _cited_share(self, citation: Citation) -> float:
        spans = [(one.start, one.end) for one in self.citations if one.source == citation.source]
        length = citation.end - citation.start
        return sum(max(0, min(end, citation.end) - max(start, citation.start)) for start, end in spans) / max(length, 1)

    def _loose(self, sentence: str, supports: Sequence[Support]) -> str:
        """A figure that the printed quotation and its label do not have in these signs."""
        printed = "\n".join(self.corpus.gazettes[one.clause.notice.source].text[one.start : one.end] + "\n" + one.label for one in supports)
        return "" if figures(as_printed(sentence, supports)) <= figures(printed) else "number"

    def _count(self, outcome: str, *, fault: str) -> None:
        faults = self.generation.faults | ({fault: self.generation.faults.get(fault, 0) + 1} if fault else {})
        self.generation = replace(self.generation, faults=faults, **{outcome: getattr(self.generation, outcome) + 1})


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
