"""The Celery application: `celery -A verify worker`, `celery -A verify beat`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "verify.settings")

app = Celery("verify")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "sources.archive",
        "sources.catalog",
        "sources.custody",
        "verify.evidence",
        "verify.notify",
        "verify.review",
        "verify.publish",
        "verify.api",
        "verify.publish.webhooks",
        "verify.web",
    ]
)


@worker_init.connect
def _import_before_the_fork(**_: Any) -> None:
    """What reads pages takes a second to import: here once, instead of in each child anew."""
    from sources.archive import acquire, rendering  # noqa: F401
