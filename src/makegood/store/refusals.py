"""What a disk or an object store says when it refuses, in words for whoever can do something about it."""

from __future__ import annotations

import errno
import os
import re

import duckdb

ENDPOINT = "AWS_ENDPOINT_URL"
"""The variable of the environment that names another endpoint of an object store than Amazon's."""
CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
LONGEST = 200
"""Letters of what is told in a library's own words."""

_FULL = "the disk is full"
_DISK = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the disk has no more room for this user",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
    errno.EFBIG: "the file would be larger than may be",
    errno.EIO: "the disk fails",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
}
_SAYS = re.compile(r'"exception_message":"((?:[^"\\]|\\.)*)"')
_STATUS, _CODE = re.compile(r"status code: (\d{3})"), re.compile(r"<Code>(\w+)</Code>")
_OWN_CREDENTIALS = ("169.254.169.254", "169.254.170.2")
"""Where the library asks for credentials that nobody gave it."""


def disk_refusal(failure: duckdb.Error | OSError) -> str:
    """Why a file cannot be written or read."""
    if isinstance(failure, OSError):
        return _DISK.get(failure.errno or 0, (failure.strerror or str(failure)).lower())
    text = str(failure)
    for number, says in _DISK.items():
        if os.strerror(number) in text:
            return says
    if isinstance(failure, duckdb.OutOfMemoryException):
        return "there is not enough memory"
    whole = _SAYS.search(text)
    return (whole[1].replace('\\"', '"') if whole else text.splitlines()[0])[:LONGEST]


def no_bucket(failure: Exception) -> bool:
    """Whether an object store has not even the bucket, let alone the object."""
    return "NoSuchBucket" in str(failure)


def object_store_refusal(failure: Exception) -> tuple[str, str]:
    """Why an object store cannot be used, and what can be done; both may be empty."""
    text = str(failure).partition("\n")[0].strip()
    status, code = _STATUS.search(text), _CODE.search(text)
    endpoint = os.environ.get(ENDPOINT, "")
    if any(place in text for place in _OWN_CREDENTIALS):
        return "there are no credentials for it", f"set {CREDENTIALS} in the environment"
    if no_bucket(failure):
        return "there is no such bucket", f"make it, or mend `segments` in store.toml; is {ENDPOINT} right?"
    if code and code[1] in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"):
        return f"it does not take these credentials ({code[1]})", f"are {CREDENTIALS} right?"
    if status and status[1] in ("401", "403"):
        why = "its credentials may not do that" if status[1] == "403" else "it does not take these credentials"
        return why, f"are {CREDENTIALS} right, and do they allow to list, read, write and delete there?"
    if "redirect" in text:
        return "the bucket is in another region", "set AWS_REGION to that of the bucket"
    if "error sending request" in text:
        where = endpoint or "Amazon's endpoint"
        return f"nobody answers at {where}", f"is {ENDPOINT} right, and can it be reached from here?"
    if status and status[1][0] == "5":
        return f"it answers with status {status[1]}", "it is in trouble itself: do it again when it is well"
    if status:
        return f"it answers with status {status[1]}" + (f" ({code[1]})" if code else ""), f"is {ENDPOINT} right?"
    return (text or type(failure).__name__)[:LONGEST], f"is {ENDPOINT} right?"
