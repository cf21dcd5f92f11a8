"""Files encrypted under a passphrase: AES-256-GCM in chunks, so that no byte can be read, changed, moved or cut off.

An encrypted file, byte by byte:

* 18 bytes ``makegood.locked/1`` and a line feed;
* 1 byte each: the logarithm to base 2 of scrypt's N, its r, its p; then 16 bytes of salt. scrypt (RFC 7914) makes of
  passphrase and salt the 32 bytes of the master key, the same for every file of one folder of backups;
* 32 random bytes, other ones in each file. HKDF-SHA256 (RFC 5869) of the master key, with these as salt and all 69
  bytes up to here as info, is the key of the file;
* the content in chunks of 65,536 bytes, the last one shorter or as long, and empty only where the file is: each as
  AES-256-GCM's ciphertext and its 16 bytes of tag. The nonce is the number of the chunk from 0, in 11 bytes,
  big-endian, and a byte that is 1 for the last chunk and 0 for any other.

So a chunk opens only in its place, a file that was cut off has no last chunk, and nothing opens under another header.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import scrypt, sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from makegood.model.problem import Place, Refused, error

MAGIC = b"makegood.locked/1\n"
CHUNK, TAG, SALT, OWN = 1 << 16, 16, 16, 32
COST, BLOCK, LANES = 17, 8, 1
"""scrypt's N as a logarithm, r and p: 128 MiB and a good part of a second for each guess."""
MOST_COST, MOST_BLOCK, MOST_LANES = 20, 8, 4
"""More is refused, so that a hostile header takes no more than 1 GiB of memory."""
SHORTEST = 12
"""Characters of a passphrase; fewer are soon tried."""
_TOKEN = b"makegood backups"


class Undecryptable(Exception):
    """An encrypted file that does not open, and why."""


@dataclass(frozen=True)
class Lock:
    """What encrypts the files of one folder of backups: how the master key is made of the passphrase, and that key."""

    settings: bytes
    master: bytes = field(repr=False)

    @classmethod
    def make(cls, passphrase: bytes) -> Lock:
        """A new one, with a salt of its own."""
        return cls.of(bytes((COST, BLOCK, LANES)) + secrets.token_bytes(SALT), passphrase)

    @classmethod
    def of(cls, settings: bytes, passphrase: bytes) -> Lock:
        """That of a header's 19 bytes. Raises Undecryptable for settings that no header of ours has."""
        cost, block, lanes = settings[:3]
        if len(settings) != 3 + SALT or not (
            1 <= cost <= MOST_COST and 1 <= block <= MOST_BLOCK and 1 <= lanes <= MOST_LANES
        ):
            raise Undecryptable("its header asks for more work than any backup does")
        most = 132 * (block << cost) + (1 << 20)
        made = scrypt(passphrase, salt=settings[3:], n=1 << cost, r=block, p=lanes, maxmem=most, dklen=32)
        return cls(settings, made)

    def name(self, digest: bytes) -> str:
        """What to call the encrypted file of a content: the same for the same content, and telling nobody which."""
        return hmac.new(self._derived(b"", MAGIC + b"names"), digest, sha256).hexdigest()

    def token(self) -> bytes:
        """A short encrypted text, by which `opens` tells the right passphrase from another."""
        own = secrets.token_bytes(OWN)
        return own + self._cipher(own).encrypt(_nonce(0, last=True), _TOKEN, None)

    def opens(self, token: bytes) -> bool:
        """Whether a token was made under this key."""
        try:
            return self._cipher(token[:OWN]).decrypt(_nonce(0, last=True), token[OWN:], None) == _TOKEN
        except (InvalidTag, ValueError):
            return False

    def encrypt(self, source: BinaryIO, target: BinaryIO) -> None:
        """Write the whole of a source, encrypted."""
        own = secrets.token_bytes(OWN)
        cipher = self._cipher(own)
        target.write(MAGIC + self.settings + own)
        for number, last, chunk in _chunks(source, CHUNK):  # noqa: FURB122 -- no line is written here
            target.write(cipher.encrypt(_nonce(number, last), chunk, None))

    def decrypt(self, source: BinaryIO) -> Iterator[bytes]:
        """The content of an encrypted file, part by part. Raises Undecryptable as soon as one does not open.

        Whoever reads must be ready to throw away what came before.
        """
        header = source.read(len(MAGIC) + 3 + SALT + OWN)
        if not header.startswith(MAGIC) or len(header) != len(MAGIC) + 3 + SALT + OWN:
            raise Undecryptable("this is no encrypted file")
        if header[len(MAGIC) : -OWN] != self.settings:
            raise Undecryptable("it was encrypted for another folder of backups")
        cipher = self._cipher(header[-OWN:])
        for number, last, chunk in _chunks(source, CHUNK + TAG):
            try:
                yield cipher.decrypt(_nonce(number, last), chunk, None)
            except (InvalidTag, ValueError):
                what = "it ends too early, or its end was changed" if last else f"chunk {number} was changed or moved"
                raise Undecryptable(what) from None

    def _cipher(self, own: bytes) -> AESGCM:
        return AESGCM(self._derived(own, MAGIC + self.settings + own))

    def _derived(self, salt: bytes, info: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt, info).derive(self.master)


def read_passphrase(file: Path) -> bytes:
    """The passphrase that a file holds: its content without the line feed at its end. Raises Refused."""
    try:
        found = file.read_bytes().rstrip(b"\r\n")
    except OSError as failure:
        what = f"this cannot be read: {(failure.strerror or 'the system refuses').lower()}"
        hint = "name a file with a passphrase in it, such as one made with: openssl rand -base64 32"
        raise Refused([error("passphrase", Place(str(file)), what, "", hint)]) from None
    if len(found) < SHORTEST:
        hint = "make one with: openssl rand -base64 32"
        what = f"a passphrase has at least {SHORTEST} characters, and this file has {len(found)}"
        raise Refused([error("passphrase", Place(str(file)), what, "fewer are soon tried", hint)])
    return found


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """The number of each chunk, whether it is the last, and its bytes; one empty chunk for an empty source."""
    number, chunk = 0, source.read(size)
    while True:
        following = source.read(size)
        yield number, not following, chunk
        if not following:
            return
        number, chunk = number + 1, following
