"""A short answer by a language model in place of the composed one: nothing of it is shown before it is checked against the clauses it cites."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from corpus import Clause, Corpus, Settings
from corpus.document_numbers import document_numbers
from corpus.texts import prompt, texts

from .draft import Draft
from .endpoint import Endpoint, ModelFailure
from .model import Answer, Turn, Understanding
from .present import Presenter
from .quantities import quantities
from .sentences import Sentences, cleaned

log = logging.getLogger(__name__)

SHOWN, ROOM = 8, 4000  # clauses a model is shown, and their characters
LONGEST = 2000  # characters of a model's text; what is longer rambles
REPEATS = 3  # sentences said again after which a model is taken to be in a loop
FOLLOWUP = 200  # characters of a completed question
FOLLOWUP_SHARE = 0.25  # of the time limit
QUIET = {"title", "number", "addressee", "heading", "attachment", "signature", "date"}
FENCED = str.maketrans("<>[]【】", "〈〉（）（）")  # what could look like a fence or a marker


class Writer:
    """Holds the endpoint; thread-safe."""

    def __init__(self, chosen: Settings, *, corpus: Corpus) -> None:
        self.endpoint, self.corpus, self.presenter = Endpoint(chosen), corpus, Presenter(corpus)
        self.districts = sorted({gazette.district for gazette in corpus.gazettes.values()})

    def __call__(self, composed: Answer) -> Generator[str, None, Answer]:
        """Yields checked pieces of text and returns the answer they make up.

        The composed answer comes back, whole, where nothing of the model's text
        both passes and rests on a clause that the composed answer rests on.
        """
        shown = self.shown(composed)
        draft = Draft(composed, shown, corpus=self.corpus, districts=self.districts)
        began, first, end = time.perf_counter(), 0.0, "done"
        fence = secrets.token_hex(4)
        stream = self.endpoint.stream(system=prompt("answer_with_model"), user=asked(composed.understanding, shown, fence=fence))
        sentences, length = Sentences(), 0
        try:
            for piece in stream:
                first = first or 1000 * (time.perf_counter() - began)
                length += len(piece)
                for sentence in sentences.feed(piece):
                    yield from draft.add(sentence)
                if length > LONGEST or draft.full or draft.repeated >= REPEATS:
                    end = "repeats" if draft.repeated >= REPEATS else "long"
                    break
            else:
                for sentence in sentences.close():
                    yield from draft.add(sentence)
                end = end if length else "empty"
        except ModelFailure as failure:
            log.warning("the language model's answer was cut off: %s", failure)
            end = failure.end
        finally:
            stream.close()
        yield from draft.finish(whole=end in ("done", "long"))
        generation = replace(draft.generation, model=self.endpoint.model, end=end, first_ms=round(first, 1))
        if not generation.used:
            yield composed.text
            return replace(composed, generation=generation)
        return replace(
            composed, text=draft.text, citations=tuple(draft.citations), validity=self.presenter.validity(draft.clauses, left=composed.understanding.left), generation=generation
        )

    def shown(self, composed: Answer) -> list[Clause]:
        """The clauses that the composed answer cites, then the next found of the same districts and years."""
        clauses: dict[str, Clause] = {}
        room = ROOM
        cited = [(one.source, one.start, one.end) for one in composed.citations]
        sides = {(notice.district, notice.year) for one in composed.citations if (notice := self.corpus.notice(one.notice))}
        found = [(hit.passage.source, hit.passage.start, hit.passage.end) for hit in composed.retrieved]
        for place in (*cited, *found):
            for clause in self.corpus.clauses_at(*place):
                fits = len(clauses) < SHOWN and len(clause.text) <= room and clause.kind not in QUIET
                same = (clause.notice.district, clause.notice.year) in sides
                if clause.id not in clauses and (place in cited or (fits and same)):
                    clauses[clause.id] = clause
                    room -= len(clause.text)
        return list(clauses.values())

    def completed(self, understood: Understanding, history: Sequence[Turn]) -> str:
        """A follow-up as a question complete in itself, for the search alone; as it was understood where the model fails.

        A completion that names a number, a document or a district which neither
        the turns before nor the question have is not used.
        """
        earlier = "\n".join(turn.question for turn in history[-4:])
        fence = secrets.token_hex(4)
        user = texts("model")["followup"].format(
            fence=fence, earlier=earlier.translate(FENCED), question=understood.original.translate(FENCED)
        )
        stream = self.endpoint.stream(
            system=prompt("complete_followup"), user=user, seconds=self.endpoint.seconds * FOLLOWUP_SHARE, tokens=FOLLOWUP
        )
        text = ""
        try:
            for piece in stream:
                text += piece
                if len(text) > 2 * FOLLOWUP:
                    break
        except ModelFailure as failure:
            log.warning("a follow-up was not completed by the language model: %s", failure)
            return understood.question
        finally:
            stream.close()
        line = cleaned(text)
        return line if self.adds_nothing(line, said=f"{earlier}\n{understood.original}") else understood.question

    def adds_nothing(self, line: str, *, said: str) -> bool:
        known = {(atom.value, atom.unit) for chain in quantities(said) for atom in chain}
        return (
            2 < len(line) <= FOLLOWUP
            and bool(re.search(r"[\u4e00-\u9fff]{2}", line))
            and all((atom.value, atom.unit) in known for chain in quantities(line) for atom in chain)
            and {one.number for one in document_numbers(line)} <= {one.number for one in document_numbers(said)}
            and all(district.removesuffix("区") in said for district in self.districts if district.removesuffix("区") in line)
        )


def asked(understood: Understanding, shown: Sequence[Clause], *, fence: str) -> str:
    """The user's part of the prompt: numbered clauses and the question, both fenced as data."""
    words = texts("model")
    clauses = "\n\n".join(
        words["clause"].format(
            n=n, district=clause.notice.district, title=clause.notice.title.translate(FENCED), text=clause.text.translate(FENCED),
            year=words["year"].format(year=clause.notice.year) if clause.notice.year else "",
            number=words["number"].format(number=clause.notice.number) if clause.notice.number else "",
            path="".join(words["heading"].format(heading=heading.translate(FENCED)) for heading in clause.path),
        )
        for n, clause in enumerate(shown, start=1)
    )
    return words["answer"].format(fence=fence, clauses=clauses, question=understood.question.translate(FENCED))


