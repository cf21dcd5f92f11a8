"""Programs of Debian that tests need, installed where they are missing and we may."""

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
        install(package)
    raise RuntimeError(f"{name} is missing: apt-get install {package}")


def install(package: str) -> None:
    """Install a package, after those whom another worker installs; the lists are fetched where they do not have it."""
    patient = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "APT::Get::Lock::Timeout=600"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def ask(*what: str) -> bool:
        done = subprocess.run([*patient, *what], check=False, stdout=subprocess.DEVNULL, env=environment)
        return done.returncode == 0

    wanted = "install", "--no-install-recommends", package
    if not ask(*wanted):
        ask("update")
        if not ask(*wanted):
            raise RuntimeError(f"apt-get cannot install {package}")
