"""Which notices belong together, and what a text points to: read off the five gazettes."""

from collections import defaultdict
from dataclasses import replace

import pytest

from corpus import Corpus, load_corpus
from corpus.references import references, references_of
from corpus.relations import matter, relations
from corpus.validity import with_validity


@pytest.fixture(scope="module")
def corpus():
    parsed = load_corpus().parsed
    return Corpus(tuple(replace(p, **dict(zip(("notices", "clauses"), with_validity(p.notices, p.clauses), strict=True))) for p in parsed))


@pytest.fixture(scope="module")
def related(corpus):
    table = defaultdict(set)
    for item in relations(corpus):
        table[item.notice, item.kind].add(item.target)
    return table


def test_school_admission_of_other_districts_are_sisters_and_the_next_year_s_is_later(related):
    assert related["朝政办发〔2020〕7号", "later"] == {"朝政办发〔2021〕4号"}
    assert related["朝政办发〔2021〕4号", "earlier"] == {"朝政办发〔2020〕7号"}
    for number in ("朝政办发〔2020〕7号", "朝政办发〔2021〕4号"):
        assert related[number, "sister"] == {"门政办发〔2017〕26号", "西教发〔2022〕5号"}
    assert related["西教发〔2022〕6号", "sister"] == {"门政办发〔2017〕27号"}


def test_the_year_s_good_works_and_the_leaders_division_of_work_are_matters_too(related):
    assert related["朝政办发〔2020〕5号", "later"] == {"朝政办发〔2021〕5号"}
    assert related["西政办发〔2022〕3号", "sister"] == {"朝政办发〔2020〕5号", "朝政办发〔2021〕5号"}
    assert related["朝政办字〔2021〕23号", "sister"] == {"门政办发〔2017〕1号"}


def test_like_forms_about_other_things_are_not_related(related):
    for number in ("门政办发〔2017〕35号", "门政办发〔2017〕36号", "门政办发〔2017〕29号", "朝政发〔2021〕4号", "门政发〔2017〕3号"):
        assert not related[number, "sister"] and not related[number, "later"]


def test_a_revoked_appointment_is_known_from_both_sides(corpus, related):
    assert related["门政发〔2017〕10号", "revokes"] == {"门政发〔2017〕2号"}
    found = [item for item in corpus.relations_of(corpus.notice("门政发〔2017〕2号")) if item.kind == "revoked by"]
    span = found[0].clause
    assert "撤销对其区档案史志局调研员的任职决定" in corpus.gazettes["mentougou-2017-02.txt"].text[span.start : span.end]


def test_a_repealed_text_outside_the_corpus_keeps_its_number(related):
    assert related["西教发〔2022〕5号", "repeals"] == {"西教发〔2021〕2号"}


def test_the_matter_of_a_title_is_free_of_place_period_and_kind_of_paper(corpus):
    assert {matter(corpus.notice(n)) for n in ("朝政办发〔2020〕7号", "西教发〔2022〕5号", "门政办发〔2017〕26号")} == {"义务教育阶段入学"}


def of(corpus, number, printed):
    text = corpus.gazettes[corpus.notice(number).source].text
    return [item for item in references_of(corpus, corpus.notice(number)) if "".join(text[item.start : item.end].split()).startswith(printed)]


def test_sections_and_items_named_in_words_lead_to_them(corpus):
    found = of(corpus, "西教发〔2022〕5号", "五、有关说明中（五）")
    assert [item.path[0] for item in found] == ["五、有关说明"]
    assert "（五）" in found[0].path[1].replace("(", "（").replace(")", "）")


def test_own_articles_lead_to_the_article_of_the_same_text(corpus):
    found = of(corpus, "西民发〔2022〕3号", "第八条")
    assert found and all(item.path[-1].startswith("第八条") or "第八条" in "".join(item.path) for item in found)


def test_articles_of_rules_numbered_as_sections_lead_to_the_sections(corpus):
    found = of(corpus, "西人社发〔2022〕8号", "本细则第七条")
    assert [item.path[0][:2] for item in found] == ["七、"]


def test_an_attachment_named_by_number_leads_to_it(corpus):
    found = of(corpus, "西民发〔2022〕2号", "附件2")
    assert found and all(item.resolved and item.path[0].replace(" ", "").startswith("附件2") for item in found)


def test_a_text_outside_the_corpus_is_named_and_left_unresolved(corpus):
    found = of(corpus, "朝政发〔2020〕9号", "《北京市朝阳区人民政府办公室关于印发朝阳区促进")
    assert [(item.target, item.resolved) for item in found] == [("朝政办发〔2013〕28号", False)]


def test_every_reference_lies_in_its_notice_and_every_target_in_a_gazette(corpus):
    for item in references(corpus):
        notice = corpus.notice(item.notice)
        assert notice.start <= item.start < item.end <= notice.end
        if item.span:
            assert 0 <= item.span.start < item.span.end
