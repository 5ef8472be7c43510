"""From one announcement to a delivery for each webhook: once each, in order, whatever crashes.

A webhook's `position` moves in the transaction that makes its deliveries. Announcements are numbered in the order in
which they commit, so that whoever sees number n sees all before it: nothing can appear behind a position later.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from verify.publish.models import Announcement
from verify.publish.webhooks.models import Delivery, Webhook

AT_ONCE = 500  # announcements that one transaction reads for one webhook


def head() -> int:
    """The number of the last announcement; 0 while there is none."""
    return Announcement.objects.aggregate(last=Max("number"))["last"] or 0


def fan_out(*, at: datetime) -> int:
    """Make the deliveries that active webhooks lack; how many were made. Safe to run twice, and by two at once."""
    behind = Webhook.objects.active().filter(position__lt=head()).order_by("position")
    return sum(_catch_up(webhook, at) for webhook in list(behind.values_list("pk", flat=True)))


def _catch_up(webhook_id: UUID, at: datetime) -> int:
    made, step = 0, _step(webhook_id, at)
    # Whoever passed by while we held the row left to us what came meanwhile: look again until there is nothing.
    while step is not None:
        made, step = made + step, _step(webhook_id, at)
    return made


@transaction.atomic
def _step(webhook_id: UUID, at: datetime) -> int | None:
    """Some of a webhook's deliveries; None when it lacks none, or when somebody else makes them now."""
    free = Webhook.objects.active().filter(pk=webhook_id).select_for_update(skip_locked=True, no_key=True)
    webhook = free.first()
    if webhook is None or webhook.position >= (last := head()):
        return None
    until = min(last, webhook.position + AT_ONCE)
    new = Announcement.objects.filter(
        number__gt=webhook.position, number__lte=until, state__in=webhook.told_of
    )
    if not webhook.all_desks:
        new = new.filter(claim__desk=webhook.desk_id)
    made = Delivery.objects.bulk_create(
        Delivery(webhook=webhook, announcement_id=number, next_at=at, created_at=at)
        for number in new.order_by("number").values_list("number", flat=True)
    )
    Webhook.objects.filter(pk=webhook.pk).update(position=until)
    return len(made)
