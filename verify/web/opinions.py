"""Opinions beside each other: what each reviewer said to each question, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from verify.review.models import ChecklistAnswer, Review


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that was asked, and what each answered, in the order of the reviews; empty where it was not asked."""

    label: str
    answers: list[str]
    people: list[Any]

    @property
    def differ(self) -> bool:
        """Whether those who answered did not answer the same."""
        return len({answer for answer in self.answers if answer}) > 1

    @property
    def cells(self) -> list[tuple[Any, str]]:
        return list(zip(self.people, self.answers, strict=True))


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Readable reviews of one content: a question a line, a reviewer a column."""

    reviews: list[Review]
    questions: list[Question]

    @property
    def differ(self) -> bool:
        return any(question.differ for question in self.questions)


def side_by_side(reviews: Iterable[Review]) -> SideBySide | None:
    """Lay out reviews that the reader may read, each with reviewer and rating: one query, for the checklists."""
    ordered = sorted(reviews, key=lambda review: (review.submitted_at, str(review.pk)))
    if not ordered:
        return None
    answers = ChecklistAnswer.objects.select_related("item")
    prefetch_related_objects(ordered, Prefetch("answers", queryset=answers))
    people = [review.reviewer for review in ordered]
    given = [
        {answer.item: str(answer.get_answer_display()) for answer in review.answers.all()}
        for review in ordered
    ]
    items = sorted({item for said in given for item in said}, key=lambda item: (item.position, str(item.pk)))
    opinion = [str(review.get_opinion_display()) for review in ordered]
    rating = [str(review.rating) if review.rating else "" for review in ordered]
    questions = [Question(_("Opinion"), opinion, people)]
    if any(rating):
        questions.append(Question(_("Own verdict"), rating, people))
    questions += [Question(str(item), [said.get(item, "") for said in given], people) for item in items]
    return SideBySide(ordered, questions)
