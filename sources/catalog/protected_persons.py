"""Who a protected person is: sealed, looked at, sealed anew, and in whose custody; each of it in the log.

What custodians do is kept by the log and nowhere else: it cannot be rewritten, and it holds no name.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from sources.catalog import identity, names, rules
from sources.catalog.changing import check_why, lock_standing
from sources.catalog.models import Alias, ProtectedIdentity, Source
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from verify.accounts.models import User


@sensitive_variables("secret")
@transaction.atomic
def view_identity(*, source: Source, reason: str, by: User, at: datetime) -> str:
    """Who a protected person is, for a named custodian; the look itself is an entry in the log."""
    sealed = _in_custody_of(source, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you need to see it; the reason stays on record.")})
    secret = identity.unseal(bytes(sealed.sealed), source.pk)
    custody.record(
        kind=EntryKind.PROTECTED_VIEWED,
        subject=source,
        facts={},
        by=by,
        at=at,
        commitments={"reason": reason},
    )
    return secret


@sensitive_variables("secret_name")
@transaction.atomic
def seal_identity(*, source: Source, secret_name: str, by: User, at: datetime, why: str) -> None:
    """Seal who a protected person is, later than the registration, or anew.

    Whoever seals it first becomes its custodian; afterwards only a custodian may replace it. Refused when the name is
    in what is said of the source, or ever was: its history would give it away.
    """
    rules.check_can_edit_catalog(by, source.desk)
    check_why(why)
    source = lock_standing(source)
    if not source.is_protected:
        raise ValidationError({"secret_name": _("Only a protected person has an identity to keep secret.")})
    if not secret_name.strip():
        raise ValidationError({"secret_name": _("Say who it is.")})
    sealed = ProtectedIdentity.objects.select_for_update().filter(source=source).first()
    if sealed is not None:
        _in_custody_of(source, by)
    if gives_away(secret_name, *_ever_said(source)):
        raise ValidationError(
            {
                "secret_name": _(
                    "The name stands, or stood, in what is said of this source. Register the person anew, under "
                    "another pseudonym."
                )
            }
        )
    ciphertext = identity.seal(secret_name, source.pk)
    if sealed is None:
        ProtectedIdentity.objects.create(source=source, sealed=ciphertext, sealed_at=at).custodians.add(by)
    else:
        sealed.sealed, sealed.sealed_at = ciphertext, at
        sealed.save(update_fields=["sealed", "sealed_at"])
    custody.record(
        kind=EntryKind.IDENTITY_SEALED,
        subject=source,
        facts={"replaced": sealed is not None},
        by=by,
        at=at,
        commitments={"reason": why},
    )


@transaction.atomic
def add_custodian(*, source: Source, custodian: User, by: User, at: datetime, why: str) -> None:
    """Let `custodian`, who writes at the same desk, see who it is. A custodian's to decide."""
    check_why(why)
    sealed = _in_custody_of(source, by, lock=True)
    if not rules.can_edit_catalog(custodian, source.desk):
        raise ValidationError({"custodian": _("A custodian is a checker of this desk, or above.")})
    if sealed.custodians.filter(pk=custodian.pk).exists():
        raise ValidationError({"custodian": _("%(name)s is a custodian already.") % {"name": custodian}})
    sealed.custodians.add(custodian)
    _record_custodian(sealed, custodian, "added", by=by, at=at, why=why)


@transaction.atomic
def remove_custodian(*, source: Source, custodian: User, by: User, at: datetime, why: str) -> None:
    """Take custody from `custodian`, who may be `by`. There is always one left who is still of the desk."""
    check_why(why)
    sealed = _in_custody_of(source, by, lock=True)
    if not sealed.custodians.filter(pk=custodian.pk).exists():
        raise ValidationError({"custodian": _("%(name)s is no custodian.") % {"name": custodian}})
    others = sealed.custodians.exclude(pk=custodian.pk)
    if not any(rules.can_edit_catalog(other, source.desk) for other in others):
        raise ValidationError({"custodian": _("There must be a custodian: add another one first.")})
    sealed.custodians.remove(custodian)
    _record_custodian(sealed, custodian, "removed", by=by, at=at, why=why)


@sensitive_variables("secret")
def check_may_say(source: Source, by: User, **told: str) -> None:
    """Refuse what would give a sealed identity away, and everybody but its custodians: else guesses could be tried.

    `told` is what shall be said, by the field that a ValidationError names.
    """
    sealed = ProtectedIdentity.objects.filter(source=source).first()
    if sealed is None:
        return
    if not sealed.custodians.filter(pk=by.pk).exists():
        raise PermissionDenied(_("Only the named custodians of this source may change what is said of it."))
    try:
        secret = identity.unseal(bytes(sealed.sealed), source.pk)
    except identity.CannotUnseal as damage:
        raise ValidationError(
            _("It cannot be told whether this gives the person away: %(why)s.") % {"why": damage}
        ) from None
    for field, said in told.items():
        if gives_away(secret, said):
            raise ValidationError({field: _("This gives away who the protected person is.")})


@sensitive_variables("secret")
def gives_away(secret: str, *told: str) -> bool:
    """Whether the name stands in what is told, also in another script or spelling."""
    bare = secret.strip().casefold()
    return any(bare in text.casefold() or names.holds(text, secret) for text in told if text.strip())


def _ever_said(source: Source) -> list[str]:
    """Every name, description and address that the source has or had."""
    history = type(source).pgh_event_model.objects.filter(pgh_obj_id=source.pk)  # type: ignore[attr-defined]
    aliases = Alias.pgh_event_model.objects.filter(source_id=source.pk)  # type: ignore[attr-defined]
    said = {text for row in history.values_list("name", "description", "homepage") for text in row}
    said |= {source.name, source.description, source.homepage}
    return [*said, *aliases.values_list("name", flat=True), *source.aliases.values_list("name", flat=True)]


def _in_custody_of(source: Source, by: User, *, lock: bool = False) -> ProtectedIdentity:
    """The sealed identity, for one of its custodians who still writes at the desk; PermissionDenied otherwise."""
    rows = ProtectedIdentity.objects.select_for_update(of=("self",)) if lock else ProtectedIdentity.objects
    sealed = rows.select_related("source__desk").filter(source=source).first()
    if sealed is None or not sealed.custodians.filter(pk=by.pk).exists():
        raise PermissionDenied(_("Only the named custodians of this source may see who it is."))
    rules.check_can_edit_catalog(by, sealed.source.desk)
    return sealed


def _record_custodian(
    sealed: ProtectedIdentity, custodian: User, change: str, *, by: User, at: datetime, why: str
) -> None:
    custody.record(
        kind=EntryKind.CUSTODIAN_CHANGED,
        subject=sealed.source,
        facts={"change": change, "custodians": sealed.custodians.count()},
        by=by,
        at=at,
        commitments={"custodian": {"type": "user", "id": str(custodian.pk)}, "reason": why},
    )
