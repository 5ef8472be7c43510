"""What all shapes of the API stand on: input that is refused when it is not known, paging, problems, addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers

_REPORTED = 10  # unknown fields named in one answer


def absolute(name: str, *args: Any) -> str:
    """The public address of a named URL."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


class Strict(serializers.Serializer[Any]):
    """Input in which a field that is not known is an error of that name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))[:_REPORTED]
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("There is no such field here.")] for name in unknown}
                )
        return super().to_internal_value(data)


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
