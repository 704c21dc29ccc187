"""Which notices of the corpus belong together: the same matter in another year or district, repeals, revoked posts."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .model import Clause, Notice, Span
from .normalise import document_number, normalise

if TYPE_CHECKING:
    from .library import Corpus

RelationKind = Literal["later", "earlier", "sister", "repeals", "repealed by", "revokes", "revoked by"]

# What a title says about the kind of paper, its period and the zeal of its issuer, not about its matter.
GENRE = re.compile(r"(?:的?(?:实施|工作|若干|指导|分工|管理|行动|暂行|规划|试行)*(?:意见|方案|细则|办法|计划|规划|措施|规定|规程|预案|通知|通告))+$")
SENDS_ON = re.compile(r"(?:印发|转发|公布|发布|关于)")
TIME = re.compile(r"(?:19|20)\d{2}(?:[-~至到](?:19|20)\d{2})?年?度?|[\"'“]?十[一二三四五六七八九]五[\"'”]?(?:时期|期间)?|\([^()]{0,20}\)|第[一二三四五六七八九十]+次")
ZEAL = re.compile(r"进一步|加快|推进|促进|加强|做好|办好|拟办|为群众|深入|扎实|全面|切实|开展|落实|贯彻|重要|重点|项目|工作|当前和今后一个时期")
SIGNS = re.compile(r"[^\u4e00-\u9fffa-z0-9]")
# Papers about people and single places share their form, not their matter.
ABOUT_PEOPLE = re.compile(r"任免|任职|免职|转正|试用期|退休|挂职|辞职")
# Who of a government leads what: each office writes its title in its own words.
LEADERS_WORK = re.compile(r"(?:领导|[省市州区县镇乡]长|主任|党组成员).{0,12}(?:工作分工|分工调整)")

# Two titles are one matter from this weighted likeness on (cosine of character pairs, rare pairs count more).
# Chosen on the titles of the five gazettes: pairs known to be sisters lie above, the nearest strangers below.
SAME_MATTER = 0.42

POST = re.compile(r"(?P<person>[\u4e00-\u9fff]{2,4})任(?P<post>[^，,；;。（(]{2,30})")
REVOKED = re.compile(r"(?:鉴于(?P<person>[\u4e00-\u9fff]{2,4}?)(?:同志|未|因|已|,|，|不).{0,60}?|(?P<named>[\u4e00-\u9fff]{2,4})同志.{0,40}?)撤销(?:对)?其(?P<post>[^，,；;。]{2,30}?)(?:的?任职(?:决定)?|的?职务|的?任命)")


@dataclass(frozen=True, slots=True)
class Relation:
    """``notice`` stands in relation ``kind`` to ``target`` (both keys of the corpus).

    ``later``: target is a later paper on the same matter of the same district; ``sister``: of another district.
    ``clause`` lies in the gazette of ``said_by``, the notice that says so, where one does.
    """

    notice: str
    kind: RelationKind
    target: str
    clause: Span | None = None
    said_by: str = ""


def matter(notice: Notice) -> str:
    """The title without issuer, district, period and the names of kinds of paper: what it is about.

    '朝阳区关于2020年义务教育阶段入学工作的意见' -> '义务教育阶段入学'
    """
    title = normalise(notice.enclosed_title or notice.title)
    if LEADERS_WORK.search(title):
        return "政府领导工作分工"
    inner = re.search(r"《(.+)》", title)
    title = TIME.sub("", inner.group(1) if inner else title)
    title = title.replace(normalise(notice.issuer), "") if notice.issuer else title
    parts = SENDS_ON.split(title)
    title = max(parts, key=len) if len(parts) > 1 else title
    title = SIGNS.sub("", title)
    for place in dict.fromkeys((f"北京市{notice.district}", notice.district, notice.district.rstrip("区县市"))):
        if place:
            title = title.replace(place, "")
    title = GENRE.sub("", re.sub(r"的?(?:通知|通告|公告)$", "", title)) or title
    return ZEAL.sub("", title).strip("的") or title


def _pairs(text: str) -> Counter[str]:
    return Counter(text[place : place + 2] for place in range(len(text) - 1))


class _Likeness:
    """Cosine of character pairs, each weighted by how rare it is among the titles."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.vectors = [_pairs(text) for text in texts]
        spread = Counter(pair for vector in self.vectors for pair in vector)
        weight = {pair: math.log(1 + len(texts) / count) for pair, count in spread.items()}
        for vector in self.vectors:
            total = math.sqrt(sum((count * weight[pair]) ** 2 for pair, count in vector.items())) or 1.0
            for pair in vector:
                vector[pair] *= weight[pair] / total

    def between(self, one: int, other: int) -> float:
        small, large = sorted((self.vectors[one], self.vectors[other]), key=len)
        return sum(value * large[pair] for pair, value in small.items() if pair in large)


def _order(notice: Notice) -> tuple[int, int]:
    """By the period covered where it names one, else by the day signed."""
    covered = notice.validity.covers_until
    signed = notice.signed
    return (covered.year if covered else signed.year if signed else 0, signed.toordinal() if signed else 0)


def _same_matter(notices: Sequence[Notice]) -> list[Relation]:
    about = [matter(notice) for notice in notices]
    likeness = _Likeness(about)
    found = []
    for one, left in enumerate(notices):
        if ABOUT_PEOPLE.search(left.title):
            continue
        for other in range(one + 1, len(notices)):
            right = notices[other]
            if left.key == right.key or ABOUT_PEOPLE.search(right.title) or likeness.between(one, other) < SAME_MATTER:
                continue
            if left.district != right.district:
                found += [Relation(left.key, "sister", right.key), Relation(right.key, "sister", left.key)]
            elif _order(left)[0] != _order(right)[0]:
                early, late = sorted((left, right), key=_order)
                found += [Relation(early.key, "later", late.key), Relation(late.key, "earlier", early.key)]
    return found


def _repeals(corpus: Corpus) -> list[Relation]:
    titles = {normalise(title): notice for notice in corpus.notices for title in (notice.title, notice.enclosed_title) if title}
    found = []
    for notice in corpus.notices:
        for name in notice.validity.repeals:
            target = corpus.notice(name) if document_number(name) == name else titles.get(normalise(name))
            key = target.key if target else name
            if key != notice.key:
                span = notice.validity.repeals_clause
                found.append(Relation(notice.key, "repeals", key, span, notice.key))
                if target:
                    found.append(Relation(key, "repealed by", notice.key, span, notice.key))
    return found


def _revoked_posts(corpus: Corpus) -> list[Relation]:
    """A later paper that takes back an appointment: 鉴于某某未按时到我区报到，…撤销对其…的任职决定."""
    appointed: dict[tuple[str, str], list[tuple[Notice, Clause]]] = {}
    papers = [notice for notice in corpus.notices if ABOUT_PEOPLE.search(notice.title)]
    for notice in papers:
        for clause in corpus.clauses_of(notice):
            for match in POST.finditer(clause.text):
                appointed.setdefault((match["person"], normalise(match["post"])), []).append((notice, clause))
    found = []
    for notice in papers:
        for clause in corpus.clauses_of(notice):
            for match in REVOKED.finditer(clause.text):
                for earlier, _ in appointed.get((match["person"] or match["named"], normalise(match["post"])), ()):
                    if earlier.key != notice.key and _order(earlier) <= _order(notice):
                        span = Span(clause.start, clause.end, f"revokes: {match['person'] or match['named']}")
                        found.append(Relation(notice.key, "revokes", earlier.key, span, notice.key))
                        found.append(Relation(earlier.key, "revoked by", notice.key, span, notice.key))
    return found


def relations(corpus: Corpus) -> tuple[Relation, ...]:
    """Every relation between notices of the corpus, both ways round; a repealed text may lie outside it."""
    return tuple(dict.fromkeys((*_repeals(corpus), *_same_matter(corpus.notices), *_revoked_posts(corpus))))
