"""Forms of sources, documents and captures: the shape of what is typed. What it means is the services' to judge."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sources.archive.models import CaptureMode
from sources.archive.services import normalised
from sources.archive.states import CaptureState
from sources.catalog.models import (
    PUBLISHERS,
    Affiliation,
    AffiliationKind,
    Alias,
    Document,
    Reliability,
    Source,
    SourceKind,
)
from sources.custody.kinds import Kind
from verify.accounts.models import Desk, User
from verify.web.forms.naming import SourceField, name_sources

AUTO = {"dir": "auto"}


def wide(**attributes: Any) -> forms.Textarea:
    """A text area for people's words, in whatever script."""
    return forms.Textarea(attrs={"rows": 3, **AUTO, **attributes})


# --- sources --------------------------------------------------------------------------------------------------------


class SourceFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Name, in any script"), method="by_name")
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=SourceKind.choices, empty_label=_("all kinds")
    )
    party = django_filters.ChoiceFilter(
        label=_("In the conflict"),
        field_name="is_party",
        choices=[("True", _("party to the conflict")), ("False", _("no party"))],
        empty_label=_("either"),
    )
    grade = django_filters.ChoiceFilter(
        label=_("Reliability"),
        method="by_grade",
        choices=[*Reliability.choices, ("none", _("not graded"))],
        empty_label=_("any"),
    )

    class Meta:
        model = Source
        fields: list[str] = []

    def by_name(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)

    def by_grade(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(reliability=None if value == "none" else value)


class SourceForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=SourceKind)
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("For a protected person: the pseudonym. It is what everybody sees, everywhere."),
        widget=forms.TextInput(attrs=AUTO),
    )
    description = forms.CharField(label=_("What it is"), required=False, widget=wide())
    homepage = forms.URLField(label=_("Homepage"), required=False, max_length=500, assume_scheme="https")
    is_party = forms.BooleanField(
        label=_("Party to the conflict"),
        required=False,
        help_text=_("Whatever begins with a party is counted apart and marked as a party’s word."),
    )
    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        help_text=_("One a line, in any script; its language may follow a bar: “سانا | ar”."),
        widget=wide(),
    )
    secret_name = forms.CharField(
        label=_("Who a protected person is"),
        required=False,
        max_length=200,
        help_text=_(
            "Only for a protected person, and only if the desk must know. It is encrypted at once with a key that is "
            "kept outside the database; you become its custodian; every look at it is an entry in the log."
        ),
        # A browser must not keep this name, neither as a suggestion nor in a draft.
        widget=forms.TextInput(
            attrs={**AUTO, "autocomplete": "off", "data-no-draft": "", "spellcheck": "false"}
        ),
    )

    def clean_aliases(self) -> list[tuple[str, str]]:
        return [parse_alias(line) for line in self.cleaned_data["aliases"].splitlines() if line.strip()]


class SourceEditForm(forms.Form):
    """What is said of a source, and why it is changed. Who is protected stays so, and nobody becomes so."""

    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=AUTO))
    description = forms.CharField(label=_("What it is"), required=False, widget=wide())
    homepage = forms.URLField(label=_("Homepage"), required=False, max_length=500, assume_scheme="https")
    is_party = forms.BooleanField(label=_("Party to the conflict"), required=False)
    why = forms.CharField(
        label=_("Why it is changed"), help_text=_("It stays in the history."), widget=wide(rows=2)
    )

    def __init__(self, data: Any = None, *, source: Source) -> None:
        fields = ("kind", "name", "description", "homepage", "is_party")
        super().__init__(data, initial={name: getattr(source, name) for name in fields})
        kind: Any = self.fields["kind"]
        kind.choices = [
            choice
            for choice in SourceKind.choices
            if (choice[0] == SourceKind.PROTECTED_PERSON) == source.is_protected
        ]


class WhyForm(forms.Form):
    why = forms.CharField(label=_("Reason"), help_text=_("It stays in the history."), widget=wide(rows=2))


class MergeForm(forms.Form):
    """Which source a duplicate is read as, and why."""

    into = SourceField(label=_("Read it as"), help_text=_("The record that stays. In any script."))
    why = forms.CharField(
        label=_("Why they are one"), help_text=_("It stays in the history."), widget=wide(rows=2)
    )

    def __init__(self, data: Any = None, *, source: Source, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.suggested = name_sources(self, source.desk_id)


class SealForm(forms.Form):
    secret_name = forms.CharField(
        label=_("Who it is"),
        max_length=200,
        help_text=_("It is encrypted at once. What was sealed before is replaced."),
        widget=forms.TextInput(
            attrs={**AUTO, "autocomplete": "off", "data-no-draft": "", "spellcheck": "false"}
        ),
    )
    why = forms.CharField(
        label=_("Reason"),
        help_text=_("The reason stays on record. Do not write the name into it."),
        widget=wide(rows=2),
    )


class CustodianForm(forms.Form):
    """Somebody of the desk who shall, or shall no longer, be a custodian; and why."""

    custodian = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none())
    why = forms.CharField(label=_("Reason"), help_text=_("It stays on record."), widget=wide(rows=2))

    def __init__(self, data: Any = None, *, people: Any, prefix: str) -> None:
        super().__init__(data, prefix=prefix)
        custodian: Any = self.fields["custodian"]
        custodian.queryset = people


def parse_alias(line: str) -> tuple[str, str]:
    """Name and BCP 47 language of a line such as “سانا | ar”; raises ValidationError for one without a name."""
    name, _bar, language = (part.strip() for part in line.partition("|"))
    if not name:
        raise ValidationError(
            _("There is no name before the bar: “%(line)s”."), params={"line": line.strip()}
        )
    return name, language


class AliasForm(forms.ModelForm):
    class Meta:
        model = Alias
        fields = ["name", "language"]
        labels = {"name": _("Another name"), "language": _("Language")}
        help_texts = {"language": _("A code such as ar or en-GB.")}
        widgets = {"name": forms.TextInput(attrs=AUTO)}


class GradeForm(forms.Form):
    reliability = forms.ChoiceField(label=_("Reliability"), choices=[("", "–"), *Reliability.choices])
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("On what record? Earlier grades and their reasons stay."),
        widget=wide(),
    )


class AffiliationForm(forms.Form):
    kind = forms.ChoiceField(label=_("It is"), choices=AffiliationKind)
    principal = SourceField(label=_("To whom"), help_text=_("A registered source, in any script."))
    valid_from = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    valid_to = forms.DateField(
        label=_("To"),
        required=False,
        help_text=_("Both days count. Empty: not known to have begun, or ended."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    evidence = forms.CharField(
        label=_("What shows it"),
        required=False,
        help_text=_("The address of a document that is registered here."),
        widget=forms.TextInput(attrs={"inputmode": "url", "dir": "ltr"}),
    )
    note = forms.CharField(label=_("Note"), required=False, widget=wide())

    def __init__(self, data: Any = None, *, source: Source, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.desk_id = source.desk_id
        self.suggested = name_sources(self, source.desk_id)

    def clean_evidence(self) -> Document | None:
        url = self.cleaned_data["evidence"]
        if not url:
            return None
        try:
            url = normalised(url)
        except ValidationError as refusal:
            raise ValidationError(refusal.messages) from refusal
        document = Document.objects.filter(desk=self.desk_id, url=url).first()
        if document is None:
            raise ValidationError(_("No document of this address is registered here. Register it first."))
        return document


class AffiliationEditForm(AffiliationForm):
    why = forms.CharField(
        label=_("Why it is changed"), help_text=_("It stays in the history."), widget=wide(rows=2)
    )

    def __init__(self, data: Any = None, *, affiliation: Affiliation) -> None:
        initial = {
            "kind": affiliation.kind,
            "principal": affiliation.principal,
            "valid_from": affiliation.valid_from and affiliation.valid_from.isoformat(),
            "valid_to": affiliation.valid_to and affiliation.valid_to.isoformat(),
            "evidence": affiliation.evidence.url if affiliation.evidence else "",
            "note": affiliation.note,
        }
        super().__init__(data, source=affiliation.source, initial=initial)


class IdentityForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you need to see it"),
        help_text=_("The reason and your name stay on record in the log."),
        widget=wide(rows=2),
    )


# --- documents ------------------------------------------------------------------------------------------------------


class DocumentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Title, byline or address"), method="by_text")
    outlet = django_filters.ModelChoiceFilter(
        label=_("Outlet"),
        queryset=lambda request: publishers(request.desk),  # type: ignore[arg-type]
        empty_label=_("all outlets"),
    )
    state = django_filters.ChoiceFilter(
        label=_("Newest capture"),
        field_name="latest_state",
        choices=CaptureState.choices,
        empty_label=_("any state"),
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.matching(value)


def publishers(desk: Desk) -> QuerySet[Source]:
    """The sources of a desk that publish documents."""
    return Source.objects.current().filter(desk=desk, kind__in=PUBLISHERS)


class DocumentForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=2048,
        help_text=_("Of the page, picture, video or PDF, as in the browser’s address bar."),
        widget=forms.TextInput(
            attrs={"inputmode": "url", "dir": "ltr", "autofocus": "", "placeholder": "https://"}
        ),
    )
    outlet = forms.ModelChoiceField(label=_("Outlet"), queryset=Source.objects.none(), required=False)
    mode = forms.ChoiceField(
        label=_("How"), choices=CaptureMode, initial=CaptureMode.PAGE, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, desk: Desk, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        outlet: Any = self.fields["outlet"]
        outlet.queryset = publishers(desk)


class CaptureForm(forms.Form):
    mode = forms.ChoiceField(label=_("How"), choices=CaptureMode, widget=forms.RadioSelect)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A copy that you have already: a photograph, a PDF, an export. Its digest is taken while it arrives."
        ),
    )


# --- the log --------------------------------------------------------------------------------------------------------


class LogFilter(forms.Form):
    q = forms.CharField(
        label=_("Number, digest, or the id of what it is about"),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all kinds")), *Kind.choices])
