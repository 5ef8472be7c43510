"""Places in files, in packages and reports: the file is there, the log says where, and what is moved is found out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from claims.attribution.region_services import mark_region, withdraw_region
from claims.statements.models import Claim
from sources.archive.services import receive_upload
from sources.custody import services as custody
from sources.custody.canonical import canonical
from tests.cast import T0
from tests.claims.attribution.places import LINE, REPORT, WORDS, filed, replaced
from tests.recaptures import fetched
from tests.sources.archive.samples import pdf
from tests.verify.evidence import forge
from tests.verify.evidence.conftest import export
from verify.evidence import verify_evidence
from verify.evidence.custody_exports import report_on

pytestmark = pytest.mark.django_db


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "grey").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def marked(researched_claim: Any, desk: Any, alice: Any) -> Any:
    """A place in a picture that shows the claim's assertion."""
    file = {"content": [picture()], "filename": "house.png", "url": "http://wire.example/house.png"}
    capture = receive_upload(desk=desk, by=alice, at=T0, **file)
    return mark_region(
        capture=capture,
        assertion=researched_claim.assertions.get(),
        kind="picture",
        box=(10, 20, 300, 200),
        shows="A burnt house",
        by=alice,
        at=T0,
    )


def answers(data: bytes) -> dict[str, tuple[str, str]]:
    key = str(custody.configured_signer().verifier_key)
    given = verify_evidence.Given(keys=[verify_evidence.Key.parse(key)])
    checks = verify_evidence.verify(data, given).checks
    return {check.subject: (check.result, check.detail) for check in checks if check.name == "region"}


def changed(region: Any, claim: Any, **fields: Any) -> dict[str, tuple[str, str]]:
    """What the verifier says when the claim's content tells another region than the rows."""
    _, data = export(claim)
    files = forge.unpack(data)
    path = f"claims/{claim.pk}/content.json"
    content = json.loads(files[path])
    content["assertions"][0]["regions"][0] |= fields
    files[path] = canonical(content)
    return answers(forge.pack(files))


def test_a_package_holds_the_file_and_the_verifier_finds_the_place(marked: Any) -> None:
    claim = Claim.objects.get()
    _, data = export(claim)
    told = json.loads(forge.unpack(data)["manifest.json"])["captures"]
    roles = [role for capture in told for role in capture["roles"] if capture["id"] == str(marked.capture_id)]
    assert roles == [{"role": "marked", "claim": str(claim.pk), "id": str(marked.pk)}]
    assert answers(data) == {f"region {marked.pk}": ("pass", "#xywh=pixel:10,20,300,200")}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"box": [10, 20, 300, 201]}, "No log entry says that this place was marked there."),
        ({"blob_sha256": "0" * 64}, "The archived copy does not hold the file in which it was measured."),
        ({"capture": {"id": "elsewhere"}}, "The archived copy that it lies in is not in the package."),
    ],
)
def test_a_place_that_was_moved_is_found_out(marked: Any, fields: dict[str, Any], said: str) -> None:
    assert changed(marked, Claim.objects.get(), **fields) == {f"region {marked.pk}": ("fail", said)}


def test_what_was_withdrawn_is_in_no_package(marked: Any, alice: Any) -> None:
    withdraw_region(region=marked, why="Another house.", by=alice, at=timezone.now())
    _, data = export(Claim.objects.get())
    assert answers(data) == {}
    assert f"captures/{marked.capture_id}.wacz" not in forge.unpack(data)


def test_the_report_says_who_marked_which_place_when(marked: Any, alice: Any) -> None:
    (told,) = report_on(Claim.objects.get(), by=alice, at=timezone.now()).data["claim"]["regions"]
    assert (told["marked_by"], told["fragment"], told["shows"]) == (
        "Alice",
        "xywh=pixel:10,20,300,200",
        "A burnt house",
    )
    assert told["marked_at"].startswith("2025-03-09T10:00:00")
    assert [check["result"] for check in told["checks"]] == ["pass"]


def test_a_place_that_the_log_does_not_know_is_told(marked: Any, alice: Any, tamper: Any) -> None:
    tamper("UPDATE claims_region SET top = 21")
    (told,) = report_on(Claim.objects.get(), by=alice, at=timezone.now()).data["claim"]["regions"]
    assert told["checks"][0]["result"] == "fail"


def test_the_report_of_the_file_has_its_places_and_what_the_log_says(marked: Any, alice: Any) -> None:
    (capture,) = report_on(marked.capture, by=alice, at=timezone.now()).data["captures"]
    (told,) = capture["analysis"]["regions"]
    assert (told["id"], [check["result"] for check in told["checks"]]) == (str(marked.pk), ["pass"])
    withdraw_region(region=marked, why="Another house.", by=alice, at=timezone.now())
    (capture,) = report_on(marked.capture, by=alice, at=timezone.now()).data["captures"]
    assert capture["analysis"]["regions"] == []


def test_a_later_copy_that_lost_the_place_is_in_package_and_report(
    researched_claim: Any, make_document: Any, alice: Any
) -> None:
    before = fetched(filed(REPORT, make_document()), hours=0)
    given = {"kind": "page", "page": 1, "box": LINE, "shows": WORDS, "by": alice, "at": T0}
    region = mark_region(capture=before, assertion=researched_claim.assertions.get(), **given)
    later = replaced(before, pdf("Nobody was killed, says the ministry."), hours=1).after_id
    claim = Claim.objects.get()
    manifest = json.loads(forge.unpack(export(claim)[1])["manifest.json"])
    roles = {role["role"] for one in manifest["captures"] if one["id"] == str(later) for role in one["roles"]}
    assert roles == {"later-copy"}
    report = report_on(claim, by=alice, at=timezone.now()).data
    assert {str(before.pk), str(later)} <= {capture["id"] for capture in report["captures"]}
    withdraw_region(region=region, why="Another line.", by=alice, at=timezone.now())
    report = report_on(claim, by=alice, at=timezone.now()).data
    assert str(later) not in {capture["id"] for capture in report["captures"]}
