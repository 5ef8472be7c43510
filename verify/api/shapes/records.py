"""What the shapes of a desk's own rows share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from verify.api.shapes.base import Paging, Strict

DESK_HELP = "the desk's slug; needed by members of several desks"
MOST = 2_147_483_647  # that the database's integers hold
LONGEST = 20_000  # code points of a text that a person writes


class Person(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class Named(serializers.Serializer[Any]):
    """Another row, by its id and what people call it."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class Withdrawn(serializers.Serializer[Any]):
    """Who took it back, when and why."""

    at = serializers.DateTimeField()
    by = Person()
    why = serializers.CharField()


class Why(Strict):
    why = serializers.CharField(max_length=LONGEST, help_text="it stays on record")


class Flag(serializers.BooleanField):
    """A filter that is true, false, or left out; in a form, left out would be false."""

    default_empty_html = empty


class DeskFilters(Paging):
    """Filters of a list over all desks of the caller."""

    desk = serializers.SlugField(required=False, help_text="of one desk only")


def words(**options: Any) -> Any:
    """A field for people's words, which may be left out."""
    return serializers.CharField(
        **({"required": False, "allow_blank": True, "max_length": LONGEST} | options)
    )


def desk_field() -> Any:
    return serializers.SlugField(required=False, help_text=DESK_HELP)


def language_field(**options: Any) -> Any:
    given: dict[str, Any] = {"required": False, "max_length": 12, "help_text": "BCP 47"} | options
    return serializers.RegexField(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", **given)


def person_facts(user: Any) -> dict[str, Any] | None:
    return {"id": user.pk, "name": str(user)} if user is not None else None


def named_facts(row: Any) -> dict[str, Any] | None:
    return {"id": row.pk, "name": str(row)} if row is not None else None


def withdrawn_facts(row: Any) -> dict[str, Any] | None:
    """Of a Withdrawable with `withdrawn_by` fetched along."""
    if row.stands:
        return None
    return {"at": row.withdrawn_at, "by": person_facts(row.withdrawn_by), "why": row.withdrawn_because}


def plain(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def one_of_desk(given: dict[str, Any]) -> dict[str, Any]:
    """The lookup of the filter `desk`, taken out of `given`."""
    slug = given.pop("desk", None)
    return {"desk__slug": slug} if slug else {}
