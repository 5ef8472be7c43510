"""The shapes in which the demonstration case is written down: plain records that refer to one another by key.

Moments are UTC. What the desk itself does (grading, linking, judging, reviewing) bears no time here: it
happens when the case is loaded, and is never dated back.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from verify.demo import outlets

SourceKind = Literal[
    "organisation", "outlet", "agency", "official-body", "party", "person", "protected-person"
]
AffiliationKind = Literal["owned-by", "part-of", "speaks-for", "employed-by", "funded-by"]
Verb = Literal[
    "stated",
    "said",
    "reported",
    "claimed",
    "alleged",
    "confirmed",
    "denied",
    "estimated",
    "warned",
    "acknowledged",
]
Qualifier = Literal[
    "exactly", "around", "more-than", "at-least", "up-to", "between", "dozens", "hundreds", "thousands"
]
Unit = Literal["people-killed", "massacres", "people-injured", "people-displaced"]
Category = Literal[
    "civilians",
    "security-personnel",
    "pro-assad-fighters",
    "government-soldiers",
    "all",
    "civilians-and-fighters",
]
VerdictCode = Literal["confirmed", "partly-confirmed", "disputed", "unverified", "contradicted", "superseded"]
Workflow = Literal["draft", "triaged", "in-research", "in-review", "approved"]
#: People of the desk, by what they do on it.
Person = Literal["checker", "reviewer", "editor"]


@dataclass(frozen=True)
class Case:
    slug: str
    title: str
    summary: str


@dataclass(frozen=True)
class Source:
    """``party`` is true for a party to the conflict and for whoever is one of its bodies."""

    key: str
    kind: SourceKind
    name: str
    description: str
    aliases: tuple[tuple[str, str], ...] = ()  # (language, name)
    website: str = ""
    party: bool = False


@dataclass(frozen=True)
class Affiliation:
    """``since`` and ``until`` are None where the date is not known or the tie still holds."""

    source: str
    kind: AffiliationKind
    target: str
    reason: str
    since: date | None = None
    until: date | None = None
    document: str = ""


@dataclass(frozen=True)
class Grade:
    """Admiralty reliability A–F of a source."""

    source: str
    reliability: Literal["A", "B", "C", "D", "E", "F"]
    reason: str


@dataclass(frozen=True)
class Document:
    """A published item. What the page says of itself is read from the page, so the two cannot drift apart."""

    key: str
    url: str
    outlet: str

    @property
    def page(self) -> outlets.Page:
        """The page in stage 1. Raises KeyError if the press site has none at this URL."""
        host, _, path = self.url.removeprefix("http://").partition("/")
        found = outlets.load(host, "/" + path)
        if found is None:
            raise KeyError(self.url)
        return found

    @property
    def title(self) -> str:
        return self.page.title

    @property
    def byline(self) -> str:
        return self.page.byline

    @property
    def language(self) -> str:
        return self.page.language

    @property
    def published_at(self) -> datetime:
        return self.page.published


@dataclass(frozen=True)
class Claim:
    """``proposition`` is the checkable sentence, ``headline`` what a list shows; neither bears a rating."""

    key: str
    headline: str
    proposition: str
    workflow: Workflow
    author: Person = "checker"


@dataclass(frozen=True)
class Assertion:
    """A speaker asserts a claim. ``quote`` stands in the document's extracted text, character for character.

    ``derives_from`` names an assertion of the same claim. ``polarity`` "denies": the speaker rejects it.
    """

    key: str
    claim: str
    speaker: str
    outlet: str
    document: str
    verb: Verb
    quote: str
    said_at: datetime
    on_behalf_of: str = ""
    hedge: str = ""
    polarity: Literal["affirms", "denies"] = "affirms"
    derives_from: str = ""


@dataclass(frozen=True)
class Evidence:
    """Exactly one of ``assertion`` and ``document`` is given. ``credibility`` is Admiralty 1–6."""

    key: str
    claim: str
    stance: Literal["corroborates", "contradicts", "contextualises"]
    strength: Literal["weak", "moderate", "strong"]
    credibility: Literal[1, 2, 3, 4, 5, 6]
    reason: str
    assertion: str = ""
    document: str = ""
    linked_by: Person = "checker"


@dataclass(frozen=True)
class Figure:
    """A scoped measurement that an assertion makes. Bounds that the speaker did not give are None.

    ``part_of`` names the figure of the same count that includes this one, ``supersedes`` the one it replaces.
    The window's days are both included. An empty perpetrator: the count does not divide by perpetrator.
    """

    key: str
    assertion: str
    qualifier: Qualifier
    unit: Unit
    category: Category
    place: str
    window_start: date
    window_end: date
    as_of: datetime
    lower: int | None = None
    point: int | None = None
    upper: int | None = None
    place_precision: Literal["region", "governorate"] = "region"
    perpetrator: Literal["", "government-forces-and-armed-groups", "pro-assad-militia"] = ""
    part_of: str = ""
    supersedes: str = ""
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    claim: str
    code: VerdictCode
    rationale: str
    by: Person = "checker"


@dataclass(frozen=True)
class Review:
    """``approves`` is None while the reviewer has not answered."""

    claim: str
    reviewer: Person
    approves: bool | None
    reason: str = ""
    assigned_by: Person = "editor"
