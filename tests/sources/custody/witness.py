"""A witness (c2sp.org/tlog-witness) for tests, written from the specification and without the code that it judges.

Signatures are made and checked with `cryptography` directly, consistency by the recursion of RFC 6962 §2.1.2 read
backwards. Given `lie`, a function of the honest answer, it answers that instead.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Answer = tuple[int, dict[str, str], bytes]


class Witness:
    """Knows one log by its origin and raw public key."""

    def __init__(self, origin: str, log_key: bytes, name: str = "witness.example/w1", seed: int = 1) -> None:
        self.origin, self.log_key, self.name = origin, Ed25519PublicKey.from_public_bytes(log_key), name
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.size, self.root = 0, hashlib.sha256(b"").digest()
        self.clock: Callable[[], float] = time.time
        self.lie: Callable[[Answer], Answer] = lambda answer: answer
        self.asked: list[bytes] = []
        self.url = ""

    @property
    def vkey(self) -> str:
        public = b"\x04" + self.key.public_key().public_bytes_raw()
        return f"{self.name}+{self._id().hex()}+{base64.b64encode(public).decode()}"

    def _id(self) -> bytes:
        public = self.key.public_key().public_bytes_raw()
        return hashlib.sha256(self.name.encode() + b"\n\x04" + public).digest()[:4]

    def answer(self, body: bytes) -> Answer:
        self.asked.append(body)
        plain = {"Content-Type": "text/plain"}
        front, _, checkpoint = body.partition(b"\n\n")
        old_line, *proof = front.decode().split("\n")
        text, _, signatures = checkpoint.partition(b"\n\n")
        origin, size, root = text.decode().split("\n")
        if origin != self.origin:
            return 404, plain, b""
        if not self._signed(text + b"\n", signatures):
            return 403, plain, b""
        old, new = int(old_line.removeprefix("old ")), int(size)
        if old != self.size:
            return 409, {"Content-Type": "text/x.tlog.size"}, b"%d\n" % self.size
        hashes = [base64.b64decode(line) for line in proof]
        if not consistent(old, self.root, new, base64.b64decode(root), hashes):
            return 422, plain, b""
        self.size, self.root = new, base64.b64decode(root)
        return 200, plain, self.cosign(text + b"\n")

    def cosign(self, text: bytes) -> bytes:
        now = int(self.clock())
        signature = self.key.sign(b"cosignature/v1\ntime %d\n" % now + text)
        value = base64.b64encode(self._id() + struct.pack(">Q", now) + signature).decode()
        return f"— {self.name} {value}\n".encode()

    def _signed(self, text: bytes, signatures: bytes) -> bool:
        for line in signatures.decode().splitlines():
            _, name, value = line.split(" ")
            try:
                self.log_key.verify(base64.b64decode(value)[4:], text)
            except Exception:
                continue
            return name == self.origin
        return False


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    if old in (0, new):
        return not proof and (old == 0 or old_root == new_root)
    rest = list(proof)

    def roots(m: int, n: int, whole: bool) -> tuple[bytes, bytes]:
        """The hashes of the first m and of all n leaves of a subtree, by SUBPROOF(m, D[n], whole)."""
        if m == n:
            node = old_root if whole else rest.pop()
            return node, node
        k = 1 << (n - 1).bit_length() - 1
        if m <= k:
            right = rest.pop()
            before, left = roots(m, k, whole)
            return before, hashlib.sha256(b"\1" + left + right).digest()
        left = rest.pop()
        before, right = roots(m - k, n - k, False)
        return hashlib.sha256(b"\1" + left + before).digest(), hashlib.sha256(b"\1" + left + right).digest()

    try:
        return roots(old, new, True) == (old_root, new_root) and not rest
    except IndexError:
        return False


class Server:
    """`answer(path, headers, body)` behind a real socket."""

    def __init__(self, answer: Callable[[bytes], Answer], path: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers, sent = answer(body) if self.path == path else (404, {}, b"")
                self.send_response(status)
                for name, value in {"Content-Length": str(len(sent)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):  # the client had enough
                    self.wfile.write(sent)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
