"""Whatever in a store is not as it was signed is found; what is derived is made again; what is erased is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from makegood.app.upkeep import check_store, erase, rebuild_store
from makegood.evidence.head import sign_head
from makegood.evidence.signing import SigningKey
from makegood.evidence.tree import included, leaf_hash
from makegood.model.facts import Cause, Item, ItemKind, Maintenance, Retraction
from makegood.model.problem import Refused
from makegood.model.spans import Span
from makegood.store.checking import check
from makegood.store.folder import read_folder
from makegood.store.opened import Store, opened
from makegood.store.sql import log as logs
from makegood.store.sql.database import reading, writing
from makegood.store.sql.store import Appended, Document
from makegood.store.sql.tables import author, document, fact, head, log, node, segment, sequencer, statement
from tests.store.faults import work

NOW = 1_775_000_000_000_000
SECRET = "Ada Lovelace, born 10 December 1815"


def noted(number: int, purpose: str = "", by: str = "ops") -> Maintenance:
    return Maintenance(f"M-{number}", 5, by, services=("web",), announced=Span(number, number + 10), purpose=purpose)


@pytest.fixture
def filled(store: Store) -> Store:
    for number in range(11):
        store.append(Appended("ops", [noted(number)], documents=[Document("order", f"{number}", b"%d" % number)]), NOW)
    work.do(store.folder, "a", work.IMPORTS, NOW)
    return store


def wrong(store: Store) -> list[str]:
    return [f"{p.where}: {p.what}" for p in check(store).problems]


def test_a_store_that_is_sound_is_said_to_be(filled: Store) -> None:
    found = check(filled)
    assert found.problems == []
    assert (found.entries, found.heads, found.facts, found.documents, found.segments) == (23, 12, 11, 11, 1)


Change = Callable[[Connection], Any]


CHANGES: list[tuple[Change, str]] = [
    (
        lambda c: c.execute(update(fact).where(fact.c.id == "M-3").values(body=b"{}")),
        "log 6: maintenance `M-3` was",
    ),
    (
        lambda c: c.execute(update(fact).where(fact.c.id == "M-3").values(salt=bytes(16))),
        "log 6: maintenance `M-3`",
    ),
    (
        lambda c: c.execute(update(fact).where(fact.c.id == "M-3").values(body=None, salt=None)),
        "no entry says that",
    ),
    (
        lambda c: c.execute(update(fact).where(fact.c.id == "M-3").values(id="M-99")),
        "the leaf is of maintenance `M-3`",
    ),
    (lambda c: c.execute(delete(fact).where(fact.c.id == "M-3")), "log 6: maintenance `M-3` is missing"),
    (
        lambda c: c.execute(update(document).where(document.c.name == "3").values(body=b"4")),
        "log 7: document/order `3`",
    ),
    (lambda c: c.execute(delete(document).where(document.c.name == "3")), "log 7: document/order `3` is missing"),
    (lambda c: c.execute(update(segment).values(sha256=bytes(32))), "is not what the log commits to"),
    (lambda c: c.execute(update(author).where(author.c.name == "a").values(name="x")), "the name is not the one"),
    (lambda c: c.execute(update(author).values(name=None, salt=None)), "no entry says that it was erased"),
    (
        lambda c: c.execute(update(log).where(log.c.position == 4).values(leaf=b"x")),
        "log 4: its leaf cannot be read",
    ),
    (
        lambda c: c.execute(update(log).where(log.c.position == 4).values(kind="x")),
        "log 4: its leaf says another kind",
    ),
    (lambda c: c.execute(update(log).where(log.c.position == 4).values(at=7)), "log 4: its leaf says another kind"),
    (lambda c: c.execute(update(head).where(head.c.size == 4).values(body=b"x")), "head 4: it cannot be read"),
    (lambda c: c.execute(delete(head).where(head.c.size == 23)), "the log has 23 entries, and its latest head 22"),
    (lambda c: c.execute(update(node).where(node.c.level == 2).values(hash=bytes(32))), "node: 5 rows of the tree"),
    (lambda c: c.execute(update(sequencer).values(size=7)), "node: 1 rows of the tree"),
    (
        lambda c: c.execute(
            insert(statement).values(number=1, order="o", period="p", size=1, at=1, sha256=bytes(32), body=b"x")
        ),
        "statement 1: its bytes",
    ),
]


@pytest.mark.parametrize("database", [""])  # of SQLite, which is made much sooner
@pytest.mark.parametrize(("change", "says"), CHANGES)
def test_what_was_changed_is_found(change: Change, says: str, filled: Store) -> None:
    with writing(filled.engine) as connection:
        change(connection)
    assert any(says in line for line in wrong(filled)), wrong(filled)


def test_several_changes_are_all_found(filled: Store) -> None:
    chosen = [CHANGES[number] for number in (0, 5, 7, 8, 13, 15, 17)]
    for change, _ in chosen:
        with writing(filled.engine) as connection:
            change(connection)
    found = wrong(filled)
    assert [says for _, says in chosen if not any(says in line for line in found)] == []


def test_a_head_that_somebody_else_signed_is_found(filled: Store) -> None:
    other = SigningKey.make()
    with writing(filled.engine) as connection:
        root = logs.extent(connection).frontier.root
        forged = sign_head(filled.log, 23, root, NOW, other).to_bytes()
        connection.execute(update(head).where(head.c.size == 23).values(body=forged))
    assert wrong(filled) == ["head 23: another key signed it than the one that was to sign"]


def test_a_log_that_was_written_anew_is_not_what_was_signed(filled: Store) -> None:
    with writing(filled.engine) as connection:
        leaf = connection.execute(select(log.c.leaf).where(log.c.position == 2)).scalar_one()
        connection.execute(update(log).where(log.c.position == 4).values(leaf=leaf))
    found = wrong(filled)
    assert "head 6: the log does not have the root that was signed" in found
    assert "head 4: the log does not have the root that was signed" not in found


def test_segments_that_changed_or_are_missing_and_files_that_nobody_lists_are_found(filled: Store) -> None:
    (file,) = (filled.folder / "states").iterdir()
    raw = file.read_bytes()
    (file.parent / "by-hand.csv").write_text("x")
    file.write_bytes(raw + b"x")
    assert [line.rpartition("/")[2] for line in wrong(filled)] == [
        f"{file.name}: it was changed after it was recorded",
        "by-hand.csv: this file does not count",
    ]
    file.unlink()
    assert f"{file}: it is missing, and the log lists it" in wrong(filled)


def rows(store: Store) -> list[tuple[int, int, bytes]]:
    with reading(store.engine) as connection:
        asked = select(node.c.level, node.c.number, node.c.hash).order_by(node.c.level, node.c.number)
        return [(level, number, bytes(root)) for level, number, root in connection.execute(asked)]


BROKEN: list[Change] = [
    lambda c: c.execute(delete(node)),
    lambda c: c.execute(delete(node).where(node.c.level == 1, node.c.number == 10)),
    lambda c: c.execute(update(node).where(node.c.level == 4).values(hash=bytes(32))),
    lambda c: c.execute(insert(node).values(level=1, number=11, hash=bytes(32))),
    lambda c: c.execute(delete(sequencer)),
    lambda c: c.execute(update(sequencer).values(frontier=b"x")),
    lambda c: c.execute(update(sequencer).values(size=3)),
]


@pytest.mark.parametrize("change", BROKEN)
def test_what_is_derived_is_mended_when_a_store_is_opened(change: Change, filled: Store) -> None:
    before = rows(filled)
    with writing(filled.engine) as connection:
        change(connection)
    with opened(filled.folder) as store:
        assert rows(store) == before
        assert store.append(Appended("ops", [noted(99)]), NOW).positions == range(23, 24)
        assert check(store).problems == []


def test_rebuilding_gives_the_same_bytes_and_only_where_they_differ(filled: Store) -> None:
    before = rows(filled)
    assert rebuild_store(filled.folder).different == 0
    with writing(filled.engine) as connection:  # not the outermost, which opening looks at
        connection.execute(update(node).where(node.c.level == 1, node.c.number == 2).values(hash=bytes(32)))
        connection.execute(delete(node).where(node.c.level == 2, node.c.number == 1))
    assert rebuild_store(filled.folder, only_check=True).different == 2
    assert rows(filled) != before
    assert rebuild_store(filled.folder).different == 2
    assert rows(filled) == before
    assert check_store(filled.folder).problems == []


def test_a_log_that_is_damaged_is_not_rebuilt_from(filled: Store) -> None:
    with writing(filled.engine) as connection:
        connection.execute(update(log).where(log.c.position == 4).values(leaf=b"x"))
        connection.execute(delete(node))
    for use in (rebuild_store, lambda folder: opened(folder).__enter__()):
        with pytest.raises(Refused, match="does not have the root"):
            use(filled.folder)
    assert rows(filled) == []


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_what_is_erased_is_gone_and_every_proof_holds(filled: Store) -> None:
    filled.append(Appended(SECRET, [noted(50, SECRET)]), NOW)
    filled.append(Appended(SECRET, [noted(51, f"{SECRET} " * 3_000)]), NOW)
    before = filled.head()
    assert before is not None
    with reading(filled.engine) as connection:
        salts = [
            bytes(s) for s in connection.execute(select(fact.c.salt).where(fact.c.id.in_(["M-50", "M-51"]))).scalars()
        ]
        proof = logs.tree(connection).inclusion(23, before.head.size)
        leaf = logs.leaves(connection, 23, 24)[0]
    if filled.engine.dialect.name == "sqlite":
        assert SECRET.encode() in bytes_on_disk(filled.folder)
    filled.engine.dispose()
    found = erase(filled.folder, ["M-50", "M-51"], SECRET, by="clerk", because="asked to", now=NOW + 1)
    assert [one.position for _, one in found.done] == [25, 26, 27]
    assert found.scrubbed
    assert check(filled).problems == []
    assert check(filled).erased == 3
    assert {"M-50", "M-51"} & {f.id for f in filled.facts()} == set()
    after = filled.head()
    assert after is not None
    with reading(filled.engine) as connection:
        tree = logs.tree(connection)
        assert tree.root(before.head.size) == before.head.root
        assert logs.leaves(connection, 23, 24) == [leaf]
        assert included(23, before.head.size, leaf_hash(leaf), proof, before.head.root)
        told = [bytes(raw) for raw in logs.leaves(connection, 25, 28)]
    assert b"erasure of log 23" in told[0]
    if filled.engine.dialect.name == "sqlite":
        there = bytes_on_disk(filled.folder)
        assert SECRET.encode() not in there
        assert SECRET[:12].encode() not in there
        assert not any(salt in there for salt in salts)


def test_an_erased_fact_does_not_come_back_and_says_so(filled: Store) -> None:
    filled.append(Appended("ops", [noted(50, SECRET)], keys={"M-50": "key"}), NOW)
    erase(filled.folder, ["M-50"], "", by="clerk", because="asked to", now=NOW)
    for again in (Appended("ops", [noted(50, SECRET)]), Appended("ops", [noted(60)], keys={"M-60": "key"})):
        with pytest.raises(Refused) as refused:
            filled.append(again, NOW)
        assert [p.code for p in refused.value.problems] == ["fact-erased"]
    size = filled.size()
    ((_, one),) = erase(filled.folder, ["M-50"], "", by="clerk", because="asked to", now=NOW).done
    assert one.position is None
    assert filled.size() == size


def test_erasing_an_author_tells_which_facts_still_say_the_name(filled: Store) -> None:
    filled.append(Appended(SECRET, [noted(50, by=SECRET), noted(51)]), NOW)
    ((_, one),) = erase(filled.folder, [], SECRET, by="clerk", because="asked to", now=NOW).done
    assert one.still == ("M-50",)
    erase(filled.folder, ["M-50"], "", by="clerk", because="asked to", now=NOW)
    with pytest.raises(Refused) as refused:
        erase(filled.folder, [], SECRET, by="clerk", because="asked to", now=NOW)
    assert [p.code for p in refused.value.problems] == ["no-such-author"]


def test_who_imported_a_segment_is_erased_with_the_author(filled: Store) -> None:
    erase(filled.folder, [], "a", by="clerk", because="asked to", now=NOW)
    (imported,) = filled.imports()
    with reading(filled.engine) as connection:
        handles = set(connection.execute(select(author.c.handle).where(author.c.name.is_(None))).scalars())
    assert handles == {imported.by}
    assert check(filled).problems == []


def test_one_that_cannot_be_erased_keeps_all(filled: Store) -> None:
    size = filled.size()
    with pytest.raises(Refused) as refused:
        erase(filled.folder, ["M-3", "M-999"], "", by="clerk", because="asked to", now=NOW)
    assert [p.code for p in refused.value.problems] == ["no-such-fact"]
    assert filled.size() == size
    assert "M-3" in {f.id for f in filled.facts()}


def test_facts_that_name_an_author_go_with_the_name_and_texts_that_mention_it_are_listed(filled: Store) -> None:
    directed = Cause("C-50", NOW, "b", service="Shop", cause="error", directed_by=SECRET)
    ticket = Item("T-50", NOW, "b", kind=ItemKind.INCIDENT, facts=(("assignee", SECRET),))
    text = Retraction("R-50", NOW, "b", supersedes="M-3", because=f"as {SECRET.upper()} said")
    like = Retraction("R-51", NOW, "b", supersedes="M-2", because=f"not{SECRET}")
    filled.append(Appended("b", [noted(50, by=SECRET), directed, ticket, text, like]), NOW)
    size = filled.size()
    found = erase(filled.folder, [], SECRET, by="clerk", because="asked to", now=NOW, with_facts=True)
    ((_, one),) = found.done
    assert [named for named, _ in one.also] == ["M-50", "C-50", "T-50"]
    assert [position for _, position in one.also] == [size, size + 1, size + 2]
    assert (one.still, one.mention) == ((), ("R-50",))
    assert check(filled).problems == []
    if filled.engine.dialect.name == "sqlite":
        assert f'"{SECRET}"'.encode() not in bytes_on_disk(filled.folder)
    facts, problems = read_folder(filled.folder)
    assert [(g.kind, g.fact, g.because, g.at) for g in facts.gone] == [
        ("maintenance", "M-50", "erased", NOW), ("cause", "C-50", "erased", NOW), ("incident", "T-50", "erased", NOW),
    ]  # fmt: skip
    (told,) = [p for p in problems if p.code == "facts-erased"]
    assert told.what == (
        "3 facts were erased and no longer count: maintenance `M-50`, cause `C-50`, incident `T-50`"
    )  # fmt: skip
    assert read_folder(filled.folder, size - 5)[0].gone == ()


def test_a_service_that_is_called_like_an_author_is_no_person(filled: Store) -> None:
    filled.append(Appended(SECRET, [Cause("C-60", NOW, "b", service=SECRET, cause="error")]), NOW)
    ((_, one),) = erase(filled.folder, [], SECRET, by="clerk", because="asked", now=NOW, with_facts=True).done
    assert (one.still, one.mention, one.also) == ((), ("C-60",), ())
