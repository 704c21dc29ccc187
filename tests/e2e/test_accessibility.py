"""axe finds no serious fault on any page, in light and dark, at phone and desk width."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from .conftest import DESK, PHONE
from .test_chat import AMBIGUOUS, QUESTION, ask


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary'][:200]}"
        for one in found if one["impact"] in ("serious", "critical") for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_chat_page(open_page, viewport, scheme):
    page = open_page(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    expect(page.locator(".welcome")).to_be_visible()
    assert not faults(page)
    ask(page, QUESTION)
    ask(page, AMBIGUOUS)
    assert not faults(page)


@pytest.mark.parametrize("language", ["zh-TW", "en"])
def test_the_chat_page_in_another_language_is_no_wider_than_a_phone(open_page, language):
    page = open_page(f"/?language={language}", bypass_csp=True)
    expect(page.locator("html")).to_have_attribute("lang", language)
    ask(page, QUESTION)
    assert not faults(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("path", "viewport"), [
    ("/notices", PHONE), ("/notices", DESK), ("/notices?state=past", DESK), ("/notices?text=没有", DESK),
    ("/notices/朝政发〔2021〕4号?start=20238&end=20273#quoted", PHONE), ("/notices/没有", PHONE), ("/api", PHONE),
])
def test_the_plain_pages(open_page, path, viewport, scheme):
    page = open_page(path, viewport=viewport, color_scheme=scheme, bypass_csp=True)
    assert not faults(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
