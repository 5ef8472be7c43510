import base64
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils import timezone

from sources.custody import note, policy, post
from sources.custody.models import Cosignature
from sources.custody.services import checkpoint
from sources.custody.tasks import cosign_checkpoint
from sources.custody.witnessing import (
    HistoryDiffers,
    WitnessError,
    cosign,
    cosign_newest,
    has_quorum,
    witnessed_note,
)
from tests.sources.custody.conftest import ORIGIN
from tests.sources.custody.witness import Server, Witness

pytestmark = pytest.mark.django_db


@pytest.fixture
def start(signer, settings):
    """Start a witness of this log, and put all that were started into the policy, two of them a quorum."""
    servers, started = [], []

    def start(**options):
        witness = Witness(ORIGIN, signer.verifier_key.public, **options)
        servers.append(Server(lambda body: witness.lie(witness.answer(body)), "/add-checkpoint"))
        witness.url = servers[-1].address
        started.append(witness)
        lines = [f"witness w{n} {one.vkey} {one.url}" for n, one in enumerate(started)]
        names = " ".join(f"w{n}" for n in range(len(started)))
        settings.LOG_POLICY = "\n".join([*lines, f"group all-of-them {min(2, len(started))} {names}"])
        settings.LOG_POLICY += "\nquorum all-of-them\n"
        return witness

    yield start
    for server in servers:
        server.close()


def sign():
    return checkpoint(at=timezone.now())


def configured(witness):
    return policy.Witness("w", note.VerifierKey.parse(witness.vkey), witness.url)


def test_each_new_checkpoint_is_cosigned_once(start, append, signer):
    witness = start()
    for count in (3, 300, 1):
        append(count)
        row = sign()
        assert len(cosign_newest(at=timezone.now())) == 1
        assert cosign_newest(at=timezone.now()) == []
    assert [body.split(b"\n")[0] for body in witness.asked] == [b"old 0", b"old 3", b"old 303"]
    assert (witness.size, witness.root) == (row.size, bytes(row.root))
    keys = [signer.verifier_key, note.VerifierKey.parse(witness.vkey)]
    assert [key for key, _ in note.parse(witnessed_note(row)).verified_by(keys)] == keys


def test_a_backlog_is_made_up_by_the_newest_alone(start, append):
    witness = start()
    for count in (3, 5, 700):
        append(count)
        sign()
    cosign_checkpoint()
    assert len(witness.asked) == 1 and witness.size == 708
    assert Cosignature.objects.get().checkpoint.size == 708


def test_a_witness_that_knows_more_than_we_remember_is_asked_from_there(start, append):
    witness = start()
    append(5)
    old = sign()
    witness.size, witness.root = 5, bytes(old.root)  # it cosigned, and its answer was lost
    append(9)
    row = sign()
    assert cosign(checkpoint=row, witness=configured(witness), at=timezone.now()).checkpoint == row
    assert [body.split(b"\n")[0] for body in witness.asked] == [b"old 0", b"old 5"]


def test_a_lost_answer_is_asked_for_again(start, append):
    witness = start()
    append(5)
    row = sign()
    witness.answer(b"old 0\n\n" + row.note.encode())
    assert cosign_newest(at=timezone.now())[0].checkpoint == row


def test_two_of_two_make_the_quorum(start, append):
    one, two = start(seed=1), start(name="other.example/w", seed=2)
    two.lie = lambda answer: (503, {}, b"")
    append()
    row = sign()
    assert len(cosign_newest(at=timezone.now())) == 1 and not has_quorum(row)
    two.lie = lambda answer: answer
    assert [found.name for found in cosign_newest(at=timezone.now())] == ["other.example/w"]
    assert has_quorum(row) and one.size == two.size == 1


def test_without_witnesses_nothing_is_witnessed(append):
    append()
    row = sign()
    assert cosign_newest(at=timezone.now()) == [] and not has_quorum(row)


@pytest.mark.parametrize("size", [7, 2])
def test_another_history_at_the_witness_is_an_alarm(start, append, size):
    witness = start()
    append(5)
    row = sign()
    witness.size, witness.root = size, b"\1" * 32
    with pytest.raises(HistoryDiffers, match=r"older backup|another history"):
        cosign(checkpoint=row, witness=configured(witness), at=timezone.now())
    assert not Cosignature.objects.exists()


def test_an_alarm_is_logged_loudly_and_the_others_are_asked(start, append, caplog):
    one, _two = start(seed=1), start(name="other.example/w", seed=2)
    append(5)
    sign()
    one.size, one.root = 5, b"\1" * 32
    assert len(cosign_newest(at=timezone.now())) == 1
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


def other_key(answer):
    other = Witness(ORIGIN, bytes(32), seed=9)
    return 200, {}, other.cosign(b"x")


def flipped(answer):
    value = bytearray(base64.b64decode(answer[2].split(b" ")[2]))
    value[-1] ^= 1
    return 200, {}, b" ".join([*answer[2].split(b" ")[:2], base64.b64encode(value)]) + b"\n"


def changed_time(answer):
    value = bytearray(base64.b64decode(answer[2].split(b" ")[2]))
    value[11] ^= 1  # the last byte of the time is under the signature too
    return 200, {}, b" ".join([*answer[2].split(b" ")[:2], base64.b64encode(value)]) + b"\n"


LIES = {
    "another key": (other_key, "no signature by a known key"),
    "a signature of one bit more": (flipped, "is wrong"),
    "another time": (changed_time, "is wrong"),
    "garbage": (lambda answer: (200, {}, b"\xff\xfe<html>"), "not kept"),
    "nothing": (lambda answer: (200, {}, b""), "not kept"),
    "a second blank line": (lambda answer: (200, {}, b"\n" + answer[2]), "not kept"),
    "ten megabytes": (lambda answer: (200, {}, b"x" * 10_000_000), "more than 65536 bytes"),
    "elsewhere": (lambda answer: (302, {"Location": "http://127.0.0.1:1/"}, b""), "sends us elsewhere"),
    "a size that is none": (
        lambda answer: (409, {"Content-Type": "text/x.tlog.size"}, b"x"),
        "cannot be read",
    ),
    "an empty size": (lambda answer: (409, {"Content-Type": "text/x.tlog.size"}, b""), "cannot be read"),
    "a size as a page": (lambda answer: (409, {"Content-Type": "text/html"}, b"3\n"), "answers 409"),
    "no such log": (lambda answer: (404, {}, b""), "does not know this log"),
    "no such key": (lambda answer: (403, {}, b""), "does not know the key"),
    "headers without end": (lambda answer: (200, {"X-Y": "y" * 40_000}, b""), "not HTTP/1.1"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lying_witness_leaves_nothing(start, append, name):
    witness = start()
    append(3)
    row = sign()
    witness.lie, said = LIES[name]
    with pytest.raises(WitnessError, match=said):
        cosign(checkpoint=row, witness=configured(witness), at=timezone.now())
    assert not Cosignature.objects.exists()


@pytest.mark.parametrize("off", [-3600, 3600, -1_700_000_000])
def test_a_cosignature_of_another_time_is_not_kept(start, append, off):
    witness = start()
    witness.clock = lambda: time.time() + off
    append(3)
    with pytest.raises(WitnessError, match="minutes from our clock"):
        cosign(checkpoint=sign(), witness=configured(witness), at=timezone.now())


def test_a_cosignature_of_another_root_is_not_kept(start, append):
    witness = start()
    append(3)
    row = sign()
    witness.lie = lambda answer: (200, {}, witness.cosign(b"verify.example/log\n3\n" + b"A" * 43 + b"=\n"))
    with pytest.raises(WitnessError, match="is wrong"):
        cosign(checkpoint=row, witness=configured(witness), at=timezone.now())


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_witness_that_hangs_or_drips_is_left_at_the_deadline(drip):
    asked = threading.Event()

    def serve(listener):
        connection, _ = listener.accept()
        with suppress(OSError), connection:
            connection.sendall(drip)
            while drip:
                connection.sendall(b"x")
                time.sleep(0.05)
            connection.recv(1)
            asked.wait(60)  # longer than any deadline; the one of the caller must end it

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        with pytest.raises(post.PostError, match=r"within 0.4 seconds"):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            post.post(url, b"x", content_type="text/plain", max_bytes=10, seconds=0.4)
        asked.set()


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch, start, append):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    start()
    append()
    sign()
    assert len(cosign_newest(at=timezone.now())) == 1


# --- The independently written witness ------------------------------------------------------------------------------

AICS = (
    Path(sys.prefix) / "aics" / "bin" / "aics-witness"
)  # in an environment of its own: it needs Python 3.12


@pytest.fixture
def aics(signer, tmp_path, settings):
    """A running aics-witness that knows this log."""
    if not AICS.exists():
        pytest.skip(f"needs {AICS} (Python 3.12 or later)")
    config = ["--config", str(tmp_path / "aics" / "witness.json")]
    (tmp_path / "aics").mkdir()

    def run(*arguments):
        return subprocess.run(
            [AICS, *arguments], check=True, capture_output=True, text=True, timeout=60
        ).stdout

    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    run("init", *config, "--name", "aics.example/w1", "--listen", listen)
    run("add-log", *config, "--origin", ORIGIN, "--vkey", str(signer.verifier_key))
    vkey = next(word for word in run("status", *config).split() if word.startswith("aics.example/w1+"))
    settings.LOG_POLICY = f"witness aics {vkey} http://{listen}\nquorum aics\n"
    with subprocess.Popen([AICS, "serve", *config], stderr=subprocess.PIPE) as process:
        try:
            wait_for(f"http://{listen}/healthz")
            yield lambda: run("evidence", *config)
        finally:
            process.terminate()


def wait_for(url):
    deadline = time.monotonic() + 20
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.05)


def test_aics_witness_cosigns_what_grows(aics, append):
    for count in (1, 255, 1, 400):
        append(count)
        row = sign()
        assert [found.checkpoint for found in cosign_newest(at=timezone.now())] == [row]
        assert has_quorum(row)
    assert aics().strip() in {"", "[]"}


def test_aics_witness_refuses_a_fork(aics, append, signer, settings):
    append(3)
    sign()
    assert len(cosign_newest(at=timezone.now())) == 1
    append(1)
    row = sign()
    row.root = b"\1" * 32
    row.note = note.sign(note.Head(ORIGIN, 4, row.root).text(), [signer])
    (witness,) = policy.parse(settings.LOG_POLICY).witnesses.values()
    with pytest.raises(HistoryDiffers, match="another history"):
        cosign(checkpoint=row, witness=witness, at=timezone.now())
    assert '"' in aics()  # it keeps what we signed as evidence
