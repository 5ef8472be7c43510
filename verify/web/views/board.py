"""The claims of a desk by workflow state, what is done with many of them at once, and views under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.statements.models import Claim
from claims.statements.states import Workflow
from verify.accounts.models import Role
from verify.web import bulk, saved_views
from verify.web.board import Asked, cards, columns_of, listed
from verify.web.forms.board import (
    VIEWS,
    AssignForm,
    MoveManyForm,
    TagForm,
    UntagForm,
    ViewForm,
    reviewers_of,
)
from verify.web.mixins import DeskView, call, page_of


def board_context(view: DeskView, asked: Asked) -> dict[str, Any]:
    """What claims/board_body.html shows: filters, and the claims in columns or as a list."""
    at = timezone.now()
    claims = asked.claims(user=view.request.user, at=at)
    context: dict[str, Any] = {
        "asked": asked,
        "query": asked.query(),
        "now": at,
        "all_chosen": view.request.GET.get("choose") == "all",
        "move_form": MoveManyForm(auto_id="id_move_%s") if view.can(Role.CHECKER) else None,
    }
    if asked.view == "list":
        page: Any = page_of(view.request, listed(claims, asked.sort).values_list("pk", flat=True))
        keys = list(page)
        found = {claim.pk: claim for claim in cards(Claim.objects.filter(pk__in=keys), asked.desk, at=at)}
        page.object_list = [found[key] for key in keys if key in found]
        return context | {"page": page, "total": page.paginator.count}
    columns = columns_of(claims, asked, at=at)
    for column in columns:
        column.href = f"?{asked.query(view='list', state=column.state.value)}"
    return context | {"board": columns, "total": sum(column.count for column in columns)}


class ClaimBoard(DeskView):
    """All claims of the desk, by the filters in the address."""

    section = "claims"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request.GET)

    def show(self, data: Any, *, status: int = 200, view_form: ViewForm | None = None) -> HttpResponse:
        """The board; with a form for a view that came back with errors."""
        asked = Asked(data, desk=self.desk)
        query = asked.query()
        views = saved_views.shown(self.request.user, self.desk, query)
        context = board_context(self, asked)
        current = next((view for view in views if view.current and view.own), None)
        return self.render(
            "claims/board.html",
            status=status,
            views=views,
            current=current,
            is_admin=self.can(Role.ADMIN),
            view_form=view_form or ViewForm(can_share=self.can(Role.EDITOR), view=current),
            tabs=[
                {
                    "label": label,
                    "href": f"?{asked.query(view='' if name == 'board' else name)}",
                    "current": name == asked.view,
                }
                for name, label in VIEWS.items()
            ],
            empty=not context["total"] and not asked.given and not views,
            **context,
        )


def _to_board(query: str = "") -> HttpResponse:
    board = reverse("claim-board")
    return redirect(f"{board}?{query}" if query else board)


class ViewSave(ClaimBoard):
    """Keep the filters of the board (`query`) under a name, or give a view of one's own another (`view`)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return _to_board()

    def post(self, request: HttpRequest) -> HttpResponse:
        enter_posted(self)
        data = _query(request.POST.get("query", ""))
        query = Asked(data, desk=self.desk).query()
        own = saved_views.views_for(self.request.user).filter(desk=self.desk)
        key = request.POST.get("view")
        renamed = get_object_or_404(own, pk=_uuid_or_none(key)) if key else None
        form = ViewForm(request.POST, can_share=self.can(Role.EDITOR))
        saved = form.is_valid() and call(
            form,
            saved_views.save_view,
            desk=self.desk,
            query=query,
            view=renamed,
            by=self.request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not saved:
            return self.show(data, status=422, view_form=form)
        messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
        return _to_board(saved.query)


class ViewDelete(DeskView):
    section = "claims"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return _to_board()

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        view = get_object_or_404(saved_views.views_for(self.request.user), pk=pk)
        self.enter(view.desk_id)
        saved_views.delete_view(view=view, by=self.request.user)
        messages.success(request, _("Deleted the view “%(name)s”.") % {"name": view.name})
        return _to_board(view.query)


def enter_posted(view: DeskView) -> None:
    """Go to the desk whose board was open when the form was sent: another window may have changed the desk since."""
    key = _uuid_or_none(view.request.POST.get("desk"))
    if key is None:
        return
    if key not in view.memberships:
        raise Http404
    view.enter(key, view.role)


def _uuid_or_none(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _query(text: str) -> QueryDict:
    try:
        return QueryDict(text)
    except ValueError:  # more fields than a form of ours has
        return QueryDict()


# --- many claims at once --------------------------------------------------------------------------------------------

ACTS = {
    "assign": gettext_lazy("Assign review"),
    "tag": gettext_lazy("File under topics"),
    "untag": gettext_lazy("Take out of topics"),
    "move": gettext_lazy("Move"),
}


class ClaimBulk(DeskView):
    """One act on the claims that were chosen: first its form with the claims, then what became of each.

    Who asks for JSON (the board's script) gets the outcome so; the form's errors are sentences there too.
    """

    section = "claims"

    def get(self, request: HttpRequest) -> HttpResponse:
        return _to_board()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        enter_posted(self)
        act = request.POST.get("act", "")
        self.enter(self.desk.pk, Role.EDITOR if act == "assign" else Role.CHECKER)
        data = _query(request.POST.get("back", ""))
        self.back = Asked(data, desk=self.desk).query()
        try:
            if act not in ACTS:
                raise ValidationError(_("Choose what to do with the claims."))
            claims, unknown = bulk.chosen(request.POST.getlist("claim"), self.desk)
        except ValidationError as refusal:
            return self._refuse(refusal)
        confirmed = "confirmed" in request.POST
        form = self._form(act, claims, request.POST if confirmed else None)
        if not confirmed:
            return self._page(act, claims, form, unknown=unknown)
        outcome = form.is_valid() and call(
            form,
            self._service(act),
            claims=claims,
            by=self.request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not outcome:
            return self._page(act, claims, form, unknown=unknown, status=422)
        return self._told(act, outcome, unknown)

    def _form(self, act: str, claims: list[Claim], data: Any) -> Any:
        if act == "assign":
            people = reviewers_of(self.desk, Role.at_least(Role.CHECKER))
            return AssignForm(data, reviewers=people)
        if act == "move":
            return MoveManyForm(data)
        return {"tag": TagForm, "untag": UntagForm}[act](data, desk=self.desk)

    def _service(self, act: str) -> Callable[..., bulk.Outcome]:
        services: dict[str, Callable[..., bulk.Outcome]] = {
            "assign": bulk.assign_all,
            "tag": bulk.tag_all,
            "untag": bulk.untag_all,
            "move": _moved,
        }
        return services[act]

    def _page(
        self, act: str, claims: list[Claim], form: Any, *, unknown: int, status: int = 200
    ) -> HttpResponseBase:
        if self._wants_json() and status != 200:
            return JsonResponse({"error": " ".join(_errors(form))}, status=status)
        return self.render(
            "claims/board_bulk.html",
            status=status,
            act=act,
            title=ACTS[act],
            claims=claims,
            form=form,
            unknown=unknown,
            back=self.back,
        )

    def _refuse(self, refusal: ValidationError) -> HttpResponseBase:
        if self._wants_json():
            return JsonResponse({"error": bulk.sentence(refusal)}, status=422)
        return self.render(
            "claims/board_bulk.html", status=422, refusal=bulk.sentence(refusal), back=self.back
        )

    def _told(self, act: str, outcome: bulk.Outcome, unknown: int) -> HttpResponseBase:
        if self._wants_json():
            return JsonResponse(
                {
                    "done": [str(claim.pk) for claim in outcome.done + outcome.already],
                    "refused": [{"claim": str(claim.pk), "why": why} for claim, why in outcome.refused],
                    "unknown": unknown,
                }
            )
        return self.render(
            "claims/board_bulk.html",
            act=act,
            title=ACTS[act],
            outcome=outcome,
            unknown=unknown,
            back=self.back,
        )

    def _wants_json(self) -> bool:
        return self.request.headers.get("Accept") == "application/json"


def _moved(*, to: str, **arguments: Any) -> bulk.Outcome:
    return bulk.move_all(to=Workflow(to), **arguments)


def _errors(form: Any) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]
