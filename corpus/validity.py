"""When a notice holds: in force from, expiry, period covered and what it repeals, each with the clause that says so."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from .document_numbers import chinese_integer
from .model import Clause, Notice, Span, Validity
from .normalise import normalise
from .quoted import quoted_titles

DAY = r"(?P<year>(?:19|20)\d{2})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
# A form to be filled in by others (an agreement, a letter of promise) comes into force by itself, not with the notice.
OWN = r"本(?!合同|协议|承诺|责任书|证|章程|人)[\u4e00-\u9fff]{2,14}"
ISSUED = r"(?:印发|发布|公布|颁布|下发|发文|通过)之日"
TAKES_EFFECT = r"(?:起?(?:正式)?(?:施行|实施|执行|生效|试行|实行|起效|开始执行)|起有效)"

# 本意见自印发之日起实施 · 自公布之日起30日后施行
SINCE_ISSUE = re.compile(rf"自{ISSUED}起?(?:满?(?P<delay>\d{{1,3}})(?:日|天|个工作日)后?)?,?{TAKES_EFFECT}")
# 本办法自2017年7月1日起施行 · 于2021年1月1日起执行
SINCE_DAY = re.compile(rf"(?:自|从|于){DAY}(?:零时|0时|\d{{1,2}}时)?{TAKES_EFFECT}")
# 即日起本行政区域禁止露天烧烤
SINCE_NOW = re.compile(r"(?:^|[,。;:])(?:现?[自从])?即日起")
# A public notice that opens with its day: 自2017年4月1日起，对高家园路采取交通管理措施
PUBLIC_DAY = re.compile(rf"(?:自|从|定于){DAY}(?:零时|0时|\d{{1,2}}时)?起")
PUBLIC = frozenset({"通告", "公告"})

YEARS_VALID = re.compile(r"(?:有效期限?|施行期限?|执行期限?|试行期限?|实施期限?)(?:暂?[为定]|均为|是|:|,)?(?P<count>\d{1,2}|[一二三四五六七八九十]{1,3})年")
TRIAL_YEARS = re.compile(r"起(?:试行|施行|执行|实施),?(?:试行|为期)(?P<count>\d{1,2}|[一二三四五六七八九十]{1,3})年")
VALID_UNTIL = re.compile(rf"(?:有效期限?|施行期限?|执行期限?|试行期限?|实施期限?|执行时间|政策期限)[^。;]{{0,24}}?(?:至|到){DAY}")
HOLDS_UNTIL = re.compile(rf"{TAKES_EFFECT}[^。;]{{0,6}}?(?:至|到){DAY}|起?(?:至|到){DAY.replace('?P<', '?P<u')}(?:止|失效|终止)")

# One of these signs stands in every sentence that ends a rule; most clauses have none and need no closer look.
ENDS = re.compile("[期止终]|时间|失效")

PLAN = re.compile(r"第?(?P<which>十[一二三四五六七八九]?|二十)个?五(?=[\"'年时规期])|[\"'](?P<quoted>十[一二三四五六七八九]?|二十)五[\"']")
FIRST_YEAR_OF_14TH = 2021  # five-year plans (十四五) follow each other without a gap
RANGE = re.compile(r"(?P<first>(?:19|20)\d{2})年?(?:\d{1,2}月)?[-~至到](?P<last>(?:19|20)\d{2})(?:年(?P<month>\d{1,2})月)?年?")
SINGLE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})年度?(?!\d{1,2}月|修订|修正|版|试行)")
SEVERAL_YEARS = re.compile(r"(?P<count>[两二三四五])年(?:行动|滚动|规划|计划|攻坚|提升|倍增)")
# 本规划期限为2021年至2025年
TERM = re.compile(r"(?:规划|计划|实施|行动|方案)(?:期限?|周期)[^。;]{0,10}?(?=(?:19|20)\d{2})")
ABOLISHES_OTHERS = re.compile(r"废止|失效|修改|修订")

REPEAL = re.compile(r"废止|停止执行|停止施行|不再执行|自行失效|(?<!宣布)失效")
NOT_ITS_OWN = re.compile(r"^(?:根据|依据|按照|按|依照|鉴于|因)|由[^,]{1,20}予以废止|(?:清理|修改|及时|评估)[^,]{0,12}废止")
SENTENCE = re.compile(r"[^。;；]+")


def _day(match: re.Match[str], prefix: str = "") -> date | None:
    try:
        return date(*(int(match[prefix + part]) for part in ("year", "month", "day")))
    except ValueError:
        return None


def _years_on(start: date, count: int) -> date | None:
    """The last day of ``count`` years that begin on ``start``."""
    try:
        return date(start.year + count, start.month, min(start.day, calendar.monthrange(start.year + count, start.month)[1])) - timedelta(1)
    except ValueError:
        return None


def _span(clause: Clause, reason: str) -> Span:
    return Span(clause.start, clause.end, reason)


def _speaks_of_itself(before: str, own_titles: Sequence[str]) -> bool:
    """Whether what stands before "自…起施行" in its sentence makes this very text the subject."""
    quoted = quoted_titles(before)
    if quoted:
        last = normalise(quoted[-1].title)
        return any(last and (last in title or title in last) for title in own_titles if title)
    subject = before.rsplit(",", 1)[-1]
    return not subject or bool(re.search(OWN, before)) or bool(re.fullmatch(r"[\u4e00-\u9fff]{0,4}", subject))


def _in_force(clauses: Sequence[Clause], notice: Notice, titles: Sequence[str]) -> tuple[date | None, Span | None]:
    """The first clause that says from when; a span without a date where the date signed is not printed."""
    begins = [(clause, normalise(clause.text)) for clause in clauses if "起" in clause.text]
    for clause, text in begins:
        for match in SINCE_ISSUE.finditer(text):
            if _speaks_of_itself(_sentence_before(text, match.start()), titles):
                delay = timedelta(int(match["delay"] or 0))
                return notice.signed + delay if notice.signed else None, _span(clause, "in force from")
        for match in SINCE_DAY.finditer(text):
            if _speaks_of_itself(_sentence_before(text, match.start()), titles) and _day(match):
                return _day(match), _span(clause, "in force from")
    for clause, text in begins:
        if notice.kind in PUBLIC and (match := PUBLIC_DAY.search(text)):
            return _day(match), _span(clause, "in force from")
        if SINCE_NOW.search(text) and (notice.kind in PUBLIC or len(clauses) < 12):
            return notice.signed, _span(clause, "in force from")
    return None, None


def _sentence_before(text: str, place: int) -> str:
    return re.split(r"[。;]", text[max(0, place - 160) : place])[-1]


def _expiry(clauses: Sequence[Clause], in_force_from: date | None) -> tuple[date | None, Span | None]:
    for clause in clauses:
        if not ENDS.search(clause.text):
            continue
        text = normalise(clause.text)
        own = re.search(OWN, text) or SINCE_ISSUE.search(text) or SINCE_DAY.search(text)
        if not own:
            continue
        if match := VALID_UNTIL.search(text):
            return _day(match), _span(clause, "expires")
        if match := HOLDS_UNTIL.search(text):
            return _day(match) if match["year"] else _day(match, "u"), _span(clause, "expires")
        if (match := YEARS_VALID.search(text) or TRIAL_YEARS.search(text)) and in_force_from:
            return _years_on(in_force_from, chinese_integer(match["count"])), _span(clause, "expires")
    return None, None


def _period(text: str) -> tuple[str, date] | None:
    """The last period that a normalised title names."""
    found: list[tuple[int, str, date]] = []
    for match in PLAN.finditer(text):
        first = FIRST_YEAR_OF_14TH + 5 * (chinese_integer(match["which"] or match["quoted"]) - 14)
        found.append((match.start(), f"{first}年—{first + 4}年", date(first + 4, 12, 31)))
    ranges = list(RANGE.finditer(text))
    for match in ranges:
        found.append((match.start(), f"{match['first']}年—{match['last']}年", _period_end(match)))
    for match in SINGLE.finditer(text):
        if not any(other.start() <= match.start() < other.end() for other in ranges):
            found.append((match.start(), f"{match['year']}年", date(int(match["year"]), 12, 31)))
    return max(found)[1:] if found else None


def _period_end(match: re.Match[str]) -> date:
    year, month = int(match["last"]), int(match["month"] or 12)
    month = month if 1 <= month <= 12 else 12
    return date(year, month, calendar.monthrange(year, month)[1])


def _covers(notice: Notice, clauses: Sequence[Clause]) -> tuple[str, date | None, Span | None]:
    for title in (notice.enclosed_title, notice.title):
        flat = normalise(title)
        if not flat or ABOLISHES_OTHERS.search(re.sub(r"\([^()]{0,20}\)", "", flat)):
            continue
        period = _period(flat)
        clause = next((clause for clause in clauses if clause.kind == "title" and normalise(clause.text) in flat), None)
        if period:
            return *period, _span(clause, "covers") if clause else Span(notice.start, notice.start, "covers")
        if several := SEVERAL_YEARS.search(flat):
            return _several_years(clauses, chinese_integer(several["count"].replace("两", "二")))
    for clause in clauses:
        if clause.kind == "text" and "期" in clause.text and (term := TERM.search(text := normalise(clause.text))):
            if match := RANGE.match(text, term.end()):
                return f"{match['first']}年—{match['last']}年", _period_end(match), _span(clause, "covers")
    return "", None, None


def _several_years(clauses: Sequence[Clause], count: int) -> tuple[str, date | None, Span | None]:
    """The first period of as many years as the title says, in the order of the text."""
    for clause in clauses:
        for match in RANGE.finditer(normalise(clause.text)):
            if int(match["last"]) - int(match["first"]) in (count - 1, count):
                return f"{match['first']}年—{match['last']}年", _period_end(match), _span(clause, "covers")
    return "", None, None


def _repeals(clauses: Sequence[Clause]) -> tuple[tuple[str, ...], Span | None]:
    names: dict[str, None] = {}
    where: Clause | None = None
    for clause in clauses:
        if "《" not in clause.text or not REPEAL.search(clause.text):
            continue
        for sentence in SENTENCE.findall(clause.text):
            verb = list(REPEAL.finditer(sentence))
            if not verb or NOT_ITS_OWN.search("".join(sentence.split())):
                continue
            quoted = quoted_titles(sentence)
            outside = [match for match in verb if not any(item.start <= match.start() < item.end for item in quoted)]
            for item in quoted:
                if outside and _is_object(sentence, item.end, outside):
                    names[item.number or item.title] = None
                    where = where or clause
    return tuple(names), _span(where, "repeals") if where else None


def _is_object(sentence: str, end: int, verbs: Iterable[re.Match[str]]) -> bool:
    """Whether the title that ends at ``end`` is what is repealed: it stands before the verb, unless it is itself in force."""
    following = next((verb for verb in verbs if verb.start() >= end), None)
    if following is None:
        return bool(re.search(r"废止[^，,]{0,4}《", sentence))
    return not re.match(r"\s*自[^，,]{2,20}起", sentence[end:])


def validity_of(notice: Notice, clauses: Sequence[Clause]) -> Validity:
    """What ``clauses`` (all of the notice, in order) say about when it holds; what they do not say stays ``None``.

    A period of years that is said in the title counts as the period covered, not as an expiry.
    """
    told = [clause for clause in clauses if clause.kind in ("text", "heading", "note")]
    titles = [normalise(notice.title), normalise(notice.enclosed_title)]
    since, since_clause = _in_force(told, notice, titles)
    expires, expires_clause = _expiry(told, since)
    covers, until, covers_clause = _covers(notice, clauses)
    repeals, repeals_clause = _repeals(told)
    return Validity(
        in_force_from=since, in_force_clause=since_clause,
        expires=expires, expires_clause=expires_clause if expires else None,
        covers=covers, covers_until=until, covers_clause=covers_clause,
        repeals=repeals, repeals_clause=repeals_clause,
    )  # fmt: skip


def with_validity(notices: Sequence[Notice], clauses: Sequence[Clause]) -> tuple[tuple[Notice, ...], tuple[Clause, ...]]:
    """The same notices and clauses, each notice with its validity; clauses name the new notices."""
    by_start: dict[int, list[Clause]] = {notice.start: [] for notice in notices}
    for clause in clauses:
        by_start[clause.notice.start].append(clause)
    dated = {notice.start: replace(notice, validity=validity_of(notice, by_start[notice.start])) for notice in notices}
    return tuple(dated.values()), tuple(replace(clause, notice=dated[clause.notice.start]) for clause in clauses)
