"""Checking an evidence package by dropping it in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from verify.evidence.checking import NotChecked, check_package, trust
from verify.evidence.verify_evidence import FAIL, NOT_CHECKED, PASS, REDACTED
from verify.web.mixins import DeskRequest, DeskView

RESULTS = {PASS: _("holds"), FAIL: _("does not hold"), NOT_CHECKED: _("not checked"), REDACTED: _("redacted")}


class PackageForm(forms.Form):
    """A package to check; nothing of it is kept."""

    file = forms.FileField(label=_("Evidence package"), help_text=_("The zip file as it was handed to you."))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > settings.ARCHIVE_MAX_UPLOAD_BYTES:
            most = filesizeformat(settings.ARCHIVE_MAX_UPLOAD_BYTES)
            raise ValidationError(
                _("The file is larger than %(most)s; check it with the verifier on your own machine."),
                params={"most": most},
            )
        return file


class PackageCheck(DeskView):
    """Runs the verifier on an uploaded package and shows what holds, what does not and what was not checked."""

    section = "log"

    def get(self, request: DeskRequest) -> HttpResponse:
        return self._show(PackageForm())

    def post(self, request: DeskRequest) -> HttpResponse:
        form = PackageForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            report = check_package(Path(form.cleaned_data["file"].temporary_file_path()))
        except NotChecked as trouble:
            form.add_error("file", str(trouble))
            return self._show(form, status=422)
        return self._show(PackageForm(), name=form.cleaned_data["file"].name, report=_readable(report))

    def _show(self, form: PackageForm, *, status: int = 200, **context: Any) -> HttpResponse:
        keys, _authorities = trust()
        return self.render("verify/package_check.html", status=status, form=form, keys=keys, **context)


def _readable(report: dict[str, Any]) -> dict[str, Any]:
    """The report with its checks by result, worst first, and words for the results."""
    order = [FAIL, NOT_CHECKED, REDACTED, PASS]
    groups: list[dict[str, Any]] = [
        {
            "result": result,
            "label": RESULTS[result],
            "checks": [check for check in report["checks"] if check["result"] == result],
        }
        for result in order
    ]
    for capture in report["captures"]:
        capture["label"] = RESULTS.get(capture["result"], capture["result"])
    return report | {
        "passed": report["result"] == PASS,
        "groups": [group for group in groups if group["checks"]],
    }
