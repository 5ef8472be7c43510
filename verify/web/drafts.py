"""A claim as it stands now, read like a published version, with the ways from it into the workbench.

The reviewer's page and the editor's preview show exactly what the content digest covers, since both are made from it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import F, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from claims.attribution.evidence import best_grade, beyond_grade
from claims.attribution.models import Assertion, Region, Stance
from claims.attribution.reading import assertions_of, names_of, origins_of, sentence
from claims.statements.models import Axis, Claim, Figure, Transition
from claims.statements.states import Workflow
from sources.archive.models import Capture
from sources.custody import canonical
from verify.publish.models import VersionKind
from verify.publish.presenting import Reading, number, statement
from verify.publish.states import PublicationState
from verify.review.content import content_of, moment
from verify.review.models import Rating, Verdict
from verify.review.states import TaskState
from verify.web.custody import custody_steps, proofs_of
from verify.web.folds import Fold, folded_chain
from verify.web.recaptures import LOST, newest_checks

HISTORY = 40  # moves shown on a page
COPIES = 25  # archived copies on a page
EVIDENCE = 25  # pieces of evidence on a page
MOST_CAUTIONS = 10


class Draft(Reading):
    """What would be published at `at`, if it were: `digest` is what reviewers approve, and covers all of it.

    What is shown of a long claim is folded: see `verify.web.folds`. `asked` are the parameters of the address.
    """

    def __init__(self, claim: Claim, *, at: datetime, asked: Mapping[str, str] | None = None) -> None:
        self.assertions = assertions_of(claim)
        self.claim = content_of(claim, self.assertions)
        self.digest = canonical.digest(canonical.canonical(self.claim))
        self.found = origins_of(claim, self.assertions)
        self.data = {
            "claim": self.claim,
            "origins": self._summary(claim),
            "kind": VersionKind.PUBLISHED.value,
            "desk": {"slug": claim.desk.slug, "name": claim.desk.name},
            "published_at": moment(at),
            "number": 0,
        }
        asked = asked or {}
        self.fold = Fold(self._origins["groups"], asked)
        self.copy_page = Paginator(self.copies, COPIES).get_page(asked.get("copies"))
        self.evidence_page = Paginator(self._by_stance(), EVIDENCE).get_page(asked.get("evidence"))
        self._lead_into_the_workbench()

    @cached_property
    def statements(self) -> Mapping[str, dict[str, Any]]:
        return Statements(self.claim["assertions"])

    @cached_property
    def origins(self) -> list[dict[str, Any]]:
        """The origins of this page of the fold, each with the statements that are shown of it."""
        return [
            group | {"statements": [self.statements[pk] for pk in group["shown"] if pk in self.statements]}
            for group in self.fold.groups
        ]

    @property
    def cautions(self) -> list[str]:
        return super().cautions[:MOST_CAUTIONS]

    @property
    def more_cautions(self) -> int:
        return max(0, len(super().cautions) - MOST_CAUTIONS)

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        """The evidence of this page by stance, with how many pieces there are of it; places in files as rows."""
        shown = [piece for piece in self.evidence_page if piece["region"]]
        regions = Region.objects.select_related("capture").in_bulk([piece["region"]["id"] for piece in shown])
        self.regions = {str(pk): region for pk, region in regions.items()}
        pieces: dict[str, list[dict[str, Any]]] = {}
        for piece in self.evidence_page:
            pieces.setdefault(piece["stance"], []).append(self._piece(piece))
        totals = Counter(piece["stance"] for piece in self.claim["evidence"])
        return [
            {"code": code, "label": Stance(code).label, "total": totals[code], "pieces": pieces[code]}
            for code in pieces
        ]

    @cached_property
    def figures(self) -> list[dict[str, Any]]:
        """The figures, each total with its parts below it; `whole` is what a part is part of, and where that stands."""
        part_of = {figure["id"]: figure["part_of"] for figure in self.claim["figures"]}
        elsewhere = Figure.objects.in_bulk({whole for whole in part_of.values() if whole} - part_of.keys())
        below: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
        for figure in super().figures:
            whole = part_of[figure["id"]]
            below[whole if whole in part_of else None].append(figure)
        ordered, waiting = [], below[None][::-1]
        while waiting:
            figure = waiting.pop()
            ordered.append(figure | {"whole": _whole(part_of[figure["id"]], figure["part_of"], elsewhere)})
            waiting += below[figure["id"]][::-1]
        return ordered

    @cached_property
    def beyond_grade(self) -> list[dict[str, Any]]:
        """Evidence of which the credibility is better than the origins allow now, though it was allowed once."""
        page = {piece["id"]: 1 + place // EVIDENCE for place, piece in enumerate(self._by_stance())}
        return [
            {**piece, "page": page[piece["id"]]} for piece in beyond_grade(self.claim["evidence"], self.found)
        ]

    def _by_stance(self) -> list[dict[str, Any]]:
        return sorted(self.claim["evidence"], key=lambda piece: Stance.values.index(piece["stance"]))

    def _piece(self, piece: dict[str, Any]) -> dict[str, Any]:
        cap = best_grade(piece["stance"], self.found)
        shown = super()._piece(piece)
        if shown["said"]:
            shown["href"] = self.fold.href(self.id, shown["said"]["id"])
        if shown["region"]:
            shown["place"] = self.regions[shown["region"]["id"]]
        return shown | {"beyond": cap if piece["credibility"] < cap else None}

    def _summary(self, claim: Claim) -> dict[str, Any]:
        """As `origins_summary`, with the reasons in the reader's language."""
        found, names = self.found, names_of(self.assertions, claim)
        place = {str(assertion.pk): number for number, assertion in enumerate(self.assertions)}
        return {
            "counts": found.counts,
            "groups": [
                {
                    "key": origin.key,
                    "name": ", ".join(names.get(voice, voice) for voice in origin.voices),
                    # where it begins first, then whoever took it over, in the order of time
                    "members": sorted(origin.members, key=lambda pk: (pk not in origin.roots, place[pk])),
                    "roots": len(origin.roots),
                    "party": origin.is_party,
                    "because": [sentence(reason, names) for reason in origin.merged_because],
                }
                for origin in found
            ],
            "cautions": [sentence(reason, names) for reason in found.cautions],
        }

    def _lead_into_the_workbench(self) -> None:
        """Quotes lead to their place in the archived text, each copy to the proofs of its capture: of what is shown."""
        rows = {str(assertion.pk): assertion for assertion in self.assertions}
        shown = [said for group in self.origins for said in group["statements"]]
        wanted = {quote["copy"] for said in shown for quote in said["quotes"]}
        by_id = {
            str(pk): capture
            for pk, capture in Capture.objects.in_bulk(
                {*wanted, *(copy["id"] for copy in self.copy_page)}
            ).items()
        }
        proofs = proofs_of([by_id[copy["id"]] for copy in self.copy_page])
        for copy in self.copy_page:
            copy["custody"] = custody_steps(by_id[copy["id"]], proofs)
        checks = newest_checks(anchor for said in shown for anchor in rows[said["id"]].anchors.all())
        lost = {str(pk): check for pk, check in checks.items() if check.state in LOST}
        for said in shown:
            self._lead_from(said, rows[said["id"]], by_id, lost)

    def _lead_from(
        self, said: dict[str, Any], row: Assertion, captures: Mapping[str, Capture], lost: Mapping[str, Any]
    ) -> None:
        said["row"] = row
        said["chain"] = folded_chain(said["chain"])
        said["notes"] = [citation.note for citation in row.citations.all() if citation.note]
        if said["document"]:
            said["document"]["page"] = reverse("document", args=[said["document"]["id"]])
        anchors = {str(anchor.pk): anchor for anchor in row.anchors.all()}
        for quote in said["quotes"]:
            document = captures[quote["copy"]].document_id
            quote["occurrences"] = anchors[quote["id"]].occurrences
            if document:
                page = reverse("document", args=[document])
                quote["href"] = f"{page}?capture={quote['copy']}#anchor-{quote['id']}"
            if check := lost.get(quote["id"]):
                change = reverse("change", args=[check.change_id])
                quote["lost"] = {"check": check, "href": f"{change}#quote-{quote['id']}"}


class Statements(Mapping[str, dict[str, Any]]):
    """Statements by their id, each made when it is looked at: of a long claim few are."""

    def __init__(self, assertions: list[dict[str, Any]]) -> None:
        self._by_id = {said["id"]: said for said in assertions}
        self._made: dict[str, dict[str, Any]] = {}

    def __getitem__(self, pk: str) -> dict[str, Any]:
        if pk not in self._made:
            self._made[pk] = statement(self._by_id[pk], self._by_id)
        return self._made[pk]

    def __contains__(self, pk: object) -> bool:
        return pk in self._by_id

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)


def of_case(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Claims with what `axes` needs: three queries, however many they are."""
    verdicts = Verdict.objects.select_related("rating").order_by("-number")
    return claims.select_related("publication__version", "author").prefetch_related(
        Prefetch("verdicts", queryset=verdicts, to_attr="judgements"), "tasks"
    )


def axes(claim: Any) -> Any:
    """Give a claim `of_case` its four axes as words and shapes: they are shown side by side, never as one."""
    publication = getattr(claim, "publication", None)
    claim.published = PublicationState(publication.state if publication else PublicationState.UNPUBLISHED)
    claim.verdict = claim.judgements[0] if claim.judgements else None
    tasks = sorted(claim.tasks.all(), key=lambda task: (task.created_at, str(task.pk)))
    claim.review = TaskState(tasks[-1].state) if tasks else None
    return claim


def history(transitions: Iterable[Transition], ratings: Iterable[Rating]) -> list[dict[str, Any]]:
    """Moves along any of the axes, as components/timeline.html shows them."""
    words: dict[str, dict[str, Any]] = {
        Axis.WORKFLOW: {state.value: state.label for state in Workflow},
        Axis.PUBLICATION: {state.value: state.label for state in PublicationState},
        Axis.TASK: {state.value: state.label for state in TaskState},
        Axis.VERDICT: {rating.code: str(rating) for rating in ratings},
    }
    items = []
    for move in transitions:
        said = words[move.axis]
        title = _("%(axis)s: %(new)s") % {"axis": Axis(move.axis).label, "new": said.get(move.new, move.new)}
        about = [str(move.by) if move.by else "", move.reason]
        items.append(
            {"at": move.at, "title": title, "shape": move.new, "text": " – ".join(filter(None, about))}
        )
    return items


def _whole(pk: str | None, here: str, elsewhere: Mapping[UUID, Figure]) -> dict[str, str] | None:
    """The figure that a part belongs to: a row of the same table, or one of another claim."""
    if pk is None:
        return None
    if figure := elsewhere.get(UUID(pk)):
        page = reverse("claim", args=[figure.claim_id])
        return {"number": figure_number(figure), "href": f"{page}#figure-{pk}"}
    return {"number": here, "href": f"#figure-{pk}"}


def figure_number(figure: Figure) -> str:
    """The figure with its word, as `number` writes those of a snapshot."""
    return number({name: getattr(figure, name) for name in ("lower", "point", "upper", "qualifier")})


def newest_first(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.order_by(F("changed_at").desc(), "id")
