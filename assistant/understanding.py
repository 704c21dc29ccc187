"""A typed question to what it asks for: district, year, notice, kind; slips mended, a follow-up completed from the turns before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from indexing import Index

from .followup import Completed, Completion
from .guard import LONGEST, guarded
from .model import Turn, Understanding
from .scope import Scope
from .typos import Typos

# The first kind whose cue a question has; the order goes from the surest cue to the most general.
KINDS = (
    ("comparison", re.compile(
        r"(?:有(?:什么|啥|何)|的)?(?:区别|差别|差异|异同)|(?:有(?:什么|啥|何)|有没有|有无|哪里|哪儿)不(?:同|一样)|不一样(?:吗|在哪)?|不同(?:点|之处|在)|相比|对比|比较(?!好)|差在哪|(?:相)?差(?:多少|几)|是否一致|一样吗"
        r"|哪(?:个|边|区|家).{0,10}(?:更|多|高|长|早|严|大)|(?:和|与|跟|、).{2,40}(?:分别|各(?:是|有|要|给|奖|补|打算|多少|几|由|归))"
    )),
    ("validity", re.compile(
        r"生效|(?:从|自)?(?:什么时候|啥时候|何时|哪天|哪年|几号)(?:起|开始)(?:实行|施行|执行|实施|管用|算)|施行|开始执行|实施日期|有效期(?!间)|失效|废止|作废|过期(?!食)|取代|替代|(?:还|仍)(?:管用|有效|算数|执行)|管到|到什么时候"
    )),
    ("definition", re.compile(r"(?:是|指)(?:个)?(?:什么|啥)意思|什么叫|啥叫|(?:是)?指(?:的是)?(?:什么|啥|哪)|是指|定义|含义|(?:是个?|算)(?:什么|啥)(?:东西|概念)?(?:？|$)")),
    ("responsibility", re.compile(
        r"(?:哪|什么)(?:个|些|几个|家)?(?:部门|单位|科室?|[委局办]|机构|街道|公司)|谁(?:来|去)?(?:管|负责|罚|牵头|审|批|出|定|组织|主持|维护|落实|统筹)|归(?:谁|哪|什么)|找(?:谁|哪)|责任(?:单位|部门|人)|主责|主管部门|牵头|主办|会办|承办|由谁|负责人"
    )),
    ("personnel", re.compile(r"[局区镇乡处科所院校队]长|主任|书记|任命|任职|免职|免去|职务|分管|叫什么名|是谁|哪位|什么官|协助谁|联系人|姓名")),
    ("list", re.compile(r"(?:都)?(?:有|是|包括|分|含|涉及)?(?:哪些|哪几|哪[两三四五六]|(?:些|点)(?:什么|啥))|都(?:有|是|要|能|管|开|包括)(?:些)?(?:啥|什么|谁)|有几[种类个条项]|列出|包括(?:什么|啥)|具体指|清单|名单|举几个")),
    ("date", re.compile(r"(?:什么|啥|何)时(?:候|间|段)?|几月|几号|哪(?:天|年|月|几天|日)|何(?:时|日)|期限|时限|截止|日期|几点|什么时间|多久(?:之内|内)?|时间(?:表|安排)|最(?:晚|迟)")),
    ("number", re.compile(r"多少|几[个名人家处部张块万倍成类级台条项辆座次]|比例|百分之|占比|率|标准(?:是|$)|金额|多大|多长|多高|上限|下限|最[高低多少]|几成|数量|指标|目标|电话|号码")),
    ("procedure", re.compile(r"怎么(?:办|申请|报|弄|走|领|登记|查|审|去|交|做)|如何|咋(?:办|弄|申请|走|报)|流程|程序|步骤|手续|材料|去哪|哪儿办|带(?:什么|啥)|上哪")),
    ("condition", re.compile(r"能不能|可不可以|可以|能|条件|资格|要求|算不算|符合|行不行|让不让|允许|要不要|是不是|吗|么|不[？?]?$")),
)


class Understander:
    """Understands questions over one index; thread-safe, holds nothing of a conversation."""

    def __init__(self, index: Index) -> None:
        self.scope = Scope(index.corpus)
        self.typos = Typos(index.terms.frequencies, printed=self.scope.printed)
        self.complete = Completion(index, self.scope)

    def __call__(
        self, question: str, *, history: Sequence[Turn] = (), district: str = "", today: date | None = None
    ) -> Understanding:
        """The likeliest of ``meanings``."""
        return self.meanings(question, history=history, district=district, today=today)[0]

    def meanings(
        self, question: str, *, history: Sequence[Turn] = (), district: str = "", today: date | None = None
    ) -> tuple[Understanding, ...]:
        """What ``question`` can ask for after ``history`` (oldest first), the likeliest first; ``district`` is the one a
        person chose, if any."""
        today = today or date.today()
        typed = " ".join(question.split())
        guard = guarded(typed)
        if guard:
            return (Understanding(original=question, question=typed[:LONGEST], guard=guard, chosen=district),)
        typed = self.typos(typed)
        history = [turn for turn in history if not guarded(turn.question)]  # small talk says nothing of the matter
        named = self.scope(typed, today=today)
        before = history[-1].answer.understanding.chosen if history and history[-1].answer else district
        if district in self.scope.covered and district != before and not (named.districts or named.notices or named.outside):
            named = replace(named, districts=(district,))  # who chooses another district after a turn names it
        completed = self.complete(typed, history, named=named, today=today)
        return tuple(self._understood(question, typed, one, district=district) for one in completed)

    def _understood(self, question: str, typed: str, completed: Completed, *, district: str) -> Understanding:
        named = completed.named
        districts = named.districts
        if not districts and not named.outside and not named.notices and district in self.scope.covered:
            districts = (district,)
        kind = kind_of(typed)
        return Understanding(
            original=question, question=completed.question, districts=districts, years=named.years, notices=named.notices,
            kind=kind_of(completed.question) if kind == "fact" else kind, outside=named.outside,
            is_followup=bool(completed.carried), articles=named.articles, carried=completed.carried, cited=completed.cited, own=completed.own, left=completed.left,
            chosen=district,
        )


def kind_of(question: str) -> str:
    """The kind of question: comparison, validity, definition, responsibility, personnel, list, date, number, procedure, condition, fact."""
    return next((kind for kind, cue in KINDS if cue.search(question)), "fact")
