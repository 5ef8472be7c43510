"""How somebody new comes to a desk: invited by e-mail, with a link that works once and for a few days.

The link is shown once to the administrator and mailed to the address. The mailed one carries a proof that the shown
one lacks: only who opens the mailed link has shown that the address is theirs. The mail names neither the desk nor
who invites, since both may be confidential.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from verify.accounts.acting import acting
from verify.accounts.models import Desk, Invitation, Membership, Role, User
from verify.accounts.rules import check_has_role, has_role

logger = logging.getLogger(__name__)

SALT = "verify.accounts.invitations"  # keeps this proof apart from everything else that is made with the secret key


class InvitationClosed(ValidationError):
    """The link leads nowhere, for a reason that a person can read. It never says to which desk it led."""


class Mailing:
    """What became of the mail: None until the transaction is committed, then whether it was handed over."""

    sent: bool | None = None


@transaction.atomic
def invite(
    *, desk: Desk, email: str, role: Role, by: User, at: datetime, mailing: Mailing | None = None
) -> tuple[Invitation, str]:
    """Offer `role` at the desk to whoever has the address; the invitation, and the secret that is seen this once.

    An invitation to the address that has expired is revoked and replaced. Raises ValidationError for `email` or `role`.
    """
    check_has_role(by, desk, Role.ADMIN)
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as refusal:
        raise ValidationError({"email": refusal}) from None
    # One at a time at a desk, so that two who invite the same person are told, not failed by the database.
    Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    if Membership.objects.filter(desk=desk, user__email__iexact=email, user__is_active=True).exists():
        raise ValidationError({"email": _("Somebody with this address is a member of the desk already.")})
    earlier = Invitation.objects.filter(desk=desk, email__iexact=email, accepted_at=None, revoked_at=None)
    if earlier.filter(expires_at__gt=at).exists():
        raise ValidationError(
            {"email": _("This address has an open invitation: send that one again, or revoke it.")}
        )
    secret = _new_secret()
    invitation = Invitation(
        desk=desk,
        email=email,
        role=role,
        secret_sha256=_digest(secret),
        invited_by=by,
        created_at=at,
        expires_at=_end(at),
    )
    with acting(by=by, at=at):
        earlier.update(revoked_at=at, revoked_by=by)
        invitation.full_clean()
        invitation.save(force_insert=True)
    _mail_on_commit(invitation, secret, mailing)
    return invitation, secret


@transaction.atomic
def resend_invitation(
    *, invitation: Invitation, by: User, at: datetime, mailing: Mailing | None = None
) -> tuple[Invitation, str]:
    """A new secret and a new term for an invitation that is open or has expired; the old link ends at once."""
    check_has_role(by, invitation.desk_id, Role.ADMIN)
    invitation = _locked(invitation)
    secret = _new_secret()
    invitation.secret_sha256, invitation.expires_at, invitation.invited_by = _digest(secret), _end(at), by
    with acting(by=by, at=at):
        invitation.save(update_fields=["secret_sha256", "expires_at", "invited_by"])
    _mail_on_commit(invitation, secret, mailing)
    return invitation, secret


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User, at: datetime) -> None:
    """End an invitation that nobody has accepted."""
    check_has_role(by, invitation.desk_id, Role.ADMIN)
    invitation = _locked(invitation)
    invitation.revoked_at, invitation.revoked_by = at, by
    with acting(by=by, at=at):
        invitation.save(update_fields=["revoked_at", "revoked_by"])


def open_invitation(secret: str, at: datetime) -> Invitation:
    """The invitation to which a link leads, shown or mailed. Raises InvitationClosed when it leads nowhere."""
    found = Invitation.objects.select_related("desk", "invited_by").filter(secret_sha256=_digest(secret))
    return _checked(found.first(), at)


@transaction.atomic
def accept_invitation(*, secret: str, user: User, at: datetime) -> Membership:
    """Make `user`, who has the link, a member of the desk. The link is used up then.

    Raises InvitationClosed, or ValidationError for who belongs to the desk already (the link then stays open).
    """
    return _join(_taken(secret, at), user, at)


@transaction.atomic
def accept_as_newcomer(
    *, secret: str, username: str, display_name: str, password: str, at: datetime
) -> Membership:
    """Make an account for who has the link, and make it a member of the desk.

    The e-mail address is the invitation's, and counts as theirs if the link is the mailed one; if it is not, it has
    to be confirmed. Raises InvitationClosed, or ValidationError for `username`, `display_name` or `password`.
    """
    invitation, proven = _taken(secret, at), _is_proof(secret)
    if proven and _is_taken(invitation.email):
        raise ValidationError(
            _("There is an account with this e-mail address already: sign in, then open the link again.")
        )
    user = User(
        username=username.strip(),
        display_name=display_name.strip(),
        email=invitation.email if proven else "",
    )
    errors: dict[str, list[str]] = {}
    try:
        user.full_clean(exclude=["password"])
        _check_username(user.username)
    except ValidationError as refusal:
        errors |= refusal.message_dict
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        errors["password"] = refusal.messages
    if errors:
        raise ValidationError(errors)
    user.set_password(password)
    user.save(force_insert=True)
    _keep_address(user, invitation.email, proven)
    return _join(invitation, user, at)


def link_of(secret: str) -> str:
    """The address to give away. The secret is in the query, which our own log of requests leaves out."""
    return f"{settings.SITE_URL}{reverse('invitation')}?{urlencode({'link': secret})}"


def mailed(secret: str) -> str:
    """The secret as it is mailed: with the proof that whoever has it reads mail to that address."""
    return f"{secret}.{_proof(secret)}"


def _join(invitation: Invitation, user: User, at: datetime) -> Membership:
    if Membership.objects.filter(desk=invitation.desk_id, user=user).exists():
        raise ValidationError(_("You belong to this desk already."))
    member = Membership(user=user, desk=invitation.desk, role=invitation.role)
    invitation.accepted_at, invitation.accepted_by = at, user
    with acting(by=user, at=at):
        member.full_clean()
        member.save(force_insert=True)
        invitation.save(update_fields=["accepted_at", "accepted_by"])
    return member


def _taken(secret: str, at: datetime) -> Invitation:
    """The open invitation, locked until the transaction ends: of two who accept at once, the second finds it used."""
    # Not joined with who invited: sent again, it is another person's by the time the lock is ours.
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("desk")
    return _checked(rows.filter(secret_sha256=_digest(secret)).first(), at)


def _locked(invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update(of=("self",)).select_related("desk").get(pk=invitation.pk)
    if row.accepted_at or row.revoked_at:
        raise ValidationError(_("This invitation was accepted or revoked meanwhile."))
    return row


def _checked(invitation: Invitation | None, at: datetime) -> Invitation:
    if invitation is None:
        raise InvitationClosed(_("This link leads to no invitation. Copy it whole, or ask for a new one."))
    if invitation.accepted_at:
        raise InvitationClosed(_("This invitation was accepted already; its link works once."))
    if invitation.revoked_at or not has_role(invitation.invited_by, invitation.desk_id, Role.ADMIN):
        raise InvitationClosed(_("This invitation was taken back. Ask whoever sent it to you."))
    if invitation.expires_at <= at:
        raise InvitationClosed(_("This invitation has expired. Ask whoever sent it to you for a new one."))
    return invitation


def _mail_on_commit(invitation: Invitation, secret: str, mailing: Mailing | None) -> None:
    mailing = mailing or Mailing()
    link, email, days = link_of(mailed(secret)), invitation.email, settings.INVITATION_DAYS

    def send() -> None:
        mailing.sent = _send(link, email, days)

    transaction.on_commit(send)


def _send(link: str, email: str, days: int) -> bool:
    """Hand the mail over; a mail server that does not answer must not undo an invitation that is committed."""
    site = " ".join(settings.SITE_NAME.split())
    text = ngettext(
        "You are invited to %(site)s. This link works once, within %(days)s day:",
        "You are invited to %(site)s. This link works once, within %(days)s days:",
        days,
    ) % {"site": site, "days": days}
    last = _("If you do not expect an invitation, you need do nothing.")
    try:
        sent = send_mail(
            _("Your invitation to %(site)s") % {"site": site}, f"{text}\n\n{link}\n\n{last}\n", None, [email]
        )
        return sent == 1
    except (OSError, smtplib.SMTPException):
        logger.exception("an invitation was not mailed")  # without the address, and without the link
        return False


def _check_username(username: str) -> None:
    """People sign in with a user name or an address: neither may pass for somebody else's."""
    if "@" in username:
        raise ValidationError({"username": _("A user name has no @ in it.")})
    if User.objects.filter(username__iexact=username).exists():
        raise ValidationError({"username": _("This user name is taken.")})


def _keep_address(user: User, email: str, proven: bool) -> None:
    # The sign-in library is asked for only here, so that rows and rules load without it.
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=user, email=email.lower(), verified=proven, primary=proven)


def _is_taken(email: str) -> bool:
    from allauth.account.models import EmailAddress

    verified = EmailAddress.objects.filter(email__iexact=email, verified=True)
    return verified.exists() or User.objects.filter(email__iexact=email).exists()


def _new_secret() -> str:
    return secrets.token_urlsafe(32)  # 256 bits; its letters never include the dot before the proof


def _digest(secret: str) -> str:
    bare = secret.partition(".")[0]
    return hashlib.sha256(bare.encode("utf-8", "surrogatepass")).hexdigest()


def _proof(secret: str) -> str:
    return salted_hmac(SALT, secret, algorithm="sha256").hexdigest()


def _is_proof(secret: str) -> bool:
    bare, _dot, proof = secret.partition(".")
    return constant_time_compare(proof.encode("utf-8", "surrogatepass"), _proof(bare).encode())


def _end(at: datetime) -> datetime:
    return at + timedelta(days=settings.INVITATION_DAYS)
