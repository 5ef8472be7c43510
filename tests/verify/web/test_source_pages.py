"""Editing, merging and withdrawing on the pages of the registry; filters; custodians."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from sources.catalog.affiliations import affiliate
from sources.catalog.merging import merge
from sources.catalog.models import Affiliation, ProtectedIdentity, Source, SourceKind
from sources.catalog.services import grade_source
from sources.custody.models import Entry
from tests.cast import T0

pytestmark = pytest.mark.django_db
LIST = "/desk/sources/"
EDIT = {"kind": "agency", "name": "Sana", "description": "", "homepage": "", "why": "It is the agency."}


def html(response: Any) -> str:
    return response.content.decode()


def test_list_is_filtered_by_party_and_grade(client, alice, make_source):
    for name, letter, party in (
        ("Ministry", "D", True),
        ("Observatory", "B", False),
        ("Newcomer", "", False),
    ):
        source = make_source(name, is_party=party)
        if letter:
            grade_source(source=source, reliability=letter, reason="Its record.", by=alice, at=T0)
    client.force_login(alice)

    def shown(**query: str) -> list[str]:
        return [source.name for source in client.get(LIST, query).context["page"]]

    assert shown(party="True") == ["Ministry"]
    assert shown(party="False", grade="B") == ["Observatory"]
    assert shown(grade="none") == ["Newcomer"]
    assert shown(q="مينستري") == ["Ministry"]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_merged_and_found_asks_the_same(
    client, alice, bob, make_source, django_assert_num_queries, rows
):
    for number in range(rows):
        source = make_source(f"Observatory {number}", aliases=[(f"المرصد {number}", "ar")])
        other = make_source(f"SOHR {number}", aliases=[(f"OSDH {number}", "fr")])
        merge(source=other, into=source, by=bob, at=T0, why="One.")
    client.force_login(alice)
    # session, person, desks, how many, the page, other names, duplicates, their names, the inbox
    with django_assert_num_queries(9):
        page = client.get(LIST, {"q": "SOHR"}).context["page"]
    assert len(page) == rows


def test_edit_changes_and_tells_on_the_page(client, alice, make_source):
    source = make_source("Sanaa")
    client.force_login(alice)
    assert client.post(reverse("source-edit", args=[source.pk]), EDIT).status_code == 302
    page = html(client.get(reverse("source", args=[source.pk])))
    assert "It is the agency." in page and "Sanaa" in page and "Sana" in page


def test_edit_without_a_reason_comes_back_with_what_was_typed(client, alice, make_source):
    source = make_source("Sanaa")
    client.force_login(alice)
    response = client.post(
        reverse("source-edit", args=[source.pk]), EDIT | {"why": "", "description": "As typed."}
    )
    assert response.status_code == 422 and "As typed." in html(response)
    source.refresh_from_db()
    assert source.name == "Sanaa"


def test_edit_offers_no_way_into_or_out_of_protection(client, alice, make_source):
    source, person = make_source("Sana"), make_source("N.", kind=SourceKind.PROTECTED_PERSON)
    client.force_login(alice)
    for thing, kind in ((source, "protected-person"), (person, "person")):
        url = reverse("source-edit", args=[thing.pk])
        assert client.post(url, EDIT | {"kind": kind, "name": thing.name}).status_code == 422
        assert f'value="{kind}"' not in html(client.get(url))


def test_name_is_taken_back_with_a_reason(client, alice, make_source, make_document):
    source = make_source("Sana", aliases=[("صنعاء", "ar")])
    client.force_login(alice)
    url = reverse("alias-remove", args=[source.pk, source.aliases.get().pk])
    assert client.post(url, {"why": ""}).status_code == 422
    assert client.post(url, {"why": "That is the city."}).status_code == 302
    assert client.post(url, {"why": "Twice."}).status_code == 404
    assert "That is the city." in html(client.get(reverse("source", args=[source.pk])))


def test_merge_previews_and_is_taken_back(client, bob, make_source, make_claim, make_assertion):
    source, into = make_source("SOHR"), make_source("Observatory")
    make_assertion(make_claim("About 745 died."), source)
    client.force_login(bob)
    url = reverse("source-merge", args=[source.pk])
    preview = client.get(url, {"into": into.pk})
    assert dict(preview.context["counts"])["assertions that it made"] == 1
    assert client.post(url, {"into": "المرصد الآخر", "why": "One."}).status_code == 422
    assert client.post(url, {"into": "observatory", "why": "One."}).status_code == 302
    page = html(client.get(reverse("source", args=[into.pk])))
    assert "SOHR" in page and "About 745 died." in page
    assert [found.pk for found in client.get(LIST).context["page"]] == [into.pk]
    assert client.post(reverse("source-unmerge", args=[source.pk]), {"why": "Two."}).status_code == 302
    assert "About 745 died." not in html(client.get(reverse("source", args=[into.pk])))


@pytest.mark.parametrize("into", ["nonsense", "00000000-0000-0000-0000-000000000000", "\x00", "' OR 1=1"])
def test_merge_page_survives_nonsense(client, bob, make_source, into):
    client.force_login(bob)
    url = reverse("source-merge", args=[make_source().pk])
    assert client.get(url, {"into": into}).status_code == 200
    assert client.post(url, {"into": into, "why": "x"}).status_code == 422


def test_affiliation_is_corrected_and_withdrawn(client, alice, make_source):
    tie = affiliate(
        source=make_source("Agency"), kind="owned-by", principal=make_source("Ministry"), by=alice, at=T0
    )
    client.force_login(alice)
    edit, withdraw = (reverse(name, args=[tie.pk]) for name in ("affiliation-edit", "affiliation-withdraw"))
    form = {"kind": "part-of", "principal": "Ministry", "valid_to": "2024-12-08", "why": "It fell."}
    assert "Ministry" in html(client.get(edit))
    assert client.post(edit, form | {"valid_from": "2025-01-01"}).status_code == 422
    assert client.post(edit, form).status_code == 302
    assert client.post(withdraw, {"why": "Never so."}).status_code == 302
    assert client.post(withdraw, {"why": "Again."}).status_code == 422
    assert Affiliation.objects.get().kind == "part-of" and not Affiliation.objects.standing()
    page = html(client.get(reverse("source", args=[tie.source_id])))
    assert "It fell." in page and "Never so." in page


def test_affiliations_of_another_desk_are_not_there(client, alice, mallory, make_source):
    tie = affiliate(source=make_source(), kind="owned-by", principal=make_source(), by=alice, at=T0)
    client.force_login(mallory)
    for name in ("affiliation-edit", "affiliation-withdraw"):
        assert client.post(reverse(name, args=[tie.pk]), {"why": "Mine."}).status_code == 404


def test_circle_of_owners_is_shown(client, alice, make_source):
    one, other = make_source("One"), make_source("Other")
    for source, principal in ((one, other), (other, one)):
        affiliate(source=source, kind="owned-by", principal=principal, by=alice, at=T0)
    client.force_login(alice)
    assert "part of itself" in html(client.get(reverse("source", args=[one.pk])))


# --- custodians -----------------------------------------------------------------------------------------------------


@pytest.fixture
def activist(make_source: Any) -> Source:
    """A protected person, whose custodian is Alice."""
    return make_source("Activist N.", kind=SourceKind.PROTECTED_PERSON, secret_name="Layla Haddad")


def test_custodians_are_added_and_removed_with_reason_and_entry(client, alice, carol, activist):
    client.force_login(alice)
    url = reverse("source-custodians", args=[activist.pk])
    add = {"do": "add", "add-custodian": carol.pk, "add-why": "I am on leave."}
    assert client.post(url, add | {"add-why": ""}).status_code == 422
    assert client.post(url, add).status_code == 302
    remove = {"do": "remove", "remove-custodian": alice.pk, "remove-why": "I leave."}
    assert client.post(url, remove).status_code == 302
    assert list(ProtectedIdentity.objects.get().custodians.all()) == [carol]
    assert client.post(url, remove).status_code == 403 or client.post(url, remove).status_code == 422
    client.force_login(carol)
    assert "I am on leave." in html(client.get(url))
    assert client.post(url, remove | {"remove-custodian": carol.pk}).status_code == 422
    kinds = [entry.read().facts for entry in Entry.objects.filter(kind="custodian-changed").order_by("index")]
    assert kinds == [{"change": "added", "custodians": 2}, {"change": "removed", "custodians": 1}]


def test_who_is_no_custodian_changes_none(client, bob, carol, activist):
    client.force_login(bob)
    url = reverse("source-custodians", args=[activist.pk])
    for form in (
        {"do": "add", "add-custodian": bob.pk, "add-why": "x"},
        {"do": "seal", "secret_name": "Somebody Else", "why": "x"},
    ):
        assert client.post(url, form).status_code == 403
    assert not Entry.objects.exists()


def test_identity_is_sealed_later_and_replaced_by_its_custodian_alone(client, alice, bob, make_source):
    person = make_source("N.", kind=SourceKind.PROTECTED_PERSON)
    url = reverse("source-custodians", args=[person.pk])
    client.force_login(alice)
    seal = {"do": "seal", "secret_name": "Layla Haddad", "why": "We met."}
    response = client.post(url, seal)
    assert response.status_code == 302 and "no-store" in response["Cache-Control"]
    first = bytes(ProtectedIdentity.objects.get().sealed)
    assert client.post(url, seal | {"secret_name": "Lina Haddad"}).status_code == 302
    assert bytes(ProtectedIdentity.objects.get().sealed) != first
    facts = [entry.read().facts for entry in Entry.objects.filter(kind="identity-sealed").order_by("index")]
    assert facts == [{"replaced": False}, {"replaced": True}]


def test_identity_that_the_history_holds_is_not_sealed(client, alice, make_source):
    person = make_source("ليلى حداد", kind=SourceKind.PROTECTED_PERSON)
    client.force_login(alice)
    edit = EDIT | {"kind": "protected-person", "name": "N."}
    assert client.post(reverse("source-edit", args=[person.pk]), edit).status_code == 302
    url = reverse("source-custodians", args=[person.pk])
    assert client.post(url, {"do": "seal", "secret_name": "Layla Haddad", "why": "x"}).status_code == 422
    assert not ProtectedIdentity.objects.exists()
