"""The shapes of webhooks and of their deliveries."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from verify.api.shapes.base import Paging, Strict, absolute
from verify.api.shapes.records import DESK_HELP, Person
from verify.publish.states import PublicationState
from verify.publish.webhooks.models import Attempt, Delivery, DeliveryState, Event, Webhook, WebhookState

STATES = [(s.value, s.label) for s in WebhookState if s != WebhookState.REMOVED]
SETTABLE = [(s.value, s.label) for s in (WebhookState.ACTIVE, WebhookState.PAUSED)]
ANNOUNCED = [(s.value, s.label) for s in PublicationState if s != PublicationState.UNPUBLISHED]


class WebhookFilters(Paging):
    state = serializers.ChoiceField(choices=STATES, required=False)


class DeliveryFilters(Paging):
    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)


class _Said(Strict):
    name = serializers.CharField(max_length=100, help_text="whom or what it tells")
    url = serializers.CharField(
        max_length=2048, help_text="of the receiver: http or https, in production https; no private network"
    )
    told_of = serializers.ListField(
        child=serializers.ChoiceField(choices=Event.choices), allow_empty=False, max_length=len(Event)
    )
    all_desks = serializers.BooleanField(
        required=False, help_text="also what other desks of this site publish; false if not given"
    )


class WebhookIn(_Said):
    desk = serializers.SlugField(required=False, help_text=DESK_HELP)


class WebhookChange(_Said):
    """What is to be changed; the rest stays."""

    state = serializers.ChoiceField(
        choices=SETTABLE,
        required=False,
        help_text="`paused` drops what waits; `active` begins at that moment",
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class ReplayIn(Strict):
    """One delivery, or all made since a moment that never arrived."""

    delivery = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False)


class WebhookLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField(help_text="for people")
    deliveries = serializers.URLField()


class WebhookOut(serializers.Serializer[Any]):
    """An address that is told of what happens. Its secret is never shown again."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    owner = Person()
    name = serializers.CharField()
    url = serializers.CharField()
    told_of = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices))
    all_desks = serializers.BooleanField()
    state = serializers.ChoiceField(choices=STATES)
    failing_since = serializers.DateTimeField(allow_null=True, help_text="nothing has arrived since then")
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="the secret before the present one signs too until then"
    )
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    links = WebhookLinks()


class WebhookMade(WebhookOut):
    """With the secret, this once."""

    secret = serializers.CharField(help_text="`whsec_` and base64 of 32 bytes")


class AttemptOut(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="from 1")
    at = serializers.DateTimeField()
    seconds = serializers.FloatField()
    status = serializers.IntegerField(allow_null=True, help_text="of the answer; null: there was none")
    problem = serializers.CharField(allow_blank=True, help_text="why there was none")
    detail = serializers.CharField(allow_blank=True)
    answer = serializers.CharField(allow_blank=True, help_text="how it begins")


class DeliveryLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField(help_text="for people")
    webhook = serializers.URLField()


class DeliveryOut(serializers.Serializer[Any]):
    """One thing told, or to be told. `id` is what goes along as `webhook-id`."""

    id = serializers.UUIDField()
    announcement = serializers.IntegerField(
        allow_null=True, help_text="its number in /changes/; null: a test"
    )
    claim = serializers.UUIDField(allow_null=True)
    event = serializers.ChoiceField(choices=ANNOUNCED, allow_null=True)
    replay_of = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts_made = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="not before; null when finished")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    attempts = AttemptOut(many=True, help_text="of the last 30 days")
    links = DeliveryLinks()


class Replayed(serializers.Serializer[Any]):
    deliveries = serializers.ListField(child=serializers.UUIDField(), help_text="the new ones")


def webhook_facts(webhook: Webhook) -> dict[str, Any]:
    """What WebhookOut shows; `desk` and `owner` should have been fetched along."""
    same = ("id", "name", "url", "told_of", "all_desks", "state", "failing_since", "created_at", "changed_at")
    return {name: getattr(webhook, name) for name in same} | {
        "desk": webhook.desk.slug,
        "owner": {"id": webhook.owner_id, "name": str(webhook.owner)},
        "former_secret_until": webhook.former_until,
        "links": {
            "self": absolute("api-webhook", webhook.pk),
            "page": absolute("webhook", webhook.pk),
            "deliveries": absolute("api-webhook-deliveries", webhook.pk),
        },
    }


def delivery_facts(delivery: Delivery) -> dict[str, Any]:
    """What DeliveryOut shows; the announcement and the attempts should have been fetched along."""
    told = delivery.announcement
    same = ("id", "state", "attempts_made", "next_at", "created_at", "finished_at")
    return {name: getattr(delivery, name) for name in same} | {
        "announcement": delivery.announcement_id,
        "claim": told.claim_id if told else None,
        "event": told.state if told else None,
        "replay_of": delivery.replay_of_id,
        "attempts": [attempt_facts(attempt) for attempt in delivery.attempts.all()],
        "links": {
            "self": absolute("api-webhook-delivery", delivery.webhook_id, delivery.pk),
            "page": absolute("webhook-delivery", delivery.pk),
            "webhook": absolute("api-webhook", delivery.webhook_id),
        },
    }


def attempt_facts(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in map(str, AttemptOut().fields)}
