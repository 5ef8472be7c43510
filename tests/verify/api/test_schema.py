"""The OpenAPI description: without a warning, and true."""

from __future__ import annotations

from io import StringIO
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def shape(schema: dict[str, Any], path: str, status: str = "200") -> dict[str, Any]:
    """The JSON Schema of an answer, with what it refers to."""
    content = schema["paths"][path]["get"]["responses"][status]["content"]
    return next(iter(content.values()))["schema"] | {"components": schema["components"]}


def plain(value: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` is a type of its own there."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: plain(item) for key, item in value.items()}
    return {"anyOf": [value, {"type": "null"}]} if value.pop("nullable", False) else value


def test_schema_is_valid_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_schema_is_served_to_everybody(api, db):
    response = api.get("/api/schema/")
    assert response.status_code == 200
    assert b"/api/v1/claims/" in response.content


def test_every_operation_has_a_summary_and_its_problems(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            refused = [status for status in operation["responses"] if status >= "400"]
            assert refused, (method, path)
            # Clients made for Google's Fact Check Tools are answered errors as it says them.
            said = "application/json" if "v1alpha1" in path else "application/problem+json"
            for status in refused:
                assert list(operation["responses"][status]["content"]) == [said], (method, path, status)


def test_every_operation_says_what_can_always_happen(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            expected = {"401", "429"} | ({"404"} if "{" in path else set())
            expected |= {"403"} if operation.get("security") else set()
            expected |= {"400", "409", "413", "415", "422"} if method != "get" else set()
            assert expected <= set(operation["responses"]), (method, path)


def test_who_is_asked_for_a_token_is_told_its_scope(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            public = operation["tags"][0] in ("Published claims", "Following and checking", "Claim search")
            assert public is (not operation.get("security")), (method, path)
            assert ("x-scope" in operation) is not (public or path == "/api/v1/token/"), (method, path)
    assert schema["paths"]["/api/v1/token/"]["get"]["security"] == [{"token": []}]


def test_every_operation_has_examples(schema):
    missing = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            answers = {status: one for status, one in operation["responses"].items() if status < "300"}
            shown = {"request": operation.get("requestBody", {}), **answers}
            missing += [
                (method, path, what, media_type)
                for what, described in shown.items()
                for media_type, content in described.get("content", {}).items()
                if not content.get("examples") and content["schema"].get("format") != "binary"
            ]
    assert missing == []


def test_answers_are_as_described(schema, api, caller, alice, published_claim):
    base = "/api/v1/claims/"
    captures = caller(alice)
    for path, client, url in [
        (base, api, base),
        (f"{base}{{id}}/", api, f"{base}{published_claim.pk}/"),
        (f"{base}{{id}}/versions/", api, f"{base}{published_claim.pk}/versions/"),
        ("/api/v1/captures/", captures, "/api/v1/captures/"),
    ]:
        known = path if path in schema["paths"] else path.replace("{id}", "{pk}")
        answer = client.get(url).json()
        jsonschema.validate(answer, plain(shape(schema, known)))
        assert answer


def test_examples_are_as_described(schema):
    for operations in schema["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    described = plain(content["schema"] | {"components": schema["components"]})
                    for example in content.get("examples", {}).values():
                        jsonschema.validate(example["value"], described)
