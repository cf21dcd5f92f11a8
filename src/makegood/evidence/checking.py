"""Whether a bundle is sound: every check there is, each failure told, and what stays a matter of trust said.

The checks are numbered in docs/evidence.md. Nothing here looks into the statement; `app.verifying` recomputes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from makegood.evidence import bundle as form
from makegood.evidence.archive import NoArchive, read_archive
from makegood.evidence.bundle import Enclosed, Entry, Payload
from makegood.evidence.canonical import NotCanonical, canonical
from makegood.evidence.head import SignedHead, read_head, successor
from makegood.evidence.leaf import KEY, commitment, handle
from makegood.evidence.manifest import Manifest, OfTheLog, read_manifest
from makegood.evidence.signing import PublicKey
from makegood.evidence.tree import consistent, included
from makegood.model.problem import Place, Problem, error

_ASK = "ask whoever gave it to you for the bundle again; if it stays so, the evidence was changed"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What the reader knows beforehand: a head saved earlier, and public keys got in another way than this one."""

    since: SignedHead | None = None
    keys: tuple[PublicKey, ...] = ()
    since_name: str = "--since"


@dataclass(frozen=True, slots=True)
class Link:
    """A key of the log: it signs the heads of sizes above `after`, up to and with `until` (None is without end)."""

    key: PublicKey
    after: int
    until: int | None

    def signs(self, size: int) -> bool:
        return self.after < size and (self.until is None or size <= self.until)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. The bundle is sound where there is no problem; the rest is there as far as it could be read."""

    problems: tuple[Problem, ...]
    head: SignedHead | None = None
    manifest: Manifest | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    keys: tuple[Link, ...] = ()
    vouched: bool = False
    """Whether the key is known from elsewhere: a saved head or a key that was given."""


def check_bundle(raw: bytes, name: str, trusted: Trusted | None = None) -> Checked:
    """Every problem of a bundle; `name` is what it is called in them."""
    trusted = trusted or Trusted()
    try:
        files = read_archive(raw)
    except NoArchive as reason:
        return Checked((_broken(name, str(reason), "a bundle is a ZIP file that can be written in one way only"),))
    missing = [part for part in (form.MANIFEST, form.SIGNATURE, form.HEAD, form.STATEMENT) if part not in files]
    if missing:
        return Checked(tuple(_broken(name, f"{part} is missing", "every bundle has it") for part in missing))
    inside = f"{name}/{form.MANIFEST}"
    try:
        manifest = read_manifest(files[form.MANIFEST])
    except NotCanonical as reason:
        return Checked((_broken(inside, str(reason)),), files=files)
    problems = list(_files(name, manifest, files))
    try:
        head = read_head(files[form.HEAD])
    except NotCanonical as reason:
        problems.append(_broken(f"{name}/{form.HEAD}", str(reason)))
        return Checked(tuple(problems), manifest=manifest, files=files)
    signed = form.BUNDLE_CONTEXT + files[form.MANIFEST]
    if not _verifies(head, signed, files[form.SIGNATURE]):
        problems.append(
            _broken(f"{name}/{form.SIGNATURE}", "the head's key did not sign this manifest", "the manifest was changed")
        )
    log, found = check_log(manifest.log, head, (inside, f"{name}/{form.HEAD}"), trusted)
    problems += [*found, *_enclosed(inside, manifest, files), *_authors(inside, manifest)]
    return Checked(tuple(problems), head, manifest, files, log.keys, log.vouched)


@dataclass(frozen=True, slots=True)
class Log:
    """The keys of a log that were shown to follow each other, and whether one of them is known from elsewhere."""

    keys: tuple[Link, ...]
    vouched: bool


def check_log(log: OfTheLog, head: SignedHead, places: tuple[str, str], trusted: Trusted) -> tuple[Log, list[Problem]]:
    """Head, keys, entries and what they say, extension; `places` are what proofs and head are called in problems."""
    inside, of_head = places
    problems: list[Problem] = []
    if not head.verifies:
        why = "whoever changed a head cannot sign it anew"
        problems.append(_broken(of_head, "the signature is not the one of this head and this key", why))
    keys, found = _chain(log, head.head.log, inside, trusted.keys)
    problems += found
    if keys and not found:
        problems += _signer(keys, head, of_head, "the head")
    problems += [*_included(inside, log.entries, head), *_extended(inside, log, head)]
    known = {link.key.raw for link in keys}
    if trusted.keys and not known & {key.raw for key in trusted.keys}:
        what = "none of the keys you gave signed this head, or brought in the key that did"
        hint = "compare the key with the one that was published; " + _ASK
        problems.append(error("unknown-key", Place(of_head), what, "anyone can make a log of their own", hint))
    if trusted.since is not None:
        saved = trusted.since, "the head you saved", trusted.since_name
        problems += not_extended(*saved, log, head, keys, of_head)
    return Log(keys, bool(trusted.keys or trusted.since)), problems


def _files(name: str, manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[Problem]:
    listed = [form.MANIFEST, form.SIGNATURE, *manifest.files]
    if list(files) != listed:
        for file in files.keys() - listed:
            yield _broken(f"{name}/{file}", "the manifest does not list this file")
        for file in manifest.files.keys() - files.keys():
            yield _broken(f"{name}/{file}", "the manifest lists this file, and it is not there")
        if set(files) == set(listed):
            yield _broken(name, "the files are not in the order of the manifest")
    for file, said in manifest.files.items():
        content = files.get(file, b"")
        if file in files and (said.size != len(content) or said.sha256 != sha256(content).digest()):
            yield _broken(f"{name}/{file}", "the file is not the one that the manifest lists", "its SHA-256 is another")
        if file not in (form.HEAD, form.STATEMENT, form.VERIFIER) and not file.startswith((*form.LOGGED, form.STAMPS)):
            yield _broken(f"{name}/{file}", "there is no place for such a file in a bundle")


def _verifies(head: SignedHead, message: bytes, signature: bytes) -> bool:
    try:
        return PublicKey(head.public).verifies(message, signature)
    except ValueError:
        return False


def _chain(log: OfTheLog, name: str, place: str, given: Sequence[PublicKey]) -> tuple[tuple[Link, ...], list[Problem]]:
    """The keys from the first on, or from one that the reader knows. A key that does not follow ends the chain."""
    try:
        key = PublicKey(log.first)
    except ValueError as reason:
        return (), [_broken(place, f"the log's first key: {reason}")]
    if key.log != name and key not in given:
        why = "the id of a log is the hash of its first key, and you gave no other key to go by"
        return (), [_broken(place, "the first key is not the one of the head's log", why)]
    changes = [entry for entry in log.entries if entry.leaf.kind == KEY]
    links: list[Link] = []
    after = -1
    for entry in changes:
        where = f"{place}: entry {entry.position}"
        if not isinstance(entry.opened, Payload):
            return tuple(links), [_broken(where, "a change of keys is not shown", "the key after it follows from it")]
        try:
            new = successor(entry.opened.value, name, key)
        except NotCanonical as reason:
            return tuple(links), [_broken(where, str(reason))]
        links.append(Link(key, after, entry.position))
        key, after = new, entry.position
    return (*links, Link(key, after, None)), []


def _signer(keys: Sequence[Link], head: SignedHead, place: str, what: str) -> Iterator[Problem]:
    if not any(link.key.raw == head.public and link.signs(head.head.size) for link in keys):
        why = "heads that cover a change of keys are signed by the new key, earlier ones by the old"
        yield _broken(place, f"{what} is not signed by the key that the log had at its size", why)


def _included(place: str, entries: Sequence[Entry], head: SignedHead) -> Iterator[Problem]:
    for entry in entries:
        if not included(entry.position, head.head.size, entry.leaf.hash, entry.proof, head.head.root):
            what = f"the proof does not show that {entry.leaf.kind} `{entry.leaf.id[:60]}` is there in the log"
            yield _broken(f"{place}: entry {entry.position}", what, "entry, place, proof or head is another one")
        said = entry.opened
        if isinstance(said, Payload) and commitment(said.salt, canonical(said.value)) != entry.leaf.commit:
            what = f"the payload is not the one that {entry.leaf.kind} `{entry.leaf.id[:60]}` commits to"
            yield _broken(f"{place}: entry {entry.position}", what)


def _extended(place: str, log: OfTheLog, head: SignedHead) -> Iterator[Problem]:
    for one in log.extends:
        if not consistent(one.size, head.head.size, one.root, head.head.root, one.proof):
            what = f"the proof does not show that the log extends what it was at {one.size} entries"
            yield _broken(place, what, "the root, the proof or the head is another one")


def not_extended(
    old: SignedHead, what: str, where: str, log: OfTheLog, head: SignedHead, keys: Sequence[Link], place: str
) -> Iterator[Problem]:
    """Why a head is not shown to extend an earlier one: what that covered must still be there.

    `what` says whose the earlier head is, `where` what it and `place` what the head is called in problems.
    """
    then, now = old.head, head.head
    if not old.verifies:
        yield _broken(where, "the signature is not the one of this head and this key", "the head was changed")
        return
    if then.log != now.log:
        yield error("other-log", Place(where), f"this is a head of log {then.log}, and the other of log {now.log}")
        return
    yield from _signer(keys, old, where, what) if keys else ()
    fork = "two logs were shown to two readers", "keep both heads: together they prove it"
    if then.size > now.size:
        said = f"the head has {now.size} entries, and {what} {then.size}"
        why = "a log only grows: entries were taken away, or this was made before that head"
        yield error("log-went-back", Place(place), said, why, "ask for one made now")
    elif then.size == now.size:
        if then.root != now.root:
            said = f"with {then.size} entries the log has another root than {what}"
            yield error("log-forked", Place(place), said, *fork)
    elif then.size:
        shown = [one.root for one in log.extends if one.size == then.size]
        if not shown:
            said = f"nothing shows that the log extends {what}, of {then.size} entries"
            hint = "give that head to whoever makes the evidence, and ask for some that extends it"
            yield error("not-extended", Place(place), said, "entries may have been changed since", hint)
        elif shown[0] != then.root:
            said = f"at {then.size} entries the log had another root than {what}"
            yield error("log-forked", Place(place), said, *fork)


def _enclosed(place: str, manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """The files that leaves commit to, where they are shown; and no file that no leaf commits to."""
    shown: set[str] = set()
    for entry in manifest.log.entries:
        where = f"{place}: entry {entry.position}"
        if isinstance(entry.opened, Enclosed):
            name = entry.opened.name
            shown.add(name)
            if not name.startswith(form.LOGGED) or name not in files:
                yield _broken(where, f"there is no file {name} in documents/ or evidence/")
            elif sha256(files[name]).digest() != entry.leaf.commit:
                yield _broken(where, f"{name} is not the file that `{entry.leaf.id[:60]}` commits to")
    for name in files:
        if name.startswith(form.LOGGED) and name not in shown:
            yield _broken(f"{place}: {name}", "no entry of the log commits to this file")


def _authors(place: str, manifest: Manifest) -> Iterator[Problem]:
    for known, author in manifest.authors.items():
        if handle(author.name, author.salt) != known:
            yield _broken(f"{place}: authors", f"`{author.name[:60]}` is not who stands behind {known}")


def _broken(place: str, what: str, why: str = "") -> Problem:
    return error("not-sound", Place(place), what, why, _ASK)
