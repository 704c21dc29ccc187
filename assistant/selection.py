"""The passages found to quotations: the units that answer, each with what it cannot do without, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus import Clause, Notice
from corpus.normalise import normalise
from indexing import Hit, Index

from . import lists, measures, slots
from .outline import ATTRIBUTE, HEAD, LEADS, Outline
from .quotes import Quote, common, ordered, readable, window
from .reading import Reader, Reading
from .scoring import ASKED, PREAMBLE
from .tables import figures, line_of, row_quotes
from .units import Unit, pairs

LONG = 165  # characters a clause may have and still be quoted whole
LONGER = 300  # the same where a list or a meaning is asked for, which a cut would leave in pieces
HEADED = 0.35  # share of the question's telling pairs in the headings above a list from which the list itself is asked for
WHOLE_LIST = 220  # characters a list may have to be quoted whole with its lead-in, whatever is asked
SAME_ITEM = 200  # characters the paragraphs of one item may have to be quoted together
ARTICLE = 520  # characters of an article that is asked for by its number that are quoted at most
FURTHER = 0.03  # least probability that the answer stands in a further quotation
MEASURED = 0.01  # the same where no other quotation has the measure asked for
REPEATED = 0.85  # share of its pairs of characters from which a further quotation only repeats one
PART = 0.25  # least probability of what answers one of several things asked, read for that alone
WHOLE = 0.0005  # and read for the whole question, of which a short part says little: 年底前能弄吗
ROOM_OF_PAPERS = 450  # characters of a list of papers to hand in, about: who comes without the last one comes again
PART_SURELY, PART_HITS = 0.95, 6  # and for what is looked for by its own words, among so many passages of the notice
PARTS_ROOM = 500  # characters quoted, about, where it asks several
BESIDE_SLOT = 0.5  # least probability of a quotation beside what the question asks about the paper itself
SURELY = 0.95  # probability from which on a rule answers, and not what stands about the paper itself
RELATED = 3  # clauses named as related, at most
TRIED = 16  # best units from which quotations are built
SISTER = 0.2  # least share of an item's probability that a sister has to be listed with it
INTERROGATIVE = re.compile(r"多少|几[个名家处项种类天年月号日点时人岁]|谁|哪|什么|啥|怎么|怎样|咋|如何|何时|多[久长大高]|吗|分别|能不能|可不可以|要不要|是不是|有没有")
CLAUSE = re.compile(r"[^，,；;。？?！!]{3,}")
ASKS_PAPER = re.compile(r"表|范本|样本|模板|格式|协议|合同|填|怎么写|附件|材料|手续|证|资料|东西|[带交]什么|[带交]啥|文件|哪些")
NAMES_TABLE = {"attachment", "title", "heading"}
ASKS_WHICH = ASKED["which"][0]


class Selector:
    """Thread-safe; holds what is known of the corpus before any question."""

    def __init__(self, index: Index, reader: Reader) -> None:
        self.index, self.corpus, self.read, self.outline = index, index.corpus, reader, Outline(index.corpus)

    def __call__(
        self, group: Sequence[Hit], question: str, *, own: str = "", kind: str, room: int, most: int, taken: Sequence[Quote] = ()
    ) -> tuple[list[Quote], list[Clause]]:
        """The quotations of one side of an answer: at most ``most`` and about ``room`` characters, the likeliest notice
        first, nothing that the sides before have ``taken``; and the clauses that came next."""
        reading = self.read(question, group, own=own, taken=taken)
        if not reading.found:
            return [], []
        picking = Picking(self, reading, kind=kind, taken=taken)
        quotes = picking.free(picking.about_the_paper(), [])
        quotes = quotes or picking.papers(room=room)
        listed = picking.headings(room=room)
        if listed:
            return listed, picking.runners_up(listed)
        quotes = picking.telling(quotes, room=room, most=most, least=BESIDE_SLOT if quotes else 0.0)
        quotes = picking.measured(quotes, room=room)
        if kind != "side":
            for part in parts(question):
                alone = self.read(part, group, own=question, taken=taken)
                if alone.found:
                    more = Picking(self, alone, kind=kind, taken=taken).telling(quotes, room=PARTS_ROOM, most=len(quotes) + 1, least=PART)
                    quotes = [quote for quote in more if quote in quotes or picking.stands_in(quote) >= WHOLE]
            for part in parts(question)[1:]:
                quotes = self.further(part, quotes, notice=picking.notice(), kind=kind, taken=taken)
        # Of persons the one who is asked about comes first: what each does stands alone.
        return ordered(quotes, as_printed=kind != "personnel"), picking.runners_up(quotes)


    def further(self, part: str, quotes: list[Quote], *, notice: Notice, kind: str, taken: Sequence[Quote]) -> list[Quote]:
        """``quotes``, and what under the same heading surely answers a further thing asked: 钱打给个人吗, whose passage the whole
        question, which is about another matter, does not find."""
        alone = self.read(part, self.index.search(part, notices=(notice.key,), limit=PART_HITS), taken=taken)
        if not alone.found or float(alone.odds.max()) < PART_SURELY:
            return quotes
        above = alone.found[int(alone.odds.argmax())].unit.clause.path[:-1]
        if not any(above and quote.path[: len(above)] == above for quote in quotes):
            return quotes
        return Picking(self, alone, kind=kind, taken=taken).telling(quotes, room=PARTS_ROOM, most=len(quotes) + 1, least=PART_SURELY)


class Picking:
    """The choice among the units of one reading."""

    def __init__(self, selector: Selector, reading: Reading, *, kind: str, taken: Sequence[Quote]) -> None:
        self.taken, self.comparing = taken, kind in ("comparison", "side")
        self.corpus, self.outline, self.units = selector.corpus, selector.outline, selector.read.units
        self.question, self.features = reading.question, reading.features
        self.found = [one.unit for one in reading.found]
        self.odds = {unit.number: float(value) for unit, value in zip(self.found, reading.odds, strict=True)}
        self.by_clause: dict[str, float] = {}
        for unit in self.found:
            self.by_clause[unit.clause.id] = self.by_clause.get(unit.clause.id, 0.0) + self.odds[unit.number]
        self.listing = kind == "list" or bool(ASKS_WHICH.search(self.question.text))
        self.long = LONGER if kind in ("list", "definition") else LONG

    def stands_in(self, quote: Quote) -> float:
        """The probability that the answer stands in ``quote``, an item's 完成时限, which all items have, left out."""
        return sum(self.odds[unit.number] for unit in self.found
                   if quote.touches(unit.clause.notice.source, unit.start, unit.end) and not ATTRIBUTE.match(unit.clause.text))

    def notice(self) -> Notice:
        """The notice in which the answer most likely stands."""
        total: dict[int, float] = {}
        first: dict[int, Notice] = {}
        for unit in self.found:
            notice = unit.clause.notice
            first.setdefault(notice.start, notice)
            total[notice.start] = total.get(notice.start, 0.0) + self.odds[unit.number]
        return first[max(total, key=total.__getitem__)]

    def about_the_paper(self) -> list[Quote]:
        alone = len({unit.clause.notice.key for unit in self.found}) == 1
        likeliest = max(self.found, key=lambda unit: self.odds[unit.number])
        issue = self.outline.issue(likeliest.clause.notice, introduced=True)
        ruled = self.odds[likeliest.number] >= SURELY and likeliest.clause.kind in ("row", "text") and likeliest.clause not in issue \
            and not slots.FROM_ISSUE.search(likeliest.text)
        runs = slots.asked(self.question.text, self.notice(), alone=alone, ruled=ruled, corpus=self.corpus, outline=self.outline)
        return [quote for run in runs for quote in self.whole(fitting(run, room=ARTICLE))]

    def papers(self, *, room: int) -> list[Quote]:
        """The list of papers to hand in, where they are asked for and the likeliest sentence is one of it, or names none."""
        if not lists.papers_asked(self.question.text):
            return []
        likeliest = max(self.found, key=lambda unit: self.odds[unit.number]).clause
        near = [(unit.clause.path, self.odds[unit.number]) for unit in self.found if unit.clause.notice is likeliest.notice]
        found = lists.papers(self.corpus.clauses_of(likeliest.notice), near=near, outline=self.outline)
        return self.whole(fitting(found, room=max(room, ROOM_OF_PAPERS))) if likeliest in found or found and not lists.names_papers(likeliest) else []

    def headings(self, *, room: int) -> list[Quote]:
        """The headings that are the list asked for, if they are and there is room for them."""
        found = lists.headings(self.question.text, self.notice(), outline=self.outline) if self.listing else []
        return [quote for one in found for quote in self.whole([one])] if length(found) <= room else []

    def telling(self, quotes: list[Quote], *, room: int, most: int, least: float) -> list[Quote]:
        """``quotes`` and those that answer."""
        for unit in sorted(self.found, key=lambda unit: (self.rules_nothing(unit), -self.odds[unit.number]))[:TRIED]:
            if any(quote.touches(unit.clause.notice.source, unit.start, unit.end) for quote in quotes) or self.says_nothing_alone(unit, quotes):
                continue
            left = room - sum(quote.length for quote in quotes)
            made = self.around(unit, room=max(left, LONG), taken=quotes)
            if self.free(made, quotes) != made or unit.clause.kind == "text" and self.repeats(made, quotes):
                continue
            made = [one for one in made if one not in quotes]
            score = max(one.score for one in made)
            if quotes and (score < FURTHER or sum(one.length for one in made) > left) or score < least:
                continue
            quotes = [*quotes, *made]
            if len(quotes) >= most:
                break
        return self.joined(quotes)

    def measured(self, quotes: list[Quote], *, room: int) -> list[Quote]:
        """``quotes``, and where none of them has the measure asked for, the likeliest that has: a sum is asked, and one stands in the table."""
        said = "\n".join(line for quote in quotes for line in (*quote.path, *quote.lines))
        missing = [has for has in measures.wanted(self.question.text) if not has.search(said)]
        for unit in sorted(self.found, key=lambda unit: -self.odds[unit.number])[:TRIED] if missing else ():
            if self.odds[unit.number] >= MEASURED and not LEADS.search(unit.text) and all(has.search(f"{unit.text}\n{unit.context}") for has in missing):
                return quotes + self.free(self.around(unit, room=max(room, LONG), taken=quotes), quotes)
        return quotes

    def free(self, made: Sequence[Quote], quotes: Sequence[Quote]) -> list[Quote]:
        """Those of ``made`` that share nothing with ``quotes`` or with what the sides before quote; rows may share their header."""
        return [one for one in made if not one.lines or not any(quote.touches(one.notice.source, one.start, one.end) for quote in (*self.taken, *quotes))]

    def repeats(self, made: Sequence[Quote], quotes: Sequence[Quote]) -> bool:
        """Whether ``made`` says in nearly the same words what is quoted already; a comparison is of just such words."""
        mine = pairs(normalise("".join(line for one in made for line in one.lines)))
        others = [pairs(normalise("".join(one.lines))) for one in quotes]
        return not self.comparing and any(len(mine & other) >= REPEATED * max(1, min(len(mine), len(other))) for other in others if other)

    def says_nothing_alone(self, unit: Unit, quotes: Sequence[Quote]) -> bool:
        """A table's printed head, the name or the preamble of a further paper, a form, a further item's 完成时限: what belongs to
        them answers, or what they belong to, not they."""
        clause = unit.clause
        if quotes and (ATTRIBUTE.match(clause.text) or self.rules_nothing(unit)):
            return True
        if clause.kind == "note":
            return "\t" in self.corpus.gazettes[clause.notice.source].text[clause.start : clause.end]
        return bool(quotes) and clause.kind in HEAD

    def rules_nothing(self, unit: Unit) -> bool:
        """Whether a unit is of a preamble, which repeats the title, or of a form or the mere name of a paper that is not asked for:
        quoted where nothing else is."""
        paper = self.outline.of_form(unit.clause) or unit.clause.kind == "text" and lists.NAME_OF_PAPER.fullmatch(unit.text)
        return bool(PREAMBLE.search(unit.text) or paper and not ASKS_PAPER.search(self.question.text))

    def runners_up(self, quotes: Sequence[Quote]) -> list[Clause]:
        """The likeliest clauses of the notices quoted that are not quoted themselves, each place once."""
        notices = {quote.notice.key for quote in quotes}
        found: dict[tuple[str, ...], Clause] = {}
        for unit in sorted(self.found, key=lambda unit: -self.odds[unit.number])[:TRIED]:
            clause = unit.clause
            quoted = any(quote.touches(clause.notice.source, clause.start, clause.end) or quote.path == clause.path for quote in quotes)
            if clause.notice.key in notices and clause.path and not quoted and clause.kind in ("text", "row"):
                found.setdefault(clause.path, clause)
        return list(found.values())[:RELATED]

    def around(self, unit: Unit, *, room: int, taken: Sequence[Quote]) -> list[Quote]:
        """The quotation that ``unit`` belongs to, with what it cannot do without."""
        clause = unit.clause
        rows = self.outline.rows_of(clause) if self.listing and clause.kind in NAMES_TABLE else []
        if rows:
            return self.whole(fitting(rows, room=room))
        if clause.kind in HEAD:
            return self.whole(self.outline.head(clause.notice) or [clause])
        if clause.kind in ("date", "signature"):
            return self.whole(self.outline.issue(clause.notice, introduced=False) or [clause])
        if clause.kind == "row" and not self.listing:
            return self.whole([clause])
        if LEADS.search(clause.text):
            return self.whole(fitting([clause, *self.outline.items(clause)], room=room if self.listing else WHOLE_LIST))
        if len(clause.text) > self.long and unit.of > 1:
            return [self.part(unit, taken=taken)]
        run = self.outline.with_attributes(clause)
        same = [one for one in self.corpus.clauses_of(clause.notice) if clause.path and one.path == clause.path and one.kind == clause.kind == "text"]
        if clause in same and length(same) <= SAME_ITEM and len(same) > len(run) and same[-1].start - same[0].start < 2 * SAME_ITEM:
            run = same
        lead = self.outline.lead(clause)
        if lead:
            items = [lead, *self.outline.items(lead)]
            if clause in items and length(items) <= (room if self.listing and len(items) > 2 else WHOLE_LIST):
                return self.whole(items)
        if self.listing and len(run) == 1:
            # Each under its own number, which is what a citation names.
            return [quote for one in self.listed(unit, room=room) for quote in self.whole([one])]
        return self.whole(run)

    def listed(self, unit: Unit, *, room: int) -> list[Clause]:
        """The clause of ``unit`` with all its sisters where the list is what is asked for, else with those nearly as likely."""
        clause = unit.clause
        before, after = (self.outline.sisters(clause, step=step) for step in (-1, 1))
        every = [*reversed(before), clause, *after]
        headed = sum(weight for pair, weight in zip(self.question.pairs, self.features.telling, strict=True) if pair in unit.context)
        asked = headed >= HEADED or lists.count_asked(self.question.text) == len(every)
        if clause.path and len(every) > 1 and asked and length(every) <= room:
            return every
        run, floor = [clause], SISTER * max(self.by_clause.get(clause.id, 0.0), 1e-6)
        for step, sisters in ((-1, before), (1, after)):
            for sister in sisters:
                if self.by_clause.get(sister.id, 0.0) < floor or length(run) + len(line_of(sister)) > room:
                    break
                run = [sister, *run] if step < 0 else [*run, sister]
        return run

    def whole(self, clauses: Sequence[Clause]) -> list[Quote]:
        """Neighbouring clauses as one quotation; rows each by itself, their header before them."""
        notice = clauses[0].notice
        if all(clause.kind == "row" for clause in clauses):
            text = self.corpus.gazettes[notice.source].text
            known = figures(" ".join((notice.title, notice.number, notice.signed.isoformat() if notice.signed else "", self.question.text)))
            made = [quote for row in clauses for quote in row_quotes(row, text=text, known=known, score=self.by_clause.get(row.id, 0.0))]
            return list(dict.fromkeys(made))
        score = sum(self.by_clause.get(clause.id, 0.0) for clause in clauses)
        return [Quote(notice, common(clauses), clauses[0].start, clauses[-1].end, tuple(line_of(clause) for clause in clauses), score)]

    def part(self, unit: Unit, *, taken: Sequence[Quote]) -> Quote:
        """The sentences around ``unit`` of a clause too long to be quoted whole."""
        units = self.units.of_clause(unit.clause)
        source = unit.clause.notice.source
        lengths = [float("inf") if any(quote.touches(source, one.start, one.end) for quote in taken) else len(one.text) for one in units]
        first, last = window(lengths, [self.odds.get(one.number, 0.0) for one in units], around=unit.at, limit=self.long)
        return self.sentences(unit.clause, units[first].start, units[last].end, score=sum(self.odds.get(one.number, 0.0) for one in units[first : last + 1]))

    def sentences(self, clause: Clause, start: int, end: int, *, score: float) -> Quote:
        printed = self.corpus.gazettes[clause.notice.source].text[start:end]
        return Quote(clause.notice, clause.path, start, end, (readable(printed),), score)

    def joined(self, quotes: Sequence[Quote]) -> list[Quote]:
        """Parts of one clause with nothing between them as one quotation."""
        kept: list[Quote] = []
        for quote in sorted(quotes, key=lambda quote: (quote.notice.source, quote.start)):
            last = kept[-1] if kept else None
            text = self.corpus.gazettes[quote.notice.source].text
            if last and last.path == quote.path and last.notice is quote.notice and last.end <= quote.start and len(last.lines) == len(quote.lines) == 1 \
                    and not text[last.end : quote.start].strip() and "\n\n" not in text[last.end : quote.start] \
                    and "\t" not in text[last.start : quote.end]:
                kept[-1] = replace(last, end=quote.end, lines=(readable(text[last.start : quote.end]),), score=last.score + quote.score)
            else:
                kept.append(quote)
        return sorted(kept, key=lambda quote: -quote.score)


def parts(question: str) -> list[str]:
    """What each of several sentences or clauses of a question asks; [] where it asks one thing."""
    found = [part for part in CLAUSE.findall(question) if INTERROGATIVE.search(part)]
    return found if len(found) > 1 else []


def length(clauses: Sequence[Clause]) -> int:
    return sum(len(line_of(clause)) for clause in clauses)


def fitting(clauses: Sequence[Clause], *, room: int) -> list[Clause]:
    """The first of ``clauses`` that fit in ``room`` characters; one at least."""
    kept = list(clauses[:1])
    for clause in clauses[1:]:
        if length(kept) + len(line_of(clause)) > room:
            break
        kept.append(clause)
    return kept
