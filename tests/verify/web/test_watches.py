"""Watches: setting them on the document's page, and the list; copies in other archives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from sources.archive.models import Memento, OutsideRequest, Watch
from sources.catalog.services import watch_document
from tests.cast import T0

pytestmark = pytest.mark.django_db

LIST = "/desk/watches/"
HOURLY = {"mode": "http", "shortest": "3600", "longest": "604800"}
ARCHIVE = {
    "name": "Coast Web Archive",
    "timemap": "http://archive.example/timemap/{+url}",
    "save": "http://archive.example/save/{+url}",
}


def address(document: Any, name: str = "watch-set") -> str:
    return reverse(name, args=[document.pk])


def watched(document: Any, by: Any, **settings: Any) -> Watch:
    given = {"mode": "http", "shortest": 3600, "longest": 86_400, "at": timezone.now(), "by": by} | settings
    return watch_document(document=document, **given)


@pytest.mark.parametrize("name", ["watch-set", "mementos-find", "copy-ask"])
def test_watch_and_outside_forms_ask_to_sign_in(client, make_document, name):
    assert client.post(address(make_document(), name))["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", ["watch-set", "mementos-find", "copy-ask"])
def test_watch_and_outside_forms_are_for_checkers_of_the_desk(client, mallory, dave, make_document, name):
    document = make_document()
    client.force_login(mallory)
    assert client.post(address(document, name), HOURLY).status_code == 404
    client.force_login(dave)
    assert client.post(address(document, name), HOURLY).status_code == 403
    assert not Watch.objects.exists() and not OutsideRequest.objects.exists()


def test_watch_is_set_and_shown(client, alice, make_document):
    document = make_document()
    client.force_login(alice)
    ends = timezone.now().date() + timedelta(days=30)
    response = client.post(address(document), HOURLY | {"ends_at": ends.isoformat()}, follow=True)
    watch = Watch.objects.get()
    assert (watch.document, watch.shortest, watch.longest, watch.set_by) == (document, 3600, 604_800, alice)
    assert watch.ends_at == datetime(ends.year, ends.month, ends.day, 23, 59, 59, tzinfo=UTC)
    content = response.content.decode()
    assert "1 hour – 7 days" in content and "Next due" in content


def test_watch_is_paused_and_resumed_by_one_button(client, alice, make_document):
    document = make_document()
    watched(document, alice)
    client.force_login(alice)
    page = client.get(reverse("document", args=[document.pk])).content.decode()
    assert '<input type="hidden" name="is_paused" value="on">' in page
    settings = {"mode": "http", "shortest": "3600", "longest": "86400"}
    page = client.post(address(document), settings | {"is_paused": "on"}, follow=True).content.decode()
    assert Watch.objects.get().is_paused and "The watch is paused." in page
    assert 'name="is_paused" value="on"' not in page and "Resume" in page
    client.post(address(document), settings)
    assert not Watch.objects.get().is_paused


@pytest.mark.parametrize(
    "wrong",
    [
        {"shortest": "7"},
        {"shortest": "nonsense"},
        {"longest": "900"},
        {"mode": "nonsense"},
        {"ends_at": "2001-01-01"},
        {"ends_at": "nonsense"},
    ],
)
def test_watch_that_makes_no_sense_is_refused_at_its_field(client, alice, make_document, wrong):
    document = make_document()
    client.force_login(alice)
    response = client.post(address(document), HOURLY | wrong)
    assert response.status_code == 422 and response.context["watch_form"].errors
    assert "<details open>" in response.content.decode()
    assert not Watch.objects.exists()


def test_watch_set_elsewhere_keeps_its_odd_interval(client, alice, make_document):
    document = make_document()
    watched(document, alice, shortest=600)
    client.force_login(alice)
    assert (
        '<option value="600" selected>10 minutes</option>'
        in client.get(reverse("document", args=[document.pk])).content.decode()
    )
    client.post(address(document), {"mode": "page", "shortest": "600", "longest": "86400"})
    assert (Watch.objects.get().mode, Watch.objects.get().shortest) == ("page", 600)


def test_watch_list_is_by_due_time_with_paused_and_ended_last(client, alice, make_document):
    now = timezone.now()
    documents = {name: make_document(title=name) for name in ("ended", "paused", "later", "soon")}
    for name, document in documents.items():
        watched(document, alice, is_paused=name == "paused", ends_at=now + timedelta(days=1))
    for name, change in {"later": {"next_at": now + timedelta(hours=2)}, "ended": {"ends_at": T0}}.items():
        Watch.objects.filter(document=documents[name]).update(**change)
    client.force_login(alice)

    def listed(**query: Any) -> list[str]:
        return [watch.document.title for watch in client.get(LIST, query).context["page"]]

    assert listed() == ["soon", "later", "paused", "ended"]
    assert listed(state="running") == ["soon", "later"]
    assert listed(state="paused") == ["paused"]
    assert listed(state="ended") == ["ended"]
    assert listed(q="LAT") == ["later"]
    assert len(listed(state="nonsense")) == 4


def test_watch_list_holds_the_own_desk_alone(client, mallory, alice, make_document):
    watched(make_document(), alice)
    client.force_login(mallory)
    assert not list(client.get(LIST).context["page"])
    assert client.get(LIST).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_watch_list_asks_the_same_for_one_and_three(
    client, alice, make_document, make_source, django_assert_num_queries, rows
):
    for _ in range(rows):
        watched(make_document(outlet=make_source()), alice)
    client.force_login(alice)
    # session, person, desks, how many, the page, the inbox
    with django_assert_num_queries(6):
        client.get(LIST)


def test_without_other_archives_the_page_says_who_can_name_some(client, alice, make_document, settings):
    settings.ARCHIVE_OUTSIDE = []
    document = make_document()
    client.force_login(alice)
    page = client.get(reverse("document", args=[document.pk])).content.decode()
    assert "an administrator can name some" in page and "Look for copies" not in page
    response = client.post(address(document, "mementos-find"), follow=True)
    assert "names no outside archive" in response.content.decode()


def test_other_archives_are_asked_and_what_they_have_is_shown(client, alice, make_document, settings):
    settings.ARCHIVE_OUTSIDE = [ARCHIVE]
    document = make_document()
    client.force_login(alice)
    page = client.post(address(document, "mementos-find"), follow=True).content.decode()
    request = OutsideRequest.objects.get()
    assert (request.work, request.requested_by) == ("look-up", alice) and "Look for mementos" in page
    for day in (0, 9):
        url = f"https://archive.example/{day}"
        found = {"request": request, "service": "Coast Web Archive", "url": url, "found_at": T0}
        Memento.objects.create(document=document, at=T0 + timedelta(days=day), is_ours=day == 9, **found)
    page = client.get(reverse("document", args=[document.pk])).content.decode()
    assert 'href="https://archive.example/0" rel="noreferrer' in page and "https://archive.example/9" in page
    assert "1 made because we asked" in page and "Look again" in page


def test_asking_for_a_copy_says_what_it_tells_and_asks_the_one_chosen(client, alice, make_document, settings):
    settings.ARCHIVE_OUTSIDE = [ARCHIVE, {"name": "Looks only", "timemap": "http://memory.example/{+url}"}]
    document = make_document()
    client.force_login(alice)
    page = client.get(reverse("document", args=[document.pk])).content.decode()
    assert "Asking tells that archive" in page and "<option>Looks only</option>" not in page
    client.post(address(document, "copy-ask"), {"service": "nonsense"})
    assert not OutsideRequest.objects.exists()
    client.post(address(document, "copy-ask"), {"service": "Coast Web Archive"})
    assert (OutsideRequest.objects.get().work, OutsideRequest.objects.get().service) == (
        "copy",
        ARCHIVE["name"],
    )
