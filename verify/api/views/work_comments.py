"""Comments: threads about a claim, answers, settling them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from claims.attribution.models import Anchor, Assertion
from claims.statements.models import Claim, Figure
from verify.accounts.models import Role
from verify.api.examples import work_comments as examples
from verify.api.models import Scope
from verify.api.shapes import work_comments as shapes
from verify.api.shapes.work_reviews import NothingSaid
from verify.api.views.work import LISTS, WRITES, WorkEndpoint, WorkList, operation, resolve
from verify.review import comments
from verify.review.models import Comment

_ROWS = Comment.objects.select_related("claim__desk", "author", "resolved_by")


def _among(claim: Claim) -> dict[str, QuerySet[Any]]:
    return {
        "parent": Comment.objects.filter(claim=claim),
        "assertion": Assertion.objects.filter(claim=claim),
        "anchor": Anchor.objects.filter(assertion__claim=claim).select_related("assertion"),
        "figure": Figure.objects.filter(claim=claim),
    }


class Comments(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.REVIEW}
    serializer_class = shapes.DeskComment
    filters = shapes.CommentFilters
    ordering = ("created_at", "id")
    facts = staticmethod(shapes.comment_facts)

    def get_queryset(self) -> QuerySet[Comment]:
        given = self.given()
        found: QuerySet[Comment] = _ROWS.filter(claim=self.claim(self.kwargs["pk"]))
        if thread := given.get("thread"):
            found = found.filter(Q(pk=thread) | Q(parent=thread))
        if (resolved := given.get("resolved")) is not None:
            settled = Q(resolved_at__isnull=False) | Q(parent__resolved_at__isnull=False)
            found = found.filter(settled if resolved else ~settled)
        return found

    @operation(
        "desk_comments_list",
        "What was said about a claim, oldest first",
        gives=shapes.DeskComment,
        answers=examples.COMMENT,
        many=True,
        parameters=[shapes.CommentFilters],
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_comments_create",
        "Begin a thread, or answer in one",
        description="An answer opens a settled thread again. Comments are no part of what is judged or published.",
        takes=shapes.CommentRequest,
        asks=examples.SAY,
        gives=shapes.DeskComment,
        answers=examples.COMMENT,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        claim, given = self.claim(pk, Role.CHECKER), self.given_body(shapes.CommentRequest)

        def act() -> Response:
            resolve(given, _among(claim))
            made = comments.comment(claim=claim, by=self.by, at=timezone.now(), **given)
            return self.made(shapes.DeskComment, shapes.comment_facts(_ROWS.get(pk=made.pk)))

        return self.once(act)


class CommentEndpoint(WorkEndpoint):
    scopes = {"POST": Scope.REVIEW}

    def does(self, pk: UUID, service: Any, name: str, **given: Any) -> HttpResponseBase:
        """Run one service on the comment (its `name` there), and answer how it stands then."""
        found = self.part(_ROWS, pk, role=Role.CHECKER)

        def act() -> Response:
            with self.as_things_stand():
                service(**{name: found}, by=self.by, at=timezone.now(), **given)
            return self.now(shapes.DeskComment, shapes.comment_facts(_ROWS.get(pk=pk)))

        return self.once(act)


class OneComment(CommentEndpoint):
    scopes = {"GET": Scope.READ, "PATCH": Scope.REVIEW}

    @operation("desk_comment", "A comment", gives=shapes.DeskComment, answers=examples.COMMENT)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.DeskComment, shapes.comment_facts(self.part(_ROWS, pk)))

    @operation(
        "desk_comment_update",
        "Reword one's own comment",
        takes=shapes.CommentChange,
        asks=examples.REWORD,
        gives=shapes.DeskComment,
        answers=examples.COMMENT,
        refuses=WRITES,
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.does(pk, comments.edit_comment, "comment", **self.given_body(shapes.CommentChange))


class CommentRemove(CommentEndpoint):
    @operation(
        "desk_comment_remove",
        "Take back one's own comment",
        description="Its place in the thread stays; its words are in its history alone.",
        takes=NothingSaid,
        asks={},
        gives=shapes.DeskComment,
        answers=examples.REMOVED,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.does(pk, comments.remove_comment, "comment", **self.given_body(NothingSaid))


class CommentResolve(CommentEndpoint):
    @operation(
        "desk_comment_resolve",
        "Say that a thread is settled",
        takes=NothingSaid,
        asks={},
        gives=shapes.DeskComment,
        answers=examples.RESOLVED,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.does(pk, comments.resolve_thread, "thread", **self.given_body(NothingSaid))


class CommentReopen(CommentEndpoint):
    @operation(
        "desk_comment_reopen",
        "Say that a thread is not settled after all",
        takes=NothingSaid,
        asks={},
        gives=shapes.DeskComment,
        answers=examples.COMMENT,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.does(pk, comments.reopen_thread, "thread", **self.given_body(NothingSaid))
