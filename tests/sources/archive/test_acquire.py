"""From a URL to a package, over the real wire and without a database: hops, subresources, notes, refusals."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

import pytest

from sources.archive import config
from sources.archive.acquire import Acquired, Broken, acquire, pack_hops
from sources.archive.exchange import FailureCode, FetchError, Limits
from sources.archive.fetch import Fetcher
from sources.archive.kinds import Family
from sources.archive.wacz_check import verify_wacz

ARTICLE = "http://wire.example/2025/03/08/syria-coast-monitor-toll"


@pytest.fixture
def get(pressroom: Any) -> Any:
    """Acquire a URL; `limits` are those of Limits."""

    def get(url: str, *, page: bool = False, told: Any = None, most: int = 20, **limits: Any) -> Acquired:
        bounds = Limits(**limits)
        return acquire(
            url,
            page=page,
            fetcher=Fetcher(config.guard(), bounds),
            limits=bounds,
            browser=None,
            subresource_limit=most,
            software="Verify test",
            report=told or (lambda doing: None),
        )

    return get


def problems(acquired: Acquired) -> list[str]:
    return verify_wacz(acquired.package, datapackage_sha256=acquired.datapackage_sha256)


def test_an_article_is_fetched_read_and_packed(get):
    told: list[str] = []
    acquired = get(ARTICLE, told=told.append)
    assert (acquired.main, acquired.final.status, acquired.kind.family) == (1, 200, Family.HTML)
    assert "745" in acquired.text.text
    assert acquired.text.language == "en"
    assert (problems(acquired), told) == ([], ["fetching", "reading", "packing"])


def test_the_exception_to_the_guard_is_noted_where_a_reader_sees_it(get, pressroom):
    (note,) = get(ARTICLE).notes
    assert note.startswith("Fetched under an exception to the address guard")
    assert pressroom.address.partition(":")[0] in note or "wire.example" in note


def test_every_hop_of_a_redirect_is_kept_and_the_last_one_is_the_document(get):
    acquired = get("http://trouble.example/redirects?n=3")
    assert (acquired.main, len(acquired.exchanges)) == (4, 4)
    assert [exchange.status for exchange in acquired.exchanges] == [302, 302, 302, 200]
    assert acquired.final.url == "http://trouble.example/redirects?n=0"
    assert problems(acquired) == []


@pytest.mark.parametrize(("path", "status"), [("error", 500), ("nothing-here", 404)])
def test_an_answer_of_any_status_is_something_to_archive(get, path, status):
    acquired = get(f"http://trouble.example/{path}")
    assert acquired.final.status == status
    assert problems(acquired) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("redirect-inside", FailureCode.ADDRESS_REFUSED),
        ("redirect-loop", FailureCode.TOO_MANY_REDIRECTS),
        ("redirects?n=20", FailureCode.TOO_MANY_REDIRECTS),
        ("headers", FailureCode.HEADERS_TOO_LARGE),
        ("silent?n=3", FailureCode.TIMEOUT),
    ],
)
def test_what_brings_no_answer_fails_with_its_reason(get, path, code):
    with pytest.raises(FetchError) as failure:
        get(f"http://trouble.example/{path}", read_seconds=1)
    assert failure.value.code == code
    assert str(failure.value).endswith(".")


@pytest.mark.parametrize(
    ("path", "hops"), [("redirect-inside", 1), ("redirect-loop", 1), ("redirects?n=20", 11)]
)
def test_what_was_seen_before_a_failure_can_be_packed(get, path, hops):
    with pytest.raises(Broken) as failure:
        get(f"http://trouble.example/{path}")
    seen = failure.value.exchanges
    assert [exchange.status for exchange in seen] == [302] * hops
    with TemporaryFile() as package:
        bodies, digest = pack_hops(seen, Limits(), package, software="Verify test")
        assert (len(bodies), verify_wacz(package, datapackage_sha256=digest)) == (hops, [])


def test_a_page_over_the_limit_is_cut_and_says_so_first(get):
    acquired = get("http://trouble.example/large?n=2", wire_bytes=500_000)
    assert acquired.final.truncated == "length"
    assert acquired.notes[0] == "The response was longer than the limit and was cut there."
    assert len(acquired.final.response_wire) == 500_000
    assert problems(acquired) == []


def test_a_slow_page_is_cut_when_time_is_over(get):
    acquired = get("http://trouble.example/slow?n=20", total_seconds=1.5)
    assert acquired.final.truncated == "time"
    assert problems(acquired) == []


def test_a_compressed_bomb_stops_at_the_limit(get):
    acquired = get("http://trouble.example/bomb?n=20", decoded_bytes=2_000_000)
    assert len(acquired.body.decoded) <= 2_000_000
    assert any(acquired.body.decode_problem in note for note in acquired.notes)
    assert problems(acquired) == []


@pytest.mark.parametrize("path", ["binary", "mislabelled"])
def test_bytes_of_no_known_format_are_kept_without_a_text(get, path):
    acquired = get(f"http://trouble.example/{path}")
    assert (len(acquired.body.decoded), acquired.kind.family) == (4096, Family.OTHER)
    assert acquired.text is None
    assert problems(acquired) == []


def test_a_page_without_a_browser_is_degraded_to_its_parts(get):
    acquired = get(ARTICLE, page=True)
    assert (acquired.degraded, acquired.main) == (True, 1)
    types = {dict(exchange.headers)["content-type"].partition(";")[0] for exchange in acquired.exchanges}
    assert "text/css" in types
    assert problems(acquired) == []


def test_parts_at_private_addresses_are_refused_one_by_one_and_noted(get):
    acquired = get("http://trouble.example/inside", page=True)
    assert len(acquired.exchanges) == 1
    refused = [note for note in acquired.notes if note.startswith("Subresource")]
    assert {
        host for host in ("169.254.169.254", "127.0.0.1", "[::1]") if any(host in n for n in refused)
    } == {
        "169.254.169.254",
        "127.0.0.1",
        "[::1]",
    }
    assert problems(acquired) == []


def test_a_page_with_more_parts_than_the_limit_says_how_many_were_left_out(get):
    acquired = get(ARTICLE, page=True, most=0)
    assert len(acquired.exchanges) == 1
    assert any("subresources; the first 0 were fetched" in note for note in acquired.notes)
