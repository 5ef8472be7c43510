"""Pages archived per second from a local site: the fetcher, our packages, warcio with requests, wget, and the bare
limit. A page is its HTML and the four assets that it names: five requests, for everybody.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.capture_http import capture_http  # before requests: it replaces what requests imports

import requests  # isort: skip

from bench._measure import Contender, compare, machine
from bench._site import ASSETS, LARGEST, PAGES, SMALLEST, build, paths
from sources.archive.acquire import acquire
from sources.archive.browser import subresources
from sources.archive.decode import decode
from sources.archive.exchange import Exchange, Limits
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard
from sources.archive.wacz import Page, build_wacz

HOST = "bench.example"
SOFTWARE = "Verify benchmark"
EVERYTHING = PAGES * (1 + len(ASSETS))  # responses in a round


@contextmanager
def site() -> Iterator[int]:
    """The site, served by another process; its port."""
    process = subprocess.Popen([sys.executable, "-m", "bench._site"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


class Archivers:
    """The contenders. Each does all pages of the site once and leaves what it wrote in `folder`."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.guard = Guard(exceptions={HOST: f"127.0.0.1:{port}"})
        self.fetcher = Fetcher(self.guard)
        self.wire = [path + name for path in paths() for name in ("", *ASSETS)]

    def bare(self) -> None:
        """The bytes read over one kept connection, and dropped."""
        connection = HTTPConnection("127.0.0.1", self.port)
        for path in self.wire:
            connection.request("GET", path)
            assert connection.getresponse().read()
        connection.close()

    def _fetch(self, url: str) -> Exchange:
        final = self.fetcher.fetch(url).final
        assert final is not None and final.status == 200 and not final.truncated, url
        return final

    def fetch(self) -> None:
        """The guarded fetcher alone: a vetted connection a request, the wire's bytes kept in memory."""
        for path in self.wire:
            self._fetch(f"http://{HOST}{path}")

    def pack(self) -> None:
        """Fetch a page and what it names, decode, and write a WACZ of its own for each page."""
        for number, path in enumerate(paths()):
            page = self._fetch(f"http://{HOST}{path}")
            body = decode(page, Limits())
            rest = [self._fetch(url) for url in subresources(body.decoded, page.url)]
            with (self.folder / f"pack-{number}.wacz").open("wb") as stream:
                build_wacz(
                    stream,
                    software=SOFTWARE,
                    created_at=datetime.now(UTC),
                    page=Page(page.url, "", page.started_at),
                    exchanges=[page, *rest],
                    bodies=[body, *(decode(each, Limits()) for each in rest)],
                )

    def whole(self) -> None:
        """All that a worker does without a browser, up to the rows: also media type, main text, language, dates."""
        for number, path in enumerate(paths()):
            acquired = acquire(
                f"http://{HOST}{path}",
                page=True,
                fetcher=self.fetcher,
                limits=Limits(),
                browser=None,
                subresource_limit=200,
                software=SOFTWARE,
            )
            assert acquired.text is not None and acquired.text.text
            with acquired.package, (self.folder / f"whole-{number}.wacz").open("wb") as stream:
                acquired.package.seek(0)
                shutil.copyfileobj(acquired.package, stream)

    def warcio(self) -> None:
        """requests, recorded by warcio into a WARC of its own for each page; a connection is kept for one page, because
        warcio writes what comes over it into the file that was open when it was made."""
        for number, path in enumerate(paths()):
            target = self.folder / f"warcio-{number}.warc.gz"
            target.unlink(missing_ok=True)  # it appends
            with capture_http(str(target)), requests.Session() as session:
                session.trust_env = False
                url = f"http://127.0.0.1:{self.port}{path}"
                for address in subresources(session.get(url).content, url):
                    assert session.get(address).ok

    def wget(self) -> None:
        """One process for the whole site, one WARC."""
        command = ["wget", "--no-config", "--no-proxy", "--quiet", "-e", "robots=off", "--page-requisites"]
        command += [f"--warc-file={self.folder / 'wget'}", f"--warc-tempdir={self.folder}"]
        command += [f"--directory-prefix={self.folder / 'wget-files'}"]
        subprocess.run([*command, *(f"http://127.0.0.1:{self.port}{path}" for path in paths())], check=True)


def check(folder: Path, pattern: str) -> None:
    """Whoever did less than all of it has no place in the comparison."""
    site, found = build(), set()
    for path in folder.glob(pattern):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type == "response":
                    where = record.rec_headers.get_header("WARC-Target-URI").strip("<>")
                    name = "/" + where.split("/", 3)[3]
                    assert record.content_stream().read() == site[name][1], where
                    found.add(name)
    assert found == site.keys(), f"{pattern}: {len(found)} of {EVERYTHING} responses"


def main() -> None:
    machine()
    with tempfile.TemporaryDirectory(prefix="verify-bench-") as name, site() as port:
        folder = Path(name)
        archivers = Archivers(port, folder)
        contenders = [
            Contender("bare http.client", archivers.bare, PAGES),
            Contender("fetcher", archivers.fetch, PAGES),
            Contender("fetcher + WACZ", archivers.pack, PAGES),
            Contender("whole capture", archivers.whole, PAGES),
            Contender("requests + warcio", archivers.warcio, PAGES),
        ]
        pairs = [
            ("fetcher", "bare http.client"),
            ("fetcher + WACZ", "bare http.client"),
            ("fetcher + WACZ", "requests + warcio"),
            ("whole capture", "fetcher + WACZ"),
        ]
        patterns = ["warcio-*.warc.gz"]
        if shutil.which("wget"):
            contenders.append(Contender("wget --warc-file -p", archivers.wget, PAGES))
            pairs.append(("fetcher + WACZ", "wget --warc-file -p"))
            patterns.append("wget.warc.gz")
        else:
            print("wget is not on this machine; it is left out.")
        compare(
            f"Pages of {SMALLEST // 1000} to {LARGEST // 1000} kB with {len(ASSETS)} assets, {PAGES} a round",
            "pages",
            contenders,
            pairs=pairs,
            rounds=5,
        )
        for pattern in patterns:
            check(folder, pattern)
        for package in folder.glob("*.wacz"):
            shutil.unpack_archive(package, folder / package.stem, "zip")
        check(folder, "pack-*/archive/data.warc.gz")
        check(folder, "whole-*/archive/data.warc.gz")
    print(f"  Each archive was read back: {EVERYTHING} responses, byte for byte those of the site.")


if __name__ == "__main__":
    main()
