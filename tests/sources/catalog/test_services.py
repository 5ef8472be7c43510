"""The catalog's services: sources and their names, grades, affiliations, sealed identities, documents."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from sources.archive.models import Capture
from sources.catalog import identity
from sources.catalog.models import Affiliation, Document, Grade, ProtectedIdentity, Source, SourceKind
from sources.catalog.services import (
    add_alias,
    affiliate,
    archive_document,
    describe_from_text,
    grade_source,
    register_document,
    register_source,
    view_identity,
)
from sources.custody.models import Entry, Opening
from tests.cast import T0

pytestmark = pytest.mark.django_db

SECRET = "Layla Haddad"
URL = "https://wire.example/coast"


@pytest.fixture
def activist(make_source: Any) -> Source:
    return make_source("Activist N.", kind=SourceKind.PROTECTED_PERSON, secret_name=SECRET)


# --- sources --------------------------------------------------------------------------------------------------------


def test_register_source_keeps_names_in_all_scripts(make_source):
    source = make_source(
        "State agency", aliases=[("سانا", "ar"), ("SANA", "en"), ("State agency", "en"), ("SANA", "en")]
    )
    assert set(source.aliases.values_list("name", "language")) == {("سانا", "ar"), ("SANA", "en")}


def test_register_source_marks_a_party_as_one(make_source):
    assert make_source(kind=SourceKind.PARTY).is_party
    assert not make_source().is_party


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"kind": "nonsense"},
        {"homepage": "not an address"},
        {"name": "x" * 201},
        {"aliases": [("x" * 201, "")]},
        {"aliases": [("SANA", "a-language-that-is-none")]},
        {"secret_name": SECRET},
    ],
)
def test_register_source_refuses_and_keeps_nothing(desk, alice, fields):
    with pytest.raises(ValidationError) as refused:
        register_source(
            **{"desk": desk, "kind": SourceKind.AGENCY, "name": "State agency", "by": alice, "at": T0}
            | fields
        )
    assert list(refused.value.message_dict) == list(fields)[:1]
    assert not Source.objects.exists()


def test_register_source_refuses_a_name_twice_at_one_desk_only(make_source, other_desk, mallory):
    make_source("State agency")
    with pytest.raises(ValidationError):
        make_source("State agency")
    make_source("State agency", desk=other_desk, by=mallory)


def test_register_source_is_for_checkers_of_the_desk(make_source, dave, mallory):
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            make_source(by=person)


def test_alias_is_added_once(make_source, alice, dave):
    source = make_source("State agency")
    assert add_alias(source=source, name="سانا", language="ar", by=alice).source == source
    with pytest.raises(ValidationError) as refused:
        add_alias(source=source, name="سانا", by=alice)
    assert "name" in refused.value.message_dict
    with pytest.raises(PermissionDenied):
        add_alias(source=source, name="SANA", by=dave)


# --- grades ---------------------------------------------------------------------------------------------------------


def test_grade_is_logged_with_its_reason_sealed(make_source, alice):
    source = make_source()
    grade = grade_source(source=source, reliability="B", reason="Right in 2024.", by=alice, at=T0)
    body = grade.entry.read()
    assert (body.kind, body.subject_type, body.subject_id) == ("source-graded", "source", str(source.pk))
    assert body.facts == {"reliability": "B"}
    assert b"Right" not in bytes(grade.entry.body)
    assert Opening.objects.get(entry=grade.entry, name="reason").value == '"Right in 2024."'


def test_grade_anew_leaves_the_old_one(make_source, alice):
    source = make_source()
    for letter in "BD":
        grade_source(source=source, reliability=letter, reason="Its record.", by=alice, at=T0)
    assert [grade.reliability for grade in source.grades.all()] == ["D", "B"]
    assert Source.objects.with_current_grade().get(pk=source.pk).reliability == "D"


@pytest.mark.parametrize(("letter", "reason"), [("G", "x"), ("", "x"), ("A", "")])
def test_grade_that_is_none_is_refused_without_an_entry(make_source, alice, letter, reason):
    source = make_source()
    with pytest.raises(ValidationError):
        grade_source(source=source, reliability=letter, reason=reason, by=alice, at=T0)
    assert not Entry.objects.exists()


def test_grade_cannot_be_overwritten(make_source, alice):
    grade = grade_source(source=make_source(), reliability="B", reason="Its record.", by=alice, at=T0)
    for attack in (
        lambda: Grade.objects.update(reliability="A"),
        lambda: Grade.objects.filter(pk=grade.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert Grade.objects.get().reliability == "B"


# --- affiliations ---------------------------------------------------------------------------------------------------


def test_affiliation_holds_time_and_evidence(make_source, make_document, alice):
    document = make_document()
    affiliation = affiliate(
        source=make_source(), kind="owned-by", principal=make_source(), by=alice,
        valid_from=date(2024, 1, 1), valid_to=date(2025, 1, 1), evidence=document,
    )  # fmt: skip
    assert Affiliation.objects.get() == affiliation
    assert affiliation.evidence == document


def test_affiliation_refuses_what_cannot_be(make_source, alice, mallory, other_desk):
    source, theirs = make_source(), make_source(desk=other_desk, by=mallory)
    for fields in (
        {"principal": source},
        {"principal": theirs},
        {"principal": make_source(), "valid_from": date(2025, 1, 2), "valid_to": date(2025, 1, 1)},
        {"principal": make_source(), "kind": "married-to"},
    ):
        with pytest.raises(ValidationError):
            affiliate(**{"source": source, "kind": "part-of", "by": alice} | fields)
    assert not Affiliation.objects.exists()


# --- protected persons ----------------------------------------------------------------------------------------------


def test_identity_is_encrypted_in_the_database(activist, alice):
    sealed = ProtectedIdentity.objects.get(source=activist)
    assert SECRET.encode() not in bytes(sealed.sealed)
    assert list(sealed.custodians.all()) == [alice]
    assert identity.unseal(bytes(sealed.sealed), activist.pk) == SECRET


def test_identity_sealed_twice_differs_and_opens_for_its_source_alone():
    source = uuid.uuid4()
    one, two = identity.seal(SECRET, source), identity.seal(SECRET, source)
    assert one != two
    for damaged, whose in (
        (one, uuid.uuid4()),
        (one[:-1] + bytes([one[-1] ^ 1]), source),
        (b"\x02" + one[1:], source),
        (b"", source),
    ):
        with pytest.raises(identity.CannotUnseal):
            identity.unseal(damaged, whose)


def test_identity_does_not_open_with_another_key(activist, settings):
    import base64

    sealed = bytes(ProtectedIdentity.objects.get().sealed)
    settings.IDENTITY_KEY = base64.b64encode(bytes(32)).decode()
    with pytest.raises(identity.CannotUnseal):
        identity.unseal(sealed, activist.pk)


def test_every_look_at_an_identity_is_logged(activist, alice):
    for reason in ("Court order 7", "Second look"):
        assert view_identity(source=activist, reason=reason, by=alice, at=T0) == SECRET
    entries = Entry.objects.filter(kind="protected-viewed", subject_id=str(activist.pk))
    assert entries.count() == 2
    assert not any(SECRET.encode() in bytes(entry.body) or b"Court" in bytes(entry.body) for entry in entries)


def test_identity_is_refused_without_custody_or_reason(activist, make_source, alice, bob):
    with pytest.raises(PermissionDenied):
        view_identity(source=activist, reason="Curious", by=bob, at=T0)
    with pytest.raises(PermissionDenied):
        view_identity(source=make_source(), reason="There is none", by=alice, at=T0)
    with pytest.raises(ValidationError):
        view_identity(source=activist, reason=" ", by=alice, at=T0)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "layla haddad"},
        {"description": "Known as Layla Haddad at home."},
        {"aliases": [("LAYLA HADDAD", "en")]},
        {"homepage": "https://example.org/Layla Haddad"},
    ],
)
def test_pseudonym_may_not_give_the_name_away(make_source, fields):
    with pytest.raises(ValidationError):
        make_source(
            **{"name": "Activist N.", "kind": SourceKind.PROTECTED_PERSON, "secret_name": SECRET} | fields
        )
    assert not ProtectedIdentity.objects.exists()


def test_names_of_a_sealed_person_are_the_custodians_alone(activist, alice, bob):
    with pytest.raises(PermissionDenied):  # or else a guess at the name could be tried out here
        add_alias(source=activist, name=SECRET, by=bob)
    with pytest.raises(ValidationError):
        add_alias(source=activist, name="layla haddad", by=alice)
    assert add_alias(source=activist, name="Source N", by=alice).name == "Source N"


# --- documents ------------------------------------------------------------------------------------------------------


def test_document_is_registered_once_per_desk(desk, alice, make_source, make_document, other_desk, mallory):
    outlet = make_source()
    first = make_document(url=URL)
    second = make_document(url=URL, outlet=outlet)
    assert (second.pk, second.outlet) == (first.pk, outlet)
    assert make_document(url=URL, outlet=make_source()).outlet == outlet
    assert make_document(url=URL, desk=other_desk, by=mallory).pk != first.pk


def test_document_needs_a_checker_or_the_command_line(desk, dave):
    with pytest.raises(PermissionDenied):
        register_document(desk=desk, url=URL, by=dave, at=T0)
    assert register_document(desk=desk, url=URL, by=None, at=T0).created_by is None


def test_archive_document_registers_and_queues(desk, alice):
    capture = archive_document(desk=desk, url=" HTTPS://wire.EXAMPLE/coast#top", by=alice, at=T0, mode="page")
    assert (capture.document.url, capture.state, capture.mode) == (URL, "queued", "page")


def test_archive_document_of_a_refused_address_registers_nothing(desk, alice):
    with pytest.raises(ValidationError) as refused:
        archive_document(desk=desk, url="http://169.254.169.254/latest/", by=alice, at=T0)
    assert "url" in refused.value.message_dict
    assert not Document.objects.exists() and not Capture.objects.exists()


def found(**fields: Any) -> SimpleNamespace:
    nothing = {"title": "", "byline": "", "language": "", "published_at": None, "published_precision": ""}
    return SimpleNamespace(**nothing | fields)


def test_description_fills_what_nobody_has_said(make_document):
    document = make_document(title="The desk's own title")
    at = datetime(2025, 3, 9, tzinfo=UTC)
    text = found(title="Found", byline="B" * 400, language="ar", published_at=at, published_precision="day")
    describe_from_text(document_id=document.pk, text=text)
    document.refresh_from_db()
    assert (document.title, document.byline, document.language) == ("The desk's own title", "B" * 300, "ar")
    assert (document.published_at, document.published_precision) == (at, "day")
    describe_from_text(document_id=document.pk, text=found(language="en", published_at=T0))
    document.refresh_from_db()
    assert (document.language, document.published_at) == ("ar", at)


def test_description_of_an_unsure_date_claims_no_more_than_the_day(make_document):
    document = make_document()
    describe_from_text(document_id=document.pk, text=found(published_at=T0))
    document.refresh_from_db()
    assert document.published_precision == "day"


def test_archived_capture_describes_its_document(make_capture):
    capture = make_capture()
    assert (
        capture.document.__class__.objects.get(pk=capture.document_id).language
        == capture.texts.get().language
    )


# --- adjectives and constraints -------------------------------------------------------------------------------------


def test_documents_with_captures_are_newest_first(make_document, make_capture):
    documents = [make_document(at=datetime(2025, 3, day, tzinfo=UTC)) for day in (1, 3, 2)]
    capture = make_capture(document=documents[0])
    listed = list(Document.objects.with_captures().with_thumbnail())
    assert [d.created_at.day for d in listed] == [3, 2, 1]
    assert [(d.capture_count, d.latest_state) for d in listed] == [(0, None), (0, None), (1, capture.state)]


def test_catalog_is_visible_to_members_alone(make_source, make_document, dave, mallory):
    source, document = make_source(), make_document()
    assert list(Source.objects.visible_to(dave)) == [source]
    assert list(Document.objects.visible_to(dave)) == [document]
    assert not Source.objects.visible_to(mallory) and not Document.objects.visible_to(mallory)


@pytest.mark.parametrize("change", [{"name": ""}, {"kind": "nonsense"}, {"kind": "party", "is_party": False}])
def test_source_constraints_refuse(make_source, change):
    source = make_source()
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**change)


def test_source_that_is_spoken_of_cannot_be_deleted(make_source, alice):
    source = make_source()
    affiliate(source=source, kind="part-of", principal=make_source(), by=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        source.delete()


def test_what_another_desk_holds_is_refused_at_its_field(
    make_source, make_document, other_desk, alice, mallory
):
    owner = {"desk": other_desk, "by": mallory}
    foreign_source, foreign_document = make_source(**owner), make_document(**owner)
    with pytest.raises(ValidationError) as refusal:
        affiliate(
            source=make_source(), kind="part-of", principal=make_source(), evidence=foreign_document, by=alice
        )
    assert list(refusal.value.message_dict) == ["evidence"]
    with pytest.raises(ValidationError) as refusal:
        make_document("http://wire.example/new", outlet=foreign_source)
    assert list(refusal.value.message_dict) == ["outlet"]
    with pytest.raises(ValidationError, match="publishes nothing") as refusal:
        make_document("http://wire.example/new", outlet=make_source(kind="person"))
    assert list(refusal.value.message_dict) == ["outlet"]
    assert not Document.objects.filter(url="http://wire.example/new").exists()


def test_document_has_an_address_that_can_be_kept(desk, make_document):
    longest = "http://wire.example/" + "a" * (2048 - len("http://wire.example/"))
    assert make_document(longest).url == longest
    with pytest.raises(ValidationError, match="longer than 2048") as refused:
        make_document(longest + "a")
    assert "url" in refused.value.message_dict
