"""Who and what the published claims name: the cases, sources and topics that a reader can go to or filter by.

Counted by the listings and named as the newest version that names them has them; nothing else is looked at. What is
costly to gather is cached under the mark of the newest announcement, of which a retraction, pause or correction is one:
what was gathered under another mark is never asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db.models import Count, F, Func, Max, QuerySet

from sources.catalog.models import Source
from verify.publish import reading
from verify.publish.listing import FORMAT, UNNAMED_KINDS, named
from verify.publish.models import Announcement, Listing
from verify.publish.schemas import current

CHOICES = 200  # names of a kind to choose from: the most often named
READ = 200  # of the claims that name a source, in how many its names and for whom it spoke are looked up: the newest
KEPT = 3600  # seconds

Option = tuple[str, str]  # id, name


class Choices(NamedTuple):
    """What lists can be narrowed to: ids with names, most often named first, and languages (BCP 47, lower case)."""

    cases: list[Option]
    sources: list[Option]
    topics: list[Option]
    languages: list[str]


@dataclass(frozen=True)
class NamedSource:
    """A source as published claims name it."""

    id: str
    name: str
    facts: Mapping[str, Any]  # kind, party, homepage and what else the newest version says of it
    also: list[str]  # other names that it was published under
    spoke_for: list[Option]
    speakers: list[Option]


def mark() -> str:
    """Of the newest announcement: it is otherwise as soon as anything public is."""
    return str(Announcement.objects.order_by("-number").values_list("mark", flat=True).first())


def choices(mark: str) -> Choices:
    """All that can be chosen while `mark` is the newest."""
    key = f"directory-{FORMAT}-{mark}"
    found: Choices | None = cache.get(key)
    if found is None:
        found = _choices()
        cache.set(key, found, KEPT)
    return found


def chosen(column: str, thing: Any) -> str:
    """The name of one thing that may not be among the choices; "" if nothing that is public names it."""
    if column == "case":
        return titles([thing]).get(thing, "")
    return dict(_options(column, [thing], merged=True)).get(str(thing), "")


def titles(cases: Iterable[UUID]) -> dict[UUID, str]:
    """What each case is called in the newest version of it."""
    rows = (
        Listing.objects.filter(case__in=list(cases)).order_by("case", "-published_at", "pk").distinct("case")
    )
    summaries = (json.loads(summary) for summary in rows.values_list("summary", flat=True))
    return {UUID(summary["case"]["id"]): summary["case"]["title"] for summary in summaries}


def described(pk: UUID, listing: Listing) -> Mapping[str, Any] | None:
    """What a listed version says of a source. The id is another where the source was merged into that one."""
    for source in named(_claim(listing)):
        former = source.get("recorded_as") or {}
        if str(pk) in (source["id"], former.get("id")) and source["kind"] not in UNNAMED_KINDS:
            return source
    return None


def source(pk: UUID) -> NamedSource | None:
    """What claims that stand say of a source; None if they name it nowhere, or protect it.

    Under the id of a record that was merged into another, the one that it became. Two queries.
    """
    found = reading.naming("sources", [pk]).get(pk)
    facts = described(pk, found.listing) if found else None
    if facts is None:
        return None
    also: dict[str, None] = {}
    spoke_for: dict[str, str] = {}
    speakers: dict[str, str] = {}
    for claim in map(_claim, _naming(pk)):
        for each in named(claim):
            if each["id"] == facts["id"]:
                also[each["name"]] = None
                also[(each.get("recorded_as") or each)["name"]] = None
        for speaker, principal in _behalf(claim):
            if speaker["id"] == facts["id"]:
                spoke_for.setdefault(principal["id"], principal["name"])
            elif principal["id"] == facts["id"]:
                speakers.setdefault(speaker["id"], speaker["name"])
    others = [name for name in also if name != facts["name"]]
    return NamedSource(facts["id"], facts["name"], facts, others, _sorted(spoke_for), _sorted(speakers))


def sources_of_case(case: UUID, most: int) -> list[tuple[Mapping[str, Any], int]]:
    """Who is named in claims of a case that stand, and in how many of them; the `most` that are named most often."""
    rows = _counted("sources", Listing.objects.filter(retracted=False, case=case))
    # A record that was merged into another is counted beside the one that it became, under which it is named.
    counts: dict[UUID, int] = {row["thing"]: row["claims"] for row in rows[: 2 * most]}
    facts = _facts(counts)
    found = [(facts[pk], count) for pk, count in counts.items() if pk in facts]
    return sorted(found, key=lambda row: (-row[1], row[0]["name"].casefold()))[:most]


def cases_by_change() -> QuerySet[Any]:
    """Rows `case`, `claims` and `changed` of all cases, the one that changed last first."""
    return reading.cases().order_by("-changed", "case")


def sources_by_change(most: int) -> list[tuple[UUID, datetime]]:
    """Sources that have a page, and when the newest version that names them was published; the newest first."""
    rows = _counted("sources", Listing.objects.filter(retracted=False)).order_by("-newest", "thing")
    found: dict[UUID, datetime] = dict(rows.values_list("thing", "newest")[:most])
    merged = set(Source.objects.filter(merged_into__isnull=False, pk__in=found).values_list("pk", flat=True))
    return [(pk, at) for pk, at in found.items() if pk not in merged]


def _choices() -> Choices:
    standing = Listing.objects.filter(retracted=False)
    often = reading.cases().order_by("-claims", "case").values_list("case", flat=True)[:CHOICES]
    by_column = {
        column: _options(column, [row["thing"] for row in _counted(column, standing)[:CHOICES]])
        for column in ("sources", "topics")
    }
    languages = Listing.objects.order_by("language").values_list("language", flat=True).distinct()
    return Choices(
        cases=[(str(pk), title) for pk, title in titles(often).items()],
        languages=list(languages),
        **by_column,
    )


def _options(column: str, things: Iterable[Any], *, merged: bool = False) -> list[Option]:
    if column == "sources":
        return [(str(pk), facts["name"]) for pk, facts in _facts(things, merged=merged).items()]
    return [
        (str(pk), topic["name"])
        for pk, naming in reading.naming("topics", things).items()
        for topic in json.loads(naming.listing.summary)["topics"]
        if topic["id"] == pk
    ]


def _facts(pks: Iterable[UUID], *, merged: bool = False) -> dict[UUID, Mapping[str, Any]]:
    """What the newest versions say of sources; of records that were merged into another only if asked."""
    found = {}
    for pk, naming in reading.naming("sources", pks).items():
        facts = described(pk, naming.listing)
        if facts is not None and (merged or facts["id"] == str(pk)):
            found[pk] = facts
    return found


class _Unnest(Func):
    """A row for each element of an array."""

    function = "unnest"
    arity = 1
    set_returning = True

    def _resolve_output_field(self) -> Any:
        (array,) = self.get_source_fields()
        assert isinstance(array, ArrayField)
        return array.base_field


def _counted(column: str, rows: QuerySet[Listing]) -> QuerySet[Any]:
    """Rows `thing`, `claims` and `newest` of what an array column of these listings names, most often named first."""
    return (
        rows.order_by()
        .annotate(thing=_Unnest(F(column)))
        .values("thing")
        .annotate(claims=Count("pk"), newest=Max("published_at"))
        .order_by("-claims", "thing")
    )


def _naming(pk: UUID) -> Iterator[Listing]:
    rows = Listing.objects.filter(retracted=False, sources__contains=[pk]).order_by("-published_at", "pk")
    yield from rows.select_related("version").defer("words", "text", "review", "summary")[:READ]


def _claim(listing: Listing) -> dict[str, Any]:
    return current(json.loads(bytes(listing.version.snapshot))["claim"])


def _behalf(claim: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Who spoke on whose behalf, of those who have pages."""
    for said in claim["assertions"]:
        pair = said["speaker"], said.get("on_behalf_of")
        if (
            all(each and each["kind"] not in UNNAMED_KINDS for each in pair)
            and pair[0]["id"] != pair[1]["id"]
        ):
            yield pair


def _sorted(names: Mapping[str, str]) -> list[Option]:
    return sorted(names.items(), key=lambda option: option[1].casefold())
