from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, desks and memberships: the ground floor that every other part may point at."""

    name = "verify.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from verify.accounts import checks  # noqa: F401  (registers them)
        from verify.accounts.adapters import list_session

        user_logged_in.connect(list_session)
