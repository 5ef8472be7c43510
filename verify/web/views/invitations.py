"""Where the link of an invitation leads: join the desk, with the account that one has or a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from verify.accounts.invitations import (
    InvitationClosed,
    accept_as_newcomer,
    accept_invitation,
    open_invitation,
)
from verify.accounts.models import Invitation, Membership
from verify.web.forms.settings import NewcomerForm
from verify.web.mixins import DESK_KEY, call

KEY = "invitation"  # in the session: the secret, so that it leaves the address and what is sent with it
LONGEST = 200  # characters; what is longer is no secret of ours


@method_decorator([never_cache, sensitive_post_parameters("password", "again")], name="dispatch")
class InvitationView(View):
    """The link itself keeps the secret and leads on; looking at it uses nothing up, as mail scanners look too."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if "link" in request.GET:
            request.session[KEY] = request.GET["link"][:LONGEST]
            return redirect("invitation")
        try:
            return self.show(open_invitation(self.secret, timezone.now()))
        except InvitationClosed as closed:
            return self.closed(closed)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            invitation = open_invitation(self.secret, timezone.now())
            return self.join(invitation) if request.user.is_authenticated else self.arrive(invitation)
        except InvitationClosed as closed:
            return self.closed(closed)

    @property
    def secret(self) -> str:
        return str(self.request.session.get(KEY, ""))

    def join(self, invitation: Invitation) -> HttpResponse:
        """With the account that one is signed in with."""
        form = Form(self.request.POST)
        member = self.call(form, accept_invitation, user=self.request.user)
        return self.welcome(member) if member else self.show(invitation, status=422, form=form)

    def arrive(self, invitation: Invitation) -> HttpResponse:
        """With a new account, which is signed in then."""
        form = NewcomerForm(self.request.POST)
        names = ("username", "display_name", "password")
        member = form.is_valid() and self.call(
            form, accept_as_newcomer, **{name: form.cleaned_data[name] for name in names}
        )
        if not member:
            return self.show(invitation, status=422, form=form)
        login(self.request, member.user)
        return self.welcome(member)

    def call(self, form: Any, service: Any, **given: Any) -> Any:
        """As `verify.web.mixins.call`; a link that was closed meanwhile goes through."""

        def act() -> Any:
            try:
                return service(secret=self.secret, at=timezone.now(), **given), None
            except InvitationClosed as closed:
                return None, closed

        member, closed = call(form, act) or (None, None)
        if closed:
            raise closed
        return member

    def welcome(self, member: Membership) -> HttpResponse:
        self.request.session.pop(KEY, None)
        self.request.session[DESK_KEY] = str(member.desk_id)
        messages.success(self.request, _("Welcome to %(desk)s.") % {"desk": member.desk})
        return redirect("inbox")

    def show(self, invitation: Invitation, *, status: int = 200, form: Any = None) -> HttpResponse:
        if form is None:
            form = Form() if self.request.user.is_authenticated else NewcomerForm()
        context = {"invitation": invitation, "form": form}
        return render(self.request, "verify/invitation.html", context, status=status)

    def closed(self, closed: InvitationClosed) -> HttpResponse:
        """What is wrong with the link, and nothing of the desk to which it led."""
        self.request.session.pop(KEY, None)
        return render(self.request, "verify/invitation.html", {"closed": closed.message}, status=410)
