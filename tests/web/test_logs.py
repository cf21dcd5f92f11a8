"""What libraries and Python warn of is in the log in its form, without a path of a source."""

from __future__ import annotations

import json
import subprocess
import sys

WARNS = """
import logging, warnings
from makegood.web.logs import logger, set_up_logs
for _ in range(2):  # the second time adds nothing
    set_up_logs("json")
logger().info("serving", url="x")
logging.getLogger("opentelemetry").warning("away: %s", "refused")
logging.getLogger("opentelemetry").info("of no interest")
warnings.warn("this number is odd", UserWarning)
"""


def test_a_warning_of_a_library_is_one_line_of_json() -> None:
    told = subprocess.run([sys.executable, "-c", WARNS], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in told.stderr.splitlines()]
    assert [(one["event"], one.get("library"), one.get("says")) for one in lines] == [
        ("serving", None, None),
        ("a library warns", "opentelemetry", "away: refused"),
        ("a library warns", "py.warnings", "UserWarning: this number is odd"),
    ]
    assert {one["level"] for one in lines[1:]} == {"warning"}
