"""What became otherwise from one published version to the next, in words: the difference of two snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from verify.publish.differences import Difference, differences
from verify.publish.models import Version, VersionKind
from verify.publish.presenting import Reading


def changes(old: Reading, new: Reading) -> list[Difference]:
    """What `new` says otherwise than `old`: its content, and how its origins count. Of a retraction: nothing.

    A retraction repeats the content that it withdraws; that it withdraws it is all there is to say.
    """
    if new.data["kind"] == VersionKind.RETRACTED:
        return []
    found = differences(old.data["claim"], new.data["claim"])
    if old.counted != new.counted and not any(each.subject == "origins" for each in found):
        sentence = _("Origins, counted anew: %(new)s. Before: %(old)s.") % {
            "new": new.counted or _("none"),
            "old": old.counted or _("none"),
        }
        found.append(Difference("origins", "changed", sentence, old.counted, new.counted))
    return found


def with_changes(versions: Iterable[Version]) -> list[tuple[Version, list[Difference]]]:
    """Versions (their snapshots loaded) with what each changed; one query for those that they followed."""
    versions = list(versions)
    here = {(one.claim_id, one.number): one for one in versions}
    known = here | {(one.claim_id, one.number): one for one in _before(versions, here.keys())}
    told = []
    for one in versions:
        before = known.get((one.claim_id, one.number - 1))
        told.append((one, changes(Reading(before.snapshot), Reading(one.snapshot)) if before else []))
    return told


def _before(versions: Sequence[Version], known: Iterable[tuple[UUID, int]]) -> Iterable[Version]:
    """The versions that those given followed, where they are not among these; none are asked for of a retraction."""
    wanted = {
        (one.claim_id, one.number - 1)
        for one in versions
        if one.number > 1 and one.kind != VersionKind.RETRACTED
    } - set(known)
    if not wanted:
        return []
    asked = Q(pk__in=[])
    for claim, number in wanted:
        asked |= Q(claim_id=claim, number=number)
    return Version.objects.filter(asked)
