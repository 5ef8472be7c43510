"""The desk's settings, and the person's own tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from verify.accounts import services as accounts
from verify.accounts.models import Role
from verify.api import services as api
from verify.api.models import Token
from verify.web.forms.settings import ApprovalsForm, MemberForm, RoleForm, TokenForm
from verify.web.mixins import DeskView, call, page_of

TOKENS = 50


class DeskSettings(DeskView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show()

    def show(self, *, status: int = 200, **forms: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        forms = {"token_form": TokenForm()} | forms
        if self.can(Role.ADMIN):
            forms = {
                "member_form": MemberForm(auto_id="id_member_%s"),
                "role_form": RoleForm(desk=self.desk, auto_id="id_role_%s"),
                "approvals_form": ApprovalsForm(initial={"approvals_needed": self.desk.approvals_needed}),
            } | forms
        return self.render(
            "verify/settings.html",
            status=status,
            can_admin=self.can(Role.ADMIN),
            page=page_of(
                self.request, self.desk.memberships.select_related("user").order_by("user__username")
            ),
            ratings=self.desk.ratings.all(),
            tokens=self.request.user.tokens.all()[:TOKENS],
            now=timezone.now(),
            **forms,
        )

    def administer(
        self, name: str, form: Form, service: Callable[..., Any], done: str, **given: Any
    ) -> HttpResponse:
        """One act of an administrator: validated, done, and back to the page."""
        if form.is_valid():
            call(form, service, by=self.request.user, **given, **form.cleaned_data)
        if form.errors:
            return self.show(status=422, **{name: form})
        messages.success(self.request, done)
        return redirect("desk-settings")


class MemberNew(DeskSettings):
    role = Role.ADMIN

    def post(self, request: HttpRequest) -> HttpResponse:
        form = MemberForm(request.POST, auto_id="id_member_%s")
        return self.administer("member_form", form, accounts.add_member, _("Added."), desk=self.desk)


class MemberRole(DeskSettings):
    role = Role.ADMIN

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RoleForm(request.POST, desk=self.desk, auto_id="id_role_%s")
        return self.administer("role_form", form, accounts.change_role, _("Role changed."))


class Approvals(DeskSettings):
    role = Role.ADMIN

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ApprovalsForm(request.POST)
        return self.administer("approvals_form", form, accounts.change_approvals, _("Saved."), desk=self.desk)


@method_decorator(never_cache, name="dispatch")  # the secret is in the answer, this once
class TokenNew(DeskSettings):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        made = form.is_valid() and call(
            form, api.make_token, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not made:
            return self.show(status=422, token_form=form)
        token, secret = made
        return self.show(new_token=token, secret=secret)


class TokenRevoke(DeskSettings):
    def get(self, request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
        """Who was signed out while revoking comes here after signing in again."""
        return redirect("desk-settings")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        token = get_object_or_404(Token, pk=pk, user=request.user)
        api.revoke_token(token=token, by=token.user, at=timezone.now())
        messages.success(request, _("Revoked. Whoever used it is refused from now on."))
        return redirect("desk-settings")
