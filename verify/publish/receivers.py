"""What happens by itself after the tables were brought up to date: whatever is not listed as it should be is listed."""

from __future__ import annotations

from typing import Any

from django.apps import apps as installed
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from verify.publish import listed


@receiver(post_migrate, dispatch_uid="list-what-is-unlisted")
def list_the_unlisted(*, app_config: Any, verbosity: int = 1, **given: Any) -> None:
    """One query where all is well. Not on the way back to an older release, whose tables are others."""
    if app_config.name != "verify" or any(backwards for _migration, backwards in given.get("plan") or ()):
        return
    try:
        given.get("apps", installed).get_model("verify", "Listing")
    except LookupError:
        return
    if not listed.unlisted().exists():
        return
    changed = listed.relist()
    if verbosity:
        print(f"  Listed {changed} published claims anew.")
