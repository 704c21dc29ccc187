"""The report is one file that shows every failure, escapes what it shows, and reads on a phone."""

import re
import shutil

import pytest
from made_results import changed, right

from eval.figures import judged
from eval.report import write_report

EVIL = '<img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def report(questions, texts, corpus, tmp_path_factory):
    records = {question.id: right(question, texts) for question in questions}
    for question in questions[:20]:
        records[question.id] = changed(records[question.id], answer=f"?{EVIL}</details><script>document.title=1</script>")
    path = tmp_path_factory.mktemp("report") / "report.html"
    found = judged(questions, records, texts=texts)
    write_report(path, found, beside=[("bm25", found), (EVIL, found)], about={"questions": EVIL, "commit": EVIL}, corpus=corpus)
    return path


def test_every_failure_has_its_place(report, questions):
    page = report.read_text("utf-8")
    assert page.count('data-solved="no"') == 20
    assert all(f'id="q-{question.id}" data-solved="no" data-why="compose_facts"' in page for question in questions[:20])
    assert page.count('data-solved="yes"') == len(questions) - 20


def test_nothing_is_fetched_and_everything_is_escaped(report):
    page = report.read_text("utf-8")
    assert "<img" not in page
    assert not re.search(r'(?:src|href)="(?!#)|url\(|@import', page)
    assert page.count("<script>") == 1
    assert "default-src 'none'" in page


def test_a_browser_shows_it_at_desk_and_phone_width(report, questions):
    from playwright.sync_api import sync_playwright

    solved = questions[30].id
    with sync_playwright() as playwright:
        own = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        for width in (1440, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            faults = []
            page.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
            page.on("request", lambda request, faults=faults: faults.append(request.url) if not request.url.startswith(report.as_uri()) else None)
            page.goto(report.as_uri())
            first = page.locator("details.failure").first
            first.locator("> summary").click()
            assert first.locator(".answer").is_visible() and EVIL in first.locator(".answer").inner_text()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("details.failure:visible").count() == 20
            kind = first.get_attribute("data-type")
            page.select_option("#by-type", kind)
            shown = page.locator("details.failure:visible")
            assert {item.get_attribute("data-type") for item in shown.all()} == {kind}
            page.goto(report.as_uri() + f"#q-{solved}")
            assert page.locator(f"#q-{solved} .answer").is_visible()  # hidden by the filters, opened by its link
            assert page.title() == "问公报 · 评测报告"
            assert faults == []
        browser.close()
