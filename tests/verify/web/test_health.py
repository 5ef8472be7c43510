"""Liveness asks nobody; readiness names the part that is not there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from verify.celery import app
from verify.settings import s3_options
from verify.web.views import health


def test_live_asks_no_database(client):
    # Without the db mark any query would be an error.
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_is_there(client):
    response = client.get("/health/ready")
    assert response.status_code == 200, response.content
    parts = {"database": "ok", "migrations": "ok", "broker": "ok", "storage": "ok"}
    assert response.json()["parts"] == parts


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis+socket:///no/such.sock"])
def test_not_ready_without_broker(client, monkeypatch, url):
    # Not by the configuration: Celery keeps what it once read, and a later test would ring at this address.
    monkeypatch.setattr(app, "connection_for_write", lambda **options: app.connection(url, **options))
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["broker"] == "does not answer"
    assert response.json()["parts"]["database"] == "ok"


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    MigrationRecorder(connection).record_unapplied("verify", "0004_publishing")
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["migrations"] == "some are not applied"


@pytest.mark.django_db
def test_not_ready_without_database(client, monkeypatch):
    def refused(*args: object, **kwargs: object) -> None:
        raise OSError("the database is gone: host=secret")

    monkeypatch.setattr(connection, "cursor", refused)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["database"] == "does not answer"
    assert b"secret" not in response.content


@pytest.mark.django_db
def test_not_ready_without_storage(client, settings):
    options = s3_options(
        bucket="secret-name", endpoint="http://127.0.0.1:1", access_key="secret", secret_key="secret"
    )
    blobs = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "blobs": blobs}
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["parts"]["storage"] == "does not answer"
    assert b"secret" not in response.content
