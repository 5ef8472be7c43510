"""The custody report: every field from real rows, damage told in words, and nothing that is not the reader's."""

from __future__ import annotations

import io
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from pypdf import PdfReader

from claims.attribution.services import anchor_quote, link_evidence
from claims.statements.models import Claim
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture, Exchange, Inspection
from sources.archive.redaction import ask_redaction, carry_out, decide_redaction
from sources.archive.services import request_capture
from sources.archive.work import fail, take
from sources.catalog.models import SourceKind
from sources.catalog.services import register_source, view_identity
from sources.custody.canonical import canonical, digest, parse
from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry
from sources.custody.services import checkpoint, erase_openings
from tests.cast import ARTICLE, T0, make_person
from tests.recaptures import fetched as as_fetched
from tests.recaptures import recaptured
from verify.accounts.models import Role
from verify.evidence.custody_exports import Medium, export_report
from verify.evidence.custody_pdf import render, visible
from verify.evidence.custody_report import of_capture, of_claim
from verify.evidence.package import export_claim
from verify.publish.services import correct
from verify.review.content import content_digest
from verify.review.models import Answer, ChecklistItem
from verify.review.services import assign_review, submit_review

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ARABIC = "قال المرصد إن نحو 745 مدنياً قُتلوا في 30 مجزرة (SOHR)."


def of(thing: Any, by: Any = None) -> Any:
    make = of_capture if isinstance(thing, Capture) else of_claim
    report = make(**{thing._meta.model_name: thing, "by": by, "at": AT})
    assert parse(report.json) == report.data  # it has a canonical form, and loses nothing by it
    return report


def capture_of(report: Any) -> Any:
    (only,) = report.data["captures"]
    return only


def entries(found: list[Any], kind: Kind) -> list[Any]:
    return [entry for entry in found if entry["kind"] == kind]


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.fixture
def quoted(researched_claim: Any) -> Capture:
    return Capture.objects.get()


def test_report_says_who_made_it_when_and_of_what(quoted, alice):
    data = of(quoted, alice).data
    assert data["format"] == "verify-custody-report/1"
    assert data["made"] == {"at": "2026-01-02T03:04:05.678901Z", "by": "Alice", "software": "Verify/0.1"}
    assert data["scope"] == {"type": "capture", "id": str(quoted.pk), "title": quoted.url}
    assert (data["desk"]["slug"], data["claim"], data["problems"]) == ("coast", None, [])


def test_report_has_the_six_fields_by_name_in_the_protocols_order(quoted):
    fields = ["custodian", "control", "date_and_time", "transfer", "analysis", "disposition"]
    assert [name for name in capture_of(of(quoted)) if name in fields] == fields


def test_report_names_custodian_and_whoever_asked(quoted):
    found = capture_of(of(quoted))
    assert found["custodian"] == {"desk": "Coast desk", "requested_by": "Alice", "acquired_by": "upload"}
    assert (found["id"], found["url"], found["filename"]) == (str(quoted.pk), quoted.url, "article.txt")


def test_report_gives_digests_and_sizes_in_full(quoted):
    control = capture_of(of(quoted))["control"]
    assert control["digests"] == {
        "algorithm": "SHA-256",
        "body": digest(ARTICLE.encode()),
        "package": quoted.package_id,
        "datapackage": quoted.datapackage_sha256,
    }
    assert control["sizes"] == {"body": len(ARTICLE.encode()), "package": quoted.package.size}


def test_report_lists_each_log_entry_with_its_actor_and_checks_it(quoted):
    checkpoint(at=T0)
    made, anchored = capture_of(of(quoted))["control"]["entries"]
    assert (made["index"], made["kind"], anchored["kind"]) == (
        quoted.entry_id,
        "upload-received",
        "anchor-made",
    )
    assert made["at"] == "2025-03-09T10:00:00.000000Z"
    assert made["actor"]["name"] == anchored["actor"]["name"] == "Alice"
    assert made["leaf_hash"] == bytes(quoted.entry.leaf_hash).hex()
    assert made["facts"]["datapackage_sha256"] == quoted.datapackage_sha256
    assert made["commitments"] == {"filename": "kept", "url": "kept"}
    assert {check["name"]: check["result"] for check in made["checks"]} == {
        "leaf-hash": "pass",
        "row": "pass",
        "commitment actor": "pass",
        "commitment filename": "pass",
        "commitment url": "pass",
        "inclusion": "pass",
    }


def test_entry_that_nobody_signed_yet_is_not_checked_and_no_fault(quoted):
    report = of(quoted)
    entry = capture_of(report)["control"]["entries"][0]
    assert entry["checks"][-1]["result"] == "not checked"
    assert (entry["checkpoint"], report.data["problems"], report.data["log"]["checkpoints"]) == (None, [], [])


def test_report_says_since_when_others_attest_it(quoted, attest):
    attest()
    report = of(quoted)
    (head,) = report.data["log"]["checkpoints"]
    row = Checkpoint.objects.get()
    assert (head["size"], head["root"]) == (row.size, bytes(row.root).hex())
    assert [each["authority"] for each in head["timestamps"]] == ["tsa0", "tsa1"]
    assert [each["witness"] for each in head["cosignatures"]] == [row.cosignatures.get().name]
    seen = {each["by"] for each in capture_of(report)["date_and_time"]["existed_by"]}
    assert seen == {
        "timestamp authority tsa0",
        "timestamp authority tsa1",
        f"witness {row.cosignatures.get().name}",
    }


def test_existed_by_is_of_the_first_attested_checkpoint_over_the_entry(quoted, attest, make_capture):
    checkpoint(at=T0)  # attested by nobody
    make_capture("something else")
    attest()
    make_capture("and more")
    attest()
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    entry = capture_of(of(quoted))["control"]["entries"][0]
    assert (entry["checkpoint"], entry["cosigned_checkpoint"], entry["timestamped_checkpoint"]) == (
        sizes[0],
        sizes[1],
        sizes[1],
    )


def test_report_tells_the_acquisition_exchange_by_exchange(fetched):
    capture = fetched("http://wire.example/2025/03/08/syria-coast-monitor-toll")
    row = Exchange.objects.get(capture=capture, is_main=True)
    transfer = capture_of(of(capture))["transfer"]
    (told,) = [each for each in transfer["exchanges"] if each["is_document"]]
    assert (told["method"], told["url"], told["status"]) == ("GET", capture.url, 200)
    assert told["peer"] == {"address": row.peer_address, "port": row.peer_port}
    assert (told["tls"], told["cut"], told["guard_exception"]) == (None, None, row.guard_exception)
    assert told["guard_exception"]
    assert told["sha256"] == {
        "wire": row.wire_sha256,
        "entity": row.entity_sha256,
        "decoded": row.decoded_sha256,
    }
    assert (transfer["http_status"], transfer["final_url"]) == (200, capture.url)
    assert capture_of(of(capture))["custodian"]["acquired_by"] == "fetcher"


def test_tls_whose_chain_did_not_verify_is_said(fetched, tamper):
    capture = fetched("http://wire.example/2025/03/08/syria-coast-monitor-toll")
    tamper("UPDATE sources_exchange SET tls_version = 'TLSv1.3', tls_verified = false")
    report = of(capture)
    assert capture_of(report)["transfer"]["exchanges"][0]["tls"] == {
        "version": "TLSv1.3",
        "chain_verified": False,
    }
    assert "certificate chain did NOT verify" in " ".join("".join(pages(render(report))).split())


def test_report_of_a_failed_capture_gives_its_tries_and_the_reason(desk, alice):
    capture = request_capture(desk=desk, url="http://gone.example/", by=alice, at=T0)
    fail(take(capture.pk, at=T0), FailureCode.INVALID_URL, "It is no address.", at=T0 + timedelta(seconds=5))
    capture.refresh_from_db()
    found = capture_of(of(capture))
    assert found["disposition"]["state"] == "failed"
    assert found["disposition"]["failure_code"] == "invalid-url"
    assert found["control"]["entries"][0]["kind"] == "capture-failed"
    assert [each["failure_code"] for each in found["transfer"]["attempts"]] == ["invalid-url"]


def test_report_gives_texts_inspections_and_anchors(quoted):
    analysis = capture_of(of(quoted))["analysis"]
    text = quoted.texts.get()
    assert [(each["extractor"], each["version"], each["sha256"]) for each in analysis["texts"]] == [
        (text.extractor, text.extractor_version, text.sha256)
    ]
    assert len(analysis["inspections"]) == Inspection.objects.filter(capture=quoted).count()
    (anchor,) = analysis["anchors"]
    assert anchor["exact"] == "around 745 civilians were killed in 30 massacres"
    assert (anchor["created_by"], anchor["text_sha256"]) == ("Alice", text.sha256)


def test_report_tells_rechecks_from_both_sides(quoted, make_capture):
    change = recaptured(make_capture, as_fetched(quoted, hours=0), "Nothing is left of it.")
    for capture in (change.before, change.after):
        (told,) = capture_of(of(capture))["analysis"]["rechecks"]
        assert (told["kind"], told["quotes_lost"], told["entry"]["kind"]) == (
            "quote-lost",
            1,
            "capture-rechecked",
        )
        assert (told["before"], told["after"]) == (str(change.before_id), str(change.after_id))


def test_exports_of_the_claim_that_cites_it_are_transfers_of_the_capture(quoted, researched_claim, alice):
    done = export_claim(claim=researched_claim, by=alice, at=timezone.now(), out=io.BytesIO())
    (told,) = capture_of(of(quoted))["transfer"]["exports"]
    assert (told["index"], told["actor"]["name"]) == (done.entry, "Alice")


def test_erased_actor_is_erased_and_the_entry_still_proves(quoted, bob):
    erase_openings(entry=quoted.entry, names=["by"], ground="data-protection-request", by=bob, at=T0)
    checkpoint(at=T0)
    found = capture_of(of(quoted))
    entry = found["control"]["entries"][0]
    assert entry["actor"] == {"type": "erased", "id": None, "name": None}
    assert entry["checks"][-1]["result"] == "pass"
    (redaction,) = found["disposition"]["redactions"]
    assert (redaction["facts"]["ground"], redaction["actor"]["name"]) == ("data-protection-request", "Bob")


def test_redacted_capture_says_so_and_hides_no_fault_behind_it(quoted, desk, bob):
    erin = make_person("erin", desk, Role.EDITOR)
    row = ask_redaction(capture=quoted, ground="safety-of-a-person", reason="He is named.", by=bob, at=T0)
    decide_redaction(redaction=row, approve=True, by=erin, at=T0)
    carry_out(redaction_id=row.pk, at=T0)
    quoted.refresh_from_db()
    report = of(quoted)
    found = capture_of(report)
    assert (found["disposition"]["state"], report.data["problems"]) == ("redacted", [])
    (request,) = found["disposition"]["requests"]
    assert (request["asked_by"], request["decided_by"], request["ground"]) == (
        "Bob",
        "Erin",
        "safety-of-a-person",
    )
    assert entries(found["disposition"]["redactions"], Kind.CONTENT_REDACTED)
    assert b"He is named" not in report.json
    assert "745 civilians" not in report.json.decode()


# --- tampered rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement, drop, expected",
    [
        (
            "UPDATE sources_entry SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE index = 0",
            (("sources_entry", "entry_leaf_hash_is_of_body"),),
            "Entry 0: The leaf hash on record is another one: " + "0" * 64,
        ),
        ("UPDATE sources_entry SET kind = 'anchor-made' WHERE index = 0", (), "Entry 0: The columns beside"),
        (
            "UPDATE sources_entry SET body = 'junk', leaf_hash = sha256('\\x006a756e6b') WHERE index = 0",
            (),
            "Entry 0: The entry's bytes cannot be read",
        ),
        (
            "UPDATE sources_capture SET datapackage_sha256 = repeat('a', 64)",
            (),
            "The digest of datapackage.json is not the logged one: " + "a" * 64,
        ),
        (
            "UPDATE sources_text SET content = replace(content, '745', '754')",
            (("sources_text", "text_has_its_own_digest"), ("sources_text", "text_is_whole_or_redacted")),
            "Its words have another digest now",
        ),
        ("UPDATE claims_anchor SET start = start + 1", (), "Other words stand in its place."),
        (
            "UPDATE sources_opening SET value = '{\"id\":1}'",
            (),
            "What is kept as actor is not what was logged",
        ),
        ("UPDATE sources_opening SET value = 'no JSON'", (), "What is kept as actor is not what was logged"),
        ("UPDATE sources_checkpoint SET root = sha256('x')", (), "says another size or root"),
    ],
)
def test_tampered_rows_are_told_in_words(quoted, tamper, statement, drop, expected):
    checkpoint(at=T0)
    known = {name for (name,) in _constraints()}
    assert tamper(statement, drop=tuple(pair for pair in drop if pair[1] in known))
    report = of(Capture.objects.get())
    assert any(expected in problem for problem in report.data["problems"]), report.data["problems"]
    text = "".join("".join(pages(render(report))).split())
    assert "Whatdoesnotfit" in text
    assert "".join(expected.split()) in text


def _constraints() -> list[tuple[str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint")
        return list(cursor.fetchall())


def test_entry_swapped_for_another_valid_one_is_not_proven(quoted, tamper):
    checkpoint(at=T0)
    other = Entry.objects.get(index=1)
    body, leaf = bytes(other.body), bytes(other.leaf_hash)
    tamper("UPDATE sources_entry SET body = %s, leaf_hash = %s WHERE index = 0", [body, leaf])
    assert any(
        "The checkpoint of 2 entries does not prove it" in problem for problem in of(quoted).data["problems"]
    )


def test_log_entry_that_is_gone_is_a_fault(quoted, tamper):
    tamper(
        "DELETE FROM sources_opening; SET CONSTRAINTS ALL DEFERRED; "
        "UPDATE sources_entry SET subject_id = 'x' WHERE index = 0"
    )
    assert f"Capture {quoted.pk}: Its log entry is missing." in of(Capture.objects.get()).data["problems"]


# --- the claim -----------------------------------------------------------------------------------------------------


def test_claim_report_has_its_history_and_every_capture_that_it_rests_on(rich_claim, reword, approve, bob):
    reword(rich_claim, "The monitoring group put the civilian dead at around 745.")
    approve(rich_claim)
    correct(claim=rich_claim, reason="A word was wrong.", by=bob, at=timezone.now())
    data = of(rich_claim).data
    claim = data["claim"]
    assert {each["url"] for each in data["captures"]} == set(Capture.objects.values_list("url", flat=True))
    assert len(data["captures"]) == 2
    assert [each["speaker"] for each in claim["assertions"]] == ["Observatory"]
    assert claim["assertions"][0]["quotes"][0]["exact"].startswith("around 745")
    assert {each["stance"] for each in claim["evidence"]} == {"corroborates", "contextualises"}
    (verdict,) = claim["verdicts"]
    assert (verdict["rating"], verdict["proposed_by"]) == ("partly-confirmed", "Alice")
    assert verdict["approved_digest"]
    assert [(each["reviewer"], each["opinion"]) for each in claim["reviews"]] == [("Carol", "approve")] * 2
    assert [(each["kind"], each["published_by"]) for each in claim["versions"]] == [
        ("published", "Bob"),
        ("corrected", "Bob"),
    ]
    assert claim["versions"][1]["reason"] == "A word was wrong."
    assert claim["publication"] == "corrected"
    assert [each["new"] for each in claim["moves"] if each["axis"] == "publication"] == [
        "published",
        "corrected",
    ]
    kinds = [each["kind"] for each in claim["entries"]]
    assert kinds == ["verdict-approved", "version-published", "verdict-approved", "version-corrected"]
    assert data["problems"] == []


def test_published_snapshot_that_was_rewritten_is_told(published_claim, tamper):
    tamper("UPDATE verify_version SET snapshot = '{}', sha256 = encode(sha256('{}'), 'hex')")
    assert any(
        "Version 1: What is kept as published is not what was logged" in each
        for each in of(published_claim).data["problems"]
    )


def test_reviews_stay_blind_for_everybody_while_one_is_outstanding(approved_claim, bob, desk, carol):
    judge = make_person("frank", desk, Role.CHECKER)
    assign_review(claim=approved_claim, reviewer=judge, by=bob, at=T0)
    report = of(approved_claim, carol)  # who has given hers already
    assert [each["opinion"] for each in report.data["claim"]["reviews"]] == [None, None]
    assert {each["state"] for each in report.data["claim"]["reviews"]} == {"waiting"}
    assert b"Sources and quotes hold" not in report.json


def test_reviews_tell_the_reviewers_own_verdict_and_answers_once_all_are_in(
    researched_claim, desk, alice, bob, carol
):
    item = ChecklistItem.objects.create(desk=desk, text="Do the quotations stand there?", text_ar="هل؟")
    judge = make_person("frank", desk, Role.CHECKER)
    tasks = [
        assign_review(claim=researched_claim, reviewer=person, by=bob, at=T0) for person in (carol, judge)
    ]
    answered = {"reason": "Not so.", "opinion": "return", "answers": {item: Answer.NO}, "at": T0}
    disputed = desk.ratings.get(code="disputed")
    for task in tasks:
        report = of(researched_claim, bob)
        assert b"disputed" not in report.json and b"quotations" not in report.json
        seen = content_digest(Claim.objects.get(pk=researched_claim.pk))
        given = answered | {"content_digest_seen": seen, "rating": disputed, "by": task.assignee}
        submit_review(task=task, **given)
    report = of(researched_claim, bob)
    for told in report.data["claim"]["reviews"]:
        assert (told["rating"], told["label"]) == ("disputed", "Disputed")
        assert told["answers"] == [{"question": "Do the quotations stand there?", "answer": "no"}]
    words = " ".join(pages(render(report))).replace("\n", " ")
    assert "Own verdict" in words and "Do the quotations stand there?" in words


def test_protected_identity_is_not_in_it_but_who_looked_is(researched_claim, desk, bob, make_assertion):
    source = register_source(
        desk=desk,
        kind=SourceKind.PROTECTED_PERSON,
        name="Abu X",
        secret_name="Real Name",
        by=bob,
        at=T0,
    )
    make_assertion(researched_claim, source)
    view_identity(source=source, reason="To call Real Name", by=bob, at=T0)
    report = of(researched_claim)
    assert b"Real Name" not in report.json
    (look,) = report.data["claim"]["views_under_protection"]
    assert (look["actor"]["name"], look["commitments"]) == ("Bob", {"reason": "kept"})


def test_nothing_of_another_desk_is_in_it(researched_claim, other_desk, mallory, make_claim):
    make_claim("Their secret claim.", desk=other_desk, by=mallory)
    report = of(researched_claim)
    assert b"secret" not in report.json
    assert b"Mallory" not in report.json


# --- the files -----------------------------------------------------------------------------------------------------


def test_same_rows_and_time_give_the_same_bytes(rich_claim, alice):
    first, second = of(rich_claim, alice), of(rich_claim, alice)
    assert first.json == second.json
    assert render(first) == render(second)


def test_pdf_has_the_reports_digest_and_its_number_on_every_page(rich_claim, attest):
    attest()
    report = of(rich_claim)
    found = pages(render(report))
    assert len(found) > 2
    for number, text in enumerate(found, 1):
        assert report.sha256 in text
        assert f"Page {number} of {len(found)}" in text
    assert found[-1].count(report.sha256) == 2


def test_pdf_is_tagged_archival_and_dated_by_the_report_alone(quoted):
    pdf = render(of(quoted))
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("en", True)
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.metadata is not None
    assert reader.metadata.creation_date == AT.replace(microsecond=0)
    assert str(reader.metadata.title).startswith("Custody report of a capture")


def test_arabic_words_are_in_the_pdf_in_reading_order(
    make_capture, make_claim, make_source, make_assertion, alice
):
    claim = make_claim(ARABIC, language="ar")
    capture = make_capture(ARABIC)
    assertion = make_assertion(claim, make_source("المرصد السوري"), document=capture.document)
    anchor_quote(assertion=assertion, text=capture.texts.get(), quote="نحو 745 مدنياً", by=alice, at=T0)
    with translation.override("ar"):
        pdf = render(of(claim))
    text = " ".join(pages(pdf))
    assert "⟨U+" not in text
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert root["/Lang"] == "ar"
    assert b"NotoSansArabic" in pdf


@pytest.mark.parametrize(
    "text, shown",
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("中", "⟨U+4E2D⟩"),
        ("عربي\u200cنص", "عربي\u200cنص"),
        ("é ş ў", "é ş ў"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text, shown):
    assert visible(text) == shown


def test_words_are_data_and_never_run(make_claim, make_source, make_assertion):
    hostile = (
        '#read("/etc/passwd") $x$ *b* \\ @ref <a> \u202e \x01 😀 #import "@preview/x:1.0.0" ' + "[" * 500
    )
    claim = make_claim(hostile[:400])
    make_assertion(claim, make_source(hostile[:150]))
    text = "".join("".join(pages(render(of(claim)))).split())
    assert '#read("/etc/passwd")' in text
    assert "root:" not in text


def test_export_is_logged_with_the_digests_of_what_went_out(quoted, alice):
    made = export_report(scope=quoted, medium=Medium.JSON, by=alice, at=AT)
    body = Entry.objects.get(index=made.entry).read()
    assert (body.kind, body.subject_id) == (Kind.EVIDENCE_EXPORTED, str(quoted.pk))
    assert body.facts == {
        "format": "verify-custody-report/1",
        "medium": "json",
        "report_sha256": digest(made.content),
        "file_sha256": digest(made.content),
    }
    again = of(quoted)
    assert [each["index"] for each in capture_of(again)["transfer"]["exports"]] == [made.entry]


def test_exported_pdf_prints_the_digest_that_is_logged(quoted, alice):
    made = export_report(scope=quoted, medium=Medium.PDF, by=alice, at=AT)
    facts = Entry.objects.get(index=made.entry).read().facts
    assert facts["file_sha256"] == digest(made.content)
    assert facts["report_sha256"] in pages(made.content)[0]


def test_viewer_may_not_take_it_out(quoted, dave):
    with pytest.raises(PermissionDenied):
        export_report(scope=quoted, medium=Medium.JSON, by=dave, at=AT)
    assert not Entry.objects.filter(kind=Kind.EVIDENCE_EXPORTED).exists()


def test_json_is_canonical_and_reads_back(rich_claim):
    report = of(rich_claim)
    assert canonical(json.loads(report.json)) == report.json


@pytest.mark.parametrize("captures", [1, 3])
def test_queries_do_not_grow_with_captures(
    researched_claim, captures, make_capture, alice, django_assert_num_queries
):
    checkpoint(at=T0)
    for number in range(captures - 1):
        link(researched_claim, make_capture(f"Text {number}"), alice)
    checkpoint(at=T0)
    researched_claim.refresh_from_db()
    with django_assert_num_queries(42):
        assert len(of(researched_claim).data["captures"]) == captures


@pytest.mark.parametrize("captures", [1, 3])
def test_capture_queries_do_not_grow_with_anchors(quoted, captures, alice, django_assert_num_queries):
    assertion = quoted.texts.get().anchors.get().assertion
    for quote in ("civilians", "spokesperson")[: captures - 1]:
        anchor_quote(assertion=assertion, text=quoted.texts.get(), quote=quote, by=alice, at=T0)
    checkpoint(at=T0)
    with django_assert_num_queries(22):
        assert len(capture_of(of(quoted))["analysis"]["anchors"]) == captures


def link(claim: Any, capture: Any, by: Any) -> None:
    link_evidence(claim=claim, capture=capture, stance="contextualises", reason="So.", by=by, at=T0)


def test_a_hundred_captures_are_told(researched_claim, make_capture, alice):
    for number in range(99):
        link(researched_claim, make_capture(f"Text {number} " * 50), alice)
    checkpoint(at=T0)
    begun = time.perf_counter()
    report = of(researched_claim)
    read = time.perf_counter() - begun
    pdf = render(report)
    drawn = time.perf_counter() - begun - read
    print(f"report {read:.2f} s, {len(report.json)} bytes; PDF {drawn:.2f} s, {len(pages(pdf))} pages")
    assert len(report.data["captures"]) == 100


def test_report_handed_out_meanwhile_changes_nothing_in_the_package(quoted, researched_claim, alice):
    def package() -> bytes:
        out = io.BytesIO()
        export_claim(claim=researched_claim, by=alice, at=AT, out=out)
        return out.getvalue()

    first = package()
    for scope in (quoted, researched_claim):
        export_report(scope=scope, medium=Medium.JSON, by=alice, at=AT)
    assert package() == first


def test_documents_cited_as_a_whole_are_there_with_their_newest_copy(
    researched_claim, make_capture, make_document, alice
):
    documents = [make_document(), make_document()]
    older = [make_capture(f"An older copy, number {n}.", document) for n, document in enumerate(documents)]
    Capture.objects.filter(pk__in=[capture.pk for capture in older]).update(
        finished_at=T0 - timedelta(days=1)
    )
    newest = [make_capture(f"A newer copy, number {n}.", document) for n, document in enumerate(documents)]
    for document in documents:
        link_evidence(
            claim=researched_claim,
            document=document,
            stance="contextualises",
            reason="The whole page is meant.",
            by=alice,
            at=T0,
        )
    told = {capture["id"] for capture in of(researched_claim).data["captures"]}
    assert {str(capture.pk) for capture in newest} <= told
    assert not told & {str(capture.pk) for capture in older}
