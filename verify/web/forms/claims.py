"""Forms of cases, claims, assertions, figures and evidence: the shape of what is typed; the services judge it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Assertion, AssertionRole, Evidence, Polarity, Stance, Strength, Verb
from claims.statements.figures import CATEGORIES, VAGUE_QUALIFIERS, Measurement, parse
from claims.statements.models import Claim, Figure, Qualifier, Unit
from claims.statements.states import TRANSITIONS, Workflow
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.catalog.models import Document, Source, SourceKind
from sources.precision import Precision
from verify.publish.presenting import CATEGORY_WORDS
from verify.web.forms.catalog import AUTO, PUBLISHERS, wide

LONGEST_LIST = 300  # things that a select offers: the newest, or the first by name
NUMBERS = ("lower", "point", "upper")


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def line(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={**AUTO, **attributes})


def grouped(rows: Iterable[Any], group: Any, word: Any = str) -> list[Any]:
    """Choices with the groups' names between them; each group's rows must stand together."""
    groups = [(str(name), [(row.pk, word(row)) for row in found]) for name, found in groupby(rows, key=group)]
    return [("", "–"), *groups]


class CaseForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200, widget=line(autofocus=""))
    summary = forms.CharField(
        label=_("What it is about"),
        required=False,
        help_text=_("What happened, and what is in question."),
        widget=wide(),
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=200, widget=line())
    began_on = forms.DateField(label=_("Began on"), required=False, widget=day())
    ended_on = forms.DateField(label=_("Ended on"), required=False, widget=day())


class ClaimForm(forms.Form):
    text = forms.CharField(
        label=_("Claim"),
        help_text=_("One checkable proposition, in the desk’s own words."),
        widget=wide(autofocus=""),
    )
    headline = forms.CharField(
        label=_("Headline"),
        required=False,
        max_length=75,
        help_text=_("Up to 75 characters, without a rating in it; used where space is short."),
        widget=line(),
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("en", _("English")), ("ar", _("Arabic"))])


class ClaimEditForm(forms.Form):
    text = forms.CharField(label=_("Claim"), widget=wide())
    headline = forms.CharField(label=_("Headline"), required=False, max_length=75, widget=line())
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


# Where people lead a claim by hand. In review and approved are where reviews lead it.
BY_HAND = (Workflow.TRIAGED, Workflow.IN_RESEARCH, Workflow.CLOSED, Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE)


class MoveForm(forms.Form):
    to = forms.ChoiceField(label=_("Move to"))
    reason = forms.CharField(label=_("Reason"), help_text=_("It stays on record."), widget=wide(rows=2))

    def __init__(self, data: Any = None, *, claim: Claim) -> None:
        super().__init__(data)
        allowed = TRANSITIONS[Workflow(claim.workflow)]
        _field(self, "to").choices = [(state.value, state.label) for state in BY_HAND if state in allowed]


class AssertionForm(forms.Form):
    speaker = forms.ModelChoiceField(label=_("Speaker"), queryset=Source.objects.none())
    role = forms.ChoiceField(label=_("Speaks as"), choices=AssertionRole)
    on_behalf_of = forms.ModelChoiceField(
        label=_("On behalf of"), queryset=Source.objects.none(), required=False
    )
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
    said_on = forms.DateField(label=_("Said on"), required=False, widget=day())
    said_time = forms.TimeField(
        label=_("At (UTC)"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    said_precision = forms.ChoiceField(
        label=_("Known"),
        choices=Precision,
        initial=Precision.DAY,
        help_text=_("With a time it is known to the minute."),
    )
    outlet = forms.ModelChoiceField(
        label=_("Through the outlet"), queryset=Source.objects.none(), required=False
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
    figures = forms.ModelMultipleChoiceField(
        label=_("With the figures"),
        required=False,
        queryset=Figure.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, claim: Claim, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self._offer_sources(claim.desk_id)
        documents = Document.objects.filter(desk=claim.desk_id).select_related("outlet")
        newest = sorted(documents[:LONGEST_LIST], key=lambda document: str(document.outlet or ""))
        _offer(
            self.fields["document"],
            documents,
            grouped(newest, lambda document: document.outlet or _("no outlet")),
        )
        said = Assertion.objects.filter(claim__desk=claim.desk_id).select_related(
            "speaker", "outlet", "claim"
        )
        near = sorted(
            said.order_by("-created_at")[:LONGEST_LIST],
            key=lambda one: (one.claim_id != claim.pk, str(one.claim), str(one.speaker)),
        )
        _offer(self.fields["derives_from"], said, grouped(near, lambda one: one.claim, assertion_words))
        _field(self, "figures").queryset = claim.figures.all()
        if not claim.figures.exists():
            del self.fields["figures"]

    def _offer_sources(self, desk: Any) -> None:
        sources = Source.objects.filter(desk=desk).order_by("kind", "name")
        known = list(sources[:LONGEST_LIST])
        everybody = grouped(known, lambda source: SourceKind(source.kind).label)
        publishers = [source for source in known if source.kind in PUBLISHERS]
        for name in ("speaker", "on_behalf_of"):
            _offer(self.fields[name], sources, everybody)
        outlets = grouped(publishers, lambda source: SourceKind(source.kind).label)
        _offer(self.fields["outlet"], sources.filter(kind__in=PUBLISHERS), outlets)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        on, at = data.pop("said_on", None), data.pop("said_time", None)
        if at and not on:
            self.add_error("said_on", _("Give the day as well."))
        if data.get("document") and data.get("document_url"):
            self.add_error("document_url", _("Choose a document or give an address, not both."))
        data["said_at"] = datetime.combine(on, at or time(), tzinfo=UTC) if on else None
        if at and data.get("said_precision") == Precision.DAY:
            data["said_precision"] = Precision.MINUTE
        data["figures"] = list(data.get("figures") or [])
        return data


def _field(form: forms.Form, name: str) -> Any:
    return form.fields[name]


def _offer(field: Any, queryset: Any, choices: list[Any]) -> None:
    """Accept whatever is in `queryset`, offer `choices`: one query for several selects, and never an endless list."""
    field.queryset = queryset
    field.widget.choices = choices


def assertion_words(assertion: Assertion) -> str:
    """An assertion in a line: who, through whom, with which verb."""
    outlet = assertion.outlet if assertion.outlet_id not in (None, assertion.speaker_id) else None
    said = f"{assertion.speaker} ({outlet})" if outlet else str(assertion.speaker)
    return f"{said}: {assertion.get_verb_display()}"


class FigureForm(forms.Form):
    as_written = forms.CharField(
        label=_("As written"),
        required=False,
        max_length=200,
        help_text=_("“around 745”, “more than 1,000”, “نحو ٧٤٥”, “dozens”: the numbers are read from it."),
        widget=line(autofocus=""),
    )
    qualifier = forms.ChoiceField(
        label=_("Qualifier"), required=False, choices=[("", _("as written")), *Qualifier.choices]
    )
    lower = forms.IntegerField(label=_("At least"), required=False, min_value=0)
    point = forms.IntegerField(label=_("Figure"), required=False, min_value=0)
    upper = forms.IntegerField(label=_("At most"), required=False, min_value=0)
    unit = forms.ChoiceField(label=_("Of what"), choices=Unit)
    category = forms.ChoiceField(
        label=_("Who is counted"),
        required=False,
        choices=[("", _("not stated")), *((code, CATEGORY_WORDS.get(code, code)) for code in CATEGORIES)],
    )
    perpetrator = forms.CharField(
        label=_("By whom"),
        required=False,
        max_length=200,
        help_text=_("Only where the count is divided by it."),
        widget=line(),
    )
    place = forms.CharField(label=_("Where"), required=False, max_length=200, widget=line())
    window_from = forms.DateField(label=_("Covers the days from"), required=False, widget=day())
    window_to = forms.DateField(label=_("to"), required=False, widget=day())
    as_of = forms.DateField(
        label=_("As of"), required=False, help_text=_("The day by which it was counted."), widget=day()
    )
    assertion = forms.ModelChoiceField(label=_("Given by"), queryset=Assertion.objects.none(), required=False)
    supersedes = forms.ModelChoiceField(
        label=_("Supersedes"),
        queryset=Figure.objects.none(),
        required=False,
        help_text=_("An earlier figure of the same source for the same scope."),
    )

    def __init__(self, data: Any = None, *, claim: Claim, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.language = claim.language
        said = claim.assertions.select_related("speaker", "outlet")
        _offer(
            self.fields["assertion"],
            said,
            [
                ("", _("nobody in particular")),
                *((one.pk, assertion_words(one)) for one in said[:LONGEST_LIST]),
            ],
        )
        earlier = (
            Figure.objects.filter(claim__desk=claim.desk_id, claim__case=claim.case_id)
            if claim.case_id
            else claim.figures
        )
        earlier = (
            earlier.select_related("claim")
            .prefetch_related("assertions__speaker")
            .order_by("claim", "as_of", "id")
        )
        _offer(
            self.fields["supersedes"],
            earlier.all(),
            grouped(earlier[:LONGEST_LIST], lambda one: one.claim, _figure_words),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = any(data.get(name) is not None for name in NUMBERS)
        if not typed and data.get("as_written") and not self.errors:
            self._read(data)
        if not data.get("qualifier"):
            data["qualifier"] = Qualifier.EXACTLY
        numbers = any(data.get(name) is not None for name in NUMBERS)
        if not (numbers or data["qualifier"] in VAGUE_QUALIFIERS or self.errors):
            self.add_error("as_written", _("Write the figure as it was given, or fill in a number."))
        return data

    def _read(self, data: dict[str, Any]) -> None:
        found = parse(data["as_written"], self.language)
        if found is None:
            self.add_error(
                "as_written", _("No figure can be read from these words: fill in the numbers below.")
            )
            return
        if found.is_ambiguous:
            self.add_error("as_written", ValidationError([_say(note) for note in found.notes]))
            self.add_error("point", _("Say which number is meant."))
            return
        data.update(_numbers(found))
        data["qualifier"] = data.get("qualifier") or found.qualifier


def _numbers(found: Measurement) -> dict[str, int | None]:
    # The bounds of a vague word are a convention for pictures: kept as a count they would pass for one.
    return {name: getattr(found, name) if found.is_count else None for name in NUMBERS}


def _say(reason: Any) -> str:
    return reason.say(gettext)


def _figure_words(figure: Figure) -> str:
    who = ", ".join(sorted({str(said.speaker) for said in figure.assertions.all()}))
    return " · ".join(filter(None, [str(figure), who, figure.place_as_written, str(figure.as_of or "")]))


class EvidenceForm(forms.Form):
    assertion = forms.ModelChoiceField(
        label=_("An assertion"), queryset=Assertion.objects.none(), required=False
    )
    document = forms.ModelChoiceField(
        label=_("or a document"), queryset=Document.objects.none(), required=False
    )
    capture = forms.ModelChoiceField(
        label=_("or one archived copy"), queryset=Capture.objects.none(), required=False
    )
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

    def __init__(self, data: Any = None, *, claim: Claim, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        said = claim.assertions.select_related("speaker", "outlet")
        offered = [("", "–"), *((one.pk, assertion_words(one)) for one in said[:LONGEST_LIST])]
        _offer(self.fields["assertion"], said, offered)
        documents = Document.objects.filter(desk=claim.desk_id).select_related("outlet")
        newest = sorted(documents[:LONGEST_LIST], key=lambda document: str(document.outlet or ""))
        _offer(
            self.fields["document"],
            documents,
            grouped(newest, lambda document: document.outlet or _("no outlet")),
        )
        captures = Capture.objects.filter(desk=claim.desk_id, state=CaptureState.ARCHIVED).select_related(
            "document"
        )
        latest = [
            (one.pk, f"{one.document or one.url} · {one.requested_at:%Y-%m-%d %H:%M}")
            for one in captures.order_by("-requested_at")[:LONGEST_LIST]
        ]
        _offer(self.fields["capture"], captures, [("", "–"), *latest])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            not self.errors
            and sum(data.get(name) is not None for name in ("assertion", "document", "capture")) != 1
        ):
            self.add_error(
                "assertion", _("Choose exactly one thing: an assertion, a document or an archived copy.")
            )
        return data


class AnchorForm(forms.Form):
    """Its fields are written out in claims/anchor_form.html, which also stands on the document's page."""

    assertion = forms.ModelChoiceField(label=_("Assertion"), queryset=Assertion.objects.none())
    quote = forms.CharField(label=_("Exact words"), strip=False)
    near = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any = None, *, assertions: Any) -> None:
        super().__init__(data)
        _field(self, "assertion").queryset = assertions
