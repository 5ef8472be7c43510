"""Where a claim's content comes from, as W3C PROV: made from the content alone, a draft's or a published version's.

The names of things (`/id/…`) are IRIs of the installation that never change; they are names, and need not open in a
browser. How each part of a claim is said in PROV is in docs/reference/exports.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from prov.constants import PROV, XSD_DATETIME
from prov.identifier import Namespace, QualifiedName
from prov.model import (
    PROV_LABEL,
    PROV_LOCATION,
    PROV_ROLE,
    PROV_TYPE,
    PROV_VALUE,
    Literal,
    ProvDocument,
)

from verify.publish.schemas import current

Json = Mapping[str, Any]

KINDS = (
    "assertion",
    "capture",
    "desk",
    "document",
    "evidence",
    "figure",
    "quote",
    "region",
    "source",
    "verdict",
)
PEOPLE = frozenset({"person", "protected-person"})


def prov_json(version: Json, *, base: str, indent: int | None = None) -> str:
    """PROV-JSON of a published version (verify-version/1), or of a draft (`number` 0); `base` is the site's address."""
    return str(provenance(version, base=base).serialize(format="json", indent=indent))


def provenance(version: Json, *, base: str) -> ProvDocument:
    """The PROV document of a version or draft. It needs `claim`, `desk`, `number`; of a version also the rest."""
    return _Provenance(version, base.rstrip("/")).document


class _Provenance:
    """One document while it is made. Methods add what their names say."""

    def __init__(self, version: Json, base: str) -> None:
        self.document = ProvDocument()
        self.claim = current(version["claim"])
        self.said = {said["id"]: said for said in self.claim["assertions"]}
        self.own = Namespace("verify", f"{base}/ns#")
        self.claims = Namespace("claim", f"{base}/claims/")
        self.kinds = {kind: Namespace(kind, f"{base}/id/{kind}/") for kind in KINDS}
        for namespace in (self.own, self.claims, *self.kinds.values()):
            self.document.add_namespace(namespace)
        self.known: set[QualifiedName] = set()
        self.desk = self._desk(version["desk"])
        subject = self._subject(version)
        for assertion in self.claim["assertions"]:
            self._assertion(assertion)
        for figure in self.claim["figures"]:
            self._figure(figure)
        for piece in self.claim["evidence"]:
            self._evidence(piece)
        self._verdict(subject)

    def _name(self, kind: str, identifier: str) -> QualifiedName:
        return self.kinds[kind][identifier]

    def _entity(self, name: QualifiedName, kind: str, label: str = "", **facts: Any) -> bool:
        """Add an entity once; False for one that is there already. Facts that are None or empty are left out."""
        if name in self.known:
            return False
        self.known.add(name)
        attributes: list[tuple[Any, Any]] = [(PROV_TYPE, self.own[kind])]
        attributes += [(PROV_LABEL, label)] if label else []
        own = {PROV_LOCATION: facts.pop("location", None), PROV_VALUE: facts.pop("value", None)}
        own |= {self.own[key]: value for key, value in facts.items()}
        self.document.entity(
            name, attributes + [(key, value) for key, value in own.items() if value not in (None, "")]
        )
        return True

    def _desk(self, desk: Json) -> QualifiedName:
        name = self._name("desk", desk["slug"])
        self.document.agent(name, {PROV_TYPE: _prov("Organization"), PROV_LABEL: desk["name"]})
        return name

    def _source(self, source: Json) -> QualifiedName:
        """The speaker as agent, by public name or pseudonym."""
        name = self._name("source", source["id"])
        if name not in self.known:
            self.known.add(name)
            kind = _prov("Person" if source["kind"] in PEOPLE else "Organization")
            facts: dict[Any, Any] = {
                PROV_TYPE: kind,
                PROV_LABEL: source["name"],
                self.own["kind"]: source["kind"],
                self.own["party"]: bool(source["party"]),
            }
            if source.get("homepage"):
                facts[self.own["homepage"]] = source["homepage"]
            self.document.agent(name, facts)
        return name

    def _subject(self, version: Json) -> QualifiedName:
        """What all this is the provenance of: the version as published, or the claim as it stands on the desk."""
        identifier, number = self.claim["id"], version.get("number") or 0
        claim = self.claims[f"{identifier}/"]
        self._entity(claim, "Claim", self.claim.get("headline") or self.claim["text"])
        if not number:
            self.document.wasAttributedTo(claim, self.desk)
            return claim
        name, at = self._version(number), _moment(version["published_at"])
        self._entity(
            name,
            "Version",
            f"Version {number}",
            number=number,
            publishedAs=version["kind"],
            contentSha256=version["content_sha256"],
            reason=version.get("reason"),
        )
        publishing = self.claims[f"{identifier}/v{number}/#published"]
        self.document.activity(publishing, at, at, {PROV_TYPE: self.own["Publishing"]})
        self.document.wasGeneratedBy(name, publishing, at)
        self.document.wasAssociatedWith(publishing, self.desk)
        self.document.wasAttributedTo(name, self.desk)
        self.document.specializationOf(name, claim)
        if number > 1:
            before = self._version(number - 1)
            self._entity(before, "Version", f"Version {number - 1}", number=number - 1)
            self.document.wasRevisionOf(name, before)
            # A retraction withdraws what stood until then; its own version is the notice that says so.
            if version["kind"] == "retracted":
                self.document.wasInvalidatedBy(before, publishing, at)
        return name

    def _version(self, number: int) -> QualifiedName:
        return self.claims[f"{self.claim['id']}/v{number}/"]

    def _assertion(self, said: Json) -> None:
        name, speaker = self._name("assertion", said["id"]), self._source(said["speaker"])
        self._entity(
            name,
            "Assertion",
            f"{said['speaker']['name']}: {said['verb']}",
            verb=said["verb"],
            hedge=said["hedge"],
            polarity=said["polarity"],
            modality=said["modality"],
            role=said["role"],
            saidPrecision=said["said_precision"] if said["said_at"] else None,
            publishedAt=_dated(said["published_at"]),
            publishedPrecision=said["published_precision"] if said["published_at"] else None,
        )
        self.document.wasAttributedTo(name, speaker)
        self._saying(said, name, speaker)
        self._chain(said, name)
        if said["document"]:
            self.document.wasDerivedFrom(self._document(said["document"]), name)
        # What shows it was quoted from an archived copy, and goes back to what was said.
        for quote in said["quotes"]:
            self.document.wasDerivedFrom(self._quote(quote, said["document"]), name)
        for region in said["regions"]:
            self.document.wasDerivedFrom(self._region(region, said["document"]), name)

    def _saying(self, said: Json, name: QualifiedName, speaker: QualifiedName) -> None:
        """The act of saying it: who spoke, on whose behalf in this act, through which outlet, when."""
        act, at = self._name("assertion", f"{said['id']}#saying"), _moment(said["said_at"])
        self.document.activity(act, at, None, {PROV_TYPE: self.own["Saying"]})
        self.document.wasGeneratedBy(name, act, at)
        self.document.wasAssociatedWith(act, speaker, None, None, {PROV_ROLE: said["role"]})
        if said["on_behalf_of"]:
            self.document.actedOnBehalfOf(speaker, self._source(said["on_behalf_of"]), act)
        if said["outlet"]:
            outlet = self._source(said["outlet"])
            self.document.wasAssociatedWith(act, outlet, None, None, {PROV_ROLE: "outlet"})

    def _chain(self, said: Json, name: QualifiedName) -> None:
        root = root_of(said, self.said)
        if parent := said["derives_from"]:
            # In a circle nothing can be derived from itself by way of others: PROV allows an influence there.
            relate = self.document.wasQuotedFrom if root else self.document.wasInfluencedBy
            relate(name, self._name("assertion", parent))
            if root:
                self.document.hadPrimarySource(name, self._name("assertion", root["id"]))
        # The world cites in circles, and a derivation may not: an influence may.
        for cited in said["cites"]:
            self.document.wasInfluencedBy(
                name, self._name("assertion", cited), None, {PROV_TYPE: self.own["Citation"]}
            )

    def _document(self, document: Json) -> QualifiedName:
        name = self._name("document", document["id"])
        facts = {"location": document["url"], "publishedAt": _dated(document["published_at"])}
        precision = document["published_precision"] if document["published_at"] else None
        new = self._entity(name, "Document", document["title"], publishedPrecision=precision, **facts)
        if new and document["outlet"]:
            self.document.wasAttributedTo(name, self._source(document["outlet"]))
        return name

    def _capture(self, capture: Json, document: Json | None = None) -> QualifiedName:
        """The archived copy, made by the desk's capture of the URL at a time."""
        name, at = self._name("capture", capture["id"]), _moment(capture["finished_at"])
        new = self._entity(
            name,
            "Capture",
            location=capture["url"],
            httpStatus=capture["http_status"],
            datapackageSha256=capture["datapackage_sha256"],
            logEntry=capture["entry"],
        )
        if new:
            act = self._name("capture", f"{capture['id']}#capturing")
            self.document.activity(act, None, at, {PROV_TYPE: self.own["Capturing"]})
            self.document.wasGeneratedBy(name, act, at)
            self.document.wasAssociatedWith(act, self.desk)
            if document:
                self.document.wasDerivedFrom(name, self._document(document), act)
        return name

    def _quote(self, quote: Json, document: Json | None) -> QualifiedName:
        name = self._name("quote", quote["id"])
        self._entity(
            name,
            "Quote",
            value=quote["exact"],
            start=quote["start"],
            end=quote["end"],
            match=quote["match"],
            textSha256=quote["text_sha256"],
        )
        self.document.wasQuotedFrom(name, self._capture(quote["capture"], document))
        return name

    def _region(self, region: Json, document: Json | None = None) -> QualifiedName:
        name = self._name("region", region["id"])
        facts = {
            "value": region["shows"],
            "fragment": region["fragment"],
            "fileSha256": region["blob_sha256"],
        }
        if self._entity(name, "Region", found=region["found"], **facts):
            self.document.wasQuotedFrom(name, self._capture(region["capture"], document))
        return name

    def _figure(self, figure: Json) -> None:
        name = self._name("figure", figure["id"])
        place = figure["place"]["path"] if figure["place"] else []
        window = figure["window"]
        self._entity(
            name,
            "Figure",
            figure["as_written"],
            **{
                key: figure[key]
                for key in ("lower", "point", "upper", "qualifier", "unit", "category", "perpetrator")
            },
            place=", ".join(reversed(place)) or figure["place_as_written"],
            windowFrom=window[0],
            windowTo=window[1],
            asOf=figure["as_of"],
            partOf=self._name("figure", figure["part_of"]) if figure["part_of"] else None,
        )
        if figure["supersedes"]:
            self.document.wasRevisionOf(name, self._name("figure", figure["supersedes"]))
        for said in self.claim["assertions"]:
            if figure["id"] in said["figures"]:
                self.document.wasDerivedFrom(name, self._name("assertion", said["id"]))

    def _evidence(self, piece: Json) -> None:
        name = self._name("evidence", piece["id"])
        facts = {key: piece[key] for key in ("stance", "strength", "credibility", "reason")}
        self._entity(name, "Evidence", **facts)
        for thing in self._judged(piece):
            self.document.wasDerivedFrom(name, thing)

    def _judged(self, piece: Json) -> Iterable[QualifiedName]:
        if piece["assertion"]:
            yield self._name("assertion", piece["assertion"])
        if piece["document"]:
            yield self._document(piece["document"])
        if piece["capture"]:
            yield self._capture(piece["capture"])
        if piece["region"]:
            yield self._region(piece["region"])

    def _verdict(self, subject: QualifiedName) -> None:
        verdict = self.claim.get("verdict")
        if not verdict:
            return
        name = self._name("verdict", f"{self.claim['id']}-{verdict['number']}")
        facts = {"code": verdict["code"], "rating": verdict["value"], "value": verdict["rationale"]}
        self._entity(name, "Verdict", verdict["labels"]["en"], **facts)
        self.document.wasAttributedTo(name, self.desk)
        for piece in self.claim["evidence"]:
            self.document.wasDerivedFrom(name, self._name("evidence", piece["id"]))
        if subject != self.claims[f"{self.claim['id']}/"]:
            self.document.wasDerivedFrom(subject, name)


def root_of(said: Json, known: Mapping[str, Json]) -> Json | None:
    """Where the chain of `said` begins, as far as it is told here (it may be itself); None when it is a circle."""
    at, seen = said, {said["id"]}
    while parent := known.get(at["derives_from"] or ""):
        if parent["id"] in seen:
            return None
        seen.add(parent["id"])
        at = parent
    return at


def _prov(kind: str) -> QualifiedName:
    return PROV[kind]


def _moment(value: str | None) -> datetime | None:
    """A moment of the content (UTC)."""
    return datetime.fromisoformat(value) if value else None


def _dated(value: str | None) -> Literal | None:
    return Literal(value, XSD_DATETIME) if value else None
