"""Use case: an agreement as its readers see it."""

from __future__ import annotations

from makegood.contract.publish import published
from makegood.contract.written import Agreement
from makegood.render.agreement import publish_html, publish_markdown


def agreement_text(agreement: Agreement) -> str:
    """The agreement's Markdown without its rules."""
    return publish_markdown(agreement.document.title, published(agreement.document), _meta(agreement))


def agreement_page(agreement: Agreement) -> str:
    """The agreement as one self-contained web page."""
    return publish_html(agreement.document.title, published(agreement.document), _meta(agreement))


def _meta(agreement: Agreement) -> dict[str, str]:
    header = agreement.header
    meta = {"Version": header.version, "In force from": header.effective.isoformat(), "Provider": header.provider}
    if header.prevailing_language:
        meta["Prevailing language"] = header.prevailing_language
    return meta
