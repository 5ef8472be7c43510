"""Who may ask for captures."""

from __future__ import annotations

from typing import Any

from verify.accounts.models import Desk, Role
from verify.accounts.rules import check_has_role, has_role


def can_capture(user: Any, desk: Desk) -> bool:
    """Checkers and above have pages archived and upload files."""
    return has_role(user, desk, Role.CHECKER)


def check_can_capture(user: Any, desk: Desk) -> None:
    """Raise PermissionDenied unless `can_capture`."""
    check_has_role(user, desk, Role.CHECKER)


def can_redact(user: Any, desk: Desk) -> bool:
    """Editors and above ask for erasure and decide on it; nobody decides on what they asked for themselves."""
    return has_role(user, desk, Role.EDITOR)


def check_can_redact(user: Any, desk: Desk) -> None:
    """Raise PermissionDenied unless `can_redact`."""
    check_has_role(user, desk, Role.EDITOR)
