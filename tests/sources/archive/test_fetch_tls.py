"""TLS: the certificates are those of the connection that carried the exchange; one that does not verify is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from sources.archive.exchange import FailureCode, Limits, Truncation
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard
from tests.sources.archive.hostile import Authority, response, serving

HOST = "secure.test"
LIMITS = Limits(read_seconds=1, total_seconds=3)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    yield Authority(tmp_path_factory.mktemp("tls"))


def fetcher_for(where: str, ca_file: Path | None = None) -> Fetcher:
    return Fetcher(Guard(exceptions={HOST: where}), LIMITS, ca_file=str(ca_file) if ca_file else None)


def test_fetch_over_tls_verifies_and_keeps_the_whole_chain(authority: Authority) -> None:
    with serving({"/": response(b"x")}, authority.server(HOST)) as server:
        result = fetcher_for(server.where, authority.ca_file).fetch(f"https://{HOST}/")
    assert result.final is not None, result.failure
    peer = result.final.peer
    assert (peer.tls_verified, peer.tls_problem, peer.tls_version) == (True, "", "TLSv1.3")
    subjects = [x509.load_der_x509_certificate(der).subject.rfc4514_string() for der in peer.tls_chain]
    assert subjects == [f"CN={HOST}", "CN=Test authority"]


@pytest.mark.parametrize(
    ("made_for", "options", "word"),
    [
        (HOST, {"expired": True}, "expired"),
        (HOST, {"self_signed": True}, "self-signed"),
        ("other.test", {}, "match"),
    ],
)
def test_fetch_records_a_certificate_that_does_not_verify(
    authority: Authority, made_for: str, options: dict[str, bool], word: str
) -> None:
    with serving({"/": response(b"evidence")}, authority.server(made_for, **options)) as server:
        result = fetcher_for(server.where, authority.ca_file).fetch(f"https://{HOST}/")
        assert len(server.requests) == 1  # the connection that did not verify carried no request
    assert result.final is not None, result.failure
    assert result.final.wire_body == b"evidence"
    assert result.final.peer.tls_verified is False
    assert word in result.final.peer.tls_problem
    assert result.final.peer.tls_chain


def test_fetch_from_an_unknown_authority_is_unverified(authority: Authority) -> None:
    with serving({"/": response(b"x")}, authority.server(HOST)) as server:
        result = fetcher_for(server.where).fetch(f"https://{HOST}/")
    assert result.final is not None
    assert result.final.peer.tls_verified is False
    assert len(result.final.peer.tls_chain) == 2


def test_fetch_of_plain_http_as_https_fails_as_tls() -> None:
    with serving({}, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        result = fetcher_for(server.where).fetch(f"https://{HOST}/")
    assert result.failure is not None
    assert result.failure.code is FailureCode.TLS_FAILED


def test_fetch_bounds_a_handshake_that_never_ends() -> None:
    with serving({}) as server:  # reads the ClientHello for ever
        result = fetcher_for(server.where).fetch(f"https://{HOST}/")
    assert result.failure is not None
    assert result.failure.code is FailureCode.TIMEOUT


def test_fetch_marks_a_body_that_tls_did_not_end(authority: Authority) -> None:
    wire = b"HTTP/1.1 200 OK\r\n\r\nall of it?"
    with serving({"/rude": wire, "/kind": wire}, authority.server(HOST)) as server:
        fetcher = fetcher_for(server.where, authority.ca_file)
        rude = fetcher.fetch(f"https://{HOST}/rude").final
        kind = fetcher.fetch(f"https://{HOST}/kind").final
    assert rude is not None and kind is not None
    assert rude.truncated is Truncation.DISCONNECT
    assert kind.truncated is None
    assert rude.wire_body == kind.wire_body == b"all of it?"
