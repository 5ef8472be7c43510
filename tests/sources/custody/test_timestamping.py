import hashlib
import shutil
import threading
import time
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sources.custody import merkle, rfc3161, tree
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Timestamp
from sources.custody.rfc3161 import Authority, TimestampError, make_query, verify_response
from sources.custody.services import checkpoint
from sources.custody.tasks import timestamp_checkpoint
from sources.custody.timestamping import NoTimestamp, running_out, timestamp, timestamp_newest
from tests.sources.custody.authority import Tsa

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("openssl"), reason="needs the program openssl"),
]


@pytest.fixture
def start(settings, tmp_path):
    """Start an authority and put it into the settings."""
    started = []
    settings.LOG_TIMESTAMP_AUTHORITIES = []

    def start(**options):
        name = f"tsa{len(started)}"
        started.append(Tsa(tmp_path / name, **options))
        settings.LOG_TIMESTAMP_AUTHORITIES = [
            *settings.LOG_TIMESTAMP_AUTHORITIES,
            started[-1].setting(name),
        ]
        return started[-1]

    yield start
    for one in started:
        one.server.close()


def now(**later):
    return timezone.now() + timedelta(**later)


def test_a_checkpoint_is_timestamped_and_openssl_agrees(start, append):
    tsa = start()
    append(3)
    row = checkpoint(at=now())
    (kept,) = timestamp_newest(at=now())
    assert kept.checkpoint == row and kept.authority == "tsa0" and kept.serial == "2"
    assert abs(kept.gen_time - now()) < timedelta(seconds=10)
    assert 798 < (kept.certificate_expires_at - now()).days < 801
    response, at = bytes(kept.response), int(kept.gen_time.timestamp())
    assert "Verification: OK" in tsa.verify(response, row.note.encode(), at=at).stdout
    assert tsa.verify(response, row.note.encode() + b"x", at=at).returncode
    assert bytes(kept.query) == tsa.asked[0]


def test_the_response_is_kept_as_it_came_and_logged_by_its_digest(start, append):
    tsa = start()
    append(3)
    row = checkpoint(at=now())
    (kept,) = timestamp_newest(at=now())
    assert bytes(kept.response) == (tsa.folder / "reply.tsr").read_bytes()
    body = kept.entry.read()
    assert (kept.entry.kind, kept.entry.index, body.by) == (Kind.CHECKPOINT_TIMESTAMPED, 3, None)
    digest = hashlib.sha256(bytes(kept.response)).hexdigest()
    assert body.facts == {"authority": "tsa0", "response_sha256": digest, "root": bytes(row.root).hex()}


def test_it_is_asked_when_entries_are_new_and_not_too_often(start, append, settings):
    tsa = start()
    timestamp_newest(at=now())
    assert tsa.asked == []  # nothing is signed yet
    append()
    checkpoint(at=now())
    timestamp_checkpoint()
    checkpoint(at=now())  # over the entry of the timestamp, which is no news
    timestamp_newest(at=now(hours=3))
    assert len(tsa.asked) == 1
    append()
    checkpoint(at=now())
    timestamp_newest(at=now(minutes=59))
    assert len(tsa.asked) == 1
    settings.LOG_TIMESTAMP_MINUTES = 0
    timestamp_newest(at=now())
    assert len(tsa.asked) == 2


def test_one_silent_authority_does_not_keep_the_other(start, append, caplog):
    first, _second = start(), start()
    first.server.close()
    append()
    checkpoint(at=now())
    assert [kept.authority for kept in timestamp_newest(at=now())] == ["tsa1"]
    assert "tsa0 gave no timestamp" in caplog.text


# --- Renewal --------------------------------------------------------------------------------------------------------


def test_a_timestamp_is_renewed_before_its_certificate_runs_out(start, append):
    tsa = start(days=60)
    append(3)
    checkpoint(at=now())
    (old,) = timestamp_newest(at=now())
    row = checkpoint(at=now())
    tsa.renew(days=900)
    (new,) = timestamp_newest(at=now(days=2))  # no news but that the old one runs out within 90 days
    assert new.renews == old and new.checkpoint == row
    assert running_out(at=now(days=2)) is None
    checkpoint(at=now())
    assert timestamp_newest(at=now(days=3)) == []


def test_the_renewal_proves_the_old_response(start, append):
    tsa = start(days=60)
    append(300)
    checkpoint(at=now())
    (old,) = timestamp_newest(at=now())
    row = checkpoint(at=now())
    tsa.renew(days=900)
    (new,) = timestamp_newest(at=now(days=2))
    digest = hashlib.sha256(bytes(old.response)).hexdigest().encode()
    entry = bytes(Entry.objects.get(pk=old.entry_id).body)
    assert digest in entry
    merkle.verify_inclusion(
        index=old.entry_id,
        size=row.size,
        leaf=merkle.leaf_hash(entry),
        proof=merkle.inclusion_proof(old.entry_id, row.size, tree.tree_nodes(row.size)),
        root=bytes(row.root),
    )
    after = int((old.certificate_expires_at + timedelta(days=1)).timestamp())
    assert tsa.verify(bytes(old.response), old.checkpoint.note.encode(), at=after).returncode
    stamped = tsa.verify(bytes(new.response), row.note.encode(), at=after)
    assert "Verification: OK" in stamped.stdout and new.gen_time < old.certificate_expires_at


def test_another_authoritys_timestamp_renews_as_well(start, append, settings):
    start(days=60)
    append(3)
    checkpoint(at=now())
    (old,) = timestamp_newest(at=now())
    settings.LOG_TIMESTAMP_AUTHORITIES = []
    start(days=900)
    row = checkpoint(at=now())
    assert running_out(at=now()) == old
    (new,) = timestamp_newest(at=now())
    assert (new.renews, new.checkpoint) == (old, row) and running_out(at=now()) is None


def test_an_authority_without_a_new_certificate_is_asked_once_a_day(start, append):
    tsa = start(days=60)
    append(3)
    checkpoint(at=now())
    timestamp_newest(at=now())
    for hours in (2, 5, 23, 25, 30):
        checkpoint(at=now())
        timestamp_newest(at=now(hours=hours))
    assert len(tsa.asked) == 2


def test_what_has_run_out_is_not_renewed(start, append):
    start(days=60)
    append(3)
    checkpoint(at=now())
    (old,) = timestamp_newest(at=now())
    assert running_out(at=old.certificate_expires_at) is None


# --- Authorities that err or lie ------------------------------------------------------------------------------------


def stamped_other_data(tsa, answer):
    return 200, answer[1], tsa.stamp(make_query(b"other").der)


def stamped_other_nonce(tsa, answer):
    data = tsa.note.encode()
    return 200, answer[1], tsa.stamp(make_query(data).der)


LIES = {
    "other data": (stamped_other_data, "does not verify"),
    "another nonce": (stamped_other_nonce, "Nonce mismatch"),
    "garbage": (lambda tsa, answer: (200, answer[1], b"<html>"), "no timestamp response"),
    "nothing": (lambda tsa, answer: (200, answer[1], b""), "no timestamp response"),
    "cut off": (lambda tsa, answer: (200, answer[1], answer[2][:-9]), "no timestamp response"),
    "a tail": (lambda tsa, answer: (200, answer[1], answer[2] + b"x"), "no timestamp response"),
    "a page": (lambda tsa, answer: (200, {"Content-Type": "text/html"}, answer[2]), "answers 200 with 'text"),
    "an error": (lambda tsa, answer: (500, answer[1], answer[2]), "answers 500"),
    "elsewhere": (lambda tsa, answer: (307, {"Location": "/tsr"}, b""), "answers 307"),
    "a megabyte": (lambda tsa, answer: (200, answer[1], b"0" * 10**6), "more than 262144 bytes"),
    "a bit of the token": (
        lambda tsa, answer: (200, answer[1], answer[2][:-3] + bytes([answer[2][-3] ^ 1]) + answer[2][-2:]),
        "does not verify",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lying_authority_leaves_nothing(start, append, name):
    tsa = start()
    append(3)
    row = checkpoint(at=now())
    lie, said = LIES[name]
    tsa.note, tsa.lie = row.note, lambda answer: lie(tsa, answer)
    with pytest.raises(NoTimestamp, match=said):
        timestamp(checkpoint=row, authority=Authority.parse(tsa.setting()), at=now())
    assert not Timestamp.objects.exists()
    assert Entry.objects.count() == 3


def test_a_refusal_says_the_authoritys_reason(start, append):
    tsa = start()
    (tsa.folder / "openssl.cnf").write_text(
        (tsa.folder / "openssl.cnf").read_text().replace("digests = sha256", "digests = sha512")
    )
    append(3)
    row = checkpoint(at=now())
    with pytest.raises(NoTimestamp, match=r"refuses \(rejection\)"):
        timestamp(checkpoint=row, authority=Authority.parse(tsa.setting()), at=now())


@pytest.mark.parametrize(
    ("usage", "said"), [("tsa", ""), ("web", "does not verify"), ("ca", "does not verify")]
)
def test_a_certificate_not_meant_for_time_stamping_is_refused(start, usage, said):
    tsa = start()
    query = make_query(b"data")
    response = signed_by(tsa, usage, query.der)
    roots = Authority.parse(tsa.setting()).roots()
    with pytest.raises(TimestampError, match=said) if said else nullcontext():
        verify_response(response, data=b"data", nonce=query.nonce, roots=roots)


def signed_by(tsa, usage, query):
    """A statement signed with `openssl cms`, as `openssl ts` refuses to sign with another certificate."""
    tsa.renew(days=800, usage=usage)  # before the statement's time, or it would not be valid yet
    (tsa.folder / "tsa.pem").rename(tsa.folder / "other.pem")
    tsa.renew(days=800)
    (tsa.folder / "good.tsr").write_bytes(tsa.stamp(query))
    tsa.openssl("ts", "-reply", "-in", "good.tsr", "-token_out", "-out", "token.der")
    tsa.openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token.der", "-out", "info.der")
    sign = [
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-in",
        "info.der",
        "-signer",
        "other.pem",
        "-inkey",
        "tsa.key",
    ]
    sign += ["-certfile", "inter.pem", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-outform", "DER"]
    tsa.openssl(*sign, "-out", "token.der")
    content = b"\x30\x03\x02\x01\x00" + (tsa.folder / "token.der").read_bytes()  # granted, and the token
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


def test_another_authoritys_root_is_refused(start, append):
    one, two = start(), start()
    append(3)
    row = checkpoint(at=now())
    swapped = f"x {one.url} {two.folder}/root.pem"
    with pytest.raises(NoTimestamp, match="does not verify"):
        timestamp(checkpoint=row, authority=Authority.parse(swapped), at=now())


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1)])
def test_a_date_before_the_signing_or_in_the_future_is_refused(start, append, off):
    tsa = start()
    append(3)
    row = checkpoint(at=now() + off)  # our clock against the authority's
    with pytest.raises(NoTimestamp, match="not between the checkpoint's signing and now"):
        timestamp(checkpoint=row, authority=Authority.parse(tsa.setting()), at=min(now(), now() + off))


def test_certificates_in_the_order_of_the_chain_are_read(start):
    tsa = start()
    root = (tsa.folder / "root.pem").read_text()
    (tsa.folder / "chain.pem").write_text((tsa.folder / "inter.pem").read_text() + root)
    query = make_query(b"data")
    response = tsa.stamp(query.der)
    in_order = rfc3161.in_der_order(response)
    assert response != in_order == rfc3161.in_der_order(in_order) and len(in_order) == len(response)
    roots = Authority.parse(tsa.setting()).roots()
    assert verify_response(response, data=b"data", nonce=query.nonce, roots=roots).serial == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one http://x",
        "A http://x /ca.pem",
        "a ftp://x /ca.pem",
        "a http://x?y /ca.pem",
        "a http://x /c d",
    ],
)
def test_what_is_no_authority_is_refused(text):
    with pytest.raises(TimestampError):
        Authority.parse(text)


def test_a_missing_ca_file_is_said(start, append):
    tsa = start()
    append()
    row = checkpoint(at=now())
    with pytest.raises(NoTimestamp, match="CA file of the timestamp authority x cannot be read"):
        timestamp(checkpoint=row, authority=Authority.parse(f"x {tsa.url} /nowhere.pem"), at=now())


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_once(start, append):
    tsa = start()
    append(3)
    checkpoint(at=now())
    tsa.lie = lambda answer: (time.sleep(0.5), answer)[1]
    kept, ready = [], threading.Barrier(2)

    def work():
        try:
            ready.wait()
            kept.extend(timestamp_newest(at=now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 1 == len(tsa.asked)
