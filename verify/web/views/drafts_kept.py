"""Drafts of forms, kept for their writer alone: asked for, kept and dropped by the script of the pages."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from verify.web.keeping import MOST_BYTES, drafts_of, drop_draft, keep_draft
from verify.web.mixins import DeskView
from verify.web.models import FormDraft


@method_decorator(never_cache, name="dispatch")
class DraftKeep(DeskView):
    """GET ?key=…&key=…: one's own drafts of these forms; POST {key, fields}: keep; DELETE ?key=…: forget.

    Whoever is signed out meanwhile is told so with 401, for the page to say that the browser alone keeps it now.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and "application/json" in request.headers.get("Accept", ""):
            return _signed_out()
        # The page of somebody who is signed out by now, in a browser in which somebody else signed in.
        if request.user.is_authenticated and request.GET.get("by", str(request.user.pk)) != str(
            request.user.pk
        ):
            return _signed_out()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        found = drafts_of(self.request.user, request.GET.getlist("key"), at=timezone.now())
        return JsonResponse({"drafts": {key: _shown(draft) for key, draft in found.items()}})

    def post(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            return JsonResponse({"detail": _("This is too long to be kept here.")}, status=413)
        try:
            key, fields = _read(request)
            draft = keep_draft(key=key, fields=fields, by=self.request.user, at=timezone.now())
        except ValidationError as refusal:
            return JsonResponse({"detail": " ".join(refusal.messages)}, status=422)
        return JsonResponse({"saved_at": draft.saved_at.isoformat()})

    def delete(self, request: HttpRequest) -> HttpResponse:
        try:
            drop_draft(key=request.GET.get("key", ""), by=self.request.user)
        except ValidationError as refusal:
            return JsonResponse({"detail": " ".join(refusal.messages)}, status=422)
        return HttpResponse(status=204)


def _signed_out() -> JsonResponse:
    return JsonResponse({"detail": _("You are signed out.")}, status=401)


def _read(request: HttpRequest) -> tuple[str, Any]:
    """The key and the fields, of a JSON body or of a form that sends its fields as JSON."""
    try:
        if request.content_type == "application/json":
            given = json.loads(request.body)
            return str(given["key"]), given["fields"]
        return request.POST["key"], json.loads(request.POST["fields"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValidationError(_("This is not what a form sends.")) from error


def _shown(draft: FormDraft) -> dict[str, Any]:
    return {"fields": draft.fields, "saved_at": draft.saved_at.isoformat()}
