"""What re-captures showed: the list, alerts first, and one change with both copies beside each other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, QuerySet, When
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution.anchors import CONTEXT
from claims.attribution.models import AnchorCheck, QuoteState, RegionCheck
from sources.archive.models import Capture, Change, ChangeKind
from sources.archive.watching import mark_seen
from sources.catalog.models import Document
from verify.accounts.models import Role
from verify.web.forms.watches import ChangeFilter, SeenForm
from verify.web.mixins import DeskRequest, DeskView, call, page_of
from verify.web.passages import differences, wording
from verify.web.recaptures import named, with_captures
from verify.web.screens import screen_of
from verify.web.views.documents import text_of, with_details

# What is lost comes before what is only elsewhere, and that before what is as it was.
_ORDER = (QuoteState.GONE, QuoteState.ALTERED, QuoteState.MOVED, QuoteState.INTACT)


class ChangeList(DeskView):
    """Open alerts first, then by time. What showed nothing new is left out unless it is asked for."""

    section = "documents"

    def get(self, request: DeskRequest) -> HttpResponse:
        found = ChangeFilter(request.GET or None, queryset=self._changes())
        document = request.GET.get("document") and self._document(found)
        page = page_of(request, found.qs)
        named(page)
        return self.render("sources/change_list.html", page=page, filter=found, document=document)

    def _changes(self) -> QuerySet[Change]:
        changes = with_captures(Change.objects.filter(desk=self.desk))
        if self.request.GET.get("kind") != ChangeKind.NOTHING:
            changes = changes.exclude(kind=ChangeKind.NOTHING)
        opened = Case(When(is_alert=True, seen_at__isnull=True, then=0), default=1)
        return changes.order_by(opened, "-detected_at", "-id")

    def _document(self, found: ChangeFilter) -> Document | None:
        """The document by which the list is filtered, for its name."""
        if not found.form.is_valid():
            return None
        return Document.objects.filter(desk=self.desk, pk=found.form.cleaned_data["document"]).first()


class ChangePage(DeskView):
    """One change: what it is, each quotation and marked place then and now, texts and pictures of both captures."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(CHANGES, pk=pk))

    def show(self, change: Change, *, status: int = 200, **forms: Any) -> HttpResponse:
        sides = with_details(Capture.objects.filter(pk__in=[change.before_id, change.after_id])).in_bulk()
        before, after = sides[change.before_id], sides[change.after_id]
        old, new = text_of(before), text_of(after)
        checks = _checks(change, new.content if new else "")
        if self.can(Role.CHECKER) and change.is_alert and not change.seen_at:
            forms = {"seen_form": SeenForm()} | forms
        return self.render(
            "sources/change.html",
            status=status,
            change=named([change])[0],
            before=before,
            after=after,
            checks=checks,
            places=_places(change),
            differences=differences(old.content, new.content) if old and new else None,
            screen_before=screen_of(before, [check.anchor for check in checks]),
            screen_after=screen_of(after, [check.now for check in checks if check.now]),
            **forms,
        )


class ChangeSeen(ChangePage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        change = self.load(CHANGES, pk=pk, role=Role.CHECKER)
        form = SeenForm(request.POST)
        if form.is_valid():
            call(form, mark_seen, change=change, by=request.user, at=timezone.now(), **form.cleaned_data)
        if form.errors:
            return self.show(change, status=422, seen_form=form)
        messages.success(request, _("Marked as seen."))
        return redirect("change", pk)


class Now:
    """The words that stand in a quotation's place now, with what is around them, as an anchor has them."""

    def __init__(self, check: AnchorCheck, content: str) -> None:
        assert check.start is not None and check.end is not None
        self.pk = check.anchor_id
        self.exact = check.exact
        self.prefix = content[max(0, check.start - CONTEXT) : check.start]
        self.suffix = content[check.end : check.end + CONTEXT]
        self.assertion = check.anchor.assertion


def _checks(change: Change, content: str) -> list[Any]:
    """The quotations that were looked for, lost ones first, with `now`, and `was` and `became` in marked words."""
    checks: list[Any] = list(
        change.anchor_checks.select_related("anchor__assertion__speaker", "anchor__assertion__claim")
    )
    for check in checks:
        check.now = Now(check, content) if check.start is not None else None
        check.was, check.became = wording(check.anchor.exact, check.exact) if check.exact else ([], [])
    return sorted(checks, key=lambda check: (_ORDER.index(check.state), check.anchor.start))


def _places(change: Change) -> list[RegionCheck]:
    """The marked places that were looked at again, lost ones first."""
    checks = change.region_checks.select_related(
        "region__capture", "region__assertion__speaker", "region__assertion__claim"
    )
    return sorted(checks, key=lambda check: (_ORDER.index(QuoteState(check.state)), str(check.region_id)))


CHANGES = Change.objects.select_related("desk", "document__outlet", "entry", "seen_by")
