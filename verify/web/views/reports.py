"""Figures for editors."""

from __future__ import annotations

from datetime import UTC

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from verify.accounts.models import Role
from verify.pictures import reports as pictures
from verify.publish.models import Version, VersionKind
from verify.review.agreement import FEWEST_UNITS, MOST_CODERS
from verify.review.reports import Report
from verify.web.forms.reports import ReportFilter
from verify.web.mixins import DeskView


class DeskReports(DeskView):
    """Throughput, ages, what waits and how far reviewers agree, of the days and the case that the address asks for."""

    section = "reports"
    role = Role.EDITOR

    def get(self, request: HttpRequest) -> HttpResponse:
        at = timezone.now()
        form = ReportFilter(request.GET, desk=self.desk, today=at.astimezone(UTC).date())
        published = Version.objects.filter(kind=VersionKind.PUBLISHED)
        report = Report(form.asked, published=published, at=at)
        return self.render(
            "verify/reports.html",
            status=422 if form.is_bound and form.errors else 200,
            form=form,
            report=report,
            weeks=pictures.by_week(report.weeks),
            ages=pictures.by_age(report.ages),
            people=pictures.by_person(report.loads),
            kinds=[(kind, pictures.lasting(kind.answer)) for kind in report.kinds],
            pairs=[(report.name(pair.one), report.name(pair.other), pair.kappa) for pair in report.pairs],
            fewest=FEWEST_UNITS,
            most_coders=MOST_CODERS,
        )
