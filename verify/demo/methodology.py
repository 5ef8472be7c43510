"""How the demo's desk says that it works. A demonstration, and it says so wherever a reader might take it for more."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from verify.demo.registry import Cast
from verify.publish.methodology import change_methodology
from verify.publish.models import Methodology

POINTS = {
    "scope": (
        "This desk is a demonstration. It shows how claims about one event are checked: the killings on the Syrian "
        "coast in March 2025, in the governorates of Latakia, Tartous, Hama and Homs. Nobody was sent there, and no "
        "report was gathered for it. The pages that it cites are short retellings made for this demonstration, in "
        "other words than those of the outlets whose names they carry.\n\n"
        "What is left out: everything before 6 March 2025, arrests, injuries and displacement."
    ),
    "inclusion": (
        "A claim is taken up when somebody who can be named said it, in public, and it could turn out to be false. "
        "A figure is taken up when it says what was counted, and by when; what it does not say stays empty and is not "
        "guessed.\n\nA death is never inferred from silence, and no name of a person who died is published here."
    ),
    "source_types": (
        "Monitoring groups, state media, ministries, the United Nations, news agencies and broadcasters, in Arabic "
        "and in English, and two recordings. A person who asked not to be named is quoted under a description; who "
        "they are is known to two people at the desk, and each look is on record."
    ),
    "evaluation": (
        "How far a source can be relied on is graded A to F, with the reason and the day, and graded anew when "
        "something is learned. What one statement is worth is graded 1 to 6, apart from who made it. Parties to the "
        "conflict are heard and marked as parties; being one is no reason to leave a statement out, and none to "
        "believe it. The grades of sources stay at the desk."
    ),
    "corroboration": (
        "Two origins that do not depend on each other are asked for. An outlet that repeats an agency is not an "
        "origin, and neither are two bodies of which one speaks for the other. With one origin a check is published "
        "as provisional. Counts of different people, days or places are set beside each other and never added."
    ),
    "quality_control": (
        "Whoever wrote a check does not approve it. Those who do see the whole of it, answer a list of questions and "
        "do not see each other’s opinion first. If anything is changed afterwards they are asked again. Pages that a "
        "check rests on are fetched again from time to time, and a quotation that is gone is looked into."
    ),
    "definitions": (
        "Civilian: as the source that counts uses the word; where sources use it differently their figures are kept "
        "apart.\n\nMassacre: a word of the source, kept in quotation; the desk does not count them itself.\n\n"
        "Killed: said to have died of the violence, whoever is said to have done it."
    ),
    "corrections": (
        "Write to us and say which sentence is wrong and why. A correction is a new version with its reason; the old "
        "one stays readable and says that it was replaced. A check that should not have been published is retracted "
        "and its page says so. Both stand in the list of corrections."
    ),
    "contact": "This is a demonstration, and nobody reads what would be sent to it.",
}
# Who pays is left empty on purpose: readers of the demo see how a point that is missing is shown.


def say_how_we_work(cast: Cast) -> None:
    """Give the demo's desk its methodology, once: what its administrator wrote meanwhile stays."""
    if not Methodology.objects.filter(desk=cast.desk).exists():
        fields: dict[str, Any] = {**POINTS, "offers_packages": True}
        change_methodology(desk=cast.desk, by=cast.people["admin"], at=timezone.now(), **fields)
