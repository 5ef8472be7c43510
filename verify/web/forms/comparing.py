"""Two people at one form: what each changed, put together where that can be, and put to the person where it cannot.

The form carries what it was served with in a hidden field (`merge`), so that it works for whatever a form is about,
and without a script. When somebody else was quicker, the page that comes back has the new state as its base: nothing
is saved before the person has seen both sides, and a third who saves meanwhile makes the same page once more.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from verify.web.merging_edits import Kind, Outcome, Value, merge
from verify.web.passages import Piece, wording

FIELD = "merge"  # the hidden field
CHOICE = "merge-%s"  # of a contested field: theirs, mine or own
REVISION = "revision"
KEPT_APART = ("why", REVISION)  # said by each for themselves
LONGEST = 500_000  # characters of the hidden field; more is none of ours


@dataclass(frozen=True)
class Side:
    """One side's wording of a field, its words marked that differ from what both began with."""

    words: str
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """One field that is not as it was: the three wordings, and what became of it."""

    name: str
    label: str
    outcome: Outcome
    was: Side
    theirs: Side
    mine: Side
    now: str  # what stands in the form

    @property
    def choice(self) -> str:
        return CHOICE % self.name


@dataclass
class Merge:
    """What a form was served with, and what somebody must decide before it is saved."""

    base: dict[str, Value] | None = None
    contested: dict[str, tuple[Value | None, Value]] = field(
        default_factory=dict
    )  # what it was, what I typed
    undecided: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, form: forms.Form) -> Merge:
        """For a form that is served for the first time."""
        return cls(base=served(form))

    @property
    def state(self) -> str:
        """For the hidden field."""
        return json.dumps({"base": self.base, "contested": self.contested}, ensure_ascii=False)

    def by(self, *outcomes: str) -> list[Line]:
        return [line for line in self.lines if line.outcome in outcomes]

    @property
    def taken(self) -> list[Line]:
        return self.by(Outcome.THEIRS)

    @property
    def kept(self) -> list[Line]:
        return self.by(Outcome.MINE)

    @property
    def merged(self) -> list[Line]:
        return self.by(Outcome.MERGED)

    @property
    def to_decide(self) -> list[Line]:
        return self.by(Outcome.CONTESTED)


def sent(data: QueryDict, form: type[forms.Form]) -> tuple[Merge, QueryDict]:
    """What came with a form, and its values with the choices of the page of a conflict carried out."""
    found, settled = _read(data.get(FIELD, "")), data.copy()
    found.contested = {name: sides for name, sides in found.contested.items() if name in form.base_fields}
    for name, (_was, mine) in found.contested.items():
        choice = data.get(CHOICE % name)
        if choice == "theirs":
            settled.setlist(name, list((found.base or {}).get(name, ())))
        elif choice == "mine":
            settled.setlist(name, list(mine))
        elif choice != "own":
            found.undecided.append(name)
    return found, settled


def put_together(came: Merge, form: forms.Form, stands: forms.Form, *, revision: int) -> Merge:
    """When somebody was quicker: both sides in `form`, which is served again, and the fields that are not as they were.

    `stands` is a fresh form of what stands now, at `revision` of the claim: saving is then about that one.
    """
    now = served(stands)
    after, data = Merge(base=now), _data(form).copy()
    for name, bound in _compared(form, stands):
        kind = _kind(bound.field.widget)
        was = came.base.get(name, ()) if came.base is not None else None
        mine = _typed(form, name)
        if (
            name in came.undecided
        ):  # what nobody has decided yet is still compared with what was there at first
            was, _mine = came.contested[name]
        together = merge(was, mine, now[name], kind)
        if together.outcome is Outcome.CONTESTED:
            after.contested[name] = (was, mine)
        if together.outcome is not Outcome.SAME:
            after.lines.append(_line(bound, name, together.outcome, was, now[name], mine, together.value))
        data.setlist(name, list(together.value))
    data[REVISION] = str(revision)
    form.data = data
    return after


def undecided_again(came: Merge, form: forms.Form, stands: forms.Form) -> Merge:
    """Nothing has changed since, but a choice is missing: the same fields are put to the person once more."""
    after = Merge(base=came.base)
    base = came.base or {}
    for name, bound in _compared(form, stands):
        if name not in came.undecided:
            continue
        was, mine = after.contested[name] = came.contested[name]
        after.lines.append(
            _line(bound, name, Outcome.CONTESTED, was, base.get(name, ()), mine, _typed(form, name))
        )
        form.add_error(name, _("Choose what stands now, what you typed, or your own wording."))
    return after


def served(form: forms.Form) -> dict[str, Value]:
    """What an unbound form would send as it is, by field."""
    return {name: _as_served(form[name]) for name in form.fields if name not in KEPT_APART}


def _as_served(bound: forms.BoundField) -> Value:
    widget, value = bound.field.widget, bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return ("on",) if widget.check_test(value) else ()
    shown = widget.format_value(value)
    return _plain(shown if isinstance(shown, list | tuple) else [shown], widget)


def _typed(form: forms.Form, name: str) -> Value:
    widget = form.fields[name].widget
    if isinstance(widget, forms.CheckboxInput):
        return ("on",) if widget.value_from_datadict(form.data, form.files, name) else ()
    return _plain(_data(form).getlist(name), widget)


def _plain(values: Iterable[Any], widget: forms.Widget) -> Value:
    """Without what browsers and forms add or take away: spaces around, line ends, empty choices, an order."""
    plain = [str(value).replace("\r\n", "\n").strip() for value in values if value is not None]
    plain = [value for value in plain if value]
    return tuple(sorted(plain) if _kind(widget) is Kind.SET else plain)


def _kind(widget: forms.Widget) -> Kind:
    if isinstance(widget, forms.Textarea):
        return Kind.WORDS
    if getattr(widget, "allow_multiple_selected", False):
        return Kind.SET
    return Kind.WHOLE


def _compared(form: forms.Form, stands: forms.Form) -> list[tuple[str, forms.BoundField]]:
    names = [name for name in form.fields if name in stands.fields and name not in KEPT_APART]
    return [(name, form[name]) for name in names]


def _line(
    bound: forms.BoundField,
    name: str,
    outcome: Outcome,
    was: Value | None,
    theirs: Value,
    mine: Value,
    now: Value,
) -> Line:
    before = _words(bound, was or ())
    theirs_side, mine_side = (
        _side(before, _words(bound, value), was is not None) for value in (theirs, mine)
    )
    now_words = _words(bound, now)
    return Line(name, str(bound.label), outcome, Side(before), theirs_side, mine_side, now_words)


def _side(before: str, words: str, known: bool) -> Side:
    """Compared with what was there before, where that is known."""
    return Side(words, wording(before, words)[1] if known else [Piece(words)])


def _data(form: forms.Form) -> QueryDict:
    return cast(QueryDict, form.data)


def _words(bound: forms.BoundField, values: Collection[str]) -> str:
    labels = dict(_options(getattr(bound.field.widget, "choices", ())))
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return _("yes") if values else _("no")
    return ", ".join(_word(bound.field, value, labels) for value in values)


def _word(of: forms.Field, value: str, labels: dict[str, str]) -> str:
    if labels:
        return labels.get(value, value)
    try:  # what was typed is text still
        date = of.to_python(value) if isinstance(of, forms.DateField) else None
    except forms.ValidationError:
        date = None
    return date_format(date, "j F Y") if date else value


def _options(choices: Iterable[Any]) -> Iterable[tuple[str, str]]:
    """Every choice, those in groups too."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _options(label)
        else:
            yield str(getattr(value, "value", value)), str(label)


def _read(text: str) -> Merge:
    """What the hidden field says; one that nobody of ours has written says nothing."""
    try:
        given = json.loads(text) if len(text) <= LONGEST else {}
        base = given.get("base")
        contested = {
            str(name): (None if was is None else _strings(was), _strings(mine))
            for name, (was, mine) in (given.get("contested") or {}).items()
        }
        known = None if base is None else {str(name): _strings(value) for name, value in base.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Merge()
    return Merge(base=known, contested=contested)


def _strings(values: Any) -> Value:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("A field's value is a list of strings.")
    return tuple(values)
