"""The templates of every page: one Jinja environment, everything escaped, the texts of ``prompts/web.yaml`` at hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from corpus.texts import texts

from .links import citation_address, in_language, notice_address, span_address

HERE = Path(__file__).parent


def chinese_date(day: date | str | None) -> str:
    """``2021年1月5日``; "" for none, and what is not a date as it stands.

    >>> chinese_date(date(2021, 1, 5))
    '2021年1月5日'
    """
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            return day
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def worded(language: str) -> SimpleNamespace:
    """The texts of ``prompts/web.yaml``, the chat page's and the reader's in ``language`` where ``prompts/chat.yaml`` has it, else in Chinese."""
    return SimpleNamespace(**texts("web") | texts("chat").get(language, {}), language=language if language in texts("chat") else "zh-CN")


ENVIRONMENT = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
# A namespace, not the mapping: in a template ``words.copy`` of a mapping is its method.
ENVIRONMENT.globals.update(words=worded("zh-CN"), notice_address=notice_address, citation_address=citation_address, span_address=span_address)
ENVIRONMENT.globals.update(desk=SimpleNamespace(**texts("operator")))
ENVIRONMENT.filters["chinese_date"] = chinese_date
ENVIRONMENT.filters["tojson_plain"] = lambda value: json.dumps(value, ensure_ascii=False)  # escaped like any text
TEMPLATES = Jinja2Templates(env=ENVIRONMENT)


def rendered(template: str, **values: object) -> str:
    """A template of ``templates/`` as text, its links leading on in the language of the ``words`` given."""
    html = ENVIRONMENT.get_template(template).render(**values)
    return in_language(html, values["words"].language) if "words" in values else html


def failure_page(path: str, status: int, told: str) -> str:
    """The page for a path that cannot be shown: why, in ``told`` where that is of our texts, and where to go on."""
    words, missing = worded(""), status == 404
    return rendered(
        "failure.html", title=words.no_page_title if missing else words.refused_title,
        text=(words.no_page if missing else words.refused) if told.isascii() else told, inside=path.startswith("/operator"),
    )


def desk_words() -> dict:
    """The texts of the console and the review."""
    return texts("operator")
