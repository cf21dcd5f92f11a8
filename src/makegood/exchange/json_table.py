"""JSON Lines as text columns: one object a line, its values texts, numbers, true, false or null."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from makegood.exchange.table import BATCH, Batch, Rejections, numbered

LONGEST_LINE = 1 << 20


def read_json_lines(path: Path, rejections: Rejections) -> Iterator[Batch]:
    """Batches of objects. Numbers keep their digits; null is an empty text. What is no flat object is rejected."""
    decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object).decode
    with path.open("rb") as lines:
        numbers, kept = list[int](), list[dict[str, str]]()
        for number, line in enumerate(lines, 1):
            try:
                if len(line) > LONGEST_LINE:
                    raise ValueError(f"has more than {LONGEST_LINE:,} bytes")
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if not text:
                    continue
                found = decode(text)
                if not isinstance(found, dict):
                    raise ValueError("is not a JSON object: each line is one `{…}`")
            except json.JSONDecodeError as failure:
                rejections.add(
                    number, f"is not JSON: {failure.msg[0].lower()}{failure.msg[1:]}, column {failure.colno}"
                )
                continue
            except UnicodeDecodeError:
                rejections.add(number, "is not UTF-8")
                continue
            except RecursionError:
                rejections.add(number, "is nested too deeply")
                continue
            except ValueError as failure:
                rejections.add(number, str(failure))
                continue
            numbers.append(number)
            kept.append(found)
            if len(kept) == BATCH:
                yield _batch(numbers, kept)
                numbers, kept = [], []
        yield _batch(numbers, kept)


def _object(pairs: list[tuple[str, object]]) -> dict[str, str]:
    made: dict[str, str] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"has the key `{key}` twice")
        if isinstance(value, str):
            made[key] = value
        elif value is None:
            made[key] = ""
        elif isinstance(value, bool):
            made[key] = "true" if value else "false"
        else:
            raise ValueError(f"holds more than a plain value under `{key}`")
    return made


def _batch(numbers: list[int], kept: list[dict[str, str]]) -> Batch:
    names = dict.fromkeys(name for found in kept for name in found)
    return Batch(numbered(numbers), {name: [found.get(name, "") for found in kept] for name in names})
