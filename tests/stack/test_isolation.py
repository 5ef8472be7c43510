"""What the other tests rely on: real servers of their own, and a flush that passes append-only tables."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

REFUSE = """
CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE TRIGGER keep BEFORE TRUNCATE ON django_session EXECUTE FUNCTION refuse_truncate();
ALTER TABLE django_session ENABLE ALWAYS TRIGGER keep;
"""


@pytest.fixture
def append_only(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
        yield cursor
        cursor.execute("DROP TRIGGER keep ON django_session; DROP FUNCTION refuse_truncate()")


def test_flush_passes_an_append_only_table_and_keeps_its_trigger(append_only):
    call_command("flush", interactive=False, verbosity=0)
    append_only.execute(
        "SELECT (SELECT count(*) FROM django_session), tgenabled FROM pg_trigger WHERE tgname = 'keep'"
    )
    assert append_only.fetchone() == (0, "A")


def test_truncate_by_anybody_else_is_refused(append_only):
    with pytest.raises(DatabaseError, match="append-only"):
        append_only.execute("TRUNCATE django_session")


def test_tests_never_touch_the_developers_own_data(transactional_db):
    assert connection.settings_dict["NAME"].startswith("test_verify_")
    assert settings.REDIS_URL.rpartition("/")[2] != "0"
    assert not settings.REDIS_URL.endswith("db=0")


def test_worker_process_works_on_this_tests_queue_and_database(celery_worker_process):
    from celery import current_app

    current_app.send_task("celery.ping", queue=settings.CELERY_TASK_DEFAULT_QUEUE)
    replies = current_app.control.ping(timeout=5)
    assert replies and all(reply == {"ok": "pong"} for answer in replies for reply in answer.values())


def test_web_server_answers_from_this_tests_database(web_server):
    import urllib.request

    assert urllib.request.urlopen(f"{web_server}/health/ready", timeout=10).status == 200


@pytest.mark.browser
def test_browser_shows_a_page_of_this_tests_web_server(page):
    assert page.goto("/").ok
