"""Logs: one line for each event, JSON where no terminal reads them, each with the id of its request.

What is logged is named field by field. Bodies, headers and query strings never are, and of a path only its route, since
the URL of a heartbeat is a secret.
"""

from __future__ import annotations

import sys
from typing import Any, Literal

Format = Literal["auto", "json", "console"]


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


def logger() -> Any:
    """What to log with: `logger().info("event", field=value)`."""
    import structlog

    return structlog.get_logger()
