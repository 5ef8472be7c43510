"""Duplicates: merged flat, taken back whole, refused where they would lie, and safe when two merge at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from sources.catalog.affiliations import affiliate, withdraw_affiliation
from sources.catalog.merging import family_ids, merge, read_as, suggestions, unmerge
from sources.catalog.models import Source, SourceKind
from sources.catalog.services import add_alias, correct_source, grade_source, register_document
from tests.cast import T0, at_once

pytestmark = pytest.mark.django_db
WHY = "The same office in Coventry."


def merged(source: Any, into: Any, by: Any, hours: int = 0, why: str = WHY) -> Source:
    return merge(source=source, into=into, by=by, at=T0 + timedelta(hours=hours), why=why)


def test_merge_says_who_when_and_why_and_moves_no_reference(make_source, make_claim, make_assertion, bob):
    source, into = make_source("SOHR"), make_source("Observatory")
    assertion = make_assertion(make_claim(), source)
    merged(source, into, bob)
    source.refresh_from_db(), assertion.refresh_from_db()
    assert (source.merged_into, source.merged_by, source.merged_at, source.merged_because) == (
        into,
        bob,
        T0,
        WHY,
    )
    assert assertion.speaker_id == source.pk
    assert read_as(source) == into == read_as(into)
    assert family_ids(source) == family_ids(into) == {source.pk, into.pk}


def test_former_duplicates_go_along_and_come_back(make_source, bob):
    a, b, c, other = (make_source(name) for name in ("A", "B", "C", "Other"))
    merged(a, b, bob)
    merged(other, c, bob, 1)
    merged(b, c, bob, 2)
    assert set(Source.objects.filter(merged_into=c)) == {a, b, other}
    unmerge(source=b, by=bob, at=T0 + timedelta(hours=3), why="Not the same after all.")
    for row in (a, b, other):
        row.refresh_from_db()
    assert (a.merged_into, b.merged_into, other.merged_into) == (b, None, c)
    assert (b.merged_by, b.merged_at, b.merged_because) == (None, None, "")


def test_merge_refuses_what_cannot_be(make_source, other_desk, mallory, bob):
    source, into, gone = make_source("A"), make_source("B"), make_source("C")
    theirs = make_source("D", desk=other_desk, by=mallory)
    merged(gone, into, bob)
    for pair in ((source, source), (source, theirs), (source, gone), (gone, source)):
        with pytest.raises(ValidationError):
            merged(*pair, bob)
    with pytest.raises(ValidationError) as refused:
        merged(source, into, bob, why="  ")
    assert "why" in refused.value.message_dict
    source.refresh_from_db()
    assert source.merged_into is None


def test_merge_is_for_editors_of_the_desk(make_source, alice, dave, mallory, bob):
    source, into = make_source("A"), make_source("B")
    for person in (alice, dave, mallory):
        with pytest.raises(PermissionDenied):
            merged(source, into, person)
    merged(source, into, bob)
    for person in (alice, dave, mallory):
        with pytest.raises(PermissionDenied):
            unmerge(source=source, by=person, at=T0, why=WHY)


def test_those_who_are_affiliated_are_two(make_source, alice, bob):
    source, into = make_source("A"), make_source("B")
    tie = affiliate(source=source, kind="part-of", principal=into, by=alice, at=T0)
    with pytest.raises(ValidationError):
        merged(source, into, bob)
    withdraw_affiliation(affiliation=tie, by=alice, at=T0, why="Never so.")
    merged(source, into, bob)


def test_what_was_merged_is_changed_no_more(make_source, alice, bob):
    source, into = make_source("A"), make_source("B")
    merged(source, into, bob)
    source.refresh_from_db()
    for act in (
        lambda: add_alias(source=source, name="C", by=alice),
        lambda: grade_source(source=source, reliability="B", reason="x", by=alice, at=T0),
        lambda: affiliate(source=source, kind="part-of", principal=make_source(), by=alice),
        lambda: affiliate(source=make_source(), kind="part-of", principal=source, by=alice),
        lambda: correct_source(
            source=source, kind="outlet", name="Z", description="", homepage="", is_party=False,
            by=alice, at=T0, why="x",
        ),
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            act()


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_each_into_the_other_at_once_make_no_circle(make_source, bob):
    one, other = make_source("A"), make_source("B")
    results = at_once(lambda: merged(one, other, bob), lambda: merged(other, one, bob))
    assert sum(isinstance(result, ValidationError) for result in results) == 1
    assert Source.objects.filter(merged_into__isnull=False).count() == 1


def test_database_holds_merges_flat(make_source, bob):
    a, b, c = make_source("A"), make_source("B"), make_source("C")
    merged(a, b, bob)
    for row, into in ((c, a), (b, c)):
        with pytest.raises(DatabaseError), transaction.atomic():
            Source.objects.filter(pk=row.pk).update(
                merged_into=into, merged_by=bob, merged_at=T0, merged_because=WHY
            )


# --- protected persons ----------------------------------------------------------------------------------------------


def test_protected_person_is_merged_with_no_other_kind(make_source, bob):
    person, public = make_source("N.", kind=SourceKind.PROTECTED_PERSON), make_source("Observatory")
    for pair in ((person, public), (public, person)):
        with pytest.raises(ValidationError):
            merged(*pair, bob)


def test_two_sealed_persons_are_one_only_for_who_is_custodian_of_both(make_source, alice, bob, carol):
    sealed = {"kind": SourceKind.PROTECTED_PERSON}
    one = make_source("N.", secret_name="Layla Haddad", by=bob, **sealed)
    other = make_source("M.", secret_name="Layla Haddad", by=carol, **sealed)
    third = make_source("O.", secret_name="Layla Haddad", by=bob, **sealed)
    with pytest.raises(PermissionDenied):
        merged(one, other, bob)
    merged(one, third, bob)
    one.refresh_from_db()
    assert family_ids(one) == {one.pk, third.pk}


# --- suggestions ----------------------------------------------------------------------------------------------------


def test_suggested_are_like_names_and_same_homepages(make_source, other_desk, mallory):
    source = make_source("Tishreen", homepage="https://www.tishreen.example/en")
    for name, homepage in (("تشرين", ""), ("Daily of October", "https://tishreen.example"), ("Reuters", "")):
        make_source(name, homepage=homepage)
    make_source("Tishrin", desk=other_desk, by=mallory)
    make_source("Tishriin", kind=SourceKind.PROTECTED_PERSON)
    assert [other.name for other in suggestions(source)] == ["تشرين", "Daily of October"]


def test_nobody_is_suggested_for_a_protected_person(make_source):
    person = make_source("Tishreen", kind=SourceKind.PROTECTED_PERSON)
    make_source("Tishrin")
    assert suggestions(person) == []


def test_a_duplicate_takes_on_no_new_document(make_source, bob, desk):
    source, into = make_source("SOHR"), make_source("Observatory")
    merged(source, into, bob)
    source.refresh_from_db()
    document = register_document(desk=desk, url="http://a.example/", outlet=source, by=bob, at=T0)
    assert document.outlet == into
