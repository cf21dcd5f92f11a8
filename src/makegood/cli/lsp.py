"""`lsp`: a language server on standard input and output, for any editor that speaks the protocol.

It answers about agreements (`NAME.sla.md`, inside their blocks of rules), orders, facts and checks, by file name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from makegood import __version__
from makegood.app.editing.answers import Suggestion, definition, hover, suggestions
from makegood.app.editing.findings import Finding, findings, fixes
from makegood.app.editing.regions import kind_of
from makegood.contract.repair import Repair
from makegood.model.problem import Severity

_SEVERITIES: Final = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}
_KINDS: Final = {
    "kind": lsp.CompletionItemKind.Class,
    "key": lsp.CompletionItemKind.Property,
    "value": lsp.CompletionItemKind.EnumMember,
    "name": lsp.CompletionItemKind.Reference,
}


def server() -> LanguageServer:
    """A server with every answer that it can give."""
    serves = LanguageServer("makegood", __version__)

    def told(uri: str) -> None:
        document = serves.workspace.get_text_document(uri)
        found = _findings(document)
        shown = [_diagnostic(document, finding) for finding in found]
        serves.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown, version=document.version))

    @serves.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(given: lsp.DidOpenTextDocumentParams) -> None:
        told(given.text_document.uri)

    @serves.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(given: lsp.DidChangeTextDocumentParams) -> None:
        told(given.text_document.uri)

    @serves.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(given: lsp.DidCloseTextDocumentParams) -> None:
        serves.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(given.text_document.uri, []))

    @serves.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[":", " ", "{", "[", ","]))
    def completed(given: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document, line, column = _place(serves, given)
        kind = kind_of(document.path)
        offered = suggestions(kind, document.source, line, column) if kind else []
        return [_item(document, offer, line, column, n) for n, offer in enumerate(offered)]

    @serves.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(given: lsp.HoverParams) -> lsp.Hover | None:
        document, line, column = _place(serves, given)
        kind = kind_of(document.path)
        found = hover(kind, document.source, line, column) if kind else None
        if found is None:
            return None
        text = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.text)
        return lsp.Hover(text, _range(document, line, found.start, found.end))

    @serves.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(given: lsp.DefinitionParams) -> lsp.Location | None:
        document, line, column = _place(serves, given)
        kind = kind_of(document.path)
        found = definition(kind, document.source, line, column) if kind else None
        if found is None:
            return None
        ends = found.column + (len(found.name) if found.primitive != "clause" else 0)
        return lsp.Location(document.uri, _range(document, found.line, found.column, ends))

    @serves.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix]))
    def mended(given: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = serves.workspace.get_text_document(given.text_document.uri)
        if kind_of(document.path) != "agreement":
            return []
        line = given.range.start.line
        found = fixes(document.source, document.path, line)
        return [_action(document, repair, given.context.diagnostics) for repair in found]

    return serves


def serve() -> None:
    """Serve one editor until it says goodbye."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:  # the server closes what it writes to
        server().start_io(stdout=out)


def _findings(document: TextDocument) -> list[Finding]:
    kind = kind_of(document.path)
    beside = _beside(Path(document.path)) if kind == "facts" else {}
    return findings(kind, document.source, document.path, beside) if kind else []


def _beside(path: Path) -> Mapping[str, bytes]:
    """The other files of facts in the folder, as they are on disk."""
    found: dict[str, bytes] = {}
    with suppress(OSError):
        for other in sorted(path.parent.glob("*.facts.yaml")):
            if other != path:
                found[str(other)] = other.read_bytes()
    return found


def _place(
    serves: LanguageServer, given: lsp.CompletionParams | lsp.HoverParams | lsp.DefinitionParams
) -> tuple[TextDocument, int, int]:
    document = serves.workspace.get_text_document(given.text_document.uri)
    place = document.position_codec.position_from_client_units(document.lines, given.position)
    return document, place.line, place.character


def _range(document: TextDocument, line: int, start: int, end: int) -> lsp.Range:
    found = lsp.Range(lsp.Position(line, start), lsp.Position(line, max(start, end)))
    return document.position_codec.range_to_client_units(document.lines, found)


def _diagnostic(document: TextDocument, finding: Finding) -> lsp.Diagnostic:
    problem = finding.problem
    line, start = max(problem.where.line - 1, 0), max(problem.where.column - 1, 0)
    more = "".join(f"\n{part}" for part in (problem.why, problem.hint) if part)
    return lsp.Diagnostic(
        _range(document, line, start, max(finding.end - 1, start)),
        f"{problem.what}{more}",
        _SEVERITIES[problem.severity],
        problem.code,
        source="makegood",
    )


def _item(document: TextDocument, offer: Suggestion, line: int, column: int, number: int) -> lsp.CompletionItem:
    return lsp.CompletionItem(
        offer.word,
        kind=_KINDS[offer.what],
        detail=offer.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, offer.says) if offer.says else None,
        sort_text=f"{'0' if offer.required else '1'}{number:04d}",
        filter_text=offer.word,
        text_edit=lsp.TextEdit(_range(document, line, offer.start, column), offer.insert),
    )


def _action(document: TextDocument, repair: Repair, about: Sequence[lsp.Diagnostic]) -> lsp.CodeAction:
    at = repair.problem.where
    edit = lsp.TextEdit(_range(document, at.line - 1, at.column - 1, repair.end - 1), repair.new)
    return lsp.CodeAction(
        f"Write {repair.new}",
        lsp.CodeActionKind.QuickFix,
        [d for d in about if d.code == repair.problem.code],
        is_preferred=True,
        edit=lsp.WorkspaceEdit({document.uri: [edit]}),
    )
