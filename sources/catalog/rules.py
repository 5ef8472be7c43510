"""Who may do what in the catalog, and who may be named as an outlet."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sources.catalog.models import PUBLISHERS, Source
from verify.accounts.models import Desk, Role
from verify.accounts.rules import check_has_role, has_role


def can_edit_catalog(user: Any, desk: Desk) -> bool:
    """Checkers and above register sources and documents, grade and affiliate."""
    return has_role(user, desk, Role.CHECKER)


def check_can_edit_catalog(user: Any, desk: Desk) -> None:
    """Raise PermissionDenied unless `can_edit_catalog`."""
    check_has_role(user, desk, Role.CHECKER)


def can_merge(user: Any, desk: Desk) -> bool:
    """Editors and above merge sources: it changes how every claim that names one is read."""
    return has_role(user, desk, Role.EDITOR)


def check_can_merge(user: Any, desk: Desk) -> None:
    """Raise PermissionDenied unless `can_merge`."""
    check_has_role(user, desk, Role.EDITOR)


def check_publishes(source: Source, *, field: str = "") -> None:
    """Raise ValidationError, at `field` if one is named, for a source of a kind that publishes nothing: a person."""
    if source.kind in PUBLISHERS:
        return
    why = _("%(name)s is registered as “%(kind)s”, which publishes nothing.") % {
        "name": source.name,
        "kind": source.get_kind_display(),
    }
    raise ValidationError({field: why} if field else why)
