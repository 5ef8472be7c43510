"""Webhooks of one's desks and their deliveries, for editors and above."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from verify.accounts.rules import desks_of
from verify.api import repeating
from verify.api.examples import webhooks as given_so
from verify.api.examples.records import examples
from verify.api.models import Scope
from verify.api.schema import problems
from verify.api.shapes import webhooks as shapes
from verify.api.views.base import DeskEndpoint, DeskList
from verify.publish.webhooks import rules, services
from verify.publish.webhooks.models import Delivery, Webhook

ONE = Webhook.objects.select_related("desk", "owner")
WITH_LOG = Delivery.objects.select_related("announcement").prefetch_related("attempts")
SCOPES = dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), Scope.WEBHOOKS)


class _OfWebhook(DeskEndpoint):
    """What is about one webhook."""

    scopes = SCOPES

    def webhook(self, pk: UUID) -> Webhook:
        webhook: Webhook = self.load(ONE, role=rules.SEES, pk=pk)
        return webhook

    def changeable(self, pk: UUID) -> Webhook:
        webhook = self.webhook(pk)
        rules.check_can_change(self.by, webhook)
        return webhook


class Webhooks(DeskList):
    scopes = SCOPES
    serializer_class = shapes.WebhookOut
    filters = shapes.WebhookFilters
    ordering = ("name", "id")
    facts = staticmethod(shapes.webhook_facts)

    def get_queryset(self) -> QuerySet[Webhook]:
        if not desks_of(self.by, rules.SEES).exists():
            raise PermissionDenied(
                _("This needs the role “%(role)s” at the desk.") % {"role": rules.SEES.label}
            )
        return ONE.visible_to(self.by, rules.SEES).filter(**self.given())

    @extend_schema(
        operation_id="webhooks_list",
        summary="Webhooks of one's desks, by name",
        parameters=[shapes.WebhookFilters],
        examples=examples(response=given_so.WEBHOOK_OUT),
        responses={200: shapes.WebhookOut(many=True), **problems(400)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Have an address told of what happens from now on",
        description=(
            "The answer holds the secret with which the receiver checks what it is sent; it is never shown again. "
            "No `Idempotency-Key` is taken here: it would keep the answer, and with it the secret."
        ),
        request=shapes.WebhookIn,
        examples=examples(request=given_so.WEBHOOK_IN, response=given_so.WEBHOOK_MADE, status=201),
        responses={201: shapes.WebhookMade, **problems(400)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        _keep_no_secret(request)
        given = self.given_body(shapes.WebhookIn)
        desk = self.desk_of(given, rules.SEES)
        webhook, secret = services.make_webhook(desk=desk, by=self.by, at=timezone.now(), **given)
        return self.made(shapes.WebhookMade, shapes.webhook_facts(webhook) | {"secret": secret})


class OneWebhook(_OfWebhook):
    @extend_schema(
        operation_id="webhook",
        summary="A webhook and how it does",
        examples=examples(response=given_so.WEBHOOK_OUT),
        responses={200: shapes.WebhookOut},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.WebhookOut, shapes.webhook_facts(self.webhook(pk)))

    @extend_schema(
        operation_id="webhook_change",
        summary="Change a webhook, switch it off or on",
        description="For its owner and the desk's administrators.",
        request=shapes.WebhookChange,
        examples=examples(request=given_so.WEBHOOK_CHANGE, response=given_so.WEBHOOK_CHANGED),
        responses={200: shapes.WebhookOut, **problems(400)},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        given = self.given_body(shapes.WebhookChange)
        state = given.pop("state", None)

        def act() -> Response:
            webhook, at = self.changeable(pk), timezone.now()
            if given:
                webhook = services.change_webhook(webhook=webhook, by=self.by, at=at, **given)
            if state:
                switch = services.switch_on if state == "active" else services.switch_off
                webhook = switch(webhook=webhook, by=self.by, at=at)
            return self.now(shapes.WebhookOut, shapes.webhook_facts(webhook))

        return self.once(act)

    @extend_schema(
        operation_id="webhook_remove",
        summary="Remove a webhook for good",
        description="For its owner and the desk's administrators. What was sent stays on record.",
        responses={204: None},
    )
    def delete(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            services.remove(webhook=self.changeable(pk), by=self.by, at=timezone.now())
            return Response(status=204)

        return self.once(act)


class Secret(_OfWebhook):
    scopes = {"POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="webhook_secret_rotate",
        summary="A new secret, shown this once",
        description=(
            "The present one signs too for 24 hours. For its owner and the desk's administrators. No "
            "`Idempotency-Key` is taken here: it would keep the answer, and with it the secret."
        ),
        request=None,
        examples=examples(response=given_so.WEBHOOK_ROTATED),
        responses={200: shapes.WebhookMade, **problems(400)},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        _keep_no_secret(request)
        webhook, secret = services.rotate_secret(webhook=self.changeable(pk), by=self.by, at=timezone.now())
        return self.now(shapes.WebhookMade, shapes.webhook_facts(webhook) | {"secret": secret})


class Test(_OfWebhook):
    scopes = {"POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="webhook_test",
        summary="Send a test",
        description="Answers at once; ask for the delivery to see how it went.",
        request=None,
        examples=examples(response=given_so.TEST_OUT, status=202),
        responses={202: shapes.DeliveryOut, **problems(400)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            test = services.send_test(webhook=self.changeable(pk), by=self.by, at=timezone.now())
            facts = shapes.delivery_facts(test)
            headers = {"Location": facts["links"]["self"]}
            return Response(shapes.DeliveryOut(facts).data, status=202, headers=headers)

        return self.once(act)


class Deliveries(_OfWebhook, DeskList):
    scopes = {"GET": Scope.WEBHOOKS}
    serializer_class = shapes.DeliveryOut
    filters = shapes.DeliveryFilters
    ordering = ("-created_at", "-id")
    facts = staticmethod(shapes.delivery_facts)

    def get_queryset(self) -> QuerySet[Delivery]:
        return WITH_LOG.filter(webhook=self.webhook(self.kwargs["pk"]), **self.given())

    @extend_schema(
        operation_id="webhook_deliveries_list",
        summary="Deliveries of a webhook with their attempts, newest first",
        parameters=[shapes.DeliveryFilters],
        examples=examples(response=given_so.DELIVERY_OUT),
        responses={200: shapes.DeliveryOut(many=True), **problems(400)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)


class OneDelivery(_OfWebhook):
    scopes = {"GET": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="webhook_delivery",
        summary="How a delivery went",
        examples=examples(response=given_so.DELIVERY_OUT),
        responses={200: shapes.DeliveryOut},
    )
    def get(self, request: Request, pk: UUID, delivery: UUID) -> Response:
        row = get_object_or_404(WITH_LOG.filter(webhook=self.webhook(pk)), pk=delivery)
        return self.now(shapes.DeliveryOut, shapes.delivery_facts(row))


class Replay(_OfWebhook):
    scopes = {"POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="webhook_replay",
        summary="Send again: one delivery, or all that never arrived since a moment",
        description=(
            "Each is sent as a new delivery with an id of its own. Of `since`, what was sent again before and arrived "
            "or waits is left out."
        ),
        request=shapes.ReplayIn,
        examples=examples(request=given_so.REPLAY_IN, response=given_so.REPLAYED, status=202),
        responses={202: shapes.Replayed, **problems(400)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        given = self.given_body(shapes.ReplayIn)

        def act() -> Response:
            webhook = self.changeable(pk)
            if one := given.pop("delivery", None):
                given["delivery"] = webhook.deliveries.filter(pk=one).first()
                if given["delivery"] is None:
                    raise ValidationError({"delivery": [_("This webhook has no such delivery.")]})
            made = services.replay(webhook=webhook, by=self.by, at=timezone.now(), **given)
            return Response(shapes.Replayed({"deliveries": [row.pk for row in made]}).data, status=202)

        return self.once(act)


def _keep_no_secret(request: Request) -> None:
    """What is done under a key is answered again, and so its answer is kept: a secret must not be."""
    if repeating.key_of(request) is not None:
        raise ParseError(_("No Idempotency-Key is taken here: the answer holds a secret, which is not kept."))
