"""Questions to go on with, made from the corpus: what else the cited notice rules, and first questions of a district."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice

from assistant import Answer, Assistant, Choice
from assistant.model import HEADING_NUMBER
from corpus import Clause, Corpus, Notice
from corpus.texts import texts

MOST = 3  # next questions under an answer
FIRST = 4  # first questions on an empty page
COMMONPLACE = 3  # notices with the same heading from which it says nothing of its own ("组织领导", "保障措施")
NAMED = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z\d、“”（）()-]{2,19}[\u4e00-\u9fff）)”]")
# What a title says beside its subject: who issues it and where, that it issues, what kind of paper it is.
BEFORE_SUBJECT = re.compile(r"^(?:北京市|本?行政区域内?|人民政府|办公室|[\u4e00-\u9fff]{0,12}?关于|印发|转发|公布|开展|做好|[《\s])")
AFTER_SUBJECT = re.compile(r"(?:[》\s]|的?(?:通知|通告|公告|意见|决定|函|批复)|（(?:试行|暂行)）|的?(?:实施|工作)?(?:方案|办法|细则))$")
LONGEST_SUBJECT = 26


def next_questions(answer: Answer, *, corpus: Corpus) -> tuple[Choice, ...]:
    """The headings next to the first cited clause in its notice, each as a question of its own; none where none is telling."""
    if not answer.citations:
        return ()
    first = answer.citations[0]
    notice = corpus.notice(first.notice)
    if not notice or notice.source != first.source:
        return ()
    cited = {heading for citation in answer.citations for heading in citation.clause}
    headings = {
        heading: place for heading, place in outline(notice, corpus=corpus).items()
        if heading not in cited and frequency(corpus)[name_of(heading)] < COMMONPLACE
    }
    nearest = sorted(headings, key=lambda heading: (headings[heading] < first.start, abs(headings[heading] - first.start)))
    shape = texts("web")["next_question"]
    names = list(dict.fromkeys(name_of(heading) for heading in nearest))[:MOST]
    return tuple(Choice(name, shape.format(notice=notice.key, name=name)) for name in names)


def outline(notice: Notice, *, corpus: Corpus) -> dict[str, int]:
    """The telling headings of a notice, each with the place where it first stands."""
    found: dict[str, int] = {}
    for clause in corpus.clauses_of(notice):
        for heading in clause_headings(clause):
            found.setdefault(heading, clause.start)
    return found


def clause_headings(clause: Clause) -> list[str]:
    return [heading for heading in clause.path if name_of(heading)] if clause.kind in ("text", "heading", "row") else []


def name_of(heading: str) -> str:
    """A heading without its number, "" where it is a sentence or a mere label.

    >>> name_of("（二）入学登记时间")
    '入学登记时间'
    """
    bare = re.sub(r"\s+", "", heading)
    number = HEADING_NUMBER.match(bare)
    name = bare[number.end() :].strip("、.．：:。 ") if number else ""
    return name if NAMED.fullmatch(name) and not name.startswith("本") else ""


@lru_cache(maxsize=1)
def frequency(corpus: Corpus) -> Counter[str]:
    """In how many notices each heading's name stands."""
    return Counter(
        name for notice in corpus.notices for name in {name_of(heading) for heading in outline(notice, corpus=corpus)}
    )


class FirstQuestions:
    """What the empty page offers, worked out once for each district; each question has an answer in the gazettes at hand."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant, self.corpus = assistant, assistant.index.corpus
        self.of_district = lru_cache(maxsize=256)(self._of_district)

    def __call__(self, district: str) -> tuple[str, ...]:
        """For a district; "": for all together."""
        if district:
            return self.of_district(district)[:FIRST]
        covered = sorted({notice.district for notice in self.corpus.notices})[:FIRST]
        each = {one: self.of_district(one) for one in covered}
        asked = [one + questions[turn] for turn in range(FIRST) for one, questions in each.items() if turn < len(questions)]
        return tuple(asked[:FIRST])

    def _of_district(self, district: str) -> tuple[str, ...]:
        """The questions written for a district and those that its newest rules give, of both those that are answered."""
        words = texts("web")
        newest = sorted((one for one in self.corpus.notices if one.district == district and one.signed), key=lambda one: one.signed, reverse=True)
        subjects = dict.fromkeys(subject for notice in newest if (subject := subject_of(notice)))
        made = [words["example_made"].format(subject=subject) for subject in subjects]
        answered = (
            question for question in (*words["examples"].get(district, ()), *made)
            if self.assistant.found(question, district=district).status == "answered"
        )
        return tuple(islice(answered, FIRST))


def subject_of(notice: Notice) -> str:
    """What a notice is about, "" for appointments and other titles that no resident asks by."""
    if any(word in notice.title for word in texts("web")["example_not"]):
        return ""
    bare, before = (notice.enclosed_title or notice.title).replace(notice.issuer, "").replace(notice.district, ""), ""
    while bare != before:
        before, bare = bare, AFTER_SUBJECT.sub("", BEFORE_SUBJECT.sub("", bare))
    return bare if 4 <= len(bare) <= LONGEST_SUBJECT else ""
