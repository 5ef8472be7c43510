"""A watch on a real worker: the page is captured on time, edited, and the altered quotation is found and told."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from django.utils import timezone

from claims.attribution import fsck as attribution_fsck
from claims.attribution.services import anchor_quote
from sources.archive import fsck as archive_fsck
from sources.archive import tasks
from sources.archive.models import Capture, Change, Watch
from sources.catalog.services import register_document, watch_document
from sources.custody import fsck as custody_fsck
from verify.demo import story

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DOCUMENT = next(document for document in story.DOCUMENTS if document.key == "bbc-toll")
QUOTE = next(said.quote for said in story.ASSERTIONS if said.key == "bbc-745")


@pytest.fixture
def look(pressroom: Any, environment: Any, request: Any, wait_until: Any) -> Any:
    """Let the watch be due and a worker serve it; the capture, once it is archived."""
    environment["VERIFY_DEMO_PRESS"] = pressroom.address
    request.getfixturevalue("celery_worker_process")

    def look() -> Capture:
        before = Capture.objects.count()
        Watch.objects.update(next_at=timezone.now())
        for _ in range(3):  # three schedulers
            tasks.run_watches.delay()
        done = Capture.objects.filter(state="archived")
        wait_until(lambda: done.count() == before + 1, 60)
        return done.order_by("-finished_at")[0]

    return look


def test_a_watched_page_is_captured_compared_and_its_altered_quotation_told(
    look, pressroom, desk, alice, make_claim, make_assertion, wait_until
):
    document = register_document(desk=desk, url=DOCUMENT.url, by=alice, at=timezone.now())
    watch_document(document=document, by=alice, at=timezone.now(), mode="http", shortest=3600, longest=86_400)
    text = look().texts.get()
    anchor_quote(
        assertion=make_assertion(make_claim(), document=document),
        text=text,
        quote=QUOTE,
        by=alice,
        at=timezone.now(),
    )
    look()
    wait_until(lambda: Change.objects.count() == 1)
    pressroom.stage = 2
    after = look()
    wait_until(lambda: Change.objects.count() == 2)
    told = list(Change.objects.order_by("detected_at").values_list("kind", "is_alert", "quotes_lost"))
    assert told == [("nothing", False, 0), ("quote-lost", True, 1)]
    assert Change.objects.open_alerts().get().after == after
    assert Watch.objects.get().interval == 3600
    assert list(chain(custody_fsck.faults(), archive_fsck.faults(), attribution_fsck.faults())) == []
