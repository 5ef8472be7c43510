"""Who decides, on what, and how: the verdict scale, verdicts, review tasks, reviews, checklists and comments."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sources.withdrawing import Withdrawable, WithdrawableQuerySet, withdrawn_whole
from verify.review.querysets import CommentQuerySet, ReviewQuerySet, TaskQuerySet
from verify.review.states import TaskState


@pghistory.track()
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
    ADJUDICATION = "adjudication", _("Adjudication")


class Priority(models.IntegerChoices):
    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class Cause(models.TextChoices):
    """What made the system ask for a review; empty for a task that a person made."""

    LOST_QUOTE = "lost-quote", _("A quotation was altered or is gone")
    CHANGED_PAGE = "changed-page", _("A page that the claim stands on was changed or is gone")
    NEW_FIGURE = "new-figure", _("A source has replaced its figure")


@pghistory.track()
class Task(models.Model):
    """A request to review one claim: to one person, or to whoever takes it from the pool."""

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
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text="when the editors were told that it is overdue"
    )
    cause = models.CharField(max_length=20, choices=Cause, blank=True)
    change = models.ForeignKey(
        "sources.Change", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    figure = models.ForeignKey(
        "claims.Figure",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        help_text="the figure that replaced one of the claim's",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty for what the system asks",
    )
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
            models.CheckConstraint(
                condition=~models.Q(state="open") | models.Q(assignee__isnull=True),
                name="an_open_task_has_no_reviewer",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=TaskKind.values), name="task_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(priority__in=Priority.values), name="task_priority_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    cause="", created_by__isnull=False, change__isnull=True, figure__isnull=True
                )
                | models.Q(cause="new-figure", kind="recheck", change__isnull=True, figure__isnull=False)
                | models.Q(
                    cause__in=["lost-quote", "changed-page"],
                    kind="recheck",
                    change__isnull=False,
                    figure__isnull=True,
                ),
                name="a_task_is_asked_by_somebody_or_for_a_cause",
            ),
            models.UniqueConstraint(
                fields=["claim", "assignee", "kind"],
                condition=models.Q(state__in=["assigned", "accepted"]),
                name="one_task_of_a_kind_per_person_and_claim",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=models.Q(kind="adjudication", state__in=["open", "assigned", "accepted"]),
                name="one_adjudication_at_a_time_per_claim",
            ),
            models.UniqueConstraint(
                fields=["claim", "change"],
                condition=~models.Q(cause=""),
                name="one_recheck_per_claim_and_change",
            ),
            models.UniqueConstraint(
                fields=["claim", "figure"],
                condition=~models.Q(cause=""),
                name="one_recheck_per_claim_and_figure",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_reviewer_is_never_the_author",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("assignee_id", "claim_id", "kind"),
                declare=[("claim", "RECORD"), ("proposer", "UUID")],
                func="""
                    IF NEW.assignee_id IS NULL THEN
                        RETURN NEW;
                    END IF;
                    SELECT author_id, changed_by_id INTO claim FROM claims_claim WHERE id = NEW.claim_id FOR SHARE;
                    SELECT proposed_by_id INTO proposer FROM verify_verdict
                        WHERE claim_id = NEW.claim_id ORDER BY number DESC LIMIT 1;
                    IF NEW.assignee_id IN (claim.author_id, claim.changed_by_id, proposer) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'a_reviewer_is_never_the_author',
                            MESSAGE = 'The author of a claim, or who changed it last, may not review it.';
                    END IF;
                    IF NEW.kind = 'adjudication' AND EXISTS (SELECT FROM verify_task WHERE claim_id = NEW.claim_id
                            AND state = 'conflict' AND assignee_id = NEW.assignee_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'an_adjudicator_is_none_of_the_reviewers',
                            MESSAGE = 'Whoever gave one of the opinions may not decide between them.';
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
    kind = models.CharField(max_length=20, choices=TaskKind, help_text="the task's")
    opinion = models.CharField(_("opinion"), max_length=10, choices=Opinion)
    rating = models.ForeignKey(
        Rating,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("verdict"),
        help_text=_("The verdict that you would give yourself."),
    )
    reason = models.TextField(_("reason"))
    content_digest = models.CharField(max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}\Z")])
    submitted_at = models.DateTimeField()

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["submitted_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(opinion__in=Opinion.values), name="opinion_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_review_has_a_reason"),
            models.UniqueConstraint(
                fields=["claim", "reviewer", "content_digest", "kind"],
                # A re-check follows a change of the world, not of the content: one content may need several.
                condition=~models.Q(kind="recheck"),
                name="one_review_of_a_kind_per_person_and_content",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="a_review_is_final", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="four_eyes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("claim", "RECORD"), ("task", "RECORD"), ("verdict", "RECORD")],
                func="""
                    SELECT author_id, changed_by_id INTO claim FROM claims_claim WHERE id = NEW.claim_id FOR SHARE;
                    SELECT proposed_by_id, rating_id INTO verdict FROM verify_verdict
                        WHERE claim_id = NEW.claim_id ORDER BY number DESC LIMIT 1;
                    SELECT claim_id, assignee_id, kind INTO task FROM verify_task WHERE id = NEW.task_id;
                    IF NEW.reviewer_id IN (claim.author_id, claim.changed_by_id, verdict.proposed_by_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes',
                            MESSAGE = 'The author of a claim, or who changed it last, may not review it.';
                    END IF;
                    IF task.claim_id <> NEW.claim_id OR task.kind <> NEW.kind
                            OR task.assignee_id IS DISTINCT FROM NEW.reviewer_id THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'four_eyes',
                            MESSAGE = 'Only the reviewer to whom the task is assigned may review.';
                    END IF;
                    IF NEW.kind = 'adjudication' AND EXISTS (SELECT FROM verify_review WHERE claim_id = NEW.claim_id
                            AND content_digest = NEW.content_digest AND reviewer_id = NEW.reviewer_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'an_adjudicator_is_none_of_the_reviewers',
                            MESSAGE = 'Whoever gave one of the opinions may not decide between them.';
                    END IF;
                    IF NEW.opinion = 'approve' AND NEW.rating_id <> verdict.rating_id THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'who_approves_gives_the_same_verdict',
                            MESSAGE = 'Whoever would give another verdict does not approve this one.';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_opinion_display()} · {self.claim_id}"


@pghistory.track()
class ChecklistItem(models.Model):
    """A question that a desk's reviewers answer with their opinion. Never reworded once it was answered: retired."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="checklist")
    kind = models.CharField(
        _("for"), max_length=20, choices=TaskKind, blank=True, help_text=_("Empty: for every review.")
    )
    text = models.CharField(_("question"), max_length=200)
    text_ar = models.CharField(_("question in Arabic"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="a_checklist_item_asks_something"),
        ]

    def __str__(self) -> str:
        return (self.text_ar if get_language() == "ar" else "") or self.text


class Answer(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    NOT_APPLICABLE = "not-applicable", _("Does not apply")


class ChecklistAnswer(models.Model):
    """What a reviewer answered to one question of the desk's checklist. As final as the review."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="answers")
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=15, choices=Answer)

    class Meta:
        ordering = ["item__position", "item_id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "item"], name="one_answer_per_review_and_question"),
            models.CheckConstraint(condition=models.Q(answer__in=Answer.values), name="answer_is_known"),
        ]
        triggers = [
            pgtrigger.Protect(name="an_answer_is_final", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_answer_display()}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DueTime(models.Model):
    """How long a desk gives its reviewers for one kind of review."""

    desk = models.ForeignKey("accounts.Desk", on_delete=models.CASCADE, related_name="due_times")
    kind = models.CharField(max_length=20, choices=TaskKind)
    hours = models.PositiveSmallIntegerField(_("hours"))

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(fields=["desk", "kind"], name="one_due_time_per_kind_and_desk"),
            models.CheckConstraint(
                condition=models.Q(hours__gte=1, hours__lte=24 * 365), name="a_due_time_is_an_hour_to_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.hours}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Comment(models.Model):
    """Something said among the desk's members about a claim, or about an assertion, quotation or figure of it.

    A thread is a comment without `parent` and its replies; only the first has a target and can be resolved.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="comments")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    assertion = models.ForeignKey(
        "claims.Assertion", on_delete=models.PROTECT, null=True, blank=True, related_name="comments"
    )
    anchor = models.ForeignKey(
        "claims.Anchor", on_delete=models.PROTECT, null=True, blank=True, related_name="comments"
    )
    figure = models.ForeignKey(
        "claims.Figure", on_delete=models.PROTECT, null=True, blank=True, related_name="comments"
    )
    text = models.TextField(_("comment"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="its author took it back")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="mentioned_in")

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["claim", "parent", "created_at"], name="threads_of_a_claim")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="a_comment_says_something"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True)
                | models.Q(
                    assertion__isnull=True,
                    anchor__isnull=True,
                    figure__isnull=True,
                    resolved_at__isnull=True,
                ),
                name="only_the_first_of_a_thread_has_a_target_and_is_resolved",
            ),
            models.CheckConstraint(
                condition=models.Q(assertion__isnull=True, anchor__isnull=True)
                | models.Q(assertion__isnull=True, figure__isnull=True)
                | models.Q(anchor__isnull=True, figure__isnull=True),
                name="a_thread_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="resolved_by_and_at_all_or_none",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="a_comment_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="a_thread_stays_with_its_claim",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("claim_id", "parent_id", "assertion_id", "anchor_id", "figure_id"),
                declare=[("root", "RECORD")],
                func="""
                    SELECT claim_id, parent_id INTO root FROM verify_comment WHERE id = NEW.parent_id;
                    IF NEW.parent_id IS NOT NULL AND (root.claim_id <> NEW.claim_id OR root.parent_id IS NOT NULL)
                        OR NEW.assertion_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM
                            (SELECT claim_id FROM claims_assertion WHERE id = NEW.assertion_id)
                        OR NEW.figure_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM
                            (SELECT claim_id FROM claims_figure WHERE id = NEW.figure_id)
                        OR NEW.anchor_id IS NOT NULL AND NEW.claim_id IS DISTINCT FROM
                            (SELECT a.claim_id FROM claims_anchor q JOIN claims_assertion a ON a.id = q.assertion_id
                             WHERE q.id = NEW.anchor_id) THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation',
                            CONSTRAINT = 'a_thread_stays_with_its_claim',
                            MESSAGE = 'A comment is about something of its own claim.';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Manipulation(models.TextChoices):
    """schema.org's MediaManipulationRatingEnumeration, by the names that it gives."""

    ORIGINAL = "OriginalMediaContent", _("original: shown as it was made, in its context")
    DECONTEXTUALIZED = "DecontextualizedContent", _("real, but of another event, place or time")
    CROPPED = "EditedOrCroppedContent", _("edited or cropped so that it says something else")
    TRANSFORMED = "TransformedContent", _("altered or made by a machine")
    STAGED = "StagedContent", _("staged")
    SATIRE = "SatireOrParodyContent", _("satire or parody")


class MediaRating(Withdrawable):
    """What a desk found a picture, a film or a recording to be that is put forward for a claim.

    It is part of what reviewers judge. `capture` is the archived copy of the file itself, or of a page that shows it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="media_ratings")
    capture = models.ForeignKey(
        "sources.Capture", on_delete=models.PROTECT, related_name="+", verbose_name=_("archived copy")
    )
    media = models.CharField(
        _("kind of medium"),
        max_length=5,
        choices=[("image", _("picture")), ("video", _("film")), ("audio", _("recording"))],
    )
    rating = models.CharField(_("what it is"), max_length=24, choices=Manipulation)
    context = models.TextField(
        _("original context"),
        help_text=_("What it shows, where and when it was made, and how that is known."),
    )
    original_url = models.CharField(_("address of the original"), max_length=2048, blank=True)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()

    objects = WithdrawableQuerySet.as_manager()

    class Meta:
        ordering = ["rated_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "capture"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_media_rating_per_claim_and_copy",
            ),
            models.CheckConstraint(
                condition=models.Q(rating__in=Manipulation.values), name="media_rating_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(media__in=["image", "video", "audio"]), name="kind_of_medium_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(context=""), name="a_media_rating_says_the_context"),
            withdrawn_whole("media_rating_withdrawn_by_at_and_because_all_or_none"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="media_rating_is_never_reworded",
                operation=pgtrigger.UpdateOf(
                    "claim_id",
                    "capture_id",
                    "media",
                    "rating",
                    "context",
                    "original_url",
                    "rated_by_id",
                    "rated_at",
                )
                | pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return self.get_rating_display()
