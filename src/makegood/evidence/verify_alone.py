#!/usr/bin/env python3
"""Check evidence of Makegood, such as a bundle, with nothing but Python 3.9 or newer.

    python3 verify.py FILE [--since HEAD.json] [--key PUBLIC.pem]

FILE is a bundle, a proof (what `makegood prove` writes), or a head.

This file stands alone. It shares no code with Makegood, uses only the standard library, opens no network and writes
nothing. It checks the archive, the manifest, every hash, every signature (Ed25519, RFC 8032), every proof of the log
(RFC 6962), and works out every step of every statement anew. docs/evidence.md of Makegood says what each check is for.

  --since HEAD.json    a head that you saved earlier: the log must extend it
  --key PUBLIC.pem     a public key that you got in another way: it must be one of the log's; as often as needed

It exits with 0 if all is sound, 1 if something is not, 2 for a wrong command line, and 70 if it fails itself.

A verifier that came inside a bundle says nothing against whoever made the bundle: take this file from elsewhere, or
read it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import sys
import traceback
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

SOUND, UNSOUND, USAGE, FAULT = 0, 1, 2, 70
HEX = {digits: re.compile(f"[0-9a-f]{{{digits}}}") for digits in (16, 32, 64, 128)}
NAME = re.compile("[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*")
WHOLE = re.compile("0|-?[1-9][0-9]{0,18}")
EXACT = re.compile("-?[0-9]{1,400}(/[1-9][0-9]{0,399})?")
UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")
SAFE = 2**53 - 1

Point = tuple[int, int, int, int]
Spans = tuple[tuple[int, int], ...]
Keep = Callable[[bool, bool], bool]


class Bad(Exception):
    """Something is not sound; says what."""


def need(holds: object, what: str) -> None:
    if not holds:
        raise Bad(what)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


# The archive: ZIP, stored, without times, comments and extra fields.


def unzip(raw: bytes) -> dict[str, bytes]:
    """The files by their names, in order. Whatever could have been written in another way is refused."""
    files, directory, at = {}, [], 0
    while raw[at : at + 4] == b"PK\3\4":
        need(len(raw) >= at + 30, "the archive breaks off")
        needs, flags, method, time, day, crc, packed, size, length, extra = struct.unpack_from("<5H3I2H", raw, at + 4)
        start = at + 30 + length
        name = raw[at + 30 : start].decode("ascii", "replace")
        content = raw[start : start + size]
        need(NAME.fullmatch(name) and length <= 200 and name not in files, f"a name in the archive: {name[:60]!r}")
        need((needs, flags, method, time, day, extra) == (20, 0, 0, 0, 33, 0), f"the header of {name}")
        need(packed == size == len(content) and crc == zlib.crc32(content), f"length or checksum of {name}")
        same = struct.pack("<5H3I2H", needs, flags, method, time, day, crc, packed, size, length, extra)
        rest = struct.pack("<3H2I", 0, 0, 0, 0o100644 << 16, at)
        directory.append(b"PK\1\2" + struct.pack("<H", 788) + same + rest + name.encode())
        files[name] = content
        at = start + size
    listed = b"".join(directory)
    end = struct.pack("<4H2IH", 0, 0, len(files), len(files), len(listed), at, 0) if len(files) < 65535 else b""
    need(
        files and raw[at:] == listed + b"PK\5\6" + end, "what stands before, between or after the files of the archive"
    )
    return files


# JSON: strict, and in canonical form (RFC 8785) where it is hashed or signed.


def parse(raw: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(pairs)) == len(pairs), "a name twice in one object of JSON")
        return dict(pairs)

    def fraction(text: str) -> None:
        raise Bad(f"the number {text[:20]} in JSON is not whole")

    def whole(text: str) -> int:
        need(len(text) <= 25, "a number in JSON is too long")
        return int(text)

    try:
        return json.loads(
            raw.decode("utf-8"), parse_float=fraction, parse_int=whole, parse_constant=fraction, object_pairs_hook=once
        )
    except (ValueError, RecursionError) as reason:
        raise Bad(f"no JSON: {str(reason)[:80]}") from None


def canonical(value: Any, depth: int = 0) -> str:
    need(depth <= 64, "JSON is nested too deeply")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        need(abs(value) <= SAFE, "a number in JSON is too large")
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(name) + ":" + canonical(value[name], depth + 1) for name in names) + "}"


def bytes_of(value: Any) -> bytes:
    try:
        return canonical(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Bad("a text in JSON has half of a surrogate pair") from None


def parse_canonical(raw: bytes) -> Any:
    value = parse(raw)
    need(bytes_of(value) == raw, "the JSON is not in canonical form")
    return value


def shape(value: Any, what: str, **forms: Any) -> dict[str, Any]:
    """An object with these fields and no others: each of a type, or a text of a form."""
    need(isinstance(value, dict) and set(value) == set(forms), f"{what} has other fields than it must")
    for name, form in forms.items():
        found = value[name]
        if form is int:
            good = isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= SAFE
        elif isinstance(form, type):
            good = isinstance(found, form)
        else:
            good = form is None or (isinstance(found, str) and form.fullmatch(found) is not None)
        need(good, f"`{name}` of {what} is not in its form")
    return dict(value)


def is_one(value: Any) -> None:
    need(value == 1 and not isinstance(value, bool), "the version is not 1")


def is_instant(text: str) -> None:
    need(-(2**63) <= int(text) < 2**63, "an instant is beyond 64 bits")


# Ed25519 (RFC 8032), without the cofactor; strict about keys and signatures.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a: Point, b: Point) -> Point:
    """Two points in extended coordinates X, Y, Z, T."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point = add(point, point)
        number >>= 1
    return found


def point_of(raw: bytes) -> Point | None:
    """The point of 32 bytes, or None. What is no canonical encoding, and x = 0 with a sign, is none."""
    y, sign = int.from_bytes(raw, "little") & (2**255 - 1), raw[31] >> 7
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def encoded(point: Point) -> bytes:
    z = pow(point[2], P - 2, P)
    x, y = point[0] * z % P, point[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's of this message. A key of small order is nobody's."""
    point, s = point_of(key), int.from_bytes(signature[32:], "little")
    if point is None or encoded(times(8, point)) == encoded((0, 1, 1, 0)) or len(signature) != 64 or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    minus = (P - point[0], point[1], 1, P - point[3])
    return encoded(add(times(s, BASE), times(h, minus))) == signature[:32]


def key_of_pem(raw: bytes) -> bytes:
    text = raw.decode("ascii", "replace")
    found = re.search("-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", text, re.DOTALL)
    try:
        der = base64.b64decode("".join(found.group(1).split())) if found else b""
    except ValueError:
        der = b""
    need(len(der) == 44 and der[:12].hex() == "302a300506032b6570032100", "this is no Ed25519 public key in PEM")
    return der[12:]


# The log: RFC 6962. Proofs are followed from the top down, as they are made.


def inclusion_root(at: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes:
    """The root that a proof leads to."""
    if size == 1:
        need(not proof, "a proof is too long")
        return leaf
    need(proof, "a proof is too short")
    half = 1 << (size - 1).bit_length() - 1
    if at < half:
        return sha(b"\1", inclusion_root(at, half, leaf, proof[:-1]), proof[-1])
    return sha(b"\1", proof[-1], inclusion_root(at - half, size - half, leaf, proof[:-1]))


def consistency_roots(
    old: int, new: int, old_root: bytes, proof: list[bytes], whole: bool = True
) -> tuple[bytes, bytes]:
    """The roots of the old and the new tree that a proof leads to."""
    if old == new:
        need(len(proof) == (0 if whole else 1), "a proof has another length than it must")
        return (old_root, old_root) if whole else (proof[0], proof[0])
    need(proof, "a proof is too short")
    half = 1 << (new - 1).bit_length() - 1
    if old <= half:
        then, now = consistency_roots(old, half, old_root, proof[:-1], whole)
        return then, sha(b"\1", now, proof[-1])
    then, now = consistency_roots(old - half, new - half, old_root, proof[:-1], False)
    return sha(b"\1", proof[-1], then), sha(b"\1", proof[-1], now)


def steps_of(value: Any) -> list[bytes]:
    need(isinstance(value, list) and len(value) <= 64, "a proof is a list of at most 64 hashes")
    need(all(isinstance(step, str) and HEX[64].fullmatch(step) for step in value), "a proof is a list of hashes")
    return [bytes.fromhex(step) for step in value]


def read_head(raw: bytes) -> dict[str, Any]:
    """A signed head, once its signature is found good."""
    whole = shape(parse_canonical(raw), "a signed head", head=None, public=HEX[64], signature=HEX[128])
    head = shape(whole["head"], "a head", at=WHOLE, key=HEX[16], log=HEX[32], root=HEX[64], size=int, v=None)
    is_one(head["v"])
    is_instant(head["at"])
    public = bytes.fromhex(whole["public"])
    message = b"makegood.head/1\n" + bytes_of(head)
    need(sha(public).hex()[:16] == head["key"], "the head names another key")
    need(signed(public, message, bytes.fromhex(whole["signature"])), "the signature of the head is not its key's")
    return {**head, "root": bytes.fromhex(head["root"]), "public": public}


def keys_of(first: bytes, entries: list[Any], log: str, trusted: Sequence[bytes]) -> list[tuple[bytes, int, int]]:
    """The keys of the log, each with the sizes whose heads it signs: above the first number, up to the second."""
    need(sha(first).hex()[:32] == log or first in trusted, "the first key is not the one of the head's log")
    key, after, found = first, -1, []
    for entry in entries:
        if entry["leaf"]["kind"] != "key":
            continue
        need(entry["opened"] is not None, "a change of keys is not shown")
        said = entry["opened"]["payload"]
        said = shape(said, "a change of keys", key=HEX[16], log=HEX[32], public=HEX[64], signature=HEX[128], v=None)
        is_one(said["v"])
        signature = bytes.fromhex(said.pop("signature"))
        need(said["log"] == log and said["key"] == sha(key).hex()[:16], "a change of keys is of another log or key")
        need(signed(key, b"makegood.key/1\n" + bytes_of(said), signature), "the key before did not sign its change")
        found.append((key, after, entry["position"]))
        key, after = bytes.fromhex(said["public"]), entry["position"]
    return [*found, (key, after, SAFE + 1)]


def has_signed(keys: list[tuple[bytes, int, int]], head: dict[str, Any]) -> bool:
    return any(key == head["public"] and after < head["size"] <= until for key, after, until in keys)


# The bundle.


class Checks:
    """Runs one check after the other and remembers what was not sound."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def run(self, where: str, check: Callable[..., Any], *given: Any) -> Any:
        try:
            return check(*given)
        except Bad as reason:
            self.problems.append(f"{where}: {reason}")
            return None


def check_files(manifest: Any, files: dict[str, bytes]) -> None:
    listed = manifest["files"]
    for one in listed:
        shape(one, "a file", name=NAME, sha256=HEX[64], size=int)
    names = [one["name"] for one in listed]
    need(names == sorted(set(names)), "the files are not in order, each once")
    need(list(files) == ["manifest.json", "manifest.sig", *names], "the archive has other files than the manifest")
    for one in listed:
        content, name = files[one["name"]], one["name"]
        need(len(content) == one["size"] and sha(content).hex() == one["sha256"], f"{name} was changed")
        known = name in ("head.json", "statement.json", "verify.py")
        need(known or name.startswith(("documents/", "evidence/", "stamps/")), f"there is no place for {name}")


def check_form(manifest: Any) -> Any:
    shape(manifest, "a manifest", authors=list, entries=list, extends=list, files=list, first=HEX[64], format=str)
    need(manifest["format"] == "makegood.bundle/1", "the format is not makegood.bundle/1")
    check_log_form(manifest)
    for one in manifest["authors"]:
        shape(one, "an author", handle=HEX[32], name=str, salt=HEX[32])
    handles = [one["handle"] for one in manifest["authors"]]
    need(handles == sorted(set(handles)), "the authors are not in order, each once")
    return manifest


def check_log_form(manifest: Any) -> None:
    before = -1
    for entry in manifest["entries"]:
        shape(entry, "an entry", leaf=None, opened=None, position=int, proof=list)
        leaf = shape(
            entry["leaf"], "a leaf", at=WHOLE, by=str, commit=HEX[64], id=str, kind=re.compile("(?s).+"), v=None
        )
        is_one(leaf["v"])
        is_instant(leaf["at"])
        if entry["opened"] is not None and of_a_file(leaf):
            shape(entry["opened"], "an entry's file", file=NAME)
        elif entry["opened"] is not None:
            shape(entry["opened"], "an entry's payload", payload=None, salt=HEX[32])
        need(entry["position"] > before, "the entries are not in order, each once")
        before = entry["position"]
    before = 0
    for one in manifest["extends"]:
        shape(one, "an extension", proof=list, root=HEX[64], size=int)
        need(one["size"] > before, "the extensions are not in order, each once")
        before = one["size"]


def check_proof_form(proof: Any) -> Any:
    shape(proof, "a proof", entries=list, extends=list, first=HEX[64], format=str, head=dict, stamps=list)
    need(proof["format"] == "makegood.proof/1", "the format is not makegood.proof/1")
    check_log_form(proof)
    need(not any(entry["opened"] and "file" in entry["opened"] for entry in proof["entries"]), "a proof has no files")
    stamps = proof["stamps"]
    need(all(isinstance(one, str) and re.fullmatch("([0-9a-f]{2})+", one) for one in stamps), "a stamp is no bytes")
    need(stamps == sorted(set(stamps)), "the stamps are not in order, each once")
    return proof


def of_a_file(leaf: Any) -> bool:
    return leaf["kind"].partition("/")[0] in ("document", "batch", "segment")


def check_entry(entry: Any, head: Any, files: dict[str, bytes]) -> None:
    need(entry["position"] < head["size"], "it is beyond the head")
    leaf = sha(b"\0", bytes_of(entry["leaf"]))
    root = inclusion_root(entry["position"], head["size"], leaf, steps_of(entry["proof"]))
    need(root == head["root"], "its proof leads to another root than the head's")
    opened, commit = entry["opened"], entry["leaf"]["commit"]
    if opened is not None and "file" in opened:
        name = opened["file"]
        need(name.startswith(("documents/", "evidence/")) and name in files, f"there is no file {name}")
        need(sha(files[name]).hex() == commit, "its file was changed")
    elif opened is not None:
        need(sha(bytes.fromhex(opened["salt"]), bytes_of(opened["payload"])).hex() == commit, "its payload was changed")


def check_extension(one: Any, head: Any) -> None:
    need(one["size"] <= head["size"], "the head is older")
    steps, root = steps_of(one["proof"]), bytes.fromhex(one["root"])
    roots = consistency_roots(one["size"], head["size"], root, steps)
    need(roots == (root, head["root"]), f"the log does not extend what it was at {one['size']} entries")


def check_shown(manifest: Any, files: dict[str, bytes]) -> None:
    shown = {entry["opened"]["file"] for entry in manifest["entries"] if entry["opened"] and "file" in entry["opened"]}
    for name in files:
        need(name in shown or not name.startswith(("documents/", "evidence/")), f"no entry commits to {name}")


def check_author(one: Any) -> None:
    name = bytes_of(one["name"])
    need(
        sha(bytes.fromhex(one["salt"]), name).hex()[:32] == one["handle"],
        "a handle is not {!r}'s".format(one["name"][:60]),
    )


def check_since(since: Any, head: Any, keys: Any, manifest: Any, what: str = "the head you saved") -> None:
    need(since["log"] == head["log"], f"{what} is of another log")
    need(not keys or has_signed(keys, since), f"{what} is not signed by the key the log had then")
    need(since["size"] <= head["size"], f"the log went back: it has fewer entries than {what}")
    if since["size"] == head["size"]:
        need(since["root"] == head["root"], f"the log was forked: {what} has another root")
    elif since["size"]:
        roots = [one["root"] for one in manifest["extends"] if one["size"] == since["size"]]
        need(roots, f"nothing shows that the log extends {what}, of {since['size']} entries")
        need(roots[0] == since["root"].hex(), f"the log was forked: {what} has another root")


def check_log(
    checks: Checks, shown: Any, head: Any, files: dict[str, bytes], since: Any, trusted: Sequence[bytes]
) -> Any:
    """The keys of the log, once what is shown of it was looked at: keys, entries, extensions, what the reader has."""
    keys = checks.run("keys", keys_of, bytes.fromhex(shown["first"]), shown["entries"], head["log"], trusted)
    if keys and not has_signed(keys, head):
        checks.problems.append("head: not signed by the key that the log had at its size")
    for entry in shown["entries"]:
        checks.run(f"entry {entry['position']}", check_entry, entry, head, files)
    for one in shown["extends"]:
        checks.run("extends", check_extension, one, head)
    if trusted and not {key for key, _, _ in keys or ()} & set(trusted):
        checks.problems.append("head: none of the keys you gave is one of this log's")
    if since is not None:
        checks.run("--since", check_since, since, head, keys, shown)
    return keys


def check_proof(raw: bytes, since: Any = None, trusted: Sequence[bytes] = ()) -> tuple[list[str], list[str]]:
    """Every problem of a proof, or of a head alone, as lines; and what it shows."""
    checks = Checks()
    whole = checks.run("the file", parse_canonical, raw)
    if checks.problems:
        return checks.problems, []
    if isinstance(whole, dict) and "format" not in whole:
        head = checks.run("head", read_head, raw)
        proof = head and {"entries": [], "extends": [], "first": head["public"].hex(), "stamps": []}
    else:
        proof = checks.run("the file", check_proof_form, whole)
        head = proof and checks.run("head", lambda: read_head(bytes_of(proof["head"])))
    if not proof or not head:
        return checks.problems, []
    check_log(checks, proof, head, {}, since, trusted)
    told = [f"log {head['log']}, {head['size']} entries, signed by key {head['key']}"]
    for entry in proof["entries"]:
        leaf, opened = entry["leaf"], entry["opened"]
        said = canonical(opened["payload"]) if opened else f"by its leaf alone, which commits to {leaf['commit']}"
        told.append(
            f"entry {entry['position']}: {canonical(leaf['kind'])} {canonical(leaf['id'])}, at {leaf['at']} us: {said}"
        )
    told += [f"{len(proof['stamps'])} time stamps, not looked at here"] if proof["stamps"] else []
    return checks.problems, told


def check_bundle(raw: bytes, since: Any = None, trusted: Sequence[bytes] = ()) -> tuple[list[str], list[str]]:
    """Every problem of a bundle, as lines; and what is known of it."""
    checks = Checks()
    files = checks.run("archive", unzip, raw)
    for part in ("manifest.json", "manifest.sig", "head.json", "statement.json"):
        if files is not None and part not in files:
            checks.problems.append(f"{part} is missing")
    if checks.problems:
        return checks.problems, []
    manifest = checks.run("manifest.json", lambda: check_form(parse_canonical(files["manifest.json"])))
    head = checks.run("head.json", read_head, files["head.json"])
    if manifest is None or head is None:
        return checks.problems, []
    checks.run("files", check_files, manifest, files)
    message = b"makegood.bundle/1\n" + files["manifest.json"]
    if not signed(head["public"], message, files["manifest.sig"]):
        checks.problems.append("manifest.sig: the head's key did not sign this manifest")
    keys = check_log(checks, manifest, head, files, since, trusted)
    for one in manifest["authors"]:
        checks.run("authors", check_author, one)
    checks.run("entries", check_shown, manifest, files)
    steps = checks.run("statement.json", check_statements, files, manifest, head, keys, checks)
    erased = sum(entry["opened"] is None for entry in manifest["entries"])
    return checks.problems, [
        f"log {head['log']}, {head['size']} entries, signed by key {head['key']}",
        f"{len(manifest['entries'])} entries proven, {erased} of them by their leaf alone",
        f"{steps} steps of the statement worked out anew",
    ]


# The statement: its trace is worked out anew, and its figures are those of the trace.


def sweep(a: Spans, b: Spans, keep: Keep) -> Spans:
    """The time in which the condition holds of being in one set of spans and in the other."""
    edges = sorted([(t, 0) for span in a for t in span] + [(t, 1) for span in b for t in span])
    inside, start, found = [False, False], None, []
    for at, (t, which) in enumerate(edges):
        inside[which] = not inside[which]
        if at + 1 < len(edges) and edges[at + 1][0] == t:
            continue
        if keep(*inside) and start is None:
            start = t
        elif start is not None and not keep(*inside):
            found.append((start, t))
            start = None
    return tuple(found)


def total(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def folded(first: Spans, rest: Iterable[Spans], keep: Keep) -> Spans:
    for spans in rest:
        first = sweep(first, spans, keep)
    return first


def rounded(number: Fraction, how: str) -> Fraction:
    whole, part = divmod(abs(number), 1)
    half = Fraction(1, 2)
    up = {
        "half up": part >= half,
        "half even": part > half or (part == half and whole % 2 == 1),
        "down": False,
        "up": part > 0,
    }[how]
    return Fraction((whole + up) * (-1 if number < 0 else 1))


def row(text: str) -> tuple[Any, bool, Any, bool]:
    """A row's edges: low, whether it is inside, high, whether it is inside."""
    low = high = None
    low_in = high_in = False
    for part in text.split():
        if part[0] == ">":
            low, low_in = Fraction(part.lstrip(">=")), part[1] == "="
        elif part[0] == "<":
            high, high_in = Fraction(part.lstrip("<=")), part[1] == "="
    return low, low_in, high, high_in


def by_the_table(values: list[Any], argument: str) -> Any:
    how, _, table = argument.partition("|")
    rows = [row(text) for text in table.split("; ")] if table else []
    value, amounts = values[0], values[1:]
    if not isinstance(value, Fraction):
        return None
    need(len(rows) == len(amounts), "a table has other rows than amounts")
    held = []
    for (low, low_in, high, high_in), amount in zip(rows, amounts):  # noqa: B905 -- Python 3.9
        above = low is None or value > low or (low_in and value == low)
        if above and (high is None or value < high or (high_in and value == high)):
            depth = (0, high, 0, 0) if high is not None else (1, 0, low is None, -(low or 0))
            held.append((depth, amount))
    if how == "adding" and held:
        return None if any(amount is None for _, amount in held) else sum((a for _, a in held), Fraction())
    return min(held, key=lambda one: one[0])[1] if held else None


def worked_out(op: str, values: list[Any], argument: str) -> Any:
    """What an operation makes of its operands' values: spans, exact numbers, truths, labels."""
    spans = [v for v in values if isinstance(v, tuple)]
    numbers = [v for v in values if isinstance(v, Fraction)]
    if op in ("union", "intersection", "difference"):
        keep = {"union": lambda a, b: a or b, "intersection": lambda a, b: a and b}.get(op, lambda a, b: a and not b)
        return folded((), spans, keep) if op == "union" else folded(spans[0], spans[1:], keep)
    if op == "total time":
        return Fraction(sum(map(total, spans)))
    if op == "sum":
        return sum(numbers, Fraction())
    if op == "minus":
        return numbers[0] - sum(numbers[1:], Fraction())
    if op == "times":
        product = Fraction(1)
        for number in numbers:
            product *= number
        return product
    if op in ("least of", "greatest of"):
        return min(numbers) if op == "least of" else max(numbers)
    if op == "rounded":
        return rounded(numbers[0], argument)
    if op == "rounded ratio":
        (number,) = numbers
        need(re.fullmatch("[0-9]{1,2}", argument) and int(argument) <= 60, "cannot round to so many places")
        return rounded(number * 10 ** int(argument), "half up") / 10 ** int(argument)
    if op == "by the table":
        return by_the_table(values, argument)
    if op == "if":
        condition, then, otherwise = values
        return then if condition is True else otherwise
    if op in ("all hold", "any holds"):
        return all(values) if op == "all hold" else any(values)
    if op == "not":
        return not values[0]
    a, b = numbers
    if op == "divided by":
        return a / b
    if op in ("started steps", "complete steps"):
        steps = max(Fraction(), a) / b
        return Fraction(steps.__ceil__() if op == "started steps" else steps.__floor__())
    return {
        "is at least": a >= b,
        "is more than": a > b,
        "is below": a < b,
        "is at most": a <= b,
        "is exactly": a == b,
    }[op]


def exact(text: Any) -> Fraction:
    need(isinstance(text, str) and EXACT.fullmatch(text), "a number is not exact")
    return Fraction(text)


def value_of(step: Any) -> Any:
    spans, number, truth, label = (step[name] for name in ("spans_us", "number", "truth", "label"))
    need([spans, number, truth, label].count(None) >= 3, "it has more than one value")
    if spans is not None:
        edges = [edge for pair in spans for edge in pair]
        need(all(len(pair) == 2 for pair in spans) and edges == sorted(set(edges)), "its spans are not apart, in order")
        need(all(abs(edge) <= 2**62 for edge in edges), "an instant is out of range")
        return tuple(map(tuple, spans))
    return truth if truth is not None else label if number is None else exact(number)


def check_trace(trace: Any) -> list[Any]:
    """Every value of the trace, each worked out from those before it."""
    values: list[Any] = []
    for place, step in enumerate(trace):
        try:
            need(step["id"] == place and all(0 <= at < place for at in step["operands"]), "it is out of order")
            value = value_of(step)
            if step["op"] not in ("fact", "rule", "finding"):
                found = worked_out(step["op"], [values[at] for at in step["operands"]], step["argument"])
                need(type(found) is type(value) and found == value, f"its operands make {str(found)[:60]} of it")
        except (Bad, ArithmeticError, ValueError, TypeError, LookupError) as reason:
            raise Bad(f"step {place}: {str(reason) or type(reason).__name__}") from None
        values.append(value)
    return values


def micros(text: Any, otherwise: int) -> int:
    if text is None:
        return otherwise
    need(isinstance(text, str) and UTC.fullmatch(text), "an instant is not RFC 3339 in UTC")
    since = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S") - datetime(1970, 1, 1)  # noqa: DTZ001, DTZ007 -- all UTC
    return since // timedelta(microseconds=1) + (int(text[20:26]) if "." in text else 0)


def span_of(form: Any) -> tuple[int, int]:
    start, end = micros(form["start"], -(2**62)), micros(form["end"], 2**62)
    need(start < end and form["length_us"] == end - start, "a span has another length than it says")
    return start, end


def check_classes(statement: Any) -> None:
    """Every instant that was judged is in exactly one class."""
    classes, whole = {}, (span_of(statement["period"]["judged"]),)
    for name in ("up", "down", "unknown", "excused", "outside", "brief"):
        form = statement["classes"][name]
        classes[name] = tuple(map(span_of, form["spans"]))
        edges = [edge for pair in classes[name] for edge in pair]
        need(edges == sorted(set(edges)) and form["total_us"] == total(classes[name]), f"the total of {name}")
    brief = classes.pop("brief")
    need(sweep(brief, classes["up"], lambda a, b: a and not b) == (), "brief outages are not a part of up")
    need(folded((), classes.values(), lambda a, b: a or b) == whole, "the classes are not the time judged")
    need(sum(map(total, classes.values())) == total(whole), "an instant is in two classes")


def due(run: Any, values: list[Any]) -> tuple[Fraction, str] | None:
    """The credit of a run in money: minor units and currency; None where there is none, or one is unstated."""
    found = []
    for line in run["lines"]:
        amount = line["money"]["minor"] if line["money"] else (line["days"] or line["points"] or {}).get("exact")
        if line["step"] is not None and amount is not None:
            need(values[line["step"]] == exact(str(amount)), "a line has another amount than its step")
        if line["form"] == "credit" and not line["withheld"]:
            found.append((line["money"], line["unstated"]))
    money = [m for m, _ in found if m]
    if any(unstated for _, unstated in found) or not money:
        return None
    return sum((exact(str(m["minor"])) for m in money), Fraction()), money[0]["currency"]


def check_figures(statement: Any, values: list[Any]) -> None:
    """Verdicts and amounts are those that the trace ends in."""
    trace, runs, verdict = statement["trace"], statement["figures"], statement["verdict"]
    need(len(runs) == (1 if statement["exact"] else 2), "it has another number of runs than it says")
    for run in runs:
        named = [run["step"], *(one["step"] for one in (*run["lines"], *run["rights"]) if one["step"] is not None)]
        need(all(0 <= step < len(values) for step in named), "a figure names a step that is not there")
        end = trace[run["step"]]
        need(values[run["step"]] == run["verdict"], "a run has another verdict than its trace")
        if run["verdict"] in ("met", "breached"):
            need(values[end["operands"][0]] is (run["verdict"] == "met"), "a verdict is not what its test says")
    alike = {run["verdict"] for run in runs}
    need(
        alike == {verdict} or (len(alike) > 1 and verdict in ("insufficient data", "running")),
        "it has another verdict than its runs",
    )
    amounts = [due(run, values) for run in runs]
    known = [amount for amount in amounts if amount is not None]
    least = min(known) if len(known) == len(amounts) else None
    for name, amount in (("least", least), ("most", max(known) if known else None)):
        said = statement["credit"][name]
        said = said and (exact(str(said["minor"])), said["currency"])
        need(said == amount, "the credit is not what its lines add up to")


def check_statements(files: dict[str, bytes], manifest: Any, head: Any, keys: Any, checks: Checks) -> int:
    """The number of steps that were worked out."""
    whole, count = parse(files["statement.json"]), 0
    need(isinstance(whole, dict), "it is no object")
    if whole.get("format") == "makegood.statements/1":
        shape(whole, "a list of statements", format=str, statements=list, not_applicable=list)
        statements = whole["statements"]
    else:
        need(whole.get("format") == "makegood.statement/1", "its format is not known here")
        statements = [whole]
    shown = {entry["leaf"]["commit"] for entry in manifest["entries"] if entry["opened"] and of_a_file(entry["leaf"])}
    for number, statement in enumerate(statements):
        where = f"statement.json, statement {number + 1}"
        try:
            need(statement["pins"]["agreement"] in shown, "its agreement is not in the bundle")
            need(statement["pins"]["order"] in shown, "its order is not in the bundle")
            if statement["pins"]["head"]:
                made_from = read_head(statement["pins"]["head"].encode("utf-8", "surrogatepass"))
                check_since(made_from, head, keys, manifest, "the head that it was made from")
            values = check_trace(statement["trace"])
            check_classes(statement)
            check_figures(statement, values)
            count += len(values)
        except Bad as reason:
            checks.problems.append(f"{where}: {reason}")
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as reason:
            checks.problems.append(f"{where}: not in its form ({type(reason).__name__})")
    return count


def read_saved(raw: bytes) -> dict[str, Any]:
    """A head in a file of its own, whose line an editor or a shell may have ended."""
    return read_head(raw[:-1] if raw.endswith(b"\n") else raw)


def given(path: str, check: Callable[[bytes], Any] = bytes) -> Any:
    """What a file holds."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 -- pathlib's errors say no more
            return check(file.read())
    except OSError as failure:
        raise Bad(f"{path}: {failure.strerror}") from None
    except Bad as reason:
        raise Bad(f"{path}: {reason}") from None


def main(arguments: list[str]) -> int:
    paths, since, trusted = [], None, []
    waiting = list(arguments)
    try:
        while waiting:
            word = waiting.pop(0)
            if word == "--key" and waiting:
                trusted.append(given(waiting.pop(0), key_of_pem))
            elif word == "--since" and waiting:
                since = given(waiting.pop(0), read_saved)
            elif word.startswith("-"):
                print(__doc__)
                return 0 if word in ("-h", "--help") else USAGE
            else:
                paths.append(word)
        if len(paths) != 1:
            print(__doc__)
            return USAGE
        raw = given(paths[0])
        if raw[:1] == b"{":
            problems, told = check_proof(raw[:-1] if raw.endswith(b"\n") else raw, since, trusted)
        else:
            problems, told = check_bundle(raw, since, trusted)
    except Bad as reason:
        problems, told = [str(reason)], []
    for line in problems or told:
        print(line.encode("ascii", "backslashreplace").decode())
    if not problems and since is None and not trusted:
        print("the key is vouched for by this file alone: compare the log's id, or give --since or --key")
    print("NOT SOUND" if problems else "SOUND")
    return UNSOUND if problems else SOUND


def run(arguments: list[str]) -> int:
    """The exit code. Whatever fails in here, nothing was shown to be sound."""
    try:
        return main(arguments)
    except BaseException:  # noqa: BLE001 -- a crash is never a success
        traceback.print_exc()
        return FAULT


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
