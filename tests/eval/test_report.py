"""The report is one file that shows every failure, escapes what it shows, and reads on a phone."""

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
    assert page.count('<details class="failure"') == 20
    assert all(f'id="q-{question.id}"' in page for question in questions[:20])


def test_nothing_is_fetched_and_everything_is_escaped(report):
    page = report.read_text("utf-8")
    assert "<img" not in page
    assert "http://" not in page and "https://" not in page and 'src="' not in page
    assert page.count("<script>") == 1


def test_a_browser_shows_it_at_desk_and_phone_width(report):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=own, args=["--no-sandbox"])
        for width in (1440, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            faults = []
            page.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
            page.on("request", lambda request, faults=faults: faults.append(request.url) if request.url != report.as_uri() else None)
            page.goto(report.as_uri())
            first = page.locator("details.failure").first
            first.locator("summary").click()
            assert first.locator(".answer").is_visible() and EVIL in first.locator(".answer").inner_text()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            kind = first.get_attribute("data-type")
            page.select_option("#by-type", kind)
            shown = page.locator("details.failure:visible")
            assert {item.get_attribute("data-type") for item in shown.all()} == {kind}
            assert page.title() == "问公报 · 评测报告"
            assert faults == []
        browser.close()
