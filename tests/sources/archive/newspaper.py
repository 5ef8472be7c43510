"""A newspaper whose pages a test writes, edits, takes down and moves while it is being captured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

HOST = "paper.example"
PATH = "/2025/03/coast"
URL = f"http://{HOST}{PATH}"
SENTENCES = {
    "toll": "The monitoring group said that around 745 civilians were killed in 30 massacres over two days.",
    "denial": "“We cannot confirm this figure,” a spokesperson of the ministry said on Sunday.",
    "roads": "Residents of three villages described roads that were closed for most of Friday and Saturday.",
    "inquiry": "A committee of inquiry is to report within thirty days, according to a statement of the presidency.",
    "aid": "Aid workers reached the hospital of the provincial capital on Sunday afternoon with medicine and blood.",
}


def article(*, title: str = "Hundreds killed on the coast", around: str = "", **sentences: str) -> str:
    """The page with these sentences in place of those above (an empty one is left out); `around` stands in the body."""
    lines = "".join(f"<p>{line}</p>" for line in (SENTENCES | sentences).values() if line)
    return (
        f"<!doctype html><html lang=en><head><title>{title} | The Paper</title></head>"
        f"<body><article><h1>{title}</h1>{lines}</article>{around}</body></html>"
    )


class Newspaper(ThreadingHTTPServer):
    """`pages` maps a path to (status, headers, body); a path that is not there is a 404. "" hangs up on everybody."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], str]] = {}
        self.put(PATH, article())
        self.put("/", "<p>The Paper: all the stories of the day and nothing but the stories of the day.</p>")
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def exceptions(self) -> dict[str, str]:
        """For the address guard."""
        return {HOST: f"127.0.0.1:{self.server_address[1]}"}

    def put(self, path: str, body: str = "", *, status: int = 200, **headers: str) -> None:
        self.pages[path] = (status, headers, body)

    def move(self, path: str, to: str) -> None:
        self.put(path, status=302, location=to)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Newspaper

    def do_GET(self) -> None:
        status, headers, body = self.server.pages.get(self.path, (404, {}, "<p>Not found.</p>"))
        content = body.encode()
        self.send_response(status)
        given = {"content-type": "text/html; charset=utf-8", "content-length": str(len(content))} | headers
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def printing() -> Iterator[Newspaper]:
    """The newspaper on a free loopback port, until the block ends."""
    with Newspaper() as paper:
        thread = Thread(target=paper.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield paper
        finally:
            paper.shutdown()
            thread.join()
