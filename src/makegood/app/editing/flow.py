"""Braces and brackets up to the cursor: which mapping or list it is in, and whether a key or a value is written."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Frame:
    """An open `{` or `[`: the key whose value is being written, or the number of the item."""

    mapping: bool
    key: str = ""
    has_key: bool = False
    item: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def step(self) -> str | int:
        return self.key if self.mapping else self.item


@dataclass(frozen=True, slots=True)
class Flow:
    """The open frames, the outermost first, and the word at the end; no frames where all are closed."""

    frames: tuple[Frame, ...]
    word: str


def read_flow(text: str) -> Flow:
    """What is still open at the end of a text that may hold quotation marks, braces and brackets."""
    frames: list[Frame] = []
    start, quote = 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and not text[start:at].strip():
            quote = char
        elif char in "{[":
            frames.append(Frame(char == "{"))
            start = at + 1
        elif char in "}]" and frames:
            frames.pop()
            start = at + 1
        elif frames and char == "," and (at + 1 == len(text) or text[at + 1] in " \n" or not frames[-1].mapping):
            frames[-1] = Frame(frames[-1].mapping, item=frames[-1].item + 1, seen=frames[-1].seen)
            start = at + 1
        elif frames and frames[-1].mapping and not frames[-1].has_key and char == ":" and _ends_key(text, at):
            frames[-1].key, frames[-1].has_key = text[start:at].strip().strip("\"'"), True
            frames[-1].seen.add(frames[-1].key)
            start = at + 1
    return Flow(tuple(frames), text[start:].lstrip())


def _ends_key(text: str, at: int) -> bool:
    return at + 1 == len(text) or text[at + 1] in " \n"
