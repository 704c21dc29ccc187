"""Whether a sentence says only what the printed clauses it cites say: its numbers, names, negations, alternatives and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from corpus import Clause
from corpus.document_numbers import document_numbers
from corpus.normalise import normalise
from indexing.lexicon import entries

from .polarity import CLASSES, HAN, MARKS, SEGMENT, blanked, modals_agree, negations_agree, pairs
from .quantities import Chain, quantities, stated

# Chosen on the training bank, true shortenings against corrupted ones (benchmarks/grounding.py).
UNSUPPORTED = 0  # characters of matter that the clause does not have
MISPLACED = 0  # characters of one of its parts that the clause has in another order

# Words with which a part of an answer begins, and words for persons; they claim nothing by themselves.
FRAME = re.compile(
    r"(?<![\u4e00-\u9fff])(?:(?:根据|按照)(?:上述|该|本|有关|相关)?(?:规定|文件|通知|条款|资料)?|依据|也就是说|因此|所以|另外|此外|具体(?:来说|为|如下|是|包括)?|如下|即"
    r"|(?:上述|该|本)?(?:文件|通知|办法|意见|方案)?(?:中)?(?:规定|要求|明确|提出)|如果|若|其中|这些?|那些?|此|该|请)|您好?|你们?|我们?|的话"
)
PARTICLES = set("的了是在也就则而且即将把被于之所其等者为由对向以从到及与和或、中时里有个并还可能会应须需要当必该让使用进行来去关按照依据属系作如")
STANDS_FOR = "□"  # in place of a person's word for a rule's
TELLING = 4  # characters beside a quantity that tell whose it is
HEADING = 3  # characters in a row that a heading must share with the sentence to support them
LABELLED = re.compile(r"[^\s:]{2}(:[^\s:]{2})")
DIGITS = re.compile(r"[\d.]+")
ENUMERATOR = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）.、．]+|[①-⑳])\s*(?!\d)")  # of a heading; 第三条 is not one: it may be named
TITLE = re.compile(r"《([^《》]{2,80})》")


@dataclass(frozen=True)
class Support:
    """A printed span that a sentence rests on. ``text`` is its readable form; ``label`` what its citation says beside the quote."""

    clause: Clause
    start: int
    end: int
    text: str

    @property
    def source(self) -> str:
        return self.clause.notice.source

    @cached_property
    def label(self) -> str:
        notice = self.clause.notice
        year = f"{notice.year}年" if notice.year else ""
        return "\n".join((notice.district, year, notice.title, notice.number, *self.clause.path))

    @cached_property
    def folded(self) -> str:
        return normalise(self.text)

    @cached_property
    def folded_label(self) -> str:
        return normalise(self.label)

    @cached_property
    def headings(self) -> str:
        return normalise("\n".join((self.clause.notice.district, *self.clause.path)))

    @cached_property
    def chains(self) -> list[Chain]:
        return quantities(self.text)

    @cached_property
    def segmented(self) -> list[tuple[int, Chain]]:
        """Each chain with the place of the segment it stands in."""
        bounds = [part.span() for part in SEGMENT.finditer(self.text)]
        return [(segment_of(bounds, chain), chain) for chain in self.chains]

    @cached_property
    def label_chains(self) -> list[Chain]:
        return quantities("\n".join(ENUMERATOR.sub("", line) for line in self.label.split("\n")))

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(one.number for one in document_numbers(f"{self.text}\n{self.label}")) | {self.clause.notice.number}


def fault(sentence: str, supports: Sequence[Support], *, places: Sequence[str] = ()) -> str:
    """What ``sentence`` says that ``supports`` do not, "" where nothing.

    ``places`` are the districts a sentence may name by mistake. The kinds:
    ``number``, ``document``, ``title``, ``place``, ``script``, ``negation``,
    ``modal``, ``words``, ``order``, ``empty``.
    """
    folded = normalise(sentence)
    together = "\n".join(support.folded for support in supports)
    labels = "\n".join(support.folded_label for support in supports)
    if len(re.findall(rf"[{HAN}]", folded)) < 4:
        return "empty"
    if not numbers_stand(sentence, supports):
        return "number"
    known = frozenset().union(*(support.numbers for support in supports))
    if any(one.number not in known for one in document_numbers(sentence)):
        return "document"
    if any(normalise(title) not in f"{together}\n{labels}" for title in TITLE.findall(sentence)):
        return "title"
    if not places_agree(folded, supports, places=places):
        return "place"
    if any(word not in f"{together}\n{labels}" for word in re.findall(r"[^\W\d_\u4e00-\u9fff]+", folded)):
        return "script"
    if not negations_agree(folded, together):
        return "negation"
    if not modals_agree(folded, together):
        return "modal"
    headings = "\n".join(support.headings for support in supports)
    if not labels_agree(folded, together):
        return "order"
    bare = TITLE.sub("", folded)
    if unsupported(bare, together, headings) > UNSUPPORTED:
        return "words"
    return "" if misplaced(blanked(FRAME, bare), together) <= MISPLACED else "order"


def numbers_stand(sentence: str, supports: Sequence[Support]) -> bool:
    """Whether every quantity is a support's, with its unit and bound, and belongs to the same words there."""
    return all(printed_chain(chain, sentence, supports) is not None for chain in quantities(sentence))


def printed_chain(chain: Chain, sentence: str, supports: Sequence[Support]) -> tuple[str, Chain] | None:
    """The text and the part of it that says the same as ``chain`` of ``sentence``."""
    for support in supports:
        if found := stated(chain, support.chains):
            if rivalled(chain, sentence, support):
                return None
            return support.text, found
    for support in supports:
        if found := stated(chain, support.label_chains):
            return support.label, found
    return None


def rivalled(chain: Chain, sentence: str, support: Support) -> bool:
    """Whether the words around ``chain`` stand in the print with another quantity of its unit: 乙 gets the sum that 甲 gets."""
    words = pairs(around(sentence, chain))
    same, other = 0, -1
    ours = {part for part, one in support.segmented if stated(chain, [one])}
    for part, one in support.segmented:
        if part in ours:
            same = max(same, len(words & pairs(around(support.text, one))))
        elif one[-1].unit == chain[-1].unit:
            other = max(other, len(words & pairs(around(support.text, one))))
    return other > same or other == same > 0


def around(text: str, chain: Chain) -> str:
    """The segment of ``text`` that holds ``chain``, without it, for matching; with the one after where little else is in it."""
    bounds = [part.span() for part in SEGMENT.finditer(text)]
    at = segment_of(bounds, chain)
    own = normalise(text[bounds[at][0] : chain[0].start] + " " + text[chain[-1].end : bounds[at][1]])
    return own if len(own) >= TELLING or at + 1 == len(bounds) else own + normalise(text[slice(*bounds[at + 1])])


def segment_of(bounds: Sequence[tuple[int, int]], chain: Chain) -> int:
    return max((at for at, (start, _) in enumerate(bounds) if start <= chain[0].start), default=0)


def places_agree(folded: str, supports: Sequence[Support], *, places: Sequence[str]) -> bool:
    """Whether each district named is the one of a cited notice or stands in a cited clause."""
    for place in places:
        stem = place.removesuffix("区")
        if stem in folded and not any(stem in support.folded or stem in support.folded_label for support in supports):
            return False
    return True


def labels_agree(folded: str, printed: str) -> bool:
    """Whether what stands after a colon stands after that word in the print: 时间：7月4日 is not 地点：7月4日."""
    return all(one[0] in printed or one[1] not in printed for one in LABELLED.finditer(folded))


def unsupported(bare: str, printed: str, headings: str) -> int:
    """How many characters of matter the sentence has that the print does not have beside the same neighbour, nor a heading in a row."""
    known = DIGITS.sub(" ", printed)
    bare = blanked(FRAME, DIGITS.sub(" ", bare), known=known)
    for said, ruled in synonyms():
        if said in bare and said not in known and any(word in known for word in ruled):
            bare = bare.replace(said, STANDS_FOR * len(said))
    for sign in CLASSES.values():  # held against the print by ``modals_agree``
        bare = blanked(sign, bare, known=known)
    count = 0
    for at, sign in enumerate(bare):
        if MARKS.match(sign) or sign in PARTICLES:
            continue
        around = bare[max(0, at - 1)], bare[min(at + 1, len(bare) - 1)]
        if around[0] + sign in known or sign + around[1] in known:
            continue
        # One word of a heading may stand for another of the print; a whole heading cannot.
        if any(run in headings for start in range(max(0, at - HEADING + 1), at + 1) if len(run := bare[start : start + HEADING]) == HEADING):
            continue
        # Between particles, marks and words in place of the rule's own a character has no neighbour to stand beside.
        alone = STANDS_FOR in around or all(other in PARTICLES or MARKS.match(other) or other == sign for other in around)
        count += not (alone and sign in printed)
    return count


@lru_cache(maxsize=1)
def synonyms() -> list[tuple[str, tuple[str, ...]]]:
    """People's words with the rules' words for the same, longest first."""
    return sorted(entries().items(), key=lambda pair: -len(pair[0]))


def misplaced(bare: str, printed: str) -> int:
    """The most characters of one part of the sentence that the print has, but not in that order."""
    theirs = MARKS.sub("", printed)
    worst = 0
    for part in SEGMENT.findall(bare):
        ours = "".join(
            sign for at, sign in enumerate(part)
            if not MARKS.match(sign) and sign not in PARTICLES and (part[at : at + 2] in printed or part[max(0, at - 1) : at + 1] in printed)
        )
        worst = max(worst, len(ours) - in_order(ours, theirs))
    return worst


def in_order(ours: str, theirs: str) -> int:
    """The length of the longest common subsequence."""
    lengths = [0] * (len(theirs) + 1)
    for sign in ours:
        diagonal = 0
        for place, other in enumerate(theirs, start=1):
            above = lengths[place]
            lengths[place] = diagonal + 1 if sign == other else max(above, lengths[place - 1])
            diagonal = above
    return lengths[-1]
