"""What all shapes of the API stand on: input that is refused when it is not known, paging, problems, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers

_REPORTED = 10  # unknown fields named in one answer


def absolute(name: str, *args: Any) -> str:
    """The public address of a named URL."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


class Strict(serializers.Serializer[Any]):
    """Input in which a field that is not known is an error of that name, and an empty parameter is not one left out.

    A script whose variable was not set would else be given everything.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, QueryDict):
            data = {
                name: data.getlist(name)
                if isinstance(self.fields.get(name), serializers.ListField)
                else data[name]
                for name in data
            }
        elif isinstance(data, Mapping):
            self._check_kinds(data)
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))[:_REPORTED]
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("There is no such field here.")] for name in unknown}
                )
        return super().to_internal_value(data)

    def _check_kinds(self, data: Mapping[str, Any]) -> None:
        """JSON has kinds of its own: only in an address may 1 be what is meant by true, or by a word."""
        wrong = {
            name: [field.error_messages["invalid"]]
            for name, field in self.fields.items()
            if (
                isinstance(field, serializers.BooleanField) and type(data.get(name)) not in (bool, type(None))
            )
            or (isinstance(field, serializers.CharField) and type(data.get(name)) in (int, float))
        }
        if wrong:
            raise serializers.ValidationError(wrong)


class Paging(Strict):
    cursor = serializers.CharField(
        required=False, help_text="from `next` or `previous`; not to be made or read"
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=100, help_text="25 if not given"
    )


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for a person")
    errors = FieldError(  # type: ignore[assignment] # the framework takes declared fields off the class
        many=True, required=False, help_text="which fields were wrong, and how"
    )
