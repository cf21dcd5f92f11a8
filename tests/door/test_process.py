"""A process behind the door: whatever opens a connection with Python's sockets, in any thread, asks first."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval

from tests.door.trapped import ROOT

BEFORE = """
import os, socket, subprocess, sys, threading, asyncio, smtplib, urllib.request
from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy, networks
from makegood.door.process import shut
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
"""


def said(program: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", BEFORE + program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return (run.stdout + run.stderr).strip()


TRIES = [
    "socket.create_connection(('127.0.0.1', port))",
    "socket.create_connection(('localhost', port))",
    "socket.socket().connect(('localhost', port))",
    "socket.socket().connect_ex(('127.0.0.1', port))",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', 0, ('127.0.0.1', port))",
    "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], (), 0, ('127.0.0.1', port))",
    "socket.socket(socket.AF_UNIX).connect('/run/x.sock')",
    "smtplib.SMTP('127.0.0.1', port)",
    "urllib.request.urlopen(f'http://127.0.0.1:{port}/')",
    "asyncio.run(asyncio.open_connection('127.0.0.1', port))",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.fork()",
    "os.posix_spawn('/bin/true', ['true'], {})",
    "os.execv('/bin/true', ['true'])",
]


def test_what_is_tried_is_forbidden_in_every_thread() -> None:
    program = f"""
shut(Policy())
def tried(text):
    try:
        exec(text)
    except Forbidden:
        said.append((text, "forbidden"))
    else:
        said.append((text, "done"))
said = []
for text in {TRIES!r}:
    thread = threading.Thread(target=tried, args=(text,))
    thread.start()
    thread.join()
    tried(text)
print(said)
"""
    assert literal_eval(said(program)) == [(text, "forbidden") for text in TRIES for _ in range(2)]


def test_what_the_policy_lets_pass_goes_through() -> None:
    program = """
shut(Policy(networks(["127.0.0.0/8"])))
with socket.create_connection(("localhost", port)) as opened:
    opened.send(b"x")
heard = socket.socket(type=socket.SOCK_DGRAM)
heard.bind(("127.0.0.1", port))
with socket.socket(type=socket.SOCK_DGRAM) as opened:
    opened.connect(("127.0.0.1", port))
    opened.send(b"x")
    opened.sendmsg([b"x"])
print(server.accept()[0].recv(5), heard.recv(5), heard.recv(5), open("/dev/null").read() == "")
"""
    assert said(program) == "b'x' b'x' b'x' True"
