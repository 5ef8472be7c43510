from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerifyConfig(AppConfig):
    """The top floor: review, publication, the web and the API."""

    name = "verify"
    verbose_name = _("Verify")

    def ready(self) -> None:
        from verify.review import receivers  # noqa: F401  # connects the review desk to the claims below it
