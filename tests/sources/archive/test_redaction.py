"""Erasure: by two people, of everything, with a tombstone; and nothing else of what is on record can be emptied."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from kombu.exceptions import OperationalError

from claims.attribution.fsck import faults as attribution_faults
from claims.attribution.models import Anchor, AnchorCheck
from claims.attribution.services import anchor_quote
from claims.statements.states import Workflow
from sources.archive import storage, tasks
from sources.archive.fsck import faults as archive_faults
from sources.archive.models import (
    Attempt,
    Blob,
    Capture,
    Exchange,
    Inspection,
    Redaction,
    Rendition,
    Text,
    TextSketch,
    Watch,
)
from sources.archive.redaction import (
    ask_redaction,
    carry_out,
    decide_redaction,
    held_elsewhere,
    same_bytes,
    sweep,
)
from sources.archive.states import CaptureState
from sources.archive.storage import StorageUnavailable
from sources.archive.wacz_check import verify_wacz
from sources.catalog.batches import read_list, request_batch
from sources.catalog.models import BatchRow
from sources.catalog.services import watch_document
from sources.custody import merkle, tree
from sources.custody.fsck import faults as custody_faults
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening
from sources.custody.services import checkpoint
from tests.cast import T0, at_once, make_person
from tests.recaptures import fetched, recaptured
from verify.accounts.models import Role

LATER = T0 + timedelta(days=3)
MARK = "Zebraquartz"
STORY = f"{MARK} Ndiaye lives at 12 Wolkenstrasse.\n\nThe monitoring group said that around 745 civilians were killed."


@pytest.fixture
def erin(desk: Any) -> Any:
    """A second editor."""
    return make_person("erin", desk, Role.EDITOR)


@pytest.fixture
def asked(make_capture: Any, bob: Any) -> Redaction:
    return ask(make_capture(STORY), bob)


def ask(capture: Capture, by: Any, **changes: Any) -> Redaction:
    given = {"ground": "data-protection-request", "reason": "Her letter of 1 March.", "at": LATER} | changes
    return ask_redaction(capture=capture, by=by, **given)


def approve(redaction: Redaction, by: Any) -> Redaction:
    """Decide for it, and do at once what a worker does after the transaction."""
    decided = decide_redaction(redaction=redaction, approve=True, by=by, at=LATER)
    for row in Redaction.objects.unfinished():
        carry_out(redaction_id=row.pk, at=LATER)
    decided.refresh_from_db()
    return decided


def faults() -> list[str]:
    return [str(fault) for part in (archive_faults, attribution_faults, custody_faults) for fault in part()]


def tables_with(needle: str) -> set[str]:
    """The columns of the whole database in which `needle` stands, as text or as the bytes of it."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, kind in cursor.fetchall():
            if kind == "bytea":
                where, argument = f'position(%s::bytea IN "{column}") > 0', needle.encode()
            else:
                where, argument = f'position(lower(%s) IN lower("{column}"::text)) > 0', needle
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE {where})', [argument])
            if cursor.fetchone()[0]:
                found.add(f"{table}.{column}")
    return found


def files_with(needle: bytes) -> list[Path]:
    return [
        path
        for path in Path(settings.MEDIA_ROOT).rglob("*")
        if path.is_file() and needle in path.read_bytes()
    ]


# --- Two people -----------------------------------------------------------------------------------------------------


def test_one_asks_and_another_decides(asked, bob, erin):
    with pytest.raises(PermissionDenied, match="Somebody else"):
        decide_redaction(redaction=asked, approve=True, by=bob, at=LATER)
    assert approve(asked, erin).capture.state == CaptureState.REDACTED


@pytest.mark.parametrize("name", ["alice", "dave", "mallory"])
def test_only_editors_of_the_desk_ask_and_decide(request, make_capture, bob, name):
    person, capture = request.getfixturevalue(name), make_capture(STORY)
    with pytest.raises(PermissionDenied):
        ask(capture, person)
    redaction = ask(capture, bob)
    with pytest.raises(PermissionDenied):
        decide_redaction(redaction=redaction, approve=True, by=person, at=LATER)
    capture.refresh_from_db()
    assert capture.state == CaptureState.ARCHIVED


def test_the_database_holds_that_two_people_decide(asked, bob, sql):
    with pytest.raises(IntegrityError, match="a_redaction_takes_two_people"):
        sql(
            "UPDATE sources_redaction SET decision = 'approved', decided_by_id = asked_by_id, decided_at = now()"
        )
    with pytest.raises(IntegrityError, match="redaction_decided_by_and_when_all_or_none"):
        sql("UPDATE sources_redaction SET decision = 'approved'")
    with pytest.raises(IntegrityError, match="erased_means_approved_and_logged"):
        sql("UPDATE sources_redaction SET done_at = now()")


def test_a_redaction_is_neither_deleted_nor_rewritten(asked, erin, sql):
    approve(asked, erin)
    for statement in (
        "DELETE FROM sources_redaction",
        "TRUNCATE sources_redaction CASCADE",
        "UPDATE sources_redaction SET reason = 'Another one.'",
        "UPDATE sources_redaction SET decision = 'refused'",
        "UPDATE sources_redaction SET decided_at = now()",
        "UPDATE sources_redaction SET blobs = '{}'",
        "UPDATE sources_redaction SET done_at = NULL",
    ):
        with pytest.raises(DatabaseError):
            sql(statement)


def test_what_is_asked_for_is_asked_for_once(asked, bob):
    with pytest.raises(ValidationError, match="already"):
        ask(asked.capture, bob)


def test_a_refused_request_erases_nothing_and_another_may_follow(asked, bob, erin):
    decide_redaction(redaction=asked, approve=False, by=erin, at=LATER)
    assert storage.read(Capture.objects.get().package) and Text.objects.get().content == STORY
    assert approve(ask(asked.capture, bob), erin).done_at == LATER


def test_a_decision_is_made_once(asked, erin):
    approve(asked, erin)
    with pytest.raises(ValidationError, match="decided already"):
        decide_redaction(redaction=asked, approve=False, by=erin, at=LATER)


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_make_one_decision(make_capture, bob, erin, desk):
    redaction, frank = ask(make_capture(STORY), bob), make_person("frank", desk, Role.ADMIN)
    answers = at_once(
        lambda: decide_redaction(redaction=redaction, approve=True, by=erin, at=LATER),
        lambda: decide_redaction(redaction=redaction, approve=False, by=frank, at=LATER),
    )
    assert sum(isinstance(answer, ValidationError) for answer in answers) == 1


# --- Everything goes ------------------------------------------------------------------------------------------------


@pytest.fixture
def everywhere(
    make_capture: Any, make_claim: Any, make_assertion: Any, desk: Any, alice: Any, tamper: Any
) -> Capture:
    """A capture whose words stand in every place that the product has for them."""
    url = f"https://wire.example/story?who={MARK}"
    capture = make_capture(STORY, url=url)
    blob = storage.store(f"a picture of {MARK}".encode(), media_type="image/png", at=T0)
    for kind in ("thumbnail", "screenshot", "dom", "pdf", "layout"):
        Rendition.objects.create(capture=capture, kind=kind, blob=blob, media_type="image/png")
    tamper(
        "UPDATE sources_text SET title = %(m)s || ' at home', byline = %(m)s, site_name = %(m)s,"
        " language_evidence = %(m)s, published_evidence = %(m)s",
        {"m": MARK},
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # which tampering made immediate
    capture.document.title, capture.document.byline = f"{MARK} at home", MARK
    capture.document.save()
    Inspection.objects.create(
        capture=capture, inspector_version="1", facts=[{"value": MARK}], manifest={"by": MARK}, created_at=T0
    )
    Attempt.objects.create(
        capture=capture, number=1, started_at=T0, ended_at=T0, failure_code="timeout", failure_detail=MARK
    )
    Exchange.objects.create(
        capture=capture, position=0, url=url, method="GET", status=200, started_at=T0, peer_address="192.0.2.1",
        peer_port=443, wire_size=1, wire_sha256="0" * 64, entity_sha256="0" * 64, decoded_sha256="0" * 64,
        guard_exception=MARK, media_type=f"text/html; x={MARK}",
    )  # fmt: skip
    Capture.objects.filter(pk=capture.pk).update(final_url=url, notes=[MARK], declared_type=MARK)
    batch = request_batch(desk=desk, rows=read_list(url), label="", mode="http", by=alice, at=T0)
    BatchRow.objects.filter(batch=batch).update(capture=capture, done_at=T0, title=MARK, note=MARK)
    assertion = make_assertion(make_claim("A claim."), document=capture.document)
    quote = f"{MARK} Ndiaye lives at 12 Wolkenstrasse."
    anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=T0)
    capture.refresh_from_db()
    return capture


def test_nothing_of_the_content_is_left_in_the_database_or_the_storage(everywhere, bob, erin):
    places, needle = tables_with(MARK), everywhere.body_id
    assert len(places) > 20 and files_with(MARK.encode())
    approve(ask(everywhere, bob), erin)
    assert tables_with(MARK) == set()
    assert files_with(MARK.encode()) == []
    assert tables_with("Wolkenstrasse") == set()
    # The digest stays where it is documented: in the log, in the request, and in the names of what was erased.
    assert tables_with(needle) <= {"sources_entry.body", "sources_redaction.blobs", "sources_text.sha256"} | {
        "claims_anchor.text_sha256"
    }
    assert not Path(settings.MEDIA_ROOT, needle[:2], needle[2:4], needle).exists()


def test_fsck_finds_nothing_wrong_with_a_redacted_capture(everywhere, bob, erin):
    Inspection.objects.all().delete()
    Exchange.objects.all().delete()
    approve(ask(everywhere, bob), erin)
    checkpoint(at=LATER)
    assert faults() == []


def test_the_tombstone_says_what_went_and_on_what_ground(everywhere, bob, erin):
    kept = (everywhere.package_id, everywhere.body_id, everywhere.texts.get().sha256)
    redaction = approve(ask(everywhere, bob), erin)
    body = redaction.entry.read()
    assert (body.kind, body.subject_type, body.subject_id) == (
        "content-redacted",
        "capture",
        str(everywhere.pk),
    )
    facts = body.facts
    assert (facts["package_sha256"], facts["body_sha256"], facts["texts_sha256"]) == (
        kept[0],
        kept[1],
        [kept[2]],
    )
    assert (
        facts["ground"] == "data-protection-request"
        and facts["datapackage_sha256"] == everywhere.datapackage_sha256
    )
    assert (facts["blobs"], facts["blobs_kept"], facts["exchanges"], facts["quotations"]) == (3, 0, 1, 1)
    assert MARK not in bytes(redaction.entry.body).decode()
    opened = {each.name: json.loads(each.value) for each in Opening.objects.filter(entry=redaction.entry)}
    assert opened["reason"] == "Her letter of 1 March." and opened["asked_by"]["id"] == str(bob.pk)
    assert opened["by"]["id"] == str(erin.pk)


def test_openings_go_but_for_who_acted(asked, erin):
    entry = asked.capture.entry
    assert set(Opening.objects.filter(entry=entry).values_list("name", flat=True)) == {
        "by",
        "filename",
        "url",
    }
    approve(asked, erin)
    assert list(Opening.objects.filter(entry=entry).values_list("name", flat=True)) == ["by"]


def test_an_old_package_still_verifies_against_the_log(asked, erin):
    capture = asked.capture
    old = storage.read(capture.package)
    before = checkpoint(at=T0)
    approve(asked, erin)
    after = checkpoint(at=LATER)
    capture.refresh_from_db()
    assert verify_wacz(BytesIO(old), datapackage_sha256=capture.datapackage_sha256) == []
    leaf = merkle.leaf_hash(bytes(Entry.objects.get(pk=capture.entry_id).body))
    hashes = merkle.inclusion_proof(capture.entry_id, after.size, tree.tree_nodes(after.size))
    merkle.verify_inclusion(
        index=capture.entry_id, size=after.size, leaf=leaf, proof=hashes, root=bytes(after.root)
    )
    proof = merkle.consistency_proof(before.size, after.size, tree.tree_nodes(after.size))
    merkle.verify_consistency(
        old_size=before.size,
        new_size=after.size,
        old_root=bytes(before.root),
        new_root=bytes(after.root),
        proof=proof,
    )


def test_a_quoting_claim_has_changed_and_its_approval_is_void(approved_claim, bob, erin):
    approve(ask(Capture.objects.get(), bob), erin)
    approved_claim.refresh_from_db()
    assert approved_claim.workflow == Workflow.IN_RESEARCH
    assert list(Anchor.objects.values_list("exact", "quoted", "prefix", "suffix")) == [("", "", "", "")]
    assert faults() == []


def test_words_found_in_later_copies_go_with_the_quotation(researched_claim, make_capture, bob, erin):
    capture = fetched(Capture.objects.get(), hours=0)
    recaptured(
        make_capture,
        capture,
        "The monitoring group said that about 745 civilians were killed in 30 massacres.",
    )
    assert AnchorCheck.objects.get().exact
    approve(ask(capture, bob), erin)
    assert AnchorCheck.objects.get().exact == ""
    assert list(attribution_faults()) == []
    third = recaptured(make_capture, Capture.objects.exclude(pk=capture.pk).get(), "Other words.", hours=5)
    assert third.quotes_checked == 0


def test_a_title_that_another_copy_says_too_stays(make_capture, bob, erin, tamper):
    first = make_capture(STORY)
    second = make_capture(STORY + " Again.", first.document)
    tamper("UPDATE sources_text SET title = 'The coast'")
    document = first.document
    document.title = "The coast"
    document.save()
    approve(ask(first, bob), erin)
    document.refresh_from_db()
    assert document.title == "The coast"
    approve(ask(second, bob), erin)
    document.refresh_from_db()
    assert document.title == ""


def test_a_watch_does_not_fetch_again_what_was_erased(asked, alice, erin):
    watch_document(document=asked.capture.document, by=alice, at=T0, mode="http", shortest=3600, longest=7200)
    approve(asked, erin)
    assert Watch.objects.get().is_paused


# --- Bytes that others hold ------------------------------------------------------------------------------------------


def test_the_desks_captures_of_the_same_bytes_go_together(make_capture, bob, erin):
    first, second, other = make_capture(STORY), make_capture(STORY), make_capture("Something else.")
    redaction = ask(first, bob)
    assert [row.capture_id for row in redaction.companions.all()] == [second.pk]
    approve(redaction, erin)
    assert set(Capture.objects.values_list("pk", "state")) == {
        (first.pk, "redacted"), (second.pk, "redacted"), (other.pk, "archived"),
    }  # fmt: skip
    assert files_with(MARK.encode()) == [] and faults() == []


def test_captures_that_came_since_are_not_left_over_in_silence(asked, make_capture, bob, erin):
    make_capture(STORY)
    with pytest.raises(ValidationError, match="Since this was asked for, 1 more capture"):
        decide_redaction(redaction=asked, approve=True, by=erin, at=LATER)
    assert not Capture.objects.filter(state="redacted").exists()


def test_another_desks_copy_is_counted_and_kept(
    asked, erin, other_desk, mallory, make_capture, make_document
):
    document = make_document("http://other.example/1", desk=other_desk, by=mallory)
    theirs = make_capture(STORY, document)
    assert held_elsewhere(asked.capture) == 1 and not same_bytes(asked.capture).exists()
    redaction = approve(asked, erin)
    assert redaction.done_at and redaction.entry.read().facts["blobs_kept"] >= 1
    assert storage.read(theirs.body).decode() == STORY
    assert faults() == []


# --- The bytes, after the transaction -------------------------------------------------------------------------------


def test_bytes_that_could_not_be_deleted_are_tried_again(asked, erin, monkeypatch):
    decide_redaction(redaction=asked, approve=True, by=erin, at=LATER)

    def down(sha256: str) -> bool:
        raise StorageUnavailable("The storage is down.")

    with monkeypatch.context() as broken:
        broken.setattr(storage, "destroy", down)
        assert sweep(at=LATER) == 1
    assert files_with(MARK.encode()) and any("was to be erased" in fault for fault in faults())
    assert sweep(at=LATER) == 0
    assert not files_with(MARK.encode()) and faults() == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_costs_time_and_no_decision(make_capture, bob, erin, monkeypatch):
    def refused(*_: Any, **__: Any) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.erase, "apply_async", refused)
    redaction = decide_redaction(redaction=ask(make_capture(STORY), bob), approve=True, by=erin, at=LATER)
    assert redaction.entry and Redaction.objects.unfinished().count() == 1
    assert sweep(at=LATER) == 0 and files_with(MARK.encode()) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_deletes_the_bytes(celery_worker_process, wait_until, make_capture, bob, erin):
    decide_redaction(redaction=ask(make_capture(STORY), bob), approve=True, by=erin, at=LATER)
    wait_until(lambda: not Redaction.objects.unfinished().exists())
    assert files_with(MARK.encode()) == [] and not Blob.objects.exists()


def test_a_crash_between_bytes_and_row_is_made_good(asked, erin, monkeypatch):
    decide_redaction(redaction=asked, approve=True, by=erin, at=LATER)
    for blob in Blob.objects.filter(pk__in=Redaction.objects.get().blobs):
        Path(settings.MEDIA_ROOT, blob.path).unlink()
    assert sweep(at=LATER) == 0 and sweep(at=LATER) == 0
    assert not Blob.objects.exists() and Redaction.objects.get().done_at == LATER


def test_what_a_killed_writer_left_goes_too(asked, erin):
    blob = asked.capture.body
    left = Path(settings.MEDIA_ROOT, blob.path).parent / ".incoming-abc"
    left.write_text(STORY)
    os.utime(left, (time.time() - 7200,) * 2)
    approve(asked, erin)
    assert not left.exists()


# --- Attacks: nothing else can be emptied ---------------------------------------------------------------------------

EMPTY_TEXT = (
    "UPDATE sources_text SET content = '', fingerprint = NULL, title = '', byline = '', site_name = '',"
    " language_evidence = '', published_at = NULL, published_precision = '', published_evidence = '',"
    " redacted_at = now()"
)
ERASING = "SELECT set_config('custody.erasing', 'on', true); "


@pytest.mark.parametrize(
    "statement",
    [
        EMPTY_TEXT,
        ERASING + EMPTY_TEXT,  # nobody decided on it
        ERASING + "UPDATE sources_text SET content = 'Other words.'",
        ERASING + "UPDATE sources_exchange SET url = ''",
        ERASING + "UPDATE sources_attempt SET failure_detail = ''",
    ],
)
def test_nothing_is_emptied_that_nobody_decided_on(everywhere, sql, statement):
    with pytest.raises(DatabaseError, match="Cannot update"):
        sql(statement)


@pytest.mark.parametrize(
    "change",
    [
        "sources_text SET sha256 = repeat('0', 64)",
        "sources_text SET content = 'Other words.', redacted_at = now()",
        "sources_text SET redacted_at = now() + interval '1 day'",
        "sources_text SET language = 'xx'",
        "sources_exchange SET status = 404",
        "sources_exchange SET url = 'https://elsewhere.example/'",
        "sources_attempt SET failure_code = 'busy'",
        "claims_anchorcheck SET changes_sense = NOT changes_sense",
    ],
)
def test_under_an_approved_redaction_words_are_emptied_and_never_changed(
    everywhere, make_capture, bob, erin, sql, change
):
    recaptured(make_capture, fetched(everywhere, hours=0), "Other words of the group.")
    approve(ask(everywhere, bob), erin)
    with pytest.raises(DatabaseError):
        sql(ERASING + f"UPDATE {change}")


def test_nothing_is_quoted_from_an_erased_text(everywhere, bob, erin, alice):
    assertion = Anchor.objects.get().assertion
    approve(ask(everywhere, bob), erin)
    with pytest.raises(ValidationError):
        anchor_quote(
            assertion=assertion, text=everywhere.texts.get(), quote="Wolkenstrasse", by=alice, at=LATER
        )
    copy = Anchor.objects.get()
    copy.pk, copy.exact, copy.start = None, "Wolkenstrasse", 1
    with pytest.raises(DatabaseError, match="was erased"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_whoever_quotes_while_it_is_erased_leaves_no_words(
    researched_claim, make_assertion, bob, erin, alice
):
    """Once the quotation is first, once the erasure; never do words stay."""
    capture = Capture.objects.get()
    text, assertion = capture.texts.get(), make_assertion(researched_claim, document=capture.document)
    redaction = ask(capture, bob)

    def quote() -> Any:
        try:
            return anchor_quote(
                assertion=assertion, text=text, quote="civilians were killed", by=alice, at=LATER
            )
        except DatabaseError as refused:
            return refused

    at_once(quote, lambda: decide_redaction(redaction=redaction, approve=True, by=erin, at=LATER))
    assert Capture.objects.get().state == CaptureState.REDACTED
    assert set(Anchor.objects.values_list("exact", flat=True)) == {""}


def test_a_quotation_waits_for_the_erasure_and_is_refused(everywhere, bob, erin, sql):
    """By hand, since a race in a test shows one order only: the insert asks for the row that the erasure has locked."""
    approve(ask(everywhere, bob), erin)
    with pytest.raises(DatabaseError, match="was erased"):
        sql(
            'INSERT INTO claims_anchor (id, assertion_id, text_id, text_sha256, start, "end", exact, prefix, suffix,'
            " quoted, match, occurrences, created_by_id, created_at) SELECT gen_random_uuid(), assertion_id, text_id,"
            " text_sha256, 3, 9, 'words', '', '', '', match, 1, created_by_id, created_at FROM claims_anchor"
        )


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE sources_capture SET notes = '[\"Zebra\"]'", "still has words of what it held"),
        ("UPDATE sources_anchor SET exact = 'Zebra'", "still holds words"),
        ("UPDATE sources_redaction SET decision = '', decided_by_id = NULL, decided_at = NULL, entry_id = NULL,"
         " done_at = NULL", "no request that a second person approved"),
        ("UPDATE sources_redaction SET entry_id = NULL, done_at = NULL", "has no tombstone"),
        ("UPDATE sources_redaction SET ground = 'copyright'", "its tombstone"),
        ("UPDATE sources_capture SET state = 'failed', failure_code = 'timeout'", "not redacted"),
    ],
)  # fmt: skip
def test_fsck_names_what_is_wrong_with_a_redaction(researched_claim, bob, erin, tamper, statement, said):
    approve(ask(Capture.objects.get(), bob), erin)
    tamper(statement.replace("sources_anchor", "claims_anchor"))
    assert any(said in fault for fault in faults())


def test_fsck_finds_words_and_bytes_that_should_be_gone(asked, erin, tamper):
    redaction = approve(asked, erin)
    tamper("UPDATE sources_text SET content = %s, redacted_at = NULL", [STORY])
    path = Path(settings.MEDIA_ROOT, Blob(sha256=redaction.blobs[0]).path)
    path.write_text("back")
    said = " ".join(faults())
    assert "still has the words of text" in said and f"{redaction.blobs[0]} was to be erased" in said
    assert not TextSketch.objects.exists() and Entry.objects.filter(kind=Kind.CONTENT_REDACTED).count() == 2
