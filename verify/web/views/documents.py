"""Published items and their archived copies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from claims.attribution.models import Anchor, Assertion
from sources.archive.kinds import Family, family_of
from sources.archive.models import Capture, CaptureMode, ChangeKind, Inspection, RenditionKind, Text
from sources.archive.services import receive_upload, request_capture
from sources.archive.states import CaptureState
from sources.catalog.models import Document
from sources.catalog.services import archive_document
from verify.accounts.models import Role
from verify.web.custody import custody_steps, proofs_of
from verify.web.elsewhere import also_in, elsewhere, looks_like
from verify.web.forms.catalog import CaptureForm, DocumentFilter, DocumentForm, UploadForm
from verify.web.forms.watches import WatchForm
from verify.web.mixins import DeskRequest, DeskView, call, page_of
from verify.web.passages import differences, segments
from verify.web.recaptures import (
    ERROR,
    OUTCOME_LABELS,
    OUTCOME_SHAPES,
    history_of,
    line_of,
    named,
    newest_capture_of,
    newest_checks,
    spoken,
)
from verify.web.screens import screen_of
from verify.web.timeline import TimeLine
from verify.web.views.regions import places_in

CAPTURES_PER_PAGE = 10
CHANGES_SHOWN = 5
TEXTLESS = ("failed", "running", "redacted")  # outcomes that leave nothing to read
INSPECTED = (Family.IMAGE, Family.VIDEO, Family.AUDIO, Family.PDF)


class DocumentList(DeskView):
    section = "documents"

    def get(self, request: DeskRequest) -> HttpResponse:
        documents = (
            Document.objects.filter(desk=self.desk).select_related("outlet").with_captures().with_thumbnail()
        )
        found = DocumentFilter(request.GET or None, queryset=documents, request=request)
        page = page_of(request, found.qs)
        name_states(page)
        return self.render("sources/document_list.html", page=page, filter=found)


class DocumentNew(DeskView):
    """Takes an address, as it was copied from the browser, and has it archived."""

    section = "documents"
    role = Role.CHECKER

    def get(self, request: DeskRequest) -> HttpResponse:
        given = {name: request.GET[name] for name in ("url", "outlet") if name in request.GET}
        initial = {"mode": CaptureMode.PAGE, **given}
        return self.render("sources/document_new.html", form=DocumentForm(desk=self.desk, initial=initial))

    def post(self, request: DeskRequest) -> HttpResponse:
        form = DocumentForm(request.POST, desk=self.desk)
        capture = form.is_valid() and call(
            form, archive_document, desk=self.desk, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not capture:
            return self.render("sources/document_new.html", status=422, form=form)
        return redirect("document", capture.document_id)


class DocumentPage(DeskView):
    """A document with its captures; `?capture=` chooses whose text is shown, `?against=` what it is compared with."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(DOCUMENTS, pk=pk))

    def show(self, document: Document, *, status: int = 200, **forms: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        history = history_of(document)
        capture = self._chosen(document, "capture") or _newest(document)
        text = capture and text_of(capture)
        watch = getattr(document, "watch", None)
        if self.can(Role.CHECKER):
            mode = capture.mode if capture else CaptureMode.PAGE
            forms = {
                "capture_form": CaptureForm(initial={"mode": mode}),
                "upload_form": UploadForm(),
                "watch_form": WatchForm(watch=watch),
            } | forms
        captures = page_of(self.request, with_details(document.captures.all()), per_page=CAPTURES_PER_PAGE)
        # What is typed beside a text must not be lost to a reload; without a text there is nothing to type into.
        prepare(captures, refresh=text is None)
        return self.render(
            "sources/document.html",
            status=status,
            document=document,
            captures=captures,
            shown=capture,
            lost=_lost(captures, capture),
            line=_drawn(line_of(history, rtl=get_language_bidi()), capture),
            comparable=[seen for seen in history if seen.text_sha256],
            before=next((seen.before for seen in history if capture and seen.id == capture.pk), None),
            watch=watch and _described(watch),
            watched=newest_capture_of(history, watched=True),
            changes=named(document.changes.exclude(kind=ChangeKind.NOTHING)[:CHANGES_SHOWN]),
            inspection=_inspection(capture),
            looks_like=looks_like(capture) if capture and capture.media_type.startswith("image/") else [],
            elsewhere=elsewhere(document),
            pictured=_pictured(document) if capture and not capture.renditions.all() else None,
            chosen_assertion=self.request.GET.get("assertion", ""),
            **(places_in(capture) if capture else {}),
            **(self._reading(document, capture, text) if capture and text else {}),
            **forms,
        )

    def _reading(self, document: Document, capture: Capture, text: Text) -> dict[str, Any]:
        """The text with its anchors, the pictures beside it, and how it differs from the capture chosen for that."""
        text.capture = capture
        anchors: list[Any] = list(
            Anchor.objects.filter(text=text)
            .select_related("assertion__claim", "assertion__speaker")
            .order_by("start")
        )
        checks = newest_checks(anchors)
        for anchor in anchors:
            anchor.check_now = checks.get(anchor.pk)
        screen = screen_of(capture, anchors)
        drawn = {mark.quote.pk for mark in screen.marks} if screen else set()
        for anchor in anchors:
            anchor.on_screen = anchor.pk in drawn
        against = self._chosen(document, "against")
        compared = against and text_of(against)
        return {
            "text": text,
            "anchors": anchors,
            "segments": segments(text.content, anchors),
            "screen": screen,
            "assertions": Assertion.objects.filter(
                document=document, claim__desk=document.desk_id
            ).select_related("claim", "speaker"),
            "against": against,
            "differences": differences(compared.content, text.content) if compared else None,
            "also_in": also_in(text),
        }

    def _chosen(self, document: Document, name: str) -> Capture | None:
        """The capture of this document that the address names, if it names one."""
        value = self.request.GET.get(name)
        if not value:
            return None
        try:
            chosen = with_details(document.captures.all()).filter(pk=UUID(value)).first()
        except ValueError:
            chosen = None
        if chosen is None:
            raise Http404
        return chosen


class CaptureNew(DocumentPage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        document = self.load(DOCUMENTS, pk=pk, role=Role.CHECKER)
        form, now = CaptureForm(request.POST), timezone.now()
        capture = form.is_valid() and call(
            form,
            request_capture,
            desk=document.desk,
            url=document.url,
            by=request.user,
            at=now,
            document_id=document.pk,
            **form.cleaned_data,
        )
        if not capture:
            return self.show(document, status=422, capture_form=form)
        if capture.requested_at < now:
            messages.info(request, _("This was asked for less than a minute ago; the capture is below."))
        return redirect("document", pk)


class UploadNew(DocumentPage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        document = self.load(DOCUMENTS, pk=pk, role=Role.CHECKER)
        form = UploadForm(request.POST, request.FILES)
        capture = form.is_valid() and call(
            form,
            receive_upload,
            desk=document.desk,
            content=form.cleaned_data["file"].chunks(),
            filename=form.cleaned_data["file"].name,
            url=document.url,
            by=request.user,
            at=timezone.now(),
            document_id=document.pk,
        )
        if not capture:
            return self.show(document, status=422, upload_form=form)
        messages.success(request, _("Received, packed and logged."))
        return redirect("document", pk)


def with_details(captures: QuerySet[Capture]) -> QuerySet[Capture]:
    """Captures with all that their line on a page says: `text_id` of the newest text, renditions, who asked."""
    newest_text = Text.objects.filter(capture=OuterRef("pk")).order_by("-created_at")
    return (
        captures.select_related("requested_by", "body", "package")
        .prefetch_related("renditions__blob")
        .annotate(text_id=Subquery(newest_text.values("pk")[:1]))
    )


def prepare(captures: Iterable[Any], *, refresh: bool = False) -> None:
    """Give each capture what sources/capture_line.html shows beyond its row, for one look at the newest checkpoint.

    With `refresh` the whole page is loaded anew once a running capture is finished.
    """
    captures = list(captures)
    proofs = proofs_of(captures)
    for capture in captures:
        capture.custody = custody_steps(capture, proofs)
        capture.progress_id = f"progress-{capture.pk}"
        capture.poll_url = reverse("capture", args=[capture.pk]) + ("?then=refresh" if refresh else "")


def name_states(documents: Iterable[Any]) -> None:
    """Give documents `with_captures` the word for the state of their newest capture."""
    for document in documents:
        document.latest_state_label = (
            CaptureState(document.latest_state).label if document.latest_state else ""
        )


def _newest(document: Document) -> Capture | None:
    """The newest archived capture; rather of the document than of an error page, and rather with a text."""
    archived = with_details(document.captures.filter(state=CaptureState.ARCHIVED))
    return archived.order_by(
        Case(When(http_status__gte=ERROR, then=1), default=0),
        Case(When(text_id__isnull=True, then=1), default=0),
        "-requested_at",
        "-id",
    ).first()


def _pictured(document: Document) -> Capture | None:
    """The newest capture that has a screenshot, for one that was captured plain and has none."""
    archived = document.captures.filter(
        state=CaptureState.ARCHIVED, renditions__kind=RenditionKind.SCREENSHOT
    )
    return archived.order_by("-requested_at", "-id").first()


def _lost(captures: Page, shown: Capture | None) -> Capture | None:
    """The newest archived capture if it shows an error where there was a document before."""
    archived = (capture for capture in captures if capture.state == CaptureState.ARCHIVED)
    newest = next(archived, None) if captures.number == 1 else None
    lost = newest and newest != shown and (newest.http_status or 0) >= ERROR
    return newest if lost else None


def text_of(capture: Any) -> Text | None:
    return Text.objects.filter(pk=capture.text_id).first() if capture.text_id else None


def _drawn(line: TimeLine | None, capture: Capture | None) -> dict[str, Any] | None:
    """The line of time with the words and shapes of its lanes, and where the capture shown stands on it."""
    if line is None:
        return None
    rtl = get_language_bidi()
    near, far = (
        ("end", "start") if rtl else ("start", "end")
    )  # in SVG these follow the direction of the script
    return {
        "line": line,
        "lanes": [
            {
                "lane": lane,
                "label": OUTCOME_LABELS[lane.outcome],
                "shape": OUTCOME_SHAPES.get(lane.outcome, lane.outcome),
                # To the text that was captured, or where there is none to the capture itself.
                "marks": [
                    (
                        mark,
                        reverse("capture", args=[mark.last.id]) if textless else f"?capture={mark.last.id}",
                    )
                    for mark in lane.marks
                ],
            }
            for lane in line.lanes
            for textless in (lane.outcome in TEXTLESS,)
        ],
        "ticks": [
            {"tick": tick, "anchor": near if tick.x < 15 else far if tick.x > 85 else "middle"}
            for tick in line.ticks
        ],
        "shown": line.x(capture.requested_at, rtl=rtl) if capture else None,
    }


def _described(watch: Any) -> Any:
    """The watch with its lengths of time in words, and whether it is over."""
    watch.now_every = spoken(watch.interval)
    watch.at_first, watch.at_last = spoken(watch.shortest), spoken(watch.longest)
    watch.is_over = bool(watch.ends_at and watch.ends_at <= timezone.now())
    return watch


def _inspection(capture: Capture | None) -> Inspection | None:
    """What the file says of itself, where it is one of which that is read."""
    if capture is None or family_of(capture.media_type) not in INSPECTED:
        return None
    return capture.inspections.order_by("-created_at").first()


DOCUMENTS = Document.objects.select_related("desk", "outlet", "created_by", "watch__set_by")
