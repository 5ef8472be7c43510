"""For people of several desks: which one they work at now."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from verify.web.mixins import DESK_KEY, DeskRequest, DeskView


class DeskList(DeskView):
    """The person's desks; choosing one opens its documents."""

    def get(self, request: DeskRequest) -> HttpResponse:
        return self.render("verify/desk_list.html", memberships=self.memberships.values())

    def post(self, request: DeskRequest) -> HttpResponse:
        chosen = request.POST.get("desk", "")
        if chosen not in map(str, self.memberships):
            raise Http404
        request.session[DESK_KEY] = chosen
        return redirect("inbox")
