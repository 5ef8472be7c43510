"""Webhooks of a desk: who is told, how each telling went, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from verify.publish.webhooks import rules, services
from verify.publish.webhooks.models import Delivery, DeliveryState, Webhook
from verify.web.forms.webhooks import DeliveryFilter, ReplayForm, WebhookForm
from verify.web.mixins import call, page_of
from verify.web.views.settings import SettingsPage

FIELDS = ("name", "url", "told_of", "all_desks")


class Webhooks(SettingsPage):
    """All of the desk's."""

    tab = "desk-webhooks"
    template = "verify/webhook_list.html"
    role = rules.SEES

    def context(self) -> dict[str, Any]:
        waiting = Count("deliveries", filter=Q(deliveries__state=DeliveryState.QUEUED))
        rows = Webhook.objects.visible_to(self.request.user).filter(desk=self.desk)
        return {
            "page": page_of(
                self.request, rows.select_related("owner").annotate(waiting=waiting).order_by("name", "id")
            )
        }


@method_decorator(never_cache, name="dispatch")  # the secret is in the answer, this once
class WebhookNew(Webhooks):
    template = "verify/webhook_new.html"

    def context(self) -> dict[str, Any]:
        return {"form": WebhookForm()}

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        given = {"desk": self.desk, "by": request.user, "at": timezone.now()}
        made = form.is_valid() and call(form, services.make_webhook, **given, **form.cleaned_data)
        if not made:
            return self.show(status=422, form=form)
        return _shown_once(self, *made)


class OneWebhook(SettingsPage):
    """One webhook, what it is told of, and the log of its deliveries."""

    tab = "desk-webhooks"
    template = "verify/webhook.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        self.webhook = self.found(pk)
        return self.show()

    def found(self, pk: UUID) -> Webhook:
        rows = Webhook.objects.select_related("desk", "owner")
        webhook: Webhook = self.load(rows, role=rules.SEES, pk=pk)
        return webhook

    def context(self) -> dict[str, Any]:
        filters = DeliveryFilter(self.request.GET)
        state = filters.cleaned_data["state"] if filters.is_valid() else ""
        return {
            "webhook": self.webhook,
            "can_change": rules.can_change(self.request.user, self.webhook),
            "page": page_of(self.request, log_of(self.webhook, state)),
            "filters": filters,
            "replay_form": ReplayForm(),
            "undelivered": self.webhook.deliveries.undelivered().count(),
            "now": timezone.now(),
        }


class _Act(OneWebhook):
    """Something that is done to a webhook, by who may change it."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        self.found(pk)
        return redirect("webhook", pk)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self.webhook = self.found(pk)
        rules.check_can_change(request.user, self.webhook)
        return self.do()

    def do(self) -> HttpResponse:
        raise NotImplementedError

    def run(self, service: Callable[..., Any], form: Form | None = None, **given: Any) -> Any:
        """What the service gives; None when it refused, and then `refused` says why."""
        self.refused = form or Form(self.request.POST)
        given |= {"webhook": self.webhook, "by": self.request.user, "at": timezone.now()}
        return call(self.refused, service, **given)

    def back(self, done: str) -> HttpResponse:
        if self.refused.errors:
            return self.show(status=422, refused=self.refused)
        messages.success(self.request, done)
        return redirect("webhook", self.webhook.pk)


class WebhookEdit(_Act):
    template = "verify/webhook_edit.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        self.webhook = self.found(pk)
        rules.check_can_change(request.user, self.webhook)
        return self.show()

    def context(self) -> dict[str, Any]:
        initial = {name: getattr(self.webhook, name) for name in FIELDS}
        return {"webhook": self.webhook, "form": WebhookForm(initial=initial)}

    def do(self) -> HttpResponse:
        form = WebhookForm(self.request.POST)
        if form.is_valid():
            self.run(services.change_webhook, form, **form.cleaned_data)
        if form.errors:
            return self.show(status=422, form=form)
        messages.success(self.request, _("Saved."))
        return redirect("webhook", self.webhook.pk)


@method_decorator(never_cache, name="dispatch")  # the secret is in the answer, this once
class WebhookRotate(_Act):
    def do(self) -> HttpResponse:
        made = self.run(services.rotate_secret)
        return _shown_once(self, *made) if made else self.back("")


class WebhookOff(_Act):
    def do(self) -> HttpResponse:
        self.run(services.switch_off)
        return self.back(_("Switched off. What waited was dropped."))


class WebhookOn(_Act):
    def do(self) -> HttpResponse:
        self.run(services.switch_on)
        return self.back(_("Switched on. It is told of what happens from now on."))


class WebhookRemove(_Act):
    template = "verify/webhook_remove.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        self.webhook = self.found(pk)
        rules.check_can_change(request.user, self.webhook)
        return self.show()

    def context(self) -> dict[str, Any]:
        return {"webhook": self.webhook, "form": Form()}

    def do(self) -> HttpResponse:
        self.run(services.remove)
        if self.refused.errors:
            return self.show(status=422, refused=self.refused)
        messages.success(self.request, _("Removed. Nothing more is sent to it."))
        return redirect(self.tab)


class WebhookTest(_Act):
    def do(self) -> HttpResponse:
        test = self.run(services.send_test)
        if test is None:
            return self.back("")
        return redirect("webhook-delivery", test.pk)  # which is a fragment for htmx


class WebhookReplay(_Act):
    """One delivery once more, or all that did not arrive in the last days."""

    def do(self) -> HttpResponse:
        if one := self.request.POST.get("delivery"):
            delivery = self.load(Delivery.objects.select_related("webhook"), via="webhook", pk=_uuid(one))
            made = self.run(services.replay, delivery=delivery)
        else:
            form = ReplayForm(self.request.POST)
            if not form.is_valid():
                return self.show(status=422, replay_form=form)
            made = self.run(services.replay, form, since=timezone.now() - form.back)
        n = len(made or [])
        return self.back(
            ngettext("%(n)s delivery is sent again.", "%(n)s deliveries are sent again.", n) % {"n": n}
        )


class OneDelivery(SettingsPage):
    """A delivery with its attempts: a page, or for htmx the line of the log, which asks again while it is under way."""

    tab = "desk-webhooks"
    template = "verify/webhook_delivery.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        rows = _with_log(Delivery.objects.all()).select_related("webhook__desk")
        self.delivery = self.load(rows, role=rules.SEES, via="webhook", pk=pk)
        if self.request.htmx:
            return self.render("verify/webhook_delivery.html#line", **self.context())
        return self.show()

    def context(self) -> dict[str, Any]:
        return {"delivery": self.delivery, "webhook": self.delivery.webhook, "follow": True}


def log_of(webhook: Webhook, state: str) -> QuerySet[Delivery]:
    """The deliveries of a webhook, newest first, with what each line says."""
    rows = webhook.deliveries.filter(state=state) if state else webhook.deliveries.all()
    return _with_log(rows)


def _with_log(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    told = rows.select_related("announcement__claim", "announcement__version")
    return told.defer("announcement__version__snapshot").prefetch_related("attempts")


def _shown_once(view: Any, webhook: Webhook, secret: str) -> HttpResponse:
    """The page of the webhook with its new secret, which is nowhere else."""
    shown = OneWebhook()
    shown.setup(view.request)
    shown.memberships, shown.desk, shown.membership = view.memberships, view.desk, view.membership
    shown.webhook = webhook
    return shown.show(secret=secret)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
