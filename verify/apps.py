from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerifyConfig(AppConfig):
    """The top floor: review, publication, the web and the API."""

    name = "verify"
    verbose_name = _("Verify")

    def ready(self) -> None:
        from verify.evidence import receivers as packages  # noqa: F401  # withdraws them when a copy is erased
        from verify.publish import receivers as listing_receivers  # noqa: F401  # lists what an upgrade left unlisted
        from verify.publish.webhooks import receivers as webhooks  # noqa: F401  # rings when something is published
        from verify.review import receivers  # noqa: F401  # connects the review desk to the claims below it
