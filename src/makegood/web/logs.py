"""Logs: one line for each event, JSON where no terminal reads them, each with the id of its request.

What is logged is named field by field. Bodies, headers and query strings never are, and of a path only its route, since
the URL of a heartbeat is a secret.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal

Format = Literal["auto", "json", "console"]
_PLACE = re.compile(r"^[^ ]*:\d+: ")
"""Where in a source a warning of Python comes from, which is no news to who runs it."""


def set_up_logs(form: Format) -> None:
    """Say how this process logs, to the error stream."""
    import structlog

    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shown: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            shown,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Library)]
    root.addHandler(_Library(logging.WARNING))
    logging.captureWarnings(True)


class _Library(logging.Handler):
    """What a library warns of is a line of the log too, in its form: without a trace and a place in a source."""

    def emit(self, record: logging.LogRecord) -> None:
        says = _PLACE.sub("", (record.getMessage().strip().splitlines() or [""])[0])
        logger().warning("a library warns", library=record.name, says=says)


def logger() -> Any:
    """What to log with: `logger().info("event", field=value)`."""
    import structlog

    return structlog.get_logger()
