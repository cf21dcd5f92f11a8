"""The reference of files of checks as Markdown, from the tables that read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from makegood.contract.schema import default_words
from makegood.contract.shape import Key
from makegood.exchange.checks import http, plain, told, workflow
from makegood.exchange.checks.read import GENERAL, KINDS
from makegood.exchange.checks.write import length

SHORT: Final[Mapping[str, str]] = {
    "http": "https://shop.example/health",
    "tcp": "db.example:5432",
    "dns": "shop.example",
    "tls": "shop.example",
    "ping": "gateway.example",
}
"""Probes that one text may stand for."""

TABLES: Final[Mapping[str, Sequence[Key[Any]]]] = {
    "http": http.TABLE,
    "tcp": plain.TCP_TABLE,
    "dns": plain.DNS_TABLE,
    "tls": plain.TLS_TABLE,
    "ping": plain.PING_TABLE,
    "heartbeat": told.HEARTBEAT_TABLE,
    "signal": told.SIGNAL_TABLE,
}
_DEFAULTS: Final[Mapping[int, str]] = {
    id(key): f"`{words}`"
    for key, words in (
        (plain.CERTIFICATE, f"at least {plain.DEFAULT_DAYS} days"),
        (plain.REPLIES, f"at least {plain.REPLIES.default}"),
        (http.STATUS, "200-399"),
        (http.READS, f"at most {http.DEFAULT.cap >> 20} MiB"),
        (http.REDIRECTS, str(http.REDIRECTS.default)),
        (told.IS_UP, "at least 1"),
    )
}
"""Defaults by the key itself, whose value does not look like what one writes."""
_LENGTHS: Final = ("every", "timeout", "interval")


def reference() -> str:
    """Every key of a file of checks, for docs/reference/checks.md."""
    return "\n".join(_pages()) + "\n"


def _pages() -> Iterator[str]:
    yield "# Checks"
    yield ""
    yield (
        "Every key of a file of checks, `NAME.checks.yaml`, made from the tables that read it. The file has one key,\n"
        "`checks`, and below it a list; what that is for is told in [the guide](../checks.md)."
    )
    yield from ("", "## Every check {#check}", "")
    yield from _table(GENERAL)
    yield from ("", "And one of these says what it does:", "", "| Key | Says | As in |", "|---|---|---|")
    yield from (f"| `{name}` | {key.says} | `{name}: {key.example}` |" for name, key in KINDS.items())
    for name, table in TABLES.items():
        yield from ("", f"## `{name}` {{#{name}}}", "")
        if name in SHORT:
            yield from (f"`{name}: {SHORT[name]}` is short for one where nothing else is written.", "")
        yield from _table(table)
        if name == "http":
            yield from ("", "## `workflow` {#workflow}", "", "A list of steps, each of which has:", "")
            yield from _table(workflow.STEP_TABLE)
            yield from ("", "In `captures`, each name has one of:", "")
            yield from _table(workflow.CAPTURE_TABLE)


def _table(table: Sequence[Key[Any]]) -> Iterator[str]:
    yield "| Key | Says | Value | Where it is not written |"
    yield "|---|---|---|---|"
    for key in table:
        value = f"{key.shape.says}, as in `{key.name}: {key.example}`".replace("|", "\\|")
        yield f"| `{key.name}` | {key.says} | {value} | {_default(key)} |"


def _default(key: Key[Any]) -> str:
    if id(key) in _DEFAULTS:
        return _DEFAULTS[id(key)]
    if key.name in _LENGTHS:
        return f"`{length(cast('int', key.default))}`" + (
            ", or the slot where that is shorter" if key.name == "timeout" else ""
        )
    return "nothing" if key.default == ("", "") or key.default == {} else default_words(key)


def main() -> None:
    """Write the reference: `python -m makegood.exchange.checks.reference > docs/reference/checks.md`."""
    import sys

    sys.stdout.write(reference())


if __name__ == "__main__":
    main()
