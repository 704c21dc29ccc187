"""A conversation as HTML: the exchanges so far, each answer with its markers, sources and choices; everything escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from assistant import Answer, Choice
from assistant.records import Exchange
from corpus import Corpus
from corpus.texts import texts

from .blocks import BREAK, plain
from .links import citation_address
from .pages import rendered, worded
from .suggestions import next_questions

MARKER = re.compile(r"\[(\d{1,2})\]")
YEAR = re.compile(r"(?:19|20)\d{2}\s?年度?")
FIRST_WORDS = 120  # characters of an answer that a screen reader is told at once


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of an answer; ``lead`` introduces the quotation after it."""

    html: Markup
    lead: bool


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn with all that the template shows of it."""

    question: str
    answer: Answer
    scope: str
    rephrased: tuple[Choice, ...]
    lines: tuple[Line, ...]
    validity: tuple[tuple[str, bool], ...]  # each line, and whether it warns
    quotes: tuple[str, ...]
    shared: str
    next: tuple[Choice, ...]
    key: str
    verdict: str
    words: str


def conversation_html(exchanges: Sequence[Exchange], *, corpus: Corpus, examples: Sequence[str] = (), language: str = "") -> str:
    """The conversation as one piece of HTML; without exchanges the welcome with its ``examples`` of questions.

    What is the page's own is in ``language``, as far as there are texts in it; questions and answers stay as they are.
    """
    turns = [shown_turn(exchange, corpus=corpus, language=language) for exchange in exchanges]
    return rendered("chat.html", turns=turns, examples=examples, covered=covered(corpus), words=worded(language))


def live_html(question: str, text: str = "", *, language: str = "") -> str:
    """A question being answered, with the text there is of the answer; its markers lead somewhere once it is whole."""
    return rendered("chat_live.html", asked=question, paragraphs=paragraphs(text), words=worded(language))


def paragraphs(text: str) -> list[str]:
    """What there is of an answer's text, without its markers."""
    return [plain(line) for line in MARKER.sub("", text).splitlines() if line.strip()]


def shown_turn(exchange: Exchange, *, corpus: Corpus, language: str) -> ShownTurn:
    question, answer = exchange.turn.question, exchange.turn.answer
    return ShownTurn(
        question=question, answer=answer, scope=scope(answer, language=language), rephrased=rephrased(question, answer, corpus=corpus),
        shared=complete(question, answer), lines=tuple(lines(answer, language=language)),
        validity=tuple((line, any(word in line for word in texts("web")["validity_warns"])) for line in answer.validity),
        quotes=tuple(plain(BREAK.sub("", citation.quote)) for citation in answer.citations),
        next=next_questions(answer, corpus=corpus) if answer.status == "answered" else (),
        key=exchange.key, verdict=exchange.verdict, words=exchange.words,
    )


def complete(question: str, answer: Answer) -> str:
    """The question as someone else must ask it for the same answer: a follow-up filled, the chosen district named."""
    understood = answer.understanding
    text = understood.question if understood.is_followup else question
    return "".join(district for district in understood.districts if district.removesuffix("区") not in text) + text


def lines(answer: Answer, *, language: str = "") -> list[Line]:
    """The answer's paragraphs with its markers as links to the clauses."""
    words = worded(language)

    def marker(match: re.Match) -> str:
        n = int(match[1])
        if not 1 <= n <= len(answer.citations):
            return match.group()
        citation = answer.citations[n - 1]
        return Markup('<a class="marker" href="{}" target="_blank" rel="noopener" data-notice aria-label="{}">{}</a>').format(
            citation_address(citation), words.marker.format(n=n, label=citation.label), n
        )

    return [
        Line(Markup(MARKER.sub(marker, str(escape(plain(text))))), lead=text.endswith("：") and bool(answer.citations))
        for text in (line.strip() for line in answer.text.splitlines()) if text
    ]


def scope(answer: Answer, *, language: str = "") -> str:
    """What was understood of the place and the time, in words; "" where no search was made."""
    understood, words = answer.understanding, worded(language)
    if understood.guard or understood.outside:
        return ""
    years = "、".join(f"{year}年" for year in understood.years)
    named = "、".join(understood.districts) + years + "、".join(understood.notices)
    return words.scope.format(scope=named) if named else words.scope_any


def rephrased(question: str, answer: Answer, *, corpus: Corpus) -> tuple[Choice, ...]:
    """The same question for each other district and year that the gazettes cover."""
    understood = answer.understanding
    if understood.guard or understood.outside:
        return ()
    bare = understood.question if understood.is_followup else question
    for district in sorted(places(corpus), key=len, reverse=True):
        bare = bare.replace(district, "").replace(district.removesuffix("区"), "") if len(district) > 2 else bare.replace(district, "")
    bare = YEAR.sub("", bare).strip(" ，,。")
    return tuple(
        Choice(f"{district}{year}年", f"{district}{year}年{bare}") for district, years in places(corpus).items() for year in years
        if (district, year) not in {(one, other) for one in understood.districts for other in understood.years}
    )


def places(corpus: Corpus) -> dict[str, list[int]]:
    """Each district with the years its notices were signed in."""
    found: dict[str, set[int]] = {}
    for notice in corpus.notices:
        found.setdefault(notice.district, set()).update([notice.year] if notice.year else [])
    return {district: sorted(found[district]) for district in sorted(found)}


def covered(corpus: Corpus) -> str:
    return "；".join(district + "、".join(f"{year}年" for year in years) for district, years in places(corpus).items())


def status_text(answer: Answer, *, language: str = "") -> str:
    """What a screen reader is told of an answer: once, and short."""
    text = plain(MARKER.sub("", " ".join(answer.text.split())))
    return worded(language).status_answered.format(text=text[:FIRST_WORDS])
