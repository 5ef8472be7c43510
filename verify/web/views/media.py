"""Rating the pictures, films and recordings that are put forward for a claim, and taking a rating back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from verify.review.media import rate_media, withdraw_media_rating
from verify.review.models import MediaRating
from verify.web.forms.media import MediaForm
from verify.web.mixins import call
from verify.web.views.assertions import PartNew, Recorded


class MediaNew(PartNew):
    form_class = MediaForm
    template = "claims/media_new.html"
    prefilled = ("capture", "media")

    def make(self, form: Any, claim: Claim) -> MediaRating | None:
        by, at = self.request.user, timezone.now()
        made: MediaRating | None = call(form, rate_media, claim=claim, by=by, at=at, **form.cleaned_data)
        return made

    def done(self, claim: Claim, made: MediaRating) -> HttpResponse:
        messages.success(self.request, _("Rated. Approvals of the earlier content no longer count."))
        return redirect(reverse("claim", args=[claim.pk]) + "#media")


class MediaWithdraw(Recorded):
    """A rating is never reworded: it is withdrawn, and the medium rated anew."""

    rows = MediaRating.objects.select_related(
        "claim__desk", "claim__case", "claim__changed_by", "capture__document"
    )
    name, template = "media_rating", "claims/media_withdraw.html"

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        thing = self.thing(pk)
        form = self.withdrawal(thing, request.POST)
        given = {self.name: thing, "by": request.user, "at": timezone.now()}
        if form.is_valid() and call(form, withdraw_media_rating, **given, **form.cleaned_data):
            return self.back(thing, _("Withdrawn. It counts no more; the history keeps it."))
        return self.show(thing, status=422, withdraw_form=form)

    def show(self, thing: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        forms = {"withdraw_form": self.withdrawal(thing)} | forms
        return self.render(self.template, status=status, claim=thing.claim, thing=thing, **forms)
