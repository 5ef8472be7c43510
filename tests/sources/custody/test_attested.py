"""fsck of cosignatures and timestamps: whatever is changed behind the triggers is named."""

import shutil

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from sources.custody import fsck
from sources.custody.models import Cosignature, Timestamp
from sources.custody.services import checkpoint
from sources.custody.timestamping import timestamp_newest
from sources.custody.witnessing import cosign_newest
from tests.sources.custody.authority import Tsa
from tests.sources.custody.conftest import ORIGIN
from tests.sources.custody.witness import Server, Witness

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs the program openssl"),
]


@pytest.fixture
def attested(append, signer, settings, tmp_path):
    witness = Witness(ORIGIN, signer.verifier_key.public)
    server, tsa = Server(witness.answer, "/add-checkpoint"), Tsa(tmp_path / "tsa")
    settings.LOG_POLICY = f"witness w {witness.vkey} {server.address}\nquorum w\n"
    settings.LOG_TIMESTAMP_AUTHORITIES = [tsa.setting()]
    append(3)
    for _ in range(2):
        append(1)
        checkpoint(at=timezone.now())
        cosign_newest(at=timezone.now())
    timestamp_newest(at=timezone.now())
    checkpoint(at=timezone.now())
    yield tsa
    server.close()
    tsa.server.close()


def tamper(table, sql, *args):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE sources_{table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE sources_{table} SET {sql}", args)
        for rule in ("no_change", "no_truncate"):
            cursor.execute(f"ALTER TABLE sources_{table} ENABLE ALWAYS TRIGGER sources_{table}_{rule}")


def test_what_was_received_holds(attested):
    assert Cosignature.objects.count() == 2 and Timestamp.objects.count() == 1
    assert list(fsck.faults()) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("name = 'other.example'", "another witness or line"),
        ("line = line || line", "another witness or line"),
        ("line = replace(line, ' ', '  ')", "does not verify"),
        ("line = ''", "does not verify"),
        ("at = at - interval '1 day'", "another time than its signature"),
        ("verifier_key = 'w'", "does not verify"),
        ("checkpoint_id = (SELECT max(id) FROM sources_checkpoint) WHERE id = %s", "does not verify"),
    ],
)
def test_a_changed_cosignature_is_named(attested, sql, said):
    first = Cosignature.objects.order_by("pk").first()
    tamper("cosignature", sql if "WHERE" in sql else f"{sql} WHERE id = %s", first.pk)
    (fault,) = fsck.faults()
    assert "by " in fault.thing and said in fault.problem


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("gen_time = gen_time - interval '1 hour'", "another time, number or certificate"),
        ("serial = '77'", "another time, number or certificate"),
        ("certificate_expires_at = now() + interval '50 years'", "another time, number or certificate"),
        ("response = '\\x00'", "cannot be read"),
        ("query = '\\x00'", "not about its checkpoint"),
        ("checkpoint_id = (SELECT min(id) FROM sources_checkpoint)", "not about its checkpoint"),
        ("entry_id = 0", "not the one that entry 0 records"),
    ],
)
def test_a_changed_timestamp_is_named(attested, sql, said):
    tamper("timestamp", sql)
    (fault,) = fsck.faults()
    assert fault.thing.endswith("by test") and said in fault.problem


def test_another_response_of_the_same_authority_is_named(attested):
    row = Timestamp.objects.get()
    tamper("timestamp", "response = %s", attested.stamp(bytes(row.query)))
    assert "not the one that entry" in next(fsck.faults()).problem


def test_a_certificate_that_ends_before_the_time_is_refused(attested):
    row = Timestamp.objects.get()
    row.pk, row.entry_id, row.certificate_expires_at = None, 0, row.gen_time
    with pytest.raises(DatabaseError, match="timestamp_within_certificate"), transaction.atomic():
        row.save(force_insert=True)
