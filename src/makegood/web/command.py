"""`serve`: the hub of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def serve(
    folder: Path,
    *,
    listen: str = "127.0.0.1:8080",
    url: str = "",
    location: str = "local",
    allow: tuple[str, ...] = (),
    refuse: tuple[str, ...] = (),
    control: tuple[str, ...] = (),
    no_agent: bool = False,
    trust_clock: bool = False,
    logs: Literal["auto", "json", "console"] = "auto",
) -> None:
    """Serve a store: its API, heartbeats, metrics and a public page; and watch from here.

    The first start prints a one-time token, which makes the first administrator's.

    Parameters
    ----------
    folder
        The folder of the store.
    listen
        The address and port to listen on; port 0 is a free one.
    url
        How others reach it, where that is otherwise, as behind a proxy: https://status.example.com.
    location
        What the location of this machine is called.
    allow
        A private network that may be reached, by the location and by the hub itself, such as 10.0.0.0/8.
    refuse
        A network that neither may reach, though it is public or allowed.
    control
        A URL or host:port that has nothing to do with what is watched: by it the location knows that it is well.
    no_agent
        Do not run a location here.
    trust_clock
        The clock of this machine is right, whatever the store or the locations say.
    logs
        json, or console for people; auto is console on a terminal.
    """
    from makegood.web.child import Own
    from makegood.web.serving import Serve, run

    run(
        Serve(
            folder,
            listen,
            url,
            None if no_agent else Own(location, allow, refuse, control),
            allow,
            refuse,
            logs,
            trust_clock,
        )
    )
