"""Who may do what with cases and claims."""

from __future__ import annotations

from typing import Any

from verify.accounts.models import Desk, Role
from verify.accounts.rules import check_has_role, has_role


def can_edit_claims(user: Any, desk: Desk) -> bool:
    """Checkers and above open cases, register claims, assertions, figures and evidence."""
    return has_role(user, desk, Role.CHECKER)


def check_can_edit_claims(user: Any, desk: Desk) -> None:
    """Raise PermissionDenied unless `can_edit_claims`."""
    check_has_role(user, desk, Role.CHECKER)
