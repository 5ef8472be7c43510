"""A published snapshot as its page shows it: words in the reader's language, chains in order, moments as moments.

Everything comes from the snapshot (verify-version/1), its claim in the shape of the newest schema (schemas.py); what an
older one may lack is left out, never looked up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from claims.attribution.models import (
    AssertionRole,
    Evidence,
    MatchKind,
    Modality,
    Polarity,
    RegionKind,
    Stance,
    Strength,
    Verb,
)
from claims.attribution.regions import clock
from claims.statements.models import Qualifier, Unit
from sources.catalog.models import SourceKind
from sources.precision import Precision
from verify.publish.claimreview import label_of, shortened, web_address
from verify.publish.models import VersionKind
from verify.publish.schemas import current
from verify.publish.standard import CONFIRMED, INCONCLUSIVE, REJECTED, is_provisional, outcome
from verify.review.models import Manipulation, MediaRating

SHORT_TITLE = 110  # code points

_UNSURE = (Modality.PROBABLE, Modality.POSSIBLE)
_DATES = {"year": "Y", "month": "F Y", "day": "j F Y", "hour": "j F Y, H:00"}


@dataclass(frozen=True)
class Moment:
    """A moment (UTC) and how exactly it is known; as text it says no more than is known."""

    at: datetime
    precision: str = Precision.MINUTE

    def __str__(self) -> str:
        return date_format(self.at, _DATES.get(self.precision, "j F Y, H:i"))


class Reading:
    """One version, ready to be read."""

    def __init__(self, snapshot: bytes | memoryview) -> None:
        self.data: dict[str, Any] = json.loads(bytes(snapshot))
        self.claim: dict[str, Any] = current(self.data["claim"])

    @property
    def id(self) -> str:
        return str(self.claim["id"])

    @property
    def number(self) -> int:
        return int(self.data["number"])

    @property
    def desk(self) -> dict[str, str]:
        return dict(self.data["desk"])

    @property
    def reason(self) -> str:
        """Why it was corrected or retracted, in the desk's words."""
        return str(self.data.get("reason", ""))

    @property
    def reason_apart(self) -> str:
        """The reason for a sentence of the page's language: isolated, since it may be of another script."""
        return f"\u2068{self.reason}\u2069"

    @property
    def retracted(self) -> bool:
        return bool(self.data["kind"] == VersionKind.RETRACTED)

    @property
    def published_at(self) -> datetime:
        return datetime.fromisoformat(self.data["published_at"])

    @property
    def title(self) -> str:
        return str(self.claim.get("headline") or self.claim["text"])

    @property
    def short_title(self) -> str:
        """The title where space is short: a window's title, a list of links elsewhere."""
        return shortened(self.title, SHORT_TITLE)

    @property
    def language(self) -> str:
        return self.claim.get("language") or "en"

    @property
    def case(self) -> dict[str, str] | None:
        return self.claim.get("case")

    @property
    def topics(self) -> list[dict[str, Any]]:
        """What it is filed under; a version of an early release does not say."""
        return list(self.data.get("topics") or [])

    @cached_property
    def verdict(self) -> dict[str, Any] | None:
        """The verdict as published, and its word for the reader. A retracted version has none."""
        verdict = self.claim.get("verdict")
        if not verdict or self.retracted:
            return None
        return verdict | {"label": label_of(verdict["labels"], get_language() or "en")}

    @property
    def outcome(self) -> str:
        """Confirmed, inconclusive or rejected, in the reader's words; empty where nothing was decided."""
        return str(OUTCOMES.get(outcome(self.verdict), ""))

    @property
    def is_provisional(self) -> bool:
        """Whether fewer than two independent origins carry it: below the standard, and flagged."""
        return is_provisional(self.verdict, self.counts)

    @cached_property
    def copies(self) -> list[dict[str, Any]]:
        """The archived copies that quotes, regions and evidence stand on, each once, oldest first."""
        shown = [piece for said in self.claim["assertions"] for piece in (*said["quotes"], *said["regions"])]
        shown += [piece["region"] or piece for piece in self.claim["evidence"]]
        shown += self.claim.get("media", [])
        captures = [piece["capture"] for piece in shown if piece["capture"]]
        copies = [
            capture | {"at": moment(capture["finished_at"]), "href": web_address(capture["url"])}
            for capture in {capture["id"]: capture for capture in captures}.values()
        ]
        return sorted(copies, key=lambda copy: (copy["finished_at"] or "", copy["id"]))

    @cached_property
    def statements(self) -> Mapping[str, dict[str, Any]]:
        """Who said it, by the assertion's id: the chain from where it began, what was said, its quotes."""
        by_id = {said["id"]: said for said in self.claim["assertions"]}
        return {identifier: statement(said, by_id) for identifier, said in by_id.items()}

    @cached_property
    def origins(self) -> list[dict[str, Any]]:
        """The statements, grouped by where they begin; those that no group names come last, under no name."""
        groups, seen = [], set()
        for group in self._origins.get("groups", []):
            members = [said for identifier, said in self.statements.items() if identifier in group["members"]]
            seen.update(group["members"])
            if members:
                groups.append(group | {"statements": members})
        others = [said for identifier, said in self.statements.items() if identifier not in seen]
        return [*groups, {"name": "", "statements": others}] if others else groups

    @property
    def cautions(self) -> list[str]:
        """What a reader must know of the chains (circular reporting, one owner, …), a sentence each."""
        return list(self._origins.get("cautions", []))

    @property
    def counts(self) -> dict[str, int]:
        return dict(self._origins.get("counts", {}))

    @property
    def counted(self) -> str:
        """The origins in a sentence: outlets are never what is counted."""
        return counted(self.counts)

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        """The evidence by stance, stances without any left out."""
        pieces = [self._piece(piece) for piece in self.claim["evidence"]]
        by_stance: list[dict[str, Any]] = [
            {
                "code": stance.value,
                "label": stance.label,
                "pieces": [p for p in pieces if p["stance"] == stance],
            }
            for stance in Stance
        ]
        return [stance for stance in by_stance if stance["pieces"]]

    @cached_property
    def figures(self) -> list[dict[str, Any]]:
        """The figures with their scope, what they are part of and who gave them."""
        superseded = {figure["supersedes"] for figure in self.claim["figures"]}
        numbers = {figure["id"]: number(figure) for figure in self.claim["figures"]}
        givers: dict[str, set[str]] = {}
        for said in self.claim["assertions"]:
            for figure in said["figures"]:
                givers.setdefault(figure, set()).add(said["speaker"]["name"])
        return [
            figure
            | {
                "number": numbers[figure["id"]],
                "unit": _label(Unit, figure["unit"]),
                "category": category_words(figure["category"]),
                "place": place_words(figure["place"]) or figure["place_as_written"],
                "part_of": numbers.get(figure["part_of"] or "", ""),
                "window": _window(figure["window"]),
                "as_of": date.fromisoformat(figure["as_of"]) if figure["as_of"] else None,
                "by": sorted(givers.get(figure["id"], [])),
                "superseded": figure["id"] in superseded,
            }
            for figure in self.claim["figures"]
        ]

    @cached_property
    def media(self) -> list[dict[str, Any]]:
        """The rated media: what each is found to be in words, where it was found, and its original."""
        return [
            rating
            | {
                "kind": media_kind(rating["media"]),
                "label": _label(Manipulation, rating["rating"]),
                "original": web_address(rating["original_url"]),
                "copy": rating["capture"]["id"],
                "href": web_address(rating["capture"]["url"]),
                "at": moment(rating["capture"]["finished_at"]),
            }
            for rating in self.claim.get("media", [])
        ]

    @property
    def _origins(self) -> dict[str, Any]:
        return self.data.get("origins") or {}

    def _piece(self, piece: dict[str, Any]) -> dict[str, Any]:
        return piece | {
            "strength": _label(Strength, piece["strength"]),
            "credibility_label": credibility(piece["credibility"]),
            "said": self.statements.get(piece["assertion"] or ""),
            "document": _document(piece.get("document")),
            "region": piece["region"] and _region(piece["region"]),
        }


def counted(counts: dict[str, int]) -> str:
    """“Seven outlets, two independent origins, one of them a party to the conflict; one circle of outlets that name
    each other”.

    A snapshot of an earlier release does not say which origins are independent: there, all of them are called so.
    """
    outlets, origins, party = (counts.get(name, 0) for name in ("outlets", "origins", "party_origins"))
    if not origins:
        return ""
    independent = counts.get("independent_origins", origins)
    sentence = ngettext("%(n)s independent origin", "%(n)s independent origins", independent)
    sentence = sentence % {"n": _words(independent)} if independent else _("no independent origin")
    if outlets:
        carried = ngettext("%(n)s outlet", "%(n)s outlets", outlets) % {"n": _words(outlets)}
        sentence = _("%(outlets)s, %(origins)s") % {"outlets": carried, "origins": sentence}
    aside = _set_aside(counts)
    if party > counts.get("independent_party_origins", party):  # a party also among what is set aside
        among = ngettext(
            "%(n)s of all these a party to the conflict", "%(n)s of all these parties to the conflict", party
        )
        aside.append(among % {"n": _words(party)})
    elif party and independent == 1:
        sentence = _("%(count)s, a party to the conflict") % {"count": sentence}
    elif party:
        parties = ngettext(
            "%(n)s of them a party to the conflict", "%(n)s of them parties to the conflict", party
        )
        sentence = _("%(count)s, %(parties)s") % {
            "count": sentence,
            "parties": parties % {"n": _words(party)},
        }
    if linked := _linked(counts):
        sentence = _("%(count)s, %(linked)s") % {"count": sentence, "linked": linked}
    for others in aside:
        sentence = _("%(count)s; %(others)s") % {"count": sentence, "others": others}
    return sentence[:1].upper() + sentence[1:]


def _linked(counts: dict[str, int]) -> str:
    """How many of the independent origins are linked by money: “two of them funded by the same source”."""
    linked = counts.get("linked_origins", 0)
    if not linked:
        return ""
    if linked == counts.get("cofunded_origins"):
        words = ngettext(
            "%(n)s of them funded by the same source", "%(n)s of them funded by the same source", linked
        )
    else:
        words = ngettext("%(n)s of them linked by money", "%(n)s of them linked by money", linked)
    return words % {"n": _words(linked)}


def _set_aside(counts: dict[str, int]) -> list[str]:
    """The origins that are not independent ones, a kind at a time."""
    circles, possible, unnamed = (
        counts.get(f"{kind}_origins", 0) for kind in ("circle", "possible", "unnamed")
    )
    told = [
        (
            circles,
            ngettext(
                "%(n)s circle of outlets that name each other",
                "%(n)s circles of outlets that name each other",
                circles,
            ),
        ),
        (
            possible,
            ngettext(
                "%(n)s origin that only calls it possible",
                "%(n)s origins that only call it possible",
                possible,
            ),
        ),
        (
            unnamed,
            ngettext("%(n)s origin without a named source", "%(n)s origins without a named source", unnamed),
        ),
    ]
    return [words % {"n": _words(count)} for count, words in told if count]


def number(figure: dict[str, Any]) -> str:
    """The figure as a range or a number with its word: “around 745”, “100–150”, “hundreds”."""
    lower, point, upper = figure["lower"], figure["point"], figure["upper"]
    word = "" if figure["qualifier"] == Qualifier.EXACTLY else _label(Qualifier, figure["qualifier"])
    if lower is not None and upper is not None and lower != upper:
        span = f"{lower:,}–{upper:,}"
        return f"{point:,} ({span})" if point is not None else span
    known = next((value for value in (point, lower, upper) if value is not None), None)
    if known is None:
        return word
    if point is None and not word:
        word = _label(Qualifier, Qualifier.AT_LEAST if lower is not None else Qualifier.UP_TO)
    return f"{word} {known:,}".strip()


def credibility(grade: int) -> str:
    """The words of an Admiralty credibility 1–6."""
    words = dict(Evidence._meta.get_field("credibility").flatchoices)
    return str(words.get(grade, "")).partition(" · ")[2]


def media_kind(code: str) -> str:
    """Picture, film or recording."""
    return str(dict(MediaRating._meta.get_field("media").flatchoices).get(code, code))


def moment(value: str | None) -> datetime | None:
    """A moment as it stands in a snapshot."""
    return datetime.fromisoformat(value) if value else None


def _label(choices: type[TextChoices], value: str) -> str:
    """The word of a code; the code itself for one that this release does not know."""
    return str(choices(value).label) if value in choices.values else value


def _moment(value: str | None, precision: str) -> Moment | None:
    at = moment(value)
    return Moment(at, precision) if at else None


def _window(window: list[str | None]) -> str:
    days = [date_format(date.fromisoformat(day), "j F Y") if day else "" for day in window]
    return days[0] if days[0] == days[1] else " – ".join(days)


def _document(document: dict[str, Any] | None) -> dict[str, Any] | None:
    return document and document | {"href": web_address(document["url"])}


def statement(said: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One assertion of a snapshot as its page shows it; `by_id` are all of the snapshot."""
    path = _path(said, by_id)
    return {
        "id": said["id"],
        "speaker": said["speaker"],
        "chain": _chain(path),
        "verb": _label(Verb, said["verb"]),
        "hedge": said["hedge"],
        "denies": said["polarity"] == Polarity.DENIES,
        "modality": _label(Modality, said["modality"]) if said["modality"] in _UNSURE else "",
        "said_at": _moment(said["said_at"], said["said_precision"]),
        "published_at": _moment(said["published_at"], said["published_precision"]),
        "document": _document(said["document"]),
        "quotes": [
            quote
            | _around(quote)
            | {
                "at": moment(quote["capture"]["finished_at"]),
                "copy": quote["capture"]["id"],
                "match_label": _label(MatchKind, quote["match"]),
            }
            for quote in said["quotes"]
        ],
        "regions": [_region(region) for region in said["regions"]],
        "cites": [by_id[other]["speaker"]["name"] for other in said["cites"] if other in by_id],
    }


def _region(region: dict[str, Any]) -> dict[str, Any]:
    """What is seen in a file and where, in words; the file itself is the desk's."""
    copy = region["capture"]
    return region | {"at": moment(copy["finished_at"]), "copy": copy["id"], "where": region_words(region)}


def region_words(region: dict[str, Any]) -> str:
    """Where in a file it lies: “on page 3”, “in the picture”, “from 0:12.5 to 0:20”."""
    if region["kind"] == RegionKind.PAGE:
        return _("on page %(n)s") % {"n": region["page"]}
    if region["kind"] == RegionKind.TIME and region["span"]:
        begins, ends = map(clock, region["span"])
        return _("from %(begins)s to %(ends)s") % {"begins": begins, "ends": ends}
    return _label(RegionKind, region["kind"])


def place_words(place: dict[str, Any] | None) -> str:
    """A place and what it lies in, from the part to the whole: “Jableh, Latakia, Syria”."""
    if place is None:
        return ""
    arabic = (get_language() or "").startswith("ar")
    names = place["path_ar" if arabic else "path"]
    # A town, its district and its governorate often share their name: said once.
    path = [name for at, name in enumerate(names) if not at or names[at - 1] != name]
    return ("، " if arabic else ", ").join(reversed(path))


def _around(quote: dict[str, Any]) -> dict[str, str]:
    """What stands around a quote, without the words that were cut through and with marks where text was left out."""
    prefix, suffix = quote["prefix"], quote["suffix"]
    if quote["start"] > len(prefix):
        prefix = "… " + (prefix.partition(" ")[2] or prefix)
    return {"prefix": prefix, "suffix": (suffix.rpartition(" ")[0] or suffix) + " …" if suffix else ""}


def _path(said: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """From where it began to `said`. A circle is walked once: that it is one, the cautions say."""
    path, seen = [said], {said["id"]}
    while (parent := by_id.get(path[0]["derives_from"] or "")) and parent["id"] not in seen:
        path.insert(0, parent)
        seen.add(parent["id"])
    return path


def _words(count: int) -> str:
    """A small number as a word in English; elsewhere, where it would have to agree with its noun, in digits."""
    return str(apnumber(count)) if (get_language() or "en").startswith("en") else str(count)


def _chain(path: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps of all of a path; who takes over from themselves (a translation, say) stands there once."""
    chain = _links(path[0], relayed=False)
    for step in path[1:]:
        links = _links(step, relayed=True)
        chain += links[1:] if links[0]["name"] == chain[-1]["name"] else links
    return chain


def _links(said: dict[str, Any], *, relayed: bool) -> list[dict[str, Any]]:
    """The steps of one assertion: who speaks, on whose behalf, through which outlet if that is somebody else."""
    speaker, outlet = said["speaker"], said["outlet"]
    role = _("taken over by") if relayed else _label(AssertionRole, said["role"])
    steps = [(role, speaker), (_("on behalf of"), said["on_behalf_of"])]
    if outlet and outlet["id"] != speaker["id"]:
        steps.append((_("through"), outlet))
    links = [
        {"role": role, "name": source["name"], "source": source["id"] if has_page(source) else ""}
        for role, source in steps
        if source
    ]
    if not said["quotes"] and not said["regions"]:
        links[-1]["missing"] = _("no archived copy shows this")
    return links


def has_page(source: Mapping[str, Any]) -> bool:
    """Whether a source of a snapshot has a page of its own, and links to it.

    A protected person has none: what they said, gathered in one place, helps to find out who they are. Who is
    protected is so from the first record on (held by the database), so that every snapshot knows it.
    """
    return bool(source["kind"] != SourceKind.PROTECTED_PERSON)


def kind_words(code: str) -> str:
    """What kind of source it is."""
    return _label(SourceKind, code)


OUTCOMES = {
    # Somebody "confirmed" it is another word in Arabic than that it is "confirmed".
    CONFIRMED: pgettext_lazy("outcome", "confirmed"),
    INCONCLUSIVE: pgettext_lazy("outcome", "inconclusive"),
    REJECTED: pgettext_lazy("outcome", "rejected"),
}

CATEGORY_WORDS = {
    "civilians": gettext_lazy("civilians"),
    "pro-assad-fighters": gettext_lazy("pro-Assad fighters"),
    "government-soldiers": gettext_lazy("government soldiers"),
    "security-personnel": gettext_lazy("security personnel"),
    "civilians-and-fighters": gettext_lazy("civilians and fighters"),
    "all": gettext_lazy("everybody, whoever they were"),
}


def category_words(code: str) -> str:
    """Who is counted, in the reader's language; a desk's own category as it stands."""
    return str(CATEGORY_WORDS.get(code, code))
