"""The shapes of figures, and of what may be done with several of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.statements.figures import CATEGORIES
from claims.statements.models import Qualifier, Unit
from verify.api.shapes.base import Paging, Strict, absolute
from verify.api.shapes.records import MOST, Why, Withdrawn, plain, withdrawn_facts, words
from verify.api.shapes.records_sources import SelfLink
from verify.publish.calculating import MOST_CHOSEN, Calculation

_PLAIN = (
    *("id", "as_written", "qualifier", "lower", "point", "upper", "unit", "category", "perpetrator"),
    *("place_as_written", "window_from", "window_to", "as_of", "parts_are_all"),
)


def _count(**options: Any) -> Any:
    return serializers.IntegerField(
        **({"required": False, "allow_null": True, "min_value": 0, "max_value": MOST} | options)
    )


def _day() -> Any:
    return serializers.DateField(required=False, allow_null=True)


class _Figure(Strict):
    """What a figure may say. Numbers are given as numbers: they are not read from `as_written` here."""

    as_written = words(max_length=200)
    qualifier = serializers.ChoiceField(choices=Qualifier.choices, required=False)
    lower = _count()
    point = _count()
    upper = _count()
    unit = serializers.ChoiceField(choices=Unit.choices, required=False)
    category = serializers.ChoiceField(choices=sorted(CATEGORIES), required=False, allow_blank=True)
    perpetrator = words(max_length=200)
    place = serializers.UUIDField(required=False, allow_null=True, help_text="a place on record")
    place_as_written = words(max_length=200)
    window_from = _day()
    window_to = _day()
    as_of = _day()
    supersedes = serializers.UUIDField(required=False, allow_null=True)
    part_of = serializers.UUIDField(required=False, allow_null=True)
    parts_are_all = serializers.BooleanField(required=False)


class DeskFigureIn(_Figure):
    unit = serializers.ChoiceField(choices=Unit.choices)
    assertion = serializers.UUIDField(
        required=False, allow_null=True, help_text="of the claim; whoever gives this figure"
    )


class DeskFigureChange(_Figure):
    """What is left out stays as it is. Give the `revision` of the claim that was read, or the ETag as If-Match."""

    revision = _count(allow_null=False, min_value=1, help_text="of the claim")
    why = Why().fields["why"]


class DeskFigureOut(serializers.Serializer[Any]):
    """A scoped measurement: how many of what, whom, by whom, where, when, as of when."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    as_written = serializers.CharField(allow_blank=True)
    qualifier = serializers.ChoiceField(choices=Qualifier.choices)
    lower = serializers.IntegerField(allow_null=True)
    point = serializers.IntegerField(allow_null=True)
    upper = serializers.IntegerField(allow_null=True)
    unit = serializers.ChoiceField(choices=Unit.choices)
    category = serializers.CharField(allow_blank=True)
    perpetrator = serializers.CharField(allow_blank=True)
    place = serializers.UUIDField(allow_null=True)
    place_as_written = serializers.CharField(allow_blank=True)
    window_from = serializers.DateField(allow_null=True)
    window_to = serializers.DateField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    supersedes = serializers.UUIDField(allow_null=True)
    part_of = serializers.UUIDField(allow_null=True)
    parts_are_all = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="of the claim: what a change must name")
    withdrawn = Withdrawn(allow_null=True)
    links = SelfLink()


class FigureFilters(Paging):
    pass


class CompareQuery(Strict):
    figure = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_CHOSEN, help_text="once for each figure"
    )
    total = serializers.UUIDField(required=False, help_text="the one that is to be their total")


class DeskPairOut(serializers.Serializer[Any]):
    first = serializers.UUIDField()
    second = serializers.UUIDField()
    relation = serializers.ChoiceField(
        choices=[(one, one) for one in ("same", "subset", "total", "overlap", "disjoint", "incomparable")]
    )
    why = serializers.CharField()
    said = serializers.BooleanField(help_text="its source says so itself")
    clash = serializers.CharField(
        allow_blank=True, help_text="why what its source says does not go with the scopes"
    )


class DeskLeftOut(serializers.Serializer[Any]):
    figure = serializers.UUIDField()
    why = serializers.CharField()


class DeskSumOut(serializers.Serializer[Any]):
    """A sum with what is to be known of it, or `refused`: why there is none."""

    refused = serializers.CharField(required=False)
    number = serializers.CharField(required=False)
    made = serializers.CharField(required=False)
    cautions = serializers.ListField(child=serializers.CharField(), required=False)


class DeskRangeOut(serializers.Serializer[Any]):
    """One range with its rule, or `refused`: why there is none."""

    refused = serializers.CharField(required=False)
    number = serializers.CharField(required=False)
    rule = serializers.CharField(required=False)
    left_out = DeskLeftOut(many=True, required=False)


class DeskCheckOut(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(
        choices=[(one, one) for one in ("consistent", "inconsistent", "unclear", "not-checkable")]
    )
    shows = serializers.CharField()
    does_not_show = serializers.ListField(child=serializers.CharField())


class DeskComparedOut(serializers.Serializer[Any]):
    """What may be done with the chosen figures, and what is refused for which reason."""

    figures = serializers.ListField(child=serializers.UUIDField())
    total = serializers.UUIDField(allow_null=True)
    parts = serializers.ListField(child=serializers.UUIDField(), help_text="what is added")
    pairs = DeskPairOut(many=True)
    sum = DeskSumOut()
    range = DeskRangeOut()
    check = DeskCheckOut(allow_null=True, help_text="the parts against the total, where there is one")
    unchecked = serializers.ListField(
        child=serializers.CharField(), help_text="why figures of others are not held against the total"
    )


def figure_facts(figure: Any) -> dict[str, Any]:
    """Of a figure with `withdrawn_by` and `claim` fetched along."""
    return plain(figure, *_PLAIN) | {
        "claim": figure.claim_id,
        "place": figure.place_id,
        "supersedes": figure.supersedes_id,
        "part_of": figure.part_of_id,
        "revision": figure.claim.revision,
        "withdrawn": withdrawn_facts(figure),
        "links": {"self": absolute("api-desk-figure", figure.pk)},
    }


def compared_facts(found: Calculation) -> dict[str, Any]:
    spread = dict(found.range)
    if "left_out" in spread:
        spread["left_out"] = [{"figure": row.pk, "why": why} for row, why in spread["left_out"]]
    return {
        "figures": [figure.pk for figure in found.chosen],
        "total": found.total.pk if found.total else None,
        "parts": [figure.pk for figure in found.parts],
        "pairs": [
            plain(pair, "why", "said", "clash")
            | {"first": pair.first.pk, "second": pair.second.pk, "relation": pair.kind}
            for pair in found.pairs
        ],
        "sum": found.sum,
        "range": spread,
        "check": found.check if found.total else None,
        "unchecked": found.unchecked,
    }
