"""The form that rates a picture, a film or a recording; the service judges it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from verify.review.models import Manipulation, MediaRating
from verify.web.forms.attribution import offer, with_chosen
from verify.web.forms.catalog import wide
from verify.web.forms.claims import LONGEST_LIST

_MEDIA = MediaRating._meta.get_field("media")


class MediaForm(forms.Form):
    capture = forms.ModelChoiceField(
        label=_("Archived copy"),
        queryset=Capture.objects.none(),
        help_text=_("Of the file itself, or of a page that shows it."),
    )
    # A form has a `media` of its own (scripts and styles), which a field of that name leaves alone.
    media = forms.ChoiceField(  # type: ignore[assignment]
        label=_("It is a"), choices=_MEDIA.flatchoices, widget=forms.RadioSelect
    )
    rating = forms.ChoiceField(label=_("What it is"), choices=Manipulation, widget=forms.RadioSelect)
    context = forms.CharField(
        label=_("Original context"),
        max_length=10_000,
        help_text=_("What it shows, where and when it was made, and how that is known. It is published."),
        widget=wide(),
    )
    original_url = forms.CharField(
        label=_("Address of the original"),
        required=False,
        max_length=2048,
        widget=forms.URLInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, claim: Claim, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        captures = unrated(claim)
        latest = with_chosen(self, ("capture",), captures, list(captures[:LONGEST_LIST]))
        offer(self, "capture", captures, [("", "–"), *((one.pk, _words(one)) for one in latest)])


def unrated(claim: Claim) -> QuerySet[Capture]:
    """The archived copies of the claim's desk that have no rating for it: files that are media first, newest first."""
    family = Q(media_type__startswith="image/")
    for kind in ("video/", "audio/"):
        family |= Q(media_type__startswith=kind)
    is_page = Case(When(family, then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        Capture.objects.filter(desk=claim.desk_id, state=CaptureState.ARCHIVED)
        .exclude(pk__in=claim.media_ratings.standing().values("capture"))
        .select_related("document")
        .order_by(is_page, "-requested_at")
    )


def _words(capture: Capture) -> str:
    name = capture.document or capture.filename or capture.url
    kind = capture.media_type.partition(";")[0]
    return f"{str(name)[:90]} · {kind or '–'} · {capture.requested_at:%Y-%m-%d %H:%M}"
