"""Is it alive, and may it be sent requests? For supervisors and load balancers; without names or versions."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sources.archive import storage
from verify.celery import app

logger = logging.getLogger(__name__)

BROKER_SECONDS = 2
_migrated = False


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations, broker and storage are there, else 503 with the part that is not."""
    parts = {name: _answer(name, check) for name, check in CHECKS.items()}
    fine = all(word == "ok" for word in parts.values())
    return JsonResponse(
        {"status": "ok" if fine else "unavailable", "parts": parts}, status=200 if fine else 503
    )


def _answer(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:  # whatever a driver raises: not reachable
        logger.warning("not ready: %s", name, exc_info=True)
        return "does not answer"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    global _migrated
    if not _migrated:  # once all are applied they stay so for as long as this process runs its own code
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "some are not applied"


def _broker() -> str:
    with app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
    return "ok"


def _storage() -> str:
    storage.check()
    return "ok"


CHECKS = {"database": _database, "migrations": _migrations, "broker": _broker, "storage": _storage}
