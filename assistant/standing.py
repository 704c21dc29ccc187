"""Whether a notice still stands, as far as the gazettes say: its term, who repealed it, what came after; in one word and in lines."""

from __future__ import annotations

from datetime import date
from typing import Literal

from corpus import Corpus, Notice, Validity
from corpus.texts import texts

# From the gravest on; "" means that nothing in the gazettes ends it, which is not a promise that it is in force.
Standing = Literal["repealed", "expired", "over", "followed", "coming", ""]
PAST = frozenset(("repealed", "expired", "over", "followed"))
# Relations that speak against relying on a notice, the gravest first, with the name of their line in prompts/answers.yaml.
AGAINST = {"repealed by": "repealed", "revoked by": "revoked", "later": "later"}


def standing(notice: Notice, *, corpus: Corpus, today: date) -> Standing:
    """The gravest thing that the gazettes say against relying on ``notice`` on that day."""
    kinds = {relation.kind for relation in corpus.relations_of(notice)}
    begins = notice.validity.in_force_from
    if "repealed by" in kinds:
        return "repealed"
    if over := ended(notice.validity, today=today):
        return over[0]
    if "later" in kinds:
        return "followed"
    return "coming" if begins and begins > today else ""


def ended(validity: Validity, *, today: date) -> tuple[Literal["expired", "over"], ...]:
    """Which of its terms lie behind that day: "expired" the one it was given, "over" the period that it covers."""
    terms = (("expired", validity.expires), ("over", validity.covers_until))
    return tuple(name for name, last in terms if last and last < today)


def standing_lines(notice: Notice, *, corpus: Corpus, today: date) -> list[str]:
    """When signed and in force from, and, plainly, what speaks against relying on it on that day."""
    words, held, over = texts("answers")["validity"], notice.validity, ended(notice.validity, today=today)
    dates = [
        words[name].format(date=chinese(day)) for name, day in (("signed", notice.signed), ("in_force", held.in_force_from)) if day
    ]
    found = ["".join((words["between"].join(dates), words["end"]))] if dates else []
    if held.expires:
        found.append(words["expired" if "expired" in over else "expires"].format(date=chinese(held.expires)))
    if held.covers_until:
        found.append(words["over" if "over" in over else "covers"].format(period=held.covers))
    return [*found, *against(notice, corpus=corpus)]


def against(notice: Notice, *, corpus: Corpus) -> list[str]:
    """A line on the latest of the papers that repeal, revoke or follow ``notice``, whichever is gravest; none where there is none."""
    words, relations = texts("answers")["validity"], corpus.relations_of(notice)
    for kind, name in AGAINST.items():
        papers = [paper for one in relations if one.kind == kind and (paper := corpus.notice(one.target))]
        if papers:
            latest = max(papers, key=lambda paper: paper.signed or date.min)
            number = words["number"].format(number=latest.number) if latest.number else ""
            return [words[name].format(paper=words["paper"].format(title=latest.enclosed_title or latest.title, number=number))]
    return []


def chinese(day: date) -> str:
    return texts("answers")["validity"]["date"].format(year=day.year, month=day.month, day=day.day)
