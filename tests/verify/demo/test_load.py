"""The demo case, loaded as `make demo` loads it: pages really fetched by a worker, and all of it holds afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from claims.attribution.models import Anchor
from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.custody.models import Checkpoint, Entry
from verify.demo import load, story
from verify.demo.pressroom import running
from verify.publish.models import Publication, Version
from verify.stack.paths import ROOT


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_without_its_press_site_the_demo_says_what_to_do(db, settings):
    settings.DEMO_PRESS = ""
    with pytest.raises(CommandError, match="make run") as refusal:
        call_command("demo")
    assert refusal.value.returncode == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_the_demo_is_loaded_published_and_checked_and_a_second_load_adds_nothing(
    environment: dict[str, str], request: Any, settings: Any
) -> None:
    with running() as site:
        environment |= {"VERIFY_DEMO_PRESS": site.address, "ARCHIVE_BROWSER": "none"}
        request.getfixturevalue("celery_worker_process")
        first = manage(environment, "demo")
        assert first.returncode == 0, first.stdout + first.stderr
        assert first.stdout.splitlines()[-1] == "all of it holds"
        counts = [model.objects.count() for model in (Entry, Capture, Claim, Anchor, Version, Checkpoint)]
        again = manage(environment, "demo")
        assert again.returncode == 0, again.stdout + again.stderr
    assert [model.objects.count() for model in (Entry, Capture, Claim, Anchor, Version, Checkpoint)] == counts
    assert not Capture.objects.exclude(state="archived").exists()
    assert Capture.objects.filter(http_status__in=[404, 410]).exists()
    assert (Claim.objects.count(), Anchor.objects.count()) == (len(story.CLAIMS), len(story.ASSERTIONS))
    approving = [record for record in story.REVIEWS if record.approves]
    assert Publication.objects.public().count() == len(approving) > 0
    assert load.is_complete()
    for version in Version.objects.select_related("claim"):
        said = json.loads(version.snapshot)["claim"]
        assert all(quote["capture"]["entry"] is not None for a in said["assertions"] for quote in a["quotes"])
        reviewers = set(version.claim.reviews.values_list("reviewer_id", flat=True))
        assert version.claim.author_id not in reviewers
