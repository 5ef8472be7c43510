"""What consumers follow and check: changes, the export, proofs, packages, the log."""

from typing import Any

urlpatterns: list[Any] = []
