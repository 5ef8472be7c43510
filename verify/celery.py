"""The Celery application: `celery -A verify worker`, `celery -A verify beat`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "verify.settings")

app = Celery("verify")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["sources.archive", "sources.custody", "verify.review", "verify.publish"])
