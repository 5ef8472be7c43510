"""The forms of one's own account: django-allauth's, in our words, and safe from whatever is posted as a credential."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from cryptography.exceptions import InvalidSignature
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

# What a credential that no authenticator made has been seen to cause in the libraries that read it.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    InvalidSignature,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
)


class Plain(forms.Form):
    """A form with our labels, and without words inside the fields: they vanish when one types."""

    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.labels:
                field.label = self.labels[name]
            if name == "oldpassword" or name == "password":
                field.help_text = ""  # the way to a forgotten password stands beside the form
            if name == "name":
                field.widget.attrs["maxlength"] = "100"
                field.validators.append(MaxLengthValidator(100))
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    labels = {"email": _("E-mail address")}


class NewPasswordForm(Plain, account.ResetPasswordKeyForm):
    labels = {"password1": _("New password"), "password2": _("New password, again")}


class EmailForm(Plain, account.AddEmailForm):
    labels = {"email": _("New e-mail address")}


class ActivateTOTPForm(Plain, totp.ActivateTOTPForm):
    labels = {"code": _("Code that the app shows")}


class AuthenticateForm(Plain, second_factor.AuthenticateForm):
    labels = {"code": _("Code from the app, or a recovery code")}


class ReauthenticateForm(Plain, second_factor.ReauthenticateForm):
    labels = {"code": _("Code from the app, or a recovery code")}


class CredentialField(forms.JSONField):
    """What a browser's authenticator answered, as JSON of a depth that can be read."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError:
            raise get_adapter().validation_error("incorrect_code") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial  # an answer is for one question: it is never shown again


class Guarded(Plain):
    """Reads what a browser's authenticator answered; anything else is a code that does not fit."""

    credential = CredentialField()

    def clean(self) -> dict[str, Any]:
        with _Readable():
            return super().clean() or {}


class GuardedCredential(Plain):
    """The same, where the field itself is checked."""

    credential = CredentialField()

    def clean_credential(self) -> Any:
        with _Readable():
            return super().clean_credential()  # type: ignore[misc]


class _Readable:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, problem: BaseException | None, traceback: Any) -> None:
        if isinstance(problem, UNREADABLE):
            raise get_adapter().validation_error("incorrect_code") from problem


class AddPasskeyForm(Guarded, webauthn.AddWebAuthnForm):
    labels = {"name": _("What you call it")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]  # whether one can sign in with it alone is the authenticator's to say


class RenamePasskeyForm(Plain, webauthn.EditWebAuthnForm):
    labels = {"name": _("What you call it")}


class AuthenticatePasskeyForm(GuardedCredential, webauthn.AuthenticateWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(GuardedCredential, webauthn.ReauthenticateWebAuthnForm):
    pass


class SignInPasskeyForm(GuardedCredential, webauthn.LoginWebAuthnForm):
    pass
