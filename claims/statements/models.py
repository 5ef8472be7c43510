"""What is in question: cases, claims and the figures in them."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.statements.querysets import CaseQuerySet, ClaimQuerySet
from claims.statements.states import Workflow
from sources.acyclic import no_circle
from sources.withdrawing import Withdrawable, WithdrawableQuerySet, withdrawn_whole


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Topic(models.Model):
    """A subject under which a desk files its claims."""

    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="topics")
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="one_topic_of_a_name_per_desk")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Case(models.Model):
    """An event or investigation that claims belong to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="cases")
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    began_on = models.DateField(_("began on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="a_case_has_a_title"),
            models.CheckConstraint(
                condition=models.Q(began_on__isnull=True)
                | models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("began_on")),
                name="a_case_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("text", "headline", "language", "case")),
    pghistory.DeleteEvent(),
)
class Claim(models.Model):
    """A checkable proposition in the desk's words.

    `revision` counts the changes of whatever a reviewer judges (the claim, its assertions, evidence, figures); the
    person of the last change may not review it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="claims")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="claims")
    topics = models.ManyToManyField(Topic, blank=True, related_name="claims")
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    headline = models.CharField(
        _("headline"),
        max_length=74,
        blank=True,
        help_text=_("Fewer than 75 characters, without a rating in it; used where space is short."),
    )
    text = models.TextField(_("claim"), help_text=_("One checkable proposition, in the desk's own words."))
    language = models.CharField(_("language"), max_length=12, default="en", help_text="BCP 47")
    workflow = models.CharField(max_length=12, choices=Workflow, default=Workflow.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["desk", "workflow", "-changed_at"], name="claims_board")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(workflow__in=Workflow.values), name="claim_workflow_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="a_claim_says_something"),
            models.UniqueConstraint(
                fields=["desk", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_claim_per_external_id_and_desk",
            ),
        ]

    def __str__(self) -> str:
        return self.headline or self.text


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None)
class Filing(Claim.topics.through):  # type: ignore[name-defined] # Django makes the table and its class
    """That a claim is filed under a topic: kept by `Claim.topics`, and here so that its history is too."""

    class Meta:
        proxy = True


class Axis(models.TextChoices):
    """The four independent axes of a claim; never mixed in one status."""

    WORKFLOW = "workflow", _("Workflow")
    VERDICT = "verdict", _("Verdict")
    PUBLICATION = "publication", _("Publication")
    TASK = "task", _("Review task")


class Transition(models.Model):
    """A move along one of a claim's axes: who, when, from what to what, why."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="transitions")
    axis = models.CharField(max_length=12, choices=Axis)
    subject = models.UUIDField(
        null=True, blank=True, help_text="the task or version that moved, if not the claim"
    )
    old = models.CharField(max_length=30, blank=True)
    new = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [
            pgtrigger.Protect(
                name="transition_stays_on_record", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.axis}: {self.old} → {self.new}"


class Qualifier(models.TextChoices):
    """The word before a figure. Vague words stand for a convention (docs/reference/figures.md), never for a count."""

    EXACTLY = "exactly", _("exactly")
    AROUND = "around", _("around")
    MORE_THAN = "more-than", _("more than")
    AT_LEAST = "at-least", _("at least")
    UP_TO = "up-to", _("up to")
    BETWEEN = "between", _("between")
    DOZENS = "dozens", _("dozens")
    HUNDREDS = "hundreds", _("hundreds")
    THOUSANDS = "thousands", _("thousands")


class Unit(models.TextChoices):
    PEOPLE_KILLED = "people-killed", _("people killed")
    PEOPLE_INJURED = "people-injured", _("people injured")
    PEOPLE_DISPLACED = "people-displaced", _("people displaced")
    MASSACRES = "massacres", _("massacres")


class PlaceKind(models.TextChoices):
    """How large a place is, and so how precisely something is located by naming it."""

    COUNTRY = "country", _("country")
    GOVERNORATE = "governorate", _("governorate")
    DISTRICT = "district", _("district")
    CITY = "city", _("city, town or village")


class Place(models.Model):
    """A place in a small hierarchy: a country, its governorates, their districts, cities. No coordinates."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey(
        "accounts.Desk",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="places",
        help_text="empty for those that come with Verify",
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("in")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=PlaceKind)
    name = models.CharField(_("name"), max_length=200)
    name_ar = models.CharField(_("name in Arabic"), max_length=200, blank=True)
    code = models.CharField(max_length=6, blank=True, help_text="ISO 3166-1 alpha-2 or ISO 3166-2")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=PlaceKind.values), name="place_kind_is_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_place_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="a_place_does_not_lie_in_itself",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="country", parent__isnull=True)
                | ~models.Q(kind="country") & models.Q(parent__isnull=False),
                name="whatever_is_no_country_lies_in_something",
            ),
            models.UniqueConstraint(
                fields=["desk", "parent", "name"], nulls_distinct=False, name="one_place_of_a_name_in_a_place"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="one_place_per_iso_code"
            ),
        ]
        triggers = [
            no_circle(
                name="places_do_not_lie_in_each_other",
                table="claims_place",
                column="parent_id",
                sentence="A place cannot lie in what lies in it",
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Figure(Withdrawable):
    """A scoped measurement: how many of what, whom, by whom, where, when, as of when. Never a bare number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="figures")
    lower = models.PositiveIntegerField(_("at least"), null=True, blank=True)
    point = models.PositiveIntegerField(_("figure"), null=True, blank=True)
    upper = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    qualifier = models.CharField(_("qualifier"), max_length=10, choices=Qualifier, default=Qualifier.EXACTLY)
    as_written = models.CharField(_("as written"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=20, choices=Unit)
    category = models.CharField(_("victim category"), max_length=60, blank=True)
    perpetrator = models.CharField(_("perpetrator"), max_length=200, blank=True)
    place = models.ForeignKey(
        Place,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="figures",
        verbose_name=_("place"),
    )
    place_as_written = models.CharField(_("place as written"), max_length=200, blank=True)
    window_from = models.DateField(_("window from"), null=True, blank=True)
    window_to = models.DateField(_("window to"), null=True, blank=True)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of"),
        help_text=_("The total that its source says it belongs to: “of them 125”."),
    )
    parts_are_all = models.BooleanField(
        _("its parts are all"), default=False, help_text=_("Its source says that there are no other parts.")
    )

    objects = WithdrawableQuerySet.as_manager()

    class Meta:
        ordering = ["as_of", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lower__isnull=False)
                | models.Q(point__isnull=False)
                | models.Q(upper__isnull=False)
                | models.Q(qualifier__in=["dozens", "hundreds", "thousands"]),
                name="a_figure_has_a_number_or_a_vague_word",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(lower__isnull=True)
                    | models.Q(upper__isnull=True)
                    | models.Q(lower__lte=models.F("upper"))
                )
                & (
                    models.Q(lower__isnull=True)
                    | models.Q(point__isnull=True)
                    | models.Q(lower__lte=models.F("point"))
                )
                & (
                    models.Q(point__isnull=True)
                    | models.Q(upper__isnull=True)
                    | models.Q(point__lte=models.F("upper"))
                ),
                name="lower_point_upper_are_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(window_from__isnull=True)
                | models.Q(window_to__isnull=True)
                | models.Q(window_from__lte=models.F("window_to")),
                name="a_window_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(supersedes__isnull=True) | ~models.Q(supersedes=models.F("id")),
                name="a_figure_does_not_supersede_itself",
            ),
            models.CheckConstraint(
                condition=models.Q(part_of__isnull=True) | ~models.Q(part_of=models.F("id")),
                name="a_figure_is_no_part_of_itself",
            ),
            withdrawn_whole("figure_is_withdrawn_by_somebody_for_a_reason"),
        ]
        triggers = [
            no_circle(
                name="figures_do_not_supersede_in_a_circle",
                table="claims_figure",
                column="supersedes_id",
                sentence="A figure cannot supersede what supersedes it",
            ),
            no_circle(
                name="a_figure_is_no_part_of_its_parts",
                table="claims_figure",
                column="part_of_id",
                sentence="A figure cannot be part of its own part",
            ),
        ]

    def __str__(self) -> str:
        number = next((value for value in (self.point, self.lower, self.upper) if value is not None), "")
        written = "" if number == "" else f"{number:,}"
        return self.as_written or f"{self.get_qualifier_display()} {written}".strip()
