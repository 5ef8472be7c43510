"""Extraction in a process that can be killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from sources.archive import reader as module
from sources.archive.kinds import Family, Kind, sniff
from sources.archive.reader import Reader, extract_safely
from sources.archive.text import extract
from tests.sources.archive.samples import ARABIC, SENTENCE, article, pdf

HTML = Kind("text/html", Family.HTML, False)
PAGE = article(SENTENCE * 3, ARABIC, head="<meta name=date content='2025-03-08'>").encode()
NOW = datetime(2025, 3, 20, tzinfo=UTC)
BOMB = b"<" * 20_000_000  # a parser's work for many seconds
OPTIONS = {"url": "", "charset_hint": "", "captured_at": None}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader(seconds=10)
    yield reader
    reader.close()


@pytest.mark.parametrize("content", [PAGE, pdf("one", "two"), b"plain", b'{"a": [1, 2]}', ARABIC.encode()])
def test_extract_safely_says_what_extract_says(content: bytes) -> None:
    kind = sniff(content, "", "")
    expected = extract(kind, content, url="http://press.example/", captured_at=NOW)
    assert extract_safely(kind, content, url="http://press.example/", captured_at=NOW) == expected
    assert expected is not None and expected.text


def test_kinds_without_text_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_shared", None)
    assert extract_safely(Kind("image/png", Family.IMAGE, True), b"x", url="") is None


def test_a_document_that_takes_too_long_is_stopped_and_the_next_is_read() -> None:
    impatient = Reader(seconds=1)
    found = impatient.read(HTML, BOMB, **OPTIONS)
    assert found is not None and found.problem == "Reading the text took more than 1 second and was stopped."
    after = impatient.read(HTML, PAGE, **OPTIONS)
    impatient.close()
    assert after is not None and SENTENCE.strip() in after.text


def test_a_document_that_needs_too_much_memory_is_reported() -> None:
    small = Reader(seconds=20, memory=600 << 20)
    found = small.read(HTML, b"<p>" + b"<i>x</i>" * 2_400_000, **OPTIONS)
    assert found is not None and found.text == "" and found.problem
    small.close()


def test_a_reader_that_was_killed_is_replaced(reader: Reader) -> None:
    reader.read(HTML, PAGE, **OPTIONS)
    assert reader._process is not None
    os.kill(reader._process.pid, signal.SIGKILL)
    reader._process.wait()
    after = reader.read(HTML, PAGE, **OPTIONS)
    assert after is not None and after.problem == ""


def test_many_threads_share_one_reader(reader: Reader) -> None:
    texts = [f"<p>text number {i}</p>".encode() for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda content: reader.read(HTML, content, **OPTIONS), texts))
    assert [f.text for f in found if f] == [f"text number {i}" for i in range(40)]


def test_the_reader_sees_no_secrets(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "very secret")
    reader.close()
    reader.read(HTML, PAGE, **OPTIONS)
    assert reader._process is not None
    with open(f"/proc/{reader._process.pid}/environ", "rb") as environment:
        assert b"very secret" not in environment.read()


def test_the_reader_ends_with_its_parent() -> None:
    short = Reader(seconds=10)
    short.read(HTML, PAGE, **OPTIONS)
    process = short._process
    assert process is not None and process.stdin is not None
    process.stdin.close()  # what the system does when the parent dies
    assert process.wait(10) == 0
    short.close()


def test_a_forked_worker_starts_its_own_reader() -> None:
    extract_safely(HTML, PAGE, url="")
    mine = module._shared
    child = os.fork()
    if child == 0:
        os._exit(0 if module._shared is not mine and module._shared._process is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
