"""Mementos in archives of others and copies made by them: against a real pywb, and against services that misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from sources.archive import outside, storage
from sources.archive.models import Memento, OutsideRequest
from sources.archive.services import receive_upload
from sources.catalog.services import ask_for_copy, find_mementos
from tests.cast import T0, at_once
from tests.sources.archive.hostile import Behaviour, HostileServer, Visitor, response, serving
from tests.sources.archive.replay import COLLECTION, manage, serving_archive

URL = "http://site.test/said"
NAME = "Archive"
TIMEMAP = {"name": NAME, "timemap": "http://archive.test/map/{+url}"}
SAVE = {"name": NAME, "save": "http://archive.test/save/{+url}"}


def line(number: int, at: datetime = T0, rel: str = "memento", host: str = "archive.test") -> str:
    date = format_datetime(at.astimezone(UTC), usegmt=True)
    return f'<http://{host}/web/{number}/{URL}>; rel="{rel}"; datetime="{date}"'


def timemap(*lines: str, original: str = URL) -> bytes:
    return response(
        ",\n".join([f'<{original}>; rel="original"', *lines]).encode(),
        content_type="application/link-format",
    )


@pytest.fixture
def archive(settings: Any) -> Callable[..., Any]:
    """`with archive({path: behaviour}, service…) as server`: an outside archive that does as it is told."""

    @contextmanager
    def run(paths: dict[str, Behaviour], *services: dict[str, Any]) -> Iterator[HostileServer]:
        with serving(paths) as server:
            settings.ARCHIVE_OUTSIDE = list(services or [TIMEMAP])
            settings.ARCHIVE_GUARD_EXCEPTIONS = {"archive.test": server.where}
            settings.ARCHIVE_READ_SECONDS = 2
            yield server

    return run


@pytest.fixture
def document(make_document: Any) -> Any:
    return make_document(URL)


def looked_up(document: Any, by: Any) -> OutsideRequest:
    """One look-up, done by the worker's service."""
    (request,) = find_mementos(document=document, by=by, at=timezone.now())
    outside.run(request_id=request.pk)
    request.refresh_from_db()
    return request


def copied(document: Any, by: Any, *, tries: int = 1) -> OutsideRequest:
    request = ask_for_copy(document=document, service=NAME, by=by, at=timezone.now())
    for _try in range(tries):
        OutsideRequest.objects.filter(pk=request.pk).update(not_before=None)
        outside.run(request_id=request.pk)
    request.refresh_from_db()
    return request


# --- A real archive -------------------------------------------------------------------------------------------------


def collection(folder: Path, desk: Any, alice: Any, moments: list[datetime]) -> list[Path]:
    """Packages of one URL at several moments, as another desk's archive would hold them."""
    packages = []
    for place, at in enumerate(moments):
        content = f"Said the {place}th time.".encode()
        capture = receive_upload(desk=desk, content=[content], filename="a.txt", url=URL, by=alice, at=at)
        assert capture.package is not None
        packages.append(folder / f"{place}.wacz")
        packages[-1].write_bytes(storage.read(capture.package))
    return packages


def test_pywb_is_asked_which_mementos_it_has(document, make_document, desk, alice, tmp_path, settings):
    moments = [T0 + timedelta(days=day) for day in (0, 1, 40)]
    with serving_archive(tmp_path, collection(tmp_path, desk, alice, moments)) as pywb:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"archive.test": pywb.where}
        base = f"http://archive.test/{COLLECTION}"
        settings.ARCHIVE_OUTSIDE = [
            {"name": "Map", "timemap": f"{base}/timemap/link/{{+url}}"},
            {"name": "Gate", "timegate": f"{base}/{{+url}}"},
        ]
        requests = find_mementos(document=document, by=alice, at=timezone.now())
        for request in requests:
            outside.run(request_id=request.pk)
        (unknown, _gate) = find_mementos(document=make_document(f"{URL}/never"), by=alice, at=timezone.now())
        outside.run(request_id=unknown.pk)
        unknown.refresh_from_db()
    found = Memento.objects.filter(service="Map")
    assert [one.at for one in found] == moments
    assert all(one.url.startswith(f"{base}/2025") and one.url.endswith(URL) for one in found)
    states = {one.service: (one.state, one.found) for one in OutsideRequest.objects.filter(document=document)}
    assert states == {"Map": ("done", 3), "Gate": ("done", 1)}
    assert (unknown.state, unknown.found) == ("done", 0)
    assert "no memento" in unknown.detail


def test_pywb_makes_an_independent_copy_that_its_timemap_proves(make_document, alice, tmp_path, settings):
    with (
        serving({"/page": response(b"<p>Said on Friday", content_type="text/html")}) as site,
        serving_archive(tmp_path, (), "--live", "--record") as pywb,
    ):
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"archive.test": pywb.where, "127.0.0.1": site.where}
        settings.ARCHIVE_PORTS = settings.ARCHIVE_PORTS | {site.port}
        base = f"http://archive.test/{COLLECTION}"
        settings.ARCHIVE_OUTSIDE = [
            {"name": NAME, "timemap": f"{base}/timemap/link/{{+url}}", "save": f"{base}/record/{{+url}}"}
        ]
        document = make_document(f"http://127.0.0.1:{site.port}/page")
        early = copied(document, alice)
        assert (early.state, Memento.objects.count()) == ("queued", 0)  # recorded, but not in the index yet
        assert early.not_before > timezone.now()
        manage(tmp_path, "reindex", COLLECTION)
        request = copied(document, alice)
        copy = Memento.objects.get(document=document)
        timestamp = f"{copy.at:%Y%m%d%H%M%S}"
        replayed = pywb.replay(document.url, timestamp)
    assert request == early
    assert (request.state, request.found, request.attempt) == ("done", 1, 2), request.detail
    assert copy.is_ours
    assert copy.url == f"{base}/{timestamp}/{document.url}"
    assert abs(copy.at - request.requested_at) < timedelta(minutes=1)
    assert replayed.body == b"<p>Said on Friday"
    assert len(site.requests) == 1  # the archive fetched it itself, once


def test_a_live_page_that_calls_itself_a_memento_is_no_copy(make_document, alice, tmp_path, settings):
    """pywb's record mode answers with a Memento-Datetime and an address; both are the live page's, passed through."""
    with (
        serving({"/page": response(b"live", content_type="text/plain")}) as site,
        serving_archive(tmp_path, (), "--live", "--record") as pywb,
    ):
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"archive.test": pywb.where, "127.0.0.1": site.where}
        settings.ARCHIVE_PORTS = settings.ARCHIVE_PORTS | {site.port}
        settings.ARCHIVE_OUTSIDE = [
            {"name": NAME, "save": f"http://archive.test/{COLLECTION}/record/id_/{{+url}}"}
        ]
        request = copied(make_document(f"http://127.0.0.1:{site.port}/page"), alice)
    assert site.requests
    assert (request.state, request.found) == ("queued", 0)
    assert "cannot be seen" in request.detail
    assert not Memento.objects.exists()


# --- Copies ---------------------------------------------------------------------------------------------------------


def memento_answer(at: datetime) -> bytes:
    return response(b"copy", Memento_Datetime=format_datetime(at.astimezone(UTC), usegmt=True))


@pytest.mark.parametrize(
    "answer",
    [
        response(b"", status="302 Found", location="/web/1/x"),
        response(b"", status="201 Created", location="/web/1/x"),
        response(b"ok", content_location="/web/1/x"),
        response(b"ok", link='<http://archive.test/web/1/x>; rel="last memento"'),
    ],
    ids=["redirect", "created", "content-location", "link"],
)
def test_a_copy_is_believed_when_its_memento_answers(archive, document, alice, answer):
    paths: dict[str, Behaviour] = {f"/save/{URL}": answer, "/web/1/x": memento_answer(timezone.now())}
    with archive(paths, SAVE):
        request = copied(document, alice)
    assert (request.state, request.found) == ("done", 1), request.detail
    assert Memento.objects.get().url == "http://archive.test/web/1/x"
    assert Memento.objects.get().is_ours


@pytest.mark.parametrize(
    ("answer", "paths"),
    [
        (response(b"ok"), {}),
        (response(b"", status="302 Found", location="/web/1/x"), {"/web/1/x": response(b"no memento")}),
        (response(b"ok", content_location="/web/1/x"), {}),
        (response(b"ok", content_location="javascript:alert(1)"), {}),
        (response(b"ok", content_location="http://10.0.0.1/web/1"), {}),
        (response(b"ok", content_location="/save/http://site.test/again"), {
            "/save/http://site.test/again": memento_answer(datetime.now(UTC))}),
    ],
    ids=["nothing", "no date", "not there", "script", "private", "one more copy"],
)  # fmt: skip
def test_a_copy_that_cannot_be_seen_is_asked_for_again_and_then_failed(
    archive, document, alice, answer, paths
):
    with archive({f"/save/{URL}": answer, **paths}, SAVE):
        request = copied(document, alice)
        assert request.state == "queued", request.detail
        assert request.not_before >= timezone.now() + timedelta(seconds=50)
        request = copied(document, alice, tries=2)
    assert (request.state, request.attempt) == ("failed", 3)
    assert "3 times" in request.detail
    assert not Memento.objects.exists()


def test_an_old_memento_is_kept_but_is_no_copy_of_ours(archive, document, alice):
    paths = {
        f"/save/{URL}": response(b"", status="302 Found", location="/web/1/x"),
        "/web/1/x": memento_answer(T0),
    }
    with archive(paths, SAVE):
        request = copied(document, alice)
    assert (request.state, Memento.objects.get().is_ours) == ("failed", False)
    assert "older memento" in request.detail


def test_a_second_attempt_looks_before_it_asks_again(archive, document, alice):
    now = timezone.now()
    paths: dict[str, Behaviour] = {f"/save/{URL}": response(b"accepted"), f"/map/{URL}": timemap(line(1))}
    with archive(paths, TIMEMAP | SAVE) as server:
        assert copied(document, alice).state == "queued"
        server.paths[f"/map/{URL}"] = timemap(line(1), line(2, now))
        server.requests.clear()
        assert copied(document, alice).state == "done"
        assert [request.split()[1] for request in server.requests] == [f"/map/{URL}".encode()]
    assert [(one.at, one.is_ours) for one in Memento.objects.all()] == [(now.replace(microsecond=0), True)]


# --- Services that misbehave ----------------------------------------------------------------------------------------


def drips(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<http://a")
    visitor.hang()


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (response(b"", status="404 Not Found"), "done", "no memento"),
        (timemap(), "done", "no memento"),
        (timemap(line(1), line(2)), "done", "2 mementos"),
        (timemap(line(1), line(2, host="elsewhere.test")), "done", "1 memento was found. 1 entry was left out"),
        (timemap(line(1), original="http://site.test/other"), "failed", "another address"),
        (response(b"<html>Please enable cookies</html>"), "failed", "not a list"),
        (response(b""), "failed", "not a list"),
        (response(b"", status="403 Forbidden"), "failed", "403"),
        (response(b"", status="302 Found", location="http://10.0.0.1/"), "failed", "10.0.0.1"),
        (response(b"", status="302 Found", location="file:///etc/passwd"), "failed", "http"),
        (response(b"", status="500 Broken"), "queued", "500"),
        (b"", "queued", "closed"),
        (drips, "failed", "not a list"),
        (b"\x00\xff" * 99, "failed", "HTTP"),
    ],
)  # fmt: skip
def test_what_a_service_answers_becomes_a_state_and_a_sentence(archive, document, alice, answer, state, says):
    with archive({f"/map/{URL}": answer}):
        request = looked_up(document, alice)
    assert (request.state, says in request.detail) == (state, True), request.detail
    assert request.lease_token is None


@pytest.mark.parametrize(
    ("header", "seconds"), [("1800", 1800), ("999999999999", 3600), ("-5", 60), ("x", 60)]
)
def test_a_service_that_asks_to_be_left_alone_is(archive, document, alice, header, seconds):
    with archive({f"/map/{URL}": response(b"", status="429 Slowly", retry_after=header)}):
        request = looked_up(document, alice)
        assert request.state == "queued"
        assert abs((request.not_before - timezone.now()).total_seconds() - seconds) < 10
        asked = OutsideRequest.objects.get(pk=request.pk).attempt
        outside.run(request_id=request.pk)  # a bell too early changes nothing
        assert OutsideRequest.objects.get(pk=request.pk).attempt == asked == 1
    assert outside.sweep(at=timezone.now()) == []
    assert outside.sweep(at=request.not_before + timedelta(seconds=1)) == [request.pk]


def test_of_thousands_an_even_choice_is_kept_and_said_so(archive, document, alice):
    moments = [T0 - timedelta(hours=hour) for hour in range(3000)]
    with archive({f"/map/{URL}": timemap(*[line(n, at) for n, at in enumerate(moments)])}):
        request = looked_up(document, alice)
    assert (request.state, request.found) == ("done", 3000)
    assert "3000 mementos were found. 500 of them are kept" in request.detail
    kept = list(Memento.objects.values_list("at", flat=True))
    assert (len(kept), kept[0], kept[-1]) == (500, min(moments), max(moments))


def test_pages_of_a_timemap_are_read_to_a_limit_and_never_in_circles(archive, document, alice):
    paths: dict[str, Behaviour] = {
        f"/map/{URL}": timemap('<http://archive.test/p/1>; rel="timemap"'),
        **{
            f"/p/{n}": timemap(
                line(n), f'<http://archive.test/p/{n + 1}>; rel="timemap", </p/{n}>; rel="timemap"'
            )
            for n in range(1, 30)
        },
    }
    with archive(paths) as server:
        request = looked_up(document, alice)
    assert len(server.requests) == outside.MOST_PAGES
    assert (request.state, request.found) == ("done", outside.MOST_PAGES - 1)
    assert "longer than what is read" in request.detail


def test_looking_again_keeps_each_memento_once(archive, document, alice):
    with archive({f"/map/{URL}": timemap(line(1), line(2))}):
        looked_up(document, alice)
        request = looked_up(document, alice)
    assert (request.found, Memento.objects.count()) == (2, 2)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "[::1]", "169.254.169.254"])
def test_without_an_exception_the_guard_refuses_a_service_on_a_private_address(
    document, alice, settings, host
):
    with serving({}) as server:
        settings.ARCHIVE_PORTS = frozenset({server.port})
        settings.ARCHIVE_GUARD_EXCEPTIONS = {}
        settings.ARCHIVE_OUTSIDE = [{"name": NAME, "timemap": f"http://{host}:{server.port}/map/{{+url}}"}]
        OutsideRequest.objects.create(
            desk=document.desk, document=document, work="look-up", service=NAME, url=URL, requested_at=T0
        )
        request = OutsideRequest.objects.get()
        outside.run(request_id=request.pk)
        request.refresh_from_db()
    assert (request.state, server.requests) == ("failed", [])
    assert host.strip("[]") in request.detail


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_nothing_is_asked_of_anybody_unless_the_settings_name_them(document, alice, settings):
    assert settings.ARCHIVE_OUTSIDE == []
    with pytest.raises(ValidationError, match="names no outside archive"):
        find_mementos(document=document, by=alice, at=T0)
    with pytest.raises(ValidationError, match="Choose an outside archive"):
        ask_for_copy(document=document, service=NAME, by=alice, at=T0)
    settings.ARCHIVE_OUTSIDE = [SAVE]
    with pytest.raises(ValidationError, match="names no outside archive"):
        find_mementos(document=document, by=alice, at=T0)
    settings.ARCHIVE_OUTSIDE = [TIMEMAP]
    with pytest.raises(ValidationError, match="Choose an outside archive"):
        ask_for_copy(document=document, service=NAME, by=alice, at=T0)
    assert not OutsideRequest.objects.exists()


def test_viewers_and_other_desks_cannot_ask(document, dave, mallory, settings):
    settings.ARCHIVE_OUTSIDE = [TIMEMAP | SAVE]
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            find_mementos(document=document, by=person, at=T0)
        with pytest.raises(PermissionDenied):
            ask_for_copy(document=document, service=NAME, by=person, at=T0)
        with pytest.raises(PermissionDenied):
            outside.look_up(desk=document.desk, document_id=document.pk, url=URL, by=person, at=T0)
    assert not OutsideRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_people_who_ask_at_once_get_one_request(document, alice, carol, settings, empty_queue):
    settings.ARCHIVE_OUTSIDE = [TIMEMAP | SAVE]
    acts = [
        lambda by=by: ask_for_copy(document=document, service=NAME, by=by, at=timezone.now())
        for by in (alice, carol, alice, carol)
    ]
    requests = at_once(*acts)
    assert len({request.pk for request in requests}) == OutsideRequest.objects.count() == 1
    empty_queue()


def test_a_service_that_left_the_settings_is_not_asked(document, alice, settings):
    settings.ARCHIVE_OUTSIDE = [TIMEMAP]
    (request,) = find_mementos(document=document, by=alice, at=T0)
    settings.ARCHIVE_OUTSIDE = []
    outside.run(request_id=request.pk)
    request.refresh_from_db()
    assert (request.state, "no longer name" in request.detail) == ("failed", True)


# --- Work -----------------------------------------------------------------------------------------------------------


def test_a_lost_worker_is_replaced_and_writes_nothing_any_more(archive, document, alice):
    with archive({f"/map/{URL}": timemap(line(1))}):
        (request,) = find_mementos(document=document, by=alice, at=timezone.now())
        lost = outside._take(request.pk, at=timezone.now())
        assert lost is not None
        outside.run(request_id=request.pk)  # the lease holds: nobody else works on it
        assert not Memento.objects.exists()
        OutsideRequest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert outside.sweep(at=timezone.now() + timedelta(minutes=1)) == [request.pk]
        outside.run(request_id=request.pk)
        outside._keep(lost, outside._Outcome([]), at=timezone.now())
        with pytest.raises(outside._Lost):
            outside._extend(lost)
    request.refresh_from_db()
    assert (request.state, request.found, request.attempt) == ("done", 1, 2)


def test_a_request_that_costs_each_worker_its_life_ends(document, alice, settings):
    settings.ARCHIVE_OUTSIDE = [TIMEMAP]
    (request,) = find_mementos(document=document, by=alice, at=T0)
    for attempt in range(settings.ARCHIVE_MAX_ATTEMPTS):
        assert outside._take(request.pk, at=T0 + timedelta(hours=attempt)) is not None
    assert outside._take(request.pk, at=T0 + timedelta(days=1)) is None
    request.refresh_from_db()
    assert (request.state, "worker was lost" in request.detail) == ("failed", True)


def test_a_request_that_is_not_there_is_nothing_to_do(db):
    outside.run(request_id=uuid4())


@pytest.mark.slow
def test_a_real_worker_does_what_was_asked_and_what_was_lost(
    document, alice, environment, start_worker, empty_queue, settings, wait_until
):
    """Its guard knows no exceptions, so it refuses the service: that it says so is what shows that it worked."""
    from sources.archive.tasks import sweep_outside

    services = [{"name": NAME, "timemap": "http://127.0.0.1:8080/{+url}", "save": "http://10.0.0.1/{+url}"}]
    environment["ARCHIVE_OUTSIDE"] = json.dumps(services)
    settings.ARCHIVE_OUTSIDE = services
    find_mementos(document=document, by=alice, at=timezone.now() - timedelta(minutes=1))
    empty_queue()  # the bell is lost
    start_worker()
    sweep_outside.delay()
    wait_until(lambda: OutsideRequest.objects.get().state == "failed")
    ask_for_copy(document=document, service=NAME, by=alice, at=timezone.now())
    wait_until(lambda: OutsideRequest.objects.filter(state="failed").count() == 2)
