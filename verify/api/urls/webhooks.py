"""Webhooks of a desk, and their deliveries."""

from typing import Any

urlpatterns: list[Any] = []
