"""The press site over a real socket: HTTP/1.1 as a careful client sees it."""

import gzip
import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from verify.demo import outlets, pressroom, trouble

WIRE = "/2025/03/08/syria-coast-monitor-toll"
BROADCASTER = "/news/world-20250309-syria-coast"


@pytest.fixture
def site() -> Iterator[pressroom.Pressroom]:
    with pressroom.running() as server:
        yield server


def ask(
    site: pressroom.Pressroom, host: str, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(site.address, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Host": host, **named})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


@pytest.mark.parametrize("page", list(outlets.pages()), ids=lambda page: page.url)
def test_every_page_is_served_with_its_notice(site: pressroom.Pressroom, page: outlets.Page) -> None:
    response, body = ask(site, page.outlet.host, page.path)
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    assert response.getheader("Date") and response.getheader("Last-Modified") and response.getheader("ETag")
    assert outlets.NOTICES["en"] in body.decode()
    assert f'lang="{page.language}" dir="{"rtl" if page.language == "ar" else "ltr"}"' in body.decode()


@pytest.mark.parametrize("host", pressroom.HOSTS)
def test_every_link_of_a_host_answers(site: pressroom.Pressroom, host: str) -> None:
    for path in ["/", "/robots.txt", "/assets/style.css", "/assets/logo.svg", "/assets/coast.png"]:
        response, body = ask(site, host, path)
        assert response.status == 200 and body, path
    for source, status, _ in outlets.OUTLETS[host].redirects:
        response, _ = ask(site, host, source)
        assert response.status == status and response.getheader("Location")


def test_body_is_chunked_or_has_a_length(site: pressroom.Pressroom) -> None:
    wire, body = ask(site, "wire.example", WIRE)
    assert wire.getheader("Content-Length") == str(len(body))
    broadcaster, _ = ask(site, "broadcaster.example", BROADCASTER)
    assert broadcaster.getheader("Transfer-Encoding") == "chunked"
    assert broadcaster.getheader("Content-Length") is None


def test_gzip_comes_when_asked_for(site: pressroom.Pressroom) -> None:
    plain, body = ask(site, "wire.example", WIRE)
    packed, compressed = ask(site, "wire.example", WIRE, Accept_Encoding="br, gzip;q=0.8")
    refused, _ = ask(site, "wire.example", WIRE, Accept_Encoding="gzip;q=0")
    assert packed.getheader("Content-Encoding") == "gzip"
    assert gzip.decompress(compressed) == body
    assert plain.getheader("ETag") != packed.getheader("ETag")
    assert plain.getheader("Vary") == "Accept-Encoding"
    assert refused.getheader("Content-Encoding") is None


def test_head_has_the_headers_of_get_and_no_body(site: pressroom.Pressroom) -> None:
    whole, _ = ask(site, "wire.example", WIRE)
    head, body = ask(site, "wire.example", WIRE, method="HEAD")
    names = {"Content-Length", "ETag", "Last-Modified", "Content-Type"}
    assert body == b""
    assert {name: head.getheader(name) for name in names} == {name: whole.getheader(name) for name in names}


def test_unchanged_page_is_answered_with_304(site: pressroom.Pressroom) -> None:
    first, _ = ask(site, "wire.example", WIRE)
    for condition in [
        {"If_None_Match": first.getheader("ETag", "")},
        {"If_Modified_Since": first.getheader("Last-Modified", "")},
    ]:
        response, body = ask(site, "wire.example", WIRE, **condition)
        assert (response.status, body) == (304, b"")
    stale, _ = ask(site, "wire.example", WIRE, If_None_Match='"other"')
    assert stale.status == 200


def test_one_connection_serves_many_requests(site: pressroom.Pressroom) -> None:
    connection = http.client.HTTPConnection(site.address, timeout=10)
    for host, path in [
        ("wire.example", WIRE),
        ("broadcaster.example", BROADCASTER),
        ("gulf.example", "/none"),
    ]:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        response.read()
        assert not response.will_close
    connection.close()


def test_unknown_host_lists_the_outlets_and_shows_their_pages(site: pressroom.Pressroom) -> None:
    _, contents = ask(site, site.address, "/")
    assert all(f'href="/{host}/"' in contents.decode() for host in pressroom.HOSTS)
    page, body = ask(site, site.address, "/wire.example" + WIRE)
    assert page.status == 200
    assert 'href="/wire.example/assets/style.css"' in body.decode()
    moved, _ = ask(site, site.address, "/wire.example/s/coast")
    assert moved.getheader("Location") == "/wire.example" + WIRE


def test_path_cannot_leave_the_folder_of_its_outlet(site: pressroom.Pressroom) -> None:
    for path in ["/../_layouts/wire", "/../../pressroom", "/assets/../outlets.toml", "/assets/..%2f", "/%00"]:
        response, _ = ask(site, "wire.example", path)
        assert response.status == 404, path


@pytest.mark.parametrize("request_head", [b"GET / HTTP/1.1\r\n", b"GET http://[x/ HTTP/1.1\r\nHost: a\r\n"])
def test_malformed_request_is_refused(site: pressroom.Pressroom, request_head: bytes) -> None:
    host, _, port = site.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request_head + b"Connection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_stage_two_changes_one_page_and_removes_another(site: pressroom.Pressroom) -> None:
    before, old = ask(site, "broadcaster.example", BROADCASTER)
    pressroom.set_stage(site.address, 2)
    after, new = ask(site, "broadcaster.example", BROADCASTER)
    assert "at least 745" in old.decode() and "at least 745" not in new.decode()
    assert "individual violations" in old.decode() and "individual" not in new.decode()
    assert before.getheader("ETag") != after.getheader("ETag")
    # The edit is a silent one: the page goes on bearing the time at which it was first published.
    assert b'datetime="2025-03-09T14:15:00Z"' in new
    assert ask(site, "video.example", "/watch/coast-road")[0].status == 410
    pressroom.set_stage(site.address, 1)
    assert ask(site, "video.example", "/watch/coast-road")[0].status == 200


def test_stage_that_does_not_exist_is_refused(site: pressroom.Pressroom) -> None:
    with pytest.raises(ValueError, match="The stage is 1 or 2, not '3'"):
        pressroom.set_stage(site.address, 3)
    assert site.stage == 1


def test_exceptions_name_every_host() -> None:
    assert pressroom.exceptions("127.0.0.1:8900") == dict.fromkeys(pressroom.HOSTS, "127.0.0.1:8900")
    assert all(host.endswith(".example") for host in pressroom.HOSTS)


def test_large_pages_have_the_size_that_was_asked_for(site: pressroom.Pressroom) -> None:
    for path in ["/large?n=3", "/large-declared?n=3"]:
        _, body = ask(site, "trouble.example", path)
        assert len(body) == 3 * trouble.MEGABYTE


def test_bomb_is_small_on_the_wire(site: pressroom.Pressroom) -> None:
    response, body = ask(site, "trouble.example", "/bomb?n=8")
    assert response.getheader("Content-Encoding") == "gzip"
    assert len(body) < 10_000
    assert len(gzip.decompress(body)) == 8 * trouble.MEGABYTE


def test_cut_answer_ends_before_its_length(site: pressroom.Pressroom) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(site, "trouble.example", "/cut?n=500")
    assert len(caught.value.partial) == 500 and caught.value.expected == 500


def test_redirects_end_or_point_inside(site: pressroom.Pressroom) -> None:
    assert ask(site, "trouble.example", "/redirects?n=2")[0].getheader("Location") == "/redirects?n=1"
    assert ask(site, "trouble.example", "/redirects?n=0")[0].status == 200
    assert ask(site, "trouble.example", "/redirect-loop")[0].getheader("Location") == "/redirect-loop"
    assert ask(site, "trouble.example", "/redirect-inside")[0].getheader("Location") == "http://127.0.0.1:22/"
    assert b"http://127.0.0.1:22/picture.png" in ask(site, "trouble.example", "/inside")[1]


def test_binary_file_is_what_it_says_or_is_mislabelled(site: pressroom.Pressroom) -> None:
    binary, body = ask(site, "trouble.example", "/binary")
    mislabelled, same = ask(site, "trouble.example", "/mislabelled")
    assert body == same == trouble.BINARY
    assert binary.getheader("Content-Type") == "application/octet-stream"
    assert mislabelled.getheader("Content-Type") == "text/html; charset=utf-8"


def test_slow_page_sends_headers_at_once_and_closing_does_not_wait_for_it() -> None:
    with pressroom.running() as site:
        connection = http.client.HTTPConnection(site.address, timeout=10)
        connection.request("GET", "/slow?n=600", headers={"Host": "trouble.example"})
        assert connection.getresponse().status == 200
    connection.close()


def test_busy_port_is_told_in_one_sentence(site: pressroom.Pressroom) -> None:
    port = str(site.server_address[1])
    command = [sys.executable, "-m", "verify.demo.pressroom", "--port", port]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert result.returncode == 1
    assert result.stderr == f"The press site cannot use 127.0.0.1:{port}: Address already in use.\n"
