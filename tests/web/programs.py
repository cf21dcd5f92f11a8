"""Debian's programs that tests of the server need, installed where they are missing and we may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def program(name: str, package: str) -> Path:
    """The path of a program of a package."""
    for _ in range(2):
        if found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            return Path(found)
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            break
        print(f"installing Debian's {package} for the tests", file=sys.stderr)
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", package],
            check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip
    raise RuntimeError(f"{name} is missing: apt-get install {package}")
