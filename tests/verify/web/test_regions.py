"""The pages on which places are marked and shown, the pictures of ours, and films that play in parts."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from claims.attribution.models import Region
from claims.attribution.region_services import mark_region
from sources.archive import storage
from sources.archive.models import Capture
from sources.archive.redaction import ask_redaction, decide_redaction
from tests.cast import T0, make_person
from tests.claims.attribution.places import FILM, LINE, PICTURE, REPORT, WORDS, filed, pictured, replaced
from tests.recaptures import fetched
from tests.sources.archive.media import encoded, exif, scene
from tests.sources.archive.samples import pdf

pytestmark = pytest.mark.django_db
BOX = {"left": 45, "top": 125, "width": 300, "height": 30}


@pytest.fixture
def file(make_document: Any) -> Any:
    return lambda content, document=None: filed(content, document or make_document())


@pytest.fixture
def as_alice(client: Any, alice: Any) -> Any:
    client.force_login(alice)
    return client


@pytest.fixture
def region(file: Any, alice: Any) -> Region:
    return mark_region(capture=file(REPORT), kind="page", page=1, box=LINE, shows=WORDS, by=alice, at=T0)


def url(name: str, thing: Any, *more: Any) -> str:
    return reverse(name, args=[thing.pk, *more])


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# -- marking ----------------------------------------------------------------------------------------------------------


def test_a_page_is_shown_as_a_picture_with_fields_for_the_box(as_alice: Any, file: Any):
    capture = file(REPORT)
    page = as_alice.get(url("region-new", capture) + "?page=2").content.decode()
    assert f'src="{url("capture-page", capture, 2)}"' in page and 'viewBox="0 0 595 842"' in page
    for name in ("page", "left", "top", "width", "height"):
        assert f'name="{name}"' in page
    assert "style=" not in page and "<script>" not in page


@pytest.mark.parametrize("asked", ["0", "-3", "99", "x", "", "9" * 30])
def test_a_page_that_is_not_there_gives_the_nearest(asked: str, as_alice: Any, file: Any):
    answer = as_alice.get(url("region-new", file(REPORT)) + f"?page={asked}")
    assert (
        answer.status_code == 200
        and answer.context["page"] in (1, 2)
        and answer.context["size"] == (595, 842)
    )


def test_a_place_is_marked_without_a_script(as_alice: Any, file: Any, make_claim: Any, make_assertion: Any):
    capture = file(REPORT)
    assertion = make_assertion(make_claim(), document=capture.document)
    sent = {**BOX, "on": "body", "page": 1, "shows": WORDS, "assertion": assertion.pk}
    answer = as_alice.post(url("region-new", capture), sent)
    region = Region.objects.get()
    assert answer.url == url("region", region)
    assert (region.found, region.assertion, region.left) == (WORDS, assertion, 45)


def test_words_that_differ_from_those_in_the_file_are_marked_and_told(as_alice: Any, file: Any):
    sent = {**BOX, "on": "body", "page": 1, "shows": "Around 999 civilians"}
    page = as_alice.post(url("region-new", file(REPORT)), sent, follow=True).content.decode()
    assert "They are not the words above" in page and WORDS in page


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({**BOX, "page": 9}, "The PDF has 2 pages"),
        ({**BOX, "left": 500}, "must lie within 595 × 842"),
        ({**BOX, "left": ""}, "From the left</a>: This field is required"),
        ({**BOX, "width": "0"}, "greater than or equal to 1"),
        ({**BOX, "left": "9" * 12}, "less than or equal to"),
        ({**BOX, "shows": ""}, "required"),
        ({**BOX, "assertion": "00000000-0000-0000-0000-000000000000"}, ""),
    ],
)
def test_what_is_refused_keeps_what_was_typed(sent: dict[str, Any], reason: str, as_alice: Any, file: Any):
    given = {"on": "body", "page": 1, "shows": "typed with care", **sent}
    answer = as_alice.post(url("region-new", file(REPORT)), given)
    if reason:
        page = answer.content.decode()
        assert answer.status_code == 422 and reason in page
        assert "typed with care" in page or not given["shows"]


def test_a_film_has_a_player_and_takes_times_as_people_type_them(as_alice: Any, file: Any):
    capture = file(FILM)
    page = as_alice.get(url("region-new", capture)).content.decode()
    assert f'<video controls preload="metadata" src="{url("capture-body", capture)}"' in page
    assert 'data-set="from"' in page and 'data-step="1"' in page and 'data-length="20000"' in page
    sent = {"on": "body", "from": "0:01.5", "to": "٠:٠٣", "shows": "a convoy"}
    assert as_alice.post(url("region-new", capture), sent).status_code == 302
    assert Region.objects.get().fragment == "t=1.5,3"
    part = as_alice.post(url("region-new", capture), sent | {"left": "3"})
    assert part.status_code == 422 and "A box has four numbers" in part.content.decode()
    wrong = as_alice.post(url("region-new", capture), sent | {"to": "soon"})
    assert wrong.status_code == 422 and "such as 1:02.5" in wrong.content.decode()


def test_a_page_capture_offers_its_screenshot(as_alice: Any, make_capture: Any):
    capture = pictured(make_capture(), PICTURE)
    page = as_alice.get(url("region-new", capture)).content.decode()
    assert url("capture-rendition", capture, "screenshot") in page and 'viewBox="0 0 640 480"' in page
    sent = {"left": 1, "top": 2, "width": 3, "height": 4, "on": "screenshot", "shows": "the map"}
    assert as_alice.post(url("region-new", capture), sent).status_code == 302


def test_a_text_says_that_nothing_can_be_marked(as_alice: Any, make_capture: Any):
    capture = make_capture()
    answer = as_alice.get(url("region-new", capture))
    assert "Nothing here can be marked" in answer.content.decode()
    assert as_alice.post(url("region-new", capture), {"shows": "x"}).status_code == 422
    assert url("region-new", capture) not in as_alice.get(url("capture", capture)).content.decode()


# -- showing ----------------------------------------------------------------------------------------------------------


def test_a_region_is_shown_in_its_place(as_alice: Any, region: Region):
    page = as_alice.get(url("region", region)).content.decode()
    assert url("region-picture", region) in page and url("capture-page", region.capture, 1) in page
    assert '<rect class="place-box" x="45" y="125" width="300" height="30"/>' in page
    assert f"{url('capture-body', region.capture)}#page=1&amp;viewrect=45,125,300,30" in page
    assert WORDS in page and "Alice" in page


def test_a_span_is_played_from_its_beginning(as_alice: Any, file: Any, alice: Any):
    film = mark_region(capture=file(FILM), kind="time", span=(1500, 3000), shows="x", by=alice, at=T0)
    page = as_alice.get(url("region", film)).content.decode()
    assert f'src="{url("capture-body", film.capture)}#t=1.5,3"' in page
    assert as_alice.get(url("region-picture", film)).status_code == 404


def test_the_capture_and_the_document_list_their_places(
    as_alice: Any, region: Region, alice: Any, django_assert_num_queries: Any
):
    capture = region.capture
    with django_assert_num_queries(1) as once:
        list(Region.objects.standing())
    assert once
    first = as_alice.get(url("capture", capture)).content.decode()
    assert url("region-new", capture) in first and url("region-picture", region) in first
    assert url("region", region) in as_alice.get(url("document", capture.document)).content.decode()


@pytest.mark.parametrize("name", ["capture", "document"])
def test_three_places_cost_no_more_queries_than_one(
    name: str, as_alice: Any, region: Region, alice: Any, django_assert_max_num_queries: Any
):
    thing = region.capture if name == "capture" else region.capture.document
    with django_assert_max_num_queries(200) as one:
        as_alice.get(url(name, thing))
    for top in (200, 300):
        mark_region(
            capture=region.capture, kind="page", page=1, box=(45, top, 30, 30), shows="x", by=alice, at=T0
        )
    with django_assert_max_num_queries(len(one)):
        as_alice.get(url(name, thing))


def test_checks_are_listed_with_what_was_compared(as_alice: Any, file: Any, alice: Any):
    before = fetched(file(REPORT), hours=0)
    region = mark_region(capture=before, kind="page", page=1, box=LINE, shows=WORDS, by=alice, at=T0)
    replaced(before, pdf("A cover", WORDS))
    page = as_alice.get(url("region", region)).content.decode()
    assert "moved" in page and "on page 2" in page and "the words on the pages" in page


def test_a_region_is_withdrawn_for_a_reason(as_alice: Any, region: Region):
    assert as_alice.post(url("region-withdraw", region), {"why": ""}).status_code == 422
    page = as_alice.post(
        url("region-withdraw", region), {"why": "The wrong line."}, follow=True
    ).content.decode()
    assert "The wrong line." in page and "Withdrawn by Alice" in page
    assert url("region-withdraw", region) not in page
    assert url("region-picture", region) not in as_alice.get(url("capture", region.capture)).content.decode()


def test_an_erased_region_has_no_picture_and_no_words(as_alice: Any, region: Region, bob: Any, desk: Any):
    picture = as_alice.get(url("region-picture", region))
    asked = ask_redaction(capture=region.capture, ground="court-order", reason="r", by=bob, at=T0)
    decide_redaction(redaction=asked, approve=True, by=make_person("erin", desk, "editor"), at=T0)
    page = as_alice.get(url("region", region)).content.decode()
    assert "745" not in page and "redacted" in page
    # Nor for a browser that has kept it and asks whether it still holds.
    kept = {"If-None-Match": picture.headers["ETag"]}
    assert as_alice.get(url("region-picture", region), headers=kept).status_code == 404
    assert as_alice.get(url("capture-page", region.capture, 1), headers=kept).status_code == 404


# -- pictures of ours -------------------------------------------------------------------------------------------------


def test_pictures_of_pages_are_ours_and_closed_in(as_alice: Any, region: Region):
    answer = as_alice.get(url("capture-page", region.capture, 1))
    assert Image.open(io.BytesIO(answer.content)).size == (1131, 1600)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    again = as_alice.get(
        url("capture-page", region.capture, 1), headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert as_alice.get(url("capture-page", region.capture, 3)).status_code == 404
    assert as_alice.get(url("capture-page", region.capture, 0)).status_code == 404


def test_a_turned_photograph_is_drawn_as_it_is_shown(as_alice: Any, file: Any):
    capture = file(encoded(scene(), exif=exif(Orientation=6)))
    drawn = Image.open(io.BytesIO(as_alice.get(url("capture-page", capture, 1)).content))
    assert drawn.size == (480, 640)


def test_damaged_bytes_are_not_drawn(as_alice: Any, region: Region, settings: Any):
    path = settings.MEDIA_ROOT / region.capture.body.path
    path.chmod(0o640)
    path.write_bytes(REPORT + b" ")
    assert as_alice.get(url("region-picture", region)).status_code == 500
    assert as_alice.get(url("region", region)).status_code == 200


# -- films in parts ---------------------------------------------------------------------------------------------------


@pytest.fixture
def film(file: Any) -> Capture:
    cache.clear()
    return file(FILM)


def part(client: Any, capture: Capture, asked: str, **headers: str) -> Any:
    return client.get(url("capture-body", capture), headers={"Range": asked, **headers})


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-", 0, None), ("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), ("bytes=-7", -7, None),
     ("bytes=5-999999", 5, None), ("bytes=-999999", 0, None)],
)  # fmt: skip
def test_a_part_is_the_bytes_that_were_asked_for(
    asked: str, first: int, last: Any, as_alice: Any, film: Capture
):
    answer = part(as_alice, film, asked)
    start = first if first >= 0 else len(FILM) + first
    expected = FILM[start : len(FILM) if last is None else last + 1]
    assert (answer.status_code, read(answer)) == (206, expected)
    assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(FILM)}"
    assert answer.headers["Content-Length"] == str(len(expected))
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("asked", [f"bytes={len(FILM)}-", "bytes=99999999-", "bytes=-0"])
def test_a_part_behind_the_end_is_416(asked: str, as_alice: Any, film: Capture):
    answer = part(as_alice, film, asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(FILM)}")


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-3", "bytes=0-1,5-6", "items=0-5", "bytes=", "bytes=-", "bytes=a-b", "bytes=" + "9" * 40 + "-"],
)
def test_a_range_that_is_none_is_not_obeyed(asked: str, as_alice: Any, film: Capture):
    answer = part(as_alice, film, asked)
    assert (answer.status_code, read(answer)) == (200, FILM)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_part_of_what_is_another_film_now_is_not_sent(as_alice: Any, film: Capture):
    etag = part(as_alice, film, "bytes=0-1").headers["ETag"]
    assert part(as_alice, film, "bytes=0-1", **{"If-Range": etag}).status_code == 206
    for other in ('"other"', f"W/{etag}", "Sun, 09 Mar 2025 10:00:00 GMT"):
        assert part(as_alice, film, "bytes=0-1", **{"If-Range": other}).status_code == 200
    assert as_alice.head(url("capture-body", film), headers={"Range": "bytes=0-1"}).status_code == 200


def test_no_part_of_damaged_bytes_is_sent(as_alice: Any, film: Capture, settings: Any):
    path = settings.MEDIA_ROOT / film.body.path
    path.chmod(0o640)
    path.write_bytes(FILM[:-1] + b"x")
    assert part(as_alice, film, "bytes=0-9").status_code == 500


def test_a_film_is_hashed_once_for_its_parts(as_alice: Any, film: Capture, monkeypatch: Any):
    part(as_alice, film, "bytes=0-9")
    monkeypatch.setattr(storage, "verified", lambda blob: pytest.fail("read whole again"))
    assert read(part(as_alice, film, "bytes=3-5")) == FILM[3:6]


def test_other_desks_get_no_part(client: Any, mallory: Any, film: Capture):
    client.force_login(mallory)
    assert part(client, film, "bytes=0-1").status_code == 404


def test_other_files_are_sent_whole(as_alice: Any, region: Region):
    answer = part(as_alice, region.capture, "bytes=0-9")
    assert (answer.status_code, answer.headers["Accept-Ranges"]) == (200, "none")
