"""Makes the README's pictures from the running program: ``python docs/screenshots.py [http://127.0.0.1:7860 [NAME PASSWORD]]``.

With an operator's name and password the console and the review are pictured too; the review shows what the database holds.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
WIDTHS = {390: 844, 1440: 900}
COLOURS = 256  # of a picture's palette: enough for a page of text, at half the size
QUESTION, AMBIGUOUS = "过年在朝阳区家门口能放鞭炮吗", "小学入学什么时候采集信息"
SCHOOL = "外省市户籍孩子上小学要什么条件"
TABLE = "/notices/西政办发〔2022〕2号"


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#send").click()
    page.locator(".turn:last-child .said").wait_for()


def start(page: Page) -> None:
    page.locator(".welcome").wait_for()


def chat(page: Page) -> None:
    ask(page, QUESTION)
    if page.viewport_size["width"] > 1000:
        page.locator("a.marker").first.click()
        page.frame_locator("#beside iframe").locator("#quoted").wait_for()


def clarify(page: Page) -> None:
    ask(page, AMBIGUOUS)
    page.locator(".choices").scroll_into_view_if_needed()


def notice(page: Page) -> None:
    ask(page, QUESTION)
    page.goto(page.locator(".sources a").first.evaluate("link => link.href"))


def notices(page: Page) -> None:
    page.goto(page.url.rstrip("/") + "/notices?district=朝阳区")


def table(page: Page) -> None:
    page.goto(page.url.rstrip("/") + TABLE)
    page.locator("table").first.scroll_into_view_if_needed()


def widget(page: Page) -> None:
    page.goto(page.url.rstrip("/") + "/widget-demo")
    page.locator("[data-gazette-assistant] .round").click()
    frame = page.frame_locator("[data-gazette-assistant] iframe")
    frame.locator("#question textarea").fill(QUESTION)
    frame.locator("#send").click()
    frame.locator(".turn:last-child .said").wait_for()


def log_in(page: Page, name: str, password: str) -> None:
    page.goto(page.url.rstrip("/") + "/operator/login")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.locator("#q").wait_for()


def console(page: Page) -> None:
    page.locator("#q").fill(QUESTION)
    page.locator(".hit").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".reply").wait_for()
    page.locator("#paper #quoted").wait_for()


def search(page: Page) -> None:
    page.locator("#q").fill(SCHOOL)
    page.locator("#paper #quoted").wait_for()


def compare(page: Page) -> None:
    search(page)
    page.keyboard.press("Alt+d")
    page.locator("#wide .column").first.wait_for()


def review(page: Page) -> None:
    page.goto(page.url + "/review?matter=all")


DESK_SCENES: dict[str, Callable[[Page], None]] = {"console": console, "search": search, "compare": compare, "review": review}
SCENES: dict[str, Callable[[Page], None]] = {
    "start": start, "chat": chat, "clarify": clarify, "notice": notice, "notices": notices, "table": table,
    "widget": widget,
}


def take(page: Page, name: str) -> None:
    page.wait_for_timeout(500)  # fonts and the browser's own scrolling
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}-{page.viewport_size['width']}.png", optimize=True)


def main(address: str, operator: tuple[str, ...] = ()) -> None:
    IMAGES.mkdir(exist_ok=True)
    arguments = ["--disable-gpu", "--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for width, height in WIDTHS.items():
            for name, scene in (SCENES | (DESK_SCENES if operator else {})).items():
                page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce")
                page.goto(address)
                page.locator("#question textarea").wait_for()
                if name in DESK_SCENES:
                    log_in(page, *operator)
                scene(page)
                take(page, name)
                page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860", tuple(sys.argv[2:4]))
