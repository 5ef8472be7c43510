"""What floors above may listen to without the archive knowing them."""

from typing import NamedTuple

from django.dispatch import Signal

capture_archived = Signal()
"""Sent with `capture` and `text` (or None) inside the transaction in which a capture becomes archived."""

captures_compared = Signal()
"""Sent with `change`, `before`, `after`, `before_text` and `text` inside the transaction that compares two captures.

`change` has its id and is saved later in the same transaction. The texts were read in the same way; `text` is None
when the document is gone or the later copy has no text. Receivers return a `Rechecked`.
"""


class Rechecked(NamedTuple):
    """What became of the quotations that were looked for again: how many, and of them altered or gone."""

    checked: int
    lost: int
    newly_lost: int  # lost between the two copies, not before


capture_redacted = Signal()
"""Sent with `capture`, `texts`, `by` and `at` inside the transaction that erases a capture, before its rows are empty.

Receivers empty what they keep of the capture's words and return a `dict` of counts for the log entry, such as
`{"quotations": 2}`. In this transaction the database lets words be emptied, and nothing else of what is on record.
"""
