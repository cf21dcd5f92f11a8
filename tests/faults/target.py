"""A target in a process of its own: it is up or down as it is told, and writes down all that becomes of it.

`python -m tests.faults.target ADDRESS` takes `up` and `down`, a line each, and prints lines of JSON: its port; the
instant of each change; each request with when it came, who asked for what, and the answer; and when it stood still.
All instants are µs of the machine's clock.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

TICK, STILL = 0.02, 100_000
"""Seconds between looks at the clock; a look that comes so much later (µs) shows that the process stood still."""


def now() -> int:
    return time.time_ns() // 1_000


def write(**said: object) -> None:
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


class Target:
    """The target, first up."""

    status = 200

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came = now()
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        who = next((line.partition(":")[2].strip() for line in lines if line.lower().startswith("x-from:")), "")
        status, path = self.status, lines[0].split(" ")[1]
        write(came=came, who=who, path=path, status=status)
        writer.write(f"HTTP/1.1 {status} it is\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()

    async def tick(self) -> None:
        before = now()
        while True:
            await asyncio.sleep(TICK)
            if (after := now()) - before > STILL:
                write(still=[before, after])
            before = after

    def hear(self, line: str) -> None:
        before, self.status = now(), 200 if line.strip() == "up" else 503
        write(became=line.strip(), after=before, by=now())


async def main(address: str) -> None:
    target = Target()
    server = await asyncio.start_server(target.answer, address, 0)
    ticking = asyncio.create_task(target.tick())
    write(port=server.sockets[0].getsockname()[1])
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def heard() -> None:
        line = sys.stdin.readline()
        if line:
            target.hear(line)
        else:
            loop.remove_reader(sys.stdin)
            ended.set()

    loop.add_reader(sys.stdin, heard)
    await ended.wait()
    ticking.cancel()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
