"""For people of several desks: which one they work at now."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from verify.accounts.second_factor import has_second_factor
from verify.web.mixins import DESK_KEY, DeskRequest, DeskView


class DeskList(DeskView):
    """The person's desks; choosing one opens its documents."""

    def _desk_in_use(self) -> UUID:
        """One that is open to the person, if there is any: this page is the way out of one that is not."""
        kept = super()._desk_in_use()
        open_desks = [pk for pk, member in self.memberships.items() if not member.desk.requires_second_factor]
        if kept in open_desks or not open_desks or has_second_factor(self.request.user):
            return kept
        return open_desks[0]

    def get(self, request: DeskRequest) -> HttpResponse:
        return self.render("verify/desk_list.html", memberships=self.memberships.values())

    def post(self, request: DeskRequest) -> HttpResponse:
        chosen = request.POST.get("desk", "")
        if chosen not in map(str, self.memberships):
            raise Http404
        request.session[DESK_KEY] = chosen
        return redirect("inbox")
