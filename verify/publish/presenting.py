"""A published snapshot as its page shows it: words in the reader's language, chains in order, moments as moments.

Everything comes from the snapshot (verify-version/1); what an older one may lack is left out, never looked up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from claims.attribution.models import AssertionRole, Evidence, MatchKind, Polarity, Stance, Strength, Verb
from claims.statements.models import Qualifier, Unit
from sources.precision import Precision
from verify.publish.claimreview import label_of, shortened, web_address
from verify.publish.models import VersionKind

SHORT_TITLE = 110  # code points

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
        self.claim: dict[str, Any] = self.data["claim"]

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

    @cached_property
    def verdict(self) -> dict[str, Any] | None:
        """The verdict as published, and its word for the reader. A retracted version has none."""
        verdict = self.claim.get("verdict")
        if not verdict or self.retracted:
            return None
        return verdict | {"label": label_of(verdict["labels"], get_language() or "en")}

    @cached_property
    def copies(self) -> list[dict[str, Any]]:
        """The archived copies that the quotes and the evidence stand on, each once, oldest first."""
        captures = [quote["capture"] for said in self.claim["assertions"] for quote in said["quotes"]]
        captures += [piece["capture"] for piece in self.claim["evidence"] if piece.get("capture")]
        copies = [
            capture | {"at": moment(capture["finished_at"]), "href": web_address(capture["url"])}
            for capture in {capture["id"]: capture for capture in captures}.values()
        ]
        return sorted(copies, key=lambda copy: (copy["finished_at"] or "", copy["id"]))

    @cached_property
    def statements(self) -> dict[str, dict[str, Any]]:
        """Who said it, by the assertion's id: the chain from where it began, what was said, its quotes."""
        by_id = {said["id"]: said for said in self.claim["assertions"]}
        return {identifier: _statement(said, by_id) for identifier, said in by_id.items()}

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
        """The figures with their scope and who gave them."""
        superseded = {figure["supersedes"] for figure in self.claim["figures"]}
        givers: dict[str, set[str]] = {}
        for said in self.claim["assertions"]:
            for figure in said["figures"]:
                givers.setdefault(figure, set()).add(said["speaker"]["name"])
        return [
            figure
            | {
                "number": number(figure),
                "unit": _label(Unit, figure["unit"]),
                "category": category_words(figure["category"]),
                "window": _window(figure["window"]),
                "as_of": date.fromisoformat(figure["as_of"]) if figure["as_of"] else None,
                "by": sorted(givers.get(figure["id"], [])),
                "superseded": figure["id"] in superseded,
            }
            for figure in self.claim["figures"]
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
        }


def counted(counts: dict[str, int]) -> str:
    """“Seven outlets, two independent origins, one of them a party to the conflict”."""
    outlets, independent, party = (counts.get(name, 0) for name in ("outlets", "origins", "party_origins"))
    if not independent:
        return ""
    sentence = ngettext("%(n)s independent origin", "%(n)s independent origins", independent)
    sentence %= {"n": _words(independent)}
    if outlets:
        carried = ngettext("%(n)s outlet", "%(n)s outlets", outlets) % {"n": _words(outlets)}
        sentence = _("%(outlets)s, %(origins)s") % {"outlets": carried, "origins": sentence}
    if party and independent == 1:
        sentence = _("%(count)s, a party to the conflict") % {"count": sentence}
    elif party:
        parties = ngettext(
            "%(n)s of them a party to the conflict", "%(n)s of them parties to the conflict", party
        )
        sentence = _("%(count)s, %(parties)s") % {
            "count": sentence,
            "parties": parties % {"n": _words(party)},
        }
    return sentence[:1].upper() + sentence[1:]


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


def _statement(said: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    path = _path(said, by_id)
    return {
        "id": said["id"],
        "speaker": said["speaker"],
        "chain": _chain(path),
        "verb": _label(Verb, said["verb"]),
        "hedge": said["hedge"],
        "denies": said["polarity"] == Polarity.DENIES,
        "said_at": _moment(said["said_at"], said["said_precision"]),
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
    }


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
    links = [{"role": role, "name": source["name"]} for role, source in steps if source]
    if not said["quotes"]:
        links[-1]["missing"] = _("no archived copy shows this")
    return links


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
