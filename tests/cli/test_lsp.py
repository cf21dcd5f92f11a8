"""The language server as an editor runs it: the real process, over its standard streams, in JSON-RPC."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from tests.cli.running import PROGRAM, environment

STARTER = Path("src/makegood/app/starter/hosting.sla.md").read_text(encoding="utf-8")
HEAD = """\
# Terms {#terms}

```sla
agreement: terms
title: Terms
version: one
effective: 2026-01-01
provider: Someone
plans: [small, large]
```

## 1. Time {#time}

```sla
calendar: berlin
zone: Europe/Berlin
```

```sla
period: month
is: calendar month
in: berlin
```

```sla
basis: fees
fees of: affected service
for: the judged period
```

## 2. Promise {#promise}

"""


class Editor:
    """A client that opens texts and asks about the place that is marked `|` in them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process, self.number = process, 0
        self.watchdog = Timer(120, process.kill)  # a server that hangs ends the tests, and not the patience
        self.watchdog.daemon = True
        self.watchdog.start()
        self.diagnostics: dict[str, list[Any]] = {}

    def send(self, **message: Any) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self) -> Any:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while (answer := self.receive()).get("id") != self.number or "method" in answer:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def tell(self, method: str, params: Any) -> None:
        self.send(method=method, params=params)

    def open(self, uri: str, text: str) -> list[Any]:
        """Open a text; what the server finds wrong with it."""
        self.diagnostics.pop(uri, None)
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "x", "version": 1, "text": text}})
        while uri not in self.diagnostics:
            self.receive()
        return self.diagnostics[uri]

    def at(self, name: str, marked: str, what: str, **more: Any) -> Any:
        """Open the text without its mark and ask about the mark's place."""
        before, _, after = marked.partition("|")
        uri = f"file:///texts/{self.number}/{name}"
        self.open(uri, before + after)
        last = before.rpartition("\n")[2]
        position = {"line": before.count("\n"), "character": len(last.encode("utf-16-le")) // 2}
        return self.ask(f"textDocument/{what}", {"textDocument": {"uri": uri}, "position": position, **more})

    def end(self) -> int:
        """Say goodbye; the exit code of the server."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        code = self.process.wait()
        self.watchdog.cancel()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        return code

    def labels(self, name: str, marked: str) -> list[str]:
        found = self.at(name, marked, "completion")
        return [item["label"] for item in sorted(found, key=lambda item: str(item["sortText"]))]


def start() -> Editor:
    process = subprocess.Popen(
        [*PROGRAM, "lsp"], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    editor = Editor(process)
    capable = editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})["capabilities"]
    assert capable["completionProvider"]["triggerCharacters"]
    assert capable["hoverProvider"]
    assert capable["definitionProvider"]
    assert capable["codeActionProvider"]
    editor.tell("initialized", {})
    return editor


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    found = start()
    yield found
    assert found.end() == 0


def block(text: str) -> str:
    return f"{HEAD}```sla\n{text}\n```\n"


@pytest.mark.parametrize(
    ("text", "first", "never"),
    [
        ("|", ["agreement", "calendar", "period"], "zone"),
        ("targ|", ["agreement", "calendar", "period"], "zone"),
        ("target: monthly\n|", ["over", "measures", "is"], "target"),
        ("target: monthly\nover: month\n|\nis: at least 99 %", ["measures", "each"], "is"),
        ("period: week\nis: |", ["calendar month", "calendar quarter", "calendar year"], "month"),
        ("target: monthly\nover: |", ["month"], "berlin"),
        ("target: monthly\nover: mo|", ["month"], "berlin"),
        ("period: week\nin: |\nis: week", ["berlin"], "month"),
        ("exclude: work\nfrom: [|]", [], "month"),
        ("exclude: work\ngates: {notice: {before: at least 72 h, in: |}}", ["berlin"], "month"),
        ("exclude: work\ngates:\n  notice:\n    force: |", ["condition", "effort", "aim"], "month"),
        ("exclude: work\ngates: {kind: standard, |}", ["purpose", "directed by", "evidence"], "kind"),
        ("exclude: work\nclips: {|", ["within", "outside", "lasting"], "notice"),
        ("scale: rows\nrows:\n  - {when: below 99 %, |}", ["gives"], "when"),
        ("scale: rows\nrows:\n  - when: below 99 %\n    |", ["gives"], "when"),
        ("remedy: credit\namount: 10 % x |", ["fees"], "month"),
        ("limit: cap\nmost: least(10 % x fe|", ["fees"], "month"),
        ("target: other\napplies to: {plan: |}", ["small", "large"], "month"),
        ("period: other\nexception to: |", ["month"], "berlin"),
        ("clock: claim\nallow:\n  among: [30 days, 45 days]\n  clauses: [|]", ["terms", "time", "promise"], "month"),
        ("calendar: x\nzone: Europe/Ber|", ["Africa/Abidjan"], "berlin"),
        ("remedy: a\nautomatic: |", ["yes", "no"], "month"),
    ],
)
def test_what_may_stand_there_is_offered_in_a_block(editor: Editor, text: str, first: list[str], never: str) -> None:
    found = editor.labels("a.sla.md", block(text))
    assert found[: len(first)] == first
    assert never not in found


@pytest.mark.parametrize(
    ("name", "text", "first", "never"),
    [
        (
            "a.order.yaml",
            "order: acme\n|\nzone: UTC\n",
            ["agreement", "customer", "provider", "term", "services"],
            "zone",
        ),
        ("a.order.yaml", "services:\n  - service: shop\n    |", ["title", "fee", "checks"], "service"),
        (
            "a.order.yaml",
            "services:\n  - service: shop\n    stage: |\n  - service: b\n",
            ["general", "beta"],
            "service",
        ),
        ("a.order.yaml", "order: a\nplan:\n  - |", ["from", "plan"], "order"),
        ("a.facts.yaml", "- |", ["maintenance", "notice", "cause"], "services"),
        ("a.facts.yaml", "- maintenance: M-1\n  |", ["services", "announced", "recorded", "by"], "of"),
        ("a.facts.yaml", "- maintenance: M-1\n  by: x\n- judgement: J-1\n  holds: |", ["yes", "no"], "M-1"),
        ("a.facts.yaml", "- ticket: T-1\n  states:\n    - |", ["is", "during"], "ticket"),
    ],
)
def test_what_may_stand_there_is_offered_in_an_order_and_in_facts(
    editor: Editor, name: str, text: str, first: list[str], never: str
) -> None:
    found = editor.labels(name, text)
    assert found[: len(first)] == first
    assert never not in found


def test_a_key_comes_with_what_it_says_an_example_and_the_edit_of_the_word(editor: Editor) -> None:
    found = editor.at("a.sla.md", block("target: monthly\nstren|"), "completion")
    (item,) = (item for item in found if item["label"] == "strength")
    assert item["detail"] == "strength: promise"
    assert "only an aim cannot be breached" in item["documentation"]["value"]
    line = block("target: monthly\n").count("\n") - 2
    assert item["textEdit"]["newText"] == "strength: "
    assert item["textEdit"]["range"] == {
        "start": {"line": line, "character": 0},
        "end": {"line": line, "character": 5},
    }


@pytest.mark.parametrize("text", ["# A\n\nWords.|\n", block("target: a\n```\n\nMore words|\n\n```sla\nbasis: b")])
def test_nothing_is_offered_in_prose(editor: Editor, text: str) -> None:
    assert editor.labels("a.sla.md", text) == []


def test_nothing_is_offered_in_a_file_of_another_kind(editor: Editor) -> None:
    assert editor.labels("a.yaml", "order: |") == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.sla.md", block("target: monthly\nstr|ength: aim"), "only an aim cannot be breached"),
        ("a.sla.md", block("target: monthly\nover: mo|nth"), "`period: month`\n\n1. Time"),
        ("a.sla.md", block("exclude: a\ngates: {no|tice: at least 72 h}"), ""),
        ("a.sla.md", block("exclude: a\ngates:\n  notice: {be|fore: at least 72 h}"), "how long before"),
        ("a.order.yaml", "order: a\nre|newal term: x\n", "the term that follows"),
        ("a.order.yaml", "order: a\nterm: 2026-01-|01\n", "the first and the last date"),
        ("a.facts.yaml", "- maintenance: M\n  ann|ounced: x\n", "the span that was announced"),
    ],
)
def test_hovering_says_what_a_key_or_a_name_is(editor: Editor, name: str, text: str, says: str) -> None:
    found = editor.at(name, text, "hover")
    assert says in (found["contents"]["value"] if found else "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("target: monthly\nover: mo|nth", "period: month"),
        ("remedy: credit\namount: 10 % x fe|es", "basis: fees"),
        ("exclude: a\ngates: {notice: {before: at least 5 business days, in: ber|lin}}", "calendar: berlin"),
        ("clock: claim\nallow:\n  among: [1 h, 2 h]\n  clauses: [ti|me]", "## 1. Time {#time}"),
    ],
)
def test_a_name_leads_to_its_rule(editor: Editor, text: str, line: str) -> None:
    found = editor.at("a.sla.md", block(text), "definition")
    assert block(text).splitlines()[found["range"]["start"]["line"]] == line


def test_a_word_that_names_no_rule_there_leads_nowhere(editor: Editor) -> None:
    assert editor.at("a.sla.md", block("target: monthly\nover: ber|lin"), "definition") is None
    assert editor.at("a.sla.md", block("target: month|ly"), "definition") is None


def test_findings_have_ranges_codes_and_severities_and_change_with_the_text(editor: Editor) -> None:
    uri, bad = "file:///texts/changing.sla.md", STARTER.replace("over: month", "over: mnoth", 1)
    (found,) = editor.open(uri, bad)
    line = bad.split("\n")[found["range"]["start"]["line"]]
    assert line[found["range"]["start"]["character"] : found["range"]["end"]["character"]] == "mnoth"
    assert (found["code"], found["severity"], found["source"]) == ("unknown-name", 1, "makegood")
    del editor.diagnostics[uri]
    change = {"range": found["range"], "text": "month"}
    editor.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]})
    while uri not in editor.diagnostics:
        editor.receive()
    assert editor.diagnostics[uri] == []


def test_a_repair_that_was_tried_is_a_quick_fix(editor: Editor) -> None:
    uri, bad = "file:///texts/mended.sla.md", STARTER.replace("over: month", "over: mnoth", 1)
    (found,) = editor.open(uri, bad)
    asked = {"textDocument": {"uri": uri}, "range": found["range"], "context": {"diagnostics": [found]}}
    (action,) = editor.ask("textDocument/codeAction", asked)
    assert (action["title"], action["kind"]) == ("Write month", "quickfix")
    assert action["edit"]["changes"][uri] == [{"range": found["range"], "newText": "month"}]
    assert (
        editor.ask(
            "textDocument/codeAction",
            {**asked, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}},
        )
        == []
    )


def test_columns_are_counted_as_the_editor_counts_them(editor: Editor) -> None:
    text = STARTER.replace("over: month", "over: month", 1).replace("rows:\n", "rows: # 😀\n", 1)
    assert editor.open("file:///texts/wide.sla.md", text) == []
    order = "order: a\ncustomer: 😀😀 x\nzone: Nowhere\n"
    found = editor.open("file:///texts/wide.order.yaml", order.replace("customer: 😀😀 x\n", "{😀😀: 1}\n"))
    assert found
    labels = editor.labels("b.order.yaml", "services: [{title: 😀, stage: |}]\n")
    assert labels[:2] == ["general", "beta"]


def test_facts_may_refer_to_those_of_other_files_of_the_folder(editor: Editor, tmp_path: Path) -> None:
    work = "- maintenance: M-1\n  services: [shop]\n  announced: 2026-02-01T00:00:00Z to 2026-02-01T01:00:00Z\n"
    work += "  recorded: 2026-01-20T00:00:00Z\n  by: ops\n"
    (tmp_path / "work.facts.yaml").write_text(work, encoding="utf-8")
    notice = "- notice: N-1\n  of: M-1\n  to: a@b.example\n  accepted: 2026-01-20T00:00:00Z\n"
    notice += "  recorded: 2026-01-20T00:00:00Z\n  by: ops\n"
    assert editor.open((tmp_path / "notices.facts.yaml").as_uri(), notice) == []
    (found,) = editor.open((tmp_path / "notices.facts.yaml").as_uri(), notice.replace("M-1", "M-2"))
    assert found["code"] == "unknown-id"


def test_an_unfinished_text_of_any_kind_never_stops_the_server(editor: Editor) -> None:
    for cut in range(0, len(STARTER), 317):
        editor.at("a.sla.md", STARTER[:cut] + "|" + STARTER[cut:], "completion")
        editor.at("a.sla.md", STARTER[:cut] + "|", "hover")
    for text in ("|", "\t|", "- - - |", "a: {b: [c, {|", "'|", "? |", "%|", "&a *|", "a:\n -|\n b"):
        for name in ("a.sla.md", "a.order.yaml", "a.facts.yaml"):
            for what in ("completion", "hover", "definition"):
                editor.at(name, block(text) if name == "a.sla.md" else text, what)


def test_the_server_ends_when_it_is_told_to() -> None:
    assert start().end() == 0
