"""Tokens: one alone makes the first administrator, each is shown once, kept as a hash, and ends when it is told to."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from makegood.app.roles import Role
from makegood.app.tenants import Tenant, put_tenant
from makegood.app.tokens import caller_of, make_token, revoke_token, set_up, setup_token, tokens
from makegood.model.problem import Refused
from makegood.model.spans import HOUR, SECOND
from makegood.store.opened import Store
from makegood.store.sql.copying import snapshot
from tests.web.asking import NOON, Desk
from tests.web.racing import made_administrator


def test_of_many_who_use_the_set_up_token_at_once_one_becomes_the_administrator(either: Store) -> None:
    store = either
    said = setup_token(store, NOON)
    other = setup_token(store, NOON)  # of a second server that started beside

    def race(number: int) -> bool:
        try:
            set_up(store, (said, other)[number % 2], f"racer {number}", NOON)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        won = list(threads.map(race, range(24)))
    assert won.count(True) == 1
    assert [one.role for one in tokens(store)] == ["administrator"]
    assert setup_token(store, NOON) == ""


def test_processes_that_race_for_it_leave_one_administrator_too(store: Store) -> None:
    said = setup_token(store, NOON)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        won = pool.map(made_administrator, [(str(store.folder), said, n, NOON) for n in range(4)])
    assert won.count(True) == 1
    assert len(tokens(store)) == 1


def test_a_token_holds_until_it_expires_or_is_revoked(store: Store) -> None:
    made, said = make_token(store, Role.AUDITOR, "auditor", by="Ada", now=NOON, expires=NOON + HOUR)
    assert (found := caller_of(store, said, NOON + HOUR - 1)) is not None
    assert found.token == made
    assert caller_of(store, said, NOON + HOUR) is None
    other, shown = make_token(store, Role.AUDITOR, "auditor", by="Ada", now=NOON)
    revoke_token(store, other.id, NOON + SECOND)
    assert caller_of(store, shown, NOON + SECOND) is None


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t[:-1] + "a" + t[-1], str.upper, lambda t: t[:11] + "_" + "a" * 52]
)
def test_a_token_that_differs_is_none(store: Store, change: object) -> None:
    _, said = make_token(store, Role.AUDITOR, "auditor", by="Ada", now=NOON)
    assert callable(change)
    assert caller_of(store, change(said), NOON) is None


@pytest.mark.parametrize("role", Role)
def test_a_token_of_a_tenant_has_a_role_that_does_something_there(hub: Desk, role: Role) -> None:
    put_tenant(hub.store, Tenant("acme", "Acme"), NOON)
    asked = {"role": role.value, "title": "t", "tenant": "acme"}
    answer = hub.ask("POST", "/api/v1/tokens", hub.token(Role.ADMINISTRATOR), asked)
    if role in (Role.ADMINISTRATOR, Role.SCRAPER):
        assert (answer.status, answer.json["code"], answer.json["where"]) == (422, "token-tenant", "tenant")
        article = "an" if role is Role.ADMINISTRATOR else "a"
        assert answer.json["title"] == f"{article} {role} is of the whole hub, not of a tenant"
        assert answer.json["hint"] == "leave the tenant out, or make a token of a provider, customer or auditor"
    else:
        assert answer.status == 201


def test_the_last_administrator_cannot_be_revoked(store: Store) -> None:
    first, _ = set_up(store, setup_token(store, NOON), "Ada", NOON)
    make_token(store, Role.ADMINISTRATOR, "for a day", by="Ada", now=NOON, expires=NOON + HOUR)
    with pytest.raises(Refused, match="last token"):
        revoke_token(store, first.id, NOON)
    second, _ = make_token(store, Role.ADMINISTRATOR, "Grace", by="Ada", now=NOON)
    revoke_token(store, first.id, NOON)
    with pytest.raises(Refused, match="last token"):
        revoke_token(store, second.id, NOON)


def test_no_secret_is_in_the_database_or_in_a_copy_of_it(store: Store, tmp_path: Path) -> None:
    said = [setup_token(store, NOON), make_token(store, Role.PROVIDER, "provider", by="Ada", now=NOON)[1]]
    snapshot(store.engine, tmp_path / "copy.sqlite")
    files = [path.read_bytes() for path in (tmp_path / "copy.sqlite", *store.folder.rglob("*")) if path.is_file()]
    for secret in (one.rpartition("_")[2].encode() for one in said):
        assert not any(secret in raw for raw in files)


def test_a_right_token_is_answered_however_many_wrong_ones_came(hub: Desk) -> None:
    right = hub.token(Role.AUDITOR)
    wrong = [hub.ask("GET", "/api/v1/me", "mg_aaaaaaaa_" + "a" * 52) for _ in range(25)]
    assert [one.status for one in wrong] == [401] * 20 + [429] * 5
    assert int(wrong[-1].headers["retry-after"]) in range(1, 62)
    assert hub.ask("GET", "/api/v1/me", right).json["title"] == "a auditor"


def test_the_set_up_over_http_shows_the_first_token_once(hub: Desk) -> None:
    said = setup_token(hub.store, NOON)
    made = hub.ask("POST", "/api/v1/setup", body={"token": said, "title": "Ada Lovelace"})
    assert made.status == 201
    token = made.json["token"]
    assert hub.ask("GET", "/api/v1/me", token).json["role"] == "administrator"
    assert hub.ask("POST", "/api/v1/setup", body={"token": said, "title": "Eve"}).status == 401
    assert token not in hub.ask("GET", "/api/v1/tokens", token).text
