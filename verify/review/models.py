"""Who decides, on what, and how: the verdict scale, verdicts, review tasks and reviews."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from verify.review.querysets import TaskQuerySet
from verify.review.states import TaskState


class Rating(models.Model):
    """One step of a desk's verdict scale. The desk may rename, add and retire steps; verdicts keep theirs."""

    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="ratings")
    code = models.SlugField(_("code"), max_length=30)
    value = models.PositiveSmallIntegerField(
        _("value"), help_text=_("1 is the worst; the highest step is the best.")
    )
    label = models.CharField(_("label"), max_length=60)
    label_ar = models.CharField(_("label in Arabic"), max_length=60, blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["-value", "code"]
        constraints = [
            models.UniqueConstraint(fields=["desk", "code"], name="one_rating_per_code_and_desk"),
            models.CheckConstraint(condition=models.Q(value__gte=1), name="rating_value_starts_at_1"),
        ]

    def __str__(self) -> str:
        return (self.label_ar if get_language() == "ar" else "") or self.label


class Verdict(models.Model):
    """A desk's verdict on a claim. Versioned: a new judgement is a new row with the next number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="verdicts")
    number = models.PositiveIntegerField()
    rating = models.ForeignKey(
        Rating, on_delete=models.PROTECT, related_name="verdicts", verbose_name=_("verdict")
    )
    rationale = models.TextField(
        _("reasoning"), help_text=_("Published with the verdict: why, on what evidence.")
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_digest = models.CharField(max_length=64, blank=True)
    entry = models.OneToOneField(
        "sources.Entry", on_delete=models.PROTECT, null=True, blank=True, related_name="verdict"
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="one_verdict_per_number_and_claim"),
            models.CheckConstraint(condition=~models.Q(rationale=""), name="a_verdict_has_its_reasoning"),
            models.CheckConstraint(
                condition=models.Q(approved_at__isnull=True, approved_digest="", entry__isnull=True)
                | models.Q(
                    approved_at__isnull=False, approved_digest__regex=r"^[0-9a-f]{64}$", entry__isnull=False
                ),
                name="approval_time_digest_and_entry_all_or_none",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="verdict_is_never_reworded",
                operation=pgtrigger.UpdateOf(
                    "claim_id", "number", "rating_id", "rationale", "proposed_by_id", "proposed_at"
                )
                | pgtrigger.Delete,
            )
        ]

    def __str__(self) -> str:
        return f"{self.rating} ({self.number})"


class TaskKind(models.TextChoices):
    SOURCE_CHECK = "source-check", _("Source check")
    EVIDENCE_REVIEW = "evidence-review", _("Evidence review")
    VERDICT = "verdict", _("Verdict")
    SIGN_OFF = "sign-off", _("Final sign-off")
    RECHECK = "recheck", _("Re-check after a change")


class Task(models.Model):
    """A request to one person to review one claim."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(_("kind"), max_length=20, choices=TaskKind, default=TaskKind.SIGN_OFF)
    state = models.CharField(max_length=12, choices=TaskState, default=TaskState.OPEN)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("reviewer"),
    )
    instructions = models.TextField(_("instructions"), blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "created_at", "id"]
        indexes = [models.Index(fields=["assignee", "state", "due_at"], name="tasks_of_a_person")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=TaskState.values), name="task_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", assignee__isnull=True)
                | models.Q(state="done")
                | models.Q(assignee__isnull=False),
                name="a_task_beyond_open_has_a_reviewer",
            ),
            models.UniqueConstraint(
                fields=["claim", "assignee"],
                condition=models.Q(state__in=["assigned", "accepted"]),
                name="one_task_at_a_time_per_person_and_claim",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_reviewer_is_never_the_author",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("assignee_id", "claim_id"),
                declare=[("claim", "RECORD")],
                func="""
                    SELECT author_id, changed_by_id INTO claim FROM claims_claim WHERE id = NEW.claim_id FOR SHARE;
                    IF NEW.assignee_id IN (claim.author_id, claim.changed_by_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'a_reviewer_is_never_the_author',
                            MESSAGE = 'The author of a claim, or who changed it last, may not review it.';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.claim}"


class Opinion(models.TextChoices):
    APPROVE = "approve", _("Approve")
    RETURN = "return", _("Return with a reason")


class Review(models.Model):
    """One reviewer's opinion on one content digest. An edit of the claim makes another digest and so voids it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="review")
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    opinion = models.CharField(_("opinion"), max_length=10, choices=Opinion)
    reason = models.TextField(_("reason"))
    content_digest = models.CharField(max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}\Z")])
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["submitted_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(opinion__in=Opinion.values), name="opinion_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_review_has_a_reason"),
            models.UniqueConstraint(
                fields=["claim", "reviewer", "content_digest"], name="one_review_per_person_and_content"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="a_review_is_final", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="four_eyes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("claim", "RECORD"), ("task", "RECORD"), ("proposer", "UUID")],
                func="""
                    SELECT author_id, changed_by_id INTO claim FROM claims_claim WHERE id = NEW.claim_id FOR SHARE;
                    SELECT proposed_by_id INTO proposer FROM verify_verdict
                        WHERE claim_id = NEW.claim_id ORDER BY number DESC LIMIT 1;
                    SELECT claim_id, assignee_id INTO task FROM verify_task WHERE id = NEW.task_id;
                    IF NEW.reviewer_id IN (claim.author_id, claim.changed_by_id, proposer) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes',
                            MESSAGE = 'The author of a claim, or who changed it last, may not review it.';
                    END IF;
                    IF task.claim_id <> NEW.claim_id OR task.assignee_id IS DISTINCT FROM NEW.reviewer_id THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes',
                            MESSAGE = 'Only the reviewer to whom the task is assigned may review.';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_opinion_display()} · {self.claim_id}"
