"""`verify`: whether evidence that someone gave us is sound."""

from __future__ import annotations

from pathlib import Path

from makegood.cli.asked import Paths
from makegood.cli.screen import say, say_problems


def verify(
    file: Path,
    *,
    since: Path | None = None,
    key: Paths = (),
    authority: Paths = (),
) -> int:
    """Check a bundle of evidence, a proof or a head of a log: every hash, proof, signature and step, without a network.

    Parameters
    ----------
    file
        The bundle, a proof that `makegood prove` wrote, or a head.
    since
        A head that you saved earlier: the log must extend it. Every bundle has its head as head.json.
    key
        A public key in PEM that you got in another way: it must be one of the log's. May be given several times.
    authority
        A root certificate in PEM: the file's time stamps must come from this authority. May be given several times.
    """
    from makegood.app.verifying import Beside, verify

    found = verify(file, Beside(since, key, authority))
    say_problems(found.problems)
    if found.sound:  # else nothing that it says may be relied on
        width = max((len(name) for name, _ in found.says), default=0)
        for name, what in found.says:
            say(f"  {name:<{width}}  {what}")
    say(f"{'sound' if found.sound else 'NOT SOUND'}: {file}")
    return 0 if found.sound else 1
