"""The shapes of sources, their names, grades and affiliations.

Who a protected person is, is neither given nor taken here: `name` is the pseudonym, and there is no field for more.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sources.catalog.models import AffiliationKind, Reliability, SourceKind
from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.records import (
    DeskFilters,
    Flag,
    Named,
    Person,
    Why,
    Withdrawn,
    desk_field,
    language_field,
    named_facts,
    person_facts,
    plain,
    withdrawn_facts,
    words,
)


class SourceFilters(DeskFilters):
    q = serializers.CharField(required=False, max_length=200, help_text="like a name, in any script")
    kind = serializers.ChoiceField(choices=SourceKind.choices, required=False)
    party = Flag(required=False, help_text="a party to the conflict")
    updated_since = serializers.DateTimeField(required=False, help_text="RFC 3339")


class DeskAliasIn(Strict):
    name = serializers.CharField(max_length=200)
    language = language_field(allow_blank=True)


class DeskSourceIn(Strict):
    kind = serializers.ChoiceField(choices=SourceKind.choices)
    name = serializers.CharField(max_length=200, help_text="of a protected person: the pseudonym")
    description = words()
    homepage = words(max_length=500)
    is_party = Flag(required=False)
    aliases = DeskAliasIn(many=True, required=False, max_length=100)  # type: ignore[call-arg] # goes to the list
    desk = desk_field()


class DeskSourceChange(Strict):
    """What is left out stays as it is."""

    kind = serializers.ChoiceField(choices=SourceKind.choices, required=False)
    name = serializers.CharField(max_length=200, required=False)
    description = words()
    homepage = words(max_length=500)
    is_party = Flag(required=False)
    why = Why().fields["why"]


class DeskAliasOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    language = serializers.CharField(allow_blank=True)


class DeskGradeIn(Strict):
    reliability = serializers.ChoiceField(choices=Reliability.choices, help_text="Admiralty, A to F")
    reason = serializers.CharField(max_length=20_000, help_text="on what record")


class DeskGradeOut(serializers.Serializer[Any]):
    """A judgement of a source's reliability. A new one is a new row; earlier ones stay."""

    reliability = serializers.ChoiceField(choices=Reliability.choices)
    reason = serializers.CharField()
    graded_at = serializers.DateTimeField()
    graded_by = Person()
    entry = serializers.IntegerField(help_text="index in the log")


class DeskAffiliationIn(Strict):
    kind = serializers.ChoiceField(choices=AffiliationKind.choices)
    principal = serializers.UUIDField(help_text="the source whose it is")
    valid_from = serializers.DateField(required=False, allow_null=True, help_text="the first day, if known")
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="the last day, if it ended")
    evidence = serializers.UUIDField(required=False, allow_null=True, help_text="a document that shows it")
    note = words()


class DeskAffiliationChange(Strict):
    """What is left out stays as it is."""

    kind = serializers.ChoiceField(choices=AffiliationKind.choices, required=False)
    principal = serializers.UUIDField(required=False)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)
    evidence = serializers.UUIDField(required=False, allow_null=True)
    note = words()
    why = Why().fields["why"]


class DeskMergeIn(Strict):
    into = serializers.UUIDField(help_text="the source that stays")
    why = Why().fields["why"]


class SelfLink(serializers.Serializer[Any]):
    self = serializers.URLField()


class DeskAffiliationOut(serializers.Serializer[Any]):
    """That `source` is owned by, part of, speaks for, employed by or funded by `principal`."""

    id = serializers.UUIDField()
    source = Named()  # type: ignore[assignment] # the framework takes declared fields off the class
    kind = serializers.ChoiceField(choices=AffiliationKind.choices)
    principal = Named()
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True)
    evidence = serializers.UUIDField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    withdrawn = Withdrawn(allow_null=True)
    links = SelfLink()


class DeskSourceLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField()
    history = serializers.URLField()
    documents = serializers.URLField()


class DeskSourceOut(serializers.Serializer[Any]):
    """Somebody or something that says things."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    kind = serializers.ChoiceField(choices=SourceKind.choices)
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    homepage = serializers.CharField(allow_blank=True)
    is_party = Flag()
    reliability = serializers.ChoiceField(
        choices=Reliability.choices, allow_null=True, help_text="the latest grade"
    )
    merged_into = serializers.UUIDField(allow_null=True, help_text="the source as which it is read")
    created_at = serializers.DateTimeField()
    aliases = DeskAliasOut(many=True)
    links = DeskSourceLinks()


class DeskSourceDetail(DeskSourceOut):
    affiliations = DeskAffiliationOut(many=True, help_text="those that stand, with either side")
    grades = DeskGradeOut(many=True, help_text="the newest first")
    duplicates = Named(many=True, help_text="what was merged into it")


class Difference(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class DeskSourceEvent(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = Person(allow_null=True)
    what = serializers.CharField(help_text="a few words")
    why = serializers.CharField(allow_blank=True)
    differences = Difference(many=True)


class DeskSourceHistory(serializers.Serializer[Any]):
    results = DeskSourceEvent(many=True, help_text="the newest first, at most 200")


def source_facts(source: Any) -> dict[str, Any]:
    """What DeskSourceOut shows of a source `with_current_grade`, with `desk` and `aliases` fetched along."""
    names = ("id", "kind", "name", "description", "homepage", "is_party", "reliability", "created_at")
    return plain(source, *names) | {
        "desk": source.desk.slug,
        "merged_into": source.merged_into_id,
        "aliases": [plain(alias, "id", "name", "language") for alias in source.aliases.all()],
        "links": {
            "self": absolute("api-desk-source", source.pk),
            "page": absolute("source", source.pk),
            "history": absolute("api-desk-source-history", source.pk),
            "documents": f"{absolute('api-desk-documents')}?outlet={source.pk}",
        },
    }


def source_detail(source: Any, affiliations: Any) -> dict[str, Any]:
    return source_facts(source) | {
        "affiliations": [affiliation_facts(row) for row in affiliations],
        "grades": [grade_facts(grade) for grade in source.grades.all()],
        "duplicates": [named_facts(row) for row in source.duplicates.all()],
    }


def grade_facts(grade: Any) -> dict[str, Any]:
    return plain(grade, "reliability", "reason", "graded_at") | {
        "graded_by": person_facts(grade.graded_by),
        "entry": grade.entry_id,
    }


def affiliation_facts(row: Any) -> dict[str, Any]:
    """Of an affiliation with `source`, `principal` and `withdrawn_by` fetched along."""
    return plain(row, "id", "kind", "valid_from", "valid_to", "note") | {
        "source": named_facts(row.source),
        "principal": named_facts(row.principal),
        "evidence": row.evidence_id,
        "withdrawn": withdrawn_facts(row),
        "links": {"self": absolute("api-desk-affiliation", row.pk)},
    }


def event_facts(change: Any) -> dict[str, Any]:
    """Of `sources.catalog.history.Change`."""
    return plain(change, "at", "what", "why") | {
        "by": person_facts(change.by),
        "differences": [plain(each, "field", "before", "after") for each in change.differences],
    }
