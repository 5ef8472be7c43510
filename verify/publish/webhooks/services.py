"""Webhooks: made, changed, tried, switched off and on, removed; deliveries sent once more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from sources.archive import config
from sources.archive.exchange import FetchError
from verify.accounts import sealing
from verify.accounts.acting import acting
from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import check_has_role
from verify.notify.models import Kind
from verify.notify.services import members, notify
from verify.publish.webhooks import rules, signing, tasks
from verify.publish.webhooks.fanning import head
from verify.publish.webhooks.models import Delivery, DeliveryState, Event, Webhook, WebhookState

PURPOSE = b"verify: secrets of webhooks, version 1"
OVERLAP = timedelta(hours=24)  # how long a former secret signs too
MOST = 50  # webhooks of one desk


@transaction.atomic
def make_webhook(
    *,
    desk: Desk,
    name: str,
    url: str,
    told_of: Iterable[str],
    by: User,
    at: datetime,
    all_desks: bool = False,
) -> tuple[Webhook, str]:
    """A webhook that is told of what happens from now on, and its secret, which is shown this once.

    Raises ValidationError for `name`, `url` or `told_of`.
    """
    check_has_role(by, desk, rules.SEES)
    if Webhook.objects.filter(desk=desk).exclude(state=WebhookState.REMOVED).count() >= MOST:
        raise ValidationError(_("A desk has at most %(n)s webhooks. Remove one first.") % {"n": MOST})
    webhook = Webhook(desk=desk, owner=by, all_desks=all_desks, position=head(), created_at=at, changed_at=at)
    secret = signing.new_secret()
    webhook.secret = _sealed(webhook, secret)
    _describe(webhook, name=name, url=url, told_of=told_of)
    with acting(by=by, at=at):
        webhook.save(force_insert=True)
    return webhook, secret


@transaction.atomic
def change_webhook(
    *,
    webhook: Webhook,
    by: User,
    at: datetime,
    name: str | None = None,
    url: str | None = None,
    told_of: Iterable[str] | None = None,
    all_desks: bool | None = None,
) -> Webhook:
    """Change what is given. Deliveries that wait go to the new address; events chosen anew count from now on."""
    webhook = _locked(webhook, by)
    _describe(
        webhook,
        name=webhook.name if name is None else name,
        url=webhook.url if url is None else url,
        told_of=webhook.told_of if told_of is None else told_of,
    )
    webhook.all_desks = webhook.all_desks if all_desks is None else all_desks
    return _saved(webhook, ["name", "url", "told_of", "all_desks"], by, at)


@transaction.atomic
def rotate_secret(*, webhook: Webhook, by: User, at: datetime) -> tuple[Webhook, str]:
    """A new secret, shown this once; the one before it signs too for `OVERLAP`, one before that no more."""
    webhook = _locked(webhook, by)
    secret = signing.new_secret()
    webhook.former_secret, webhook.former_until = webhook.secret, at + OVERLAP
    webhook.secret = _sealed(webhook, secret)
    return _saved(webhook, ["former_secret", "former_until", "secret"], by, at), secret


@transaction.atomic
def switch_off(*, webhook: Webhook, by: User, at: datetime) -> Webhook:
    """Send nothing more; what waits is dropped. Switching off what is off changes nothing."""
    webhook = _locked(webhook, by)
    if webhook.state != WebhookState.ACTIVE:
        return webhook
    webhook.state = WebhookState.PAUSED
    _saved(webhook, ["state"], by, at)
    _drop_waiting(webhook, at)
    return webhook


@transaction.atomic
def switch_on(*, webhook: Webhook, by: User, at: datetime) -> Webhook:
    """Tell of what happens from now on. What happened meanwhile is not told: `/changes/` has it, and replay."""
    webhook = _locked(webhook, by)
    if webhook.state == WebhookState.ACTIVE:
        return webhook
    webhook.state, webhook.position, webhook.failing_since = WebhookState.ACTIVE, head(), None
    return _saved(webhook, ["state", "position", "failing_since"], by, at)


@transaction.atomic
def remove(*, webhook: Webhook, by: User, at: datetime) -> None:
    """Remove it for good: nothing more is sent, and its secret is forgotten. What was sent stays on record."""
    webhook = _locked(webhook, by)
    webhook.state = WebhookState.REMOVED
    webhook.secret, webhook.former_secret, webhook.former_until = _sealed(webhook, ""), "", None
    _saved(webhook, ["state", "secret", "former_secret", "former_until"], by, at)
    _drop_waiting(webhook, at)


@transaction.atomic
def send_test(*, webhook: Webhook, by: User, at: datetime) -> Delivery:
    """Send something that says that it is a test; it is tried as often as anything else."""
    webhook = _active(_locked(webhook, by))
    test = Delivery.objects.create(webhook=webhook, next_at=at, created_at=at)
    transaction.on_commit(tasks.ring)
    return test


@transaction.atomic
def replay(
    *,
    webhook: Webhook,
    by: User,
    at: datetime,
    delivery: Delivery | None = None,
    since: datetime | None = None,
) -> list[Delivery]:
    """Send again: one finished `delivery`, or all made `since` then that never arrived. Each has an id of its own.

    Raises ValidationError for `delivery`, or when the webhook is off. What was replayed already, and arrived or waits,
    is left out of `since`.
    """
    webhook = _active(_locked(webhook, by))
    if (delivery is None) == (since is None):
        raise ValidationError(_("Name one delivery, or the moment since which to send again."))
    if delivery is not None:
        chosen = [_replayable(webhook, delivery)]
    else:
        chosen = list(webhook.deliveries.undelivered().filter(created_at__gte=since).order_by("announcement"))
    made = Delivery.objects.bulk_create(
        Delivery(
            webhook=webhook,
            announcement_id=one.announcement_id,
            replay_of_id=one.replay_of_id or one.pk,
            next_at=at,
            created_at=at,
        )
        for one in chosen
    )
    transaction.on_commit(tasks.ring)
    return made


def disable(*, webhook: Webhook, at: datetime) -> None:
    """Switch off a webhook (locked by us) whose receiver does not take what is sent, and tell who can mend it."""
    webhook.state, webhook.changed_at = WebhookState.DISABLED, at
    with pghistory.context(by=None, at=at.isoformat(), why=""):  # nobody's act
        webhook.save(update_fields=["state", "changed_at"])
    _drop_waiting(webhook, at)
    people = [webhook.owner, *members(webhook.desk, Role.ADMIN)]
    notify(
        to=people, kind=Kind.WEBHOOK, desk=webhook.desk, key=f"webhook-{webhook.pk}-{at.isoformat()}", at=at
    )


def secrets_of(webhook: Webhook, at: datetime) -> list[str]:
    """What signs at that moment, the present secret first. Raises CannotUnseal."""
    sealed = [webhook.secret]
    if webhook.former_until is not None and webhook.former_until > at:
        sealed.append(webhook.former_secret)
    return [sealing.unseal(one, purpose=PURPOSE, of=webhook.pk.bytes) for one in sealed]


def _sealed(webhook: Webhook, secret: str) -> str:
    return sealing.seal(secret, purpose=PURPOSE, of=webhook.pk.bytes)


def _locked(webhook: Webhook, by: User) -> Webhook:
    rules.check_can_change(by, webhook)
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("desk", "owner")
    row = rows.get(pk=webhook.pk)
    if row.state == WebhookState.REMOVED:
        raise ValidationError(_("This webhook was removed."))
    return row


def _active(webhook: Webhook) -> Webhook:
    if webhook.state != WebhookState.ACTIVE:
        raise ValidationError(_("This webhook is switched off. Switch it on first."))
    return webhook


def _saved(webhook: Webhook, fields: list[str], by: User, at: datetime) -> Webhook:
    webhook.changed_at = at
    with acting(by=by, at=at):
        webhook.save(update_fields=[*fields, "changed_at"])
    return webhook


def _describe(webhook: Webhook, *, name: str, url: str, told_of: Iterable[str]) -> None:
    chosen = set(told_of)
    if not chosen:
        raise ValidationError({"told_of": _("Choose at least one thing to be told of.")})
    webhook.name = name.strip()
    webhook.url = _checked(url.strip())
    # In the order of the enumeration; what it does not know is left to the model to refuse.
    webhook.told_of = [event for event in Event.values if event in chosen] + sorted(
        chosen - set(Event.values)
    )
    webhook.clean_fields()


def _checked(url: str) -> str:
    try:
        target = config.guard().check_url(url)
    except FetchError as refusal:
        raise ValidationError({"url": str(refusal)}) from None
    if settings.PRODUCTION and target.scheme != "https":
        raise ValidationError({"url": _("The address must begin with https://.")})
    return target.url


def _drop_waiting(webhook: Webhook, at: datetime) -> None:
    # What a worker sends just now ends with its answer.
    webhook.deliveries.free(at).update(
        state=DeliveryState.DROPPED, next_at=None, leased_until=None, finished_at=at
    )


def _replayable(webhook: Webhook, delivery: Delivery) -> Delivery:
    if delivery.webhook_id != webhook.pk:
        raise ValidationError({"delivery": _("This webhook has no such delivery.")})
    if delivery.state == DeliveryState.QUEUED:
        raise ValidationError({"delivery": _("This delivery waits to be sent already.")})
    if delivery.announcement_id is None:
        raise ValidationError({"delivery": _("This was a test. Send a new one.")})
    return delivery
