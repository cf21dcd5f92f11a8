"""Verify evidence that someone gave us: a bundle, the proof of an entry or that a log was only extended, or a head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from makegood.app.reading import file_bytes
from makegood.evidence import bundle as form
from makegood.evidence.bundle import Enclosed, Entry, Payload
from makegood.evidence.canonical import NotCanonical, canonical, read_strict
from makegood.evidence.checking import Checked, Trusted, check_bundle, check_log, not_extended
from makegood.evidence.head import SignedHead, read_head
from makegood.evidence.leaf import KEY
from makegood.evidence.manifest import OfTheLog, Proof, read_proof
from makegood.evidence.signing import PublicKey, read_public
from makegood.model.problem import Place, Problem, Refused, Severity, error, note
from makegood.model.spans import Instant
from makegood.render.document import COLLECTION, StatementDocument, StatementsDocument
from makegood.render.document.holding import what_does_not_hold
from makegood.render.moments import open_end, rfc3339
from makegood.render.printable import printable

MOST_BYTES = 1 << 32


@dataclass(frozen=True)
class Verified:
    """What was found of a bundle or a head: every problem, what a reader should know, and what was shown, by its name.

    It is sound where there is no problem among them that is an error.
    """

    problems: tuple[Problem, ...] = ()
    says: tuple[tuple[str, str], ...] = ()

    @property
    def sound(self) -> bool:
        return not any(p.severity is Severity.ERROR for p in self.problems)


@dataclass(frozen=True)
class Beside:
    """What the reader holds beside the evidence: a saved head, public keys, certificates of authorities."""

    since: Path | None = None
    keys: Sequence[Path] = ()
    authorities: Sequence[Path] = ()


@dataclass
class _Found:
    """Gathers while a file is looked at."""

    problems: list[Problem] = field(default_factory=list)
    says: list[tuple[str, str]] = field(default_factory=list)

    def done(self) -> Verified:
        return Verified(tuple(self.problems), tuple(self.says))


def verify(path: Path, beside: Beside) -> Verified:
    """Everything that a bundle, a proof or a head shows or does not show.

    Raises Refused where a file that the reader gave beside it cannot be read at all.
    """
    trusted = Trusted(
        None if beside.since is None else _saved_head(beside.since),
        tuple(read_public(key) for key in beside.keys),
        str(beside.since or "--since"),
    )
    raw = _bytes(path)
    if raw[:1] == b"{":
        return verify_proof(raw.removesuffix(b"\n"), str(path), trusted, beside.authorities)
    return verify_bundle(raw, str(path), trusted, beside.authorities)


def verify_bundle(raw: bytes, name: str, trusted: Trusted, authorities: Sequence[Path] = ()) -> Verified:
    """Everything that the bytes of a bundle show or do not show; `name` is what it is called in problems."""
    checked = check_bundle(raw, name, trusted)
    found = _Found(list(checked.problems))
    if checked.head is not None and checked.manifest is not None:
        found.says += _log_says(checked.head)
        found.says += _trust_says(trusted, checked.head)
        found.says.append(("entries", _entries(checked)))
        found.says += _statements(checked, name, found)
        found.problems += _notes(checked, name)
        replies = {at: reply for at, reply in checked.files.items() if at.startswith(form.STAMPS)}
        _stamps(replies, name, checked.head, authorities, found)
        if not checked.vouched:
            found.problems.append(_unvouched(name, checked.head))
    return found.done()


def verify_proof(raw: bytes, name: str, trusted: Trusted, authorities: Sequence[Path] = ()) -> Verified:
    """Everything that the bytes of a proof, or of a head alone, show or do not show."""
    try:
        proof = read_proof(raw) if _is_proof(raw) else _of_a_head(read_head(raw))
    except NotCanonical as reason:
        why = "a head, and a proof, is one line of canonical JSON"
        return Verified((error("not-sound", Place(name), str(reason), why),))
    head = proof.head
    if not _is_proof(raw) and head.verifies and PublicKey(head.public).log != head.head.log and not trusted.keys:
        return Verified((_later_key(name),))
    log, problems = check_log(proof.log, head, (name, name), trusted)
    found = _Found(problems, [*_log_says(head), *_trust_says(trusted, head)])
    for entry in proof.log.entries:
        if entry.leaf.kind != KEY or entry.opened is None:
            found.says.append(("entry", f"{entry.position}: {_entry_says(entry)}"))
    _stamps({f"stamp {n}": reply for n, reply in enumerate(proof.stamps, 1)}, name, head, authorities, found)
    if not log.vouched:
        found.problems.append(_unvouched(name, head))
    return found.done()


def _is_proof(raw: bytes) -> bool:
    """Whether this is to be a proof, rather than a head alone."""
    value = read_strict(raw)
    return isinstance(value, dict) and "format" in value


def _of_a_head(head: SignedHead) -> Proof:
    """What a head shows by itself: that its key signed it."""
    return Proof(head, OfTheLog(head.public, (), ()), ())


def _later_key(name: str) -> Problem:
    what = "a later key of the log signed this head, and a head alone does not show that it follows the first key"
    hint = "ask for a proof, which does: makegood prove STORE --since HEAD; or name the key with --key"
    return error("unknown-key", Place(name), what, "anyone can say that their key is a log's", hint)


def _entry_says(entry: Entry) -> str:
    leaf = entry.leaf
    said = f"{leaf.kind} `{leaf.id}`, logged {_when(leaf.at)}"
    if isinstance(entry.opened, Payload):
        return printable(f"{said}: {canonical(entry.opened.value).decode()}")
    return printable(f"{said}: SHA-256 {leaf.commit.hex()}" if leaf.of_a_file else f"{said}; what it said is not shown")


def _saved_head(path: Path) -> SignedHead:
    try:
        return read_head(_bytes(path).removesuffix(b"\n"))  # an editor or a shell may have ended the line
    except NotCanonical as reason:
        why = "a head is one line of canonical JSON, as it stands in a bundle as head.json"
        raise Refused([error("not-a-head", Place(str(path)), str(reason), why)]) from None


def _bytes(path: Path) -> bytes:
    if path.is_file() and path.stat().st_size >= MOST_BYTES:
        raise Refused([error("too-large", Place(str(path)), "the file is larger than 4 GiB, and no evidence is")])
    return file_bytes(path)


def _log_says(head: SignedHead) -> Iterator[tuple[str, str]]:
    said = head.head
    yield "log", f"{said.log}, {said.size:,} entries at {_when(said.at)}"
    yield "signed", f"by key {said.key}"


def _trust_says(trusted: Trusted, head: SignedHead) -> Iterator[tuple[str, str]]:
    if trusted.since is not None:
        old = trusted.since.head
        more = head.head.size - old.size
        yield "extends", f"the head you saved, of {old.size:,} entries at {_when(old.at)}, by {more:,}"


def _entries(checked: Checked) -> str:
    entries = checked.manifest.log.entries if checked.manifest is not None else ()
    bare = [entry for entry in entries if entry.opened is None]
    files = sum(entry.leaf.of_a_file for entry in bare)
    parts = [f"{len(entries):,} proven"]
    parts += [f"{len(bare) - files:,} with what they say erased"] if len(bare) > files else []
    parts += [f"{files:,} {'file' if files == 1 else 'files'} by the hash alone"] if files else []
    return ", ".join(parts)


def _statements(checked: Checked, name: str, found: _Found) -> Iterator[tuple[str, str]]:
    """What each statement says, once its steps were worked out again."""
    place = f"{name}/{form.STATEMENT}"
    try:
        statements = read_statements(checked.files[form.STATEMENT])
    except NotCanonical as reason:
        found.problems.append(error("not-sound", Place(place), str(reason)))
        return
    entries = checked.manifest.log.entries if checked.manifest is not None else ()
    shown = {entry.leaf.commit.hex() for entry in entries if isinstance(entry.opened, Enclosed)}
    known = {entry.leaf.id for entry in entries}
    for number, one in enumerate(statements, 1):
        where = Place(f"{place}: statement {number}")
        found.problems += [
            error("not-sound", where, what, "the statement contradicts itself") for what in what_does_not_hold(one)
        ]
        for what, digest in (("agreement", one.pins.agreement), ("order", one.pins.order)):
            if digest not in shown:
                missing = f"the {what} that it rests on is not among the documents of the bundle"
                found.problems.append(error("not-sound", where, missing, "its hash is pinned in the statement"))
        found.problems += _from_the_log(one.pins.head, checked, where, name)
        cited = sorted(cited_facts(one) - known)
        if cited:
            names = ", ".join(f"`{printable(fact)[:40]}`" for fact in cited[:5]) + (" …" if len(cited) > 5 else "")
            what = f"{len(cited)} of the facts that it cites are not in the bundle: {names}"
            found.problems.append(note("not-enclosed", where, what, "they cannot be looked at here"))
        said = f"{one.verdict.value}, {one.credit.text}: {one.commitment.id} for {one.subject} in {one.period.label}"
        yield "statement", printable(f"{said} ({len(one.trace)} steps worked out anew)")


def _from_the_log(text: str, checked: Checked, where: Place, name: str) -> Iterator[Problem]:
    """The head that a statement was made from must be one that the bundle's head extends."""
    if not text:
        yield note("no-head", where, "the statement does not say from which head of a log it was made")
        return
    try:
        made_from = read_head(text.encode("utf-8", "surrogatepass"))
    except NotCanonical as reason:
        yield error("not-sound", where, f"the head that it was made from: {reason}")
        return
    if checked.head is not None and checked.manifest is not None:
        log, place = checked.manifest.log, f"{name}/{form.HEAD}"
        what = "the head that the statement was made from"
        yield from not_extended(made_from, what, str(where), log, checked.head, checked.keys, place)


def read_statements(raw: bytes) -> tuple[StatementDocument, ...]:
    """The statements of a document. Raises NotCanonical, with the reason, for what is none."""
    value = read_strict(raw)
    try:
        if isinstance(value, dict) and value.get("format") == COLLECTION:
            return StatementsDocument.model_validate_json(raw, strict=True).statements
        return (StatementDocument.model_validate_json(raw, strict=True),)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise NotCanonical(f"this is no statement: {at}: {first['msg'].lower()}") from None


def cited_facts(document: StatementDocument) -> set[str]:
    """The ids of recorded facts that a statement rests on; what it says of its order by name is none."""
    cited = {fact for step in document.trace for fact in step.facts}
    cited |= {fact for excuse in document.excuses for gate in excuse.gates for fact in gate.facts}
    return {fact for fact in cited if not fact.startswith("order: ")}


def _notes(checked: Checked, name: str) -> Iterator[Problem]:
    enclosed = checked.files.get(form.VERIFIER)
    if enclosed is not None and enclosed != form.verifier():
        what = "the verifier in the bundle is not the one of this release"
        why = "it may be of another release; one that came with a bundle shows nothing against its maker"
        yield note("other-verifier", Place(f"{name}/{form.VERIFIER}"), what, why)


def _stamps(replies: dict[str, bytes], name: str, head: SignedHead, authorities: Sequence[Path], found: _Found) -> None:
    if not authorities:
        if replies:
            what = f"{len(replies)} time {'stamp was' if len(replies) == 1 else 'stamps were'} not looked at"
            hint = "give the root certificate of the authority with --authority"
            found.problems.append(note("stamps-unchecked", Place(name), what, hint=hint))
        return
    from makegood.evidence.stamps import NotStamped, read_authorities, stamped_at

    roots = [root for path in authorities for root in read_authorities(_bytes(path), str(path))]
    if not replies:
        found.problems.append(error("not-stamped", Place(name), "there is no time stamp in this file"))
    for at, reply in replies.items():
        try:
            found.says.append(("stamped", f"{_when(stamped_at(reply, head, roots))} at the latest"))
        except NotStamped as reason:
            found.problems.append(error("not-sound", Place(f"{name}/{at}"), str(reason)))


def _when(at: Instant) -> str:
    return f"{at} µs, which is no date" if open_end(at) else rfc3339(at)


def _unvouched(name: str, head: SignedHead) -> Problem:
    what = f"nothing outside vouches for the key of log {head.head.log}"
    hint = "compare the log's id with what was published, or give --since HEAD.json or --key PUBLIC.pem"
    return note("key-unknown", Place(name), what, "anyone can make a log of their own", hint)
