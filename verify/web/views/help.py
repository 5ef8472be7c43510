"""The keys, the words in short, and where to read on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from claims.attribution.models import Stance
from claims.statements.states import Workflow
from verify.publish.states import PublicationState
from verify.review.states import TaskState
from verify.web.mixins import DeskView


class Help(DeskView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(
            "verify/help.html",
            workflow=Workflow.choices,
            tasks=TaskState.choices,
            publication=PublicationState.choices,
            stances=Stance.choices,
            ratings=self.desk.ratings.filter(retired=False),
        )
