"""A time-stamping authority for tests: OpenSSL's `ts` behind a small web server. Given `lie`, it answers that."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.sources.custody.witness import Answer, Server

_CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[web]
basicConstraints = CA:FALSE
extendedKeyUsage = critical,serverAuth
[ts]
default_tsa = this
[this]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
certs = {folder}/chain.pem
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""
REPLY = {"Content-Type": "application/timestamp-reply"}


class Tsa:
    """Root, intermediate and signing certificate in `folder`; the signing one lasts `days`."""

    def __init__(self, folder: Path, *, days: int = 800, usage: str = "tsa") -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "openssl.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._key("root"), self._key("inter"), self._key("tsa")
        root = ["req", "-x509", "-new", "-key", "root.key", "-subj", "/O=Test/CN=Root", "-days", "9000"]
        self.openssl(*root, "-extensions", "ca", "-config", "openssl.cnf", "-out", "root.pem")
        self._certify("inter", "root", 8000, "ca")
        self.renew(days=days, usage=usage)
        (folder / "chain.pem").write_text((folder / "inter.pem").read_text())
        self.lie: Callable[[Answer], Answer] = lambda answer: answer
        self.asked: list[bytes] = []
        self.server = Server(self.answer, "/tsr")
        self.url = f"{self.server.address}/tsr"

    def renew(self, *, days: int, usage: str = "tsa") -> None:
        """Give it a new signing certificate."""
        self._certify("tsa", "inter", days, usage)

    def setting(self, name: str = "test") -> str:
        return f"{name} {self.url} {self.folder}/root.pem"

    def answer(self, query: bytes) -> Answer:
        self.asked.append(query)
        return self.lie((200, REPLY, self.stamp(query)))

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        reply = ["ts", "-reply", "-config", "openssl.cnf", "-section", "this", "-queryfile", "query.tsq"]
        self.openssl(*reply, "-out", "reply.tsr")
        return (self.folder / "reply.tsr").read_bytes()

    def verify(self, response: bytes, data: bytes, *, at: int) -> subprocess.CompletedProcess[str]:
        """What `openssl ts -verify` says of it, at that POSIX time."""
        (self.folder / "given.tsr").write_bytes(response)
        (self.folder / "data").write_bytes(data)
        check = ["ts", "-verify", "-in", "given.tsr", "-data", "data", "-CAfile", "root.pem"]
        command = ["openssl", *check, "-attime", str(at)]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def _key(self, name: str) -> None:
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")

    def _certify(self, name: str, issuer: str, days: int, usage: str) -> None:
        request = ["req", "-new", "-key", f"{name}.key", "-subj", f"/O=Test/CN={name}", "-out", f"{name}.csr"]
        self.openssl(*request, "-config", "openssl.cnf")
        issue = ["x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"]
        issue += ["-CAcreateserial", "-days", str(days), "-extfile", "openssl.cnf", "-extensions", usage]
        self.openssl(*issue, "-out", f"{name}.pem")
