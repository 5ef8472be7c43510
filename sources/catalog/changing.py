"""What every change of a source stands on: it is locked, it is nobody's duplicate, and somebody says why."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sources.catalog.models import Source


def check_why(why: str) -> None:
    """Raise ValidationError for `why` unless a reason is given."""
    if not why.strip():
        raise ValidationError({"why": _("Say why; the reason stays on record.")})


def lock_standing(source: Source) -> Source:
    """The source as it stands, locked until the transaction ends; ValidationError for somebody's duplicate.

    FOR NO KEY UPDATE: whoever refers to the source at the same time need not wait. What it was merged into is read
    afterwards: a row that is joined is the one of before the wait.
    """
    rows = Source.objects.select_for_update(of=("self",), no_key=True).select_related("desk")
    row = rows.get(pk=source.pk)
    if row.merged_into is not None:
        raise ValidationError(
            _("This was merged into “%(name)s”: change that, or take the merge back.")
            % {"name": row.merged_into}
        )
    return row
