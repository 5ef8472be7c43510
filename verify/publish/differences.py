"""What changed between two contents of a claim, in words that a reader of the public page understands.

The publish page shows it before a correction is published, the public page beside each correction. It reads nothing but
the two contents; of Django it uses the translations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from claims.attribution.models import AssertionRole, Modality, Polarity, Stance, Strength, Verb
from claims.statements.models import Unit
from verify.publish.claimreview import label_of, shortened
from verify.publish.presenting import category_words, credibility, number, place_words
from verify.publish.schemas import current
from verify.review.models import Manipulation

Json = Mapping[str, Any]

LONGEST = 120  # code points of a quoted wording inside a sentence


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise now. `old` is empty for what was added, `new` for what was withdrawn."""

    subject: (
        str  # "claim", "verdict", "figure", "assertion", "quote", "evidence", "origins" or "media": a code
    )
    change: str  # "added", "withdrawn" or "changed": a code
    sentence: str  # for people, in the language of the moment
    old: str = ""
    new: str = ""


def differences(old: Json, new: Json) -> list[Difference]:
    """What is otherwise in `new` than in `old`: two contents (`snapshot["claim"]`) of any known schema.

    In the order of a page: what is claimed, verdict, who said it, evidence, media, figures. Empty when both say the
    same, also where only the schema or an order differs. How origins are counted stands beside a content, not in it.
    """
    old, new = current(old), current(new)
    found = [*_fields("claim", "", _CLAIM, old, new), *_verdicts(old.get("verdict"), new.get("verdict"))]
    for part in _PARTS:
        found += _rows(part, old.get(part.key) or [], new.get(part.key) or [])
    if not found and _unordered(old) != _unordered(new):
        sentence = _("Details of the records that it rests on were changed; what it says is the same.")
        found.append(Difference("claim", "changed", sentence))
    return found


def _changed(subject: str, what: str, old: str, new: str) -> Difference:
    """One wording or value that is another now, was not there or is gone; long wordings are not repeated in it."""
    told = {"what": what, "old": old, "new": new}
    if not old:
        change, sentence = "added", _("%(what)s: “%(new)s” was added.")
    elif not new:
        change, sentence = "withdrawn", _("%(what)s: “%(old)s” was taken away.")
    else:
        change, sentence = "changed", _("%(what)s: “%(new)s” instead of “%(old)s”.")
    if len(old) + len(new) > LONGEST:
        sentence = {
            "added": _("%(what)s: added."),
            "withdrawn": _("%(what)s: taken away."),
            "changed": _("%(what)s: reworded."),
        }[change]
    return Difference(subject, change, sentence % told, old, new)


def _fields(subject: str, about: str, fields: Fields, old: Json, new: Json) -> Iterator[Difference]:
    """A difference for each field that reads otherwise; `about` names the row, and is empty for the claim itself."""
    for name, (label, words) in fields.items():
        before, after = words(old.get(name)), words(new.get(name))
        if before != after:
            what = _("%(about)s, %(field)s") % {"about": about, "field": label} if about else str(label)
            yield _changed(subject, what, before, after)


def _verdicts(old: Json | None, new: Json | None) -> Iterator[Difference]:
    before, after = _rating(old), _rating(new)
    if before != after:
        yield _changed("verdict", _("Verdict"), before, after)
    reasons = [str((verdict or {}).get("rationale", "")) for verdict in (old, new)]
    if reasons[0] != reasons[1] and old and new:
        yield _changed("verdict", _("Reasoning"), *reasons)


def _rows(part: Part, old: Sequence[Json], new: Sequence[Json]) -> Iterator[Difference]:
    before, after = {row["id"]: row for row in old}, {row["id"]: row for row in new}
    for pk, row in before.items():
        if pk not in after:
            yield Difference(part.subject, "withdrawn", str(part.withdrawn) % {"what": part.name(row)})
    for pk, row in after.items():
        if pk not in before:
            yield Difference(part.subject, "added", str(part.added) % {"what": part.name(row)})
            continue
        about = str(part.about) % {"what": part.name(row)}
        yield from _fields(part.subject, about, part.fields, before[pk], row)
        if "quotes" in row:
            yield from _quotes(about, before[pk].get("quotes", []), row["quotes"])


def _quotes(about: str, old: Sequence[Json], new: Sequence[Json]) -> Iterator[Difference]:
    before, after = ({quote["id"]: quote["exact"] for quote in quotes} for quotes in (old, new))
    for pk in [*before, *(pk for pk in after if pk not in before)]:
        if before.get(pk) != after.get(pk):
            what = _("%(about)s, quotation") % {"about": about}
            yield _changed("quote", what, before.get(pk, ""), after.get(pk, ""))


def _unordered(value: Any) -> Any:
    """`value` so that two contents which differ in the schema's name or in an order alone are equal."""
    if isinstance(value, Mapping):
        return {key: _unordered(item) for key, item in value.items() if key != "schema"}
    if isinstance(value, list):
        return sorted((_unordered(item) for item in value), key=repr)
    return value


# --- Words ----------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _title(value: Json | None) -> str:
    return _text(value and (value.get("title") or value.get("url")))


def _name(value: Json | None) -> str:
    return _text(value and value.get("name"))


def _who(value: Json | None) -> str:
    if value and value.get("party"):
        return _("%(name)s (party to the conflict)") % {"name": value["name"]}
    return _name(value)


def _day(value: str | None) -> str:
    return (value or "")[:16].replace("T", " ")


def _days(value: Sequence[str | None] | None) -> str:
    return " – ".join((day or "…") for day in value) if value and any(value) else ""


def _place(value: Any) -> str:
    return place_words(dict(value)) if isinstance(value, Mapping) else _text(value)


def _grade(value: int | None) -> str:
    return f"{value} · {credibility(value)}" if value else ""


def _yes(value: Any) -> str:
    return _("yes") if value else ""


def _word(choices: type[TextChoices]) -> Callable[[Any], str]:
    return lambda value: str(choices(value).label) if value in choices.values else _text(value)


def _rating(verdict: Json | None) -> str:
    return label_of(verdict["labels"], get_language() or "en") if verdict else ""


def _figure(figure: Json) -> str:
    return f"{number(dict(figure))} {_word(Unit)(figure['unit'])}".strip()


def _statement(said: Json) -> str:
    through = _name(said.get("outlet"))
    name = str(said["speaker"]["name"])
    return (
        _("%(name)s, through %(outlet)s") % {"name": name, "outlet": through}
        if through not in ("", name)
        else name
    )


def _evidence(piece: Json) -> str:
    return f"{_word(Stance)(piece['stance'])}: {shortened(piece['reason'], LONGEST)}"


def _medium(rating: Json) -> str:
    return f"{_word(Manipulation)(rating['rating'])}: {shortened(rating['context'], LONGEST)}"


Fields = Mapping[str, tuple[Any, Callable[[Any], str]]]

_CLAIM: Fields = {
    "text": (gettext_lazy("Claim"), _text),
    "headline": (gettext_lazy("Headline"), _text),
    "language": (gettext_lazy("Language"), _text),
    "case": (gettext_lazy("Case"), _title),
}


@dataclass(frozen=True)
class Part:
    """A list of a content: how one of its rows is named, and which of its fields are compared."""

    key: str
    subject: str
    name: Callable[[Json], str]
    added: Any
    withdrawn: Any
    about: Any
    fields: Fields


_PARTS = (
    Part(
        "assertions",
        "assertion",
        _statement,
        gettext_lazy("Added: what %(what)s says"),
        gettext_lazy("Withdrawn: what %(what)s was recorded to have said"),
        gettext_lazy("What %(what)s says"),
        {
            "speaker": (gettext_lazy("speaker"), _who),
            "role": (gettext_lazy("role"), _word(AssertionRole)),
            "on_behalf_of": (gettext_lazy("on behalf of"), _who),
            "outlet": (gettext_lazy("outlet"), _who),
            "verb": (gettext_lazy("verb"), _word(Verb)),
            "hedge": (gettext_lazy("hedge"), _text),
            "polarity": (gettext_lazy("affirms or denies"), _word(Polarity)),
            "modality": (gettext_lazy("certainty"), _word(Modality)),
            "said_at": (gettext_lazy("said at"), _day),
            "published_at": (gettext_lazy("carried at"), _day),
            "document": (gettext_lazy("document"), _title),
        },
    ),
    Part(
        "evidence",
        "evidence",
        _evidence,
        gettext_lazy("Evidence added: %(what)s"),
        gettext_lazy("Evidence withdrawn: %(what)s"),
        gettext_lazy("Evidence (%(what)s)"),
        {
            "stance": (gettext_lazy("stance"), _word(Stance)),
            "strength": (gettext_lazy("strength"), _word(Strength)),
            "credibility": (gettext_lazy("credibility"), _grade),
            "reason": (gettext_lazy("reason"), _text),
        },
    ),
    Part(
        "media",
        "media",
        _medium,
        gettext_lazy("Media rating added: %(what)s"),
        gettext_lazy("Media rating withdrawn: %(what)s"),
        gettext_lazy("Media rating (%(what)s)"),
        {
            "rating": (gettext_lazy("rating"), _word(Manipulation)),
            "context": (gettext_lazy("original context"), _text),
            "original_url": (gettext_lazy("address of the original"), _text),
        },
    ),
    Part(
        "figures",
        "figure",
        _figure,
        gettext_lazy("Figure added: %(what)s"),
        gettext_lazy("Figure withdrawn: %(what)s"),
        gettext_lazy("Figure %(what)s"),
        {
            "lower": (gettext_lazy("lower bound"), _text),
            "point": (gettext_lazy("number"), _text),
            "upper": (gettext_lazy("upper bound"), _text),
            "qualifier": (gettext_lazy("qualifier"), _text),
            "as_written": (gettext_lazy("as written"), _text),
            "unit": (gettext_lazy("unit"), _word(Unit)),
            "category": (gettext_lazy("who is counted"), lambda code: category_words(code or "")),
            "perpetrator": (gettext_lazy("perpetrator"), _text),
            "place": (gettext_lazy("place"), _place),
            "place_as_written": (gettext_lazy("place as written"), _text),
            "window": (gettext_lazy("time covered"), _days),
            "as_of": (gettext_lazy("as of"), _text),
            "parts_are_all": (gettext_lazy("its parts are all"), _yes),
        },
    ),
)
