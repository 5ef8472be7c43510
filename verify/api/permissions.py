"""What a token may do: never more than its owner, and only what its scopes name."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from verify.api.models import Scope, Token


class HasScope(IsAuthenticated):
    """Signed in, or with a token of the scope that the view's `scopes` names for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if not isinstance(request.auth, Token):
            return True
        needed: Scope | None = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        self.message = f"This token lacks the scope “{needed}”." if needed else "No token may do this."
        return needed is not None and needed in request.auth.scopes
