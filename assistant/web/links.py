"""Addresses of the pages."""

from __future__ import annotations

from urllib.parse import quote

from assistant.model import Citation


def notice_address(key: str) -> str:
    """The page of a notice."""
    return f"/notices/{quote(key, safe='')}"


def span_address(key: str, start: int, end: int) -> str:
    """The notice's page with ``[start, end)`` of its gazette highlighted."""
    return f"{notice_address(key)}?start={start}&end={end}#quoted"


def citation_address(citation: Citation) -> str:
    """The notice's page at the cited clause, with the quotation highlighted."""
    return span_address(citation.notice, citation.start, citation.end)
