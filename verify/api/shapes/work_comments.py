"""The shapes of what the desk's people say to each other about a claim."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from verify.api.shapes.base import Paging, Strict, absolute
from verify.api.shapes.work import DeskOwnLinks, DeskPerson, Words, person_facts
from verify.review.comments import KINDS, LONGEST
from verify.review.models import Comment


class CommentFilters(Paging):
    thread = serializers.UUIDField(required=False, help_text="one thread, by its first comment")
    resolved = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="threads that are settled, or that are not"
    )


class CommentRequest(Strict):
    """A new thread about the claim or one thing of it, or, with `parent`, an answer in one."""

    text = Words(max_length=LONGEST, help_text="who is named by @ and the user name is told")
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment] # a field
    assertion = serializers.UUIDField(required=False, allow_null=True)
    anchor = serializers.UUIDField(required=False, allow_null=True)
    figure = serializers.UUIDField(required=False, allow_null=True)


class CommentChange(Strict):
    text = Words(max_length=LONGEST)


class DeskComment(serializers.Serializer[Any]):
    """One comment. A thread is a comment without `parent` and its answers; it is the thread that is resolved."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment] # a field
    assertion = serializers.UUIDField(allow_null=True)
    anchor = serializers.UUIDField(allow_null=True)
    figure = serializers.UUIDField(allow_null=True)
    text = serializers.CharField(allow_blank=True, help_text="empty once its author took it back")
    author = DeskPerson()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    removed_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = DeskPerson(allow_null=True)
    links = DeskOwnLinks()


def comment_facts(comment: Comment) -> dict[str, Any]:
    """What DeskComment shows."""
    names = "id created_at edited_at removed_at resolved_at".split()
    return {name: getattr(comment, name) for name in names} | {
        **{name: getattr(comment, f"{name}_id") for name in ("claim", "parent", *KINDS)},
        "text": "" if comment.removed_at else comment.text,
        "author": person_facts(comment.author),
        "resolved_by": person_facts(comment.resolved_by),
        "links": {
            "self": absolute("api-desk-comment", comment.pk),
            "claim": absolute("claim", comment.claim_id),
        },
    }
