"""Who may see, make and change webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from verify.accounts.models import Role
from verify.accounts.rules import check_has_role, has_role

if TYPE_CHECKING:
    from verify.publish.webhooks.models import Webhook

SEES = Role.EDITOR
"""Who sees and makes them: addresses of receivers often open the receiver to whoever knows them."""


def can_change(user: Any, webhook: Webhook) -> bool:
    """Its owner, while they may still make one, and the desk's administrators."""
    return has_role(user, webhook.desk_id, SEES if webhook.owner_id == user.pk else Role.ADMIN)


def check_can_change(user: Any, webhook: Webhook) -> None:
    """Raise PermissionDenied unless `can_change`."""
    check_has_role(user, webhook.desk_id, SEES)
    if not can_change(user, webhook):
        raise PermissionDenied(_("Only its owner and the desk’s administrators can change a webhook."))
