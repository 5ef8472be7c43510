"""What keeps a claim from being published, corrected, paused, resumed or retracted just now, in a sentence.

It is for who asks beforehand; the services have the last word, under lock. While somebody owes a blind opinion nothing
here tells what the others were (decision 0132).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.attribution.evidence import beyond_grade
from claims.attribution.models import Assertion
from claims.attribution.reading import assertions_of, origins_of
from claims.statements.models import Claim
from claims.statements.states import Workflow
from sources.custody import canonical
from verify.accounts.models import Role
from verify.publish.models import Publication
from verify.publish.rules import can_publish
from verify.publish.services import graded_too_well
from verify.publish.states import TRANSITIONS, PublicationState
from verify.review.content import content_of
from verify.review.settling import approvals_of, in_conflict, is_owed


class Act(models.TextChoices):
    """The ways along the publication axis."""

    PUBLISH = "publish", gettext_lazy("Publish")
    CORRECT = "correct", gettext_lazy("Publish correction")
    PAUSE = "pause", gettext_lazy("Pause")
    RESUME = "resume", gettext_lazy("Resume")
    RETRACT = "retract", gettext_lazy("Retract")


LEADS_TO = {
    Act.PUBLISH: {PublicationState.PUBLISHED},
    Act.CORRECT: {PublicationState.CORRECTED},
    Act.PAUSE: {PublicationState.PAUSED},
    Act.RESUME: {PublicationState.PUBLISHED, PublicationState.CORRECTED},
    Act.RETRACT: {PublicationState.RETRACTED},
}


class Readiness:
    """How a claim stands on its way to the public, and what `user` can do about it.

    `digest` is of the content as it is, `approvals` how many have approved exactly that: None while a blind opinion is
    owed. The claim needs its desk. `assertions` and `content` are those of `assertions_of` and `content_of`, from who
    has read them already.
    """

    def __init__(
        self,
        claim: Claim,
        user: Any,
        *,
        assertions: list[Assertion] | None = None,
        content: dict[str, Any] | None = None,
    ) -> None:
        self.claim = claim
        self._is_editor = can_publish(user, claim)
        publication = Publication.objects.filter(pk=claim.pk).select_related("version").first()
        self.version = publication.version if publication else None
        self.state = PublicationState(publication.state if publication else PublicationState.UNPUBLISHED)
        self._assertions = assertions_of(claim) if assertions is None else assertions
        self._content = content_of(claim, self._assertions) if content is None else content
        self.digest = canonical.digest(canonical.canonical(self._content))
        self.is_owed = is_owed(claim)
        self.needed = claim.desk.approvals_needed
        self.approvals = None if self.is_owed else approvals_of(claim, self.digest)

    def why_not(self, act: Act) -> str:
        """Why the user cannot do this now; empty when they can."""
        if not self._is_editor:
            return _("This takes the role “%(role)s” at the desk.") % {"role": Role.EDITOR.label}
        return self._wrong_state(act) or (self._not_ready(act) if act in (Act.PUBLISH, Act.CORRECT) else "")

    @cached_property
    def _in_conflict(self) -> bool:
        return in_conflict(self.claim)

    def _wrong_state(self, act: Act) -> str:
        if act == Act.PUBLISH and self.state != PublicationState.UNPUBLISHED:
            return _("It was published already: publish a correction.")
        if act == Act.RESUME and self.state != PublicationState.PAUSED:
            return _("Only a paused claim can be resumed.")
        if LEADS_TO[act] & TRANSITIONS[self.state]:
            return ""
        if self.state == PublicationState.UNPUBLISHED:
            return _("It was never published.")
        return _("It is “%(state)s”: there is no way from there.") % {"state": self.state.label}

    def _not_ready(self, act: Act) -> str:
        if act == Act.CORRECT and self.version and self.version.content_digest == self.digest:
            return _("Nothing has changed since the published version.")
        # Said first: while opinions are blind, how many there are is nobody's.
        if self.approvals is None:
            return _("A review is still outstanding.")
        if self._in_conflict:
            return _("The reviewers disagree: somebody else must decide between them first.")
        if self.approvals < self.needed:
            return _("Publishing needs %(needed)s approvals of exactly this content; it has %(has)s.") % {
                "needed": self.needed,
                "has": self.approvals,
            }
        if self.claim.workflow != Workflow.APPROVED:
            return _("This claim is not approved yet.")
        too_good = beyond_grade(self._content["evidence"], origins_of(self.claim, self._assertions))
        return graded_too_well(len(too_good)) if too_good else ""
