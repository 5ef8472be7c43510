"""The workflow of a claim: one of the four independent axes, and the moves along it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Workflow(models.TextChoices):
    DRAFT = "draft", _("Draft")
    TRIAGED = "triaged", _("Triaged")
    IN_RESEARCH = "in-research", _("In research")
    IN_REVIEW = "in-review", _("In review")
    APPROVED = "approved", _("Approved")
    CLOSED = "closed", _("Closed")
    DUPLICATE = "duplicate", _("Duplicate")
    OUT_OF_SCOPE = "out-of-scope", _("Out of scope")


_SIDE_EXITS = frozenset({Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE})

TRANSITIONS: dict[Workflow, frozenset[Workflow]] = {
    Workflow.DRAFT: frozenset({Workflow.TRIAGED, Workflow.IN_RESEARCH}) | _SIDE_EXITS,
    Workflow.TRIAGED: frozenset({Workflow.IN_RESEARCH}) | _SIDE_EXITS,
    Workflow.IN_RESEARCH: frozenset({Workflow.IN_REVIEW, Workflow.TRIAGED}) | _SIDE_EXITS,
    Workflow.IN_REVIEW: frozenset({Workflow.APPROVED, Workflow.IN_RESEARCH}) | _SIDE_EXITS,
    # An approved claim that is edited goes back to research: its approvals were for other content.
    Workflow.APPROVED: frozenset({Workflow.CLOSED, Workflow.IN_RESEARCH}),
    # Reopening.
    Workflow.CLOSED: frozenset({Workflow.IN_RESEARCH}),
    Workflow.DUPLICATE: frozenset({Workflow.IN_RESEARCH}),
    Workflow.OUT_OF_SCOPE: frozenset({Workflow.IN_RESEARCH}),
}


_FORWARD = tuple(Workflow)[: tuple(Workflow).index(Workflow.CLOSED) + 1]


def owes_reason(old: Workflow, new: Workflow) -> bool:
    """Whether a move is to be explained: every move back, every side exit and the way back from it."""
    return new in _SIDE_EXITS or old in _SIDE_EXITS or _FORWARD.index(new) < _FORWARD.index(old)
