"""What floors above may listen to without the statements knowing them."""

from django.dispatch import Signal

content_changed = Signal()
"""Sent with `claim`, `by` and `at` inside the transaction that changes what reviewers judge; the claim is locked."""
