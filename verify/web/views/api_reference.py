"""The API for people: what each address does, what it takes and answers, with examples; made from the description."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from verify.api.models import Scope
from verify.api.openapi import document, subjects
from verify.web.views.conditional import answer
from verify.web.views.public import absolute

_CODE = re.compile(r"`([^`]+)`")


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Where to begin, and all operations by subject."""
    found = [
        {"slug": slug, "title": title, "operations": operations}
        for slug, (title, operations) in subjects().items()
    ]
    context = {
        "subjects": found,
        "count": sum(len(each["operations"]) for each in found),
        "scopes": Scope.choices,
        "site": settings.SITE_URL,
        "section": "api",
        "canonical": absolute(reverse("api-reference")),
    }
    return answer(request, lambda: render(request, "verify/public/api.html", context), shows=["api"])


@require_safe
def subject(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The operations of one subject, whole."""
    known = subjects()
    if slug not in known:
        raise Http404
    title, operations = known[slug]
    others = [{"slug": each, "title": name} for each, (name, _operations) in known.items()]

    def make() -> HttpResponseBase:
        context = {
            "title": title,
            "slug": slug,
            "operations": [_told(operation) for operation in operations],
            "subjects": others,
            "section": "api",
            "canonical": absolute(reverse("api-subject", args=[slug])),
        }
        return render(request, "verify/public/api_subject.html", context)

    return answer(request, make, shows=["api", slug])


def _told(operation: dict[str, Any]) -> dict[str, Any]:
    """One operation as its page shows it."""
    body: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    media_type, content = next(iter(body.items()), ("", dict[str, Any]()))
    scope = operation.get("x-scope", "")
    examples = _examples(content)
    return {
        "id": operation["operationId"],
        "method": operation["method"],
        "path": operation["path"],
        "summary": _prose(operation.get("summary", "")),
        "description": _prose(operation.get("description", "")),
        "scope": Scope(scope) if scope in Scope.values else None,
        "is_open": not operation.get("security"),
        "parameters": [_parameter(each) for each in operation.get("parameters", [])],
        "fields": _fields(content.get("schema", {})),
        "media_type": media_type,
        "requests": examples,
        "answers": [_answer(status, each) for status, each in sorted(operation["responses"].items())],
        "curl": _curl(operation, media_type, examples),
    }


def _parameter(given: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(given.get("schema", {}))
    return {
        "name": given["name"],
        "where": given["in"] if given["in"] in ("header", "path") else "",
        "required": given.get("required", False),
        "kind": _kind(schema),
        "says": _prose(given.get("description") or schema.get("description", "")),
    }


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a body, one level deep; of what lies deeper the example shows the shape."""
    schema = _resolved(schema)
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "required": name in needed,
            "kind": _kind(_resolved(each)),
            "says": _prose(each.get("description") or _resolved(each).get("description", "")),
        }
        for name, each in schema.get("properties", {}).items()
        if not each.get("readOnly")
    ]


def _answer(status: str, given: dict[str, Any]) -> dict[str, Any]:
    contents = given.get("content", {})
    media_type, content = next(iter(contents.items()), ("", {}))
    return {
        "status": status,
        "good": status < "300",
        "says": _prose(given.get("description", "")),
        "media_type": media_type,
        "examples": _examples(content) if status < "300" else [],
    }


def _examples(content: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"name": each.get("summary") or name, "text": _pretty(each["value"])}
        for name, each in content.get("examples", {}).items()
        if "value" in each
    ]


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _prose(text: str) -> SafeString:
    """A sentence of the description, with what stands in `backquotes` as code."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(text)))  # what was escaped holds no markup but ours


def _kind(schema: dict[str, Any]) -> str:
    """A word or two for a type: “string, uuid”, “one of: a, b”."""
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"] if each not in ("", None))
    if schema.get("type") == "array":
        return f"[{_kind(_resolved(schema.get('items', {})))}]"
    return ", ".join(filter(None, [schema.get("type", ""), schema.get("format", "")]))


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its reference; what stands beside the reference stays."""
    beside = {name: value for name, value in schema.items() if name not in ("$ref", "allOf", "oneOf")}
    for inner in [schema, *schema.get("allOf", []), *schema.get("oneOf", [])[:1]]:
        if "$ref" in inner:
            name = inner["$ref"].rpartition("/")[2]
            return {**document()["components"]["schemas"].get(name, {}), **beside}
    return schema


def _curl(operation: dict[str, Any], media_type: str, examples: list[dict[str, str]]) -> str:
    """A line for a shell that does it."""
    words = ["curl"]
    if operation["method"] != "GET":
        words += ["-X", operation["method"]]
    if operation.get("security"):
        words += ["-H", '"Authorization: Bearer $TOKEN"']
    if media_type:
        words += ["-H", f'"Content-Type: {media_type}"']
    if examples and media_type == "application/json":
        value = json.loads(examples[0]["text"])
        words += ["-d", shlex.quote(json.dumps(value, ensure_ascii=False))]
    elif media_type and media_type != "application/json":
        words += ["--data-binary", "@file"]
    words.append(f"'{settings.SITE_URL}{operation['path']}'")
    return " ".join(words)
