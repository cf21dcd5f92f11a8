"""A name server of the tests' own, that also changes its mind."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Mapping
from ipaddress import ip_address
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

PUBLIC = "8.8.4.4"
PRIVATE = "127.0.0.1"


class NameServer:
    """Answers from a table of names to addresses. `flip-*` is PUBLIC when first asked and PRIVATE ever after, `both-*`
    is both, `hang-*` is never answered. No answer may be kept."""

    def __init__(self, known: Mapping[str, str], address: str = "127.0.0.1", port: int = 53) -> None:
        self.known = {name.lower(): found for name, found in known.items()}
        self.asked: Counter[str] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                wire, sender = self._socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(wire)
            question = query.question[0]
            name = question.name.to_text(omit_final_dot=True).lower()
            if name.startswith("hang-"):
                continue
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            found = self._found(name, question.rdtype)
            if not found and name not in self.known and not name.startswith(("flip-", "both-")):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            if found:
                kind = dns.rdatatype.to_text(question.rdtype)
                answer.answer.append(dns.rrset.from_text_list(question.name, 0, "IN", kind, found))
            self._socket.sendto(answer.to_wire(), sender)

    def _found(self, name: str, kind: int) -> list[str]:
        found = [self.known[name]] if name in self.known else []
        if name.startswith("both-"):
            found = [PUBLIC, PRIVATE]
        if name.startswith("flip-") and kind == dns.rdatatype.A:
            self.asked[name] += 1
            found = [PUBLIC if self.asked[name] == 1 else PRIVATE]
        version = {dns.rdatatype.A: 4, dns.rdatatype.AAAA: 6}.get(dns.rdatatype.RdataType(kind))
        return [one for one in found if ip_address(one).version == version]
