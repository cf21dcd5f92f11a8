"""Both verifiers, asked the same: they must give the same answer."""

from __future__ import annotations

from collections.abc import Sequence

from makegood.app.verifying import verify_bundle
from makegood.evidence import verify_alone
from makegood.evidence.checking import Trusted
from makegood.evidence.head import SignedHead
from makegood.evidence.signing import PublicKey


def sound(raw: bytes, since: SignedHead | None = None, keys: Sequence[PublicKey] = ()) -> bool:
    """Whether both find a bundle sound. Fails where they differ."""
    ours = [
        p.what for p in verify_bundle(raw, "bundle.zip", Trusted(since, tuple(keys))).problems if p.severity == "error"
    ]
    try:
        saved = None if since is None else verify_alone.read_head(since.to_bytes())
        theirs, _ = verify_alone.check_bundle(raw, saved, [key.raw for key in keys])
    except verify_alone.Bad as reason:
        theirs = [str(reason)]
    assert bool(ours) is bool(theirs), (ours, theirs)
    return not ours


def why(raw: bytes, since: SignedHead | None = None, keys: Sequence[PublicKey] = ()) -> str:
    """What the first verifier finds wrong, joined; both must find something."""
    assert not sound(raw, since, keys)
    return "; ".join(p.what for p in verify_bundle(raw, "bundle.zip", Trusted(since, tuple(keys))).problems)
