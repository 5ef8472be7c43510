"""What was published in an older schema is read as the newest one, and nothing is made up."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from tests.verify.publish.contents import frozen, whole
from verify.publish.presenting import Reading
from verify.publish.schemas import KNOWN, NEWEST, current
from verify.review.content import SCHEMA, WITH_MEDIA


def test_the_newest_schema_is_what_reviewers_judge():
    assert KNOWN[-1] == NEWEST == WITH_MEDIA
    assert KNOWN[-2] == SCHEMA


def test_an_older_content_says_of_what_it_could_not_say_that_it_is_not_on_record():
    claim = current(frozen())
    (said,), (figure,), (piece,) = claim["assertions"], claim["figures"], claim["evidence"]
    assert (said["modality"], said["published_at"], said["cites"], said["regions"]) == (None, None, [], [])
    assert (figure["place"], figure["place_as_written"], figure["part_of"]) == (
        None,
        "Latakia and Tartous",
        None,
    )
    assert piece["region"] is None
    assert said["quotes"] == frozen()["assertions"][0]["quotes"]


@pytest.mark.parametrize("make", [frozen, whole])
def test_reading_leaves_what_was_published_as_it_is(make):
    content = make()
    before = deepcopy(content)
    current(content)
    assert content == before


def test_both_schemas_have_the_same_shape():
    old, new = current(frozen()), current(whole())
    for part in ("assertions", "figures", "evidence"):
        assert old[part][0].keys() == new[part][0].keys()


def test_a_frozen_version_is_shown_without_what_it_never_said():
    read = Reading(json.dumps({"kind": "published", "claim": frozen()}).encode())
    said = read.statements["a1"]
    assert (said["modality"], said["regions"]) == ("", [])
    assert read.figures[0]["place"] == "Latakia and Tartous"
    assert read.evidence[0]["pieces"][0]["said"] == said
    assert read.data["claim"] == frozen()
