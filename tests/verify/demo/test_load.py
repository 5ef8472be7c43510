"""The demo case, loaded as `make demo` loads it: pages really fetched by a worker, and all of it holds afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.test import Client

from claims.attribution.models import Anchor, Assertion, Citation, Evidence, Region
from claims.attribution.reading import origins_of
from claims.statements.models import Claim, Figure
from sources.archive.models import Capture
from sources.catalog.models import Affiliation, Grade, Source
from sources.custody.models import Checkpoint, Entry
from tests.verify.publish.duke_schema import assert_keeps_the_rules
from verify.demo import load, story
from verify.demo.pressroom import running
from verify.publish.models import Publication, Version
from verify.publish.validation import page_faults
from verify.review.content import content_of
from verify.review.models import MediaRating
from verify.stack.paths import ROOT

COUNTED: Any = [
    *(Entry, Capture, Claim, Anchor, Version, Checkpoint, Assertion, Citation, Evidence, Region, Figure),
    *(Source, Affiliation, Grade),
]


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_without_its_press_site_the_demo_says_what_to_do(db, settings):
    settings.DEMO_PRESS = ""
    with pytest.raises(CommandError, match="make run") as refusal:
        call_command("demo")
    assert refusal.value.returncode == 1


def check_what_the_desk_did() -> None:
    """The history and the ties that the case is there to show."""
    assert Assertion.objects.exclude(withdrawn_at=None).count() == len(story.MISTAKES)
    corrected = Assertion.pgh_event_model.objects.filter(
        pgh_label="update", pgh_context__metadata__why__gt=""
    )
    assert {event.pgh_context.metadata["why"] for event in corrected} >= {c.why for c in story.CORRECTIONS}
    merged = Source.objects.get(merged_into__name="Syrian Observatory for Human Rights")
    assert merged.assertions.exists()  # what was attributed to it before stays attributed to it
    assert Affiliation.objects.exclude(valid_to=None).get().evidence is not None
    clip = origins_of(Claim.objects.get(headline__startswith="A clip of vehicles"))
    assert [len(each.members) for each in clip if "cycle" in each.flags] == [2]
    funded = origins_of(Claim.objects.get(headline__startswith="The totals of SOHR and SNHR"))
    assert sum("linked-funding" in each.flags for each in funded) == 2 and funded.cautions
    violations = origins_of(Claim.objects.get(headline__startswith="Violations took place"))
    assert (len(violations.outlets), len(violations)) == (7, 2)
    assert Figure.objects.get(point=683).place.code == "SY-LA"
    assert Region.objects.get(page=2, shows="111").found == "111"


@pytest.mark.slow
@pytest.mark.timeout(300)
def check_the_markup() -> None:
    """Of every published claim: the graph of its page, as it is served, by our transcription and by validation."""
    for publication in Publication.objects.public():
        html = Client().get(f"/claims/{publication.pk}/").content.decode()
        script = html.split('<script type="application/ld+json">')[1].split("</script>")[0]
        graph = json.loads(script)
        [review] = [node for node in graph["@graph"] if node["@type"] == "ClaimReview"]
        assert_keeps_the_rules(review)
        assert [
            fault for fault in page_faults(graph, site=configured.SITE_URL) if fault.level == "error"
        ] == []
    [medium] = MediaRating.objects.all()
    assert content_of(medium.claim)["media"][0]["is_file"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shipped_places")
def test_the_demo_is_loaded_published_and_checked_and_a_second_load_adds_nothing(
    environment: dict[str, str], request: Any, settings: Any
) -> None:
    with running() as site:
        environment |= {"VERIFY_DEMO_PRESS": site.address, "ARCHIVE_BROWSER": "none"}
        request.getfixturevalue("celery_worker_process")
        first = manage(environment, "demo")
        assert first.returncode == 0, first.stdout + first.stderr
        assert first.stdout.splitlines()[-1] == "all of it holds"
        counts = [model.objects.count() for model in COUNTED]
        again = manage(environment, "demo")
        assert again.returncode == 0, again.stdout + again.stderr
    assert [model.objects.count() for model in COUNTED] == counts
    assert not Capture.objects.exclude(state="archived").exists()
    assert Capture.objects.filter(http_status__in=[404, 410]).exists()
    anchored = len(story.ASSERTIONS) + len(story.MISTAKES)
    assert (Claim.objects.count(), Anchor.objects.count()) == (len(story.CLAIMS), anchored)
    workflows = {record.headline: record.workflow for record in story.CLAIMS}
    assert dict(Claim.objects.values_list("headline", "workflow")) == workflows
    check_what_the_desk_did()
    approved = [record for record in story.CLAIMS if record.workflow == "approved"]
    assert Publication.objects.public().count() == len(approved) > 0
    assert load.is_complete()
    check_the_markup()
    for version in Version.objects.select_related("claim"):
        said = json.loads(version.snapshot)["claim"]
        assert all(quote["capture"]["entry"] is not None for a in said["assertions"] for quote in a["quotes"])
        reviewers = set(version.claim.reviews.values_list("reviewer_id", flat=True))
        assert version.claim.author_id not in reviewers
