"""The shortest printed span of a clause that a sentence can rest on, and the conditions in it that the sentence left out."""

from __future__ import annotations

import re

from corpus import Clause, Corpus
from corpus.normalise import normalise

from .grounding import Support
from .polarity import pairs
from .quantities import quantities, stated
from .quotes import readable, sentences

WHOLE = 80  # characters a clause may have and be cited whole
KEPT = 0.6  # share of a part's character pairs that a sentence has where it says that part
# What binds a rule: whoever leaves it out says something else.
CONDITION = re.compile(
    r"除外|除[^，。；]{1,30}外|不得|不予|不能|不可|不再|禁止|严禁|必须|须|应当?(?![急用对聘])|同时|以上|以下|以内|不超过|不低于|不少于|不高于|至少|最高|最多"
    r"|但|仅限?|只(?:有|能|限)|前提|方可|截至|截止|之?前[完办提申登]|以前|之前|日前|逾期|经[^，。；]{1,16}(?:同意|批准|审核|认定)|满\d|未满|年龄|期限|有效期|另行|视情"
)
EXCEPTION = re.compile(r"^[\s（(]{0,3}(?:但|除|其中|上述|前款|前项|逾期|未|不|如|若|同时)")
PART = re.compile(r"[^，；。：！？,;:\n]+[，；。：！？,;:\n]*")


def support_of(clause: Clause, sentence: str, *, corpus: Corpus) -> Support:
    """The run of the clause's printed sentences that ``sentence`` draws on, an exception that follows it included."""
    printed = corpus.gazettes[clause.notice.source].text[clause.start : clause.end]
    spans = sentences(printed) if clause.kind == "text" and len(clause.text) > WHOLE else []
    if len(spans) < 2:
        return Support(clause, clause.start, clause.end, clause.text)
    texts = [readable(printed[start:end]) for start, end in spans]
    words, wanted = pairs(normalise(sentence)), quantities(sentence)

    def shares(first: int, last: int) -> int:
        text = "".join(texts[first : last + 1])
        found = quantities(text)
        return len(words & pairs(normalise(text))) + 8 * sum(stated(chain, found) is not None for chain in wanted)

    first = last = max(range(len(spans)), key=lambda at: (shares(at, at), -at))
    for _ in range(2):
        wider = [(a, b) for a, b in ((first - 1, last), (first, last + 1)) if a >= 0 and b < len(spans)]
        better = [(shares(a, b), a, b) for a, b in wider if shares(a, b) >= shares(first, last) + 4]
        if better:
            _, first, last = max(better)
    if last + 1 < len(spans) and EXCEPTION.match(texts[last + 1]):
        last += 1
    start, end = clause.start + spans[first][0], clause.start + spans[last][1]
    return Support(clause, start, end, readable(printed[spans[first][0] : spans[last][1]]))


def left_out(sentence: str, support: Support) -> list[str]:
    """The parts of the print that bind the rule and that ``sentence`` does not say, neighbours joined, in order of printing."""
    said = pairs(normalise(sentence))
    parts: list[tuple[int, int]] = []
    for part in PART.finditer(support.text):
        theirs = pairs(normalise(part[0]))
        cues = {normalise(cue[0]) for cue in CONDITION.finditer(part[0])}
        if not cues or not theirs:
            continue
        kept = len(theirs & said) >= KEPT * len(theirs) and all(cue in normalise(sentence) for cue in cues)
        if not kept and parts and parts[-1][1] == part.start():
            parts[-1] = (parts[-1][0], part.end())
        elif not kept:
            parts.append(part.span())
    return [support.text[start:end].strip().rstrip("，；。：,;:") for start, end in parts]
