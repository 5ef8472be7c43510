"""The description, put to the test by Schemathesis: whatever it allows or forbids is sent, and the answers compared.

FUZZ_EXAMPLES (cases an operation; 10) and FUZZ_SEED make it go deeper or elsewhere:

    FUZZ_EXAMPLES=200 FUZZ_SEED=7 make test ARGS="-k test_fuzz -s"
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from sources.custody.services import checkpoint
from tests.verify.api.test_matrix import ROWS, about  # noqa: F401 - a fixture
from tests.verify.test_permissions import cast, things  # noqa: F401 - fixtures
from verify.api.models import Scope
from verify.api.openapi import written
from verify.api.services import make_token

EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "10")
SEED = os.environ.get("FUZZ_SEED", "1")

PUBLIC = ("Published claims", "Following and checking", "Claim search")
MEMBERS = ("The token that asks", "Webhooks", "Captures")
DESK = tuple(
    f"Desk: {part}"
    for part in """affiliations assertions captures cases claims comments documents evidence figures media
    publication regions reviews sources verdicts""".split()
)

# What cannot hold by design.
UNHELD = ",".join(
    [
        # What has the shape may yet mean nothing here: ids of nobody's rows, claims that cannot be moved so.
        "positive_data_acceptance",
    ]
)
# Schemathesis knows all of these as refusals of what does not fit but the 412 of a condition that is looked at first.
REFUSALS = "400 401 403 404 405 406 409 412 413 415 422 428 429".split()
Run = Callable[..., None]


def test_every_subject_is_tried():
    tags = {
        tag
        for operations in json.loads(written()[0])["paths"].values()
        for operation in operations.values()
        for tag in operation["tags"]
    }
    assert tags == {*PUBLIC, *MEMBERS, *DESK}


@pytest.fixture
def run(live_server: Any, tmp_path: Path) -> Run:
    """Have all operations of a subject tried, with ids of rows that there are."""

    def run(subject: str, known: dict[str, dict[str, Any]], secret: str = "") -> None:
        (tmp_path / "openapi.json").write_bytes(written()[0])
        (tmp_path / "schemathesis.toml").write_text(_config(known))
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", live_server.url),
            *("--include-tag", subject, "--seed", SEED, "--max-examples", EXAMPLES),
            *("--phases", "examples,coverage,fuzzing", "--checks", "all", "--exclude-checks", UNHELD),
            *("--suppress-health-check", "all", "--no-shrink", "--warnings", "off", "--continue-on-failure"),
            *("--generation-database", "none", "--request-timeout", "60", "--no-color"),
            *(("--header", f"Authorization: Bearer {secret}") if secret else ()),
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=3000)
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def _config(known: dict[str, dict[str, Any]]) -> str:
    """Schemathesis's configuration: by address, the ids to put into it."""
    parts = [f"[checks.negative_data_rejection]\nexpected-statuses = {json.dumps(REFUSALS)}\n"]
    for template, ids in known.items():
        given = ", ".join(
            f'"path.{name}" = {json.dumps(value if isinstance(value, int) else str(value))}'
            for name, value in ids.items()
        )
        parts.append(f"[[operations]]\ninclude-path = {json.dumps(template)}\nparameters = {{ {given} }}\n")
    return "\n".join(parts)


def _described(name: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address of a name as the description writes it, and its ids."""
    route = resolve(reverse(name, kwargs=given)).route
    ids = {"id" if key == "pk" else key: value for key, value in given.items()}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: f"{{{_id(found[1])}}}", route), ids


def _id(name: str) -> str:
    return "id" if name == "pk" else name


@pytest.fixture
def public(published_claim: Any) -> dict[str, dict[str, Any]]:
    """The ids of what is published."""
    claim = published_claim
    checkpoint(at=timezone.now())
    assertion = claim.assertions.get()
    capture = {"pk": claim.pk, "capture": assertion.document.captures.get().pk}
    one, first = {"pk": claim.pk}, {"pk": claim.pk, "number": 1}
    names = {
        "api-claim": one,
        "api-versions": one,
        "api-version": first,
        "api-version-entry": first,
        "api-version-proof": first,
        "api-claim-capture-entry": capture,
        "api-claim-capture-proof": capture,
        "api-case": {"pk": claim.case_id},
        "api-source": {"pk": assertion.speaker_id},
    }
    parts = "assertions evidence figures origins captures proof package".split()
    names |= {f"api-claim-{part}": one for part in parts}
    return dict(_described(name, given) for name, given in names.items())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("subject", PUBLIC)
def test_public(subject, run, public):
    run(subject, public)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("subject", MEMBERS + DESK)
def test_desk(subject, run, about, bob):  # noqa: F811
    known = dict(_described(row.name, about[row.about]) for row in ROWS if row.about != "-")
    secret = make_token(name="fuzz", scopes=list(Scope), by=bob, at=timezone.now())[1]
    run(subject, known, secret)
