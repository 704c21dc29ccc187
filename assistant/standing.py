"""Whether a notice still stands, as far as the gazettes say: its term, who repealed it, what came after it."""

from __future__ import annotations

from datetime import date

from corpus import Corpus, Notice
from corpus.relations import Relation, relations

from .texts import texts


class Standing:
    """The relations of every notice, found once for a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._relations: dict[str, list[Relation]] = {}
        for relation in relations(corpus):
            self._relations.setdefault(relation.notice, []).append(relation)

    def lines(self, notice: Notice, *, today: date) -> list[str]:
        """When signed and in force from, and, plainly, what speaks against relying on it on that day."""
        words, held = texts("answers")["validity"], notice.validity
        dates = [
            words[name].format(date=chinese(day)) for name, day in (("signed", notice.signed), ("in_force", held.in_force_from)) if day
        ]
        found = ["".join((words["between"].join(dates), words["end"]))] if dates else []
        if held.expires:
            found.append(words["expired" if held.expires < today else "expires"].format(date=chinese(held.expires)))
        elif held.covers_until:
            found.append(words["over" if held.covers_until < today else "covers"].format(period=held.covers))
        found += [words[kind].format(paper=paper) for kind, paper in self.others(notice)]
        return found

    def others(self, notice: Notice) -> list[tuple[str, str]]:
        """``(kind, paper)`` of the notices that repeal, revoke or follow ``notice``, the gravest first."""
        mine = self._relations.get(notice.key, [])
        for kind, name in (("repealed by", "repealed"), ("revoked by", "revoked"), ("later", "later")):
            keys = [one.target for one in mine if one.kind == kind]
            papers = [paper for key in keys if (paper := self.corpus.notice(key))]
            if papers:
                latest = max(papers, key=lambda paper: paper.signed or date.min)
                words = texts("answers")["validity"]
                number = words["number"].format(number=latest.number) if latest.number else ""
                return [(name, words["paper"].format(title=latest.enclosed_title or latest.title, number=number))]
        return []


def chinese(day: date) -> str:
    return texts("answers")["validity"]["date"].format(year=day.year, month=day.month, day=day.day)
