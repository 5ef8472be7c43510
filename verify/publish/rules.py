"""Who may publish, pause, correct and retract."""

from __future__ import annotations

from typing import Any

from claims.statements.models import Claim
from verify.accounts.models import Role
from verify.accounts.rules import check_has_role, has_role


def can_publish(user: Any, claim: Claim) -> bool:
    """Editors and above of the claim's desk."""
    return has_role(user, claim.desk_id, Role.EDITOR)


def check_can_publish(user: Any, claim: Claim) -> None:
    """Raise PermissionDenied unless `can_publish`."""
    check_has_role(user, claim.desk_id, Role.EDITOR)
