from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, desks and memberships: the ground floor that every other part may point at."""

    name = "verify.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
