"""The OpenAPI description: made once a process from the code, with each operation's subject and what a token needs."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.text import slugify
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny

from verify.api.schema import problems

METHODS = ("get", "post", "put", "patch", "delete")

# By the module that the view is in; the order is that of the reference.
SUBJECTS = {
    "public": "Published claims",
    "sync": "Following and checking",
    "lookalike": "Claim search",
    "tokens": "The token that asks",
    "webhooks": "Webhooks",
    "captures": "Captures",
    "records": "Desk: records",
    "work": "Desk: work",
}


class Schema(AutoSchema):
    """How one operation is described: its subject as the tag, under `x-scope` what a token must be allowed, and the
    refusals that all operations of its kind share. A view whose errors are no problems gives them as `refusals`."""

    def get_tags(self) -> list[str]:
        return [subject_of(type(self.view))]

    def get_description(self) -> str:  # type: ignore[override] # of the base class of the base class
        return ""  # but for what `extend_schema` says: a docstring is for whoever reads the code

    def get_extensions(self) -> dict[str, Any]:
        scope = self._scope()
        return {"x-scope": str(scope)} if scope else {}

    def get_auth(self) -> list[dict[str, Any]]:
        # What is public needs nobody's name, and what is not has no way in without one.
        return [] if self._is_open() else super().get_auth()

    def _is_open(self) -> bool:
        return all(isinstance(each, AllowAny) for each in self.view.get_permissions())

    def _scope(self) -> Any:
        return getattr(self.view, "scopes", {}).get(self.method)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        """With what every operation of its kind may answer besides: no view has to say it."""
        bodies = super()._get_response_bodies(direction)
        refusals = getattr(self.view, "refusals", problems)
        for (status, media_type), body in refusals(*self._always()).items():
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(body, str(status), (media_type,), direction)
        if "412" in bodies and self.method == "GET":
            bodies["304"] = {"description": "It is as the caller has it."}
        return dict(sorted(bodies.items()))

    def _always(self) -> set[int]:
        always = {401, 429}  # a token that is no good is refused before anybody asks whether one is needed
        if issubclass(self.view.content_negotiation_class, DefaultContentNegotiation):
            always |= {406}
        if "{" in self.path:
            always |= {404}
        if not self._is_open():
            always |= {403}
        if self.method != "GET":
            always |= {400, 409, 413, 415, 422}  # also without a body: of a key and what came with it
        return always


def subject_of(view: type[Any]) -> str:
    """The subject that a view belongs to: that of its module, or of what its module's name begins with."""
    module = view.__module__.rpartition(".")[2]
    first, _line, rest = module.partition("_")
    subject = SUBJECTS.get(module) or SUBJECTS.get(first, first.capitalize())
    return f"Desk: {rest}" if rest and first in ("records", "work") else subject


def written() -> tuple[bytes, bytes]:
    """The whole description as JSON and as YAML."""
    _made, as_json, as_yaml = _documents(settings.SITE_URL)
    return as_json, as_yaml


def document() -> dict[str, Any]:
    """The whole description (OpenAPI 3.0), in English: names and sentences of it are quoted by clients."""
    return _documents(settings.SITE_URL)[0]


@cache
def _documents(site: str) -> tuple[dict[str, Any], bytes, bytes]:
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)
    made["servers"] = [{"url": site}]
    made["tags"] = [{"name": tag} for tag in _tags(made)]
    whole = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
    return made, whole, OpenApiYamlRenderer().render(made)


def _tags(made: dict[str, Any]) -> list[str]:
    """The subjects that occur, in the order of the reference."""
    found = dict.fromkeys(operation["tags"][0] for operation in _operations(made))
    order = list(SUBJECTS.values())
    return sorted(found, key=lambda tag: (order.index(tag) if tag in order else len(order), tag))


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {**operation, "path": path, "method": method.upper()}
        for path, operations in made["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]


def subjects() -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """By its short name in addresses: a subject and its operations, each with `path` and `method`."""
    operations = _operations(document())
    return {
        slugify(tag): (tag, [operation for operation in operations if operation["tags"][0] == tag])
        for tag in _tags(document())
    }
