"""What a person reads around the quotations: lead-ins, what is in force, choices, refusals; all from ``prompts/answers.yaml``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from corpus import Corpus, Notice
from corpus.texts import texts
from indexing import Hit

from .model import Answer, Choice, Understanding
from .quotes import MARKER, Quote
from .retrieve import asked_of
from .standing import standing_lines
from .tables import figures

NEAR = 2.5  # steps of nearness from which on the paper of the best hit is of the question's matter
ISSUER = re.compile(r"^.{0,60}?(?=关于)")
SHOWN = re.compile(r"(?:\[\d{1,2}\])+$")  # the markers at the end of a line
NUMERALS = str.maketrans("0123456789", "〇一二三四五六七八九")
SPACED = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=\d)|(?<=\d)\s+(?=[\u4e00-\u9fff])")
SENT = re.compile(r"^.{0,60}?(?:关于)?(?:印发|转发|公布)(?=.{6})")


class Presenter:
    """Writes answers over one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def marked(self, quote: Quote, numbers: Sequence[int], further: Sequence[int]) -> str:
        """A quotation's lines with the marker of each of its citations."""
        shape = texts("answers")["marker"]
        text = "\n".join(quote.lines)
        for at, n in enumerate(further, start=1):
            text = text.replace(MARKER.format(n=at), shape.format(n=n))
        return text + "".join(shape.format(n=n) for n in numbers)

    def written(self, lines: Sequence[tuple[Quote, str]], *, status: str) -> str:
        """The answer's text: a lead-in for each notice, then what is quoted of it."""
        told: list[str] = []
        last: Notice | None = None
        for quote, text in lines:
            if quote.notice is not last:
                told.append(lead_in(quote.notice))
                last = quote.notice
            if told and text[:1].isdigit() and SHOWN.sub("", told[-1])[-1:].isdigit():
                told[-1] += "；"  # 010-63542149 before 1. …: read or copied in one run they are one number
            told.append(text)
        if status == "clarify":
            told.append(texts("answers")["clarify_question"])
        return "\n".join(told)

    def validity(self, quotes: Sequence[Quote], *, left: Sequence[str] = (), today: date | None = None) -> tuple[str, ...]:
        """What holds of each notice quoted: a line or two for each; before them, that none is of the districts ``left``."""
        notices = list(dict.fromkeys(quote.notice.key for quote in quotes))
        districts = list(dict.fromkeys(quote.notice.district for quote in quotes))
        found = []
        if left and not set(left) & set(districts):
            found.append(texts("answers")["elsewhere"].format(left="、".join(left), districts="、".join(districts)))
        for key in notices:
            notice = next(quote.notice for quote in quotes if quote.notice.key == key)
            name = self.naming(notice) if len(notices) > 1 else ""
            found += [name + line for line in standing_lines(notice, corpus=self.corpus, today=today or date.today())]
        return tuple(found)

    def naming(self, notice: Notice) -> str:
        return texts("answers")["validity"]["of"].format(name=notice.number or short_title(notice))

    def choices(self, understood: Understanding, groups: Sequence[Sequence[Hit]]) -> tuple[Choice, ...]:
        return tuple(choice(asked_of(understood, group[0].passage, corpus=self.corpus)) for group in groups)

    def refused(
        self, understood: Understanding, *, reason: str, hits: Sequence[Hit] = (), elsewhere: Understanding | None = None
    ) -> Answer:
        """A civil refusal that says what is covered, and ``elsewhere``, where the question is answered, or the nearest paper;
        beside it where to ask."""
        words = texts("answers")
        text = words["refused"][reason].format(covered=self.covered, place=understood.outside)
        near = hits and reason == "unsupported" and not elsewhere and (hits[0].dense or 0.0) >= NEAR
        nearest = self.corpus.notice(hits[0].passage.notice) if near else None
        title = short_title(nearest) if nearest else ""
        if title and not any(sign.isdigit() for sign in title):
            text += words["nearest"].format(title=title)
        if elsewhere:
            text += "\n" + words["answered_elsewhere"].format(place=self.edition(elsewhere))
        beside = (words["hotline"],) if reason in words["asks_hotline"] else ()
        return Answer("refused", text, understood, retrieved=tuple(hits), validity=beside, reason=reason,
                      choices=(choice(elsewhere),) if elsewhere else ())

    def edition(self, asked: Understanding) -> str:
        """District and year of what is asked, for a person; years in Chinese numerals: no number stands in a refusal."""
        words = texts("answers")
        years = "、".join(words["covered_year"].format(year=str(year).translate(NUMERALS)) for year in asked.years)
        return words["covered"].format(district="、".join(asked.districts), years=years)

    @cached_property
    def covered(self) -> str:
        """The districts and years at hand, for a person; years in Chinese numerals."""
        years: dict[str, set[int]] = {}
        for notice in self.corpus.notices:
            if notice.year:
                years.setdefault(notice.district, set()).add(notice.year)
        words = texts("answers")
        return "、".join(
            words["covered"].format(
                district=district, years="、".join(words["covered_year"].format(year=str(year).translate(NUMERALS)) for year in sorted(found))
            )
            for district, found in years.items()
        )


def choice(asked: Understanding) -> Choice:
    """A question of one district and year as what is offered."""
    return Choice(texts("answers")["choice"].format(district=asked.districts[0], year="、".join(map(str, asked.years))), asked.question)


def lead_in(notice: Notice) -> str:
    """District, year, title and number of a notice, each said once."""
    words, title = texts("answers"), short_title(notice)
    place = "" if notice.district.removesuffix("区") in title else notice.district
    year = "" if not notice.year or str(notice.year) in title + notice.number else words["year"].format(year=notice.year)
    number = words["number"].format(number=notice.number) if notice.number else ""
    return words["lead_in"].format(district=place, year=year, title=title, number=number)


def short_title(notice: Notice) -> str:
    """The title of what is in force: the plan a cover letter carries, else the title without who issued it.

    Nested quotation marks become single ones, as print has it.
    """
    title = notice.enclosed_title
    if not title or figures(title) - figures(notice.title):  # a citation is known by the title as its notice prints it
        inner = re.search(r"《(.+)》", notice.title)
        title = inner.group(1) if inner else re.sub(r"的通知$", "", SENT.sub("", notice.title)) if SENT.search(notice.title) else ""
    title = title or ISSUER.sub("", notice.title) or notice.title
    return SPACED.sub("", title).replace("《", "〈").replace("》", "〉")
