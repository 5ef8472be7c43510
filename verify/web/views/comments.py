"""Comments: a thread's own page, beginning one, answering, rewording, taking back, settling.

With a script the same addresses are asked for, and only the form or the thread is taken out of the page that comes.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution.models import Anchor, Assertion
from claims.statements.models import Claim, Figure
from verify.accounts.models import Role
from verify.review import comments
from verify.review.models import Comment
from verify.web.forms.comments import CommentForm
from verify.web.mixins import DeskView, call
from verify.web.passages import wording

_COMMENTS = Comment.objects.select_related("claim__desk", "claim__case", "author", "parent")
_CLAIMS = Claim.objects.select_related("desk", "case")


class CommentNew(DeskView):
    """Begin a thread about a claim, or (`?assertion=`, `?anchor=`, `?figure=`) about one thing of it."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(_CLAIMS, pk=pk, role=Role.CHECKER)
        return self._show(claim, CommentForm(), _about(claim, request.GET))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(_CLAIMS, pk=pk, role=Role.CHECKER)
        form, about = CommentForm(request.POST), _about(claim, request.GET)
        made = form.is_valid() and call(
            form,
            comments.comment,
            claim=claim,
            by=request.user,
            at=timezone.now(),
            **about,
            **form.cleaned_data,
        )
        if not made:
            return self._show(claim, form, about, status=422)
        return redirect("comment", made.pk)

    def _show(
        self, claim: Claim, form: CommentForm, about: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        return self.render(
            "claims/comment_new.html",
            status=status,
            claim=claim,
            form=form,
            about=Comment(claim=claim, **about),
            **_beside(claim),
        )


class CommentPage(DeskView):
    """A thread: whatever of its comments the address names."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show(self.find(pk))

    def find(self, pk: UUID, role: Role = Role.VIEWER) -> Comment:
        found: Comment = self.load(_COMMENTS, via="claim", pk=pk, role=role)
        return found

    def show(self, named: Comment, *, status: int = 200, **context: Any) -> HttpResponse:
        thread: Any = comments.thread_of(named)
        for each in (thread, *thread.answers):
            each.history = _history(each)
        return self.render(
            "claims/comment.html", status=status, claim=named.claim, named=named, thread=thread, **context
        )

    def back(self, named: Comment) -> HttpResponse:
        return redirect("comment", named.parent_id or named.pk)


class CommentReply(CommentPage):
    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._ask(self.find(pk, Role.CHECKER), CommentForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        named, form = self.find(pk, Role.CHECKER), CommentForm(request.POST)
        said = {"claim": named.claim, "parent": named, "by": request.user, "at": timezone.now()}
        if not (form.is_valid() and call(form, comments.comment, **said, **form.cleaned_data)):
            return self._ask(named, form, status=422)
        return self.back(named)

    def _ask(self, named: Comment, form: CommentForm, status: int = 200) -> HttpResponse:
        return self.show(named, status=status, form=form, doing="reply", **_beside(named.claim))


class CommentEdit(CommentPage):
    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        named = self._mine(pk)
        return self._ask(named, CommentForm(initial={"text": named.text}))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        named, form = self._mine(pk), CommentForm(request.POST)
        said = {"comment": named, "by": request.user, "at": timezone.now()}
        if not (form.is_valid() and call(form, comments.edit_comment, **said, **form.cleaned_data)):
            return self._ask(named, form, status=422)
        return self.back(named)

    def _mine(self, pk: UUID) -> Comment:
        named = self.find(pk, Role.CHECKER)
        if not comments.can_edit_comment(self.request.user, named):
            raise PermissionDenied(_("Only its author rewords a comment or takes it back."))
        return named

    def _ask(self, named: Comment, form: CommentForm, status: int = 200) -> HttpResponse:
        return self.show(named, status=status, form=form, doing="edit", **_beside(named.claim))


class CommentRemove(CommentPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        named = self.find(pk, Role.CHECKER)
        with suppress(ValidationError):  # taken back already, in another window: that is what was wanted
            comments.remove_comment(comment=named, by=self.request.user, at=timezone.now())
        return self.back(named)


class CommentResolve(CommentPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        named = self.find(pk, Role.CHECKER)
        comments.resolve_thread(thread=named, by=self.request.user, at=timezone.now())
        return self.back(named)


class CommentReopen(CommentPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        named = self.find(pk, Role.CHECKER)
        comments.reopen_thread(thread=named, by=self.request.user, at=timezone.now())
        return self.back(named)


def discussed(claim: Claim, read: Any, asked: Any) -> comments.Discussion:
    """The claim's threads as the address asks for them, with their number at each thing that `read` shows of it."""
    show = asked.get("comments", "all" if asked.get("about") else "open")
    talk = comments.discussion(claim, show=show, topic=asked.get("about", ""), number=asked.get("threads"))
    statements = [said for group in read.origins for said in group["statements"]]
    quotes = [quote for said in statements for quote in said["quotes"]]
    for shown in (*statements, *quotes, *read.figures):
        shown["talk"] = talk.about.get(shown["id"], 0)
    return talk


def _about(claim: Claim, asked: Any) -> dict[str, Any]:
    """The one thing of the claim that the address names, or none; 404 for what is not of this claim."""
    of: dict[str, Any] = {
        "assertion": Assertion.objects.filter(claim=claim).select_related("speaker"),
        "anchor": Anchor.objects.filter(assertion__claim=claim).select_related("assertion"),
        "figure": Figure.objects.filter(claim=claim),
    }
    for name, things in of.items():
        if name in asked:
            try:
                return {name: things.get(pk=asked[name])}
            except (things.model.DoesNotExist, ValidationError, ValueError) as unknown:
                raise Http404 from unknown
    return {}


def _beside(claim: Claim) -> dict[str, Any]:
    """What stands beside every form: whom one can mention, and whether an opinion does not belong here yet."""
    return {
        "people": comments.people_to_mention(claim.desk),
        "blind": comments.opinions_are_blind(claim),
        "longest": comments.LONGEST,
    }


def _history(each: Comment) -> list[dict[str, Any]]:
    """What was reworded, newest first: when, and both wordings with the words that differ."""
    events = comments.wordings(each)
    told = []
    for old, new in pairwise(events):
        before, after = wording(old.text, new.text)
        told.append({"at": new.edited_at, "before": before, "after": after})
    return told[::-1]
