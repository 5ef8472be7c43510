"""The registry of sources: list, registration, a source's page, its forms, and the sealed identity."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from sources.catalog.models import Affiliation, ProtectedIdentity, Source, SourceKind
from sources.catalog.services import affiliate, grade_source
from sources.custody.models import Entry, Opening
from tests.cast import T0

pytestmark = pytest.mark.django_db

SECRET = "Layla Haddad"
LIST, NEW = "/desk/sources/", "/desk/sources/new/"
NEW_SOURCE = {"kind": "agency", "name": "State agency", "aliases": "سانا | ar\nSANA | en\n"}
POSTS = ["grade-new", "affiliation-new", "alias-new", "source-identity"]


@pytest.fixture
def activist(make_source: Any) -> Source:
    """A protected person, whose custodian is Alice."""
    return make_source("Activist N.", kind=SourceKind.PROTECTED_PERSON, secret_name=SECRET)


def page(source: Source) -> str:
    return reverse("source", args=[source.pk])


@pytest.mark.parametrize("url", [LIST, NEW, f"/desk/sources/{UUID(int=1)}/"])
def test_source_pages_ask_to_sign_in(client, db, url):
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


def test_source_list_holds_the_own_desk_alone(client, dave, make_source, mallory, other_desk):
    make_source("Monitoring group")
    make_source("Their secret outlet", desk=other_desk, by=mallory)
    client.force_login(dave)
    html = client.get(LIST).content.decode()
    assert "Monitoring group" in html
    assert "Their secret outlet" not in html


@pytest.mark.parametrize("q", ["سانا", "sana", "state"])
def test_source_list_finds_names_in_any_script(client, alice, make_source, q):
    make_source("State agency", kind=SourceKind.AGENCY, aliases=[("سانا", "ar"), ("SANA", "en")])
    make_source("Monitoring group")
    client.force_login(alice)
    html = client.get(LIST, {"q": q}).content.decode()
    assert "State agency" in html
    assert "Monitoring group" not in html


def test_source_list_filters_by_kind_and_survives_nonsense(client, alice, make_source):
    make_source("State agency", kind=SourceKind.AGENCY)
    make_source("Monitoring group")
    client.force_login(alice)
    assert "Monitoring group" not in client.get(LIST, {"kind": "agency"}).content.decode()
    assert client.get(LIST, {"kind": "nonsense", "q": "\x00", "page": "-7"}).status_code == 200


def test_source_list_shows_the_current_grade(client, alice, make_source):
    source = make_source("Monitoring group")
    for letter in "DB":
        grade_source(source=source, reliability=letter, reason="Its record.", by=alice, at=T0)
    client.force_login(alice)
    page = client.get(LIST).context["page"]
    assert [found.reliability for found in page] == ["B"]


@pytest.mark.parametrize("rows", [1, 3])
def test_source_list_asks_the_same_for_one_and_three(
    client, alice, make_source, django_assert_num_queries, rows
):
    for _ in range(rows):
        make_source(aliases=[(f"name {_}", "en")])
    client.force_login(alice)
    # session, person, desks, how many, the page, their other names, their duplicates, the inbox
    with django_assert_num_queries(8):
        client.get(LIST)


def test_source_list_turns_the_page_after_25(client, alice, make_source):
    for number in range(27):
        make_source(f"Source {number:02}")
    client.force_login(alice)
    first, second = (client.get(LIST, {"page": n}).content.decode() for n in (1, 2))
    assert "Source 24" in first and "Source 25" not in first
    assert "Source 26" in second


def test_registration_makes_source_and_names(client, alice, desk):
    client.force_login(alice)
    response = client.post(NEW, NEW_SOURCE)
    source = Source.objects.get()
    assert response["Location"] == page(source)
    assert (source.desk, source.name, source.created_by) == (desk, "State agency", alice)
    assert set(source.aliases.values_list("name", "language")) == {("سانا", "ar"), ("SANA", "en")}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"homepage": "not an address"}, "homepage"),
        ({"aliases": "| ar"}, "aliases"),
        ({"aliases": "SANA | much-too-long-a-language"}, "aliases"),
        ({"secret_name": SECRET}, "secret_name"),
    ],
)
def test_registration_says_what_is_wrong_and_keeps_what_was_typed(client, alice, change, field):
    client.force_login(alice)
    response = client.post(NEW, {**NEW_SOURCE, "description": "As typed before.", **change})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert "As typed before." in response.content.decode()
    assert not Source.objects.exists()


def test_registration_refuses_a_name_that_is_there(client, alice, make_source):
    make_source("State agency")
    client.force_login(alice)
    assert client.post(NEW, NEW_SOURCE).status_code == 422
    assert Source.objects.count() == 1


def test_registration_needs_a_checker(client, dave):
    client.force_login(dave)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, NEW_SOURCE).status_code == 403
    assert not Source.objects.exists()


def test_source_page_is_not_there_for_another_desk(client, mallory, make_source):
    source = make_source()
    client.force_login(mallory)
    assert client.get(page(source)).status_code == 404
    for name in POSTS:
        assert (
            client.post(reverse(name, args=[source.pk]), {"reason": "x", "reliability": "A"}).status_code
            == 404
        )


def test_source_page_has_no_forms_for_a_viewer(client, dave, make_source):
    source = make_source()
    client.force_login(dave)
    response = client.get(page(source))
    assert response.status_code == 200
    assert "/grade/" not in response.content.decode()
    for name in POSTS:
        assert (
            client.post(reverse(name, args=[source.pk]), {"reason": "x", "reliability": "A"}).status_code
            == 403
        )


def test_source_page_tells_what_it_asserted_and_for_whom(
    client, alice, make_source, make_claim, make_assertion
):
    ministry, speaker = make_source("Ministry"), make_source("Spokesperson")
    make_assertion(make_claim("Order was restored."), speaker, on_behalf_of=ministry)
    make_assertion(make_claim("Somebody else's words."), make_source())
    client.force_login(alice)
    for source in (ministry, speaker):
        html = client.get(page(source)).content.decode()
        assert "Order was restored." in html
        assert "Somebody else" not in html


def test_source_page_shows_affiliations_from_both_sides(client, alice, make_source):
    agency, ministry = make_source("State agency"), make_source("Ministry")
    affiliate(source=agency, kind="owned-by", principal=ministry, by=alice, note="By decree.")
    client.force_login(alice)
    assert "Ministry" in client.get(page(agency)).content.decode()
    assert "State agency" in client.get(page(ministry)).content.decode()


def test_grading_keeps_the_history_and_makes_an_entry(client, alice, make_source):
    source = make_source()
    client.force_login(alice)
    for letter, reason in (("B", "Right in 2024."), ("D", "Wrong twice since.")):
        client.post(reverse("grade-new", args=[source.pk]), {"reliability": letter, "reason": reason})
    html = client.get(page(source)).content.decode()
    assert html.index("Wrong twice since.") < html.index("Right in 2024.")
    assert Entry.objects.filter(kind="source-graded", subject_id=str(source.pk)).count() == 2


def test_grading_without_a_reason_comes_back(client, alice, make_source):
    source = make_source()
    client.force_login(alice)
    response = client.post(reverse("grade-new", args=[source.pk]), {"reliability": "B", "reason": " "})
    assert response.status_code == 422
    assert "reason" in response.context["grade_form"].errors
    assert not source.grades.exists()


def test_affiliation_form_takes_a_registered_document_as_evidence(client, alice, make_source, make_document):
    agency, ministry, document = make_source("State agency"), make_source("Ministry"), make_document()
    client.force_login(alice)
    url = reverse("affiliation-new", args=[agency.pk])
    form = {
        "kind": "owned-by",
        "principal": ministry.pk,
        "valid_from": "2025-01-01",
        "evidence": document.url,
    }
    assert client.post(url, form).status_code == 302
    assert Affiliation.objects.get().evidence == document
    for evidence in ("http://wire.example/unknown", "file:///etc/passwd"):
        response = client.post(url, form | {"evidence": evidence})
        assert response.status_code == 422
        assert "evidence" in response.context["affiliation_form"].errors


def test_affiliation_form_offers_the_own_desk_alone(client, alice, make_source, mallory, other_desk):
    agency, theirs = make_source("State agency"), make_source("Theirs", desk=other_desk, by=mallory)
    client.force_login(alice)
    form = {"kind": "owned-by", "principal": theirs.pk}
    assert client.post(reverse("affiliation-new", args=[agency.pk]), form).status_code == 422
    assert "Theirs" not in client.get(page(agency)).content.decode()


def test_alias_form_adds_a_name(client, alice, make_source):
    source = make_source("State agency")
    client.force_login(alice)
    url = reverse("alias-new", args=[source.pk])
    assert client.post(url, {"name": "سانا", "language": "ar"}).status_code == 302
    assert source.aliases.get().name == "سانا"
    assert client.post(url, {"name": "سانا", "language": "ar"}).status_code == 422


def test_sealed_identity_is_on_no_page(client, alice, bob, activist, make_claim, make_assertion):
    make_assertion(make_claim(), activist)
    for person in (alice, bob):
        client.force_login(person)
        for url in (LIST, page(activist), LIST + "?q=Layla", "/desk/log/"):
            assert "Layla" not in client.get(url).content.decode().replace("q=Layla", "").replace(
                'value="Layla"', ""
            )


def test_identity_is_shown_to_its_custodian_once_and_not_kept(client, alice, activist):
    client.force_login(alice)
    response = client.post(reverse("source-identity", args=[activist.pk]), {"reason": "Court order 7"})
    assert SECRET in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    entry = Entry.objects.get(kind="protected-viewed")
    assert "Court order 7" in Opening.objects.get(entry=entry, name="reason").value
    assert SECRET not in bytes(entry.body).decode()
    assert SECRET not in client.get(reverse("source-identity", args=[activist.pk])).content.decode()


def test_identity_is_refused_to_everybody_else(client, bob, activist):
    client.force_login(bob)
    response = client.post(reverse("source-identity", args=[activist.pk]), {"reason": "Curious"})
    assert response.status_code == 403
    assert SECRET not in response.content.decode()
    assert not Entry.objects.filter(kind="protected-viewed").exists()


def test_identity_is_not_shown_without_a_reason(client, alice, activist):
    client.force_login(alice)
    response = client.post(reverse("source-identity", args=[activist.pk]), {"reason": "  "})
    assert response.status_code == 422
    assert SECRET not in response.content.decode()
    assert not Entry.objects.filter(kind="protected-viewed").exists()


def test_identity_that_was_tampered_with_is_said_to_be(client, alice, activist):
    sealed = ProtectedIdentity.objects.get(source=activist)
    ProtectedIdentity.objects.update(sealed=bytes(sealed.sealed)[:-1] + b"\x00")
    client.force_login(alice)
    response = client.post(reverse("source-identity", args=[activist.pk]), {"reason": "Court order 7"})
    assert response.status_code == 422
    assert "altered" in response.content.decode()
    assert not Entry.objects.filter(kind="protected-viewed").exists()


def test_registration_page_is_not_kept_by_a_browser(client, alice):
    client.force_login(alice)
    form = {**NEW_SOURCE, "kind": "protected-person", "name": "", "secret_name": SECRET}
    response = client.post(NEW, form)
    assert "no-store" in response["Cache-Control"]
    assert "data-no-draft" in response.content.decode()
