"""What cannot be is said in words before anything begins, and secrets are read from where an operator put them."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.agent.setting_up import must_be_hub, on_this_machine, read_secrets
from makegood.cli.main import run
from makegood.model.checks import HttpProbe, TcpProbe
from makegood.model.problem import Refused
from makegood.probe.places import control_check


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "this folder is not enrolled yet"),
        (("--hub", "ftp://x", "--enrol", "t"), "no address of a hub"),
        (("--hub", "https://user:pass@x", "--enrol", "t"), "no address of a hub"),
        (("--hub", "http://127.0.0.1:1", "--enrol", "t"), "the hub is away"),
        (("--control", "example.com"), "no control probe"),
        (("--control", "example.com:99999"), "no control probe"),
        (("--spool-size", "much"), "no size of a spool"),
        (("--spool-size", "3 KB"), "no size of a spool"),
        (("--secrets", "nowhere"), "cannot be read"),
        (("--allow", "10.0.0.0/99"), "`10.0.0.0/99` is no network"),
    ],
)
def test_what_cannot_be_is_said_before_anything_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], says: str
) -> None:
    assert run(["agent", "--folder", str(tmp_path / "agent"), *more]) == 1
    said = capsys.readouterr()
    assert says in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_secrets_come_from_a_file_and_from_the_environment_which_wins(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("# ours\nTOKEN=a=b \n\nOTHER=x\n", encoding="utf-8")
    file.chmod(0o600)
    found = read_secrets(file, {"MAKEGOOD_SECRET_OTHER": "y", "HOME": "/root"})
    assert found == {"TOKEN": "a=b ", "OTHER": "y"}
    file.chmod(0o644)
    with pytest.raises(Refused, match="everybody can read"):
        read_secrets(file, {})
    file.chmod(0o600)
    file.write_text("no secret\n", encoding="utf-8")
    with pytest.raises(Refused, match="no secret"):
        read_secrets(file, {})


def test_a_control_probe_is_a_url_or_a_host_and_port() -> None:
    assert control_check("https://example.com/x").probe == HttpProbe(
        "https://example.com/x", status=((100, 599),), redirects=0
    )
    assert control_check("[2001:db8::1]:53").probe == TcpProbe("2001:db8::1", 53)


def test_a_hub_is_elsewhere_or_here() -> None:
    assert must_be_hub("https://hub.example/") == "https://hub.example"
    assert [on_this_machine(f"http://{host}:80") for host in ("localhost", "127.0.0.9", "[::1]", "10.0.0.1", "h")] == [
        True, True, True, False, False,
    ]  # fmt: skip
