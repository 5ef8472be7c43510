"""The shapes of places in archived files that are no text: on a page, in a picture, in a recording."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.attribution.models import Region, RegionKind
from claims.attribution.region_services import BODY, SCREENSHOT
from claims.attribution.regions import box_of, span_of
from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.work import DeskPerson, DeskWithdrawn, Words, person_facts, withdrawn_facts

LARGEST = 2**31 - 1


def _numbers(count: int, **options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LARGEST),
        min_length=count,
        max_length=count,
        **options,
    )


class RegionRequest(Strict):
    kind = serializers.ChoiceField(choices=RegionKind.choices, help_text="how it is measured, by the file")
    shows = Words(help_text="the words that stand there, or what is seen or heard")
    on = serializers.ChoiceField(
        choices=[(BODY, "body"), (SCREENSHOT, "screenshot")], default=BODY, help_text="what of the capture"
    )
    page = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=LARGEST, help_text="of a PDF, from 1"
    )
    box = _numbers(
        4,
        required=False,
        allow_null=True,
        help_text="left, top, width, height: pixels of a picture, points of a page",
    )
    span = _numbers(
        2, required=False, allow_null=True, help_text="from, to, in milliseconds of a film or recording"
    )
    assertion = serializers.UUIDField(required=False, allow_null=True, help_text="that it shows")


class DeskRegionLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField()


class DeskRegion(serializers.Serializer[Any]):
    """Where in an archived file something is shown, measured in the bytes of the named digest."""

    id = serializers.UUIDField()
    capture = serializers.UUIDField()
    blob_sha256 = serializers.CharField()
    assertion = serializers.UUIDField(allow_null=True)
    kind = serializers.ChoiceField(choices=RegionKind.choices)
    page = serializers.IntegerField(allow_null=True)
    box = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    span = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    fragment = serializers.CharField(
        help_text="what follows # in an address of the file (RFC 8118, Media Fragments)"
    )
    shows = serializers.CharField()
    found = serializers.CharField(allow_blank=True, help_text="the words that the file itself holds there")
    created_by = DeskPerson()
    created_at = serializers.DateTimeField()
    withdrawn = DeskWithdrawn(allow_null=True)
    links = DeskRegionLinks()


def region_facts(region: Region) -> dict[str, Any]:
    """What DeskRegion shows."""
    box, span = box_of(region), span_of(region)
    names = "id blob_sha256 kind page fragment shows found created_at".split()
    return {name: getattr(region, name) for name in names} | {
        "capture": region.capture_id,
        "assertion": region.assertion_id,
        "box": list(box) if box else None,
        "span": list(span) if span else None,
        "created_by": person_facts(region.created_by),
        "withdrawn": withdrawn_facts(region),
        "links": {
            "self": absolute("api-desk-region", region.pk),
            "page": absolute("region", region.pk),
        },
    }
