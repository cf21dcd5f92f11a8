"""No spelling of a forbidden address leads through any field to a connection, and the trap that says so does catch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from ipaddress import ip_address
from typing import Any

import pytest

from makegood.door.policy import PUBLIC
from makegood.door.ranges import METADATA
from tests.door.fields import fields
from tests.door.spellings import PLACES_4, PLACES_6, distinct, read
from tests.door.trapped import OPEN, ROOT, in_namespace

NEVER_SENT = {"forbidden", "redirect", "capture", "protocol", "dns", "skipped"}
"""Outcomes without a connection: `redirect`, `capture` and `protocol` are spellings that no URL has, `dns` names that
there are not."""


@cache
def came_of_it(namespace: bool) -> dict[str, Any]:
    command = in_namespace() if namespace else [sys.executable, "-m", "tests.door.trapped"]
    if not command:
        pytest.skip("this machine makes no network namespace for the tests")
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, Any] = json.loads(run.stdout)
    return found


both = pytest.mark.parametrize("namespace", [False, True], ids=["on this machine", "where every address is a trap"])


def test_the_corpus_is_what_its_table_says() -> None:
    assert read() == distinct()


def test_the_corpus_has_many_forms_and_no_form_is_most_of_it() -> None:
    places = read()
    forms = Counter(place.form for place in places)
    assert len(places) >= 500
    assert len(forms) >= 90
    assert max(forms.values()) <= len(places) // 10
    assert sum(1 for place in places if not place.url(80).isascii()) >= 40
    assert len({place.url(80) for place in places}) == len(places)


def test_the_corpus_leads_to_every_range_that_is_refused() -> None:
    leads = {place.leads for place in read() if place.leads}
    assert {*PLACES_4, *PLACES_6} <= leads
    assert [lead for lead in leads if not PUBLIC.refuses(lead)] == []
    whys = {PUBLIC.refuses(lead) for lead in leads}
    assert len(whys) >= 35


@both
def test_no_spelling_reaches_anything_through_any_field(namespace: bool) -> None:
    found = came_of_it(namespace)
    assert set(found["fields"]) == set(fields())
    for name, field in found["fields"].items():
        reached = Counter(field["caught"])
        assert not [address for address in reached if not ip_address(address).is_global], name
        # Padded decimal parts are octal to libcurl, and two of them public then.
        got_through = [form for form, outcome in field["outcomes"] if outcome not in NEVER_SENT]
        assert set(got_through) <= {"padded decimal parts"}, name
        assert len(got_through) == len(field["caught"]), name
        if namespace:  # where nobody else connects
            assert field["attempts"] == len(field["caught"]), name


@both
def test_an_address_as_it_is_gets_a_typed_refusal_from_every_field(namespace: bool) -> None:
    for name, field in came_of_it(namespace)["fields"].items():
        outcomes = [outcome for form, outcome in field["outcomes"] if form == "as it is"]
        assert len(outcomes) == len(PLACES_4) + len(PLACES_6)
        assert set(outcomes) <= {"forbidden", "skipped"}, name


@both
def test_the_trap_catches_every_field_where_the_policy_lets_it_pass(namespace: bool) -> None:
    found = came_of_it(namespace)
    for name, caught in found["control"].items():
        assert len(caught) >= (40 if namespace else 2), name
        assert [one for one in caught if one != "datagram" and OPEN.refuses(one)] == [], name


@both
def test_a_process_behind_the_door_reaches_nothing_through_clients_that_know_nothing_of_it(namespace: bool) -> None:
    found = came_of_it(namespace)["process"]
    outcomes = Counter(outcome for _, outcome in found["outcomes"])
    assert not [one for one in found["caught"] if one == "datagram" or not ip_address(one).is_global]
    got_through = {form for form, outcome in found["outcomes"] if outcome == "ok"}
    assert got_through <= {"file", "data", "padded decimal parts"}  # files and data are no connections
    assert outcomes["forbidden"] >= 150


def test_most_spellings_do_lead_a_client_without_a_guard_into_the_trap() -> None:
    reached = came_of_it(True)["naive"]
    assert sum(reached.values()) >= 300
    assert len(reached) >= 45


def test_a_name_server_that_changes_its_mind_reaches_nothing() -> None:
    found = came_of_it(True)["rebinding"]
    public = [came_of_it(True)["allowed"]]
    assert found == {
        "first": ["200", public],
        "later": ["forbidden", []],
        "redirected to itself": ["forbidden", public],
        "both at once": ["200", public],
        "connect, first": ["ok", public],
        "connect, later": ["forbidden", []],
        "libcurl asks, first": ["ok", public],
        "libcurl asks, later": ["forbidden", []],
        "libcurl follows to itself": ["forbidden", public],
    }


def test_metadata_addresses_are_refused_by_a_policy_that_allows_everything() -> None:
    for network in METADATA:
        assert OPEN.refuses(str(network[0]))
        assert OPEN.refuses(str(network[-1]))
