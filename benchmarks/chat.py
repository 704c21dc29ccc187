"""How soon the chat page is usable and an answer's first words stand on it, in a real browser: ``python benchmarks/chat.py [address]``.

The program runs beside it (``make run``), so the browser's own work is on the same cores, as in the office's old computer.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

RUNS = 10
QUESTIONS = ("过年在朝阳区家门口能放鞭炮吗", "西城区养老家庭照护床位谁能申请", "2021年朝阳区外省市户籍孩子上小学要什么条件")
# Milliseconds from pressing send to the first words of the answer, measured by the page itself.
FIRST_WORDS = """
(question) => new Promise((done) => {
  const box = document.querySelector('#question textarea');
  box.value = question;
  box.dispatchEvent(new Event('input', {bubbles: true}));
  const before = document.querySelectorAll('#conversation .said').length;
  setTimeout(() => {
    const began = performance.now();
    const watch = new MutationObserver(() => {
      const words = document.querySelector('#live .answer p:not(.dots)') || document.querySelectorAll('#conversation .said').length > before;
      if (words) { watch.disconnect(); requestAnimationFrame(() => done(performance.now() - began)); }
    });
    watch.observe(document.body, {childList: true, subtree: true});
    document.querySelector('#send').click();
  }, 300);
})
"""


def opened(browser: Browser, address: str) -> tuple[float, list[float]]:
    """Milliseconds until the page is usable in a fresh profile, and until the first words of each answer."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.locator(".examples button").first.wait_for()
    page.locator("#question textarea").wait_for()
    usable = page.evaluate("performance.now()")
    page.wait_for_timeout(1000)
    words = []
    for question in QUESTIONS:
        words.append(page.evaluate(FIRST_WORDS, question))
        page.wait_for_timeout(500)
    context.close()
    return usable, words


def main(address: str) -> None:
    arguments = ["--disable-gpu", "--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        runs = [opened(browser, address) for _ in range(RUNS)]
        browser.close()
    for name, values in (("usable after opening", [run[0] for run in runs]), ("first words after sending", [ms for run in runs for ms in run[1]])):
        print(f"{name}: median {statistics.median(values):.0f} ms, worst {max(values):.0f} ms, of {len(values)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860")
