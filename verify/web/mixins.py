"""What every view of the workbench stands on: a signed-in person at a desk, paging, and services behind forms.

A view of the workbench looks so::

    class CaseView(DeskView):
        section = "cases"                                  # which entry of the navigation is lit

        def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
            case = self.load(Case.objects.select_related("desk"), pk=pk)      # 404 for another desk's
            return self.render("claims/case.html", case=case, form=CaseForm())

        def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
            case = self.load(Case.objects, pk=pk, role=Role.CHECKER)          # 403 for a lower role
            form = CaseForm(request.POST)
            changed = form.is_valid() and call(form, change_case, case=case, by=request.user, at=timezone.now(),
                                               **form.cleaned_data)
            if not changed:
                return self.render("claims/case.html", status=422, case=case, form=form)
            return redirect("case", pk)

- `self.desk` is the desk that the page is about: the one that the person works at, or, once `load` was called, the one
  that the thing belongs to. A person of two desks may follow a link into the other one.
- Templates get `desk`, `section`, `can_edit` (checker or above at that desk), `can_manage` (editor or above) and
  `inbox_count` from `verify.web.context`.
- `call` runs one service and puts what it refuses back onto the form; a PermissionDenied goes through, to the 403 page.
- `page_of` is one page of 25 of a list; hand it to components/table.html or components/pager.html.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from verify.accounts.models import Desk, Membership, Role, User
from verify.accounts.rules import desks_of
from verify.accounts.second_factor import SecondFactorMissing, check_open_to

PER_PAGE = 25
DESK_KEY = "desk"  # in the session: the id of the desk that the person chose


class DeskRequest(HttpRequest):
    """What a view of the workbench gets: a request of somebody who is signed in and works at a desk."""

    if TYPE_CHECKING:
        user: User
        htmx: HtmxDetails
        desk: Desk  # of the page
        membership: Membership  # of the person at that desk
        memberships: dict[UUID, Membership]  # by the desk's id
        section: str


class DeskView(LoginRequiredMixin, View):
    """A page of the workbench, for who is signed in and has at least `role` at the desk that it is about."""

    section = ""
    role = Role.VIEWER
    request: DeskRequest  # which `dispatch` makes of it
    desk: Desk
    membership: Membership

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        # One query answers who the person is at whatever desk the page turns out to be about.
        self.memberships = {
            membership.desk_id: membership
            for membership in Membership.objects.filter(user=request.user).select_related("desk")
        }
        if not self.memberships:
            raise PermissionDenied(_("You belong to no desk yet. Ask an administrator of a desk to add you."))
        self.request.memberships, self.request.section = self.memberships, self.section
        try:
            self.enter(self._desk_in_use(), self.role)
            return super().dispatch(request, *args, **kwargs)
        except SecondFactorMissing:  # its page says which desk asks for one
            return self._redirect(reverse("account-security"))

    def enter(self, desk_id: UUID, role: Role = Role.VIEWER) -> None:
        """Make this the desk of the page; PermissionDenied for who has a lower role there.

        Raises SecondFactorMissing (`dispatch` leads to where one is set up) for who must have one first.
        """
        self.membership = self.memberships[desk_id]
        check_open_to(self.request.user, self.membership.desk)
        self.desk = self.membership.desk
        self.request.desk, self.request.membership = self.desk, self.membership
        if self.membership.role not in Role.at_least(role):
            raise PermissionDenied(_("This needs the role “%(role)s” at the desk.") % {"role": role.label})

    def load(self, queryset: Any, *, role: Role = Role.VIEWER, via: str = "", **lookup: Any) -> Any:
        """The thing as the person may see it, else 404; the page is then about the thing's desk.

        `queryset` is a manager or queryset with `visible_to`, of rows that have a `desk`, or have it `via` another row
        (a task via its "claim"; select it with the rest).
        """
        return self._load(queryset.visible_to(self.request.user), queryset, role, via, lookup)

    def load_part(self, queryset: Any, *, of: str, role: Role = Role.VIEWER, **lookup: Any) -> Any:
        """As `load`, of rows that whoever sees what they are part of may see (an assertion: its "claim")."""
        visible = queryset.filter(**{f"{of}__desk__in": desks_of(self.request.user)})
        return self._load(visible, queryset, role, of, lookup)

    def _load(self, visible: Any, queryset: Any, role: Role, via: str, lookup: dict[str, Any]) -> Any:
        try:
            thing = get_object_or_404(visible, **lookup)
        except Http404:
            self._ask_second_factor(queryset, lookup, via)
            raise
        self.enter((getattr(thing, via) if via else thing).desk_id, role)
        return thing

    def _ask_second_factor(self, queryset: Any, lookup: dict[str, Any], via: str) -> None:
        """Raise SecondFactorMissing where a thing is hidden only because its desk asks for a second factor."""
        closed = {pk for pk, membership in self.memberships.items() if membership.desk.requires_second_factor}
        if closed:
            of_desk = f"{via}__desk__in" if via else "desk__in"
            if thing := queryset.filter(**lookup, **{of_desk: closed}).first():
                desk_id = (getattr(thing, via) if via else thing).desk_id
                check_open_to(self.request.user, self.memberships[desk_id].desk)

    def can(self, role: Role) -> bool:
        """Whether the person has `role` or a higher one at the desk of the page."""
        return self.membership.role in Role.at_least(role)

    def render(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, template, context, status=status)

    def handle_no_permission(self) -> Any:
        response = super().handle_no_permission()
        return self._redirect(response["Location"])

    def _redirect(self, url: str) -> HttpResponseBase:
        if self.request.htmx:  # a fragment must not be replaced by a whole page
            return HttpResponseClientRedirect(url)
        return HttpResponseRedirect(url)

    def _desk_in_use(self) -> UUID:
        chosen = self.request.session.get(DESK_KEY)
        return next((pk for pk in self.memberships if str(pk) == chosen), next(iter(self.memberships)))


def page_of(request: HttpRequest, things: Any, *, per_page: int = PER_PAGE) -> Page:
    """The page of `things` that the address asks for (`?page=`); a number that is none gives the nearest one."""
    return Paginator(things, per_page).get_page(request.GET.get("page"))


def call(form: BaseForm, service: Callable[..., Any], **arguments: Any) -> Any:
    """What `service` returns, or None when it refuses: its reasons are on the form then, at their fields."""
    try:
        return service(**arguments)
    except ValidationError as refusal:
        add_errors(form, refusal)
        return None


def add_errors(form: BaseForm, refusal: ValidationError) -> None:
    """Put a service's reasons onto the form; those about a field that it does not have go to its top."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for field, errors in refusal.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)
