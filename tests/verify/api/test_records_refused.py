"""A desk's own rows through the API: who is refused, and that nothing of another desk is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from claims.statements.models import Place
from claims.statements.services import add_figure, make_topic, open_case
from sources.archive.models import CaptureMode
from sources.catalog.affiliations import affiliate
from sources.catalog.batches import request_batch
from sources.catalog.lists import Row
from sources.catalog.services import watch_document
from verify.api.models import Scope

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"
LISTS = [
    *("sources", "documents", "watches", "changes", "uploads", "batches", "cases", "claims", "topics"),
]
# (method, address below a row, body); {…} are the ids of `rows`.
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("patch", "sources/{source}/", {"description": "x", "why": "So."}),
    ("post", "sources/{source}/aliases/", {"name": "Other"}),
    ("post", "sources/{source}/aliases/{alias}/withdraw/", {"why": "So."}),
    ("post", "sources/{source}/grades/", {"reliability": "B", "reason": "Its record."}),
    ("post", "sources/{source}/affiliations/", {"kind": "part-of", "principal": "{principal}"}),
    ("post", "sources/{source}/merge/", {"into": "{principal}", "why": "One."}),
    ("post", "sources/{source}/unmerge/", {"why": "Two."}),
    ("patch", "affiliations/{affiliation}/", {"note": "x", "why": "So."}),
    ("post", "affiliations/{affiliation}/withdraw/", {"why": "So."}),
    ("put", "documents/{document}/watch/", {"shortest": 600, "longest": 6000}),
    ("post", "changes/{change}/seen/", {"note": "x"}),
    ("patch", "claims/{claim}/", {"headline": "x", "revision": 1}),
    ("post", "claims/{claim}/move/", {"to": "triaged"}),
    ("post", "claims/{claim}/tag/", {"topics": ["{topic}"]}),
    ("post", "claims/{claim}/untag/", {"topics": ["{topic}"]}),
    ("post", "claims/{claim}/figures/", {"point": 3, "unit": "massacres"}),
    ("patch", "figures/{figure}/", {"point": 4, "revision": 1, "why": "So."}),
    ("post", "figures/{figure}/withdraw/", {"why": "So."}),
    ("post", "captures/{capture}/retry/", {}),
    ("post", "captures/{capture}/stop/", {}),
    ("post", "batches/{batch}/retry/", {}),
]
READS = [
    *(
        "sources/{source}/",
        "sources/{source}/history/",
        "affiliations/{affiliation}/",
        "documents/{document}/",
    ),
    *("documents/{document}/watch/", "changes/{change}/", "batches/{batch}/", "batches/{batch}/rows/"),
    *("cases/{case}/", "cases/{case}/figures/compare/?figure={figure}", "claims/{claim}/"),
    *("claims/{claim}/figures/", "figures/{figure}/"),
]
CREATES: list[tuple[str, dict[str, Any]]] = [
    ("sources/", {"kind": "outlet", "name": "The Wire"}),
    ("documents/", {"url": "http://wire.example/new"}),
    ("batches/", {"list": [{"url": "http://wire.example/new"}]}),
    ("cases/", {"title": "A case"}),
    ("claims/", {"text": "It is so."}),
    ("topics/", {"name": "Casualties"}),
    ("places/", {"name": "Hamlet", "kind": "city", "parent": "{country}"}),
]
CAPTURING = ("captures/", "batches/")


@pytest.fixture
def rows(
    shipped_places: Any, desk: Any, alice: Any, make_source: Any, make_capture: Any, make_claim: Any
) -> dict[str, str]:
    """Ids of one row of each kind, all of the desk "coast"."""
    at = timezone.now()
    source, principal = make_source("Observatory", aliases=[("SOHR", "en")]), make_source("Network")
    before = make_capture("He said it.")
    after = make_capture("He said nothing.", before.document)
    case = open_case(desk=desk, title="The coast", by=alice, at=at)
    claim = make_claim(case=case)
    figure = add_figure(claim=claim, by=alice, at=at, point=745, unit="people-killed")
    watch_document(
        document=before.document, by=alice, at=at, mode=CaptureMode.HTTP, shortest=600, longest=6000
    )
    batch = request_batch(
        desk=desk, rows=[Row(1, "http://wire.example/9")], label="", mode=CaptureMode.HTTP, by=alice, at=at
    )
    found = {
        "source": source,
        "principal": principal,
        "alias": source.aliases.get(),
        "affiliation": affiliate(source=source, kind="part-of", principal=principal, by=alice, at=at),
        "document": before.document,
        "capture": after,
        "change": _change(before, after, at),
        "batch": batch,
        "case": case,
        "claim": claim,
        "figure": figure,
        "topic": make_topic(desk=desk, name="Dead", by=alice, at=at),
        "country": Place.objects.get(code="SY"),
    }
    return {name: str(row.pk) for name, row in found.items()}


def _change(before: Any, after: Any, at: Any) -> Any:
    """An open alert; comparing itself is tested elsewhere."""
    from sources.archive.models import Change

    return Change.objects.create(
        desk=before.desk,
        document=before.document,
        before=before,
        after=after,
        kind="edited",
        is_alert=True,
        detected_at=at,
        entry=before.entry,
    )


def filled(value: Any, rows: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(each, rows) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, rows) for each in value]
    return value.format(**rows) if isinstance(value, str) else value


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{m} {p}" for m, p, _b in WRITES])
def test_write_is_refused(caller, api, rows, dave, alice, mallory, is_problem, method, path, body):
    url, body = filled(f"{DESK}/{path}", rows), filled(body, rows)
    scope = Scope.CAPTURE if path.startswith(CAPTURING) else Scope.WRITE

    def sent(client: Any) -> Any:
        return getattr(client, method)(url, body)

    is_problem(sent(api), 401)
    is_problem(sent(caller(alice, *(each for each in Scope if each != scope))), 403)
    is_problem(sent(caller(dave, scope)), 403)
    missing = filled(
        f"{DESK}/{path}", dict.fromkeys(rows, "00000000-0000-4000-8000-000000000000") | {"alias": "1"}
    )
    theirs, none = sent(caller(mallory, scope)), getattr(caller(mallory, scope), method)(missing, body)
    assert is_problem(theirs, 404) == is_problem(none, 404)


@pytest.mark.parametrize("path", READS)
def test_read_is_refused(caller, api, rows, alice, dave, mallory, is_problem, path):
    url = filled(f"{DESK}/{path}", rows)
    assert caller(dave, Scope.READ).get(url).status_code == 200
    is_problem(api.get(url), 401)
    is_problem(caller(alice, Scope.WRITE, Scope.CAPTURE).get(url), 403)
    is_problem(caller(mallory, Scope.READ).get(url), 404)


@pytest.mark.parametrize(("path", "body"), CREATES, ids=[path for path, _body in CREATES])
def test_create_is_refused(caller, api, rows, alice, dave, desk, mallory, is_problem, path, body):
    url, body = f"{DESK}/{path}", filled(body, rows)
    scope = Scope.CAPTURE if path.startswith(CAPTURING) else Scope.WRITE
    is_problem(api.post(url, body), 401)
    is_problem(caller(alice, *(each for each in Scope if each != scope)).post(url, body), 403)
    is_problem(caller(dave, scope).post(url, body), 403)
    refused = is_problem(caller(mallory, scope).post(url, {**body, "desk": desk.slug}), 400)
    assert [error["field"] for error in refused["errors"]] == ["desk"]


@pytest.mark.parametrize("path", LISTS)
def test_list_holds_nothing_of_another_desk(caller, rows, dave, mallory, path):
    url = f"{DESK}/{path}/"
    assert caller(dave, Scope.READ).get(url).json()["results"], path
    assert caller(mallory, Scope.READ).get(url).json()["results"] == []
    assert caller(mallory, Scope.READ).get(url, {"desk": "coast"}).json()["results"] == []


@pytest.mark.parametrize("path", [*LISTS, "places"])
def test_unknown_filter_is_refused_by_name(caller, alice, is_problem, path):
    body = is_problem(caller(alice, Scope.READ).get(f"{DESK}/{path}/", {"colour": "red"}), 400)
    assert body["errors"][0]["field"] == "colour"


@pytest.mark.parametrize(("path", "body"), CREATES, ids=[path for path, _body in CREATES])
def test_unknown_field_is_refused_by_name(caller, rows, alice, is_problem, path, body):
    scope = Scope.CAPTURE if path.startswith(CAPTURING) else Scope.WRITE
    sent = caller(alice, scope).post(f"{DESK}/{path}", {**filled(body, rows), "colour": "red"})
    assert [error["field"] for error in is_problem(sent, 400)["errors"]] == ["colour"]


@pytest.mark.parametrize(("path", "body"), CREATES, ids=[path for path, _body in CREATES])
def test_same_key_makes_it_once(caller, rows, alice, path, body):
    """Repeated under one Idempotency-Key: the same answer, and one row."""
    client = caller(alice, Scope.WRITE, Scope.CAPTURE, Scope.READ)
    known = {row["id"] for row in client.get(f"{DESK}/{path}", {"page_size": 100}).json()["results"]}
    sent = [
        client.post(f"{DESK}/{path}", filled(body, rows), headers={"Idempotency-Key": f"once-{path}"})
        for _again in range(2)
    ]
    assert [each.status_code for each in sent] in ([201, 201], [200, 200]), sent[0].content
    assert sent[0].json() == sent[1].json()
    listed = client.get(f"{DESK}/{path}", {"page_size": 100, "desk": "coast"}).json()["results"]
    assert len({row["id"] for row in listed} - known) == 1 or path == "places/"


def test_answers_are_what_the_description_says(caller, rows, alice, validate_answer):
    client = caller(alice, Scope.READ)
    for path in [*READS, *(f"{each}/" for each in [*LISTS, "places"])]:
        url = filled(f"{DESK}/{path}", rows)
        validate_answer(url, client.get(url))


@pytest.fixture
def validate_answer() -> Any:
    import jsonschema
    from django.urls import resolve
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: plain(item) for key, item in value.items()}
        return {"anyOf": [value, {"type": "null"}]} if value.pop("nullable", False) else value

    def validate(url: str, answer: Any) -> None:
        assert answer.status_code == 200, (url, answer.content)
        route = resolve(url.partition("?")[0]).route
        path = "/" + route.replace("<uuid:pk>", "{id}")
        known = path if path in schema["paths"] else path.replace("{id}", "{pk}")
        content = schema["paths"][known]["get"]["responses"]["200"]["content"]["application/json"]
        jsonschema.validate(answer.json(), plain(content["schema"] | {"components": schema["components"]}))

    return validate


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("sources", 2), ("documents", 1), ("uploads", 2), ("cases", 1), ("claims", 2), ("topics", 1)],
)
def test_list_costs_the_same_for_one_and_for_three(
    desk, alice, make_source, make_capture, make_claim, django_assert_num_queries, path, queries, number
):
    """Without the token's own queries, which are the same for every address."""
    at = timezone.now()
    for n in range(number):
        if path == "sources":
            make_source(aliases=[(f"Name {n}", "")])
        elif path in ("documents", "uploads"):
            make_capture(f"Text {n}.", outlet=make_source())
        elif path == "cases":
            open_case(desk=desk, title=f"Case {n}", by=alice, at=at)
        elif path == "claims":
            make_claim(case=open_case(desk=desk, title=f"Case {n}", by=alice, at=at))
        else:
            make_topic(desk=desk, name=f"Topic {n}", by=alice, at=at)
    client = APIClient()
    client.force_authenticate(alice)
    with django_assert_num_queries(queries):
        assert len(client.get(f"{DESK}/{path}/").json()["results"]) == number
