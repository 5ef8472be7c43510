"""Forms of figures and places: the shape of what is typed; the services judge it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Assertion
from claims.statements import places
from claims.statements.counting import whose
from claims.statements.figures import CATEGORIES, VAGUE_QUALIFIERS, Measurement, parse
from claims.statements.models import Claim, Figure, Place, PlaceKind, Qualifier, Unit
from claims.statements.reasons import Reason
from verify.publish.presenting import CATEGORY_WORDS
from verify.web.forms.catalog import wide
from verify.web.forms.claims import LONGEST_LIST, assertion_words, day, grouped, line

NUMBERS = ("lower", "point", "upper")
WORDS_ONLY = "words"  # the choice of no place on record
# What is taken over from the row into the form as it stands.
_AS_RECORDED = (
    "as_written", "qualifier", *NUMBERS, "unit", "category", "perpetrator",
    "window_from", "window_to", "as_of", "supersedes", "part_of", "parts_are_all",
)  # fmt: skip


class FigureForm(forms.Form):
    """A new figure of `claim`, or with `figure` a correction of that one."""

    as_written = forms.CharField(
        label=_("As written"),
        required=False,
        max_length=200,
        help_text=_("“around 745”, “more than 1,000”, “نحو ٧٤٥”, “dozens”: the numbers are read from it."),
        widget=line(autofocus=""),
    )
    qualifier = forms.ChoiceField(
        label=_("Qualifier"), required=False, choices=[("", _("as written")), *Qualifier.choices]
    )
    lower = forms.IntegerField(label=_("At least"), required=False, min_value=0)
    point = forms.IntegerField(label=_("Figure"), required=False, min_value=0)
    upper = forms.IntegerField(label=_("At most"), required=False, min_value=0)
    unit = forms.ChoiceField(label=_("Of what"), choices=Unit)
    category = forms.ChoiceField(label=_("Who is counted"), required=False)
    perpetrator = forms.CharField(
        label=_("By whom"),
        required=False,
        max_length=200,
        help_text=_("Only where the count is divided by it."),
        widget=line(),
    )
    place = forms.CharField(
        label=_("Where"),
        required=False,
        max_length=200,
        help_text=_("In any script or spelling. What is not on record is kept as written."),
        widget=line(list="places", autocomplete="off"),
    )
    window_from = forms.DateField(label=_("Covers the days from"), required=False, widget=day())
    window_to = forms.DateField(label=_("to"), required=False, widget=day())
    as_of = forms.DateField(
        label=_("As of"), required=False, help_text=_("The day by which it was counted."), widget=day()
    )
    assertion = forms.ModelChoiceField(label=_("Given by"), queryset=Assertion.objects.none(), required=False)
    supersedes = forms.ModelChoiceField(
        label=_("Supersedes"),
        queryset=Figure.objects.none(),
        required=False,
        help_text=_("An earlier figure of the same source for the same scope."),
    )
    part_of = forms.ModelChoiceField(
        label=_("Part of"),
        queryset=Figure.objects.none(),
        required=False,
        help_text=_("Where its source says so: “of them 125”."),
    )
    parts_are_all = forms.BooleanField(
        label=_("It is a total, and its parts on record are all of it, as its source says."), required=False
    )
    why = forms.CharField(
        label=_("Why it is corrected"),
        help_text=_("It stays on record. A later figure of the same source is no correction: it supersedes."),
        widget=wide(rows=2),
    )
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput(attrs={"data-keep": ""}))

    def __init__(
        self,
        data: Any = None,
        *,
        claim: Claim,
        figure: Figure | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.claim, self.figure = claim, figure
        self.known = list(places.of_desk(claim.desk_id))
        super().__init__(
            data, initial=initial if figure is None else {**self._recorded(figure), **(initial or {})}
        )
        self.place_kept = ""  # what was typed and is no place on record
        self._offer_categories()
        self._offer_assertions()
        self._offer_figures()
        if figure is None:
            del self.fields["why"], self.fields["revision"]
        else:
            del self.fields["assertion"]
            if figure.place and figure.place_as_written:
                self._ask_place([figure.place, *places.find(figure.place_as_written, self.known).places])

    def _recorded(self, figure: Figure) -> dict[str, Any]:
        recorded = {name: getattr(figure, name) for name in _AS_RECORDED}
        typed = figure.place_as_written or (places.label(self._same(figure.place)) if figure.place else "")
        chosen = str(figure.place_id) if figure.place_id else ""
        return {**recorded, "place": typed, "place_choice": chosen, "revision": self.claim.revision}

    @property
    def place_labels(self) -> list[str]:
        """What is offered while typing."""
        return sorted(map(places.label, self.known))

    def _offer_categories(self) -> None:
        codes = list(CATEGORIES)
        if self.figure is not None and self.figure.category not in ("", *codes):
            codes.append(self.figure.category)  # a desk's own word stays as it is
        words = [(code, CATEGORY_WORDS.get(code, code)) for code in codes]
        _field(self, "category").choices = [("", _("not stated")), *words]

    def _offer_assertions(self) -> None:
        said = self.claim.assertions.standing().select_related("speaker", "outlet", "on_behalf_of")
        self.said = list(said[:LONGEST_LIST]) if self.figure is None else []
        field = _field(self, "assertion")
        field.queryset = said
        field.widget.choices = [
            ("", _("nobody in particular")),
            *((one.pk, assertion_words(one)) for one in self.said),
        ]

    def _offer_figures(self) -> None:
        """Figures of the case; first those of whoever gives this one, newest first."""
        case = self.claim.case_id
        near = Q(claim__desk=self.claim.desk_id, claim__case=case) if case else Q(claim=self.claim)
        figures = Figure.objects.standing().filter(near)
        if (
            self.figure is not None
        ):  # what was recorded may be withdrawn since, and is kept until somebody changes it
            kept = [pk for pk in (self.figure.supersedes_id, self.figure.part_of_id) if pk]
            figures = (figures | Figure.objects.filter(pk__in=kept)).exclude(pk=self.figure.pk)
        figures = figures.select_related("claim").prefetch_related(
            "assertions__speaker", "assertions__on_behalf_of"
        )
        offered = list(figures.order_by("claim", "-as_of", "id")[:LONGEST_LIST])
        mine = self._whose()
        own = [one for one in offered if mine and mine & set(whose(one))]
        others = [one for one in offered if one not in own]
        choices = grouped(others, lambda one: one.claim, figure_words)
        if own:
            words = [(one.pk, figure_words(one)) for one in own]
            choices.insert(1, (gettext("The same source"), words))
        for name in ("supersedes", "part_of"):
            field = _field(self, name)
            field.queryset = figures
            field.widget.choices = choices

    def _whose(self) -> set[Any]:
        """Whose count it is: of the figure's assertions, or of the one that was chosen."""
        if self.figure is not None:
            return set(whose(self.figure))
        chosen = str(self["assertion"].value() or "")
        return {one.on_behalf_of_id or one.speaker_id for one in self.said if str(one.pk) == chosen}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self._only_the_words_changed(data):
            data.update(dict.fromkeys(NUMBERS), qualifier="")
        typed = any(data.get(name) is not None for name in NUMBERS)
        if not typed and data.get("as_written") and not self.errors:
            self._read(data)
        if not data.get("qualifier"):
            data["qualifier"] = Qualifier.EXACTLY
        numbers = any(data.get(name) is not None for name in NUMBERS)
        if not (numbers or data["qualifier"] in VAGUE_QUALIFIERS or self.errors):
            self.add_error("as_written", _("Write the figure as it was given, or fill in a number."))
        self._settle_place(data)
        data.pop("place_choice", None)
        return data

    def _only_the_words_changed(self, data: dict[str, Any]) -> bool:
        """A correction of the words alone: the numbers beside them are still those of the old words."""
        changed = set(self.changed_data)
        return self.figure is not None and "as_written" in changed and not changed & {*NUMBERS, "qualifier"}

    def _read(self, data: dict[str, Any]) -> None:
        found = parse(data["as_written"], self.claim.language)
        if found is None:
            self.add_error(
                "as_written", _("No figure can be read from these words: fill in the numbers below.")
            )
            return
        if found.is_ambiguous:
            self.add_error("as_written", ValidationError([say(note) for note in found.notes]))
            self.add_error("point", _("Say which number is meant."))
            return
        data.update(numbers_of(found))
        data["qualifier"] = data.get("qualifier") or found.qualifier

    def _settle_place(self, data: dict[str, Any]) -> None:
        """Turn what was typed into a place on record, or keep it as written; ask where it may be several."""
        typed = " ".join((data.pop("place", None) or "").split())
        data["place"], data["place_as_written"] = None, typed
        if not typed:
            return
        found = places.find(typed, self.known)
        if found.labelled is not None:
            data["place"], data["place_as_written"] = found.labelled, ""
            return
        candidates = list(found.places)
        if self.figure is not None and self.figure.place and typed == self.figure.place_as_written:
            candidates = [self._same(self.figure.place), *candidates]
        chosen = str(self.data.get("place_choice", ""))
        by_id = {str(place.pk): place for place in candidates}
        if chosen in by_id:
            data["place"] = by_id[chosen]
        elif chosen == WORDS_ONLY:
            self.place_kept = typed
        elif found.only is not None and len(by_id) == 1:
            data["place"] = found.only
        elif candidates:
            self._ask_place(candidates)
            self.add_error("place_choice", _("Choose which place is meant, or keep the words alone."))
        else:
            self.place_kept = typed

    def _ask_place(self, candidates: Iterable[Place]) -> None:
        offered = {str(place.pk): places.label(self._same(place)) for place in candidates}
        if "place_choice" not in self.fields:
            self.fields["place_choice"] = forms.CharField(
                label=_("Which place is meant?"), required=False, widget=forms.RadioSelect
            )
        choices = [*offered.items(), (WORDS_ONLY, _("none of these: keep the words alone"))]
        _field(self, "place_choice").widget.choices = choices

    def _same(self, place: Place) -> Place:
        """The place as it was read for this form, with all that it lies in."""
        return next((one for one in self.known if one.pk == place.pk), place)


class WithdrawForm(forms.Form):
    why = forms.CharField(label=_("Reason"), help_text=_("It stays on record."), widget=wide(rows=2))


class PlaceForm(forms.Form):
    """A desk's own place. `parent` is typed like the place of a figure: it must be on record."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=line(autofocus=""))
    name_ar = forms.CharField(
        label=_("Name in Arabic"), required=False, max_length=200, widget=line(lang="ar", dir="auto")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[choice for choice in PlaceKind.choices if choice[0] != PlaceKind.COUNTRY],
        initial=PlaceKind.CITY,
    )
    parent = forms.CharField(
        label=_("Lies in"),
        max_length=200,
        help_text=_("A place on record: its name in either script, or one of the list."),
        widget=line(list="places", autocomplete="off"),
    )

    def __init__(self, data: Any = None, *, desk: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.known = list(places.of_desk(desk).exclude(kind=PlaceKind.CITY))

    @property
    def place_labels(self) -> list[str]:
        """What is offered while typing."""
        return sorted(map(places.label, self.known))

    def clean_parent(self) -> Place:
        found = places.find(self.cleaned_data["parent"], self.known)
        place = found.labelled or found.only
        if place is not None:
            return place
        if not found.places:
            raise ValidationError(_("No such place is on record."))
        meant = "; ".join(places.label(one) for one in found.places)
        raise ValidationError(_("Say which one is meant: %(places)s."), params={"places": meant})


def _field(form: forms.Form, name: str) -> Any:
    return form.fields[name]


def numbers_of(found: Measurement) -> dict[str, int | None]:
    """What of a reading is kept as numbers: the bounds of a vague word are a convention, and would pass for a count."""
    return {name: getattr(found, name) if found.is_count else None for name in NUMBERS}


def say(reason: Reason) -> str:
    return reason.say(gettext)


def figure_words(figure: Figure) -> str:
    """A figure in a line: the words, whose, where, by when."""
    who = ", ".join(sorted({str(said.speaker) for said in figure.assertions.all()}))
    return " · ".join(filter(None, [str(figure), who, figure.place_as_written, str(figure.as_of or "")]))
