"""What the service lets in and what it tells browsers to keep out."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from assistant.web.app import create_app
from assistant.web.security import LARGEST_BODY
from corpus import Settings


@pytest.mark.parametrize("address", ["/", "/notices", "/healthz", "/api/openapi.json", "/web/chat.css", "/notices/没有"])
def test_every_answer_carries_the_security_headers(client, address):
    headers = client.get(address).headers
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_no_policy_allows_another_host(client):
    for address in ("/", "/notices"):
        assert "http" not in client.get(address).headers["content-security-policy"]


def test_the_notice_pages_allow_no_inline_script_or_style(client):
    assert "unsafe" not in client.get("/notices").headers["content-security-policy"]


def test_the_chat_page_is_chinese_and_names_no_other_host(client):
    text = client.get("/").text
    assert '<html lang="zh-CN"' in text.replace("\n", " ").replace("\t", "").replace("<html  lang", "<html lang")
    assert not any(host in text for host in ("googleapis", "gstatic", "cdnjs", "githubusercontent", "jsdelivr"))


def test_a_browser_without_javascript_is_led_to_the_notices(client):
    assert "<noscript>" in client.get("/").text and 'href="/notices"' in client.get("/").text.split("<noscript>")[1]


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/info", "/gradio_api/run/predict", "/gradio_api/proxy=http://example.org/",
                                  "/gradio_api/file=/etc/passwd", "/gradio_api/component_server", "/config", "/monitoring"])
def test_the_doors_of_gradio_that_the_page_does_not_need_are_shut(client, path):
    assert client.get(path).status_code == 404 and client.post(path, content=b"x").status_code == 404


@pytest.mark.parametrize(("address", "status", "told"), [
    ("/nothing", 404, "没有这个页面"), ("/config", 404, "没有这个页面"), ("/operator/nothing", 404, 'href="/operator"'),
    ("/notices?page=x<script>", 422, "打不开这个页面"),
])
def test_a_person_at_a_wrong_address_gets_a_page_with_the_way_on_and_a_program_the_reason(client, address, status, told):
    page = client.get(address, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.status_code == status and told in page.text and "<script>" not in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8" and int(page.headers["content-length"]) == len(page.content)
    assert client.get(address).json()["detail"]
    assert client.head(address, headers={"accept": "text/html"}).status_code >= 400


def test_what_is_for_programs_stays_json_in_a_browser(client):
    page = client.get("/api/v1/notices/没有", headers={"accept": "text/html"})
    assert page.status_code == 404 and page.json()["detail"]


def test_a_large_request_is_refused_before_it_is_read(client):
    assert client.post("/api/v1/ask", content=b"x" * (LARGEST_BODY + 1)).status_code == 413


def test_a_large_request_that_hides_its_length_is_cut(client):
    def pieces():
        for _ in range(LARGEST_BODY // 1024 + 2):
            yield b" " * 1024

    assert client.post("/api/v1/ask", content=pieces(), headers={"content-type": "application/json"}).status_code >= 400


def test_only_the_chat_and_the_clauses_beside_it_are_framed_and_only_by_the_sites_allowed(serving, chosen):
    allowed = TestClient(create_app(serving, chosen.model_copy(update={"allowed_sites": "https://www.example.gov.cn https://*.example.org"})))
    for path, framers in (("/", True), ("/notices/朝政发〔2021〕4号", True), ("/widget-demo", False), ("/api", False), ("/healthz", False)):
        policy = allowed.get(path).headers["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self' https://www.example.gov.cn https://*.example.org" if framers else "frame-ancestors 'self'")


@pytest.mark.parametrize("site", ["www.example.gov.cn", "https://a.cn/page", "https://a.cn;", "'unsafe-inline'", "*", "https://a.cn,https://b.cn"])
def test_a_site_that_is_none_is_refused_at_the_start(site):
    with pytest.raises(ValidationError, match="is no site"):
        Settings(allowed_sites=f"https://ok.cn {site}")


def test_the_widgets_script_may_be_loaded_by_any_site_and_has_its_words(client):
    answer = client.get("/widget.js")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin" and answer.headers["content-type"].startswith("text/javascript")
    assert all(language in answer.text for language in ('"zh-CN": {"open"', '"zh-TW": {"open"', '"en": {"open"'))


def test_the_widgets_script_knows_the_sites_allowed_so_that_it_can_explain_itself_on_others(serving, chosen):
    allowed = TestClient(create_app(serving, chosen.model_copy(update={"allowed_sites": "https://www.example.gov.cn https://*.example.org"})))
    assert 'SITES = ["https://www.example.gov.cn", "https://*.example.org"];' in allowed.get("/widget.js").text


def test_the_chat_pages_own_files_are_named_by_what_is_in_them(client):
    for file in ("chat.js", "chat.css", "tokens.css"):
        address = re.search(rf"/web/{file}\?\w+", client.get("/").text)[0]
        assert client.get(address).is_success
