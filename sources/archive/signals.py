"""What floors above may listen to without the archive knowing them."""

from django.dispatch import Signal

capture_archived = Signal()
"""Sent with `capture` and `text` (or None) inside the transaction in which a capture becomes archived."""
