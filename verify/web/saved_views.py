"""Views of the claims board under a name: a person's own, and those that editors share with the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import check_has_role, desks_of, has_role
from verify.web.models import SavedView

MOST = 50  # of a person at a desk


def views_for(user: User) -> QuerySet[SavedView]:
    """The person's own, and the shared ones, at the desks that they belong to."""
    return SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), desk__in=desks_of(user))


def can_delete_view(user: User, view: SavedView) -> bool:
    """Whose it is; for a shared one also an administrator of the desk."""
    own = view.owner_id == user.pk and has_role(user, view.desk_id, Role.VIEWER)
    return own or (view.is_shared and has_role(user, view.desk_id, Role.ADMIN))


@transaction.atomic
def save_view(
    *,
    desk: Desk,
    name: str,
    query: str,
    by: User,
    at: datetime,
    is_shared: bool | None = None,
    view: SavedView | None = None,
) -> SavedView:
    """Keep `query`, normalised by `verify.web.board.Asked.query`, under a name; one's own of that name is replaced.

    With `view`, that one gets the name and the query. Editors share (`is_shared`); None leaves that as it is.
    """
    check_has_role(by, desk, Role.VIEWER)
    name = " ".join(name.split())
    # Two windows of one person: the second waits here, and then replaces what the first has saved.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    own = SavedView.objects.filter(desk=desk, owner=by)
    if view is None:
        view = own.filter(name=name).first() or SavedView(desk=desk, owner=by, created_at=at)
    elif view.owner_id != by.pk or view.desk_id != desk.pk:
        raise PermissionDenied(_("Only whose view it is renames it."))
    if is_shared is not None and is_shared != view.is_shared:
        if is_shared:
            check_has_role(by, desk, Role.EDITOR)
        view.is_shared = is_shared
    if view._state.adding and own.count() >= MOST:
        raise ValidationError(_("You have %(n)s views already. Delete one first.") % {"n": MOST})
    if own.filter(name=name).exclude(pk=view.pk).exists():
        raise ValidationError({"name": _("You have a view of this name already.")})
    view.name, view.query = name, query
    _check(view)
    view.save()
    return view


def _check(view: SavedView) -> None:
    try:
        view.clean_fields()
    except ValidationError as refusal:
        if "query" in refusal.error_dict:
            raise ValidationError(
                _("These filters are too long to be kept. Search for fewer words.")
            ) from refusal
        raise


def delete_view(*, view: SavedView, by: User) -> None:
    """Forget a view. Raises PermissionDenied unless `can_delete_view`."""
    if not can_delete_view(by, view):
        raise PermissionDenied(_("Only whose view it is, or an administrator of the desk, deletes it."))
    view.delete()


def shown(user: User, desk: Desk, query: str) -> list[Any]:
    """The views above the board, with `current` for the one that `query` is, and whether the person may change it."""
    found: list[Any] = list(views_for(user).filter(desk=desk).select_related("owner").order_by("name", "id"))
    for view in found:
        view.current = view.query == query
        view.own = view.owner_id == user.pk
    return found
