"""A web server on loopback that behaves badly on purpose, over real sockets, and certificates to go with it.

What it does is told per path: bytes to send, or a function that gets the connection.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Behaviour = bytes | Callable[["Visitor"], None]


@dataclass
class Visitor:
    """One connection, as a behaviour sees it."""

    sock: socket.socket
    request: bytes
    stop: threading.Event

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, seconds: float) -> None:
        """One byte at a time, until the server stops or the client has gone."""
        for byte in data:
            if self.stop.wait(seconds):
                return
            self.sock.sendall(bytes([byte]))

    def hang(self) -> None:
        self.stop.wait(30)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class HostileServer:
    paths: dict[str, Behaviour]
    greeting: bytes = b""  # sent before anything was asked
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def where(self) -> str:
        """As the guard's exceptions want it."""
        return f"127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        while not self.stop.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(sock, tls), daemon=True).start()

    def _answer(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        # A client that leaves early is what half of the tests are about.
        with suppress(OSError, ssl.SSLError):
            if tls is not None:
                sock = tls.wrap_socket(sock, server_side=True)
            with sock:
                sock.sendall(self.greeting)
                request = _read_request(sock)
                self.requests.append(request)
                path = request.split(b" ", 2)[1].decode("latin-1") if request.count(b" ") > 1 else "/"
                behaviour = self.paths.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone")
                if isinstance(behaviour, bytes):
                    sock.sendall(behaviour)
                else:
                    behaviour(Visitor(sock, request, self.stop))
                if isinstance(sock, ssl.SSLSocket) and not path.startswith("/rude"):
                    sock.unwrap()


def _read_request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(
    paths: dict[str, Behaviour], tls: ssl.SSLContext | None = None, greeting: bytes = b""
) -> Iterator[HostileServer]:
    server = HostileServer(paths, greeting)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener, tls), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stop.set()
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def response(body: bytes = b"", status: str = "200 OK", length: bool = True, **headers: str) -> bytes:
    """A well-formed response; header names are given with underscores."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1") + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


class Authority:
    """A certificate authority made for one test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self.name, self.key, None, authority=True)
        self.ca_file = folder / "authority.pem"
        self.ca_file.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def server(self, host: str, *, expired: bool = False, self_signed: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for ``host`` and, unless self-signed, the authority's behind it."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        leaf = self._sign(name, key, host, expired=expired, self_signed=self_signed)
        chain = leaf.public_bytes(Encoding.PEM)
        if not self_signed:
            chain += self.certificate.public_bytes(Encoding.PEM)
        chain += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = self.folder / f"{host}-{expired}-{self_signed}.pem"
        path.write_bytes(chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        host: str | None,
        *,
        authority: bool = False,
        expired: bool = False,
        self_signed: bool = False,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=-1 if expired else 30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(key if self_signed else self.key, hashes.SHA256())
