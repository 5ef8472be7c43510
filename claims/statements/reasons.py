"""Why something was merged, refused or left out: a code and what fills it, so that a screen can translate it.

The English stands in the pure modules as templates with `%(name)s` fields, marked for translators; a screen passes
the same template through gettext and fills it with names instead of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def gettext_noop(message: str) -> str:
    """Marks a string for translators. Django's own would import Django into modules that must not know it."""
    return message


@dataclass(frozen=True)
class Reason:
    """`code` is stable, `template` the translatable English sentence, `params` fill its `%(name)s` fields.

    A param may be a reason itself: the sentence that goes on where this one stops.
    """

    code: str
    template: str
    params: Mapping[str, str | int | Reason] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.say()

    def say(self, translate: Callable[[str], str] = str, names: Mapping[str, str] | None = None) -> str:
        """The sentence through `translate` (gettext), with `names` in place of ids."""
        names = names or {}
        filled = {
            key: value.say(translate, names) if isinstance(value, Reason) else names.get(str(value), value)
            for key, value in self.params.items()
        }
        return translate(self.template) % filled
