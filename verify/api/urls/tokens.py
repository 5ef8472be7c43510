"""What the token that asks is."""

from typing import Any

urlpatterns: list[Any] = []
