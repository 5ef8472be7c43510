"""How the desk judges: verdict scale, approvals, checklist and due times."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from verify.accounts import services as accounts
from verify.accounts.models import Role
from verify.review import scale
from verify.review.models import ChecklistItem, Rating, TaskKind
from verify.web.forms.settings import DeskForm, DueTimesForm, ItemForm, NewRatingForm, RatingForm
from verify.web.views.settings import ActOnly, SettingsPage

RETIRED = 50  # of the questions that are asked no more, the newest


class DeskJudging(SettingsPage):
    tab = "desk-judging"
    template = "verify/settings_judging.html"

    def context(self) -> dict[str, Any]:
        desk = self.desk
        context: dict[str, Any] = {
            "ratings": list(desk.ratings.order_by("retired", "-value", "code")),
            "items": list(desk.checklist.filter(retired_at=None)),
            "retired_items": desk.checklist.exclude(retired_at=None).order_by("-retired_at")[:RETIRED],
            "due_times": list(desk.due_times.all()),
        }
        if self.can(Role.ADMIN):
            desk_now = {"name": desk.name, "approvals_needed": desk.approvals_needed}
            context |= {
                "approved": scale.approved_with_scale(desk),
                "desk_form": DeskForm(initial=desk_now),
                "rating_form": NewRatingForm(desk=desk, auto_id="id_rating_%s"),
                "item_form": ItemForm(auto_id="id_item_%s"),
                "due_form": DueTimesForm(desk=desk, auto_id="id_due_%s"),
            }
        return context


class _Judging(ActOnly, DeskJudging):
    """An act of an administrator on the page of judging; other desks' steps and questions are not found."""

    def rating(self, code: str) -> Rating:
        return get_object_or_404(Rating.objects.select_related("desk"), desk=self.desk, code=code)

    def item(self, pk: UUID) -> ChecklistItem:
        return get_object_or_404(ChecklistItem.objects.select_related("desk"), desk=self.desk, pk=pk)


class DeskChange(_Judging):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = DeskForm(request.POST)
        return self.administer("desk_form", form, accounts.change_desk, _("Saved."), desk=self.desk)


class RatingNew(_Judging):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewRatingForm(request.POST, desk=self.desk, auto_id="id_rating_%s")
        return self.administer(
            "rating_form", form, scale.add_rating, _("Added to the scale."), desk=self.desk
        )


class RatingEdit(_Judging):
    """Reword a step, on a page of its own."""

    template = "verify/settings_edit.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:  # type: ignore[override] # django-stubs
        rating = self.thing = self.rating(code)
        return self.show(form=RatingForm(initial={"label": rating.label, "label_ar": rating.label_ar}))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        self.thing = self.rating(code)
        return self.administer(
            "form", RatingForm(request.POST), scale.change_rating, _("Saved."), rating=self.thing
        )

    def context(self) -> dict[str, Any]:
        return {"thing": self.thing, "anchor": "scale"}


class RatingMove(_Judging):
    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        up = request.POST.get("to") != "down"
        return self.act(scale.move_rating, _("Moved."), rating=self.rating(code), up=up)


class RatingRetire(_Judging):
    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.act(
            scale.retire_rating, _("Retired. Verdicts that have it keep it."), rating=self.rating(code)
        )


class RatingRestore(_Judging):
    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.act(scale.restore_rating, _("On the scale again."), rating=self.rating(code))


class ItemNew(_Judging):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = ItemForm(request.POST, auto_id="id_item_%s")
        return self.administer(
            "item_form", form, scale.add_item, _("Asked from the next review on."), desk=self.desk
        )


class ItemEdit(_Judging):
    """Reword a question, on a page of its own."""

    template = "verify/settings_edit.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        item = self.thing = self.item(pk)
        return self.show(
            form=ItemForm(initial={"text": item.text, "text_ar": item.text_ar, "kind": item.kind})
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self.thing = self.item(pk)
        return self.administer(
            "form", ItemForm(request.POST), scale.change_item, _("Saved."), item=self.thing
        )

    def context(self) -> dict[str, Any]:
        return {"thing": self.thing, "anchor": "checklist", "answered": self.thing.answers.exists()}


class ItemMove(_Judging):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        up = request.POST.get("to") != "down"
        return self.act(scale.move_item, _("Moved."), item=self.item(pk), up=up)


class ItemRetire(_Judging):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.act(scale.retire_item, _("Asked no more. What was answered stays."), item=self.item(pk))


class DueTimes(_Judging):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = DueTimesForm(request.POST, desk=self.desk, auto_id="id_due_%s")
        if not form.is_valid():
            return self.show(status=422, due_form=form)
        with transaction.atomic():
            for kind, hours in form.cleaned_data.items():
                scale.set_due_time(
                    desk=self.desk,
                    kind=TaskKind(kind),
                    hours=hours,
                    by=self.request.user,
                    at=timezone.now(),
                )
        messages.success(request, _("Saved. Reviews that are asked for already keep their due time."))
        return redirect(self.tab)
