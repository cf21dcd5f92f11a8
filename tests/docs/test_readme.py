"""The statement at the top of the README is the one that `makegood demo` prints."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.test_docs import ROOT, not_printed

STATEMENT = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_statement_shown_is_printed(tmp_path: Path) -> None:
    shown = STATEMENT.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert shown is not None
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "PYTHONTZPATH": ""}
    ran = subprocess.run(
        [sys.executable, "-m", "makegood", "demo"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert not_printed(shown[1].splitlines(), ran.stdout) == []
