"""A question that leans on the turns before it, completed so that it can stand alone: by substitution where it can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from corpus.document_numbers import document_numbers
from corpus.normalise import normalise
from indexing import Index
from indexing.exact import persons_in
from indexing.terms import FILLER

from .model import Turn
from .scope import Named, Scope, names, without

OPENS = re.compile(
    r"^(?:那(?!里|边的?区)|哦|噢|嗯|好的?[，,]|还有|另外|换成|改成|要是|如果|若是?|假如|然后|接着|后面|其中|上面|前面|刚才|除了(?:这|那)|再问|再说|具体|详细|都有|到了|也(?:是|能|要)|同样|一样)"
)
CHANGED = re.compile(r"^换")  # 换西城呢; 换煤气 is a matter
REFERS = re.compile(
    r"(?<![其])(?:他|她|它)(?!人|的?人|乡)|(?:这|那)(?:个|些|件|笔|块|条|份|项|种|里|事|样|边|家|几|一)(?!年)|此(?:事|项|类|外)|该(?:项|办法|文件|通知|政策|意见|方案|规定|人|区)|上述|同上|前者|后者|第[一二三四五六七八九十\d]{1,3}[条点项款章]"
)
ENDS = re.compile(r"呢\s*[？?。！!]*$")
NEXT_YEAR = {"第二年": 1, "次年": 1, "下一年": 1, "来年": 1, "后一年": 1, "上一年": -1, "前一年": -1, "头一年": -1}
SAID_YEAR = re.compile(rf"(?:(?:19|20)\d{{2}}|[0-3]\d)\s?年?|{'|'.join(NEXT_YEAR)}|[今去前明]年")
PERSON = re.compile(r"他们|她们|它们|他|她")
PAPER = re.compile(r"(?:这|那|该|上述|刚才的?)(?:个|份|项|条)?(?:文件|通知|办法|意见|方案|政策|规定|公告|通告|细则|规划)")
ARTICLE = re.compile(r"第\s?[一二三四五六七八九十百零\d]{1,5}\s?[条章款项]")
# What is left of 那初中呢, 换成西城区呢, 2020年的呢 when district, year and these are taken away is the new subject.
FRAME = re.compile(
    r"^(?:那么?|哦|噢|嗯|好的?|还有|另外|换成?|改成|改为|要是|如果是?|若是?|假如是?|到了|而|再说|至于)|(?:的话|怎么样|怎样|又怎么样|又如何|如何|的|呢|啊|呀|吧|，|,|？|\?|。|！|!|\s)+$|^[，,\s]+"
)
ASKING = re.compile(r"什么|啥|多少|几[个名家天月日年块元点人张部项条]|怎么|咋|如何|哪|谁|何时|吗|能不能|可不可以|是不是|有没有|要不要|行不行|多久|多长|多大|(?:能|可以|行|让|算|用)[^，。；？?]{0,10}不[？?]?$")
ASKING_CLAUSE = re.compile(rf"(?:[由归找给让]?(?:{ASKING.pattern}))[^。？?！!]*[？?。！!\s]*$")
TELLS = re.compile(r"^(?:我|我们|咱|孩子|娃|老人|家里|他|她)")
# What a question asks, as against what it is about; taken from the earlier question when it lends only its matter.
INTERROGATIVE = re.compile(
    r"(?:请问|想问一?下?|我想知道|听说)|(?:都?有|是|由|归|叫|要|得|需要?|能|给|在|从|到|分)?(?:什么|啥|多少|几[个名家天月日年块元点号]?|怎么样?|咋|如何|哪(?:个|些|天|里|位|家|几|儿|年)?|谁|何时|多久|多长|多大)(?:时候|时间|部门|单位|材料|地方|人|钱|条件)?(?:管|负责)?|(?:能不能|可不可以|是不是|有没有|要不要|行不行|是真的吗|吗|呢|啊|呀|吧)|[，。？！,?!、；;：:]"
)
SELF_SUFFICIENT = 15.0  # summed rarity (natural logarithms) of its words from which a question without a cue is about something itself
SAME_MATTER = 0.5  # share of its words' rarity that the papers just cited must have for a question without a cue to lean on them
SUBJECT = 8  # characters at most of what is only a new subject: 初中, 东辛房
SHORT = 18  # characters from which on a question without a cue is taken to stand alone
# How many standard deviations nearer than any two words two must be for one to take the other's place: 小学, 初中.
ALIKE = 1.5
WORDS = 100  # that the encoder's cosines of any two words are told by


@dataclass(frozen=True, slots=True)
class Completed:
    """``question`` stands alone; ``named`` is its scope; ``carried`` names what was taken from the turns before.

    ``own`` is what the turn itself asks, where the turns before lend the matter; ``left`` are the districts spoken of before
    that it is not asked of.
    """

    question: str
    named: Named
    own: str = ""
    left: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()


class Completion:
    """Completes follow-ups over one index; holds nothing of a conversation."""

    def __init__(self, index: Index, scope: Scope) -> None:
        self.index, self.scope = index, scope
        self._alike = self._likeness_of_any()

    def __call__(self, typed: str, history: Sequence[Turn], *, named: Named, today: date) -> tuple[Completed, ...]:
        """What ``typed`` can mean after ``history`` (oldest first), the likeliest first.

        Whether a question leans on those before it its words seldom tell for certain: what
        the gazettes answer decides among these.
        """
        if not history:
            return (Completed(typed, named),)
        before = self._before(history, today=today)
        earlier = self._spoken_of(history, before=before, today=today)
        cited = () if earlier.outside else self._of_districts(_cited(history), earlier.districts)
        alone = self._alone(typed, named=named, earlier=earlier, history=history, cited=cited)
        leans = self.leans(typed, named=named, cited=cited)
        leaning = self._leaning(typed, leans=leans, named=named, earlier=earlier, history=history, cited=cited, before=before)
        return (leaning, alone[0]) if leans else (*alone, leaning)

    def _alone(self, typed: str, *, named: Named, earlier: Named, history: Sequence[Turn], cited: Sequence[str]) -> tuple[Completed, ...]:
        """``typed`` as it stands: of the district spoken of before, and the notices just cited looked into first; then of all."""
        plain = Completed(typed, named)
        if named.districts or named.notices or named.outside:
            return (plain,)
        districts = earlier.districts
        near = Completed(typed, replace(named, districts=districts), carried=("district",) if districts else (), cited=tuple(cited))
        return (near, replace(plain, left=districts)) if districts else (near,)

    def _leaning(
        self, typed: str, *, leans: bool, named: Named, earlier: Named, history: Sequence[Turn], cited: Sequence[str], before: str
    ) -> Completed:
        """``typed`` with what it leaves unsaid taken from the turns before."""
        shifted = self._shifted(typed, earlier, history)
        if shifted:
            named = replace(named, years=(shifted,))
        carried: list[str] = []
        districts, years = named.districts, named.years
        if not districts and not named.outside and not named.notices:
            districts, outside = earlier.districts, earlier.outside
            named = replace(named, outside=outside)
            carried += ["district"] if districts or outside else []
        if not years and not named.outside and not named.notices:
            years = earlier.years or _years(history)
            if named.districts and named.districts != earlier.districts:
                # Another district: the year goes with it only where that district has papers of it.
                years = tuple(year for year in years if any(
                    passage_year == year and district in named.districts for district, passage_year in self._district_years
                ))
            carried += ["year"] if years else []
        rest, own = self.rest(typed), ""
        notices = named.notices
        if ARTICLE.search(typed) or PAPER.search(typed):
            if not notices and cited:
                notices = tuple(cited[:1])
                carried.append("notice")
        if ARTICLE.search(typed) and notices:
            question = typed
        elif len(rest) < 2 and not ASKING.search(rest):
            question = self._scoped(before, earlier, named)
            carried.append("question")
        elif leans and len(rest) <= SUBJECT and not ASKING.search(typed):
            question = self._substituted(self._scoped(before, earlier, named), rest)
            carried.append("question")
        else:
            own = FRAME.sub("", self._with_person(typed, history))
            scoped = self._scoped(before, earlier, named)
            # 要是吃坏肚子那种事呢 asks nothing itself: what was asked before is asked of it.
            asks = ASKING.search(own) or TELLS.search(own) or not leans
            question = joined(own, scoped) if asks else f"{own} {asking(scoped)}"
            carried.append("matter")
        new_place = bool(named.districts and named.districts != earlier.districts or named.years and named.years != earlier.years)
        return Completed(
            question, replace(named, districts=districts, years=years, notices=notices), own=own,
            carried=tuple(carried), cited=() if new_place or named.notices else tuple(cited),
        )

    def _spoken_of(self, history: Sequence[Turn], *, before: str, today: date) -> Named:
        """The scope of the turns before: of the last question as it stands, else as it was understood; a place that no gazette
        covers is spoken of until another is named."""
        earlier, understood = self.scope(before, today=today), [turn.answer.understanding for turn in reversed(history) if turn.answer]
        for one in understood:
            if place := self.scope.districts(one.outside)[1]:
                return replace(earlier, districts=(), outside=place)
            if one.districts:
                return replace(earlier, districts=earlier.districts or one.districts, outside="")
        return replace(earlier, outside=self.scope.districts(before)[1])

    def _of_districts(self, notices: Sequence[str], districts: Sequence[str]) -> tuple[str, ...]:
        """Those of the notices that are of the districts spoken of last: 门头沟呢, refused, leaves what was cited of 朝阳."""
        return tuple(key for key in notices if not districts or (notice := self.scope.corpus.notice(key)) and notice.district in districts)

    def _before(self, history: Sequence[Turn], *, today: date) -> str:
        """The last question, complete in itself: as it was understood, and with the matter of those before it where it only
        tells of the asker, or was read by its own words alone in the paper just cited, or says too little to be found."""
        *earlier, turn = history
        answer = turn.answer
        asked = answer.understanding.question if answer else turn.question
        if not earlier or answer and {"matter", "question"} & set(answer.understanding.carried):
            return asked
        if only_tells(asked):
            last = earlier[-1]
            return f"{last.answer.understanding.question if last.answer else last.question} {asked}"
        cited = _cited(earlier)
        goes_on = bool(answer and any(one.notice in cited for one in answer.citations))
        if not goes_on and (not answer or answer.status == "refused"):
            goes_on = len(asked) <= SHORT and sum(self._weights(self.rest(asked)).values()) < SELF_SUFFICIENT
        return joined(asked, self._before(earlier, today=today)) if goes_on else asked

    def leans(self, typed: str, *, named: Named, cited: Sequence[str] = ()) -> bool:
        """Whether a question leans on the one before: it opens, refers or ends like one, or says too little to stand alone."""
        if OPENS.search(typed) or REFERS.search(typed) or ENDS.search(typed):
            return True
        if only_tells(typed):
            return True
        if (named.districts or named.years) and CHANGED.search(typed):
            return True
        if named.notices:
            return False
        # With a district of its own a few words of matter are enough: 门头沟区谁分管教育. A street is a subject: 东辛房.
        rest = self.rest(typed)
        for name, district in names():
            rest = rest.replace(name, "") if district in named.districts else rest
        enough = SELF_SUFFICIENT / 3 if named.districts else SELF_SUFFICIENT
        weights = self._weights(rest)
        return len(typed) <= SHORT and sum(weights.values()) < enough and self._of_the_matter(weights, cited)

    def _weights(self, text: str) -> dict[str, float]:
        """The rarity of each word of ``text`` that the gazettes have; what they have not names no matter of theirs."""
        words = {word for word in self.index.terms.words(FILLER.sub(" ", text)) if len(word) > 1}
        total, frequencies = len(self.index.passages), self.index.terms.frequencies
        return {word: float(np.log(1 + total / (1 + frequencies[word]))) for word in words if word in frequencies}

    def _of_the_matter(self, weights: dict[str, float], cited: Sequence[str]) -> bool:
        """Whether the papers just cited speak of what is asked: 小学入学 after an answer about fireworks is a new topic."""
        if not cited or not weights:
            return True
        text = normalise("\n".join(passage.embedded_text for passage in self.index.passages if passage.notice in cited))
        return sum(weight for word, weight in weights.items() if word in text) >= SAME_MATTER * sum(weights.values())

    @property
    def _district_years(self) -> set[tuple[str, int]]:
        return {(passage.district, year) for passage in self.index.passages for year in passage.years}

    def rest(self, typed: str) -> str:
        """What a question says besides its district, its year and the frame of a follow-up."""
        text = without(typed, document_numbers(typed))
        for name in self.scope.covered:
            text = text.replace(name, "").replace(name.rstrip("区县市"), "")
        text = SAID_YEAR.sub("", text)
        last = None
        while last != text:
            last, text = text, FRAME.sub("", text.strip()).strip()
        return text

    def _shifted(self, typed: str, earlier: Named, history: Sequence[Turn]) -> int:
        years = earlier.years or _years(history)
        for word, shift in NEXT_YEAR.items():
            if word in typed and len(years) == 1 and years[0] + shift in self.scope.years and len(self.rest(typed)) < 2:
                return years[0] + shift
        return 0

    def _scoped(self, before: str, earlier: Named, named: Named) -> str:
        """The earlier question with the newly named district and year in the places of its own."""
        if named.districts:
            fresh = "和".join(named.districts)
            for district in earlier.districts:
                stem = district.rstrip("区县市")
                before = before.replace(district, fresh, 1) if district in before else before.replace(stem, fresh, 1)
            if named.districts and not any(name in before for name in named.districts):
                before = fresh + before
        if named.years:
            fresh = "、".join(f"{year}年" for year in named.years)
            before = re.sub(r"(?:19|20)\d{2}年?", fresh, before, count=1) if re.search(r"(?:19|20)\d{2}", before) else fresh + before
        elif named.districts and named.districts != earlier.districts:
            for year in earlier.years:
                if not any((district, year) in self._district_years for district in named.districts):
                    before = re.sub(rf"{year}年?度?", "", before)
        return before

    def _substituted(self, before: str, subject: str) -> str:
        """``before`` with the word most like the new subject replaced by it, else with the subject added."""
        place = self._like(subject, before)
        return before.replace(place, subject) if place else f"{before} {subject}"

    def _like(self, subject: str, text: str) -> str:
        places = self.scope.covered + tuple(name.rstrip("区县市") for name in self.scope.covered)
        words = [word for word in dict.fromkeys(self.index.terms.cutter.cut(INTERROGATIVE.sub(" ", text)))
                 if len(word) > 1 and not word.isdigit() and word not in places and word not in subject]
        if not words:
            return ""
        vectors = self.index.encoder.encode_queries([subject, *words])
        likeness = vectors[1:] @ vectors[0]
        return words[int(likeness.argmax())] if likeness.max() >= self._alike else ""

    def _likeness_of_any(self) -> float:
        """The cosine from which two words are alike for this encoder; one's cosines lie within a tenth, another's within a whole."""
        passages = self.index.passages[:: max(1, len(self.index.passages) // WORDS)]
        cut = self.index.terms.cutter.cut
        words = list(dict.fromkeys(word for one in passages for word in list(cut(one.text))[:8] if len(word) > 1 and not word.isdigit()))[:WORDS]
        vectors = self.index.encoder.encode_queries(words)
        cosines = (vectors @ vectors.T)[np.triu_indices(len(words), 1)]
        return float(cosines.mean() + ALIKE * cosines.std()) if len(words) > 2 else 1.0

    def _with_person(self, typed: str, history: Sequence[Turn]) -> str:
        """``typed`` with 他 and 她 replaced by the person that the last answer names."""
        answer = history[-1].answer
        if not answer or not PERSON.search(typed) or PERSON.search(typed).group().endswith("们"):
            return typed
        quotes = " ".join(citation.quote for citation in answer.citations[:1])
        people = persons_in(answer.text) or persons_in(quotes)
        return PERSON.sub(people[0], typed, count=1) if people else typed


def only_tells(text: str) -> bool:
    """Whether a turn tells of the asker and asks nothing: 我妈72岁，西城户口."""
    return bool(TELLS.search(text) and not ASKING.search(text))


def joined(own: str, before: str) -> str:
    """``own`` with the matter of the earlier question, whose own asking is left out."""
    matter = re.sub(r"\s+", " ", INTERROGATIVE.sub(" ", before)).strip()
    return f"{matter} {own}"


def asking(question: str) -> str:
    """The clause of a question that asks, from the word that asks to its end."""
    found = ASKING_CLAUSE.search(question)
    return found[0].strip() if found else question


def _years(history: Sequence[Turn]) -> tuple[int, ...]:
    """The years of the last turn that has any."""
    found = (turn.answer.understanding.years for turn in reversed(history) if turn.answer)
    return next((value for value in found if value), ())


def _cited(history: Sequence[Turn]) -> tuple[str, ...]:
    """Keys of the notices that the last answer with any cited, most cited first."""
    answers = (turn.answer for turn in reversed(history) if turn.answer)
    answer = next((one for one in answers if one.citations), None)
    counted: dict[str, int] = {}
    for citation in answer.citations if answer else ():
        counted[citation.notice] = counted.get(citation.notice, 0) + 1
    return tuple(sorted(counted, key=lambda key: -counted[key]))
