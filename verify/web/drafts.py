"""A claim as it stands now, read like a published version, with the ways from it into the workbench.

The reviewer's page and the editor's preview show exactly what the content digest covers, since both are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from claims.attribution.reading import assertions_of, names_of, origins_of, sentence
from claims.statements.models import Axis, Claim, Figure, Transition
from claims.statements.states import Workflow
from sources.archive.models import Capture
from sources.custody import canonical
from verify.publish.models import VersionKind
from verify.publish.presenting import Reading, number
from verify.publish.states import PublicationState
from verify.review.content import content_of, moment
from verify.review.models import Rating, Verdict
from verify.review.states import TaskState
from verify.web.custody import custody_steps, proofs_of
from verify.web.recaptures import LOST, newest_checks

HISTORY = 40  # moves shown on a page


class Draft(Reading):
    """What would be published at `at`, if it were: `digest` is what reviewers approve."""

    def __init__(self, claim: Claim, *, at: datetime) -> None:
        self.claim = content_of(claim)
        self.digest = canonical.digest(canonical.canonical(self.claim))
        self.assertions = assertions_of(claim)
        self.data = {
            "claim": self.claim,
            "origins": self._summary(claim),
            "kind": VersionKind.PUBLISHED.value,
            "desk": {"slug": claim.desk.slug, "name": claim.desk.name},
            "published_at": moment(at),
            "number": 0,
        }
        self._lead_into_the_workbench()

    def _summary(self, claim: Claim) -> dict[str, Any]:
        """As `origins_summary`, with the reasons in the reader's language."""
        found, names = origins_of(claim, self.assertions), names_of(self.assertions, claim)
        place = {str(assertion.pk): number for number, assertion in enumerate(self.assertions)}
        return {
            "counts": found.counts,
            "groups": [
                {
                    "name": ", ".join(names.get(voice, voice) for voice in origin.voices),
                    # where it begins first, then whoever took it over, in the order of time
                    "members": sorted(origin.members, key=lambda pk: (pk not in origin.roots, place[pk])),
                    "party": origin.is_party,
                    "because": [sentence(reason, names) for reason in origin.merged_because],
                }
                for origin in found
            ],
            "cautions": [sentence(reason, names) for reason in found.cautions],
        }

    def _lead_into_the_workbench(self) -> None:
        """Quotes lead to their place in the archived text, each copy to the proofs of its capture."""
        captures = Capture.objects.in_bulk([copy["id"] for copy in self.copies])
        by_id = {str(pk): capture for pk, capture in captures.items()}
        proofs = proofs_of(by_id.values())
        for copy in self.copies:
            copy["custody"] = custody_steps(by_id[copy["id"]], proofs)
        checks = newest_checks(anchor for each in self.assertions for anchor in each.anchors.all())
        lost = {str(pk): check for pk, check in checks.items() if check.state in LOST}
        for said in self.statements.values():
            if said["document"]:
                said["document"]["page"] = reverse("document", args=[said["document"]["id"]])
            for quote in said["quotes"]:
                document = by_id[quote["copy"]].document_id
                if document:
                    page = reverse("document", args=[document])
                    quote["href"] = f"{page}?capture={quote['copy']}#anchor-{quote['id']}"
                if check := lost.get(quote["id"]):
                    change = reverse("change", args=[check.change_id])
                    quote["lost"] = {"check": check, "href": f"{change}#quote-{quote['id']}"}


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


def figure_number(figure: Figure) -> str:
    """The figure with its word, as `number` writes those of a snapshot."""
    return number({name: getattr(figure, name) for name in ("lower", "point", "upper", "qualifier")})


def newest_first(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.order_by(F("changed_at").desc(), "id")
