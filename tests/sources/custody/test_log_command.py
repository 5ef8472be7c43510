import json

import pytest
from django.core.management import CommandError, call_command

from sources.custody.note import parse
from sources.custody.proof import Proof

pytestmark = pytest.mark.django_db


def run(capsys, *args):
    call_command("log", *args)
    return capsys.readouterr().out


def test_log_checkpoint_signs_and_prints_the_note(append, signer, capsys):
    append(3)
    printed = run(capsys, "checkpoint")
    assert parse(printed).verified_by([signer.verifier_key])
    again = json.loads(run(capsys, "checkpoint", "--json"))
    assert (again["size"], again["new"], again["note"]) == (3, False, printed)


def test_log_proof_prints_a_proof_file(append, signer, capsys):
    entry = append(3)[1]
    run(capsys, "checkpoint")
    text = run(capsys, "proof", "1")
    assert Proof.parse(text).verify(entry.body, [signer.verifier_key], origin="verify.example/log").size == 3
    assert json.loads(run(capsys, "proof", "1", "--json")) == {"index": 1, "size": 3, "proof": text}


def test_log_export_writes_tiles_and_checkpoint(append, tmp_path, capsys):
    append(3)
    run(capsys, "checkpoint")
    assert json.loads(run(capsys, "export", str(tmp_path / "out"), "--json"))["files"] == 3
    files = sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
    assert files == ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"]


def test_log_verifier_key_is_printed_alone(signer, capsys):
    assert run(capsys, "verifier-key") == f"{signer.verifier_key}\n"


@pytest.mark.parametrize("args", [["checkpoint"], ["proof", "0"], ["export", "nowhere"]])
def test_log_of_nothing_answers_no(signer, args):
    with pytest.raises(CommandError) as refused:
        call_command("log", *args)
    assert refused.value.returncode == 1


def test_log_proof_of_an_entry_that_is_not_there_answers_no(append, capsys):
    append(3)
    run(capsys, "checkpoint")
    with pytest.raises(CommandError, match="does not cover entry 3"):
        call_command("log", "proof", "3")
