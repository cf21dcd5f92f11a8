"""`verify`: whether evidence that someone gave us is sound."""

from __future__ import annotations

from pathlib import Path

from makegood.cli.asked import Paths
from makegood.cli.screen import say, say_problems
from makegood.cli.usage import WrongUsage


def verify(
    file: Path,
    *,
    since: Path | None = None,
    key: Paths = (),
    proof: Path | None = None,
    authority: Paths = (),
) -> int:
    """Check a bundle of evidence, or a head of a log: every hash, proof, signature and step; it needs no network.

    Parameters
    ----------
    file
        The bundle, or a head, HEAD.json.
    since
        A head that you saved earlier: the log must extend it. Every bundle has its head as head.json.
    key
        A public key in PEM that you got in another way: it must be one of the log's. May be given several times.
    proof
        Of a head: the file that shows that it extends the one of --since.
    authority
        A root certificate in PEM: the bundle's time stamps must come from this authority. May be given several times.
    """
    from makegood.app.verifying import Beside, verify

    if proof is not None and since is None:
        raise WrongUsage("--proof shows that a head extends another one: name that with --since")
    found = verify(file, Beside(since, key, proof, authority))
    say_problems(found.problems)
    if found.sound:  # else nothing that it says may be relied on
        width = max((len(name) for name, _ in found.says), default=0)
        for name, what in found.says:
            say(f"  {name:<{width}}  {what}")
    say(f"{'sound' if found.sound else 'NOT SOUND'}: {file}")
    return 0 if found.sound else 1
