"""The role that runs the application, on the real server: what it must do it can, what it must not it cannot."""

from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg import sql

from sources.custody import fsck, grants
from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, Opening
from sources.custody.services import Subject, checkpoint, erase_openings, record
from verify.stack.postgres import SUPERUSER

pytestmark = pytest.mark.django_db(transaction=True)
ROLE = f'verify_app "{uuid4().hex[:8]}"'  # roles are the whole server's; and a name that must be quoted


@pytest.fixture(scope="module")
def administrator(django_db_setup, django_db_blocker):
    """A connection by which roles can be made: the embedded server's superuser, or the given one if it may."""
    with django_db_blocker.unblock():
        given = connection.get_connection_params()
    given = {name: given[name] for name in ("host", "port", "user", "password", "dbname") if given.get(name)}
    for user in (SUPERUSER, given["user"]):
        try:
            with psycopg.connect(**{**given, "user": user}, autocommit=True) as found:
                if found.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]:
                    yield found
                    return
        except psycopg.OperationalError:
            continue
    pytest.skip("needs a PostgreSQL that lets the tests make roles (the embedded one does)")


@pytest.fixture
def as_app(administrator, append):
    """A log, and the connection acting as the role of the application."""
    role, owner = sql.Identifier(ROLE), sql.Identifier(connection.settings_dict["USER"])
    administrator.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    administrator.execute(sql.SQL("GRANT {} TO {}").format(role, owner))
    append(300, commitments={"n": 1})
    checkpoint(at=timezone.now())
    call_command("log", "harden", ROLE, "--apply")
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SET ROLE {}").format(role))
        yield
    finally:
        connection.rollback() if not connection.get_autocommit() else None
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        administrator.execute(sql.SQL("DROP OWNED BY {} CASCADE; DROP ROLE {}").format(role, role))


def execute(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_application_works_as_before(as_app):
    with transaction.atomic():
        entry = record(
            kind=Kind.ANCHOR_MADE, subject=Subject("text", "1"), facts={}, by=None, at=timezone.now()
        )
    with transaction.atomic():
        erase_openings(entry=Entry.objects.get(pk=0), names=["n"], ground="t", by=None, at=timezone.now())
    assert entry.index == 300 and checkpoint(at=timezone.now()).size == 302
    assert Opening.objects.count() == 299 and list(fsck.faults()) == []


ATTACKS = [
    "UPDATE {} SET {key} = {key}",
    "DELETE FROM {}",
    "TRUNCATE {} CASCADE",
    "ALTER TABLE {} DISABLE TRIGGER USER",
    "ALTER TABLE {} ADD COLUMN more text",
    "CREATE TRIGGER mine BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION custody_refuse_change()",
    "CREATE RULE mine AS ON INSERT TO {} DO INSTEAD NOTHING",
    "DROP TABLE {} CASCADE",
]


def test_the_log_is_out_of_its_reach(as_app):
    for table in grants.LOG_TABLES:
        key = "index" if table == "sources_entry" else "id"
        for attack in ATTACKS:
            if (table, attack) == (grants.OPENINGS, "DELETE FROM {}"):
                continue  # openings are erased, under their own trigger
            with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
                execute(attack.format(table, key=key))


def test_nor_can_it_go_round(as_app):
    for statement, said in (
        ("DELETE FROM sources_opening", "erasure service only"),
        ("UPDATE sources_logkey SET verifier_key = ''", "permission denied"),
        ("DROP FUNCTION custody_refuse_change() CASCADE", "must be owner"),
        (
            "CREATE OR REPLACE FUNCTION custody_refuse_change() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN NEW; END'",
            "denied|owner",
        ),
        ("SET session_replication_role = replica", "permission denied"),
        ("CREATE TABLE sources_mine (id int)", "permission denied"),
    ):
        with pytest.raises(DatabaseError, match=said):
            execute(statement)


def test_fsck_warns_of_the_owner_and_not_of_the_role(as_app):
    assert list(fsck.warnings()) == []
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    found = [str(warning) for warning in fsck.warnings()]
    assert len(found) == 1 and "switch off the triggers" in found[0]
    assert all(table in found[0] for table in grants.LOG_TABLES)


def test_fsck_warns_of_a_right_that_was_given_back(as_app, administrator):
    administrator.execute(sql.SQL("GRANT DELETE ON sources_tile TO {}").format(sql.Identifier(ROLE)))
    assert [str(warning) for warning in fsck.warnings()] == [
        f"custody: database role: the role {ROLE} has the right to DELETE on sources_tile"
    ]


def test_a_new_table_is_closed_until_it_is_hardened_again(as_app, administrator):
    administrator.execute("CREATE TABLE later (id int)")
    try:
        with pytest.raises(DatabaseError, match="permission denied"):
            execute("SELECT * FROM later")
    finally:
        administrator.execute("DROP TABLE later")


def test_the_command_prints_what_it_would_run(append, capsys):
    call_command("log", "harden", "verify_app")
    printed = capsys.readouterr().out
    assert printed.splitlines()[0].startswith("DO $$") and all(
        line.endswith(";") for line in printed.splitlines()
    )
    assert (
        'REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON "sources_entry" FROM "verify_app";'
        in printed
    )
    assert not Checkpoint.objects.exists()
