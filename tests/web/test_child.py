"""What the child of a server says is in the server's log, in its form, to the last word."""

from __future__ import annotations

import asyncio
import sys

import pytest
from structlog.testing import capture_logs

from makegood.web.child import keep_running

SAYS = """
import sys
print("2026-02-01T10:00:00Z agent: enrolled as `local`", file=sys.stderr)
print(file=sys.stderr)
print("x" * 20_000, file=sys.stderr)
sys.stderr.write("Traceback: é, and no end of the line")
sys.exit(3)
"""


def test_each_line_of_a_child_is_an_event_without_the_time_before_it() -> None:
    async def once() -> None:
        task = asyncio.create_task(keep_running([sys.executable, "-c", SAYS], dict, least=60))
        while not any(one["event"] == "the child agent ended" for one in logged):
            assert not task.done()
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with capture_logs() as logged:
        asyncio.run(asyncio.wait_for(once(), 30))
    said = [one["says"] for one in logged if one["event"] == "agent"]
    assert said[0] == "enrolled as `local`"
    assert "".join(said[1:-1]).startswith("x" * 16_384)
    assert said[-1].endswith("Traceback: é, and no end of the line")
    assert "".join(said).count("x") == 20_000
    assert logged[-1]["code"] == 3
