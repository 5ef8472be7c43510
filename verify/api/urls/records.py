"""What a desk keeps: sources, documents, cases, claims, figures, places, topics."""

from typing import Any

urlpatterns: list[Any] = []
