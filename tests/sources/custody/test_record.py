import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from sources.custody import merkle
from sources.custody.body import BodyError, commitment
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening
from sources.custody.services import Act, CustodyError, Subject, erase_openings, record, record_many

pytestmark = pytest.mark.django_db


def at(seconds=0):
    return datetime(2025, 3, 9, 10, 11, 12, 123456, tzinfo=UTC) + timedelta(seconds=seconds)


def write(**changes):
    act = {
        "kind": Kind.ANCHOR_MADE,
        "subject": Subject("anchor", "7"),
        "facts": {"n": 1},
        "by": None,
        "at": at(),
    }
    with transaction.atomic():
        return record(**{**act, **changes})


def test_record_appends_one_canonical_entry(signer):
    entry = Entry.objects.get(pk=write().pk)
    assert (entry.index, entry.kind, entry.subject_type, entry.subject_id) == (
        0,
        "anchor-made",
        "anchor",
        "7",
    )
    assert (entry.read().facts, entry.read().at, entry.at) == ({"n": 1}, at(), at())
    assert bytes(entry.leaf_hash) == merkle.leaf_hash(bytes(entry.body))


def test_record_keeps_people_out_of_the_entry():
    user = get_user_model()(pk="0b5cd2f6-0f5e-4a1c-9d2f-6a3c1f0e7d11")
    entry = write(by=user, commitments={"note": "told by Alice"})
    assert b"Alice" not in entry.body and b"0b5cd2f6" not in entry.body
    by, note = Opening.objects.filter(entry=entry).order_by("name")
    assert json.loads(by.value) == {"type": "user", "id": "0b5cd2f6-0f5e-4a1c-9d2f-6a3c1f0e7d11"}
    assert entry.read().by == commitment("by", bytes(by.salt), json.loads(by.value))
    assert entry.read().commitments == {"note": commitment("note", bytes(note.salt), "told by Alice")}


def test_record_salts_each_commitment_anew():
    first, second = (write(commitments={"note": "same"}).read().commitments for _ in range(2))
    assert first != second


def test_record_takes_a_row_as_its_subject():
    user = get_user_model()(pk="0b5cd2f6-0f5e-4a1c-9d2f-6a3c1f0e7d11")
    entry = write(subject=user)
    assert (entry.subject_type, entry.subject_id) == ("user", user.pk)


def test_record_many_keeps_the_order():
    acts = [Act(Kind.ANCHOR_MADE, Subject("anchor", str(n)), {}, None, at(n), {"n": n}) for n in range(600)]
    with transaction.atomic():
        entries = record_many(acts)
    assert [entry.index for entry in entries] == list(range(600))
    stored = Entry.objects.order_by("index").values_list("subject_id", flat=True)
    assert list(stored) == [str(n) for n in range(600)]
    assert [
        json.loads(value) for value in Opening.objects.order_by("entry").values_list("value", flat=True)
    ] == list(range(600))
    with transaction.atomic():
        assert record_many([]) == []


@pytest.mark.django_db(transaction=True)
def test_record_needs_the_callers_transaction():
    with pytest.raises(CustodyError, match="transaction"):
        record(kind=Kind.ANCHOR_MADE, subject=Subject("anchor", "7"), facts={}, by=None, at=at())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "made-up"}, ValueError),
        ({"facts": {"ratio": 0.3}}, BodyError),
        ({"facts": {"text": "x" * 70_000}}, BodyError),
        ({"subject": Subject("", "")}, BodyError),
        ({"commitments": {"by": "somebody"}}, CustodyError),
        ({"at": at().replace(tzinfo=None)}, BodyError),
    ],
)
def test_record_refuses_and_writes_nothing(changes, error):
    with pytest.raises(error):
        write(**changes)
    assert not Entry.objects.exists() and not Opening.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rollback_leaves_no_hole():
    write()
    with pytest.raises(RuntimeError), transaction.atomic():
        record(kind=Kind.ANCHOR_MADE, subject=Subject("anchor", "7"), facts={}, by=None, at=at())
        raise RuntimeError
    assert [write().index, write().index] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_eight_threads_append_without_hole_or_double():
    seen, start = [], threading.Barrier(8)

    def work(number):
        try:
            start.wait()
            for n in range(20):
                seen.append(write(subject=Subject("anchor", f"{number}.{n}"), commitments={"n": n}).index)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(160))
    assert list(Entry.objects.order_by("index").values_list("index", flat=True)) == list(range(160))


def test_erasure_destroys_value_and_salt_and_is_logged():
    entry = write(commitments={"note": "told by Alice", "kept": 1})
    with transaction.atomic():
        tombstone = erase_openings(entry=entry, names=["note"], ground="court-order", by=None, at=at(5))
    assert list(Opening.objects.values_list("name", flat=True)) == ["kept"]
    assert (tombstone.kind, tombstone.subject_id) == ("content-redacted", str(entry.index))
    assert tombstone.read().facts == {"openings": ["note"], "ground": "court-order"}
    assert bytes(Entry.objects.get(pk=entry.pk).body) == entry.body


def test_erasure_of_what_is_not_there_is_refused():
    entry = write(commitments={"kept": 1})
    for names in (["note"], ["kept", "note"], []):
        with pytest.raises(CustodyError, match="no opening"):
            erase_openings(entry=entry, names=names, ground="court-order", by=None, at=at(5))
    assert Opening.objects.count() == Entry.objects.count() == 1
