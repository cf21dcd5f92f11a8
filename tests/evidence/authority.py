"""A time-stamping authority of our own, made by openssl, and one that answers on this machine alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[authority]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = ours
[ours]
serial = serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
clock_precision_digits = 0
"""


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(folder: Path) -> Path:
    """The folder, with a root and an authority under it (`tsa`), and a stranger with one of its own (`rogue`)."""
    (folder / "config").write_text(CONFIG, encoding="utf-8")
    (folder / "serial").write_text("01\n", encoding="utf-8")
    for name in ("root", "stranger"):
        issue = ["req", "-x509", "-config", "config", "-extensions", "root", "-newkey", "rsa:2048", "-nodes"]
        openssl(folder, *issue, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "9")
    for name, issuer in (("tsa", "root"), ("rogue", "stranger")):
        ask = ["req", "-new", "-config", "config", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=authority"]
        openssl(folder, *ask, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        sign = ["x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"]
        sign += ["-CAcreateserial", "-extfile", "config", "-extensions", "authority", "-days", "9"]
        openssl(folder, *sign, "-out", f"{name}.pem")
    shutil.copy(folder / "tsa.pem", folder / "chain.pem")
    return folder


def stamped(folder: Path, query: bytes, who: str = "tsa") -> bytes:
    """The reply of the authority to a request."""
    (folder / "asked.tsq").write_bytes(query)
    reply = ["ts", "-reply", "-config", "config", "-section", "ours", "-queryfile", "asked.tsq"]
    openssl(folder, *reply, "-inkey", f"{who}.key", "-signer", f"{who}.pem", "-out", "answer.tsr")
    return (folder / "answer.tsr").read_bytes()


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(answer: Callable[[str, bytes], Answer]) -> Iterator[str]:
    """A server of this machine, by its address: for a path and a body the status, the fields and the answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, fields, raw = answer(f"{self.path} {self.headers['Content-Type']}", body)
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = Thread(target=server.serve_forever, args=(0.01,))
        running.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            running.join()
