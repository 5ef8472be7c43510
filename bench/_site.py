"""A local site of 20 pages of 55 to 194 kB, each with four assets of its own; run as a process of its own.

The assets are nobody's but their page's, so that whoever keeps what it has seen saves no request.
"""

from __future__ import annotations

import random
import string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGES = 20
SMALLEST, LARGEST = 55_000, 194_000  # bytes of a page
ASSETS = {"style.css": 9_000, "script.js": 24_000, "photo.jpg": 48_000, "chart.png": 16_000}  # bytes
TYPES = {"css": "text/css", "js": "text/javascript", "jpg": "image/jpeg", "png": "image/png"}


def paths() -> list[str]:
    """The pages' paths."""
    return [f"/{number}/" for number in range(PAGES)]


def build() -> dict[str, tuple[str, bytes]]:
    """Media type and body by path; the same at every call."""
    rng = random.Random(1)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 11))) for _ in range(4000)]
    site = {}
    for number, path in enumerate(paths()):
        size = SMALLEST + (LARGEST - SMALLEST) * number // (PAGES - 1)
        site[path] = ("text/html; charset=utf-8", _page(rng, words, number, size))
        for name, length in ASSETS.items():
            extension = name.rpartition(".")[2]
            filler = rng.randbytes(length) if extension in ("jpg", "png") else _text(rng, words, length)
            site[path + name] = (TYPES[extension], filler)
    return site


def _page(rng: random.Random, words: list[str], number: int, size: int) -> bytes:
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report {number}</title>'
        '<link rel="stylesheet" href="style.css"><script src="script.js"></script></head><body><article>'
        f'<h1>Report {number}</h1><img src="photo.jpg" alt=""><img src="chart.png" alt="">\n'
    ).encode()
    tail = b"</article></body></html>\n"
    body = bytearray()
    while len(head) + len(body) + len(tail) < size:
        body += b"<p>" + _text(rng, words, 600) + b".</p>\n"
    return head + bytes(body) + tail


def _text(rng: random.Random, words: list[str], size: int) -> bytes:
    return " ".join(rng.choices(words, k=size // 4)).encode()[:size]


def serve() -> None:
    """Serve the site on a free loopback port, which is printed."""
    answers = {
        path: f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
        for path, (kind, body) in build().items()
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.wfile.write(answers[self.path])

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve()
