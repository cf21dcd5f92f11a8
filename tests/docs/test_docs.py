"""Documents are tested: every relative link leads somewhere, and every console example runs and prints what is shown.

In a block tagged `console`, a line that begins with `$ ` and one of the words of `RUN` is a command; a backslash
continues it, and `<<'END'` takes the lines up to `END`. The commands of one document run one after the other in one
temporary folder that holds a copy of `examples/`, so that they read as if run from the checkout and write nothing into
it. They must exit with 0, or with N where the command ends in `# exits N`.

The lines below a command are what it prints: each must be found in that order, however the words are wrapped; a line
`…` stands for lines that were left out.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
MADE = {"build", "dist"}
RUN = ("makegood", "cat", "cp", "sed")
FOLDERS = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name not in MADE]
FOUND = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in folder.rglob("*.md"))]
DOCUMENTS = sorted(path for path in FOUND if "bad" not in path.parts)
EXPLAINING = [path for path in DOCUMENTS if path == ROOT / "README.md" or ROOT / "docs" in path.parents]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def links(text: str) -> Iterator[tuple[int, str]]:
    """Line and target of every link and image."""
    for token in tokens(text):
        for child in token.children or []:
            target = child.attrGet("href") or child.attrGet("src")
            if target is not None:
                yield (token.map or [0])[0] + 1, str(target)


def anchors(text: str) -> set[str]:
    """What a link may name: `{#id}` after a heading, an id in HTML, or the heading in lower case with hyphens."""
    found: set[str] = set(re.findall(r'\b(?:id|name)="([^"]+)"', text))
    parsed = tokens(text)
    for opening, heading in pairwise(parsed):
        if opening.type == "heading_open":
            found |= set(re.findall(r"\{#([^}\s]+)\}", heading.content))
            bare = re.sub(r"\s*\{#[^}]*\}\s*$", "", heading.content)
            words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", bare).lower())
            slug = words.strip().replace(" ", "-")
            found.add(next(s for s in (slug, *(f"{slug}-{n}" for n in range(1, 99))) if s not in found))
    return found


def broken(path: Path, text: str) -> Iterator[str]:
    for line, target in links(text):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if aim != path and not (aim.is_relative_to(ROOT) and aim.exists()):
            yield f"{name_of(path)}:{line}: {target} does not exist"
        elif parts.fragment and aim.suffix == ".md":
            known = anchors(text if aim == path else aim.read_text(encoding="utf-8"))
            if unquote(parts.fragment) not in known:
                yield f"{name_of(path)}:{line}: {target}: no such heading"


def commands(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Each command of the console blocks, the exit code it must have, and the lines that it must print."""
    for token in tokens(text):
        if token.type == "fence" and token.info.split()[:1] == ["console"]:
            yield from _commands(token.content.replace("\\\n", " ").splitlines())


def _commands(lines: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    while lines:
        line = lines.pop(0)
        if not line.startswith(tuple(f"$ {word}" for word in RUN)):
            continue
        command = [line.removeprefix("$ ")]
        if line.endswith("<<'END'"):
            while command[-1] != "END":
                command.append(lines.pop(0))
        shown = []
        while lines and not lines[0].startswith("$ "):
            shown.append(lines.pop(0))
        declared = re.search(r"#\s*exits (\d+)\s*$", command[0])
        yield "\n".join(command), int(declared[1]) if declared else 0, shown


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def not_printed(shown: list[str], printed: str) -> list[str]:
    """The shown lines that do not follow each other in what was printed."""
    found, at, rest = [], 0, unwrapped(printed)
    for line in map(unwrapped, shown):
        if line not in ("", "…"):
            place = rest.find(line, at)
            found += [line] if place < 0 else []
            at = max(at, place + len(line))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    assert list(broken(document, document.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("document", EXPLAINING, ids=name_of)
def test_every_console_example_runs(document: Path, tmp_path: Path) -> None:
    here = tmp_path / "checkout"
    here.mkdir()
    if (ROOT / "examples").is_dir():
        shutil.copytree(ROOT / "examples", here / "examples")
    (tmp_path / "home").mkdir()
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "HOME": str(tmp_path / "home"),
        "LANG": "C.UTF-8",
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "PYTHONTZPATH": "",
        **{name: os.environ[name] for name in ("PYTHONPYCACHEPREFIX",) if name in os.environ},
    }
    for command, code, shown in commands(document.read_text(encoding="utf-8")):
        ran = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=here,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == code, f"$ {command}\nexited {ran.returncode}, not {code}, and said:\n{ran.stdout}"
        assert not not_printed(shown, ran.stdout), f"$ {command}\nprinted:\n{ran.stdout}"


def test_a_broken_link_or_anchor_is_found() -> None:
    text = "# One {#first}\n\n[a](#first) [b](#one) [c](nowhere.md) ![d](README.md#nothing)\n\n[e](https://example.com/x)\n"
    assert list(broken(ROOT / "x.md", text)) == [
        "x.md:3: nowhere.md does not exist",
        "x.md:3: README.md#nothing: no such heading",
    ]


def test_commands_are_read_from_console_blocks_only() -> None:
    text = "```console\n$ makegood a \\\n    b\noutput\n$ ls\n$ makegood c  # exits 3\n```\n\n```\n$ makegood d\n```\n"
    assert [(command.split(), code, shown) for command, code, shown in commands(text)] == [
        (["makegood", "a", "b"], 0, ["output"]),
        (["makegood", "c", "#", "exits", "3"], 3, []),
    ]


def test_a_file_that_a_document_writes_is_written() -> None:
    text = "```console\n$ cat > a.csv <<'END'\nat\n$ x\nEND\n$ makegood a\n```\n"
    assert [command for command, _, _ in commands(text)] == ["cat > a.csv <<'END'\nat\n$ x\nEND", "makegood a"]


def test_what_is_shown_must_be_printed_in_its_order() -> None:
    assert not_printed(["MET  100 %", "…", "Credit none"], "MET  100\n%\n\nCredit   none") == []
    assert not_printed(["second", "first"], "first\nsecond") == ["first"]
    assert not_printed(["MET"], "BREACHED") == ["MET"]
