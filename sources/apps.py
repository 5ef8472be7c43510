from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcesConfig(AppConfig):
    """Who said it, and the proof that it was said: catalog, archive and custody."""

    name = "sources"
    verbose_name = _("Sources")

    def ready(self) -> None:
        from sources.catalog import receivers  # noqa: F401  # connects the catalog to the archive below it
