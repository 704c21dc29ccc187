"""Addresses of the pages."""

from __future__ import annotations

import re
from urllib.parse import quote

from assistant.model import Citation

# A link of a page to the chat page or to a page of the reader, with its query and its fragment.
READ = re.compile(r'(href=")(/(?:notices[^"?#]*)?)(\?[^"#]*)?(#[^"]*)?(?=")')


def notice_address(key: str) -> str:
    """The page of a notice."""
    return f"/notices/{quote(key, safe='')}"


def span_address(key: str, start: int, end: int) -> str:
    """The notice's page with ``[start, end)`` of its gazette highlighted."""
    return f"{notice_address(key)}?start={start}&end={end}#quoted"


def citation_address(citation: Citation) -> str:
    """The notice's page at the cited clause, with the quotation highlighted."""
    return span_address(citation.notice, citation.start, citation.end)


def in_language(html: str, language: str) -> str:
    """A page whose links lead on in the page's own language; that of the gazettes needs no word in an address.

    >>> in_language('<a href="/notices?page=2">', "en")
    '<a href="/notices?page=2&amp;language=en">'
    """
    if language == "zh-CN":
        return html
    return READ.sub(lambda link: f"{link[1]}{link[2]}{link[3] + '&amp;' if link[3] else '?'}language={language}{link[4] or ''}", html)
