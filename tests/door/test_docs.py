"""The page on the door names every range, and what it shows is what is said."""

from __future__ import annotations

import re

import pytest

from makegood.door.forbidden import Forbidden
from makegood.door.policy import PUBLIC
from makegood.door.ranges import METADATA, NOT_PUBLIC_4, NOT_PUBLIC_6
from makegood.door.redirect import GOES_ALONG
from makegood.door.target import read_host, read_url
from tests.door.trapped import ROOT

TEXT = (ROOT / "docs" / "door.md").read_text(encoding="utf-8")
SHOWN = re.search(r"```text\n(.*?)```", TEXT, re.DOTALL)


def test_every_range_is_in_the_page_and_none_beside_them() -> None:
    listed = TEXT.split("## What is not public")[1].split("## Allowing")[0]
    networks = {str(network) for network, _ in (*NOT_PUBLIC_4, *NOT_PUBLIC_6)} | {str(one) for one in METADATA}
    assert set(re.findall(r"`([0-9a-f.:]+/\d+)`", listed)) == networks | {"64:ff9b::/96", "2000::/3"}


def test_every_range_has_its_word_beside_it() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")
    ]
    said = {
        network: what.split(":")[0]
        for row in rows
        if len(row) == 4
        for names, what in ((row[0], row[1]), (row[2], row[3]))
        for network in re.findall(r"`(.+?)`", names)
    }
    assert said == {str(network): what for network, what in (*NOT_PUBLIC_4, *NOT_PUBLIC_6)}


def test_the_refusals_of_the_page_are_said_so() -> None:
    assert SHOWN is not None
    said = []
    for address, host in (("10.0.0.5", "intranet.example"), ("::ffff:127.0.0.1", ""), ("169.254.169.254", "")):
        with pytest.raises(Forbidden) as refused:
            PUBLIC.check(address, host)
        said.append(str(refused.value))
    with pytest.raises(Forbidden) as refused:
        read_host("0x7f.1")
    assert SHOWN[1].splitlines() == [*said, str(refused.value)]


def test_the_spellings_of_the_page_are_taken_and_refused() -> None:
    table = TEXT.split("## How an address may be written")[1].split("Refused are")
    for url in re.findall(r"^\| `(https://[^`]+)`", table[0], re.MULTILINE):
        assert read_url(url).url == url
    refused = re.findall(r"`([0-9a-fx.]+|fe80::1%eth0)`", table[1].split("##")[0])
    assert len(refused) == 5
    for host in refused:
        with pytest.raises(Forbidden):
            read_host(host)


def test_the_headers_that_go_along_are_in_the_page() -> None:
    sentence = TEXT.split("gets none of the request's headers but")[1].split(", for any other")[0]
    assert {name.lower() for name in re.findall(r"`([A-Za-z-]+)`", sentence)} == GOES_ALONG
