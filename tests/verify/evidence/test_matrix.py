"""The tamper matrix: whatever is done to a package, ours finds it; what the tools of others miss is counted beside it.

docs/reference/tamper-matrix.md is what comes out. `VERIFY_WRITE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import fastwarc.cli
import pytest
import wacz.main
import warcio.checker
from click.testing import CliRunner

from sources.archive.wacz_check import read_wacz
from tests.verify.evidence import attacks, forge
from tests.verify.evidence.conftest import Sealed
from verify.evidence import verify_evidence

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[3] / "docs/reference/tamper-matrix.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"
EACH = 8  # of the attacks inside a WARC, on one in so many of which `wacz validate` is asked: it never looks inside
OTHERS = ("unzip -t", "wacz validate", "warcio check", "fastwarc check")


@dataclass
class Row:
    """One kind of attack: how many were tried, which ours missed, and of how many asked each other tool missed."""

    cases: int = 0
    alone: int = 0  # found by our check of the WACZ, with nothing from outside
    asked_alone: int = 0
    missed: list[str] = field(default_factory=list)
    others: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))


@pytest.fixture(autouse=True)
def _the_same_signature_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of packages carry the same few signatures."""
    for name in ("ed25519_verify", "ecdsa_verify", "rsa_verify"):
        monkeypatch.setattr(verify_evidence, name, lru_cache(None)(getattr(verify_evidence, name)))


@pytest.fixture
def judge(sealed: Sealed) -> Callable[[bytes], bool]:
    given = sealed.given

    def found(data: bytes) -> bool:
        report = verify_evidence.verify(data, given)
        assert (report.level is None) != report.ok
        return not report.ok

    return found


@pytest.mark.slow
@pytest.mark.timeout(600)  # half a minute on a machine that does nothing else
def test_every_attack_on_a_package_is_found_and_the_page_says_what_others_miss(
    sealed: Sealed, judge: Callable[[bytes], bool], files: forge.Files, tmp_path: Path
) -> None:
    assert not judge(sealed.data) and forge.pack(files) == sealed.data, "the untouched package must pass"
    rows: dict[str, Row] = defaultdict(Row)
    for group, what, data in on_the_package(sealed.data, files):
        row = rows[group]
        row.cases += 1
        if not judge(data):
            row.missed.append(what)
        if group.startswith("the zip"):
            row.others["unzip -t"].append(passes_unzip(data, tmp_path))
    in_captures(files, judge, rows, tmp_path)
    missed = [f"{group}: {what}" for group, row in rows.items() for what in row.missed]
    assert not missed, "\n".join(missed)
    total = sum(row.cases for row in rows.values())
    assert total > 1500
    print(f"\n{total} attacks of {len(rows)} kinds, all found")
    compare_with_page(rows)


def on_the_package(data: bytes, files: forge.Files) -> Iterator[attacks.Attack]:
    yield from attacks.on_files(files)
    yield from attacks.on_manifest(files)
    yield from attacks.on_zip(data, files)


def in_captures(
    files: forge.Files, judge: Callable[[bytes], bool], rows: dict[str, Row], folder: Path
) -> None:
    """Each attack on a WACZ or on the WARC in it; datapackage.json, manifest and sums are put right after it."""
    name = max((name for name in files if name.endswith(".wacz")), key=lambda name: len(files[name]))
    members = read_wacz(io.BytesIO(files[name]))
    date = (2025, 3, 9, 10, 0, 0)
    warc = "archive/data.warc.gz"

    def tried(group: str, what: str, packed: bytes, asked: tuple[str, ...]) -> None:
        row = rows[group]
        row.cases += 1
        if not judge(forge.pack(forge.relist({**files, name: packed}))):
            row.missed.append(what)
        report = verify_evidence.Report()
        verify_evidence.check_wacz(packed, report, name)
        row.alone += not report.ok
        row.asked_alone += 1
        for tool in asked:
            row.others[tool].append(PASSES[tool](packed, folder))

    for group, what, changed in attacks.on_wacz(members):
        packed = forge.pack(changed, date=date)
        tried(group, what, packed, ("wacz validate",))
        if group not in ("a WACZ member left out", "a WACZ member emptied") and "datapackage" not in what:
            with contextlib.suppress(ValueError):
                again = forge.reseal_wacz(changed, date=date)
                tried(f"{group}, datapackage.json put right", what, again, ("wacz validate",))
    for number, (group, what, content) in enumerate(attacks.on_records(members[warc])):
        packed = forge.reseal_wacz({**members, warc: content}, date=date)
        asked = ("warcio check", "fastwarc check", *(["wacz validate"] if number % EACH == 0 else []))
        tried(f"{group}, datapackage.json put right", what, packed, asked)


def quiet(act: Callable[[], Any]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return act()


def passes_unzip(data: bytes, folder: Path) -> bool:
    path = folder / "attacked.zip"
    path.write_bytes(data)
    return (
        subprocess.run(["unzip", "-tqq", path], capture_output=True, timeout=20, check=False).returncode == 0
    )


def passes_wacz(data: bytes, folder: Path) -> bool:
    path = folder / "attacked.wacz"
    path.write_bytes(data)
    question = Namespace(file=str(path), verify_auth=False, verifier_url=None)
    try:
        return quiet(lambda: wacz.main.validate_wacz(question)) == 0
    except Exception:  # whatever it raises is no acceptance
        return False


def warc_in(data: bytes, folder: Path) -> Path:
    path = folder / "attacked.warc.gz"
    path.write_bytes(read_wacz(io.BytesIO(data))["archive/data.warc.gz"])
    return path


def passes_warcio(data: bytes, folder: Path) -> bool:
    question = Namespace(inputs=[str(warc_in(data, folder))], verbose=False)
    try:
        return quiet(warcio.checker.Checker(question).process_all) == 0
    except Exception:
        return False


def passes_fastwarc(data: bytes, folder: Path) -> bool:
    done = CliRunner().invoke(fastwarc.cli.check, ["-q", str(warc_in(data, folder))])
    return done.exit_code == 0


PASSES: dict[str, Callable[[bytes, Path], bool]] = {
    "wacz validate": passes_wacz,
    "warcio check": passes_warcio,
    "fastwarc check": passes_fastwarc,
}


def table(rows: dict[str, Row]) -> str:
    lines = ["| Attack | Tried | Missed by ours | Our WACZ check alone | " + " | ".join(OTHERS) + " |"]
    lines.append("| --- " * (len(OTHERS) + 4) + "|")
    for group, row in rows.items():
        alone = missed([False] * row.alone + [True] * (row.asked_alone - row.alone))
        others = " | ".join(missed(row.others.get(tool, [])) for tool in OTHERS)
        lines.append(f"| {group} | {row.cases} | {len(row.missed)} | {alone} | {others} |")
    total = sum(row.cases for row in rows.values())
    lines.append(f"| **all** | **{total}** | **{sum(len(row.missed) for row in rows.values())}** | | | | | |")
    return "\n".join(lines) + "\n"


def missed(passed: list[bool]) -> str:
    """In words, since the others' exact counts move with their versions."""
    if not passed:
        return "–"
    if not any(passed):
        return "misses none"
    return "**misses all**" if all(passed) else "misses some"


def compare_with_page(rows: dict[str, Row]) -> None:
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else BEGIN + END
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    expected = before + BEGIN + "\n" + table(rows) + "\n" + END + after
    if os.environ.get("VERIFY_WRITE_DOCS"):
        PAGE.write_text(expected, encoding="utf-8")
        return
    told, found = counts(page), counts(expected)
    assert told.keys() == found.keys(), "the page is out of date: VERIFY_WRITE_DOCS=1"
    # Ids and key material are new each time, so a sampled bit more or less may fall on the same place.
    for group, number in found.items():
        assert abs(number - told[group]) <= 2 + number // 20, f"{group}: VERIFY_WRITE_DOCS=1"


def counts(page: str) -> dict[str, int]:
    """Attacks tried, by kind, as the table has them."""
    rows = re.findall(r"^\| ([^|*]+) \| (\d+) \| 0 \|", page, re.MULTILINE)
    return {group: int(number) for group, number in rows}


def test_json_of_a_failed_check_names_it(sealed: Sealed, files: forge.Files) -> None:
    report = sealed.check(forge.pack({**files, "README.txt": b"x"})).as_json()
    failed = [check for check in report["checks"] if check["result"] == "fail"]
    assert report["result"] == "fail" and report["level"] is None
    assert "README.txt" in json.dumps(failed)
