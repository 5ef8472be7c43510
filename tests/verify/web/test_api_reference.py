"""The API for people: everything that the description says, on pages that need nothing but HTML."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from verify.api.models import Scope
from verify.api.openapi import subjects

pytestmark = pytest.mark.django_db

SUBJECTS = list(subjects())


def read(client: Any, slug: str = "") -> str:
    response = client.get(reverse("api-subject", args=[slug]) if slug else reverse("api-reference"))
    assert response.status_code == 200
    return unescape(response.content.decode())


def section(page: str, operation: dict[str, Any]) -> str:
    """What a subject's page has on one operation."""
    _before, _id, rest = page.partition(f'id="{operation["operationId"]}"')
    return rest.partition("</section>")[0]


def words(text: str) -> str:
    """Without marks of code, in the description or on the page, and however it is broken into lines."""
    return " ".join(re.sub(r"</?code>|</?p>|<br>|`", "", text).split())


def test_index_names_every_operation_of_the_description(client):
    page = read(client)
    operations = [
        (slug, operation) for slug, (_title, operations) in subjects().items() for operation in operations
    ]
    assert len(operations) > 100
    for slug, operation in operations:
        address = reverse("api-subject", args=[slug])
        assert f'href="{address}#{operation["operationId"]}"' in page, operation["operationId"]
        assert f"<code>{operation['path']}</code>" in page and operation["summary"] in page
    assert page.count('class="method"') == len(operations)
    assert all(f">{scope}</code>" in page for scope in Scope.values)


@pytest.mark.parametrize("slug", SUBJECTS)
def test_subject_shows_each_operation_whole(client, slug):
    page = read(client, slug)
    _title, operations = subjects()[slug]
    assert page.count('<section class="section operation"') == len(operations)
    for operation in operations:
        told, name = section(page, operation), operation["operationId"]
        assert f"<code>{operation['path']}</code>" in told and operation["summary"] in told, name
        for parameter in operation.get("parameters", []):
            assert f"<code>{parameter['name']}</code>" in told, (name, parameter["name"])
        for status, given in operation["responses"].items():
            assert f"<code>{status}</code>" in told, (name, status)
            assert words(given.get("description", "")) in words(told), (name, status)
        assert words(operation.get("description", "")) in words(told), name
        good = [
            example["value"]
            for status, given in operation["responses"].items()
            for content in given.get("content", {}).values()
            for example in content.get("examples", {}).values()
            if status < "300"
        ]
        assert told.count("<details>") >= min(len(good), 1), name


@pytest.mark.parametrize("slug", SUBJECTS)
def test_what_takes_a_token_says_which_and_what_does_not_says_so(client, slug):
    page = read(client, slug)
    for operation in subjects()[slug][1]:
        told, name = section(page, operation), operation["operationId"]
        (curl,) = re.findall(r"<code>(curl .*?)</code></pre>", told, re.DOTALL)
        assert f"{settings.SITE_URL}{operation['path']}" in curl, name
        assert (f"-X {operation['method']} " in curl) is (operation["method"] != "GET"), name
        assert ("Authorization: Bearer $TOKEN" in curl) is bool(operation.get("security")), name
        assert ("without a token" in told) is not bool(operation.get("security")), name
        scope = operation.get("x-scope")
        assert ("With any token." in told) is bool(operation.get("security") and not scope), name
        assert (f"Scope: <code>{scope}</code>" in told) if scope else ("Scope:" not in told), name


def test_body_of_an_operation_is_in_the_table_and_in_the_line_for_a_shell(client):
    told = section(read(client, "captures"), {"operationId": "captures_create"})
    assert "<code>url</code>" in told and "needed" in told
    assert '-H "Content-Type: application/json" -d' in told and '"url":' in told


@pytest.mark.parametrize("slug", ["nothing", "admin", "claims"])
def test_unknown_subject_is_not_found(client, slug):
    assert slug not in SUBJECTS
    assert client.get(f"{reverse('api-reference')}{slug}/").status_code == 404


@pytest.mark.parametrize("slug", ["", SUBJECTS[0]])
def test_reader_who_has_the_page_is_not_sent_it_again(client, slug):
    address = reverse("api-subject", args=[slug]) if slug else reverse("api-reference")
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    arabic = client.get(address, headers={"if-none-match": first["ETag"], "accept-language": "ar"})
    assert arabic.status_code == 200 and arabic["ETag"] != first["ETag"]
    assert "public" in first["Cache-Control"]


@pytest.mark.parametrize("slug", ["", *SUBJECTS])
def test_pages_set_no_cookie_and_have_no_script_of_their_own(client, django_assert_num_queries, slug):
    with django_assert_num_queries(0):
        response = client.get(reverse("api-subject", args=[slug]) if slug else reverse("api-reference"))
    assert not response.cookies
    scripts = re.findall(rb"<script[^>]*>", response.content)
    assert len(scripts) == 1 and b"js/verify." in scripts[0] and b"defer" in scripts[0]
    assert b" style=" not in response.content and b" onclick=" not in response.content


def test_every_public_page_leads_to_it(client, published_claim):
    for address in (reverse("front"), reverse("public-claim", args=[published_claim.pk])):
        page = client.get(address).content.decode()
        assert f'href="{reverse("api-reference")}"' in page.partition("<footer")[2], address
