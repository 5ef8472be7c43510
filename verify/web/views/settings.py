"""The desk's settings: its people, its security and its record; and the person's own tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from verify.accounts import invitations
from verify.accounts import services as accounts
from verify.accounts.models import Invitation, Membership, Role, User
from verify.accounts.second_factor import FACTORS
from verify.api import services as api
from verify.api.models import Token
from verify.review import leaving
from verify.review.models import Task
from verify.web.desk_record import record
from verify.web.forms.settings import InvitationForm, RoleForm, SecondFactorForm, TokenForm
from verify.web.mixins import DeskView, call, page_of

TOKENS = 50
INVITATIONS = 50


class SettingsPage(DeskView):
    """A page of the settings. `tab` is the URL name of the one that is lit."""

    tab = "desk-settings"
    template = ""

    def get(self, request: HttpRequest, **lookup: Any) -> HttpResponse:
        return self.show()

    def context(self) -> dict[str, Any]:
        """What the page shows whatever was sent to it."""
        return {}

    def show(self, *, status: int = 200, **given: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        can_admin = self.can(Role.ADMIN)
        context = {"can_admin": can_admin, "tabs": self._tabs(can_admin), **self.context(), **given}
        return self.render(self.template, status=status, **context)

    def administer(
        self, name: str, form: Form, service: Callable[..., Any], done: str, **given: Any
    ) -> HttpResponse:
        """One act of an administrator: validated, done, and back to the page."""
        if form.is_valid():
            call(form, service, by=self.request.user, at=timezone.now(), **given, **form.cleaned_data)
        if form.errors:
            return self.show(status=422, **{name: form})
        messages.success(self.request, done)
        return redirect(self.tab)

    def act(self, service: Callable[..., Any], done: str, **given: Any) -> HttpResponse:
        """One act for which nothing is typed; what refuses it is said above the page."""
        return self.administer("refused", Form(self.request.POST), service, done, **given)

    def _tabs(self, can_admin: bool) -> list[dict[str, Any]]:
        names = {
            "desk-settings": _("People"),
            "desk-judging": _("Judging"),
            "desk-methodology": _("Methodology"),
            "desk-security": _("Security and tokens"),
        }
        if self.can(Role.EDITOR):
            names["desk-webhooks"] = _("Webhooks")
        if can_admin:
            names["desk-record"] = _("Record")
        return [
            {"label": label, "href": reverse(name), "current": name == self.tab}
            for name, label in names.items()
        ]


class ActOnly(SettingsPage):
    """Something that is only sent. Who was signed out meanwhile comes back to the page after signing in."""

    role = Role.ADMIN

    def get(self, request: HttpRequest, **lookup: Any) -> HttpResponse:
        return redirect(self.tab)


# --- people ----------------------------------------------------------------------------------------------------------


class DeskSettings(SettingsPage):
    template = "verify/settings.html"

    def context(self) -> dict[str, Any]:
        context: dict[str, Any] = {"page": page_of(self.request, self._members())}
        if self.can(Role.ADMIN):
            waiting = self.desk.invitations.filter(accepted_at=None, revoked_at=None)
            context |= {
                "now": timezone.now(),
                "invitations": waiting.select_related("invited_by")[:INVITATIONS],
                "invitation_form": InvitationForm(),
            }
        return context

    def _members(self) -> QuerySet[Any]:
        """The desk's people; for an administrator also how they sign in and what they have to review."""
        members = self.desk.memberships.select_related("user").order_by("user__username")
        return _with_duties(members) if self.can(Role.ADMIN) else members


def _with_duties(members: QuerySet[Membership]) -> QuerySet[Any]:
    """With `second_factor` and `waiting`, in the same query."""
    from allauth.mfa.models import Authenticator  # the sign-in library is asked for only here

    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    waiting = Task.objects.waiting().filter(assignee=OuterRef("user"), claim__desk=OuterRef("desk"))
    counted = waiting.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n")
    return members.annotate(second_factor=Exists(factors), waiting=Coalesce(Subquery(counted), 0))


class _Invited(DeskSettings):
    """An act on an invitation of a desk of one's own; another desk's is 404."""

    def get(self, request: HttpRequest, **lookup: Any) -> HttpResponse:
        return redirect(self.tab)

    def invitation(self, pk: UUID) -> Invitation:
        found = get_object_or_404(Invitation, pk=pk, desk__in=self.memberships)
        self.enter(found.desk_id, Role.ADMIN)
        return found

    def send(self, service: Callable[..., Any], form: Form, **given: Any) -> HttpResponse:
        """Make a secret, which is in the answer, this once."""
        mailing = invitations.Mailing()
        made = form.is_valid() and call(
            form,
            service,
            by=self.request.user,
            at=timezone.now(),
            mailing=mailing,
            **given,
            **form.cleaned_data,
        )
        if not made:
            return self.show(status=422, **({"invitation_form": form} if form.fields else {"refused": form}))
        invitation, secret = made
        return self.show(invited=invitation, link=invitations.link_of(secret), mailed=mailing.sent)


@method_decorator(never_cache, name="dispatch")
class InvitationNew(_Invited):
    role = Role.ADMIN

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.send(invitations.invite, InvitationForm(request.POST), desk=self.desk)


@method_decorator(never_cache, name="dispatch")
class InvitationResend(_Invited):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        invitation = self.invitation(pk)
        return self.send(invitations.resend_invitation, Form(request.POST), invitation=invitation)


class InvitationRevoke(_Invited):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.act(
            invitations.revoke_invitation,
            _("Revoked. The link leads nowhere from now on."),
            invitation=self.invitation(pk),
        )


class Member(SettingsPage):
    """One member: the role, and leaving the desk."""

    template = "verify/settings_member.html"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        self.member = self.found(pk)
        return self.show()

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self.member = self.found(pk)
        return self.administer(
            "role_form", RoleForm(request.POST), leaving.give_role, _("Role changed."), member=self.member
        )

    def found(self, pk: UUID) -> Any:
        """The member of a desk of one's own; another desk's is 404, one's own for less than an administrator 403."""
        members = Membership.objects.filter(pk=pk, desk__in=self.memberships).select_related("user", "desk")
        member = _with_duties(members).first()
        if member is None:
            raise Http404
        self.enter(member.desk_id, Role.ADMIN)
        return member

    def context(self) -> dict[str, Any]:
        return {"member": self.member, "role_form": RoleForm(initial={"role": self.member.role})}


class MemberRemove(Member):
    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override] # django-stubs
        return redirect("member", pk=pk)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self.member = self.found(pk)
        form = Form(request.POST)
        given = call(form, leaving.leave_desk, member=self.member, by=request.user, at=timezone.now())
        if form.errors:
            return self.show(status=422, refused=form)
        messages.success(
            request, _("%(name)s does not belong to the desk any more.") % {"name": self.member.user}
        )
        if given:
            said = ngettext(
                "%(n)s review is in the pool now.", "%(n)s reviews are in the pool now.", given
            ) % {"n": given}
            messages.info(request, said)
        return redirect(self.tab)


# --- security and tokens ---------------------------------------------------------------------------------------------


class DeskSecurity(SettingsPage):
    tab = "desk-security"
    template = "verify/settings_security.html"

    def context(self) -> dict[str, Any]:
        now, own = timezone.now(), self.request.user.tokens.select_related("desk")
        usable = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
        context: dict[str, Any] = {
            "token_form": self.token_form(),
            "tokens": own.filter(usable)[:TOKENS],
            "ended": own.exclude(usable)[:TOKENS],
            "now": now,
        }
        if self.can(Role.ADMIN):
            initial = {"requires_second_factor": self.desk.requires_second_factor}
            context["factor_form"] = SecondFactorForm(initial=initial)
            context["page"] = page_of(self.request, api.reaching(self.desk, at=now))
        return context

    def token_form(self, data: Any = None) -> TokenForm:
        return TokenForm(data, person=self.request.user, desk=self.desk, can_admin=self.can(Role.ADMIN))


class SecondFactor(DeskSecurity):
    role = Role.ADMIN

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SecondFactorForm(request.POST)
        return self.administer("factor_form", form, accounts.change_desk, _("Saved."), desk=self.desk)


@method_decorator(never_cache, name="dispatch")  # the secret is in the answer, this once
class TokenNew(DeskSecurity):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.token_form(request.POST)
        made = form.is_valid() and call(
            form, api.make_token, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not made:
            return self.show(status=422, token_form=form)
        token, secret = made
        return self.show(new_token=token, secret=secret)


class TokenRevoke(DeskSecurity):
    def get(self, request: HttpRequest, **lookup: Any) -> HttpResponse:
        """Who was signed out while revoking comes here after signing in again."""
        return redirect(self.tab)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """One's own, or one that is bound to a desk that one administers; any other is 404."""
        assert isinstance(request.user, User)
        administered = [desk for desk, member in self.memberships.items() if member.role == Role.ADMIN]
        token = get_object_or_404(Token, Q(user=request.user) | Q(desk__in=administered), pk=pk)
        api.revoke_token(token=token, by=request.user, at=timezone.now())
        messages.success(request, _("Revoked. Whoever used it is refused from now on."))
        return redirect(self.tab)


# --- the record ------------------------------------------------------------------------------------------------------


class DeskRecord(SettingsPage):
    """Who changed what of the desk itself. It names people and their addresses, so administrators alone see it."""

    tab = "desk-record"
    template = "verify/settings_record.html"
    role = Role.ADMIN

    def context(self) -> dict[str, Any]:
        return {"page": record(self.desk, number=self.request.GET.get("page"))}
