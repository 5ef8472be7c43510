"""Who may take evidence out of the installation."""

from __future__ import annotations

from typing import Any

from verify.accounts.models import Desk, Role
from verify.accounts.rules import check_has_role, has_role


def can_export(user: Any, desk: Desk | Any) -> bool:
    """Checkers and above of the desk."""
    return has_role(user, desk, Role.CHECKER)


def check_can_export(user: Any, desk: Desk | Any) -> None:
    """Raise PermissionDenied unless `can_export`."""
    check_has_role(user, desk, Role.CHECKER)


def check_can_open(user: Any, desk: Desk | Any) -> None:
    """Raise PermissionDenied unless `user` may reveal in a package who acted: admins of the desk."""
    check_has_role(user, desk, Role.ADMIN)
