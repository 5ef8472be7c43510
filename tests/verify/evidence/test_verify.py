"""The verifier as a stranger uses it: one file, the standard library, keys from elsewhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.custody.note import Head, Signer, sign
from tests.verify.evidence import forge
from tests.verify.evidence.conftest import VERIFIER, Sealed
from verify.evidence import verify_evidence
from verify.evidence.verify_evidence import Key, Policy

pytestmark = pytest.mark.django_db


def test_a_package_passes_with_the_standard_library_alone(sealed: Sealed) -> None:
    done = sealed.command("--json", *sealed.outside())
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["result"], report["level"]) == (0, "", "pass", "L2")
    assert report["counts"]["fail"] == 0
    assert {capture["level"] for capture in report["captures"]} == {"L2"}
    assert "that the site said it" in report["does_not_prove"][0]


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(VERIFIER.read_text())
    modules = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names
    compile(VERIFIER.read_text(), "verify_evidence.py", "exec", flags=ast.PyCF_ONLY_AST)
    ast.parse(VERIFIER.read_text(), feature_version=(3, 9))


def test_without_a_key_nothing_beyond_intact_is_said(sealed: Sealed) -> None:
    report = sealed.check(keys=(), policy=None, anchors=())
    assert (report.ok, report.level) == (True, "L0")
    assert "keys inside a package are never trusted" in detail(report, "signatures of the log")
    assert all(capture.existed_by == [] for capture in report.captures)


def test_with_the_key_alone_it_is_signed_and_logged(sealed: Sealed) -> None:
    done = sealed.command("--key", sealed.key)
    assert done.returncode == 0
    assert "RESULT: PASS, level L1" in done.stdout
    assert "No policy was given" in done.stdout and "--tsa-ca" in done.stdout


def test_two_timestamps_of_one_authority_are_one(sealed: Sealed) -> None:
    anchors = verify_evidence.parse_pem(sealed.roots[0])
    report = sealed.check(anchors=anchors)
    assert (report.ok, report.level) == (True, "L1")
    assert "timestamped by 1 of the authorities" in report.missing["L2"]


def test_existed_by_is_from_witnesses_and_authorities_never_from_the_capture(sealed: Sealed) -> None:
    report = sealed.check()
    for capture in report.captures:
        who = [said for _, said in capture.existed_by]
        assert len(who) == 2 and any("witness" in said for said in who)
        assert all(abs((datetime.now(UTC) - time).total_seconds()) < 3600 for time, _ in capture.existed_by)


def test_a_key_of_somebody_else_fails(sealed: Sealed) -> None:
    other = Signer("verify.example/log", bytes(range(1, 33))).verifier_key
    assert not sealed.check(keys=[Key.parse(str(other))]).ok
    named = Signer("other.example/log", bytes(range(1, 33))).verifier_key
    assert not sealed.check(keys=[Key.parse(str(named))]).ok


def test_a_key_put_into_the_package_is_not_believed(sealed: Sealed, files: forge.Files) -> None:
    """The forger signs everything anew with a key of their own, and puts that key where the old one was."""
    forger = Signer("verify.example/log", bytes(range(1, 33)))
    forged = {}
    for name, content in files.items():
        text = re.sub(
            r"(verify\.example/log\n\d+\n\S+\n)\n— verify\.example/log \S+\n",
            lambda match: sign(match[1], [forger]),
            content.decode("latin-1").encode("latin-1").decode("utf-8", "surrogateescape"),
        )
        forged[name] = text.encode("utf-8", "surrogateescape")
    forged["policy.txt"] = f"log {forger.verifier_key}\nquorum none\n".encode()
    data = forge.pack(forge.resum(forged))
    report = sealed.check(data)
    assert not report.ok
    assert "not signed by the key that was given" in " ".join(check.detail for check in report.checks)


def test_a_fork_is_found_by_a_checkpoint_from_elsewhere(
    sealed: Sealed, files: forge.Files, settings: Any
) -> None:
    size = max(int(name.split("/")[2][:-4]) for name in files if name.startswith("log/checkpoints/"))
    signer = Signer.from_base64(settings.LOG_ORIGIN, settings.LOG_SIGNING_KEY)
    fork = sign(Head(settings.LOG_ORIGIN, size, bytes(32)).text(), [signer]).encode()
    report = sealed.check(seen=[("elsewhere", fork)])
    assert not report.ok and "FORK" in detail(report, "checkpoint from elsewhere")
    same = files[f"log/checkpoints/{size}.txt"]
    assert sealed.check(seen=[("elsewhere", same)]).ok


def test_a_later_checkpoint_needs_its_consistency_proof(sealed: Sealed, files: forge.Files) -> None:
    (name,) = [name for name in files if name.startswith("log/consistency/") and name.endswith("-8.txt")]
    small = {
        path: content
        for path, content in files.items()
        if not re.search(r"(-8\.|/8\.txt|entries/7\.)", path) and path != name
    }
    report = sealed.check(forge.pack(forge.resum(small)), seen=[("later", files[name])])
    assert "is a beginning of it" in detail(report, "checkpoint from elsewhere")
    other = Signer("verify.example/log", bytes(range(1, 33)))
    report = sealed.check(
        seen=[("later", sign(Head("verify.example/log", 99, bytes(32)).text(), [other]).encode())]
    )
    assert not report.ok


def test_a_rolled_back_head_leaves_the_package_unlogged(sealed: Sealed, files: forge.Files) -> None:
    """Everything of the newest checkpoint taken away, consistently: the package itself is in no log then."""
    older = {
        path: content
        for path, content in files.items()
        if not re.search(r"(-8\.|/8\.txt|entries/[1567]\.|entries/3)", path)
    }
    report = sealed.check(forge.pack(forge.resum(older)))
    assert "No log entry says that a package" in detail(report, "this package is in the log")


def test_attestations_left_out_with_their_entries_lower_the_level(sealed: Sealed, files: forge.Files) -> None:
    fewer = {
        path: content
        for path, content in files.items()
        if "timestamps/" not in path and not re.search(r"log/(entries|proofs)/[56][-.]", path)
    }
    report = sealed.check(forge.pack(forge.resum(fewer)))
    assert (report.ok, report.level) == (True, "L1")


def test_a_policy_asks_for_its_quorum() -> None:
    keys = [Key.parse(str(Signer(f"w{n}", bytes([n]) * 32, 4).verifier_key)) for n in range(3)]
    lines = [
        f"witness w{n} {Signer(f'w{n}', bytes([n]) * 32, 4).verifier_key} https://w{n}" for n in range(3)
    ]
    policy = Policy.parse("\n".join([*lines, "# two of them", "group g 2 w0 w1 w2", "quorum g"]))
    assert policy.met_by(keys[:2]) and not policy.met_by(keys[:1])
    assert not Policy.parse("quorum none\n").met_by(keys)
    for bad in (
        "",
        "quorum x",
        f"{lines[0]}\n{lines[0].replace(' w0', ' x', 1)}\nquorum w0",
        "group g 2 x\nquorum g",
    ):
        with pytest.raises(verify_evidence.Invalid):
            Policy.parse(bad)


@pytest.mark.parametrize(
    "arguments",
    [["--key", "nonsense"], ["--policy", "/nonexistent"], ["--tsa-ca", "/etc/hostname"], ["--unknown"]],
)
def test_bad_usage_exits_with_2(sealed: Sealed, arguments: list[str]) -> None:
    assert sealed.command(*arguments).returncode == 2


@pytest.mark.parametrize("content", [b"", b"PK\5\6" + bytes(18), b"not a zip" * 100, b"\0" * 22])
def test_what_is_no_package_fails_with_a_sentence(sealed: Sealed, content: bytes) -> None:
    done = sealed.command("--key", sealed.key, data=content)
    assert done.returncode == 1
    assert "FAIL" in done.stdout and "Traceback" not in done.stderr


def test_what_comes_out_of_a_package_does_not_steer_the_terminal(
    sealed: Sealed, files: forge.Files, manifest: dict[str, Any]
) -> None:
    manifest["captures"][0]["url"] = "http://x/\x1b[2J\u202e"
    done = sealed.command(data=forge.pack(forge.relist(files, captures=manifest["captures"])))
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout


def test_it_runs_on_the_oldest_python_that_it_promises(sealed: Sealed) -> None:
    found = [*Path.home().glob(".pyenv/versions/3.9.*/bin/python3.9"), *Path("/usr/bin").glob("python3.9")]
    if not found:
        pytest.skip("needs a Python 3.9")
    package = sealed.folder / "old.zip"
    package.write_bytes(sealed.data)
    command = [found[0], "-I", "-S", VERIFIER, package, *sealed.outside()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "level L2" in done.stdout


def detail(report: verify_evidence.Report, name: str) -> str:
    return " ".join(check.detail for check in report.checks if check.name == name)
