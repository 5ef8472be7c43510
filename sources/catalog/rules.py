"""Who may do what in the catalog."""

from __future__ import annotations

from typing import Any

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
