"""The name of a protected person stands nowhere but where it is sealed: everything is done, then it is looked for."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from claims.attribution.services import anchor_quote
from sources.catalog.models import ProtectedIdentity, Source, SourceKind
from sources.catalog.services import grade_source
from sources.custody.services import checkpoint
from tests.cast import T0
from verify.api.models import Scope
from verify.api.services import make_token
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.services import assign_review, propose_verdict, submit_review
from verify.web.urls import account, catalog, claims, desk, public, review

SECRET = "Zuhayra Quqnusi"
OTHER = "Wahida Shaqayiqi"  # what replaces it
TRACES = [re.compile(word.encode(), re.I) for name in (SECRET, OTHER) for word in name.split()]


SEARCHED = ("search", "source-list", "document-list", "log")
QUERIES = ("", "?q=Activist", "?q=%D8%B2%D9%87%D9%8A%D8%B1%D8%A9", "?q=Activist&in=sources")


def traces(content: bytes) -> list[bytes]:
    return [found.group() for trace in TRACES for found in trace.finditer(content)]


@pytest.fixture
def told(
    caplog: Any,
    desk: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    make_claim: Any,
    make_capture: Any,
    make_assertion: Any,
) -> Any:
    """A published claim that stands on what a protected person said; registered, sealed anew, looked at, tried."""
    caplog.set_level(logging.DEBUG)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    form = {"kind": "protected-person", "name": "Activist N.", "secret_name": SECRET, "aliases": "Source N"}
    assert client.post("/desk/sources/new/", form | {"name": SECRET}).status_code == 422  # gives it away
    assert client.post("/desk/sources/new/", form).status_code == 302
    person = Source.objects.get(kind=SourceKind.PROTECTED_PERSON)
    here = {
        name: reverse(name, args=[person.pk])
        for name in (
            "source",
            "source-edit",
            "alias-new",
            "source-identity",
            "source-custodians",
            "source-merge",
        )
    }
    looked = client.post(here["source-identity"], {"reason": "A court asks."})
    assert SECRET in looked.content.decode()
    edit = {"kind": "protected-person", "name": SECRET, "description": "", "homepage": "", "why": "x"}
    assert client.post(here["source-edit"], edit).status_code == 422
    assert client.post(here["alias-new"], {"name": SECRET}).status_code == 422
    assert client.post(here["alias-new"], {"name": "N. of the coast"}).status_code == 302
    seal = {"do": "seal", "secret_name": OTHER, "why": "The first name was a mistake."}
    assert client.post(here["source-custodians"], seal).status_code == 302
    grade_source(source=person, reliability="C", reason="Right before.", by=alice, at=T0)
    claim = make_claim("Houses were burnt in the village.", headline="Houses were burnt")
    capture = make_capture()
    said = make_assertion(claim, person, document=capture.document)
    anchor_quote(
        assertion=said, text=capture.texts.get(), quote="around 745 civilians were killed", by=alice, at=T0
    )
    rating = desk.ratings.get(code="confirmed")
    propose_verdict(claim=claim, rating=rating, rationale="Seen by two.", by=alice, at=T0)
    claim.refresh_from_db()
    task = assign_review(claim=claim, reviewer=carol, by=bob, at=T0)
    submit_review(
        task=task,
        opinion="approve",
        reason="It holds.",
        content_digest_seen=content_digest(claim),
        by=carol,
        at=T0,
    )
    claim.refresh_from_db()
    publish(claim=claim, by=bob, at=timezone.now())
    checkpoint(at=timezone.now())
    return person, claim, capture


def columns() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type NOT IN ('integer', 'bigint', 'boolean', 'uuid', 'double precision')"
        )
        return [(table, column) for table, column in cursor.fetchall()]


def stored() -> dict[str, list[bytes]]:
    """The traces in every column of the database that can hold words or bytes."""
    found = {}
    with connection.cursor() as cursor:
        for table, column in columns():
            cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
            values = [value for (value,) in cursor.fetchall()]
            content = b"\n".join(
                bytes(v) if isinstance(v, memoryview | bytes) else str(v).encode() for v in values
            )
            if seen := traces(content):
                found[f"{table}.{column}"] = seen
    return found


def pages(client: Client, person: Any, claim: Any, capture: Any) -> dict[str, bytes]:
    """Every page and file that can be had by address about the person, the claim and its copy; errors, too."""
    about = [{}] + [{"pk": thing.pk} for thing in (person, claim, capture, capture.document)]
    about += [{"pk": claim.pk, "number": 1}, {"index": capture.entry_id}]
    about += [{"pk": thing.pk, "kind": kind} for thing in (person, claim) for kind in ("svg", "png")]
    seen = {}
    for module in (catalog, claims, review, desk, public, account):
        for pattern in module.urlpatterns:
            for given in about:
                try:
                    url = reverse(pattern.name, kwargs=given)
                except Exception:
                    continue
                for query in QUERIES if pattern.name in SEARCHED else ("",):
                    response = client.get(url + query)
                    body = b"".join(response.streaming_content) if response.streaming else response.content
                    seen[url + query] = body + str(response.headers).encode()
    return seen


@pytest.mark.timeout(400)  # some hundred pages, pictures and reports
def test_name_of_a_protected_person_is_nowhere(told, alice, carol, caplog, var_folder):
    person, claim, capture = told
    _row, token = make_token(name="Newsroom", scopes=list(Scope.values), by=carol, at=T0)
    seen: dict[str, bytes] = {}
    for someone in (alice, None):  # the custodian, and the world
        client = Client(raise_request_exception=False)
        if someone:
            client.force_login(someone)
        seen |= {f"{someone} {url}": body for url, body in pages(client, person, claim, capture).items()}
    api = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    for url in ("/api/v1/claims/", f"/api/v1/claims/{claim.pk}/", "/api/v1/sources/", "/api/v1/nothing/"):
        seen[url] = api.get(url).content
    assert len(seen) > 120
    assert {url: traces(body) for url, body in seen.items() if traces(body)} == {}
    assert any(b"Activist N." in body for body in seen.values())
    assert stored() == {}
    said = [*caplog.get_records("setup"), *caplog.records]
    assert traces("\n".join(f"{r.getMessage()} {r.args} {vars(r)}" for r in said).encode()) == []
    files = [path for path in Path(var_folder).rglob("*") if path.is_file()]
    assert [path for path in files if traces(path.read_bytes())] == []
    assert traces(repr([cache.get(key) for key in _keys()]).encode()) == []


def _keys() -> list[Any]:
    """What the cache holds, if it can be listed."""
    client = getattr(getattr(cache, "_cache", None), "get_client", None)
    return [key.decode(errors="replace").split(":", 2)[-1] for key in client().keys("*")] if client else []


def test_sweep_would_find_it(told, tamper):
    assert stored() == {}
    tamper("UPDATE sources_source SET description = %s", [f"She is {SECRET.lower()}."])
    assert "sources_source.description" in stored()
    assert ProtectedIdentity.objects.count() == 1
