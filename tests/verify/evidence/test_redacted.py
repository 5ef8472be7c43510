"""Packages before and after an erasure: the old one still verifies, the new one says redacted."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from sources.archive.models import Capture, Redaction
from sources.archive.redaction import ask_redaction, carry_out, decide_redaction
from tests.cast import make_person
from tests.verify.evidence import forge
from tests.verify.evidence.conftest import export
from tests.verify.evidence.test_package import given
from verify.accounts.models import Role
from verify.evidence import verify_evidence

pytestmark = pytest.mark.django_db


@pytest.fixture
def erase(desk: Any, bob: Any) -> Any:
    def run(capture: Capture) -> None:
        at, erin = timezone.now(), make_person("erin", desk, Role.EDITOR)
        asked = ask_redaction(capture=capture, ground="court-order", reason="Order 17.", by=bob, at=at)
        decide_redaction(redaction=asked, approve=True, by=erin, at=at)
        for row in Redaction.objects.unfinished():
            carry_out(redaction_id=row.pk, at=at)

    return run


def test_a_package_from_before_an_erasure_verifies_after_it(published_claim: Any, erase: Any) -> None:
    _, old = export(published_claim)
    erase(Capture.objects.get())
    report = verify_evidence.verify(old, given())
    assert report.ok and [capture.result for capture in report.captures] == ["pass"]


def test_a_package_from_after_an_erasure_says_redacted_and_holds_no_words(
    published_claim: Any, erase: Any
) -> None:
    erase(Capture.objects.get())
    _, data = export(published_claim)
    report = verify_evidence.verify(data, given())
    assert report.ok, verify_evidence.show(report)
    assert [capture.result for capture in report.captures] == ["redacted"]
    holding = [
        name for name, content in forge.unpack(data).items() if b"745 civilians were killed" in content
    ]
    # A published version never changes: its snapshot keeps what it quoted.
    assert all(name.startswith("claims/") and "version" in name for name in holding), holding
