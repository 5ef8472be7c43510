"""A claim's content for machines: what the desk gets of a draft and the world of a version, made by one hand."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from prov.model import ProvDocument

from claims.attribution.services import state_figure
from tests.cast import T0
from verify.publish.services import pause, retract

pytestmark = pytest.mark.django_db

TYPES = {
    "provenance": "application/json",
    "annotations": 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
    "figures": "text/csv; charset=utf-8; header=present",
}


@pytest.fixture
def counted_claim(researched_claim: Any, alice: Any) -> Any:
    """The researched claim with a figure that begins like a formula."""
    fields = {"qualifier": "around", "point": 745, "unit": "people-killed", "as_written": "=745"}
    state_figure(assertion=researched_claim.assertions.get(), by=alice, at=T0, **fields)
    researched_claim.refresh_from_db()
    return researched_claim


@pytest.fixture
def out(counted_claim: Any, published_claim: Any) -> Any:
    """It, published: what is approved and published is one object all the way."""
    return published_claim


def desk_url(name: str, claim: Any) -> str:
    return reverse(f"claim-{name}", args=[claim.pk])


def public_url(name: str, claim: Any, number: int = 1) -> str:
    return reverse(f"public-{name}", args=[claim.pk, number])


def table(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", TYPES)
def test_a_draft_is_exported_to_its_desk_and_nothing_may_keep_it(client, dave, counted_claim, name):
    client.force_login(dave)
    response = client.get(desk_url(name, counted_claim))
    assert (response.status_code, response["Content-Type"]) == (200, TYPES[name])
    assert {"private", "no-cache"} <= set(response["Cache-Control"].split(", "))
    assert f"claim-{counted_claim.pk}-{name}" in response["Content-Disposition"]
    assert "Access-Control-Allow-Origin" not in response
    again = client.get(desk_url(name, counted_claim), headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", TYPES)
def test_a_version_is_exported_to_anybody_from_anywhere(client, out, name):
    response = client.get(public_url(name, out))
    assert (response.status_code, response["Content-Type"]) == (200, TYPES[name])
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert 'rel="describes"' in response["Link"]
    again = client.get(public_url(name, out), headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post(public_url(name, out)).status_code == 405


@pytest.mark.parametrize("name", TYPES)
def test_a_draft_is_nobodys_business(client, approved_claim, mallory, name):
    assert client.get(public_url(name, approved_claim)).status_code == 404
    assert client.get(desk_url(name, approved_claim)).status_code == 302
    client.force_login(mallory)
    assert client.get(desk_url(name, approved_claim)).status_code == 404


@pytest.mark.parametrize("name", TYPES)
def test_what_the_desk_and_the_world_get_says_the_same(client, out, dave, name):
    public = client.get(public_url(name, out))
    client.force_login(dave)
    own = client.get(desk_url(name, out))
    if name == "figures":
        assert own.content == public.content
    elif name == "annotations":
        assert own.json()["first"]["items"] == public.json()["first"]["items"]
    else:
        assert own.json()["entity"].items() <= public.json()["entity"].items()
        assert own.json()["agent"] == public.json()["agent"]


def test_provenance_is_read_back_and_names_what_it_is(client, out):
    response = client.get(public_url("provenance", out))
    read = ProvDocument.deserialize(content=response.content.decode(), format="json")
    assert f"claim:{out.pk}/v1/" in {str(record.identifier) for record in read.get_records()}
    assert '<https://www.w3.org/submissions/prov-json/>; rel="profile"' in response["Link"]


def test_figures_are_saved_and_nothing_in_them_is_run(client, out):
    response = client.get(public_url("figures", out))
    (row,) = table(response)
    assert (row["as_written"], row["point"], row["given_by"]) == ("'=745", "745", "Observatory")
    assert response["Content-Disposition"].startswith("attachment;")


def test_annotations_have_pages(client, out):
    url = public_url("annotations", out)
    whole, page = client.get(url).json(), client.get(f"{url}?page=1").json()
    assert page["items"] == whole["first"]["items"]
    assert page["partOf"].endswith(url)
    for number in ("0", "2", "x", "-1", "9" * 40, "٢"):
        assert client.get(f"{url}?page={number}").status_code == 404


def test_a_retracted_version_says_so_and_hands_out_nothing_else(client, out, bob):
    retract(claim=out, reason="The count was misread.", by=bob, at=timezone.now())
    for name in ("annotations", "figures"):
        assert client.get(public_url(name, out, 2)).status_code == 404
    made = client.get(public_url("provenance", out, 2)).json()
    (end,) = made["wasInvalidatedBy"].values()
    assert end["prov:entity"] == f"claim:{out.pk}/v1/"
    page = client.get(reverse("public-claim", args=[out.pk])).content.decode()
    assert public_url("provenance", out, 2) in page
    assert public_url("figures", out, 2) not in page


def test_what_is_paused_is_not_there(client, out, bob):
    pause(claim=out, reason="Looking again.", by=bob, at=timezone.now())
    for name in TYPES:
        assert client.get(public_url(name, out)).status_code == 404
    assert client.get(reverse("public-case-figures", args=[out.case_id])).status_code == 404


@pytest.mark.parametrize("name", TYPES)
def test_a_version_that_is_not_there_is_not_found(client, out, name):
    assert client.get(public_url(name, out, 2)).status_code == 404
    assert client.get(reverse(f"public-{name}", args=[uuid4(), 1])).status_code == 404


def test_an_export_looks_at_the_snapshot_alone(client, out, reword, django_assert_num_queries):
    before = {name: client.get(public_url(name, out)).content for name in TYPES}
    reword(out, "A draft that nobody may see.", "Draft")
    for name, content in before.items():
        with django_assert_num_queries(1):
            assert client.get(public_url(name, out)).content == content


def test_the_figures_of_a_case_are_those_of_its_claims(
    client, dave, counted_claim, make_claim, make_assertion, alice
):
    other = make_claim("Another count.", case=counted_claim.case)
    fields = {"point": 9, "unit": "massacres", "place_as_written": "on the coast"}
    state_figure(assertion=make_assertion(other), by=alice, at=T0, **fields)
    make_claim("Without a figure.", case=counted_claim.case)
    client.force_login(dave)
    response = client.get(reverse("case-figures", args=[counted_claim.case_id]))
    rows = {row["claim_id"]: row for row in table(response)}
    assert rows.keys() == {str(counted_claim.pk), str(other.pk)}
    assert rows[str(other.pk)]["place_as_written"] == "on the coast"


def test_the_public_figures_of_a_case_are_the_published_ones(client, out, make_claim, make_assertion, alice):
    other = make_claim("Another count.", case=out.case)
    state_figure(assertion=make_assertion(other), by=alice, at=T0, point=9, unit="massacres")
    (row,) = table(client.get(reverse("public-case-figures", args=[out.case_id])))
    assert row["claim_id"] == str(out.pk)


def test_a_retracted_claim_has_no_figures_in_its_case(client, out, bob):
    retract(claim=out, reason="The count was misread.", by=bob, at=timezone.now())
    assert table(client.get(reverse("public-case-figures", args=[out.case_id]))) == []


def test_the_public_page_leads_to_its_data(client, out):
    page = client.get(reverse("public-claim", args=[out.pk])).content.decode()
    for name, rel in (("provenance", "describedby"), ("annotations", "alternate"), ("figures", "alternate")):
        url = public_url(name, out)
        assert f'<link rel="{rel}"' in page
        assert page.count(f'href="{url}"') == 2


def test_a_protected_person_goes_by_the_pseudonym(
    client, dave, researched_claim, make_source, make_assertion
):
    protected = make_source("Witness 4", "protected-person", secret_name="Somebody Real")
    make_assertion(researched_claim, protected, role="witness")
    client.force_login(dave)
    for name in TYPES:
        assert "Somebody Real" not in client.get(desk_url(name, researched_claim)).content.decode()
    made = json.loads(client.get(desk_url("provenance", researched_claim)).content)
    assert "Witness 4" in {agent["prov:label"] for agent in made["agent"].values()}
