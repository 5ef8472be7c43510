"""Forms of the claims board: its filters, what is done with many claims at once, a view under a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Topic
from claims.statements.services import BY_HAND
from claims.statements.states import Workflow
from verify.accounts.models import Desk, Role, User
from verify.publish.states import PublicationState
from verify.web.forms.catalog import AUTO, wide
from verify.web.forms.claims import LONGEST_LIST, day, field, line
from verify.web.forms.review import TaskForm as AssignForm
from verify.web.models import SavedView

ME, POOL, NOBODY, NONE = "me", "pool", "nobody", "none"
SORTS = {
    "changed": _("changed last"),
    "created": _("newest first"),
    "due": _("due first"),
    "priority": _("most urgent first"),
}
VIEWS = {"board": _("Board"), "list": _("List")}

__all__ = ["AssignForm", "BoardFilter", "MoveManyForm", "TagForm", "UntagForm", "ViewForm"]


class BoardFilter(forms.Form):
    """What the address asks for; each field may be empty. Nothing of another desk is offered or found."""

    q = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs=AUTO),
        error_messages={"max_length": _("Search for fewer words.")},
    )
    state = forms.ChoiceField(label=_("Workflow"), required=False)
    assignee = forms.ChoiceField(label=_("Review waits for"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    case = forms.ChoiceField(label=_("Case"), required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)
    publication = forms.ChoiceField(label=_("Publication"), required=False)
    author = forms.ChoiceField(label=_("Author"), required=False)
    since = forms.DateField(label=_("Changed since"), required=False, widget=day())
    overdue = forms.BooleanField(label=_("Overdue"), required=False)
    alert = forms.BooleanField(label=_("Has an open alert"), required=False)

    MAIN = ("q", "state", "assignee", "topic")  # the others are folded away until one is used

    def __init__(self, data: Any, *, desk: Desk, in_case: bool = False) -> None:
        super().__init__(data)
        people: list[tuple[str, str]] = [
            (str(member.user_id), str(member.user)) for member in desk.memberships.select_related("user")
        ]
        people.sort(key=lambda person: person[1].casefold())
        topics = [(str(topic.pk), topic.name) for topic in desk.topics.all()]
        ratings = [(rating.code, str(rating)) for rating in desk.ratings.all()]
        self._offer("state", Workflow.choices)
        self._offer(
            "assignee", [(ME, _("me")), (POOL, _("the pool")), (NOBODY, _("nobody")), *people], _("anybody")
        )
        self._offer("topic", [(NONE, _("without a topic")), *topics])
        self._offer("verdict", [(NONE, _("without a verdict")), *ratings])
        self._offer("publication", PublicationState.choices)
        self._offer("author", [(ME, _("me")), *people], _("anybody"))
        if in_case:
            del self.fields["case"]
        else:
            self._offer("case", [(NONE, _("without a case")), *self._cases(desk)])

    def _offer(self, name: str, choices: Iterable[Any], empty: Any = None) -> None:
        field(self, name).choices = [("", empty or _("all")), *choices]

    def _cases(self, desk: Desk) -> list[tuple[str, str]]:
        """The newest; the one that is asked for is found among all."""
        newest = list(desk.cases.order_by("-created_at", "-id").values_list("pk", "title")[:LONGEST_LIST])
        offered = [(str(pk), title) for pk, title in newest]
        asked = self.data.get("case", "")
        if len(newest) == LONGEST_LIST and asked not in dict(offered):
            older = desk.cases.order_by("-created_at", "-id").values_list("pk", "title")[LONGEST_LIST:]
            offered += [(str(pk), title) for pk, title in older if str(pk) == asked]
        return offered

    @property
    def given(self) -> dict[str, Any]:
        """The filters that are set and make sense, by name."""
        self.is_valid()
        cleaned = self.cleaned_data
        return {name: cleaned[name] for name in self.fields if cleaned.get(name) not in ("", None, False)}

    @property
    def main(self) -> list[Any]:
        return [self[name] for name in self.MAIN if name in self.fields]

    @property
    def more(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in self.MAIN]

    @property
    def more_is_used(self) -> bool:
        return any(name not in self.MAIN for name in self.given)

    def word(self, name: str) -> str:
        """What a filter that is set says to a reader."""
        value = self.given[name]
        choices = getattr(self.fields[name], "choices", None)
        if choices is None:
            return "" if value is True else str(value)
        return str(dict(choices)[value])


class MoveManyForm(forms.Form):
    to = forms.ChoiceField(label=_("Move to"), choices=[(state.value, state.label) for state in BY_HAND])
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Owed for every way back and out. It stays on record."),
        widget=wide(rows=2),
    )
    seen = forms.ChoiceField(
        required=False, choices=[("", ""), *Workflow.choices], widget=forms.HiddenInput
    )  # the state in which it was seen, when one card is moved


class UntagForm(forms.Form):
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"), queryset=Topic.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        super().__init__(data)
        field(self, "topics").queryset = desk.topics.all()


class TagForm(UntagForm):
    new = forms.CharField(
        label=_("A new topic"), required=False, max_length=100, widget=line(autocomplete="off")
    )

    def __init__(self, data: Any = None, *, desk: Desk) -> None:
        super().__init__(data, desk=desk)
        self.fields["topics"].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("topics") and not given.get("new"):
            raise forms.ValidationError(_("Choose a topic, or name a new one."))
        return given


class ViewForm(forms.Form):
    """Filters under a name; only who may share is asked whether to share."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=line(autocomplete="off"))
    is_shared = forms.BooleanField(label=_("for the whole desk"), required=False)

    def __init__(self, data: Any = None, *, can_share: bool, view: SavedView | None = None) -> None:
        initial = {"name": view.name, "is_shared": view.is_shared} if view else None
        super().__init__(data, initial=initial, auto_id="id_view_%s")
        if not can_share:
            del self.fields["is_shared"]


def reviewers_of(desk: Desk, roles: Iterable[Role]) -> list[User]:
    """The people of a desk in one of `roles`, by name."""
    members = desk.memberships.filter(role__in=list(roles), user__is_active=True).select_related("user")
    return sorted((member.user for member in members), key=lambda user: str(user).casefold())
