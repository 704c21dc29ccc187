"""What a sentence denies, allows, demands and joins, held against the print; both normalised."""

from __future__ import annotations

import re
from collections.abc import Iterator

WHOLE = 0.8  # share of a part of the print from which it counts as said whole
HAN = r"\u4e00-\u9fff"
SEGMENT = re.compile(r"[^，,；;。：:！!？?\n]+")
MARKS = re.compile(rf"[^{HAN}a-z0-9]")
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
# Words of which one beside the same neighbour says the opposite of the other.
OPPOSED = tuple(
    (re.compile(rf"(\S)({'|'.join(kinds)})(\S)"), kinds) for kinds in (
        {"以及": 0, "和": 0, "与": 0, "及": 0, "或者": 1, "或": 1},
        {"以上": 0, "以下": 1, "以内": 1, "以外": 2},
        {"之前": 0, "以前": 0, "之后": 1, "以后": 1},
        {"每年": 0, "每月": 1, "每日": 2, "每天": 2, "每周": 3, "每季度": 4},
    )
)


def pairs(folded: str) -> set[str]:
    return {folded[at : at + 2] for at in range(len(folded) - 1)}


def blanked(pattern: re.Pattern[str], text: str, *, known: str = "") -> str:
    """``text`` with spaces, so that neighbours stay apart, where ``pattern`` finds what ``known`` does not have."""
    return pattern.sub(lambda found: found[0] if found[0] in known else " " * len(found[0]), text)


def denials(folded: str) -> int:
    return len(NEGATION.findall(NOT_NEGATION.sub("", folded)))


def negations_agree(folded: str, printed: str) -> bool:
    """Whether each part of the sentence denies just where the part of the print it comes from denies."""
    for ours, theirs in matched(folded, printed):
        if not any(denies_alike(ours, part) for part in theirs or [""]):
            return False
    return not any(stripped_of(found, folded, printed) for found in NEGATION.finditer(blanked(NOT_NEGATION, printed)))


def denies_alike(ours: str, theirs: str) -> bool:
    """As often, where nearly all of the print's part is said; else whether at all."""
    whole = len(pairs(ours) & pairs(theirs)) >= WHOLE * len(pairs(theirs))
    return denials(ours) == denials(theirs) if whole else (denials(ours) > 0) == (denials(theirs) > 0)


def stripped_of(denial: re.Match[str], folded: str, printed: str) -> bool:
    """Whether the sentence has what ``denial`` denies in the print, without it, though the print never has it so."""
    sign, word = denial[0], printed[denial.end() : denial.end() + 2]
    bare = re.compile(rf"(?<!{sign}){re.escape(word)}")
    return len(word) == 2 and not MARKS.search(word) and bool(bare.search(folded)) and sign + word not in folded and not bare.search(printed)


def modals_agree(folded: str, printed: str) -> bool:
    """Whether what is allowed, forbidden, exempt, alternative or exclusive in the sentence is so in the print."""
    if any(sign.search(folded) and not sign.search(printed) for sign in CLASSES.values()):
        return False
    permitted = CLASSES["permitted"]
    for ours, theirs in matched(folded, printed):
        may, must = (any(sign.search(part) for part in theirs) for sign in (permitted, OBLIGED))
        if (permitted.search(ours) and must and not may) or (OBLIGED.search(ours) and may and not must):
            return False
    return all(beside_the_same(found, kinds, printed, pattern=pattern) for pattern, kinds in OPPOSED for found in pattern.finditer(folded))


def beside_the_same(found: re.Match[str], kinds: dict[str, int], printed: str, *, pattern: re.Pattern[str]) -> bool:
    """Whether the print has a word of the same kind beside either neighbour of ``found``, or none of these words."""
    left, word, right = found.groups()
    theirs = {kinds[other[2]] for other in pattern.finditer(printed) if other[1] == left or other[3] == right}
    return not theirs or kinds[word] in theirs


def matched(folded: str, printed: str) -> Iterator[tuple[str, list[str]]]:
    """Each part of the sentence with the parts of the print that share most with it; none where nothing is shared."""
    parts = [part[0] for part in SEGMENT.finditer(printed)]
    for ours in SEGMENT.findall(folded):
        shared = [len(pairs(ours) & pairs(part)) for part in parts]
        best = max(shared, default=0)
        yield ours, [part for part, count in zip(parts, shared, strict=True) if best and count == best]
