"""How a desk says that it works: who may write it, what is kept, and what readers see of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.publish.methodology import LONGEST, change_methodology, history_of
from verify.publish.models import Methodology

pytestmark = pytest.mark.django_db

PAGE = "/desk/settings/methodology/"


@pytest.fixture
def erin(desk: Any) -> Any:
    """The administrator."""
    return make_person("erin", desk, Role.ADMIN)


def test_methodology_asks_to_sign_in(client, db):
    assert client.get(PAGE)["Location"].startswith("/sign-in/?next=")


def test_administrator_writes_and_readers_read(client, erin, desk, published_claim):
    client.force_login(erin)
    sent = {"scope": "The coast.\r\n\r\n<b>And</b> the hills.", "offers_packages": "on"}
    assert client.post(PAGE, sent)["Location"] == PAGE
    assert Methodology.objects.get(desk=desk).scope == "The coast.\n\n<b>And</b> the hills."
    client.logout()
    page = client.get(reverse("methodology")).content.decode()
    assert "<p>The coast.</p>" in page and "&lt;b&gt;And" in page and "<b>And" not in page
    assert "What the desk has not said yet" in page and "Corroboration" in page
    assert "can be downloaded from its page" in page


def test_others_read_and_do_not_write(client, bob, dave, erin, desk):
    change_methodology(desk=desk, by=erin, at=T0, scope="The coast.")
    for person in (bob, dave):
        client.force_login(person)
        page = client.get(PAGE).content.decode()
        assert "The coast." in page and "<textarea" not in page
        assert client.post(PAGE, {"scope": "Mine."}).status_code == 403
    with pytest.raises(PermissionDenied):
        change_methodology(desk=desk, by=bob, at=T0, scope="Mine.")
    assert Methodology.objects.get(desk=desk).scope == "The coast."


def test_what_is_refused_is_kept_in_the_form(client, erin, desk):
    client.force_login(erin)
    response = client.post(PAGE, {"scope": "x" * (LONGEST + 1), "contact": "Write to us."})
    page = response.content.decode()
    assert response.status_code == 422 and "Write to us." in page and "x" * (LONGEST + 1) in page
    assert not Methodology.objects.exists()


def test_whoever_comes_second_is_told(client, erin, desk):
    seen = change_methodology(desk=desk, by=erin, at=T0, scope="First.").changed_at
    change_methodology(desk=desk, by=erin, at=T0 + timedelta(hours=1), scope="Second.", seen=seen)
    with pytest.raises(ValidationError, match="meanwhile"):
        change_methodology(desk=desk, by=erin, at=T0 + timedelta(hours=2), scope="Third.", seen=seen)
    client.force_login(erin)
    response = client.post(PAGE, {"scope": "Third.", "seen": seen.isoformat()})
    assert response.status_code == 422 and "Third." in response.content.decode()
    assert Methodology.objects.get(desk=desk).scope == "Second."


def test_every_change_stays_on_record(erin, desk):
    change_methodology(desk=desk, by=erin, at=T0, scope="First.")
    change_methodology(desk=desk, by=erin, at=T0 + timedelta(hours=1), contact="Here.")
    change_methodology(desk=desk, by=erin, at=T0 + timedelta(hours=2), contact="Here.")  # nothing new
    told = [(change["by"], [str(point) for point in change["points"]]) for change in history_of(desk)]
    assert told == [(erin, ["contact"]), (erin, ["what is checked"])]


def test_desk_that_published_nothing_is_not_named(client, erin, desk):
    change_methodology(desk=desk, by=erin, at=T0, scope="The coast.")
    assert "The coast." not in client.get(reverse("methodology")).content.decode()
    assert client.get(reverse("public-methodology", args=[desk.slug])).status_code == 404


def test_package_is_offered_only_where_the_desk_says_so(client, erin, desk, published_claim):
    page = reverse("public-claim", args=[published_claim.pk])
    before = client.get(page)
    assert "/package/" not in before.content.decode()
    change_methodology(desk=desk, by=erin, at=timezone.now(), offers_packages=True)
    after = client.get(page)
    assert reverse("api-claim-package", args=[published_claim.pk]) in after.content.decode()
    assert after["ETag"] != before["ETag"]
