from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsConfig(AppConfig):
    """What was said: cases, claims, figures, assertions, anchors and evidence."""

    name = "claims"
    verbose_name = _("Claims")

    def ready(self) -> None:
        from claims.attribution import receivers  # noqa: F401  # connects attribution to the archive below it
