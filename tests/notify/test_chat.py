"""Chats through the library, in a process that reaches nothing but what the guard allows."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
import time
from ipaddress import ip_network
from pathlib import Path

from makegood.door.policy import Policy
from makegood.model.alerts import Channel, Chat
from makegood.model.messages import Accepted, Failed, Outcome
from makegood.model.spans import SECOND
from makegood.notify.context import Context
from makegood.notify.sending import send
from tests.notify.servers import NOW, context, message, web


def sent(url: str, within: Context | None = None, timeout: int = 20, address: str = "") -> Outcome:
    channel = Channel("chat", Chat(url), timeout=timeout * SECOND)
    return asyncio.run(send(channel, message(address=address), within or context()))


def test_a_chat_is_sent_and_a_secret_is_put_into_its_place() -> None:
    with web() as server:
        outcome = sent(f"gotify://127.0.0.1:{server.port}/{{secret.TOKEN}}")
    assert isinstance(outcome, Accepted)
    ((_, path, headers, body),) = server.got
    assert path.startswith("/message")
    assert "t-0-k-e-n" in json.dumps([path, headers])
    said = json.loads(body)
    assert (said["title"], said["message"].strip()) == ("NEW: web is down", "web: down since 02:10")


def test_an_address_stays_within_its_part_of_the_url() -> None:
    with web() as server:
        sent(f"ntfy://127.0.0.1:{server.port}/{{to}}", address="a/../../b?c=d#e@10.0.0.1")
    assert all(json.loads(body).get("topic") != "b" for _, _, _, body in server.got)
    assert all(headers["host"] == f"127.0.0.1:{server.port}" for _, _, headers, _ in server.got)


def test_the_guard_keeps_the_library_from_addresses_that_are_not_public() -> None:
    with web() as server:
        outcome = sent(f"gotify://127.0.0.1:{server.port}/token", context(Policy()))
    assert isinstance(outcome, Failed)
    assert server.got == []


def test_it_follows_no_redirect_to_where_the_guard_does_not_allow() -> None:
    """One address of loopback is allowed, and it sends on to another one that is not."""
    with web() as server, web("127.0.0.2") as other:
        server.status, server.location = 307, f"http://127.0.0.2:{other.port}/"
        sent(f"gotify://127.0.0.1:{server.port}/token", context(Policy((ip_network("127.0.0.1/32"),))))
        assert server.got
    assert other.got == []


def test_a_network_that_the_operator_refuses_is_not_reached_though_it_is_allowed() -> None:
    everywhere = ip_network("127.0.0.0/8")
    with web() as server:
        outcome = sent(f"gotify://127.0.0.1:{server.port}/token", context(Policy((everywhere,), (everywhere,))))
    assert isinstance(outcome, Failed)
    assert "127.0.0.1 is in a network that this location refuses" in outcome.why
    assert server.got == []


def test_a_server_that_never_answers_is_given_up_and_its_process_is_gone() -> None:
    with web() as server:
        server.before = lambda: time.sleep(3)
        assert sent(f"gotify://127.0.0.1:{server.port}/token", timeout=2) == Failed(NOW, "no answer within 2 s")


FORBIDDEN = (
    "socket.create_connection(('127.0.0.1', 9))",
    "socket.create_connection(('169.254.169.254', 80), 0.1)",
    "socket.socket(socket.AF_UNIX).connect('/nonexistent')",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('10.0.0.1', 53))",
    "socket.socket().connect(('localhost', 9))",
    "socket.socket().connect_ex(('10.0.0.1', 9))",
    "socket.socket(socket.AF_INET6).connect(('::ffff:10.0.0.1', 9))",
    "asyncio.run(asyncio.open_connection('127.0.0.1', 9))",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.fork()",
    "os.execv('/bin/true', ['true'])",
    "open('/etc/passwd').read()",
    "open('/root/.netrc')",
    "open('written', 'w')",
    "os.open('written', os.O_WRONLY | os.O_CREAT)",
    "os.mkdir('made')",
    "os.remove('/etc/passwd')",
    "os.symlink('/etc/passwd', 'linked')",
    "socket.create_server(('0.0.0.0', 54321))",
    "socket.socket(socket.AF_UNIX).bind('made')",
)
CLIENTS = "socket.socket(socket.AF_INET6).bind(('::1', 0))"
"""What a client does to see whether there is IPv6."""
TRYING = """
    import asyncio, json, os, socket, subprocess, sys
    from makegood.door.policy import Policy
    from makegood.door.forbidden import Forbidden
    from makegood.notify.chat_process import confine
    confine(Policy())
    said = []
    for what in json.loads(sys.argv[1]):
        try:
            eval(what)
        except (Forbidden, PermissionError) as refusal:
            said.append("refused" if isinstance(refusal, Forbidden) or "this process" in str(refusal) else str(refusal))
        except BaseException as other:
            said.append(f"{type(other)} {other}")
        else:
            said.append("done")
    print(json.dumps(said))
"""


def test_the_process_can_do_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", textwrap.dedent(TRYING), json.dumps([*FORBIDDEN, CLIENTS])],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    *said, clients = json.loads(done.stdout)
    assert dict(zip(FORBIDDEN, said, strict=True)) == dict.fromkeys(FORBIDDEN, "refused")
    assert clients == "done"
    assert list(tmp_path.iterdir()) == []
