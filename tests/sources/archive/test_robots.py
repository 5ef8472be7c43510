"""robots.txt over the real wire: watches obey it, people are told of it, and no answer of it breaks a capture."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from sources.archive.models import Capture, Host, Watch
from sources.archive.robots import Robots
from sources.archive.services import request_capture, run_capture
from tests.cast import T0
from tests.sources.archive.scripted import Answer, site

URL = "http://site.example/private/page"
HOST = "site.example:80"
REFUSES = "User-agent: *\nDisallow: /private/\n"


@pytest.fixture
def web(settings):
    with site() as told:
        told.answers = {"/private/page": [Answer()], "/public": [Answer()]}
        settings.ARCHIVE_GUARD_EXCEPTIONS = {
            "site.example": told.address,
            "other.example": told.address,
        }
        yield told


@pytest.fixture
def watch(desk, alice, make_document):
    return Watch.objects.create(desk=desk, document=make_document(), next_at=T0, set_by=alice, set_at=T0)


@pytest.fixture
def run(desk, alice):
    def run(url: str = URL, watch: Watch | None = None) -> Capture:
        capture = request_capture(desk=desk, url=url, by=alice, at=timezone.now(), force=True)
        Capture.objects.filter(pk=capture.pk).update(watch=watch)
        run_capture(capture_id=capture.pk)
        capture.refresh_from_db()
        return capture

    return run


def robots(status: int = 200, body: str | bytes = REFUSES, **headers: str) -> list[Answer]:
    return [Answer(status, body, headers)]


def test_a_watch_asks_for_nothing_that_robots_txt_refuses_and_names_the_rule(web, run, watch):
    web.answers["/robots.txt"] = robots()
    capture = run(watch=watch)
    assert (capture.state, capture.failure_code) == ("failed", "robots-refused")
    assert "“Disallow: /private/”" in capture.failure_detail
    assert web.times("/private/page") == 0
    assert run("http://site.example/public", watch).state == "archived"


def test_what_a_person_asks_for_is_captured_with_a_note(web, run):
    web.answers["/robots.txt"] = robots()
    capture = run()
    assert (capture.state, capture.exchanges.count()) == ("archived", 1)
    (note,) = [note for note in capture.notes if "robots.txt" in note]
    assert "site.example says “Disallow: /private/”" in note
    assert not any("robots.txt" in note for note in run("http://site.example/public").notes)


@pytest.mark.parametrize(("setting", "state", "asked"), [("obey", "failed", 1), ("ignore", "archived", 0)])
def test_the_setting_makes_it_hold_for_all_or_for_none(web, run, settings, setting, state, asked):
    settings.ARCHIVE_ROBOTS = setting
    web.answers["/robots.txt"] = robots()
    assert run().state == state
    assert web.times("/robots.txt") == asked


def test_it_is_asked_for_once_in_its_time(web, run, watch, settings):
    web.answers["/robots.txt"] = robots()
    for _ in range(3):
        run(watch=watch)
    assert web.times("/robots.txt") == 1
    past = timezone.now() - timedelta(seconds=settings.ARCHIVE_ROBOTS_SECONDS + 1)
    Host.objects.filter(pk=HOST).update(robots_fetched_at=past)
    web.answers["/robots.txt"] = robots(body="")
    assert run(watch=watch).state == "archived"


def test_a_redirect_into_what_is_refused_is_not_followed_and_the_hop_is_kept(web, run, watch):
    web.answers["/robots.txt"] = robots()
    web.answers["/moved"] = [Answer(302, "", {"Location": "http://other.example/private/page"})]
    capture = run("http://site.example/moved", watch)
    assert (capture.failure_code, capture.exchanges.get().status) == ("robots-refused", 302)
    assert "other.example says" in capture.failure_detail
    assert (web.times("/private/page"), Host.objects.count()) == (0, 2)


@pytest.mark.parametrize(
    ("status", "state"),
    [(404, "archived"), (403, "archived"), (429, "archived"), (500, "failed"), (503, "failed")],
)
def test_no_robots_txt_allows_and_a_broken_server_refuses(web, run, watch, status, state):
    web.answers["/robots.txt"] = robots(status)
    capture = run(watch=watch)
    assert (capture.state, capture.failure_code) == (state, "robots-refused" if state == "failed" else "")
    assert run().state == "archived"  # a person's


def test_a_host_that_cannot_be_reached_fails_for_that_reason(web, run, watch, settings):
    settings.ARCHIVE_GUARD_EXCEPTIONS = {"site.example": "127.0.0.1:9"}
    capture = run(watch=watch)
    assert capture.failure_code == "connect-failed"
    assert "robots.txt of site.example could not be read" in capture.failure_detail


def test_robots_txt_is_fetched_through_the_guard(web, run, watch):
    web.answers["/robots.txt"] = [Answer(302, "", {"Location": "http://169.254.169.254/robots.txt"})]
    assert run(watch=watch).failure_code == "address-refused"
    assert run().state == "archived"


def test_redirects_of_robots_txt_are_followed_five_times_and_then_count_as_none(web, run, watch):
    for n in range(8):
        path = f"/r{n}" if n else "/robots.txt"
        web.answers[path] = [Answer(302, "", {"Location": f"/r{n + 1}"})]
    assert run(watch=watch).state == "archived"
    web.answers["/r5"] = robots()
    Host.objects.all().delete()
    assert run(watch=watch).failure_code == "robots-refused"


def test_only_the_first_part_of_an_endless_file_is_read(web, run, watch):
    web.answers["/robots.txt"] = robots(body=REFUSES + "#" * 2_000_000)
    assert run(watch=watch).failure_code == "robots-refused"
    assert len(Host.objects.get().robots_txt) <= 512 * 1024
    Host.objects.all().delete()
    web.answers["/robots.txt"] = robots(body="#" * 600_000 + "\n" + REFUSES)
    assert run(watch=watch).state == "archived"


def test_files_of_any_bytes_break_nothing(web, run, watch):
    chance = Random(1)
    files = [
        b"\x00\xff\xfe" * 50,
        b"User-agent: *\x00\nDisallow: /private/\x00",
        "\ufeff".encode() + REFUSES.encode(),
    ]
    strange = [chance.randbytes(300) for _ in range(200)]
    strange += [b"User-agent: *\nDisallow: " + bytes for bytes in strange]
    for body in [*strange, b"Disallow: %%%zz\nUser-agent: *\nDisallow: /*" + b"*" * 300]:
        Robots(HOST, 200, body.decode("utf-8", "replace")).refusal(URL)
    for body in files:
        Host.objects.all().delete()
        web.answers["/robots.txt"] = robots(body=body)
        assert run(watch=watch).failure_code in ("", "robots-refused"), body


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("User-agent: *\nDisallow: /", "Disallow: /"),
        ("User-agent: *\nDisallow: /\nAllow: /private/", ""),
        (
            "User-agent: *\nDisallow: /private\nDisallow: /private/page\nDisallow: /p",
            "Disallow: /private/page",
        ),
        (
            "User-agent: verify\nDisallow: /private\n\nUser-agent: *\nDisallow: /private/pa",
            "Disallow: /private",
        ),
        ("User-agent: other\nDisallow: /", ""),
        ("User-agent: mozilla\nDisallow: /", ""),
        ("User-agent: *\nDisallow: /*page$", "Disallow: /*page$"),
        ("User-agent: *\nDisallow:", ""),
        ("", ""),
    ],
)
def test_the_deciding_rule_of_our_group_is_named(text, rule):
    refusal = Robots(HOST, 200, text).refusal(URL)
    assert refusal == (f"robots.txt of site.example says “{rule}”" if rule else "")
