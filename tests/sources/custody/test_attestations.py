"""Which witnessed and which timestamped checkpoint covers an entry first."""

import pytest

from sources.custody.attestations import attestations
from sources.custody.models import Cosignature, Timestamp
from sources.custody.note import COSIGNATURE, VerifierKey
from sources.custody.services import checkpoint
from tests.sources.custody.conftest import AT, at

KEYS = {
    name: str(VerifierKey(f"{name}.example/w", COSIGNATURE, bytes([number]) * 32))
    for number, name in enumerate("ab", start=1)
}


@pytest.fixture
def signed(append, settings):
    """Append two entries and sign the log; three times."""
    keys = [f"witness {name} {key} http://127.0.0.1:9" for name, key in KEYS.items()]
    settings.LOG_POLICY = "\n".join([*keys, "group both 2 a b", "quorum both"]) + "\n"

    def sign(seconds):
        append(2)
        return checkpoint(at=at(seconds))

    return [sign(seconds) for seconds in range(3)]


def cosign(checkpoint, *names):
    for name in names:
        Cosignature.objects.create(
            checkpoint=checkpoint, name=name, verifier_key=KEYS[name], line="— x\n", at=AT, received_at=AT
        )


def stamp(checkpoint, seconds, entry):
    return Timestamp.objects.create(
        checkpoint=checkpoint,
        authority="authority",
        query=b"q",
        response=b"r",
        gen_time=at(seconds),
        serial="1",
        certificate_expires_at=at(10**6),
        entry=entry,
        received_at=at(seconds),
    )


def test_nothing_is_said_of_what_nobody_vouched_for(signed):
    found = attestations([0, 1, 5])
    assert (found.witnessed, found.timestamped) == ({}, {})


def test_an_entry_is_witnessed_by_the_first_checkpoint_that_covers_it(signed):
    cosign(signed[1], "a", "b")
    found = attestations([0, 3, 4])
    assert found.witnessed == {0: signed[1], 3: signed[1]}  # entry 4 came after it


def test_less_than_the_quorum_does_not_count_and_a_later_quorum_covers_it(signed):
    cosign(signed[0], "a")
    assert attestations([0]).witnessed == {}
    cosign(signed[2], "a", "b")
    assert attestations([0]).witnessed == {0: signed[2]}


def test_the_earliest_timestamp_counts(signed, append):
    entries = append(3)
    late, early = stamp(signed[1], 50, entries[0]), stamp(signed[1], 40, entries[1])
    stamp(signed[2], 60, entries[2])
    assert attestations([3]).timestamped == {3: early}
    assert late.gen_time > early.gen_time


def test_the_number_of_queries_does_not_grow(signed, django_assert_num_queries):
    with django_assert_num_queries(1):
        attestations([0])
    cosign(signed[0], "a", "b")
    for indices in ([0], [0, 1, 2]):
        with django_assert_num_queries(7):
            attestations(indices)
