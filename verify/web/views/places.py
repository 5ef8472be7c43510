"""The places by which figures are compared: those that come with Verify and those that the desk added."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from claims.statements import places
from claims.statements.models import Place
from claims.statements.services import add_place
from verify.accounts.models import Role
from verify.web.forms.figures import PlaceForm
from verify.web.mixins import DeskView, call, page_of


class PlaceList(DeskView):
    section = "cases"

    def get(self, request: HttpRequest) -> HttpResponse:
        sought = request.GET.get("q", "").strip()
        found: list[Place] = places.matching(sought, places.of_desk(self.desk))
        if not sought:
            found.sort(key=_in_order)
        page = page_of(request, found)
        for place in page:
            place.within = places.path_of(place)[:-1][::-1]
        return self.render("claims/place_list.html", page=page, sought=sought)


class PlaceNew(DeskView):
    section = "cases"
    role = Role.CHECKER

    def get(self, request: HttpRequest) -> HttpResponse:
        given = {name: request.GET[name] for name in ("name", "parent") if name in request.GET}
        return self.render("claims/place_new.html", form=PlaceForm(desk=self.desk, initial=given))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PlaceForm(request.POST, desk=self.desk)
        made = form.is_valid() and call(form, add_place, desk=self.desk, by=request.user, **form.cleaned_data)
        if not made:
            return self.render("claims/place_new.html", status=422, form=form)
        messages.success(request, _("Place added: %(place)s.") % {"place": made})
        return redirect(reverse("place-list") + "?" + urlencode({"q": made.name}))


def _in_order(place: Place) -> tuple[Any, ...]:
    """The desk's own first; then those with something below them; then by name, each below what it lies in."""
    path = places.path_of(place)
    return (place.desk_id is None, len(path) == 1, [each.name.casefold() for each in path])
