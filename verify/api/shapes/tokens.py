"""The shape of the token that asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from verify.api.models import Scope, Token
from verify.api.shapes.base import absolute


class RateLimits(serializers.Serializer[Any]):
    requests_per_minute = serializers.IntegerField()
    writes_per_minute = serializers.IntegerField(help_text="of these, those that are no GET or HEAD")


class TokenLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField(help_text="where its owner revokes it")


class TokenOut(serializers.Serializer[Any]):
    """What the token that asks is, and how far it reaches. The secret itself is never said again."""

    name = serializers.CharField()
    hint = serializers.CharField(help_text="how the secret begins", allow_blank=True)
    user = serializers.UUIDField(help_text="whom it acts for")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    desk = serializers.CharField(
        allow_null=True, help_text="the only desk it reaches; null: all of its owner's"
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="to the minute, this request left out"
    )
    limits = RateLimits()
    links = TokenLinks()


def token_facts(token: Token) -> dict[str, Any]:
    """What TokenOut shows of a token."""
    amount = min(token.requests_per_minute or settings.API_RATE_TOKEN, settings.API_RATE_MAX)
    return {
        "name": token.name,
        "hint": token.hint,
        "user": token.user_id,
        "scopes": token.scopes,
        "desk": token.desk.slug if token.desk else None,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "limits": {
            "requests_per_minute": amount,
            "writes_per_minute": min(amount, settings.API_RATE_WRITES),
        },
        "links": {"self": absolute("api-token"), "page": absolute("desk-security")},
    }
