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
Person = Literal["checker", "reviewer", "second", "editor", "admin"]


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
class File:
    """A published file that no page describes: a PDF, a film. `title` is what the desk calls it."""

    key: str
    url: str
    outlet: str
    title: str


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

    ``derives_from`` names an assertion of the same claim, as do ``cites``, which may be told later.
    ``polarity`` "denies": the speaker rejects it. ``published_on`` is given where the document does not say it.
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
    modality: Literal["certain", "probable", "possible"] = "certain"
    derives_from: str = ""
    cites: tuple[str, ...] = ()
    published_on: date | None = None


@dataclass(frozen=True)
class Evidence:
    """Exactly one of ``assertion``, ``document``, ``upload`` and ``region`` is given.

    ``credibility`` is Admiralty 1–6.
    """

    key: str
    claim: str
    stance: Literal["corroborates", "contradicts", "contextualises"]
    strength: Literal["weak", "moderate", "strong"]
    credibility: Literal[1, 2, 3, 4, 5, 6]
    reason: str
    assertion: str = ""
    document: str = ""
    upload: str = ""
    region: str = ""
    linked_by: Person = "checker"


@dataclass(frozen=True)
class Figure:
    """A scoped measurement that an assertion makes. Bounds that the speaker did not give are None.

    ``part_of`` names the figure of the same count that includes this one, ``supersedes`` the one it replaces.
    The window's days are both included. An empty perpetrator: the count does not divide by perpetrator.
    ``place`` is as the source writes it, ``place_code`` (ISO 3166-2) the place that it names, if it is one.
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
    place_code: str = ""
    as_written: str = ""
    perpetrator: Literal["", "government-forces-and-armed-groups", "pro-assad-militia", "either-side"] = ""
    part_of: str = ""
    parts_are_all: bool = False
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
    """``approves`` is None while the reviewer has not answered. Opinions on one claim are asked for at once.

    ``verdict`` is what they would say themselves; ``no`` are the questions of the checklist, by their place, that are
    answered so.
    """

    claim: str
    reviewer: Person
    approves: bool | None
    reason: str = ""
    kind: Literal["source-check", "evidence-review", "verdict", "sign-off"] = "sign-off"
    verdict: VerdictCode | None = None
    no: tuple[int, ...] = ()
    assigned_by: Person = "editor"


@dataclass(frozen=True)
class Thread:
    """Comments on a claim, or on what is about: the first begins it, the others answer."""

    claim: str
    said: tuple[tuple[Person, str], ...]
    assertion: str = ""  # its first quotation
    figure: str = ""
    resolved_by: Person | None = None


@dataclass(frozen=True)
class Region:
    """A place in the file of a document, or in an uploaded one (by its name); units as in ``claims.attribution``."""

    key: str
    kind: Literal["page", "picture", "time"]
    shows: str
    document: str = ""
    upload: str = ""
    page: int | None = None
    box: tuple[int, int, int, int] | None = None
    span: tuple[int, int] | None = None  # milliseconds
    assertion: str = ""


@dataclass(frozen=True)
class Medium:
    """A picture, film or recording that reached the desk (`upload`: its name), and what it was found to be."""

    claim: str
    upload: str
    media: Literal["image", "video", "audio"]
    rating: str
    context: str


@dataclass(frozen=True)
class Correction:
    """An assertion or a figure that is recorded wrongly first (``first``, by field), and then put right."""

    key: str
    first: dict[str, str]
    why: str


@dataclass(frozen=True)
class Mistake:
    """An assertion that is recorded and then withdrawn."""

    assertion: Assertion
    why: str


@dataclass(frozen=True)
class Merge:
    source: str
    into: str
    why: str


@dataclass(frozen=True)
class Ending:
    """An affiliation that is recorded as open, until a document shows when it ended."""

    source: str
    target: str
    until: date
    document: str
    why: str
