"""Sources through the API: what is written is what the services write, and nobody's secret passes through."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sources.catalog.models import Affiliation, Alias, Grade, ProtectedIdentity, Source
from verify.api.models import Scope

pytestmark = pytest.mark.django_db

URL = "/api/v1/desk/sources/"
NEW = {"kind": "agency", "name": "SANA", "aliases": [{"name": "سانا", "language": "ar"}, {"name": "Sana"}]}


@pytest.fixture
def writer(caller: Any, alice: Any) -> Any:
    return caller(alice, Scope.READ, Scope.WRITE)


def test_source_is_registered_with_its_names(writer, desk, alice):
    response = writer.post(URL, NEW)
    assert response.status_code == 201, response.content
    source = Source.objects.get()
    assert (source.desk, source.kind, source.name, source.created_by) == (desk, "agency", "SANA", alice)
    assert {each.name for each in source.aliases.all()} == {"سانا", "Sana"}
    assert response["Location"] == response.json()["links"]["self"]
    read = writer.get(response["Location"])
    assert read.json()["aliases"] == response.json()["aliases"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "x"}, "kind"),
        ({"kind": "agency"}, "name"),
        ({"kind": "agency", "name": "x" * 201}, "name"),
        ({"kind": "agency", "name": "x", "homepage": "nonsense"}, "homepage"),
        ({"kind": "agency", "name": "x", "aliases": [{"name": ""}]}, "aliases.0.name"),
        ({"kind": "agency", "name": "x", "aliases": "x"}, "aliases"),
        ({"kind": "agency", "name": "x\x00"}, "name"),
        ({"kind": "protected-person", "name": "Ahmad", "secret_name": "Who he is"}, "secret_name"),
    ],
)
def test_bad_source_is_refused_by_name(writer, is_problem, given, field):
    body = is_problem(writer.post(URL, given), 400)
    assert body["errors"][0]["field"].startswith(field.partition(".")[0]), body
    assert not Source.objects.exists() and "Who he is" not in str(body)


def test_protected_person_is_a_pseudonym_and_no_more(writer, make_source):
    make_source("Ahmad", kind="protected-person", secret_name="Yusuf Karim")
    listed = writer.get(URL)
    one = writer.get(f"{URL}{listed.json()['results'][0]['id']}/")
    history = writer.get(one.json()["links"]["history"])
    assert ProtectedIdentity.objects.count() == 1
    for answer in (listed, one, history):
        assert b"Ahmad" in answer.content or answer is history
        assert b"Karim" not in answer.content and b"custodian" not in answer.content


def test_source_is_changed_for_a_reason_and_the_history_has_it(writer, make_source):
    source = make_source("Observatory", description="A group.")
    given = {"description": "A monitoring group.", "why": "More exact."}
    response = writer.patch(f"{URL}{source.pk}/", given)
    assert response.status_code == 200, response.content
    source.refresh_from_db()
    assert (source.name, source.description) == ("Observatory", "A monitoring group.")
    told = writer.get(response.json()["links"]["history"]).json()["results"]
    assert told[0]["why"] == "More exact."
    assert told[0]["differences"][0] | {"field": ""} == {
        "field": "",
        "before": "A group.",
        "after": "A monitoring group.",
    }
    assert writer.patch(f"{URL}{source.pk}/", {"name": "X"}).json()["errors"][0]["field"] == "why"


def test_change_of_what_somebody_else_changed_is_refused(writer, make_source, is_problem):
    source = make_source("Observatory")
    seen = writer.get(f"{URL}{source.pk}/")["ETag"]
    assert writer.get(f"{URL}{source.pk}/", headers={"If-None-Match": seen}).status_code == 304
    assert writer.post(f"{URL}{source.pk}/aliases/", {"name": "SOHR"}).status_code == 201
    given = {"name": "Other", "why": "So."}
    is_problem(writer.patch(f"{URL}{source.pk}/", given, headers={"If-Match": seen}), 412)
    assert Source.objects.get().name == "Observatory"
    now = writer.get(f"{URL}{source.pk}/")["ETag"]
    assert writer.patch(f"{URL}{source.pk}/", given, headers={"If-Match": now}).status_code == 200


def test_name_is_added_once_and_taken_back(writer, make_source, is_problem):
    source = make_source("Observatory")
    url = f"{URL}{source.pk}/aliases/"
    added = writer.post(url, {"name": "SOHR", "language": "en"})
    assert added.status_code == 201, added.content
    assert is_problem(writer.post(url, {"name": "SOHR"}), 400)["errors"][0]["field"] == "name"
    response = writer.post(f"{url}{added.json()['id']}/withdraw/", {"why": "Another group."})
    assert response.json()["aliases"] == [] and not Alias.objects.exists()
    is_problem(writer.post(f"{url}{added.json()['id']}/withdraw/", {"why": "Again."}), 404)


def test_grade_is_added_and_earlier_ones_stay(writer, make_source):
    url = f"{URL}{make_source().pk}/"
    for letter in "CB":
        graded = writer.post(f"{url}grades/", {"reliability": letter, "reason": f"For {letter}."})
        assert graded.status_code == 201, graded.content
    found = writer.get(url).json()
    assert found["reliability"] == "B"
    assert [grade["reliability"] for grade in found["grades"]] == ["B", "C"]
    assert Grade.objects.filter(entry__isnull=False).count() == 2


def test_affiliation_is_said_changed_and_withdrawn(writer, make_source, make_document):
    source, owner, shows = make_source("Wire"), make_source("Holding"), make_document()
    given = {"kind": "owned-by", "principal": str(owner.pk), "evidence": str(shows.pk)}
    said = writer.post(f"{URL}{source.pk}/affiliations/", given)
    assert said.status_code == 201, said.content
    url = said.json()["links"]["self"]
    ended = writer.patch(url, {"valid_to": "2020-12-31", "why": "Sold."})
    assert (ended.json()["valid_to"], ended.json()["evidence"]) == ("2020-12-31", str(shows.pk))
    assert writer.get(f"{URL}{owner.pk}/").json()["affiliations"][0]["source"]["name"] == "Wire"
    gone = writer.post(f"{url}withdraw/", {"why": "Another holding."}).json()
    assert gone["withdrawn"]["why"] == "Another holding."
    assert not Affiliation.objects.standing().exists()
    assert writer.get(f"{URL}{owner.pk}/").json()["affiliations"] == []
    assert writer.post(f"{url}withdraw/", {"why": "Again."}).status_code == 400


def test_affiliation_with_what_is_not_of_the_desk_is_refused(
    writer, make_source, other_desk, mallory, is_problem
):
    source, theirs = make_source(), make_source("Theirs", desk=other_desk, by=mallory)
    given = {"kind": "part-of", "principal": str(theirs.pk), "evidence": str(theirs.pk)}
    body = is_problem(writer.post(f"{URL}{source.pk}/affiliations/", given), 400)
    assert {error["field"] for error in body["errors"]} == {"principal", "evidence"}


def test_editor_merges_and_takes_it_back(writer, caller, bob, make_source, is_problem):
    double, kept = make_source("SOHR"), make_source("Observatory")
    given = {"into": str(kept.pk), "why": "One group."}
    is_problem(writer.post(f"{URL}{double.pk}/merge/", given), 403)
    editor = caller(bob, Scope.READ, Scope.WRITE)
    merged = editor.post(f"{URL}{double.pk}/merge/", given)
    assert merged.json()["merged_into"] == str(kept.pk)
    assert [row["name"] for row in editor.get(URL, {"q": "SOHR"}).json()["results"]] == ["Observatory"]
    assert editor.get(f"{URL}{kept.pk}/").json()["duplicates"] == [{"id": str(double.pk), "name": "SOHR"}]
    is_problem(editor.post(f"{URL}{double.pk}/merge/", given), 400)
    assert editor.post(f"{URL}{double.pk}/unmerge/", {"why": "No."}).json()["merged_into"] is None


def test_sources_are_filtered(writer, make_source):
    make_source("Observatory", aliases=[("المرصد", "ar")])
    make_source("Army", kind="party")

    def found(**filters: Any) -> list[str]:
        return [row["name"] for row in writer.get(URL, filters).json()["results"]]

    assert found() == ["Army", "Observatory"]
    assert found(q="المرصد") == ["Observatory"]
    assert found(kind="party") == found(party="true") == ["Army"]
    assert found(party="false") == ["Observatory"]
    assert found(updated_since=(timezone.now() + timedelta(days=1)).isoformat()) == []
    assert found(updated_since=(timezone.now() - timedelta(days=1)).isoformat()) == ["Army", "Observatory"]
