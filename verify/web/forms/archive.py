"""Forms of the archive: lists of addresses, files, what to look for among the captures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sources.archive.exchange import FailureCode
from sources.archive.kinds import Family
from sources.archive.models import Capture, CaptureKind, CaptureMode
from sources.archive.services import normalised
from sources.archive.states import CaptureState
from sources.catalog import batches
from sources.catalog.lists import Row
from verify.web.forms.catalog import AUTO
from verify.web.mixins import add_errors

DAY = {"type": "date"}

FAILURES = {
    FailureCode.INVALID_URL: _("no valid address"),
    FailureCode.SCHEME_REFUSED: _("neither http nor https"),
    FailureCode.CREDENTIALS_REFUSED: _("password in the address"),
    FailureCode.PORT_REFUSED: _("port not allowed"),
    FailureCode.NAME_NOT_RESOLVED: _("no such host"),
    FailureCode.ADDRESS_REFUSED: _("not a public host"),
    FailureCode.CONNECT_FAILED: _("no connection"),
    FailureCode.TLS_FAILED: _("no secure connection"),
    FailureCode.TIMEOUT: _("took too long"),
    FailureCode.DISCONNECTED: _("broke off"),
    FailureCode.PROTOCOL_ERROR: _("answer not understood"),
    FailureCode.HEADERS_TOO_LARGE: _("headers too large"),
    FailureCode.TOO_LARGE: _("too large"),
    FailureCode.TOO_MANY_REDIRECTS: _("too many redirects"),
    FailureCode.ROBOTS_REFUSED: _("robots.txt refuses"),
    FailureCode.BUSY: _("server asks to wait"),
    FailureCode.GIVEN_UP: _("given up by us"),
    FailureCode.WORKER_LOST: _("worker lost"),
    FailureCode.INTERNAL_ERROR: _("error in Verify"),
}

# What people call the kinds of things, and which media types they mean by it; `family_of` says the same of one type.
FAMILIES = {
    Family.HTML: (_("Web page"), Q(media_type__in=["text/html", "application/xhtml+xml"])),
    Family.PDF: (_("PDF"), Q(media_type="application/pdf")),
    Family.IMAGE: (_("Picture"), Q(media_type__startswith="image/")),
    Family.VIDEO: (_("Video"), Q(media_type__startswith="video/")),
    Family.AUDIO: (_("Sound"), Q(media_type__startswith="audio/")),
    Family.SUBTITLES: (_("Subtitles"), Q(media_type__in=["text/vtt", "application/x-subrip"])),
    Family.JSON: (_("JSON"), Q(media_type="application/json") | Q(media_type__endswith="+json")),
}
_TEXT = (
    Q(media_type__startswith="text/") | Q(media_type__in=["application/xml"]) | Q(media_type__endswith="+xml")
)
_KNOWN = Q()
for _label, _types in FAMILIES.values():
    _KNOWN |= _types
FAMILIES[Family.TEXT] = (_("Text"), _TEXT & ~_KNOWN)
FAMILIES[Family.OTHER] = (_("Other"), ~(_KNOWN | _TEXT | Q(media_type="")))


# --- captures ---------------------------------------------------------------------------------------------------------


class CaptureFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Address or file name"), method="by_text")
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=CaptureState.choices, empty_label=_("any state")
    )
    kind = django_filters.ChoiceFilter(
        label=_("From where"), choices=CaptureKind.choices, empty_label=_("anywhere")
    )
    family = django_filters.ChoiceFilter(
        label=_("Kind of content"),
        choices=[(family, label) for family, (label, _types) in FAMILIES.items()],
        empty_label=_("any kind"),
        method="by_family",
    )
    host = django_filters.CharFilter(
        label=_("Host"), method="by_host", widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"})
    )
    failure = django_filters.ChoiceFilter(
        label=_("Why it failed"),
        field_name="failure_code",
        choices=list(FAILURES.items()),
        empty_label=_("any reason"),
    )
    since = django_filters.DateFilter(
        label=_("From"), field_name="requested_at", lookup_expr="date__gte", widget=forms.DateInput(attrs=DAY)
    )
    until = django_filters.DateFilter(
        label=_("To"), field_name="requested_at", lookup_expr="date__lte", widget=forms.DateInput(attrs=DAY)
    )

    class Meta:
        model = Capture
        fields: list[str] = []

    def by_text(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(
            Q(url__icontains=value) | Q(filename__icontains=value) | Q(document__title__icontains=value)
        )

    def by_family(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(FAMILIES[Family(value)][1])

    def by_host(self, queryset: Any, name: str, value: str) -> Any:
        """A host with its subdomains, on any port."""
        host = value.strip().lower().partition(":")[0].removeprefix("www.")
        return queryset.filter(Q(host__startswith=f"{host}:") | Q(host__contains=f".{host}:"))


# --- batches ----------------------------------------------------------------------------------------------------------


class BatchForm(forms.Form):
    """A list, pasted or as a file. When lines cannot be asked for it says which, and asks whether to go on."""

    list = forms.CharField(
        label=_("Addresses"),
        required=False,
        strip=False,
        help_text=_(
            "One a line; a title may follow. Cells copied from a spreadsheet are address, title, outlet. "
            "Lines that begin with # are left out."
        ),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autofocus": "", **AUTO}),
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        help_text=_(
            "Its first line names the columns: url, and if you like title and outlet. An outlet is found by any name "
            "under which the desk has registered it."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
    )
    label = forms.CharField(
        label=_("What this list is"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=AUTO),
    )
    mode = forms.ChoiceField(
        label=_("How"), choices=CaptureMode, initial=CaptureMode.PAGE, widget=forms.RadioSelect
    )
    anyway = forms.BooleanField(
        label=_("Go on without the lines above; they stay in the batch, with their reasons."),
        required=False,
        widget=forms.HiddenInput,
    )

    data: Any  # a QueryDict
    rows: Sequence[Row] = ()
    refused: Sequence[tuple[Row, str]] = ()  # what cannot be asked for, and why
    remark = ""  # on how a file was read

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            self._read(given.get("list", ""), given.get("file"))
        except ValidationError as refusal:
            add_errors(self, refusal)
        return given

    def _read(self, text: str, file: UploadedFile | None) -> None:
        if file and text.strip():
            raise ValidationError({"file": _("There are pasted lines too. Send one of the two.")})
        if file:
            text, self.remark = batches.read_file(file.read(settings.ARCHIVE_BATCH_MAX_BYTES + 1))
            # A browser forgets a chosen file when the form comes back; its text is kept where it can be put right.
            self.data = {**self.data.dict(), "list": text}
        self.rows = batches.read_list(text)
        reasons = batches.refusals(self.rows)
        self.refused = [(row, reasons[row.number]) for row in self.rows if row.number in reasons]
        if len(self.refused) == len(self.rows):
            raise ValidationError({"list": _("None of these lines can be asked for; the reasons are below.")})
        if self.refused and not self.cleaned_data.get("anyway"):
            self.fields["anyway"].widget = forms.CheckboxInput()
            raise ValidationError(
                ngettext(
                    "%(n)s of %(all)s lines cannot be asked for.",
                    "%(n)s of %(all)s lines cannot be asked for.",
                    len(self.refused),
                )
                % {"n": len(self.refused), "all": len(self.rows)}
            )


# --- files ------------------------------------------------------------------------------------------------------------


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        files = [super(FilesField, self).clean(each, initial) for each in given or [None]]
        limit = settings.ARCHIVE_MAX_UPLOAD_BYTES
        for file in files:
            if file.size > limit:
                raise ValidationError(
                    _("%(name)s is larger than %(limit)s."),
                    params={"name": file.name, "limit": filesizeformat(limit)},
                )
        return files


class FilesForm(forms.Form):
    uploads = FilesField(
        label=_("Files"),
        help_text=_(
            "Photographs, videos, documents, exports of a messenger; several at once. The digest is taken while a file "
            "arrives, and the file is kept as it is."
        ),
    )
    url = forms.CharField(
        label=_("Where it comes from"),
        required=False,
        max_length=2048,
        help_text=_(
            "The address at which it was published, if there is one: it becomes a document of the desk."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "dir": "ltr", "placeholder": "https://"}),
    )
    title = forms.CharField(
        label=_("Title of that document"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=AUTO),
    )

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        try:
            return normalised(url) if url else ""
        except ValidationError as refusal:
            raise ValidationError(refusal.messages) from refusal

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("title") and not given.get("url") and "url" not in self.errors:
            self.add_error("url", _("A title is a document’s; say at which address it was published."))
        return given
