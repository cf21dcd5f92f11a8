"""`store`, `head` and `issued`: make a store, say how long its log is, and what was given to others from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.cli.screen import say, say_document, write_file
from makegood.exchange.moments import written
from makegood.model.problem import Place, Refused, error
from makegood.store.opened import create, opened
from makegood.store.sql import issuing
from makegood.store.sql.database import reading


def store(folder: Path, *, database: str = "", key: str = "") -> None:
    """Make a store of facts: a database, a log over everything in it, and the key that signs the log.

    Parameters
    ----------
    folder
        The folder of the store: an empty one, or one that is not there yet.
    database
        postgresql://user@host/name for PostgreSQL; SQLite in the folder where not given.
    key
        The file of the key that signs; keys/log.pem in the folder where not given.
    """
    made = create(folder, database, key)
    say(f"made: {folder}, log {made.log}")
    say(f"Keep a copy of {made.place.key} apart from every backup: it signs what this log says.")
    say(f"Try:\n  makegood import FILE --into {folder}")


def issued(
    folder: Path,
    *,
    number: int | None = None,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
) -> None:
    """List the statements that were given with evidence bundles, or print one of them as it was.

    Parameters
    ----------
    folder
        The folder of the store.
    number
        Print the statement of this number, the JSON that was given.
    output
        Write it to this file.
    """
    with opened(folder) as found, reading(found.engine) as connection:
        given = issuing.issued(connection, number)
    if number is not None and not given:
        raise Refused([error("no-statement", Place(str(folder)), f"no statement of number {number} was given")])
    if number is None:
        for one in given:
            say(f"{one.number}  {one.order}  {one.period}  log {one.size}  {written(one.at)}")
        if not given:
            say("none was given")
    elif output is not None:
        write_file(output, given[0].body)
        say(f"written: {output}")
    else:
        say_document(given[0].body.decode("utf-8"))


def head(
    folder: Path,
    *,
    size: int | None = None,
    format: Literal["text", "json"] = "text",  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
) -> None:
    """Say how long the log of a store is, and its signed head, which a counterparty may keep as a witness.

    Parameters
    ----------
    folder
        The folder of the store.
    size
        The head at this length of the log; the latest where not given.
    format
        text for people, json for the file that a counterparty keeps.
    output
        Write the JSON to this file.
    """
    with opened(folder) as found:
        signed = found.head(size)
    if signed is None:
        what = "the log is empty" if size is None else f"no head of {size:,} entries was signed"
        raise Refused([error("no-head", Place(str(folder)), what)])
    if output is not None:
        write_file(output, signed.to_bytes())
        say(f"written: {output}")
    elif format == "json":
        say_document(signed.to_bytes().decode("ascii") + "\n")
    else:
        one = signed.head
        say(f"log {one.log}\n{one.size:,} entries, the last at {written(one.at)}")
        say(f"root {one.root.hex()}\nsigned by key {one.key}")
