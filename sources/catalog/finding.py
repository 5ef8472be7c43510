"""Finding sources by the keys of their names, with the trigram indexes of PostgreSQL (pg_trgm)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import ExpressionWrapper, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import GreaterThanOrEqual

from sources.catalog import names

MOST_WORDS = 8  # of a question; whoever types more is not typing a name
# Of bones and sound together: "Watan" finds "الوطن" (4 trigrams of 9), but "Sana" not "Sony" (3 of 7).
LEAST_RANK = 0.44
LEAST_JOINED = 0.75  # of the bones of all words as one, when there are enough to mean something
ENOUGH = 4
LEAST_ALIKE = 0.5  # of two whole keys, to be suggested as one source


def matching(sources: Any, text: str) -> Any:
    """`sources` that stand and have a name like `text`, with their `rank`, the likest first."""
    from sources.catalog.models import Alias, Source

    if not text.strip():
        return sources.annotate(rank=Value(1.0, output_field=FloatField()))
    own, other = Coalesce("merged_into_id", "id"), Coalesce("source__merged_into_id", "source_id")
    # A union of searches and not conditions joined by "or": so that each is answered by a trigram index.
    found: list[QuerySet[Any, Any]] = [
        Source.objects.filter(like).order_by().values(found=own) for like in _likes(text)
    ]
    found += [Alias.objects.filter(like).order_by().values(found=other) for like in _likes(text)]
    duplicates = Source.objects.filter(merged_into=OuterRef("pk"))
    aliases = Alias.objects.filter(source=OuterRef("pk"))
    theirs = Alias.objects.filter(source__merged_into=OuterRef("pk"))
    best = [_rank(text), *(_best(rows, text) for rows in (duplicates, aliases, theirs))]
    standing = sources.filter(pk__in=found[0].union(*found[1:]))
    return standing.annotate(rank=Greatest(*best)).order_by("-rank", "name", "id")


def alike(sources: Any, keys: list[str], *, limit: int) -> list[Any]:
    """Of `sources`, those of which a whole name is like one of these keys (as `names.key` gives them), likest first."""
    from sources.catalog.models import Alias, Source

    if not keys:
        return []
    near = Q()
    for key in keys:
        near |= Q(key__trigram_similar=key)
    likeness = Greatest(*(TrigramSimilarity("key", key) for key in keys), Value(0.0))
    rows = [
        *Source.objects.filter(near).annotate(likeness=likeness).order_by().values_list("pk", "likeness"),
        *Alias.objects.filter(near)
        .annotate(likeness=likeness)
        .order_by()
        .values_list("source_id", "likeness"),
    ]
    best: dict[Any, float] = {}
    for pk, value in rows:
        if value >= LEAST_ALIKE:
            best[pk] = max(value, best.get(pk, 0.0))
    found = sources.in_bulk(list(best))
    return sorted(found.values(), key=lambda row: (-best[row.pk], row.name, row.pk))[:limit]


def _likes(text: str) -> list[Q]:
    """The conditions, of which one is enough, that a row's `key` is of a name like `text`: an index's work first."""
    words = names.words(text)[:MOST_WORDS]
    if not words:
        return [Q(key=names.key(text))]
    by_bones = Q()
    for word in words:
        by_bones &= Q(key__trigram_word_similar=word.bones)
    likes = [by_bones & Q(GreaterThanOrEqual(_rank_of_words(words), LEAST_RANK))]
    joined = "".join(word.bones for word in words)
    if len(joined) >= ENOUGH:
        near = GreaterThanOrEqual(TrigramWordSimilarity(joined, "key"), LEAST_JOINED)
        likes.append(Q(key__trigram_word_similar=joined) & Q(near))
    return likes


def _rank(text: str) -> Any:
    words = names.words(text)[:MOST_WORDS]
    return _rank_of_words(words) if words else Value(1.0, output_field=FloatField())


def _rank_of_words(words: tuple[names.Word, ...]) -> Any:
    total: Any = Value(0.0, output_field=FloatField())
    for word in words:
        total = total + TrigramWordSimilarity(str(word), "key")
    return ExpressionWrapper(total / float(len(words)), output_field=FloatField())


def _best(rows: QuerySet[Any], text: str) -> Subquery:
    """The highest rank among the names in `rows`, or NULL."""
    return Subquery(rows.annotate(likeness=_rank(text)).order_by("-likeness").values("likeness")[:1])
