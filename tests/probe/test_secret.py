"""Secrets are put in where they are named, and taken out of what is told."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.probe.secret import MissingSecret, Secrets

KNOWN = Secrets({"TOKEN": "open sesame", "db.key-2": "a/b+c", "SHORT": "open"})


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("no braces", "no braces"),
        ("Bearer {secret.TOKEN}", "Bearer open sesame"),
        ("{secret.db.key-2}{secret.SHORT}", "a/b+copen"),
        ('{"id": {"a": 1}}', '{"id": {"a": 1}}'),
        ("{id}", "7"),
        ("{unknown}", "{unknown}"),
        ("{trap}", "{secret.TOKEN}"),
        ("{{secret.TOKEN}}", "{open sesame}"),
        ("{secret.}", "{secret.}"),
        ("{ id }", "{ id }"),
        ("{id.__class__}", "{id.__class__}"),
    ],
)
def test_names_are_replaced_once_and_all_else_stays(text: str, filled: str) -> None:
    assert KNOWN.fill(text, {"id": "7", "trap": "{secret.TOKEN}"}) == filled


def test_a_secret_that_is_not_known_is_named_and_nothing_else_is() -> None:
    with pytest.raises(MissingSecret, match=r"does not know the secret NOPE$"):
        KNOWN.fill("{secret.TOKEN} {secret.NOPE}")


@given(st.text(min_size=6), st.text(), st.text())
def test_no_way_of_writing_a_secret_is_told(secret: str, before: str, after: str) -> None:
    secrets = Secrets({"KEY": secret})
    for written in (
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode().rstrip("="),
    ):
        told = secrets.redact(f"{before}\0{written}\0{after}")
        assert f"\0{written}\0" not in told
        assert "{secret.KEY}" in told


def test_the_longer_of_two_secrets_is_taken_out_whole() -> None:
    assert KNOWN.redact("open sesame, open") == "{secret.TOKEN}, {secret.SHORT}"


def test_an_excerpt_is_redacted_before_it_is_cut() -> None:
    told = KNOWN.excerpt("x" * 75 + "open sesame")
    assert len(told) == 80
    assert told.startswith("x" * 75 + "{sec")
    assert KNOWN.excerpt("a\r\n\x1b[1mb\u202ec") == "a [1mb c"


def test_nothing_is_redacted_where_nothing_is_secret() -> None:
    assert Secrets({"EMPTY": ""}).redact("as it is") == "as it is"
