"""A store: everything appended has its position, is there when the answer came, and is never changed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from makegood.evidence.leaf import commitment, read_leaf
from makegood.evidence.tree import EMPTY, Frontier, consistent, included, leaf_hash
from makegood.exchange.fact_json import kind_of
from makegood.model.facts import AnyFact, Cause, Maintenance, Retraction
from makegood.model.problem import Refused
from makegood.model.spans import Span
from makegood.store.opened import Store, create, opened
from makegood.store.sql import log as logs
from makegood.store.sql.database import reading, writing
from makegood.store.sql.schema import revisions
from makegood.store.sql.store import Appended, Document
from makegood.store.sql.tables import TableKind, fact, metadata, node, sequencer


def work(number: int, **more: str) -> Maintenance:
    return Maintenance(f"M-{number}", 5, "ops", services=("web",), announced=Span(number, number + 10), **more)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [p.code for p in refused.value.problems]


def test_facts_get_positions_in_the_order_of_commit_and_are_read_back(store: Store) -> None:
    first: list[AnyFact] = [work(1), work(2)]
    then: list[AnyFact] = [Cause("C-1", 7, "ops", service="web", span=Span(1, 2), cause="storm")]
    assert store.append(Appended("ops", first), 100).positions == range(2)
    assert store.append(Appended("ops", then), 200).positions == range(2, 3)
    assert store.facts() == [*first, *then]
    assert store.facts(2) == first
    assert store.size() == 3


def test_what_is_there_already_is_no_new_entry_and_what_differs_is_refused(store: Store) -> None:
    store.append(Appended("ops", [work(1)]), 100)
    again = store.append(Appended("ops", [work(1), work(2)]), 200)
    assert (again.positions, again.duplicate) == (range(1, 2), 1)
    with pytest.raises(Refused) as refused:
        store.append(Appended("ops", [work(3), work(1, purpose="another")]), 300)
    assert codes(refused) == ["fact-exists"]
    assert store.size() == 2


def test_an_idempotency_key_stands_for_one_fact(store: Store) -> None:
    keys = {"M-1": "key-1"}
    assert store.append(Appended("ops", [work(1)], keys=keys), 100).duplicate == 0
    assert store.append(Appended("ops", [work(1)], keys=keys), 200).duplicate == 1
    with pytest.raises(Refused) as refused:
        store.append(Appended("ops", [work(2)], keys={"M-2": "key-1"}), 300)
    assert codes(refused) == ["key-used"]


def test_a_key_also_stands_for_a_fact_that_was_there_before_it(store: Store) -> None:
    store.append(Appended("ops", [work(1)]), 100)
    assert store.append(Appended("ops", [work(1)], keys={"M-1": "key-1"}), 200).duplicate == 1
    with pytest.raises(Refused) as refused:
        store.append(Appended("ops", [work(2)], keys={"M-2": "key-1"}), 300)
    assert codes(refused) == ["key-used"]
    with pytest.raises(Refused):  # all or nothing: the other key is bound to nothing
        store.append(Appended("ops", [work(1), work(2)], keys={"M-1": "key-2", "M-2": "key-1"}), 400)
    assert store.append(Appended("ops", [work(2)], keys={"M-2": "key-2"}), 500).duplicate == 0


def test_one_id_is_of_one_fact_whatever_its_kind(store: Store) -> None:
    store.append(Appended("ops", [work(1)]), 100)
    with pytest.raises(Refused) as refused:
        store.append(Appended("ops", [Retraction("M-1", 5, "ops", "M-0")]), 200)
    assert codes(refused) == ["fact-exists"]


def test_the_clock_of_the_log_never_goes_back(store: Store) -> None:
    for number, now in enumerate((500, 100, 700)):
        store.append(Appended("ops", [work(number)]), now)
    with reading(store.engine) as connection:
        assert [read_leaf(raw).at for raw in logs.leaves(connection, 0, 3)] == [500, 500, 700]


def test_each_head_is_signed_and_proves_what_is_in_it_and_what_it_extends(store: Store) -> None:
    sizes = []
    for start in range(0, 40, 4):
        store.append(Appended("ops", [work(start + n) for n in range(1 + start % 3)]), start)
        sizes.append(store.size())
    heads = [store.head(size) for size in sizes]
    assert all(head is not None and head.verifies for head in heads)
    assert {head.head.log for head in heads if head is not None} == {store.log}
    last = store.head()
    assert last is not None
    with reading(store.engine) as connection:
        tree, leaves = logs.tree(connection), logs.leaves(connection, 0, last.head.size)
        for position, leaf in enumerate(leaves):
            proof = tree.inclusion(position, last.head.size)
            assert included(position, last.head.size, leaf_hash(leaf), proof, last.head.root)
        for head in heads:
            assert head is not None
            proof = tree.consistency(head.head.size, last.head.size)
            assert consistent(head.head.size, last.head.size, head.head.root, last.head.root, proof)


def test_a_leaf_commits_to_the_fact_under_its_salt_and_names_nobody(store: Store) -> None:
    store.append(Appended("Ada Lovelace", [work(1)]), 100)
    with reading(store.engine) as connection:
        (raw,) = logs.leaves(connection, 0, 1)
        salt, body = connection.execute(select(fact.c.salt, fact.c.body)).one()
    assert read_leaf(raw).commit == commitment(bytes(salt), bytes(body))
    assert b"Ada" not in raw
    assert read_leaf(raw).kind == kind_of(work(1))


def test_documents_are_kept_once_by_their_bytes(store: Store) -> None:
    agreement = Document("agreement", "a.sla.md", b"# An agreement")
    assert store.append(Appended("ops", documents=[agreement, agreement]), 1).positions == range(1)
    assert store.append(Appended("ops", documents=[replace(agreement, name="b.sla.md")]), 2).duplicate == 1


def test_an_empty_append_changes_nothing(store: Store) -> None:
    assert store.append(Appended("ops"), 100).positions == range(0)
    assert store.head() is None
    assert store.size() == 0
    with reading(store.engine) as connection:
        assert logs.extent(connection).frontier.root == EMPTY


def test_a_failure_in_the_middle_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.append(Appended("ops", [work(0)]), 1)

    def broken(*_: object) -> None:
        raise RuntimeError("the key is gone")

    with monkeypatch.context() as patched:
        patched.setattr("makegood.store.opened.sign_head", broken)
        with pytest.raises(RuntimeError):
            store.append(Appended("ops", [work(1)]), 2)
    assert store.size() == 1
    assert [f.id for f in store.facts()] == ["M-0"]
    assert store.append(Appended("ops", [work(1)]), 3).positions == range(1, 2)


def test_the_tables_are_of_four_kinds_and_the_database_has_no_others(store: Store) -> None:
    assert {table.info["kind"] for table in metadata.tables.values()} <= set(TableKind)
    assert set(inspect(store.engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_database_is_as_the_tables_say(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with reading(store.engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert len(revisions()) >= 1


def test_a_store_is_opened_again_by_its_folder(store: Store) -> None:
    store.append(Appended("ops", [work(1)]), 100)
    with opened(store.folder) as again:
        assert again.log == store.log
        assert again.facts() == [work(1)]


def test_a_store_of_a_later_program_is_refused(store: Store) -> None:
    with writing(store.engine) as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(Refused) as refused, opened(store.folder):
        pass
    assert codes(refused) == ["store-database"]
    assert "later version" in str(refused.value.problems[0])


def test_a_database_that_is_gone_is_no_empty_store(tmp_path: Path) -> None:
    create(tmp_path / "store").engine.dispose()
    (tmp_path / "store/makegood.sqlite").unlink()
    with pytest.raises(Refused) as refused, opened(tmp_path / "store"):
        pass
    assert "missing" in str(refused.value.problems[0])


def test_a_database_holds_one_store(tmp_path: Path, store: Store, database: str) -> None:
    if database:
        with pytest.raises(Refused) as refused:
            create(tmp_path / "other", database)
        assert codes(refused) == ["store-database"]
    else:
        with pytest.raises(Refused) as refused:
            create(store.folder)
        assert codes(refused) == ["store-exists"]


def test_without_its_key_a_store_is_read_and_not_written(store: Store) -> None:
    store.append(Appended("ops", [work(1)]), 100)
    shutil.move(store.place.key, store.folder / "elsewhere.pem")
    with opened(store.folder) as found:
        assert found.facts() == [work(1)]
        with pytest.raises(Refused) as refused:
            found.append(Appended("ops", [work(2)]), 200)
    assert codes(refused) == ["key"]


def test_derived_nodes_are_those_of_the_tree(store: Store) -> None:
    store.append(Appended("ops", [work(n) for n in range(23)]), 1)
    with reading(store.engine) as connection:
        stored = {(level, number): bytes(h) for level, number, h in connection.execute(select(node)).all()}
        leaves = [leaf_hash(one) for one in logs.leaves(connection, 0, 23)]
        assert connection.execute(select(sequencer.c.size)).scalar_one() == 23
    frontier, expected = Frontier(), dict[tuple[int, int], bytes]()
    frontier.extended(leaves, lambda level, number, found: expected.update({(level, number): found}))
    assert stored == expected
