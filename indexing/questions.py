"""Questions about a gazette as residents type them, written by a language model and checked as the bank is, for ``tune`` to learn from.

Nothing of what the model says is taken on trust: a question stays if its
evidence is printed in the passage it was written about, if it keeps to the
measures of the bank's questions, and if the search finds that passage by it.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from corpus import Corpus, intake
from corpus.errors import GazetteError
from corpus.normalise import normalise
from corpus.numbering import squeeze
from corpus.readers import READERS
from corpus.settings import Settings
from corpus.sources import write_atomically
from corpus.texts import prompt, texts

from .builder import embed, intact
from .encoder import Encoder
from .endpoint import failed, language_model
from .evidence import COVER, Printed
from .filters import Filters
from .model import Passage
from .passages import YEAR, passages_of
from .precedents import Precedents
from .search import Search
from .terms import Terms
from .vectors import Vectors

KINDS = {"text", "row", "note"}  # of passages that can answer something
LEAST = 15  # characters of such a passage
# Characters that the bank's questions and their evidence have, white space apart.
QUESTION, EVIDENCE = range(6, 47), range(12, 141)
COPIED = 8  # characters in a row shared with the passage; nine in a hundred of the bank's questions share so many
FOUND = 5  # so early 97 in a hundred of the bank's questions find their passage, and 5 in a hundred one drawn from the same notice
REPLY, TOKENS = 4000, 1200  # characters read of a reply, tokens asked for: a model that thinks aloud spends some on that
FAILURES = 3  # replies in a row that did not come, from which on the endpoint is taken to be down

LINE = re.compile(r"([问据])\s*[:：]\s*(\S.*)")
NOTHING = re.compile(r"\s*无\s*[。.]?\s*")
WORDS = re.compile(r"[\u4e00-\u9fff]{2}")
# Who asks has not the text at hand; one of the bank's 4,890 questions speaks so.
POINTS = re.compile(r"这段|这条|原文|上文|上述|下列|本条|本通知|本办法|本意见|本方案|该通知|该文件|该办法|材料中|文中")


@dataclass
class Written:
    """What became of a run: the questions as records of a bank, why the others were dropped, passages with nothing to ask
    by the model's word, and those to which no reply came."""

    questions: list[dict[str, str]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    nothing: int = 0
    unanswered: int = 0


def named_gazettes(names: Sequence[str], *, corpus: Corpus, folder: Path) -> tuple[Corpus, list[str]]:
    """The sources named, and the corpus of ``folder`` with them in it.

    A name is that of a gazette of the corpus, or of a file or folder of files not yet taken in, which are read as
    ``corpus add`` reads them. Raises ``GazetteError`` where there is no such thing.
    """
    known, paths = [], []
    for name in names:
        source, path = next((one for one in (name, f"{name}.txt") if one in corpus.gazettes), ""), Path(name)
        if source:
            known.append(source)
        elif path.is_dir():
            paths += sorted(file for file in path.iterdir() if file.suffix.lower() in READERS)
        elif path.is_file():
            paths.append(path)
        else:
            raise GazetteError(f"--gazette {name}: no such gazette or file; there are {', '.join(sorted(corpus.gazettes))}")
    try:
        new = [proposal.parsed for proposal in intake.settle([intake.propose(path) for path in paths], folder)]
    except GazetteError as error:
        raise GazetteError(f"{error} (options of `python -m corpus add`; take it in first, then name it here)") from None
    sources = list(dict.fromkeys([*known, *(parsed.gazette.source for parsed in new)]))
    if not sources:
        raise GazetteError(f"--gazette {' '.join(names)}: no gazette in it; files of these kinds are read: {' '.join(READERS)}")
    return Corpus((*corpus.parsed, *new)), sources


def search_over(corpus: Corpus, *, encoder: Encoder, index: Path, progress: bool = True) -> Search:
    """A search over the corpus, in memory; what the index in the folder ``index`` holds is not embedded again."""
    passages = passages_of(corpus)
    made = embed(passages, encoder=encoder, old=intact(index), progress=progress)
    none = Precedents.build((), corpus=corpus, encoder=encoder, known={})  # a question is found again by what is printed
    return Search(corpus=corpus, passages=passages, vectors=Vectors.build(made.vectors), terms=Terms.build(passages),
                  pieces=made.pieces, precedents=none, filters=Filters(passages), encoder=encoder)


def drawn(passages: Sequence[Passage], *, sources: Sequence[str], seed: int) -> list[Passage]:
    """The passages of ``sources`` that can answer something, from every notice in turn, so that the first few are of all."""
    worth = [one for one in passages if one.source in sources and one.kind in KINDS and len(squeeze(one.text)) >= LEAST]
    random.Random(seed).shuffle(worth)
    before: Counter[tuple[str, str]] = Counter()
    turns = []
    for one in worth:
        turns.append(before[one.source, one.notice])
        before[one.source, one.notice] += 1
    return [worth[at] for at in np.argsort(turns, kind="stable")]


def ask(passage: Passage, *, chosen: Settings) -> str:
    """The reply of the settings' model about a passage, cut off where it rambles or takes longer. Raises whatever the endpoint raises."""
    import httpx
    from llama_index.core.llms import ChatMessage

    shown = texts("model")["passage"].format(fence=secrets.token_hex(4), text=passage.embedded_text)
    messages = [ChatMessage(role="system", content=prompt("write_questions")), ChatMessage(role="user", content=shown)]
    reply = ""
    # A client for each reply: the rest of one that was cut off, thrown away later, would lock up the connections of the next.
    with httpx.Client(follow_redirects=False) as client:
        model, end = language_model(chosen, client=client), time.monotonic() + chosen.llm_seconds
        for chunk in model.stream_chat(messages, max_tokens=TOKENS):
            reply += chunk.delta or ""
            if len(reply) > REPLY or time.monotonic() > end:
                return reply[:REPLY].rpartition("\n")[0]  # the last line may lack its end
    return reply


class Replies:
    """The replies so far, by what was asked of which model: a run that was killed asks nothing twice."""

    def __init__(self, path: Path, *, model: str) -> None:
        self.path, self.model = path, model
        self.kept: dict[str, str] = {}
        for line in path.read_text("utf-8", errors="replace").splitlines() if path.exists() else ():
            try:
                self.kept |= {str(key): str(reply) for key, reply in json.loads(line).items()}
            except (ValueError, AttributeError):
                continue  # the line that was being written
        write_atomically(path, "".join(self._line(key, reply) for key, reply in self.kept.items()).encode())

    def __call__(self, passage: Passage, *, asking: Callable[[Passage], str]) -> str:
        asked = (self.model, prompt("write_questions"), texts("model")["passage"], passage.embedded_text)
        key = hashlib.sha256("\0".join(asked).encode()).hexdigest()
        if key not in self.kept:
            self.kept[key] = asking(passage)
            try:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(self._line(key, self.kept[key]))
            except OSError as error:
                raise GazetteError(f"cannot write {self.path}: {error.strerror or error}") from None
        return self.kept[key]

    @staticmethod
    def _line(key: str, reply: str) -> str:
        return json.dumps({key: reply}) + "\n"


def pairs_in(reply: str) -> tuple[list[tuple[str, str]], int]:
    """Question and evidence of each pair of lines, and how much there is that should be a pair and is none."""
    pairs, asked, odd = [], "", 0
    for line in filter(None, map(str.strip, reply.splitlines())):
        match = LINE.fullmatch(line)
        sign, said = match.groups() if match else ("", "")
        if sign == "据" and asked:
            pairs.append((" ".join(asked.split()), " ".join(said.split())))
            asked = ""
            continue
        odd += bool(asked) or sign == "据"
        asked = said if sign == "问" else ""
    return pairs, odd + bool(asked) or int(not pairs)


class Checks:
    """What the bank's questions were held to. Remembers what was asked, so that nothing is asked twice."""

    def __init__(self, corpus: Corpus, search: Search) -> None:
        self.corpus, self.search, self.passages = corpus, search, search.passages
        self.printed = Printed(corpus, self.passages)
        self.at = {passage.id: at for at, passage in enumerate(self.passages)}
        self.asked: set[str] = set()

    def __call__(self, question: str, copied: str, *, passage: Passage) -> tuple[str, str]:
        """The evidence as it is printed, and why the question is dropped: "" where it is taken."""
        evidence = self.evidence(copied, passage=passage)
        fault = self.fault(question, evidence, passage=passage)
        self.asked |= set() if fault else {only_words(question)}
        return evidence, fault

    def evidence(self, copied: str, *, passage: Passage) -> str:
        """What was copied; the row as printed where it is of a row, which a model is shown with the names of its columns."""
        flat = squeeze(copied)
        clauses = self.corpus.clauses_at(passage.source, passage.start, passage.end) if len(flat) in EVIDENCE else ()
        rows = [clause for clause in clauses if clause.kind == "row" and flat in squeeze(clause.text)]
        if len(rows) == 1:
            row = " ".join(self.corpus.gazettes[passage.source].text[rows[0].start : rows[0].end].split())
            return row if len(squeeze(row)) in EVIDENCE else copied
        return copied

    def fault(self, question: str, evidence: str, *, passage: Passage) -> str:
        flat, at = squeeze(question), self.at[passage.id]
        if len(flat) not in QUESTION or not question.isprintable() or not WORDS.search(question):
            return "no question of a person's length"
        if len(squeeze(evidence)) not in EVIDENCE:
            return "evidence too short or too long"
        holding = self.printed.shares(evidence)
        if holding.get(at) != 1:
            return "evidence not printed in the passage"
        if any(flat[start : start + COPIED] in squeeze(passage.text) for start in range(len(flat) - COPIED + 1)):
            return "copied from the passage"
        if POINTS.search(question):
            return "points at a text that who asks has not seen"
        if self.strays(question, at):
            return "of another district or year"
        if not all(self.tells(question, at, other) for other, share in holding.items() if share >= COVER):
            return "does not say which of the notices that print the same"
        if only_words(question) in self.asked:
            return "asked before"
        if passage.id not in {hit.passage.id for hit in self.search(question, limit=FOUND)}:
            return f"passage not among the first {FOUND} found"
        return ""

    def strays(self, question: str, at: int) -> bool:
        """Whether the question names only other districts than the passage's, or a year that the passage knows nothing of."""
        passage, districts = self.passages[at], self.search.features.named_districts(question)
        known = {*map(str, passage.years), *YEAR.findall(passage.embedded_text)}
        return bool(districts and self.search.features.district[at] not in districts) or not known.issuperset(YEAR.findall(question))

    def tells(self, question: str, at: int, other: int) -> bool:
        """Whether the question's words tell the passage from another: of the same notice, or district or year named that it lacks."""
        mine, its, features = self.passages[at], self.passages[other], self.search.features
        if (mine.source, mine.notice) == (its.source, its.notice):
            return True
        elsewhere = features.district[at] != features.district[other]
        years = set(map(int, YEAR.findall(question))) & (set(mine.years) - set(its.years))
        return bool(years) or bool(elsewhere and features.district[at] in features.named_districts(question))


def write(passages: Sequence[Passage], *, asking: Callable[[Passage], str], replies: Replies, checks: Checks, progress: bool = True) -> Written:
    """Ask about each passage and check what comes back. Raises ``GazetteError`` where the endpoint is down."""
    written, down = Written(), 0
    with tqdm(passages, desc="asking", unit=" passages", disable=not progress) as bar:
        for passage in bar:
            try:
                reply = replies(passage, asking=asking)
                down = 0
            except GazetteError:
                raise
            except Exception as error:  # whatever an endpoint may do
                written.unanswered, down = written.unanswered + 1, down + 1
                if down == FAILURES:
                    raise failed(error) from None
                continue
            if NOTHING.fullmatch(reply):
                written.nothing += 1
                continue
            pairs, odd = pairs_in(reply)
            written.dropped += Counter({"not well-formed": odd})
            for question, copied in pairs:
                evidence, fault = checks(question, copied, passage=passage)
                if fault:
                    written.dropped[fault] += 1
                else:
                    written.questions.append({"question": question, "source": passage.source, "evidence": evidence})
            bar.set_postfix(taken=len(written.questions), dropped=written.dropped.total())
    return written


def only_words(question: str) -> str:
    return re.sub(r"\W", "", normalise(question))
