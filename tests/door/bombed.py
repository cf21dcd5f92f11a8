"""Fetches a bomb, and prints the most memory that the process ever held, bytes, and what came of the body:
`python -m tests.door.bombed gzip|plain|headers|crumbs [CAP]`. The bomb is made in a process of its own."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import zlib
from pathlib import Path

from makegood.door.fetch import fetch
from makegood.door.forbidden import Unreached
from makegood.door.policy import Policy, networks

SIZE = 10_000_000_000
PIECE = bytes(1 << 20)


def bomb(kind: str) -> None:
    """Serves one request: ten gigabytes, as zeros, as gzip of zeros, as headers, or as chunks of two bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        opened, _ = listening.accept()
        with opened:
            opened.recv(65_536)
            try:
                if kind == "headers":
                    opened.sendall(b"HTTP/1.1 200 OK\r\n")
                    line = b"X-Filler: " + b"y" * 1_000 + b"\r\n"
                    for _ in range(SIZE // len(line)):
                        opened.sendall(line)
                elif kind == "crumbs":
                    opened.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for _ in range(SIZE // 100_000):
                        opened.sendall(b"2\r\nab\r\n" * 50_000)
                elif kind == "plain":
                    opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                    for _ in range(SIZE // len(PIECE)):
                        opened.sendall(PIECE)
                else:
                    opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
                    packing = zlib.compressobj(1, wbits=31)
                    for _ in range(SIZE // len(PIECE)):
                        opened.sendall(packing.compress(PIECE))
                    opened.sendall(packing.flush())
            except OSError:
                return  # who fetches has had enough


async def fetched(port: int, cap: int) -> str:
    policy = Policy(networks(["127.0.0.1"]))
    try:
        found = await fetch("GET", f"http://127.0.0.1:{port}/", policy=policy, cap=cap, timeout=50)
    except Unreached:
        return "0 -"
    return f"{len(found.body)} {found.whole}"


def peak() -> int:
    """The most memory that this process ever held, bytes."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        bomb(sys.argv[2])
    else:
        serving = [sys.executable, "-m", "tests.door.bombed", "serve", sys.argv[1]]
        with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as served:
            assert served.stdout is not None
            cap = int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 20
            came = asyncio.run(fetched(int(served.stdout.readline()), cap))
            print(peak(), came)
            served.terminate()
