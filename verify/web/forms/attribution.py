"""Forms of assertions, quotes and evidence: the shape of what is typed; the services judge it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import (
    Assertion,
    AssertionRole,
    Evidence,
    Modality,
    Polarity,
    Region,
    Stance,
    Strength,
    Verb,
)
from claims.statements.models import Claim, Figure
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.catalog.models import Document
from sources.precision import Precision
from verify.web.forms.catalog import wide
from verify.web.forms.claims import LONGEST_LIST, assertion_words, day, field, grouped, line
from verify.web.forms.naming import SourceField, name_sources

CLOCK = (Precision.MINUTE, Precision.HOUR)
PRESENTED = [
    (Modality.CERTAIN, _("as certain: the words leave nothing open")),
    (Modality.PROBABLE, _("as probable: more likely than not, by the words used")),
    (Modality.POSSIBLE, _("as possible: it may be so; how likely, the words do not say")),
]


def clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class AssertionForm(forms.Form):
    speaker = SourceField(label=_("Speaker"), help_text=_("By name, in any script."))
    role = forms.ChoiceField(label=_("Speaks as"), choices=AssertionRole)
    on_behalf_of = SourceField(label=_("On behalf of"), required=False)
    outlet = SourceField(label=_("Through the outlet"), required=False, publishes=True)
    verb = forms.ChoiceField(label=_("Verb"), choices=Verb, help_text=_("The one that was used."))
    hedge = forms.CharField(
        label=_("Hedge"),
        required=False,
        max_length=200,
        help_text=_("The words that weaken it, as used: “about”, “reportedly”."),
        widget=line(),
    )
    polarity = forms.ChoiceField(
        label=_("The claim"), choices=Polarity, widget=forms.RadioSelect, initial=Polarity.AFFIRMS
    )
    modality = forms.ChoiceField(
        label=_("Presented by its speaker"),
        choices=PRESENTED,
        required=False,
        widget=forms.RadioSelect,
        initial=Modality.CERTAIN,
    )
    said_on = forms.DateField(label=_("Said on"), required=False, widget=day())
    said_time = forms.TimeField(label=_("Said at (UTC)"), required=False, widget=clock())
    said_precision = forms.ChoiceField(
        label=_("Said: how exactly"),
        choices=Precision,
        initial=Precision.DAY,
        help_text=_("With a time it is known to the minute."),
    )
    published_on = forms.DateField(label=_("Published on"), required=False, widget=day())
    published_time = forms.TimeField(label=_("Published at (UTC)"), required=False, widget=clock())
    published_precision = forms.ChoiceField(
        label=_("Published: how exactly"),
        choices=Precision,
        required=False,
        initial=Precision.DAY,
        help_text=_("By this outlet, where its document does not say so."),
    )
    document = forms.ModelChoiceField(label=_("Shown in"), queryset=Document.objects.none(), required=False)
    document_url = forms.CharField(
        label=_("or at the address"),
        required=False,
        max_length=2048,
        help_text=_("It is registered and archived at once; anchor the quote when the copy is there."),
        widget=forms.TextInput(attrs={"inputmode": "url", "dir": "ltr", "placeholder": "https://"}),
    )
    derives_from = forms.ModelChoiceField(
        label=_("Taken over from"),
        required=False,
        queryset=Assertion.objects.none(),
        help_text=_("The assertion that this one repeats or quotes. Outlets that repeat make no new origin."),
    )
    cites = forms.ModelMultipleChoiceField(
        label=_("Also names as its sources"),
        required=False,
        queryset=Assertion.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=_("Beside the one that it was taken over from. Circles are kept, and pointed out."),
    )
    cites_note = forms.CharField(
        label=_("How it names them"),
        required=False,
        max_length=500,
        help_text=_("In its words, of those newly chosen: “as local media report”."),
        widget=line(),
    )
    figures = forms.ModelMultipleChoiceField(
        label=_("With the figures"),
        required=False,
        queryset=Figure.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        claim: Claim,
        initial: dict[str, Any] | None = None,
        itself: Assertion | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.known_sources = name_sources(self, claim.desk_id)
        offer_documents(self, claim)
        said = Assertion.objects.standing().filter(claim__desk=claim.desk_id)
        said = said.select_related("speaker", "outlet", "claim").exclude(pk=itself and itself.pk)
        near = list(said.order_by("-created_at")[:LONGEST_LIST])
        near = with_chosen(self, ("derives_from", "cites"), said, near)
        near.sort(key=lambda one: (one.claim_id != claim.pk, str(one.claim), str(one.speaker)))
        choices = grouped(near, lambda one: one.claim, assertion_words)
        offer(self, "derives_from", said, choices)
        offer(self, "cites", said, choices[1:])
        theirs = Q(claim=claim) | Q(assertions=itself) if itself else Q(claim=claim)
        figures = Figure.objects.standing().filter(theirs).distinct()
        field(self, "figures").queryset = figures
        if not figures.exists():
            del self.fields["figures"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("document") and data.get("document_url"):
            self.add_error("document_url", _("Choose a document or give an address, not both."))
        for moment in ("said", "published"):
            self._join(data, moment)
        data["modality"] = data.get("modality") or Modality.CERTAIN
        for links in ("figures", "cites"):
            data[links] = list(data.get(links) or [])
        return data

    def _join(self, data: dict[str, Any], moment: str) -> None:
        """Day and time in one: with a time it is known to the minute."""
        on, at = data.pop(f"{moment}_on", None), data.pop(f"{moment}_time", None)
        if at and not on:
            self.add_error(f"{moment}_on", _("Give the day as well."))
        data[f"{moment}_at"] = datetime.combine(on, at or time(), tzinfo=UTC) if on else None
        known = data.get(f"{moment}_precision") or Precision.DAY
        data[f"{moment}_precision"] = Precision.MINUTE if at and known not in CLOCK else known


class Correction(forms.Form):
    """What every correction says beside what it changes."""

    why = forms.CharField(
        label=_("Why it is corrected"), help_text=_("It stays on record."), widget=wide(rows=2)
    )
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput(attrs={"data-keep": ""}))


class AssertionEditForm(Correction, AssertionForm):
    """As recorded, to be corrected. The document is one of the desk's: a new address is a new document first."""

    document_url = None  # type: ignore[assignment] # a form leaves out what is None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "figures" not in self.fields:
            data.pop("figures")
        return data


class WithdrawForm(forms.Form):
    why = forms.CharField(
        label=_("Why it is withdrawn"),
        help_text=_("It stays on record, with what is withdrawn."),
        widget=wide(rows=2),
    )


class AssertionWithdrawForm(WithdrawForm):
    relays_to = forms.ModelChoiceField(
        label=_("What was taken over from it was taken over from"),
        required=False,
        queryset=Assertion.objects.none(),
    )

    def __init__(self, data: Any = None, *, assertion: Assertion, **options: Any) -> None:
        super().__init__(data, **options)
        if not assertion.relays.standing().exists():
            del self.fields["relays_to"]
            return
        others = assertion.claim.assertions.standing().exclude(pk=assertion.pk)
        others = others.select_related("speaker", "outlet")
        known = [(one.pk, assertion_words(one)) for one in others[:LONGEST_LIST]]
        offer(self, "relays_to", others, [("", "–"), *known])


class JudgementForm(forms.Form):
    """How a piece of evidence bears on the claim."""

    stance = forms.ChoiceField(label=_("It"), choices=Stance, widget=forms.RadioSelect)
    strength = forms.ChoiceField(label=_("Strength"), choices=Strength, initial=Strength.MODERATE)
    credibility = forms.TypedChoiceField(
        label=_("Credibility"),
        coerce=int,
        choices=Evidence._meta.get_field("credibility").flatchoices,
        initial=6,
        help_text=_("1 takes two independent origins: outlets that repeat one are not counted."),
    )
    reason = forms.CharField(
        label=_("Reason"), help_text=_("Why it bears on the claim. It is published."), widget=wide()
    )


THINGS = ("assertion", "document", "capture", "region")


class EvidenceForm(JudgementForm):
    assertion = forms.ModelChoiceField(
        label=_("An assertion"), queryset=Assertion.objects.none(), required=False
    )
    document = forms.ModelChoiceField(
        label=_("or a document"), queryset=Document.objects.none(), required=False
    )
    capture = forms.ModelChoiceField(
        label=_("or one archived copy"), queryset=Capture.objects.none(), required=False
    )
    region = forms.ModelChoiceField(
        label=_("or a place in one"), queryset=Region.objects.none(), required=False
    )

    def __init__(self, data: Any = None, *, claim: Claim, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        said = claim.assertions.standing().select_related("speaker", "outlet")
        near = with_chosen(self, ("assertion",), said, list(said[:LONGEST_LIST]))
        offer(self, "assertion", said, [("", "–"), *((one.pk, assertion_words(one)) for one in near)])
        offer_documents(self, claim)
        captures = Capture.objects.filter(desk=claim.desk_id, state=CaptureState.ARCHIVED)
        captures = captures.select_related("document").order_by("-requested_at")
        latest = with_chosen(self, ("capture",), captures, list(captures[:LONGEST_LIST]))
        offer(self, "capture", captures, [("", "–"), *((one.pk, _capture_words(one)) for one in latest)])
        regions = Region.objects.standing().filter(capture__desk=claim.desk_id).order_by("-created_at")
        marked = with_chosen(self, ("region",), regions, list(regions[:LONGEST_LIST]))
        offer(self, "region", regions, [("", "–"), *((one.pk, str(one)[:80]) for one in marked)])
        if not marked:
            del self.fields["region"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and sum(data.get(name) is not None for name in THINGS) != 1:
            self.add_error(
                "assertion",
                _("Choose exactly one thing: an assertion, a document, an archived copy or a place in one."),
            )
        return data


class EvidenceEditForm(Correction, JudgementForm):
    pass


class AnchorForm(forms.Form):
    """Its fields are written out in claims/anchor_form.html, which also stands on the document's page."""

    assertion = forms.ModelChoiceField(label=_("Assertion"), queryset=Assertion.objects.none())
    quote = forms.CharField(label=_("Exact words"), strip=False)
    near = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any = None, *, assertions: Any) -> None:
        super().__init__(data)
        field(self, "assertion").queryset = assertions


def offer(form: forms.Form, name: str, queryset: Any, choices: list[Any]) -> None:
    """Accept whatever is in `queryset`, offer `choices`: one query for several selects, and never an endless list."""
    field(form, name).queryset = queryset
    field(form, name).widget.choices = choices


def offer_documents(form: forms.Form, claim: Claim) -> None:
    documents = Document.objects.filter(desk=claim.desk_id).select_related("outlet")
    newest = with_chosen(form, ("document",), documents, list(documents[:LONGEST_LIST]))
    newest.sort(key=lambda document: str(document.outlet or ""))
    offer(form, "document", documents, grouped(newest, lambda document: document.outlet or _("no outlet")))


def with_chosen(form: forms.Form, names: tuple[str, ...], queryset: Any, rows: list[Any]) -> list[Any]:
    """The rows, and whatever is chosen in these fields already but not among them: a select must show it."""
    chosen = {str(value) for name in names for value in _values(form[name].value())}
    missing = chosen - {str(row.pk) for row in rows} - {""}
    if not missing or len(rows) < LONGEST_LIST:  # a shorter list is the whole one
        return rows
    return [*rows, *queryset.filter(pk__in=[pk for pk in missing if _is_uuid(pk)])]


def _values(value: Any) -> list[Any]:
    values = value if isinstance(value, list | tuple) else [value]
    return [getattr(one, "pk", one) for one in values if one is not None]


def _is_uuid(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def _capture_words(capture: Capture) -> str:
    return f"{capture.document or capture.url} · {capture.requested_at:%Y-%m-%d %H:%M}"


def recorded(assertion: Assertion) -> dict[str, Any]:
    """An assertion as the form has it."""
    plain = ("role", "verb", "hedge", "polarity", "modality", "said_precision", "published_precision")
    links = ("speaker", "on_behalf_of", "outlet", "document", "derives_from")
    initial = {name: getattr(assertion, name) for name in (*plain, *links)}
    for moment in ("said", "published"):
        at = getattr(assertion, f"{moment}_at")
        by_the_clock = at and getattr(assertion, f"{moment}_precision") in CLOCK
        initial |= {f"{moment}_on": at and at.date(), f"{moment}_time": (by_the_clock and at.time()) or None}
    for many in ("figures", "cites"):
        initial[many] = list(getattr(assertion, many).standing())
    return initial
