"""Signing in and out, one's own account, and how pages look to whoever looks at them.

django-allauth finds its pages by their names (account_…, mfa_…), so those that are used keep them; whatever is not
listed here (signing up, accounts elsewhere, codes by mail) is not reachable.
"""

from allauth.account import views as allauth
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from verify.web.views import account, security

urlpatterns = [
    path("sign-in/", account.SignIn.as_view(), name="account_login"),
    path("sign-in/", account.SignIn.as_view(), name="sign-in"),
    path("sign-in/second-factor/", factors.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-out/", LogoutView.as_view(), name="account_logout"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("account/security/", security.Security.as_view(), name="mfa_index"),
    path("account/security/", security.Security.as_view(), name="account-security"),
    path("account/sessions/", security.Sessions.as_view(), name="account-sessions"),
    path("account/email/", allauth.email, name="account_email"),
    path("account/email/confirm/<str:key>/", allauth.confirm_email, name="account_confirm_email"),
    path("account/password/", security.PasswordChange.as_view(), name="account_change_password"),
    path("account/password/forgotten/", allauth.password_reset, name="account_reset_password"),
    path("account/password/forgotten/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "account/password/new/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/confirm/password/", allauth.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/authenticator/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/authenticator/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/name/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/recovery-codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("preferences/theme/", account.set_theme, name="set-theme"),
    path("preferences/language/", account.set_language, name="set_language"),
]
