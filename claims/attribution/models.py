"""Who said it: assertions, the quotes that show them, and the evidence for and against a claim."""

from __future__ import annotations

import functools
import operator
import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.attribution import regions
from sources.acyclic import no_circle
from sources.archive.erasing import only_erased
from sources.precision import Precision
from sources.withdrawing import Withdrawable, WithdrawableQuerySet, withdrawn_whole


class Verb(models.TextChoices):
    """The reporting verb. What each commits its user to is said in docs/reference/vocabulary.md."""

    STATED = "stated", _("stated")
    SAID = "said", _("said")
    REPORTED = "reported", _("reported")
    CLAIMED = "claimed", _("claimed")
    ALLEGED = "alleged", _("alleged")
    CONFIRMED = "confirmed", _("confirmed")
    DENIED = "denied", _("denied")
    ESTIMATED = "estimated", _("estimated")
    WARNED = "warned", _("warned")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")


class AssertionRole(models.TextChoices):
    """In what capacity the speaker speaks."""

    ORIGINATOR = "originator", _("originator")
    SPOKESPERSON = "spokesperson", _("spokesperson")
    WITNESS = "witness", _("witness")
    RELAY = "relay", _("relay")


class Polarity(models.TextChoices):
    AFFIRMS = "affirms", _("affirms")
    DENIES = "denies", _("denies")


class Modality(models.TextChoices):
    """How certain the speaker presents it, whatever the verb: FactBank's three degrees."""

    CERTAIN = "certain", _("as certain")
    PROBABLE = "probable", _("as probable")
    POSSIBLE = "possible", _("as possible")


@pghistory.track()
class Assertion(Withdrawable):
    """A speaker asserts a claim, in a role, on somebody's behalf, through an outlet, with a verb and a hedge.

    The core record. It may derive from another assertion: the broadcaster quoting the monitoring group.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="assertions")
    speaker = models.ForeignKey(
        "sources.Source", on_delete=models.PROTECT, related_name="assertions", verbose_name=_("speaker")
    )
    role = models.CharField(_("role"), max_length=12, choices=AssertionRole, default=AssertionRole.ORIGINATOR)
    on_behalf_of = models.ForeignKey(
        "sources.Source",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assertions_on_behalf",
        verbose_name=_("on behalf of"),
    )
    outlet = models.ForeignKey(
        "sources.Source",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assertions_carried",
        verbose_name=_("through the outlet"),
    )
    verb = models.CharField(_("verb"), max_length=12, choices=Verb, default=Verb.STATED)
    hedge = models.CharField(
        _("hedge"),
        max_length=200,
        blank=True,
        help_text=_("The words that weaken it, as used: “about”, “reportedly”."),
    )
    polarity = models.CharField(_("polarity"), max_length=8, choices=Polarity, default=Polarity.AFFIRMS)
    modality = models.CharField(
        _("presented"),
        max_length=8,
        choices=Modality,
        default=Modality.CERTAIN,
        help_text=_("by its speaker"),
    )
    said_at = models.DateTimeField(_("said at"), null=True, blank=True)
    said_precision = models.CharField(_("known"), max_length=8, choices=Precision, default=Precision.DAY)
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("When this outlet carried it, where its document does not say so."),
    )
    published_precision = models.CharField(max_length=8, choices=Precision, default=Precision.MINUTE)
    document = models.ForeignKey(
        "sources.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assertions",
        verbose_name=_("shown in the document"),
    )
    derives_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="relays",
        verbose_name=_("taken over from"),
    )
    figures = models.ManyToManyField("claims.Figure", blank=True, related_name="assertions")
    cites = models.ManyToManyField(
        "self",
        through="Citation",
        symmetrical=False,
        related_name="cited_by",
        help_text="what else it names as its source, beside what it was taken over from",
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = WithdrawableQuerySet.as_manager()

    class Meta:
        ordering = ["said_at", "created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(verb__in=Verb.values), name="assertion_verb_is_known"),
            models.CheckConstraint(
                condition=models.Q(role__in=AssertionRole.values), name="assertion_role_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(polarity__in=Polarity.values), name="polarity_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(modality__in=Modality.values), name="modality_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(derives_from__isnull=True) | ~models.Q(derives_from=models.F("id")),
                name="an_assertion_does_not_derive_from_itself",
            ),
            withdrawn_whole("assertion_is_withdrawn_by_somebody_for_a_reason"),
        ]
        triggers = [
            no_circle(
                name="assertions_do_not_derive_in_a_circle",
                table="claims_assertion",
                column="derives_from_id",
                sentence="An assertion cannot be taken over from what was taken over from it",
            )
        ]

    def __str__(self) -> str:
        return f"{self.speaker} {self.get_verb_display()}"


class Citation(models.Model):
    """`assertion` also names `cited` as its source. The world cites in circles; these are kept, found and shown."""

    assertion = models.ForeignKey(Assertion, on_delete=models.PROTECT, related_name="citations")
    cited = models.ForeignKey(Assertion, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(_("note"), blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assertion", "cited"], name="an_assertion_cites_another_once"),
            models.CheckConstraint(
                condition=~models.Q(assertion=models.F("cited")), name="an_assertion_does_not_cite_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assertion_id} cites {self.cited_id}"


def _not_from_an_erased(text: str) -> pgtrigger.Trigger:
    """Refuse words of a text that is erased. FOR SHARE: who quotes just when it is erased waits, and is refused."""
    return pgtrigger.Trigger(
        name="nothing_is_taken_from_an_erased_text",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("erased", "TIMESTAMPTZ")],
        func=f"""
            FOR erased IN SELECT redacted_at FROM sources_text WHERE id IN ({text}) ORDER BY id FOR SHARE LOOP
                IF erased IS NOT NULL THEN
                    RAISE EXCEPTION 'The text was erased: nothing can be quoted from it'
                        USING ERRCODE = 'restrict_violation';
                END IF;
            END LOOP;
            RETURN NEW;
        """,
    )


class MatchKind(models.TextChoices):
    """How a quotation was found in the archived text."""

    EXACT = "exact", _("word for word")
    NORMALISED = "normalised", _("but for typography")
    FUZZY = "fuzzy", _("approximately")


class Anchor(models.Model):
    """Where in an archived text a quotation stands.

    `start` and `end` (exclusive) count Unicode code points of the text whose digest is named
    (TextPositionSelector); `exact`, `prefix` and `suffix` are the text's own words there (TextQuoteSelector).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assertion = models.ForeignKey(Assertion, on_delete=models.PROTECT, related_name="anchors")
    text = models.ForeignKey("sources.Text", on_delete=models.PROTECT, related_name="anchors")
    text_sha256 = models.CharField(max_length=64)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField()
    prefix = models.TextField(blank=True)
    suffix = models.TextField(blank=True)
    quoted = models.TextField(help_text="the quotation as the checker gave it")
    match = models.CharField(max_length=10, choices=MatchKind)
    occurrences = models.PositiveIntegerField(
        default=1, help_text="how often the quotation stands in the text"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="an_anchor_spans_something"
            ),
            models.CheckConstraint(
                condition=models.Q(match__in=MatchKind.values), name="match_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["assertion", "text", "start", "end"], name="one_anchor_per_place_and_assertion"
            ),
        ]
        triggers = [_not_from_an_erased("NEW.text_id")]

    def __str__(self) -> str:
        return self.exact


class QuoteState(models.TextChoices):
    """What became of an anchored quotation in a later copy."""

    INTACT = "intact", _("intact")
    MOVED = "moved", _("moved")
    ALTERED = "altered", _("altered")
    GONE = "gone", _("gone")


class AnchorCheck(models.Model):
    """One anchored quotation looked for in a later capture of its document. Made once per anchor and capture."""

    anchor = models.ForeignKey(Anchor, on_delete=models.PROTECT, related_name="checks")
    change = models.ForeignKey("sources.Change", on_delete=models.PROTECT, related_name="anchor_checks")
    text = models.ForeignKey(
        "sources.Text",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="in which it was looked for; empty when the later copy has none",
    )
    state = models.CharField(max_length=8, choices=QuoteState)
    # Where it, or what it was altered to, stands now: code points of `text`, end exclusive.
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    exact = models.TextField(blank=True)
    changes_sense = models.BooleanField(default=False, help_text="a number or a negation is another one now")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["change", "anchor"]
        constraints = [
            models.UniqueConstraint(fields=["anchor", "change"], name="one_check_per_anchor_and_change"),
            models.CheckConstraint(
                condition=models.Q(state__in=QuoteState.values), name="quote_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="gone", start__isnull=True, end__isnull=True, exact="")
                | ~models.Q(state="gone")
                & models.Q(text__isnull=False, start__isnull=False, end__gt=models.F("start")),
                name="gone_means_nowhere_else_there_is_a_place",
            ),
        ]
        triggers = [
            # Its words are those of two captures: of the anchor's, and of the one in which they were looked for.
            only_erased(
                name="anchor_check_never_changes",
                empty={"exact": "= ''"},
                by="""EXISTS (
                SELECT FROM sources_text WHERE custody_erasing(capture_id) AND (
                    id = OLD.text_id OR id = (SELECT text_id FROM claims_anchor WHERE id = OLD.anchor_id))
            )""",
            ),
            _not_from_an_erased("NEW.text_id, (SELECT text_id FROM claims_anchor WHERE id = NEW.anchor_id)"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.anchor_id}"


class RegionKind(models.TextChoices):
    PAGE = "page", _("on a page of a PDF")
    PICTURE = "picture", _("in a picture")
    TIME = "time", _("in a recording")


class Region(Withdrawable):
    """Where in an archived file that is no text something is shown: a box on a page, in a picture, a span of time.

    It is measured in the bytes whose digest is named: the body of the capture, or its screenshot. As a digest, and not
    as a reference to the row, it outlives an erasure and does not keep the bytes from being erased. Boxes have their
    origin in the upper left corner: pixels of a picture as it is shown, points (1/72 inch) of a page (RFC 8118,
    `viewrect`), pixels of the frame in a film. Times are milliseconds from the beginning (Media Fragments, `t`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    capture = models.ForeignKey("sources.Capture", on_delete=models.PROTECT, related_name="regions")
    blob_sha256 = models.CharField(max_length=64)
    assertion = models.ForeignKey(
        Assertion, on_delete=models.PROTECT, null=True, blank=True, related_name="regions"
    )
    kind = models.CharField(max_length=8, choices=RegionKind)
    page = models.PositiveIntegerField(_("page"), null=True, blank=True, help_text="1-based")
    left = models.PositiveIntegerField(_("from the left"), null=True, blank=True)
    top = models.PositiveIntegerField(_("from the top"), null=True, blank=True)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    from_ms = models.PositiveIntegerField(_("from"), null=True, blank=True)
    to_ms = models.PositiveIntegerField(_("to"), null=True, blank=True)
    shows = models.TextField(_("what it shows"), help_text=_("The words that stand there, or what is seen."))
    found = models.TextField(blank=True, help_text="the words that the file itself holds there, if any")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = WithdrawableQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=RegionKind.values), name="region_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    left__isnull=True, top__isnull=True, width__isnull=True, height__isnull=True
                )
                | models.Q(left__isnull=False, top__isnull=False, width__gt=0, height__gt=0),
                name="a_box_is_whole_and_spans_something",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="page", page__gt=0, left__isnull=False, from_ms__isnull=True)
                & models.Q(to_ms__isnull=True)
                | models.Q(kind="picture", page__isnull=True, left__isnull=False, from_ms__isnull=True)
                & models.Q(to_ms__isnull=True)
                | models.Q(
                    kind="time", page__isnull=True, from_ms__isnull=False, to_ms__gt=models.F("from_ms")
                ),
                name="a_region_is_measured_as_its_kind_is",
            ),
            withdrawn_whole("region_is_withdrawn_by_somebody_for_a_reason"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="nothing_is_shown_in_an_erased_capture",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("now_in", "TEXT")],
                func="""
                    SELECT state INTO now_in FROM sources_capture WHERE id = NEW.capture_id FOR SHARE;
                    IF now_in IS DISTINCT FROM 'archived' THEN
                        RAISE EXCEPTION 'The capture is not archived: nothing can be shown in it'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.shows

    @property
    def fragment(self) -> str:
        """What follows `#` in an address of the file to show the place."""
        return regions.fragment(self)

    @property
    def begins(self) -> str:
        """The beginning of a span of time, as a player shows it."""
        return "" if self.from_ms is None else regions.clock(self.from_ms)

    @property
    def ends(self) -> str:
        """The end of a span of time, as a player shows it."""
        return "" if self.to_ms is None else regions.clock(self.to_ms)


class RegionCheck(models.Model):
    """One region looked for again in a later capture of its document. Made once per region and capture."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="checks")
    change = models.ForeignKey("sources.Change", on_delete=models.PROTECT, related_name="region_checks")
    state = models.CharField(max_length=8, choices=QuoteState)
    page = models.PositiveIntegerField(null=True, blank=True, help_text="on which it stands now")
    found = models.TextField(blank=True, help_text="the words that stand there now, if any")
    why = models.CharField(max_length=200, blank=True, help_text="what was compared")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["change", "region"]
        constraints = [
            models.UniqueConstraint(fields=["region", "change"], name="one_check_per_region_and_change"),
            models.CheckConstraint(
                condition=models.Q(state__in=QuoteState.values), name="region_state_is_known"
            ),
        ]
        triggers = [
            only_erased(
                name="region_check_never_changes",
                empty={"found": "= ''"},
                by="""EXISTS (
                SELECT FROM sources_change c, claims_region r WHERE c.id = OLD.change_id AND r.id = OLD.region_id
                    AND (custody_erasing(r.capture_id) OR custody_erasing(c.after_id))
            )""",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.region_id}"

    @property
    def compared(self) -> str:
        """What was compared, in the reader's language."""
        return gettext(self.why) if self.why else ""


class Stance(models.TextChoices):
    CORROBORATES = "corroborates", _("corroborates")
    CONTRADICTS = "contradicts", _("contradicts")
    CONTEXTUALISES = "contextualises", _("contextualises")


def _exactly_one(*fields: str) -> models.Q:
    """One of the foreign keys is set, the others are not."""
    each = [models.Q(**{f"{field}__isnull": field != chosen for field in fields}) for chosen in fields]
    return functools.reduce(operator.or_, each)


class Strength(models.TextChoices):
    STRONG = "strong", _("strong")
    MODERATE = "moderate", _("moderate")
    WEAK = "weak", _("weak")


@pghistory.track()
class Evidence(Withdrawable):
    """An assertion, document, capture or region linked to a claim: stance, strength, credibility and a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="evidence")
    assertion = models.ForeignKey(
        Assertion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("assertion"),
    )
    document = models.ForeignKey(
        "sources.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("document"),
    )
    capture = models.ForeignKey(
        "sources.Capture",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("capture"),
    )
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evidence",
        verbose_name=_("place in a file"),
    )
    stance = models.CharField(_("stance"), max_length=14, choices=Stance)
    strength = models.CharField(_("strength"), max_length=8, choices=Strength, default=Strength.MODERATE)
    credibility = models.PositiveSmallIntegerField(
        _("credibility"),
        default=6,
        choices=[
            (1, _("1 · confirmed by other sources")),
            (2, _("2 · probably true")),
            (3, _("3 · possibly true")),
            (4, _("4 · doubtful")),
            (5, _("5 · improbable")),
            (6, _("6 · truth cannot be judged")),
        ],
    )
    reason = models.TextField(_("reason"))
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    objects = WithdrawableQuerySet.as_manager()

    class Meta:
        ordering = ["linked_at", "id"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one("assertion", "document", "capture", "region"),
                name="evidence_is_exactly_one_thing",
            ),
            models.CheckConstraint(condition=models.Q(stance__in=Stance.values), name="stance_is_known"),
            models.CheckConstraint(
                condition=models.Q(strength__in=Strength.values), name="strength_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(credibility__range=(1, 6)), name="credibility_is_1_to_6"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="evidence_has_a_reason"),
            withdrawn_whole("evidence_is_withdrawn_by_somebody_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stance_display()}: {self.claim_id}"
