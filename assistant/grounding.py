"""Whether a sentence says only what the printed clauses it cites say: its numbers, names, negations, alternatives and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from corpus import Clause
from corpus.document_numbers import document_numbers
from corpus.normalise import normalise
from indexing.lexicon import entries

from .quantities import Chain, quantities, stated

# Chosen on the training bank, true shortenings against corrupted ones (benchmarks/grounding.py).
UNSUPPORTED = 0  # characters of matter that the clause does not have
MISPLACED = 0  # characters of one of its parts that the clause has in another order

HAN = r"\u4e00-\u9fff"
SEGMENT = re.compile(r"[^，,；;。：:！!？?\n]+")
# Words with which an answer is framed; they claim nothing by themselves.
FRAME = re.compile(
    r"根据(?:上述|该|本|有关|相关)?(?:规定|文件|通知|条款|资料)?|按照(?:上述|该|有关|相关)?规定|依据|也就是说|因此|所以|另外|此外|具体(?:来说|为|如下|是|包括)?|如下|即"
    r"|规定|(?:上述|该|本)?(?:文件|通知|办法|意见|方案)(?:中)?(?:规定|要求|明确|提出)?|您好?|你|我们?|请|的话|如果|若|是指|其中|它们?|这些?|那些?|此|该"
)
PARTICLES = set("的了是在也就则而且即将把被于之所其等者为由对向以从到及与和或、中时里有个并还可能会应须需要当必该让使用进行来去关按照依据属系作如")
MARKS = re.compile(rf"[^{HAN}a-z0-9]")
STANDS_FOR = "□"  # in place of a person's word for a rule's
DIGITS = re.compile(r"[\d.]+")
# Each must stand in the clause too where it stands in the sentence.
CLASSES = {
    "forbidden": re.compile(r"不得|不能|不可(?!抗|缺|或缺|避免|分)|不准|不许|不允许|禁止|严禁|不予|不应|不宜|不再|勿"),
    "exempt": re.compile(r"无需|无须|不需要?|不必|不用|免于|免予|免除|免交|免缴|免收|免费|减免"),
    "permitted": re.compile(r"可以|(?<![不许认尽])可(?![能靠行持见])|(?<!不)允许|准予|准许|有权|(?<![不可功性才职智节产])能(?![力源耗效够]|不能)|能够|予以|(?<!不)给予"),
    "either": re.compile(r"或者?|任一|之一|任意"),
    "every": re.compile(r"全部|所有|一律|任何|凡|均|都"),
    "only": re.compile(r"仅限?|只(?:有|能|限|需|要)?(?=[\u4e00-\u9fff])|唯一"),
}
OBLIGED = re.compile(r"必须|应当|(?<![反相适响供对回])应(?![急用对聘])|(?<!无)须|(?<![不无])需要?|务必")
NEGATION = re.compile(r"[不未无非没免禁勿]|(?<!区)别(?=[\u4e00-\u9fff])")
# Words that have such a sign and deny nothing.
NOT_NEGATION = re.compile(
    r"不动产|不同|不断|不仅|不但|不限于?|不超过|不高于|不低于|不少于|不大于|不小于|不多于|不足|不满|未满|未来|未成年人?|无论|无偿|无障碍|无线|无人机|无害化|无缝"
    r"|非常|非遗|非物质|不论|除非|不良|不良|不便|不可抗|不可或缺|不可缺|不可分|非政府|非营利|非公"
)
JOINED = re.compile(rf"([{HAN}])(以及|及|和|与|或者|或)([{HAN}])")
TITLE = re.compile(r"《([^《》]{2,80})》")


@dataclass(frozen=True)
class Support:
    """A printed span that a sentence rests on. ``text`` is its readable form; ``label`` what its citation says beside the quote."""

    clause: Clause
    start: int
    end: int
    text: str

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
    def label_chains(self) -> list[Chain]:
        return quantities(self.label)

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
    unit = chain[-1].unit
    rivals = [one for one in support.chains if one[-1].unit == unit]
    if len(rivals) < 2:
        return False
    words = pairs(DIGITS.sub(" ", normalise(around(sentence, chain))))
    shared = [(len(words & pairs(DIGITS.sub(" ", normalise(around(support.text, one))))), stated(chain, [one]) is not None) for one in rivals]
    best = max(count for count, _ in shared)
    return not any(same for count, same in shared if count == best)


def around(text: str, chain: Chain) -> str:
    """The segment of ``text`` that holds ``chain``."""
    return next((part[0] for part in SEGMENT.finditer(text) if part.start() <= chain[0].start < part.end()), "")


def pairs(folded: str) -> set[str]:
    return {folded[at : at + 2] for at in range(len(folded) - 1)}


def places_agree(folded: str, supports: Sequence[Support], *, places: Sequence[str]) -> bool:
    """Whether each district named is the one of a cited notice or stands in a cited clause."""
    for place in places:
        stem = place.removesuffix("区")
        if stem in folded and not any(stem in support.folded or stem in support.folded_label for support in supports):
            return False
    return True


def denials(folded: str) -> int:
    return len(NEGATION.findall(NOT_NEGATION.sub("", folded)))


def negations_agree(folded: str, printed: str) -> bool:
    """Whether each part of the sentence denies just where the part of the print it comes from denies."""
    for ours, theirs in matched(folded, printed):
        if not any((denials(ours) > 0) == (denials(part) > 0) for part in theirs or [""]):
            return False
    return True


def modals_agree(folded: str, printed: str) -> bool:
    """Whether what is allowed, forbidden, exempt, alternative or exclusive in the sentence is so in the print."""
    if any(sign.search(folded) and not sign.search(printed) for sign in CLASSES.values()):
        return False
    permitted = CLASSES["permitted"]
    for ours, theirs in matched(folded, printed):
        may, must = (any(sign.search(part) for part in theirs) for sign in (permitted, OBLIGED))
        if (permitted.search(ours) and must and not may) or (OBLIGED.search(ours) and may and not must):
            return False
    return all(joined_alike(found, printed) for found in JOINED.finditer(folded))


def joined_alike(found: re.Match[str], printed: str) -> bool:
    """Whether what ``found`` joins by 和 or 或 is not joined by the other in the print."""
    left, joiner, right = found.groups()
    theirs = {other[2][0] == "或" for other in JOINED.finditer(printed) if other[1] == left or other[3] == right}
    return not theirs or (joiner[0] == "或") in theirs


def matched(folded: str, printed: str) -> Iterator[tuple[str, list[str]]]:
    """Each part of the sentence with the parts of the print that share most with it; none where nothing is shared."""
    parts = [part[0] for part in SEGMENT.finditer(printed)]
    for ours in SEGMENT.findall(folded):
        shared = [len(pairs(ours) & pairs(part)) for part in parts]
        best = max(shared, default=0)
        yield ours, [part for part, count in zip(parts, shared, strict=True) if best and count == best]


def blanked(pattern: re.Pattern[str], text: str, *, known: str = "") -> str:
    """``text`` with spaces, so that neighbours stay apart, where ``pattern`` finds what ``known`` does not have."""
    return pattern.sub(lambda found: found[0] if found[0] in known else " " * len(found[0]), text)


def unsupported(bare: str, printed: str, headings: str) -> int:
    """How many characters of matter the sentence has that neither print nor headings have beside the same neighbour."""
    known = DIGITS.sub(" ", f"{printed}\n{headings}")
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
