"""Addresses of the pages."""

from __future__ import annotations

from urllib.parse import quote

from assistant.model import Citation


def notice_address(key: str) -> str:
    """The page of a notice."""
    return f"/notices/{quote(key, safe='')}"


def citation_address(citation: Citation) -> str:
    """The notice's page at the cited clause, with the quotation highlighted."""
    return f"{notice_address(citation.notice)}?start={citation.start}&end={citation.end}#quoted"
