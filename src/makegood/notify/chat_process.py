"""The process that sends one chat or text message: `python -m makegood.notify.chat_process`, JSON in and JSON out.

Before the library is loaded, the process is put behind the door (`makegood.door.process`), which nothing can take away:
connections go only to addresses that the policy lets pass, and no program is started, no file written, and none read
that is not of Python itself or the system's certificates. Memory and processor time are limited.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import resource
import sys
from collections.abc import Mapping
from typing import Any

from makegood.door.forbidden import Forbidden
from makegood.door.policy import Policy, policy_of
from makegood.door.process import shut

MEMORY, SECONDS = 1 << 30, 30
READABLE = ("/etc/ssl", "/etc/pki", "/usr/lib/ssl", "/usr/share/zoneinfo", "/etc/localtime", "/etc/mime.types", "/dev/")
"""What may be read beside Python itself: the system's certificates, zones and kinds of files."""


def confine(policy: Policy) -> list[Forbidden]:
    """Shut this process, for as long as it lives; what it is refused is put into the answer."""
    return shut(policy, (sys.prefix, sys.base_prefix, *sys.path, *READABLE))


def send(asked: Mapping[str, Any]) -> tuple[bool, str]:
    """Send what was asked for: whether it was taken, and what the library said."""
    import apprise

    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    asset = apprise.AppriseAsset(storage_mode="memory", plugin_paths=[], secure_logging=True, async_mode=False)
    asset.http_redirects = False
    library = apprise.Apprise(asset=asset)
    if not library.add(str(asked["url"])):
        return False, "the library cannot read the URL of this channel"
    with contextlib.redirect_stdout(io.StringIO()):
        taken = library.notify(body=str(asked["body"]), title=str(asked["title"]), body_format="text")
    return bool(taken), " ".join(said.getvalue().split())[:500]


def main() -> None:
    """Read what is asked for, do it, and answer."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.loads(sys.stdin.buffer.read())
    refusals = confine(policy_of(asked["allowed"], asked["refused"]))
    try:
        taken, said = send(asked)
    except Exception as failure:  # noqa: BLE001 -- told to whoever asked
        taken, said = False, f"{type(failure).__name__}: {failure}"
    if refusals and not taken:
        said = f"this may not be connected to: {refusals[0]}"
    print(json.dumps({"taken": taken, "said": said}))


if __name__ == "__main__":
    main()
